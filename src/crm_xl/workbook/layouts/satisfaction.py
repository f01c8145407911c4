"""满意度与投诉分析, and 需求汇总: what customers say, in figures."""

from __future__ import annotations

from crm_xl.vocabulary.account_tables import (
    COMPLAINT_SUMMARY,
    NEED_SENSITIVITY,
    NEED_SUMMARY,
    SATISFACTION_SUMMARY,
    SURVEY_SOURCES,
    VOICE_BY_SEGMENT,
    VOICE_TREND,
)
from crm_xl.vocabulary.fields import Table

from .charts import bar_chart, line_chart
from .page import Page, Place
from .styles import AMBER, BLUE, GREEN, GREY_BLUE, ROW_PIXELS
from .tables import draw_table
from .tiles import draw_tiles

TILE_ROW = 4
CHART_ROWS = 12
GAP = 3
PRINT_SCALE = 64
TILES = (
    ("SatisfactionMean", "tile_satisfaction", "0.00"),
    ("SatisfactionCsat", "tile_csat", "0.0%"),
    ("SatisfactionNps", "tile_nps", "0"),
    ("SatisfactionNpsMargin", "tile_nps_margin", '"±"0'),
    ("NegativeOpen", "tile_negative", "#,##0"),
)
COMPLAINT_TILES = (
    ("ComplaintsYear", "tile_complaints", "#,##0"),
    ("ComplaintsOpen", "tile_open", "#,##0"),
)


def _side_by_side(page: Page, header: int, tables: tuple[Table, ...]) -> list[Place]:
    """Small tables next to each other, each with its title: nothing stands below any of them."""
    places, column = [], 0
    for table in tables:
        page.write(header - 1, column, table.title(page.lang), page.styles.heading)
        places.append(draw_table(page, table, header, column, filtered=False))
        column += len(table.fields)
        page.width(column, GAP)
        column += 1
    return places


def draw_satisfaction(page: Page) -> None:
    page.heading(page.say("satisfaction_title"), page.say("satisfaction_hint"))
    page.write(TILE_ROW - 2, 0, page.say("satisfaction_margin"), page.styles.hint)
    chart_row = TILE_ROW + 3
    header = chart_row + CHART_ROWS + 2
    questions, sources, causes, segments, quarters = _side_by_side(
        page, header, (SATISFACTION_SUMMARY, SURVEY_SOURCES, COMPLAINT_SUMMARY, VOICE_BY_SEGMENT, VOICE_TREND)
    )
    draw_tiles(page, TILE_ROW, TILES)
    draw_tiles(page, TILE_ROW, COMPLAINT_TILES, causes.columns["cause"])
    size = (530, CHART_ROWS * ROW_PIXELS)
    bar_chart(
        page, questions, "mean", title=page.say("chart_questions"), category="question", at=(chart_row, 0), size=size,
        num_format="0.00", color=BLUE,
    )  # fmt: skip
    bar_chart(
        page, sources, "mean", title=page.say("chart_sources"), category="origin",
        at=(chart_row, sources.columns["origin"]), size=size, num_format="0.00", color=GREEN,
    )  # fmt: skip
    bar_chart(
        page, causes, "complaints", title=page.say("chart_causes"), category="cause",
        at=(chart_row, causes.columns["cause"]), size=size, color=AMBER,
    )  # fmt: skip
    bar_chart(
        page, segments, "mean", title=page.say("chart_voice_groups"), category="segment",
        at=(chart_row, segments.columns["segment"]), size=size, num_format="0.00", color=GREY_BLUE, points=8, every=True,
    )  # fmt: skip
    line_chart(
        page, quarters, ("mean",), title=page.say("chart_voice_trend"), category="quarter",
        at=(chart_row, quarters.columns["quarter"]), size=size, colors=(BLUE,), num_format="0.0", dates=False,
    )  # fmt: skip
    page.set_up(repeat=header, breaks=[causes.columns["cause"], quarters.columns["quarter"]])
    page.sheet.set_print_scale(PRINT_SCALE)
    page.sheet.freeze_panes(1, 0)


def draw_need_summary(page: Page) -> None:
    page.heading(page.say("needs_title"), page.say("needs_hint"))
    chart_row = 3
    header = chart_row + CHART_ROWS + 2
    kinds, sensitivity = _side_by_side(page, header, (NEED_SUMMARY, NEED_SENSITIVITY))
    size = (440, CHART_ROWS * ROW_PIXELS)
    bar_chart(
        page, kinds, "needs", title=page.say("chart_need_kinds"), category="need_kind", at=(chart_row, 0), size=size
    )
    bar_chart(
        page, sensitivity, "needs", title=page.say("chart_sensitivity"), category="sensitivity",
        at=(chart_row, sensitivity.columns["sensitivity"]), size=size, color=GREEN,
    )  # fmt: skip
    page.set_up(repeat=header)
    page.sheet.freeze_panes(1, 0)
