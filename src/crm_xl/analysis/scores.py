"""Weighted score, completeness, bands and levels (domain.md §6 and §7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_xl.rules.models import Band, Edge, ScoreBand

from .compare import edge_codes, half_up
from .dates import Codes, Floats

ENOUGH = 0.6
"""Below this completeness the level stays open."""


def band_scores(values: Floats, bands: Sequence[ScoreBand | Band]) -> tuple[Floats, Codes]:
    """Score of each value and its band's code (see `compare.edge_codes`); NaN where there is none."""
    codes = edge_codes(values, [b.lower for b in bands])
    scores = np.asarray([b.score for b in bands], dtype=float)
    return np.where(codes >= 0, scores[np.maximum(codes, 0)], np.nan), codes


def weighted_scores(scores: Floats, weights: Floats) -> Floats:
    """Sum(score * weight) / sum(weights with data) * 20, half up to 2 decimals.

    `scores` (n, k) with NaN for missing, `weights` (k,). NaN where nothing is known.
    """
    known = ~np.isnan(scores)
    total = known @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = np.where(known, scores, 0.0) @ weights / total * 20.0
    return half_up(np.where(total > 0, raw, np.nan))


def completeness(scores: Floats, weights: Floats) -> Floats:
    """Weight with data / total weight, 0 to 1; NaN without any weight."""
    total = weights.sum()
    if not total > 0:
        return np.full(len(scores), np.nan)
    result: Floats = (~np.isnan(scores)) @ weights / total
    return result


def level_codes(score: Floats, levels: Sequence[Edge]) -> Codes:
    """Index of the level or grade that each score, as it is shown, reaches."""
    return edge_codes(half_up(score), [e.lower for e in levels])


def next_edge(score: float, levels: Sequence[Edge]) -> float | None:
    """The lowest edge above a score: what the next level asks for."""
    shown = float(half_up(np.array(score)))
    above = [e.lower for e in levels if e.lower is not None and round(e.lower, 9) > shown]
    return min(above, default=None)
