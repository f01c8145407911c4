"""Cell values of a closed workbook: calamine's fast reading, with what it leaves out put back.

calamine gives '' for an error cell and for a formula without a stored value. Both are found here in the
sheet's own XML and laid over its answer. Sources and the workbook room both read through this module.
"""

from __future__ import annotations

import copy
import datetime as dt
import gc
import io
import posixpath
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    WorksheetNotFound,
)

from crm_xl.cells import CellError, cell_name, column_number
from crm_xl.errors import CrmXlError

from .ods_extent import extents
from .sheet_marks import Marks, parsed_marks, quick_marks, with_known_errors
from .sheet_stream import SheetStream
from .xls_extent import sound_xls
from .zip_parts import OLE_MAGIC, ZIP_MAGIC, ZipParts, open_parts, refuse_encrypted

_BOOK, _CONTENT = "xl/workbook.xml", "content.xml"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"

_MAX_AREA = 40_000_000
"""Cells in a sheet's rectangle. calamine lays all of them out, and a stray cell at XFD1048576 would make
it ask for half a terabyte and take the process down."""
_MAX_AREAS = 2 * _MAX_AREA
"""The same for all sheets that are read of a book: a thousand small parts may each say that they are so large."""


_KEPT, _ALL_KEPT = 16 << 20, 64 << 20
"""Bytes of one part, and of all, that are kept for others."""


@dataclass(slots=True)
class SheetValues:
    """A sheet from A1. `columns[c][r]`: None (empty, or a formula giving ""), float, int, bool, str, datetime
    (never a bare date), CellError; a time or duration is a number of days. Columns are of one length.

    `uncalculated`: 0-based (row, column) of the formulas that have no stored value; `formulas`: whether
    there may be any formula; `in_order`: whether the cells of each row surely come in order, each with its place.
    """

    columns: list[list[object]]
    formulas: bool = True
    in_order: bool = False
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    _rows: list[list[object]] | None = None

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def rows(self) -> list[list[object]]:
        """The cells row by row, made when they are first asked for; to be read only."""
        if self._rows is None:
            self._rows = list(map(list, zip(*self.columns, strict=True)))
        return self._rows


class TablePlace(NamedTuple):
    """Where an Excel table stands, 0-based; `last_row` and `last_column` belong to it."""

    sheet: str
    header_row: int
    first_column: int
    last_row: int
    last_column: int


@contextmanager
def gc_paused() -> Iterator[None]:
    """No garbage collection meanwhile: a million new rows would be walked again and again for nothing,
    which takes five times as long as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def file_bytes(path: str | Path) -> bytes:
    """The content of a file. Errors: file_missing, file_is_folder, file_empty, file_unreadable."""
    path = Path(path)
    if path.is_dir():
        raise CrmXlError("file_is_folder", path=path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise CrmXlError("file_missing", path=path) from None
    except OSError as error:
        raise CrmXlError("file_unreadable", path=path, why=error.strerror or error) from error
    if not data:
        raise CrmXlError("file_empty", path=path)
    return data


@contextmanager
def _panics(path: str | Path) -> Iterator[None]:
    """A panic in calamine, which is no Exception and cannot be imported, as a broken file."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise CrmXlError("file_not_workbook", path=path, why=error) from None


