"""Weeks of reviews, as ISO 8601 counts them."""

from __future__ import annotations

import re
from datetime import date, datetime

_WEEK = re.compile(r"^\s*(\d{4})\s*(?:-?\s*[Ww]|年第?)\s*(\d{1,2})\s*周?\s*$")


def week_text(day: date) -> str:
    """The week of a day: 2024-W26."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_of(cell: object) -> tuple[int, int] | None:
    """Year and week that a cell names (2024-W26, 2024年第26周), or in which its date lies; None: neither."""
    if isinstance(cell, (date, datetime)):
        year, week, _ = cell.isocalendar()
        return year, week
    found = _WEEK.match(str(cell)) if isinstance(cell, str) else None
    if found is None or not 1 <= int(found[2]) <= 53:
        return None
    return int(found[1]), int(found[2])
