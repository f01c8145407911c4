"""画像与需求矩阵: what each class and industry is like."""

from __future__ import annotations

from crm_xl.vocabulary.sales_tables import PORTRAIT

from .page import Page
from .tables import draw_table

HEADER = 3


def draw_portrait(page: Page) -> None:
    page.heading(page.say("portrait_title"), page.say("portrait_hint"))
    place = draw_table(page, PORTRAIT, HEADER)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(place.first, 2)
