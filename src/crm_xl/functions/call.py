"""One call of a worksheet function: cells in, arrays through the analysis, cells out.

A host hands over numbers, texts, datetimes, booleans, None for an empty cell, `CellError` for an
error, and a list of rows for a range. `Call` turns them into arrays that broadcast, remembers
which elements are wrong, and gives back a scalar for scalars and a list of rows for ranges.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_xl.analysis.compare import UNCOVERED
from crm_xl.analysis.dates import Bools, Codes, Days, Floats
from crm_xl.analysis.segments import Texts
from crm_xl.cells import VALUE_ERROR, CellError
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Row
from crm_xl.rules.tables import MODELS, MalformedTable, blank, read_rows, strip_header
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.tables import TABLES

Cell = Any
"""A number, text, datetime, bool or None."""
Range = Any
"""A cell, or a list of rows of cells."""

_EPOCH = dt.date(1970, 1, 1).toordinal()
_SERIAL_OF_EPOCH = 25569
_LAST_SERIAL = 2958465
NUMBER_TYPES = (int, float, np.integer, np.floating, Decimal)
"""Excel hands over a cell in a currency format as a Decimal."""
_NUMBERS = {float, int, type(None)}
_FLOAT = {float}
_MOMENTS = {dt.datetime, type(None)}
_NO_DAY = np.iinfo(np.int64).min
_SCALAR_SHAPE = (1, 1)


class Stop(Exception):
    """The whole call has one answer, Excel's #VALUE!; `answer` has it in the shape of the ranges."""

    def __init__(self, answer: Any = VALUE_ERROR) -> None:
        super().__init__()
        self.answer = answer


def today() -> dt.date:
    """The one place that asks for today's date; `as_of` overrides it."""
    return dt.date.today()


def flatten(value: Range) -> tuple[list[Cell], tuple[int, int], bool]:
    """The cells of a range row by row, its shape, and whether it was a single value."""
    if isinstance(value, (list, tuple)):
        if not value:
            return [], (0, 1), False
        if isinstance(value[0], (list, tuple)):
            width = len(value[0])
            cells = list(chain.from_iterable(value))
            if len(cells) != width * len(value) or not width:
                raise Stop
            return cells, (len(value), width), False
        return list(value), (len(value), 1), False
    if isinstance(value, np.ndarray):
        block = value.reshape(-1, 1) if value.ndim < 2 else value
        return block.ravel().tolist(), (block.shape[0], block.shape[1]), False
    if hasattr(value, "to_numpy"):
        return flatten(value.to_numpy(dtype=object))
    return [value], _SCALAR_SHAPE, True


