"""`EditedWorkbook`: which cells of which tables get what, for a closed file and for a book open in Excel.

Writes are collected by sheet, with the new last rows of tables; how they are carried out is the subclass's
business. Nothing here decides what the analysis says.
"""

from __future__ import annotations

import datetime as dt
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence

from crm_xl.analysis.catalogue import Bins, Expression, Fn, Spilled, bin_key, can_be_formula, walk
from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError
from crm_xl.rules.models import FormulaForm
from crm_xl.sheet_values import SheetValues
from crm_xl.vocabulary.fields import Lang, Table
from crm_xl.vocabulary.tables import TABLES

from .cell_xml import Area, area, area_name
from .edits import Run, SheetEdits, Write
from .evaluation_formulas import dimension_scores, dimension_weights, level_plan_formulas
from .formulas import (
    Native,
    Place,
    column_reference,
    cross_formula,
    formula_text,
    plan_formulas,
    profile_formulas,
)
from .growth import Resize
from .protocol import Block, Result, Rows, TableData, map_fields, no_start
from .references import shifted
from .tables import TablePart
from .task_formulas import board_formulas
from .values import Value, plain, plain_column

GROUPED_BY = {"Profile": "segment", "RfmProfile": "rfm_class", "Funnel": "lifecycle"}
"""Table with one row per label -> the column of Customers that has the labels."""
CALC = "Calc"
CALC_FIRST = 3
"""First column of the calculation sheet that may hold spills: A and B are Known, C counts the rows."""
_CELL_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)$")


_STAYS = object()
"""Stands for a cell that is not written."""


class _Partial(list[object]):
    """A column with `_STAYS` in it."""


