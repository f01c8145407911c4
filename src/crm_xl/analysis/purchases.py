"""What each customer bought on each day: the days that cohorts, rhythms and back-tests count."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from .cleaning import Objects, id_codes
from .compare import rounded
from .dates import Bools, Codes, Days, Floats


class DayNets(NamedTuple):
    """Net amount of each customer on each day with a line, ordered by customer and day. Shape (p,) each.

    `who`: customer codes, `when`: datetime64[D], `net`: in the unit of the lines.
    """

    who: Codes
    when: Days
    net: Floats

    @property
    def bought(self) -> Bools:
        """Days with a net above 0. A day of refunds is no purchase, nor is one that takes back all it bought."""
        return rounded(self.net) > 0

    def purchases(self) -> tuple[Codes, Days]:
        """(who, when) of the days with a purchase, each once, ordered by customer and day."""
        return self.who[self.bought], self.when[self.bought]


def day_nets(codes: Codes, days: Days, amounts: Floats, as_of: date) -> DayNets:
    """Order lines -> net by customer and day (domain.md §2, without order numbers).

    `codes` (n,): a number from 0 for each customer, -1 for none (see `cleaning.id_codes`); `days` (n,) datetime64,
    `amounts` (n,). A line without a customer, day or finite amount does not count, nor one after `as_of`.
    """
    days = days.astype("datetime64[D]")
    usable = (codes >= 0) & (days <= np.datetime64(as_of, "D")) & np.isfinite(amounts)  # NaT is never <=
    if not usable.all():
        codes, days, amounts = codes[usable], days[usable], amounts[usable]
    if not codes.size:
        return DayNets(np.empty(0, dtype=np.intp), np.empty(0, dtype="datetime64[D]"), np.empty(0))
    ordinals = days.astype(np.int64)
    begins, span = ordinals.min(), np.ptp(ordinals) + 1
    # one integer per customer and day: sorting it is far quicker than sorting two columns
    key = codes.astype(np.int64) * span + (ordinals - begins)
    order = np.argsort(key)
    key = key[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    net = np.add.reduceat(amounts[order].astype(float), first)
    who, when = np.divmod(key[first], span)
    return DayNets(who.astype(np.intp), (when + begins).astype("datetime64[D]"), net)


def nets_of(orders: pd.DataFrame | None, ids: Objects, as_of: date) -> DayNets:
    """`day_nets` of an order log (see `facts.fold`) for the customers with these normal ids (n,): code i is the first
    row with that id. Lines of other customers do not count."""
    if orders is None or not len(orders):
        return day_nets(np.empty(0, dtype=np.intp), np.empty(0, dtype="datetime64[D]"), np.empty(0), as_of)
    codes, known = id_codes(orders["customer_id"])  # type: ignore[arg-type]
    rows: dict[object, int] = {}
    for row, customer in enumerate(ids.tolist()):
        if customer:
            rows.setdefault(customer, row)
    row_of = np.array([*(rows.get(k, -1) for k in known.tolist()), -1], dtype=np.intp)
    days = orders["order_date"].to_numpy().astype("datetime64[D]")
    return day_nets(row_of[codes], days, orders["amount"].to_numpy(dtype=float), as_of)
