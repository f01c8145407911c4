"""客户留存分析: what became of the customers of each month, and how long the second order takes."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.vocabulary.value_tables import COHORT_CURVE, REPEAT_TIMES

from .charts import bar_chart, line_chart
from .matrix import draw_matrix
from .page import Page
from .styles import BLUE, GREEN, MUTED, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles
from .value import ALL

COHORTS, MONTHS = 18, 13
"""Rows of a matrix, and its columns of months: that of the first order and 12 after."""
COLUMNS = 1 + MONTHS
NOTE_ROW, TILE_ROW = 2, 3
CHART_ROW, CHART_ROWS = 6, 14
MATRIX_ROWS = (CHART_ROW + CHART_ROWS + 2, CHART_ROW + CHART_ROWS + COHORTS + 5)
PRINT_SCALE = 65
FIRST_WIDTH, COUNT_WIDTH, MONTH_WIDTH, GAP = 13, 9, 7, 3
TABLES = (COHORT_CURVE, REPEAT_TIMES)
TILES = (
    ("RepeatMedian", "tile_gap_median", "#,##0"),
    ("RepeatLower", "tile_gap_lower", "#,##0"),
    ("RepeatUpper", "tile_gap_upper", "#,##0"),
    ("RepeatCustomers", "tile_repeaters", "#,##0"),
    ("BuyersCounted", "tile_buyers", "#,##0"),
)


def draw_cohorts(page: Page) -> None:
    page.heading(page.say("cohorts_title"), page.say("cohorts_hint"))
    page.write(NOTE_ROW, 0, None, page.styles.hint)
    page.name("CohortNote", NOTE_ROW, 0)
    page.width(0, FIRST_WIDTH)
    page.width(1, COUNT_WIDTH)
    for column in range(2, COLUMNS + 1):
        page.width(column, MONTH_WIDTH)
    draw_tiles(page, TILE_ROW, TILES[:1], span=2)
    draw_tiles(page, TILE_ROW, TILES[1:], 2, span=3)
    for top, name, title in zip(
        MATRIX_ROWS, ("CohortRetention", "CohortRevenue"), ("cohort_retention", "cohort_revenue"), strict=True
    ):
        _matrix(page, top, name, page.say(title))
    column = COLUMNS + 1
    for table in TABLES:
        page.width(column, GAP)
        page.write(CHART_ROW, column + 1, table.title(page.lang), page.styles.heading)
        draw_table(page, table, CHART_ROW + 1, column + 1, filtered=False)
        column += len(table.fields) + 1
    _charts(page)
    page.set_up(breaks=[])
    page.sheet.set_print_scale(PRINT_SCALE)
    page.sheet.set_h_pagebreaks([MATRIX_ROWS[1] - 1])
    page.sheet.freeze_panes(1, 0)


def _matrix(page: Page, top: int, name: str, title: str) -> None:
    draw_matrix(
        page, top, COLUMNS, title=title, corner=page.say("cohort_corner"), corner_style=page.styles.head, zeros=True,
        rows=COHORTS, num_format="0%", labels=("yyyy-mm", page.say("cohort_months")),
        leading=("#,##0", "0%"),  # the first month is 100 % of itself
    )  # fmt: skip
    page.name(name, top, 0, top + COHORTS, COLUMNS)
    cohort = xl_rowcol_to_cell(top + 1, 0, col_abs=True)
    style = page.styles.make(num_format='0%"*"', italic=True, font_color=MUTED)
    for first, last in ((2, 2), (3, COLUMNS)):  # as the matrix has them
        month = f"EDATE({cohort},{xl_rowcol_to_cell(top, first, row_abs=True)})"
        running = f'=AND({cohort}<>"",MONTH(AsOf+1)=MONTH(AsOf),{month}=DATE(YEAR(AsOf),MONTH(AsOf),1))'
        page.sheet.conditional_format(
            top + 1, first, top + COHORTS, last, {"type": "formula", "criteria": running, "format": style}
        )


def _charts(page: Page) -> None:
    size = (425, CHART_ROWS * ROW_PIXELS)
    curve, times = (page.book.places[t.name] for t in TABLES)
    line_chart(
        page, curve, ("retention", "revenue_retention"), title=page.say("chart_cohort_curve"), category="month",
        at=(CHART_ROW, 0), size=size, colors=(BLUE, GREEN), num_format="0%", date_format="0", open_end=True,
    )  # fmt: skip
    bar_chart(
        page, times, "share", title=page.say("chart_repeat"), category="within", at=(CHART_ROW, 7), size=size,
        color=GREEN, num_format="0.0%", most=ALL,
    )  # fmt: skip
