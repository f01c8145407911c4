"""Findings in the data: what is missing, wrong, impossible or twice (domain.md §12).

Rows count from 0; whoever holds the workbook turns row and field into a sheet and a cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

import numpy as np

from crm_xl.cells import CellError
from crm_xl.vocabulary.fields import Lang, Table
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS

from .cleaning import normal_ids, parse_dates, parse_numbers

Severity = Literal["error", "warning"]
REQUIRED = ("customer_name",)
DIGITS_KEPT = 1e15
"""From here on Excel has dropped digits of a number."""
STALE_DAYS = 90
_PLANNED = frozenset({"next_contact", "contract_end", "due"})
_SIGNED = frozenset(
    {"annual_spend", "average_order", "period_spend", "margin", "amount", "baseline", "target_value", "points"}
)
"""Refunds make amounts and margins negative, a target may be a fall, points are spent."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a cell. `proposed`: a repair, '' where there is none."""

    row: int
    field: str
    severity: Severity
    key: str
    found: str
    values: Mapping[str, object] = default(default_factory=dict)
    proposed: str = ""

    def text(self, lang: Lang) -> str:
        text = message(self.key, lang, **self.values)
        return f"{text} {message('proposed', lang, value=self.proposed)}" if self.proposed else text


def _blank(cell: object) -> bool:
    return (
        cell is None or (isinstance(cell, str) and not isinstance(cell, CellError) and not cell.strip()) or cell != cell
    )


def _shown(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}"
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def check_customers(columns: Mapping[str, Sequence[Any]], as_of: dt.date) -> list[Finding]:
    """Findings of a customer table given as columns of cells by field key."""
    findings = _check_ids(columns["customer_id"])
    rows = len(columns["customer_id"])
    used = [i for i in range(rows) if any(not _blank(c[i]) for c in columns.values())]
    for i in used:
        if _blank(columns["customer_id"][i]):
            findings.append(Finding(i, "customer_id", "error", "id_empty", ""))
    for key in REQUIRED:
        if key in columns:
            name = CUSTOMERS.field(key)
            findings += [
                Finding(i, key, "warning", "value_missing", "", {"field": name})
                for i in used
                if _blank(columns[key][i])
            ]
    findings += check_kinds(CUSTOMERS, columns, as_of)
    findings += _check_date_order(columns)
    findings += _check_same(columns, "phone", "duplicate_phone")
    findings += _check_same(columns, "customer_name", "duplicate_name")
    return sorted(findings, key=lambda f: (f.row, f.field, f.key))


def check_log(
    table: Table, columns: Mapping[str, Sequence[Any]], as_of: dt.date, customers: Sequence[str]
) -> list[Finding]:
    """Findings of an order or contact log; `customers`: the ids that the customer table has."""
    ids = normal_ids(columns["customer_id"])
    known = set(customers)
    findings = []
    for i, text in enumerate(ids.tolist()):
        if all(_blank(c[i]) for c in columns.values()):
            continue
        if not text:
            findings.append(Finding(i, "customer_id", "error", "order_without_customer", ""))
        elif known and text not in known:
            findings.append(Finding(i, "customer_id", "warning", "order_unknown_customer", text, {"value": text}))
    findings += _check_digits("customer_id", columns["customer_id"])
    findings += check_kinds(table, columns, as_of)
    return sorted(findings, key=lambda f: (f.row, f.field, f.key))


def check_history(columns: Mapping[str, Sequence[Any]], as_of: dt.date) -> list[Finding]:
    """Findings of stored snapshots: dates after `as_of`, a customer twice on a day."""
    findings = _check_dates("as_of", columns["as_of"], as_of)
    first: dict[tuple[object, str], int] = {}
    for i, key in enumerate(zip(columns["as_of"], normal_ids(columns["customer_id"]).tolist(), strict=True)):
        if key[1] and key in first:
            findings.append(
                Finding(i, "customer_id", "warning", "id_twice", key[1], {"value": key[1], "row": first[key] + 2})
            )
        first.setdefault(key, i)
    return sorted(findings, key=lambda f: (f.row, f.field))


def _check_ids(cells: Sequence[Any]) -> list[Finding]:
    ids = normal_ids(cells).tolist()
    first: dict[str, int] = {}
    findings = _check_digits("customer_id", cells)
    for i, text in enumerate(ids):
        if not text:
            continue
        if text in first:
            findings.append(
                Finding(i, "customer_id", "error", "id_twice", text, {"value": text, "row": first[text] + 2})
            )
        first.setdefault(text, i)
    return findings


