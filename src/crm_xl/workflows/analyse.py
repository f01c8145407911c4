"""The analysis of a customer table with its logs: the one story that every door tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.accounts import criterion_scores
from crm_xl.analysis.catalogue import columns_for, facts_of
from crm_xl.analysis.cleaning import normal_ids, parse_dates
from crm_xl.analysis.dates import Floats, edate
from crm_xl.analysis.facts import Facts, Merged, fold, merge_log
from crm_xl.analysis.history import period_months
from crm_xl.analysis.profile import Group, group_profile
from crm_xl.analysis.quality import Finding, check_customers, check_log
from crm_xl.analysis.rates import orders_per_month
from crm_xl.analysis.rfm import mean_class_codes
from crm_xl.analysis.scores import ENOUGH, band_scores
from crm_xl.analysis.segments import share_edges
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions import ACCOUNT_GRADE, ACTIVITY, COMPLETENESS, CUSTOMER_LEVEL, STRATEGY, WEIGHTED_SCORE
from crm_xl.functions.call import to_days, to_numbers, today
from crm_xl.rules.defaults import EIGHT_CLASSES, default_rules
from crm_xl.rules.models import Rulebook
from crm_xl.rules.tables import blank, write_rows
from crm_xl.vocabulary.account_criteria import CRITERION_KEYS
from crm_xl.vocabulary.fields import UNIT_FACTOR, Lang, Unit, find_field, split_unit
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.reports import PROFILE
from crm_xl.vocabulary.rule_tables import VALUE_TIERS

from .evaluate import Cells, evaluate, inputs_of
from .label_order import every_label
from .opening import LOGS, BookInputs, column_cells, frame_by_key, in_unit, log_frame, log_only_customers
from .outlook import Outlook, look_ahead

FACT_NUMBERS = (
    "annual_spend", "order_count", "average_order", "monthly_orders", "contact_frequency", "margin",
    "collection_days", "repurchase_rate", "satisfaction", "complaints",
)  # fmt: skip
FACT_DATES = ("first_order", "last_order")
PERIOD_FACTS = ("period_orders", "period_spend")
FACT_COLUMNS = (*FACT_DATES, *FACT_NUMBERS, *PERIOD_FACTS, "preference")
"""Columns that the log fills."""
NO_RECORDS: Mapping[str, pd.DataFrame] = MappingProxyType({})
NO_FORMULAS: Mapping[str, Collection[int]] = MappingProxyType({})


@dataclass(slots=True)
class Outcome:
    """What an analysis of `n` customers found.

    `columns`: input columns by field key (or own header) after the log was put in; `results`:
    result columns by field key; `blocks`: whole-column results; `more`: figures that no column shows;
    `scores`: score of each indicator, NaN where there is none; `account_values`, `account_scores`: figure and
    score of each criterion of key accounts; `rules`: those in force (with the edges
    that shares gave); `activity_before`: what the log says of customers a period ago, by id; `outlook`: what the
    parameters ask to be foretold. Each column is a list of n cells.
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
    more: dict[str, Cells] = field(default_factory=dict)
    scores: dict[str, Floats] = field(default_factory=dict)
    account_values: dict[str, Floats] = field(default_factory=dict)
    account_scores: dict[str, Floats] = field(default_factory=dict)
    activity_before: dict[str, str] = field(default_factory=dict)
    outlook: Outlook = field(default_factory=Outlook)


SUMMARY = {"value_tier", "activity", "lifecycle", "rfm_class", "segment"}
"""Result columns that every report of an analysis counts."""
_NOT_NEGATIVE = frozenset(
    {"order_count", "monthly_orders", "contact_frequency", "collection_days", "period_orders", "complaints"}
)


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
    values["preference"] = np.array(["" if c is None else c for c in columns.get("preference") or empty], dtype=object)
    wrong["preference"] = np.fromiter((isinstance(c, CellError) for c in values["preference"]), bool, rows)
    return values, wrong


def _cells(values: np.ndarray[Any, Any]) -> Cells:
    """Computed facts as cells."""
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
    return new


def _filled(
    values: np.ndarray[Any, Any], typed: np.ndarray[Any, Any], old: Cells | None, wrong: np.ndarray[Any, Any]
) -> Cells:
    """A fact column after the log was put in: a cell that is wrong, or says the same, stays as it was typed.
    The very list is given back if none changed."""
    if old is None:
        return _cells(values)
    stays = wrong | (values == typed) | ((values != values) & (typed != typed))
    if stays.all():
        return old
    new = _cells(values)
    for i in np.flatnonzero(stays).tolist():
        new[i] = old[i]
    return new