class ValueBook:
    """An open workbook: .xlsx, .xlsm, .xls or .ods, told apart by content.

    Errors: those of `file_bytes`, encrypted, file_not_workbook.
    """

    def __init__(
        self, source: str | Path | bytes, *, tables: bool = False, name: str | Path = "", keep: bool = False
    ) -> None:
        """`tables`: also learn where Excel tables stand. `name`: what messages call a source of bytes. `keep`: keep
        what sheets' parts are made of, if they are not large, for `lend`."""
        self._keep = keep
        self._data = source if isinstance(source, bytes) else file_bytes(source)
        self._path = name if isinstance(source, bytes) else source
        if self._data.startswith(OLE_MAGIC):
            refuse_encrypted(self._data, self._path)
            self._data = sound_xls(self._data, self._path, _MAX_AREA)
        elif not self._data.startswith(ZIP_MAGIC):
            raise CrmXlError("file_not_workbook", path=self._path, why="not a zip file")
        self._parts = _Parts.of(self._data, self._path)
        self._areas: dict[str, int] = {}
        self._book = self._open(self._parts.usual() if self._parts else self._data)
        self._tables = self._parts.tables() if self._parts and tables else {}
        kinds = (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
        self.sheet_names = list(dict.fromkeys(s.name for s in self._book.sheets_metadata if s.typ in kinds))
        self.date1904 = self._parts.date1904 if self._parts else False

    def _open(self, data: bytes) -> CalamineWorkbook:
        try:
            with _panics(self._path):
                return CalamineWorkbook.from_filelike(io.BytesIO(data))
        except PasswordError:
            raise CrmXlError("encrypted", path=self._path) from None
        except (CalamineError, OSError, ValueError) as error:
            raise CrmXlError("file_not_workbook", path=self._path, why=error) from error

    @property
    def tables(self) -> Collection[TablePlace]:
        """Where all Excel tables that show headers stand."""
        return self._tables.values()

    def table(self, name: str) -> TablePlace | None:
        """Where the Excel table of that name stands; None if there is none, or it shows no headers."""
        return self._tables.get(name.casefold())

    def sheet(self, name: str) -> SheetValues:
        """The values of one sheet. Errors: sheet_missing, sheet_too_far, file_not_workbook."""
        return self.marked_sheet(name, self.marks(name))

    def marked_sheet(self, name: str, marks: Marks | None) -> SheetValues:
        """The values of a sheet whose `marks` are known. Errors: sheet_missing, file_not_workbook."""
        try:
            columns = self._columns(name)
        except CalamineError as error:
            if not marks or "cell error" not in str(error):
                raise CrmXlError("file_not_workbook", path=self._path, why=error) from error
            columns = self._columns_with_known_errors(name)
        values = SheetValues(columns)
        if marks:
            _lay_over(values, marks)
        return values

    def xml(self, name: str) -> Iterable[bytes]:
        """The part of a sheet in pieces; none where it has no part of its own (.xls, .ods)."""
        return self._parts.sheet(name) if self._parts and self._parts.has_sheet(name) else ()

    def again(self) -> ValueBook:
        """The same book for another thread. Errors: encrypted, file_not_workbook."""
        other = copy.copy(self)
        other._keep, other._areas = False, {}
        other._book = other._open(self._parts.usual() if self._parts else self._data)
        return other

    def lend(self, parts: ZipParts) -> None:
        """Give what is kept, now and later, to others who read this file."""
        if self._parts:
            parts.share(self._parts.package)

    def marks(self, name: str) -> Marks | None:
        """What calamine would leave out of a sheet; it is read to its end before calamine gets it.

        None for a sheet that has no part of its own. Errors: sheet_too_far, file_not_workbook, has_doctype.
        """
        if self._parts is None or not self._parts.has_sheet(name):
            return None
        try:
            if self._keep:
                self._parts.keep_small(name)
            marks = quick_marks(self._parts.sheet(name), name)
        except CrmXlError as error:
            if error.key != "file_not_workbook":
                raise
            marks = None
        if marks is None or marks.area > _MAX_AREA:  # oddly spelled, or large because of empty cells
            marks = parsed_marks(self._parts.sheet(name), name)
        self._areas[name] = marks.area
        if marks.area > _MAX_AREA or sum(self._areas.values()) > _MAX_AREAS:
            raise CrmXlError("sheet_too_far", sheet=name, cell=cell_name(marks.row, marks.column))
        return marks

    def _columns(self, name: str, book: CalamineWorkbook | None = None) -> list[list[object]]:
        try:
            with _panics(self._path):
                sheet = (book or self._book).get_sheet_by_name(name)
        except WorksheetNotFound:
            known = tuple(self.sheet_names)
            raise CrmXlError("sheet_missing", path=self._path, sheet=name, known=known) from None
        with gc_paused():
            return _plain_columns(sheet.iter_rows(), sheet.start[1] if sheet.start else 0)

    def _columns_with_known_errors(self, name: str) -> list[list[object]]:
        """calamine gives up on a sheet with an error newer than #N/A: read it with #N/A instead."""
        assert self._parts is not None
        data = self._parts.with_sheet_xml(name, with_known_errors(self._parts.sheet(name)))
        try:
            return self._columns(name, self._open(data))
        except CalamineError as error:
            raise CrmXlError("file_not_workbook", path=self._path, why=error) from error


_ROWS_AT_ONCE = 250
_TEXTS_AND_DAYS = frozenset({str, dt.date, dt.datetime})
_ENOUGH = 2_000
"""After so many cells it is known whether a column repeats itself."""


def _plain_columns(rows: Iterator[list[Any]], left: int) -> list[list[object]]:
    """calamine's rows as columns with the values that `SheetValues` promises, and `left` empty ones before them."""
    columns: list[_Column] = []
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        columns = columns or [_Column() for _ in chunk[0]]
        for column, cells in zip(columns, zip(*chunk, strict=True), strict=True):
            column.add(cells)
    if not columns:
        return []
    before: list[list[object]] = [[None] * len(columns[0].cells) for _ in range(left)]
    return before + [column.cells for column in columns]


class _Column:
    """Makes one object of equal texts and dates in a column, as long as it repeats a few."""

    def __init__(self) -> None:
        self.cells: list[object] = []
        self._kept: dict[object, object] = {"": None}
        self._seen = 0
        self._repeats = True

    def add(self, cells: Sequence[Any]) -> None:
        self.cells += self._plain(cells)

    def _plain(self, cells: Sequence[Any]) -> Iterable[object]:
        kinds = set(map(type, cells))
        if kinds <= {float, bool}:
            return cells
        if self._repeats:
            self._seen += len(cells)
            self._repeats = self._seen < _ENOUGH or len(self._kept) < self._seen / 2
        if not self._repeats:  # names, numbers of customers
            self._kept = {"": None}
            if kinds == {str}:
                return [cell or None for cell in cells] if "" in cells else cells
        kept = self._kept
        if kinds == {str}:
            return map(kept.setdefault, cells, cells)
        if kinds <= _TEXTS_AND_DAYS:  # none of them equals one of another type
            for cell in set(cells).difference(kept):
                kept[cell] = _plain(cell, {})
            return map(kept.__getitem__, cells)
        return [cell if type(cell) is float else _plain(cell, kept) for cell in cells]


def _plain(value: object, kept: dict[object, object]) -> object:
    """calamine's value -> one that `SheetValues` promises. `kept`: texts and dates that there are already."""
    kind = type(value)
    if kind is float or kind is bool:
        return value
    if kind is str or kind is dt.datetime:
        return kept.setdefault(value, value)
    if isinstance(value, dt.date):
        if value not in kept:
            kept[value] = dt.datetime(value.year, value.month, value.day)
        return kept[value]
    if isinstance(value, dt.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return seconds / 86_400
    if isinstance(value, dt.timedelta):
        return value.total_seconds() / 86_400
    return value


# ---------------------------------------------------------------- the package around a sheet


class _Parts:
    """The parts of an .xlsx that name its sheets and its date system."""

    def __init__(self, data: bytes, package: ZipParts, path: str | Path) -> None:
        """Raises ParseError for broken XML. Errors: those of `ZipParts.read_xml`."""
        self._data = data
        self._path = path
        self.package = package
        self._room = _ALL_KEPT
        self._names = frozenset(package.names())
        self._book = next(iter(_targets(package, "", "/officeDocument").values()), _BOOK)
        self._targets = _targets(package, self._book, "")
        self._sheets: dict[str, str] = {}
        self.date1904 = False
        for element in ElementTree.fromstring(package.read_xml(self._book)).iter():
            tag = _local(element.tag)
            if tag == "workbookPr":
                self.date1904 = element.get("date1904", "0").lower() in {"1", "true", "on"}
            elif tag == "sheet":
                ids = [value for key, value in element.attrib.items() if key.endswith("}id")]
                if ids and ids[0] in self._targets:
                    self._sheets[element.get("name", "")] = self._targets[ids[0]]
        _read_to_the_end(package, self._names.difference(self._sheets.values()))

    @classmethod
    def of(cls, data: bytes, path: str | Path) -> _Parts | None:
        """None for an .ods or .xls. Errors: those of `open_parts` and `extents`, sheet_too_far."""
        if not data.startswith(ZIP_MAGIC):
            return None
        package = open_parts(data, path)
        if _CONTENT in package.names():
            _check_content(package, path)
            if _BOOK not in package.names():
                return None
        try:
            return cls(data, package, path)
        except ElementTree.ParseError as error:
            raise CrmXlError("file_not_workbook", path=path, why=error) from error

    def usual(self, changed: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
        """The package with its parts where calamine looks for them: it knows only the usual names.

        `changed`: other content for some parts. Error: file_not_workbook.
        """
        moved = {self._book: _BOOK}
        for kind, name in (("/sharedStrings", _STRINGS), ("/styles", _STYLES)):
            found = _targets(self.package, self._book, kind).values()
            if not found and name in self._names:  # calamine would read it, and Excel would not
                raise CrmXlError("file_not_workbook", path=self._path, why=f"nothing leads to {name}")
            moved.update((part, name) for part in found)
        for i, part in enumerate(self._sheets.values()):
            if not part.lower().startswith("xl/"):
                moved[part] = f"xl/moved{i}.xml"
        if all(old.lower() == new.lower() for old, new in moved.items()):
            return self._repacked({}, changed) if changed else self._data
        moved[_rels(self._book)] = _rels(_BOOK)
        sheets = {key: part for key, part in self._targets.items() if part in self._sheets.values()}
        relations = {
            _rels(""): _relations("officeDocument", {"rId1": _BOOK}),
            _rels(self._book): _relations("worksheet", {key: moved.get(p, p) for key, p in sheets.items()}),
        }
        return self._repacked(moved, {**changed, **relations})

    def _repacked(self, moved: Mapping[str, str], changed: Mapping[str, bytes]) -> bytes:
        """A copy with some parts under other names and some with other content."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
            for name in self.package.names():
                data = changed[name] if name in changed else self.package.read(name)
                copy.writestr(moved.get(name, name), data)
        return out.getvalue()

    def tables(self) -> dict[str, TablePlace]:
        """The tables that show headers, by case-folded name. A broken one must not hide the cells."""
        found = {}
        for part, sheet in {part: sheet for sheet, part in reversed(self._sheets.items())}.items():
            with suppress(ElementTree.ParseError, ValueError):
                for target in _targets(self.package, part, "/table").values():
                    table = ElementTree.fromstring(self.package.read_xml(target)).attrib
                    place = _table_place(sheet, table)
                    if place:
                        found[(table.get("displayName") or table.get("name", "")).casefold()] = place
        return found

    def has_sheet(self, name: str) -> bool:
        """Whether a sheet has a part of its own."""
        return self._sheets.get(name) in self._names

    def sheet(self, name: str) -> Iterable[bytes]:
        """A sheet's part in pieces."""
        return self.package.stream(self._sheets[name])

    def keep_small(self, name: str) -> None:
        """Keep what a sheet's part is made of, unless it is large. Errors: those of `SheetStream`."""
        part = self._sheets[name]
        size = self.package.size(part)
        if size <= _KEPT and self._room >= size:
            self._room -= size
            # in one piece: each call of zlib lets go of Python's lock, and has to wait for it
            self.package.keep(part, SheetStream(self.package.stream(part, size), name).kept())

    def with_sheet_xml(self, name: str, xml: bytes) -> bytes:
        """The package with one sheet part replaced."""
        return self.usual({self._sheets[name]: xml})


def _read_to_the_end(package: ZipParts, names: Iterable[str]) -> None:
    """No part lies about its size: calamine inflates without regard to what the directory says."""
    for name in names:
        for _ in package.stream(name):
            pass


def _check_content(package: ZipParts, path: str | Path) -> None:
    """Whether an .ods may be given to calamine. Errors: those of `extents`, sheet_too_far."""
    total = 0
    for extent in extents(package.stream(_CONTENT), path):
        total += extent.rows * extent.columns  # calamine lays all of them out at once
        if total > _MAX_AREA:
            cell = cell_name(extent.rows - 1, extent.columns - 1)
            raise CrmXlError("sheet_too_far", sheet=extent.table, cell=cell)
    _read_to_the_end(package, package.names())


def _rels(part: str) -> str:
    """The name of the part with a part's relationships."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6}):([A-Z]{1,3})([1-9][0-9]{0,6})")


def _table_place(sheet: str, table: Mapping[str, str]) -> TablePlace | None:
    """Where the table with these attributes stands; None without headers. Raises ValueError."""
    cells = _RANGE.fullmatch(table.get("ref", ""))
    if cells is None or table.get("headerRowCount", "1") == "0":
        return None
    last = int(cells[4]) - 1 - int(table.get("totalsRowCount", "0"))
    return TablePlace(sheet, int(cells[2]) - 1, column_number(cells[1]), last, column_number(cells[3]))


def _relations(kind: str, targets: Mapping[str, str]) -> bytes:
    """A relationships part: relationship id -> part name, all of one kind."""
    from xml.sax.saxutils import quoteattr  # rarely wanted, and brings the whole network in

    items = "".join(
        f'<Relationship Id={quoteattr(key)} Type="{_OFFICE}/{kind}" Target={quoteattr("/" + part)}/>'
        for key, part in targets.items()
    )
    return f'<Relationships xmlns="{_RELATIONS}">{items}</Relationships>'.encode()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _targets(package: ZipParts, part: str, kind: str) -> dict[str, str]:
    """Relationship id -> part name, of a part's relationships whose type ends with `kind`."""
    folder = posixpath.dirname(part)
    names = {n.lower(): n for n in package.names()}  # part names ignore case, zip members do not
    rels = names.get(_rels(part).lower())
    root = ElementTree.fromstring(package.read_xml(rels)) if rels else ()
    found = {}
    for element in root:
        if element.get("Type", "").endswith(kind) and element.get("TargetMode") != "External":
            target = element.get("Target", "")
            full = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[element.get("Id", "")] = names.get(full.lower(), full)
    return found


# ---------------------------------------------------------------- what calamine leaves out


def _lay_over(values: SheetValues, marks: Marks) -> None:
    """Put the marks of a sheet into its values."""
    values.formulas, values.in_order = marks.formulas, marks.in_order
    places = [*((row, column) for row, column, _ in marks.errors), *marks.uncalculated]
    if not places:
        return
    height = max(values.height, *(row + 1 for row, _ in places))
    values.columns += [[] for _ in range(len(values.columns), 1 + max(column for _, column in places))]
    for cells in values.columns:
        cells.extend([None] * (height - len(cells)))
    for row, column, text in marks.errors:
        values.columns[column][row] = CellError(text or "#VALUE!")
    values.uncalculated.update(marks.uncalculated)
