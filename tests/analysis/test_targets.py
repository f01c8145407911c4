from __future__ import annotations

from datetime import date

import pytest

from crm_xl.analysis.targets import (
    in_target_scope,
    list_column,
    list_share,
    metric_key,
    metric_value,
    progress,
    status,
    target_figure,
    top_rows,
)  # fmt: skip
from crm_xl.cells import CellError
from crm_xl.vocabulary.metrics import METRICS

COLUMNS = {
    "activity": ["活跃", "低频", "流失", "潜在"],
    "annual_spend": [10, 6, 0, None],
    "order_count": [4, 1, 2, None],
    "average_order": [2, 5, 1, None],
    "satisfaction": [5, None, 2, None],
    "segment": ["高价值活跃客户", "中价值低频客户", "低价值流失客户", "潜在客户"],
    "region": ["华东", "华东", "华北", None],
    "complaints": [2, None, 1, None],
    "recommend": [10, 9, 3, 99],
    "activity_before": ["活跃", "沉睡", "活跃", "潜在"],
    "period_net": [120.0, 50.0, 0.0, 0.0],
    "year_ago_net": [100.0, 50.0, 50.0, 0.0],
    "renewed": [True, False, False, False],
    "lapsed": [False, True, True, False],
    "我的打分": [3, 9, 9, "高"],
}
ROWS = range(4)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("customers", 4),
        ("active", 2),
        ("prospects", 1),
        ("spend", 16),
        ("average_order", (2 * 4 + 5 * 1 + 1 * 2) / 7),
        ("arpu", 8),
        ("repurchase_rate", 2 / 3),
        ("satisfaction", 3.5),
        ("churn_rate", 0.5),
        ("retention_rate", 0.5),
        ("winback_rate", 1.0),
        ("conversion_rate", 0.0),
        ("growth_rate", 170 / 200 - 1),
        ("upsell_rate", 1 / 2),
        ("renewal_rate", 1 / 3),
        ("csat", 0.5),
        ("nps", (2 - 1) / 3 * 100),
        ("complaints", 3),
    ],
)
def test_metrics(key: str, value: float) -> None:
    assert metric_value(key, ROWS, COLUMNS) == pytest.approx(value)


def test_every_metric_is_met_and_found_in_both_languages() -> None:
    for key, names in METRICS.items():
        metric_value(key, ROWS, COLUMNS)
        for name in names:
            assert metric_key(f" {name.upper()} ") == key
    assert metric_key("利润") is None and metric_key(None) is None


@pytest.mark.parametrize("key", sorted(set(METRICS) - {"customers", "active", "prospects", "spend"}))
def test_no_base_no_figure(key: str) -> None:
    assert metric_value(key, [], {}) is None
    assert metric_value(key, [3], {}) is None
    # a prospect at the start who has not ordered is a base for one rate alone
    assert key == "conversion_rate" or metric_value(key, [3], COLUMNS) is None


def test_movement_is_that_of_the_scope() -> None:
    assert metric_value("churn_rate", [0], COLUMNS) == 0
    assert metric_value("churn_rate", [2], COLUMNS) == 1
    bought = {**COLUMNS, "order_count": [4, 1, 2, 1]}
    assert metric_value("conversion_rate", ROWS, bought) == 1
    # an error is no state
    broken = {**COLUMNS, "activity": [CellError("#VALUE!"), "低频", "流失", "潜在"]}
    assert metric_value("churn_rate", ROWS, broken) == 1
    assert metric_value("active", ROWS, broken) == 1


