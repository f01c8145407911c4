"""客户价值分析: what customers are worth, how few of them make the money, and who they are."""

from __future__ import annotations

from crm_xl.vocabulary.value_tables import ABC, MODEL_PARAMETERS, PARETO, TOP_VALUE, VALUE_BY_GROUP

from .charts import bar_chart, line_chart
from .page import Page, Place
from .styles import BLUE, GREEN, GREY_BLUE, MUTED, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles

NOTE_ROW, TILE_ROW, READING_ROW = 2, 3, 5
ALL = 1.15
"""Where bars of shares end: behind the figure of one of 100 %."""
CHART_ROW, CHART_ROWS = 7, 18
HEADER = CHART_ROW + CHART_ROWS + 2
GAP = 3
CHARACTER, MARGIN = 7, 5
"""Pixels of a character of a column's width, and of a column beside them."""
WIDEST = 720
PRINT_SCALE = 60
TABLES = (ABC, PARETO, VALUE_BY_GROUP, TOP_VALUE, MODEL_PARAMETERS)
PAGES = (TOP_VALUE, MODEL_PARAMETERS)
"""Tables that begin a printed page."""
TILES = (
    ("ClvTotal", "tile_clv", "#,##0.0"),
    ("ClvMethodShown", "tile_clv_method", "General"),
    ("TopFifthShare", "tile_top_fifth", "0.0%"),
    ("MakersOfMost", "tile_makers", "#,##0"),
    ("SpendersCounted", "tile_spenders", "#,##0"),
    ("SpendGini", "tile_gini", "0.00"),
    ("OrdersExpected", "tile_expected", "#,##0.0"),
)
TILE_COLUMNS = (0, 2, 4, 7, 9, 11, 13)
"""Each takes two columns; the third one three, as a gap between tables is among them."""


def draw_value(page: Page) -> None:
    page.heading(page.say("value_title"), page.say("value_hint"))
    page.write(NOTE_ROW, 0, None, page.styles.hint)
    page.name("ClvNote", NOTE_ROW, 0)
    column, breaks = 0, []
    for table in TABLES:
        if table in PAGES:
            breaks.append(column - 1)  # with the gap, which would fill a page of its own
        page.write(HEADER - 1, column, table.title(page.lang), page.styles.heading)
        draw_table(page, table, HEADER, column, filtered=False)
        column += len(table.fields)
        page.width(column, GAP)
        column += 1
    for tile, (at, end) in zip(TILES, zip(TILE_COLUMNS, (*TILE_COLUMNS[1:], 15), strict=True), strict=True):
        draw_tiles(page, TILE_ROW, [tile], at, span=end - at)
    page.write(READING_ROW, 0, page.say("value_reading"), page.styles.make(font_color=MUTED, valign="vcenter"))
    _charts(page)
    page.set_up(breaks=breaks)
    page.sheet.set_print_scale(PRINT_SCALE)
    page.sheet.freeze_panes(1, 0)


def _charts(page: Page) -> None:
    abc, pareto, groups, best = (page.book.places[t.name] for t in TABLES[:4])

    def size(place: Place) -> tuple[int, int]:
        """As wide as its table."""
        return min(WIDEST, round(place.width * CHARACTER + len(place.columns) * MARGIN)), CHART_ROWS * ROW_PIXELS

    bar_chart(
        page, abc, "spend_share", title=page.say("chart_abc"), category="abc", at=(CHART_ROW, abc.columns["abc"]),
        size=size(abc), color=GREY_BLUE, num_format="0.0%", most=ALL,
    )  # fmt: skip
    line_chart(
        page, pareto, ("spend_share", "even_share"), title=page.say("chart_pareto"), category="customer_share",
        at=(CHART_ROW, pareto.columns["customer_share"]), size=size(pareto), colors=(BLUE, MUTED), num_format="0%",
        date_format="0%", points=8,
    )  # fmt: skip
    bar_chart(
        page, groups, "clv_total", title=page.say("chart_value_groups"), category="segment",
        at=(CHART_ROW, groups.columns["segment"]), size=size(groups), color=GREEN, num_format="#,##0.0", points=8,
        every=True,
    )  # fmt: skip
    bar_chart(
        page, best, "clv", title=page.say("chart_top_value"), category="customer_name",
        at=(CHART_ROW, best.columns["rank"]), size=size(best), color=BLUE, num_format="#,##0.0", points=7, every=True,
    )  # fmt: skip
