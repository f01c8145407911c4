"""How far the cells of a sheet reach: its bytes as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
Whole = npt.NDArray[np.int64]

_PAD = 16
_QUOTES, _ONES, _HIGHS = (np.uint64(int.from_bytes(bytes([byte]) * 8, "big")) for byte in (0x22, 0x01, 0x80))


_BEHIND_NAME = np.isin(np.arange(256), list(b"> /"))
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

    def take(self, blocks: Sequence[bytes]) -> bool:
        """Whether all cells of blocks that follow one another are spelled in the usual way; only then they have been
        taken in."""
        block = b"".join([*blocks, bytes(_PAD)])
        text = np.frombuffer(block, np.uint8)
        at = _places(text, self._opening)
        # cells with another prefix
        if len(_places(text, b":c")) != len(at) if self._prefixed else b":c" in block:
            return False
        if not len(at):
            return True
        if not _ENDS[text[at - 2]].all():  # a cell in the value of another one
            return False
        places = _named(text, at + len(self._opening))
        if places is None:
            return False
        column, digits = places
        other_row = digits[1:] != digits[:-1]
        self.in_order = self.in_order and bool((other_row | (column[1:] > column[:-1])).all())
        try:
            rows = _numbers(digits[np.append(0, np.flatnonzero(other_row) + 1)])
        except ValueError:
            return False
        self.row = max(self.row, int(rows.max()) - 1)
        self.column = max(self.column, int(column.max()) - 1)
        return True


def formula_places(block: bytes) -> tuple[Whole, Whole] | None:
    """Rows and columns (n,), 0-based, of the cells of a block of rows that hold a formula; None if one is spelled in
    another way than the usual one, without a prefix."""
    text = np.frombuffer(block + bytes(_PAD), np.uint8)
    formulas = _places(text, b"<f")
    if not _BEHIND_NAME[text[formulas + 2]].all() or (text[formulas - 1] != ord(">")).any():
        return None
    tags = _places(text, b"<")
    cells = tags[np.searchsorted(tags, formulas) - 1]  # the tag in front of a formula is that of its cell
    named = _named(text, cells + 2)
    if named is None or (text[cells + 1] != ord("c")).any():
        return None
    try:
        return _numbers(named[1]) - 1, named[0] - 1
    except ValueError:
        return None


def _named(text: Bytes, at: Whole) -> tuple[Whole, npt.NDArray[np.uint64]] | None:
    """Columns (n,), from 1, and digits of the rows as words of eight bytes, of references that stand in ` r="A1"`;
    None if one does not."""
    if (_words(text, "<u4")[at] != int.from_bytes(b' r="', "little")).any():
        return None
    at = at + 4
    one, two, three = (text[at + offset] - np.uint8(ord("A")) < 26 for offset in range(3))  # below A is far above
    if not one.all():
        return None
    three &= two
    column = text[at].astype(np.int64) - 64
    for more, offset in ((two, 1), (three, 2)):
        if more.any():
            column = np.where(more, column * 26 + text[at + offset] - 64, column)
    digits = _words(text, "<u8")[at + 1 + two + three]
    # the lowest bit that is set stands in the byte of the first quote
    quotes = digits ^ _QUOTES
    quotes = (quotes - _ONES) & ~quotes & _HIGHS
    if not quotes.all():
        return None
    return column, digits & (((quotes & (~quotes + np.uint64(1))) >> np.uint64(7)) - np.uint64(1))


def _numbers(digits: npt.NDArray[np.uint64]) -> Whole:
    """Digits in words of eight bytes as numbers. Error: ValueError."""
    return digits.astype("<u8").view("S8").astype(np.int64)


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
