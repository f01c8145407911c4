"""A model of Excel's objects, as far as the add-in uses them, in plain Python.

Names and behaviour follow Microsoft's documentation; each comment names the page by its title. Objects have
plain attributes, methods with positional arguments and values as COM hands them over, so that the model serves
beneath xlwings' wrappers in one process and behind real COM. What it cannot do is calculate: `Application.Evaluate`
is a callable that a test sets.
"""

from __future__ import annotations

import datetime as dt
import pickle
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import FORMULAE
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

ERROR_CODES = {
    "#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042,
    "#GETTING_DATA": 2043, "#SPILL!": 2045, "#CALC!": 2050,
}  # fmt: skip
"""XlCVError enumeration (Excel)."""
ERROR_BASE = -2146828288
AUTOMATIC, MANUAL = -4105, -4135
"""XlCalculation enumeration (Excel)."""
FILL_FORMATS = 3
"""XlAutoFillType enumeration (Excel)."""
_MAY_GIVE_MANY = re.compile(r"=(INDEX|OFFSET|(?!(?:" + "|".join(map(re.escape, FORMULAE)) + r")\()[A-Z_]+)\(")
DAY_ZERO = dt.datetime(1899, 12, 30)
_CURRENCY = re.compile(r"[¥￥$€£]")
_NUMBER = re.compile(r"\s*[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*(%?)\s*", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{2,4})[-/](\d{1,2})[-/](\d{1,2})\s*")


def error_number(text: str) -> int:
    """How an error travels: VT_ERROR, which Python sees as a whole number ("Cell Error Values")."""
    return ERROR_BASE + ERROR_CODES[text]


class Refusal(Exception):
    """What the caller gets as com_error; a test's boundary turns it into the one of pywin32."""


@dataclass(slots=True)
class Cell:
    """`value` as Value2 gives it; `spilled_from`: the cell whose formula fills this one."""

    value: Any = None
    formula: str = ""
    number_format: str = "General"
    locked: bool = True
    spilled_from: tuple[int, int] | None = None
    spill: tuple[int, int, int, int] | None = None
    implicit: bool = False
    """Whether the formula takes one cell where it is given many."""

    @property
    def holds_something(self) -> bool:
        return bool(self.formula) or (self.value is not None and self.spilled_from is None)


@dataclass(slots=True)
class Address:
    """First row, first column, last row, last column, from 1."""

    r1: int
    c1: int
    r2: int
    c2: int

    def places(self) -> Iterator[tuple[int, int]]:
        return ((r, c) for r in range(self.r1, self.r2 + 1) for c in range(self.c1, self.c2 + 1))

    @property
    def text(self) -> str:
        first = f"${get_column_letter(self.c1)}${self.r1}"
        last = f"${get_column_letter(self.c2)}${self.r2}"
        return first if first == last else f"{first}:{last}"

    @classmethod
    def of(cls, text: str) -> Address:
        c1, r1, c2, r2 = range_boundaries(text)
        assert c1 and r1 and c2 and r2
        return cls(r1, c1, r2, c2)


class Count:
    """Range.Rows and Range.Columns, of which only the number is used."""

    def __init__(self, count: int) -> None:
        self.Count = count

    def AutoFit(self) -> None:
        """Range.AutoFit method (Excel): widths are not modelled."""


