"""RFM classes: what each looks like, and where its customers stand by score (domain.md §§5, 10).

The figures are those that the workbook's native formulas compute: see `profile`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import fsum
from typing import NamedTuple

from .profile import excel_numbers

BANDS = 5
"""Lines of the heat map, at most."""


class ClassFigures(NamedTuple):
    """One class. Means over its customers that have the figure; None where none has."""

    rfm_class: str
    customers: int
    customer_share: float
    spend: float
    spend_share: float
    mean_days: float | None
    mean_orders: float | None
    mean_spend: float | None
    repurchase_rate: float | None


def class_figures(
    labels: Sequence[object], columns: Mapping[str, Sequence[object]], order: Sequence[str], as_of: date
) -> list[ClassFigures]:
    """A row for each class in `order`, whether it has customers or not, then for others by size.

    `labels`: class of each customer; `columns` by field key: annual_spend, order_count, last_order,
    period_orders, period_spend, as cells; a missing one counts as empty.
    """
    members: dict[str, list[int]] = {name: [] for name in order}
    for i, name in enumerate(labels):
        if type(name) is str and name:
            members.setdefault(name, []).append(i)
    names = [*dict.fromkeys(order), *sorted(members.keys() - set(order), key=lambda n: (-len(members[n]), n))]
    empty = [None] * len(labels)
    spend, orders, last, period_orders, period_spend = (
        excel_numbers(columns.get(key, empty))
        for key in ("annual_spend", "order_count", "last_order", "period_orders", "period_spend")
    )
    today = excel_numbers([datetime(as_of.year, as_of.month, as_of.day)])[0]
    days = today - last // 1
    sums = {n: fsum(x for x in spend[members[n]].tolist() if x == x) for n in names}
    people, money = sum(map(len, members.values())), fsum(sums.values())
    found = []
    for name in names:
        rows = members[name]
        repeat, once = int((orders[rows] >= 2).sum()), int((orders[rows] >= 1).sum())
        found.append(
            ClassFigures(
                rfm_class=name,
                customers=len(rows),
                customer_share=len(rows) / people if people else 0.0,
                spend=sums[name],
                spend_share=sums[name] / money if money else 0.0,
                mean_days=_mean([d for d in days[rows].tolist() if d >= 0]),
                mean_orders=_mean([x for x in period_orders[rows].tolist() if x == x]),
                mean_spend=_mean([x for x in period_spend[rows].tolist() if x == x]),
                repurchase_rate=repeat / once if once else None,
            )
        )
    return found


def _mean(values: Sequence[float]) -> float | None:
    return fsum(values) / len(values) if values else None


def score_bands(highest: int) -> list[tuple[int, int]]:
    """Scores 1 to `highest` in at most five bands of one or more scores, each (lowest, highest)."""
    count = min(BANDS, highest)
    lowest = [band * highest // count + 1 for band in range(count)]
    return [(low, high - 1) for low, high in zip(lowest, [*lowest[1:], highest + 1], strict=True)]


Place = tuple[int, int]
"""Band of the R score, band of the F score, each from 0, the worst."""


def heat(
    scores: Sequence[object], spend: Sequence[object], bands: Sequence[tuple[int, int]]
) -> tuple[Counter[Place], dict[Place, float]]:
    """Customers and their annual spend by place. `scores`: texts of three digits, R F M; others count for nothing."""
    band_of = {str(s): i for i, (low, high) in enumerate(bands) for s in range(low, high + 1)}
    counts: Counter[Place] = Counter()
    sums: dict[Place, list[float]] = {}
    for text, amount in zip(scores, excel_numbers(spend).tolist(), strict=True):
        if not (isinstance(text, str) and len(text) == 3 and text[0] in band_of and text[1] in band_of):
            continue
        place = band_of[text[0]], band_of[text[1]]
        counts[place] += 1
        sums.setdefault(place, []).append(0.0 if amount != amount else amount)
    return counts, {place: fsum(amounts) for place, amounts in sums.items()}
