"""Silence against the customer's own rhythm, and repurchase intervals: by hand, by numpy, by published figures."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.silence import FEWEST, Repurchase, Silence, kaplan_meier, repurchase, silences

FIRST = np.datetime64("2024-01-01")
AS_OF = dt.date(2024, 12, 31)  # day 365

Line = tuple[int, int, float]
"""Customer, days since the first of January, amount."""


def arrays(lines: list[Line]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes, days, amounts = zip(*lines, strict=True) if lines else ((), (), ())
    return np.array(codes, dtype=np.int64), FIRST + np.array(days, dtype=int), np.array(amounts, dtype=float)


def quiet(lines: list[Line], customers: int, as_of: dt.date = AS_OF) -> Silence:
    return silences(*arrays(lines), as_of, customers)


def again(lines: list[Line], as_of: dt.date = AS_OF) -> Repurchase:
    return repurchase(*arrays(lines), as_of)


def percentile_inc(values: list[int], q: Fraction) -> Fraction:
    """Excel's PERCENTILE.INC as its documentation has it: at the 1-based rank q (n - 1) + 1, linear between two."""
    ranked = sorted(values)
    rank = q * (len(ranked) - 1) + 1
    below = int(rank)
    above = ranked[below] if below < len(ranked) else ranked[-1]
    return ranked[below - 1] + (rank - below) * (above - ranked[below - 1])


def days_of(who: int, *days: int) -> list[Line]:
    return [(who, day, 10.0) for day in days]


LINES = [
    # gaps 30, 60, 30, 45: silent for 200 days
    *days_of(0, 0, 30, 90, 120, 165),
    # gaps 100, 20, 145: silent for 100
    *days_of(1, 0, 100, 120, 265),
    # twice on one day, a refund, a day that is taken back: gaps 50, 50
    *days_of(2, 200, 200, 250, 300), (2, 310, -5.0), (2, 320, 7.0), (2, 320, -7.0),
    # once
    *days_of(3, 360),
]  # fmt: skip


def test_by_hand() -> None:
    found = quiet(LINES, 5)
    np.testing.assert_array_equal(found.days, [200, 100, 65, 5, np.nan])
    assert found.gaps.tolist() == [4, 3, 2, 0, 0]
    assert found.pooled.tolist() == [False, False, True, True, False]
    pool = [30, 60, 30, 45, 100, 20, 145, 50, 50]
    # none of 4 gaps of at least 200 days; 2 of 3 of at least 100; of all 9, two of at least 65 and all of at least 5
    np.testing.assert_allclose(found.survival, [1 / 5, 3 / 4, 3 / 10, 1, np.nan])
    np.testing.assert_allclose(found.median, [37.5, 100, 50, 50, np.nan])
    np.testing.assert_allclose(found.p90, [55.5, 136, np.quantile(pool, 0.9), np.quantile(pool, 0.9), np.nan])
    assert found.overdue.tolist() == [True, False, False, False, False]


def test_on_the_edge_of_the_usual() -> None:
    assert not quiet(days_of(0, 335, 345, 355), 1, dt.date(2024, 12, 31)).overdue[0]
    same = days_of(0, 325, 335, 345, 355)  # three gaps of 10 days
    silent_10 = quiet(same, 1)
    assert (silent_10.days[0], silent_10.survival[0], silent_10.overdue[0]) == (10, 1, False)
    silent_11 = quiet(same, 1, dt.date(2025, 1, 1))
    assert (silent_11.survival[0], silent_11.overdue[0]) == (1 / 4, True)


def test_too_little_to_say() -> None:
    found = quiet(days_of(0, 0, 10) + days_of(1, 100, 120), 2)
    np.testing.assert_array_equal(found.days, [355, 245])
    assert found.pooled.all() and not found.overdue.any()
    assert np.isnan([found.median, found.p90, found.survival]).all()


@pytest.mark.parametrize("lines", [[], [(0, 5, -3.0)], [(0, 400, 3.0)], [(7, 5, 3.0)]])
def test_nobody_bought(lines: list[Line]) -> None:
    found = quiet(lines, 2)
    assert found.days.shape == (2,) and np.isnan(found.days).all() and np.isnan(found.survival).all()
    assert not found.overdue.any() and not found.pooled.any() and not found.gaps.any()


LOGS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400), st.integers(-20, 80).map(float)), max_size=60)


def buying_days(lines: list[Line], last: int = 365) -> dict[int, list[int]]:
    nets: dict[tuple[int, int], float] = {}
    for who, day, amount in lines:
        nets[who, day] = nets.get((who, day), 0.0) + amount
    return {
        who: sorted(day for (owner, day), net in nets.items() if owner == who and net > 0 and day <= last)
        for who in range(5)
    }