def _check_digits(key: str, cells: Sequence[Any]) -> list[Finding]:
    return [
        Finding(i, key, "error", "id_digits_lost", _shown(c), {"value": f"{c:.0f}"})
        for i, c in enumerate(cells)
        if isinstance(c, (int, float)) and not isinstance(c, bool) and abs(c) >= DIGITS_KEPT
    ]


def check_kinds(table: Table, columns: Mapping[str, Sequence[Any]], as_of: dt.date) -> list[Finding]:
    """Cells that are not what their column holds: dates, numbers, ratings; results are left out."""
    findings: list[Finding] = []
    for f in table.fields:
        if f.key not in columns or f.group == "result":
            continue
        cells = columns[f.key]
        if f.kind == "date":
            findings += _check_dates(f.key, cells, as_of)
        elif f.kind in ("number", "count", "money", "ratio", "rating"):
            findings += _check_numbers(f.key, f.kind, cells)
        elif f.kind == "phone":
            findings += _check_digits(f.key, cells)
        if f.kind not in ("date", "number", "count", "money", "ratio", "rating"):
            findings += [
                Finding(i, f.key, "error", "value_error_cell", str(c), {"value": str(c)})
                for i, c in enumerate(cells)
                if isinstance(c, CellError)
            ]
    return findings


def _check_dates(key: str, cells: Sequence[Any], as_of: dt.date) -> list[Finding]:
    findings = []
    for i, cell in enumerate(cells):
        if _blank(cell):
            continue
        shown = _shown(cell)
        if isinstance(cell, CellError):
            findings.append(Finding(i, key, "error", "value_error_cell", shown, {"value": shown}))
        elif isinstance(cell, dt.datetime):
            if cell.date() > as_of and key not in _PLANNED:
                values = {"value": shown, "as_of": as_of.isoformat()}
                findings.append(Finding(i, key, "error", "date_future", shown, values))
        else:
            day = parse_dates([cell]).values[0]
            proposed = "" if np.isnat(day) else str(day)[:10]
            findings.append(Finding(i, key, "error", "value_not_date", shown, {"value": shown}, proposed))
    return findings


def _check_numbers(key: str, kind: str, cells: Sequence[Any]) -> list[Finding]:
    findings = []
    for i, cell in enumerate(cells):
        if _blank(cell):
            continue
        shown = _shown(cell)
        if isinstance(cell, CellError):
            findings.append(Finding(i, key, "error", "value_error_cell", shown, {"value": shown}))
        elif isinstance(cell, bool) or not isinstance(cell, (int, float)):
            number = parse_numbers([cell]).values[0] if isinstance(cell, str) else np.nan
            proposed = "" if np.isnan(number) else f"{number:.15g}"
            findings.append(Finding(i, key, "error", "value_not_number", shown, {"value": shown}, proposed))
        elif kind == "rating" and not (0 if key == "recommend" else 1) <= cell <= (10 if key == "recommend" else 5):
            values = {"value": shown, "low": 0 if key == "recommend" else 1, "high": 10 if key == "recommend" else 5}
            findings.append(Finding(i, key, "error", "value_outside", shown, values))
        elif cell < 0 and key not in _SIGNED:
            findings.append(Finding(i, key, "error", "value_negative", shown, {"value": shown}))
        elif kind == "count" and cell != int(cell):
            findings.append(Finding(i, key, "warning", "value_not_whole", shown, {"value": shown}))
    return findings


def _check_date_order(columns: Mapping[str, Sequence[Any]]) -> list[Finding]:
    if "first_order" not in columns or "last_order" not in columns:
        return []
    pairs = zip(columns["first_order"], columns["last_order"], strict=True)
    return [
        Finding(i, "last_order", "error", "date_order", _shown(last))
        for i, (first, last) in enumerate(pairs)
        if isinstance(first, dt.datetime) and isinstance(last, dt.datetime) and last < first
    ]


def _check_same(columns: Mapping[str, Sequence[Any]], key: str, message_key: str) -> list[Finding]:
    """The same phone or name on two customers: perhaps one customer twice."""
    first: dict[str, int] = {}
    findings = []
    for i, cell in enumerate(columns.get(key) or ()):
        text = _shown(cell).strip() if not _blank(cell) else ""
        if not text or "*" in text:
            continue
        if text in first:
            findings.append(Finding(i, key, "warning", message_key, text, {"row": first[text] + 2}))
        first.setdefault(text, i)
    return findings


def accuracy(findings: Sequence[Finding], rows: int) -> float | None:
    """Rows without an error / rows; None without rows."""
    wrong = {f.row for f in findings if f.severity == "error"}
    return (rows - len(wrong)) / rows if rows else None
