"""Any file with a table in it -> headers and columns of raw cell values."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sheet_values import (
    SheetValues,
    TablePlace,
    ValueBook,
    file_bytes,
    gc_paused,
)
from crm_xl.sources.layout import (
    HEADER_ROWS,
    Body,
    HeaderPlace,
    LeftOut,
    blank,
    blocks,
    find_header,
    forced_header,
    header_text,
    is_apart,
    joined_notes,
    looks_like_headers,
    read_body,
    shown_row,
    surroundings,
    transposed,
)
from crm_xl.sources.mapping import NO_OVERRIDES, Header, match_header
from crm_xl.sources.resemblance import CERTAIN, candidates
from crm_xl.sources.sheet_shape import SheetShape, sheet_shape
from crm_xl.vocabulary.fields import Table, normal_header
from crm_xl.vocabulary.header_words import UnitNote
from crm_xl.zip_parts import OLE_MAGIC, ZIP_MAGIC

KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".tsv", ".parquet")

_EXCEL = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
_TEXT = frozenset({".csv", ".txt", ".tsv"})
_CLOSELY = 200
"""Rows from the top among which the header is looked for."""
_STACKED = 3
"""Rows from headers to the same headers in other words."""
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16
_LONGEST_FIELD = 1 << 24
_CHUNK = 2000
_MOST_COLUMNS = 16_384
"""As in Excel. One long line would make every other line as long."""
_MOST_CELLS = 40_000_000
"""As of a workbook's sheet; a million equal values take a few bytes of a parquet file."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as the file has it.

    `columns`: one list of cell values per header, all of one length; None or '' is an empty cell.
    `first_row`: the 1-based row of the first data row, as a spreadsheet shows it (a parquet file: 1).
    `from_text`: the file knows only text (csv). `date1904`: serial numbers count from 1904.
    `parts`: the headers with the group that each stands under. `header_row`: 1-based; 0 where there is none.
    `units`, `note`: what rows above or below the headers say of the units of a column and of the sheet.
    `skipped`: rows (0-based) that are no data; `left_out`: these and what stands above, for the report.
    `merged`: (first row, last row, column) of cells merged downwards. `hidden`: 1-based rows that Excel hides.
    `elsewhere`: what other tables of the sheet begin with.
    """

    path: Path
    sheet: str | None
    headers: list[str]
    columns: list[list[object]]
    first_row: int
    from_text: bool = False
    date1904: bool = False
    parts: tuple[Header, ...] = ()
    header_row: int = 0
    units: Mapping[int, str] = field(default_factory=dict)
    note: UnitNote | None = None
    skipped: frozenset[int] = frozenset()
    left_out: tuple[LeftOut, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()
    hidden: tuple[int, ...] = ()
    elsewhere: tuple[str, ...] = ()


def read_raw(
    path: str | Path,
    sheet: str | None = None,
    *,
    table: Table | None = None,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    header_row: int | None = None,
) -> RawTable:
    """Read the table in a file: .xlsx .xlsm .xls .ods .csv .txt .tsv .parquet, by content where it tells.

    `table` and the left sides of `overrides` say which headers to look for: the sheet (without `sheet`:
    the one with an Excel table of that name, else the first that fits) and the header row (within the
    first 20 that hold anything; one row or two) are found by them. `header_row`: its 1-based row, if that is known.
    Totals, footers, headers that stand again and other tables beside or below are left out and listed. Only columns
    recognised by name are refused for uncalculated formulas; without `table`, all are.

    Errors: file_missing, file_is_folder, file_empty, file_unreadable, file_kind, file_not_workbook,
    encrypted, sheet_missing, sheet_too_far, not_calculated, source_header_row, source_transposed.
    """
    path = Path(path)
    data = file_bytes(path)
    given = frozenset(normal_header(re.sub(r"#\d+$", "", h)) for h in overrides) | frozenset(
        map(normal_header, overrides)
    )
    wanted = _Wanted(table, given, header_row)
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
    header_row: int | None = None

    def knows(self, header: object) -> bool:
        """Whether a cell is the header of a column that we look for."""
        text = header_text(header)
        if not text or self.table is None:
            return False
        return normal_header(text) in self.given or match_header(self.table, text) is not None

    def knows_header(self, header: Header) -> bool:
        """`knows`, for a header that may stand under a group."""
        return self.table is None or self.knows(header.text) or (bool(header.group) and self.knows(header.own))

    def knows_closely(self, header: Header) -> bool:
        """Whether a header means a column that we look for, however it is spelt."""
        if self.knows_header(header):
            return True
        if self.table is None or not header.text or len(header.text) > 40:
            return False
        found = candidates(self.table, header.text)
        return bool(found) and found[0].score >= CERTAIN

    def needs_value(self, header: str) -> bool:
        """Whether the column under a header must be calculated: our own results are made anew."""
        if self.table is None or normal_header(header) in self.given:
            return True
        found = match_header(self.table, header)
        return found is not None and found[0].group != "result"

    def fits(self, headers: Sequence[object]) -> bool:
        """Whether a header row is that of the wanted table: it has the customer's id, if that has one."""
        return self.fits_headers([Header(header_text(h)) for h in headers])

    def fits_headers(self, headers: Sequence[Header], closely: bool = False) -> bool:
        """`fits`, for headers that may stand under groups; `closely`: however they are spelt."""
        if self.table is None:
            return True
        keys = set()
        for header in headers:
            if normal_header(header.text) in self.given:
                return True
            found = match_header(self.table, header.text) if header.text else None
            found = found or (match_header(self.table, header.own) if header.group else None)
            if found:
                keys.add(found[0].key)
            elif closely and self.knows_closely(header):
                keys.add(candidates(self.table, header.text)[0].field.key)
        has_id = any(field.key == "customer_id" for field in self.table.fields)
        return "customer_id" in keys if has_id else bool(keys)


