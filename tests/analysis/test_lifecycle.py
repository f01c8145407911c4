from __future__ import annotations

import numpy as np

from crm_xl.analysis.lifecycle import lifecycle_codes
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import LifecycleRule


def codes(count: list[float], last: list[str], rules: tuple[LifecycleRule, ...]) -> list[int]:
    as_of = np.array(["2024-08-31"], dtype="datetime64[D]")
    days = np.array(last, dtype="datetime64[D]")
    return lifecycle_codes(np.array(count, dtype=float), days, as_of, rules).tolist()  # type: ignore[no-any-return]


def test_default_stages() -> None:
    rules = default_rules("zh").lifecycle_rules
    found = codes(
        [5, 5, 5, 5, 2, 1, 0.4],
        ["2024-02-29", "2024-03-01", "2024-05-31", "2024-06-01", "2024-08-31", "2024-08-31", "2024-08-31"],
        rules,
    )
    assert [rules[i].label for i in found] == ["流失", "沉睡", "沉睡", "复购", "复购", "成交", "成交"]


def test_no_order_and_half_an_order() -> None:
    rules = default_rules("zh").lifecycle_rules
    nan = float("nan")
    assert codes([0, nan, 1e-12, 1, 0, nan], ["NaT"] * 4 + ["2024-08-31"] * 2, rules) == [-2, -2, -2, -1, -1, -1]


def test_first_match_and_gap() -> None:
    rules = (
        LifecycleRule(months_since=None, orders=10, label="老客户"),
        LifecycleRule(months_since=6, orders=None, label="流失"),
    )
    assert codes([10, 9, 9], ["2020-01-01", "2024-02-29", "2024-03-01"], rules) == [0, 1, -3]
