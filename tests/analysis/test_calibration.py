from __future__ import annotations

import datetime as dt

import numpy as np

from crm_xl.analysis.calibration import half_year, level_shares, next_calibration, weight_changes
from crm_xl.analysis.history import Snapshot

Line = tuple[str, str, str]
"""Customer, level, activity."""


def seen(day: dt.date, *lines: Line) -> Snapshot:
    texts = [""] * len(lines)
    numbers = np.full(len(lines), np.nan)
    values = {name: texts for name in Snapshot.__dataclass_fields__ if name not in ("as_of", "customer_id")}
    values |= dict.fromkeys(("annual_spend", "order_count", "score"), numbers)  # type: ignore[arg-type]
    values |= {"level": [x[1] for x in lines], "activity": [x[2] for x in lines]}
    return Snapshot(day, [x[0] for x in lines], **values)  # type: ignore[arg-type]


WINTER = seen(dt.date(2023, 12, 20), ("a", "一", "活跃"), ("b", "一", "活跃"), ("c", "二", "沉睡"), ("d", "二", "低频"))
SPRING = seen(dt.date(2024, 3, 31), ("a", "二", "流失"), ("b", "一", "活跃"))
SUMMER = seen(
    dt.date(2024, 6, 28),
    ("a", "二", "流失"),
    ("b", "一", "活跃"),
    ("c", "二", "流失"),
    ("d", "旧", "活跃"),
    ("e", "", ""),
)
DAY = dt.date(2024, 6, 30)


def test_the_last_snapshot_of_a_half_year_stands_for_its_end() -> None:
    rows = level_shares([SUMMER, WINTER, SPRING], DAY, ["一", "二", "三"])
    found = {(r.begins, r.level): r for r in rows}
    assert [(r.begins.month, r.level) for r in rows] == [
        (7, "一"), (7, "二"), (7, "三"), (1, "一"), (1, "二"), (1, "三"), (1, "旧"),
    ]  # fmt: skip
    first = found[dt.date(2023, 7, 1), "一"]
    assert (first.as_of, first.customers, first.share, first.change, first.churn_rate) == (
        WINTER.as_of, 2, 0.5, None, None,
    )  # fmt: skip
    top = found[dt.date(2024, 1, 1), "一"]
    assert (top.as_of, top.customers, top.share, top.change, top.churn_rate) == (SUMMER.as_of, 1, 0.25, -1, 0.5)
    # of the two who had the second level one was dormant: the other one did not get lost
    assert found[dt.date(2024, 1, 1), "二"].churn_rate == 0
    third = found[dt.date(2024, 1, 1), "三"]
    assert (third.customers, third.share, third.change, third.churn_rate) == (0, 0, 0, None)
    assert found[dt.date(2024, 1, 1), "旧"].customers == 1


def test_snapshots_without_levels_and_those_of_the_future_do_not_count() -> None:
    bare = seen(dt.date(2024, 6, 1), ("a", "", "活跃"))
    later = seen(dt.date(2030, 1, 1), ("a", "一", "活跃"))
    assert level_shares([bare, later], DAY, ["一"]) == []
    assert next_calibration([bare, later], DAY) is None
    assert level_shares([], DAY, ["一"]) == []


def test_the_next_date_is_half_a_year_after_the_last_completed_half_year() -> None:
    assert next_calibration([WINTER, SPRING], dt.date(2024, 3, 31)) == (WINTER.as_of, dt.date(2024, 6, 20))
    assert next_calibration([WINTER, SUMMER], DAY) == (SUMMER.as_of, dt.date(2024, 12, 28))
    # none is complete yet: from the first snapshot on
    assert next_calibration([SPRING], dt.date(2024, 4, 2)) == (SPRING.as_of, dt.date(2024, 9, 30))


def test_half_years_begin_in_january_and_july() -> None:
    days = [dt.date(2024, m, d) for m, d in ((1, 1), (6, 30), (7, 1), (12, 31))]
    assert [half_year(d).month for d in days] == [1, 1, 7, 7]


def test_weights_that_differ_from_the_log() -> None:
    logged = {"甲": 15.0, "乙": 10.0, "丙": None, "丁": 5.0}
    changes = weight_changes(logged, {"甲": 15.0, "乙": 12.0, "丙": 3.0, "戊": 1.0})
    assert [(c.indicator, c.old, c.new) for c in changes] == [
        ("乙", 10.0, 12.0), ("丙", None, 3.0), ("戊", None, 1.0), ("丁", 5.0, None),
    ]  # fmt: skip
    assert weight_changes({"甲": 15.0, "乙": None}, {"甲": 15.0}) == []
