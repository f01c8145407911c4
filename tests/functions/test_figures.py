from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.cells import VALUE_ERROR
from crm_xl.functions import (
    CHURN_RATE,
    CHURN_REASON,
    CHURN_RISK,
    CLV,
    CSAT,
    HEALTH,
    NPS,
    REPURCHASE_RATE,
    RETENTION_RATE,
    WINBACK_RATE,
)
from tests.functions import cells, plain


def column(values: Any) -> list[list[Any]]:
    return [[v] for v in values]


# ---------------------------------------------------------------- CLV

years = st.one_of(st.integers(0, 12), cells.odd.filter(lambda c: plain_number(c) in (None, 0, 2, -1)))


def plain_number(cell: Any) -> float | None:
    try:
        return plain.number(cell)
    except plain.Wrong:
        return None


@settings(max_examples=300, deadline=None)
@given(cells.amounts, cells.counts, years, cells.amounts, st.sampled_from([None, "", 0, 0.05, 0.1, 1, -0.1, "x"]))
def test_clv_is_the_sum_of_the_years(value: Any, count: Any, period: Any, margin: Any, rate: Any) -> None:
    wanted, answer = plain.clv(value, count, period, margin, rate), CLV(value, count, period, margin, rate)
    assert answer == (pytest.approx(wanted, rel=1e-9, abs=1e-9) if isinstance(wanted, float) else wanted)


def test_clv() -> None:
    assert CLV(100, 4, 3) == 1200.0
    assert CLV(100, 4, 3, 0.3) == pytest.approx(360)
    assert CLV(100, 4, 3, 0.3, 0.1) == pytest.approx(120 / 1.1 + 120 / 1.21 + 120 / 1.331)
    # the same by Excel's PV(10%, 3, -120)
    assert CLV(100, 4, 3, 0.3, 0.1) == pytest.approx(298.42224, abs=5e-6)
    assert CLV(-100, 4, 3) == -1200.0
    assert CLV(100, 4, 2.5) == 1000.0
    assert CLV([[100], [None], ["x"]], 4, 3) == [[1200.0], [""], [VALUE_ERROR]]
    assert CLV(100, -4, 3) == CLV(100, 4, -3) == CLV(100, 4, 3, 1, -0.1) == VALUE_ERROR
    assert CLV(100, 4, 3, [[None], [0.5]], [[None]]) == [[1200.0], [600.0]]


def test_clv_beyond_every_number() -> None:
    assert CLV(1e300, 1e300, 3) == VALUE_ERROR
    assert CLV(1e300, 1e300, 3, 0) == VALUE_ERROR
    assert CLV(1, 1, 1e300, 1, 0.1) == pytest.approx(10)
    assert CLV(1, 1, 3, 1, 1e-12) == pytest.approx(3)


# ---------------------------------------------------------------- health and churn


@settings(max_examples=200, deadline=None)
@given(cells.counts, cells.counts)
def test_health_by_the_rules(recent: Any, before: Any) -> None:
    assert HEALTH(recent, before) == plain.health(recent, before)


def test_health_edges() -> None:
    recent = column([7, 7.01, 8.5, 8.51, 10, 25, 0, 0, 1, None, -1])
    before = column([10, 10, 10, 10, 10, 10, 3, 2, 0, 5, 5])
    assert HEALTH(recent, before) == column(
        ["预警", "关注", "关注", "健康", "健康", "健康", "预警", "数据不足", "数据不足", "信息待完善", VALUE_ERROR]
    )
    assert HEALTH(7, 10, None, "en") == "At risk"
    assert HEALTH(0, 0, None, "en") == "Not enough data"


def test_growth_is_never_an_alarm() -> None:
    table = [["下降≥", "标签"], [0.15, "关注"], [0.3, "预警"]]
    assert HEALTH([[8], [5], [9.9], [20]], 10, table) == [["关注"], ["预警"], [VALUE_ERROR], [VALUE_ERROR]]
    assert HEALTH([[8], [9.9], [20]], 10, [*table, [0, "健康"]]) == [["关注"], ["健康"], ["健康"]]


@settings(max_examples=300, deadline=None)
@given(cells.labels, cells.states, cells.counts, cells.ratings)
def test_churn_by_the_rules(activity: Any, health: Any, complaints: Any, satisfaction: Any) -> None:
    flag, reasons = plain.churn(activity, health, complaints, satisfaction)
    assert CHURN_RISK(activity, health, complaints, satisfaction) == flag
    told = CHURN_REASON(activity, health, complaints, satisfaction)
    if flag in (VALUE_ERROR, "信息待完善"):
        assert told == flag
    else:
        assert len([part for part in told.split("、") if part]) == reasons


