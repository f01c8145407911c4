"""`FileWorkbook`: a closed .xlsx or .xlsm behind the `Workbook` protocol.

Reads cell values through `sheet_values`, collects writes, and splices them into a copy of the
package on `save`. Nothing here decides what is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from pathlib import Path
from typing import Any

from crm_xl.analysis.catalogue import Expression
from crm_xl.cells import cell_name
from crm_xl.errors import CrmXlError
from crm_xl.rules.models import FormulaForm
from crm_xl.sheet_values import SheetValues, ValueBook
from crm_xl.vocabulary.fields import PLAN, PROFILE, TABLES, TREND, Lang, Table
from crm_xl.vocabulary.labels import label

from .formulas import (
    Native,
    Place,
    cross_formula,
    formula_text,
    kpi_formulas,
    plan_formulas,
    profile_formulas,
)
from .growth import Resize, grow_names, grow_rules, refresh_chart
from .package import Package, attributes
from .protocol import Block, Report, Result, TableData, map_fields
from .sheet_xml import SheetXml, Write, area, area_name
from .styles import unlocked_styles
from .tables import TablePart, parse_table, resized, with_column_formulas
from .values import SharedStrings, plain

CALC = "Calc"
CALC_FIRST = 3
"""First column of the calculation sheet that holds spills: A and B are Known, C counts the rows."""
CALC_ID = 191029
MADE_ANEW: dict[str, set[str]] = {t.name: {f.key for f in t.fields} for t in (PROFILE, PLAN, TREND)}
"""Tables whose figures come from the refresh: a formula there needs no stored value."""
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\b[^>]*>")
_NAME = re.compile(
    rb"<(?:[\w.-]+:)?definedName\b([^>]*)>([^<]*)</(?:[\w.-]+:)?definedName>"
)
_CALC_PR = re.compile(rb"<(?:[\w.-]+:)?calcPr\b[^>]*>")
_CALC_CHAIN = re.compile(rb"<(?:[\w.-]+:)?(?:Override|Relationship)\b[^>]*calcChain[^>]*/>")
_CELL_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)$")
STRINGS_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


class FileWorkbook:
    """An open file. Errors while opening: those of `Package`; while saving: write_failed, occupied_below,
    totals_row, protected_cell, formula_in_the_way."""

    def __init__(self, path: str | Path, *, data: bytes | None = None) -> None:
        self.path = Path(path)
        self.package = Package(self.path, data)
        self._values = ValueBook(self.package.data, name=self.path)
        self._sheets: dict[str, str] = {}
        self._tables: dict[str, TablePart] = {}
        self._names: dict[str, tuple[str, tuple[int, int, int, int]]] = {}
        self._cache: dict[str, SheetValues] = {}
        self._edits: dict[str, dict[int, dict[int, Write]]] = {}
        self._last: dict[str, int] = {}
        self._column_formulas: dict[str, dict[str, str | None]] = {}
        self.report = Report()
        self._read_workbook()

    # ------------------------------------------------------------ what there is

    def _read_workbook(self) -> None:
        xml = self.package.read(self.package.workbook)
        targets = self.package.relationships(self.package.workbook)
        for tag in _SHEET.findall(xml):
            a = attributes(tag)
            link = next((v for k, v in a.items() if k.endswith(":id")), "")
            if link in targets and targets[link].kind == "worksheet":
                self._sheets[a["name"]] = targets[link].target
        for sheet, part in self._sheets.items():
            for kind, target in self.package.relationships(part).values():
                if kind == "table" and self.package.has(target):
                    table = parse_table(self.package.read(target), target, sheet)
                    self._tables[table.name] = table
        for m in _NAME.finditer(xml):
            a = attributes(b"<x " + m[1] + b">")
            found = _CELL_REFERENCE.match(unescape(m[2].decode()))
            if found and "localSheetId" not in a:
                sheet = (found[1] or "").replace("''", "'") or found[2]
                self._names[a.get("name", "")] = sheet, area(found[3])
        calc = _CALC_PR.search(xml)
        a = attributes(calc[0]) if calc else {}
        forced = a.get("fullCalcOnLoad", "0") in ("1", "true")
        self.forced_calculation = forced or int(a.get("calcId", "0") or 0) < CALC_ID

    @property
    def is_ours(self) -> bool:
        """Made from one of our templates: it has the named cells that say so."""
        return "FormulaForm" in self._names and "Lang" in self._names

    def tables(self) -> list[str]:
        return list(self._tables)

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

    def value(self, sheet: str, row: int, column: int) -> object:
        """The value of a cell (0-based), pending writes included."""
        write = self._edits.get(sheet, {}).get(row, {}).get(column)
        if write is not None and not write.yields:
            return write.value
        return self._stored(sheet, row, column)

    def read_table(self, name: str, known: Table | None = None) -> TableData:
        """A table as stored. Errors: two_columns; not_calculated for a formula without a value in a column
        that is read (results are made anew, and the user's own columns are named in `uncalculated`)."""
        table = self._table(name)
        rows = [
            [self._stored(table.sheet, r, c) for c in range(table.left, table.right + 1)]
            for r in range(table.first, table.last + 1)
        ]
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

    def table_headers(self, name: str) -> list[str]:
        """The headers of a table, whatever its cells hold."""
        return list(self._table(name).headers)

    def table_rows(self, name: str) -> int:
        """Data rows, pending ones included."""
        return self._last.get(name, self._table(name).last) - self._table(name).first + 1

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
        self._edits.setdefault(sheet, {}).setdefault(row, {})[column] = write

    def _plain(self, value: object) -> Any:
        return plain(value, self._values.date1904)

    def _constant(self, value: object) -> Any:
        """A value for a cell without a formula: '' is an empty cell."""
        return None if value == "" else self._plain(value)

    def write_name(self, name: str, value: object, native: Native | None = None) -> None:
        sheet, (row, column, _, _) = self._names[name]
        self._put(sheet, row, column, self._native_write(value, native, row, column))

    def _native_write(self, value: object, native: Native | None, row: int, column: int) -> Write:
        if native is None:
            return Write(self._constant(value))
        array = cell_name(row, column) if native.array else None
        shown = "" if value is None else value
        return Write(self._plain(shown), native.text, array)

    def write_block(self, name: str, values: Sequence[Sequence[object]]) -> None:
        sheet, (r1, c1, _, _) = self._names[name]
        for i, row in enumerate(values):
            for j, value in enumerate(row):
                self._put(sheet, r1 + i, c1 + j, Write(self._plain(value)))

    def write_column(self, table: str, key: str, values: Sequence[object], *, yields: bool = True) -> None:
        part = self._table(table)
        column = part.left + self._columns(table)[key]
        for i, value in enumerate(values):
            self._put(part.sheet, part.first + i, column, Write(self._plain(value), yields=yields))

    def _columns(self, name: str) -> dict[str, int]:
        data = TableData(name, "", self._table(name).headers, [], 1, 0)
        map_fields(data, TABLES[name])
        return data.fields

    def headers(self, name: str) -> dict[str, str]:
        """Field key -> header, as the workbook has it."""
        table = self._table(name)
        return {key: table.headers[i] for key, i in self._columns(name).items()}

    def append_rows(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        part = self._table(table)
        columns = self._columns(table)
        used = max(self.read_table(table).used, self.table_rows(table) if table in self._last else 0)
        self._resize(table, max(used + len(rows), self.table_rows(table)))
        for i, row in enumerate(rows):
            for key, value in row.items():
                if key in columns:
                    self._put(part.sheet, part.first + used + i, part.left + columns[key], Write(self._plain(value)))

    def _resize(self, name: str, rows: int) -> None:
        part = self._table(name)
        self._last[name] = part.first + max(1, rows) - 1

    def replace_rows(
        self, table: str, rows: Sequence[Mapping[str, object]], *, formulas: bool, functions: bool = False
    ) -> None:
        part = self._table(table)
        columns = self._columns(table)
        natives = self._natives(table, functions=functions) if formulas else {}
        old = part.last - part.first + 1
        self._resize(table, len(rows))
        for i in range(max(old, len(rows), 1)):
            row = rows[i] if i < len(rows) else None
            for key, offset in columns.items():
                r, c = part.first + i, part.left + offset
                if row is None:
                    self._put(part.sheet, r, c, Write(None))
                elif key in row:
                    self._put(part.sheet, r, c, self._native_write(row[key], natives.get(key), r, c))
            if row is None and i >= len(rows) and i > 0:
                for c in range(part.left, part.right + 1):
                    self._put(part.sheet, part.first + i, c, Write(None))

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
        key = TABLES[table].key
        ours = {k for row in rows for k in row} or {key}
        ours |= {"customers", "customer_share", "traits", "strategy"} & set(data.fields)
        user = [i for i in range(len(data.headers)) if i not in {data.fields[k] for k in ours if k in data.fields}]
        typed: dict[str, list[object]] = {}
        for index in range(data.used):
            name = str(data.column(key)[index] or "")
            if any(data.rows[index][i] not in (None, "") for i in user):
                typed.setdefault(name, [data.rows[index][i] for i in user])
        names = [str(row[key]) for row in rows]
        stayed = [name for name in typed if name not in names]
        stock = [{key: name, **{k: 0 for k in ("customers", "customer_share") if k in data.fields}} for name in stayed]
        merged: list[Mapping[str, object]] = [*rows, *stock]
        self.replace_rows(table, merged, formulas=formulas, functions=functions)
        part = self._table(table)
        for i, name in enumerate([*names, *stayed]):
            cells = typed.get(name, [None] * len(user))
            for offset, value in zip(user, cells, strict=True):
                self._put(part.sheet, part.first + i, part.left + offset, Write(self._plain(value), yields=True))
        return stayed

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
        from crm_xl.analysis.catalogue import can_be_formula

        return (
            expression is not None
            and self.has_table("Customers")
            and can_be_formula(expression, self._own_headers(), self._tables, self._names)
        )

    def _own_headers(self) -> dict[str, str]:
        """Field keys and the user's own headers of Customers, each -> header."""
        return {**{h: h for h in self._table("Customers").headers}, **self.headers("Customers")}

    def write_results(
        self, results: Sequence[Result], blocks: Sequence[Block], form: FormulaForm, rows: int
    ) -> None:
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
            column = table.column(header)
            for i, value in enumerate(result.values):
                self._put(table.sheet, table.first + i, column, Write(self._constant(value) if text is None else self._plain(value), text))
        self._column_formulas["Customers"] = formulas
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
        scope = self._table("Scope").headers if self.has_table("Scope") else ["", ""]
        return Place(headers, headers["customer_id"], letters, (scope[0], scope[1]))

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
                self._spill(used, [tuple(r) for r in block.values], text)
            used += width
        for header, values, text, column in columns:
            self._put(CALC, 0, column, Write(header))
            self._spill(column, [(v,) for v in values], text)
            used = column + 1
        self._clear_calc(used if form != "values" else CALC_FIRST, rows if form != "values" else 0)
        # the placeholder counts the rows; it keeps the metadata part of dynamic arrays in use
        place_id = f"ROWS(Customers[{place.id_header}])"
        self._put(CALC, 1, 2, Write(rows or 1, place_id, "C2", dynamic=True))

    def _spill(self, column: int, values: Sequence[Sequence[object]], text: str) -> None:
        width = len(values[0])
        whole = area_name(1, column, len(values), column + width - 1)
        for i, row in enumerate(values):
            for j, value in enumerate(row):
                anchor = i == 0 and j == 0
                shown = "" if value is None else self._plain(value)
                write = (
                    Write(shown, text, whole, dynamic=True) if anchor else Write(shown, spilled=True)
                )
                self._put(CALC, 1 + i, column + j, write)

    def _clear_calc(self, used: int, rows: int) -> None:
        """Empty what an earlier, larger or other form left on the calculation sheet."""
        stored = self.sheet(CALC).rows
        for r, cells in enumerate(stored):
            for c in range(CALC_FIRST, len(cells)):
                kept = c < used and r <= rows
                if not kept and r not in self._edits.get(CALC, {}):
                    self._put(CALC, r, c, Write(None))
                elif not kept:
                    self._edits[CALC][r].setdefault(c, Write(None))

    # ------------------------------------------------------------ saving

    def pending(self) -> bool:
        """Whether a save would change anything."""
        self._splice()
        return bool(self.package.changed)

    def save(self, target: Path | None = None, *, backup: bool = True) -> bool:
        """Write the changes; False if there are none (then nothing is written)."""
        changed = self.pending()
        target = target or self.path
        if changed or target.resolve() != self.path.resolve():
            self.package.save(target, backup=backup)
        self.report.parts = self.package.changed
        return changed

    def _splice(self) -> None:
        strings_part = next(
            (t for k, t in self.package.relationships(self.package.workbook).values() if k == "sharedStrings"), None
        )
        strings = SharedStrings(self.package.read(strings_part) if strings_part else None)
        unlocked = unlocked_styles(self._styles())
        resizes = self._resizes()
        sheets: dict[str, SheetXml] = {}
        for name in {*self._edits, *(r.sheet for r in resizes)}:
            sheet = SheetXml(self.package.read(self._sheets[name]), name, strings, lambda s: s not in unlocked)
            self._style_new_cells(sheet, name, resizes)
            sheet.apply(self._edits.get(name, {}))
            here = [r for r in resizes if r.sheet == name]
            if here:
                sheet.replace_outside_cells(lambda xml, here=here: grow_rules(xml, here))  # type: ignore[misc]
            sheet.extend_dimension()
            sheets[name] = sheet
        self._write_tables(sheets)
        for name, sheet in sheets.items():
            self.package.write(self._sheets[name], sheet.xml)
            if sheet.touched:
                self.report.cells[name] = _ranges(sheet.touched)
        if strings_part:
            self.package.write(strings_part, strings.render())
        elif strings.texts:
            self._add_strings(strings)
        book = self.package.read(self.package.workbook)
        self.package.write(self.package.workbook, grow_names(book, resizes))
        if any(s.formulas_changed and s.touched for s in sheets.values()):
            self._drop_calc_chain()
        self._refresh_charts(resizes)

    def _styles(self) -> bytes:
        part = next(
            (t for k, t in self.package.relationships(self.package.workbook).values() if k == "styles"), None
        )
        return self.package.read(part) if part else b""

    def _resizes(self) -> list[Resize]:
        found = []
        for name, last in self._last.items():
            table = self._table(name)
            if last == table.last:
                continue
            if last > table.last:
                self._check_room(table, last)
            found.append(Resize(table.sheet, table.first, table.left, table.right, table.last, last))
        return found

    def _check_room(self, table: TablePart, last: int) -> None:
        """A table grows only into empty cells. Errors: totals_row, occupied_below."""
        if table.totals_rows:
            raise CrmXlError("totals_row", sheet=table.sheet, table=table.name)
        for row in range(table.last + 1, last + 1):
            for column in range(table.left, table.right + 1):
                if self._stored(table.sheet, row, column) is not None:
                    cell = cell_name(row, column)
                    raise CrmXlError("occupied_below", sheet=table.sheet, cell=cell, table=table.name)
        for other in self._tables.values():
            apart = other.right < table.left or other.left > table.right or other is table
            if other.sheet == table.sheet and not apart and table.last < other.top <= last:
                cell = cell_name(other.top, other.left)
                raise CrmXlError("occupied_below", sheet=table.sheet, cell=cell, table=table.name)

    def _style_new_cells(self, sheet: SheetXml, name: str, resizes: Sequence[Resize]) -> None:
        """New rows take the styles of the table's last row, as they do when one types below it."""
        for resize in resizes:
            if resize.sheet != name or resize.new <= resize.old:
                continue
            styles = sheet.styles(resize.old)
            rows = self._edits.setdefault(name, {})
            for row in range(resize.old + 1, resize.new + 1):
                writes = rows.setdefault(row, {})
                for column in range(resize.left, resize.right + 1):
                    style = styles.get(column)
                    if style:
                        writes.setdefault(column, Write(None)).style = style
        if name == CALC:
            return

    def _write_tables(self, sheets: Mapping[str, SheetXml]) -> None:
        for name, table in self._tables.items():
            last = self._last.get(name, table.last)
            formulas = self._column_formulas.get(name)
            if last == table.last and not formulas:
                continue
            xml = self.package.read(table.part)
            if last != table.last:
                xml = resized(xml, table, last)
            if formulas:
                xml = with_column_formulas(xml, formulas)
            self.package.write(table.part, xml)

    def _add_strings(self, strings: SharedStrings) -> None:
        part = self.package.workbook.rpartition("/")[0] + "/sharedStrings.xml"
        self.package.write(part, strings.render())
        self.package.add_relationship(self.package.workbook, STRINGS_KIND, "sharedStrings.xml")
        types = self.package.read("[Content_Types].xml")
        override = f'<Override PartName="/{part}" ContentType="{STRINGS_TYPE}"/>'.encode()
        self.package.write("[Content_Types].xml", types.replace(b"</Types>", override + b"</Types>"))

    def _drop_calc_chain(self) -> None:
        """The chain lists formula cells; Excel makes it anew when it is missing."""
        found = [t for k, t in self.package.relationships(self.package.workbook).values() if k == "calcChain"]
        if not found:
            return
        from .package import rels_part

        self.package.drop(found[0])
        for part in (rels_part(self.package.workbook), "[Content_Types].xml"):
            self.package.write(part, _CALC_CHAIN.sub(b"", self.package.read(part)))

    def _refresh_charts(self, resizes: Sequence[Resize]) -> None:
        def read(sheet: str, r1: int, c1: int, r2: int, c2: int) -> list[object] | None:
            if sheet not in self._sheets:
                return None
            return [self._plain(self.value(sheet, r, c)) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]

        for part in [n for n in self.package.names() if re.search(r"/charts/chart[^/]*\.xml$", n)]:
            xml = self.package.read(part)
            self.package.write(part, refresh_chart(xml, resizes, read))


def _is_native(expression: Expression) -> bool:
    """Whether an expression needs no worksheet function of ours."""
    from crm_xl.analysis.catalogue import Fn, walk

    return not any(isinstance(p, Fn) for p in walk(expression))


def _letters(column: int) -> str:
    return cell_name(0, column)[:-1]


def _row_fixed(row: int, column: int) -> str:
    return f"{_letters(column)}${row + 1}"


def _ranges(cells: Sequence[tuple[int, int]]) -> list[str]:
    """Touched cells as column ranges, e.g. ['K2:K201', 'M5']."""
    columns: dict[int, list[int]] = {}
    for row, column in cells:
        columns.setdefault(column, []).append(row)
    found = []
    for column in sorted(columns):
        rows = sorted(set(columns[column]))
        start = previous = rows[0]
        for row in [*rows[1:], -1]:
            if row == previous + 1:
                previous = row
                continue
            found.append(area_name(start, column, previous, column))
            start = previous = row
    return found


def unit_variant(data: bytes, path: Path, old: str, new: str) -> bytes:
    """A template with another amount unit in its headers: every `(old)` in its texts becomes `(new)`."""
    package = Package(path, data)
    a, b = f"({escape(old)})".encode(), f"({escape(new)})".encode()
    for part in package.names():
        if part.endswith(".xml") and part.startswith("xl/"):
            package.write(part, package.read(part).replace(a, b))
    return package.to_bytes()


__all__ = ["CALC", "FileWorkbook", "label", "unit_variant"]
