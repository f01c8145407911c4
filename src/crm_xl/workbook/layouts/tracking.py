"""效果追踪: how numbers and rates develop from date to date."""

from __future__ import annotations

from crm_xl.vocabulary.reports import TREND

from .charts import CHART_ROWS, line_chart
from .page import Page
from .styles import AMBER, BLUE, GREEN, RED, ROW_PIXELS
from .tables import draw_table

CHART_ROW = 3
HEADER = CHART_ROW + CHART_ROWS + 1


def draw_tracking(page: Page) -> None:
    page.heading(page.say("tracking_title"), page.say("tracking_hint"))
    place = draw_table(page, TREND, HEADER)
    size = (540, CHART_ROWS * ROW_PIXELS)
    line_chart(
        page, place, ("customers", "active", "dormant", "lost"), title=page.say("chart_counts"), category="as_of",
        at=(CHART_ROW, 0), size=size, colors=(BLUE, GREEN, AMBER, RED), num_format="#,##0",
    )  # fmt: skip
    line_chart(
        page, place, ("repurchase_rate", "winback_rate"), title=page.say("chart_rates"), category="as_of",
        at=(CHART_ROW, 5), size=size, colors=(BLUE, GREEN), num_format="0%",
    )  # fmt: skip
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(1, 0)
