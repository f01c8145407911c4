"""Which formulas depend on changed cells, directly or through others."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple, cast

import numpy as np

from crm_xl.cell_reach import formula_places
from crm_xl.cells import column_number, small_number
from crm_xl.sheet_stream import MAX_ROWS, SheetStream

from .cell_xml import Area, area
from .references import (
    COLUMN,
    LAST_COLUMN,
    LAST_ROW,
    MAX_COLUMNS,
    ROW,
    CellRange,
    TableRange,
    is_excel_function,
    references,
    shifted,
)
from .tables import TablePart
from .values import decode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_CELL = re.compile(rb"<" + _P + rb"c(?=[\s/>])([^<>]*)>")
_FORMULA = re.compile(rb"<(" + _P + rb")f(?=[\s/>])([^>]*?)(?:/>|>(.*?)</\1f\s*>)", re.DOTALL)
_CELL_COLUMN = re.compile(rb"\sr\s*=\s*[\"']\$?([A-Za-z]{1,3})")
_ATTRIBUTES = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

Kind = Literal["normal", "shared", "array", "dataTable"]


@dataclass(slots=True)
class FormulaCell:
    """A cell with a formula, 0-based. `text` is without =, and empty in a member of a shared formula;
    `ref`: the range that it fills or shares; `si`: which shared formula; `ca`: marked already."""

    row: int
    column: int
    text: str
    kind: Kind = "normal"
    ref: Area | None = None
    si: int | None = None
    ca: bool = False


def row_formulas(row: int, xml: bytes, prefix: bytes = b"") -> Iterator[FormulaCell]:
    """The formulas of one row element. `row` is 0-based; `prefix` as the sheet's elements have it (`x:`)."""
    opening = b"<" + prefix + b"f"
    if opening not in xml:
        return
    tag = b"<" + prefix + b"c"
    counted_to, column = 0, -1
    for m in _FORMULA.finditer(xml, xml.find(opening)):
        if m[1] != prefix:
            continue
        at = xml.rfind(tag, counted_to, m.start())
        named = _CELL_COLUMN.search(xml, at, xml.find(b">", at)) if at >= 0 else None
        if at < 0:
            pass  # a second formula of one cell
        elif named:
            column = _column(named[1])
        else:  # cells without a name are counted
            for cell in _CELL.finditer(xml, counted_to, m.start()):
                named = _CELL_COLUMN.search(cell[1])
                column = _column(named[1]) if named else column + 1
        counted_to = m.start()
        yield _formula(row, column, m)


def formula_cells(pieces: Iterable[bytes], name: str) -> dict[int, set[int]]:
    """Column -> rows of the cells of a worksheet part that hold a formula."""
    stream = SheetStream(pieces, name)
    before, mark = -1, b"<" + stream.prefix + b"f"
    found: dict[int, set[int]] = {}
    for _, block in stream.blocks():
        last = stream.last_number(block)
        if last is not None and mark not in block:
            before = last
            continue
        usual = None if stream.prefix or last is None else formula_places(block)
        if usual is not None and last is not None:
            rows, columns = usual
            for column in np.unique(columns).tolist():
                found.setdefault(column, set()).update(rows[columns == column].tolist())
            before = last
            continue
        for row in stream.rows(block, before):
            before = row.number
            for cell in row_formulas(before, row.xml, stream.prefix):
                found.setdefault(cell.column, set()).add(cell.row)
    return found


def formula_text_at(pieces: Iterable[bytes], name: str, row: int, column: int) -> str:
    """The formula of a cell, as it would read if it were not shared; empty if there is none."""
    stream = SheetStream(pieces, name)
    before, mark = -1, b"<" + stream.prefix + b"f"
    masters: dict[int | None, FormulaCell] = {}
    for _, block in stream.blocks():
        last = stream.last_number(block)
        if last is not None and (mark not in block or (b"shared" not in block and last < row)):
            before = last
            continue
        for line in stream.rows(block, before):
            before = line.number
            for cell in row_formulas(before, line.xml, stream.prefix) if mark in line.xml else ():
                if cell.kind == "shared" and cell.text:
                    masters[cell.si] = cell
                if (cell.row, cell.column) == (row, column):
                    master = masters.get(cell.si) if cell.kind == "shared" and not cell.text else None
                    return shifted(master.text, row - master.row, column - master.column) if master else cell.text
    return ""


