from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.cells import VALUE_ERROR
from crm_xl.functions import (
    ACTIVITY,
    DEMAND_TYPE,
    INDUSTRY_GROUP,
    LIFECYCLE,
    MONTHLY_ORDERS,
    SEGMENT,
    SEGMENT_TAG,
    VALUE_TIER,
)
from tests.functions import cells, plain

AS_OF = dt.datetime(2024, 8, 31)
FEBRUARY_29 = dt.datetime(2024, 2, 29)
langs = st.sampled_from(["zh", "en"])


@settings(max_examples=400, deadline=None)
@given(cells.amounts, cells.counts, cells.dates, cells.as_ofs, langs)
def test_segment_by_the_rules(spend: Any, monthly: Any, last: Any, as_of: dt.date, lang: str) -> None:
    when = cells.moment(as_of)
    assert SEGMENT(spend, monthly, last, when, None, None, lang) == plain.segment(spend, monthly, last, as_of, lang)
    assert ACTIVITY(monthly, last, when, None, lang) == plain.activity(monthly, last, as_of, lang)
    assert VALUE_TIER(spend, None, lang) == plain.value_tier(spend, lang)


@settings(max_examples=300, deadline=None)
@given(cells.counts, cells.dates, cells.as_ofs, langs, cells.counts)
def test_lifecycle_and_monthly_orders_by_the_rules(
    count: Any, day: Any, as_of: dt.date, lang: str, window: Any
) -> None:
    when = cells.moment(as_of)
    assert LIFECYCLE(count, day, when, None, lang) == plain.lifecycle(count, day, as_of, lang)
    answer, wanted = MONTHLY_ORDERS(count, day, when, window), plain.monthly_orders(count, day, as_of, window)
    assert answer == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


@pytest.mark.parametrize(
    ("spend", "monthly", "last", "tag"),
    [
        (15.2, 1.3, AS_OF, "高价值活跃客户"),
        (10, 1, AS_OF, "高价值活跃客户"),
        (9.999999, 0.999999, AS_OF, "中价值低频客户"),
        (9.9999999999, 0.9999999999, AS_OF, "高价值活跃客户"),
        (2, 0, AS_OF, "中价值低频客户"),
        (1.99, 5, dt.datetime(2024, 5, 31), "低价值沉睡客户"),
        (1.99, 5, dt.datetime(2024, 6, 1), "低价值活跃客户"),
        (50, 5, FEBRUARY_29, "高价值流失客户"),
        (50, 5, dt.datetime(2024, 3, 1), "高价值沉睡客户"),
        (0, 1, AS_OF, "低价值活跃客户"),
        (-3, 1, AS_OF, "低价值活跃客户"),
        # no order
        (None, None, None, "潜在客户"),
        (0, None, None, "潜在客户"),
        (0, 3, "", "潜在客户"),
        (5, 3, None, "信息待完善"),
        (-5, 3, None, "信息待完善"),
        # missing
        (None, 3, AS_OF, "信息待完善"),
        (5, None, AS_OF, "信息待完善"),
        (5, None, FEBRUARY_29, "中价值流失客户"),
        # wrong
        ("5", 3, AS_OF, VALUE_ERROR),
        (5, -1, AS_OF, VALUE_ERROR),
        (None, -1, None, VALUE_ERROR),
        (5, AS_OF, AS_OF, VALUE_ERROR),
        (5, 3, "2024-01-01", VALUE_ERROR),
    ],
)
def test_segment(spend: Any, monthly: Any, last: Any, tag: str) -> None:
    assert SEGMENT(spend, monthly, last, AS_OF) == tag


def test_month_ends() -> None:
    """EDATE(31 August, -6) is the last day of February, which counts as six months ago."""
    last = [[dt.datetime(2024, 2, 28)], [FEBRUARY_29], [dt.datetime(2024, 3, 1)]]
    assert ACTIVITY(1, last, AS_OF) == [["流失"], ["流失"], ["沉睡"]]
    last = [[dt.datetime(2023, 2, 27)], [dt.datetime(2023, 2, 28)], [dt.datetime(2023, 3, 1)]]
    assert ACTIVITY(1, last, dt.datetime(2023, 8, 31)) == [["流失"], ["流失"], ["沉睡"]]
    # 29 February: six months before is 29 August, not the end of August
    last = [[dt.datetime(2023, 8, 29)], [dt.datetime(2023, 8, 30)]]
    assert ACTIVITY(1, last, FEBRUARY_29) == [["流失"], ["沉睡"]]


