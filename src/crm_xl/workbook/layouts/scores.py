"""客户评分, 等级与策略: the scores of all customers, and what each level looks like."""

from __future__ import annotations

from crm_xl.vocabulary.evaluation_tables import LEVEL_PLAN, SCORE_BANDS, SCORES

from .charts import bar_chart
from .page import LAST_ROW, Page
from .styles import BLUE, GREEN, GREY_BLUE, ROW_PIXELS
from .tables import draw_table

SCORES_HEADER = 3
CHART_ROW = 3
CHART_ROWS = 12
LEVELS_HEADER = CHART_ROW + CHART_ROWS + 1
CHART_WIDTHS = (480, 620, 390)
"""Those of the columns that the charts stand over."""
GAP = 3


def draw_scores(page: Page) -> None:
    """One row per customer; nothing stands to the right, where users add columns of their own."""
    page.heading(page.say("scores_title"), page.say("scores_hint"))
    place = draw_table(page, SCORES, SCORES_HEADER)
    page.set_up(repeat=place.header)
    page.sheet.print_area(0, 0, LAST_ROW, len(SCORES.fields) - 1)
    page.sheet.freeze_panes(place.first, 2)


def draw_level_plan(page: Page) -> None:
    page.heading(page.say("level_plan_title"), page.say("level_plan_hint"))
    levels = draw_table(page, LEVEL_PLAN, LEVELS_HEADER)
    right = len(LEVEL_PLAN.fields) + 1
    page.width(right - 1, GAP)
    spans = draw_table(page, SCORE_BANDS, LEVELS_HEADER, right, filtered=False)
    height = CHART_ROWS * ROW_PIXELS
    bar_chart(
        page, levels, "customers", title=page.say("chart_levels"), category="level", at=(CHART_ROW, 0),
        size=(CHART_WIDTHS[0], height), color=BLUE,
    )  # fmt: skip
    bar_chart(
        page, levels, "spend", title=page.say("chart_level_spend"), category="level",
        at=(CHART_ROW, levels.columns["traits"]), size=(CHART_WIDTHS[1], height), color=GREEN, num_format="#,##0.0",
    )  # fmt: skip
    bar_chart(
        page, spans, "customers", title=page.say("chart_scores"), category="span",
        at=(CHART_ROW, levels.columns["owner"]), size=(CHART_WIDTHS[2], height), color=GREY_BLUE,
    )  # fmt: skip
    page.set_up(repeat=LEVELS_HEADER)
    page.sheet.print_area(0, 0, LAST_ROW, right - 2)
    page.sheet.freeze_panes(1, 1)
