"""Check: what is wrong in a workbook's data and rules, with sheet and cell. Nothing is written.

A refresh lists the same on the sheet of data quality (reports/quality.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import id_text, normal_ids
from crm_xl.analysis.quality import (
    Finding,
    Limits,
    Severity,
    accuracy,
    check_customers,
    check_history,
    check_kinds,
    check_log,
)
from crm_xl.errors import CrmXlError
from crm_xl.functions.call import today
from crm_xl.vocabulary.fields import Lang, Unit, split_unit
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.tables import TABLES
from crm_xl.workbook.parameters import Parameters
from crm_xl.workbook.protocol import TableData, Workbook

from .analyse import analyse_inputs, built_in_indicators, own_column
from .check_plans import Plans
from .evaluate import Cells
from .opening import LOGS, book_date, book_rules, book_unit, customer_columns, open_book, read_inputs, shown

PLANS = ("Targets", "Reviews", "Tasks")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its place. `customer`: name or id of whom it concerns; `what`: what is wrong; `proposed`: a
    repair; `text`: both in a sentence."""

    sheet: str
    cell: str
    severity: Severity
    rule: str
    customer: str
    found: str
    proposed: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    path: str
    lang: Lang
    as_of: str
    findings: list[Found]
    accuracy: float | None
    goal: float

    @property
    def errors(self) -> int:
        return sum(f.severity == "error" for f in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "errors": self.errors}


def check(path: str | Path, *, as_of: dt.date | None = None) -> CheckReport:
    """Findings in customers, logs and rules of a workbook. Errors: those of opening it."""
    return check_book(*open_book(path), as_of=as_of)


def check_book(book: Workbook, customers: TableData, lang: Lang, *, as_of: dt.date | None = None) -> CheckReport:
    """`check` for an open workbook."""
    day = as_of or book_date(book) or today()
    columns = table_columns(customers)
    parameters = book_rules(book, customers, lang)
    known = customer_columns(customers)

    def analysed() -> Mapping[str, Sequence[object]]:
        try:
            outcome = analyse_inputs(read_inputs(book, customers, lang, day), day)
        except CrmXlError:
            return known
        return {**outcome.columns, **outcome.results}

    found, share = look_over(book, customers, columns, parameters, Plans(known, lang, analysed), day)
    return CheckReport(str(book.path), lang, day.isoformat(), found, share, parameters.rules.settings.accuracy_goal)


def table_columns(data: TableData) -> dict[str, Cells]:
    """The columns of a table by field key, down to the last row in use."""
    used, cells = data.used, data.columns()
    return {key: cells[index][:used] for key, index in data.fields.items()}


def look_over(
    book: Workbook,
    customers: TableData,
    columns: Mapping[str, Cells],
    parameters: Parameters,
    plans: Plans,
    day: dt.date,
    history: Mapping[str, Cells] | None = None,
) -> tuple[list[Found], float | None]:
    """All findings, errors first, then by sheet and row; and the share of customer rows without an error.

    `columns`: the customers' cells by field key as they stand, or will stand after a refresh; `history`: the same of
    the snapshots, {} where nothing in them can be wrong; left out, they are read from the book.
    """
    lang, settings = plans.lang, parameters.rules.settings
    limits = Limits(settings.stale_days, settings.outlier_factor)
    places = _Places(lang, columns)
    found = check_customers(columns, day, units=_own_units(customers, book_unit(customers)), limits=limits)
    places.put(customers, columns, found)
    ids = [i for i in normal_ids(columns["customer_id"]).tolist() if i]
    for name, (table, _) in LOGS.items():
        if book.has_table(name):
            data = book.read_table(name)
            if "customer_id" in data.fields and data.used:
                log = table_columns(data)
                places.put(data, log, check_log(table, log, day, ids, units=data.units, limits=limits))
    if book.has_table("History"):
        data = book.read_table("History")
        if {"as_of", "customer_id"} <= data.fields.keys() and history != {}:
            stored = table_columns(data) if history is None else history
            places.put(data, stored, check_history(stored, day))
    for name in PLANS:
        if book.has_table(name):
            data = book.read_table(name, pending=True)  # a refresh adds rows to them
            cells = table_columns(data)
            places.put(data, cells, [*check_kinds(TABLES[name], cells, day), *plans.findings(name, data)])
    places.found += _indicators(parameters, customers, lang)
    for rule in parameters.findings:
        severity: Severity = "error" if rule.fatal else "warning"
        text = rule.what(lang)
        value = rule.values.get("value")
        found_there = "" if value is None else shown(value)
        places.found.append(Found(rule.sheet, rule.cell, severity, rule.key, "", found_there, "", text, text))
    return places.ordered(), accuracy(found, len(columns["customer_id"]))


class _Places:
    """Findings with their sheet and cell, table by table."""

    def __init__(self, lang: Lang, columns: Mapping[str, Cells]) -> None:
        self.found: list[Found] = []
        self._lang, self._columns = lang, columns
        self._names: dict[str, str] | None = None

    def put(self, data: TableData, columns: Mapping[str, Cells], found: Iterable[Finding]) -> None:
        """Findings in the rows of a table. `columns`: its cells by field key, as they were looked at."""
        ids = columns.get("customer_id")
        for f in sorted(found, key=lambda f: (f.row, data.fields[f.field])):
            if "row" in f.values:  # counted for a table whose header is in row 1
                f = replace(f, values={**f.values, "row": int(str(f.values["row"])) + data.first - 1})
            what, text = f.what(self._lang), f.text(self._lang)
            if columns is self._columns:
                customer = self._name(f.row)
            else:
                customer = "" if ids is None else self._name_of(id_text(ids[f.row]))
            place = data.cell(f.row, data.fields[f.field])
            self.found.append(Found(data.sheet, place, f.severity, f.key, customer, f.found, f.proposed, what, text))

    def _name(self, row: int) -> str:
        """A customer by its row in the customer table: name, else id."""
        names, ids = self._columns.get("customer_name"), self._columns["customer_id"]
        return (id_text(names[row]) if names else "") or id_text(ids[row])

    def _name_of(self, customer_id: str) -> str:
        """A customer by id: name, else id."""
        if self._names is None:
            ids = normal_ids(self._columns["customer_id"]).tolist()
            self._names = {i: self._name(row) for row, i in reversed(list(enumerate(ids)))}
        return self._names.get(customer_id, customer_id)

    def ordered(self) -> list[Found]:
        """Errors first, then as they were put: by table and row."""
        return sorted(self.found, key=lambda f: f.severity != "error")


def _own_units(data: TableData, unit: Unit) -> dict[str, Unit]:
    """The unit in which each amount of the customer table is: that of its header, else the workbook's."""
    return {key: split_unit(data.headers[data.fields[key]])[1] or unit for key in data.units}


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
                place, text = data.cell(row, data.fields["indicator"]), message(key, lang, value=name)
                found.append(Found(data.sheet, place, "warning", key, "", name, "", text, text))
    return found
