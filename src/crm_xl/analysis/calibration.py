"""Calibration of the scoring model: shares and churn of the levels per half-year, changes of weights (domain.md §6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from .dates import edate
from .history import Snapshot
from .rates import churn_rate

HALF_YEAR = 6


class LevelShare(NamedTuple):
    """Customers with a level at the end of a half-year, against its start.

    `begins`: first day of the half-year; `as_of`: the snapshot that stands for its end; `change` and
    `churn_rate` are None without a snapshot before the half-year, the rate also without an active customer in it.
    """

    begins: date
    as_of: date
    level: str
    customers: int
    share: float
    change: int | None
    churn_rate: float | None


def half_year(day: date) -> date:
    """First day of the half-year of a day."""
    return date(day.year, 1 if day.month <= HALF_YEAR else 1 + HALF_YEAR, 1)


def after_half_a_year(day: date) -> date:
    found: date = edate(np.array(day, dtype="datetime64[D]"), HALF_YEAR).astype(object).item()
    return found


def _graded(history: Sequence[Snapshot], until: date) -> list[Snapshot]:
    """Snapshots with levels up to a day, in order."""
    return sorted((s for s in history if s.as_of <= until and any(s.level)), key=lambda s: s.as_of)


def level_shares(history: Sequence[Snapshot], until: date, order: Sequence[str]) -> list[LevelShare]:
    """A row per half-year with a snapshot up to `until` and per level: those of `order`, then any other label.

    The last snapshot of a half-year stands for its end, the last one before it for its start. The churn of a
    level is that of the customers who had it at the start.
    """
    snapshots = _graded(history, until)
    last = {half_year(s.as_of): s for s in snapshots}
    rows: list[LevelShare] = []
    for begins, end in last.items():
        start = next((s for s in reversed(snapshots) if s.as_of < begins), None)
        now = Counter(level for level in end.level if level)
        before = Counter(level for level in start.level if level) if start else Counter[str]()
        stages = dict(zip(end.customer_id, end.activity, strict=True))
        for level in dict.fromkeys([*order, *sorted(now | before)]):
            rows.append(
                LevelShare(
                    begins,
                    end.as_of,
                    level,
                    now[level],
                    now[level] / now.total(),
                    now[level] - before[level] if start else None,
                    _churn(start, level, stages) if start else None,
                )
            )
    return rows


def _churn(start: Snapshot, level: str, stages: Mapping[str, str]) -> float | None:
    """Churn of those with a level at the start; who is in neither snapshot does not count."""
    moves = [
        (stage, stages[who])
        for who, had, stage in zip(start.customer_id, start.level, start.activity, strict=True)
        if had == level and who in stages
    ]
    return churn_rate([a for a, _ in moves], [b for _, b in moves])


def next_calibration(history: Sequence[Snapshot], until: date) -> tuple[date, date] | None:
    """The snapshot of the last completed half-year (else the first one), and the day half a year after it."""
    snapshots = _graded(history, until)
    if not snapshots:
        return None
    complete = [s.as_of for s in snapshots if _ends(half_year(s.as_of)) <= until]
    used = complete[-1] if complete else snapshots[0].as_of
    return used, after_half_a_year(used)


def _ends(begins: date) -> date:
    """Last day of the half-year that begins on a day."""
    return date(begins.year, 6, 30) if begins.month == 1 else date(begins.year, 12, 31)


class WeightChange(NamedTuple):
    """A weight that is not what it was; None: there was, or is, no such indicator."""

    indicator: str
    old: float | None
    new: float | None


def weight_changes(logged: Mapping[str, float | None], weights: Mapping[str, float]) -> list[WeightChange]:
    """Weights that differ from the last ones logged; new indicators have no old one, dropped ones no new one."""
    found = [
        WeightChange(name, logged.get(name), weight)
        for name, weight in weights.items()
        if logged.get(name) is None or abs((logged[name] or 0.0) - weight) > 1e-9
    ]
    gone = [WeightChange(name, old, None) for name, old in logged.items() if name not in weights and old is not None]
    return found + gone
