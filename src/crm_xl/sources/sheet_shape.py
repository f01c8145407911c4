"""What a sheet's XML says about its shape and its cells do not: merged ranges and hidden rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crm_xl.cells import column_number

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*?\shidden="(?:1|true)")[^>]*?\br="(\d{1,7})"')
_MOST = 100_000
"""Merged ranges that are kept."""
_TAIL = 4096


@dataclass(frozen=True, slots=True)
class SheetShape:
    """`merged`: (first row, first column, last row, last column); `hidden`: rows; all 0-based."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()

    def moved(self, left: int) -> SheetShape:
        """The same shape, with columns counted from another one."""
        return SheetShape(tuple((a, b - left, c, d - left) for a, b, c, d in self.merged), self.hidden)


def sheet_shape(pieces: Iterable[bytes]) -> SheetShape:
    """The shape of a sheet by its XML; nothing is known without."""
    merged: dict[tuple[int, int, int, int], None] = {}
    hidden: set[int] = set()
    tail = b""
    for piece in pieces:
        block = tail + piece
        if b"mergeCell" in block:
            for a, top, b, bottom in _MERGED.findall(block):
                place = (int(top) - 1, column_number(a.decode()), int(bottom) - 1, column_number(b.decode()))
                if len(merged) < _MOST:
                    merged[place] = None
        if b"hidden=" in block:
            hidden.update(int(row) - 1 for row in _HIDDEN.findall(block))
        tail = block[-_TAIL:]
    return SheetShape(tuple(merged), frozenset(hidden))
