"""What every report of a refresh draws on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from crm_xl.analysis.history import Snapshot, TrendRow
from crm_xl.analysis.purchases import DayNets, nets_of
from crm_xl.rules.models import FormulaForm, Rulebook
from crm_xl.vocabulary.fields import Lang, Unit
from crm_xl.workbook.formulas import Native
from crm_xl.workbook.protocol import TableData, Workbook

from ..analyse import Outcome
from ..evaluate import Cells
from ..opening import BookInputs
from ..refresh_report import RefreshReport


@dataclass
class Story:
    """A refresh in the middle: what was read, what the analysis found, where it goes.

    `natives`: whether native formulas may be written beside values; `form`: that of the result columns;
    `movement`, `history`: set by the report of snapshots, which runs first.
    """

    book: Workbook
    customers: TableData
    inputs: BookInputs
    outcome: Outcome
    report: RefreshReport
    form: FormulaForm
    natives: bool
    movement: TrendRow | None = None
    history: Sequence[Snapshot] = field(default_factory=list)

    @property
    def rules(self) -> Rulebook:
        return self.outcome.rules

    @property
    def lang(self) -> Lang:
        return self.outcome.rules.lang

    @property
    def unit(self) -> Unit:
        return self.outcome.rules.settings.unit

    @property
    def as_of(self) -> dt.date:
        return self.outcome.as_of.date()

    @property
    def functions(self) -> bool:
        """Whether formulas may use our worksheet functions."""
        return self.natives and self.form != "values"

    def column(self, key: str) -> Cells:
        """A column of the customers after the analysis: an input, or a result."""
        found = self.outcome.results.get(key)
        if found is None:
            found = self.outcome.columns.get(key)
        return [None] * len(self.outcome.ids) if found is None else found

    @cached_property
    def names(self) -> Mapping[str, object]:
        """Customer id -> name."""
        return dict(zip(self.outcome.ids.tolist(), self.column("customer_name"), strict=True))

    @cached_property
    def nets(self) -> DayNets:
        """What each customer bought on each day; codes are rows of the analysis."""
        return nets_of(self.inputs.orders, self.outcome.ids, self.as_of)


NO_NATIVES: Mapping[str, Native] = MappingProxyType({})


def write_figures(book: Workbook, figures: Mapping[str, object], natives: Mapping[str, Native] = NO_NATIVES) -> None:
    """Figures in the named cells that the workbook has, with the native formulas that give them."""
    for name, value in figures.items():
        if book.has_name(name):
            book.write_name(name, value, natives.get(name))


def blank_area(rows: int, columns: int) -> dict[tuple[int, int], tuple[object, None]]:
    """The cells of a matrix with its labels in row 0 and column 0, all empty; the corner is the template's."""
    return {(i, j): (None, None) for i in range(rows + 1) for j in range(columns + 1) if i or j}


def cell_of(value: Any) -> object:
    """What a cell takes: dates as datetimes."""
    return dt.datetime(value.year, value.month, value.day) if isinstance(value, dt.date) else value


def blank_as_text(value: object) -> object:
    """ "" for None, as a formula gives it."""
    return "" if value is None else value


def fill_table(book: Workbook, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """All rows of a computed table that has a key; what people keep in columns of their own follows its key."""
    if set(book.headers(name).values()) >= set(book.table_headers(name)):
        book.replace_rows(name, rows, formulas=False)
    else:
        book.merge_rows(name, rows, formulas=False)