def _by_column(rows: Rows) -> tuple[Mapping[str, Sequence[object]], int]:
    """The columns of rows, and how many rows there are."""
    if isinstance(rows, Mapping):
        return rows, max(map(len, rows.values()), default=0)
    columns: dict[str, Sequence[object]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        cells = [row.get(key, _STAYS) for row in rows]
        columns[key] = _Partial(cells) if any(cell is _STAYS for cell in cells) else cells
    return columns, len(rows)


class EditedWorkbook(ABC):
    """A workbook with the writes that are pending. A subclass fills `_tables` and `_names`, and says in
    `date1904` and `forced_calculation` what Excel would."""

    date1904 = False
    forced_calculation = False
    """Whether Excel will calculate everything on opening: functions of ours would become #NAME?."""

    def __init__(self) -> None:
        self._tables: dict[str, TablePart] = {}
        self._names: dict[str, tuple[str, Area]] = {}
        """Names of cells and ranges of the whole workbook."""
        self._edits: dict[str, SheetEdits] = {}
        self._last: dict[str, int] = {}
        """New last data rows of tables."""
        self._used: dict[str, int] = {}
        """Data rows in use, of tables with pending rows."""
        self._column_formulas: dict[str, dict[str, str | None]] = {}
        self._own_formulas: dict[str, dict[str, set[int]]] = {}
        self._with_formula: dict[str, Mapping[int, set[int]]] = {}
        self._settled = True
        """Whether nothing was put since the edits were last carried out."""
        self.reads_pending = False
        """Whether tables are read as they will be: a new workbook is filled and analysed in one go."""

    # ------------------------------------------------------------ what a subclass knows

    @abstractmethod
    def _has_sheet(self, name: str) -> bool: ...

    @abstractmethod
    def sheet(self, name: str) -> SheetValues:
        """The values of a sheet as they stand, pending writes left out."""

    @abstractmethod
    def _formulas_of(self, sheet: str) -> Mapping[int, set[int]]:
        """Column -> rows of the cells of a sheet that hold a formula."""

    @abstractmethod
    def _calculated_columns(self, table: TablePart) -> Mapping[str, str]:
        """Header -> formula (without =) of the calculated columns of a table."""

    @abstractmethod
    def _formula_at(self, sheet: str, row: int, column: int) -> str:
        """The formula of a cell, without =; empty if there is none."""

    # ------------------------------------------------------------ what there is

    @property
    def is_ours(self) -> bool:
        """Made from one of our templates: it has the named cells that say so."""
        return "FormulaForm" in self._names and "Lang" in self._names

    def has_table(self, name: str) -> bool:
        return name in self._tables

    def table_names(self) -> list[str]:
        return list(self._tables)

    def _table(self, name: str) -> TablePart:
        return self._tables[name]

    def _stored(self, sheet: str, row: int, column: int) -> object:
        values = self.sheet(sheet)
        return values.columns[column][row] if column < len(values.columns) and row < values.height else None

    def value(self, sheet: str, row: int, column: int) -> object:
        """The value of a cell (0-based), pending writes included."""
        edits = self._edits.get(sheet)
        write = edits.at(row, column) if edits else None
        if write is not None and not (write.yields and self._holds_formula(sheet, row, column)):
            return write.value
        return self._stored(sheet, row, column)

    def _formula_rows(self, sheet: str) -> Mapping[int, set[int]]:
        """Column -> rows of the cells of a sheet that hold a formula as it stands, found once."""
        if sheet not in self._with_formula:
            self._with_formula[sheet] = self._formulas_of(sheet)
        return self._with_formula[sheet]

    def _holds_formula(self, sheet: str, row: int, column: int) -> bool:
        return row in self._formula_rows(sheet).get(column, ())

    def read_table(self, name: str, known: Table | None = None, *, pending: bool = False) -> TableData:
        """A table as stored, or with the `pending` writes. Errors: two_columns; not_calculated for a formula without a value in a column
        that is read (results are made anew, and the user's own columns are named in `uncalculated`)."""
        table = self._table(name)
        last = min(table.last, max(table.first, self.sheet(table.sheet).height - 1))  # it may say more than there is
        edits = self._edits.get(table.sheet) if pending or self.reads_pending else None
        if edits:
            last = max(last, self._last.get(name, last))
        columns = self.sheet(table.sheet).columns[table.left : table.right + 1]
        columns += [[] for _ in range(len(columns), table.right + 1 - table.left)]
        span = range(table.first, last + 1)
        data = TableData.of_columns(name, table.sheet, table.headers, columns, span, table.first, table.left)
        if edits:
            columns = data.columns()
            edits.lay_over(columns, table.first, table.left)
            span = range(len(span))
            data = TableData.of_columns(name, table.sheet, table.headers, columns, span, table.first, table.left)
        definition = known or TABLES.get(name)
        if definition is not None:
            map_fields(data, definition)
        # what the refresh makes needs no stored value
        made = {k for k in data.fields if definition and (definition.computed or definition.field(k).group == "result")}
        keys = {index: key for key, index in data.fields.items()}
        for row, column in sorted(self.sheet(table.sheet).uncalculated):
            if not (table.first <= row <= table.last and table.left <= column <= table.right):
                continue
            index, cell = column - table.left, cell_name(row, column)
            if index not in keys and definition is not None:
                data.uncalculated.setdefault(table.headers[index], cell)
            elif keys.get(index) not in made:
                raise CrmXlError("not_calculated", sheet=table.sheet, cell=cell)
        return data

    def formula_cells(self, name: str) -> dict[str, set[int]]:
        """Field key -> data rows in which the user's own formula stands, for the columns that are read."""
        if name not in self._own_formulas:
            table, definition = self._table(name), TABLES[name]
            columns = {table.left + index: key for key, index in self._columns(name).items()}
            columns = {c: key for c, key in columns.items() if definition.field(key).group != "result"}
            found = {
                columns[column]: {row - table.first for row in rows if table.first <= row <= table.last}
                for column, rows in self._formula_rows(table.sheet).items()
                if column in columns
            }
            self._own_formulas[name] = {key: rows for key, rows in found.items() if rows}
        return {key: set(rows) for key, rows in self._own_formulas[name].items()}

    def table_headers(self, name: str) -> list[str]:
        """The headers of a table, whatever its cells hold."""
        return list(self._table(name).headers)

    def has_name(self, name: str) -> bool:
        return name in self._names

    def read_name(self, name: str) -> object:
        sheet, (row, column, _, _) = self._names[name]
        return self.value(sheet, row, column)

    def name_place(self, name: str) -> tuple[str, str]:
        sheet, (row, column, _, _) = self._names[name]
        return sheet, cell_name(row, column)

    # ------------------------------------------------------------ writes

    def _put(self, sheet: str, row: int, column: int, write: Write) -> None:
        self._edits.setdefault(sheet, SheetEdits()).put(row, column, write)
        self._settled = False

    def _put_run(self, sheet: str, run: Run) -> None:
        self._edits.setdefault(sheet, SheetEdits()).put_run(run)
        self._settled = False

    def _plain_column(self, values: Sequence[object]) -> list[Value]:
        return plain_column(values, self.date1904)

    def _plain(self, value: object) -> Value:
        return plain(value, self.date1904)

    def write_name(self, name: str, value: object, native: Native | None = None) -> None:
        sheet, (row, column, _, _) = self._names[name]
        self._put(sheet, row, column, self._native_write(value, native, row, column))

    def write_area(self, name: str, cells: Mapping[tuple[int, int], tuple[object, Native | None]]) -> None:
        """Cells of a named area by row and column within it: values, with the native formulas that give them."""
        sheet, (top, left, _, _) = self._names[name]
        for (i, j), (value, native) in cells.items():
            self._put(sheet, top + i, left + j, self._native_write(value, native, top + i, left + j))

    def _native_write(self, value: object, native: Native | None, row: int, column: int) -> Write:
        if native is None:
            return Write(self._plain(value))
        array = cell_name(row, column) if native.array else None
        shown = "" if value is None else value
        return Write(self._plain(shown), native.text, array)

    def write_column(self, table: str, key: str, values: Sequence[object], *, yields: bool = True) -> None:
        part = self._table(table)
        column = part.left + self._columns(table)[key]
        stored = self._constants(part.sheet, part.first, column, len(values))
        self._put_run(part.sheet, Run(column, part.first, self._plain_column(values), yields=yields, stored=stored))

    def _constants(self, sheet: str, first: int, column: int, count: int) -> list[object] | None:
        """The stored values of cells below one another; None if some are formulas."""
        values = self.sheet(sheet)
        if values.formulas and any(first <= r < first + count for r in self._formula_rows(sheet).get(column, ())):
            return None
        found = values.columns[column][first : first + count] if column < len(values.columns) else []
        # dates are written as numbers, so they are compared as such
        found = [self._plain(c) if type(c) is dt.datetime else c for c in found]
        return found + [None] * (count - len(found))

    def _columns(self, name: str) -> dict[str, int]:
        data = TableData(name, "", self._table(name).headers, [], 1, 0)
        map_fields(data, TABLES[name])
        return data.fields

    def headers(self, name: str) -> dict[str, str]:
        """Field key -> header, as the workbook has it."""
        table = self._table(name)
        return {key: table.headers[i] for key, i in self._columns(name).items()}

    def place_of(self, table: str) -> TablePart:
        """Where a table stands."""
        return self._table(table)

    def write_own_column(self, table: str, header: str, values: Sequence[object]) -> None:
        """The cells of a column that is no field of ours, from the first data row on."""
        part = self._table(table)
        run = Run(part.column(header), part.first, self._plain_column(values), given=values)
        self._put_run(part.sheet, run)

    def holds_formula(self, table: str, row: int, header: str) -> bool:
        """Whether a formula stands in a cell, by data row and header."""
        part = self._table(table)
        return self._holds_formula(part.sheet, part.first + row, part.column(header))

    def write_cell(self, table: str, row: int, header: str, value: object) -> None:
        """One cell, by data row and header; a formula there stays."""
        part = self._table(table)
        self._put(part.sheet, part.first + row, part.column(header), Write(self._plain(value), yields=True))

    def write_links(self, table: str, key: str, cells: Sequence[tuple[object, Native | None]]) -> None:
        """The cells of a field from the first data row on, each with a native formula of its own."""
        part = self._table(table)
        column = part.left + self._columns(table)[key]
        for row, (value, native) in enumerate(cells, part.first):
            self._put(part.sheet, row, column, self._native_write(value, native, row, column))

    def append_rows(self, table: str, rows: Rows) -> None:
        part = self._table(table)
        columns = self._columns(table)
        given, count = _by_column(rows)
        used = self._used[table] if table in self._used else self.read_table(table).used
        had = self._last.get(table, part.last) - part.first + 1
        self._resize(table, max(used + count, had), used + count)
        self._put_columns(part, columns, given, part.first + used)
        # Excel fills the user's own calculated columns when a row is typed
        own = set(part.headers) - {part.headers[i] for i in columns.values()}
        formulas = self._calculated_columns(part)
        for header in [h for h in part.headers if h in own and h in formulas]:
            self._fill_down(part, part.column(header), formulas[header], used, count)

    def _fill_down(self, part: TablePart, column: int, formula: str, used: int, count: int) -> None:
        """A calculated column's formula in new rows, moved along as Excel moves it."""
        above = part.first + used - 1
        if used and shifted(formula, 1, 0) != formula:
            # where the stored text counts from, nobody says: the row above does
            text = self._formula_at(part.sheet, above, column)
            if not text:
                return
            for i in range(1, count + 1):
                self._put(part.sheet, above + i, column, Write(None, shifted(text, i, 0), yields=True))
            return
        self._put_run(part.sheet, Run(column, above + 1, [None] * count, formula, yields=True))

    def _put_columns(
        self, part: TablePart, columns: Mapping[str, int], given: Mapping[str, Sequence[object]], first: int
    ) -> None:
        """Columns by field key into the cells from sheet row `first` on."""
        for key, offset in columns.items():
            cells, column = given.get(key), part.left + offset
            if cells is None:
                continue
            if not isinstance(cells, _Partial):
                stored = self._constants(part.sheet, first, column, len(cells))
                self._put_run(part.sheet, Run(column, first, self._plain_column(cells), stored=stored, given=cells))
                continue
            for i, cell in enumerate(cells):
                if cell is not _STAYS:
                    self._put(part.sheet, first + i, column, Write(self._plain(cell)))

    def _resize(self, name: str, rows: int, used: int) -> None:
        part = self._table(name)
        last = part.first + max(1, rows) - 1
        # a totals row stays where it is
        self._last[name] = max(last, part.last) if part.totals_rows else last
        self._used[name] = used
        self._settled = False

    def replace_rows(self, table: str, rows: Rows, *, formulas: bool, functions: bool = False) -> None:
        part = self._table(table)
        columns = self._columns(table)
        given, count = _by_column(rows)
        natives = self._natives(table, functions=functions) if formulas else {}
        old = max(part.last, self._last.get(table, 0)) - part.first + 1
        self._resize(table, count, count)
        stays = {key: offset for key, offset in columns.items() if key not in natives}
        self._put_columns(part, stays, given, part.first)
        for key, native in natives.items():
            for r, cell in enumerate(given.get(key, ()), part.first):
                if cell is not _STAYS:
                    c = part.left + columns[key]
                    self._put(part.sheet, r, c, self._native_write(cell, native, r, c))
        gone = max(old, 1) - count
        for c in range(part.left, part.right + 1):  # the user's cells go with their row
            stored = self._constants(part.sheet, part.first + count, c, gone)
            self._put_run(part.sheet, Run(c, part.first + count, [None] * gone, stored=stored))

    def _natives(self, table: str, *, functions: bool) -> dict[str, Native]:
        if not self.has_table("Customers"):
            return {}
        if table in GROUPED_BY:
            return profile_formulas(self.headers("Customers"), self.headers(table), table=table, by=GROUPED_BY[table])
        if table == "Plan" and self.has_table("Profile"):
            strategies = functions and self.has_table("Strategies")
            return plan_formulas(self.headers("Profile"), self.headers("Plan"), strategies=strategies)
        if table == "LevelPlan":
            strategies = functions and self.has_table("Strategies")
            return level_plan_formulas(self.headers("Customers"), self.headers(table), strategies=strategies)
        if table == "TaskBoard" and self.has_table("Tasks"):
            lang: Lang = "en" if self.has_name("Lang") and self.read_name("Lang") == "en" else "zh"
            return board_formulas(self.headers("Tasks"), self.headers(table), lang)
        if table == "DimensionScores":
            return dimension_scores(self.headers(table))
        if table == "DimensionWeights" and self.has_table("Indicators"):
            return dimension_weights(self.headers("Indicators"), self.headers(table))
        if table == "TopGroups" and self.has_table("Profile"):
            return plan_formulas(self.headers("Profile"), self.headers(table), strategies=False, table=table)
        if table == "RfmPlan" and self.has_table("RfmProfile"):
            strategies = functions and self.has_table("Strategies")
            return plan_formulas(
                self.headers("RfmProfile"), self.headers(table), strategies=strategies, table=table,
                source="RfmProfile", by="rfm_class", system="rfm",
            )  # fmt: skip
        return {}

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
        data = self.read_table(table)
        definition = TABLES[table]
        key = definition.key
        ours = {f.key for f in definition.fields if f.group != "user"} & data.fields.keys()
        not_theirs = {data.fields[k] for k in ours}
        user = [i for i, header in enumerate(data.headers) if i not in not_theirs and header not in filled]
        part = self._table(table)
        formulas_at = self._formula_cells(part)
        keys = [str(cell or "") for cell in data.column(key)[: data.used]]
        names = [str(row[key]) for row in rows]

        def start(name: str) -> dict[int, object]:
            return {data.fields[k]: text for k, text in starts(name).items() if k in data.fields}

        typed: dict[str, list[int]] = {}
        for index, name in enumerate(keys):
            # what stands there since the row was new is nobody's work
            given = {} if name in names else start(name)
            if any(data.rows[index][i] not in (None, "", given.get(i)) and (index, i) not in formulas_at for i in user):
                typed.setdefault(name, []).append(index)
        # a key that is there twice can follow only once
        stayed = [i for name, found in typed.items() for i in (found[1:] if name in names else found)]
        figures = {k for k in ours if definition.field(k).kind in ("count", "ratio", "money", "number")}
        # of nobody there is no rating and no rate
        ratings = {k: None for k in ours if definition.field(k).kind == "rating" or k.endswith("_rate")}
        stock = [{k: 0 if k in figures else data.rows[i][data.fields[k]] for k in ours} | ratings for i in stayed]
        self.replace_rows(table, [*rows, *stock], formulas=formulas, functions=functions)
        sources = [typed.get(name, [keys.index(name)] if name in keys else [None])[0] for name in names]
        for i, source in enumerate([*sources, *stayed]):
            new = start(names[i]) if source is None else {}
            for offset in user:
                value = new.get(offset) if source is None else data.rows[source][offset]
                # a formula stays in its place, but never where typed text has to go
                yields = source is None or (source, offset) in formulas_at
                self._put(part.sheet, part.first + i, part.left + offset, Write(self._plain(value), yields=yields))
        return list(dict.fromkeys(keys[i] for i in stayed))

    def _formula_cells(self, table: TablePart) -> set[tuple[int, int]]:
        """The cells of a table (row and column of its data) that hold a formula."""
        return {
            (row - table.first, column - table.left)
            for column, rows in self._formula_rows(table.sheet).items()
            for row in rows
            if table.first <= row <= table.last and table.left <= column <= table.right
        }

    def write_cross(
        self,
        first: Sequence[str],
        second: Sequence[str],
        counts: Mapping[tuple[object, object], int],
        *,
        formulas: bool,
    ) -> None:
        """The cross table of value and activity: labels of its rows and columns, counts."""
        if not all(self.has_name(n) for n in ("CrossRows", "CrossColumns", "CrossCells")):
            return
        headers = self.headers("Customers")
        native = formulas and {"value_tier", "activity"} <= set(headers)
        sheet, (r1, c1, r2, c2) = self._names["CrossCells"]
        _, (top, _, _, _) = self._names["CrossColumns"]
        _, (_, left, _, _) = self._names["CrossRows"]
        for i in range(r2 - r1 + 1):
            name = first[i] if i < len(first) else None
            self._put(sheet, r1 + i, left, Write(name))
            for j in range(c2 - c1 + 1):
                other = second[j] if j < len(second) else None
                self._put(sheet, top, c1 + j, Write(other))
                value: object = counts.get((name, other), 0) if name and other else ""
                r, c = r1 + i, c1 + j
                formula = cross_formula(headers, f"${cell_name(r, left)}", _row_fixed(top, c)) if native else None
                if formula is None and value == "":
                    value = None
                self._put(sheet, r, c, self._native_write(value, formula, r, c))

    # ------------------------------------------------------------ results

    def can_hold(self, expression: Expression | None) -> bool:
        return (
            expression is not None
            and self.has_table("Customers")
            and can_be_formula(expression, self._own_headers(), self._tables, self._names)
            and {p.key for p in walk(expression) if isinstance(p, Bins)} <= self._bins().keys()
        )

    def _bins(self) -> dict[str, tuple[int, int]]:
        """Column -> first and last row (from 1) of its bins, where they stand together."""
        if not self.has_table("NumberBins"):
            return {}
        fields = self.read_table("NumberBins").column("field")
        places: dict[str, list[int]] = {}
        for i, name in enumerate(fields, 1):
            if isinstance(name, str) and name.strip():
                places.setdefault(bin_key(name), []).append(i)
        return {k: (p[0], p[-1]) for k, p in places.items() if p[-1] - p[0] + 1 == len(p)}

    def _own_headers(self) -> dict[str, str]:
        """Field keys and the user's own headers of Customers, each -> header."""
        return {**{h: h for h in self._table("Customers").headers}, **self.headers("Customers")}

    def write_results(self, results: Sequence[Result], blocks: Sequence[Block], form: FormulaForm, rows: int) -> None:
        table = self._table("Customers")
        headers = self.headers("Customers")
        calc = self._has_sheet(CALC) and self.is_ours
        # without one of its columns, a whole-column function cannot stand on the sheet, nor what reads it
        blocks = [block for block in blocks if self.can_hold(block.function)]
        place = self._place(blocks)
        there = {block.name for block in blocks}
        formulas: dict[str, str | None] = {}
        columns: list[tuple[str, Sequence[object], str, int]] = []
        next_column = self._calc_first + sum(len(b.titles) for b in blocks)
        for result in results:
            header = headers.get(result.key)
            if header is None:
                continue
            text: str | None = None
            live = form in ("row", "spill") and calc and self.can_hold(result.expression)
            live = live and {p.block for p in walk(result.expression) if isinstance(p, Spilled)} <= there
            if live and result.expression is not None:
                text = formula_text(result.expression, place, spill=False)
                if form == "spill" and not _is_native(result.expression):
                    whole = formula_text(result.expression, place, spill=True)
                    columns.append((header, result.values, whole, next_column))
                    text = place.row_of(_letters(next_column))
                    next_column += 1
            formulas[header] = text
            values, column = _as_texts(self._plain_column(result.values)), table.column(header)
            stored = self._constants(table.sheet, table.first, column, len(values)) if text is None else None
            self._put_run(table.sheet, Run(column, table.first, values, text, stored=stored))
        self._column_formulas["Customers"] = formulas
        self._settled = False
        if calc:
            self._write_calc(blocks, columns, place, form, rows)

    @property
    def _calc_first(self) -> int:
        """First column of the calculation sheet that holds spills: behind its tables."""
        return max(CALC_FIRST, *(t.right + 1 for t in self._tables.values() if t.sheet == CALC), 0)

    def _place(self, blocks: Sequence[Block]) -> Place:
        letters: dict[tuple[str, int], str] = {}
        column = self._calc_first
        for block in blocks:
            for i in range(len(block.titles)):
                letters[block.name, i] = _letters(column)
                column += 1
        headers = self._own_headers()
        scope = [*(self._table("Scope").headers if self.has_table("Scope") else ()), "", ""]
        bins = self.headers("NumberBins") if self.has_table("NumberBins") else {}
        edge, name = bins.get("lower", ""), bins.get("label", "")
        return Place(headers, headers["customer_id"], letters, (scope[0], scope[1]), self._bins(), (edge, name))

    def _write_calc(
        self,
        blocks: Sequence[Block],
        columns: Sequence[tuple[str, Sequence[object], str, int]],
        place: Place,
        form: FormulaForm,
        rows: int,
    ) -> None:
        """The calculation sheet: block spills in every form but values, column spills in spill form."""
        used = self._calc_first
        for block in blocks:
            width = len(block.titles)
            titles = block.titles if form != "values" else (None,) * width
            for j, title in enumerate(titles):
                self._put(CALC, 0, used + j, Write(title))
            if form != "values":
                text = formula_text(block.function, place, spill=True)
                self._spill(used, [[row[j] for row in block.values] for j in range(width)], text)
            used += width
        for header, values, text, column in columns:
            self._put(CALC, 0, column, Write(header))
            self._spill(column, [values], text)
            used = column + 1
        self._clear_calc(used if form != "values" else self._calc_first, rows if form != "values" else 0)
        # the placeholder counts the rows; it keeps the metadata part of dynamic arrays in use
        customers = self._table("Customers")
        count = self._last.get("Customers", customers.last) - customers.first + 1
        text = f"ROWS(Customers[{column_reference(place.id_header)}])"
        self._put(CALC, 1, 2, Write(count, text, "C2", dynamic=True))

    def _spill(self, column: int, columns: Sequence[Sequence[object]], text: str) -> None:
        """A dynamic array from row 2 on: its formula stands in the first cell, the others hold values."""
        whole = area_name(1, column, len(columns[0]), column + len(columns) - 1)
        for j, cells in enumerate(columns):
            values = _as_texts(self._plain_column(cells))
            self._put_run(CALC, Run(column + j, 1, values, spilled=True))
            if j == 0:
                self._put(CALC, 1, column, Write(values[0], text, whole, dynamic=True))

    def _clear_calc(self, used: int, rows: int) -> None:
        """Empty what an earlier, larger or other form left on the calculation sheet."""
        stored = self.sheet(CALC)
        for column in range(self._calc_first, len(stored.columns)):
            first = 0 if column >= used else rows + 1
            self._put_run(CALC, Run(column, first, [None] * (stored.height - first)))

    def _resizes(self) -> list[Resize]:
        return [
            Resize(table.sheet, table.first, table.left, table.right, table.last, self._last[table.name])
            for table in self._tables.values()
            if self._last.get(table.name, table.last) != table.last
        ]

    def _growing(self) -> list[tuple[TablePart, int]]:
        """The tables that get more rows, with their new last row."""
        grown = ((self._table(name), last) for name, last in self._last.items())
        return [(table, last) for table, last in grown if last > table.last]

    def _rooms(self, sheet: str) -> list[tuple[str, Area]]:
        """The ranges that growing tables of a sheet need."""
        return [(t.name, (t.last + 1, t.left, last, t.right)) for t, last in self._growing() if t.sheet == sheet]

    def _check_room(self) -> None:
        """A table grows only below itself. Errors: totals_row, occupied_below (by another table)."""
        for table, last in self._growing():
            if table.totals_rows:
                cell = cell_name(table.last + 1, table.left)
                raise CrmXlError("totals_row", sheet=table.sheet, table=table.name, cell=cell)
            for other in self._tables.values():
                apart = other.right < table.left or other.left > table.right or other is table
                if other.sheet == table.sheet and not apart and table.last < other.top <= last:
                    cell = cell_name(other.top, other.left)
                    raise CrmXlError("occupied_below", sheet=table.sheet, cell=cell, table=table.name)


def named_cells(text: str) -> tuple[str, Area] | None:
    """Sheet and range that a defined name refers to (text without =); None for any other formula."""
    found = _CELL_REFERENCE.match(text)
    if found is None:
        return None
    return (found[1] or "").replace("''", "'") or found[2], area(found[3])


def _is_native(expression: Expression) -> bool:
    """Whether an expression needs no worksheet function of ours."""
    return not any(isinstance(p, Fn) for p in walk(expression))


def _letters(column: int) -> str:
    return cell_name(0, column)[:-1]


def _row_fixed(row: int, column: int) -> str:
    return f"{_letters(column)}${row + 1}"


def _as_texts(values: Sequence[Value]) -> list[Value]:
    """Values with "" for None: what a formula shows that gives nothing."""
    return ["" if v is None else v for v in values]


__all__ = ["CALC", "EditedWorkbook", "named_cells"]
