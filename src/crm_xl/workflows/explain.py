"""Explain: every input, rule and intermediate figure behind one customer's results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np

from crm_xl.analysis.btyd import WEEK
from crm_xl.analysis.catalogue import Column, Expression, Fn, Name, Rules, Spilled, result_columns, walk
from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import edate, whole_months
from crm_xl.analysis.loss import chance_of_loss
from crm_xl.analysis.purchases import nets_of
from crm_xl.analysis.rfm import quantile_cuts
from crm_xl.analysis.scores import ENOUGH, next_edge
from crm_xl.analysis.silence import Silence, silences
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.functions.call import to_days, to_numbers, today
from crm_xl.rules.models import Rulebook
from crm_xl.rules.settings import choice_text, dimension_text, write_settings
from crm_xl.vocabulary.analytics_texts import FEATURE_NAMES
from crm_xl.vocabulary.explanations import TEXTS
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import is_label
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.settings import EXPLANATIONS
from crm_xl.vocabulary.texts import pick
from crm_xl.workbook.protocol import TableData, Workbook

from .analyse import Outcome, analyse_inputs, as_date, indicator_values
from .opening import book_date, customer_header, open_book, read_inputs
from .outlook import FEATURES, feature


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
class IndicatorScore:
    """One line of the weighted score. `points`: what it adds to the total; None without data."""

    dimension: str
    indicator: str
    value: object
    score: float | None
    weight: float
    points: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`facts`: the inputs by header, amounts in the workbook's unit; `scores`: behind the weighted score."""

    path: str
    customer_id: str
    name: str
    as_of: str
    lang: Lang
    facts: list[tuple[str, object]]
    steps: list[Step]
    scores: list[IndicatorScore]

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "customer_id": self.customer_id,
            "name": self.name,
            "as_of": self.as_of,
            "lang": self.lang,
            "facts": {k: _plain(v) for k, v in self.facts},
            "results": [
                {
                    "field": s.field,
                    "title": s.title,
                    "value": _plain(s.value),
                    "formula": s.formula,
                    "inputs": {k: _plain(v) for k, v in s.inputs},
                    "why": s.why,
                }
                for s in self.steps
            ],
            "scores": [
                {
                    "dimension": s.dimension,
                    "indicator": s.indicator,
                    "value": _plain(s.value),
                    "score": s.score,
                    "weight": s.weight,
                    "points": s.points,
                }
                for s in self.scores
            ],
        }


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.item() if isinstance(value, np.generic) else value


def explain(path: str | Path, customer_id: str, *, as_of: object = None) -> Explanation:
    """Why a customer has its tag, stage, class, score and level; `as_of` defaults to the last refresh.

    Errors: customer_unknown; those of opening the workbook.
    """
    asked = as_date(as_of) if as_of is not None else None
    return explain_book(*open_book(path), customer_id, as_of=asked)


def explain_book(
    book: Workbook, customers: TableData, lang: Lang, customer_id: str, *, as_of: dt.date | None = None
) -> Explanation:
    """`explain` for an open workbook."""
    day = as_of or book_date(book) or today()
    inputs = read_inputs(book, customers, lang, day)
    wanted = normal_ids([customer_id])[0]
    ids = normal_ids(inputs.columns["customer_id"]).tolist()
    if not wanted or wanted not in ids:
        raise CrmXlError("customer_unknown", value=customer_id)
    outcome = analyse_inputs(inputs, day)
    nets = nets_of(inputs.orders, outcome.ids, day)
    silence = silences(nets.who, nets.when, nets.net, day, len(outcome.ids))
    return explain_row(outcome, ids.index(wanted), str(book.path), silence)


def explain_row(outcome: Outcome, row: int, path: str = "", silence: Silence | None = None) -> Explanation:
    """The explanation of one row of an analysis; `silence`: that of its customers, where there is a log."""
    rules = outcome.rules
    lang, unit = rules.lang, rules.settings.unit
    facts = []
    for f in CUSTOMERS.fields:
        if f.key in outcome.columns and f.group != "result":
            value = outcome.columns[f.key][row]
            if value is not None and value != "":
                facts.append((f.header(lang, unit), value))
    reasons = _Reasons(outcome, row, silence)
    steps = []
    for result in result_columns(rules):
        value = outcome.results[result.key][row]
        if value is None:
            continue
        inputs = _inputs(result.expression, outcome, row)
        formula = _sketch(result.expression)
        title = customer_header(result.key, lang, unit)
        steps.append(Step(result.key, title, value, formula, inputs, reasons.why(result.key)))
    name = outcome.columns.get("customer_name")
    return Explanation(
        path,
        str(outcome.ids[row]),
        str(name[row] or "") if name else "",
        outcome.as_of.date().isoformat(),
        lang,
        facts,
        steps,
        _scores(outcome, row),
    )


