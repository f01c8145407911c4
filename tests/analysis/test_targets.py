from __future__ import annotations

from datetime import date

import pytest

from crm_xl.analysis.history import TrendRow
from crm_xl.analysis.targets import in_target_scope, metric_key, metric_value, progress, status
from crm_xl.vocabulary.metrics import METRICS

COLUMNS = {
    "activity": ["活跃", "低频", "流失", "潜在"],
    "annual_spend": [10, 6, 0, None],
    "order_count": [4, 1, 2, None],
    "average_order": [2, 5, 1, None],
    "satisfaction": [5, None, 2, None],
    "segment": ["高价值活跃客户", "中价值低频客户", "低价值流失客户", "潜在客户"],
    "region": ["华东", "华东", "华北", None],
}
ROWS = range(4)
MOVED = TrendRow(date(2024, 6, 30), 4, 2, 0, 1, 16, None, 0.5, 0.25, 0.75)


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
        ("churn_rate", 0.25),
        ("retention_rate", 0.75),
        ("winback_rate", 0.5),
    ],
)
def test_metrics(key: str, value: float) -> None:
    assert metric_value(key, ROWS, COLUMNS, MOVED) == pytest.approx(value)


def test_every_metric_is_met_and_found_in_both_languages() -> None:
    for key, names in METRICS.items():
        metric_value(key, ROWS, COLUMNS, MOVED)
        for name in names:
            assert metric_key(f" {name.upper()} ") == key
    assert metric_key("利润") is None and metric_key(None) is None


@pytest.mark.parametrize(
    "key", ["arpu", "average_order", "repurchase_rate", "satisfaction", "churn_rate", "winback_rate"]
)
def test_no_base_no_figure(key: str) -> None:
    assert metric_value(key, [3], COLUMNS, None) is None
    assert metric_value(key, [], {}, None) is None


def test_scope() -> None:
    assert in_target_scope(None, COLUMNS, 4) == in_target_scope("全部", COLUMNS, 4) == [0, 1, 2, 3]
    assert in_target_scope("All", COLUMNS, 4) == [0, 1, 2, 3]
    assert in_target_scope("华东", COLUMNS, 4) == [0, 1]
    assert in_target_scope("流失", COLUMNS, 4) == [2]
    assert in_target_scope("西南", COLUMNS, 4) == []


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
