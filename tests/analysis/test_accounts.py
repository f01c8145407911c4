"""Key accounts: scores by criterion, who is one, how a grade moved and why."""

from __future__ import annotations

import numpy as np
import pytest

from crm_xl.analysis.accounts import best_first, criterion_scores, grade_change, is_key_account, key_grades, main_cause
from crm_xl.rules.models import AccountCriterion, Band, Edge

ABC = ["A", "B", "C"]


def test_bands_score_and_ratings_are_their_own_score() -> None:
    criteria = [AccountCriterion(criterion="金额", weight=60), AccountCriterion(criterion="潜力", weight=40)]
    bands = [Band(indicator="金额", lower=10, score=5), Band(indicator="金额", lower=None, score=1)]
    values = {"金额": np.array([10.0, 9.99, np.nan]), "潜力": np.array([3.5, 6.0, 0.0])}
    scores = criterion_scores(values, criteria, bands, 3)
    np.testing.assert_array_equal(scores["金额"], [5, 1, np.nan])
    np.testing.assert_array_equal(scores["潜力"], [3.5, np.nan, np.nan])


def test_a_criterion_without_figures_has_no_score() -> None:
    scores = criterion_scores({}, [AccountCriterion(criterion="没有", weight=1)], [], 2)
    assert np.isnan(scores["没有"]).all()


def test_grades_in_order() -> None:
    edges = [Edge(lower=None, label="C"), Edge(lower=80, label="A"), Edge(lower=60, label="B")]
    assert best_first(edges) == ABC


@pytest.mark.parametrize(
    ("mark", "grade", "order", "expected"),
    [
        (None, "A", ABC, True),
        (None, "B", ABC, True),
        (None, "C", ABC, False),
        ("", "信息待完善", ABC, False),
        ("否", "A", ABC, False),
        ("Yes", "C", ABC, True),
        ("maybe", "A", ABC, True),
        (None, "A", ["A", "B"], True),
        (None, "B", ["A", "B"], False),
        (None, "A", ["A"], False),
        (None, "", [], False),
    ],
)
def test_who_is_a_key_account(mark: object, grade: str, order: list[str], expected: bool) -> None:
    assert is_key_account(mark, grade, key_grades(order)) is expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, "A", ""),
        ("B", "A", "grade_up"),
        ("A", "C", "grade_down"),
        ("B", "B", "grade_same"),
        ("", "C", "grade_new"),
        ("信息待完善", "C", "grade_new"),
        ("Incomplete", "C", "grade_new"),
        ("B", "信息待完善", "grade_lost"),
        ("信息待完善", "信息待完善", ""),
        ("", "", ""),
        ("VIP客户", "A", ""),
    ],
)
def test_how_a_grade_moved(before: str | None, now: str, expected: str) -> None:
    assert grade_change(before, now, ABC) == expected


def test_the_cause_moved_the_score_as_the_grade_moved() -> None:
    parts = {"revenue": (30.0, 8.0), "tenure": (1.9, 2.1)}
    points = {"revenue": -80.0, "tenure": 20.0}
    assert main_cause("grade_down", parts, points).key == "revenue"
    up = main_cause("grade_up", parts, points)
    assert (up.key, up.before, up.now) == ("tenure", 1.9, 2.1)
    assert main_cause("grade_down", parts, {"revenue": np.nan, "tenure": 20.0}).key == ""
    assert main_cause("grade_new", parts, points).key == ""
