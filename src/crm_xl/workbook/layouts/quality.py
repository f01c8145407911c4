"""数据质量: the findings with links to their cells, and the accuracy above them."""

from __future__ import annotations

from crm_xl.vocabulary.care_tables import QUALITY
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.quality_texts import RULES

from .charts import stacked_chart
from .page import LAST_ROW, Page, Place
from .styles import AMBER, LINE, PAPER, RED, ROW_PIXELS, TITLE
from .tables import draw_table
from .tiles import draw_tiles

NOTE_ROW, TILE_ROW, COUNTS = 2, 4, 8
HEADER = COUNTS + len(RULES) + 3
TILES = (
    ("QualityAccuracy", "tile_accuracy", "0.0%"),
    ("QualityGoal", "tile_accuracy_goal", "0.0%"),
    ("QualityErrors", "tile_errors", "#,##0"),
    ("QualityWarnings", "tile_warnings", "#,##0"),
)
CHART_COLUMN, CHART_WIDTH = 3, 900


def draw_quality(page: Page) -> None:
    styles = page.styles
    page.heading(page.say("quality_title"), page.say("quality_hint"))
    page.write(NOTE_ROW, 0, None, styles.make(bold=True, valign="vcenter"))
    page.name("QualityNote", NOTE_ROW, 0)
    page.write(HEADER - 1, 0, page.say("quality_heading"), styles.heading)
    place = draw_table(page, QUALITY, HEADER)
    cell = place.columns["found_cell"]
    page.write(place.first, cell, None, styles.link)
    texts = (place.columns[key] for key in ("found_text", "proposed_text"))
    marked = " ".join(f"{chr(65 + c)}{place.first + 1}:{chr(65 + c)}{LAST_ROW + 1}" for c in texts)
    page.sheet.ignore_errors({"number_stored_as_text": marked})
    draw_tiles(page, TILE_ROW, TILES)
    _draw_counts(page)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(1, 0)


def _draw_counts(page: Page) -> None:
    """How many findings of each kind, and their chart."""
    styles = page.styles
    centred = styles.make(
        bold=True, font_color=TITLE, bg_color=PAPER, bottom=1, bottom_color=LINE, align="center", valign="vcenter"
    )
    heads = (page.say("quality_rule"), label("error", page.lang), label("warning", page.lang))
    for column, head in enumerate(heads):
        page.write(COUNTS, column, head, centred if column else styles.head)
    first, last = COUNTS + 1, COUNTS + len(RULES)
    for row in range(first, last + 1):
        page.write(row, 0, None, styles.body(indent=1, align="left"))
        for column in (1, 2):
            page.write(row, column, None, styles.body("0", align="center"))
    page.name("QualityCounts", first, 0, last, 2)
    counts = Place("QualityCounts", page.key, COUNTS, last, {"rule": 0, "errors": 1, "warnings": 2}, 0)
    stacked_chart(
        page, counts, ("errors", "warnings"), title=page.say("chart_quality"), category="rule",
        at=(COUNTS - 1, CHART_COLUMN), size=(CHART_WIDTH, (len(RULES) + 2) * ROW_PIXELS), colors=(RED, AMBER),
    )  # fmt: skip
