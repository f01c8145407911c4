"""目标与范围: targets, which customers are analysed, and the lists that targets ask for."""

from __future__ import annotations

from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.metrics import METRICS, PERIODS
from crm_xl.vocabulary.records import SCOPE, TARGETS
from crm_xl.vocabulary.task_tables import TARGET_LIST
from crm_xl.vocabulary.texts import EXAMPLE_TARGETS, ExampleTarget, pick

from .page import Page
from .tables import draw_table

HEADER = 4
GAP = 3


def draw_goals(page: Page) -> None:
    page.heading(page.say("goals_title"), page.say("goals_hint"))
    scope = len(TARGETS.fields) + 1
    page.write(HEADER - 1, 0, page.say("targets_heading"), page.styles.heading)
    page.write(HEADER - 1, scope, page.say("scope_heading"), page.styles.heading)
    draw_table(page, TARGETS, HEADER, rows=[_cells(page, t) for t in EXAMPLE_TARGETS], filtered=False)
    page.width(scope - 1, GAP)
    draw_table(page, SCOPE, HEADER, scope, filtered=False)
    listed = scope + len(SCOPE.fields) + 1
    page.write(HEADER - 1, listed, page.say("target_list_heading"), page.styles.heading)
    page.width(listed - 1, GAP)
    draw_table(page, TARGET_LIST, HEADER, listed, filtered=False)
    page.set_up(repeat=HEADER, breaks=[listed])
    page.sheet.freeze_panes(HEADER + 1, 1)


def _cells(page: Page, target: ExampleTarget) -> list[object]:
    lang = page.lang
    zh, en, _ = PERIODS[target.period]
    typed: dict[str, object] = {
        "target": pick(target.name, lang),
        "target_kind": label(target.kind, lang),
        "metric": pick(METRICS[target.metric], lang),
        "scope": label(target.scope, lang),
        "period": pick((zh, en), lang),
        "target_value": target.value,
    }
    return [typed.get(f.key) for f in TARGETS.fields]
