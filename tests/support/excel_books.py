"""Files open in the model of Excel, handed to the code under test as an xlwings Book."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .excel_model import Address, Line, Range, Wire, Workbook, Worksheet, open_in_model
from .pywin32 import ComError, windows_xlwings


@dataclass
class Opened:
    """`book`: xlwings' own; `model`: what is at the other end of `line`."""

    book: Any
    model: Workbook
    line: Line


def opened(path: Path) -> Opened:
    """A file open in the model, its objects reached over a line that counts."""
    xlwings = windows_xlwings()
    model, line = open_in_model(path), Line(ComError)
    return Opened(xlwings.Book(impl=xlwings._xlwindows.Book(Wire(model, line))), model, line)


def answers_of(path: Path) -> Any:
    """What formulas give, by the stored values of a file; a dynamic array gives all that it fills."""
    told = open_in_model(path)

    def evaluate(sheet: Worksheet, place: tuple[int, int], formula: str) -> Any:
        there = told.Worksheets(sheet.Name)
        cell = there.cells.get(place)
        if cell is None or cell.formula != formula:
            return 0.0
        if cell.spill is None:
            return cell.value
        found = Range(there, Address(*cell.spill)).Value2
        return found if isinstance(found, tuple) else ((found,),)

    return evaluate
