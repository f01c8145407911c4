"""The analysis of a customer table with its logs: the one story that every door tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.catalogue import result_columns
from crm_xl.analysis.cleaning import normal_ids, parse_dates
from crm_xl.analysis.compare import half_up
from crm_xl.analysis.facts import Facts, Merged, fold, merge_log
from crm_xl.analysis.profile import Group, group_profile
from crm_xl.analysis.quality import check_customers
from crm_xl.analysis.rfm import mean_class_codes
from crm_xl.analysis.segments import share_edges, tag_labels
from crm_xl.cells import CellError
from crm_xl.errors import Refused
from crm_xl.functions import ACCOUNT_GRADE, BAND_SCORE, COMPLETENESS, CUSTOMER_LEVEL, STRATEGY, WEIGHTED_SCORE
from crm_xl.functions.call import to_days, to_numbers, today
from crm_xl.rules.defaults import EIGHT_CLASSES, default_rules
from crm_xl.rules.models import ActivityRule, Rulebook
from crm_xl.rules.tables import blank, write_rows
from crm_xl.vocabulary.fields import CUSTOMERS, INTERACTIONS, ORDERS, PROFILE, VALUE_TIERS, Lang, find_field
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS
from crm_xl.vocabulary.labels import label

from .evaluate import Cells, evaluate, inputs_of

FACT_NUMBERS = (
    "annual_spend", "order_count", "average_order", "monthly_orders", "contact_frequency", "margin",
    "collection_days", "repurchase_rate",
)  # fmt: skip
FACT_DATES = ("first_order", "last_order")
PERIOD_FACTS = ("period_orders", "period_spend")
FACT_COLUMNS = (*FACT_DATES, *FACT_NUMBERS, *PERIOD_FACTS, "preference")
"""Columns that the log fills."""


@dataclass(slots=True)
class Outcome:
    """What an analysis of `n` customers found.

    `columns`: input columns by field key (or own header) after the log was put in; `results`:
    result columns by field key; `blocks`: whole-column results; `rules`: those in force (with the
    edges that shares gave). Each column is a list of n cells.
    """

    ids: np.ndarray[Any, Any]
    columns: dict[str, Cells]
    results: dict[str, Cells]
    blocks: dict[str, list[Cells]]
    facts: Facts
    merged: Merged
    rules: Rulebook
    as_of: dt.datetime
    groups: list[Group]
    scores: dict[str, Cells] = field(default_factory=dict)


_NOT_NEGATIVE = frozenset({"order_count", "monthly_orders", "contact_frequency", "collection_days", "period_orders"})


def _typed(
    columns: Mapping[str, Cells], rows: int, as_of: dt.date
) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The facts that people typed, as arrays, and which cells hold something wrong (empty in the arrays)."""
    empty: Cells = [None] * rows
    values: dict[str, Any] = {}
    wrong: dict[str, np.ndarray[Any, Any]] = {}
    for key in FACT_DATES:
        values[key], bad = to_days(columns.get(key) or empty)
        wrong[key] = np.zeros(rows, dtype=bool) if bad is None else bad
        late = values[key] > np.datetime64(as_of, "D")
        values[key] = np.where(late, np.datetime64("NaT", "D"), values[key])
        wrong[key] |= late
    for key in (*FACT_NUMBERS, *PERIOD_FACTS):
        values[key], bad = to_numbers(columns.get(key) or empty)
        wrong[key] = np.zeros(rows, dtype=bool) if bad is None else bad
        if key in _NOT_NEGATIVE:
            wrong[key] |= values[key] < 0
        values[key] = np.where(wrong[key], np.nan, values[key])
    values["preference"] = np.array(
        ["" if c is None else c for c in columns.get("preference") or empty], dtype=object
    )
    wrong["preference"] = np.fromiter((isinstance(c, CellError) for c in values["preference"]), bool, rows)
    return values, wrong


def _cells(values: np.ndarray[Any, Any], old: Cells, wrong: np.ndarray[Any, Any]) -> Cells:
    """Computed facts as cells; a cell that holds something wrong is left as it is."""
    if values.dtype.kind == "M":
        missing = np.isnat(values)
        new: Cells = values.astype("datetime64[us]").tolist()
    elif values.dtype.kind == "f":
        missing = np.isnan(values)
        new = values.tolist()
    else:
        missing = np.array([v == "" for v in values], dtype=bool)
        new = values.tolist()
    if missing.any():
        for i in np.flatnonzero(missing):
            new[i] = None
    for i in np.flatnonzero(wrong):
        new[i] = old[i]
    return new