def _found_header(rows: Sequence[Sequence[object]], wanted: _Wanted, shape: SheetShape) -> HeaderPlace | None:
    """The header by the names in it; by what they resemble, where no row has the names. None: there is nothing."""
    place = find_header(rows, wanted.knows_header, wanted.fits_headers, shape.merged)
    if wanted.table is None or place is None:
        return place

    def fits_closely(headers: Sequence[Header]) -> bool:
        return wanted.fits_headers(headers, closely=True)

    def closely(likely: Sequence[Sequence[object]]) -> HeaderPlace | None:
        looked_at = [row if looks_like_headers(row) else [None] * len(row) for row in likely]
        return find_header(looked_at, wanted.knows_closely, fits_closely, shape.merged)

    if place.fits:  # names of fields under the headers proper: these say more, units for one
        above = closely(rows[: place.first]) if place.first else None
        near = above is not None and above.fits and above.known >= 2 and place.first - above.last <= _STACKED
        return above if near else place
    closer = closely(rows[:_CLOSELY])
    return closer if closer is not None and (closer.fits or closer.known > max(1, place.known)) else place


def _cut_out(
    base: RawTable,
    rows: Sequence[Sequence[object]],
    columns: Sequence[list[object]],
    place: HeaderPlace,
    wanted: _Wanted,
    shape: SheetShape,
) -> tuple[RawTable, list[int]]:
    """The table under a header: its columns, without those of other tables, empty ones, and the blank rows at the
    end. Also the 0-based column numbers on the sheet."""
    around = surroundings(rows, place, wanted.table)
    texts = [header.text for header in place.headers]
    end = around.body
    for column in columns:
        last = len(column)
        while last > end and blank(column[last - 1]):
            last -= 1
        end = max(end, last)
    bodies = [column[around.body : end] for column in columns]
    elsewhere: list[str] = []
    kept = [i for i, text in enumerate(texts) if text or not all(map(blank, bodies[i]))]
    body = Body(end=end - around.body)
    if wanted.table is not None:
        body = _body_of(kept, texts, bodies, around.body, wanted)
        data = [r for r in range(body.end) if r not in body.skipped] if len(blocks(texts, bodies)) > 1 else []
        kept, elsewhere = _beside(kept, texts, [[column[r] for r in data] for column in bodies], wanted)
        if elsewhere:  # without the others' cells, more rows may turn out to be empty or totals
            body = body.joined(_body_of(kept, texts, bodies, around.body, wanted))
    texts, bodies = [texts[i] for i in kept], [bodies[i] for i in kept]
    left_out, skipped = around.left_out + body.left_out, body.skipped
    if base.from_text and wanted.table is not None:
        wide = _too_wide(texts, bodies)
        left_out += [LeftOut(around.body + r + 1, "wide", shown_row([b[r] for b in bodies])) for r in wide]
        skipped |= wide
    if body.other:
        elsewhere.append(body.other)
    if wanted.table is not None and body.end < (len(bodies[0]) if bodies else 0):
        bodies = [b[: body.end] for b in bodies]
    at = {sheet_column: i for i, sheet_column in enumerate(kept)}
    merged = tuple(
        (top - around.body, min(bottom - around.body, body.end - 1), at[left])
        for top, left, bottom, _ in shape.merged
        if top >= around.body and bottom > top and left in at and top - around.body < body.end
    )
    raw = replace(
        base,
        headers=texts,
        columns=bodies,
        first_row=around.body + 1,
        parts=tuple(place.headers[i] for i in kept),
        header_row=place.first + 1,
        units={at[i]: unit for i, unit in around.units.items() if i in at},
        note=around.note or joined_notes(body.notes),
        skipped=frozenset(skipped),
        left_out=tuple(left_out),
        merged=merged,
        hidden=tuple(sorted(r + 1 for r in shape.hidden if around.body <= r < around.body + body.end)),
        elsewhere=tuple(elsewhere),
    )
    return raw, kept


