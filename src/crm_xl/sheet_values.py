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
from collections.abc import Iterable, Iterator, Mapping
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

from .sheet_stream import SheetStream
from .zip_parts import OLE_MAGIC, ZIP_MAGIC, ZipParts, open_parts, refuse_encrypted

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

    `uncalculated`: 0-based (row, column) of the formulas that have no stored value; `formulas`: whether
    there may be any formula.
    """

    rows: list[list[object]]
    formulas: bool = True
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
        if self._data.startswith(OLE_MAGIC):
            refuse_encrypted(self._data, self._path)
        elif not self._data.startswith(ZIP_MAGIC):
            raise CrmXlError("file_not_workbook", path=self._path, why="not a zip file")
        self._parts = _Parts.of(self._data, self._path)
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
        marks = self._marks(name)
        try:
            rows = self._rows(name)
        except CalamineError as error:
            if not marks or "cell error" not in str(error):
                raise CrmXlError("file_not_workbook", path=self._path, why=error) from error
            rows = self._rows_with_known_errors(name)
        values = SheetValues(rows)
        if marks:
            marks.lay_over(values)
        return values

    def _marks(self, name: str) -> _Marks | None:
        """What calamine would leave out of a sheet; it is read to its end before calamine gets it."""
        pieces = self._parts.sheet(name) if self._parts else None
        if pieces is None or self._parts is None:
            return None
        try:
            marks = _Marks(pieces, name)
        except CrmXlError:
            for _ in self._parts.sheet(name) or ():  # what we cannot read calamine may: no part lies about its size
                pass
            return None
        if marks.area > _MAX_AREA:
            far = _farthest(self._parts.sheet(name) or (), name)
            if far:
                raise CrmXlError("sheet_too_far", sheet=name, cell=far)
        return marks

    def _rows(self, name: str, book: CalamineWorkbook | None = None) -> list[list[object]]:
        try:
            sheet = (book or self._book).get_sheet_by_name(name)
        except WorksheetNotFound:
            known = tuple(self.sheet_names)
            raise CrmXlError("sheet_missing", path=self._path, sheet=name, known=known) from None
        with gc_paused():
            rows: list[list[object]] = sheet.to_python(skip_empty_area=False)  # type: ignore[assignment]
            del sheet  # it holds all cells a second time
            return _plain(rows)

    def _rows_with_known_errors(self, name: str) -> list[list[object]]:
        """calamine gives up on a sheet with an error newer than #N/A: read it with #N/A instead."""
        assert self._parts is not None
        data = self._parts.with_sheet_xml(name, with_known_errors(self._parts.sheet(name) or ()))
        try:
            return self._rows(name, self._open(data, False))
        except CalamineError as error:
            raise CrmXlError("file_not_workbook", path=self._path, why=error) from error


_KEPT = frozenset({float, int, bool, dt.datetime})


def _plain(rows: list[list[object]]) -> list[list[object]]:
    """calamine's values -> those that `SheetValues` promises, in place; equal texts become one object."""
    texts: dict[object, object | None] = {"": None}
    for row in rows:
        for i, value in enumerate(row):
            kind = type(value)
            if kind is str:
                row[i] = texts.setdefault(value, value)
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

    def __init__(self, data: bytes, package: ZipParts) -> None:
        """Raises ParseError for what is no .xlsx. Errors: those of `ZipParts.read_xml`."""
        self._data = data
        self._package = package
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
        sheets = set(self._sheets.values())
        for name in package.names():
            if name not in sheets:  # calamine inflates without regard to what the directory says
                for _ in package.stream(name):
                    pass

    @classmethod
    def of(cls, data: bytes, path: str | Path) -> _Parts | None:
        """None for a package that is no .xlsx, or that only calamine can make sense of."""
        if not data.startswith(ZIP_MAGIC):
            return None
        package = open_parts(data, path)
        try:
            return cls(data, package)
        except ElementTree.ParseError:
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
            for name in self._package.names():
                data = changed[name] if name in changed else self._package.read(name)
                copy.writestr(moved.get(name, name), data)
        return out.getvalue()

    def sheet(self, name: str) -> Iterator[bytes] | None:
        """A sheet's part in pieces."""
        part = self._sheets.get(name)
        return self._package.stream(part) if part in self._package.names() else None

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

