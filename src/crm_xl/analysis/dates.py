"""Calendar arithmetic on `datetime64[D]` arrays, as Excel's EDATE does it. NaT stays NaT."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


def edate(days: Days, months: int | NDArray[np.int64]) -> Days:
    """The same day of the month `months` later; cut to the month's last day."""
    if days.size == 1 and isinstance(months, int):
        return _edate_of_one(int(days.astype("datetime64[D]").astype(np.int64).item()), months).reshape(days.shape)
    return _edate(days, months)


@lru_cache(maxsize=1024)
def _edate_of_one(day: int, months: int) -> Days:
    """The as-of date of a whole column, or of one cell after the other, asks for the same days."""
    result = _edate(np.array([day]).astype("datetime64[D]"), months)
    result.flags.writeable = False
    return result


def _edate(days: Days, months: int | NDArray[np.int64]) -> Days:
    month = days.astype("datetime64[M]")
    day = days - month.astype("datetime64[D]")
    target = month + np.asarray(months, dtype="timedelta64[M]")
    start = target.astype("datetime64[D]")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - start - np.timedelta64(1, "D")
    result: Days = start + np.minimum(day, last)
    return result


def whole_months(start: Days, end: Days) -> Floats:
    """The largest k with EDATE(start, k) <= end; NaN where a date is missing."""
    start, end = np.broadcast_arrays(start, end)
    missing = np.isnat(start) | np.isnat(end)
    a = np.where(missing, np.datetime64("2000-01-01", "D"), start)
    b = np.where(missing, np.datetime64("2000-01-01", "D"), end)
    k: Any = (b.astype("datetime64[M]") - a.astype("datetime64[M]")).astype(np.int64)
    k = k - (edate(a, k) > b)
    result: Floats = np.where(missing, np.nan, k.astype(float))
    return result


def in_window(days: Days, as_of: Days, months: int) -> Bools:
    """EDATE(as_of, -months) < day <= as_of; 0 months: any day up to `as_of`."""
    inside: Bools = days <= as_of
    return inside & (days > edate(as_of, -months)) if months else inside


def in_days(days: Days, as_of: Days, first: int, last: int = 0) -> Bools:
    """as_of - first < day <= as_of - last, in days."""
    inside: Bools = (days > as_of - np.timedelta64(first, "D")) & (days <= as_of - np.timedelta64(last, "D"))
    return inside
