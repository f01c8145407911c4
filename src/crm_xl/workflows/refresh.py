"""Refresh: bring a customer workbook up to date. The same story for a closed file and in Excel."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import compress
from math import fsum, inf
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.catalogue import blocks, result_columns
from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.history import Snapshot, TrendRow, add_snapshot, trend
from crm_xl.analysis.profile import Group, cross_table
from crm_xl.analysis.rates import is_active, repurchase_rate
from crm_xl.analysis.targets import in_target_scope, metric_key, metric_value, progress, status
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import to_days, to_numbers, today
from crm_xl.rules.models import FormulaForm, Rulebook
from crm_xl.rules.settings import choice_text
from crm_xl.sheet_values import gc_paused
from crm_xl.vocabulary.fields import CUSTOMERS, ORDERS, UNIT_TEXT, Lang, Unit
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.metrics import PERIODS
from crm_xl.vocabulary.traits import TRAITS
from crm_xl.workbook.parameters import Parameters
from crm_xl.workbook.protocol import Block, Result, TableData, Workbook
from crm_xl.workbook.reporting import Change, Left
from crm_xl.workbook.saving import locked

from .analyse import FACT_COLUMNS, Outcome, activity_before, activity_order, analyse_cells, as_date, strategy_of
from .evaluate import Cells
from .opening import SourceNotes, book_unit, is_number, load_source, open_book, read_inputs, unit_factor

ROW_LIMIT = 200
"""Up to so many customers, results are row formulas; above, they spill."""


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did. Counts are customers unless said otherwise.

    `parts`, `cells`: what was written, exactly; `written`, `left_alone`: the same by column, with the
    reason, and what was not touched; `recalculated`: the user's formulas that Excel will calculate because
    they depend on it. `repairs`, `problems`: cells of sources that were mended, or could not be read and stay empty.
    """

    path: str
    as_of: str
    lang: Lang
    unit: Unit
    form: FormulaForm
    changed: bool
    customers: int
    added: list[str] = field(default_factory=list)
    deleted_kept_out: list[str] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)
    rfm_classes: dict[str, int] = field(default_factory=dict)
    typed_kept: dict[str, int] = field(default_factory=dict)
    wrong_rows: int = 0
    order_lines_skipped: int = 0
    order_lines_later: int = 0
    rule_findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    written: list[Change] = field(default_factory=list)
    left_alone: list[Left] = field(default_factory=list)
    recalculated: int = 0
    untouched_parts: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def refresh_book(
    book: Workbook,
    customers: TableData,
    lang: Lang,
    *,
    as_of: dt.date,
    form: FormulaForm | None = None,
    orders: pd.DataFrame | None = None,
    interactions: pd.DataFrame | None = None,
) -> RefreshReport:
    """Analyse an open workbook and write what it found into it (nothing is saved or applied yet).

    `orders`, `interactions`: logs from outside, beside the workbook's own tables.
    """
    inputs = read_inputs(book, customers, lang, as_of, orders, interactions)
    outcome = analyse_cells(
        inputs.columns,
        inputs.orders,
        inputs.interactions,
        inputs.parameters.rules,
        as_of,
        inputs.tables,
        inputs.own_formulas,
        None if book.has_table("Targets") else customers.fields.keys(),  # a target may ask for any figure
    )
    outcome.activity_before = activity_before(inputs.orders, outcome.rules, as_of, inputs.tables.get("ActivityRules"))
    report = RefreshReport(
        str(book.path), as_of.isoformat(), lang, book_unit(customers), "values", False, len(outcome.ids)
    )
    report.added, report.deleted_kept_out, report.notes = inputs.added, inputs.kept_out, inputs.notes
    _write(book, customers, inputs.columns, outcome, inputs.parameters, form, report)
    _describe(outcome, inputs.parameters, report)
    return report


