"""`LiveWorkbook`: a workbook open in Excel behind the `Workbook` protocol.

Sheets are read whole, in a few calls; `apply` writes what differs, a stretch of a column at a time. How many
calls that takes does not depend on the number of rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import xlwings

from crm_xl.cells import CellError, cell_name
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sheet_values import SheetValues
from crm_xl.workbook.cell_xml import Area, area, area_name, type_of
from crm_xl.workbook.edited_workbook import CALC, EditedWorkbook, named_cells
from crm_xl.workbook.edits import Run, SheetEdits, Write
from crm_xl.workbook.references import shifted
from crm_xl.workbook.tables import TablePart
from crm_xl.workbook.values import Value

from .session import com_error, is_unknown_name, told
from .udfs import ERRORS

_FILL_FORMATS = 3
"""XlAutoFillType.xlFillFormats."""
_STRETCHES = 8
"""A column is written in at most so many stretches; more of them are joined over cells that stay equal."""
_MAX_ROWS = 1_048_576
_MAX_AREA = 40_000_000
_ERROR_TEXTS = {code: CellError(text) for text, code in ERRORS.items()}
_UNKNOWN_ERROR = CellError("#UNKNOWN!")
_DAY_ZERO = dt.datetime(1899, 12, 30)
_DAYS_1904 = 1462

_OURS = re.compile(
    r'("(?:[^"]|"")*")'  # texts stay
    r"|(?:'[^'\[\]]*crm_xl\.xlam'|\bcrm_xl\.xlam|\[\d+\])!"  # where the add-in's functions come from
    r"|(\w*)\[@(?:\[((?:'.|[^'\[\]])*)\]|((?:'.|[^'\[\]])*))\]"  # [@a], [@[a b]]
    r"|(?<![\w\]\[])(\[\[#This Row\],)"  # inside its own table, a table is not named
    r"|@"  # where a formula that came without arrays would take one cell of many
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_ENTERED = re.compile(
    r"[=+\-@'#]|[^\w]*\d|(?:true|false)\s*$|(?:" + _MONTHS + r")[a-z]*[\s.,/-]*\d|[上下]午", re.IGNORECASE
)


class Formula(str):
    """What a cell holds that is a formula, with its =."""

    __slots__ = ()


Content = Value | Formula
"""What a cell holds, dates as serial numbers; empty: None."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Cells of a column, from row `first` on (0-based), with what they held and are to hold."""

    sheet: str
    column: int
    first: int
    old: Sequence[Content]
    new: Sequence[Content]

    @property
    def last(self) -> int:
        return self.first + len(self.new) - 1

    @property
    def address(self) -> str:
        return area_name(self.first, self.column, self.last, self.column)

    def backwards(self) -> Stretch:
        return Stretch(self.sheet, self.column, self.first, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Sizing:
    """A table's last data row."""

    table: str
    old: int
    new: int

    def backwards(self) -> Sizing:
        return Sizing(self.table, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Changes:
    """All that one application writes."""

    stretches: Sequence[Stretch]
    sizings: Sequence[Sizing]

    def backwards(self) -> Changes:
        return Changes([s.backwards() for s in self.stretches], [s.backwards() for s in self.sizings])

    @property
    def cells(self) -> int:
        """How many cells get something else."""
        return sum(not same(a, b) for s in self.stretches for a, b in zip(s.old, s.new, strict=True))

    def __bool__(self) -> bool:
        return bool(self.stretches or self.sizings)


class _Grid:
    """A sheet as read: values, and what its cells hold."""

    def __init__(self, values: SheetValues, columns: list[list[Content]]) -> None:
        self.values = values
        self.columns = columns

    def content(self, row: int, column: int) -> Content:
        cells = self.columns[column] if column < len(self.columns) else ()
        return cells[row] if row < len(cells) else None

    def slice(self, column: int, first: int, count: int) -> list[Content]:
        """The cells of a column from row `first` on."""
        cells = self.columns[column][first : first + count] if column < len(self.columns) else []
        return cells + [None] * (count - len(cells))


class LiveWorkbook(EditedWorkbook):
    """A workbook that is open in Excel. Nothing is written before `apply`.

    Errors while opening: Refused excel_read_only, excel_too_old. While reading: sheet_too_far, excel_no_date.
    While applying: occupied_below, totals_row, protected_cell, excel_merged, excel_not_taken, sheet_too_long;
    excel_half if what was written could not be put back. Wherever Excel is asked: excel_busy, excel_gone,
    excel_refused.
    """

    def __init__(self, book: xlwings.Book) -> None:
        super().__init__()
        self._api = book.api
        self._app = book.app
        self._objects: dict[str, Any] = {}
        """Table name -> its ListObject."""
        self._sheets: dict[str, Any] = {}
        self._grids: dict[str, _Grid] = {}
        with told():
            self.path = str(self._api.FullName)
            if self._api.ReadOnly:
                raise Refused("excel_read_only", path=self.path)
            self.date1904 = bool(self._api.Date1904)
            self._learn()
            self._formula = "Formula2" if _spills_formulas(self._api) else "Formula"
            """The property that says whether a formula takes all of a range or one cell of it."""
            if self.is_ours and self._formula == "Formula":
                raise Refused("excel_too_old", path=self.path)

    def _learn(self) -> None:
        """Sheets, tables and names."""
        sheets = self._api.Worksheets
        for i in range(1, sheets.Count + 1):
            sheet = sheets(i)
            name = sheet.Name
            self._sheets[name] = sheet
            tables = sheet.ListObjects
            for j in range(1, tables.Count + 1):
                part = _table(tables(j), name)
                self._tables[part.name] = part
                self._objects[part.name] = tables(j)
        names = self._api.Names
        for i in range(1, names.Count + 1):
            found = named_cells(str(names(i).RefersTo).removeprefix("="))
            name = names(i).Name
            if found and "!" not in name and found[0] in self._sheets:
                self._names[name] = found

    # ------------------------------------------------------------ what there is

    def _has_sheet(self, name: str) -> bool:
        return name in self._sheets

    def sheet(self, name: str) -> SheetValues:
        return self._grid(name).values

    def _formulas_of(self, sheet: str) -> Mapping[int, set[int]]:
        return {
            column: {row for row, content in enumerate(cells) if type(content) is Formula}
            for column, cells in enumerate(self._grid(sheet).columns)
        }

    def _calculated_columns(self, table: TablePart) -> Mapping[str, str]:
        # Excel does not say which columns are calculated: those whose last rows hold one formula
        grid = self._grid(table.sheet)
        last = table.first + self.read_table(table.name).used - 1
        found = {}
        for column, header in enumerate(table.headers, table.left):
            below, above = (_text(grid.content(row, column)) for row in (last, last - 1))
            if below and (last == table.first or shifted(above, 1, 0) == below):
                found[header] = below
        return found

    def _formula_at(self, sheet: str, row: int, column: int) -> str:
        return _text(self._grid(sheet).content(row, column))

    def _grid(self, name: str) -> _Grid:
        if name not in self._grids:
            with told():
                self._grids[name] = self._read(name)
        return self._grids[name]

    def _read(self, name: str) -> _Grid:
        """A sheet from A1 to its last used cell."""
        sheet = self._sheets[name]
        used = sheet.UsedRange
        height, width = used.Row + used.Rows.Count - 1, used.Column + used.Columns.Count - 1
        if height * width > _MAX_AREA:
            raise CrmXlError("sheet_too_far", sheet=name, cell=cell_name(height - 1, width - 1))
        cells = sheet.Range(area_name(0, 0, height - 1, width - 1))
        raw = _block(cells.Value2)  # Value would round amounts with a currency format
        try:
            shown = _block(cells.Value)  # and Value2 does not tell dates from numbers
        except (ValueError, OverflowError) as error:  # a date format on a number that is no date
            raise CrmXlError("excel_no_date", sheet=name) from error
        formulas = None if cells.HasFormula is False else _block(getattr(cells, self._formula))
        plain = [[_plain(v) for v in row] for row in raw]
        rows = [
            [self._dated(v, s) if isinstance(s, dt.datetime) else v for v, s in zip(values, line, strict=True)]
            for values, line in zip(plain, shown, strict=True)
        ]
        columns: list[list[Content]] = [list(cells) for cells in zip(*plain, strict=True)]
        if formulas is not None:
            for column, texts in enumerate(zip(*formulas, strict=True)):
                here = columns[column]
                for row, text in enumerate(texts):
                    # a text that begins with = reads as itself
                    if type(text) is str and text.startswith("=") and text != here[row]:
                        here[row] = Formula(text)
            if name == CALC:
                self._leave_out_spilled(sheet, columns)
        return _Grid(SheetValues([list(cells) for cells in zip(*rows, strict=True)], formulas is not None), columns)

    def _dated(self, value: Value, shown: dt.datetime) -> object:
        """A cell with a date format: its date, but for mere times, which are parts of a day."""
        if not isinstance(value, float) or value < 1:
            return value
        days = value + _DAYS_1904 if self.date1904 else value
        return _moment(days if days >= 61 else days + 1)  # Excel counts a 29 February 1900

    @staticmethod
    def _leave_out_spilled(sheet: Any, columns: list[list[Content]]) -> None:
        """Cells that a formula fills from elsewhere hold nothing themselves."""
        for column in range(len(columns)):
            if len(columns[column]) < 2 or type(columns[column][1]) is not Formula:
                continue
            anchor = sheet.Range(cell_name(1, column))
            if not anchor.HasSpill:
                continue
            r1, c1, r2, c2 = area(_address(anchor.SpillingToRange))
            for c in range(c1, min(c2 + 1, len(columns))):
                for r in range(r1, min(r2 + 1, len(columns[c]))):
                    if (r, c) != (1, column):
                        columns[c][r] = None

    # ------------------------------------------------------------ what is to be written

    def changes(self) -> Changes:
        """What `apply` would write."""
        sizings = [
            Sizing(name, self._tables[name].last, last)
            for name, last in self._last.items()
            if last != self._tables[name].last
        ]
        return Changes([s for name, edits in self._edits.items() for s in self._stretches(name, edits)], sizings)

    def _stretches(self, sheet: str, edits: SheetEdits) -> Iterator[Stretch]:
        grid = self._grid(sheet)
        singles: dict[int, dict[int, Write]] = {}
        for row, writes in edits.cells.items():
            for column, write in writes.items():
                singles.setdefault(column, {})[row] = write
        for column in sorted(edits.runs.keys() | singles.keys()):
            runs, here = edits.runs.get(column, []), singles.get(column, {})
            first = min([*(r.first for r in runs), *here])
            last = max([*(r.last for r in runs), *here])
            old = grid.slice(column, first, last - first + 1)
            new = list(old)
            for run in runs:
                at, end = run.first - first, run.last - first + 1
                new[at:end] = _wanted_run(run, old[at:end])
            for row, write in here.items():
                new[row - first] = _wanted(write, old[row - first])
            home = self._home(sheet, column, first, last)
            differs = [not same(a, b, home) for a, b in zip(old, new, strict=True)]
            for start, end in _joined(differs, old):
                yield Stretch(sheet, column, first + start, old[start : end + 1], new[start : end + 1])

    def _home(self, sheet: str, column: int, first: int, last: int) -> str:
        """The table in which cells of a column lie; empty if in none."""
        here = (
            t.name
            for t in self._tables.values()
            if t.sheet == sheet and t.left <= column <= t.right and t.top <= last and first <= self._last_row(t)
        )
        return next(here, "")

    def _last_row(self, table: TablePart) -> int:
        return max(table.last, self._last.get(table.name, table.last))

    # ------------------------------------------------------------ applying

    def apply(self, keep: Callable[[Changes], None] = lambda _: None) -> Changes:
        """Write everything that is pending; what was written is taken back if a part of it fails.

        `keep` gets the changes before the first of them is made. The book is not saved.
        """
        changes = self.changes()
        if changes:
            self._check_room()
            with told():
                self._refuse_what_cannot_be(changes)
            keep(changes)
            self._carry_out(changes)
        self._edits.clear()
        self._last.clear()
        self._used.clear()
        self._column_formulas.clear()
        return changes

    def undo(self, changes: Changes) -> int:
        """Take back what `apply` wrote, also if it was cut off; returns how many cells change.

        Errors: Refused undo_changed if a cell holds neither what it held nor what it was given; those of `apply`.
        """
        back = self._back(changes)
        if back:
            with told():
                self._refuse_what_cannot_be(back)
            self._carry_out(back)
        return back.cells

    def _back(self, changes: Changes) -> Changes:
        """From what there is to what there was."""
        sizings, stretches = [], []
        for s in changes.sizings:
            table = self._tables.get(s.table)
            if table is None or table.last not in (s.old, s.new):
                raise Refused("undo_changed", sheet=table.sheet if table else "", cell=s.table)
            sizings += [s.backwards()] if table.last == s.new else []
        for t in changes.stretches:
            if t.sheet not in self._sheets:
                raise Refused("undo_changed", sheet=t.sheet, cell=cell_name(t.first, t.column))
            home = self._home(t.sheet, t.column, t.first, t.last)
            there = self._grid(t.sheet).slice(t.column, t.first, len(t.new))
            for row, (old, new, now) in enumerate(zip(t.old, t.new, there, strict=True), t.first):
                if not same(now, new, home) and not same(now, old, home):
                    raise Refused("undo_changed", sheet=t.sheet, cell=cell_name(row, t.column))
            stretches.append(Stretch(t.sheet, t.column, t.first, there, t.old))
        return Changes(stretches, sizings)

    def _refuse_what_cannot_be(self, changes: Changes) -> None:
        """Errors: occupied_below, sheet_too_long, protected_cell, excel_merged."""
        for sizing in changes.sizings:
            self._refuse_size(sizing)
        barred = {name for name in {s.sheet for s in changes.stretches} if self._is_barred(name)}
        for s in changes.stretches:
            sheet = self._sheets[s.sheet]
            locked = _first_with(sheet, s, "Locked") if s.sheet in barred else ""
            if locked:
                raise CrmXlError("protected_cell", sheet=s.sheet, cell=locked)
            merged = _first_swallowed(sheet, s)
            if merged:
                raise CrmXlError("excel_merged", sheet=s.sheet, cell=merged)

    def _refuse_size(self, sizing: Sizing) -> None:
        table = self._tables[sizing.table]
        if self._is_barred(table.sheet):  # on a protected sheet no table changes its size
            raise CrmXlError("protected_cell", sheet=table.sheet, cell=cell_name(table.last + 1, table.left))
        if sizing.new >= _MAX_ROWS:
            raise CrmXlError("sheet_too_long", sheet=table.sheet)
        grid, more = self._grid(table.sheet), sizing.new - table.last
        for column in range(table.left, table.right + 1) if more > 0 else ():
            for row, content in enumerate(grid.slice(column, table.last + 1, more), table.last + 1):
                if content is not None:
                    cell = cell_name(row, column)
                    raise CrmXlError("occupied_below", sheet=table.sheet, cell=cell, table=table.name)

    def _is_barred(self, sheet: str) -> bool:
        """Whether a sheet is protected against programs, too."""
        api = self._sheets[sheet]
        return bool(api.ProtectContents) and not api.ProtectionMode

    def _carry_out(self, changes: Changes) -> None:
        """All of the changes or none. Error: excel_half if neither can be had."""
        begun: list[Sizing | Stretch] = []
        try:
            with told():
                for step in _steps(changes):
                    begun.append(step)
                    self._take(step)
                self._forget_what_was_read()
                differs = self._first_other(changes)
            if differs:
                raise CrmXlError("excel_not_taken", sheet=differs[0], cell=differs[1])
        except BaseException as error:
            self._put_back(begun, error)
            raise

    def _put_back(self, begun: Sequence[Sizing | Stretch], error: BaseException) -> None:
        sizings = [s for s in begun if isinstance(s, Sizing)]
        stretches = [s for s in begun if isinstance(s, Stretch)]
        back = Changes(stretches, sizings).backwards()
        for step in _steps(back):
            with suppress(Exception):  # whatever the others come to; the cells are looked at below
                self._take(step)
        self._forget_what_was_read()
        try:
            whole = self._sized(back) and self._first_other(back, empty_too=True) is None
        except CrmXlError:
            whole = False
        if not whole:
            raise CrmXlError("excel_half", path=self.path) from error

    def _sized(self, changes: Changes) -> bool:
        """Whether the tables have the size that the changes give them."""
        with told():
            there = {s.table: _table(self._objects[s.table], "").last for s in changes.sizings}
        return all(there[s.table] == s.new for s in changes.sizings)

    def _forget_what_was_read(self) -> None:
        self._grids.clear()
        self._own_formulas.clear()
        self._with_formula.clear()

    def _take(self, step: Sizing | Stretch) -> None:
        if isinstance(step, Stretch):
            self._enter(step)
            return
        table = self._tables[step.table]
        sheet = self._sheets[table.sheet]
        if step.new > step.old:  # new rows look like the last one
            look = sheet.Range(area_name(step.old, table.left, step.old, table.right))
            look.AutoFill(sheet.Range(area_name(step.old, table.left, step.new, table.right)), _FILL_FORMATS)
        else:  # nor do they keep what Excel itself may have filled in
            gone = sheet.Range(area_name(step.new + 1, table.left, step.old, table.right))
            gone.Value2 = (("",) * len(table.headers),) * (step.old - step.new)
        last = step.new + table.totals_rows
        self._objects[step.table].Resize(sheet.Range(area_name(table.top, table.left, last, table.right)))
        table.last = step.new
        if step.new < step.old and not table.totals_rows:
            below = sheet.Range(area_name(step.old + 1, table.left, step.old + 1, table.right))
            with suppress(com_error()):  # rows that are gone look like those below; if not, nothing is lost
                below.AutoFill(
                    sheet.Range(area_name(step.new + 1, table.left, step.old + 1, table.right)), _FILL_FORMATS
                )

    def _enter(self, s: Stretch) -> None:
        cells = self._sheets[s.sheet].Range(s.address)
        text = _text(s.new[0])
        alike = text and all(c == s.new[0] for c in s.new) and shifted(text, 1, 1) == text
        if alike and not self._is_filtered(s.sheet):  # under a filter, one formula might reach visible rows only
            # over all cells of a table's column it makes a calculated column, as when it is typed
            tables = [t for t in self._tables.values() if t.sheet == s.sheet]
            correct = self._app.api.AutoCorrect
            correct.AutoFillFormulasInLists = any((t.first, t.last) == (s.first, s.last) for t in tables)
            try:
                setattr(cells, self._formula, "=" + text)
            finally:
                correct.AutoFillFormulasInLists = False
            return
        typed = any(map(_looks_typed, s.new))
        # in cells with the format Text nothing is read as if it were typed
        contents = s.new if typed and cells.NumberFormat == "@" else map(entered, s.new)
        rows = tuple(("" if c is None else c,) for c in contents)
        if any(type(c) is Formula for c in s.new):
            setattr(cells, self._formula, rows)
        else:
            cells.Value2 = rows

    def _is_filtered(self, sheet: str) -> bool:
        if self._sheets[sheet].FilterMode:
            return True
        filters = [self._objects[t.name].AutoFilter for t in self._tables.values() if t.sheet == sheet]
        return any(f is not None and f.FilterMode for f in filters)

    def _first_other(self, changes: Changes, *, empty_too: bool = False) -> tuple[str, str] | None:
        """Sheet and cell of the first cell that is not as the changes leave it. Cells that are to be empty
        count with `empty_too`: a formula may spill over them."""
        for s in changes.stretches:
            there, home = self._grid(s.sheet).slice(s.column, s.first, len(s.new)), ""
            if any(type(c) is Formula for c in s.new):
                home = self._home(s.sheet, s.column, s.first, s.last)
            for row, (left, now) in enumerate(zip(s.new, there, strict=True), s.first):
                if (left is not None or empty_too) and not same(now, left, home):
                    return s.sheet, cell_name(row, s.column)
        return None

    # ------------------------------------------------------------ functions that are not bound

    def unbound(self, is_ours: Callable[[str], bool]) -> Iterator[tuple[str, Area]]:
        """Sheet and range of formulas for which Excel shows #NAME? although `is_ours` knows them, stretch by
        stretch of a column."""
        for name in self._sheets:
            with told():
                passed_over = self._is_barred(name) or self._sheets[name].UsedRange.HasFormula is False
            if passed_over:
                continue
            grid = self._grid(name)
            for column, cells in enumerate(grid.columns):
                rows = [
                    row
                    for row, content in enumerate(cells)
                    if type(content) is Formula and grid.values.columns[column][row] == "#NAME?" and is_ours(content)
                ]
                for first, last in _runs(rows):
                    yield name, (first, column, last, column)

    def enter_again(self, sheet: str, cells: Area) -> None:
        """Formulas of a workbook of ours entered once more, so that Excel looks up their functions."""
        with told():
            there = self._sheets[sheet].Range(area_name(*cells))
            there.Formula2 = there.Formula  # Formula2 itself would keep an @
        self._grids.pop(sheet, None)

    def calculate(self, changes: Changes) -> None:
        """Calculate the sheets that were written: where calculation is manual, nobody else does it."""
        with told():
            for name in dict.fromkeys(s.sheet for s in changes.stretches):
                self._sheets[name].Calculate()


# ---------------------------------------------------------------- Excel's objects


def _table(found: Any, sheet: str) -> TablePart:
    r1, c1, r2, c2 = area(_address(found.Range))
    header_rows, totals = int(bool(found.ShowHeaders)), int(bool(found.ShowTotals))
    if header_rows:
        headers = ["" if v is None else str(v) for v in _block(found.HeaderRowRange.Value2)[0]]
    else:
        columns = found.ListColumns
        headers = [str(columns(i).Name) for i in range(1, columns.Count + 1)]
    return TablePart(found.Name, "", sheet, r1, c1, r2 - totals, c2, headers, header_rows, totals)


def _address(cells: Any) -> str:
    return str(cells.Address).replace("$", "")


def _block(value: Any) -> Sequence[Sequence[Any]]:
    """What a range gives: rows of cells, but the bare value for a single cell."""
    return value if isinstance(value, (tuple, list)) else ((value,),)


def _plain(value: Any) -> Value:
    """A cell's Value2: numbers are floats, so a whole number is an error."""
    if value is None or value == "":
        return None
    if type(value) is int:
        return _ERROR_TEXTS.get(value, _UNKNOWN_ERROR)
    return value  # type: ignore[no-any-return]


def _moment(days: float) -> dt.datetime:
    """The moment so many days after the last but one of 1899, to the millisecond as Excel keeps it."""
    return _DAY_ZERO + dt.timedelta(milliseconds=round(days * 86_400_000))


def _spills_formulas(book: Any) -> bool:
    """Whether this Excel has dynamic arrays."""
    try:
        return book.Worksheets(1).Range("A1").Formula2 is not None
    except AttributeError:
        return False
    except com_error() as error:
        if is_unknown_name(error):
            return False
        raise


def _first_with(sheet: Any, s: Stretch, quality: str) -> str:
    """The first cell of a stretch that is locked or merged; empty if none is. Excel answers None for a
    range of which only a part is."""
    first, last = s.first, s.last
    if getattr(sheet.Range(s.address), quality) is False:
        return ""
    while first < last:
        middle = (first + last) // 2
        if getattr(sheet.Range(area_name(first, s.column, middle, s.column)), quality) is False:
            first = middle + 1
        else:
            last = middle
    return cell_name(first, s.column)


def _first_swallowed(sheet: Any, s: Stretch) -> str:
    """The first cell of a stretch that is part of a merged cell, but not its first one, which alone holds what is
    written; empty if none is."""
    begin = _first_with(sheet, s, "MergeCells")
    if not begin:
        return ""
    for row in range(int(begin.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1, s.last + 1):
        cell = cell_name(row, s.column)
        area = sheet.Range(cell).MergeArea
        if (area.Row, area.Column) != (row + 1, s.column + 1):
            return cell
    return ""


# ---------------------------------------------------------------- contents


def _text(content: Content) -> str:
    """Formula text without its =; empty for a constant."""
    return content[1:] if type(content) is Formula else ""


def _wanted(write: Write, old: Content) -> Content:
    """What a write leaves in a cell."""
    if write.yields and type(old) is Formula:
        return old
    if write.formula is not None:
        return Formula("=" + write.formula)
    if write.spilled or write.value == "":  # what spills is no cell's own
        return None
    value = write.value
    return float(value) if type(value) is int else value


def _wanted_run(run: Run, old: Sequence[Content]) -> list[Content]:
    """`_wanted` for the cells of a run."""
    if run.formula is not None:
        new: list[Content] = [Formula("=" + run.formula)] * len(old)
    elif run.spilled:
        new = [None] * len(old)
    else:
        new = [None if v == "" else float(v) if type(v) is int else v for v in run.values]
    return [o if type(o) is Formula else n for o, n in zip(old, new, strict=True)] if run.yields else new


def _steps(changes: Changes) -> list[Sizing | Stretch]:
    """The order in which changes are made. Tables grow first and shrink last; constants go before formulas,
    which may spill over cells that they empty."""
    grown = [s for s in changes.sizings if s.new > s.old]
    shrunk = [s for s in changes.sizings if s.new <= s.old]
    plain = [s for s in changes.stretches if not any(type(c) is Formula for c in s.new)]
    formulas = [s for s in changes.stretches if any(type(c) is Formula for c in s.new)]
    return [*grown, *plain, *formulas, *shrunk]


def same(old: Content, new: Content, table: str = "") -> bool:
    """Whether two contents are one. Formulas may be spelt in Excel's way; `table`: the one they stand in."""
    if type(old) is Formula or type(new) is Formula:
        return type(old) is type(new) and (old == new or spelt_out(str(old), table) == spelt_out(str(new), table))
    return type_of(old) == type_of(new) and old == new


@lru_cache(maxsize=4096)
def spelt_out(formula: str, table: str) -> str:
    """A formula as we write it: [@a] as table[[#This Row],[a]], functions without the add-in's path."""

    def ours(m: re.Match[str]) -> str:
        if m[1]:
            return m[1]
        if m[5]:
            return table + m[5]
        column = m[4] if m[3] is None else m[3]
        return "" if column is None else f"{m[2] or table}[[#This Row],[{column}]]"

    return _OURS.sub(ours, formula)


def entered(content: Content) -> object:
    """What Excel is handed: it reads a text as if it were typed: with an apostrophe it stays a text."""
    if content is None:
        return ""
    if _looks_typed(content):
        return f"'{content}"
    return str(content) if isinstance(content, (Formula, CellError)) else content


def _looks_typed(content: Content) -> bool:
    """Whether Excel might make something else of a text."""
    return type(content) is str and _ENTERED.match(content) is not None


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of numbers that follow one another."""
    starts = [r for i, r in enumerate(rows) if not i or rows[i - 1] + 1 != r]
    ends = [a for a, b in pairwise([*rows, -2]) if a + 1 != b]
    return list(zip(starts, ends, strict=True))


def _joined(differs: Sequence[bool], old: Sequence[Content]) -> list[tuple[int, int]]:
    """Stretches (first, last) with all cells that differ. Many are joined, shortest gaps first, over cells
    that stay equal, but never over a formula, which would be entered anew."""
    found = _runs([i for i, d in enumerate(differs) if d])
    if len(found) <= _STRETCHES:
        return found
    gaps = [(b[0] - a[1], i) for i, (a, b) in enumerate(pairwise(found))]
    open_gaps = [(n, i) for n, i in gaps if not any(type(c) is Formula for c in old[found[i][1] + 1 : found[i + 1][0]])]
    over = {i for _, i in sorted(open_gaps)[: len(found) - _STRETCHES]}
    joined = [found[0]]
    for i, stretch in enumerate(found[1:]):
        if i in over:
            joined[-1] = joined[-1][0], stretch[1]
        else:
            joined.append(stretch)
    return joined


__all__ = ["Changes", "Content", "Formula", "LiveWorkbook", "Sizing", "Stretch", "entered"]
