"""Silence: how long each customer has been quiet against the customer's own rhythm, and when customers buy again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from .dates import Bools, Codes, Days, Floats
from .purchases import day_nets

FEWEST = 3
"""Fewer gaps than this are no rhythm."""
LONG = 0.9
WITHIN = (30, 90, 180, 365)
"""Days after the first purchase that the second is looked for in."""


class Silence(NamedTuple):
    """n customers; shape (n,) each, NaN where nothing can be said.

    `days`: since the last purchase. `gaps`: how many own gaps there are, that is purchase days - 1. `median`, `p90`:
    of the gaps that silence is held against, in days. `survival`: share of those gaps that were at least as long,
    above 0 to 1: how usual such a silence is. `pooled`: those gaps are not the customer's own, but everybody's.
    `overdue`: silent for longer than `p90`.
    """

    days: Floats
    gaps: Codes
    median: Floats
    p90: Floats
    survival: Floats
    pooled: Bools
    overdue: Bools


def silences(codes: Codes, days: Days, amounts: Floats, as_of: date, customers: int) -> Silence:
    """Order lines -> silence of customers 0 to `customers` - 1; the lines as for `purchases.day_nets`.

    A gap is the days between two purchase days of a customer that follow each other; orders of one day are one.
    survival = (1 + gaps >= silence) / (1 + gaps): the empirical survival function, the silence itself counted among
    the gaps, so that it is never 0 (Davison and Hinkley, Bootstrap Methods, 1997, eq. 4.11). Quantiles are linear
    (Hyndman-Fan type 7, PERCENTILE.INC).

    With fewer than 3 gaps of their own, customers are held against the gaps of all, each gap once: that is the
    rhythm of those who buy often, so a `pooled` answer says less. Where all together have fewer than 3, only `days`
    is known.
    """
    who, when = day_nets(codes, days, amounts, as_of).purchases()
    inside = who < customers
    who, when = who[inside], when[inside]
    owner, gap = _gaps(who, when)
    silent = np.full(customers, np.nan)
    # ordered by day: the last one of each customer is what stays
    silent[who] = (np.datetime64(as_of, "D") - when).astype(float)
    count = np.bincount(owner, minlength=customers)
    pooled = ~np.isnan(silent) & (count < FEWEST)

    # ascending within each customer; sorting one integer is far quicker than sorting two columns
    key = owner * (int(gap.max(initial=0)) + 1)
    gap = np.sort(key + gap) - key
    starts = np.cumsum(count) - count
    median, p90 = (_quantiles(gap, starts, count, q) for q in (0.5, LONG))
    longer = np.bincount(owner[gap >= silent[owner]], minlength=customers)
    survival = (1 + longer) / (1 + count)

    everybody = np.sort(gap)
    known = len(everybody) >= FEWEST
    median[pooled], p90[pooled] = np.quantile(everybody, (0.5, LONG)) if known else (np.nan, np.nan)
    above = len(everybody) - np.searchsorted(everybody, silent[pooled])
    survival[pooled] = (1 + above) / (1 + len(everybody)) if known else np.nan
    nobody = np.isnan(silent)
    for figure in (median, p90, survival):
        figure[nobody] = np.nan
    return Silence(silent, count, median, p90, survival, pooled, silent > p90)


def _gaps(who: Codes, when: Days) -> tuple[Codes, Codes]:
    """(customer, days) of each gap, from purchase days ordered by customer and day."""
    same = who[1:] == who[:-1]
    return who[1:][same], np.diff(when)[same].astype(np.intp)


def _quantiles(ordered: Codes, starts: Codes, count: Codes, q: float) -> Floats:
    """The linear q-quantile of each run of `count` ascending values from `starts`; NaN for an empty run."""
    result = np.full(len(count), np.nan)
    has = count > 0
    place = (count[has] - 1) * q
    below = np.floor(place).astype(np.intp)
    low = starts[has] + below
    high = np.minimum(low + 1, starts[has] + count[has] - 1)
    result[has] = ordered[low] + (ordered[high] - ordered[low]) * (place - below)
    return result


class Repurchase(NamedTuple):
    """How long customers take to buy again.

    `intervals`: gaps between purchase days of a customer that follow each other; their `mean`, `lower` quartile,
    `median` and `upper` quartile in days, None without one. Gaps that are still open are not among them, so the
    figures are those of customers who came back. `second_within`: days -> share of customers who buy a second time
    within so many days of the first, those still to come counted by Kaplan-Meier; None where nobody has been
    watched for so long.
    """

    customers: int
    intervals: int
    mean: float | None
    lower: float | None
    median: float | None
    upper: float | None
    second_within: Mapping[int, float | None]


def repurchase(codes: Codes, days: Days, amounts: Floats, as_of: date) -> Repurchase:
    """Order lines -> repurchase intervals; the lines as for `purchases.day_nets`."""
    who, when = day_nets(codes, days, amounts, as_of).purchases()
    owner, gap = _gaps(who, when)
    first = np.flatnonzero(np.append(True, who[1:] != who[:-1])) if who.size else np.empty(0, np.intp)
    again = np.append(who[1:] == who[:-1], False)[first] if who.size else np.empty(0, bool)
    waited = (np.datetime64(as_of, "D") - when[first]).astype(float)
    waited[again] = (when[first[again] + 1] - when[first[again]]).astype(float)
    lower, median, upper = np.quantile(gap, (0.25, 0.5, 0.75)).tolist() if gap.size else (None, None, None)
    times, staying = kaplan_meier(waited, again)
    return Repurchase(
        customers=len(first),
        intervals=len(owner),
        mean=float(gap.mean()) if gap.size else None,
        lower=lower,
        median=median,
        upper=upper,
        second_within={day: _gone_by(day, times, staying) for day in WITHIN},
    )


def kaplan_meier(waited: Floats, happened: Bools) -> tuple[Floats, Floats]:
    """(times, survival) of shape (t,): the distinct waits, ascending, and the share to whom it has not happened by then.

    `waited` (n,): until it happened, or where `happened` (n,) is False, until the watch ended (right-censored).
    S(t) = product over t_i <= t of 1 - d_i / n_i; who leaves at t_i is still at risk then (Kaplan and Meier, JASA 53,
    1958).
    """
    times, place = np.unique(waited, return_inverse=True)
    events = np.bincount(place, happened, len(times))
    leaving = np.bincount(place, minlength=len(times))
    at_risk = np.cumsum(leaving[::-1])[::-1]
    survival: Floats = np.cumprod(1 - events / at_risk).astype(float)
    return times, survival


def _gone_by(day: int, times: Floats, staying: Floats) -> float | None:
    if not times.size or (day > times[-1] and staying[-1] > 0):
        return None
    place = int(np.searchsorted(times, day, side="right"))
    return float(1 - staying[place - 1]) if place else 0.0