def chosen_form(asked: FormulaForm | None, rules: Rulebook, customers: int, book: Workbook) -> FormulaForm:
    """The form of the result columns; a workbook that is not ours, or recalculates all, gets values."""
    if not book.is_ours or book.forced_calculation:
        return "values"
    form = asked or rules.settings.form
    if form == "auto":
        return "row" if customers <= ROW_LIMIT else "spill"
    return form


def _write(
    book: Workbook,
    customers: TableData,
    given: Mapping[str, Cells],
    outcome: Outcome,
    parameters: Parameters,
    form: FormulaForm | None,
    report: RefreshReport,
) -> None:
    rules, lang = outcome.rules, outcome.rules.lang
    rows = len(outcome.ids)
    natives = book.is_ours
    if report.added:
        book.append_rows("Customers", {"customer_id": report.added})
    for key in FACT_COLUMNS:
        if key in customers.fields and outcome.columns[key] is not given[key]:
            book.write_column("Customers", key, _as_stored(customers, key, given[key], outcome.columns[key]))
    if form is not None and book.has_name("FormulaForm"):
        book.write_name("FormulaForm", choice_text("form", form, lang))
    if book.has_name("AsOf"):
        book.write_name("AsOf", outcome.as_of)
    report.form = chosen_form(form, rules, rows, book)
    _write_tiers(book, outcome, parameters)
    shown = [
        Result(r.key, _as_stored(customers, r.key, [], outcome.results[r.key]), r.expression)
        for r in result_columns(rules)
        if r.key in customers.fields
    ]
    block_list = [
        Block(name, ("R", "F", "M"), outcome.blocks[name] or [("", "", "")], function)
        for name, function in blocks(rules.settings).items()
    ]
    if rows:
        book.write_results(shown, block_list, report.form, rows)
    _write_known(book, outcome)
    _write_profile(book, outcome, natives=natives, form=report.form)
    movement = _write_history(book, outcome, report)
    _write_targets(book, outcome, movement)


def _as_stored(customers: TableData, key: str, given: Cells, cells: Cells) -> Cells:
    """Cells in the unit of their own header; a figure that did not change is the cell as it stood."""
    factor = unit_factor(customers, key, book_unit(customers))
    if factor == 1:
        return cells
    stored = [None if c is None else round(c / factor, 6) if is_number(c) else c for c in cells]
    before = customers.column(key)[: customers.used]
    for i, (old, new) in enumerate(zip(given[: len(before)], cells, strict=False)):
        if old == new:
            stored[i] = before[i]
    return stored


def _write_tiers(book: Workbook, outcome: Outcome, parameters: Parameters) -> None:
    """The edges in force beside the tiers: set by shares, empty with fixed amounts."""
    data = parameters.tables.get("ValueTiers")
    if data is None or "effective" not in data.fields or "ValueTiers" in parameters.rules.broken:
        return
    by_shares = outcome.rules.settings.value_method == "shares"
    tiers = iter(outcome.rules.value_tiers)
    cells: list[object] = []
    for row in data.rows[: data.used]:
        filled = any(c not in (None, "") for c in row)
        tier = next(tiers, None) if filled else None
        cells.append(tier.effective if tier and by_shares else None)
    book.write_column("ValueTiers", "effective", cells)


def _write_known(book: Workbook, outcome: Outcome) -> None:
    """Every id that was ever in the table, so that a deleted customer is not added again."""
    if not book.has_table("Known"):
        return
    data = book.read_table("Known")
    known = set(normal_ids(data.column("customer_id")).tolist())
    new = [i for i in dict.fromkeys(outcome.ids.tolist()) if i and i not in known]
    if new:
        book.append_rows("Known", {"customer_id": new, "first_seen": [outcome.as_of] * len(new)})


