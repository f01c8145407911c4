"""Check: what is wrong in a workbook's data and rules, with sheet and cell. Nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.quality import Finding, Severity, accuracy, check_customers, check_history, check_kinds, check_log
from crm_xl.functions.call import today
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.parameters import Parameters
from crm_xl.workbook.protocol import TableData, Workbook

from .analyse import built_in_indicators, own_column
from .check_plans import Plans
from .opening import LOGS, book_date, book_rules, book_unit, open_book

GOAL = 0.95
"""Share of customer rows without an error that the documents ask for."""
PLANS = ("Targets", "Reviews", "Tasks")


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
    for name, (table, _) in LOGS.items():
        if book.has_table(name):
            data = book.read_table(name)
            if "customer_id" in data.fields and data.used:
                log = {key: data.column(key)[: data.used] for key in data.fields}
                findings += _placed(data, check_log(table, log, day, ids), lang)
    if book.has_table("History"):
        data = book.read_table("History")
        if {"as_of", "customer_id"} <= data.fields.keys():
            stored = {key: data.column(key)[: data.used] for key in data.fields}
            findings += _placed(data, check_history(stored, day), lang)
    plans = Plans(book, customers, lang, day)
    for name in PLANS:
        if book.has_table(name):
            data = book.read_table(name)
            cells = {key: data.column(key)[: data.used] for key in data.fields}
            findings += _placed(data, [*check_kinds(TABLES[name], cells, day), *plans.findings(name, data)], lang)
    parameters = book_rules(book, customers, lang)
    findings += _indicators(parameters, customers, lang)
    for rule in parameters.findings:
        severity: Severity = "error" if rule.fatal else "warning"
        value = str(rule.values.get("value", ""))
        findings.append(Found(rule.sheet, rule.cell, severity, rule.key, value, rule.what(lang)))
    return CheckReport(str(book.path), lang, day.isoformat(), findings, accuracy(found, customers.used))


def _indicators(parameters: Parameters, customers: TableData, lang: Lang) -> list[Found]:
    """Indicators that can never score: without a source of data, or without bands."""
    data = parameters.tables.get("Indicators")
    if data is None or "indicator" not in data.fields:
        return []
    columns = {*customers.fields, *customers.headers}
    known = built_in_indicators(book_unit(customers))
    banded = {band.indicator for band in parameters.rules.bands}
    found = []
    for row, cell in enumerate(data.column("indicator")[: data.used]):
        name = cell.strip() if isinstance(cell, str) else ""
        sourced = name in known or own_column(columns, name) is not None
        for key, wrong in (("indicator_unknown", not sourced), ("indicator_no_bands", name not in banded)):
            if name and wrong:
                place = data.cell(row, data.fields["indicator"])
                found.append(Found(data.sheet, place, "warning", key, name, message(key, lang, value=name)))
    return found


def _placed(data: TableData, findings: list[Finding], lang: Lang) -> list[Found]:
    return [
        Found(data.sheet, data.cell(f.row, data.fields[f.field]), f.severity, f.key, f.found, f.text(lang))
        for f in findings
    ]
