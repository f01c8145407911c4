"""Which tasks a refresh proposes, how far tasks are, and how busy the team was (domain.md §11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from crm_xl.vocabulary.labels import is_label
from crm_xl.vocabulary.task_texts import TASK_STATES, find_word

from .cleaning import normal_ids
from .dates import Days, Floats, in_days

TOP_OF_SEGMENT = 3
"""Customers of each segment, by spend, who get a task."""
SOON, LATER = 7, 14
"""Days until a task is due: that of a customer at risk, and any other."""
PROCESS_DAYS = 30

Cause = Literal["risk", "segment"]


class Proposal(NamedTuple):
    """A task for the customer in `row`: what it is for (`source`: cause:segment), and in how many days it is due."""

    row: int
    cause: Cause
    source: str
    days: int


def propose(
    ids: Sequence[str],
    segments: Sequence[object],
    risk: Sequence[object],
    spend: Floats,
    acts: Callable[[str], bool],
    known: Collection[tuple[str, str]],
    limit: int,
) -> list[Proposal]:
    """At most `limit` new tasks, those of the customers with most at stake first.

    A task for every customer at risk, then one for the TOP_OF_SEGMENT customers by spend of each segment whose
    strategy names who acts (`acts`). What was ever proposed for a customer (`known`: id and source) is not proposed
    again; customers outside the scope get none.
    """
    money = np.nan_to_num(spend, nan=0.0)
    order = sorted(range(len(ids)), key=lambda i: (-money[i], ids[i], i))
    at_risk: list[int] = []
    best: dict[str, list[int]] = {}
    seen: set[str] = set()
    for i in order:
        segment = segments[i]
        if not ids[i] or ids[i] in seen or type(segment) is not str or is_label(segment, "out_of_scope"):
            continue
        seen.add(ids[i])
        if is_label(risk[i], "yes"):
            at_risk.append(i)
        elif len(best.setdefault(segment, [])) < TOP_OF_SEGMENT:
            best[segment].append(i)
    chosen = {i for segment, rows in best.items() if acts(segment) for i in rows}
    others = [i for i in order if i in chosen]
    found = [Proposal(i, "risk", f"risk:{segments[i]}", SOON) for i in at_risk]
    found += [Proposal(i, "segment", f"segment:{segments[i]}", LATER) for i in others]
    return [p for p in found if (ids[p.row], p.source) not in known][: max(0, limit)]


def is_open(status: object) -> bool:
    """Neither done nor cancelled; an empty status is not started."""
    return find_word(TASK_STATES, status or "") not in ("finished", "cancelled")


def overdue(dues: Days, statuses: Sequence[object], as_of: date) -> list[bool]:
    """Open and due before `as_of`."""
    late = dues < np.datetime64(as_of, "D")
    return [bool(x) and is_open(s) for x, s in zip(late, statuses, strict=True)]


@dataclass(slots=True)
class OwnersTasks:
    """Tasks of one owner by state; overdue ones are open, and counted there alone."""

    owner: str
    waiting: int = 0
    doing: int = 0
    finished: int = 0
    overdue: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.doing + self.finished + self.overdue

    @property
    def done_share(self) -> float | None:
        return self.finished / self.total if self.total else None


def board(owners: Sequence[str], statuses: Sequence[object], late: Sequence[bool]) -> list[OwnersTasks]:
    """Tasks by owner, in order of name, '' last; cancelled ones and unknown states are left out."""
    found: dict[str, OwnersTasks] = {}
    for owner, status, is_late in zip(owners, statuses, late, strict=True):
        state = find_word(TASK_STATES, status) if status else "waiting"
        if state is None or state == "cancelled":
            continue
        line = found.setdefault(owner, OwnersTasks(owner))
        counted = "overdue" if is_late else state
        setattr(line, counted, getattr(line, counted) + 1)
    return [found[o] for o in sorted(found, key=lambda o: (o == "", o))]


class Process(NamedTuple):
    """The team's work of PROCESS_DAYS days; rates are None without a base.

    `reached`: phone calls answered / those that were or were not; `activated`: customers who activated a trial
    on or after the day it was opened / customers for whom one was opened.
    """

    visits: int
    reached: float | None
    material: int
    activated: float | None


_VISIT, _PHONE = ("拜访", "visit"), ("电话", "phone")
_ANSWERED, _UNANSWERED = ("接通", "connected"), ("未接通", "no answer")
_MATERIAL, _OPENED, _ACTIVATED = (
    ("资料发送", "material sent"),
    ("试用开通", "trial opened"),
    ("试用激活", "trial activated"),
)


def process(interactions: pd.DataFrame | None, as_of: date) -> Process | None:
    """Figures from the contact log (customer_id, contact_date; method, purpose, outcome); None without one."""
    if interactions is None or not len(interactions):
        return None
    days = interactions["contact_date"].to_numpy().astype("datetime64[D]")
    inside = in_days(days, np.array(as_of, dtype="datetime64[D]"), PROCESS_DAYS)
    lines = interactions[inside]
    days = days[inside]

    def having(key: str, words: Sequence[str]) -> Any:
        if key not in lines:
            return np.zeros(len(lines), dtype=bool)
        return np.fromiter((str(c).strip().casefold() in words for c in lines[key]), bool, len(lines))

    calls = having("method", _PHONE)
    answered = int((calls & having("outcome", _ANSWERED)).sum())
    tried = answered + int((calls & having("outcome", _UNANSWERED)).sum())
    ids = normal_ids(lines["customer_id"].to_numpy(dtype=object))
    first: dict[str, Any] = {}
    for i in np.flatnonzero(having("purpose", _OPENED)).tolist():
        first[ids[i]] = min(first.get(ids[i], days[i]), days[i])
    done = {
        ids[i]
        for i in np.flatnonzero(having("purpose", _ACTIVATED)).tolist()
        if first.get(ids[i], days[i] + 1) <= days[i]
    }
    return Process(
        visits=int(having("method", _VISIT).sum()),
        reached=answered / tried if tried else None,
        material=int(having("purpose", _MATERIAL).sum()),
        activated=len(done) / len(first) if first else None,
    )
