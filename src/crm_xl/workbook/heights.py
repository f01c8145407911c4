"""Heights of rows with wrapped text, as Excel stores what it has fitted itself.

Excel fits a row when somebody types in it, not when it opens a file: without a stored height,
previews (and LibreOffice) show the first line of a wrapped text with the rest run over the rows
below. The height carries no customHeight, so Excel goes on fitting it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from unicodedata import east_asian_width

from crm_xl.cells import column_number

from .values import SharedStrings, decode_text

_ROW = re.compile(rb"<row\b([^<>]*?)(?:/>|>(.*?)(?:</row>|\Z))", re.DOTALL)
_COLUMN = re.compile(rb"<col\b[^<>]*>")
_NUMBER = {
    k: re.compile(rb"\s" + k + rb'="(\d{1,9}(?:\.\d{1,20})?)"') for k in (b"min", b"max", b"width", b"defaultRowHeight")
}
_HEIGHT = re.compile(rb'\s(?:ht|customHeight)="[^"]*"')
TALLEST = 409.5
"""Excel's limit for a row, in points."""
MARGIN = 1.5
"""Characters of a column's width that text cannot use."""
USUAL_WIDTH, USUAL_HEIGHT = 9.0, 15.0


@lru_cache(maxsize=1 << 14)
def text_lines(text: str, width: float) -> int:
    """Lines that a text takes in a column of `width` characters; a Chinese one counts as two."""
    room = max(1.0, width - MARGIN)
    if 2 * len(text) <= room and "\n" not in text:
        return 1
    lines = 0
    for paragraph in text.split("\n"):
        long = sum(2 if east_asian_width(ch) in "WFA" else 1 for ch in paragraph)
        lines += max(1, math.ceil(long / room))
    return lines


class RowHeights:
    """Heights of the rows of one sheet. `head`: the sheet's XML up to its rows; `wrapping`: the cell
    formats that wrap text. A sheet whose tags have a prefix is left alone: none of ours has."""

    def __init__(self, head: bytes, wrapping: Collection[int], strings: SharedStrings) -> None:
        self._widths = _widths(head)
        self._default = _number(b"defaultRowHeight", head) or USUAL_HEIGHT
        self._strings = strings
        self.wrapping = wrapping
        styles = b"|".join(b"%d" % style for style in sorted(wrapping)) or b"none"
        self._wrapped = re.compile(
            rb'<c r="([A-Z]+)[0-9]+" s="(?:' + styles + rb')" t="(s|str)">(?:<f[^<>]*>[^<]*</f>)?<v[^<>]*>([^<]*)</v>'
        )

    def fitted(self, row: bytes) -> bytes:
        """A row element with the height that its wrapped texts need. One whose height somebody set
        (customHeight) stays."""
        end = row.find(b">")
        attributes = row[:end]
        if not row.startswith(b"<row") or b"customHeight" in attributes:
            return row
        lines = 1
        for letters, kind, value in self._wrapped.findall(row, end):
            text = self._strings.text(value) if kind == b"s" else decode_text(value)
            width = self._widths.get(_column(letters), USUAL_WIDTH)
            lines = max(lines, text_lines(text or "", width))
        if lines == 1 and b" ht=" not in attributes:
            return row
        closed = b"/" if attributes.endswith(b"/") else b""
        return self.look(attributes.removesuffix(b"/"), lines) + closed + row[end:]

    def look(self, attributes: bytes, lines: int) -> bytes:
        """A row's attributes with the height that so many lines need."""
        if b"customHeight" in attributes:
            return attributes
        bare = _HEIGHT.sub(b"", attributes)
        return bare + b' ht="%s"' % f"{min(TALLEST, lines * self._default):g}".encode() if lines > 1 else bare

    def lines(self, column: int, values: Sequence[object]) -> list[int]:
        """The lines that cells of one column (from 0) take, if it wraps text."""
        width = self._widths.get(column + 1, USUAL_WIDTH)
        return [text_lines(value, width) if type(value) is str else 1 for value in values]


def fit_heights(xml: bytes, wrapping: Collection[int], strings: SharedStrings) -> bytes:
    """A sheet with the height of all its rows set to what their wrapped texts need."""
    heights = RowHeights(xml[: xml.find(b"<sheetData")], wrapping, strings)
    return _ROW.sub(lambda m: heights.fitted(m[0]), xml)


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode()) + 1


def _number(name: bytes, tag: bytes) -> float | None:
    found = _NUMBER[name].search(tag)
    return float(found[1]) if found else None


def _widths(head: bytes) -> dict[int, float]:
    """Width of each column (from 1) that has one, in characters."""
    widths: dict[int, float] = {}
    for tag in _COLUMN.findall(head):
        first, last, width = (_number(k, tag) for k in (b"min", b"max", b"width"))
        if first and last and width:
            widths.update((c, width) for c in range(int(first), min(int(last), 400) + 1))
    return widths
