"""Any file with a table in it -> headers and columns of raw cell values."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crm_xl.analysis.cleaning import number_or_day_text
from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError
from crm_xl.sheet_values import (
    SheetValues,
    TablePlace,
    ValueBook,
    file_bytes,
    gc_paused,
)
from crm_xl.sources.mapping import NO_OVERRIDES, match_header
from crm_xl.vocabulary.fields import Table, normal_header
from crm_xl.zip_parts import OLE_MAGIC, ZIP_MAGIC

KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv", ".parquet")

_EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_TEXT = frozenset({".csv", ".txt", ".tsv"})
_HEADER_ROWS = 20
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
_LONGEST_FIELD = 1 << 24
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as the file has it.

    `columns`: one list of cell values per header, all of one length; None or '' is an empty cell.
    `first_row`: the 1-based row of the first data row, as a spreadsheet shows it (a parquet file: 1).
    `from_text`: the file knows only text (csv). `date1904`: serial numbers count from 1904.
    """

    path: Path
    sheet: str | None
    headers: list[str]
    columns: list[list[object]]
    first_row: int
    from_text: bool = False
    date1904: bool = False


def read_raw(
    path: str | Path,
    sheet: str | None = None,
    *,
    table: Table | None = None,
    overrides: Mapping[str, str] = NO_OVERRIDES,
) -> RawTable:
    """Read the table in a file: .xlsx .xlsm .xls .ods .csv .txt .tsv .parquet, by content where it tells.

    `table` and the left sides of `overrides` say which headers to look for: the sheet (without `sheet`:
    the one with an Excel table of that name, else the first that fits) and the header row (within the
    first 20) are found by them. Only columns so recognised are refused for uncalculated formulas; without
    `table`, all are.

    Errors: file_missing, file_is_folder, file_empty, file_unreadable, file_kind, file_not_workbook,
    encrypted, sheet_missing, sheet_too_far, not_calculated.
    """
    path = Path(path)
    data = file_bytes(path)
    wanted = _Wanted(table, frozenset(map(normal_header, overrides)))
    kind = _kind(path, data)
    with gc_paused():
        if kind == "parquet":
            return _read_parquet(path, data)
        if kind == "text":
            return _read_text(path, data, wanted)
        return _read_book(path, data, sheet, wanted)


def _kind(path: Path, data: bytes) -> str:
    """book, text or parquet; a file whose content belies its name is what its content says."""
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise CrmXlError("file_kind", path=path, kinds=" ".join(KINDS))
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return "book"
    if suffix == ".parquet":
        raise CrmXlError("file_unreadable", path=path, why="not a parquet file")
    if suffix in _TEXT:
        return "text"
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise CrmXlError("file_not_workbook", path=path, why="HTML/XML")
    # web shops hand out tab-separated text under the name of .xls, and Excel opens it
    return "text" if suffix == ".xls" and not data.startswith(b"\x09\x08") else "book"


# ---------------------------------------------------------------- the header row


@dataclass(frozen=True, slots=True)
class _Wanted:
    table: Table | None
    given: frozenset[str]

    def knows(self, header: object) -> bool:
        """Whether a cell is the header of a column that we look for."""
        text = header_text(header)
        if not text or self.table is None:
            return False
        return normal_header(text) in self.given or match_header(self.table, text) is not None

    def needs_value(self, header: str) -> bool:
        """Whether the column under a header must be calculated: our own results are made anew."""
        if self.table is None or normal_header(header) in self.given:
            return True
        found = match_header(self.table, header)
        return found is not None and found[0].group != "result"

    def fits(self, headers: Sequence[object]) -> bool:
        """Whether a header row is that of the wanted table: it has the customer's id, if that has one."""
        if self.table is None:
            return True
        keys = set()
        for header in map(header_text, headers):
            if normal_header(header) in self.given:
                return True
            found = match_header(self.table, header) if header else None
            if found:
                keys.add(found[0].key)
        has_id = any(field.key == "customer_id" for field in self.table.fields)
        return "customer_id" in keys if has_id else bool(keys)


def header_text(value: object) -> str:
    """A header cell as one line of text."""
    text = value if isinstance(value, str) else number_or_day_text(value)
    return " ".join(text.split())


