"""Targets: the current value of a metric, progress and status (domain.md §11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from math import ceil

import numpy as np

from crm_xl.cells import CellError
from crm_xl.vocabulary.fields import Lang, find_field
from crm_xl.vocabulary.labels import is_label, label
from crm_xl.vocabulary.metrics import METRICS
from crm_xl.vocabulary.records import CUSTOMERS

from .dates import Floats
from .profile import excel_numbers, mean_order
from .rates import (
    churn_rate,
    conversion_rate,
    csat,
    growth_rate,
    is_active,
    nps,
    rate,
    repurchase_rate,
    retention_rate,
    total,
    upsell_rate,
    winback_rate,
)  # fmt: skip


def metric_key(text: object) -> str | None:
    """The metric that a cell names, in either language."""
    wanted = str(text).strip().casefold()
    return next((k for k, names in METRICS.items() if wanted in (n.casefold() for n in names)), None)


def metric_value(key: str, rows: Sequence[int], columns: Mapping[str, Sequence[object]]) -> float | None:
    """A metric over some customers; None where it has no base.

    `columns` by field key, n cells each; beside those of the customers: activity_before (activity a period ago, ''
    unknown), recommend, and for the period of the target period_net, year_ago_net (yuan; NaN unknown), renewed and
    lapsed (contracts, TRUE or FALSE). A column that is missing counts as empty.
    """
    empty = [None] * (max(rows, default=-1) + 1)

    def cells(name: str) -> list[object]:
        column = columns.get(name, empty)
        return [column[i] for i in rows]

    def numbers(name: str) -> Floats:
        return excel_numbers(cells(name))

    if key == "customers":
        return float(len(rows))
    if key in ("active", "prospects", "arpu"):
        activity = cells("activity")
        if key == "prospects":
            return float(sum(is_label(a, "prospect") for a in activity))
        active = sum(is_active(a) for a in activity)
        return float(active) if key == "active" else rate(total(numbers("annual_spend")), active)
    if key in _MOVES:
        pairs = zip(cells("activity_before"), cells("activity"), strict=True)
        known = [(str(a), str(b)) for a, b in pairs if a and b and not isinstance(b, CellError)]
        return _MOVES[key]([a for a, _ in known], [b for _, b in known])
    if key == "spend":
        return total(numbers("annual_spend"))
    if key == "complaints":
        counted = numbers("complaints")
        return None if np.isnan(counted).all() else total(counted)
    if key == "repurchase_rate":
        return repurchase_rate(numbers("order_count"))
    if key == "average_order":
        return mean_order(numbers("average_order"), numbers("order_count"))
    if key == "satisfaction":
        known_numbers = numbers("satisfaction")
        known_numbers = known_numbers[~np.isnan(known_numbers)]
        return rate(total(known_numbers), len(known_numbers))
    if key == "csat":
        return csat(_on_scale(numbers("satisfaction"), 1, 5))
    if key == "nps":
        return nps(_on_scale(numbers("recommend"), 0, 10))
    if key == "conversion_rate":
        orders = numbers("order_count")
        return conversion_rate(cells("activity_before"), np.full(len(orders), np.nan), orders)
    if key == "growth_rate":
        return growth_rate(numbers("period_net"), numbers("year_ago_net"))
    if key == "upsell_rate":
        return upsell_rate(numbers("period_net"), numbers("year_ago_net"))
    if key == "renewal_rate":
        renewed = sum(cell is True for cell in cells("renewed"))
        return rate(float(renewed), renewed + sum(cell is True for cell in cells("lapsed")))
    raise KeyError(key)


_MOVES: dict[str, Callable[[Sequence[str], Sequence[str]], float | None]] = {
    "churn_rate": churn_rate,
    "retention_rate": retention_rate,
    "winback_rate": winback_rate,
}


def _on_scale(values: Floats, low: float, high: float) -> Floats:
    return np.where((values >= low) & (values <= high), values, np.nan)


def list_column(text: object, columns: Mapping[str, Sequence[object]]) -> str | None:
    """The key of the column of figures that a list is ranked by: a metric's, a field's, or the user's own header."""
    if text is None or not str(text).strip():
        return None
    metric = metric_key(text)
    found = find_field(CUSTOMERS, text)
    if found is not None and found[0].kind in _FIGURES and found[0].key in columns:
        return found[0].key
    if metric is not None and _LISTED.get(metric) in columns:
        return _LISTED[metric]
    own = str(text).strip()
    return own if found is None and own in columns else None


_FIGURES = frozenset({"money", "number", "count", "ratio", "rating"})
_LISTED = {
    "spend": "annual_spend",
    "average_order": "average_order",
    "repurchase_rate": "repurchase_rate",
    "satisfaction": "satisfaction",
    "complaints": "complaints",
}
"""Metric -> the column that it sums up."""


def list_share(value: float) -> float | None:
    """The share of customers that a list asks for: 20 and 0.2 (20 % in a cell) are one fifth. None: impossible."""
    if not 0 < value <= 100:
        return None
    return value if value < 1 else value / 100


def top_rows(rows: Sequence[int], values: Sequence[object], share: float) -> list[tuple[int, int, float]]:
    """(rank, row, value) of the best `share` of the rows whose value is above 0; equal values share a rank, and no
    two of them are torn apart by the end of the list."""
    figures = excel_numbers([values[i] for i in rows])
    known = sorted(((float(v), i) for v, i in zip(figures, rows, strict=True) if v > 0), key=lambda x: (-x[0], x[1]))
    if not known:
        return []
    last = known[min(len(known), ceil(share * len(known) - 1e-9)) - 1][0]
    found: list[tuple[int, int, float]] = []
    for place, (value, row) in enumerate(known, 1):
        if value < last:
            break
        found.append((found[-1][0] if found and found[-1][2] == value else place, row, value))
    return found


def in_target_scope(scope: object, columns: Mapping[str, Sequence[object]], rows: int) -> list[int]:
    """The rows that a target is about: all, or those with the label `scope` in any label column."""
    text = "" if scope is None else str(scope).strip()
    if not text or is_label(text, "everyone"):
        return list(range(rows))
    found: set[int] = set()
    for cells in (columns[k] for k in SCOPE_COLUMNS if k in columns):
        known = {cell: str(cell).strip() == text for cell in set(cells) if type(cell) is str}
        found.update(
            i
            for i, cell in enumerate(cells)
            if (known[cell] if type(cell) is str else cell is not None and str(cell).strip() == text)
        )
    return sorted(found)


def has_scope(scope: object, columns: Mapping[str, Sequence[object]]) -> bool:
    """Whether a target is about any row at all."""
    labels = [columns[k] for k in SCOPE_COLUMNS if k in columns]
    if any(str(scope).strip() in column for column in labels):  # as it is mostly spelt
        return True
    return bool(in_target_scope(scope, columns, len(columns["customer_id"])))


SCOPE_COLUMNS = (
    "segment", "value_tier", "activity", "lifecycle", "rfm_class", "level", "account_grade", "industry", "region",
    "city", "owner",
)  # fmt: skip


def target_figure(kind: object, baseline: float, target: float) -> float | None:
    """The figure to reach, whatever the kind; None for a list or where the numbers (NaN) do not say."""
    if is_label(kind, "kind_list") or np.isnan(target):
        return None
    if is_label(kind, "kind_raise"):
        return None if np.isnan(baseline) else baseline * (1 + target / 100)
    return target


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
