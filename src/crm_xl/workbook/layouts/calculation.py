"""Calc, hidden: known ids, what was proposed, then whatever spills."""

from __future__ import annotations

from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.reports import KNOWN
from crm_xl.vocabulary.task_tables import PROPOSED

from .page import Page
from .tables import draw_table

ROWS = 2
PROPOSING = frozenset({"tasks", "reviews"})
"""Sheets to which a refresh adds rows, each once."""


def draw_calculation(page: Page) -> None:
    draw_table(page, KNOWN, filtered=False, whole_columns=True)
    page.width(ROWS, 12)
    page.write(0, ROWS, page.say("rows_label"), page.styles.head)
    # brings in the metadata part that dynamic arrays need
    key = CUSTOMERS.field(CUSTOMERS.key).header(page.lang)
    page.sheet.write_dynamic_array_formula(1, ROWS, 1, ROWS, f"=ROWS(Customers[{key}])", page.styles.body("0"), 1)
    if PROPOSING & set(page.book.sheets):
        draw_table(page, PROPOSED, 0, ROWS + 1, filtered=False, whole_columns=True)
    page.sheet.freeze_panes(1, 0)