def analyse_cells(
    columns: dict[str, Cells],
    orders: pd.DataFrame | None,
    interactions: pd.DataFrame | None,
    rules: Rulebook,
    as_of: dt.date,
    tables: Mapping[str, Sequence[Sequence[object]]] | None = None,
    own_formulas: Mapping[str, Collection[int]] = NO_FORMULAS,
    shown: Collection[str] | None = None,
    records: Mapping[str, pd.DataFrame] = NO_RECORDS,
) -> Outcome:
    """Analyse a customer table given as columns of cells (all of one length, `customer_id` among them).

    `orders`, `interactions`: see `analysis.facts.fold`. `tables`: rule tables as a workbook's cells,
    where those differ from the rulebook's. `own_formulas`: rows of a column in which the user's formula
    stands: what it gives counts, whatever the log says. `shown`: the result columns that somebody will see,
    beside those of the summary; None: all. `records`: complaints and surveys by table name.
    """
    rows = len(columns["customer_id"])
    ids = normal_ids(columns["customer_id"])
    settings = rules.settings
    facts = fold(orders, interactions, as_of, settings, records.get("Complaints"), records.get("Surveys"))
    typed, wrong = _typed(columns, rows, as_of)
    merged = merge_log(typed, ids, facts, as_of, settings)
    filled = dict(columns)
    for key, held in own_formulas.items():
        if key in wrong:
            wrong[key][[row for row in held if row < rows]] = True  # an empty row may hold one, too
    for key in FACT_COLUMNS:
        filled[key] = _filled(merged.columns[key], typed[key], columns.get(key), wrong[key])
    tables = dict(tables or {})
    if settings.value_method == "shares" and "ValueTiers" not in rules.broken:
        rules, tables = _with_shares(rules, filled["annual_spend"], tables)
    moment = dt.datetime(as_of.year, as_of.month, as_of.day)
    margin, _ = to_numbers(filled.get("margin") or [None] * rows)
    margin = np.where(np.isnan(margin), settings.clv_margin, margin)
    outlook = look_ahead(rules, ids, orders, merged, margin, as_of, shown)
    if outlook.prediction is None and settings.clv_method == "predictive":
        rules = rules.model_copy(update={"settings": settings.model_copy(update={"clv_method": "simple"})})
    scores = _indicator_scores(_indicator_sources(filled, merged, rules), rules, rows)
    wanted = columns_for(rules, None if shown is None else SUMMARY | set(shown))
    account_values = _criterion_values(filled, merged, rules)
    account_scores = criterion_scores(account_values, rules.account_criteria, rules.account_bands, rows)
    more = _more_facts(filled, merged, scores, account_scores, rules, moment, facts_of(wanted))
    more |= {"clv_margin": _cells(margin), **outlook.cells}
    inputs = inputs_of(rules, rows, filled, more, moment, tables)
    results, blocks = evaluate(rules, inputs, wanted)
    groups = group_profile(
        results["segment"], filled, every_label("segment", rules), "、" if rules.lang == "zh" else ", "
    )
    return Outcome(ids, filled, results, blocks, facts, merged, rules, moment, groups, more, scores, account_values,
                   account_scores, outlook=outlook)  # fmt: skip


def analyse_inputs(inputs: BookInputs, as_of: dt.date, shown: Collection[str] | None = None) -> Outcome:
    """`analyse_cells` of what a workbook hands over."""
    return analyse_cells(
        inputs.columns,
        inputs.orders,
        inputs.interactions,
        inputs.parameters.rules,
        as_of,
        inputs.tables,
        inputs.own_formulas,
        shown,
        inputs.records,
    )


def analyse_with_past(inputs: BookInputs, as_of: dt.date, shown: Collection[str] | None = None) -> Outcome:
    """`analyse_inputs`, with what the log says of customers a period ago."""
    outcome = analyse_inputs(inputs, as_of, shown)
    table = inputs.tables.get("ActivityRules")
    outcome.activity_before = activity_before(inputs.orders, outcome.rules, as_of, table)
    return outcome


