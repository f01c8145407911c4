"""Key accounts: scores by criterion, who is one, and what moved a grade (domain.md §7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from crm_xl.rules.models import AccountCriterion, Band, Edge
from crm_xl.vocabulary.labels import is_label

from .dates import Floats
from .scores import band_scores

TOP_GRADES = 2
"""Customers of so many of the best grades are key accounts, unless the user says otherwise."""


def criterion_scores(
    values: Mapping[str, Floats], criteria: Sequence[AccountCriterion], bands: Sequence[Band], rows: int
) -> dict[str, Floats]:
    """Score 1 to 5 of every criterion per customer, NaN where there is none.

    `values`: criterion -> figures (n,). A criterion with bands is scored by them, one without holds ratings.
    """
    scores: dict[str, Floats] = {}
    for criterion in criteria:
        found = values.get(criterion.criterion)
        if found is None:
            found = np.full(rows, np.nan)
        own = [b for b in bands if b.indicator == criterion.criterion]
        if own:
            scores[criterion.criterion] = band_scores(found, own)[0]
        else:
            scores[criterion.criterion] = np.where((found >= 1) & (found <= 5), found, np.nan)
    return scores


def best_first(grades: Sequence[Edge]) -> list[str]:
    """The labels of grades, the highest first."""
    order = sorted(grades, key=lambda e: -inf if e.lower is None else e.lower, reverse=True)
    return list(dict.fromkeys(e.label for e in order))


def key_grades(order: Sequence[str]) -> Sequence[str]:
    """The grades of key accounts: the best ones, never the last."""
    return order[: min(TOP_GRADES, len(order) - 1)]


def is_key_account(marked: object, grade: object, high: Sequence[str]) -> bool:
    """Whether a customer is a key account: as the user marked it, else by a grade among `high`."""
    if is_label(marked, "yes"):
        return True
    if is_label(marked, "no"):
        return False
    return grade in high


def grade_change(before: str | None, now: str, order: Sequence[str]) -> str:
    """How a grade moved: `grade_up`, `grade_down`, `grade_same`, `grade_new`, `grade_lost`; "" where that cannot
    be said: nothing before (None), or a label that the grades no longer have.

    A text outside `order`, such as 信息待完善, is no grade.
    """
    if before is None:
        return ""
    ranks = {name: i for i, name in enumerate(order)}
    if now not in ranks:
        return "grade_lost" if before in ranks else ""
    if before not in ranks:
        return "grade_new" if not before or is_label(before, "incomplete") else ""
    move = ranks[now] - ranks[before]
    return "grade_same" if not move else "grade_down" if move > 0 else "grade_up"


class Cause(NamedTuple):
    """What moved a grade most: a criterion with its figure before and now; without a key, ratings or rules did."""

    key: str = ""
    before: float = np.nan
    now: float = np.nan


def main_cause(change: str, parts: Mapping[str, tuple[float, float]], points: Mapping[str, float]) -> Cause:
    """The criterion that explains a change of grade best.

    `parts`: criterion key -> figure before and now; `points`: what its score adds now minus before, weighted.
    Only criteria that moved the score the same way as the grade can be the cause.
    """
    sign = {"grade_up": 1.0, "grade_down": -1.0}.get(change)
    if sign is None:
        return Cause()
    moved = {k: p * sign for k, p in points.items() if p == p and p * sign > 1e-9}
    if not moved:
        return Cause()
    key = max(moved, key=lambda k: (moved[k], k))
    return Cause(key, *parts[key])
