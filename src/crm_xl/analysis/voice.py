"""What customers say: needs, survey answers, complaints and points, counted (domain.md §§2, 8).

Frames hold the fields of the log tables by key: dates datetime64, numbers float64, texts '' where empty.
Nothing after `as_of` counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.texts import CHOICES, pick

from .cleaning import normal_ids
from .dates import Bools, Days, Floats, in_window
from .rates import csat, nps, nps_margin

YEAR = 12
"""Months that count for satisfaction and complaints."""
RATINGS = ("product_quality", "service", "experience", "satisfaction")
LOW = 2.0
"""Ratings up to here are low."""


def _words(table: str, field: str, index: int) -> frozenset[str]:
    """A choice of a dropdown, in both languages."""
    return frozenset(CHOICES[table, field][index])


HIGH_PRIORITY = _words("Needs", "priority", 0)
UNMET = _words("Needs", "status", 0)
NEGATIVE = _words("Surveys", "sentiment", 2)
DONE = _words("Surveys", "status", 2)
RESOLVED = _words("Complaints", "status", 2)


def texts(frame: pd.DataFrame, key: str) -> list[str]:
    """A column as trimmed texts; all empty where there is no such column."""
    if key not in frame:
        return [""] * len(frame)
    return ["" if c is None else str(c).strip() for c in frame[key].tolist()]


def numbers(frame: pd.DataFrame, key: str, low: float, high: float) -> Floats:
    """A column as numbers; NaN outside the scale, or where there is no such column."""
    if key not in frame:
        return np.full(len(frame), np.nan)
    values = frame[key].to_numpy(dtype=float)
    return np.where((values >= low) & (values <= high), values, np.nan)


def until(frame: pd.DataFrame, key: str, as_of: date) -> pd.DataFrame:
    """The lines with a date up to `as_of`."""
    return frame[(frame[key] <= pd.Timestamp(as_of)).to_numpy()]


def _of_year(frame: pd.DataFrame, key: str, as_of: date) -> Bools:
    days = frame[key].to_numpy().astype("datetime64[D]")
    return in_window(days, np.array(as_of, dtype="datetime64[D]"), YEAR)


def in_order(found: Iterable[str], table: str, field: str, lang: Lang, *, always: bool = False) -> list[str]:
    """Labels as the dropdown has them, then others by number, the empty one last; `always`: all of the dropdown."""
    counts = Counter(found)
    offered = [pick(pair, lang) for pair in CHOICES[table, field]]
    first = [name for name in offered if always or counts[name]]
    others = sorted(counts.keys() - set(offered) - {""}, key=lambda name: (-counts[name], name))
    return [*first, *others, *([""] if counts[""] else [])]


class NeedCount(NamedTuple):
    """Needs with one label: how many, of which of high priority and unmet, and of how many customers."""

    label: str
    needs: int
    high: int
    unmet: int
    customers: int
    share: float | None


def needs_by(needs: pd.DataFrame, key: str, as_of: date, lang: Lang) -> list[NeedCount]:
    """Needs by `need_kind` or `sensitivity`; the dropdown's labels always, shares of all needs."""
    lines = until(needs, "need_date", as_of)
    labels, who = texts(lines, key), normal_ids(lines["customer_id"].to_numpy(dtype=object)).tolist()
    high = [p in HIGH_PRIORITY for p in texts(lines, "priority")]
    unmet = [s in UNMET or not s for s in texts(lines, "status")]
    rows = []
    for name in in_order(labels, "Needs", key, lang, always=True):
        at = [i for i, other in enumerate(labels) if other == name]
        rows.append(
            NeedCount(
                name,
                len(at),
                sum(high[i] for i in at),
                sum(unmet[i] for i in at),
                len({who[i] for i in at} - {""}),
                len(at) / len(labels) if labels else None,
            )
        )
    return rows


class Answers(NamedTuple):
    """Answers to one question: number, mean and CSAT of ratings, low ones. None where nothing is known."""

    label: str
    answers: int
    mean: float | None
    csat: float | None
    low: int


