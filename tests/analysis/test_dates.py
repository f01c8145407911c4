from __future__ import annotations

import datetime as dt
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.dates import edate, in_days, in_window, whole_months
from tests.functions import plain

days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


def array(*values: dt.date | str | None) -> np.ndarray:
    return np.array(["NaT" if v is None else str(v) for v in values], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2024-08-31", -6, "2024-02-29"),
        ("2023-08-31", -6, "2023-02-28"),
        ("2024-08-31", -3, "2024-05-31"),
        ("2024-05-31", -3, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-03-31", 1, "2024-04-30"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2024-06-30", -6, "2023-12-30"),
        ("1970-01-31", -1, "1969-12-31"),
        ("2024-07-15", 0, "2024-07-15"),
    ],
)
def test_edate_at_month_ends(day: str, months: int, result: str) -> None:
    assert str(edate(array(day), months)[0]) == result
    assert edate(array(day, day), months).tolist() == [dt.date.fromisoformat(result)] * 2


@settings(max_examples=200, deadline=None)
@given(st.lists(days, min_size=1, max_size=5), st.integers(-60, 60))
def test_edate_against_dateutil(dates: list[dt.date], months: int) -> None:
    assert edate(array(*dates), months).tolist() == [plain.edate(d, months) for d in dates]
    several = np.full(len(dates), months)
    assert edate(array(*dates), several).tolist() == [plain.edate(d, months) for d in dates]


def test_edate_keeps_shape_and_missing_days() -> None:
    block = array("2024-08-31", None).reshape(2, 1)
    assert edate(block, -6).shape == (2, 1)
    assert np.isnat(edate(block, -6)[1, 0])
    assert np.isnat(edate(array(None), 3)[0])
    assert edate(np.array("2024-08-31", dtype="datetime64[D]"), -6) == np.datetime64("2024-02-29")


def test_edate_of_one_day_is_nobody_elses() -> None:
    """The answer for a single day is remembered: it must not be changed by who got it."""
    first = edate(array("2024-08-31"), -6)
    with suppress(ValueError):
        first[0] = np.datetime64("2000-01-01")
    assert str(edate(array("2024-08-31"), -6)[0]) == "2024-02-29"


@settings(max_examples=200, deadline=None)
@given(days, st.integers(0, 800))
def test_whole_months_by_trying(start: dt.date, later: int) -> None:
    end = start + dt.timedelta(days=later)
    assert whole_months(array(start), array(end)).tolist() == [plain.whole_months(start, end)]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2024-01-31", "2024-02-28", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2023-01-31", "2023-02-28", 1),
        ("2024-02-29", "2025-02-28", 12),
        ("2024-03-31", "2024-04-29", 0),
        ("2024-03-31", "2024-04-30", 1),
        ("2024-03-15", "2024-03-15", 0),
        ("2024-03-15", "2024-03-14", -1),
        ("2024-03-31", "2024-02-29", -1),
    ],
)
def test_whole_months(start: str, end: str, months: int) -> None:
    assert whole_months(array(start), array(end))[0] == months


def test_whole_months_of_nothing() -> None:
    answer = whole_months(array(None, "2024-01-01"), np.array("2024-08-31", dtype="datetime64[D]"))
    assert np.isnan(answer[0]) and answer[1] == 7
    assert np.isnan(whole_months(array("2024-01-01"), array(None))[0])


def test_windows() -> None:
    as_of = np.array("2024-08-31", dtype="datetime64[D]")
    days = array("2024-02-29", "2024-03-01", "2024-08-31", "2024-09-01", None)
    assert in_window(days, as_of, 6).tolist() == [False, True, True, False, False]
    assert in_window(days, as_of, 0).tolist() == [True, True, True, False, False]
    days = array("2024-06-02", "2024-06-03", "2024-08-31", "2024-09-01", None)
    assert in_days(days, as_of, 90).tolist() == [False, True, True, False, False]
    assert in_days(days, as_of, 180, 90).tolist() == [True, False, False, False, False]
    assert in_days(array("2024-03-04", "2024-03-05"), as_of, 180, 90).tolist() == [False, True]


@settings(max_examples=100, deadline=None)
@given(days, st.integers(0, 400), st.integers(0, 24))
def test_window_by_its_definition(as_of: dt.date, back: int, months: int) -> None:
    day = as_of - dt.timedelta(days=back - 20)
    wanted = day <= as_of and (not months or day > plain.edate(as_of, -months))
    assert in_window(array(day), array(as_of), months).tolist() == [wanted]
