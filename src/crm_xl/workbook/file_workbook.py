"""`FileWorkbook`: a closed .xlsx or .xlsm behind the `Workbook` protocol.

Reads cell values through `sheet_values`, and splices the collected writes into a copy of the package on
`save`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from crm_xl.cells import small_number
from crm_xl.errors import Refused
from crm_xl.read_ahead import ReadAhead
from crm_xl.sheet_values import SheetValues, ValueBook
from crm_xl.vocabulary.tables import TABLES

from .cell_xml import Area, area_name
from .dependents import Book, formula_cells, formula_text_at
from .edited_workbook import CALC, EditedWorkbook, named_cells
from .edits import SheetEdits, Touched
from .growth import Resize, grow_names, grow_pivot_source, grow_rules, moved_text, refresh_chart
from .heights import RowHeights
from .package import Package, attributes
from .recalculation import Recalculation, Sheet, follow
from .reporting import Left, Places, Report, part_changes, report
from .sheet_xml import SheetXml
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
from .values import SharedStrings, escape, unescape

CALC_ID = 191029
_SHEET = re.compile(rb"<(?:[\w.-]+:)?sheet\b[^<>]*>")
_NAME = re.compile(rb"<(?:[\w.-]+:)?definedName\b([^<>]*)>([^<]*)</(?:[\w.-]+:)?definedName>")
_CALC_PR = re.compile(rb"<(?:[\w.-]+:)?calcPr\b[^<>]*>")
_CHART = re.compile(r"/charts/chart[^/]*\.xml$")
_PIVOT_SOURCE = re.compile(r"/pivotCache/pivotCacheDefinition[^/]*\.xml$")
STRINGS_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


class FileWorkbook(EditedWorkbook):
    """An open file. Errors while opening: those of `Package`; while saving: write_failed, occupied_below,
    totals_row, protected_cell, formula_in_the_way."""

    def __init__(self, path: str | Path, *, data: bytes | None = None, ahead: ReadAhead | None = None) -> None:
        super().__init__()
        self.path = Path(path)
        self.package = Package(self.path, data)
        self._sheets: dict[str, str] = {}
        self._all_names: dict[tuple[str | None, str], str] = {}
        """(sheet, or None; name) -> text."""
        self._sheet_order: list[str] = []
        self._cache: dict[str, SheetValues] = {}
        self._ahead = ahead if ahead and ahead.holds(self.package.data) else None
        if self._ahead:
            self._ahead.lend(self.package.parts)
        opened = self._ahead.book() if self._ahead else None
        self._values = opened or ValueBook(self.package.data, name=self.path)
        self.date1904 = self._values.date1904
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
            at = small_number(local)
            scope = self._sheet_order[at] if at is not None and at < len(self._sheet_order) else None
            self._all_names[scope, a.get("name", "")] = text
            found = named_cells(text)
            if found and "localSheetId" not in a:
                self._names[a.get("name", "")] = found
        calc = _CALC_PR.search(xml)
        a = attributes(calc[0]) if calc else {}
        forced = a.get("fullCalcOnLoad", "0") in ("1", "true")
        version = a.get("calcId", "0")
        self.forced_calculation = forced or (small_number(version) or 0) < CALC_ID

    def sheet(self, name: str) -> SheetValues:
        if name not in self._cache:
            ahead = self._ahead.sheet(name) if self._ahead else None
            self._cache[name] = self._values.sheet(name) if ahead is None else ahead
        return self._cache[name]

    def _formulas_of(self, sheet: str) -> Mapping[int, set[int]]:
        if not self.sheet(sheet).formulas:
            return {}
        return formula_cells(self.package.stream(self._sheets[sheet]), sheet)

    def _has_sheet(self, name: str) -> bool:
        return name in self._sheets

    def _calculated_columns(self, table: TablePart) -> Mapping[str, str]:
        return column_formulas(self.package.read(table.part))

    def _formula_at(self, sheet: str, row: int, column: int) -> str:
        return formula_text_at(self.package.stream(self._sheets[sheet]), sheet, row, column)

    def sheet_part(self, sheet: str) -> str:
        """The part that holds a sheet."""
        return self._sheets[sheet]

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
        if self._settled:
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
            known = self.package.has(self._sheets[name]) and self.sheet(name).in_order
            sheet = SheetXml(part, name, strings, lambda s: s not in unlocked, heights, known)
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
        self._settled = True

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
                sheets[name] = Sheet(part, self._edits.get(name, SheetEdits()), done.touched, done.others_formulas)
            else:
                cached = self._cache.get(name)
                sheets[name] = Sheet(part, formulas=cached.formulas if cached else None)
        tables = [replace(t, last=max(t.last, self._last.get(t.name, t.last))) for t in self._tables.values()]
        return follow(self.package, sheets, Book(self._sheet_order, tables, self._all_names), resizes)

    def _styles(self) -> bytes:
        part = self.package.related(self.package.workbook, "styles")
        return self.package.read(part) if part else b""

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


def unit_variant(data: bytes, path: Path, old: str, new: str) -> bytes:
    """A template with another amount unit in its headers: every `(old)` in its texts becomes `(new)`."""
    package = Package(path, data)
    a, b = f"({escape(old)})".encode(), f"({escape(new)})".encode()
    for part in package.names():
        if part.endswith(".xml") and part.startswith("xl/"):
            package.write(part, package.read(part).replace(a, b))
    return package.to_bytes()


__all__ = ["CALC", "FileWorkbook", "unit_variant"]
