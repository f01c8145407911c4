"""Health, churn flag and its reasons (domain.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crm_xl.rules.models import HealthRule
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import is_label, label

from .compare import INCOMPLETE, edge_codes, rounded
from .dates import Codes, Floats

LITTLE_DATA = -4
FEWEST = 3
"""Fewer orders and contacts than this in the baseline say nothing about a drop."""
MANY_COMPLAINTS, LOW_SATISFACTION = 2, 2


def health_codes(recent: Floats, baseline: Floats, rules: Sequence[HealthRule]) -> Codes:
    """Index of the rule for the drop of activity; LITTLE_DATA or INCOMPLETE otherwise."""
    with np.errstate(divide="ignore", invalid="ignore"):
        drop = (baseline - recent) / baseline
    little = rounded(baseline) < FEWEST
    codes = edge_codes(np.where(little, 0.0, drop), [r.drop for r in rules])
    codes = np.where(little, LITTLE_DATA, codes)
    return np.where(np.isnan(recent) | np.isnan(baseline), INCOMPLETE, codes)


def churn_reasons(
    activity: NDArray[np.object_],
    health: NDArray[np.object_],
    complaints: Floats,
    satisfaction: Floats,
    lang: Lang,
) -> list[list[str] | None]:
    """The reasons of each customer's churn flag, [] for none, None for a prospect. Shape (n,) each."""
    known: dict[tuple[object, ...], list[str] | None] = {}
    result: list[list[str] | None] = []
    many = np.where(rounded(complaints) >= MANY_COMPLAINTS, rounded(complaints), 0.0)
    low = np.where(rounded(satisfaction) <= LOW_SATISFACTION, rounded(satisfaction), np.inf)
    for customer in zip(activity.tolist(), health.tolist(), many.tolist(), low.tolist(), strict=True):
        if customer not in known:
            known[customer] = _reasons(*customer, lang)
        result.append(known[customer])
    return result


def _reasons(stage: object, state: object, complained: float, content: float, lang: Lang) -> list[str] | None:
    if is_label(stage, "prospect", "prospect_customer"):
        return None
    reasons = []
    if is_label(stage, "dormant"):
        reasons.append(label("reason_dormant", lang))
    if is_label(stage, "lost"):
        reasons.append(label("reason_lost", lang))
    if is_label(state, "alert"):
        reasons.append(label("reason_health", lang))
    if complained >= MANY_COMPLAINTS:
        reasons.append(label("reason_complaints", lang).format(n=f"{complained:g}"))
    if content <= LOW_SATISFACTION:
        reasons.append(label("reason_satisfaction", lang).format(n=f"{content:g}"))
    return reasons


class RiskRanking(NamedTuple):
    """`stake` (n,): money at stake of each customer, NaN where unknown. `order`: the others' rows, most first."""

    order: Codes
    stake: Floats


def ranked_risks(loss: Floats, value: Floats) -> RiskRanking:
    """Money at stake = probability of loss * yearly value, in the unit of the value, and who has most of it.

    `loss` (n,) from 0 to 1, `value` (n,). A value below 0 (refunds) puts nothing at stake. Where either is NaN the
    stake is unknown and the customer not ranked. Equal stakes: the larger value first, then the earlier row.
    """
    worth = np.maximum(value, 0.0)
    stake = loss * worth
    ranking = np.lexsort((-rounded(worth), -rounded(stake)))
    return RiskRanking(ranking[~np.isnan(stake[ranking])], stake)
