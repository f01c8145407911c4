"""Snapshots: what each refresh saw, thinned when there are many, and the trend between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from crm_xl.rules.models import ActivityRule
from crm_xl.vocabulary.labels import is_label

from .dates import Floats
from .rates import churn_rate, is_active, repurchase_rate, retention_rate, total, winback_rate


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All customers at one date, column by column, each of n cells: texts '', numbers NaN where there is none."""

    as_of: date
    customer_id: Sequence[str]
    segment: Sequence[str]
    activity: Sequence[str]
    lifecycle: Sequence[str]
    rfm_class: Sequence[str]
    annual_spend: Floats
    order_count: Floats
    level: Sequence[str]
    score: Floats
    account_grade: Sequence[str]

    def __len__(self) -> int:
        return len(self.customer_id)


def add_snapshot(history: Sequence[Snapshot], today: Snapshot, limit: int) -> tuple[list[Snapshot], int]:
    """History with the snapshot of today put in (the same date again replaces it), in order of dates.

    Beyond `limit` rows, older dates thin to the last one of each month, then the oldest go; the second
    answer is how many dates were dropped.
    """
    by_date = {s.as_of: s for s in history} | {today.as_of: today}
    dates = sorted(by_date)
    dropped = 0

    def rows() -> int:
        return sum(len(by_date[d]) for d in dates)

    if rows() > limit:
        last_of_month = {(d.year, d.month): d for d in dates if d != today.as_of}
        keep = {*last_of_month.values(), today.as_of}
        for d in [d for d in dates if d not in keep]:
            if rows() <= limit:
                break
            dates.remove(d)
            dropped += 1
    while rows() > limit and len(dates) > 1:
        oldest = next(d for d in dates if d != today.as_of)
        dates.remove(oldest)
        dropped += 1
    return [by_date[d] for d in dates], dropped


NO_STARTS: Mapping[date, Mapping[str, str]] = MappingProxyType({})
QUARTER = 3


def period_months(rules: Sequence[ActivityRule]) -> int:
    """Months that movement is measured over: a quarter, or as long as it takes to be lost.

    Over a shorter time no active customer can become lost, and the churn rate would always be 0.
    """
    return max(QUARTER, *(r.months_since or 0 for r in rules)) if rules else QUARTER


class TrendRow(NamedTuple):
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


def trend(
    history: Sequence[Snapshot],
    starts: Mapping[date, Mapping[str, str]] = NO_STARTS,
    wanted: Callable[[date], bool] = lambda _: True,
) -> list[TrendRow]:
    """One row per wanted date, in order. A rate without a base is None.

    Movement is from each customer's activity at the start of the period, where `starts` has it for
    that date (from the log), else from the snapshot before.
    """
    rows: list[TrendRow] = []
    ordered = sorted(history, key=lambda s: s.as_of)
    for earlier, now in zip([None, *ordered], ordered, strict=False):
        if not wanted(now.as_of):
            continue
        stages = Counter(now.activity)
        before = dict(zip(earlier.customer_id, earlier.activity, strict=True)) if earlier else {}
        before |= starts.get(now.as_of, {})
        after = dict(zip(now.customer_id, now.activity, strict=True))
        both = [i for i in before if i in after]
        start, end = [before[i] for i in both], [after[i] for i in both]
        rows.append(
            TrendRow(
                as_of=now.as_of,
                customers=len(now),
                active=sum(n for stage, n in stages.items() if is_active(stage)),
                dormant=sum(n for stage, n in stages.items() if is_label(stage, "dormant")),
                lost=sum(n for stage, n in stages.items() if is_label(stage, "lost")),
                spend=round(total(now.annual_spend), 6),
                repurchase_rate=repurchase_rate(now.order_count),
                winback_rate=winback_rate(start, end),
                churn_rate=churn_rate(start, end),
                retention_rate=retention_rate(start, end),
            )
        )
    return rows
