"""群体特征分析: key figures, two charts, and the profile of each group."""

from __future__ import annotations

from crm_xl.vocabulary.reports import PROFILE

from .charts import CHART_ROWS, bar_chart
from .page import Page
from .styles import BLUE, GREEN, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles

FIGURE_ROW = 3
CHART_ROW = 6
HEADER = CHART_ROW + CHART_ROWS + 1
FIGURES = (
    ("KpiCustomers", "kpi_customers", "#,##0"),
    ("KpiActive", "kpi_active", "#,##0"),
    ("KpiSpend", "kpi_spend", "#,##0.00"),
    ("KpiRepurchase", "kpi_repurchase", "0.0%"),
)


def draw_profile(page: Page) -> None:
    page.heading(page.say("profile_title"), page.say("profile_hint"))
    place = draw_table(page, PROFILE, HEADER)
    draw_tiles(page, FIGURE_ROW, FIGURES, size=16)
    height = CHART_ROWS * ROW_PIXELS
    bar_chart(
        page, place, "customers", title=page.say("chart_customers"), category="segment", at=(CHART_ROW, 0),
        size=(610, height), color=BLUE,
    )  # fmt: skip
    bar_chart(
        page, place, "spend", title=page.say("chart_spend"), category="segment", at=(CHART_ROW, 5),
        size=(640, height), color=GREEN, num_format="#,##0.0",
    )  # fmt: skip
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(1, 0)