def _scores(outcome: Outcome, row: int) -> list[IndicatorScore]:
    rules = outcome.rules
    values = indicator_values(outcome.columns, outcome.merged, rules)
    scored = {name: None if np.isnan(s[row]) else float(s[row]) for name, s in outcome.scores.items()}
    lines = [(i, values[i.indicator][row], scored[i.indicator]) for i in rules.indicators]
    known = sum(i.weight for i, _, score in lines if score is not None)
    return [
        IndicatorScore(
            i.dimension,
            i.indicator,
            value,
            score,
            i.weight,
            None if score is None or not known else score * i.weight / known * 20,
        )
        for i, value, score in lines
    ]


def _inputs(expression: Expression, outcome: Outcome, row: int) -> list[tuple[str, object]]:
    rules = outcome.rules
    lang, unit = rules.lang, rules.settings.unit
    found: dict[str, object] = {}
    settings = {**write_settings(rules.settings), "AsOf": outcome.as_of}
    for part in walk(expression):
        if isinstance(part, Column):
            column = outcome.columns.get(part.key) or outcome.results.get(part.key)
            found[customer_header(part.key, lang, unit)] = column[row] if column else None
        elif isinstance(part, Name) and part.name != "Lang":
            found[EXPLANATIONS[part.name][0][0 if lang == "zh" else 1]] = settings.get(part.name)
        elif isinstance(part, Spilled):
            found["RFM"[part.column]] = outcome.blocks[part.block][row][part.column]
    return list(found.items())


def _sketch(expression: Expression) -> str:
    """The outermost function with the rule tables that it uses."""
    for part in walk(expression):
        if isinstance(part, Fn):
            return f"{part.name}({', '.join(['…', *(a.table for a in part.args if isinstance(a, Rules))])})"
    return ""


