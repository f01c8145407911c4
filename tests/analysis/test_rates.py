from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.rates import (
    churn_rate,
    csat,
    is_active,
    nps,
    nps_margin,
    orders_per_month,
    repurchase_rate,
    retention_rate,
    winback_rate,
)

NAN = float("nan")


@pytest.mark.parametrize("state", ["活跃", "低频", "Active", "Occasional", "我们自己的状态"])
def test_active(state: str) -> None:
    assert is_active(state)


@pytest.mark.parametrize(
    "state", ["潜在", "潜在客户", "沉睡", "流失", "信息待完善", "不在范围", "Lost", "Dormant", "", None]
)
def test_not_active(state: str | None) -> None:
    assert not is_active(state)


def test_movement() -> None:
    before = ["活跃", "低频", "活跃", "沉睡", "流失", "潜在", "活跃"]
    after = ["流失", "低频", "沉睡", "活跃", "流失", "活跃", "潜在"]
    assert churn_rate(before, after) == 1 / 4
    assert retention_rate(before, after) == 3 / 4
    assert winback_rate(before, after) == 1 / 2


def test_nothing_to_count_is_nothing_not_0() -> None:
    assert churn_rate([], []) is None
    assert churn_rate(["沉睡"], ["流失"]) is None
    assert retention_rate(["潜在"], ["活跃"]) is None
    assert winback_rate(["活跃"], ["活跃"]) is None
    assert repurchase_rate(np.array([0, NAN])) is None
    assert nps(np.array([NAN])) is None
    assert nps_margin(np.array([NAN])) is None
    assert csat(np.empty(0)) is None


def test_figures() -> None:
    assert repurchase_rate(np.array([1, 2, 5, 0, NAN, 1.9999999999])) == 3 / 4
    assert nps(np.array([10, 9, 8, 7, 6, 0, NAN])) == 0
    assert nps(np.array([10, 9, 8, 8])) == 50
    assert csat(np.array([5, 4, 3, NAN])) == 2 / 3


def test_margin_of_nps() -> None:
    # 50 promoters, 30 passives, 20 detractors: 1.959964 * sqrt((0.5 + 0.2 - 0.09) / 100)
    hundred = np.repeat([10.0, 7.0, 3.0, NAN], [50, 30, 20, 9])
    assert nps_margin(hundred) == pytest.approx(15.307808, abs=1e-6)
    # the worked example of the Cross Validated answer that most spreadsheets follow: half, a third and a sixth of 324
    # have a standard error of 4.1 points
    assert nps_margin(np.repeat([9.0, 8.0, 0.0], [162, 108, 54]), z=1) == pytest.approx(4.1, abs=0.05)
    assert nps_margin(np.repeat([9.0, 8.0, 0.0], [162, 108, 54]), z=1) == pytest.approx(np.sqrt(5 / 9 / 324) * 100)
    assert nps_margin(np.array([10.0, 0.0]), z=2) == pytest.approx(2 * np.sqrt(0.5) * 100)
    assert nps_margin(np.array([9.0])) == nps_margin(np.array([7.0, 8.0])) == nps_margin(np.zeros(3)) == 0


@given(st.lists(st.integers(0, 10).map(float), min_size=1, max_size=50))
def test_margin_of_nps_is_that_of_a_mean(ratings: list[float]) -> None:
    """An answer counts 1, 0 or -1: the NPS is 100 times the mean, its margin z standard errors of it."""
    counted = np.array([(r >= 9) - (r <= 6.0) for r in ratings], dtype=float)
    assert nps(np.array(ratings)) == pytest.approx(counted.mean() * 100, abs=1e-9)
    assert nps_margin(np.array(ratings)) == pytest.approx(
        1.959964 * counted.std() / np.sqrt(len(ratings)) * 100, abs=1e-6
    )


def test_orders_per_month() -> None:
    first = np.array(["2024-08-31", "2024-02-29", "2023-08-31", "2020-01-01", "NaT"], dtype="datetime64[D]")
    as_of = np.array("2024-08-31", dtype="datetime64[D]")
    twelve = np.full(5, 12.0)
    found = orders_per_month(twelve, first, as_of, np.array(12.0))
    assert found.tolist()[:4] == [12, 2, 1, 1] and np.isnan(found[4])
    assert orders_per_month(twelve, first, as_of, np.array(0.0))[3] == pytest.approx(12 / 55)
    # 31 August to 29 February is six whole months
    assert orders_per_month(np.array([6.0]), first[1:2], as_of, np.array(12.0))[0] == 1
