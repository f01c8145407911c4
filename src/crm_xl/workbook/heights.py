"""Heights of rows with wrapped text, as Excel stores what it has fitted itself.

Excel fits a row when somebody types in it, not when it opens a file: without a stored height,
previews (and LibreOffice) show the first line of a wrapped text with the rest run over the rows
below. The height carries no customHeight, so Excel goes on fitting it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from unicodedata import east_asian_width

from .values import SharedStrings, decode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_ROW = re.compile(rb"<(" + _P + rb")row\b([^>]*?)(/>|>(.*?)</\1row>)", re.DOTALL)
_CELL = re.compile(rb"<(" + _P + rb")c\b([^>]*?)(?:/>|>(.*?)</\1c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v\b[^>]*>(.*?)</(?:[\w.-]+:)?v>", re.DOTALL)
_COLUMN = re.compile(rb"<" + _P + rb"col\b[^>]*>")
_NUMBER = {k: re.compile(rb"\s" + k + rb'="([\d.]+)"') for k in (b"min", b"max", b"width", b"defaultRowHeight")}
_STYLE = re.compile(rb'\ss="(\d+)"')
_REFERENCE = re.compile(rb'\sr="([A-Z]+)(\d+)"')
_ROW_NUMBER = re.compile(rb'\sr="(\d+)"')
_HEIGHT = re.compile(rb'\s(?:ht|customHeight)="[^"]*"')
TALLEST = 409.5
"""Excel's limit for a row, in points."""
MARGIN = 1.5
"""Characters of a column's width that text cannot use."""


def text_lines(text: str, width: float) -> int:
    """Lines that a text takes in a column of `width` characters; a Chinese one counts as two."""
    room = max(1.0, width - MARGIN)
    lines = 0
    for paragraph in text.split("\n"):
        long = sum(2 if east_asian_width(ch) in "WFA" else 1 for ch in paragraph)
        lines += max(1, math.ceil(long / room))
    return lines


def fit_heights(
    xml: bytes, wrapping: Collection[int], strings: SharedStrings, rows: Collection[int] | None = None
) -> bytes:
    """A sheet with the height of its rows set to what their wrapped texts need.

    `rows`: only these (0-based). Rows whose height somebody set (customHeight) stay.
    """
    marks = [b's="%d"' % style for style in wrapping]
    if not any(mark in xml for mark in marks):
        return xml
    widths = _widths(xml)
    default = _number(b"defaultRowHeight", xml[: xml.find(b"<sheetData")]) or 15.0

    def fitted(m: re.Match[bytes]) -> bytes:
        attributes = m[2]
        number = _ROW_NUMBER.search(attributes)
        if number is None or b"customHeight" in attributes or (rows is not None and int(number[1]) - 1 not in rows):
            return m[0]
        body, lines = m[4] or b"", 1
        if any(mark in body for mark in marks):
            lines = max(_cell_lines(c, wrapping, widths, strings) for c in _CELL.finditer(body))
        bare = _HEIGHT.sub(b"", attributes)
        if lines > 1:
            bare += b' ht="%s"' % f"{min(TALLEST, lines * default):g}".encode()
        return b"<" + m[1] + b"row" + bare + m[3]

    return _ROW.sub(fitted, xml)


def _cell_lines(
    cell: re.Match[bytes], wrapping: Collection[int], widths: Mapping[int, float], strings: SharedStrings
) -> int:
    style, reference, value = _STYLE.search(cell[2]), _REFERENCE.search(cell[2]), _VALUE.search(cell[3] or b"")
    if not (style and reference and value) or int(style[1]) not in wrapping:
        return 1
    if b't="s"' in cell[2]:
        text = strings.texts[int(value[1])]
    elif b't="str"' in cell[2]:
        text = decode_text(value[1])
    else:
        return 1
    column = 0
    for letter in reference[1]:
        column = column * 26 + letter - 64
    return text_lines(text, widths.get(column, 9.0))


def _number(name: bytes, tag: bytes) -> float | None:
    found = _NUMBER[name].search(tag)
    return float(found[1]) if found else None


def _widths(xml: bytes) -> dict[int, float]:
    """Width of each column (from 1) that has one, in characters."""
    widths: dict[int, float] = {}
    for tag in _COLUMN.findall(xml[: xml.find(b"<sheetData")]):
        first, last, width = (_number(k, tag) for k in (b"min", b"max", b"width"))
        if first and last and width:
            widths.update((c, width) for c in range(int(first), min(int(last), 400) + 1))
    return widths
