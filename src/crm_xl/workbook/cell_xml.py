"""Cells of a worksheet part: where one stands, what it holds, how it looks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from crm_xl.cells import CellError, cell_name, column_number, small_number
from crm_xl.sheet_stream import Row, SheetStream

from .values import SharedStrings, Value, decode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
# what nothing closes goes to the end, once: to try it again from every tag would take forever
_CELL = re.compile(rb"<(" + _P + rb")c\b([^<>]*?)(?:/>|>(.*?)(?:(</)\1c\s*>|\Z))", re.DOTALL)
_FORMULA = re.compile(rb"<(" + _P + rb")f\b([^<>]*?)(?:/>|>([^<]*)</\1f\s*>)")
_VALUE = re.compile(rb"<(" + _P + rb")v\b[^<>]*?(?:/>|>([^<]*)</\1v\s*>)")
_INLINE = re.compile(rb"<(" + _P + rb")t\b[^<>]*?(?:/>|>([^<]*)</\1t\s*>)")
_PHONETIC = re.compile(rb"<(" + _P + rb")rPh\b.*?(?:</\1rPh\s*>|\Z)", re.DOTALL)
_ATTRIBUTES = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
TRUE = (b"1", b"true")
_CELL_COLUMN = re.compile(rb"\sr\s*=\s*[\"']\$?([A-Za-z]+)")
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]+)$")

Area = tuple[int, int, int, int]
"""0-based first row, first column, last row, last column."""


class OldCell(NamedTuple):
    """An existing cell, as far as a comparison needs it."""

    attributes: dict[bytes, bytes]
    value: Value
    formula: str | None
    formula_attributes: dict[bytes, bytes]


def attributes_of(text: bytes) -> dict[bytes, bytes]:
    return {m[1]: m[2] if m[2] is not None else m[3] for m in _ATTRIBUTES.finditer(text)}


def address(reference: str) -> tuple[int, int]:
    """0-based (row, column) of an A1 reference."""
    found = _ADDRESS.match(reference)
    if not found:
        raise ValueError(reference)
    return int(found[2]) - 1, column_number(found[1])


def area(reference: str) -> Area:
    """The cells of an A1 range."""
    first, _, last = reference.partition(":")
    return *address(first), *address(last or first)


def area_name(r1: int, c1: int, r2: int, c2: int) -> str:
    first, last = cell_name(r1, c1), cell_name(r2, c2)
    return first if first == last else f"{first}:{last}"


class CellReader:
    """The cells of row elements as values."""

    def __init__(self, stream: SheetStream, strings: SharedStrings) -> None:
        self._stream = stream
        self._strings = strings

    def cells(self, row: Row) -> dict[int, OldCell]:
        """The cells of one row by column."""
        return {c: self.old(a, b) for c, a, b, _ in self.split(row.body or b"")}

    def split(self, body: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
        """(column, attributes, content, whole) of each cell."""
        column, end = -1, 0
        for m in _CELL.finditer(body):
            if (m[3] is not None and not m[4]) or body[end : m.start()].strip():
                raise self._stream.broken("a cell that does not end")
            end = m.end()
            r = _CELL_COLUMN.search(m[2])
            before, column = column, column_of(r[1]) if r else column + 1
            if column <= before:
                raise self._stream.broken("cells out of order")
            yield column, m[2], m[3] or b"", m[0]
        if body[end:].strip():
            raise self._stream.broken("something other than cells in a row")

    def old(self, attributes: bytes, body: bytes) -> OldCell:
        a = attributes_of(attributes)
        f = _FORMULA.search(body)
        v = _VALUE.search(body)
        kind = a.get(b"t", b"n")
        value: Value = None
        if kind == b"inlineStr":
            value = "".join(decode_text(t[2] or b"") for t in _INLINE.finditer(_PHONETIC.sub(b"", body)))
        elif v is not None:
            value = self.stored(kind, v[2] or b"")
        formula = decode_text(f[3] or b"") if f else None
        return OldCell(a, value, formula, attributes_of(f[2]) if f else {})

    def stored(self, kind: bytes, raw: bytes) -> Value:
        """The content of <v> in a cell of a type."""
        if kind == b"s":
            return self._strings.text(raw)
        if kind == b"str":
            return decode_text(raw)
        if kind == b"b":
            return raw.strip() in TRUE
        if kind == b"e":
            return CellError(raw.decode())
        try:
            return float(raw) if raw.strip() else None
        except ValueError:
            return float("nan")  # no number that we know: equal to nothing


def read_cells(
    pieces: Iterable[bytes], name: str, strings: SharedStrings, rows: Collection[int] | None = None
) -> Iterator[tuple[int, dict[int, OldCell]]]:
    """(row, its cells by column) of a worksheet part; `rows`: only these."""
    stream = SheetStream(pieces, name)
    reader = CellReader(stream, strings)
    for row in stream.every_row():
        if rows is None or row.number in rows:
            yield row.number, reader.cells(row)


def row_styles(pieces: Iterable[bytes], name: str, rows: Collection[int]) -> dict[int, dict[int, int]]:
    """Row -> column -> style index of its cells, for some rows of a worksheet part."""
    found: dict[int, dict[int, int]] = {row: {} for row in rows}
    for row, cells in read_cells(pieces, name, SharedStrings(None), rows):
        found[row] = {c: style_of(old.attributes) for c, old in cells.items()}
    return found


def style_of(attributes: Mapping[bytes, bytes]) -> int:
    return small_number(attributes.get(b"s", b"0")) or 0


def same_plain(old: Value, new: Value) -> bool:
    """Whether two values of a cell without a formula are the same; empty and "" are."""
    old, new = None if old == "" else old, None if new == "" else new
    return type_of(old) == type_of(new) and old == new


def type_of(value: Value) -> str:
    """The kind of a cell value, numbers being one kind."""
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "none" if value is None else "text"


@lru_cache(maxsize=1024)
def column_of(letters: bytes) -> int:
    """0-based number of a column."""
    return column_number(letters.decode())