def activity_before(
    orders: pd.DataFrame | None, rules: Rulebook, as_of: dt.date, table: Sequence[Sequence[object]] | None
) -> dict[str, str]:
    """The activity that the order log gives each of its customers at the start of the period."""
    if orders is None:
        return {}
    start = edate(np.array(as_of, dtype="datetime64[D]"), -period_months(rules.activity_rules))
    day = as_date(start.astype(object).item())
    facts = fold(orders, None, day, rules.settings).frame
    facts = facts[facts["last"].notna()]
    if not len(facts):
        return {}
    first = facts["first"].to_numpy().astype("datetime64[D]")
    window = np.array(float(rules.settings.orders_months))
    monthly = orders_per_month(facts["orders_year"].to_numpy(dtype=float), first, start, window)
    last = facts["last"].to_numpy().astype("datetime64[us]").tolist()
    answer = ACTIVITY([[m] for m in monthly.tolist()], [[d] for d in last], day, table, rules.lang)
    return dict(zip(facts.index.tolist(), _column(answer, len(facts)), strict=True))


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
    columns: Mapping[str, Cells],
    merged: Merged,
    scores: Mapping[str, Floats],
    account_scores: Mapping[str, Floats],
    rules: Rulebook,
    as_of: dt.datetime,
    wanted: Collection[str],
) -> dict[str, Cells]:
    """Facts that no column holds: activity windows, weighted scores, RFM by means. The dear ones only where
    they are wanted."""
    m = merged.columns
    rows = len(columns["customer_id"])

    def cells(values: np.ndarray[Any, Any]) -> Cells:
        return _cells(values.astype(float))

    facts = {key: cells(m[key]) for key in ("recent", "baseline", "complaints_90d")}
    facts["orders_per_year"] = cells(m["monthly_orders"] * 12)
    if "rfm_mean_class" in wanted:
        days = (np.datetime64(as_of, "D") - m["last_order"]).astype(float)
        days = np.where(np.isnat(m["last_order"]), np.nan, days)
        codes = mean_class_codes(days, m["period_orders"], m["period_spend"])
        names = {int(bits, 2): label(key, rules.lang) for key, bits in EIGHT_CLASSES}
        names |= {-1: label("incomplete", rules.lang), -2: label("prospect_customer", rules.lang)}
        facts["rfm_mean_class"] = [names[c] for c in codes.tolist()]
    weights = [i.weight for i in rules.indicators]
    broken = rules.broken & {"Indicators", "Bands"}
    if scores and rows and not broken:
        table = np.column_stack(list(scores.values()))
        facts["weighted_score"] = _column(WEIGHTED_SCORE(table, weights), rows)
        facts["weighted_completeness"] = _column(COMPLETENESS(table, weights), rows)
        if "Levels" not in rules.broken:
            levels = [[e.lower, e.label] for e in rules.levels]
            known = [None if s == "" else s for s in facts["weighted_score"]]
            found = _column(CUSTOMER_LEVEL(known, levels, rules.lang), rows)
            facts["weighted_level"] = _only_known(found, facts["weighted_completeness"], rules)
    if "account_grade" in wanted:
        facts["account_score"], facts["account_grade"] = _account_grades(account_scores, rules, rows)
    return facts


def _column(answer: Any, rows: int) -> Cells:
    """A function's answer as one cell per row; one row, or one error for all, comes as a single cell."""
    return [r[0] for r in answer] if isinstance(answer, list) else [answer] * rows


def indicator_values(columns: Mapping[str, Cells], merged: Merged, rules: Rulebook) -> dict[str, Cells]:
    """The figure behind every indicator per customer, None where there are no data."""
    found = _indicator_sources(columns, merged, rules)
    return {name: _cells(values) if isinstance(values, np.ndarray) else values for name, values in found.items()}


def built_in_indicators(unit: Unit) -> dict[str, str]:
    """Every name of a built-in indicator -> its key."""
    return {name: t.key for t in INDICATOR_TEXTS for name in (t.zh, t.en, t.header("zh", unit), t.header("en", unit))}


def _indicator_sources(
    columns: Mapping[str, Cells], merged: Merged, rules: Rulebook
) -> dict[str, Cells | np.ndarray[Any, Any]]:
    """The cells behind every indicator, or the computed fact. Any other column of figures counts by its header."""
    known = built_in_indicators(rules.settings.unit)
    empty: Cells = [None] * len(columns["customer_id"])
    found: dict[str, Cells | np.ndarray[Any, Any]] = {}
    for indicator in rules.indicators:
        key = known.get(indicator.indicator, "")
        values: Cells | np.ndarray[Any, Any] = empty
        if key in columns and key in ("annual_spend", "margin", "repurchase_rate", "satisfaction"):
            values = columns[key]
        elif key in merged.columns:
            values = merged.columns[key]
        elif not key:
            values = _own_figures(columns, indicator.indicator, rules.settings.unit) or empty
        found[indicator.indicator] = values
    return found