def _write_profile(book: Workbook, outcome: Outcome, *, natives: bool, form: str) -> None:
    rules, lang = outcome.rules, outcome.rules.lang
    groups = outcome.groups
    if book.has_table("Profile"):
        fields = book.headers("Profile")
        rows = [{k: _blank_as_text(getattr(g, k)) for k in fields} for g in groups]
        book.replace_rows("Profile", rows, formulas=natives)
    if book.has_table("Plan"):
        strategies = {g.segment: strategy_of(g.segment, rules) for g in groups}
        rows = [
            {"segment": g.segment, "customers": g.customers, "customer_share": g.customer_share,
             "traits": _traits(g, rules), "strategy": strategies[g.segment]}
            for g in groups
        ]  # fmt: skip
        book.merge_rows("Plan", rows, formulas=natives, functions=form != "values")
    activity = outcome.results["activity"]
    orders, _ = to_numbers(outcome.columns["order_count"])
    kpis = {
        "KpiCustomers": sum(g.customers for g in groups),
        "KpiActive": sum(is_active(a) for a in activity),
        "KpiSpend": fsum(g.spend for g in groups),
        "KpiRepurchase": _blank_as_text(repurchase_rate(orders)),
    }
    book.write_kpis(kpis, formulas=natives, lang=lang)
    tiers = sorted(rules.value_tiers, key=lambda t: -inf if t.lower is None else t.lower, reverse=True)
    incomplete = label("incomplete", lang)
    first = [*(t.label for t in tiers), incomplete]
    second = [*(r.label for r in activity_order(rules)), label("prospect", lang), incomplete]
    counts = cross_table(outcome.results["value_tier"], activity)
    book.write_cross(list(dict.fromkeys(first)), list(dict.fromkeys(second)), counts, formulas=natives)


def _blank_as_text(value: object) -> object:
    return "" if value is None else value


def _traits(group: Group, rules: Rulebook) -> str:
    """What the members of a group have in common, in a sentence."""
    lang, unit = rules.lang, rules.settings.unit
    pick = 0 if lang == "zh" else 1
    parts = []
    if group.industries:
        parts.append(TRAITS["industries"][pick].format(value=group.industries))
    if group.preference:
        parts.append(TRAITS["preference"][pick].format(value=group.preference))
    if group.customers and group.spend:
        mean = group.spend / group.customers
        parts.append(TRAITS["spend"][pick].format(value=f"{mean:,.2f}", unit=UNIT_TEXT[unit][lang]))
    if group.repurchase_rate is not None:
        parts.append(TRAITS["repurchase"][pick].format(value=f"{group.repurchase_rate:.0%}"))
    if group.collection_days is not None:
        parts.append(TRAITS["collection"][pick].format(value=f"{group.collection_days:.0f}"))
    if group.churn_causes:
        parts.append(TRAITS["churn"][pick].format(value=group.churn_causes))
    return TRAITS["join"][pick].join(parts)


def _write_history(book: Workbook, outcome: Outcome, report: RefreshReport) -> TrendRow | None:
    """The snapshot of this date and the trend; returns the movement since the one before."""
    if not book.has_table("History"):
        return None
    data = book.read_table("History")
    old = _read_history(data)
    kept = np.array([bool(i) for i in outcome.ids], dtype=bool)
    spend, _ = to_numbers(outcome.columns["annual_spend"])
    orders, _ = to_numbers(outcome.columns["order_count"])
    as_of = outcome.as_of.date()
    now = _snapshot(as_of, outcome.ids, outcome.results, spend, orders, kept)
    rows, dropped = add_snapshot(old, now, outcome.rules.settings.history_rows)
    if dropped:
        report.notes.append(
            message("history_thinned", report.lang, rows=outcome.rules.settings.history_rows, count=dropped)
        )
    book.replace_rows("History", _history_columns(rows), formulas=False)
    movements = trend(rows, {as_of: outcome.activity_before})
    if book.has_table("Trend"):
        lines = {t.as_of: {k: _cell_of(v) for k, v in asdict(t).items()} for t in movements}
        lines |= {d: line for d, line in _read_trend(book).items() if d in lines and d != as_of}
        book.replace_rows("Trend", list(lines.values()), formulas=False)
    return movements[-1] if movements else None


