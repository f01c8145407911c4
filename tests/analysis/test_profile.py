from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from crm_xl.analysis.profile import cross_table, excel_numbers, group_profile
from crm_xl.cells import VALUE_ERROR

TAGS = ["甲", "乙", "甲", "甲", None, "", VALUE_ERROR, "丙", "乙", "乙", "乙"]
COLUMNS = {
    "annual_spend": [10, 5, None, 20, 99, 99, 99, "x", 0, 0, 5],
    "order_count": [1, 2, 3, None, 9, 9, 9, 0, 1, 2, 0],
    "average_order": [4, 1, 2, 7, 9, 9, 9, None, 3, None, None],
    "satisfaction": [5, None, 4, "5", 1, 1, 1, None, None, 3, 2],
    "collection_days": [30, 60, None, True, 9, 9, 9, None, None, None, 30],
    "industry": ["制造", "零售", "教育", "制造", "x", "x", "x", " ", "IT", "零售", "医疗"],
    "churn_cause": ["价格", None, "竞品", "竞品", None, None, None, None, None, None, None],
}


def test_figures_of_each_group() -> None:
    found = {g.segment: g for g in group_profile(TAGS, COLUMNS, ["乙", "甲"], "、")}
    assert list(found) == ["乙", "甲", "丙"]
    first, second, third = found["甲"], found["乙"], found["丙"]
    assert (first.customers, second.customers, third.customers) == (3, 4, 1)
    assert (first.customer_share, second.customer_share, third.customer_share) == (3 / 8, 4 / 8, 1 / 8)
    assert (first.spend, second.spend, third.spend) == (30, 10, 0)
    assert (first.spend_share, second.spend_share) == (0.75, 0.25)
    # orders weigh the average: (4·1 + 2·3) ÷ 4; the one without a count does not take part
    assert first.average_order == 2.5
    assert second.average_order == (1 * 2 + 3 * 1) / 3
    assert third.average_order is None
    assert first.repurchase_rate == 1 / 2
    assert second.repurchase_rate == 2 / 3
    assert third.repurchase_rate is None
    assert (first.satisfaction, second.satisfaction, third.satisfaction) == (4.5, 2.5, None)
    assert (first.collection_days, second.collection_days) == (30, 45)
    assert first.industries == "制造、教育"
    # the most frequent first, ties by text, at most three
    assert second.industries == "零售、IT、医疗"
    assert (third.industries, first.churn_causes, first.preference) == ("", "竞品、价格", "")


def test_groups_outside_the_order_come_by_size() -> None:
    assert [g.segment for g in group_profile(["a", "b", "b", "c", "c", "z"], {}, ["z"], ", ")] == ["z", "b", "c", "a"]


def test_shares_add_up() -> None:
    groups = group_profile(TAGS, COLUMNS, [], "、")
    assert sum(g.customer_share for g in groups) == pytest.approx(1)
    assert sum(g.spend_share for g in groups) == pytest.approx(1)
    assert group_profile([None, ""], {}, [], "、") == []
    assert [g.spend_share for g in group_profile(["a"], {"annual_spend": [0]}, [], "、")] == [0.0]


def test_numbers_as_excel_counts_them() -> None:
    cells = [1, 2.5, True, "3", None, "", dt.datetime(2024, 1, 1, 12), VALUE_ERROR]
    values = excel_numbers(cells)
    assert values[:2].tolist() == [1, 2.5] and values[6] == 45292.5
    assert np.isnan(values[[2, 3, 4, 5, 7]]).all()


def test_cross_table() -> None:
    table = cross_table(["高", "高", "低"], ["活", "活", "流"])
    assert table["高", "活"] == 2 and table["低", "流"] == 1 and table["高", "流"] == 0