class SourceAnswers(NamedTuple):
    """Surveys of one source: satisfaction, likelihood to recommend, negative feedback that is still open."""

    label: str
    answers: int
    mean: float | None
    csat: float | None
    recommend: float | None
    nps: float | None
    negative_open: int


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def questions(surveys: pd.DataFrame, as_of: date) -> list[Answers]:
    """The four ratings of the last 12 months, by field key."""
    lines = surveys[_of_year(surveys, "survey_date", as_of)]
    rows = []
    for key in RATINGS:
        values = numbers(lines, key, 1, 5)
        known = int((~np.isnan(values)).sum())
        rows.append(Answers(key, known, _mean(values), csat(values), int((values <= LOW).sum())))
    return rows


def negative_open(surveys: pd.DataFrame, as_of: date) -> Bools:
    """Lines with negative feedback that nobody has dealt with, of any age: marked so, or without a mark and rated low."""
    rated = numbers(surveys, "satisfaction", 1, 5) <= LOW
    marks, states = texts(surveys, "sentiment"), texts(surveys, "status")
    negative = [m in NEGATIVE or (not m and bool(low)) for m, low in zip(marks, rated.tolist(), strict=True)]
    known = (surveys["survey_date"] <= pd.Timestamp(as_of)).to_numpy()
    return np.array([n and s not in DONE for n, s in zip(negative, states, strict=True)], dtype=bool) & known


def sources(surveys: pd.DataFrame, as_of: date, lang: Lang) -> list[SourceAnswers]:
    """Surveys by source over the last 12 months; first all of them, labelled ""."""
    year, still_open = _of_year(surveys, "survey_date", as_of), negative_open(surveys, as_of)
    origins = np.array(texts(surveys, "origin"), dtype=object)
    rated, recommended = numbers(surveys, "satisfaction", 1, 5), numbers(surveys, "recommend", 0, 10)

    def row(name: str, members: Bools) -> SourceAnswers:
        inside = members & year
        values, likely = rated[inside], recommended[inside]
        return SourceAnswers(
            name,
            int(inside.sum()),
            _mean(values),
            csat(values),
            _mean(likely),
            nps(likely),
            int((members & still_open).sum()),
        )

    seen = origins[year | still_open].tolist()
    rows = [row(name, origins == name) for name in in_order(seen, "Surveys", "origin", lang)]
    return [row("", np.ones(len(surveys), dtype=bool)), *rows]


class Voice(NamedTuple):
    """What some customers, or all of them in some time, say: surveys, their mean satisfaction, CSAT and NPS with its
    margin (95 %, in points), and complaints. `label`: "" for all of them, None for customers nobody knows."""

    label: str | None
    answers: int
    mean: float | None
    csat: float | None
    nps: float | None
    nps_margin: float | None
    complaints: int


def by_group(
    surveys: pd.DataFrame, complaints: pd.DataFrame, group_of: Mapping[str, str], order: Sequence[str], as_of: date
) -> list[Voice]:
    """The last 12 months by group of customer (`group_of`: normal id -> group), groups as in `order`, others behind.

    First all lines, labelled ""; last those of customers without a group, labelled None. A group of whom nobody
    answered or complained has no line.
    """
    answered = _of_year(surveys, "survey_date", as_of)
    complained = _of_year(complaints, "complaint_date", as_of)
    survey_groups, complaint_groups = (_groups(log, group_of) for log in (surveys, complaints))
    heard = {*survey_groups[answered].tolist(), *complaint_groups[complained].tolist()}
    rank = {name: i for i, name in reversed(list(enumerate(order)))}
    names: list[str | None] = [*sorted(heard - {None}, key=lambda name: (rank.get(name, len(rank)), name))]
    if None in heard:
        names.append(None)
    everybody = _voice("", surveys, answered, complained)
    return [
        everybody,
        *(_voice(n, surveys, answered & (survey_groups == n), complained & (complaint_groups == n)) for n in names),
    ]


def _groups(log: pd.DataFrame, group_of: Mapping[str, str]) -> np.ndarray[Any, Any]:
    found = np.empty(len(log), dtype=object)
    found[:] = [group_of.get(who) for who in normal_ids(log["customer_id"].to_numpy(dtype=object)).tolist()]
    return found


