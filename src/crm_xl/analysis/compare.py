"""Thresholds: half-open, lower edge included, compared after rounding to 1e-9 (domain.md §1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .dates import Bools, Codes, Floats

DIGITS = 9
INCOMPLETE, PROSPECT, UNCOVERED = -1, -2, -3
"""Codes beside the index of a rule: a needed input is empty, no order yet, no rule applies."""


def rounded(values: Floats) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        once: Floats = np.round(values, DIGITS)
    # rounding a huge number overflows on the way; such a number has no decimals to round
    lost = np.isinf(once)
    return np.where(lost, values, once) if lost.any() else once


def at_least(values: Floats, edge: float) -> Bools:
    """NaN is never at least anything."""
    result: Bools = rounded(values) >= round(edge, DIGITS)
    return result


def edge_codes(values: Floats, edges: Sequence[float | None]) -> Codes:
    """Index of the edge that each value reaches, whatever the edges' order.

    None is "everything below". Below the lowest edge: that lowest one if it is not above 0
    (refunds take the lowest tier), else UNCOVERED. NaN: INCOMPLETE.
    """
    order = sorted(range(len(edges)), key=lambda i: -np.inf if edges[i] is None else float(edges[i] or 0))
    place = np.asarray(order, dtype=np.intp)
    known = rounded(values)
    reached = np.zeros(known.shape, dtype=np.intp)
    for i in order[1:]:
        reached += known >= round(float(edges[i] or 0), DIGITS)
    codes = place[reached]
    lowest = edges[order[0]]
    if lowest is not None and lowest > 0:
        codes = np.where(known < round(lowest, DIGITS), UNCOVERED, codes)
    empty = np.isnan(known)
    return np.where(empty, INCOMPLETE, codes) if empty.any() else codes


def half_up(values: Floats, digits: int = 2) -> Floats:
    """Rounded half up (away from zero), as a person rounds a score."""
    factor = 10.0**digits
    with np.errstate(over="ignore"):
        scaled = rounded(values * factor)
    result: Floats = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled) / factor
    return result
