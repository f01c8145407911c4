"""Cohorts: customers by the month of their first purchase, and what they did in the months after (domain.md §8)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np

from .compare import rounded
from .dates import Bools, Codes, Days, Floats
from .purchases import day_nets

MONTHS = 12


class Cohorts(NamedTuple):
    """c cohorts, in order of their month, over the months 0 to m after it.

    `months` (c,) datetime64[M]: those in which somebody bought for the first time. `sizes` (c,): their new customers.
    `active` (c, m + 1): customers of the cohort with a purchase k months later. `revenue` (c, m + 1): their net of
    that month, in the unit of the amounts. Both NaN in months to come; in the month that `as_of` is in the middle
    of they hold what came so far, and `running` (c, m + 1) is True.
    """

    months: Days
    sizes: Codes
    active: Floats
    revenue: Floats
    running: Bools

    @property
    def retention(self) -> Floats:
        """active / size, (c, m + 1); NaN in months to come."""
        return _share(self.active, self.sizes[:, None].astype(float))

    @property
    def revenue_retention(self) -> Floats:
        """revenue / revenue of month 0, (c, m + 1); NaN in months to come and without revenue in month 0."""
        return _share(self.revenue, self.revenue[:, :1])

    @property
    def mean_retention(self) -> Floats:
        """Retention over all cohorts, weighted by size, (m + 1,). Only whole months count; NaN where there is none."""
        return self._mean(self.active, self.sizes.astype(float))

    @property
    def mean_revenue_retention(self) -> Floats:
        """The same of revenue: over the revenue of month 0 of the cohorts that have it."""
        first = self.revenue[:, 0]
        has = first > 0
        return self._mean(np.where(has[:, None], self.revenue, np.nan), np.where(has, first, 0.0))

    def _mean(self, values: Floats, base: Floats) -> Floats:
        whole = ~np.isnan(values) & ~self.running
        return _share(np.where(whole, values, 0.0).sum(axis=0), np.where(whole, base[:, None], 0.0).sum(axis=0))


def _share(part: Floats, base: Floats) -> Floats:
    """part / base; NaN where the base is not above 0."""
    part, base = np.broadcast_arrays(part, base)
    result: Floats = np.divide(part, base, out=np.full(part.shape, np.nan), where=base > 0)
    return result


def cohorts(codes: Codes, days: Days, amounts: Floats, as_of: date, months: int = MONTHS) -> Cohorts:
    """Order lines -> cohorts; arguments as for `purchases.day_nets`. Without a purchase there are none: c = 0.

    A customer buys on a day whose lines sum to more than 0: that day makes the cohort and the activity. A refund
    lowers the revenue of its month and makes nobody active. What was returned before the first purchase in the log
    belongs to no cohort. Customers from before the log begins look new in its first months: that is for the caller
    to say.
    """
    lines = day_nets(codes, days, amounts, as_of)
    month, bought = lines.when.astype("datetime64[M]").astype(np.int64), lines.bought
    who, bought_in = lines.who[bought], month[bought]
    width = months + 1
    if not who.size:
        nothing = np.empty((0, width))
        return Cohorts(
            np.empty(0, dtype="datetime64[M]"), np.empty(0, dtype=np.intp), nothing, nothing, nothing.astype(bool)
        )
    newcomers = np.append(True, who[1:] != who[:-1])
    never = np.iinfo(np.int64).max
    born = np.full(int(lines.who.max()) + 1, never)
    born[who[newcomers]] = bought_in[newcomers]
    begins = np.unique(bought_in[newcomers])
    row = np.searchsorted(begins, born)

    def cells(owner: Codes, at: Codes, weights: Floats | None = None) -> Floats:
        """Sums by cohort and months since its own."""
        age = at - born[owner]
        inside = (age >= 0) & (age <= months)
        place = row[owner[inside]] * width + age[inside]
        kept = None if weights is None else weights[inside]
        return np.bincount(place, kept, len(begins) * width).reshape(-1, width).astype(float)

    fresh = newcomers | np.append(True, bought_in[1:] != bought_in[:-1])
    active = cells(who[fresh], bought_in[fresh])
    lasting = born[lines.who] < never
    revenue = rounded(cells(lines.who[lasting], month[lasting], lines.net[lasting]))

    today = np.datetime64(as_of, "D")
    this_month = today.astype("datetime64[M]").astype(np.int64)
    reached = begins[:, None] + np.arange(width)
    to_come = reached > this_month
    ends_today = (today + 1).astype("datetime64[M]").astype(np.int64) > this_month
    return Cohorts(
        months=begins.astype("datetime64[M]"),
        sizes=active[:, 0].astype(np.intp),
        active=np.where(to_come, np.nan, active),
        revenue=np.where(to_come, np.nan, revenue),
        running=(reached == this_month) & ~ends_today,
    )
