from __future__ import annotations

import numpy as np
import pytest

from crm_xl.analysis.rates import (
    churn_rate,
    csat,
    is_active,
    nps,
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
    assert csat(np.empty(0)) is None


def test_figures() -> None:
    assert repurchase_rate(np.array([1, 2, 5, 0, NAN, 1.9999999999])) == 3 / 4
    assert nps(np.array([10, 9, 8, 7, 6, 0, NAN])) == 0
    assert nps(np.array([10, 9, 8, 8])) == 50
    assert csat(np.array([5, 4, 3, NAN])) == 2 / 3


def test_orders_per_month() -> None:
    first = np.array(["2024-08-31", "2024-02-29", "2023-08-31", "2020-01-01", "NaT"], dtype="datetime64[D]")
    as_of = np.array("2024-08-31", dtype="datetime64[D]")
    twelve = np.full(5, 12.0)
    found = orders_per_month(twelve, first, as_of, np.array(12.0))
    assert found.tolist()[:4] == [12, 2, 1, 1] and np.isnan(found[4])
    assert orders_per_month(twelve, first, as_of, np.array(0.0))[3] == pytest.approx(12 / 55)
    # 31 August to 29 February is six whole months
    assert orders_per_month(np.array([6.0]), first[1:2], as_of, np.array(12.0))[0] == 1
