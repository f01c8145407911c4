"""A model of Excel's objects, as far as the add-in uses them, in plain Python.

Names and behaviour follow Microsoft's documentation; each member names the page by its title, or where no page
tells, a check of docs/windows-check.md (tests/excel/test_excel_model.py keeps it so). Objects have
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
"""XlCVError enumeration (Excel); #GETTING_DATA and #CALC! are not on it: windows-check K9."""
ERROR_BASE = -2146828288
AUTOMATIC, MANUAL = -4105, -4135
"""XlCalculation enumeration (Excel)."""
FILL_FORMATS = 3
"""XlAutoFillType enumeration (Excel)."""
_OF_TEXTS = re.compile(r'=\w+\((?:"(?:[^"]|"")*",?)*\)')
_MAY_GIVE_MANY = re.compile(r"=(INDEX|OFFSET|(?!(?:" + "|".join(map(re.escape, FORMULAE)) + r")\()[A-Z_]+)\(")
DAY_ZERO = dt.datetime(1899, 12, 30)
_CURRENCY = re.compile(r"[¥￥$€£]")
_NUMBER = re.compile(r"\s*[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*(%?)\s*", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{2,4})[-/](\d{1,2})[-/](\d{1,2})\s*")


def error_number(text: str) -> int:
    """How an error travels: VT_ERROR, which Python sees as a whole number ("Cell Error Values"; windows-check D5)."""
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
    """Range.Rows and Range.Columns, of which only the number is used: Range.Count property (Excel)."""

    def __init__(self, count: int) -> None:
        self.Count = count

    def AutoFit(self) -> None:
        """Range.AutoFit method (Excel): widths are not modelled."""


