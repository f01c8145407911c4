from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.periods import contracts, net_by_period, states_before

AS_OF = dt.date(2024, 6, 30)
IDS = np.array(["A", "B", "C"], dtype=object)


def orders(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"])
    frame["order_date"] = pd.to_datetime(frame["order_date"])
    return frame


def test_net_of_a_quarter_and_of_the_same_one_a_year_ago() -> None:
    log = orders(
        ("A", "2024-06-30", 100), ("A", "2024-04-01", 10), ("A", "2024-03-30", 1000), ("A", "2024-07-01", 5000),
        ("A", "2024-05-01", -20), ("B", "2023-06-30", 7), ("B", "2023-03-31", 3), ("X", "2023-01-01", 1),
        ("B", "2023-05-05", np.nan),
    )  # fmt: skip
    now, before = net_by_period(log, IDS, AS_OF, 3)
    assert now.tolist() == [90, 0, 0]
    assert before.tolist() == [0, 10, 0]


def test_a_log_that_does_not_reach_back_says_nothing_of_then() -> None:
    now, before = net_by_period(orders(("A", "2024-03-31", 5)), IDS, AS_OF, 3)
    assert now.tolist() == [5, 0, 0] and np.isnan(before).all()
    now, before = net_by_period(orders(("A", "2024-04-01", 5)), IDS, AS_OF, 3)
    assert np.isnan(now).all() and np.isnan(before).all()
    for nothing in (None, orders(), orders(("A", None, 5.0))):  # type: ignore[arg-type]
        now, before = net_by_period(nothing, IDS, AS_OF, 3)
        assert np.isnan(now).all() and np.isnan(before).all()


def test_contracts() -> None:
    def days(*texts: str) -> np.ndarray:  # type: ignore[type-arg]
        return np.array(texts, dtype="datetime64[D]")

    signed = days("2024-05-01", "2024-05-01", "2024-05-01", "2022-05-01", "NaT", "2023-05-01")
    first = days("2023-01-01", "2024-05-01", "2023-01-01", "2022-01-01", "2022-01-01", "2022-01-01")
    ends = days("2025-05-01", "2025-05-01", "2024-06-01", "2024-06-30", "2024-04-01", "2024-03-31")
    renewed, lapsed = contracts(signed, first, ends, AS_OF, 3)
    assert renewed.tolist() == [True, False, False, False, False, False]
    assert lapsed.tolist() == [False, False, True, True, True, True]


def test_states_before() -> None:
    def snapshot(day: dt.date, **activity: str) -> Any:
        return SimpleNamespace(as_of=day, customer_id=list(activity), activity=list(activity.values()))

    history = [
        snapshot(dt.date(2024, 5, 1), A="活跃"), snapshot(dt.date(2024, 3, 1), A="流失", B="潜在"),
        snapshot(AS_OF, A="沉睡"), snapshot(dt.date(2031, 1, 1), A="低频"),
    ]  # fmt: skip
    assert states_before(history, AS_OF, {}) == {"A": "活跃"}
    assert states_before(history, AS_OF, {"A": "沉睡", "C": "低频"}) == {"A": "沉睡", "C": "低频"}
    assert states_before([], AS_OF, {}) == {}
