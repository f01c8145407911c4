"""RFM 分层: the classes, and two heat maps of recency by frequency."""

from __future__ import annotations

from crm_xl.vocabulary.sales_tables import RFM_PROFILE

from .charts import bar_chart
from .page import Page
from .styles import BAR, LINE, PAPER, ROW_PIXELS, TITLE, WHITE
from .tables import draw_table

CHART_ROW = 3
HEAT_COLUMN = 5
HEAT_SIZE = 5
"""Lines of scores; the area also holds the labels and, at the right, totals."""
LAST_ROW = CHART_ROW + 2 * (HEAT_SIZE + 3)
READING_ROW = LAST_ROW
HEADER = READING_ROW + 2
WIDTH = 15


def draw_rfm(page: Page) -> None:
    page.heading(page.say("rfm_title"), page.say("rfm_hint"))
    place = draw_table(page, RFM_PROFILE, HEADER)
    for column in range(len(RFM_PROFILE.fields), HEAT_COLUMN + HEAT_SIZE + 2):
        page.width(column, WIDTH)
    bar_chart(
        page, place, "customers", title=page.say("chart_rfm"), category="rfm_class", at=(CHART_ROW, 0),
        size=(545, (LAST_ROW - CHART_ROW - 1) * ROW_PIXELS),
    )  # fmt: skip
    _heat(page, CHART_ROW, "heat_customers", "RfmHeat", '0;-0;"·"')
    _heat(page, CHART_ROW + HEAT_SIZE + 3, "heat_spend", "RfmHeatSpend", '#,##0.0;-#,##0.0;"·"')
    reading = " ".join(page.say(key) for key in ("heat_reading_top", "heat_reading_bottom"))
    page.write(READING_ROW, 0, reading, page.styles.hint)
    page.set_up(repeat=HEADER)
    page.sheet.freeze_panes(1, 0)


def _heat(page: Page, top: int, title: str, name: str, num_format: str) -> None:
    """A heading, and below it the named area: labels in its first row and column, totals in its last column."""
    left, right = HEAT_COLUMN, HEAT_COLUMN + HEAT_SIZE + 1
    page.write(top, left, page.say(title), page.styles.heading)
    draw_heat(page, top + 1, left, left + 1, num_format)
    page.name(name, top + 1, left, top + 1 + HEAT_SIZE, right)


def draw_heat(page: Page, top: int, left: int, first: int, num_format: str) -> None:
    """The cells of a heat map: labels from `left` up to the first column of figures, totals behind the last one.
    The darker, the more; each cell shows its number, so that nothing hangs on a colour."""
    styles = page.styles
    last = first + HEAT_SIZE - 1
    label = styles.make(
        bold=True, font_color=TITLE, bg_color=PAPER, valign="vcenter", indent=1, bottom=1, bottom_color=LINE,
        shrink=True,
    )  # fmt: skip
    head = styles.make(
        bold=True, font_color=TITLE, bg_color=PAPER, align="center", valign="vcenter", bottom=1, bottom_color=LINE,
        shrink=True,
    )  # fmt: skip
    cell = styles.make(
        num_format=num_format, align="center", valign="vcenter", shrink=True, border=1, border_color=LINE
    )
    total = styles.make(
        num_format=num_format, align="center", valign="vcenter", shrink=True, bold=True, bottom=1, bottom_color=LINE
    )
    for i in range(HEAT_SIZE + 1):
        if first - left > 1:
            page.sheet.merge_range(top + i, left, top + i, first - 1, "", label)
        page.write(top + i, left, page.say("heat_corner") if i == 0 else None, label)
        for column in range(first, last + 1):
            page.write(top + i, column, None, cell if i else head)
        page.write(top + i, last + 1, None if i else page.say("heat_total"), total if i else head)
    scale = {"type": "2_color_scale", "min_color": WHITE, "max_color": BAR}
    page.sheet.conditional_format(top + 1, first, top + HEAT_SIZE, last, scale)
