from __future__ import annotations

import numpy as np
import pytest

from crm_xl.analysis.evaluation import best_gain, gains, known_weights, next_scores, points_to_next
from crm_xl.rules.models import Edge

NAN = np.nan
LEVELS = tuple(Edge(lower=low, label=name) for low, name in ((50, "C"), (90, "A"), (None, "D"), (70, "B")))


def test_the_next_band_is_the_next_higher_score_that_there_is() -> None:
    scores = np.array([[1.0, 2.0, 5.0], [3.0, 5.0, NAN]])
    found = next_scores(scores, [[5, 3, 1], [4, 2], [5, 4, 3, 2, 1]])
    assert np.array_equal(found, [[3, 4, NAN], [5, NAN, NAN]], equal_nan=True)
    assert np.isnan(next_scores(np.array([[2.0]]), [[]])).all()


def test_what_a_rise_adds_is_the_difference_of_two_totals() -> None:
    weights = np.array([15.0, 10.0, 6.0])
    scores = np.array([[2.0, NAN, 4.0]])
    better = np.array([[3.0, NAN, 5.0]])

    def total(row: list[float]) -> float:
        return (row[0] * 15 + row[1] * 6) / 21 * 20

    assert known_weights(scores, weights).tolist() == [21]
    found = gains(scores, weights, better)
    assert found[0, 0] == pytest.approx(total([3, 4]) - total([2, 4]))
    assert found[0, 2] == pytest.approx(total([2, 5]) - total([2, 4]))
    assert np.isnan(found[0, 1])
    assert np.isnan(gains(np.array([[NAN, NAN, NAN]]), weights, better)).all()


def test_the_first_of_equals_is_best_and_none_where_nothing_adds() -> None:
    place, most = best_gain(np.array([[1.0, 3.0, 3.0], [NAN, NAN, NAN], [0.0, NAN, 0.0]]))
    assert place.tolist() == [1, -1, -1]
    assert np.array_equal(most, [3, NAN, NAN], equal_nan=True)
    assert best_gain(np.empty((2, 0)))[0].tolist() == [-1, -1]
    assert len(best_gain(np.empty((0, 3)))[0]) == 0


def test_points_to_the_next_level() -> None:
    score = np.array([20.0, 49.99, 50.0, 69.999, 89.5, 90.0, NAN])
    assert np.array_equal(points_to_next(score, LEVELS), [30, 0.01, 20, 20, 0.5, NAN, NAN], equal_nan=True)
    assert np.isnan(points_to_next(score, (Edge(lower=None, label="all"),))).all()
