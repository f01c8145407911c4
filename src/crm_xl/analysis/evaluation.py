"""Behind the weighted score: how far to the next level, and which indicator brings most (domain.md §6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_xl.rules.models import Edge

from .compare import half_up, rounded
from .dates import Codes, Floats


def known_weights(scores: Floats, weights: Floats) -> Floats:
    """Sum of the weights of the indicators with data, per customer. `scores` (n, k), NaN for missing; `weights` (k,)."""
    result: Floats = (~np.isnan(scores)) @ weights
    return result


def next_scores(scores: Floats, steps: Sequence[Sequence[float]]) -> Floats:
    """The score of the next better band. `scores` (n, k); `steps`: the scores that the bands of each indicator
    give. NaN at the top and without data."""
    result = np.full(scores.shape, np.nan)
    for j, given in enumerate(steps):
        ladder = np.unique(np.asarray(given, dtype=float))
        if not len(ladder):
            continue
        place = np.searchsorted(ladder, scores[:, j], side="right")
        inside = ~np.isnan(scores[:, j]) & (place < len(ladder))
        result[inside, j] = ladder[place[inside]]
    return result


def gains(scores: Floats, weights: Floats, better: Floats) -> Floats:
    """Points of the total that each indicator adds when it rises to `better`, all else unchanged: (n, k)."""
    base = known_weights(scores, weights)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(base > 0, (better - scores) * weights / base * 20, np.nan)


def best_gain(gain: Floats) -> tuple[Codes, Floats]:
    """The indicator that adds most and how much; the first of equals. -1 and NaN where none adds anything."""
    if not gain.size:
        return np.full(len(gain), -1, dtype=np.intp), np.full(len(gain), np.nan)
    filled = np.where(np.isnan(gain), 0.0, gain)
    place = filled.argmax(axis=1)
    most = filled[np.arange(len(gain)), place]
    found = most > 0
    return np.where(found, place, -1), np.where(found, most, np.nan)


def points_to_next(score: Floats, levels: Sequence[Edge]) -> Floats:
    """Points from each score, as it is shown, to the lowest edge above it; NaN on the top level and without a score."""
    edges = np.unique([round(e.lower, 9) for e in levels if e.lower is not None])
    shown = half_up(score)
    place = np.searchsorted(edges, shown, side="right")
    inside = ~np.isnan(shown) & (place < len(edges))
    result = np.full(len(score), np.nan)
    result[inside] = rounded(edges[place[inside]] - shown[inside])
    return result