def test_english() -> None:
    assert SEGMENT(15, 1, AS_OF, AS_OF, lang="en") == "High-value · Active"
    assert SEGMENT(1, 0, FEBRUARY_29, AS_OF, lang="en") == "Low-value · Lost"
    assert SEGMENT(None, None, None, AS_OF, lang="en") == "Prospect"
    assert SEGMENT(5, None, None, AS_OF, lang="en") == "Incomplete"
    assert LIFECYCLE([[0], [1], [2]], [[None], [AS_OF], [AS_OF]], AS_OF, lang="en") == [
        ["Prospect"], ["First order"], ["Repeat"],
    ]  # fmt: skip


def test_own_tiers_and_rules() -> None:
    tiers = [["下限", "层级"], [None, "C"], [50, "A"], [20, "B"]]
    rules = [
        ["未合作月数≥", "月均合作≥", "标签"],
        [12, None, "走失"],
        [None, 4, "高频"],
        [1, None, "观望"],
        [None, None, "一般"],
    ]
    spend = [[50], [20], [19], [50], [None]]
    monthly = [[1], [4], [1], [9], [4]]
    last = [[FEBRUARY_29], [FEBRUARY_29], [AS_OF], [dt.datetime(2023, 8, 31)], [AS_OF]]
    assert SEGMENT(spend, monthly, last, AS_OF, tiers, rules) == [
        ["A观望客户"], ["B高频客户"], ["C一般客户"], ["A走失客户"], ["信息待完善"],
    ]  # fmt: skip


def test_first_matching_rule_holds() -> None:
    rules = [[None, None, "一般"], [6, None, "流失"]]
    assert ACTIVITY(1, FEBRUARY_29, AS_OF, rules) == "一般"


def test_rules_that_leave_a_gap() -> None:
    """Nothing matches: no label that looks like a result."""
    rules = [[6, None, "流失"], [None, 1, "活跃"]]
    assert ACTIVITY([[2], [0.5], [None]], AS_OF, AS_OF, rules) == [["活跃"], [VALUE_ERROR], ["信息待完善"]]
    assert SEGMENT(5, 0.5, AS_OF, AS_OF, None, rules) == VALUE_ERROR
    assert LIFECYCLE(1, AS_OF, AS_OF, [[6, None, "流失"], [None, 2, "复购"]]) == VALUE_ERROR


def test_activity_needs_no_monthly_figure_where_the_date_decides() -> None:
    assert ACTIVITY(None, FEBRUARY_29, AS_OF) == "流失"
    assert ACTIVITY(None, AS_OF, AS_OF) == "信息待完善"
    assert ACTIVITY(None, None, AS_OF) == "潜在"
    assert ACTIVITY(-1, None, AS_OF) == VALUE_ERROR


@pytest.mark.parametrize(
    ("labels", "tag"),
    [
        (("高价值", "活跃"), "高价值活跃客户"),
        (("高价值",), "高价值客户"),
        (("高价值", None, "制造业"), "高价值制造业客户"),
        (("制造业", "高价值", "低频"), "制造业高价值低频客户"),
        (("高价值", "潜在"), "潜在客户"),
        (("潜在", "信息待完善"), "潜在客户"),
        (("高价值", "信息待完善"), "信息待完善"),
        (("新客户", "华东"), "新华东客户"),
        ((None, "活跃"), "信息待完善"),
        ((" ",), "信息待完善"),
        (("高价值", True), VALUE_ERROR),
        (("高价值", AS_OF), VALUE_ERROR),
        ((VALUE_ERROR, "活跃"), VALUE_ERROR),
        (("高价值", 35), "高价值35客户"),
    ],
)
def test_segment_tag(labels: tuple[Any, ...], tag: str) -> None:
    assert SEGMENT_TAG(*labels) == tag


def test_segment_tag_in_english() -> None:
    assert SEGMENT_TAG("High-value", "Active", "Retail", "en") == "High-value · Active · Retail"
    assert SEGMENT_TAG("High-value", "Prospect", lang="en") == "Prospect"
    assert SEGMENT_TAG([["High-value"], ["Incomplete"]], "Active", lang="en") == [
        ["High-value · Active"],
        ["Incomplete"],
    ]


