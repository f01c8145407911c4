"""What calamine leaves out of a sheet, and how far its cells reach: both are known before it gets the sheet.

calamine gives '' for an error cell and for a formula without a stored value, and it lays out the whole
rectangle around the cells, whatever its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from crm_xl.cells import column_number
from crm_xl.errors import CrmXlError

from .sheet_stream import SheetStream
from .zip_parts import check_prolog

KNOWN_ERRORS = frozenset({b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
"""The errors that calamine knows."""


class Marks(NamedTuple):
    """The error cells (row, column, text) and the uncalculated formulas (row, column) of a sheet, 0-based;
    whether it may hold formulas; the farthest row and column that calamine would lay out, -1: none; whether
    every cell says where it stands and they surely come in order."""

    errors: list[tuple[int, int, str]]
    uncalculated: list[tuple[int, int]]
    formulas: bool
    row: int
    column: int
    in_order: bool = False

    @property
    def area(self) -> int:
        """Cells in the rectangle from A1."""
        return (self.row + 1) * (self.column + 1)


# ---------------------------------------------------------------- the usual spelling

_REFERENCE = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')


_AT_ONCE = 6 << 20
"""Bytes that numpy gets at once: it lets go of Python's lock many times, and has to wait for it each time."""


def quick_marks(pieces: Iterable[bytes], name: str) -> Marks | None:
    """The marks of a sheet whose cells all begin with `<c r="A1"`; None if that is not so. Empty cells count
    as far ones, too.

    Works on the bytes with plain searches and looks closer only where one hits: parsing 2.5 million
    cells would cost more than calamine takes to read them. Errors: file_not_workbook, has_doctype.
    """
    from .cell_reach import Reach  # while numpy is imported, sheets can be inflated already

    stream = SheetStream(pieces, name)
    tags, reach = Tags(stream), Reach(stream.prefix)
    errors: list[tuple[int, int, str]] = []
    uncalculated: list[tuple[int, int]] = []
    formulas = False
    held: list[bytes] = []
    for _, block in stream.blocks():
        held.append(block)
        if sum(map(len, held)) > _AT_ONCE:
            if not reach.take(held):
                return None
            held = []
        if b"e" in block:  # a byte is found at once, and most sheets lack these two
            errors += tags.errors(block)
        if b"f" in block and b"<" + stream.prefix + b"f" in block:
            formulas = True
            uncalculated += tags.uncalculated(block)
    if not reach.take(held):
        return None
    return Marks(errors, uncalculated, formulas, reach.row, reach.column, reach.in_order)


class Tags:
    """Searches for cells in blocks of rows, all of them linear in the size of the block."""

    def __init__(self, stream: SheetStream) -> None:
        self._broken = stream.broken
        p = re.escape(stream.prefix)
        self._opening = b"<" + stream.prefix + b"c"
        self._closing = b"</" + stream.prefix + b"c>"
        self._value = re.compile(rb"<" + p + rb"v(?:\s[^<>]*)?>([^<]*)<")
        self._formula = re.compile(
            rb"<" + p + rb"f(?:\s[^<>]*?)?(?:/>|>[^<]*</" + p + rb"f>)\s*+"
            rb"(?!<" + p + rb"v(?:\s[^<>]*)?>[^<])(<" + p + rb"v)?"
        )
        self._cell = re.compile(rb"<" + p + rb"c(?=[\s>/])[^<>]*>")

    def errors(self, block: bytes) -> Iterator[tuple[int, int, str]]:
        """(row, column, error) of error cells."""
        for start, value in self.error_values(block):
            yield *self._address(block, start), block[slice(*value)].decode("ascii", "replace").strip()

    def error_values(self, block: bytes) -> Iterator[tuple[int, tuple[int, int]]]:
        """(start, place of the text of <v>) of error cells; an empty place where there is none."""
        close = -1
        for start, end in self._error_tags(block):
            if start < close:
                raise self._broken("a cell in a cell")
            if block[end - 2 : end] == b"/>":
                yield start, (end, end)
                continue
            close = block.find(self._closing, end)
            if close < 0:
                raise self._broken("a cell that does not end")
            value = self._value.search(block, end, close + 1)
            yield start, value.span(1) if value else (end, end)

    def _error_tags(self, block: bytes) -> list[tuple[int, int]]:
        """(start, end) of the opening tags of error cells."""
        tags = []
        for mark in (b't="e"', b"t='e'"):
            before, at = 0, block.find(mark)
            while at >= 0:
                start = block.rfind(b"<", before, at)
                tag = self._cell.match(block, start) if start >= 0 else None
                if tag and block[at - 1 : at].isspace():
                    tags.append(tag.span())
                before, at = at, block.find(mark, at + 1)
        return sorted(tags)

    def uncalculated(self, block: bytes) -> Iterator[tuple[int, int]]:
        """(row, column) of cells with a formula and no value.

        An empty <v/> of a text cell is a value: the formula gave "".
        """
        before = 0
        for formula in self._formula.finditer(block):
            start = block.rfind(self._opening, before, formula.start())
            before = formula.start()
            if start < 0:
                continue
            tag = self._cell.match(block, start)
            if tag is None:
                raise self._broken("a cell that does not end")
            if not (formula[1] and (b't="str"' in tag[0] or b"t='str'" in tag[0])):
                yield self._address(block, start)

    def _address(self, block: bytes, start: int) -> tuple[int, int]:
        """The 0-based (row, column) of the cell whose opening tag begins there."""
        reference = _REFERENCE.match(block, start + len(self._opening))
        if reference is None:
            raise self._broken("a cell without a place")
        return int(reference[2]) - 1, column_number(reference[1].decode("ascii"))


