from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from crm_xl.analysis.history import Snapshot, add_snapshot, trend

Line = tuple[str, str, float | None, float | None]
"""Customer, activity, spend, orders."""


def seen(day: date, *lines: Line | str) -> Snapshot:
    full = [(x, "活跃", 1, 1) if isinstance(x, str) else x for x in lines]
    ids, activity = [x[0] for x in full], [x[1] for x in full]
    spend, orders = (np.array([x[i] for x in full], dtype=float) for i in (2, 3))
    blank = [""] * len(full)
    return Snapshot(day, ids, blank, activity, blank, blank, spend, orders, blank, spend, blank)


def dates(history: list[Snapshot]) -> list[date]:
    return [s.as_of for s in history]


def test_the_same_date_again_replaces_it() -> None:
    day, before = date(2024, 6, 30), seen(date(2024, 3, 31), "A")
    now = seen(day, ("A", "活跃", 2, 1))
    history, dropped = add_snapshot([before, seen(day, "A", "B")], now, 100)
    assert history == [before, now] and dropped == 0


def test_snapshots_come_by_date() -> None:
    history, _ = add_snapshot([seen(date(2024, 9, 1), "A")], seen(date(2024, 6, 1), "A"), 100)
    assert dates(history) == [date(2024, 6, 1), date(2024, 9, 1)]


def test_older_dates_thin_to_the_last_of_each_month() -> None:
    days = [date(2024, 1, 5), date(2024, 1, 20), date(2024, 1, 31), date(2024, 2, 3), date(2024, 2, 10)]
    before = [seen(d, "A", "B") for d in days]
    today = date(2024, 2, 20)
    history, dropped = add_snapshot(before, seen(today, "A", "B"), 8)
    # as few as needed, the oldest first
    assert dates(history) == [date(2024, 1, 31), date(2024, 2, 3), date(2024, 2, 10), today] and dropped == 2
    history, dropped = add_snapshot(before, seen(today, "A", "B"), 6)
    assert dates(history) == [date(2024, 1, 31), date(2024, 2, 10), today] and dropped == 3
    history, dropped = add_snapshot(before, seen(today, "A", "B"), 4)
    assert dates(history) == [date(2024, 2, 10), today] and dropped == 4


def test_today_stays_whatever_the_limit() -> None:
    today = date(2024, 2, 20)
    history, _ = add_snapshot([seen(date(2024, 1, 1), "A")], seen(today, "A", "B", "C"), 2)
    assert dates(history) == [today] and len(history[0]) == 3


def test_trend_against_the_snapshot_before() -> None:
    first, second, third = date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30)
    history = [
        seen(second, ("A", "流失", 0, 2), ("B", "低频", 4, 3), ("C", "活跃", None, 1), ("E", "活跃", 9, None)),
        seen(first, ("A", "活跃", 5, 2), ("B", "活跃", 5, 2), ("C", "沉睡", 1, 1), ("D", "流失", 0, 1)),
        seen(third, ("Z", "潜在", None, 0)),
    ]
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


def test_only_the_dates_that_are_wanted() -> None:
    days = [date(2024, month, 28) for month in range(1, 7)]
    history = [seen(day, ("A", "活跃" if i % 2 else "流失", i, 2), "B") for i, day in enumerate(days)]
    every = trend(history, {days[3]: {"A": "流失"}})
    for wanted in ({days[0]}, {days[3], days[5]}, set(), set(days)):
        some = trend(history[::-1], {days[3]: {"A": "流失"}}, wanted.__contains__)
        assert some == [row for row in every if row.as_of in wanted]