@settings(max_examples=100, deadline=None)
@given(cells.amounts, cells.counts, cells.near_days)
def test_segment_is_the_tag_of_its_two_labels(spend: Any, monthly: Any, near: dt.date) -> None:
    """Where there is an order and a spend, SEGMENT joins what VALUE_TIER and ACTIVITY say."""
    last = cells.moment(min(near, AS_OF.date()))
    tier, activity = VALUE_TIER(spend), ACTIVITY(monthly, last, AS_OF)
    assert SEGMENT(spend, monthly, last, AS_OF) == SEGMENT_TAG(tier, activity)


@pytest.mark.parametrize(
    ("industry", "group"),
    [
        ("制造业", "制造业"),
        ("汽车制造业", "制造业"),
        (" 零售业 ", "零售业"),
        ("高等教育", "机构"),
        ("农业", "其他"),
        ("", "未知行业"),
        (None, "未知行业"),
        (12, "其他"),
        (True, VALUE_ERROR),
    ],
)
def test_industry_group(industry: Any, group: str) -> None:
    assert INDUSTRY_GROUP(industry) == group


def test_own_groups() -> None:
    table = [["所属行业", "行业分组"], ["业", "泛"], ["制造业", "工"], ["汽车制造业", "车"], ["Retail", "R"]]
    asked = [["制造业"], ["汽车制造业"], ["新能源汽车制造业"], ["农业"], ["ＲＥＴＡＩＬ"], ["x"], [None]]
    assert INDUSTRY_GROUP(asked, table) == [["工"], ["车"], ["车"], ["泛"], ["R"], ["其他"], ["未知行业"]]
    assert INDUSTRY_GROUP(asked[:2], [["制造业", "工"], ["制造业", "商"]]) == [[VALUE_ERROR], [VALUE_ERROR]]


def test_demand_type() -> None:
    asked = [["A产品"], ["定制服务"], ["综合解决方案"], ["其它"], [None]]
    assert DEMAND_TYPE(asked) == [["A产品采购型"], ["B服务定制型"], ["C综合解决方案型"], ["其他"], ["未知需求"]]
    assert DEMAND_TYPE([["Product A"], ["?"], [None]], None, "en") == [["Product A buyer"], ["Unknown demand"],
                                                                      ["Unknown demand"]]  # fmt: skip
    assert DEMAND_TYPE([["other"]], None, "en") == [["Other"]]


def test_lifecycle_edges() -> None:
    count = [[0], [None], [0], [1], [None], [2], [1.5], [3], [3], [-1]]
    last = [
        [None],
        [None],
        [AS_OF],
        [None],
        [AS_OF],
        [AS_OF],
        [AS_OF],
        [dt.datetime(2024, 5, 31)],
        [FEBRUARY_29],
        [None],
    ]
    assert [row[0] for row in LIFECYCLE(count, last, AS_OF)] == [
        "潜在", "潜在", "信息待完善", "信息待完善", "信息待完善", "复购", "成交", "沉睡", "流失", VALUE_ERROR,
    ]  # fmt: skip


def test_monthly_orders() -> None:
    first = dt.datetime(2023, 8, 31)
    assert MONTHLY_ORDERS(24, first, AS_OF) == 2.0
    assert MONTHLY_ORDERS(24, dt.datetime(2020, 8, 31), AS_OF) == 2.0
    assert MONTHLY_ORDERS(24, dt.datetime(2020, 8, 31), AS_OF, 0) == 0.5
    assert MONTHLY_ORDERS(24, dt.datetime(2020, 8, 31), AS_OF, 6) == 4.0
    assert MONTHLY_ORDERS(5, AS_OF, AS_OF) == 5.0
    assert MONTHLY_ORDERS(6, FEBRUARY_29, AS_OF) == 1.0
    assert MONTHLY_ORDERS(None, first, AS_OF) == ""
    assert MONTHLY_ORDERS(5, None, AS_OF) == ""
    assert MONTHLY_ORDERS(5, first, AS_OF, -1) == VALUE_ERROR


def test_empty_window_is_the_default_in_every_element() -> None:
    first = dt.datetime(2020, 8, 31)
    assert MONTHLY_ORDERS(24, first, AS_OF, [[None], [""], [12], [0]]) == [[2.0], [2.0], [2.0], [0.5]]
    assert MONTHLY_ORDERS(24, first, AS_OF, "") == 2.0


def test_a_prospect_goes_before_a_missing_label() -> None:
    assert SEGMENT_TAG("", "潜在") == "潜在客户"
    assert SEGMENT_TAG(None, "高价值") == "信息待完善"
    assert SEGMENT_TAG("高价值", None) == "高价值客户"