def own_column(columns: Collection[str], header: str) -> str | None:
    """The input column (field key, or header of the user's own) that a header names; a result of ours is none."""
    match = find_field(CUSTOMERS, header)
    key = header if match is None else match[0].key
    return None if key not in columns or (match is not None and match[0].group == "result") else key


def _own_figures(columns: Mapping[str, Cells], header: str, unit: Unit) -> Cells | None:
    """The input column that a header names, in the unit that it names."""
    key = own_column(columns, header)
    if key is None:
        return None
    money = any(f.key == key and f.kind == "money" for f in CUSTOMERS.fields)
    named = split_unit(header)[1] if money else None
    return in_unit(columns[key], UNIT_FACTOR[unit] / UNIT_FACTOR[named or unit])


def _indicator_scores(
    values: Mapping[str, Cells | np.ndarray[Any, Any]], rules: Rulebook, rows: int
) -> dict[str, Floats]:
    """Score 1-5 of every indicator per customer, NaN where it cannot be scored."""
    scores: dict[str, Floats] = {}
    for indicator in rules.indicators:
        bands = [b for b in rules.bands if b.indicator == indicator.indicator]
        found = values[indicator.indicator]
        # what cannot be scored counts as missing: one wrong cell must not hide the whole score
        known = to_numbers(found)[0] if isinstance(found, list) else found.astype(float)
        scores[indicator.indicator] = band_scores(known, bands)[0] if bands else np.full(rows, np.nan)
    return scores


def _criterion_values(columns: Mapping[str, Cells], merged: Merged, rules: Rulebook) -> dict[str, Floats]:
    """The figures behind every criterion of key accounts; any column of figures counts by its header."""
    rows = len(columns["customer_id"])
    sources = {"revenue": "annual_spend", "frequency": "monthly_orders"}
    found: dict[str, Floats] = {}
    for criterion in rules.account_criteria:
        key = CRITERION_KEYS.get(criterion.criterion, "")
        if key == "tenure":
            found[criterion.criterion] = merged.columns["tenure"].astype(float)
            continue
        cells = (
            columns.get(sources.get(key, key))
            if key
            else _own_figures(columns, criterion.criterion, rules.settings.unit)
        )
        values, wrong = to_numbers(cells or [None] * rows)
        found[criterion.criterion] = values if wrong is None else np.where(wrong, np.nan, values)
    return found


def _account_grades(scores: Mapping[str, Floats], rules: Rulebook, rows: int) -> tuple[Cells, Cells]:
    """Account score and grade by the weighted criteria (domain.md §7); with too few data no grade, as for levels."""
    if not rows or not scores or rules.broken & {"AccountCriteria", "AccountBands"}:
        return [""] * rows, [""] * rows
    table = np.column_stack(list(scores.values()))
    weights = [c.weight for c in rules.account_criteria]
    total = _column(WEIGHTED_SCORE(table, weights), rows)
    known = _column(COMPLETENESS(table, weights), rows)
    grades = [[e.lower, e.label] for e in rules.grades]
    found = _column(ACCOUNT_GRADE([None if t == "" else t for t in total], grades, rules.lang), rows)
    return total, _only_known(found, known, rules)


def _only_known(labels: Cells, completeness: Cells, rules: Rulebook) -> Cells:
    """Levels or grades; "incomplete" for customers of whom too little is known."""
    incomplete = label("incomplete", rules.lang)
    return [
        incomplete if not isinstance(c, float) or c < ENOUGH - 1e-9 else found
        for c, found in zip(completeness, labels, strict=True)
    ]


# ---------------------------------------------------------------- the Python interface