class Range:
    """Range object (Excel)."""

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
        """The value that all cells share; Null if they differ (Range.Locked property (Excel))."""
        empty = Cell()
        found = {of(self._sheet.cells.get(place, empty)) for place in self._at.places()}
        return found.pop() if len(found) == 1 else None

    # where it is

    @property
    def Row(self) -> int:
        """Range.Row property (Excel): the number of the first row."""
        return self._at.r1

    @property
    def Column(self) -> int:
        """Range.Column property (Excel): the number of the first column."""
        return self._at.c1

    @property
    def Rows(self) -> Count:
        """Range.Rows property (Excel)."""
        return Count(self._at.r2 - self._at.r1 + 1)

    @property
    def Columns(self) -> Count:
        """Range.Columns property (Excel)."""
        return Count(self._at.c2 - self._at.c1 + 1)

    @property
    def Address(self) -> str:
        """Range.Address property (Excel): rows and columns absolute, in A1 style."""
        return self._at.text

    @property
    def Worksheet(self) -> Worksheet:
        """Range.Worksheet property (Excel)."""
        return self._sheet

    # what it holds

    @property
    def Value2(self) -> Any:
        """Range.Value2 property (Excel): dates and amounts as floating-point numbers. What is written: `_entered`."""
        return self._each(lambda cell: cell.value)

    @Value2.setter
    def Value2(self, value: Any) -> None:
        self._put(value)

    @property
    def Value(self) -> Any:
        """Range.Value property (Excel)."""
        return self._each(self._typed)

    def _typed(self, cell: Cell) -> Any:
        """Range.Value2 property (Excel): unlike it, Value uses the Currency and Date data types. "Currency data
        type": four decimals. Workbook.Date1904 property (Excel). Days before March 1900: windows-check K8."""
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
        """Range.Formula2 property (Excel). "Formula vs Formula2": where implicit intersection could occur in a formula
        that was set with Formula, Formula2 shows @; "Implicit intersection operator: @": that is before INDEX,
        OFFSET and functions of add-ins, also in a file of an older Excel. Modelled for the outermost function."""
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
        """Range.HasSpill property (Excel): True if all cells are part of a spilled range, False if none, else Null.
        The cell with the formula counts: windows-check K5."""
        return self._alike(lambda cell: cell.spill is not None or cell.spilled_from is not None)

    @property
    def SpillingToRange(self) -> Range:
        """The spilled range of the cell that has the formula: windows-check K5."""
        spill = self._cell((self._at.r1, self._at.c1)).spill
        if spill is None:
            raise Refusal("no spill")
        return Range(self._sheet, Address(*spill))

    @property
    def NumberFormat(self) -> Any:
        """Range.NumberFormat property (Excel): Null if not all cells have the same."""
        return self._alike(lambda cell: cell.number_format)

    @property
    def Locked(self) -> Any:
        """Range.Locked property (Excel): Null if the range contains both."""
        return self._alike(lambda cell: cell.locked)

    @property
    def MergeCells(self) -> Any:
        """Range.MergeCells property (Excel): True if the range contains merged cells. Null if other cells are in it,
        too: windows-check K4."""
        inside = {any(place in area for area in self._sheet.merged) for place in self._at.places()}
        return inside.pop() if len(inside) == 1 else None

    @property
    def MergeArea(self) -> Range:
        """Range.MergeArea property (Excel): the merged range that contains the cell; the range itself if it is in
        none."""
        place = (self._at.r1, self._at.c1)
        for area in self._sheet.merged:
            if place in area:
                rows, columns = [r for r, _ in area], [c for _, c in area]
                return Range(self._sheet, Address(min(rows), min(columns), max(rows), max(columns)))
        return self

    def AutoFill(self, destination: Range, kind: int) -> None:
        """Range.AutoFill method (Excel): the destination includes the source. XlAutoFillType enumeration (Excel):
        3 copies only the formats, to which the lock belongs ("Lock or unlock specific areas of a protected
        worksheet"). Of one row is modelled; that it goes upwards as well: windows-check K10."""
        assert kind == FILL_FORMATS
        row, to = self._at.r1, destination._at
        assert row == self._at.r2 and row in (to.r1, to.r2) and (to.c1, to.c2) == (self._at.c1, self._at.c2)
        for r, c in to.places():
            look = self._sheet.cells.get((row, c), Cell())
            cell = self._cell((r, c))
            cell.number_format, cell.locked = look.number_format, look.locked

    # writing

    def _put(self, value: Any, implicit: bool = False) -> None:
        """Range.Value property (Excel): an array goes into the cells in one operation; that hidden rows get their
        values as well: windows-check G9; so do the first ones of merged cells: K11. A single value goes into every
        cell."""
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
        """A text with = in front is a formula ("Overview of formulas in Excel"), but not in a cell with the format
        Text: windows-check K1."""
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
        """A text is read as if it were typed, in a cell whose format is not Text ("Format numbers as text"); an
        apostrophe in front makes it a text ("Stop automatically changing numbers to dates"). That this is so of
        texts which a program writes, too: windows-check K1. An empty text empties the cell: windows-check K2."""
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
    """AutoFilter object (Excel). AutoFilter.FilterMode property (Excel): rows are hidden by it."""

    def __init__(self) -> None:
        self.FilterMode = False


class ListColumn:
    """ListColumn object (Excel). ListColumn.Name property (Excel): what the header shows."""

    def __init__(self, name: str) -> None:
        self.Name = name


