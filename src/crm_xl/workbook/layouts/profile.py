"""群体特征分析: key figures, two charts, and the profile of each group."""

from __future__ import annotations

from crm_xl.vocabulary.reports import PROFILE

from .charts import CHART_ROWS, bar_chart
from .page import Page
from .styles import BLUE, GREEN, MUTED, PALE_GREEN, ROW_PIXELS, TITLE, WHITE
from .tables import draw_table

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
    styles = page.styles
    label = styles.make(
        font_color=MUTED,
        bg_color=PALE_GREEN,
        align="center",
        valign="vcenter",
        shrink=True,
        left=1,
        left_color=WHITE,
    )
    for i, (name, key, num_format) in enumerate(FIGURES):
        page.write(FIGURE_ROW, i, page.say(key), label)
        figure = styles.make(
            bold=True, font_size=16, font_color=TITLE, bg_color=PALE_GREEN, align="center", valign="vcenter",
            num_format=num_format, shrink=True, left=1, left_color=WHITE, bottom=2, bottom_color=GREEN,
        )  # fmt: skip
        page.write(FIGURE_ROW + 1, i, None, figure)
        page.name(name, FIGURE_ROW + 1, i)
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
