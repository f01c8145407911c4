"""销售策略: what to do for each RFM class, who does it and with what."""

from __future__ import annotations

from crm_xl.vocabulary.sales_tables import RFM_PLAN

from .page import Page
from .tables import draw_table

HEADER = 3


def draw_sales_plan(page: Page) -> None:
    page.heading(page.say("sales_plan_title"), page.say("sales_plan_hint"))
    place = draw_table(page, RFM_PLAN, HEADER)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(place.first, 1)