class Items:
    """A collection: an item by its number from 1 or by its name (Worksheets.Item property (Excel), and of ListObjects,
    ListColumns, Names and Workbooks the same page)."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    @property
    def Count(self) -> int:
        """Worksheets.Count property (Excel), and of the other collections the same page."""
        return len(self._items)

    def __call__(self, index: Any) -> Any:
        if isinstance(index, str):
            for item in self._items:
                if item.Name.casefold() == index.casefold():
                    return item
            raise Refusal(f"no item {index}")
        return self._items[int(index) - 1]


class ListObject:
    """ListObject object (Excel). ListObject.Name property (Excel), ListObject.ShowHeaders property (Excel),
    ListObject.ShowTotals property (Excel), ListObject.AutoFilter property (Excel)."""

    def __init__(self, sheet: Worksheet, name: str, address: Address, headers: list[str], totals: bool) -> None:
        self.Name = name
        self.ShowHeaders = True
        self.ShowTotals = totals
        self.AutoFilter = AutoFilter()
        self._sheet = sheet
        self._at = address
        self._headers = headers
        self.calculated: dict[int, str] = {}
        """Column -> calculated-column formula ("Use calculated columns in an Excel table"); no property of ListColumn
        tells it."""

    @property
    def Range(self) -> Range:
        """ListObject.Range property (Excel): headers and totals included."""
        return Range(self._sheet, self._at)

    @property
    def HeaderRowRange(self) -> Range:
        """ListObject.HeaderRowRange property (Excel)."""
        return Range(self._sheet, Address(self._at.r1, self._at.c1, self._at.r1, self._at.c2))

    @property
    def ListColumns(self) -> Items:
        """ListObject.ListColumns property (Excel)."""
        return Items([ListColumn(h) for h in self._headers])

    @property
    def body(self) -> Address:
        return Address(self._at.r1 + 1, self._at.c1, self._at.r2 - int(self.ShowTotals), self._at.c2)

    def Resize(self, new: Range) -> None:
        """ListObject.Resize method (Excel): no cells are inserted or moved. The page of the same method for Visual
        Studio: the header must remain in the same row, and the list must contain a header row and at least one
        row of data. A calculated column reaches the new rows, and no table of a protected sheet is resized:
        windows-check K3."""
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
    """Name object (Excel). Name.Name property (Excel), with the sheet's in front where it is valid there alone
    ("Names in formulas"). Name.RefersTo property (Excel): beginning with an equal sign."""

    def __init__(self, book: Workbook, name: str, refers_to: str) -> None:
        self.Name = name
        self.RefersTo = refers_to
        self._book = book

    @property
    def RefersToRange(self) -> Range:
        """Name.RefersToRange property (Excel)."""
        sheet, _, cells = self.RefersTo.removeprefix("=").rpartition("!")
        return self._book.Worksheets(sheet.strip("'").replace("''", "'")).Range(cells)


class Worksheet:
    """Worksheet object (Excel). Worksheet.Parent property (Excel), Worksheet.Name property (Excel),
    Worksheet.ProtectContents property (Excel), Worksheet.ProtectionMode property (Excel): protected for the user
    interface only. Worksheet.FilterMode property (Excel)."""

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
        """Worksheet.ListObjects property (Excel)."""
        return Items(self.tables)

    @property
    def UsedRange(self) -> Range:
        """Worksheet.UsedRange property (Excel). It may begin below row 1; formatted cells count: windows-check K6."""
        if not self.cells:
            return Range(self, Address(1, 1, 1, 1))
        rows, columns = {r for r, _ in self.cells}, {c for _, c in self.cells}
        return Range(self, Address(min(rows), min(columns), max(rows), max(columns)))

    def Range(self, address: str) -> Range:
        """Worksheet.Range property (Excel)."""
        return Range(self, Address.of(address))

    def Calculate(self) -> None:
        """Worksheet.Calculate method (Excel): this sheet alone."""
        self.calculated += 1
        for place, cell in list(self.cells.items()) if self.Parent.Application.Evaluate else ():
            if cell.formula:
                self.free_spill(place)
                self.evaluate(place)

    # what Excel does by itself

    def refuse_locked(self, place: tuple[int, int]) -> None:
        """Worksheet.Protect method (Excel): locked cells of a protected sheet do not change, not by macros either
        unless the protection is for the user interface only."""
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
        """AutoCorrect.AutoFillFormulasInLists property (Excel): whether calculated columns are created. "Use calculated
        columns in an Excel table": a formula in an otherwise empty column fills that column."""
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
    """Workbook object (Excel). Workbook.Application property (Excel), Workbook.FullName property (Excel): with its path;
    Workbook.Path property (Excel), Workbook.Name property (Excel), Workbook.ReadOnly property (Excel): opened as
    read-only; Workbook.Date1904 property (Excel)."""

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
        """Workbook.Worksheets property (Excel): chart sheets are not among them."""
        return Items(self.sheets)

    @property
    def Names(self) -> Items:
        """Workbook.Names property (Excel)."""
        return Items(self.names)


class Workbooks(Items):
    """Workbooks object (Excel)."""

    def __init__(self, application: Application) -> None:
        super().__init__([])
        self._application = application

    def Add(self) -> Workbook:
        """Workbooks.Add method (Excel). With one sheet: Application.SheetsInNewWorkbook property (Excel)."""
        book = Workbook(self._application, Path(f"Book{self.Count + 1}"))
        book.sheets.append(Worksheet(book, "Sheet1"))
        self._items.append(book)
        return book

    def Open(self, path: str) -> Workbook:
        """Workbooks.Open method (Excel)."""
        book = read_workbook(self._application, Path(path))
        self._items.append(book)
        return book

    def Close(self) -> None:
        """Workbooks.Close method (Excel): all of them; nobody is asked whether to save."""
        self._items.clear()


