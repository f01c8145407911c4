"""Group profile: what each segment looks like (domain.md §10).

The figures are those that the workbook's native formulas compute, so they read cells as Excel
does: a date counts as its serial number, text and booleans as no number.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from math import fsum
from types import NoneType
from typing import NamedTuple

import numpy as np

from .dates import Floats

_EXCEL_EPOCH = dt.datetime(1899, 12, 30)
TOP = 3


def excel_numbers(cells: Sequence[object]) -> Floats:
    """What ISNUMBER accepts, as float64; NaN for anything else."""
    kinds = set(map(type, cells))
    if kinds <= {float, NoneType}:
        return np.array(cells, dtype=float)
    if kinds <= {dt.datetime, NoneType}:  # few days, each of many customers
        days = {cell: (cell - _EXCEL_EPOCH) / dt.timedelta(days=1) if cell else np.nan for cell in set(cells)}  # type: ignore[operator]
        return np.fromiter(map(days.__getitem__, cells), float, len(cells))
    values = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        if isinstance(cell, (float, int)) and not isinstance(cell, bool):
            values[i] = cell
        elif isinstance(cell, dt.datetime):
            values[i] = (cell - _EXCEL_EPOCH) / dt.timedelta(days=1)
    return values


class Group(NamedTuple):
    """One segment's figures; None where there is no base for one."""

    segment: str
    customers: int
    customer_share: float
    spend: float
    spend_share: float
    average_order: float | None
    repurchase_rate: float | None
    collection_days: float | None
    satisfaction: float | None
    industries: str
    preference: str
    churn_causes: str


def top_texts(cells: Sequence[object], members: Sequence[int], joint: str, most: int = TOP) -> str:
    """The `most` most frequent texts, ties by text."""
    counts: Counter[str] = Counter()
    for cell, count in Counter(map(cells.__getitem__, members)).items():
        if isinstance(cell, str):
            counts[str(cell).strip()] += count
    counts.pop("", None)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return joint.join(text for text, _ in ranked[:most])


def _known(values: Floats) -> list[float]:
    known: list[float] = values[~np.isnan(values)].tolist()
    return known


def _mean(values: Floats) -> float | None:
    known = _known(values)
    return fsum(known) / len(known) if len(known) else None


def group_profile(
    tags: Sequence[object], columns: Mapping[str, Sequence[object]], order: Sequence[str], joint: str
) -> list[Group]:
    """One `Group` per tag that occurs: those in `order` first, then others by size.

    `columns` by field key: annual_spend, order_count, average_order, collection_days,
    satisfaction, industry, preference, churn_cause; a missing one counts as empty.
    """
    members: dict[str, list[int]] = {}
    for i, tag in enumerate(tags):
        if type(tag) is str and tag:
            members.setdefault(tag, []).append(i)
    empty = [None] * len(tags)

    def numbers(key: str) -> Floats:
        return excel_numbers(columns.get(key, empty))

    spend, orders, average = numbers("annual_spend"), numbers("order_count"), numbers("average_order")
    days, content = numbers("collection_days"), numbers("satisfaction")
    rank = {tag: i for i, tag in enumerate(order)}
    names = sorted(members, key=lambda t: (rank.get(t, len(rank)), -len(members[t]), t))
    sums = {t: fsum(_known(spend[members[t]])) for t in names}
    people, money = sum(len(m) for m in members.values()), fsum(sums.values())
    groups = []
    for tag in names:
        rows = members[tag]
        repeat, once = int((orders[rows] >= 2).sum()), int((orders[rows] >= 1).sum())
        groups.append(
            Group(
                segment=tag,
                customers=len(rows),
                customer_share=len(rows) / people,
                spend=sums[tag],
                spend_share=sums[tag] / money if money else 0.0,
                average_order=mean_order(average[rows], orders[rows]),
                repurchase_rate=repeat / once if once else None,
                collection_days=_mean(days[rows]),
                satisfaction=_mean(content[rows]),
                industries=top_texts(columns.get("industry", empty), rows, joint),
                preference=top_texts(columns.get("preference", empty), rows, joint),
                churn_causes=top_texts(columns.get("churn_cause", empty), rows, joint),
            )
        )
    return groups


def mean_order(average: Floats, orders: Floats) -> float | None:
    """The average order of some customers, each with the weight of its orders; None without one. Shape (n,) each."""
    weight = average * orders
    both = ~np.isnan(weight)
    count = fsum(orders[both].tolist())
    return fsum(weight[both].tolist()) / count if count else None


def cross_table(first: Sequence[object], second: Sequence[object]) -> Counter[tuple[object, object]]:
    """How many customers have each pair of labels."""
    return Counter(zip(first, second, strict=True))
