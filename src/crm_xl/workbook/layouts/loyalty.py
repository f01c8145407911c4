"""积分: points given and redeemed, and what each customer has."""

from __future__ import annotations

from crm_xl.vocabulary.account_tables import LOYALTY_BALANCES
from crm_xl.vocabulary.records import LOYALTY

from .page import Page
from .tables import draw_table

GAP = 3


def draw_loyalty(page: Page) -> None:
    place = draw_table(page, LOYALTY, whole_columns=True)
    right = len(LOYALTY.fields) + 1
    page.width(right - 1, GAP)
    draw_table(page, LOYALTY_BALANCES, 0, right)
    page.set_up(repeat=place.header, grid=True)
    page.sheet.freeze_panes(place.first, 0)
