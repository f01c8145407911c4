"""Check: what is wrong in a workbook's data and rules, with sheet and cell. Nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.quality import LOGS, Finding, accuracy, check_customers, check_log
from crm_xl.functions.call import today
from crm_xl.vocabulary.fields import Lang
from crm_xl.workbook.parameters import read_parameters
from crm_xl.workbook.protocol import TableData

from .refresh import book_unit, open_book

GOAL = 0.95
"""Share of customer rows without an error that the documents ask for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its place. `severity`: error or warning."""

    sheet: str
    cell: str
    severity: str
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
    book, customers, lang = open_book(path)
    day = as_of or _book_date(book) or today()
    findings: list[Found] = []
    columns = {key: customers.column(key) for key in customers.fields}
    found = check_customers(columns, day)
    findings += _placed(customers, found, lang)
    ids = [i for i in normal_ids(columns["customer_id"]).tolist() if i]
    for name, table in LOGS.items():
        if book.has_table(name):
            data = book.read_table(name)
            if "customer_id" in data.fields and data.used:
                log = {key: data.column(key)[: data.used] for key in data.fields}
                findings += _placed(data, check_log(table, log, day, ids), lang)
    own = tuple(customers.headers)
    for rule in read_parameters(book, lang, book_unit(customers), own).findings:
        severity = "error" if rule.fatal else "warning"
        findings.append(Found(rule.sheet, rule.cell, severity, rule.key, str(rule.values.get("value", "")), rule.text(lang)))
    return CheckReport(str(path), lang, day.isoformat(), findings, accuracy(found, customers.used))


def _book_date(book: Any) -> dt.date | None:
    value = book.read_name("AsOf") if book.has_name("AsOf") else None
    return value.date() if isinstance(value, dt.datetime) else None


def _placed(data: TableData, findings: list[Finding], lang: Lang) -> list[Found]:
    return [
        Found(data.sheet, data.cell(f.row, data.fields[f.field]), f.severity, f.key, f.found, f.text(lang))
        for f in findings
    ]
