"""客户分析结果与策略建议表: what was found about each group, and what to do."""

from __future__ import annotations

from crm_xl.vocabulary.reports import PLAN

from .page import Page
from .tables import draw_table

HEADER = 3


def draw_plan(page: Page) -> None:
    page.heading(page.say("plan_title"), page.say("plan_hint"))
    place = draw_table(page, PLAN, HEADER)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(place.first, 1)
