"""What a save wrote, by part and range, and why; and what it left alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_xl.cells import cell_name

from .cell_xml import Area, area_name
from .edits import SheetEdits, Touched
from .recalculation import Recalculation
from .tables import TablePart

_KINDS = (
    (re.compile(r"/tables/", re.IGNORECASE), "table"),
    (re.compile(r"/charts/", re.IGNORECASE), "chart"),
    (re.compile(r"/pivotCache/", re.IGNORECASE), "pivot"),
    (re.compile(r"sharedStrings[^/]*\.xml$", re.IGNORECASE), "strings"),
    (re.compile(r"calcChain\.xml$", re.IGNORECASE), "chain"),
    (re.compile(r"_xmlsignatures|\.psdsxs$", re.IGNORECASE), "signature"),
    (re.compile(r"\.rels$|Content_Types", re.IGNORECASE), "package"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Cells that were written, or a part. `cells`: the range from the first to the last of `count` cells;
    `column`: the header that they stand under, or the name of the cell. `why`: a key of `WHY` in
    `vocabulary.report_texts`."""

    part: str
    why: str
    sheet: str = ""
    cells: str = ""
    count: int = 0
    column: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was left alone. `why` as in `Change`; `what`: a function's name, a header."""

    why: str
    sheet: str = ""
    cells: str = ""
    count: int = 0
    what: str = ""


@dataclass(slots=True)
class Report:
    """What a save wrote: parts, exact cell ranges by sheet, the same told column by column, and what was
    left alone. `recalculated`: how many of the user's formulas Excel will calculate."""

    parts: list[str] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    recalculated: int = 0
    untouched_parts: int = 0


class Places(NamedTuple):
    """What stands where: sheets and their parts, tables, named cells, fields computed by us."""

    parts: Mapping[str, str]
    tables: Sequence[TablePart]
    names: Mapping[str, tuple[str, Area]]
    results: frozenset[str]
    """Headers of the result columns of Customers."""
    facts: frozenset[str]
    """Headers of its columns that take facts from the log."""
    calculation: str
    """The calculation sheet, if it is ours."""


def report(
    touched: Mapping[str, Touched],
    followed: Recalculation,
    edits: Mapping[str, SheetEdits],
    places: Places,
    parts: Sequence[str],
    untouched: int,
) -> Report:
    """The report of a save. `parts`: those that changed."""
    made = Report(parts=list(parts), untouched_parts=untouched)
    for name in places.parts:
        found = [t for t in (touched.get(name), followed.marked.get(name), followed.grown.get(name)) if t]
        if found:
            areas = sorted({a for t in found for a in t.areas()}, key=lambda a: (a[1], a[0]))
            made.cells[name] = [area_name(*a) for a in areas]
        if name in touched:
            made.changes += _of_sheet(name, touched[name], edits.get(name, SheetEdits()), places)
        for cells, why in ((followed.marked, "recalculate"), (followed.grown, "formula_grown")):
            if name in cells:
                made.changes += _by_column(name, cells[name].areas(), why, places)
    made.recalculated = sum(cells.count() for cells in followed.marked.values())
    sheets = {part: name for name, part in places.parts.items()}
    for part in parts:
        if part not in sheets:
            made.changes += part_changes([part])
        elif sheets[part] not in made.cells:
            made.changes.append(Change(part, "rules", sheets[part]))
    made.left = [
        Left(left.reason, left.sheet, cell_name(left.row, left.column), 1, left.function) for left in followed.left
    ]
    return made


def part_changes(parts: Iterable[str]) -> list[Change]:
    """Parts that are no sheets, with the reason that their names tell."""
    return [Change(p, next((kind for pattern, kind in _KINDS if pattern.search(p)), "names")) for p in parts]


def _of_sheet(name: str, touched: Touched, edits: SheetEdits, places: Places) -> list[Change]:
    if name == places.calculation:
        return _by_column(name, touched.areas(), "calculation", places)
    changes: list[Change] = []
    rest: list[Area] = []
    for area in touched.areas():
        table = next((t for t in places.tables if t.sheet == name and _inside(area, t)), None)
        if table is None:
            rest.append(area)
    for table in (t for t in places.tables if t.sheet == name):
        mine = [a for a in touched.areas() if _inside(a, table)]
        old = [_cut(a, 0, table.last) for a in mine if a[0] <= table.last]
        new = [_cut(a, table.last + 1, a[2]) for a in mine if a[2] > table.last]
        if table.name != "Customers":
            changes += _by_column(name, mine, "report", places)
            continue
        for column in sorted({a[1] for a in mine}):
            header = table.headers[column - table.left]
            why = "result" if header in places.results else "fact" if header in places.facts else "own_formula"
            changes += _by_column(name, [a for a in old if a[1] == column], why, places)
        changes += _by_column(name, new, "new_rows", places)
    named = [a for a in rest if edits.at(a[0], a[1]) is not None]
    changes += _by_column(name, named, "figure", places)
    return changes + _by_column(name, [a for a in rest if a not in named], "own_formula", places)


def _inside(area: Area, table: TablePart) -> bool:
    """Whether a run of cells stands in a table, or below it where it grows."""
    return table.left <= area[1] <= table.right and area[0] >= table.top


def _cut(area: Area, first: int, last: int) -> Area:
    return max(area[0], first), area[1], min(area[2], last), area[3]


def _by_column(name: str, areas: Iterable[Area], why: str, places: Places) -> list[Change]:
    """One line a column, from its first touched cell to its last."""
    columns: dict[int, list[Area]] = {}
    for area in areas:
        columns.setdefault(area[1], []).append(area)
    changes = []
    for column, found in sorted(columns.items()):
        first, last = min(a[0] for a in found), max(a[2] for a in found)
        count = sum(a[2] - a[0] + 1 for a in found)
        cells = area_name(first, column, last, column)
        changes.append(Change(places.parts[name], why, name, cells, count, _title(name, first, column, places)))
    return changes


def _title(sheet: str, row: int, column: int, places: Places) -> str:
    for table in places.tables:
        if table.sheet == sheet and _inside((row, column, row, column), table):
            return table.headers[column - table.left]
    here = (n for n, (s, a) in places.names.items() if s == sheet and a[:2] == (row, column) == a[2:])
    return next(here, "")
