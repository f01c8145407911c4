"""Check: what is wrong in a workbook's data and rules, with sheet and cell. Nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.quality import LOGS, Finding, Severity, accuracy, check_customers, check_log
from crm_xl.functions.call import today
from crm_xl.vocabulary.fields import Lang
from crm_xl.workbook.protocol import TableData, Workbook

from .opening import book_date, book_rules, open_book

GOAL = 0.95
"""Share of customer rows without an error that the documents ask for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its place."""

    sheet: str
    cell: str
    severity: Severity
    rule: str
    found: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    path: str
    lang: Lang
    as_of: str
    findings: list[Found]
    accuracy: float | None

    @property
    def errors(self) -> int:
        return sum(f.severity == "error" for f in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "errors": self.errors, "goal": GOAL}


def check(path: str | Path, *, as_of: dt.date | None = None) -> CheckReport:
    """Findings in customers, logs and rules of a workbook. Errors: those of opening it."""
    return check_book(*open_book(path), as_of=as_of)


def check_book(book: Workbook, customers: TableData, lang: Lang, *, as_of: dt.date | None = None) -> CheckReport:
    """`check` for an open workbook."""
    day = as_of or book_date(book) or today()
    columns = {key: customers.column(key) for key in customers.fields}
    found = check_customers(columns, day)
    findings = _placed(customers, found, lang)
    ids = [i for i in normal_ids(columns["customer_id"]).tolist() if i]
    for name, table in LOGS.items():
        if book.has_table(name):
            data = book.read_table(name)
            if "customer_id" in data.fields and data.used:
                log = {key: data.column(key)[: data.used] for key in data.fields}
                findings += _placed(data, check_log(table, log, day, ids), lang)
    for rule in book_rules(book, customers, lang).findings:
        severity: Severity = "error" if rule.fatal else "warning"
        value = str(rule.values.get("value", ""))
        findings.append(Found(rule.sheet, rule.cell, severity, rule.key, value, rule.what(lang)))
    return CheckReport(str(book.path), lang, day.isoformat(), findings, accuracy(found, customers.used))


def _placed(data: TableData, findings: list[Finding], lang: Lang) -> list[Found]:
    return [
        Found(data.sheet, data.cell(f.row, data.fields[f.field]), f.severity, f.key, f.found, f.text(lang))
        for f in findings
    ]
