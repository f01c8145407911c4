"""A matrix of counts or shares whose labels a refresh fills in: lines without a label stay blank paper."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from .page import Page
from .styles import BAR, LINE, PAPER, TITLE, WHITE


def draw_matrix(
    page: Page, top: int, size: int, *, title: str, corner: str, corner_style: Format, zeros: bool,
    rows: int | None = None, num_format: str = "0", labels: tuple[str, str] = ("General", "General"),
    leading: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Labels of columns in row `top`, of rows in column 0, `size` columns and `rows` (default: as many); the title in
    the row above. `zeros`: whether a 0 shows; `labels`: formats of the labels of rows, of columns; `leading`: formats of
    columns before those whose colour tells their size."""
    styles, sheet = page.styles, page.sheet
    last = top + (size if rows is None else rows)
    page.write(top - 1, 0, title, styles.heading)
    page.write(top, 0, corner, corner_style)
    row_label = styles.make(bold=True, valign="vcenter", num_format=labels[0], align="left")
    column_label = styles.make(bold=True, align="center", valign="vcenter", text_wrap=True, num_format=labels[1])
    shown = num_format if zeros else f"{num_format};-{num_format};"
    cells = [
        styles.make(num_format=form, align="center", valign="vcenter")
        for form in (*leading, *[shown] * (size - len(leading)))
    ]
    for j in range(1, size + 1):
        page.write(top, j, None, column_label)
    for row in range(top + 1, last + 1):
        page.write(row, 0, None, row_label)
        for j, style in enumerate(cells, 1):
            page.write(row, j, None, style)
    shaded = 1 + len(leading)
    row_is_used = f'{xl_rowcol_to_cell(top + 1, 0, col_abs=True)}<>""'
    column_is_used = f'{xl_rowcol_to_cell(top, 1, row_abs=True)}<>""'
    label = styles.make(bg_color=PAPER, font_color=TITLE, bottom=1, bottom_color=LINE)
    cell = styles.make(bottom=1, bottom_color=LINE, right=1, right_color=LINE)
    rules = [((top + 1, 0, last, 0), f"={row_is_used}", label), ((top, 1, top, size), f"={column_is_used}", label)]
    # one range for all that a cell carries: LibreOffice shows only one of ranges that overlap
    for first, end in ((1, shaded - 1), (shaded, size)):
        if first <= end:
            used = f'=AND({row_is_used},{xl_rowcol_to_cell(top, first, row_abs=True)}<>"")'
            rules.append(((top + 1, first, last, end), used, cell))
    for area, rule, style in rules:
        sheet.conditional_format(*area, {"type": "formula", "criteria": rule, "format": style})
    scale: dict[str, Any] = {"type": "2_color_scale", "min_color": WHITE, "max_color": BAR}
    if num_format.endswith("%"):  # from nothing to what is large here: a single outlier leaves the rest its colours
        scale |= {"min_type": "num", "min_value": 0, "max_type": "percentile", "max_value": 90}
    sheet.conditional_format(top + 1, shaded, last, size, scale)
