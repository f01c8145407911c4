"""Import: a customer list, an order log or contacts from a file into the tables of a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sources.loading import Loaded
from crm_xl.vocabulary.fields import Lang, Table, Unit
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.protocol import TableData, Workbook
from crm_xl.workbook.saving import locked

from .evaluate import Cells
from .new import RESULTS
from .opening import LOGS, SourceNotes, book_unit, column_cells, in_unit, load_source, open_book, shown, unit_factor

KINDS = {name.lower(): name for name in ("Customers", *LOGS)}
SAMPLES = 3


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. `mapping`: (their header, our header or '', samples);
    `without_id`: customers that could not be taken over."""

    path: str
    source: str
    table: str
    lang: Lang
    dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    without_id: int = 0
    mapping: list[tuple[str, str, list[str]]] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_source(
    path: str | Path,
    source: str | Path,
    kind: str,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] | None = None,
    dry_run: bool = False,
    break_signature: bool = False,
) -> ImportReport:
    """Read `source` into the workbook's table of that kind.

    Customers are matched by id: filled cells of the source replace what stands there, empty ones
    do not; new ids are appended. Log lines that the table already has (as often) are left out.
    Errors: those of opening the book and reading the source; no_table.
    """
    if kind not in KINDS:
        raise Refused("wrong_choice", value=kind, known=list(KINDS))
    with nullcontext() if dry_run else locked(Path(path)):
        book, customers, lang = open_book(path)
        report = import_into(book, customers, lang, source, kind, sheet=sheet, overrides=overrides, dry_run=dry_run)
        if not dry_run:
            book.save(break_signature=break_signature)
    return report


def import_into(
    book: Workbook,
    customers: TableData,
    lang: Lang,
    source: str | Path,
    kind: str,
    *,
    sheet: str | None = None,
    overrides: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """`import_source` for an open workbook; nothing is saved or applied yet."""
    name = KINDS[kind]
    if not book.has_table(name):
        raise CrmXlError("no_table", path=book.path, table=name)
    table = TABLES[name]
    loaded = load_source(source, table, book_unit(customers), sheet=sheet, overrides=overrides or {})
    data = customers if name == "Customers" else book.read_table(name)
    report = ImportReport(str(book.path), str(source), name, lang, dry_run, rows=len(loaded.frame))
    keys = [k for k in loaded.frame.columns if k in data.fields and not (name == "Customers" and k in RESULTS)]
    _describe(loaded, keys, report)
    columns = _stored_columns(loaded.frame[keys], data, table, customers)
    if name == "Customers":
        _import_customers(book, data, columns, loaded, report)
    else:
        _import_lines(book, data, columns, report)
    return report


def likely_kind(source: str | Path) -> str:
    """What a file holds, by the columns that it has: a log has dates of its own."""
    for kind in ("orders", "interactions"):
        try:
            load_source(source, TABLES[KINDS[kind]], "wan")
        except CrmXlError as error:
            if error.key not in ("source_no_column", "source_no_id"):
                raise
        else:
            return kind
    return "customers"


def _stored_columns(frame: pd.DataFrame, data: TableData, table: Table, customers: TableData) -> dict[str, Cells]:
    """The source's columns as cells, amounts in the unit of the header under which they will stand."""
    columns = {}
    for key in frame.columns:
        unit: Unit = "yuan" if table.field(key).unit == "yuan" else book_unit(customers)
        columns[key] = in_unit(column_cells(frame[key]), 1 / unit_factor(data, key, unit))
    return columns


def _import_customers(
    book: Workbook, data: TableData, columns: dict[str, Cells], loaded: Loaded, report: ImportReport
) -> None:
    used = data.used
    place: dict[str, int] = {}
    for at, text in enumerate(normal_ids(data.column("customer_id")[:used]).tolist()):
        place.setdefault(text, at)
    stored = {key: data.column(key)[:used] for key in columns}
    own_formulas = book.formula_cells("Customers")
    new: dict[str, dict[str, object]] = {}
    changed = set()
    for n, cells in enumerate(zip(*columns.values(), strict=True)):
        row = {k: v for k, v in zip(columns, cells, strict=True) if v is not None}
        key = str(row.pop("customer_id", ""))
        if not key:
            report.without_id += 1
            header = next(m.header for m in loaded.matches if m.field and m.field.key == "customer_id")
            what = message("id_empty", report.lang)
            source = Path(report.source).name
            line = message("source_cell", report.lang, source=source, row=loaded.rows[n], header=header, what=what)
            report.problems.append(line)
        elif key in place:
            at = place[key]
            fresh = {k: v for k, v in row.items() if not same(stored[k][at], v)}
            for k in [k for k in fresh if at in own_formulas.get(k, ())]:
                del fresh[k]
                kept = message("formula_kept", report.lang, cell=data.cell(at, data.fields[k]), sheet=data.sheet)
                if kept not in report.problems:
                    report.problems.append(kept)
            for k, v in fresh.items():
                stored[k][at] = v
            if fresh:
                changed.add(key)
        else:
            new.setdefault(key, {"customer_id": key}).update(row)
    report.new, report.changed = len(new), len(changed)
    report.unchanged = report.rows - report.without_id - report.new - report.changed
    for name, column in stored.items():
        if name != "customer_id":
            book.write_column("Customers", name, column)
    if new:
        book.append_rows("Customers", list(new.values()))


def same(old: object, new: object) -> bool:
    """Whether a cell already says what the source says: the phone 138 as a number or as a text, too."""
    if old == new:
        return True
    return isinstance(new, str) and old is not None and shown(old).strip() == new


def _import_lines(book: Workbook, data: TableData, columns: dict[str, Cells], report: ImportReport) -> None:
    used = data.used
    present = Counter(_marks({key: data.column(key)[:used] for key in columns}))
    new = []
    for mark, cells in zip(_marks(columns), zip(*columns.values(), strict=True), strict=True):
        if present[mark] > 0:
            present[mark] -= 1
            report.unchanged += 1
        else:
            new.append(dict(zip(columns, cells, strict=True)))
    report.new = len(new)
    if new:
        book.append_rows(data.name, new)


def _marks(columns: Mapping[str, Cells]) -> list[tuple[object, ...]]:
    """What makes two log lines the same: every cell, ids however they are spelt."""
    told = [
        normal_ids(cells).tolist()
        if key in ("customer_id", "order_no")
        else [c if c is None or not isinstance(c, str) else c.strip() or None for c in cells]
        for key, cells in columns.items()
    ]
    return list(zip(*told, strict=True))


def _describe(loaded: Loaded, keys: list[str], report: ImportReport) -> None:
    for match in loaded.matches:
        ours, samples = "", []
        if match.field and match.field.key in keys:
            ours = match.field.header(report.lang, match.unit)
            cells = [c for c in column_cells(loaded.frame[match.field.key].head(50)) if c is not None]
            samples = [shown(c) for c in cells[:SAMPLES]]
        report.mapping.append((match.header, ours, samples))
    notes = SourceNotes()
    notes.add(report.source, loaded, report.lang)
    report.repairs, report.problems = notes.repairs, notes.problems