class Range:
    def __init__(self, sheet: Worksheet, address: Address) -> None:
        self._sheet = sheet
        self._at = address

    def _cell(self, place: tuple[int, int]) -> Cell:
        return self._sheet.cells.setdefault(place, Cell())

    def _each(self, of: Callable[[Cell], Any]) -> Any:
        """One value for a single cell, a tuple of row tuples for more (Range.Value property (Excel))."""
        empty, at, cells = Cell(), self._at, self._sheet.cells
        rows = tuple(
            tuple(of(cells.get((r, c), empty)) for c in range(at.c1, at.c2 + 1)) for r in range(at.r1, at.r2 + 1)
        )
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows

    def _alike(self, of: Callable[[Cell], Any]) -> Any:
        """The value that all cells share; Null if they differ (Range.Locked, Range.HasFormula)."""
        empty = Cell()
        found = {of(self._sheet.cells.get(place, empty)) for place in self._at.places()}
        return found.pop() if len(found) == 1 else None

    # where it is

    @property
    def Row(self) -> int:
        return self._at.r1

    @property
    def Column(self) -> int:
        return self._at.c1

    @property
    def Rows(self) -> Count:
        return Count(self._at.r2 - self._at.r1 + 1)

    @property
    def Columns(self) -> Count:
        return Count(self._at.c2 - self._at.c1 + 1)

    @property
    def Address(self) -> str:
        return self._at.text

    @property
    def Worksheet(self) -> Worksheet:
        return self._sheet

    # what it holds

    @property
    def Value2(self) -> Any:
        return self._each(lambda cell: cell.value)

    @Value2.setter
    def Value2(self, value: Any) -> None:
        self._put(value)

    @property
    def Value(self) -> Any:
        """Range.Value2 property (Excel): unlike it, Value uses the Currency and Date data types."""
        return self._each(self._typed)

    def _typed(self, cell: Cell) -> Any:
        if isinstance(cell.value, float):
            if is_date_format(cell.number_format):
                days = cell.value
                if self._sheet.Parent.Date1904:
                    return dt.datetime(1904, 1, 1) + dt.timedelta(days=days)
                return DAY_ZERO + dt.timedelta(days=days if days >= 61 else days + 1)
            if _CURRENCY.search(cell.number_format):
                return Decimal(str(round(cell.value, 4)))
        return cell.value

    @property
    def Formula(self) -> Any:
        """Range.Formula property (Excel): a constant for a constant, an empty string for an empty cell."""
        return self._each(lambda cell: cell.formula or ("" if cell.value is None else cell.value))

    @Formula.setter
    def Formula(self, value: Any) -> None:
        self._put(value, implicit=True)

    @property
    def Formula2(self) -> Any:
        """Formula vs Formula2: where implicit intersection could occur in a formula that was set with Formula,
        or came from a file without arrays, Formula2 shows @. That is modelled for the outermost function."""
        return self._each(
            lambda cell: (
                _MAY_GIVE_MANY.sub(r"=@\1(", cell.formula)
                if cell.implicit
                else cell.formula or ("" if cell.value is None else cell.value)
            )
        )

    @Formula2.setter
    def Formula2(self, value: Any) -> None:
        self._put(value)

    @property
    def HasFormula(self) -> Any:
        """Range.HasFormula property (Excel): True if all cells contain formulas, False if none, else Null."""
        return self._alike(lambda cell: bool(cell.formula))

    @property
    def HasSpill(self) -> Any:
        """Range.HasSpill property (Excel): whether the cells are part of a spilled range."""
        return self._alike(lambda cell: cell.spill is not None or cell.spilled_from is not None)

    @property
    def SpillingToRange(self) -> Range:
        """Range.SpillingToRange property (Excel)."""
        spill = self._cell((self._at.r1, self._at.c1)).spill
        if spill is None:
            raise Refusal("no spill")
        return Range(self._sheet, Address(*spill))

    @property
    def NumberFormat(self) -> Any:
        return self._alike(lambda cell: cell.number_format)

    @property
    def Locked(self) -> Any:
        """Range.Locked property (Excel): Null if the range contains both."""
        return self._alike(lambda cell: cell.locked)

    @property
    def MergeCells(self) -> Any:
        """Range.MergeCells property (Excel)."""
        inside = {any(place in area for area in self._sheet.merged) for place in self._at.places()}
        return inside.pop() if len(inside) == 1 else None

    def AutoFill(self, destination: Range, kind: int) -> None:
        """Range.AutoFill method (Excel); only the fill of formats downwards is modelled."""
        assert kind == FILL_FORMATS
        assert (destination._at.r1, destination._at.c1, destination._at.c2) == (self._at.r1, self._at.c1, self._at.c2)
        for r, c in destination._at.places():
            look = self._cell((self._at.r1, c))
            cell = self._cell((r, c))
            cell.number_format, cell.locked = look.number_format, look.locked

    # writing

    def _put(self, value: Any, implicit: bool = False) -> None:
        if isinstance(value, (tuple, list)):
            for row, line in zip(range(self._at.r1, self._at.r2 + 1), value, strict=True):
                for column, one in zip(range(self._at.c1, self._at.c2 + 1), line, strict=True):
                    self._put_one((row, column), one, implicit)
        else:
            for row, column in self._at.places():
                shown = value
                if isinstance(value, str) and value.startswith("="):
                    # Range.Formula property (Excel): a multiple-cell range is filled with the formula, which is
                    # taken to be that of the first cell
                    origin = f"{get_column_letter(self._at.c1)}{self._at.r1}"
                    shown = Translator(value, origin=origin).translate_formula(f"{get_column_letter(column)}{row}")
                self._put_one((row, column), shown, implicit)
        self._sheet.filled_by_itself(self._at)

    def _put_one(self, place: tuple[int, int], value: Any, implicit: bool = False) -> None:
        self._sheet.refuse_locked(place)
        cell = self._cell(place)
        self._sheet.free_spill(place)
        cell.spilled_from = None
        if isinstance(value, str) and value.startswith("=") and cell.number_format != "@" and len(value) > 1:
            cell.formula, cell.implicit = value.replace("=@", "=", 1), implicit or value.startswith("=@")
            self._sheet.evaluate(place)
            return
        cell.formula, cell.implicit = "", False
        cell.value = self._entered(value, cell)

    def _entered(self, value: Any, cell: Cell) -> Any:
        """A text is read as if it were typed, in a cell whose format is not Text (Range.Value property (Excel);
        "Format numbers as text"); a leading apostrophe makes it a text."""
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return f"{value:.15g}" if cell.number_format == "@" else float(value)
        assert isinstance(value, str), value
        if cell.number_format == "@":
            # whether an apostrophe in front would be taken away here is not documented: nothing relies on it
            return value
        if value.startswith("'"):
            return value[1:]
        if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
        if value.upper() in ERROR_CODES:
            return error_number(value.upper())
        number = _NUMBER.fullmatch(value)
        if number:
            return float(value.strip().strip("%").replace(",", "")) / (100 if number[1] else 1)
        date = _DATE.fullmatch(value)
        if date:
            try:
                return float(to_excel(dt.datetime(*map(int, date.groups()))))  # type: ignore[arg-type]
            except ValueError:
                return value
        return value


