"""Between two snapshots: who moved from which label to which, and what became of each group (domain.md §8, §11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .history import Snapshot
from .rates import churn_rate, conversion_rate, repurchase_rate, total, winback_rate

NEW, GONE = "", ""
"""The label before of a customer who is new, and the one after of one who is gone."""


def labels_of(snapshot: Snapshot, key: str) -> dict[str, str]:
    """Customer id -> the label of field `key`; customers without one are left out."""
    cells: Sequence[str] = getattr(snapshot, key)
    return {i: c for i, c in zip(snapshot.customer_id, cells, strict=True) if c}


def migration(start: Snapshot, end: Snapshot, key: str) -> Counter[tuple[str, str]]:
    """Customers by (label at the start, label at the end); NEW and GONE stand for those on one side only."""
    before, after = labels_of(start, key), labels_of(end, key)
    return Counter((before.get(i, NEW), after.get(i, GONE)) for i in before | after)


class Effect(NamedTuple):
    """What became of the customers who had a label at the start. Rates are None without a base.

    `conversion`: prospects at the start with an order at the end / prospects at the start; `spend_before`,
    `spend_after`: annual spend of those who are in both snapshots, in the unit of the history; `cost`: what was
    spent on the strategies for the label, None where nobody says; `yield_ratio`: rise of spend / cost.
    """

    label: str
    before: int
    after: int
    repurchase_before: float | None
    repurchase_after: float | None
    conversion: float | None
    winback: float | None
    churn: float | None
    spend_before: float
    spend_after: float
    cost: float | None

    @property
    def yield_ratio(self) -> float | None:
        return (self.spend_after - self.spend_before) / self.cost if self.cost else None


def effects(start: Snapshot, end: Snapshot, key: str, costs: Mapping[str, float], order: Sequence[str]) -> list[Effect]:
    """An effect for each label that customers had at the start or have at the end: those of `order` first."""
    before, after = labels_of(start, key), labels_of(end, key)
    there = {*before.values(), *after.values()}
    names = [*(n for n in dict.fromkeys(order) if n in there), *sorted(there - set(order))]
    place = {i: n for n, i in enumerate(end.customer_id)}
    rows: dict[str, list[int]] = {}
    for n, i in enumerate(start.customer_id):
        if i in before:
            rows.setdefault(before[i], []).append(n)
    sizes = Counter(after.values())
    return [_effect(n, start, end, rows.get(n, []), place, sizes[n], costs.get(n)) for n in names]


def _effect(
    name: str, start: Snapshot, end: Snapshot, rows: list[int], place: Mapping[str, int], size: int, cost: float | None
) -> Effect:
    both = [(n, place[start.customer_id[n]]) for n in rows if start.customer_id[n] in place]
    first, last = [a for a, _ in both], [b for _, b in both]
    stages_before, stages_after = [start.activity[n] for n in first], [end.activity[n] for n in last]
    return Effect(
        label=name,
        before=len(rows),
        after=size,
        repurchase_before=repurchase_rate(start.order_count[first]) if first else None,
        repurchase_after=repurchase_rate(end.order_count[last]) if last else None,
        conversion=conversion_rate(stages_before, start.order_count[first], end.order_count[last]),
        winback=winback_rate(stages_before, stages_after),
        churn=churn_rate(stages_before, stages_after),
        spend_before=round(total(start.annual_spend[first]), 6),
        spend_after=round(total(end.annual_spend[last]), 6),
        cost=cost,
    )
