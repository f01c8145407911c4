"""What customers bought in a period and in the same one a year before, and what became of their contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cleaning import normal_ids
from .dates import Bools, Days, Floats, edate
from .history import Snapshot


def net_by_period(
    orders: pd.DataFrame | None, ids: NDArray[np.object_], as_of: date, months: int
) -> tuple[Floats, Floats]:
    """Net order amounts (yuan) of each customer in the `months` up to `as_of` and in the same months a year ago.

    A customer without a line has 0. All NaN where the log does not reach back to the first day of the period.
    `orders`: customer_id, order_date, amount, as `facts.fold` takes them.
    """
    unknown = np.full(len(ids), np.nan)
    if orders is None or not len(orders):
        return unknown, unknown.copy()
    day = np.array(as_of, dtype="datetime64[D]")
    days = orders["order_date"].to_numpy().astype("datetime64[D]")
    amounts = orders["amount"].to_numpy(dtype=float)
    usable = ~np.isnat(days) & np.isfinite(amounts)
    if not usable.any():
        return unknown, unknown.copy()
    begins = days[usable].min()
    found = []
    for back in (0, 12):
        last = edate(day, -back)
        first = edate(day, -back - months)
        inside = usable & (days > first) & (days <= last)
        if begins > first + np.timedelta64(1, "D"):
            found.append(unknown.copy())
            continue
        buyers = normal_ids(orders["customer_id"][inside])
        sums = pd.Series(amounts[inside]).groupby(buyers).sum()
        found.append(sums.reindex(ids).fillna(0.0).to_numpy(dtype=float))
    return found[0], found[1]


def contracts(signed: Days, first_order: Days, ends: Days, as_of: date, months: int) -> tuple[Bools, Bools]:
    """(renewed, lapsed) of each customer in the `months` up to `as_of`.

    Renewed: signed in the period by somebody who had bought before, and still running. Lapsed: ended in the period,
    with no later end written down. Both together were due.
    """
    day = np.array(as_of, dtype="datetime64[D]")
    start = edate(day, -months)
    renewed: Bools = (signed > start) & (signed <= day) & (first_order < signed) & (ends > day)
    lapsed: Bools = (ends > start) & (ends <= day)
    return renewed, lapsed


def states_before(history: Sequence[Snapshot], as_of: date, starts: Mapping[str, str]) -> dict[str, str]:
    """Customer id -> activity at the start of the period: what the log says (`starts`), else what the last snapshot
    before `as_of` saw."""
    earlier = [s for s in history if s.as_of < as_of]
    states: dict[str, Any] = {}
    if earlier:
        last = max(earlier, key=lambda s: s.as_of)
        states.update(zip(last.customer_id, last.activity, strict=True))
    return {**states, **starts}
