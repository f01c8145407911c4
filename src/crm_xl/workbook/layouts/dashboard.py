"""KPI 看板: everything on one screen and one page, from the tables of the other sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.sales_tables import RISK_LIST

from .charts import bar_chart, line_chart
from .page import Page
from .rfm import HEAT_SIZE, draw_heat
from .styles import BLUE, GREEN, GREY_BLUE, LINE, MUTED, RED, ROW_PIXELS, TITLE, WHITE
from .tiles import draw_tiles

COLUMNS, WIDTH, COLUMN_PIXELS = 16, 10, 75
LINK_ROW, TILE_ROW = 1, 2
UPPER_ROW, UPPER_ROWS = 5, 11
LOWER_ROW, LOWER_ROWS = UPPER_ROW + UPPER_ROWS, 7
RISK_ROW = LOWER_ROW + LOWER_ROWS
RISKS = 10
POINTS, DENSE_POINTS = 8, 7
"""Size of the texts in charts, and in those with many bars."""

TILES = (
    ("DashCustomers", "dash_customers", "#,##0"),
    ("DashActive", "dash_active", "#,##0"),
    ("DashSpend", "dash_spend", "#,##0.0"),
    ("DashRepurchase", "dash_repurchase", "0.0%"),
    ("DashChurn", "dash_churn", "0.0%"),
    ("DashAverageOrder", "dash_average_order", "#,##0.00"),
    ("DashAtRisk", "dash_at_risk", "#,##0"),
    ("DashMoneyAtRisk", "dash_money_at_risk", "#,##0.0"),
)
LINKS = ("profile", "rfm", "portrait", "sales_plan", "goals", "tasks", "tracking", "figures")
RISK_SPANS: dict[str, int] = {
    "rank": 1, "customer_id": 1, "customer_name": 3, "annual_spend": 1, "churn_reason": 3, "health": 1,
    "strategy": 5, "owner": 1,
}  # fmt: skip
"""Column of RiskList -> how many columns of the sheet show it."""

Draw = Callable[[tuple[int, int], tuple[int, int]], None]
"""A chart, still without its place and size."""


def draw_dashboard(page: Page) -> None:
    page.sheet.set_column(0, COLUMNS - 1, WIDTH)
    _title(page)
    draw_tiles(page, TILE_ROW, TILES, span=2)
    heat = "rfm" in page.book.sheets
    left = COLUMNS - HEAT_SIZE - 3 if heat else COLUMNS
    _row_of_charts(_upper_charts(page), UPPER_ROW, UPPER_ROWS, left)
    if heat:
        page.write(UPPER_ROW, left, page.say("dash_heat"), page.styles.heading)
        draw_heat(page, UPPER_ROW + 1, left, left + 2, '0;-0;"·"')
        page.name("DashHeat", UPPER_ROW + 1, left, UPPER_ROW + 1 + HEAT_SIZE, COLUMNS - 1)
        for i, key in enumerate(("heat_reading_top", "heat_reading_bottom"), UPPER_ROW + HEAT_SIZE + 2):
            page.write(i, left, page.say(key), page.styles.make(font_color=MUTED, font_size=9, valign="vcenter"))
    _row_of_charts(_lower_charts(page), LOWER_ROW, LOWER_ROWS, COLUMNS)
    if "RiskList" in page.book.places:
        _risks(page)
    page.set_up()
    page.sheet.fit_to_pages(1, 1)
    page.sheet.print_area(0, 0, RISK_ROW + RISKS + 1, COLUMNS - 1)
    page.sheet.center_horizontally()


def _title(page: Page) -> None:
    styles = page.styles
    page.write(0, 0, page.say("dashboard_title"), styles.title)
    page.write(0, COLUMNS - 2, page.say("dashboard_as_of"), styles.make(font_color=MUTED, align="right"))
    page.write(
        0,
        COLUMNS - 1,
        None,
        styles.make(bold=True, num_format="yyyy-mm-dd", align="right", font_color=TITLE, shrink=True),
    )
    page.name("DashAsOf", 0, COLUMNS - 1)
    link = styles.make(font_color=BLUE, underline=1, valign="vcenter", shrink=True)
    for i, key in enumerate(key for key in LINKS if key in page.book.sheets):
        page.sheet.merge_range(LINK_ROW, 2 * i, LINK_ROW, 2 * i + 1, "", link)
        page.link(LINK_ROW, 2 * i, key, "A1", page.book.sheet_name(key), link)


def _row_of_charts(charts: list[Draw], row: int, rows: int, columns: int) -> None:
    """Charts side by side, of one width."""
    if not charts:
        return
    width = columns // len(charts)
    for i, draw in enumerate(charts):
        draw((row, i * width), (width * COLUMN_PIXELS - 6, rows * ROW_PIXELS - 6))


def _bars(
    page: Page, table: str, key: str, category: str, title: str, *, points: int = POINTS, **look: Any
) -> list[Draw]:
    """A bar chart over a table, if the workbook has it."""
    place = page.book.places.get(table)
    if place is None or not {key, category} <= place.columns.keys():
        return []

    def draw(at: tuple[int, int], size: tuple[int, int]) -> None:
        bar_chart(page, place, key, title=page.say(title), category=category, at=at, size=size, points=points, **look)

    return [draw]


def _upper_charts(page: Page) -> list[Draw]:
    look = {"points": DENSE_POINTS, "every": True}
    return [
        *_bars(page, "TopGroups", "customers", "segment", "dash_groups", **look),
        *_bars(page, "TopGroups", "spend", "segment", "dash_group_spend", color=GREEN, num_format="#,##0.0", **look),
    ]


def _lower_charts(page: Page) -> list[Draw]:
    levels = _bars(page, "LevelPlan", "customers", "level", "dash_levels", color=GREY_BLUE)
    charts = [
        *_bars(page, "Funnel", "customers", "lifecycle", "dash_funnel"),
        *(levels or _bars(page, "RfmProfile", "customers", "rfm_class", "dash_classes", color=GREY_BLUE)),
        *_bars(page, "Targets", "progress", "target", "dash_targets", color=GREEN, num_format="0%"),
    ]
    trend = page.book.places.get("Trend")
    if trend is not None:

        def draw(at: tuple[int, int], size: tuple[int, int]) -> None:
            keys = ("active", "dormant", "lost")
            line_chart(
                page, trend, keys, title=page.say("dash_trend"), category="as_of", at=at, size=size,
                colors=(GREEN, GREY_BLUE, RED), num_format="#,##0", points=POINTS, date_format="mm-dd",
                names=[label(key, page.lang) for key in keys],
            )  # fmt: skip

        charts.append(draw)
    return charts


def _risks(page: Page) -> None:
    """The first rows of RiskList, each column over as many columns of the sheet as it needs."""
    styles = page.styles
    page.write(RISK_ROW, 0, page.say("dash_risk"), styles.heading)
    column = 0
    for key, span in RISK_SPANS.items():
        header = page.say("dash_stake") if key == "annual_spend" else RISK_LIST.field(key).header(page.lang)
        middle = key in ("rank", "health", "owner")
        align = "center" if middle else "right" if key == "annual_spend" else "left"
        indent = 0 if middle else 1
        head = styles.make(
            bold=True, font_color=WHITE, bg_color=GREEN, align=align, indent=indent, valign="vcenter", font_size=9,
            shrink=True,
        )  # fmt: skip
        cell = styles.make(
            num_format="#,##0.00" if key == "annual_spend" else "General", align=align, valign="vcenter",
            font_size=9, bottom=1, bottom_color=LINE, indent=indent, shrink=key != "strategy",
        )  # fmt: skip
        for i in range(RISKS + 1):
            style = cell if i else head
            row = RISK_ROW + 1 + i
            if span > 1:
                page.sheet.merge_range(row, column, row, column + span - 1, "", style)
            page.write(row, column, None if i else header, style)
        column += span
    page.name("DashRisk", RISK_ROW + 2, 0, RISK_ROW + 1 + RISKS, COLUMNS - 1)