_KNOWN_ERRORS = frozenset({b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"})
_REFERENCE = re.compile(rb"""\sr=["']\$?([A-Za-z]{1,3})\$?([0-9]{1,7})["']""")


class _Marks:
    """The error cells and uncalculated formulas of a sheet, found in one pass over its XML.

    Works on the bytes with plain searches and looks closer only where one hits: parsing 2.5 million
    cells would cost more than calamine takes to read them. Error: file_not_workbook.
    """

    def __init__(self, pieces: Iterable[bytes], name: str) -> None:
        stream = SheetStream(pieces, name)
        self.formulas = False
        self.area = 0
        """Cells in the rectangle from A1 to the farthest row and column, empty ones too."""
        self._errors: list[tuple[int, int, str]] = []
        self._uncalculated: list[tuple[int, int]] = []
        before, width = -1, 0
        tags = _Tags(stream)
        for _, block in stream.blocks():
            for row, column, text in tags.errors(block, before):
                self._errors.append((row, column, text))
            self.formulas = self.formulas or b"<" + stream.prefix + b"f" in block
            self._uncalculated += tags.uncalculated(block, before)
            width = max(width, tags.width(block))
            last = stream.last_number(block)
            before = last if last is not None else max((r.number for r in stream.rows(block, before)), default=before)
        self.area = (before + 1) * width

    def lay_over(self, values: SheetValues) -> None:
        """Put the errors into `values.rows` and fill in the rest of `values`."""
        values.formulas = self.formulas
        for row, column, text in self._errors:
            _reach(values.rows, row, column)
            values.rows[row][column] = CellError(text or "#VALUE!")
        for row, column in self._uncalculated:
            _reach(values.rows, row, column)
            values.uncalculated.add((row, column))
        if self._errors or self._uncalculated:
            width = max(map(len, values.rows), default=0)
            for cells in values.rows:
                if len(cells) < width:
                    cells.extend([None] * (width - len(cells)))


class _Tags:
    """Searches for cells in blocks of rows."""

    def __init__(self, stream: SheetStream) -> None:
        self._stream = stream
        self._prefix = stream.prefix
        p = re.escape(self._prefix)
        self._value = re.compile(rb"<" + p + rb"v(?:\s[^>]*)?>([^<]*)<")
        self._formula = re.compile(
            rb"<" + p + rb"f(?:\s[^>]*?)?(?:/>|>[^<]*</" + p + rb"f>)\s*"
            rb"(?!<" + p + rb"v(?:\s[^>]*)?>[^<])(<" + p + rb"v)?"
        )
        self._cell = re.compile(rb"<" + p + rb"c(?=[\s>/])[^>]*>")
        self.held = re.compile(rb"<" + p + rb'c\s(?:[^>]*?\s)?r="([A-Z]+)([0-9]+)"(?:[^>]*[^>/])?>(?!</' + p + rb"c>)")

    def errors(self, block: bytes, before: int) -> Iterator[tuple[int, int, str]]:
        """(row, column, error) of error cells. `before`: the number of the row before the block."""
        for start, end in self.error_tags(block):
            text = block[slice(*self.value_span(block, end))].decode("ascii", "replace").strip()
            yield *self._address(block, before, start, end), text

    def error_tags(self, block: bytes) -> list[tuple[int, int]]:
        """(start, end) of the opening tags of error cells."""
        tags = []
        for mark in (b't="e"', b"t='e'"):
            at = block.find(mark)
            while at >= 0:
                tag = self._cell.match(block, block.rfind(b"<", 0, at))
                if tag and block[at - 1 : at].isspace():
                    tags.append(tag.span())
                at = block.find(mark, at + 1)
        return sorted(tags)

    def value_span(self, block: bytes, tag_end: int) -> tuple[int, int]:
        """Where the <v> text of the cell stands whose opening tag ends there; an empty span if nowhere."""
        close = block.find(b"</" + self._prefix + b"c>", tag_end)
        value = self._value.search(block, tag_end, close + 1 if close >= 0 else len(block))
        return value.span(1) if value else (tag_end, tag_end)

    def uncalculated(self, block: bytes, before: int) -> list[tuple[int, int]]:
        """(row, column) of cells with a formula and no value.

        An empty <v/> of a text cell is a value: the formula gave "".
        """
        if b"<" + self._prefix + b"f" not in block:
            return []
        found = []
        for formula in self._formula.finditer(block):
            tag = self._cell_tag_before(block, formula.start())
            if tag is None:
                continue
            text = block[slice(*tag)]
            if not (formula[1] and (b't="str"' in text or b"t='str'" in text)):
                found.append(self._address(block, before, *tag))
        return found

    def _cell_tag_before(self, block: bytes, at: int) -> tuple[int, int] | None:
        opening = b"<" + self._prefix + b"c"
        start = block.rfind(opening, 0, at)
        while start >= 0:
            tag = self._cell.match(block, start)
            if tag:
                return tag.span()
            start = block.rfind(opening, 0, start)
        return None

    def _address(self, block: bytes, before: int, start: int, end: int) -> tuple[int, int]:
        """The 0-based (row, column) of the cell with that opening tag."""
        reference = _REFERENCE.search(block, start, end)
        if reference:
            return int(reference[2]) - 1, column_number(reference[1].decode("ascii"))
        row_start = block.rfind(b"<" + self._prefix + b"row", 0, start)  # no r= attribute: count
        row = max(r.number for r in self._stream.rows(block[: block.find(b">", row_start)] + b"/>", before))
        column = -1
        for tag in self._cell.finditer(block, row_start, end):
            reference = _REFERENCE.search(block, *tag.span())
            column = column_number(reference[1].decode("ascii")) if reference else column + 1
        return row, column

    def width(self, block: bytes) -> int:
        """Columns up to the farthest one; the last cell of each row says it."""
        opening = b"<" + self._prefix + b"c"
        widest = b""
        rows = block.split(b"</" + self._prefix + b"row>")
        for row in rows:
            at = row.rfind(opening)
            reference = _REFERENCE.search(row, at, at + 80) if at >= 0 else None
            if reference is None:
                if at >= 0:
                    return max(row.count(opening) for row in rows)
            elif (len(reference[1]), reference[1]) > (len(widest), widest):
                widest = reference[1]
        return column_number(widest.decode("ascii")) + 1


def with_known_errors(pieces: Iterable[bytes]) -> bytes:
    """A sheet's XML with every error that calamine does not know made #N/A."""
    stream = SheetStream(pieces, "")
    tags = _Tags(stream)
    made = [stream.head]
    for _, block in stream.blocks():
        done = 0
        for _, end in tags.error_tags(block):
            span = tags.value_span(block, end)
            if block[slice(*span)] not in _KNOWN_ERRORS and span[0] < span[1]:
                made += [block[done : span[0]], b"#N/A"]
                done = span[1]
        made.append(block[done:])
    return b"".join([*made, stream.tail])


def _farthest(pieces: Iterable[bytes], name: str) -> str:
    """The corner of the cells that hold something, if their rectangle is too large to lay out, else ''."""
    stream = SheetStream(pieces, name)
    held = _Tags(stream).held
    row = column = -1
    for _, block in stream.blocks():
        for match in held.finditer(block):
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