class AutoFilter:
    """AutoFilter object (Excel); FilterMode: rows are hidden by it."""

    def __init__(self) -> None:
        self.FilterMode = False


class ListColumn:
    def __init__(self, name: str) -> None:
        self.Name = name


class Items:
    """A collection: Count, and an item by its number from 1 or by its name."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    @property
    def Count(self) -> int:
        return len(self._items)

    def __call__(self, index: Any) -> Any:
        if isinstance(index, str):
            for item in self._items:
                if item.Name.casefold() == index.casefold():
                    return item
            raise Refusal(f"no item {index}")
        return self._items[int(index) - 1]


class ListObject:
    def __init__(self, sheet: Worksheet, name: str, address: Address, headers: list[str], totals: bool) -> None:
        self.Name = name
        self.ShowHeaders = True
        self.ShowTotals = totals
        self.AutoFilter = AutoFilter()
        self._sheet = sheet
        self._at = address
        self._headers = headers
        self.calculated: dict[int, str] = {}
        """Column -> calculated-column formula; Excel keeps it, but no property tells it."""

    @property
    def Range(self) -> Range:
        return Range(self._sheet, self._at)

    @property
    def HeaderRowRange(self) -> Range:
        return Range(self._sheet, Address(self._at.r1, self._at.c1, self._at.r1, self._at.c2))

    @property
    def ListColumns(self) -> Items:
        return Items([ListColumn(h) for h in self._headers])

    @property
    def body(self) -> Address:
        return Address(self._at.r1 + 1, self._at.c1, self._at.r2 - int(self.ShowTotals), self._at.c2)

    def Resize(self, new: Range) -> None:
        """ListObject.Resize method (Excel): no cells are inserted or moved; the header must remain in the same
        row, and the list must contain a header row and at least one row of data. A calculated column reaches
        the new rows ("Use calculated columns in an Excel table")."""
        if self._sheet.ProtectContents and not self._sheet.ProtectionMode:
            raise Refusal("the sheet is protected")
        if (
            new._at.r1 != self._at.r1
            or new._at.r2 <= new._at.r1
            or (new._at.c1, new._at.c2) != (self._at.c1, self._at.c2)
        ):
            raise Refusal("not a range for this table")
        before = self._at.r2
        self._at = new._at
        for column, formula in self.calculated.items():
            for row in range(before + 1, new._at.r2 + 1):
                cell = self._sheet.cells.setdefault((row, column), Cell())
                if not cell.holds_something:
                    cell.formula = formula
                    self._sheet.evaluate((row, column))


class Name:
    def __init__(self, book: Workbook, name: str, refers_to: str) -> None:
        self.Name = name
        self.RefersTo = refers_to
        self._book = book

    @property
    def RefersToRange(self) -> Range:
        sheet, _, cells = self.RefersTo.removeprefix("=").rpartition("!")
        return self._book.Worksheets(sheet.strip("'").replace("''", "'")).Range(cells)


class Worksheet:
    def __init__(self, book: Workbook, name: str) -> None:
        self.Parent = book
        self.Name = name
        self.ProtectContents = False
        self.ProtectionMode = False
        self.FilterMode = False
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[set[tuple[int, int]]] = []
        self.tables: list[ListObject] = []
        self.calculated = 0

    @property
    def ListObjects(self) -> Items:
        return Items(self.tables)

    @property
    def UsedRange(self) -> Range:
        """Worksheet.UsedRange property (Excel): formatted cells count, too."""
        if not self.cells:
            return Range(self, Address(1, 1, 1, 1))
        rows, columns = {r for r, _ in self.cells}, {c for _, c in self.cells}
        return Range(self, Address(min(rows), min(columns), max(rows), max(columns)))

    def Range(self, address: str) -> Range:
        return Range(self, Address.of(address))

    def Calculate(self) -> None:
        """Worksheet.Calculate method (Excel)."""
        self.calculated += 1
        for place, cell in list(self.cells.items()) if self.Parent.Application.Evaluate else ():
            if cell.formula:
                self.free_spill(place)
                self.evaluate(place)

    # what Excel does by itself

    def refuse_locked(self, place: tuple[int, int]) -> None:
        """Worksheet.Protect method (Excel): locked cells of a protected sheet do not change, unless the
        protection is for the user interface only."""
        if self.ProtectContents and not self.ProtectionMode and self.cells.get(place, Cell()).locked:
            raise Refusal("the cell is protected")

    def free_spill(self, place: tuple[int, int]) -> None:
        """Without its formula nothing spills ("Dynamic array formulas and spilled array behavior")."""
        cell = self.cells[place]
        if cell.spill is None:
            return
        for other in Address(*cell.spill).places():
            if other != place:
                self.cells[other].value, self.cells[other].spilled_from = None, None
        cell.spill = None

    def evaluate(self, place: tuple[int, int]) -> None:
        """A formula that is entered is calculated, and spills below and to the right; #SPILL! where cells hold
        something ("How to correct a #SPILL! error")."""
        cell = self.cells[place]
        evaluate = self.Parent.Application.Evaluate
        answer = evaluate(self, place, cell.formula) if evaluate else 0.0
        if not isinstance(answer, tuple):
            cell.value = answer
            return
        spill = place[0], place[1], place[0] + len(answer) - 1, place[1] + len(answer[0]) - 1
        others = [p for p in Address(*spill).places() if p != place]
        if any(self.cells.setdefault(p, Cell()).holds_something for p in others):
            cell.value = error_number("#SPILL!")
            return
        for r, c in Address(*spill).places():
            self.cells[r, c].value = answer[r - place[0]][c - place[1]]
            self.cells[r, c].spilled_from = None if (r, c) == place else place
        cell.spill = spill

    def filled_by_itself(self, at: Address) -> None:
        """AutoCorrect.AutoFillFormulasInLists property (Excel): a formula in an otherwise empty column of a
        table fills that column."""
        if not self.Parent.Application.AutoCorrect.AutoFillFormulasInLists:
            return
        formula = self.cells[at.r1, at.c1].formula
        for table in self.tables:
            body = table.body
            if not formula or at.c1 != at.c2 or not body.c1 <= at.c1 <= body.c2:
                continue
            if not body.r1 <= at.r1 or not at.r2 <= body.r2:
                continue
            rest = [(r, at.c1) for r in range(body.r1, body.r2 + 1) if not at.r1 <= r <= at.r2]
            if any(self.cells.get(p, Cell()).holds_something for p in rest):
                continue
            table.calculated[at.c1] = formula
            for place in rest:
                self.cells.setdefault(place, Cell()).formula = formula
                self.evaluate(place)


class Workbook:
    def __init__(self, application: Application, path: Path) -> None:
        self.Application = application
        self.FullName = str(path)
        self.Path = str(path.parent)
        self.Name = path.name
        self.ReadOnly = False
        self.Date1904 = False
        self.sheets: list[Worksheet] = []
        self.names: list[Name] = []

    @property
    def Worksheets(self) -> Items:
        return Items(self.sheets)

    @property
    def Names(self) -> Items:
        return Items(self.names)


class Workbooks(Items):
    def __init__(self, application: Application) -> None:
        super().__init__([])
        self._application = application

    def Add(self) -> Workbook:
        book = Workbook(self._application, Path(f"Book{self.Count + 1}"))
        book.sheets.append(Worksheet(book, "Sheet1"))
        self._items.append(book)
        return book

    def Open(self, path: str) -> Workbook:
        book = read_workbook(self._application, Path(path))
        self._items.append(book)
        return book


class AutoCorrect:
    def __init__(self) -> None:
        self.AutoFillFormulasInLists = True


class LanguageSettings:
    def __init__(self, language: int) -> None:
        self._language = language

    def LanguageID(self, kind: int) -> int:
        """LanguageSettings.LanguageID property (Office); 2 is the user interface."""
        assert kind == 2
        return self._language


class Application:
    """`Evaluate(sheet, (row, column), formula)` gives a value, or a tuple of row tuples that spills; without it
    nothing is calculated and new formulas show 0."""

    def __init__(self, language: int = 2052) -> None:
        self.ScreenUpdating = True
        self.EnableEvents = True
        self.StatusBar: Any = False
        self.Hwnd = 1
        self.Version = "16.0"
        self.AutoCorrect = AutoCorrect()
        self.LanguageSettings = LanguageSettings(language)
        self.Workbooks = Workbooks(self)
        self.ActiveWorkbook: Workbook | None = None
        self.ActiveCell: Any = None
        """Nothing while a chart sheet is active (Application.ActiveCell property (Excel))."""
        self.Evaluate: Callable[[Worksheet, tuple[int, int], str], Any] | None = None
        self.chosen: Any = False
        """What the user picks in a file dialog; False: cancelled."""
        self.shown: Any = None
        """Where the last Goto went."""
        self._calculation = AUTOMATIC

    @property
    def Calculation(self) -> int:
        return self._calculation

    @Calculation.setter
    def Calculation(self, mode: int) -> None:
        """Application.Calculation property (Excel): automatic again, what waited is calculated."""
        self._calculation = mode
        for i in range(self.Workbooks.Count if mode == AUTOMATIC else 0):
            for sheet in self.Workbooks(i + 1).sheets:
                sheet.Calculate()

    @property
    def Application(self) -> Application:
        return self

    def GetOpenFilename(self, file_filter: str) -> Any:
        """Application.GetOpenFilename method (Excel): the name, or False if the user cancels."""
        assert len(file_filter.split(",")) % 2 == 0, "pairs of description and wildcards"
        return self.chosen

    def GetSaveAsFilename(self, initial: str, file_filter: str) -> Any:
        """Application.GetSaveAsFilename method (Excel)."""
        assert initial and len(file_filter.split(",")) % 2 == 0
        return self.chosen

    def Goto(self, reference: Range) -> None:
        """Application.Goto method (Excel)."""
        self.shown = reference


# ---------------------------------------------------------------- files


def open_in_model(path: Path) -> Workbook:
    """A file of ours, open in an Excel of its own."""
    state = path.stat()
    book: Workbook = pickle.loads(_opened(path, state.st_mtime_ns, state.st_size))
    return book


@lru_cache(maxsize=64)
def _opened(path: Path, stamp: int, size: int) -> bytes:
    """Reading a file takes long; a copy of what was read does not."""
    application = Application()
    application.ActiveWorkbook = application.Workbooks.Open(str(path))
    return pickle.dumps(application.ActiveWorkbook)


def read_workbook(application: Application, path: Path) -> Workbook:
    """Cells, formulas, tables and names of a file, its values as they are stored."""
    # dates as the serial numbers that the file has, to the last digit
    with patch("openpyxl.worksheet._reader.from_excel", lambda value, *_, **__: value), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formulas, values = (openpyxl.load_workbook(path, data_only=only) for only in (False, True))
    book = Workbook(application, path)
    book.Date1904 = formulas.epoch.year == 1904
    for source in formulas.worksheets:
        sheet = Worksheet(book, source.title)
        book.sheets.append(sheet)
        sheet.ProtectContents = bool(source.protection.sheet)
        sheet.merged = [set(Address.of(str(area)).places()) for area in source.merged_cells.ranges]
        stored = values[source.title]
        for row in source.iter_rows():
            for c in row:
                value = stored.cell(c.row, c.column).value
                if c.value is None and not c.has_style:
                    continue
                cell = Cell(_stored(value), "", c.number_format, bool(c.protection.locked))
                if isinstance(c.value, ArrayFormula):
                    at = Address.of(c.value.ref)
                    cell.formula = "=" + str(c.value.text).removeprefix("=")
                    cell.spill = (at.r1, at.c1, at.r2, at.c2) if at.r1 != at.r2 or at.c1 != at.c2 else None
                elif c.data_type == "f":
                    cell.formula, cell.implicit = str(c.value), True
                sheet.cells[c.row, c.column] = cell
        for place, cell in list(sheet.cells.items()):
            for other in Address(*cell.spill).places() if cell.spill else ():
                if other != place:
                    sheet.cells.setdefault(other, Cell()).spilled_from = place
        for table in source.tables.values():
            at, totals = Address.of(table.ref), bool(table.totalsRowCount)
            found = ListObject(sheet, table.displayName, at, [c.name for c in table.tableColumns], totals)
            for i, column in enumerate(table.tableColumns):
                if column.calculatedColumnFormula is not None:
                    found.calculated[at.c1 + i] = "=" + column.calculatedColumnFormula.attr_text
            sheet.tables.append(found)
    for name, defined in formulas.defined_names.items():
        book.names.append(Name(book, name, "=" + defined.attr_text))
    return book


def _stored(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and value in ERROR_CODES:
        return error_number(value)
    return value


def as_cells(book: Workbook) -> dict[str, dict[tuple[int, int], tuple[Any, str]]]:
    """Sheet -> (row, column) from 1 -> value and formula of every cell that shows or holds something."""
    return {
        sheet.Name: {
            place: (cell.value, cell.formula)
            for place, cell in sorted(sheet.cells.items())
            if cell.formula or cell.value is not None
        }
        for sheet in book.sheets
    }


def as_tables(book: Workbook) -> dict[str, str]:
    """Table -> its range."""
    return {t.Name: f"{sheet.Name}!{t.Range.Address}" for sheet in book.sheets for t in sheet.tables}


# ---------------------------------------------------------------- the line between Excel and Python


class Line:
    """Counts what goes over it and breaks where it is told to, as COM does between two processes."""

    def __init__(self, refusal: type[Exception]) -> None:
        self.refusal = refusal
        self.calls = 0
        self.writes: list[str] = []
        self.breaks_at = 0
        """The number of the write that is refused; 0: none."""
        self.deaf = 0
        """With which code every call is refused; 0: none is."""

    def call(self) -> None:
        self.calls += 1
        if self.deaf:
            raise self.refusal(self.deaf, "Call was rejected or failed.", None, None)

    def write(self, what: str) -> None:
        self.call()
        self.writes.append(what)
        if len(self.writes) == self.breaks_at:
            raise self.refusal(-2147352567, "Exception occurred.", (0, "Excel", "injected", None, 0, -2146827284), None)

    def wrapped(self, value: Any) -> Any:
        kinds = (Range, Items, ListObject, Name, Worksheet, Workbook, Application, AutoCorrect, AutoFilter)
        more = (LanguageSettings, ListColumn, Count)
        return Wire(value, self) if isinstance(value, (*kinds, *more)) else value


_WRITING = {"Resize", "AutoFill"}
_SETTINGS = {"ScreenUpdating", "EnableEvents", "Calculation", "StatusBar", "AutoFillFormulasInLists"}


class Wire:
    """An object of the model at the other end of a line."""

    def __init__(self, inner: Any, line: Line) -> None:
        self.__dict__.update(inner=inner, line=line)

    def __getattr__(self, name: str) -> Any:
        self.line.call()
        found = self._asked(lambda: getattr(self.inner, name))
        if not callable(found) or isinstance(found, Items):
            return self.line.wrapped(found)

        def method(*arguments: Any) -> Any:
            if name in _WRITING:
                self.line.write(name)
            plain = [a.inner if isinstance(a, Wire) else a for a in arguments]
            return self.line.wrapped(self._asked(lambda: found(*plain)))

        return method

    def __call__(self, *arguments: Any) -> Any:
        self.line.call()
        return self.line.wrapped(self._asked(lambda: self.inner(*arguments)))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SETTINGS:
            self.line.call()
        else:
            self.line.write(f"{name} of {self.inner.Address}")
        self._asked(lambda: setattr(self.inner, name, value))

    def _asked(self, do: Callable[[], Any]) -> Any:
        try:
            return do()
        except Refusal as refusal:
            details = (0, "Microsoft Excel", str(refusal), None, 0, -2146827284)
            raise self.line.refusal(-2147352567, "Exception occurred.", details, None) from None
