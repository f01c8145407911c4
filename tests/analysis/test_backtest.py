"""Warnings against what then happened: by hand and against scikit-learn."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from crm_xl.analysis.backtest import Backtest, backtest, fell_silent

START, END = dt.date(2024, 3, 31), dt.date(2024, 6, 30)


def tried(flagged: list[int], score: list[float], churned: list[int]) -> Backtest:
    return backtest(np.array(flagged, dtype=bool), np.array(score, dtype=float), np.array(churned, dtype=bool))


def test_who_fell_silent() -> None:
    bought = {
        0: ["2024-03-31"], 1: ["2024-03-31", "2024-04-01"], 2: ["2023-04-01", "2024-06-30"], 3: ["2024-01-01", "2024-07-01"],
        4: ["2023-03-31", "2024-05-01"], 5: ["2024-04-01"],
    }  # fmt: skip
    codes = np.array([who for who, days in bought.items() for _ in days])
    days = np.array([day for own in bought.values() for day in own], dtype="datetime64[D]")
    found = fell_silent(codes, days, START, END, 7)
    # 4 last bought a year and a day before; 5 is new; 6 has never bought
    assert found.active.tolist() == [True, True, True, True, False, False, False]
    assert found.silent.tolist() == [True, False, False, True, False, False, False]
    assert fell_silent(codes, days, START, END, 7, lookback=3).active.tolist()[:4] == [True, True, False, True]
    mixed = np.random.default_rng(0).permutation(len(codes))
    np.testing.assert_array_equal(fell_silent(codes[mixed], days[mixed], START, END, 7).silent, found.silent)
    with pytest.raises(ValueError, match="ends after"):
        fell_silent(codes, days, END, START, 7)


def test_by_hand() -> None:
    found = tried([1, 1, 1, 0, 0, 0, 0, 0], [8, 7, 6, 5, 4, 3, 2, 1], [1, 0, 1, 1, 0, 0, 0, 0])
    assert (found.true_positive, found.false_positive, found.false_negative, found.true_negative) == (2, 1, 1, 4)
    assert (found.customers, found.flagged, found.churned) == (8, 3, 3)
    assert found.precision == found.recall == found.f1 == pytest.approx(2 / 3)
    assert (found.base_rate, found.lift) == (3 / 8, pytest.approx(16 / 9))
    # of the 15 pairs only two are out of order: the second before the third and the fourth
    assert found.auc == pytest.approx(13 / 15)
    assert [d.churned for d in found.deciles] == [1, 0, 1, 1, 0, 0, 0, 0]
    assert [d.lift for d in found.deciles[:2]] == [pytest.approx(8 / 3), 0]
    assert [d.caught for d in found.deciles][:4] == [pytest.approx(x) for x in (1 / 3, 1 / 3, 2 / 3, 1)]


def test_one_score_shares_its_churned() -> None:
    """Three with the score 2 reach over three tenths of one customer each; one of them churned."""
    found = tried([0] * 10, [9, 8, 2, 2, 2, 1, 1, 1, 1, 1], [1, 0, 0, 1, 0, 1, 1, 0, 0, 0])
    assert [d.churned for d in found.deciles] == pytest.approx([1, 0, *[1 / 3] * 3, *[2 / 5] * 5])
    assert found.deciles[-1].caught == pytest.approx(1)


def test_all_the_same_score_is_no_better_than_chance() -> None:
    found = tried([1, 0] * 10, [0.5] * 20, [1, 1, 0, 0] * 5)
    assert found.auc == 0.5 and found.lift == 1
    assert {round(d.lift or 0, 9) for d in found.deciles} == {1}


def test_without_a_base() -> None:
    nobody = tried([], [], [])
    for name in ("base_rate", "precision", "recall", "f1", "lift", "auc"):
        assert getattr(nobody, name) is None
    assert nobody.deciles == ()
    calm = tried([0, 0], [1, 2], [0, 0])
    assert (calm.base_rate, calm.precision, calm.recall, calm.f1, calm.lift, calm.auc) == (0, *[None] * 5)
    assert [(d.customers, d.rate, d.lift, d.caught) for d in calm.deciles] == [(1, 0, None, None)] * 2
    alarm = tried([1, 1], [1, 2], [0, 0])
    assert (alarm.precision, alarm.recall, alarm.f1, alarm.lift) == (0, None, 0, None)
    doom = tried([0, 1], [1, 2], [1, 1])
    assert (doom.precision, doom.recall, doom.lift, doom.auc) == (1, 0.5, 1, None)


def test_without_a_score() -> None:
    found = tried([1, 1, 0, 0], [np.nan, 2, 1, np.nan], [1, 1, 0, 0])
    assert (found.customers, found.scored, found.precision, found.auc) == (4, 2, 1, 1)
    assert sum(d.customers for d in found.deciles) == 2


ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 8).map(float) | st.floats(0, 1), st.booleans()), min_size=1, max_size=60
)


@given(ROWS)
def test_against_scikit_learn(rows: list[tuple[bool, float, bool]]) -> None:
    flagged, score, churned = (np.array(column) for column in zip(*rows, strict=True))
    found = backtest(flagged, score.astype(float), churned)
    wanted = {
        "precision": precision_score(churned, flagged, zero_division=np.nan),
        "recall": recall_score(churned, flagged, zero_division=np.nan),
        "f1": f1_score(churned, flagged, zero_division=np.nan),
        "auc": roc_auc_score(churned, score) if 0 < churned.sum() < len(churned) else np.nan,
    }
    for name, value in wanted.items():
        assert getattr(found, name) == (None if np.isnan(value) else pytest.approx(value, abs=1e-12)), name


@given(ROWS, st.randoms())
def test_the_tenths_add_up_in_any_order(rows: list[tuple[bool, float, bool]], chance) -> None:  # type: ignore[no-untyped-def]
    flagged, score, churned = (np.array(column) for column in zip(*rows, strict=True))
    found = backtest(flagged, score.astype(float), churned)
    sizes = [d.customers for d in found.deciles]
    assert sum(sizes) == len(rows) and len(sizes) == min(10, len(rows)) and max(sizes) - min(sizes) <= 1
    assert sum(d.churned for d in found.deciles) == pytest.approx(churned.sum())
    mixed = list(rows)
    chance.shuffle(mixed)
    flagged, score, churned = (np.array(column) for column in zip(*mixed, strict=True))
    # a score has no unit: only its order counts
    other = backtest(flagged, score.astype(float) * 4, churned)
    assert other == found


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
def test_ties_are_what_chance_would_do(rows: list[tuple[int, bool]]) -> None:
    """The churned of each tenth are the mean over every order of those with one score."""
    score, churned = np.array([float(s) for s, _ in rows]), np.array([c for _, c in rows])
    orders = [p for p in permutations(range(len(rows))) if all(a >= b for a, b in zip(score[list(p)], score[list(p)][1:], strict=False))]  # fmt: skip
    wanted = np.mean([churned[list(p)] for p in orders], axis=0)
    found = backtest(churned, score, churned)
    np.testing.assert_allclose([d.churned for d in found.deciles], wanted, atol=1e-12)
