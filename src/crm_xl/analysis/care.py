"""The care calendar: days to get in touch with a customer (domain.md §11)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from crm_xl.vocabulary.task_texts import CALENDARS, find_word

from .cleaning import normal_ids
from .lunar import lunar_date, lunar_year, qingming

Reason = Literal["birthday", "lunar_birthday", "signed_on", "first_order", "contract_end", "holiday", "next_contact"]


@dataclass(frozen=True, slots=True)
class Event:
    """A day for the customer in `row`. `count`: years of an anniversary, days to a contract's end or overdue;
    `holiday`: its key; `month`, `lunar_day`: the lunar date of a birthday."""

    day: date
    row: int
    reason: Reason
    count: int = 0
    holiday: str = ""
    month: int = 0
    lunar_day: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """Columns of n customers; None for what nobody knows. `key`: rows of the key accounts."""

    ids: Sequence[str]
    birthday: Sequence[date | None]
    calendar: Sequence[object]
    signed_on: Sequence[date | None]
    first_order: Sequence[date | None]
    contract_end: Sequence[date | None]
    key: Collection[int] = field(default_factory=frozenset)


def events(people: People, due: dict[str, date], as_of: date, days: int) -> list[Event]:
    """Everything from `as_of` to `days` later, with the contacts overdue, by day, reason and row.

    `due`: open contacts by customer id (`contacts_due`). Born on 29 February: the 28th in other years.
    """
    last = as_of + timedelta(days=days)
    found: list[Event] = []
    for row, customer in enumerate(people.ids):
        if not customer:
            continue
        found += _birthdays(people.birthday[row], people.calendar[row], row, as_of, last)
        signed, first, ends = people.signed_on[row], people.first_order[row], people.contract_end[row]
        if signed is not None:
            found += _anniversaries(signed, row, "signed_on", as_of, last)
        if first is not None and first != signed:
            found += _anniversaries(first, row, "first_order", as_of, last)
        if ends is not None and as_of <= ends <= last:
            found.append(Event(ends, row, "contract_end", (ends - as_of).days))
        contact = due.get(customer)
        if contact is not None and contact <= last:
            found.append(Event(contact, row, "next_contact", max(0, (as_of - contact).days)))
    for day, name in holidays(as_of, last):
        found += [Event(day, row, "holiday", holiday=name) for row in sorted(people.key)]
    return sorted(found, key=lambda e: (e.day, e.reason, e.row))


def _in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February is the 28th where there is none."""
    return day.replace(year=year, day=28 if (day.month, day.day) == (2, 29) and not isleap(year) else day.day)


def _anniversaries(day: date, row: int, reason: Reason, as_of: date, last: date) -> Iterator[Event]:
    for year in range(max(as_of.year, day.year + 1), last.year + 1):
        again = _in_year(day, year)
        if as_of <= again <= last:
            yield Event(again, row, reason, year - day.year)


def _birthdays(day: date | None, calendar: object, row: int, as_of: date, last: date) -> Iterator[Event]:
    if day is None:
        return
    kind = find_word(CALENDARS, calendar) if calendar else "solar"
    if kind == "solar":
        for year in range(as_of.year, last.year + 1):
            again = _in_year(day, year)
            if as_of <= again <= last:
                yield Event(again, row, "birthday")
    elif kind is not None:
        first = lunar_year(as_of)
        for lunar in () if first is None else range(first, last.year + 1):
            found = lunar_date(lunar, day.month, day.day, kind == "lunar_leap")
            if found is not None and as_of <= found <= last:
                yield Event(found, row, "lunar_birthday", month=day.month, lunar_day=day.day)


_LUNAR_HOLIDAYS = {"spring": (1, 1), "lantern": (1, 15), "dragon_boat": (5, 5), "mid_autumn": (8, 15)}
_SOLAR_HOLIDAYS = {"new_year": (1, 1), "national": (10, 1)}


def holidays(first: date, last: date) -> list[tuple[date, str]]:
    """The Chinese holidays from `first` to `last`, each once, on its first day, by key."""
    found: list[tuple[date | None, str]] = []
    for year in range(first.year, last.year + 1):
        found += [(date(year, *day), name) for name, day in _SOLAR_HOLIDAYS.items()]
        found += [(lunar_date(year, *day), name) for name, day in _LUNAR_HOLIDAYS.items()]
        found.append((qingming(year), "qingming"))
    return sorted((day, name) for day, name in found if day is not None and first <= day <= last)


def contacts_due(interactions: pd.DataFrame | None, as_of: date) -> dict[str, date]:
    """Customer id -> the day of the contact that was agreed last and has not taken place.

    It has, once there is a contact on that day or later (up to `as_of`). `interactions`: customer_id, contact_date
    and next_contact.
    """
    if interactions is None or not len(interactions) or "next_contact" not in interactions:
        return {}
    ids = normal_ids(interactions["customer_id"].to_numpy(dtype=object))
    days = interactions["contact_date"].to_numpy().astype("datetime64[D]")
    agreed = interactions["next_contact"].to_numpy().astype("datetime64[D]")
    held = ~np.isnat(days) & (days <= np.datetime64(as_of, "D")) & (ids != "")
    log = pd.DataFrame({"id": ids, "day": days, "agreed": agreed})[held]
    latest = log.groupby("id")["day"].max()
    plans = log[log["agreed"].notna() & (log["agreed"] > log["day"])]
    plans = plans.sort_values(["day", "agreed"], kind="stable").groupby("id").tail(1)
    still = plans[plans["agreed"] > plans["id"].map(latest)]
    return {str(i): day.date() for i, day in zip(still["id"], still["agreed"], strict=True)}
