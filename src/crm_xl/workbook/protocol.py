"""What a workflow asks of a workbook, closed (`FileWorkbook`) or open in Excel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from crm_xl.analysis.catalogue import Expression, Fn
from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError
from crm_xl.rules.models import FormulaForm
from crm_xl.vocabulary.fields import Field, Table, Unit, find_field

from .formulas import Native

_ROWS_AT_ONCE = 250


class TableData:
    """A table as it stands. `rows[i][j]`: cell of row i, column j; all rows, empty ones too.

    `fields`: field key -> column; `units`: field key -> money unit; `first` and `left` are the
    0-based place of the first cell on the sheet. `uncalculated`: headers of the user's own columns that hold a formula
    without a value -> its cell. A table is held as columns until its rows are asked for.
    """

    def __init__(
        self,
        name: str,
        sheet: str,
        headers: list[str],
        rows: list[list[object]],
        first: int,
        left: int,
        fields: dict[str, int] | None = None,
        units: dict[str, Unit] | None = None,
        uncalculated: dict[str, str] | None = None,
    ) -> None:
        self.name, self.sheet, self.headers, self.first, self.left = name, sheet, headers, first, left
        self.fields = {} if fields is None else fields
        self.units = {} if units is None else units
        self.uncalculated = {} if uncalculated is None else uncalculated
        self._rows: list[list[object]] | None = rows
        self._columns: Sequence[list[object]] = []
        self._span = range(0)

    @classmethod
    def of_columns(
        cls,
        name: str,
        sheet: str,
        headers: list[str],
        columns: Sequence[list[object]],
        span: range,
        first: int,
        left: int,
    ) -> TableData:
        """A table that stands in a `span` of cells of all its columns; where a column ends earlier, they are empty.
        Nothing is copied until it is asked for."""
        made = cls(name, sheet, headers, [], first, left)
        made._rows, made._columns, made._span = None, columns, span
        return made

    @property
    def rows(self) -> list[list[object]]:
        if self._rows is None:  # they may be changed from now on, so they alone count
            self._rows = list(map(list, zip(*self.columns(), strict=True)))
            self._columns = []
        return self._rows

    @rows.setter
    def rows(self, rows: list[list[object]]) -> None:
        self._rows, self._columns = rows, []

    def row(self, at: int) -> list[object]:
        """The cells of one row, to be read only."""
        if self._rows is not None:
            return self._rows[at]
        place = self._span[at]
        return [cells[place] if place < len(cells) else None for cells in self._columns]

    def column(self, key: str) -> list[object]:
        """The cells of a field; empty ones where there is no such column."""
        index = self.fields.get(key)
        if self._rows is None:
            return self._cut([] if index is None else self._columns[index])
        return [None if index is None else row[index] for row in self._rows]

    def columns(self) -> list[list[object]]:
        """The cells of every column. All at once is much faster than one by one: the rows of 100,000
        customers do not fit into the processor's cache."""
        if self._rows is None:
            return [self._cut(cells) for cells in self._columns]
        found: list[list[object]] = [[] for _ in self.headers]
        for at in range(0, len(self._rows), _ROWS_AT_ONCE):
            for cells, more in zip(found, zip(*self._rows[at : at + _ROWS_AT_ONCE], strict=True), strict=True):
                cells.extend(more)
        return found

    def _cut(self, column: list[object]) -> list[object]:
        cells = column[self._span.start : self._span.stop]
        cells.extend([None] * (len(self._span) - len(cells)))
        return cells

    def cell(self, row: int, column: int) -> str:
        """A1 name of a cell, by row and column of the table's data."""
        return cell_name(self.first + row, self.left + column)

    @property
    def used(self) -> int:
        """Rows up to the last one that holds anything."""
        for i in range(len(self._span if self._rows is None else self._rows) - 1, -1, -1):
            if any(c is not None and c != "" for c in self.row(i)):
                return i + 1
        return 0


_STRICT_GROUPS = frozenset({"trade", "result"})


def map_fields(data: TableData, table: Table) -> None:
    """Find the fields of a table by header.

    Two columns for one field are an error where a figure or an id hangs on it, or where neither
    is clearly the one; else the header proper wins over an alias. Error: two_columns.
    """
    found: dict[str, tuple[int, Field, Unit | None]] = {}
    for index, header in enumerate(data.headers):
        match = find_field(table, header)
        if match is None:
            continue
        f, unit = match
        if f.key in found:
            before = found[f.key][0]
            proper = [_is_proper(f, data.headers[i]) for i in (before, index)]
            if f.group in _STRICT_GROUPS or f.kind == "id" or proper[0] == proper[1]:
                raise CrmXlError(
                    "two_columns",
                    sheet=data.sheet,
                    first=cell_name(data.first - 1, data.left + before),
                    second=cell_name(data.first - 1, data.left + index),
                    field=f,
                )
            if proper[0]:
                continue
        found[f.key] = (index, f, unit)
    data.fields = {key: index for key, (index, _, _) in found.items()}
    data.units = {key: unit for key, (_, _, unit) in found.items() if unit}


