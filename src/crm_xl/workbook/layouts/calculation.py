"""Calc, hidden: known ids, then whatever spills."""

from __future__ import annotations

from crm_xl.vocabulary.fields import CUSTOMERS, KNOWN

from .page import Page
from .tables import draw_table

ROWS = 2


def draw_calculation(page: Page) -> None:
    draw_table(page, KNOWN, filtered=False, whole_columns=True)
    page.width(ROWS, 12)
    page.write(0, ROWS, page.say("rows_label"), page.styles.head)
    # brings in the metadata part that dynamic arrays need
    key = CUSTOMERS.field(CUSTOMERS.key).header(page.lang)
    page.sheet.write_dynamic_array_formula(1, ROWS, 1, ROWS, f"=ROWS(Customers[{key}])", page.styles.body("0"), 1)
    page.sheet.freeze_panes(1, 0)
