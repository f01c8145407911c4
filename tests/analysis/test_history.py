from __future__ import annotations

from datetime import date

import pytest

from crm_xl.analysis.history import Snapshot, add_snapshot, trend


def seen(
    day: date, customer: str, activity: str = "活跃", spend: float | None = 1, orders: float | None = 1
) -> Snapshot:
    return Snapshot(day, customer, "", activity, "", "", spend, orders)


def dates(rows: list[Snapshot]) -> list[date]:
    return sorted({r.as_of for r in rows})


def test_the_same_date_again_replaces_it() -> None:
    day, before = date(2024, 6, 30), date(2024, 3, 31)
    history = [seen(before, "A"), seen(day, "A", spend=1), seen(day, "B")]
    rows, dropped = add_snapshot(history, [seen(day, "A", spend=2)], day, 100)
    assert rows == [seen(before, "A"), seen(day, "A", spend=2)] and dropped == 0


def test_rows_come_by_date() -> None:
    rows, _ = add_snapshot([seen(date(2024, 9, 1), "A")], [seen(date(2024, 6, 1), "A")], date(2024, 6, 1), 100)
    assert [r.as_of for r in rows] == [date(2024, 6, 1), date(2024, 9, 1)]


def test_older_dates_thin_to_the_last_of_each_month() -> None:
    days = [date(2024, 1, 5), date(2024, 1, 20), date(2024, 1, 31), date(2024, 2, 3), date(2024, 2, 10)]
    history = [seen(d, c) for d in days for c in "AB"]
    today = date(2024, 2, 20)
    rows, dropped = add_snapshot(history, [seen(today, c) for c in "AB"], today, 8)
    # as few as needed, the oldest first
    assert dates(rows) == [date(2024, 1, 31), date(2024, 2, 3), date(2024, 2, 10), today] and dropped == 2
    rows, dropped = add_snapshot(history, [seen(today, c) for c in "AB"], today, 6)
    assert dates(rows) == [date(2024, 1, 31), date(2024, 2, 10), today] and dropped == 3
    rows, dropped = add_snapshot(history, [seen(today, c) for c in "AB"], today, 4)
    assert dates(rows) == [date(2024, 2, 10), today] and dropped == 4


def test_today_stays_whatever_the_limit() -> None:
    today = date(2024, 2, 20)
    rows, _ = add_snapshot([seen(date(2024, 1, 1), "A")], [seen(today, c) for c in "ABC"], today, 2)
    assert dates(rows) == [today] and len(rows) == 3


def test_trend_against_the_snapshot_before() -> None:
    first, second, third = date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)
    history = [
        seen(second, "A", "流失", 0, 2), seen(second, "B", "低频", 4, 3), seen(second, "C", "活跃", None, 1),
        seen(second, "E", "活跃", 9, None),
        seen(first, "A", "活跃", 5, 2), seen(first, "B", "活跃", 5, 2), seen(first, "C", "沉睡", 1, 1),
        seen(first, "D", "流失", 0, 1),
        seen(third, "Z", "潜在", None, 0),
    ]  # fmt: skip
    one, two, three = trend(history)
    assert (one.as_of, one.customers, one.active, one.dormant, one.lost, one.spend) == (first, 4, 2, 1, 1, 11)
    assert (one.churn_rate, one.retention_rate, one.winback_rate) == (None, None, None)
    assert one.repurchase_rate == 2 / 4
    assert (two.customers, two.active, two.dormant, two.lost, two.spend) == (4, 3, 0, 1, 13)
    # of A and B, active before, A is lost; C came back; D and E are not in both
    assert (two.churn_rate, two.retention_rate, two.winback_rate) == (0.5, 0.5, 1.0)
    assert two.repurchase_rate == pytest.approx(2 / 3)
    assert (three.repurchase_rate, three.churn_rate) == (None, None)
    assert trend([]) == []
