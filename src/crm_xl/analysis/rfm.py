"""RFM scores and classes (domain.md §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from crm_xl.rules.models import RfmBreak, RfmClass

from .compare import INCOMPLETE, PROSPECT, UNCOVERED, edge_codes, rounded
from .dates import Bools, Codes, Floats


def quantile_cuts(values: Floats, bins: int) -> Floats:
    """Linear quantiles at 1/bins .. (bins-1)/bins (Hyndman-Fan type 7, Excel's PERCENTILE.INC)."""
    if not values.size:
        return np.empty(0)
    cuts: Floats = np.quantile(values, np.arange(1, bins) / bins)
    return cuts


def rfm_scores(
    days: Floats, frequency: Floats, monetary: Floats, bins: int | Mapping[str, Sequence[RfmBreak]]
) -> tuple[Floats, Floats, Floats]:
    """Scores of R, F and M, shape (n,) each; all NaN where a customer never ordered.

    `days` since the last order, `frequency` and `monetary` in the window. Cuts are taken over the
    customers with an order in the window. Equal values share a score. Orders only before the
    window: R from the date, F = M = 1. With orders or amount missing only R is scored.
    """
    frequency = rounded(frequency)
    known = ~np.isnan(days) & ~np.isnan(frequency)
    inside = known & (frequency > 0) & ~np.isnan(monetary)
    before = known & (frequency <= 0)
    if isinstance(bins, int):
        # few days are good: their cuts count from the other side
        r, f, m = (_bin_scores(values, inside, bins) for values in (-days, frequency, monetary))
    else:
        r, f, m = (
            _break_scores(values, bins.get(name, ()))
            for name, values in (("R", days), ("F", frequency), ("M", monetary))
        )
    r = np.where(np.isnan(days), np.nan, r)
    f = np.where(inside, f, np.where(before, 1.0, np.nan))
    m = np.where(inside, m, np.where(before, 1.0, np.nan))
    return r, f, m


def _bin_scores(values: Floats, population: Bools, bins: int) -> Floats:
    """1 + the number of the population's cuts strictly below each value."""
    cuts = rounded(quantile_cuts(values[population], bins))
    result: Floats = np.searchsorted(cuts, rounded(values), side="left").astype(float) + 1.0
    return result


def _break_scores(values: Floats, breaks: Sequence[RfmBreak]) -> Floats:
    codes = edge_codes(values, [b.lower for b in breaks])
    scores = np.asarray([b.score for b in breaks], dtype=float)
    result: Floats = np.where(codes >= 0, scores[np.maximum(codes, 0)], np.nan)
    return result


def rfm_class_codes(r: Floats, f: Floats, m: Floats, classes: Sequence[RfmClass]) -> Codes:
    """Index of the first class whose ranges hold the scores. All empty: PROSPECT; some: INCOMPLETE."""
    shape = np.broadcast_shapes(r.shape, f.shape, m.shape)
    codes: Codes = np.full(shape, UNCOVERED, dtype=np.intp)
    axes = {"r": r, "f": f, "m": m}
    used = {a for a in axes if any(getattr(c, f"{a}_from") or getattr(c, f"{a}_to") for c in classes)}
    for index in range(len(classes) - 1, -1, -1):
        rule = classes[index]
        holds: Bools = np.ones(shape, dtype=bool)
        for axis, scores in axes.items():
            low, high = getattr(rule, f"{axis}_from"), getattr(rule, f"{axis}_to")
            if low is not None:
                holds &= scores >= low
            if high is not None:
                holds &= scores <= high
        np.copyto(codes, index, where=holds)
    empty = {a: np.isnan(s) for a, s in axes.items()}
    for axis in used or axes:
        np.copyto(codes, INCOMPLETE, where=empty[axis])
    np.copyto(codes, PROSPECT, where=empty["r"] & empty["f"] & empty["m"])
    return codes


def mean_class_codes(days: Floats, frequency: Floats, monetary: Floats) -> Codes:
    """Index into the eight classes by raw R, F, M against their means over the population.

    High: at most the mean of days, or at least the mean of orders and of money. Order of the
    result: that of `rules.defaults.EIGHT_CLASSES`, found through its bits.
    """
    known = ~np.isnan(days) & ~np.isnan(frequency)
    inside = known & (frequency > 0) & ~np.isnan(monetary)
    codes: Codes = np.where(known, 0, np.where(np.isnan(days), PROSPECT, INCOMPLETE)).astype(np.intp)
    if not inside.any():
        return codes
    r_high = rounded(days) <= rounded(np.array(days[inside].mean()))
    f_high = rounded(frequency) >= rounded(np.array(frequency[inside].mean()))
    m_high = rounded(monetary) >= rounded(np.array(monetary[inside].mean()))
    bits = r_high * 4 + (f_high & inside) * 2 + (m_high & inside) * 1
    return np.where(known, bits, codes)
