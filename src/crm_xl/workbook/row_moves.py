"""Whole rows taken out of a table, or put back: the others move up or down with all their cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from crm_xl.errors import CrmXlError
from crm_xl.vocabulary.tables import TABLES

from .dependents import formula_cells
from .file_workbook import FileWorkbook
from .protocol import TableData
from .tables import column_formulas


def remove_rows(book: FileWorkbook, data: TableData, gone: Collection[int]) -> None:
    """Take rows out of a table. Result columns stay where they are: a refresh fills them.

    Error: merge_formula, where a formula that is not its whole column's would have to move."""
    used = data.used
    columns = _moving(book, data, min(gone), used)
    kept = [i for i in range(used) if i not in gone]
    given = {key: _cells(data, at, kept) for key, at in data.fields.items() if at in columns}
    book.replace_rows(data.name, given, formulas=False)
    mapped = set(data.fields.values())
    for at in sorted(columns - mapped):
        book.write_own_column(data.name, data.headers[at], _cells(data, at, kept))


def insert_rows(book: FileWorkbook, data: TableData, rows: Mapping[int, Mapping[str, object]]) -> None:
    """Put rows into a table, each with its place and its cells by header. Error: as `remove_rows`."""
    used = data.used
    columns = _moving(book, data, min(*rows, used), used)
    lines: list[Sequence[object]] = list(data.rows[:used])
    for place in sorted(rows):
        lines.insert(place, [rows[place].get(header) for header in data.headers])
    book.append_rows(data.name, {"customer_id": [line[data.fields["customer_id"]] for line in lines[used:]]})
    for key, at in data.fields.items():
        if at in columns:
            book.write_column(data.name, key, [line[at] for line in lines])
    for at in sorted(columns - set(data.fields.values())):
        book.write_own_column(data.name, data.headers[at], [line[at] for line in lines])


def _cells(data: TableData, column: int, rows: Sequence[int]) -> list[object]:
    return [data.rows[i][column] for i in rows]


def _moving(book: FileWorkbook, data: TableData, first: int, used: int) -> set[int]:
    """The columns whose cells move with their row: neither results nor the user's own calculated columns, whose one
    formula fits every row. Error: merge_formula."""
    definition = TABLES[data.name]
    results = {at for key, at in data.fields.items() if definition.field(key).group == "result"}
    part = book.place_of(data.name)
    calculated = column_formulas(book.package.read(part.part))
    mapped = set(data.fields.values())
    moving = set(range(len(data.headers))) - results
    if not book.sheet(data.sheet).formulas:
        return moving
    formulas = formula_cells(book.package.stream(book.sheet_part(data.sheet)), data.sheet)
    inside = range(data.first + first, data.first + used)
    held = {
        column - data.left: {row - data.first for row in rows if row in inside}
        for column, rows in formulas.items()
        if not rows.isdisjoint(inside)
    }
    for column in moving & held.keys():
        own = column not in mapped and data.headers[column] in calculated
        if not own or len(held[column]) < used - first:
            raise CrmXlError("merge_formula", sheet=data.sheet, cell=data.cell(min(held[column]), column))
    return moving - held.keys()
