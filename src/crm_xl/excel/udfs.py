"""Every function of the registry as a worksheet function: xlwings calls these with what a cell holds.

Nothing is computed here. The add-in's VBA (`vba.py`) hands over `Value2`: numbers as floats, dates as serial
numbers, None for an empty cell, an error as Excel's integer; a range is a tuple of row tuples. Each function
takes one more argument behind those of the registry: whether the calling workbook counts its dates from 1904.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import xlwings as xw

from crm_xl.cells import CellError
from crm_xl.functions import REGISTRY, WorksheetFunction
from crm_xl.functions.call import today
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.ribbon_texts import CATEGORIES

from .interface import interface_language

ERROR_NUMBERS = {
    "#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042,
    "#GETTING_DATA": 2043, "#SPILL!": 2045, "#CONNECT!": 2046, "#BLOCKED!": 2047, "#UNKNOWN!": 2048,
    "#FIELD!": 2049, "#CALC!": 2050,
}  # fmt: skip
"""Excel's XlCVError."""
_BASE = -2146828288
ERRORS = {text: _BASE + number for text, number in ERROR_NUMBERS.items()}
"""How an error travels: as a whole number, which no other answer is (numbers are floats)."""
_TEXTS = {code: CellError(text) for text, code in ERRORS.items()}
_VALUE = ERRORS["#VALUE!"]
DATE_SYSTEM = "date1904"
_DATES = frozenset({"last_order", "first_order", "as_of"})
_DAYS_1904 = 1462.0
"""By how much serial numbers of the two date systems differ."""
_RANGES = frozenset({list, tuple})
_REMEMBERED = 4096
"""Calls on single cells per function: Excel asks again for every one of them in a full calculation."""


def to_cell(value: Any) -> Any:
    """What Excel hands over -> what the registry takes. An error that is not known counts as #VALUE!."""
    if type(value) is int:
        return _TEXTS.get(value, _TEXTS[_VALUE]) if _BASE <= value < _BASE + 0x10000 else float(value)
    return value


def to_cells(value: Any) -> Any:
    """The same for a range."""
    if type(value) is not tuple:
        return to_cell(value)
    for row in value:
        for cell in row:
            if type(cell) is int:
                return [[to_cell(cell) for cell in row] for row in value]
    return value


def from_cell(value: Any) -> Any:
    """An answer of the registry -> what Excel takes."""
    if isinstance(value, CellError):
        return ERRORS.get(value, _VALUE)
    return "" if value is None else value


def from_cells(value: Any) -> list[list[Any]]:
    """The same for an answer, as rows of cells: xlwings asks for the length of whatever it hands on, and
    pywin32 takes a tuple for several answers."""
    if type(value) is not list:
        return [[from_cell(value)]]
    return [list(map(from_cell, row)) for row in value]


class Cells:
    """xlwings' converter for both ways: its own would make lists of lists and dates of everything."""

    @staticmethod
    def reader(_: Any) -> Callable[[Any], None]:
        return _read

    @staticmethod
    def writer(_: Any) -> Callable[[Any], None]:
        return _write

    @classmethod
    def router(cls, *_: Any) -> type[Cells]:
        return cls


def _read(context: Any) -> None:
    context.value = to_cells(context.value)


def _write(context: Any) -> None:
    context.value = from_cells(context.value)


def _in_1900(value: Any) -> Any:
    """Serial numbers of the 1904 system as those of the 1900 system."""
    if isinstance(value, (tuple, list)):
        return [[_in_1900(cell) for cell in row] for row in value]
    return value + _DAYS_1904 if type(value) is float else value


def worksheet_udf(function: WorksheetFunction, lang: Lang) -> Callable[..., Any]:
    """A function of the registry with xlwings' description of it."""
    arguments = function.arguments
    dated = [i for i, a in enumerate(arguments) if a.name in _DATES]
    names = [a.name for a in arguments]
    # without a date to count from, recency is a number of days
    recency = names.index("recency") if "recency" in names else None
    call, count = function.call, len(arguments)

    @lru_cache(_REMEMBERED, typed=True)
    def remembered(_: Any, *cells: Any) -> Any:
        return call(*cells)

    def udf(*args: Any) -> Any:
        if len(args) > count:
            date1904, args = args[count], args[:count]
            if date1904 is True:
                given = list(args)
                counted = [recency] if recency is not None and given[names.index("as_of")] is not None else []
                for i in [*dated, *counted]:
                    if i < len(given):
                        given[i] = _in_1900(given[i])
                args = tuple(given)
        # an as_of that is left out is today
        return remembered(today(), *args) if _RANGES.isdisjoint(map(type, args)) else call(*args)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        inspect.Parameter(a.name, kind, default=inspect.Parameter.empty if a.required else a.default) for a in arguments
    ]
    udf.__name__ = udf.__qualname__ = function.name
    udf.__doc__ = function.text(lang)
    udf.__signature__ = inspect.Signature([*parameters, inspect.Parameter(DATE_SYSTEM, kind, default=False)])  # type: ignore[attr-defined]
    udf.__annotations__ = {}
    made: Callable[..., Any] = udf
    for a in arguments:
        made = xw.arg(a.name, Cells, doc=a.zh if lang == "zh" else a.en)(made)
    made = xw.ret(Cells)(xw.arg(DATE_SYSTEM, Cells)(made))
    # the outermost: each of the others would put its category back
    made = xw.func(category=CATEGORIES[function.category][0 if lang == "zh" else 1])(made)
    return made


globals().update({name: worksheet_udf(function, interface_language()) for name, function in REGISTRY.items()})