def _body_of(
    kept: list[int], texts: Sequence[str], bodies: Sequence[Sequence[object]], offset: int, wanted: _Wanted
) -> Body:
    return read_body([texts[i] for i in kept], [bodies[i] for i in kept], offset, wanted.knows_header)


def _beside(
    kept: list[int], texts: list[str], bodies: Sequence[list[object]], wanted: _Wanted
) -> tuple[list[int], list[str]]:
    """The columns of the first table that fits, and what those of other tables beside it begin with."""
    assert wanted.table is not None
    found = blocks(texts, bodies)
    if len(found) < 2:
        return kept, []

    def of(block: tuple[int, int]) -> list[int]:
        return [i for i in kept if block[0] <= i <= block[1]]

    def headers(block: tuple[int, int]) -> list[Header]:
        return [Header(texts[i]) for i in of(block)]

    main = next((b for b in found if wanted.fits_headers(headers(b), closely=True)), None)
    if main is None:  # columns that may be the customer's id are not to be lost beside others
        return kept, []
    columns, elsewhere = [], []
    for block in found:
        if block != main and is_apart(main, block, texts, bodies, wanted.table):
            elsewhere.append(shown_row([texts[i] for i in of(block)]) or shown_row([bodies[i][0] for i in of(block)]))
        else:
            columns += of(block)
    return columns, elsewhere


def _too_wide(texts: Sequence[str], bodies: Sequence[Sequence[object]]) -> set[int]:
    """Rows of a text file with more values than there are headers: a delimiter too many has moved them."""
    last = max((i for i, text in enumerate(texts) if text), default=-1)
    rows: set[int] = set()
    for body in bodies[last + 1 :]:
        rows |= {r for r, cell in enumerate(body) if not blank(cell)}
    return rows if bodies and len(rows) * 2 <= len(bodies[0]) else set()


def _refuse_transposed(path: Path, rows: Sequence[Sequence[object]], place: HeaderPlace, wanted: _Wanted) -> None:
    if wanted.table is None or place.known > 2:
        return
    column = transposed(rows, wanted.knows_header, place.known)
    if column is not None:
        raise Refused("source_transposed", path=path, cell=cell_name(0, column)[:-1])


# ---------------------------------------------------------------- workbooks


def _read_book(path: Path, data: bytes, sheet: str | None, wanted: _Wanted) -> RawTable:
    book = ValueBook(data, tables=wanted.table is not None, name=path)
    place = book.table(wanted.table.name) if wanted.table else None
    if place and sheet in (None, place.sheet) and wanted.header_row is None:
        values = book.sheet(place.sheet)
        if wanted.fits(_row(values, place.header_row)[place.first_column : place.last_column + 1]):
            return _from_sheet(path, book, place.sheet, values, _shape(book, place.sheet, wanted), wanted, place)
    if sheet is not None:
        return _from_sheet(path, book, sheet, book.sheet(sheet), _shape(book, sheet, wanted), wanted)
    return _from_first_fitting(path, book, wanted)


def _row(values: SheetValues, row: int) -> list[object]:
    return values.rows[row] if row < len(values.rows) else []


