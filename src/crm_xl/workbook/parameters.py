"""Rules and settings of a workbook: its rule tables and named cells <-> the rulebook."""

from __future__ import annotations

from typing import NamedTuple

from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Rulebook
from crm_xl.rules.settings import read_settings, write_settings
from crm_xl.rules.tables import MODELS, read_rulebook, write_rows
from crm_xl.vocabulary.account_criteria import CRITERION_KEYS
from crm_xl.vocabulary.fields import Lang, Unit, find_field
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.settings import NAMES
from crm_xl.vocabulary.tables import TABLES

from .protocol import TableData, Workbook


class RuleFinding(NamedTuple):
    """A mistake in a rule, with its place. `fatal`: what depends on the table shows #VALUE!."""

    sheet: str
    cell: str
    key: str
    values: dict[str, object]
    fatal: bool

    def what(self, lang: Lang) -> str:
        """What is wrong, without the place."""
        return message(self.key, lang, **self.values)

    def text(self, lang: Lang) -> str:
        return message("rule_problem", lang, sheet=self.sheet, cell=self.cell, what=self.what(lang))


class Parameters(NamedTuple):
    """The rulebook, the tables as they stand (for functions that take them as ranges), the mistakes."""

    rules: Rulebook
    tables: dict[str, TableData]
    cells: dict[str, object]
    findings: list[RuleFinding]


def read_parameters(book: Workbook, lang: Lang, unit: Unit, own_columns: tuple[str, ...] = ()) -> Parameters:
    """The rules of a workbook; what it does not have is built in."""
    base = default_rules(lang, unit)
    cells = {name: book.read_name(name) for name in NAMES if book.has_name(name)}
    settings, wrong = read_settings(base.settings.model_copy(update={"lang": lang}), cells, own_columns)
    settings = settings.model_copy(update={"lang": lang, "unit": unit})
    findings = [RuleFinding(*book.name_place(w.name), w.key, dict(w.values), False) for w in wrong]
    tables = {name: book.read_table(name) for name in MODELS if book.has_table(name)}
    raw = {}
    for name, data in tables.items():
        keys = [""] * len(data.headers)
        for key, index in data.fields.items():
            keys[index] = key
        raw[name] = (keys, data.headers, data.rows)
    rules, problems = read_rulebook(base.model_copy(update={"settings": settings}), raw)
    for p in problems:
        data = tables[p.table]
        findings.append(RuleFinding(data.sheet, data.cell(p.row, p.column), p.key, dict(p.values), p.fatal))
    findings += _unknown_criteria(tables.get("AccountCriteria"), rules, own_columns)
    return Parameters(rules, tables, cells, findings)


def _unknown_criteria(data: TableData | None, rules: Rulebook, headers: tuple[str, ...]) -> list[RuleFinding]:
    """Criteria of key accounts that nothing can score: neither built in nor a column of the customer table."""
    if data is None or "criterion" not in data.fields:
        return []
    known = {f[0].key for h in headers if (f := find_field(CUSTOMERS, h))}
    findings = []
    for i, cell in enumerate(data.column("criterion")):
        name = str(cell or "").strip()
        field = find_field(CUSTOMERS, name)
        there = name in CRITERION_KEYS or name in headers or (field is not None and field[0].key in known)
        if name and not there and any(c.criterion == name for c in rules.account_criteria):
            place = data.cell(i, data.fields["criterion"])
            findings.append(RuleFinding(data.sheet, place, "rule_unknown_criterion", {"value": name}, False))
    return findings


def write_parameters(book: Workbook, rules: Rulebook) -> None:
    """Every setting and rule table that the workbook has, from the rulebook."""
    for name, value in write_settings(rules.settings).items():
        if book.has_name(name):
            book.write_name(name, value)
    for name, (attribute, _) in MODELS.items():
        if book.has_table(name):
            data = book.read_table(name)
            keys = [f.key for f in TABLES[name].fields]
            rows = [
                {k: v for k, v in zip(keys, cells, strict=True) if k in data.fields}
                for cells in write_rows(name, getattr(rules, attribute))
            ]
            book.replace_rows(name, rows, formulas=False)
