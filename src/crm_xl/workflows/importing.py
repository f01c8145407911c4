"""Import: a customer list, an order log or contacts from a file into the tables of a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sources.loading import Loaded, load
from crm_xl.vocabulary.fields import TABLES, Lang, Table
from crm_xl.vocabulary.messages import message
from crm_xl.workbook.protocol import TableData

from .new import rows_of
from .refresh import book_unit, open_book

KINDS = {"customers": "Customers", "orders": "Orders", "interactions": "Interactions"}
SAMPLES = 3


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do. `mapping`: (their header, our header or '', samples)."""

    path: str
    source: str
    table: str
    lang: Lang
    dry_run: bool
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
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
) -> ImportReport:
    """Read `source` into the workbook's table of that kind.

    Customers are matched by id: filled cells of the source replace what stands there, empty ones
    do not; new ids are appended. Log lines that the table already has (as often) are left out.
    Errors: those of opening the book and reading the source; no_table.
    """
    if kind not in KINDS:
        raise Refused("wrong_choice", value=kind, known=", ".join(KINDS))
    book, customers, lang = open_book(path)
    name = KINDS[kind]
    if not book.has_table(name):
        raise CrmXlError("no_table", path=path, table=name)
    table = TABLES[name]
    loaded = load(source, table, sheet=sheet, overrides=overrides or {}, unit=book_unit(customers))
    data = customers if name == "Customers" else book.read_table(name)
    report = ImportReport(str(path), str(source), name, lang, dry_run, rows=len(loaded.frame))
    _describe(loaded, table, lang, report)
    frame = loaded.frame[[k for k in loaded.frame.columns if k in data.fields]]
    frame = _in_table_unit(frame, data, table)
    if name == "Customers":
        _import_customers(book, data, frame, report)
    else:
        _import_lines(book, data, frame, report)
    if not dry_run:
        book.save()
    return report


def _in_table_unit(frame: pd.DataFrame, data: TableData, table: Table) -> pd.DataFrame:
    """Order amounts come in yuan; a table headed 金额(万元) takes them in 万元."""
    frame = frame.copy()
    for key, unit in data.units.items():
        if key in frame and unit == "wan" and table.field(key).unit == "yuan":
            frame[key] = frame[key] / 10_000
    return frame


def _import_customers(book: Any, data: TableData, frame: pd.DataFrame, report: ImportReport) -> None:
    used = data.used
    place = {i: n for n, i in reversed(list(enumerate(normal_ids(data.column("customer_id")[:used]).tolist()))) if i}
    columns = {key: data.column(key)[:used] for key in frame.columns}
    new: dict[str, dict[str, object]] = {}
    for row in rows_of(frame):
        key = str(row["customer_id"] or "")
        if not key:
            continue
        if key in place:
            at = place[key]
            changed = False
            for name, value in row.items():
                if value is not None and name != "customer_id" and columns[name][at] != value:
                    columns[name][at] = value
                    changed = True
            report.changed += changed
            report.unchanged += not changed
        elif key in new:
            new[key].update({k: v for k, v in row.items() if v is not None})
        else:
            new[key] = dict(row)
    report.new = len(new)
    for name, cells in columns.items():
        if name != "customer_id":
            book.write_column("Customers", name, cells)
    if new:
        book.append_rows("Customers", list(new.values()))


def _import_lines(book: Any, data: TableData, frame: pd.DataFrame, report: ImportReport) -> None:
    used = data.used
    keys = list(frame.columns)

    def line(row: Mapping[str, object]) -> tuple[object, ...]:
        return tuple(normal_ids([row[k]])[0] if k in ("customer_id", "order_no") else row[k] for k in keys)

    old = [dict(zip(keys, cells, strict=True)) for cells in zip(*(data.column(k)[:used] for k in keys), strict=True)]
    present = Counter(line(r) for r in old)
    new = []
    for row in rows_of(frame):
        mark = line(row)
        if present[mark] > 0:
            present[mark] -= 1
            report.unchanged += 1
        else:
            new.append(row)
    report.new = len(new)
    if new:
        book.append_rows(data.name, new)


def _describe(loaded: Loaded, table: Table, lang: Lang, report: ImportReport) -> None:
    for match in loaded.matches:
        ours = match.field.header(lang, match.unit) if match.field else ""
        samples: list[str] = []
        if match.field and match.field.key in loaded.frame:
            cells = [c for c in loaded.frame[match.field.key].head(50).tolist() if c == c and c != ""]
            samples = [f"{c:%Y-%m-%d}" if isinstance(c, pd.Timestamp) else str(c) for c in cells[:SAMPLES]]
        report.mapping.append((match.header, ours, samples))
    report.repairs = [f"{r.row} {r.header}: {r.found} → {_shown(r.value)}" for r in loaded.repairs]
    report.problems = [f"{p.row} {p.header}: {message(p.message_key, lang, **p.values)}" for p in loaded.problems]


def _shown(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


__all__ = ["KINDS", "ImportReport", "import_source"]
