"""A matrix of counts whose labels a refresh fills in: lines without a label stay blank paper."""

from __future__ import annotations

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from .page import Page
from .styles import BAR, LINE, PAPER, TITLE, WHITE


def draw_matrix(page: Page, top: int, size: int, *, title: str, corner: str, corner_style: Format, zeros: bool) -> None:
    """Labels of columns in row `top`, of rows in column 0, `size` of each; the title in the row above.
    `zeros`: whether a 0 shows."""
    styles, sheet, last = page.styles, page.sheet, top + size
    page.write(top - 1, 0, title, styles.heading)
    page.write(top, 0, corner, corner_style)
    column_label = styles.make(bold=True, align="center", valign="vcenter", text_wrap=True)
    row_label = styles.make(bold=True, valign="vcenter")
    count = styles.make(num_format="0" if zeros else "0;-0;", align="center", valign="vcenter")
    for i in range(1, size + 1):
        page.write(top, i, None, column_label)
        page.write(top + i, 0, None, row_label)
        for j in range(1, size + 1):
            page.write(top + i, j, None, count)
    row_is_used = f'{xl_rowcol_to_cell(top + 1, 0, col_abs=True)}<>""'
    column_is_used = f'{xl_rowcol_to_cell(top, 1, row_abs=True)}<>""'
    label = styles.make(bg_color=PAPER, font_color=TITLE, bottom=1, bottom_color=LINE)
    cell = styles.make(bottom=1, bottom_color=LINE, right=1, right_color=LINE)
    for area, rule, style in (
        ((top + 1, 0, last, 0), f"={row_is_used}", label),
        ((top, 1, top, size), f"={column_is_used}", label),
        ((top + 1, 1, last, size), f"=AND({row_is_used},{column_is_used})", cell),
    ):
        sheet.conditional_format(*area, {"type": "formula", "criteria": rule, "format": style})
    scale = {"type": "2_color_scale", "min_color": WHITE, "max_color": BAR}
    sheet.conditional_format(top + 1, 1, last, size, scale)
