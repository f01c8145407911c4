"""Who moved where between two snapshots, and what became of each group."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.history import Snapshot
from crm_xl.analysis.movement import GONE, NEW, effects, migration

STAGES = ["活跃", "低频", "沉睡", "流失", "潜在"]


def snapshot(day: int, rows: list[tuple[str, str, str, float | None, float | None]]) -> Snapshot:
    """Rows of id, segment, activity, spend, orders."""
    ids, segments, stages, spend, orders = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    numbers = [np.array([np.nan if x is None else x for x in cells], dtype=float) for cells in (spend, orders)]
    blank = [""] * len(ids)
    values = {
        "segment": list(segments),
        "activity": list(stages),
        "annual_spend": numbers[0],
        "order_count": numbers[1],
    }
    return Snapshot(dt.date(2024, 1, day), list(ids), **{**_texts(blank), **values})


def _texts(blank: list[str]) -> dict[str, list[str]]:
    return {f: blank for f in Snapshot.__dataclass_fields__ if f not in ("as_of", "customer_id")}


START = snapshot(1, [
    ("a", "金", "活跃", 10.0, 5.0), ("b", "金", "活跃", 20.0, 1.0), ("c", "银", "沉睡", 5.0, 2.0),
    ("d", "银", "流失", 1.0, 1.0), ("e", "铜", "潜在", None, None), ("f", "铜", "潜在", None, 0.0), ("g", "金", "活跃", 3.0, 2.0),
])  # fmt: skip
END = snapshot(2, [
    ("a", "金", "活跃", 12.0, 6.0), ("b", "银", "流失", 4.0, 1.0), ("c", "金", "活跃", 9.0, 3.0),
    ("d", "银", "流失", 0.0, 1.0), ("e", "铜", "活跃", 2.0, 1.0), ("f", "铜", "潜在", None, None), ("h", "银", "活跃", 1.0, 1.0),
])  # fmt: skip


def test_migration() -> None:
    assert migration(START, END, "segment") == {
        ("金", "金"): 1, ("金", "银"): 1, ("银", "金"): 1, ("银", "银"): 1, ("铜", "铜"): 2,
        (NEW, "银"): 1, ("金", GONE): 1,
    }  # fmt: skip


def test_effects() -> None:
    gold, silver, bronze = effects(START, END, "segment", {"金": 4.0, "银": 0.0}, ["金", "银", "钛"])
    assert [e.label for e in (gold, silver, bronze)] == ["金", "银", "铜"]
    assert (gold.before, gold.after) == (3, 2)
    # g is gone: what became of it nobody knows
    assert (gold.spend_before, gold.spend_after, gold.churn) == (30.0, 16.0, 0.5)
    assert (gold.repurchase_before, gold.repurchase_after) == (0.5, 0.5)
    assert gold.yield_ratio == -3.5
    assert (silver.winback, silver.churn, silver.yield_ratio) == (0.5, None, None)
    assert (bronze.conversion, bronze.winback, bronze.cost) == (0.5, None, None)


def test_a_group_that_only_one_side_has() -> None:
    only_start = effects(START, snapshot(2, []), "segment", {}, [])
    assert [(e.before, e.after, e.churn, e.spend_after) for e in only_start] == [(3, 0, None, 0.0), (2, 0, None, 0.0), (2, 0, None, 0.0)]  # fmt: skip
    only_end = effects(snapshot(1, []), END, "segment", {}, [])
    assert sum(e.after for e in only_end) == len(END) and all(e.conversion is None for e in only_end)
    assert effects(snapshot(1, []), snapshot(2, []), "segment", {}, []) == []


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"), st.sampled_from(["金", "银", ""]), st.sampled_from(STAGES),
        st.none() | st.floats(0, 100), st.none() | st.integers(0, 5).map(float),
    ),
    unique_by=lambda row: row[0],
)  # fmt: skip


@given(ROWS, ROWS)
def test_nobody_is_lost_on_the_way(before: list, after: list) -> None:
    start, end = snapshot(1, before), snapshot(2, after)
    moves = migration(start, end, "segment")
    for side, rows in ((0, before), (1, after)):
        counted: Counter[str] = Counter()
        for pair, count in moves.items():
            counted[pair[side]] += count
        assert {k: n for k, n in counted.items() if k} == Counter(r[1] for r in rows if r[1])
    found = effects(start, end, "segment", {}, [])
    assert sum(e.before for e in found) == sum(bool(r[1]) for r in before)
    for e in found:
        for rate in (e.repurchase_before, e.repurchase_after, e.conversion, e.winback, e.churn):
            assert rate is None or 0 <= rate <= 1
        assert e.yield_ratio is None


@pytest.mark.parametrize("rows", [START, END])
def test_the_same_twice_moves_nobody(rows: Snapshot) -> None:
    assert all(before == after for before, after in migration(rows, rows, "segment"))