def _float(number: Any) -> float:
    """A number as float64; infinity, which Excel does not know, where it does not fit."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def to_numbers(cells: list[Cell]) -> tuple[Floats, Bools | None]:
    """Numbers with NaN for empty, and which cells are neither (None: all fine)."""
    kinds = set(map(type, cells))
    if kinds <= _NUMBERS:
        try:
            values = np.fromiter(cells, float, len(cells)) if kinds == _FLOAT else np.array(cells, dtype=float)
        except OverflowError:
            pass
        else:
            infinite = np.isinf(values)
            return values, infinite if infinite.any() else None
    values = np.full(len(cells), np.nan)
    wrong = np.zeros(len(cells), dtype=bool)
    for i, cell in enumerate(cells):
        if isinstance(cell, (bool, np.bool_, CellError)):
            wrong[i] = True
        elif isinstance(cell, NUMBER_TYPES):
            values[i] = _float(cell)
            wrong[i] = np.isinf(values[i])
        elif not blank(cell):
            wrong[i] = True
    return values, wrong if wrong.any() else None


def to_days(cells: list[Cell]) -> tuple[Days, Bools | None]:
    """Days with NaT for empty, from datetimes or serial numbers, and which cells are neither."""
    kinds = set(map(type, cells))
    if kinds == {dt.datetime}:
        ordinals = np.fromiter(map(dt.datetime.toordinal, cells), np.int64, len(cells))
        return (ordinals - _EPOCH).astype("datetime64[D]"), None
    if kinds <= _NUMBERS:
        return _from_serials(*to_numbers(cells))
    if kinds <= _MOMENTS:
        dated = (_NO_DAY if cell is None else cell.toordinal() - _EPOCH for cell in cells)
        return np.fromiter(dated, np.int64, len(cells)).astype("datetime64[D]"), None
    days = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[D]")
    wrong = np.zeros(len(cells), dtype=bool)
    for i, cell in enumerate(cells):
        if isinstance(cell, dt.date) and cell == cell:
            days[i] = np.datetime64(cell.toordinal() - _EPOCH, "D")
        elif isinstance(cell, np.datetime64):
            days[i] = cell.astype("datetime64[D]")
        elif isinstance(cell, NUMBER_TYPES) and not isinstance(cell, bool):
            day, bad = _from_serials(*to_numbers([cell]))
            days[i], wrong[i] = day[0], bad is not None
        elif isinstance(cell, CellError) or not blank(cell):
            wrong[i] = True
    return days, wrong if wrong.any() else None


def _from_serials(serials: Floats, wrong: Bools | None) -> tuple[Days, Bools | None]:
    with np.errstate(invalid="ignore"):
        outside = (serials < 1) | (serials >= _LAST_SERIAL + 1)
    if outside.any():
        serials = np.where(outside, np.nan, serials)
        wrong = outside if wrong is None else wrong | outside
    empty = np.isnan(serials)
    # Excel counts a 29 February 1900 that never was: serials before it are one day behind
    whole = np.floor(np.where(empty, 61.0, serials))
    days = (whole + (whole < 60) - _SERIAL_OF_EPOCH).astype(np.int64).astype("datetime64[D]")
    if empty.any():
        days[empty] = np.datetime64("NaT")
    return days, wrong


def to_texts(cells: list[Cell]) -> tuple[Texts, Bools | None]:
    """Texts with '' for empty; numbers as Excel shows them in General format."""
    texts = np.empty(len(cells), dtype=object)
    if set(map(type, cells)) == {str}:
        texts[:] = [cell.strip() for cell in cells]
        return texts, None
    wrong = np.zeros(len(cells), dtype=bool)
    for i, cell in enumerate(cells):
        if isinstance(cell, str):
            wrong[i] = isinstance(cell, CellError)
            texts[i] = "" if wrong[i] else cell.strip()
        elif blank(cell):
            texts[i] = ""
        elif isinstance(cell, NUMBER_TYPES) and not isinstance(cell, bool):
            number = _float(cell)
            wrong[i] = math.isinf(number)
            texts[i] = "" if wrong[i] else f"{number:.15g}"
        else:
            texts[i], wrong[i] = "", True
    return texts, wrong if wrong.any() else None


def choice(value: Range, known: Sequence[str]) -> str:
    """The one of `known` that a single cell names, whatever its case; the first where it is empty."""
    cells, shape, _ = flatten(value)
    if shape != _SCALAR_SHAPE:
        raise Stop
    name = known[0] if blank(cells[0]) else str(cells[0]).strip().casefold()
    if name not in known:
        raise Stop
    return name


@lru_cache(maxsize=512)
def _parsed(name: str, rows: tuple[tuple[Cell, ...], ...], kinds: tuple[type, ...], model: type[Row]) -> Any:
    """A rule table by content; raises MalformedTable (not cached by lru_cache)."""
    keys = [f.key for f in TABLES[name].fields]
    if model is not MODELS[name][1]:
        keys = [k for k in keys if k in model.model_fields]
    models, problems = read_rows(name, keys, strip_header(name, rows), model=model)
    fatal = next((p for p in problems if p.fatal), None)
    if fatal is not None or not models:
        raise MalformedTable(name)
    return models


class Call:
    """Collects the arguments of one call. Methods for ranges come before those for rule tables,
    so that a malformed table can answer in the shape of the ranges."""

    __slots__ = ("_wrong", "lang", "scalar", "shape")

    def __init__(self, lang: Range = None) -> None:
        self.shape: tuple[int, int] = _SCALAR_SHAPE
        self.scalar = True
        self._wrong: Bools | None = None
        self.lang: Lang = "zh"
        if lang is not None and lang != "zh":
            self.lang = "en" if choice(lang, ("zh", "en")) == "en" else "zh"

    def _take(self, value: Range) -> tuple[list[Cell], tuple[int, int]]:
        cells, shape, scalar = flatten(value)
        self.scalar &= scalar
        if shape != self.shape:
            try:
                rows, columns = np.broadcast_shapes(self.shape, shape)
            except ValueError:
                raise Stop from None
            self.shape = rows, columns
        return cells, shape

    def reject(self, wrong: Bools | None) -> None:
        """These elements are wrong, whatever the rest says."""
        if wrong is not None:
            self._wrong = wrong if self._wrong is None else self._wrong | wrong

    def numbers(
        self, value: Range, *, least: float | None = None, most: float | None = None, whole: bool = False
    ) -> Floats:
        cells, shape = self._take(value)
        values, wrong = to_numbers(cells)
        values = values.reshape(shape)
        if wrong is not None:
            self.reject(wrong.reshape(shape))
        if least is not None and (low := values < least).any():
            self.reject(low)
        if most is not None and (high := values > most).any():
            self.reject(high)
        if whole and (broken := (values != np.floor(values)) & ~np.isnan(values)).any():
            self.reject(broken)
        return values

    def days(self, value: Range, *, until: Days | None = None) -> Days:
        cells, shape = self._take(value)
        days, wrong = to_days(cells)
        days = days.reshape(shape)
        if wrong is not None:
            self.reject(wrong.reshape(shape))
        if until is not None and (late := days > until).any():
            self.reject(late)
        return days

    def as_of(self, value: Range) -> Days:
        """The date that everything counts up to; empty: today."""
        if value is None:
            return np.array([[today().toordinal() - _EPOCH]]).astype("datetime64[D]")
        days = self.days(value)
        return np.where(np.isnat(days), np.datetime64(today(), "D"), days)

    def texts(self, value: Range) -> Texts:
        cells, shape = self._take(value)
        texts, wrong = to_texts(cells)
        if wrong is not None:
            self.reject(wrong.reshape(shape))
        return texts.reshape(shape)

    def rules(self, name: str, value: Range, *, model: type[Row] | None = None) -> Any:
        """The rule table given as a range, or the built-in one where it is left out."""
        attribute, standard = MODELS[name]
        if value is None:
            return getattr(default_rules(self.lang), attribute)
        rows = value if isinstance(value, (list, tuple)) else np.atleast_2d(np.asarray(value, dtype=object)).tolist()
        if not rows or not isinstance(rows[0], (list, tuple)):
            rows = [rows] if rows else rows
        key = tuple(map(tuple, rows))
        try:
            return _parsed(name, key, tuple(map(type, chain.from_iterable(key))), model or standard)
        except (MalformedTable, TypeError):
            raise Stop(self.everywhere()) from None

    def _shaped(self, block: NDArray[np.object_]) -> Any:
        return block.item(0) if self.scalar else block.tolist()

    def everywhere(self) -> Any:
        """#VALUE! in every element."""
        block = np.empty(self.shape, dtype=object)
        block[...] = VALUE_ERROR  # np.full would make plain text of it
        return self._shaped(block)

    def labels(self, codes: Codes, labels: Sequence[Cell], *, prospect: Cell = None, little: Cell = None) -> Any:
        """Codes as labels; negative codes count from the end of the table (analysis.compare)."""
        if self._wrong is not None:
            codes = np.where(self._wrong, UNCOVERED, codes)
        if self.scalar:
            code = int(codes.item(0))
            if code >= 0:
                return labels[code]
        if prospect is None:
            prospect = label("prospect_customer", self.lang)
        table = np.empty(len(labels) + 4, dtype=object)
        table[:] = [*labels, little, VALUE_ERROR, prospect, label("incomplete", self.lang)]
        return self._shaped(table[np.broadcast_to(codes, self.shape)])

    def values(self, values: Floats, *, shape: tuple[int, int] | None = None) -> Any:
        """Numbers as cells: '' for NaN, #VALUE! for wrong and infinite ones."""
        shape = shape or self.shape
        values = np.broadcast_to(values, shape)
        bad = np.isinf(values)
        if self._wrong is not None:
            bad = bad | self._wrong
        empty = np.isnan(values)
        if not (bad.any() or empty.any()):
            return values.item(0) if self.scalar else values.tolist()
        cells = values.astype(object)
        cells[empty] = ""
        cells[np.broadcast_to(bad, shape)] = VALUE_ERROR
        return self._shaped(cells)

    def cells(self, cells: Texts) -> Any:
        """Texts as cells, with #VALUE! for wrong ones."""
        block = np.array(np.broadcast_to(cells, self.shape), dtype=object)
        if self._wrong is not None:
            block[np.broadcast_to(self._wrong, self.shape)] = VALUE_ERROR
        return self._shaped(block)

    def single(self, value: float | None) -> Any:
        """One figure for whole columns; any wrong element spoils it."""
        if self._wrong is not None and self._wrong.any():
            return VALUE_ERROR
        return "" if value is None else float(value)

    @property
    def wrong(self) -> Bools:
        """Which elements are wrong, in the shape of the call."""
        none = np.zeros(self.shape, dtype=bool)
        return none if self._wrong is None else np.broadcast_to(self._wrong, self.shape)
