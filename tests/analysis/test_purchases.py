"""Purchase days: net by customer and day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.analysis.purchases import day_nets

AS_OF = dt.date(2024, 6, 30)
FIRST = dt.date(2024, 6, 1)

Line = tuple[int, int, float]
"""Customer, days since the first of June, amount."""


def arrays(lines: list[Line]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    codes, days, amounts = zip(*lines, strict=True) if lines else ((), (), ())
    return np.array(codes, dtype=np.int64), np.datetime64(FIRST) + np.array(days, dtype=int), np.array(amounts, float)


def test_what_counts_and_what_is_a_purchase() -> None:
    lines = [(1, 3, 50.0), (0, 2, 5.0), (0, 2, -5.0), (1, 3, -20.0), (0, 1, 1.0), (2, 0, -7.0)]
    nets = day_nets(*arrays(lines), AS_OF)
    assert nets.who.tolist() == [0, 0, 1, 2]
    assert [str(d) for d in nets.when] == ["2024-06-02", "2024-06-03", "2024-06-04", "2024-06-01"]
    assert nets.net.tolist() == [1.0, 0.0, 30.0, -7.0]
    assert nets.bought.tolist() == [True, False, True, False]
    assert nets.purchases()[0].tolist() == [0, 1]


def test_what_does_not_count() -> None:
    codes = np.array([-1, 0, 0, 0, 0, 0])
    days = np.array(["2024-06-01", "NaT", "2024-07-01", "2024-06-30", "2024-06-30", "2024-06-01"], "datetime64[s]")
    nets = day_nets(codes, days, np.array([1, 1, 1, 1, np.inf, np.nan]), AS_OF)
    assert (nets.who.tolist(), nets.net.tolist()) == ([0], [1.0])
    assert day_nets(codes[:3], days[:3], np.ones(3), AS_OF).purchases()[0].size == 0
    assert day_nets(*arrays([]), AS_OF).bought.size == 0


def test_what_is_left_over_from_computing_is_no_purchase() -> None:
    assert not day_nets(*arrays([(0, 1, 0.1), (0, 1, 0.2), (0, 1, -0.3)]), AS_OF).bought.any()


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-40, 40), st.integers(-500, 500).map(lambda x: x / 100))))
def test_against_a_dictionary(lines: list[Line]) -> None:
    sums: defaultdict[tuple[int, dt.date], float] = defaultdict(float)
    for who, day, amount in lines:
        if who >= 0 and FIRST + dt.timedelta(day) <= AS_OF:
            sums[who, FIRST + dt.timedelta(day)] += amount
    nets = day_nets(*arrays(lines), AS_OF)
    assert list(zip(nets.who.tolist(), nets.when.tolist(), strict=True)) == sorted(sums)
    np.testing.assert_allclose(nets.net, [sums[k] for k in sorted(sums)], atol=1e-9)