def _read_trend(book: Workbook) -> dict[dt.date, dict[str, object]]:
    """The trend as stored: what was known of the log at an earlier date is not known any more."""
    data = book.read_table("Trend")
    days, _ = to_days(data.column("as_of")[: data.used])
    return {
        day: {key: data.rows[i][at] for key, at in data.fields.items()}
        for i, day in enumerate(days.tolist())
        if day is not None
    }


def _snapshot(
    day: dt.date,
    ids: np.ndarray[Any, Any],
    columns: Mapping[str, Sequence[object]],
    spend: Floats,
    orders: Floats,
    rows: np.ndarray[Any, Any],
) -> Snapshot:
    """The snapshot that some rows of a table are."""

    def texts(key: str) -> list[str]:
        return ["" if c is None else str(c) for c in compress(columns[key], rows)]

    return Snapshot(
        day, ids[rows].tolist(), texts("segment"), texts("activity"), texts("lifecycle"), texts("rfm_class"),
        spend[rows], orders[rows],
    )  # fmt: skip


def _cell_of(value: object) -> object:
    return dt.datetime(value.year, value.month, value.day) if isinstance(value, dt.date) else value


_SNAPSHOT = [f.name for f in fields(Snapshot)]


def _history_columns(history: Sequence[Snapshot]) -> dict[str, Sequence[object]]:
    """Snapshots as columns of cells, one below another."""
    columns: dict[str, list[object]] = {"as_of": [], **{k: [] for k in _SNAPSHOT[1:]}}
    for snapshot in history:
        columns["as_of"] += [_cell_of(snapshot.as_of)] * len(snapshot)
        for key in _SNAPSHOT[1:]:
            cells = getattr(snapshot, key)
            if isinstance(cells, np.ndarray):
                cells = [None if c != c else c for c in cells.tolist()]
            columns[key] += cells
    return dict(columns)


def _read_history(data: TableData) -> list[Snapshot]:
    """Snapshots as stored; rows without a usable date or id are left out."""
    if not {"as_of", "customer_id"} <= set(data.fields):
        return []
    used, cells = data.used, data.columns()
    columns = {key: cells[index][:used] for key, index in data.fields.items()}
    empty: list[object] = [None] * used
    columns = {**dict.fromkeys(_SNAPSHOT, empty), **columns}
    days, _ = to_days(columns["as_of"])
    ids = normal_ids(columns["customer_id"])
    usable = ~np.isnat(days) & (ids != "")
    spend, orders = (to_numbers(columns[k])[0] for k in ("annual_spend", "order_count"))
    found = []
    for day in np.unique(days[usable]):
        rows = usable & (days == day)
        found.append(_snapshot(day.item(), ids, columns, spend, orders, rows))
    return found


def _write_targets(book: Workbook, outcome: Outcome, movement: TrendRow | None) -> None:
    """Current value, progress and status of every target whose metric is known."""
    if not book.has_table("Targets"):
        return
    data = book.read_table("Targets")
    used = data.used
    if not used or not {"metric", "target_value"} <= set(data.fields):
        return
    columns = {**outcome.columns, **outcome.results}
    rows = len(outcome.ids)
    current: list[object] = []
    shares: list[object] = []
    states: list[object] = []
    targets, _ = to_numbers(data.column("target_value")[:used])
    baselines, _ = to_numbers(data.column("baseline")[:used])
    dues, _ = to_days(data.column("due")[:used])
    kinds, metrics = data.column("target_kind"), data.column("metric")
    scopes, periods = data.column("scope"), data.column("period")
    for i in range(used):
        key = metric_key(metrics[i])
        if key is None or np.isnan(targets[i]):
            current.append(None)
            shares.append(None)
            states.append(None)
            continue
        members = in_target_scope(scopes[i], columns, rows)
        value = metric_value(key, members, columns, movement)
        base = None if np.isnan(baselines[i]) else float(baselines[i])
        share, reached = progress(kinds[i], base, float(targets[i]), value)
        due = dues[i].item()
        start = _start(due, periods[i])
        current.append(value)
        shares.append(share)
        states.append(status(share, reached, start, due, outcome.as_of.date(), outcome.rules.lang))
    for key, cells in (("current", current), ("progress", shares), ("status", states)):
        if key in data.fields:
            book.write_column("Targets", key, cells)


