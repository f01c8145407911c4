"""Cell values of a closed workbook: calamine's fast reading, with what it leaves out put back.

calamine gives '' for an error cell and for a formula without a stored value. Both are found here in the
sheet's own XML and laid over its answer. Sources and the workbook room both read through this module.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    TableNotFound,
    TablesNotSupported,
    WorksheetNotFound,
)

from crm_xl.cells import CellError, cell_name, column_number
from crm_xl.errors import CrmXlError

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_BOOK = "xl/workbook.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"

_MAX_AREA = 40_000_000
"""Cells in a sheet's rectangle. calamine lays all of them out, and a stray cell at XFD1048576 would make
it ask for half a terabyte and take the process down."""


@dataclass(slots=True)
class SheetValues:
    """A sheet from A1. `rows[r][c]`: None (empty, or a formula giving ""), float, int, bool, str, datetime
    (never a bare date), CellError; a time or duration is a number of days. Rows are of one length.

    `uncalculated`: 0-based (row, column) of the formulas that have no stored value.
    """

    rows: list[list[object]]
    uncalculated: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class TablePlace:
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


class ValueBook:
    """An open workbook: .xlsx, .xlsm, .xls or .ods, told apart by content.

    Errors: those of `file_bytes`, encrypted, file_not_workbook.
    """

    def __init__(self, source: str | Path | bytes, *, tables: bool = False, name: str | Path = "") -> None:
        """`tables`: also learn where Excel tables stand. `name`: what messages call a source of bytes."""
        self._data = source if isinstance(source, bytes) else file_bytes(source)
        self._path = name if isinstance(source, bytes) else source
        if self._data.startswith(OLE_MAGIC) and "EncryptedPackage".encode("utf-16-le") in self._data:
            raise CrmXlError("encrypted", path=self._path)
        if not self._data.startswith((ZIP_MAGIC, OLE_MAGIC)):
            raise CrmXlError("file_not_workbook", path=self._path, why="not a zip file")
        self._parts = _Parts.of(self._data)
        self._book = self._open(self._parts.usual() if self._parts else self._data, tables)
        kinds = (SheetTypeEnum.WorkSheet, SheetTypeEnum.MacroSheet)
        self.sheet_names = [s.name for s in self._book.sheets_metadata if s.typ in kinds]
        self.date1904 = self._parts.date1904 if self._parts else False

    def _open(self, data: bytes, tables: bool) -> CalamineWorkbook:
        try:
            return CalamineWorkbook.from_filelike(io.BytesIO(data), load_tables=tables)
        except TablesNotSupported:
            return self._open(data, False)
        except PasswordError:
            raise CrmXlError("encrypted", path=self._path) from None
        except (CalamineError, OSError, ValueError) as error:
            if tables:  # a broken table part must not hide the cells
                return self._open(data, False)
            raise CrmXlError("file_not_workbook", path=self._path, why=error) from error

    def table(self, name: str) -> TablePlace | None:
        """Where the Excel table of that name stands; None if there is none, or it shows no headers."""
        try:
            names = self._book.table_names or []
        except CalamineError:
            return None
        for known in names:
            if known.casefold() != name.casefold():
                continue
            try:
                table = self._book.get_table_by_name(known)
            except (TableNotFound, CalamineError):
                return None
            if table.start is None or table.end is None or not table.start[0]:
                return None
            (row, column), (last_row, last_column) = table.start, table.end
            return TablePlace(table.sheet, row - 1, column, last_row, last_column)
        return None

    def sheet(self, name: str) -> SheetValues:
        """The values of one sheet. Errors: sheet_missing, sheet_too_far, file_not_workbook."""
        xml = self._parts.sheet_xml(name) if self._parts else b""
        marks = _Marks(xml) if xml else None
        if marks:
            far = marks.too_far()
            if far:
                raise CrmXlError("sheet_too_far", sheet=name, cell=far)
        try:
            rows = self._rows(name)
        except CalamineError as error:
            if not marks or "cell error" not in str(error):
                raise CrmXlError("file_not_workbook", path=self._path, why=error) from error
            rows = self._rows_with_known_errors(name, marks)
        values = SheetValues(rows)
        if marks:
            marks.lay_over(values)
        return values

    def _rows(self, name: str, book: CalamineWorkbook | None = None) -> list[list[object]]:
        try:
            sheet = (book or self._book).get_sheet_by_name(name)
        except WorksheetNotFound:
            known = tuple(self.sheet_names)
            raise CrmXlError("sheet_missing", path=self._path, sheet=name, known=known) from None
        with gc_paused():
            return _plain(sheet.to_python(skip_empty_area=False))  # type: ignore[arg-type]

    def _rows_with_known_errors(self, name: str, marks: _Marks) -> list[list[object]]:
        """calamine gives up on a sheet with an error newer than #N/A: read it with #N/A instead."""
        assert self._parts is not None
        data = self._parts.with_sheet_xml(name, marks.with_known_errors())
        try:
            return self._rows(name, self._open(data, False))
        except CalamineError as error:
            raise CrmXlError("file_not_workbook", path=self._path, why=error) from error