def _header_row(rows: Iterable[Sequence[object]], wanted: _Wanted) -> int | None:
    """The 0-based header row: the first of two or more cells, one of them recognised, near the top; else
    the first that is not empty. None: there is nothing at all."""
    first = None
    for i, row in enumerate(rows):
        held = [cell for cell in row if not blank(cell)]
        if held and first is None:
            first = i
        if i < _HEADER_ROWS and len(held) >= 2 and (wanted.table is None or any(map(wanted.knows, held))):
            return i
        if i >= _HEADER_ROWS and first is not None:
            break
    return first


def blank(cell: object) -> bool:
    """Whether a cell is empty or holds only blanks."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _headed_columns(
    columns: Sequence[list[object]], header_row: int
) -> tuple[list[str], list[list[object]], list[int]]:
    """Headers, columns below them and 0-based column numbers. Columns without anything go, and the blank
    rows at the end."""
    headers = [header_text(column[header_row]) for column in columns]
    end = header_row + 1
    for column in columns:
        last = len(column)
        while last > end and blank(column[last - 1]):
            last -= 1
        end = max(end, last)
    bodies = [column[header_row + 1 : end] for column in columns]
    kept = [i for i, header in enumerate(headers) if header or not all(map(blank, bodies[i]))]
    return [headers[i] for i in kept], [bodies[i] for i in kept], kept


# ---------------------------------------------------------------- workbooks


def _read_book(path: Path, data: bytes, sheet: str | None, wanted: _Wanted) -> RawTable:
    book = ValueBook(data, tables=wanted.table is not None, name=path)
    place = book.table(wanted.table.name) if wanted.table else None
    if place and sheet in (None, place.sheet):
        values = book.sheet(place.sheet)
        if wanted.fits(_row(values, place.header_row)[place.first_column : place.last_column + 1]):
            return _from_sheet(path, book, place.sheet, values, wanted, place)
    if sheet is not None:
        return _from_sheet(path, book, sheet, book.sheet(sheet), wanted)
    return _from_first_fitting(path, book, wanted)


def _row(values: SheetValues, row: int) -> list[object]:
    return values.rows[row] if row < len(values.rows) else []


def _from_first_fitting(path: Path, book: ValueBook, wanted: _Wanted) -> RawTable:
    """The first sheet with the wanted headers and a row, else with any header and a row, else anything."""
    spare: tuple[int, str, SheetValues] | None = None
    for name in book.sheet_names:
        values = book.sheet(name)
        header_row = _header_row(values.rows, wanted)
        if header_row is None:
            continue
        has_rows = any(not blank(c) for row in values.rows[header_row + 1 :] for c in row)
        fits = wanted.fits(values.rows[header_row])
        if fits and has_rows:
            return _from_sheet(path, book, name, values, wanted)
        rank = 2 if fits else 1 if has_rows else 0
        if spare is None or rank > spare[0]:
            spare = (rank, name, values)
    if spare is None:
        return RawTable(path, next(iter(book.sheet_names), None), [], [], 2, date1904=book.date1904)
    return _from_sheet(path, book, spare[1], spare[2], wanted)


def _from_sheet(
    path: Path,
    book: ValueBook,
    sheet: str,
    values: SheetValues,
    wanted: _Wanted,
    place: TablePlace | None = None,
) -> RawTable:
    rows: list[list[object]] = values.rows
    header_row, left = _header_row(rows, wanted), 0
    if place:
        header_row, left = place.header_row, place.first_column
        rows = [row[left : place.last_column + 1] for row in rows[: place.last_row + 1]]
    if header_row is None:
        return RawTable(path, sheet, [], [], 2, date1904=book.date1904)
    headers, columns, kept = _headed_columns(list(map(list, zip(*rows, strict=True))), header_row)
    needed = {left + i for i, h in zip(kept, headers, strict=True) if h and wanted.needs_value(h)}
    missing = sorted(at for at in values.uncalculated if header_row <= at[0] < len(rows) and at[1] in needed)
    if missing:
        raise CrmXlError("not_calculated", sheet=sheet, cell=cell_name(*missing[0]))
    return RawTable(path, sheet, headers, columns, header_row + 2, date1904=book.date1904)


# ---------------------------------------------------------------- parquet


def _read_parquet(path: Path, data: bytes) -> RawTable:
    import pandas as pd

    try:
        frame = pd.read_parquet(io.BytesIO(data))
    except ImportError:
        raise CrmXlError("file_unreadable", path=path, why="pyarrow is not installed") from None
    except (OSError, ValueError, KeyError, NotImplementedError) as error:  # pyarrow's errors are ValueErrors
        raise CrmXlError("file_unreadable", path=path, why=error) from error
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    columns = []
    for i in range(frame.shape[1]):
        column = frame.iloc[:, i].astype(object)
        columns.append(column.where(column.notna(), None).tolist())
    return RawTable(path, None, [header_text(str(c)) for c in frame.columns], columns, 1)


# ---------------------------------------------------------------- text files


def _read_text(path: Path, data: bytes, wanted: _Wanted) -> RawTable:
    try:
        text = decode(data)
    except UnicodeError:
        raise CrmXlError("file_unreadable", path=path, why="unknown text encoding") from None
    named = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to name the delimiter; it shows no such row
    if named:
        text = text[named.end() :]
    delimiter = named[1] if named else find_delimiter(text, wanted.knows)
    try:
        with _long_fields():
            columns = _text_columns(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CrmXlError("file_unreadable", path=path, why=error) from error
    if '="' in text:
        columns = [list(map(_unwrapped, column)) for column in columns]
    header_row = _header_row(zip(*columns, strict=True), wanted)
    if header_row is None:
        return RawTable(path, None, [], [], 2, from_text=True)
    headers, columns, _ = _headed_columns(columns, header_row)
    return RawTable(path, None, headers, columns, header_row + 2, from_text=True)


def _text_columns(records: Iterator[list[str]]) -> list[list[object]]:
    """Records -> columns of one length, '' where a record is short.

    A few records at a time: a million of them side by side cost twice the time and memory.
    """
    columns: list[list[object]] = []
    done = 0
    while rows := list(islice(records, _CHUNK)):
        width = max(map(len, rows))
        columns += [[""] * done for _ in range(width - len(columns))]
        for row in rows:
            if len(row) < len(columns):
                row.extend([""] * (len(columns) - len(row)))
        for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(cells)
        done += len(rows)
    return columns


def _unwrapped(cell: object) -> object:
    """`="00123"`, with which exports keep Excel from dropping zeros, is 00123."""
    if isinstance(cell, str) and cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1].replace('""', '"')
    return cell


@contextmanager
def _long_fields() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def decode(data: bytes) -> str:
    """The text of a file: by byte order mark, UTF-16 without one, UTF-8, GB18030, then by guess.

    Raises UnicodeError if nothing fits.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding)
    if b"\0" in data[:4096]:
        texts = [text for text in (_decoded(data, "utf-16-le"), _decoded(data, "utf-16-be")) if text]
        if not texts:
            raise UnicodeError("binary")
        # the wrong byte order turns delimiters and line ends into rare characters
        return max(texts, key=lambda text: sum(ch < "\x80" for ch in text[:4096]))
    text = _decoded(data, "utf-8")
    if text is None and not _looks_western(data):
        text = _decoded(data, "gb18030")
    if text is None:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        text = str(best) if best is not None else _decoded(data, "gb18030")
    if text is None:
        raise UnicodeError("unknown")
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_western(data: bytes) -> bool:
    """Whether most bytes beyond ASCII stand alone (Müller): GB18030 would read them, as rare hanzi."""
    runs = Counter(min(len(run), 2) for run in re.findall(rb"[\x80-\xff]+", data[: 1 << 20]))
    return runs[1] > runs[2]


def find_delimiter(text: str, is_header: Callable[[object], bool]) -> str:
    """The one of , ; tab | that splits the first rows best.

    Best: the most recognised headers in a row, then the largest share of rows with the same number of
    fields, then the most fields. Quotes and line breaks inside them are respected.
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample

    def score(delimiter: str) -> tuple[int, float, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if any(row):
                    rows.append(row)
                if len(rows) >= 50:
                    break
        except csv.Error:
            return (0, 0.0, 0)
        if not rows:
            return (0, 0.0, 0)
        recognised = max(sum(map(is_header, row)) for row in rows[:_HEADER_ROWS])
        width, count = Counter(map(len, rows)).most_common(1)[0]
        return (recognised, count / len(rows) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=score)
