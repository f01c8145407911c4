"""Rates over a set of customers (domain.md §8). Each is None where its base is empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import fsum, sqrt

import numpy as np

from crm_xl.cells import CellError
from crm_xl.vocabulary.labels import is_label

from .compare import rounded
from .dates import Days, Floats, whole_months

_IDLE = ("prospect", "prospect_customer", "dormant", "lost", "incomplete", "out_of_scope")


def is_active(activity: object) -> bool:
    """Neither prospect, dormant nor lost; nothing known is not active."""
    return bool(activity) and not isinstance(activity, CellError) and not _is_idle(activity)


@lru_cache(maxsize=256)
def _is_idle(activity: object) -> bool:
    return is_label(activity, *_IDLE)


def rate(part: float, base: float) -> float | None:
    """part / base; None without a base."""
    return part / base if base else None


def total(values: Floats) -> float:
    """The sum of what is known, exactly; NaN is unknown."""
    return fsum(values[~np.isnan(values)].tolist())


def repurchase_rate(orders: Floats) -> float | None:
    """Customers with at least 2 orders / with at least 1."""
    known = rounded(orders[~np.isnan(orders)])
    return rate(int((known >= 2).sum()), int((known >= 1).sum()))


def churn_rate(before: Sequence[str], after: Sequence[str]) -> float | None:
    """Active at the start and lost at the end / active at the start."""
    moves = Counter(zip(before, after, strict=True))
    base = {move: n for move, n in moves.items() if is_active(move[0])}
    return rate(sum(n for (_, end), n in base.items() if is_label(end, "lost")), sum(base.values()))


def retention_rate(before: Sequence[str], after: Sequence[str]) -> float | None:
    """1 - churn rate."""
    churn = churn_rate(before, after)
    return None if churn is None else 1 - churn


def winback_rate(before: Sequence[str], after: Sequence[str]) -> float | None:
    """Dormant or lost at the start and active at the end / dormant or lost at the start."""
    moves = Counter(zip(before, after, strict=True))
    base = {move: n for move, n in moves.items() if is_label(move[0], "dormant", "lost")}
    return rate(sum(n for (_, end), n in base.items() if is_active(end)), sum(base.values()))


UPSELL = 1.2
"""From so much of last year's spend on, a customer buys more."""


def growth_rate(now: Floats, year_ago: Floats) -> float | None:
    """Spend of a period / spend of the same period a year ago - 1; None unless that was above 0. NaN: unknown."""
    base = total(year_ago)
    return total(now) / base - 1 if rounded(np.array(base)) > 0 else None


def upsell_rate(now: Floats, year_ago: Floats) -> float | None:
    """Customers whose spend rose by 20 % or more / customers with spend in both periods."""
    with np.errstate(invalid="ignore"):
        both = (now > 0) & (year_ago > 0)
    more = rounded(now[both]) >= rounded(UPSELL * year_ago[both])
    return rate(int(more.sum()), int(both.sum()))


def conversion_rate(before: Sequence[object], orders_before: Floats, orders: Floats) -> float | None:
    """Prospects at the start (without an order then) who have ordered / prospects at the start. Shape (n,) each."""
    base = np.fromiter((is_label(stage, "prospect") for stage in before), bool, len(before))
    base &= ~(orders_before >= 1)
    return rate(int((orders[base] >= 1).sum()), int(base.sum()))


def nps(ratings: Floats) -> float | None:
    """Per cent of 9-10 minus per cent of 0-6 (Reichheld 2003), -100 to 100."""
    promoters, detractors, known = _answers(ratings)
    return (promoters - detractors) / known * 100 if known else None


NORMAL_95 = 1.959964
"""Standard deviations to either side of the mean that hold 95 % of a normal distribution."""


def nps_margin(ratings: Floats, z: float = NORMAL_95) -> float | None:
    """Points to either side of the NPS that its true value is within, with 95 % certainty at the default `z`.

    z sqrt((p + d - (p - d)^2) / n) * 100, p and d the shares of promoters and detractors: an answer counts 1, 0 or -1,
    and that is the variance of their mean (a trinomial; Rocks, Interval Estimation for the "Net Promoter Score", The
    American Statistician 70, 2016: its Wald interval). Too narrow for few answers: 0 where all of them agree.
    """
    promoters, detractors, known = _answers(ratings)
    if not known:
        return None
    p, d = promoters / known, detractors / known
    return z * sqrt((p + d - (p - d) ** 2) / known) * 100


def _answers(ratings: Floats) -> tuple[int, int, int]:
    """Promoters (9-10), detractors (0-6), and how many answered at all."""
    known = rounded(ratings[~np.isnan(ratings)])
    return int((known >= 9).sum()), int((known <= 6).sum()), known.size


def csat(ratings: Floats) -> float | None:
    """Share of ratings of 4 and 5, 0 to 1."""
    known = rounded(ratings[~np.isnan(ratings)])
    return rate(int((known >= 4).sum()), known.size)


def orders_per_month(orders: Floats, first: Days, as_of: Days, window: Floats) -> Floats:
    """orders / max(1, min(window, whole months since the first order)); window 0: uncapped."""
    months = whole_months(first, as_of)
    capped = np.where(window > 0, np.minimum(window, months), months)
    result: Floats = orders / np.maximum(1.0, capped)
    return result