def test_churn() -> None:
    assert CHURN_RISK("活跃") == "否"
    assert CHURN_RISK("潜在", "预警", 9, 1) == ""
    assert CHURN_RISK("沉睡") == CHURN_RISK("活跃", "预警") == CHURN_RISK("活跃", None, 2) == "是"
    assert CHURN_RISK("活跃", "关注", 1, 2.01) == "否"
    assert CHURN_RISK("活跃", "健康", None, 2) == "是"
    assert CHURN_RISK("Active", "At risk", lang="en") == "Yes"
    assert CHURN_RISK("", lang="en") == "Incomplete"
    assert CHURN_REASON("流失", "预警", 3, 1.5) == "已流失、活跃度下降、90天内投诉3次、满意度1.5"
    assert (
        CHURN_REASON("Lost", "At risk", 3, 1.5, "en")
        == "lost; activity dropped; 3 complaints in 90 days; satisfaction 1.5"
    )
    assert CHURN_REASON("活跃") == ""
    assert CHURN_RISK(column(["活跃", "沉睡"]), None, column([None, 0]), column([6, 3])) == [[VALUE_ERROR], ["是"]]


# ---------------------------------------------------------------- rates


def test_nps_by_hand() -> None:
    # 4 promoters, 3 passives, 3 detractors of 10
    assert NPS(column([10, 10, 9, 9, 8, 7, 7, 6, 0, 3])) == pytest.approx(10)
    assert NPS([[10, 9, 6], [8, None, ""]]) == pytest.approx(25)
    assert NPS(column([9, 9])) == 100.0
    assert NPS(column([6, 0])) == -100.0
    assert NPS(column([None, ""])) == NPS([]) == ""
    assert NPS(10) == 100.0


def test_csat_by_hand() -> None:
    assert CSAT(column([5, 4, 3, 2, 1, None])) == pytest.approx(0.4)
    assert CSAT(column([None])) == ""
    assert CSAT(column([3.9999999999, 3])) == 0.5, "thresholds compare after rounding to 1e-9"


@pytest.mark.parametrize("bad", [11, -1, "x", True, dt.datetime(2024, 1, 1), float("inf")])
def test_a_rating_outside_the_scale(bad: Any) -> None:
    assert NPS(column([10, bad, 9])) == VALUE_ERROR
    assert CSAT(column([5, bad, 4])) == VALUE_ERROR


def test_scales_end_where_they_say() -> None:
    assert CSAT(column([0, 5])) == VALUE_ERROR
    assert CSAT(column([5.5])) == VALUE_ERROR
    assert NPS(column([0, 10])) == 0.0


def test_repurchase_rate() -> None:
    assert REPURCHASE_RATE(column([0, 1, 2, 3, None])) == pytest.approx(2 / 3)
    assert REPURCHASE_RATE(column([0, None])) == ""
    assert REPURCHASE_RATE(column([1, -1])) == VALUE_ERROR


STATES = [
    "活跃",
    "低频",
    "沉睡",
    "流失",
    "潜在",
    "",
    None,
    "信息待完善",
    "Active",
    "Occasional",
    "Dormant",
    "Lost",
    "不在范围",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)), max_size=30))
def test_movement_by_counting(pairs: list[tuple[str | None, str | None]]) -> None:
    active = ("活跃", "低频", "Active", "Occasional")
    lost, dormant = ("流失", "Lost"), ("沉睡", "Dormant")
    begun = [b for a, b in pairs if a in active]
    idle = [b for a, b in pairs if a in lost + dormant]
    before, after = column(a for a, _ in pairs), column(b for _, b in pairs)
    churn = sum(b in lost for b in begun) / len(begun) if begun else ""
    assert CHURN_RATE(before, after) == churn
    assert RETENTION_RATE(before, after) == ("" if churn == "" else 1 - churn)
    assert WINBACK_RATE(before, after) == (sum(b in active for b in idle) / len(idle) if idle else "")


def test_movement_needs_two_columns_of_a_length() -> None:
    assert CHURN_RATE(column(["活跃"] * 3), column(["流失"] * 2)) == VALUE_ERROR
    assert CHURN_RATE(column(["活跃", VALUE_ERROR]), column(["流失", "活跃"])) == VALUE_ERROR
    assert CHURN_RATE("活跃", "流失") == 1.0


def test_rates_are_numbers_that_a_cell_takes() -> None:
    for answer in (NPS(column([10])), CSAT(column([5])), REPURCHASE_RATE(column([2])), CHURN_RATE("活跃", "活跃")):
        assert type(answer) is float and math.isfinite(answer)