def _from_first_fitting(path: Path, book: ValueBook, wanted: _Wanted) -> RawTable:
    """The first sheet with the wanted headers and a row, else with any header and a row, else anything."""
    spare: tuple[int, str, SheetValues, SheetShape] | None = None
    for name in book.sheet_names:
        values = book.sheet(name)
        shape = _shape(book, name, wanted)
        place = _found_header(values.rows, wanted, shape)
        if place is None:
            continue
        has_rows = any(not blank(c) for row in values.rows[place.last + 1 :] for c in row)
        fits = place.fits and (place.known > 1 or sum(bool(h.text) for h in place.headers) == 1)
        if fits and has_rows:
            return _from_sheet(path, book, name, values, shape, wanted)
        rank = 3 if place.fits else min(place.known, 2) if has_rows else 0
        if spare is None or rank > spare[0]:
            spare = (rank, name, values, shape)
    if spare is None:
        return RawTable(path, next(iter(book.sheet_names), None), [], [], 2, date1904=book.date1904)
    return _from_sheet(path, book, *spare[1:], wanted)


def _shape(book: ValueBook, sheet: str, wanted: _Wanted) -> SheetShape:
    return sheet_shape(book.xml(sheet)) if wanted.table is not None else SheetShape()


def _from_sheet(
    path: Path,
    book: ValueBook,
    sheet: str,
    values: SheetValues,
    shape: SheetShape,
    wanted: _Wanted,
    place: TablePlace | None = None,
) -> RawTable:
    rows: list[list[object]] = values.rows
    left = 0
    base = RawTable(path, sheet, [], [], 2, date1904=book.date1904)
    if place:
        left = place.first_column
        rows = [row[left : place.last_column + 1] for row in rows[: place.last_row + 1]]
        shape = shape.moved(left)
        header = forced_header(rows, place.header_row)
    else:
        header = _header_of(rows, wanted, shape)
    if header is None:
        return base
    if place is None:
        _refuse_transposed(path, rows, header, wanted)
    raw, kept = _cut_out(base, rows, list(map(list, zip(*rows, strict=True))), header, wanted, shape)
    if place:  # what stands above an Excel table is none of its own
        raw = replace(raw, left_out=tuple(line for line in raw.left_out if line.row > place.header_row))
    needed = {left + i for i, h in zip(kept, raw.headers, strict=True) if h and wanted.needs_value(h)}
    end = raw.first_row - 1 + (len(raw.columns[0]) if raw.columns else 0)
    missing = sorted(
        at for at in values.uncalculated if header.first <= at[0] < max(end, header.last + 1) and at[1] in needed
    )
    if missing:
        raise CrmXlError("not_calculated", sheet=sheet, cell=cell_name(*missing[0]))
    return raw


def _header_of(rows: Sequence[Sequence[object]], wanted: _Wanted, shape: SheetShape) -> HeaderPlace | None:
    """The header in the row that was named, else the one that is found. Error: source_header_row."""
    if wanted.header_row is None:
        return _found_header(rows, wanted, shape)
    place = forced_header(rows, wanted.header_row - 1)
    if place is None:
        raise Refused("source_header_row", row=wanted.header_row)
    return place


# ---------------------------------------------------------------- parquet


def _read_parquet(path: Path, data: bytes) -> RawTable:
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise CrmXlError("file_unreadable", path=path, why="pyarrow is not installed") from None
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        if file.metadata.num_rows * max(1, file.metadata.num_columns) > _MOST_CELLS:
            raise CrmXlError("file_unreadable", path=path, why="too many cells")
        frame = file.read().to_pandas()
    except (OSError, ValueError, KeyError, NotImplementedError, MemoryError) as error:  # most of pyarrow's are these
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
    base = RawTable(path, None, [], [], 2, from_text=True)
    top = list(
        islice(zip(*columns, strict=True), _CLOSELY if wanted.header_row is None else wanted.header_row + _CLOSELY)
    )
    header = _header_of(top, wanted, SheetShape())
    if header is None:
        return base
    _refuse_transposed(path, top, header, wanted)
    return _cut_out(base, top, columns, header, wanted, SheetShape())[0]


def _text_columns(records: Iterator[list[str]]) -> list[list[object]]:
    """Records -> columns of one length, '' where a record is short.

    A few records at a time: a million of them side by side cost twice the time and memory.
    """
    columns: list[list[object]] = []
    done = 0
    while rows := list(islice(records, _CHUNK)):
        width = max(map(len, rows))
        if width > _MOST_COLUMNS or width * (done + len(rows)) > _MOST_CELLS:
            raise csv.Error("too many columns")
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
        recognised = max(sum(map(is_header, row)) for row in rows[:HEADER_ROWS])
        width, count = Counter(map(len, rows)).most_common(1)[0]
        return (recognised, count / len(rows) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=score)