def test_scope() -> None:
    assert in_target_scope(None, COLUMNS, 4) == in_target_scope("全部", COLUMNS, 4) == [0, 1, 2, 3]
    assert in_target_scope("All", COLUMNS, 4) == [0, 1, 2, 3]
    assert in_target_scope("华东", COLUMNS, 4) == [0, 1]
    assert in_target_scope("流失", COLUMNS, 4) == [2]
    assert in_target_scope("西南", COLUMNS, 4) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("年消费金额", "annual_spend"),
        ("年消费金额(万元)", "annual_spend"),
        ("Annual spend", "annual_spend"),
        ("年消费总额", "annual_spend"),
        ("满意度评分(1-5)", "satisfaction"),
        ("平均满意度", "satisfaction"),
        ("我的打分", "我的打分"),
        ("所属行业", None),
        ("区域", None),
        ("CLV", None),  # not there
        ("利润", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_list_is_ranked_by(text: object, key: str | None) -> None:
    assert list_column(text, COLUMNS) == key


@pytest.mark.parametrize(
    ("value", "share"), [(20, 0.2), (0.2, 0.2), (100, 1.0), (1, 0.01), (0, None), (-5, None), (101, None)]
)
def test_share_of_a_list(value: float, share: float | None) -> None:
    assert list_share(value) == share


def test_top_rows() -> None:
    spend = COLUMNS["annual_spend"]
    assert top_rows(ROWS, spend, 0.5) == [(1, 0, 10.0)]
    assert top_rows(ROWS, spend, 0.51) == top_rows(ROWS, spend, 1) == [(1, 0, 10.0), (2, 1, 6.0)]
    # equal values are not torn apart, and share a rank
    assert top_rows(ROWS, COLUMNS["我的打分"], 0.2) == [(1, 1, 9.0), (1, 2, 9.0)]
    assert top_rows(ROWS, COLUMNS["我的打分"], 1) == [(1, 1, 9.0), (1, 2, 9.0), (3, 0, 3.0)]
    assert top_rows([], spend, 1) == top_rows([2, 3], spend, 1) == []
    # five of five hundred, whatever 0.01 * 500 comes to
    assert len(top_rows(range(500), [float(i + 1) for i in range(500)], 0.01)) == 5


def test_figure_to_reach() -> None:
    nan = float("nan")
    assert target_figure("达到", nan, 50) == target_figure(None, nan, 50) == 50
    assert target_figure("提升%", 200, 20) == 240
    assert target_figure("提升%", nan, 20) is target_figure("名单", nan, 20) is target_figure("达到", nan, nan) is None


@pytest.mark.parametrize(
    ("kind", "baseline", "target", "current", "share", "reached"),
    [
        ("达到", 100, 200, 150, 0.5, False),
        ("达到", 100, 200, 200, 1.0, True),
        ("达到", 100, 200, 500, 2.0, True),
        ("达到", 100, 200, 50, 0.0, False),
        ("达到", None, 200, 50, 0.25, False),
        ("Reach", 100, 100, 100, 1.0, True),
        ("Reach", 100, 100, 99, 0.0, False),
        ("提升%", 100, 20, 110, 0.5, False),
        ("提升%", 100, 20, 120, 1.0, True),
        ("提升%", None, 20, 120, None, False),
        ("降低至", 0.2, 0.1, 0.15, 0.5, False),
        ("降低至", 0.2, 0.1, 0.1, 1.0, True),
        ("Lower to", 0.2, 0.1, 0.05, 1.5, True),
        ("降低至", 0.2, 0.1, 0.3, 0.0, False),
        ("降低至", None, 0.1, 0.3, 0.0, False),
        ("降低至", None, 0.1, 0.05, 1.0, True),
        ("达到", 100, 200, None, None, False),
    ],
)
def test_progress(
    kind: str, baseline: float | None, target: float, current: float | None, share: float | None, reached: bool
) -> None:
    found, done = progress(kind, baseline, target, current)
    assert found == (share if share is None else pytest.approx(share)) and done is reached


@pytest.mark.parametrize(
    ("share", "reached", "as_of", "answer"),
    [
        (0.5, False, date(2024, 7, 1), "正常"),
        (0.49, False, date(2024, 7, 1), "落后"),
        (0.99, False, date(2024, 12, 31), "落后"),
        (0.99, False, date(2025, 1, 1), "逾期"),
        (1.0, True, date(2025, 1, 1), "达成"),
        (None, False, date(2024, 7, 1), ""),
        (0.0, False, date(2023, 12, 1), "正常"),
    ],
)
def test_status(share: float | None, reached: bool, as_of: date, answer: str) -> None:
    # 366 days, half of them gone on 1 July
    start, due = date(2023, 12, 31), date(2024, 12, 31)
    assert status(share, reached, start, due, as_of, "zh") == answer


def test_status_without_dates() -> None:
    assert status(0.1, False, None, None, date(2024, 7, 1), "en") == "On track"
    assert status(0.1, False, None, date(2024, 6, 30), date(2024, 7, 1), "en") == "Overdue"
    assert status(0.1, True, None, None, date(2024, 7, 1), "en") == "Achieved"