@lru_cache(maxsize=1024)
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


def _formula(row: int, column: int, m: re.Match[bytes]) -> FormulaCell:
    text = decode_text(m[3] or b"")
    if not m[2]:
        return FormulaCell(row, column, text)
    a = {name: double or single for name, double, single in _ATTRIBUTES.findall(m[2])}
    kind = a.get(b"t", b"normal").decode()
    ref, si = a.get(b"ref"), a.get(b"si", b"")
    return FormulaCell(
        row,
        column,
        text,
        cast(Kind, kind) if kind in ("shared", "array", "dataTable") else "normal",
        _area(ref) if ref else None,
        small_number(si),
        a.get(b"ca") in (b"1", b"true"),
    )


def _area(reference: bytes) -> Area:
    try:
        return area(reference.decode())
    except ValueError:  # who knows what it fills
        return 0, 0, MAX_ROWS - 1, MAX_COLUMNS - 1


@dataclass(slots=True)
class Book:
    """What formulas may name. `sheets` in order; `names`: (sheet, or None for the whole workbook; name) ->
    formula text. Of a table that became shorter, give the longer state: cells that left it changed too."""

    sheets: Sequence[str]
    tables: Iterable[TablePart] = ()
    names: Mapping[tuple[str | None, str], str] = field(default_factory=dict)


class Left(NamedTuple):
    """A formula that depends on a change and is not to be calculated. `function`: which one is not Excel's."""

    sheet: str
    row: int
    column: int
    reason: Literal["function", "link"]
    function: str = ""


@dataclass(slots=True)
class Found:
    """The formulas to mark, (row, column) by sheet, and those that are reported instead."""

    marks: dict[str, set[tuple[int, int]]]
    left: list[Left]


class _Span(NamedTuple):
    """A range on one sheet; `moves` as in CellRange."""

    sheet: int
    row: int
    column: int
    last_row: int
    last_column: int
    moves: int


class _Reach(NamedTuple):
    """What a formula reads: `cells`, relative to where its text stands; `named`, relative to A1 (they come
    from defined names); `in_row`: (sheet, columns) in the formula's own row. `left`: why it is not marked."""

    cells: tuple[_Span, ...] = ()
    named: tuple[_Span, ...] = ()
    in_row: tuple[tuple[int, int, int], ...] = ()
    everything: bool = False
    left: tuple[Literal["function", "link"], str] | None = None


_EVERYTHING = _Reach(everything=True)


