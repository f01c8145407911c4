"""Explain: every input, rule and intermediate figure behind one customer's results."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crm_xl.analysis.catalogue import Column, Expression, Fn, Name, Rules, blocks, result_columns, walk
from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import edate, whole_months
from crm_xl.analysis.scores import next_edge
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.functions.call import to_days, to_numbers, today
from crm_xl.rules.models import Rulebook
from crm_xl.rules.settings import write_settings
from crm_xl.vocabulary.explanations import TEXTS
from crm_xl.vocabulary.fields import CUSTOMERS, Lang
from crm_xl.workbook.parameters import read_parameters

from .analyse import Outcome, analyse_cells, as_date
from .check import _book_date
from .refresh import _logs, book_unit, open_book


@dataclass(frozen=True, slots=True)
class Step:
    """One result: its value, the formula behind it, the inputs, and the rule that decided."""

    field: str
    title: str
    value: object
    formula: str
    inputs: list[tuple[str, object]]
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    path: str
    customer_id: str
    name: str
    as_of: str
    lang: Lang
    facts: list[tuple[str, object]]
    steps: list[Step]
    scores: list[tuple[str, object, float]]

    def as_dict(self) -> dict[str, Any]:
        def plain(value: object) -> object:
            if isinstance(value, dt.datetime):
                return value.date().isoformat()
            return value.item() if isinstance(value, np.generic) else value

        return {
            "path": self.path, "customer_id": self.customer_id, "name": self.name, "as_of": self.as_of,
            "facts": {k: plain(v) for k, v in self.facts},
            "results": [
                {"field": s.field, "title": s.title, "value": plain(s.value), "formula": s.formula,
                 "inputs": {k: plain(v) for k, v in s.inputs}, "why": s.why}
                for s in self.steps
            ],
            "scores": [{"indicator": i, "score": plain(s), "weight": w} for i, s, w in self.scores],
        }  # fmt: skip


def explain(path: str | Path, customer_id: str, *, as_of: object = None) -> Explanation:
    """Why a customer has its tag, stage, class, score and level. Error: customer_unknown."""
    book, customers, lang = open_book(path)
    day = as_date(as_of) if as_of is not None else _book_date(book) or today()
    used = customers.used
    columns = {key: customers.column(key)[:used] for key in customers.fields}
    for header in customers.headers:
        columns.setdefault(header, customers.own_column(header)[:used])
    parameters = read_parameters(book, lang, book_unit(customers), tuple(customers.headers))
    orders, contacts = _logs(book, None, None)
    tables = {n: d.rows[: max(1, d.used)] for n, d in parameters.tables.items()}
    outcome = analyse_cells(columns, orders, contacts, parameters.rules, day, tables)
    wanted = normal_ids([customer_id])[0]
    ids = outcome.ids.tolist()
    if not wanted or wanted not in ids:
        raise CrmXlError("customer_unknown", value=customer_id)
    return explain_row(outcome, ids.index(wanted), str(path))


def explain_row(outcome: Outcome, row: int, path: str = "") -> Explanation:
    """The explanation of one row of an analysis."""
    rules = outcome.rules
    lang, unit = rules.lang, rules.settings.unit
    facts = []
    for f in CUSTOMERS.fields:
        if f.key in outcome.columns and f.group != "result":
            value = outcome.columns[f.key][row]
            if value is not None and value != "":
                facts.append((f.header(lang, unit), value))
    steps = []
    for result in result_columns(rules):
        f = CUSTOMERS.field(result.key)
        value = outcome.results[result.key][row]
        if value is None:
            continue
        inputs = _inputs(result.expression, outcome, row)
        why = _why(result.key, outcome, row)
        steps.append(Step(f.key, f.header(lang, unit), value, _sketch(result.expression, rules), inputs, why))
    scores = [
        (i.indicator, outcome.scores.get(i.indicator, [None] * (row + 1))[row], i.weight) for i in rules.indicators
    ]
    name = outcome.columns.get("customer_name")
    return Explanation(
        path, outcome.ids[row], str(name[row] or "") if name else "", outcome.as_of.date().isoformat(), lang,
        facts, steps, scores,
    )  # fmt: skip


def _inputs(expression: Expression, outcome: Outcome, row: int) -> list[tuple[str, object]]:
    rules = outcome.rules
    found: dict[str, object] = {}
    settings = {**write_settings(rules.settings), "AsOf": outcome.as_of, "Lang": rules.lang}
    for part in walk(expression):
        if isinstance(part, Column):
            known = {f.key: f for f in CUSTOMERS.fields}.get(part.key)
            title = known.header(rules.lang, rules.settings.unit) if known else part.key
            column = outcome.columns.get(part.key) or outcome.results.get(part.key)
            found[title] = column[row] if column else None
        elif isinstance(part, Name) and part.name != "Lang":
            found[part.name] = settings.get(part.name)
        elif isinstance(part, Fn) and part.name == "RFM_CLASS":
            found.update(zip("RFM", outcome.blocks["rfm"][row], strict=True))
    return list(found.items())


def _sketch(expression: Expression, rules: Rulebook) -> str:
    """The outermost function with its argument names, as a person would say it."""
    for part in walk(expression):
        if isinstance(part, Fn):
            tables = [a.table for a in part.args if isinstance(a, Rules)]
            return f"{part.name}(…{', ' + ', '.join(tables) if tables else ''})"
    return ""


def _why(key: str, outcome: Outcome, row: int) -> str:
    """The rule that decided, in words."""
    rules, lang = outcome.rules, outcome.rules.lang
    pick = 0 if lang == "zh" else 1

    def say(text: str, **values: object) -> str:
        return TEXTS[text][pick].format(**values)

    value = outcome.results[key][row]
    if isinstance(value, CellError):
        return say("wrong_input")
    columns = outcome.columns
    if key == "value_tier":
        amount = to_numbers([columns["annual_spend"][row]])[0][0]
        tier = next((t for t in rules.value_tiers if t.label == value), None)
        if tier is None or np.isnan(amount):
            return say("spend_empty")
        method = "shares" if rules.settings.value_method == "shares" else "thresholds"
        edge = "-∞" if tier.edge is None else f"{tier.edge:g}"
        return say(f"tier_{method}", amount=f"{amount:g}", edge=edge, label=value)
    if key in ("activity", "lifecycle"):
        last = to_days([columns["last_order"][row]])[0]
        if np.isnat(last[0]):
            return say("no_order")
        day = np.array([outcome.as_of.date()], dtype="datetime64[D]")
        months = int(whole_months(last, day)[0])
        table = rules.activity_rules if key == "activity" else rules.lifecycle_rules
        rule = next((r for r in table if r.label == value), None)
        parts = [say("last_order", date=str(last[0]), months=months)]
        if rule is not None and rule.months_since is not None:
            edge = str(edate(day, -rule.months_since)[0])
            parts.append(say("rule_months", months=rule.months_since, date=edge))
        threshold = getattr(rule, "monthly", None) if key == "activity" else getattr(rule, "orders", None)
        figure = columns["monthly_orders" if key == "activity" else "order_count"][row]
        if isinstance(figure, (int, float)):
            parts.append(say("figure_monthly" if key == "activity" else "figure_orders", value=f"{figure:.4g}"))
        if threshold is not None:
            parts.append(say("rule_figure", value=f"{threshold:g}"))
        return say("join").join(parts)
    if key == "rfm_class":
        scores = outcome.blocks["rfm"][row]
        if any(s == "" for s in scores):
            return say("rfm_none")
        r, f, m = scores
        return say("rfm", r=f"{r:g}", f=f"{f:g}", m=f"{m:g}", scheme=rules.settings.rfm_scheme)
    if key == "level":
        score = outcome.results["score"][row]
        if isinstance(score, (int, float)):
            higher = next_edge(float(score), rules.levels)
            done = outcome.results["completeness"][row]
            text = say("level", score=f"{score:g}", completeness=f"{done:.0%}" if isinstance(done, float) else "")
            return text if higher is None else text + say("level_next", points=f"{higher - score:g}", edge=f"{higher:g}")
    if key == "segment":
        return say("segment", dimensions=" × ".join(str(d) for d in rules.settings.dimensions))
    return ""


__all__ = ["Explanation", "blocks", "explain", "explain_row"]