def with_known_errors(pieces: Iterable[bytes]) -> bytes:
    """A sheet's XML with every error that calamine does not know made #N/A. Errors: those of `quick_marks`."""
    stream = SheetStream(pieces, "")
    tags = Tags(stream)
    made = [stream.head]
    for _, block in stream.blocks():
        done = 0
        for _, (start, end) in tags.error_values(block):
            if start < end and block[start:end] not in KNOWN_ERRORS:
                made += [block[done:start], b"#N/A"]
                done = end
        made.append(block[done:])
    return b"".join([*made, stream.tail])


# ---------------------------------------------------------------- any spelling

_ANY_REFERENCE = re.compile(r"([A-Za-z]{1,8})([0-9]{1,10})")
_HOLD_SOMETHING = frozenset({"v", "f", "is"})


def parsed_marks(pieces: Iterable[bytes], name: str) -> Marks:
    """The marks of any sheet, from an XML parser: exact and slow. Cells are placed as calamine places them.

    Errors: file_not_workbook, has_doctype.
    """
    reader = _MarksParser(name)
    try:
        for i, piece in enumerate(pieces):
            if i == 0:
                check_prolog(piece, name, name)
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise CrmXlError("file_not_workbook", path=name, why=error) from error
    return Marks(reader.errors, reader.uncalculated, reader.formulas, reader.row, reader.column)


class _MarksParser:
    """Collects the marks while a sheet is parsed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.errors: list[tuple[int, int, str]] = []
        self.uncalculated: list[tuple[int, int]] = []
        self.formulas = False
        self.row = self.column = -1
        self._next = 0, 0
        """Where a cell stands that does not say it."""
        self._cell: tuple[int, int] | None = None
        self._kind = ""
        self._formula = self._value = False
        self._text: list[str] = []
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise CrmXlError("has_doctype", path=self._name, part=self._name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell = self._place(attributes["r"]) if "r" in attributes else self._next
            self._next = self._next[0], self._cell[1] + 1
            self._kind = attributes.get("t", "")
            self._formula = self._value = False
            self._text = []
            if self._kind == "e":
                self._hold()
        elif tag == "row":
            if "r" in attributes:
                self._next = self._number(attributes["r"]), self._next[1]
        elif self._cell and tag in _HOLD_SOMETHING:
            self._hold()
            if tag == "v":
                self._value = True
                self.parser.CharacterDataHandler = self._text.append
            elif tag == "f":
                self._formula = self.formulas = True

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "row":
            self._next = self._next[0] + 1, 0
        elif tag == "c" and self._cell:
            text = "".join(self._text)
            if self._kind == "e":
                self.errors.append((*self._cell, text.strip()))
            if self._formula and not text and not (self._kind == "str" and self._value):
                self.uncalculated.append(self._cell)
            self._cell = None

    def _hold(self) -> None:
        assert self._cell is not None
        self.row, self.column = max(self.row, self._cell[0]), max(self.column, self._cell[1])

    def _place(self, reference: str) -> tuple[int, int]:
        found = _ANY_REFERENCE.fullmatch(reference)
        if not found:
            raise CrmXlError("file_not_workbook", path=self._name, why=f"a cell named {reference[:20]}")
        return self._number(found[2]), column_number(found[1])

    def _number(self, row: str) -> int:
        if not (row.isascii() and row.isdigit() and len(row) <= 10):
            raise CrmXlError("file_not_workbook", path=self._name, why=f"a row with the number {row[:20]}")
        return int(row) - 1
