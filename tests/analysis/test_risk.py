from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.risk import LITTLE_DATA, churn_reasons, health_codes, ranked_risks
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import HealthRule

NAN = float("nan")
RULES = default_rules("zh").health_rules


def codes(recent: list[float], before: list[float], rules: tuple[HealthRule, ...] = RULES) -> list[int]:
    return health_codes(np.array(recent), np.array(before), rules).tolist()  # type: ignore[no-any-return]


def test_drop() -> None:
    found = codes([70, 71, 85, 86, 100, 300, 0], [100] * 7)
    assert [RULES[i].label for i in found] == ["预警", "关注", "关注", "健康", "健康", "健康", "预警"]


def test_too_little_and_nothing() -> None:
    assert codes([9, 0, 0, NAN, 1], [2, 2.9, 0, 5, NAN]) == [LITTLE_DATA, LITTLE_DATA, LITTLE_DATA, -1, -1]
    assert codes([3], [3 - 1e-12]) == [2]


def test_a_rule_for_growth() -> None:
    rules = (
        HealthRule(drop=-0.5, label="平稳"),
        HealthRule(drop=0.3, label="预警"),
        HealthRule(drop=None, label="增长"),
    )
    assert [rules[i].label for i in codes([10, 15, 16, 7], [10] * 4, rules)] == ["平稳", "平稳", "增长", "预警"]


def test_reasons() -> None:
    activity = np.array(["潜在", "Prospect", "沉睡", "活跃", "活跃", "流失"], dtype=object)
    health = np.array(["预警", "", "健康", "At risk", "", ""], dtype=object)
    complaints = np.array([9, NAN, 1, 2, NAN, NAN])
    satisfaction = np.array([1, NAN, 5, 2, 2.5, NAN])
    assert churn_reasons(activity, health, complaints, satisfaction, "zh") == [
        None, None, ["已沉睡"], ["活跃度下降", "90天内投诉2次", "满意度2"], [], ["已流失"],
    ]  # fmt: skip


def test_ranked_by_money_at_stake() -> None:
    loss = np.array([0.5, 0.1, 1.0, 0.25, NAN, 0.9, 0.9, 0.0])
    value = np.array([100.0, 500.0, -30.0, 200.0, 900.0, NAN, 0.0, 70.0])
    found = ranked_risks(loss, value)
    np.testing.assert_array_equal(found.stake, [50, 50, 0, 50, NAN, NAN, 0, 0])
    # 50 three times: the larger value first; 0: the same, then the row
    assert found.order.tolist() == [1, 3, 0, 7, 2, 6]


def test_nobody_to_rank() -> None:
    assert ranked_risks(np.array([NAN]), np.array([1.0])).order.tolist() == []
    assert ranked_risks(np.array([]), np.array([])).order.tolist() == []


@given(
    st.lists(st.tuples(st.integers(0, 100).map(lambda x: x / 100), st.integers(-500, 9_000).map(float)), unique=True)
)
def test_neither_rows_nor_unit_change_the_ranking(rows: list[tuple[float, float]]) -> None:
    loss, value = np.array([a for a, _ in rows]), np.array([b for _, b in rows])
    one = ranked_risks(loss, value)
    assert (np.diff(one.stake[one.order]) <= 1e-9).all() and sorted(one.order) == list(range(len(rows)))
    np.testing.assert_array_equal(ranked_risks(loss, value / 1e4).order, one.order)
    back = ranked_risks(loss[::-1], value[::-1])
    np.testing.assert_array_equal(back.stake[back.order], one.stake[one.order])
    ties = list(zip(one.stake, np.maximum(value, 0), strict=True))
    if len(set(ties)) == len(ties):
        np.testing.assert_array_equal(len(rows) - 1 - back.order, one.order)