def analyse_cells(
    columns: dict[str, Cells],
    orders: pd.DataFrame | None,
    interactions: pd.DataFrame | None,
    rules: Rulebook,
    as_of: dt.date,
    tables: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> Outcome:
    """Analyse a customer table given as columns of cells (all of one length, `customer_id` among them).

    `orders`, `interactions`: see `analysis.facts.fold`. `tables`: rule tables as a workbook's cells,
    where those differ from the rulebook's.
    """
    rows = len(columns["customer_id"])
    ids = normal_ids(columns["customer_id"])
    settings = rules.settings
    facts = fold(orders, interactions, as_of, settings)
    typed, wrong = _typed(columns, rows, as_of)
    merged = merge_log(typed, ids, facts, as_of, settings)
    filled = dict(columns)
    empty: Cells = [None] * rows
    for key in FACT_COLUMNS:
        filled[key] = _cells(merged.columns[key], columns.get(key) or empty, wrong[key])
    tables = dict(tables or {})
    if settings.value_method == "shares" and "ValueTiers" not in rules.broken:
        rules, tables = _with_shares(rules, filled["annual_spend"], tables)
    moment = dt.datetime(as_of.year, as_of.month, as_of.day)
    more, scores = _more_facts(filled, merged, rules, moment)
    inputs = inputs_of(rules, rows, filled, more, moment, tables)
    results, blocks = evaluate(rules, inputs)
    groups = group_profile(results["segment"], filled, segment_order(rules), "、" if rules.lang == "zh" else ", ")
    return Outcome(ids, filled, results, blocks, facts, merged, rules, moment, groups, scores)


def segment_order(rules: Rulebook) -> list[str]:
    """The order in which groups are listed: best value first, within it most active first."""
    lang = rules.lang
    special = [label(k, lang) for k in ("prospect_customer", "incomplete", "out_of_scope")]
    tiers = sorted(rules.value_tiers, key=lambda t: _height(t.edge), reverse=True)
    return [*tag_labels(tiers, activity_order(rules), lang), *special]


def activity_order(rules: Rulebook) -> list[ActivityRule]:
    """Activity rules from the liveliest to the longest silent."""
    return sorted(rules.activity_rules, key=lambda r: r.months_since or 0)


def _with_shares(
    rules: Rulebook, spend: Cells, tables: dict[str, Sequence[Sequence[object]]]
) -> tuple[Rulebook, dict[str, Sequence[Sequence[object]]]]:
    """Rules whose tiers have the edges in force that their shares give for these amounts."""
    values, _ = to_numbers(spend)
    tiers = rules.value_tiers
    order = sorted(range(len(tiers)), key=lambda i: _height(tiers[i].lower), reverse=True)
    edges = share_edges(values, [tiers[i].share for i in order])
    # the lowest tier takes everything below; 0 says so, as amounts up to 0 are in it anyway
    in_force = [*edges[:-1], None if edges[0] is None else 0.0]
    effective = dict(zip(order, in_force, strict=True))
    tiers = tuple(t.model_copy(update={"effective": effective[i]}) for i, t in enumerate(tiers))
    rows = [list(r) for r in tables.get("ValueTiers", write_rows("ValueTiers", tiers))]
    filled = (row for row in rows if not all(blank(c) for c in row))
    for i, row in enumerate(filled):
        if len(row) > EFFECTIVE:
            row[EFFECTIVE] = effective[i]
    return rules.model_copy(update={"value_tiers": tiers}), {**tables, "ValueTiers": rows}


EFFECTIVE = [f.key for f in VALUE_TIERS.fields].index("effective")


def _height(edge: float | None) -> float:
    return -np.inf if edge is None else edge


def _more_facts(
    columns: Mapping[str, Cells], merged: Merged, rules: Rulebook, as_of: dt.datetime
) -> tuple[dict[str, Cells], dict[str, Cells]]:
    """Facts that no column holds: activity windows, indicator scores, RFM by means."""
    m = merged.columns
    rows = len(columns["customer_id"])
    settings = rules.settings

    def cells(values: np.ndarray[Any, Any]) -> Cells:
        return _cells(values.astype(float), [], np.zeros(rows, dtype=bool))

    facts: dict[str, Cells] = {"recent": cells(m["recent"]), "baseline": cells(m["baseline"])}
    margin, _ = to_numbers(columns.get("margin") or [None] * rows)
    facts["clv_margin"] = cells(np.where(np.isnan(margin), settings.clv_margin, margin))
    facts["orders_per_year"] = cells(m["monthly_orders"] * 12)
    days = (np.datetime64(as_of, "D") - m["last_order"]).astype(float)
    days = np.where(np.isnat(m["last_order"]), np.nan, days)
    codes = mean_class_codes(days, m["period_orders"], m["period_spend"])
    by_bits = {int(bits, 2): label(key, rules.lang) for key, bits in EIGHT_CLASSES}
    special = {-1: label("incomplete", rules.lang), -2: label("prospect_customer", rules.lang)}
    facts["rfm_mean_class"] = [{**by_bits, **special}[int(c)] for c in codes]
    scores = _indicator_scores(columns, merged, rules)
    weights = [i.weight for i in rules.indicators]
    table = [list(row) for row in zip(*scores.values(), strict=True)] if scores and rows else []
    broken = rules.broken & {"Indicators", "Bands"}
    if table and not broken:
        facts["weighted_score"] = _column(WEIGHTED_SCORE(table, weights), rows)
        facts["weighted_completeness"] = _column(COMPLETENESS(table, weights), rows)
        levels = [[e.lower, e.label] for e in rules.levels]
        found = _column(CUSTOMER_LEVEL([[None if s == "" else s] for s in facts["weighted_score"]], levels, rules.lang), rows)
        incomplete = label("incomplete", rules.lang)
        facts["weighted_level"] = [
            incomplete if not isinstance(c, float) or c < 0.6 - 1e-9 else level
            for c, level in zip(facts["weighted_completeness"], found, strict=True)
        ]
    facts["account_grade"] = _account_grades(columns, scores, rules)
    return facts, scores


def _column(answer: Any, rows: int) -> Cells:
    """A function's answer as one cell per row; one row, or one error for all, comes as a single cell."""
    return [r[0] for r in answer] if isinstance(answer, list) else [answer] * rows


def _indicator_scores(columns: Mapping[str, Cells], merged: Merged, rules: Rulebook) -> dict[str, Cells]:
    """Score 1-5 of every indicator per customer, '' or None where there are no data."""
    rows = len(columns["customer_id"])
    texts = {}
    for t in INDICATOR_TEXTS:
        for name in (t.zh, t.en, t.header("zh", rules.settings.unit), t.header("en", rules.settings.unit)):
            texts[name] = t.key
    scores: dict[str, Cells] = {}
    for indicator in rules.indicators:
        key = texts.get(indicator.indicator, "")
        bands = [[b.lower, b.score] for b in rules.bands if b.indicator == indicator.indicator]
        values: Cells = [None] * rows
        if key == "complaints_12m":
            values = columns.get("complaints") or values
        elif key in columns and key in ("annual_spend", "margin", "repurchase_rate", "satisfaction"):
            values = columns[key]
        elif key in merged.columns:
            values = _cells(merged.columns[key], [], np.zeros(rows, dtype=bool))
        answer = BAND_SCORE([[v] for v in values], bands) if bands and rows else [[None]] * rows
        # what cannot be scored counts as missing: one wrong cell must not hide the whole score
        scores[indicator.indicator] = [
            None if isinstance(r[0], (CellError, str)) else r[0] for r in answer
        ] if isinstance(answer, list) else [None] * rows
    return scores


_ACCOUNT_WEIGHTS = {"annual_spend": 40.0, "tenure": 20.0, "potential": 25.0, "strategic": 15.0}


def _account_grades(columns: Mapping[str, Cells], scores: Mapping[str, Cells], rules: Rulebook) -> Cells:
    """Account tier: score over revenue, tenure, potential and strategic importance (domain.md §7)."""
    rows = len(columns["customer_id"])
    names = {t.key: (t.header("zh", rules.settings.unit), t.header("en", rules.settings.unit), t.zh, t.en)
             for t in INDICATOR_TEXTS}  # fmt: skip
    parts: list[Cells] = []
    for key in _ACCOUNT_WEIGHTS:
        if key in ("potential", "strategic"):
            typed, bad = to_numbers(columns.get(key) or [None] * rows)
            known = (typed >= 1) & (typed <= 5)
            parts.append([float(v) if ok else None for v, ok in zip(typed, known, strict=True)])
        else:
            name = next((n for n in names[key] if n in scores), "")
            parts.append(list(scores.get(name) or [None] * rows))
    if not rows:
        return []
    table = [list(r) for r in zip(*parts, strict=True)]
    total = _column(WEIGHTED_SCORE(table, list(_ACCOUNT_WEIGHTS.values())), rows)
    grades = [[e.lower, e.label] for e in rules.grades]
    return _column(ACCOUNT_GRADE([[None if t == "" else t] for t in total], grades, rules.lang), rows)


# ---------------------------------------------------------------- the Python interface


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `analyse` found.

    `customers`: one row per customer with every input and result, columns by field key;
    `segments`: the group profile; `strategies`: per segment its size and suggested strategy;
    `quality`: findings in the data (table, row, field, what); `rules`: those in force.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    strategies: pd.DataFrame
    quality: pd.DataFrame
    rules: Rulebook


def as_date(value: object) -> dt.date:
    """A date from a date, datetime, timestamp or text such as 2024-06-30. Error: date_unreadable."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    day = parse_dates([value]).values[0]
    if np.isnat(day):
        raise Refused("date_unreadable", value=value)
    found: dt.date = day.astype("datetime64[D]").item()
    return found


def frame_columns(frame: pd.DataFrame) -> dict[str, Cells]:
    """A data frame's columns as cells by field key, found by header or key; others by own name."""
    columns: dict[str, Cells] = {}
    for name in frame.columns:
        found = find_field(CUSTOMERS, name)
        key = found[0].key if found else str(name)
        columns[key] = [_cell(v) for v in frame[name].tolist()]
    return columns


def _cell(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _by_key(frame: pd.DataFrame | None, table: Any) -> pd.DataFrame | None:
    """A log with its columns named by field key, amounts in yuan."""
    if frame is None:
        return None
    names, factors = {}, {}
    for name in frame.columns:
        found = find_field(table, name)
        if found and found[0].key not in names.values():
            names[name] = found[0].key
            factors[found[0].key] = 10_000.0 if found[1] == "wan" and name != found[0].key else 1.0
    out = frame.rename(columns=names)[list(names.values())].copy()
    for key in ("amount", "margin", "response_hours"):
        if key in out:
            out[key] = pd.to_numeric(out[key], errors="coerce") * factors[key]
    for key in ("order_date", "contact_date", "paid_on", "next_contact"):
        if key in out:
            out[key] = pd.to_datetime(out[key], errors="coerce")
    return out


def analyse(
    customers: pd.DataFrame,
    orders: pd.DataFrame | None = None,
    interactions: pd.DataFrame | None = None,
    rules: Rulebook | None = None,
    as_of: object = None,
    lang: Lang = "zh",
) -> Analysis:
    """Segments, stages, RFM classes and scores of a customer table.

    Columns are found by field key or header (zh, en, aliases). Amounts of customers are in the
    unit of `rules` (default 万元), order amounts in 元 unless the header says otherwise. Customers
    that only the order log has are added. `as_of` (date or ISO text) defaults to today.
    """
    rules = rules or default_rules(lang)
    day = as_date(as_of) if as_of is not None else rules.settings.as_of or today()
    columns = frame_columns(customers)
    log, contacts = _by_key(orders, ORDERS), _by_key(interactions, INTERACTIONS)
    if log is not None and "customer_id" in columns:
        known = set(normal_ids(columns["customer_id"]).tolist())
        new = [i for i in dict.fromkeys(normal_ids(log["customer_id"].to_numpy(dtype=object)).tolist()) if i and i not in known]
        for key, cells in columns.items():
            cells.extend(new if key == "customer_id" else [None] * len(new))
    outcome = analyse_cells(columns, log, contacts, rules, day)
    order = [f.key for f in CUSTOMERS.fields]
    findings = check_customers(outcome.columns, day)
    merged = {**outcome.columns, **outcome.results}
    keys = [k for k in order if k in merged] + [k for k in merged if k not in order]
    frame = pd.DataFrame({k: pd.Series(merged[k], dtype=object) for k in keys})
    segments = pd.DataFrame([{f.key: getattr(g, f.key) for f in PROFILE.fields} for g in outcome.groups])
    plans = [
        {"segment": g.segment, "customers": g.customers, "customer_share": g.customer_share,
         "strategy": strategy_of(g.segment, outcome.rules)}
        for g in outcome.groups
    ]  # fmt: skip
    quality = pd.DataFrame(
        [{"row": f.row, "field": f.field, "severity": f.severity, "found": f.found, "what": f.text(rules.lang)} for f in findings],
        columns=["row", "field", "severity", "found", "what"],
    )
    return Analysis(frame, segments, pd.DataFrame(plans), quality, outcome.rules)


def strategy_of(tag: str, rules: Rulebook) -> Any:
    """The strategy of a segment by the rulebook's strategy table."""
    rows = [[s.system, s.tag, s.category, s.department, s.strategy, s.budget, s.spent] for s in rules.strategies]
    return STRATEGY(tag, "segment", rows or None, rules.lang)


__all__ = ["Analysis", "Outcome", "analyse", "analyse_cells", "half_up", "result_columns"]
