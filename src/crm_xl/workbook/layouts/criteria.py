"""分级标准: the criteria of key accounts with their weights, the bands that score them, the tiers."""

from __future__ import annotations

from crm_xl.vocabulary.account_tables import ACCOUNT_BANDS, ACCOUNT_CRITERIA
from crm_xl.vocabulary.rule_tables import GRADES

from .page import Page
from .parameters import rule_rows
from .styles import MUTED
from .tables import draw_table

TOTAL_ROW = 3
HEADER = 6
GAP = 3


def draw_criteria(page: Page) -> None:
    page.heading(page.say("criteria_title"), page.say("criteria_hint"))
    column = 0
    for table, heading in (
        (ACCOUNT_CRITERIA, "criteria_weights"),
        (ACCOUNT_BANDS, "criteria_bands"),
        (GRADES, "criteria_grades"),
    ):
        page.write(HEADER - 1, column, page.say(heading), page.styles.heading)
        draw_table(page, table, HEADER, column, rows=rule_rows(page, table.name), filtered=False)
        column += len(table.fields)
        page.width(column, GAP)
        column += 1
    _total(page)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(HEADER + 1, 0)


def _total(page: Page) -> None:
    """The sum of the weights, and whether it is 100."""
    styles = page.styles
    weights = f"AccountCriteria[{ACCOUNT_CRITERIA.field('weight').header(page.lang)}]"
    total = sum(c.weight for c in page.book.rules.account_criteria)
    page.write(TOTAL_ROW, 0, page.say("criteria_total"), styles.body(indent=1))
    page.sheet.write_formula(TOTAL_ROW, 1, f"=SUM({weights})", styles.body("0.##", align="right"), total)
    page.name("CriteriaTotal", TOTAL_ROW, 1)
    right, wrong = page.say("criteria_right"), page.say("criteria_wrong")
    said = right if abs(total - 100) <= 1e-6 else wrong
    style = styles.make(font_color=MUTED, valign="vcenter", indent=1)
    page.sheet.write_formula(TOTAL_ROW, 2, f'=IF(ABS(CriteriaTotal-100)<=0.000001,"{right}","{wrong}")', style, said)
    page.name("CriteriaSaid", TOTAL_ROW, 2)
