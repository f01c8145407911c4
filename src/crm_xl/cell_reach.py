"""How far the cells of a sheet reach: its bytes as arrays."""

from __future__ import annotations

import numpy as np

_PAD = 16
_QUOTES, _ONES, _HIGHS = (np.uint64(int.from_bytes(bytes([byte]) * 8, "big")) for byte in (0x22, 0x01, 0x80))


_ENDS = np.isin(np.arange(256), list(b"""c/"'w \n\r\t"""))
"""What stands before the > in front of a cell: the end of the cell before, or of the row's tag."""


class Reach:
    """The farthest row and column of cells. Whole blocks are worked on at once, with numpy: a loop over
    2.5 million cells would take seconds."""

    def __init__(self, prefix: bytes) -> None:
        self._opening = b"<" + prefix + b"c"
        self._prefixed = bool(prefix)
        self.row = self.column = -1
        self.in_order = True

    def take(self, block: bytes) -> bool:
        """Whether all cells of the block are spelled in the usual way; only then they have been taken in."""
        text = np.frombuffer(block + bytes(_PAD), np.uint8)
        at = _places(text, self._opening)
        # cells with another prefix
        if len(_places(text, b":c")) != len(at) if self._prefixed else b":c" in block:
            return False
        if not len(at):
            return True
        if not _ENDS[text[at - 2]].all():  # a cell in the value of another one
            return False
        at += len(self._opening)
        if (_words(text, "<u4")[at] != int.from_bytes(b' r="', "little")).any():
            return False
        at += 4
        two = text[at + 1] >= 65
        three = two & (text[at + 2] >= 65)
        column = text[at].astype(np.int64) - 64
        for more, offset in ((two, 1), (three, 2)):
            if more.any():
                column = np.where(more, column * 26 + text[at + offset] - 64, column)
        digits = _words(text, "<u8")[at + 1 + two + three]
        # the lowest bit that is set stands in the byte of the first quote
        quotes = digits ^ _QUOTES
        quotes = (quotes - _ONES) & ~quotes & _HIGHS
        if not quotes.all():
            return False
        digits &= ((quotes & (~quotes + np.uint64(1))) >> np.uint64(7)) - np.uint64(1)
        other_row = digits[1:] != digits[:-1]
        self.in_order = self.in_order and bool((other_row | (column[1:] > column[:-1])).all())
        changes = np.flatnonzero(other_row) + 1
        try:
            rows = digits[np.append(0, changes)].astype("<u8").view("S8").astype(np.int64)
        except ValueError:
            return False
        self.row = max(self.row, int(rows.max()) - 1)
        self.column = max(self.column, int(column.max()) - 1)
        return True


def _places(
    text: np.ndarray[tuple[int], np.dtype[np.uint8]], wanted: bytes
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Where a few bytes stand in a padded text."""
    size = len(text) - _PAD
    hits = text[:size] == wanted[0]
    for i, byte in enumerate(wanted[1:], 1):
        hits &= text[i : size + i] == byte
    return np.flatnonzero(hits)


def _words(text: np.ndarray[tuple[int], np.dtype[np.uint8]], kind: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The word that begins at each byte of a padded text."""
    return np.ndarray((len(text) - 8,), kind, text.data, strides=(1,))
