"""Concentration: how much of the spend comes from how few customers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compare import rounded
from .dates import Floats

POINTS = 50
"""Points of the curve, at most."""
MOST = 0.8


class Concentration(NamedTuple):
    """Customers with known spend, largest first, and what they are worth together.

    `share_of_customers`, `share_of_spend`: points of the Pareto curve from (0, 0) to (1, 1), shape (p,), p <= 50.
    `deciles` (10,): share of spend of the top 10 %, 20 % ... 100 % of customers, between two customers by linear
    interpolation. `for_most`: the fewest customers that make 80 % of the spend. `gini`: 0 (all the same) to
    1 - 1 / customers. `herfindahl`: sum of squared shares, 1 / customers (all the same) to 1. With fewer than two
    customers, or without spend, there is nothing to compare: empty arrays, and None for the figures.
    """

    customers: int
    total: float
    share_of_customers: Floats
    share_of_spend: Floats
    deciles: Floats
    for_most: int | None
    gini: float | None
    herfindahl: float | None

    @property
    def top_10(self) -> float | None:
        """Share of spend of the top 10 % of customers."""
        return float(self.deciles[0]) if self.deciles.size else None

    @property
    def top_20(self) -> float | None:
        """Share of spend of the top 20 % of customers."""
        return float(self.deciles[1]) if self.deciles.size else None


def concentration(spend: Floats) -> Concentration:
    """Concentration of spend (n,), in any unit. NaN is unknown and left out; below 0 (refunds) counts as 0.

    Gini: (2 sum(i x_i) / sum(x) - (n + 1)) / n with x ascending, i from 1: twice the area between the Lorenz curve
    and the diagonal (Gini 1912; Sen, On Economic Inequality, 1973), without correction for small n. Herfindahl:
    Hirschman, The Paternity of an Index, AER 54 (1964).
    """
    ranked = np.sort(np.maximum(spend[~np.isnan(spend)], 0.0))[::-1]
    count, sums = len(ranked), np.cumsum(ranked)
    total = float(sums[-1]) if count else 0.0
    if count < 2 or not total > 0:
        nothing = np.empty(0)
        return Concentration(count, total, nothing, nothing, nothing, None, None, None)
    curve = np.append(0.0, sums / total)
    places = np.unique(np.rint(np.linspace(0, count, min(POINTS, count + 1))).astype(np.intp))
    shares = ranked / total
    rank = np.arange(count, 0, -1)
    return Concentration(
        customers=count,
        total=total,
        share_of_customers=places / count,
        share_of_spend=curve[places],
        deciles=np.interp(np.arange(1, 11) / 10 * count, np.arange(count + 1), curve),
        for_most=int(np.searchsorted(rounded(curve), MOST)),
        gini=max(0.0, float((2 * (rank * shares).sum() - (count + 1)) / count)),
        herfindahl=float((shares**2).sum()),
    )
