"""The Chinese calendar: lunar dates and solar terms between 1900 and 2100, as dates of ours.

The data are those of the package borax; outside its years there is no answer.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

FIRST, LAST = date(1901, 1, 1), date(2100, 12, 30)
_QINGMING = 6
"""The solar terms count from the one at the beginning of January."""


@lru_cache(maxsize=4096)
def lunar_date(year: int, month: int, day: int, leap: bool = False) -> date | None:
    """The day of a lunar date; None outside the years known.

    A leap month that the year has not is its namesake, and the 30th of a month with 29 days is its last day.
    """
    from borax.calendars.lunardate import LCalendars, LunarDate

    if not FIRST.year <= year < LAST.year or not 1 <= month <= 12 or day < 1:
        return None
    leap = leap and LCalendars.leap_month(year) == month
    days: int = LCalendars.ndays(year, month, leap)
    found: date = LunarDate(year, month, min(day, days), int(leap)).to_solar_date()
    return found


def lunar_year(day: date) -> int | None:
    """The lunar year of a day; None outside the years known."""
    from borax.calendars.lunardate import LunarDate

    if not FIRST <= day <= LAST:
        return None
    year: int = LunarDate.from_solar(day).year
    return year


@lru_cache(maxsize=256)
def qingming(year: int) -> date | None:
    """Qingming (清明) of a year; None outside the years known."""
    from borax.calendars.lunardate import TermUtils

    if not FIRST.year <= year < LAST.year:
        return None
    found: date = TermUtils.nth_term_day(year, _QINGMING)
    return found
