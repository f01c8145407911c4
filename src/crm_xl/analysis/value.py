"""Customer lifetime value and ABC class (domain.md §8)."""

from __future__ import annotations

import numpy as np

from .compare import INCOMPLETE, rounded
from .dates import Codes, Floats


def clv(order_value: Floats, per_year: Floats, years: Floats, margin: Floats, rate: Floats) -> Floats:
    """order value * orders per year * margin * annuity factor; rate 0: times years.

    The factor (1 - (1 + d)^-years) / d is that of an ordinary annuity (payments at year ends).
    """
    safe = np.where(rate > 0, rate, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        factor = np.where(rate > 0, -np.expm1(-years * np.log1p(safe)) / safe, years)
        result: Floats = order_value * per_year * margin * factor
    known = ~(np.isnan(order_value) | np.isnan(per_year) | np.isnan(years) | np.isnan(margin) | np.isnan(rate))
    # infinity times 0: too large on the way
    return np.where(known & np.isnan(result), np.inf, result)


def abc_codes(amounts: Floats) -> Codes:
    """0, 1, 2 for A, B, C by the share accumulated *before* the customer, largest first.

    Equal amounts share the class of the first; amounts of 0 and below are C; NaN: INCOMPLETE.
    """
    known = rounded(amounts)
    positive = np.where(known > 0, known, 0.0)
    order = np.argsort(-positive, kind="stable")
    ranked = positive[order]
    total = ranked.sum()
    codes: Codes = np.full(amounts.shape, 2, dtype=np.intp)
    if total > 0:
        before = np.concatenate(([0.0], np.cumsum(ranked)[:-1]))
        first = np.concatenate(([True], ranked[1:] != ranked[:-1]))
        before = before[np.maximum.accumulate(np.where(first, np.arange(len(ranked)), 0))]
        share = rounded(before / total)
        codes[order] = np.where(ranked <= 0, 2, np.where(share < 0.8, 0, np.where(share < 0.95, 1, 2)))
    return np.where(np.isnan(amounts), INCOMPLETE, codes)