def _is_proper(f: Field, header: str) -> bool:
    return header in {f.header(lang, unit) for lang in ("zh", "en") for unit in ("wan", "yuan")}


class Result(NamedTuple):
    """A result column: its values, and how it is computed if it may be a formula."""

    key: str
    values: Sequence[object]
    expression: Expression | None


class Block(NamedTuple):
    """A whole-column function's answer: `values[row][column]`."""

    name: str
    titles: tuple[str, ...]
    values: Sequence[Sequence[object]]
    function: Fn


Rows = Sequence[Mapping[str, object]] | Mapping[str, Sequence[object]]
"""Rows by field key, or all of them as columns by field key. The cell of a field that a row lacks stays."""


def no_start(_key: str) -> Mapping[str, object]:
    """Nothing to start with."""
    return {}


class Workbook(Protocol):
    """Tables, named cells and results of a workbook. Positions in tables count data rows from 0."""

    @property
    def path(self) -> str | Path:
        """Where it is kept, as messages tell it."""
        ...

    @property
    def is_ours(self) -> bool:
        """Made from one of our templates."""
        ...

    @property
    def forced_calculation(self) -> bool:
        """Whether Excel will calculate everything on opening: functions of ours would become #NAME?."""
        ...

    def has_table(self, name: str) -> bool: ...

    def read_table(self, name: str, *, pending: bool = False) -> TableData:
        """A table with its fields mapped, as stored or with the `pending` writes. Errors: two_columns, not_calculated."""
        ...

    def table_headers(self, name: str) -> list[str]:
        """The headers of a table, whatever its cells hold."""
        ...

    def headers(self, name: str) -> dict[str, str]:
        """Field key -> header, as the table has it."""
        ...

    def formula_cells(self, name: str) -> dict[str, set[int]]:
        """Field key -> data rows in which the user's own formula stands."""
        ...

    def has_name(self, name: str) -> bool: ...

    def read_name(self, name: str) -> object: ...

    def write_name(self, name: str, value: object, native: Native | None = None) -> None:
        """A named cell, with the native formula that gives its value, if there is one."""
        ...

    def name_place(self, name: str) -> tuple[str, str]:
        """Sheet and A1 cell of a named cell."""
        ...

    def write_column(self, table: str, key: str, values: Sequence[object], *, yields: bool = True) -> None:
        """The cells of a field from the first data row on; `yields`: a user's formula stays."""
        ...

    def write_links(self, table: str, key: str, cells: Sequence[tuple[object, Native | None]]) -> None:
        """The cells of a field from the first data row on, each with a native formula of its own."""
        ...

    def write_own_column(self, table: str, header: str, values: Sequence[object]) -> None:
        """The cells of a column that is no field of ours, from the first data row on."""
        ...

    def append_rows(self, table: str, rows: Rows) -> None:
        """New rows behind the last used one."""
        ...

    def replace_rows(self, table: str, rows: Rows, *, formulas: bool) -> None:
        """All data rows; `formulas`: with the native formulas of the table's computed columns."""
        ...

    def merge_rows(
        self,
        table: str,
        rows: Sequence[Mapping[str, object]],
        *,
        formulas: bool,
        functions: bool = False,
        starts: Callable[[str], Mapping[str, object]] = no_start,
        filled: Collection[str] = (),
    ) -> list[str]:
        """Rows by the table's key: cells that the user fills follow their key; a vanished key that
        carries user text stays, with figure 0. `functions`: formulas may use our functions. `starts`: what
        the user's cells of a new key start with, by field key; left as it is, it is no user's text. `filled`: headers of
        the user's own columns that a report fills behind this. Returns the keys that stayed so."""
        ...

    def write_area(self, name: str, cells: Mapping[tuple[int, int], tuple[object, Native | None]]) -> None:
        """Cells of a named area by row and column within it: values, with the native formulas that give them."""
        ...

    def write_cross(
        self,
        first: Sequence[str],
        second: Sequence[str],
        counts: Mapping[tuple[object, object], int],
        *,
        formulas: bool,
    ) -> None:
        """The cross table of value and activity: labels of its rows and columns, counts."""
        ...

    def write_results(self, results: Sequence[Result], blocks: Sequence[Block], form: FormulaForm, rows: int) -> None:
        """Result columns of Customers in a form: row, spill or values."""
        ...
