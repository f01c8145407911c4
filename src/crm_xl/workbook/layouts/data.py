"""Sheets that are one table from A1 on: customers, orders, contacts, history, strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crm_xl.rules.tables import write_rows
from crm_xl.vocabulary.fields import STRATEGIES, TABLES

from .page import LAST_ROW, Page
from .tables import draw_table


def data_sheet(
    name: str, *, columns: Sequence[str] | None = None, frozen: int = 0, printed: int | None = None
) -> Callable[[Page], None]:
    """A sheet with the table `name`. `frozen`: columns that stay; `printed`: only that many are printed."""

    def draw(page: Page) -> None:
        place = draw_table(page, TABLES[name], keys=columns, whole_columns=True)
        page.set_up(repeat=place.header, grid=True)
        if printed is not None:
            # whole columns: rows typed later are printed too
            page.sheet.print_area(0, 0, LAST_ROW, printed - 1)
        page.sheet.freeze_panes(place.first, frozen)

    return draw


def draw_strategies(page: Page) -> None:
    """策略库, filled with the built-in strategies."""
    rows = [[None if c == "" else c for c in row] for row in write_rows("Strategies", page.book.rules.strategies)]
    place = draw_table(page, STRATEGIES, rows=rows, whole_columns=True)
    page.set_up(repeat=place.header, grid=True)
    page.sheet.freeze_panes(place.first, 2)
