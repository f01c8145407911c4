"""Sheets that are one table from A1 on: customers, orders, contacts, history, strategies."""

from __future__ import annotations

from collections.abc import Callable

from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.rule_tables import STRATEGIES
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.texts import PICKERS

from .page import LAST_ROW, Page
from .parameters import rule_rows
from .tables import draw_table

PRINTED = 17
"""Columns of customers that are printed: more would be too small to read."""
LONG = "strategy"
"""The column of long texts, before which printing ends at the latest."""


def data_sheet(name: str) -> Callable[[Page], None]:
    """A sheet with the table `name`."""

    def draw(page: Page) -> None:
        place = draw_table(page, TABLES[name], whole_columns=True)
        page.set_up(repeat=place.header, grid=True)
        page.sheet.freeze_panes(place.first, 0)

    return draw


def draw_customers(page: Page) -> None:
    """客户基础信息表: the template's columns of Customers; as many are printed as fit a page."""
    columns = page.book.columns
    place = draw_table(page, CUSTOMERS, keys=columns, whole_columns=True)
    if PICKERS.keys() & set(page.book.sheets):
        ids = place.columns["customer_id"]
        page.name("CustomerIds", place.first, ids, place.last, ids)
    page.set_up(repeat=place.header, grid=True)
    # whole columns: rows typed later are printed too
    page.sheet.print_area(0, 0, LAST_ROW, min(PRINTED, columns.index(LONG)) - 1)
    page.sheet.freeze_panes(place.first, 2)


def draw_strategies(page: Page) -> None:
    """策略库, filled with the built-in strategies."""
    place = draw_table(page, STRATEGIES, rows=rule_rows(page, "Strategies"), whole_columns=True)
    page.set_up(repeat=place.header, grid=True)
    page.sheet.freeze_panes(place.first, 2)