class _Reasons:
    """The rule that decided each result of one customer, in words."""

    def __init__(self, outcome: Outcome, row: int, silence: Silence | None = None) -> None:
        self.outcome = outcome
        self.row = row
        self.silence = silence
        self.rules: Rulebook = outcome.rules
        self._told: dict[str, Callable[[], str]] = {
            "value_tier": self._value_tier,
            "activity": self._activity,
            "lifecycle": self._lifecycle,
            "rfm_score": self._rfm_score,
            "rfm_class": self._rfm_class,
            "score": self._score,
            "completeness": self._completeness,
            "level": self._level,
            "segment": self._segment,
            "account_grade": self._account_grade,
            "clv": self._clv,
            "alive": self._alive,
            "expected_orders": self._history,
            "predicted_clv": self._predicted_clv,
            "data_group": self._data_group,
            "health": self._health,
            "churn_risk": lambda: self._join(str(self._result("churn_reason") or ""), self._silence()),
        }

    def why(self, key: str) -> str:
        if isinstance(self.outcome.results[key][self.row], CellError):
            return self._say("wrong_input")
        told = self._told.get(key)
        return told() if told else ""

    def _say(self, text: str, **values: object) -> str:
        return TEXTS[text][0 if self.rules.lang == "zh" else 1].format(**values)

    def _join(self, *parts: str) -> str:
        return self._say("join").join(p for p in parts if p)

    def _result(self, key: str) -> Any:
        return self.outcome.results[key][self.row]

    def _number(self, key: str) -> float:
        """A figure of the customer, NaN where there is none."""
        column = self.outcome.columns.get(key) or self.outcome.more.get(key)
        return float(to_numbers([column[self.row]])[0][0]) if column else float("nan")

    def _value_tier(self) -> str:
        amount, label = self._number("annual_spend"), self._result("value_tier")
        tier = next((t for t in self.rules.value_tiers if t.label == label), None)
        if tier is None or isnan(amount):
            return self._say("spend_empty")
        if tier.edge is None:
            return self._say("tier_lowest", amount=_short(amount), label=label)
        method = "tier_shares" if self.rules.settings.value_method == "shares" else "tier_thresholds"
        return self._say(method, amount=_short(amount), edge=_short(tier.edge), label=label)

    def _activity(self) -> str:
        rule = next((r for r in self.rules.activity_rules if r.label == self._result("activity")), None)
        since, least = (rule.months_since, rule.monthly) if rule else (None, None)
        return self._by_months(since, least, "monthly_orders", "figure_monthly")

    def _lifecycle(self) -> str:
        rule = next((r for r in self.rules.lifecycle_rules if r.label == self._result("lifecycle")), None)
        since, least = (rule.months_since, rule.orders) if rule else (None, None)
        return self._by_months(since, least, "order_count", "figure_orders")

    def _by_months(self, since: int | None, least: float | None, key: str, figure: str) -> str:
        """When the last order was, how many there were, and what the rule asks for."""
        last = to_days([self.outcome.columns["last_order"][self.row]])[0]
        count = self._number(key)
        counted = "" if isnan(count) else self._say(figure, value=_short(count))
        if np.isnat(last[0]):
            return self._join(self._say("no_order"), counted)
        day = np.array([self.outcome.as_of.date()], dtype="datetime64[D]")
        months = int(whole_months(last, day)[0])
        return self._join(
            self._say("last_order", date=last[0], months=months),
            "" if since is None else self._say("rule_months", months=since, date=edate(day, -since)[0]),
            counted,
            "" if least is None else self._say("rule_figure", value=_short(least)),
        )

    def _rfm_score(self) -> str:
        columns = self.outcome.columns
        scores = self.outcome.blocks["rfm"][self.row]
        if any(s == "" for s in scores):
            return self._say("rfm_none")
        days = (np.datetime64(self.outcome.as_of, "D") - to_days(columns["last_order"])[0]).astype(float)
        frequency, money = to_numbers(columns["period_orders"])[0], to_numbers(columns["period_spend"])[0]
        by_bins = isinstance(self.rules.settings.rfm_bins, int)
        scored = np.array([not isinstance(s[0], str) for s in self.outcome.blocks["rfm"]], dtype=bool)
        inside = scored & (frequency > 0) & ~np.isnan(money)
        parts = []
        for name, values, score in zip("rfm", (days, frequency, money), scores, strict=True):
            text = self._say(f"rfm_{name}", value=_short(float(values[self.row])), score=_short(score))
            if by_bins:
                cuts = quantile_cuts(values[inside], int(self.rules.settings.rfm_bins))
                text += self._say("rfm_cuts", cuts=" / ".join(_short(float(c)) for c in cuts))
            parts.append(text)
        return self._join(*parts)

    def _rfm_class(self) -> str:
        scores = self.outcome.blocks["rfm"][self.row]
        if any(s == "" for s in scores):
            return self._say("rfm_none")
        r, f, m = (_short(s) for s in scores)
        scheme = choice_text("scheme", self.rules.settings.rfm_scheme, self.rules.lang)
        return self._say("rfm", r=r, f=f, m=m, scheme=scheme)

    def _score(self) -> str:
        known = [(s.score, s.weight) for s in _scores(self.outcome, self.row) if s.score is not None]
        if not known:
            return self._say("score_none")
        total, weights = sum(s * w for s, w in known), sum(w for _, w in known)
        return self._say("score", total=_short(total), weights=_short(weights))

    def _completeness(self) -> str:
        lines = _scores(self.outcome, self.row)
        known = sum(s.weight for s in lines if s.score is not None)
        return self._say("completeness", known=_short(known), total=_short(sum(s.weight for s in lines)))

    def _level(self) -> str:
        score, done = self._result("score"), self._result("completeness")
        if not isinstance(score, float) or not isinstance(done, float):
            return self._say("score_none")
        text = self._say("level", score=_short(score), completeness=f"{done:.0%}")
        if is_label(self._result("level"), "incomplete"):
            return self._join(text, self._say("level_incomplete", least=f"{ENOUGH:.0%}"))
        higher = next_edge(score, self.rules.levels)
        if higher is None:
            return text
        return self._join(text, self._say("level_next", points=_short(higher - score), edge=_short(higher)))

    def _segment(self) -> str:
        tag, lang = self._result("segment"), self.rules.lang
        for key in ("prospect_customer", "incomplete", "out_of_scope"):
            if is_label(tag, key):
                return self._say(f"segment_{key}")
        chosen = self.rules.settings.dimensions
        return self._say("segment", dimensions=" × ".join(dimension_text(d, lang) for d in chosen))

    def _account_grade(self) -> str:
        score = self._number("account_score")
        return self._say("score_none") if isnan(score) else self._say("account_grade", score=_short(score))

    def _clv(self) -> str:
        settings = self.rules.settings
        if settings.clv_method == "predictive":
            return self._predicted_clv()
        order, yearly, margin = (self._number(k) for k in ("average_order", "orders_per_year", "clv_margin"))
        if isnan(order) or isnan(yearly):
            return self._say("clv_none")
        text = self._say(
            "clv", order=_short(order), yearly=_short(yearly), years=_short(settings.clv_years), margin=f"{margin:.4g}"
        )
        return self._join(text, self._say("clv_rate", rate=f"{settings.clv_rate:g}") if settings.clv_rate else "")

    def _history(self) -> str:
        found = self.outcome.outlook.prediction
        if found is None or isnan(found.history.age[self.row]):
            return self._say("clv_no_prediction")
        history = found.history
        return self._say(
            "history", age=_short(history.age[self.row] * WEEK), frequency=_short(history.frequency[self.row]),
            recency=_short(history.recency[self.row] * WEEK),
        )  # fmt: skip

    def _alive(self) -> str:
        found = self.outcome.outlook.prediction
        once = found is not None and found.history.frequency[self.row] == 0 and not isnan(found.history.age[self.row])
        return self._join(self._history(), self._say("alive_once") if once else "")

    def _predicted_clv(self) -> str:
        found = self.outcome.outlook.prediction
        if found is None or isnan(found.orders[self.row]):
            return self._say("clv_no_prediction")
        rate = self.rules.settings.clv_rate
        text = self._say(
            "clv_predicted", orders=f"{found.orders[self.row]:.2f}", value=f"{found.value[self.row]:.2f}",
            margin=f"{self._number('clv_margin'):.4g}",
        )  # fmt: skip
        return self._join(text, self._say("clv_rate", rate=f"{rate:g}") if rate else "")

    def _data_group(self) -> str:
        found = self.outcome.outlook.grouping
        label = -1 if found is None else int(found.labels[self.row])
        if found is None or label < 0:
            return self._say("data_group_none")
        lang, as_of = self.rules.lang, self.outcome.as_of.date()
        means = []
        for key, centre in zip(FEATURES, found.groups[label].centre.tolist(), strict=True):
            own = _short(round(float(feature(self.outcome.merged, key, as_of)[self.row]), 4))
            title = pick(FEATURE_NAMES[key], lang)
            means.append(f"{title} {own} ({centre:+.1f}σ)")
        return self._say("data_group", means=", ".join(means) if lang == "en" else "，".join(means))

    def _silence(self) -> str:
        found = self.silence
        if found is None or isnan(found.survival[self.row]):
            return ""
        told = self._say(
            "silence_pooled" if found.pooled[self.row] else "silence", days=_short(found.days[self.row]),
            median=_short(found.median[self.row]), share=f"{found.survival[self.row]:.0%}",
        )  # fmt: skip
        loss, spend = chance_of_loss(found, self.outcome.outlook.prediction), self._number("annual_spend")
        if isnan(spend) or spend <= 0:
            return told
        how = self._say("loss_modelled" if loss.modelled[self.row] else "loss_silent")
        stake = self._say("loss", chance=f"{loss.chance[self.row]:.1%}", how=how, spend=_short(spend))
        return self._join(told, stake)

    def _health(self) -> str:
        recent, before = self._number("recent"), self._number("baseline")
        if isnan(recent) or isnan(before):
            return self._say("health_none")
        return self._say("health", recent=_short(recent), before=_short(before))


def _short(value: float) -> str:
    """A figure in a sentence: up to six digits, never 1e+06."""
    if isinstance(value, str):
        return value
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.6g}"
    return f"{round(value, max(0, 6 - len(str(int(abs(value)))))):.15g}"
