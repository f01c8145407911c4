"""客户流转: the matrix of moves between two snapshots, and what became of each group."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.reports import EFFECTS, HISTORY

from .page import Page
from .styles import BAR, LINE, PAPER, TITLE, WHITE
from .tables import draw_table

CHOICE_ROW = 3
MATRIX_ROW = CHOICE_ROW + 6
WIDTH = 17
SIZE = 16
"""Labels that the matrix holds, new or gone customers among them."""
HEADER = MATRIX_ROW + SIZE + 3
NO_ZEROS = "0;-0;"
GROUPED_BY = ("level", "segment", "activity", "lifecycle", "rfm_class", "account_grade")
"""Columns of the history by which groups can be compared; the first that a template has is its start."""


def draw_movement(page: Page) -> None:
    page.heading(page.say("movement_title"), page.say("movement_hint"))
    page.write(HEADER - 1, 0, page.say("movement_effects"), page.styles.heading)
    place = draw_table(page, EFFECTS, HEADER, filtered=False)
    for column in range(1, SIZE + 1):
        page.width(column, WIDTH)
    _choices(page)
    _matrix(page)
    page.set_up(repeat=place.header)
    page.sheet.freeze_panes(1, 1)


def _choices(page: Page) -> None:
    styles = page.styles
    keys = [k for k in GROUPED_BY if k in page.book.columns and k in {f.key for f in HISTORY.fields}]
    headers = [CUSTOMERS.field(k).header(page.lang) for k in keys]
    for i, (name, key) in enumerate((("MovementFrom", "movement_from"), ("MovementTo", "movement_to"))):
        page.write(CHOICE_ROW + i, 0, page.say(key), styles.body(indent=1))
        page.write(CHOICE_ROW + i, 1, None, styles.setting("yyyy-mm-dd"))
        page.ask_date(CHOICE_ROW + i, 1)
        page.name(name, CHOICE_ROW + i, 1)
    row = CHOICE_ROW + 2
    page.write(row, 0, page.say("movement_by"), styles.body(indent=1))
    page.sheet.merge_range(row, 1, row, 2, headers[0], styles.setting())
    page.offer(row, 1, headers)
    page.name("MovementBy", row, 1)
    page.write(row + 1, 0, page.say("movement_shown"), styles.body(indent=1))
    page.write(row + 1, 1, None, styles.plain())
    page.name("MovementShown", row + 1, 1)


def _matrix(page: Page) -> None:
    styles, sheet, top = page.styles, page.sheet, MATRIX_ROW
    page.write(top - 1, 0, page.say("movement_matrix"), styles.heading)
    page.write(top, 0, page.say("movement_corner"), styles.head)
    column_label = styles.make(bold=True, align="center", valign="vcenter", text_wrap=True)
    row_label = styles.make(bold=True, valign="vcenter")
    count = styles.make(num_format=NO_ZEROS, align="center", valign="vcenter")
    for j in range(1, SIZE + 1):
        page.write(top, j, None, column_label)
        page.write(top + j, 0, None, row_label)
        for i in range(1, SIZE + 1):
            page.write(top + i, j, None, count)
    page.name("MovementMatrix", top, 0, top + SIZE, SIZE)
    used_row = f'{xl_rowcol_to_cell(top + 1, 0, col_abs=True)}<>""'
    used_column = f'{xl_rowcol_to_cell(top, 1, row_abs=True)}<>""'
    label = styles.make(bg_color=PAPER, font_color=TITLE, bottom=1, bottom_color=LINE)
    cell = styles.make(bottom=1, bottom_color=LINE, right=1, right_color=LINE)
    for area, rule, style in (
        ((top + 1, 0, top + SIZE, 0), f"={used_row}", label),
        ((top, 1, top, SIZE), f"={used_column}", label),
        ((top + 1, 1, top + SIZE, SIZE), f"=AND({used_row},{used_column})", cell),
    ):
        sheet.conditional_format(*area, {"type": "formula", "criteria": rule, "format": style})
    scale = {"type": "2_color_scale", "min_color": WHITE, "max_color": BAR}
    sheet.conditional_format(top + 1, 1, top + SIZE, SIZE, scale)
