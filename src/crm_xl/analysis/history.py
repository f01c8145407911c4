"""Snapshots: what each refresh saw, thinned when there are many, and the trend between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum
from types import MappingProxyType

from crm_xl.rules.models import ActivityRule
from crm_xl.vocabulary.labels import is_label

from .rates import churn_rate, is_active, retention_rate, winback_rate


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One customer at one date."""

    as_of: date
    customer_id: str
    segment: str
    activity: str
    lifecycle: str
    rfm_class: str
    annual_spend: float | None
    order_count: float | None


def add_snapshot(
    history: Sequence[Snapshot], today: Sequence[Snapshot], as_of: date, limit: int
) -> tuple[list[Snapshot], int]:
    """History with the snapshot of `as_of` put in (the same date again replaces it).

    Beyond `limit` rows, older dates thin to the last one of each month, then the oldest go.
    Returns the rows by date, and how many dates were dropped.
    """
    by_date: dict[date, list[Snapshot]] = {}
    for row in history:
        if row.as_of != as_of:
            by_date.setdefault(row.as_of, []).append(row)
    by_date[as_of] = list(today)
    dates = sorted(by_date)
    dropped = 0

    def rows() -> int:
        return sum(len(by_date[d]) for d in dates)

    if rows() > limit:
        last_of_month = {(d.year, d.month): d for d in dates if d != as_of}
        keep = {*last_of_month.values(), as_of}
        for d in [d for d in dates if d not in keep]:
            if rows() <= limit:
                break
            dates.remove(d)
            dropped += 1
    while rows() > limit and len(dates) > 1:
        oldest = next(d for d in dates if d != as_of)
        dates.remove(oldest)
        dropped += 1
    return [row for d in dates for row in by_date[d]], dropped


NO_STARTS: Mapping[date, Mapping[str, str]] = MappingProxyType({})
QUARTER = 3


def period_months(rules: Sequence[ActivityRule]) -> int:
    """Months that movement is measured over: a quarter, or as long as it takes to be lost.

    Over a shorter time no active customer can become lost, and the churn rate would always be 0.
    """
    return max(QUARTER, *(r.months_since or 0 for r in rules)) if rules else QUARTER


@dataclass(frozen=True, slots=True)
class TrendRow:
    """Key figures of one snapshot; the movement is against the snapshot before it."""

    as_of: date
    customers: int
    active: int
    dormant: int
    lost: int
    spend: float
    repurchase_rate: float | None
    winback_rate: float | None
    churn_rate: float | None
    retention_rate: float | None


def trend(history: Sequence[Snapshot], starts: Mapping[date, Mapping[str, str]] = NO_STARTS) -> list[TrendRow]:
    """One row per date, in order. A rate without a base is None.

    Movement is from each customer's activity at the start of the period, where `starts` has it for
    that date (from the log), else from the snapshot before.
    """
    by_date: dict[date, list[Snapshot]] = {}
    for row in history:
        by_date.setdefault(row.as_of, []).append(row)
    rows: list[TrendRow] = []
    before: dict[str, str] = {}
    for d in sorted(by_date):
        now = by_date[d]
        orders = [r.order_count or 0 for r in now]
        once, repeat = sum(o >= 1 for o in orders), sum(o >= 2 for o in orders)
        after = {r.customer_id: r.activity for r in now}
        before = {**before, **starts.get(d, {})}
        both = [i for i in before if i in after]
        start, end = [before[i] for i in both], [after[i] for i in both]
        rows.append(
            TrendRow(
                as_of=d,
                customers=len(now),
                active=sum(is_active(r.activity) for r in now),
                dormant=sum(is_label(r.activity, "dormant") for r in now),
                lost=sum(is_label(r.activity, "lost") for r in now),
                spend=round(fsum(r.annual_spend or 0.0 for r in now), 6),
                repurchase_rate=repeat / once if once else None,
                winback_rate=winback_rate(start, end),
                churn_rate=churn_rate(start, end),
                retention_rate=retention_rate(start, end),
            )
        )
        before = after
    return rows