class AutoCorrect:
    """AutoCorrect object (Excel). AutoCorrect.AutoFillFormulasInLists property (Excel): see `filled_by_itself`."""

    def __init__(self) -> None:
        self.AutoFillFormulasInLists = True


class LanguageSettings:
    """LanguageSettings object (Office)."""

    def __init__(self, language: int) -> None:
        self._language = language

    def LanguageID(self, kind: int) -> int:
        """LanguageSettings.LanguageID property (Office). MsoAppLanguageID enumeration (Office): 2, the interface."""
        assert kind == 2
        return self._language


class Application:
    """Application object (Excel). Application.ScreenUpdating property (Excel), Application.EnableEvents property (Excel),
    Application.StatusBar property (Excel): False while Excel has it, and set to False gives it back;
    Application.Hwnd property (Excel), Application.Version property (Excel), Application.AutoCorrect property (Excel),
    Application.LanguageSettings property (Excel), Application.Workbooks property (Excel), Application.ActiveWorkbook
    property (Excel): nothing where no workbook is open.

    `Evaluate(sheet, (row, column), formula)` stands for calculation, not for Application.Evaluate method (Excel): it
    gives a value, or a tuple of row tuples that spills; without it new formulas show 0."""

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
        self._active: Range | None = None
        self.Evaluate: Callable[[Worksheet, tuple[int, int], str], Any] | None = None
        self.chosen: Any = False
        """What the user picks in a file dialog; False: cancelled."""
        self.shown: Any = None
        """Where the last Goto went."""
        self._calculation = AUTOMATIC

    @property
    def Calculation(self) -> int:
        """Application.Calculation property (Excel). Set to automatic again, what waited is calculated: windows-check
        K7."""
        return self._calculation

    @Calculation.setter
    def Calculation(self, mode: int) -> None:
        self._calculation = mode
        for i in range(self.Workbooks.Count if mode == AUTOMATIC else 0):
            for sheet in self.Workbooks(i + 1).sheets:
                sheet.Calculate()

    @property
    def Application(self) -> Application:
        """Application.Application property (Excel)."""
        return self

    @property
    def ActiveCell(self) -> Range:
        """Application.ActiveCell property (Excel): fails if the window shows no worksheet."""
        if self._active is None:
            raise Refusal("no worksheet is shown")
        return self._active

    def select(self, sheet: str | None, cell: str = "") -> None:
        """What the user does; without a sheet, a chart sheet is shown."""
        assert self.ActiveWorkbook is not None
        self._active = None if sheet is None else self.ActiveWorkbook.Worksheets(sheet).Range(cell)

    def GetOpenFilename(self, file_filter: str) -> Any:
        """Application.GetOpenFilename method (Excel): the name, or False if the user cancels. The filter: pairs of
        description and wildcards with commas between."""
        assert len(file_filter.split(",")) % 2 == 0
        return self.chosen

    def GetSaveAsFilename(self, initial: str, file_filter: str) -> Any:
        """Application.GetSaveAsFilename method (Excel): as GetOpenFilename; the filter has at most 255 characters, and
        the extension of the suggested name matches it."""
        assert len(file_filter) <= 255 and len(file_filter.split(",")) % 2 == 0
        assert f"*{Path(initial).suffix}" in re.split("[,;]", file_filter)
        return self.chosen

    def Goto(self, reference: Range) -> None:
        """Application.Goto method (Excel): selects the range, on whichever sheet it is."""
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
                kept = stored.cell(c.row, c.column)
                if c.value is None and not c.has_style:
                    continue
                cell = Cell(_stored(kept.value, kept.data_type == "e"), "", c.number_format, bool(c.protection.locked))
                if isinstance(c.value, ArrayFormula):
                    at = Address.of(c.value.ref)
                    cell.formula = "=" + str(c.value.text).removeprefix("=")
                    cell.spill = (at.r1, at.c1, at.r2, at.c2) if at.r1 != at.r2 or at.c1 != at.c2 else None
                elif c.data_type == "f":
                    # a function of texts alone is never given many cells
                    cell.formula, cell.implicit = str(c.value), not _OF_TEXTS.fullmatch(str(c.value))
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


def _stored(value: Any, is_error: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return error_number(value) if is_error else value


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
