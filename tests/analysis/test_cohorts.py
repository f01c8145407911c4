"""Cohorts by month of the first purchase: by hand, and against a recomputation line by line."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.cohorts import Cohorts, cohorts

Line = tuple[int, str, float]
NAN = float("nan")


def table(lines: list[Line], as_of: str, months: int = 3) -> Cohorts:
    codes, days, amounts = zip(*lines, strict=True) if lines else ((), (), ())
    return cohorts(
        np.array(codes, dtype=np.int64),
        np.array(days, dtype="datetime64[D]"),
        np.array(amounts, dtype=float),
        dt.date.fromisoformat(as_of),
        months,
    )


LINES: list[Line] = [
    # a: January, back in March; the refund of February is no purchase
    (0, "2024-01-31", 100), (0, "2024-02-01", -40), (0, "2024-03-15", 60),
    # b: January, twice; sends it back and buys again in February
    (1, "2024-01-01", 200), (1, "2024-01-05", 50), (1, "2024-02-10", 30), (1, "2024-02-10", 10),
    # c: bought and returned in January, so March is the first purchase
    (2, "2024-01-10", 70), (2, "2024-01-10", -70), (2, "2024-03-01", 500), (2, "2024-04-10", 100),
    # d: never more than a refund
    (3, "2024-02-01", -5),
    # after the day
    (4, "2024-04-16", 9),
]  # fmt: skip


def test_by_hand() -> None:
    found = table(LINES, "2024-04-15")
    assert [str(m) for m in found.months] == ["2024-01", "2024-03"]
    assert found.sizes.tolist() == [2, 1]
    np.testing.assert_array_equal(found.active, [[2, 1, 1, 0], [1, 1, NAN, NAN]])
    np.testing.assert_array_equal(found.revenue, [[350, 0, 60, 0], [500, 100, NAN, NAN]])
    assert found.running.tolist() == [[False, False, False, True], [False, True, False, False]]
    np.testing.assert_array_equal(found.retention, [[1, 0.5, 0.5, 0], [1, 1, NAN, NAN]])
    np.testing.assert_allclose(found.revenue_retention, [[1, 0, 60 / 350, 0], [1, 0.2, NAN, NAN]])
    # the running month is in no mean
    np.testing.assert_array_equal(found.mean_retention, [1, 0.5, 0.5, NAN])
    np.testing.assert_allclose(found.mean_revenue_retention, [1, 0, 60 / 350, NAN])


def test_the_last_day_completes_the_month() -> None:
    found = table(LINES, "2024-03-31")
    assert not found.running.any()
    np.testing.assert_array_equal(found.active, [[2, 1, 1, NAN], [1, NAN, NAN, NAN]])
    np.testing.assert_array_equal(found.mean_retention, [1, 0.5, 0.5, NAN])
    assert table(LINES, "2024-03-30").running.tolist() == [[False, False, True, False], [True, False, False, False]]


def test_the_mean_is_weighted_by_size() -> None:
    lines = [(who, "2024-01-05", 10.0) for who in range(3)] + [(0, "2024-02-05", 5.0)]
    lines += [(9, "2024-02-07", 30.0), (9, "2024-03-07", 30.0)]
    found = table(lines, "2024-03-31")
    assert found.mean_retention[1] == pytest.approx(2 / 4)
    assert found.mean_revenue_retention[1] == pytest.approx(35 / 60)


def test_one_cohort_in_the_running_month() -> None:
    found = table([(7, "2024-04-02", 10.0)], "2024-04-15")
    assert (found.sizes.tolist(), found.active[0, 0], found.running[0, 0]) == ([1], 1.0, True)
    assert np.isnan(found.mean_retention).all()


def test_revenue_of_month_0_taken_back() -> None:
    found = table([(0, "2024-01-02", 10.0), (0, "2024-01-03", -30.0), (0, "2024-02-02", 5.0)], "2024-02-29")
    np.testing.assert_array_equal(found.revenue, [[-20, 5, NAN, NAN]])
    assert np.isnan(found.revenue_retention).all() and np.isnan(found.mean_revenue_retention).all()
    np.testing.assert_array_equal(found.mean_retention, [1, 1, NAN, NAN])


@pytest.mark.parametrize("lines", [[], [(0, "2024-01-01", -3.0)], [(0, "2024-05-01", 3.0)], [(-1, "2024-01-01", 3.0)]])
def test_no_purchase(lines: list[Line]) -> None:
    found = table(lines, "2024-04-15")
    assert found.months.shape == (0,) and found.active.shape == found.revenue.shape == found.running.shape == (0, 4)
    assert found.retention.shape == (0, 4) and np.isnan(found.mean_retention).all()


def by_line(lines: list[Line], as_of: dt.date, months: int) -> tuple[dict, dict]:
    """Customers and revenue by (month of the first purchase, months since)."""
    nets: defaultdict[tuple[int, dt.date], float] = defaultdict(float)
    for who, day, amount in lines:
        if dt.date.fromisoformat(day) <= as_of:
            nets[who, dt.date.fromisoformat(day)] += amount
    born: dict[int, int] = {}
    for (who, day), net in sorted(nets.items(), key=lambda item: item[0][1]):
        if round(net, 9) > 0:
            born.setdefault(who, day.year * 12 + day.month)
    active, revenue = defaultdict(set), defaultdict(float)
    for (who, day), net in nets.items():
        age = day.year * 12 + day.month - born.get(who, 10**9)
        if 0 <= age <= months:
            revenue[born[who], age] += net
            if round(net, 9) > 0:
                active[born[who], age].add(who)
    return active, revenue


DAYS = st.dates(dt.date(2023, 11, 1), dt.date(2024, 6, 20)).map(dt.date.isoformat)
LOGS = st.lists(st.tuples(st.integers(0, 6), DAYS, st.integers(-300, 900).map(lambda x: x / 4)), max_size=40)


@given(LOGS, st.dates(dt.date(2023, 12, 1), dt.date(2024, 6, 30)), st.integers(0, 8))
def test_against_a_count_line_by_line(lines: list[Line], as_of: dt.date, months: int) -> None:
    found = table(lines, as_of.isoformat(), months)
    active, revenue = by_line(lines, as_of, months)
    names = [m.year * 12 + m.month for m in found.months.tolist()]
    assert names == sorted({born for born, _ in active})
    now = as_of.year * 12 + as_of.month
    for i, born in enumerate(names):
        assert found.sizes[i] == len(active[born, 0])
        for age in range(months + 1):
            if born + age > now:
                assert np.isnan(found.active[i, age]) and np.isnan(found.revenue[i, age])
            else:
                assert found.active[i, age] == len(active.get((born, age), ()))
                assert found.revenue[i, age] == pytest.approx(revenue.get((born, age), 0), abs=1e-9)


@given(LOGS, st.randoms())
def test_neither_the_order_of_lines_nor_their_splitting_matters(lines: list[Line], chance) -> None:  # type: ignore[no-untyped-def]
    split = [(who, day, amount / 2) for who, day, amount in lines for _ in range(2)]
    chance.shuffle(split)
    one, other = table(lines, "2024-06-15"), table(split, "2024-06-15")
    for name in ("months", "sizes", "active", "revenue", "running"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@given(LOGS)
def test_shares_do_not_depend_on_the_unit(lines: list[Line]) -> None:
    yuan = table(lines, "2024-06-15")
    wan = table([(who, day, amount / 1e4) for who, day, amount in lines], "2024-06-15")
    np.testing.assert_array_equal(yuan.active, wan.active)
    np.testing.assert_allclose(yuan.revenue_retention, wan.revenue_retention, rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    """69,659 orders of 23,570 customers, January 1997 to June 1998 (Fader and Hardie)."""
    lifetimes = pytest.importorskip("lifetimes")
    log = pd.read_csv(Path(lifetimes.__file__).parent / "datasets" / "CDNOW_master.txt", sep=r"\s+")
    log["day"] = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
    assert len(log) == 69_659 and log["customer_id"].nunique() == 23_570
    return log


def test_cdnow_as_published(cdnow: pd.DataFrame) -> None:
    """New customers and buyers per month, as every published analysis of the whole log has them; each line counts."""
    ones = np.ones(len(cdnow))
    found = cohorts(cdnow["customer_id"].to_numpy(), cdnow["day"].to_numpy(), ones, dt.date(1998, 6, 30), 17)
    assert [str(m) for m in found.months] == ["1997-01", "1997-02", "1997-03"]
    assert found.sizes.tolist() == [7846, 8476, 7248]
    buyers = np.zeros(20)
    for shift, row in enumerate(found.active):
        buyers[shift : shift + 18] += np.nan_to_num(row)
    assert buyers[:18].tolist() == [
        7846, 9633, 9524, 2822, 2214, 2339, 2180, 1772, 1739, 1839, 2028, 1864, 1537, 1551, 2060, 1437, 1488, 1506,
    ]  # fmt: skip


def test_cdnow_against_plain_pandas(cdnow: pd.DataFrame) -> None:
    amounts = cdnow["dollar_value"].to_numpy(dtype=float)
    found = cohorts(cdnow["customer_id"].to_numpy(), cdnow["day"].to_numpy(), amounts, dt.date(1998, 6, 30), 17)
    # some orders cost nothing: who never paid is in no cohort
    paid = cdnow[cdnow["dollar_value"] > 0].assign(month=lambda log: log["day"].dt.year * 12 + log["day"].dt.month)
    paid["first"] = paid.groupby("customer_id")["month"].transform("min")
    paid["age"] = paid["month"] - paid["first"]
    counts = paid.pivot_table(index="first", columns="age", values="customer_id", aggfunc="nunique").fillna(0)
    np.testing.assert_array_equal(np.nan_to_num(found.active), counts)
    sums = paid.pivot_table(index="first", columns="age", values="dollar_value", aggfunc="sum").fillna(0)
    np.testing.assert_allclose(np.nan_to_num(found.revenue), sums)