class Dependents:
    """The formulas of a workbook. Add them all, the first of a shared formula before its others; then
    ask which depend on a change."""

    def __init__(self, book: Book) -> None:
        self._sheets = list(book.sheets)
        self._ids = {name.casefold(): i for i, name in enumerate(self._sheets)}
        self._tables = {t.name.casefold(): t for t in book.tables}
        self._names = {(s and s.casefold(), n.casefold()): text for (s, n), text in book.names.items()}
        self._reach = lru_cache(maxsize=4096)(self._read)
        self._named = lru_cache(maxsize=4096)(self._read_name)
        self._opening: set[tuple[int, str | None, str]] = set()
        self._cells = array("i")
        """sheet, row, column of each formula"""
        self._filled: dict[int, Area] = {}
        """formula -> the range that it fills, if that is more than its cell"""
        self._everything: list[int] = []
        self._left: dict[int, tuple[Literal["function", "link"], str]] = {}
        self._links = array("i")
        """sheet, node, first row, last row, formula: what each formula reads"""
        self._masters: dict[tuple[int, int], tuple[int, int, _Reach]] = {}

    def add(self, sheet: str, cell: FormulaCell) -> None:
        """A formula of a sheet."""
        home = self._ids[sheet.casefold()]
        formula = len(self._cells) // 3
        self._cells.extend((home, cell.row, cell.column))
        first = last = cell.row
        if cell.ref and cell.kind in ("array", "dataTable"):
            self._filled[formula] = cell.ref
            first, last = cell.ref[0], cell.ref[2]
        down = right = 0
        if cell.kind == "dataTable":
            reach = _EVERYTHING  # its formulas stand at its edge, its inputs anywhere on the sheet
        elif cell.kind == "shared" and not cell.text:
            row, column, reach = self._masters.get((home, cell.si or 0), (cell.row, cell.column, _EVERYTHING))
            down, right = cell.row - row, cell.column - column
        else:
            reach = self._reach(home, cell.text)
            if cell.kind == "shared":
                self._masters[home, cell.si or 0] = cell.row, cell.column, reach
        if reach.left:
            self._left[formula] = reach.left
        if reach.everything:
            self._everything.append(formula)
            return
        for span in reach.cells:
            self._link(formula, span, down, right)
        for span in reach.named:
            self._link(formula, span, cell.row, cell.column)
        for on, left, right_most in reach.in_row:
            self._link(formula, _Span(on, first, left, last, right_most, 0), 0, 0)

    def _link(self, formula: int, span: _Span, down: int, right: int) -> None:
        sheet, row, column, last_row, last_column, moves = span
        row, last_row = _moved(row, last_row, moves & ROW and down, moves & LAST_ROW and down, MAX_ROWS)
        column, last_column = _moved(
            column, last_column, moves & COLUMN and right, moves & LAST_COLUMN and right, MAX_COLUMNS
        )
        if column == last_column:
            self._links.extend((sheet, MAX_COLUMNS + column, row, last_row, formula))
        else:
            for node in _nodes(column, last_column):
                self._links.extend((sheet, node, row, last_row, formula))

    def _read(self, home: int, text: str) -> _Reach:
        """What the text of a formula on the sheet `home` reads."""
        found = references(text)
        cells: list[_Span] = []
        named: list[_Span] = []
        in_row: list[tuple[int, int, int]] = []
        everything = found.everything
        left: tuple[Literal["function", "link"], str] | None = ("link", "") if found.links else None
        for cell_range in found.cells:
            spans = self._spans(home, cell_range)
            everything = everything or not spans
            cells += spans
        for table_range in found.tables:
            of_table = self._table_spans(home, table_range)
            everything = everything or of_table is None
            if of_table is not None:
                cells += of_table[0]
                in_row += of_table[1]
        calls = [f for f in found.functions if not is_excel_function(f)]
        for sheet, name in (*found.names, *((None, f) for f in calls)):
            reach = self._named(home, sheet, name)
            if reach is not None:
                named += reach.named
                in_row += reach.in_row
                everything = everything or reach.everything
                left = reach.left or left
            elif name in calls:
                left = "function", name
            elif not found.parameters:
                everything = True
        return _Reach(tuple(cells), tuple(named), tuple(in_row), everything, left)

    def _read_name(self, home: int, sheet: str | None, name: str) -> _Reach | None:
        """What a defined name reads, all of it in `named`. None: there is no such name."""
        key = name.casefold()
        own = sheet.casefold() if sheet is not None else self._sheets[home].casefold()
        text = next(
            (self._names[s, n] for s in (own, None) for n in (key, f"_xlnm.{key}") if (s, n) in self._names), None
        )
        if text is None:
            # a name of the whole workbook may be written with any sheet, a table without brackets
            return self._table_name(home, key) if sheet is None else None
        opened = (home, sheet, key)
        if opened in self._opening or len(self._opening) > 200:  # names in a circle
            return _EVERYTHING
        self._opening.add(opened)
        reach = self._read(home, text.removeprefix("="))
        self._opening.discard(opened)
        return reach._replace(cells=(), named=(*reach.cells, *reach.named))

    def _table_name(self, home: int, key: str) -> _Reach | None:
        table = self._tables.get(key)
        spans = self._table_spans(home, TableRange(key, (), None, None)) if table else None
        return _Reach(named=tuple(spans[0])) if spans else None

    def _spans(self, home: int, found: CellRange) -> list[_Span]:
        """The range on each of its sheets; none if there are no such sheets."""
        first = home if found.sheet is None else self._ids.get(found.sheet.casefold())
        last = first if found.last_sheet is None else self._ids.get(found.last_sheet.casefold())
        if first is None or last is None:
            return []
        first, last = min(first, last), max(first, last)
        return [_Span(sheet, *found[2:]) for sheet in range(first, last + 1)]

    def _table_spans(self, home: int, found: TableRange) -> tuple[list[_Span], list[tuple[int, int, int]]] | None:
        """(ranges, columns in the formula's row) of a structured reference. None: no such table or column."""
        if found.table is None:  # the formula stands in it: every table of the sheet that fits
            fits = [t for t in self._tables.values() if self._ids.get(t.sheet.casefold()) == home]
        else:
            table = self._tables.get(found.table.casefold())
            fits = [table] if table else []
        spans: list[_Span] = []
        in_row: list[tuple[int, int, int]] = []
        known = False
        for table in fits:
            sheet = self._ids.get(table.sheet.casefold())
            columns = _columns(table, found)
            if sheet is None or columns is None:
                continue
            known = True
            left, right = columns
            for what in found.specifiers or ("#data",):
                if what == "#this row":
                    in_row.append((sheet, left, right))
                    continue
                first, last = _table_rows(table, what)
                if first <= last:
                    spans.append(_Span(sheet, first, left, last, right, 0))
        return (spans, in_row) if known else None

    def find(
        self,
        changed: Mapping[str, Collection[Area]],
        skip: Callable[[str, int, int], bool],
        rewritten: Mapping[str, Collection[tuple[int, int]]] = {},
    ) -> Found:
        """The formulas that depend on the changed areas (0-based, by sheet).

        `skip(sheet, row, column)`: a formula that is right already; a change passes on through it only if
        its cell is among the changed ones.
        """
        cells = np.frombuffer(self._cells, dtype=np.intc).reshape(-1, 3).tolist()
        live = bytearray(not skip(self._sheets[s], r, c) for s, r, c in cells)
        pending = [(self._ids[name.casefold()], *where) for name, areas in changed.items() for where in areas]
        index = _Index(np.frombuffer(self._links, dtype=np.intc).reshape(-1, 5))
        hit: list[int] = []
        found = Found({}, [])
        hits: Sequence[int] = self._everything if pending or rewritten else ()
        if rewritten:
            places = {(self._ids[name.casefold()], *place) for name, found in rewritten.items() for place in found}
            hits = [*hits, *(i for i, (s, r, c) in enumerate(cells) if (s, r, c) in places)]
        while True:
            for formula in hits:
                if not live[formula]:
                    continue
                live[formula] = False
                hit.append(formula)
                sheet, row, column = cells[formula]
                r1, c1, r2, c2 = self._filled.get(formula) or (row, column, row, column)
                pending.append((sheet, r1, c1, r2, c2))
            if not pending:
                break
            hits = index.take(*pending.pop())
        for formula in sorted(hit):
            sheet, row, column = cells[formula]
            if formula in self._left:
                found.left.append(Left(self._sheets[sheet], row, column, *self._left[formula]))
            else:
                found.marks.setdefault(self._sheets[sheet], set()).add((row, column))
        return found


