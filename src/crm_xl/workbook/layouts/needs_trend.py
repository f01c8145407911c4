"""需求趋势: how needs change from quarter to quarter."""

from __future__ import annotations

from crm_xl.vocabulary.sales_tables import NEEDS_BY_QUARTER, NEEDS_TREND

from .charts import CHART_ROWS, stacked_chart
from .page import Page
from .styles import AMBER, BAR, GREEN, PAPER, ROW_PIXELS, TITLE
from .tables import draw_table

CHART_ROW = 3
HEADER = CHART_ROW + CHART_ROWS + 1
GAP = 3
KINDS = ("basic", "latent", "emotional", "personal", "other")
COLORS = (TITLE, GREEN, AMBER, BAR, PAPER)
"""From dark to light."""


def draw_needs_trend(page: Page) -> None:
    page.heading(page.say("needs_trend_title"), page.say("needs_trend_hint"))
    quarters = len(NEEDS_TREND.fields) + 1
    draw_table(page, NEEDS_TREND, HEADER, filtered=False)
    page.width(quarters - 1, GAP)
    place = draw_table(page, NEEDS_BY_QUARTER, HEADER, quarters, filtered=False)
    stacked_chart(
        page, place, KINDS, title=page.say("chart_needs"), category="quarter", at=(CHART_ROW, 0),
        size=(980, CHART_ROWS * ROW_PIXELS), colors=COLORS,
    )  # fmt: skip
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(1, 0)