_KEPT = frozenset({float, int, bool, dt.datetime})


def _plain(rows: list[list[object]]) -> list[list[object]]:
    """calamine's values -> those that `SheetValues` promises, in place."""
    for row in rows:
        for i, value in enumerate(row):
            kind = type(value)
            if kind is str:
                if not value:
                    row[i] = None
            elif kind in _KEPT:
                continue
            elif isinstance(value, dt.date):
                row[i] = dt.datetime(value.year, value.month, value.day)
            elif isinstance(value, dt.time):
                seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
                row[i] = seconds / 86_400
            elif isinstance(value, dt.timedelta):
                row[i] = value.total_seconds() / 86_400
    return rows


# ---------------------------------------------------------------- the package around a sheet


class _Parts:
    """The parts of an .xlsx that name its sheets and its date system."""

    def __init__(self, data: bytes, package: zipfile.ZipFile) -> None:
        """Raises KeyError, BadZipFile or ParseError for what is no .xlsx."""
        self._data = data
        self._package = package
        self._book = next(iter(_targets(package, "", "/officeDocument").values()), _BOOK)
        self._targets = _targets(package, self._book, "")
        self._sheets: dict[str, str] = {}
        self.date1904 = False
        for element in ElementTree.fromstring(package.read(self._book)).iter():
            tag = _local(element.tag)
            if tag == "workbookPr":
                self.date1904 = element.get("date1904", "0").lower() in {"1", "true", "on"}
            elif tag == "sheet":
                ids = [value for key, value in element.attrib.items() if key.endswith("}id")]
                if ids and ids[0] in self._targets:
                    self._sheets[element.get("name", "")] = self._targets[ids[0]]

    @classmethod
    def of(cls, data: bytes) -> _Parts | None:
        """None for a package that is no .xlsx, or that only calamine can make sense of."""
        if not data.startswith(ZIP_MAGIC):
            return None
        try:
            return cls(data, zipfile.ZipFile(io.BytesIO(data)))
        except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError):
            return None

    def usual(self, changed: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
        """The package with its parts where calamine looks for them: it knows only the usual names.

        `changed`: other content for some parts.
        """
        moved = {self._book: _BOOK}
        for kind, name in (("/sharedStrings", "xl/sharedStrings.xml"), ("/styles", "xl/styles.xml")):
            moved.update((part, name) for part in _targets(self._package, self._book, kind).values())
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
            for name in self._package.namelist():
                data = changed[name] if name in changed else self._package.read(name)
                copy.writestr(moved.get(name, name), data)
        return out.getvalue()

    def sheet_xml(self, name: str) -> bytes:
        part = self._sheets.get(name)
        if part is None:
            return b""
        try:
            return self._package.read(part)
        except (KeyError, zipfile.BadZipFile, RuntimeError):
            return b""

    def with_sheet_xml(self, name: str, xml: bytes) -> bytes:
        """The package with one sheet part replaced."""
        return self.usual({self._sheets[name]: xml})


def _rels(part: str) -> str:
    """The name of the part with a part's relationships."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _relations(kind: str, targets: Mapping[str, str]) -> bytes:
    """A relationships part: relationship id -> part name, all of one kind."""
    items = "".join(
        f'<Relationship Id={quoteattr(key)} Type="{_OFFICE}/{kind}" Target={quoteattr("/" + part)}/>'
        for key, part in targets.items()
    )
    return f'<Relationships xmlns="{_RELATIONS}">{items}</Relationships>'.encode()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _targets(package: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Relationship id -> part name, of a part's relationships whose type ends with `kind`."""
    folder = posixpath.dirname(part)
    root = ElementTree.fromstring(package.read(_rels(part)))
    names = {n.lower(): n for n in package.namelist()}  # part names ignore case, zip members do not
    found = {}
    for element in root:
        if element.get("Type", "").endswith(kind) and element.get("TargetMode") != "External":
            target = element.get("Target", "")
            full = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[element.get("Id", "")] = names.get(full.lower(), full)
    return found


# ---------------------------------------------------------------- what calamine leaves out

_KNOWN_ERRORS = frozenset({b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
_REFERENCE = re.compile(rb"""\sr=["']\$?([A-Za-z]{1,3})\$?([0-9]{1,7})["']""")
_ROW_NUMBER = re.compile(rb"""\sr=["']([0-9]{1,7})["']""")


class _Marks:
    """The error cells and uncalculated formulas in one sheet's XML.

    Works on the bytes with plain searches and looks closer only where one hits: parsing 2.5 million
    cells would cost more than calamine takes to read them.
    """

    def __init__(self, xml: bytes) -> None:
        start = re.search(rb"<((?:[\w.-]+:)?)sheetData[\s>/]", xml)
        self._prefix = start[1] if start else b""
        self._begin = start.start() if start else len(xml)
        end = xml.rfind(b"</" + self._prefix + b"sheetData>")
        self._end = end if end >= 0 else len(xml)
        self._xml = xml
        p = re.escape(self._prefix)
        self._value = re.compile(rb"<" + p + rb"v(?:\s[^>]*)?>([^<]*)<")
        self._formula = re.compile(
            rb"<" + p + rb"f(?:\s[^>]*?)?(?:/>|>[^<]*</" + p + rb"f>)\s*"
            rb"(?!<" + p + rb"v(?:\s[^>]*)?>[^<])(<" + p + rb"v)?"
        )
        self._cell = re.compile(rb"<" + p + rb"c(?=[\s>/])[^>]*>")
        self._row = re.compile(rb"<" + p + rb"row(?=[\s>/])[^>]*>")

    def lay_over(self, values: SheetValues) -> None:
        """Put the errors into `values.rows` and fill `values.uncalculated`."""
        for start, end in self._error_cells():
            row, column = self._address(start, end)
            text = self._xml[slice(*self._value_span(end))].decode("ascii", "replace").strip()
            _reach(values.rows, row, column)
            values.rows[row][column] = CellError(text or "#VALUE!")
        for start, end in self._uncalculated():
            row, column = self._address(start, end)
            _reach(values.rows, row, column)
            values.uncalculated.add((row, column))
        width = max(map(len, values.rows), default=0)
        for cells in values.rows:
            if len(cells) < width:
                cells.extend([None] * (width - len(cells)))

    def with_known_errors(self) -> bytes:
        """The XML with every error that calamine does not know made #N/A."""
        pieces, done = [], 0
        for _, end in self._error_cells():
            span = self._value_span(end)
            if self._xml[slice(*span)] not in _KNOWN_ERRORS and span[0] < span[1]:
                pieces += [self._xml[done : span[0]], b"#N/A"]
                done = span[1]
        return b"".join([*pieces, self._xml[done:]])

    def _error_cells(self) -> list[tuple[int, int]]:
        """(start, end) of the opening tags of error cells."""
        tags = []
        for mark in (b't="e"', b"t='e'"):
            at = self._xml.find(mark, self._begin, self._end)
            while at >= 0:
                start = self._xml.rfind(b"<", 0, at)
                tag = self._cell.match(self._xml, start)
                if tag and self._xml[at - 1 : at].isspace():
                    tags.append(tag.span())
                at = self._xml.find(mark, at + 1, self._end)
        return sorted(tags)

    def _value_span(self, tag_end: int) -> tuple[int, int]:
        """Where the <v> text of the cell stands whose opening tag ends there; an empty span if nowhere."""
        close = self._xml.find(b"</" + self._prefix + b"c>", tag_end)
        value = self._value.search(self._xml, tag_end, close + 1 if close >= 0 else self._end)
        return value.span(1) if value else (tag_end, tag_end)

    def _uncalculated(self) -> list[tuple[int, int]]:
        """(start, end) of the opening tags of cells with a formula and no value.

        An empty <v/> of a text cell is a value: the formula gave "".
        """
        if self._xml.find(b"<" + self._prefix + b"f", self._begin, self._end) < 0:
            return []
        tags = []
        for formula in self._formula.finditer(self._xml, self._begin, self._end):
            tag = self._cell_tag_before(formula.start())
            if tag is None:
                continue
            text = self._xml[slice(*tag)]
            if formula[1] and (b't="str"' in text or b"t='str'" in text):
                continue
            tags.append(tag)
        return tags

    def _cell_tag_before(self, at: int) -> tuple[int, int] | None:
        opening = b"<" + self._prefix + b"c"
        start = self._xml.rfind(opening, self._begin, at)
        while start >= 0:
            tag = self._cell.match(self._xml, start)
            if tag:
                return tag.span()
            start = self._xml.rfind(opening, self._begin, start)
        return None

    def _address(self, start: int, end: int) -> tuple[int, int]:
        """The 0-based (row, column) of the cell with that opening tag."""
        reference = _REFERENCE.search(self._xml, start, end)
        if reference:
            return int(reference[2]) - 1, column_number(reference[1].decode("ascii"))
        row, row_end = -1, self._begin  # no r= attribute: count, as the standard has it
        for tag in self._row.finditer(self._xml, self._begin, start):
            number = _ROW_NUMBER.search(self._xml, *tag.span())
            row, row_end = (int(number[1]) - 1 if number else row + 1), tag.end()
        column = -1
        for tag in self._cell.finditer(self._xml, row_end, end):
            reference = _REFERENCE.search(self._xml, *tag.span())
            column = column_number(reference[1].decode("ascii")) if reference else column + 1
        return row, column

    def too_far(self) -> str:
        """The name of the farthest cell if the sheet's rectangle is too large to lay out, else ''."""
        last = self._xml.rfind(b"<" + self._prefix + b"row", self._begin, self._end)
        number = _ROW_NUMBER.search(self._xml, last, self._xml.find(b">", last)) if last >= 0 else None
        rows = int(number[1]) if number else 0
        if rows * 16_384 <= _MAX_AREA:
            return ""
        columns = 26
        for width in (3, 2):  # most sheets have no column beyond Z: two quick searches that find nothing
            pattern = rb'\sr="([A-Z]{%d})[0-9]' % width
            names = set(re.findall(pattern, self._xml))
            if names:
                columns = 1 + max(column_number(name.decode("ascii")) for name in names)
                break
        if rows * columns <= _MAX_AREA:
            return ""
        p = re.escape(self._prefix)  # so look closer: only cells that hold something count
        held = re.compile(rb"<" + p + rb'c\s(?:[^>]*?\s)?r="([A-Z]+)([0-9]+)"(?:[^>]*[^>/])?>(?!</' + p + rb"c>)")
        row = column = -1
        for match in held.finditer(self._xml, self._begin, self._end):
            row = max(row, int(match[2]) - 1)
            column = max(column, column_number(match[1].decode("ascii")))
        return cell_name(row, column) if (row + 1) * (column + 1) > _MAX_AREA else ""


def _reach(rows: list[list[object]], row: int, column: int) -> None:
    """Lengthen the rows so that `rows[row][column]` is there."""
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    if len(cells) <= column:
        cells.extend([None] * (column + 1 - len(cells)))