def _moved(first: int, last: int, by_first: int, by_last: int, size: int) -> tuple[int, int]:
    """A range of rows or columns, moved. What leaves the sheet comes in again at its other side."""
    first += by_first
    last += by_last
    if 0 <= first < size and 0 <= last < size:
        return (first, last) if first <= last else (last, first)
    together = first // size == last // size
    first, last = first % size, last % size
    return (first, last) if together and first <= last else (0, size - 1)


def _columns(table: TablePart, found: TableRange) -> tuple[int, int] | None:
    """First and last column of a structured reference."""
    if found.first is None or found.last is None:
        return table.left, table.right
    headers = [h.casefold() for h in table.headers]
    first, last = found.first.casefold(), found.last.casefold()
    if first not in headers or last not in headers:
        return None
    a, b = table.left + headers.index(first), table.left + headers.index(last)
    return min(a, b), max(a, b)


def _table_rows(table: TablePart, specifier: str) -> tuple[int, int]:
    if specifier == "#headers":
        return table.top, table.first - 1
    if specifier == "#totals":
        return table.last + 1, table.last + table.totals_rows
    if specifier == "#all":
        return table.top, table.last + table.totals_rows
    return table.first, table.last


@lru_cache(maxsize=4096)
def _nodes(first: int, last: int) -> list[int]:
    """The fewest nodes of the binary tree over all columns that hold just these columns. Node 1 is the
    root, n has the children 2n and 2n + 1, and column c is the leaf MAX_COLUMNS + c."""
    found = []
    a, b = first + MAX_COLUMNS, last + MAX_COLUMNS + 1
    while a < b:
        if a & 1:
            found.append(a)
            a += 1
        if b & 1:
            b -= 1
            found.append(b)
        a >>= 1
        b >>= 1
    return found


