"""Back-test: warnings as of an earlier date against what then happened."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from .dates import Bools, Codes, Days, Floats, in_window
from .rates import rate

TENTHS = 10
LOOKBACK = 12
"""Months in which a customer has bought to be active."""


class Outcome(NamedTuple):
    """What happened to n customers, shape (n,): who was `active` at the start, and who of them fell `silent`."""

    active: Bools
    silent: Bools


def fell_silent(codes: Codes, days: Days, start: date, end: date, customers: int, lookback: int = LOOKBACK) -> Outcome:
    """Customers 0 to `customers` - 1 that bought in the `lookback` months up to `start`, and not in (start, end].

    `codes`, `days` (p,): purchase days, see `purchases.DayNets.purchases`, of a log that reaches back over the
    lookback and on to `end`: what it does not hold looks like silence.
    """
    if not start < end:
        raise ValueError("a period ends after it starts")
    day = days.astype("datetime64[D]")
    begins, ends = (np.array(d, dtype="datetime64[D]") for d in (start, end))

    def seen(inside: Bools) -> Bools:
        found = np.zeros(customers, dtype=bool)
        found[codes[inside & (codes >= 0) & (codes < customers)]] = True
        return found

    active = seen(in_window(day, begins, lookback))
    return Outcome(active, active & ~seen((day > begins) & (day <= ends)))


class Decile(NamedTuple):
    """A tenth of the customers by score, the first most at risk.

    `churned` is a fraction where customers with one score fall into several tenths. `lift`: rate / rate of all.
    `caught`: share of all churned in this tenth and those before it. None without a base.
    """

    customers: int
    churned: float
    rate: float
    lift: float | None
    caught: float | None


class Backtest(NamedTuple):
    """Counts of (flagged, churned), and how well the score orders customers.

    `deciles` and `auc` are over the `scored` customers alone. `auc`: chance that one who churned had a higher score
    than one who stayed, ties half; None unless there are both.
    """

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int
    scored: int
    deciles: tuple[Decile, ...]
    auc: float | None

    @property
    def customers(self) -> int:
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative

    @property
    def flagged(self) -> int:
        return self.true_positive + self.false_positive

    @property
    def churned(self) -> int:
        return self.true_positive + self.false_negative

    @property
    def base_rate(self) -> float | None:
        """Churned / all: the precision of flags that were drawn by lot."""
        return rate(self.churned, self.customers)

    @property
    def precision(self) -> float | None:
        """Flagged who churned / flagged."""
        return rate(self.true_positive, self.flagged)

    @property
    def recall(self) -> float | None:
        """Flagged who churned / churned."""
        return rate(self.true_positive, self.churned)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); None with nothing flagged nor churned."""
        return rate(2 * self.true_positive, self.flagged + self.churned)

    @property
    def lift(self) -> float | None:
        """Precision / base rate."""
        return None if self.precision is None else rate(self.precision, self.base_rate or 0)


def backtest(flagged: Bools, score: Floats, churned: Bools) -> Backtest:
    """n customers: warned or not, their score (higher: more at risk; NaN: none) and what happened, shape (n,) each.

    Up to ten tenths, as even as whole customers allow; fewer than ten customers are one each. Customers with one
    score have no order among themselves: each tenth that they reach into takes its part of their churned, which is
    what to expect if chance ordered them.
    """
    known = ~np.isnan(score)
    deciles, auc = _by_score(score[known], churned[known])
    return Backtest(
        true_positive=int((flagged & churned).sum()),
        false_positive=int((flagged & ~churned).sum()),
        false_negative=int((~flagged & churned).sum()),
        true_negative=int((~flagged & ~churned).sum()),
        scored=int(known.sum()),
        deciles=deciles,
        auc=auc,
    )


def _by_score(score: Floats, churned: Bools) -> tuple[tuple[Decile, ...], float | None]:
    """AUC = (chance of a pair in order + half that of a tie), the Mann-Whitney U over the number of pairs
    (Hanley and McNeil, Radiology 143, 1982)."""
    count, lost = len(score), int(churned.sum())
    _, group = np.unique(-score, return_inverse=True)
    size = np.bincount(group).astype(float)
    bad = np.bincount(group, churned, len(size))
    # churned among the first so many customers, from the highest score on
    ends, caught = np.append(0.0, np.cumsum(size)), np.append(0.0, np.cumsum(bad))
    good = size - bad
    stayed_below = (count - lost) - np.cumsum(good)
    pairs = lost * (count - lost)
    auc = float((bad * (stayed_below + good / 2)).sum() / pairs) if pairs else None

    tenths = min(TENTHS, count)
    edges = np.arange(tenths + 1) * count // max(tenths, 1)
    at_edge = np.interp(edges, ends, caught)
    base = rate(lost, count) or 0.0
    rows = zip(np.diff(edges).tolist(), np.diff(at_edge).tolist(), at_edge[1:].tolist(), strict=True)
    found = (Decile(n, some, some / n, rate(some / n, base), rate(so_far, lost)) for n, some, so_far in rows)
    return tuple(found), auc