@given(LOGS)
def test_against_a_recomputation_customer_by_customer(lines: list[Line]) -> None:
    found, days = quiet(lines, 5), buying_days(lines)
    gaps = {who: np.diff(own).tolist() for who, own in days.items()}
    everybody = [gap for own in gaps.values() for gap in own]
    for who, own in days.items():
        held = gaps[who] if len(gaps[who]) >= FEWEST else everybody
        assert found.gaps[who] == len(gaps[who])
        if not own:
            assert np.isnan(found.days[who]) and np.isnan(found.p90[who])
            continue
        silent = 365 - own[-1]
        assert found.days[who] == silent
        assert found.pooled[who] == (len(gaps[who]) < FEWEST)
        if len(held) < FEWEST:
            assert np.isnan([found.median[who], found.p90[who], found.survival[who]]).all()
            continue
        longer = sum(gap >= silent for gap in held)
        assert found.survival[who] == pytest.approx((1 + longer) / (1 + len(held)), abs=1e-12)
        for q, quantile in ((Fraction(1, 2), found.median[who]), (Fraction(9, 10), found.p90[who])):
            assert quantile == pytest.approx(np.quantile(held, float(q)), abs=1e-9)
            assert quantile == pytest.approx(float(percentile_inc(held, q)), abs=1e-9)
        assert found.overdue[who] == (silent > found.p90[who])


@given(LOGS, st.randoms())
def test_neither_order_nor_splitting_nor_unit_matters(lines: list[Line], chance) -> None:  # type: ignore[no-untyped-def]
    split = [(who, day, amount / 2e4) for who, day, amount in lines for _ in range(2)]
    chance.shuffle(split)
    one, other = quiet(lines, 5), quiet(split, 5)
    for name in Silence._fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert again(lines) == again(split)


def test_percentile_inc_as_its_documentation_has_it() -> None:
    """The example of Microsoft's page: PERCENTILE.INC of 1, 2, 3, 4 at 0.3 is 1.9."""
    assert percentile_inc([1, 3, 2, 4], Fraction(3, 10)) == Fraction(19, 10)


def test_kaplan_meier_as_published() -> None:
    """Remission under 6-MP (Freireich et al., Blood 21, 1963), the survival that every textbook prints."""
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    times, staying = kaplan_meier(np.array(weeks, dtype=float), np.arange(21) < 9)
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    shown = dict(zip(times.tolist(), staying.tolist(), strict=True))
    assert {week: round(shown[week], 3) for week in printed} == printed
    assert shown[9] == shown[7] and shown[35] == shown[23]


def test_repurchase_by_hand() -> None:
    # first days 0 0 200 300 340; second after 30, 100, 50, never (watched for 65), never (watched for 25)
    found = again([*LINES[:-1], *days_of(3, 300), *days_of(4, 340)])
    pool = [30, 60, 30, 45, 100, 20, 145, 50, 50]
    assert (found.customers, found.intervals) == (5, 9)
    assert found.mean == pytest.approx(np.mean(pool))
    assert (found.lower, found.median, found.upper) == (30, 50, 60)
    # 25: one leaves of 5; 30: 3/4 stay; 50: 2/3 of them; 65: one leaves of 2; 100: nobody stays
    assert found.second_within == {
        30: pytest.approx(1 / 4), 90: pytest.approx(1 / 2), 180: pytest.approx(1), 365: pytest.approx(1),
    }  # fmt: skip


def test_nobody_watched_for_so_long() -> None:
    found = again(days_of(0, 300, 320) + days_of(1, 265))
    assert found.second_within == {30: 0.5, 90: 0.5, 180: None, 365: None}


def test_no_repeats_and_no_orders() -> None:
    once = again(days_of(0, 0) + days_of(1, 200))
    assert (once.customers, once.intervals, once.mean, once.median) == (2, 0, None, None)
    assert once.second_within == {30: 0, 90: 0, 180: 0, 365: 0}
    none = again([(0, 1, -5.0)])
    assert (none.customers, none.intervals, none.upper) == (0, 0, None)
    assert set(none.second_within.values()) == {None}


@given(LOGS)
def test_without_censoring_kaplan_meier_is_a_count(lines: list[Line]) -> None:
    repeated = [line for line in lines if len(buying_days(lines)[line[0]]) > 1]
    found, days = again(repeated), [own for own in buying_days(repeated).values() if own]
    for day, share in found.second_within.items():
        counted = [own[1] - own[0] <= day for own in days]
        assert share == (pytest.approx(np.mean(counted), abs=1e-12) if counted else None)
