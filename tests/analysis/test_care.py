"""The care calendar, against published dates of the Chinese calendar (Hong Kong Observatory's tables)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from crm_xl.analysis.care import Event, People, contacts_due, events, holidays
from crm_xl.analysis.lunar import lunar_date, lunar_year, qingming

NOBODY = People(["C1"], [None], [None], [None], [None], [None])
AS_OF = dt.date(2024, 6, 30)


def days(people: People, as_of: dt.date = AS_OF, ahead: int = 60) -> list[tuple[dt.date, str]]:
    return [(e.day, e.reason) for e in events(people, {}, as_of, ahead)]


@pytest.mark.parametrize(
    ("lunar", "day"),
    [
        ((2024, 1, 1), dt.date(2024, 2, 10)),
        ((2023, 1, 1), dt.date(2023, 1, 22)),
        ((2025, 1, 1), dt.date(2025, 1, 29)),
        ((2000, 1, 1), dt.date(2000, 2, 5)),
        ((2024, 5, 5), dt.date(2024, 6, 10)),
        ((2024, 8, 15), dt.date(2024, 9, 17)),
        ((2023, 2, 1), dt.date(2023, 2, 20)),
        ((2023, 2, 1, True), dt.date(2023, 3, 22)),
        ((2020, 4, 1, True), dt.date(2020, 5, 23)),
        ((2025, 6, 1, True), dt.date(2025, 7, 25)),
        ((2033, 11, 1, True), dt.date(2033, 12, 22)),
        ((2024, 2, 15, True), dt.date(2024, 3, 24)),  # no leap month that year: the month itself
        ((2023, 1, 30), dt.date(2023, 2, 19)),  # 29 days: its last one
    ],
)
def test_lunar_dates(lunar: tuple[int, int, int], day: dt.date) -> None:
    assert lunar_date(*lunar) == day


def test_outside_the_years_known_there_is_no_answer() -> None:
    assert lunar_date(1899, 1, 1) is None and lunar_date(2101, 1, 1) is None and lunar_date(2024, 13, 1) is None
    assert lunar_year(dt.date(1899, 5, 1)) is None and lunar_year(dt.date(2150, 5, 1)) is None
    assert qingming(2150) is None
    assert lunar_year(dt.date(2024, 2, 9)) == 2023 and lunar_year(dt.date(2024, 2, 10)) == 2024


@pytest.mark.parametrize(("year", "day"), [(2023, 5), (2024, 4), (2025, 4), (2027, 5), (2008, 4)])
def test_qingming(year: int, day: int) -> None:
    assert qingming(year) == dt.date(year, 4, day)


def test_holidays_each_once() -> None:
    assert holidays(dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == [
        (dt.date(2024, 1, 1), "new_year"), (dt.date(2024, 2, 10), "spring"), (dt.date(2024, 2, 24), "lantern"),
        (dt.date(2024, 4, 4), "qingming"), (dt.date(2024, 6, 10), "dragon_boat"),
        (dt.date(2024, 9, 17), "mid_autumn"), (dt.date(2024, 10, 1), "national"),
    ]  # fmt: skip
    assert holidays(dt.date(2024, 12, 20), dt.date(2025, 2, 1)) == [
        (dt.date(2025, 1, 1), "new_year"), (dt.date(2025, 1, 29), "spring"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("born", "calendar", "as_of", "day"),
    [
        (dt.date(1985, 7, 10), "公历", AS_OF, dt.date(2024, 7, 10)),
        (dt.date(1985, 7, 10), None, AS_OF, dt.date(2024, 7, 10)),
        (dt.date(1985, 6, 30), "Solar", AS_OF, dt.date(2024, 6, 30)),
        (dt.date(1985, 8, 29), "公历", AS_OF, dt.date(2024, 8, 29)),
        (dt.date(1985, 8, 30), "公历", AS_OF, None),  # the 61st day
        (dt.date(1985, 6, 29), "公历", AS_OF, None),  # yesterday
        (dt.date(1984, 2, 29), "公历", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        (dt.date(1984, 2, 29), "公历", dt.date(2023, 2, 1), dt.date(2023, 2, 28)),
        (dt.date(1985, 1, 3), "公历", dt.date(2024, 12, 20), dt.date(2025, 1, 3)),
        (dt.date(1985, 6, 15), "农历", AS_OF, dt.date(2024, 7, 20)),
        (dt.date(1985, 12, 20), "Lunar", dt.date(2024, 1, 5), dt.date(2024, 1, 30)),  # of the lunar year 2023
        (dt.date(1985, 2, 10), "农历", dt.date(2023, 2, 1), dt.date(2023, 3, 1)),  # once, not in the leap month too
        (dt.date(1985, 2, 10), "农历闰月", dt.date(2023, 2, 10), dt.date(2023, 3, 31)),
        (dt.date(1985, 2, 10), "农历闰月", dt.date(2024, 2, 10), dt.date(2024, 3, 19)),
        (dt.date(1985, 6, 15), "火星历", AS_OF, None),
        (dt.date(1985, 6, 15), "农历", dt.date(2150, 6, 30), None),
    ],
)
def test_birthdays(born: dt.date, calendar: str | None, as_of: dt.date, day: dt.date | None) -> None:
    found = days(replace(NOBODY, birthday=[born], calendar=[calendar]), as_of)
    assert [d for d, _ in found] == ([] if day is None else [day])


def test_anniversaries_and_ends() -> None:
    people = replace(
        NOBODY, signed_on=[dt.date(2021, 7, 1)], first_order=[dt.date(2020, 2, 29)], contract_end=[dt.date(2024, 7, 9)]
    )
    assert events(people, {}, AS_OF, 60) == [
        Event(dt.date(2024, 7, 1), 0, "signed_on", 3),
        Event(dt.date(2024, 7, 9), 0, "contract_end", 9),
    ]
    assert days(people, dt.date(2025, 2, 20), 30) == [(dt.date(2025, 2, 28), "first_order")]
    # the day itself is no anniversary, and both on one day count once
    fresh = replace(NOBODY, signed_on=[dt.date(2024, 7, 1)], first_order=[dt.date(2024, 7, 1)])
    assert days(fresh) == []
    assert days(fresh, dt.date(2025, 6, 30)) == [(dt.date(2025, 7, 1), "signed_on")]


def test_holidays_are_for_key_accounts() -> None:
    people = replace(
        NOBODY, ids=["A", "B"], birthday=[None] * 2, calendar=[None] * 2, signed_on=[None] * 2, first_order=[None] * 2,
        contract_end=[None] * 2, key=frozenset({1}),
    )  # fmt: skip
    found = events(people, {}, dt.date(2024, 9, 1), 60)
    assert [(e.day, e.row, e.holiday) for e in found] == [
        (dt.date(2024, 9, 17), 1, "mid_autumn"), (dt.date(2024, 10, 1), 1, "national"),
    ]  # fmt: skip


def test_rows_without_an_id_and_no_days_at_all() -> None:
    assert days(replace(NOBODY, ids=[""], birthday=[dt.date(1985, 7, 1)])) == []
    assert events(People([], [], [], [], [], []), {}, AS_OF, 60) == []
    assert days(replace(NOBODY, birthday=[dt.date(1985, 6, 30)]), ahead=0) == [(AS_OF, "birthday")]


def contacts(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "contact_date", "next_contact"])
    for key in ("contact_date", "next_contact"):
        frame[key] = pd.to_datetime(frame[key])
    return frame


def test_contacts_due() -> None:
    log = contacts(
        ("A", "2024-06-01", "2024-06-20"),  # overdue
        ("B", "2024-06-01", "2024-06-20"), ("B", "2024-06-20", None),  # kept
        ("C", "2024-06-01", "2024-06-20"), ("C", "2024-06-10", None),  # one before does not settle it
        ("D", "2024-06-01", "2024-06-20"), ("D", "2024-06-10", "2024-07-05"),  # put off
        ("E", "2024-07-02", "2024-07-09"),  # of tomorrow: not yet known
        ("F", "2024-06-10", "2024-06-01"),  # before it was agreed
        (None, "2024-06-01", "2024-06-20"),  # type: ignore[arg-type]
    )  # fmt: skip
    assert contacts_due(log, AS_OF) == {
        "A": dt.date(2024, 6, 20), "C": dt.date(2024, 6, 20), "D": dt.date(2024, 7, 5),
    }  # fmt: skip
    assert contacts_due(None, AS_OF) == contacts_due(log[["customer_id", "contact_date"]], AS_OF) == {}
    people = replace(NOBODY, ids=["A"])
    assert events(people, {"A": dt.date(2024, 6, 20)}, AS_OF, 60) == [
        Event(dt.date(2024, 6, 20), 0, "next_contact", 10)
    ]
    assert events(people, {"A": dt.date(2024, 8, 30)}, AS_OF, 60) == []