class _Index:
    """What formulas read, by sheet and columns: an area takes out those who read it, each time once.

    `links`: rows of (sheet, node of the tree over the columns, first row, last row, formula).
    """

    def __init__(self, links: np.ndarray[tuple[int, ...], np.dtype[np.intc]]) -> None:
        order = np.lexsort((links[:, 2], links[:, 1], links[:, 0]))
        self._links = links[order]
        keys = self._links[:, 0].astype(np.int64) * (2 * MAX_COLUMNS) + self._links[:, 1]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = np.append(starts, len(keys))[1:]
        self._places = dict(zip(keys[starts].tolist(), zip(starts.tolist(), ends.tolist(), strict=True), strict=True))
        self._rows: dict[int, _Rows] = {}
        self._over: dict[tuple[int, int, int], list[_Rows]] = {}

    def take(self, sheet: int, r1: int, c1: int, r2: int, c2: int) -> list[int]:
        """The formulas that read any of these cells and were not taken before through the same range."""
        found: list[int] = []
        if (sheet, c1, c2) not in self._over:
            self._over[sheet, c1, c2] = self._read_over(sheet, c1, c2)
        for rows in self._over[sheet, c1, c2]:
            rows.take(r1, r2, found)
        return found

    def _read_over(self, sheet: int, first: int, last: int) -> list[_Rows]:
        """The rows kept at every node that holds one of these columns."""
        base = sheet * 2 * MAX_COLUMNS
        a, b = first + MAX_COLUMNS, last + MAX_COLUMNS
        found = []
        while a:
            found += [self._at(base + node) for node in range(a, b + 1) if base + node in self._places]
            a >>= 1
            b >>= 1
        return found

    def _at(self, key: int) -> _Rows:
        if key not in self._rows:
            start, end = self._places[key]
            part = self._links[start:end]
            self._rows[key] = _Rows(part[:, 2].tolist(), part[:, 3], part[:, 4].tolist())
        return self._rows[key]


class _Rows:
    """Row intervals with their formulas, sorted by first row: a binary tree over them keeps the greatest
    last row of each part, -1 where all are taken."""

    __slots__ = ("_firsts", "_formulas", "_lasts", "_size")

    def __init__(
        self, firsts: list[int], lasts: np.ndarray[tuple[int, ...], np.dtype[np.intc]], formulas: list[int]
    ) -> None:
        self._firsts, self._formulas = firsts, formulas
        self._size = 1 << (len(firsts) - 1).bit_length()
        tree = np.full(2 * self._size, -1, dtype=np.intc)
        tree[self._size : self._size + len(firsts)] = lasts
        level = self._size
        while level > 1:
            tree[level // 2 : level] = np.maximum(tree[level : 2 * level : 2], tree[level + 1 : 2 * level : 2])
            level //= 2
        self._lasts: list[int] = tree.tolist()

    def take(self, first: int, last: int, found: list[int]) -> None:
        """Move the formulas of all intervals that meet these rows to `found`."""
        lasts = self._lasts
        if lasts[1] < first:
            return
        size = self._size
        end = size + bisect_right(self._firsts, last)
        """Behind the last leaf that begins early enough."""
        pending = [(1, size)]
        while pending:
            node, width = pending.pop()
            if lasts[node] < first or node * width >= end:
                continue
            if width > 1:
                half = width >> 1
                pending.append((2 * node + 1, half))
                pending.append((2 * node, half))
                continue
            found.append(self._formulas[node - size])
            lasts[node] = -1
            while node > 1:
                node >>= 1
                greatest = max(lasts[2 * node], lasts[2 * node + 1])
                if lasts[node] == greatest:
                    break
                lasts[node] = greatest
