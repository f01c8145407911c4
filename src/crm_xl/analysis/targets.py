"""Targets: the current value of a metric, progress and status (domain.md §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import fsum

import numpy as np

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import is_label, label
from crm_xl.vocabulary.metrics import METRICS

from .history import TrendRow
from .profile import excel_numbers
from .rates import is_active, repurchase_rate


def metric_key(text: object) -> str | None:
    """The metric that a cell names, in either language."""
    wanted = str(text).strip().casefold()
    return next((k for k, names in METRICS.items() if wanted in (n.casefold() for n in names)), None)


def metric_value(
    key: str, rows: Sequence[int], columns: Mapping[str, Sequence[object]], movement: TrendRow | None
) -> float | None:
    """A metric over some customers; the rates of movement are those of all customers."""
    if key in ("churn_rate", "retention_rate", "winback_rate"):
        value: float | None = getattr(movement, key) if movement else None
        return value
    empty = [None] * (max(rows, default=-1) + 1)
    activity = [columns.get("activity", empty)[i] for i in rows]
    spend = excel_numbers([columns.get("annual_spend", empty)[i] for i in rows])
    orders = excel_numbers([columns.get("order_count", empty)[i] for i in rows])
    if key == "customers":
        return float(len(rows))
    if key == "active":
        return float(sum(is_active(a) for a in activity))
    if key == "prospects":
        return float(sum(is_label(a, "prospect") for a in activity))
    if key == "spend":
        return fsum(x for x in spend if x == x)
    if key == "repurchase_rate":
        return repurchase_rate(orders)
    if key == "arpu":
        active = sum(is_active(a) for a in activity)
        return fsum(x for x in spend if x == x) / active if active else None
    if key == "average_order":
        average = excel_numbers([columns.get("average_order", empty)[i] for i in rows])
        weight = average * orders
        both = ~np.isnan(weight)
        count = fsum(orders[both])
        return fsum(weight[both]) / count if count else None
    if key == "satisfaction":
        known = excel_numbers([columns.get("satisfaction", empty)[i] for i in rows])
        known = known[~np.isnan(known)]
        return fsum(known) / len(known) if len(known) else None
    raise KeyError(key)


def in_target_scope(scope: object, columns: Mapping[str, Sequence[object]], rows: int) -> list[int]:
    """The rows that a target is about: all, or those with the label `scope` in any label column."""
    text = "" if scope is None else str(scope).strip()
    if not text or is_label(text, "everyone"):
        return list(range(rows))
    labels = [columns[k] for k in SCOPE_COLUMNS if k in columns]
    return [i for i in range(rows) if any(column[i] == text for column in labels)]


SCOPE_COLUMNS = (
    "segment", "value_tier", "activity", "lifecycle", "rfm_class", "level", "industry", "region", "owner",
)  # fmt: skip


def progress(kind: object, baseline: float | None, target: float, current: float | None) -> tuple[float | None, bool]:
    """(share of the way from baseline to target, cut to 0-2; whether the target is reached)."""
    if current is None:
        return None, False
    if is_label(kind, "kind_raise"):
        if baseline is None:
            return None, False
        target = baseline * (1 + target / 100)
    start = 0.0 if baseline is None else baseline
    lower = is_label(kind, "kind_lower")
    reached = current <= target + 1e-9 if lower else current >= target - 1e-9
    if abs(target - start) < 1e-12 or (lower and baseline is None):
        return (1.0 if reached else 0.0), reached
    return min(2.0, max(0.0, (current - start) / (target - start))), reached


def status(share: float | None, reached: bool, start: date | None, due: date | None, as_of: date, lang: Lang) -> str:
    """Achieved; overdue after its date; on track if the share of the way is at least that of time."""
    if reached:
        return label("done", lang)
    if due is not None and as_of > due:
        return label("overdue", lang)
    if share is None:
        return ""
    elapsed = 0.0
    if start is not None and due is not None and due > start:
        elapsed = (as_of - start).days / (due - start).days
    return label("on_track" if share >= elapsed - 1e-9 else "behind", lang)
