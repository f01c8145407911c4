"""How far the tables of an .ods reach: it says "repeated a million times" in a few bytes, and calamine lays
every repetition out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from crm_xl.errors import CrmXlError

_CELLS = frozenset({"table-cell", "covered-table-cell"})
_CONTENT = frozenset({"value-type", "value", "formula"})


class Extent(NamedTuple):
    """A table, and how many rows and columns it has up to the last one that holds something."""

    table: str
    rows: int
    columns: int


def extents(pieces: Iterable[bytes], path: str | Path) -> Iterator[Extent]:
    """The tables of a content.xml. Errors: file_not_workbook, has_doctype."""
    reader = _Reader(path)
    try:
        for piece in pieces:
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise CrmXlError("file_not_workbook", path=path, why=error) from error
    return iter(reader.found)


class _Reader:
    """Counts rows and columns while the content is parsed."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self.found: list[Extent] = []
        self._table = ""
        self._rows = self._columns = self._last_row = self._last_column = 0
        self._in_cell = False
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise CrmXlError("has_doctype", path=self._path, part="content.xml")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "table":
            self._table = next((v for k, v in attributes.items() if k.endswith(":name")), "")
            self._rows = self._last_row = self._last_column = 0
        elif tag == "table-row":
            self._rows += self._repeated("rows", attributes)
            self._columns = 0
        elif tag in _CELLS:
            self._columns += self._repeated("columns", attributes)
            self._in_cell = True
            if any(name.rpartition(":")[2] in _CONTENT for name in attributes):
                self._hold()
        elif self._in_cell:
            self._hold()

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in _CELLS:
            self._in_cell = False
        elif tag == "table":
            self.found.append(Extent(self._table, self._last_row, self._last_column))

    def _hold(self) -> None:
        self._last_row, self._last_column = self._rows, max(self._last_column, self._columns)

    def _repeated(self, what: str, attributes: dict[str, str]) -> int:
        times = next((v for k, v in attributes.items() if k.endswith(f"number-{what}-repeated")), "1")
        if not (times.isascii() and times.isdigit() and len(times) <= 10):
            raise CrmXlError("file_not_workbook", path=self._path, why=f"content.xml: {times[:20]} {what}")
        return int(times)
