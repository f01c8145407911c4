from __future__ import annotations

import numpy as np

from crm_xl.analysis.risk import LITTLE_DATA, churn_reasons, health_codes
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