def by_quarter(surveys: pd.DataFrame, complaints: pd.DataFrame, as_of: date, most: int = 8) -> list[Voice]:
    """The last `most` quarters, such as 2024Q2, that of `as_of` last: from the first one with a line on."""
    answered, complained = (
        np.where(days <= np.datetime64(as_of, "D"), _quarters(days), -1)
        for days in (
            surveys["survey_date"].to_numpy().astype("datetime64[D]"),
            complaints["complaint_date"].to_numpy().astype("datetime64[D]"),
        )
    )
    known = np.concatenate([answered, complained])
    known = known[known >= 0]
    if not known.size:
        return []
    last = int(_quarters(np.array(as_of, dtype="datetime64[D]")))
    return [
        _voice(f"{1970 + q // 4}Q{q % 4 + 1}", surveys, answered == q, complained == q)
        for q in range(max(int(known.min()), last - most + 1), last + 1)
    ]


def _quarters(days: Days) -> np.ndarray[Any, Any]:
    """Quarters since 1970; what stands for a missing day is below 0."""
    found: np.ndarray[Any, Any] = days.astype("datetime64[M]").astype(np.int64) // 3
    return found


def _voice(label: str | None, surveys: pd.DataFrame, answered: Bools, complained: Bools) -> Voice:
    rated, likely = (
        numbers(surveys, key, low, high)[answered] for key, low, high in (("satisfaction", 1, 5), ("recommend", 0, 10))
    )
    return Voice(
        label,
        int(answered.sum()),
        _mean(rated),
        csat(rated),
        nps(likely),
        nps_margin(likely),
        int(complained.sum()),
    )


class CauseCount(NamedTuple):
    """Complaints of one cause: of the last 12 months, of any age still open, and the mean handling time in hours."""

    label: str
    complaints: int
    open: int
    hours: float | None
    share: float | None


def open_complaints(complaints: pd.DataFrame, as_of: date) -> Bools:
    """Lines up to `as_of` that are not resolved: another status, or none and no day of resolution."""
    lines = len(complaints)
    solved = np.full(lines, np.datetime64("NaT"), dtype="datetime64[s]")
    if "resolved_on" in complaints:
        solved = complaints["resolved_on"].to_numpy().astype("datetime64[s]")
    done = [
        s in RESOLVED or (not s and bool(k))
        for s, k in zip(texts(complaints, "status"), ~np.isnat(solved), strict=True)
    ]
    known = (complaints["complaint_date"] <= pd.Timestamp(as_of)).to_numpy()
    return ~np.array(done, dtype=bool) & known


def causes(complaints: pd.DataFrame, as_of: date, lang: Lang) -> list[CauseCount]:
    """Complaints by cause; shares of those of the last 12 months."""
    year, still_open = _of_year(complaints, "complaint_date", as_of), open_complaints(complaints, as_of)
    names = np.array(texts(complaints, "cause"), dtype=object)
    hours = numbers(complaints, "handling_hours", 0, np.inf)
    total = int(year.sum())
    rows = []
    for name in in_order(names[year | still_open].tolist(), "Complaints", "cause", lang):
        members = names == name
        count = int((members & year).sum())
        open_now = int((members & still_open).sum())
        rows.append(CauseCount(name, count, open_now, _mean(hours[members & year]), count / total if total else None))
    return rows


class Balance(NamedTuple):
    """Points of a customer, and the day of the last change."""

    customer_id: str
    balance: float
    last_change: date


def running_balances(
    ids: Sequence[str], days: np.ndarray[Any, Any], points: Floats, as_of: date
) -> tuple[Floats, list[Balance]]:
    """The balance behind each line, by date and then by row, and what each customer has, most first.

    `days` datetime64[D]. A line without an id, a date up to `as_of` or points has no balance (NaN) and
    moves none.
    """
    usable = ~np.isnat(days) & (days <= np.datetime64(as_of)) & ~np.isnan(points)
    usable &= np.array([bool(i) for i in ids], dtype=bool)
    balances = np.full(len(ids), np.nan)
    held: dict[str, tuple[float, date]] = {}
    for i in np.argsort(days, kind="stable").tolist():
        if usable[i]:
            before = held.get(ids[i], (0.0, as_of))[0]
            balances[i] = round(before + float(points[i]), 6)
            held[ids[i]] = (float(balances[i]), days[i].item())
    order = sorted(held, key=lambda who: (-held[who][0], who))
    return balances, [Balance(who, *held[who]) for who in order]
