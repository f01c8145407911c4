"""Concentration of spend: closed forms, and a recomputation from the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.concentration import POINTS, concentration
from crm_xl.analysis.value import abc_codes

SPENDS = st.lists(st.integers(0, 10_000_000).map(lambda x: x / 100), min_size=2, max_size=200).filter(any).map(np.array)


def test_by_hand() -> None:
    found = concentration(np.array([10.0, 40.0, 20.0, 30.0]))
    assert (found.customers, found.total) == (4, 100.0)
    np.testing.assert_allclose(found.share_of_customers, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.share_of_spend, [0, 0.4, 0.7, 0.9, 1])
    # the first tenth is 0.4 of the first customer, the third is 0.4 * 1 + 0.2 of the second
    np.testing.assert_allclose(found.deciles[:3], [0.16, 0.32, 0.46])
    assert (found.top_10, found.top_20) == (pytest.approx(0.16), pytest.approx(0.32))
    assert found.for_most == 3
    assert found.gini == pytest.approx(0.25)
    assert found.herfindahl == pytest.approx(0.16 + 0.04 + 0.09 + 0.01)


def test_one_in_five_makes_four_fifths() -> None:
    found = concentration(np.array([80.0] + [5.0] * 4))
    assert (found.top_20, found.for_most) == (pytest.approx(0.8), 1)


@pytest.mark.parametrize("n", [2, 7, 10, 1000])
def test_the_ends_of_the_scale(n: int) -> None:
    same = concentration(np.full(n, 0.1))
    assert (same.gini, same.herfindahl) == (pytest.approx(0, abs=1e-12), pytest.approx(1 / n))
    assert same.top_20 == pytest.approx(0.2) and same.for_most == int(np.ceil(n * 0.8))
    one = concentration(np.array([5.0] + [0.0] * (n - 1)))
    assert (one.gini, one.herfindahl, one.for_most) == (pytest.approx(1 - 1 / n), pytest.approx(1), 1)


@pytest.mark.parametrize("a", [2.5, 3.0, 5.0])
def test_pareto_distribution(a: float) -> None:
    """Its Gini is 1 / (2 a - 1), and the top p have p ** (1 - 1 / a) of the whole."""
    n = 1_000_000
    found = concentration(((np.arange(n) + 0.5) / n) ** (-1 / a))
    assert found.gini == pytest.approx(1 / (2 * a - 1), abs=1e-4)
    assert found.top_10 == pytest.approx(0.1 ** (1 - 1 / a), abs=1e-4)
    assert found.top_20 == pytest.approx(0.2 ** (1 - 1 / a), abs=1e-4)


def test_refunds_and_the_unknown() -> None:
    found = concentration(np.array([np.nan, -50.0, 30.0, 10.0, np.nan]))
    assert (found.customers, found.total) == (3, 40.0)
    assert found.share_of_spend.tolist() == [0, 0.75, 1, 1]
    assert found.gini == concentration(np.array([0.0, 10.0, 30.0])).gini


@pytest.mark.parametrize("spend", [[], [5.0], [0.0, 0.0], [-1.0, -2.0], [np.nan, 3.0], [np.nan]])
def test_nothing_to_compare(spend: list[float]) -> None:
    found = concentration(np.array(spend))
    assert found.gini is found.herfindahl is found.for_most is found.top_10 is found.top_20 is None
    assert found.share_of_spend.size == found.share_of_customers.size == found.deciles.size == 0
    assert found.total == np.nansum(np.maximum(spend, 0))


@given(SPENDS)
def test_against_the_definitions(spend: np.ndarray) -> None:
    found, n = concentration(spend), len(spend)
    # Gini: the mean difference of two customers over twice the mean
    difference = np.abs(spend[:, None] - spend[None, :]).mean()
    assert found.gini == pytest.approx(difference / (2 * spend.mean()), abs=1e-9)
    assert found.herfindahl == pytest.approx(((spend / spend.sum()) ** 2).sum())
    assert found.for_most is not None
    ranked = sorted(spend.tolist(), reverse=True)
    assert sum(ranked[: found.for_most]) >= 0.8 * sum(ranked) * (1 - 1e-8)
    assert sum(ranked[: found.for_most - 1]) < 0.8 * sum(ranked)
    assert found.deciles[-1] == pytest.approx(1) and len(found.deciles) == 10
    if n % 10 == 0:
        np.testing.assert_allclose(found.deciles, np.cumsum(ranked)[n // 10 - 1 :: n // 10] / sum(ranked))


@given(SPENDS)
def test_the_curve(spend: np.ndarray) -> None:
    found = concentration(spend)
    x, y = found.share_of_customers, found.share_of_spend
    assert len(x) == len(y) == min(POINTS, len(spend) + 1)
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert (np.diff(x) > 0).all() and (np.diff(y) >= 0).all()
    # largest first: it never bends upwards
    assert (np.diff(np.diff(y) / np.diff(x)) <= 1e-9).all()


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=60, unique=True).map(lambda x: np.array(x, dtype=float)))
def test_those_who_make_most_are_class_a(spend: np.ndarray) -> None:
    assert concentration(spend).for_most == int((abc_codes(spend) == 0).sum())


@given(SPENDS, st.randoms())
def test_neither_order_nor_unit_matters(spend: np.ndarray, chance) -> None:  # type: ignore[no-untyped-def]
    mixed = spend.tolist()
    chance.shuffle(mixed)
    one, other, wan = concentration(spend), concentration(np.array(mixed)), concentration(spend / 1e4)
    assert (one.gini, one.herfindahl, one.for_most) == (other.gini, other.herfindahl, other.for_most)
    np.testing.assert_array_equal(one.deciles, other.deciles)
    assert (one.gini, one.herfindahl) == (pytest.approx(wan.gini, abs=1e-9), pytest.approx(wan.herfindahl))
    np.testing.assert_allclose(one.share_of_spend, wan.share_of_spend)
