from __future__ import annotations

import datetime as dt

import pytest

from crm_xl.analysis.reviews import week_of, week_text


@pytest.mark.parametrize(
    ("day", "week"),
    [("2024-06-30", "2024-W26"), ("2024-07-01", "2024-W27"), ("2024-12-30", "2025-W01"), ("2021-01-03", "2020-W53")],
)
def test_weeks_are_iso_weeks(day: str, week: str) -> None:
    text = week_text(dt.date.fromisoformat(day))
    assert text == week
    assert week_of(text) == dt.date.fromisoformat(day).isocalendar()[:2]


@pytest.mark.parametrize(
    ("cell", "week"),
    [("2024-W26", (2024, 26)), (" 2024w6 ", (2024, 6)), ("2024年第26周", (2024, 26)), (dt.datetime(2024, 6, 30), (2024, 26)),
     ("2024-26", None), ("2024-W54", None), ("2024-W00", None), ("下周", None), ("", None), (None, None), (26.0, None)],
)  # fmt: skip
def test_what_people_write(cell: object, week: tuple[int, int] | None) -> None:
    assert week_of(cell) == week
