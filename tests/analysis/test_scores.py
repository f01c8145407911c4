from __future__ import annotations

import numpy as np
import pytest

from crm_xl.analysis.scores import band_scores, completeness, level_codes, next_edge, weighted_scores
from crm_xl.rules.models import Edge, ScoreBand
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS

LEVELS = [
    Edge(lower=50, label="三"),
    Edge(lower=90, label="一"),
    Edge(lower=None, label="四"),
    Edge(lower=70, label="二"),
]
NAN = float("nan")


def test_levels_by_the_score_that_is_shown() -> None:
    scores = np.array([90, 89.995, 89.994, 89.5, 70, 69.99, 50, 49.99, NAN])
    assert level_codes(scores, LEVELS).tolist() == [1, 1, 3, 3, 3, 0, 0, 2, -1]


@pytest.mark.parametrize(
    ("score", "edge"), [(20, 50), (49.994, 50), (49.995, 70), (50, 70), (89.99, 90), (89.995, None), (90, None)]
)
def test_next_edge(score: float, edge: float | None) -> None:
    assert next_edge(score, LEVELS) == edge


def test_weighted_scores_of_several() -> None:
    scores = np.array([[5, 4, 3], [NAN, 4, 3], [NAN, NAN, NAN], [1, 1, 1]])
    weights = np.array([50.0, 30, 20])
    assert weighted_scores(scores, weights).tolist()[:2] == [86.0, 72.0]
    assert np.isnan(weighted_scores(scores, weights)[2])
    assert weighted_scores(scores, weights)[3] == 20
    assert completeness(scores, weights).tolist() == [1, 0.5, 0, 1]
    assert np.isnan(completeness(scores, np.zeros(3))).all()


@pytest.mark.parametrize("text", INDICATOR_TEXTS, ids=lambda t: t.key)
def test_default_bands_of_every_indicator(text: object) -> None:
    """Each edge of domain.md §6 gives its own score, and the next number beyond it the next one; of complaints
    that is a whole one more."""
    edges, less = text.edges, text.less_is_better  # type: ignore[attr-defined]
    bands = [ScoreBand(lower=lower, score=score) for lower, score in text.bands()]  # type: ignore[attr-defined]
    step = -1 if less else 1
    beyond = 1 if less and text.measure == "whole" else 1e-6  # type: ignore[attr-defined]
    values = np.array([*edges, *(e - step * beyond for e in edges), edges[0] + step * 1000, edges[3] - step * 1000])
    scores, _ = band_scores(values, bands)
    assert scores.tolist() == [5, 4, 3, 2, 4, 3, 2, 1, 5, 1]