def _start(due: dt.date | None, period: object) -> dt.date | None:
    if due is None:
        return None
    text = str(period or "").strip().casefold()
    months = next((m for zh, en, m in PERIODS.values() if text in (zh, en.casefold())), 12)
    start = pd.Timestamp(due) - pd.DateOffset(months=months)
    day: dt.date = start.date()
    return day


def _describe(outcome: Outcome, parameters: Parameters, report: RefreshReport) -> None:
    rules, lang = outcome.rules, outcome.rules.lang
    report.segments = [asdict(g) for g in outcome.groups]
    liveliest_first = sorted(rules.lifecycle_rules, key=lambda r: r.months_since or 0)
    report.stages = _counted(outcome.results["lifecycle"], [r.label for r in liveliest_first])
    report.rfm_classes = _counted(outcome.results["rfm_class"], [c.label for c in rules.rfm_classes])
    for _, key in outcome.merged.typed_kept:
        header = CUSTOMERS.field(key).header(lang, rules.settings.unit)
        report.typed_kept[header] = report.typed_kept.get(header, 0) + 1
    report.wrong_rows = sum(isinstance(t, CellError) for t in outcome.results["segment"])
    report.order_lines_skipped, report.order_lines_later = outcome.facts.skipped, outcome.facts.later
    report.rule_findings = [f.text(lang) for f in parameters.findings]


def _counted(cells: Sequence[object], order: Sequence[str]) -> dict[str, int]:
    """How many customers have each label: those in `order` first, then the others by number."""
    counts = Counter(str(c) for c in cells if c and not isinstance(c, CellError))
    rank = {name: i for i, name in reversed(list(enumerate(order)))}
    return {n: counts[n] for n in sorted(counts, key=lambda n: (rank.get(n, len(rank)), -counts[n], n))}


def refresh(
    path: str | Path,
    *,
    as_of: object = None,
    out: str | Path | None = None,
    orders: str | Path | None = None,
    formulas: FormulaForm | None = None,
    break_signature: bool = False,
) -> RefreshReport:
    """Bring a workbook up to date; `out` writes elsewhere, `orders` adds an order log from a file.

    A digitally signed workbook is refused unless `break_signature`: then the signature goes.

    The workbook is replaced atomically and the old one kept as .bak; with nothing to change,
    nothing is written. Errors: CrmXlError with a message for the person at the desk.
    """
    day = as_date(as_of) if as_of is not None else today()
    target = Path(out) if out is not None else None
    if target is not None:
        check_target(target)
    with locked(Path(path) if target is None else target), gc_paused():
        book, customers, lang = open_book(path)
        if target is not None and target.suffix.lower() != book.path.suffix.lower():
            raise Refused("out_kind", path=target, kinds=book.path.suffix)
        notes = SourceNotes()
        log = None
        if orders is not None:
            loaded = load_source(orders, ORDERS, book_unit(customers))
            notes.add(orders, loaded, lang)
            log = loaded.frame
        report = refresh_book(book, customers, lang, as_of=day, form=formulas, orders=log)
        report.repairs, report.problems = notes.repairs, notes.problems
        if book.forced_calculation and book.is_ours:
            report.notes.append(message("forced_calculation", lang))
        report.changed = book.save(target, break_signature=break_signature)
    report.parts, report.cells = book.report.parts, book.report.cells
    report.written, report.left_alone = book.report.changes, book.report.left
    report.recalculated, report.untouched_parts = book.report.recalculated, book.report.untouched_parts
    return report


def check_target(target: Path) -> None:
    """Errors: file_is_folder, folder_missing."""
    if target.is_dir():
        raise CrmXlError("file_is_folder", path=target)
    if not target.parent.is_dir():
        raise CrmXlError("folder_missing", path=target.parent)
