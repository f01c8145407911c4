"""`FileWorkbook`: a closed .xlsx or .xlsm behind the `Workbook` protocol.

Reads cell values through `sheet_values`, collects writes, and splices them into a copy of the
package on `save`. Nothing here decides what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from pathlib import Path

from crm_xl.analysis.catalogue import Bins, Expression, Fn, bin_key, can_be_formula, walk
from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError, Refused
from crm_xl.rules.models import FormulaForm
from crm_xl.sheet_values import SheetValues, ValueBook
from crm_xl.vocabulary.fields import PLAN, PROFILE, TABLES, TREND, Lang, Table

from .dependents import Book, formula_cells, formula_text_at
from .edits import Run, SheetEdits, Touched, Write
from .formulas import (
    Native,
    Place,
    column_reference,
    cross_formula,
    formula_text,
    kpi_formulas,
    plan_formulas,
    profile_formulas,
)
from .growth import Resize, grow_names, grow_pivot_source, grow_rules, moved_text, refresh_chart
from .heights import RowHeights
from .package import Package, attributes
from .protocol import Block, Result, Rows, TableData, map_fields
from .recalculation import Recalculation, Sheet, follow
from .references import shifted
from .reporting import Left, Places, Report, part_changes, report
from .sheet_xml import Area, SheetXml, area, area_name
from .signatures import drop_signatures, signed
from .styles import unlocked_styles, wrapping_styles
from .tables import (
    TablePart,
    column_formulas,
    parse_table,
    resized,
    with_column_formulas,
    with_moved_formulas,
)
from .values import SharedStrings, Value, escape, plain, plain_column, unescape

CALC = "Calc"
CALC_FIRST = 3
"""First column of the calculation sheet that holds spills: A and B are Known, C counts the rows."""
CALC_ID = 191029
MADE_ANEW: dict[str, set[str]] = {t.name: {f.key for f in t.fields} for t in (PROFILE, PLAN, TREND)}
"""Tables whose figures come from the refresh: a formula there needs no stored value."""
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\b[^<>]*>")
_NAME = re.compile(rb"<(?:[\w.-]+:)?definedName\b([^<>]*)>([^<]*)</(?:[\w.-]+:)?definedName>")
_CALC_PR = re.compile(rb"<(?:[\w.-]+:)?calcPr\b[^<>]*>")
_CHART = re.compile(r"/charts/chart[^/]*\.xml$")
_PIVOT_SOURCE = re.compile(r"/pivotCache/pivotCacheDefinition[^/]*\.xml$")
_CELL_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)$")
STRINGS_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


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


class FileWorkbook:
    """An open file. Errors while opening: those of `Package`; while saving: write_failed, occupied_below,
    totals_row, protected_cell, formula_in_the_way."""

    def __init__(self, path: str | Path, *, data: bytes | None = None) -> None:
        self.path = Path(path)
        self.package = Package(self.path, data)
        self._values = ValueBook(self.package.data, name=self.path)
        self._sheets: dict[str, str] = {}
        self._tables: dict[str, TablePart] = {}
        self._names: dict[str, tuple[str, Area]] = {}
        """Names of cells and ranges of the whole workbook."""
        self._all_names: dict[tuple[str | None, str], str] = {}
        """(sheet, or None; name) -> text."""
        self._sheet_order: list[str] = []
        self._cache: dict[str, SheetValues] = {}
        self._edits: dict[str, SheetEdits] = {}
        self._last: dict[str, int] = {}
        self._used: dict[str, int] = {}
        """Data rows in use, of tables with pending rows."""
        self._column_formulas: dict[str, dict[str, str | None]] = {}
        self._own_formulas: dict[str, dict[str, set[int]]] = {}
        self._spliced = True
        self.reads_pending = False
        """Whether tables are read as they will be: a new workbook is filled and analysed in one go."""
        self.report = Report()
        self._read_workbook()

    # ------------------------------------------------------------ what there is

    def _read_workbook(self) -> None:
        xml = self.package.read(self.package.workbook)
        targets = self.package.relationships(self.package.workbook)
        for tag in _SHEET.findall(xml):
            a = attributes(tag)
            link = next((v for k, v in a.items() if k.endswith(":id")), "")
            self._sheet_order.append(a.get("name", ""))
            if "name" in a and link in targets and targets[link].kind == "worksheet":
                self._sheets[a["name"]] = targets[link].target
        for sheet, part in self._sheets.items():
            for kind, target in self.package.relationships(part).values():
                if kind == "table" and self.package.has(target):
                    table = parse_table(self.package.read(target), target, sheet)
                    self._tables[table.name] = table
        for m in _NAME.finditer(xml):
            a = attributes(m[1])
            text, local = unescape(m[2].decode()), a.get("localSheetId", "")
            at = int(local) if local.isdigit() else None
            scope = self._sheet_order[at] if at is not None and at < len(self._sheet_order) else None
            self._all_names[scope, a.get("name", "")] = text
            found = _CELL_REFERENCE.match(text)
            if found and "localSheetId" not in a:
                sheet = (found[1] or "").replace("''", "'") or found[2]
                self._names[a.get("name", "")] = sheet, area(found[3])
        calc = _CALC_PR.search(xml)
        a = attributes(calc[0]) if calc else {}
        forced = a.get("fullCalcOnLoad", "0") in ("1", "true")
        version = a.get("calcId", "0")
        self.forced_calculation = forced or not version.isdecimal() or len(version) > 9 or int(version) < CALC_ID

    @property
    def is_ours(self) -> bool:
        """Made from one of our templates: it has the named cells that say so."""
        return "FormulaForm" in self._names and "Lang" in self._names

    def has_table(self, name: str) -> bool:
        return name in self._tables

    def _table(self, name: str) -> TablePart:
        return self._tables[name]

    def sheet(self, name: str) -> SheetValues:
        """The values of a sheet as the file has them."""
        if name not in self._cache:
            self._cache[name] = self._values.sheet(name)
        return self._cache[name]

    def _stored(self, sheet: str, row: int, column: int) -> object:
        rows = self.sheet(sheet).rows
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None

    def _block(self, sheet: str, cells: Area) -> list[list[object]]:
        """The stored values of a range, row by row."""
        r1, c1, r2, c2 = cells
        width = c2 - c1 + 1
        rows = self.sheet(sheet).rows[r1 : r2 + 1]
        if c1 == 0 and all(len(row) == width for row in rows):  # 100,000 rows need not be there twice
            return rows + [[None] * width for _ in range(r2 - r1 + 1 - len(rows))]
        rows = [row[c1 : c2 + 1] for row in rows]
        for row in rows:
            if len(row) < width:
                row.extend([None] * (width - len(row)))
        return rows + [[None] * width for _ in range(r2 - r1 + 1 - len(rows))]

    def value(self, sheet: str, row: int, column: int) -> object:
        """The value of a cell (0-based), pending writes included."""
        edits = self._edits.get(sheet)
        write = edits.at(row, column) if edits else None
        if write is not None and not write.yields:
            return write.value
        return self._stored(sheet, row, column)

    def read_table(self, name: str, known: Table | None = None) -> TableData:
        """A table as stored. Errors: two_columns; not_calculated for a formula without a value in a column
        that is read (results are made anew, and the user's own columns are named in `uncalculated`)."""
        table = self._table(name)
        last = min(table.last, max(table.first, len(self.sheet(table.sheet).rows) - 1))  # it may say more than there is
        pending = self._edits.get(table.sheet) if self.reads_pending else None
        if pending:
            last = max(last, self._last.get(name, last))
        rows = self._block(table.sheet, (table.first, table.left, last, table.right))
        if pending:
            rows = pending.laid_over(rows, table.first, table.left)
        data = TableData(name, table.sheet, table.headers, rows, table.first, table.left)
        definition = known or TABLES.get(name)
        if definition is not None:
            map_fields(data, definition)
        made = MADE_ANEW.get(name, {k for k in data.fields if definition and definition.field(k).group == "result"})
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
            found: dict[str, set[int]] = {}
            for row, column in self._formulas_of(table.sheet):
                if column in columns and table.first <= row <= table.last:
                    found.setdefault(columns[column], set()).add(row - table.first)
            self._own_formulas[name] = found
        return {key: set(rows) for key, rows in self._own_formulas[name].items()}

    def _formulas_of(self, sheet: str) -> Iterable[tuple[int, int]]:
        """The cells of a sheet that hold a formula."""
        if not self.sheet(sheet).formulas:
            return ()
        return formula_cells(self.package.stream(self._sheets[sheet]), sheet)

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
        self._spliced = False

    def _put_run(self, sheet: str, run: Run) -> None:
        self._edits.setdefault(sheet, SheetEdits()).put_run(run)
        self._spliced = False

    def _plain_column(self, values: Sequence[object]) -> list[Value]:
        return plain_column(values, self._values.date1904)

    def _plain(self, value: object) -> Value:
        return plain(value, self._values.date1904)

    def write_name(self, name: str, value: object, native: Native | None = None) -> None:
        sheet, (row, column, _, _) = self._names[name]
        self._put(sheet, row, column, self._native_write(value, native, row, column))

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
        """The stored values of cells below one another; None if some may be formulas."""
        values = self.sheet(sheet)
        if values.formulas:
            return None
        rows = values.rows[first : first + count]
        found = list(map(itemgetter(column), rows)) if rows and column < len(rows[0]) else []
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

    def sheet_part(self, sheet: str) -> str:
        """The part that holds a sheet."""
        return self._sheets[sheet]

    def write_own_column(self, table: str, header: str, values: Sequence[object]) -> None:
        """The cells of a column that is no field of ours, from the first data row on."""
        part = self._table(table)
        run = Run(part.column(header), part.first, self._plain_column(values), given=values)
        self._put_run(part.sheet, run)

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
        formulas = column_formulas(self.package.read(part.part))
        for header in [h for h in part.headers if h in own and h in formulas]:
            self._fill_down(part, part.column(header), formulas[header], used, count)

    def _fill_down(self, part: TablePart, column: int, formula: str, used: int, count: int) -> None:
        """A calculated column's formula in new rows, moved along as Excel moves it."""
        above = part.first + used - 1
        if used and shifted(formula, 1, 0) != formula:
            # where the stored text counts from, nobody says: the row above does
            text = formula_text_at(self.package.stream(self._sheets[part.sheet]), part.sheet, above, column)
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
                self._put_run(part.sheet, Run(column, first, self._plain_column(cells), given=cells))
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
        self._spliced = False

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
            self._put_run(part.sheet, Run(c, part.first + count, [None] * gone))

    def _natives(self, table: str, *, functions: bool) -> dict[str, Native]:
        if not self.has_table("Customers"):
            return {}
        if table == "Profile":
            return profile_formulas(self.headers("Customers"), self.headers("Profile"))
        if table == "Plan" and self.has_table("Profile"):
            strategies = functions and self.has_table("Strategies")
            return plan_formulas(self.headers("Profile"), self.headers("Plan"), strategies=strategies)
        return {}

    def merge_rows(
        self, table: str, rows: Sequence[Mapping[str, object]], *, formulas: bool, functions: bool = False
    ) -> list[str]:
        data = self.read_table(table)
        definition = TABLES[table]
        key = definition.key
        ours = {f.key for f in definition.fields if f.group != "user"} & data.fields.keys()
        user = [i for i in range(len(data.headers)) if i not in {data.fields[k] for k in ours}]
        part = self._table(table)
        formulas_at = self._formula_cells(part)
        keys = [str(cell or "") for cell in data.column(key)[: data.used]]
        typed: dict[str, list[int]] = {}
        for index, name in enumerate(keys):
            if any(data.rows[index][i] not in (None, "") and (index, i) not in formulas_at for i in user):
                typed.setdefault(name, []).append(index)
        names = [str(row[key]) for row in rows]
        # a key that is there twice can follow only once
        stayed = [i for name, found in typed.items() for i in (found[1:] if name in names else found)]
        figures = {k for k in ours if definition.field(k).kind in ("count", "ratio", "money", "number")}
        stock = [{k: 0 if k in figures else data.rows[i][data.fields[k]] for k in ours} for i in stayed]
        self.replace_rows(table, [*rows, *stock], formulas=formulas, functions=functions)
        sources = [typed.get(name, [keys.index(name)] if name in keys else [None])[0] for name in names]
        for i, source in enumerate([*sources, *stayed]):
            for offset in user:
                value = None if source is None else data.rows[source][offset]
                # a formula stays in its place, but never where typed text has to go
                yields = source is None or (source, offset) in formulas_at
                self._put(part.sheet, part.first + i, part.left + offset, Write(self._plain(value), yields=yields))
        return list(dict.fromkeys(keys[i] for i in stayed))

    def _formula_cells(self, table: TablePart) -> set[tuple[int, int]]:
        """The cells of a table (row and column of its data) that hold a formula."""
        return {
            (row - table.first, column - table.left)
            for row, column in self._formulas_of(table.sheet)
            if table.first <= row <= table.last and table.left <= column <= table.right
        }

    def write_kpis(self, values: Mapping[str, object], *, formulas: bool, lang: Lang) -> None:
        """The figures beside the group profile."""
        natives: dict[str, Native] = {}
        if formulas and self.has_table("Profile"):
            natives = kpi_formulas(self.headers("Profile"), self.headers("Customers"), lang)
        for name, value in values.items():
            if self.has_name(name):
                self.write_name(name, value, natives.get(name))

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
        calc = CALC in self._sheets and self.is_ours
        place = self._place(blocks)
        formulas: dict[str, str | None] = {}
        columns: list[tuple[str, Sequence[object], str, int]] = []
        next_column = CALC_FIRST + sum(len(b.titles) for b in blocks)
        for result in results:
            header = headers.get(result.key)
            if header is None:
                continue
            text: str | None = None
            live = form in ("row", "spill") and calc and self.can_hold(result.expression)
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
        self._spliced = False
        if calc:
            self._write_calc(blocks, columns, place, form, rows)

    def _place(self, blocks: Sequence[Block]) -> Place:
        letters: dict[tuple[str, int], str] = {}
        column = CALC_FIRST
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
        used = CALC_FIRST
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
        self._clear_calc(used if form != "values" else CALC_FIRST, rows if form != "values" else 0)
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
        stored = self.sheet(CALC).rows
        for column in range(CALC_FIRST, max(map(len, stored), default=0)):
            first = 0 if column >= used else rows + 1
            self._put_run(CALC, Run(column, first, [None] * (len(stored) - first)))

    # ------------------------------------------------------------ saving

    def pending(self) -> bool:
        """Whether a save would change anything."""
        self._splice()
        return bool(self.package.changed)

    def save(self, target: Path | None = None, *, backup: bool = True, break_signature: bool = False) -> bool:
        """Write the changes; False if there are none (then nothing is written).

        A digital signature holds for the old bytes only. Error: Refused signed, unless `break_signature`:
        then the signature goes.
        """
        changed = self.pending()
        if changed and signed(self.package):
            if not break_signature:
                raise Refused("signed", path=self.path)
            before = set(self.package.changed)
            drop_signatures(self.package)
            gone = [part for part in self.package.changed if part not in before]
            self.report.parts += gone
            self.report.changes += part_changes(gone)
            self.report.untouched_parts -= len(gone)
        target = target or self.path
        if changed or target.resolve() != self.path.resolve():
            self.package.save(target, backup=backup)
        return changed

    def _splice(self) -> None:
        """All pending writes put into the parts as they were read."""
        if self._spliced:
            return
        self.package.revert()
        strings_part = self.package.related(self.package.workbook, "sharedStrings")
        strings = SharedStrings(self.package.read(strings_part) if strings_part else None)
        strings.seek(lambda: {text for edits in self._edits.values() for text in edits.texts()})
        unlocked = unlocked_styles(self._styles())
        resizes = self._resizes()
        wrapping = wrapping_styles(self._styles()) if self.is_ours else set()
        heights = (lambda head: RowHeights(head, wrapping, strings)) if wrapping else None
        sheets: dict[str, SheetXml] = {}
        self._check_room()
        for name in [n for n in self._sheets if n in self._edits or any(r.sheet == n for r in resizes)]:
            part = self.package.patched(self._sheets[name])
            sheet = SheetXml(part, name, strings, lambda s: s not in unlocked, heights)
            here = [r for r in resizes if r.sheet == name]
            outside = partial(grow_rules, resizes=resizes, home=name)
            sheet.apply(self._edits.get(name, SheetEdits()), here, self._rooms(name), outside)
            self.package.patch(self._sheets[name], part)
            sheets[name] = sheet
        self._write_tables()
        if strings_part:
            self.package.write(strings_part, strings.render())
        elif len(strings):
            self.package.add_part(
                self.package.workbook,
                "sharedStrings.xml",
                strings.render(),
                kind=STRINGS_KIND,
                content_type=STRINGS_TYPE,
            )
        book = self.package.read(self.package.workbook)
        self.package.write(self.package.workbook, grow_names(book, resizes))
        followed = self._follow(sheets, resizes)
        chain = self.package.related(self.package.workbook, "calcChain")
        if chain and any(s.formulas_changed for s in sheets.values()):
            # it lists the formula cells; Excel makes it anew when it is missing
            self.package.drop_part(self.package.workbook, chain)
        touched = {name: sheet.touched for name, sheet in sheets.items() if sheet.touched}
        self._refresh_pictures(resizes, touched)
        parts = self.package.changed
        self.report = report(
            touched, followed, self._edits, self._places(), parts, len(self.package.parts.infos) - len(parts)
        )
        self.report.left += self._left_alone()
        self._spliced = True

    def _places(self) -> Places:
        results: set[str] = set()
        facts: set[str] = set()
        if self.has_table("Customers"):
            fields = TABLES["Customers"]
            for key, header in self.headers("Customers").items():
                (results if fields.field(key).group == "result" else facts).add(header)
        calculation = CALC if self.is_ours else ""
        tables = list(self._tables.values())
        return Places(self._sheets, tables, self._names, frozenset(results), frozenset(facts), calculation)

    def _left_alone(self) -> list[Left]:
        """The user's own columns and formulas in the customer table, and pivot tables."""
        left: list[Left] = []
        if self.has_table("Customers"):
            table = self._table("Customers")
            known = set(self.headers("Customers").values())
            for header in table.headers:
                if header not in known:
                    column = table.column(header)
                    cells = area_name(table.first, column, table.last, column)
                    left.append(Left("own_column", table.sheet, cells, table.last - table.first + 1, header))
            for key, rows in self.formula_cells("Customers").items():
                header = self.headers("Customers")[key]
                column = table.column(header)
                cells = area_name(table.first + min(rows), column, table.first + max(rows), column)
                left.append(Left("kept_formula", table.sheet, cells, len(rows), header))
        pivots = [part for part in self.package.names() if _PIVOT_SOURCE.search(part)]
        return left + [Left("stale_pivot", what=part) for part in pivots]

    def _follow(self, spliced: Mapping[str, SheetXml], resizes: Sequence[Resize]) -> Recalculation:
        """Mark the user's formulas that depend on what was written, and grow their ranges."""
        if self.reads_pending:  # it is new: all its formulas are written with their values
            return Recalculation()
        if not resizes and not any(s.touched for s in spliced.values()):
            return Recalculation()
        sheets = {}
        for name, part in self._sheets.items():
            done = spliced.get(name)
            if done is not None:
                sheets[name] = Sheet(part, self._edits.get(name, SheetEdits()), done.touched, done.has_formulas)
            else:
                cached = self._cache.get(name)
                sheets[name] = Sheet(part, formulas=cached.formulas if cached else None)
        tables = [replace(t, last=max(t.last, self._last.get(t.name, t.last))) for t in self._tables.values()]
        return follow(self.package, sheets, Book(self._sheet_order, tables, self._all_names), resizes)

    def _styles(self) -> bytes:
        part = self.package.related(self.package.workbook, "styles")
        return self.package.read(part) if part else b""

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

    def _write_tables(self) -> None:
        resizes = self._resizes()
        for name, table in self._tables.items():
            last = self._last.get(name, table.last)
            xml = self.package.read(table.part)
            if last != table.last:
                xml = resized(xml, table, last)
            if resizes:
                xml = with_moved_formulas(xml, partial(moved_text, resizes=resizes, home=table.sheet))
            xml = with_column_formulas(xml, self._column_formulas.get(name, {}))
            self.package.write(table.part, xml)

    def _refresh_pictures(self, resizes: Sequence[Resize], touched: Mapping[str, Touched]) -> None:
        """Charts show what the cells hold now; pivot tables take in the new rows when they are refreshed."""
        if not resizes and not touched:
            return

        def read(sheet: str, cells: Area) -> list[object] | None:
            r1, c1, r2, c2 = cells
            here = touched.get(sheet)
            resized_here = any(r.sheet == sheet and r.meets(cells) for r in resizes)
            if sheet not in self._sheets or not (resized_here or (here is not None and here.meets(cells))):
                return None
            if any(r1 <= r <= r2 and c1 <= c <= c2 for r, c in self.sheet(sheet).uncalculated):
                return None  # what the chart shows is all that is known
            return [self._plain(self.value(sheet, r, c)) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]

        for part in self.package.names():
            if _CHART.search(part):
                self.package.write(part, refresh_chart(self.package.read(part), resizes, read))
            elif _PIVOT_SOURCE.search(part):
                self.package.write(part, grow_pivot_source(self.package.read(part), resizes))


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


def unit_variant(data: bytes, path: Path, old: str, new: str) -> bytes:
    """A template with another amount unit in its headers: every `(old)` in its texts becomes `(new)`."""
    package = Package(path, data)
    a, b = f"({escape(old)})".encode(), f"({escape(new)})".encode()
    for part in package.names():
        if part.endswith(".xml") and part.startswith("xl/"):
            package.write(part, package.read(part).replace(a, b))
    return package.to_bytes()


__all__ = ["CALC", "FileWorkbook", "unit_variant"]