@dataclass(frozen=True, slots=True)
class Analysis:
    """What `analyse` found.

    `customers`: one row per customer with every input and result, columns by field key;
    `segments`: the group profile; `strategies`: per segment its size and suggested strategy;
    `quality`: findings in the data (table, row from 0, field, severity, found, what); `rules`: those in
    force.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    strategies: pd.DataFrame
    quality: pd.DataFrame
    rules: Rulebook


def as_date(value: object) -> dt.date:
    """A date from a date, datetime, timestamp or text such as 2024-06-30. Error: date_unreadable."""
    if isinstance(value, dt.datetime) and value == value:  # pandas' NaT is a datetime, too
        return value.date()
    if isinstance(value, dt.date) and value == value:
        return value
    day = parse_dates([value]).values[0]
    if np.isnat(day):
        raise Refused("date_unreadable", value=value)
    found: dt.date = day.astype("datetime64[D]").item()
    return found


def analyse(
    customers: pd.DataFrame,
    orders: pd.DataFrame | None = None,
    interactions: pd.DataFrame | None = None,
    rules: Rulebook | None = None,
    as_of: object = None,
    lang: Lang = "zh",
    *,
    complaints: pd.DataFrame | None = None,
    surveys: pd.DataFrame | None = None,
) -> Analysis:
    """Segments, stages, RFM classes and scores of a customer table.

    Columns are found by field key or header (zh, en, aliases). Cells mean what they mean in a workbook:
    numbers, texts, dates (datetime64 or date objects; a date written as text is wrong and listed in
    `quality`). Amounts of customers are in the unit of `rules` (default 万元), order amounts in 元, unless
    a header names another unit. Customers that only the order log has are added. `as_of` (date or ISO
    text) defaults to today. Errors: frame_no_column, two_columns, date_unreadable.
    """
    rules = rules or default_rules(lang)
    day = as_date(as_of) if as_of is not None else rules.settings.as_of or today()
    table = frame_by_key(customers, CUSTOMERS, rules.settings.unit)
    if "customer_id" not in table:
        raise CrmXlError("frame_no_column", fields=[CUSTOMERS.field("customer_id")])
    columns = {str(key): column_cells(table[key]) for key in table.columns}
    log, order_findings = _log(orders, "Orders", day)
    contacts, contact_findings = _log(interactions, "Interactions", day)
    others = {"Complaints": _log(complaints, "Complaints", day), "Surveys": _log(surveys, "Surveys", day)}
    records = {name: frame for name, (frame, _) in others.items() if frame is not None}
    added = log_only_customers(log, columns["customer_id"], day)
    for key, cells in columns.items():
        cells.extend(added if key == "customer_id" else [None] * len(added))
    outcome = analyse_cells(columns, log, contacts, rules, day, records=records)
    order = [f.key for f in CUSTOMERS.fields]
    merged = {**outcome.columns, **outcome.results}
    keys = [k for k in order if k in merged] + [k for k in merged if k not in order]
    frame = pd.DataFrame({k: pd.Series(merged[k], dtype=object) for k in keys})
    segments = pd.DataFrame(
        [{f.key: getattr(g, f.key) for f in PROFILE.fields} for g in outcome.groups],
        columns=[f.key for f in PROFILE.fields],
    )
    plans = [
        {
            "segment": g.segment,
            "customers": g.customers,
            "customer_share": g.customer_share,
            "strategy": strategy_of(g.segment, outcome.rules),
        }
        for g in outcome.groups
    ]
    findings = {
        "Customers": check_customers(outcome.columns, day),
        "Orders": order_findings,
        "Interactions": contact_findings,
        **{name: found for name, (_, found) in others.items()},
    }
    quality = [
        {
            "table": name,
            "row": f.row,
            "field": f.field,
            "severity": f.severity,
            "found": f.found,
            "what": f.text(rules.lang),
        }
        for name, found in findings.items()
        for f in found
    ]
    return Analysis(
        frame,
        segments,
        pd.DataFrame(plans, columns=["segment", "customers", "customer_share", "strategy"]),
        pd.DataFrame(quality, columns=["table", "row", "field", "severity", "found", "what"]),
        outcome.rules,
    )


def _log(frame: pd.DataFrame | None, name: str, as_of: dt.date) -> tuple[pd.DataFrame | None, list[Finding]]:
    """A log from a frame, and what is wrong in the lines that do not count."""
    if frame is None or not len(frame):
        return None, []
    table, needed = LOGS[name]
    cells = frame_by_key(frame, table, "yuan")
    missing = [table.field(key) for key in needed if key not in cells]
    if missing:
        raise CrmXlError("frame_no_column", fields=missing)
    log = log_frame({key: cells[key] for key in cells.columns}, table, {})
    day = log[needed[1]]
    idle = (day.isna() | (day > pd.Timestamp(as_of))).to_numpy() | (normal_ids(log["customer_id"]) == "")  # type: ignore[arg-type]
    if "amount" in needed:
        idle |= log["amount"].isna().to_numpy()
    rows = np.flatnonzero(idle).tolist()
    known = [f.key for f in table.fields if f.key in cells]
    lines = {key: column_cells(cells[key].iloc[rows]) for key in known}
    return log, [replace(f, row=rows[f.row]) for f in check_log(table, lines, as_of, [])]


def strategy_of(tag: str, rules: Rulebook, system: str = "segment") -> Any:
    """The strategy for a label of a system, by the rulebook's strategy table."""
    rows = [[s.system, s.tag, s.category, s.department, s.strategy, s.budget, s.spent] for s in rules.strategies]
    return STRATEGY(tag, system, rows or None, rules.lang)
