"""What the log foretells of each customer, and the groups that the data form: asked for in the parameters, as both
take a library's second to start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_xl.analysis.cleaning import Objects
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.facts import Merged
from crm_xl.analysis.grouping import Group, Grouping, NoGroups, group_customers
from crm_xl.analysis.prediction import NoFit, Prediction, predict
from crm_xl.analysis.purchases import nets_of
from crm_xl.rules.models import Rulebook, Settings
from crm_xl.vocabulary.analytics_texts import AVERAGE, GROUP_NAME, NO_FIT, NO_GROUPS, TRAITS
from crm_xl.vocabulary.fields import UNIT_FACTOR, Lang
from crm_xl.vocabulary.texts import pick

from .evaluate import Cells

PREDICTED = ("alive", "expected_orders", "predicted_clv")
FEATURES = ("annual_spend", "period_orders", "days_silent", "average_order")
"""What groups are formed by: amounts and counts of a few customers are far above those of the rest, so they enter by
their logarithm."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`prediction`, `grouping`: None where they were not asked for, or could not be made: then `no_prediction` and
    `no_grouping` say why, in words. `cells`: result column -> n cells."""

    prediction: Prediction | None = None
    no_prediction: str = ""
    grouping: Grouping | None = None
    no_grouping: str = ""
    cells: Mapping[str, Cells] = field(default_factory=dict)


def look_ahead(
    rules: Rulebook,
    ids: Objects,
    orders: pd.DataFrame | None,
    merged: Merged,
    margin: Floats,
    as_of: dt.date,
    shown: Collection[str] | None,
) -> Outlook:
    """What the parameters ask for, as far as somebody sees it (`shown`: result columns; None: all). Shape of the
    customers (n,): `ids`, `merged`, `margin`."""
    settings = rules.settings
    prediction, grouping, no_prediction, no_grouping = None, None, "", ""
    cells: dict[str, Cells] = {}
    if settings.clv_method == "predictive" and _seen(shown, (*PREDICTED, "clv")):
        try:
            prediction = predict(nets_of(orders, ids, as_of), as_of, margin, settings.clv_rate)
        except NoFit as no:
            no_prediction = pick(NO_FIT[no.reason], rules.lang)
        else:
            cells |= _predicted(prediction, settings)
    if settings.data_groups == "on" and _seen(shown, ("data_group",)):
        try:
            grouping = group_customers(
                np.column_stack([feature(merged, key, as_of) for key in FEATURES]), FEATURES, logged=FEATURES
            )
        except NoGroups as no:
            no_grouping = pick(NO_GROUPS[no.reason], rules.lang)
        else:
            names = [group_name(i, g, rules.lang) for i, g in enumerate(grouping.groups, 1)]
            cells["data_group"] = [None if c < 0 else names[c] for c in grouping.labels.tolist()]
    return Outlook(prediction, no_prediction, grouping, no_grouping, cells)


def _seen(shown: Collection[str] | None, keys: Collection[str]) -> bool:
    return shown is None or bool(set(shown) & set(keys))


def feature(merged: Merged, key: str, as_of: dt.date) -> Floats:
    """One of FEATURES of all customers, (n,)."""
    if key != "days_silent":
        found: Floats = merged.columns[key].astype(float)
        return found
    last = merged.columns["last_order"].astype("datetime64[D]")
    return np.where(np.isnat(last), np.nan, (np.datetime64(as_of, "D") - last).astype(float))


def group_name(number: int, group: Group, lang: Lang) -> str:
    """A group by what sets it apart."""
    words = [pick(TRAITS[t.name][0 if t.high else 1], lang) for t in group.traits]
    joined = ("、" if lang == "zh" else ", ").join(words) or pick(AVERAGE, lang)
    return pick(GROUP_NAME, lang).format(n=number, traits=joined)


def _predicted(found: Prediction, settings: Settings) -> dict[str, Cells]:
    """The columns of a prediction; digits beyond those shown would differ between machines."""
    money = found.clv / UNIT_FACTOR[settings.unit]
    places = 6 if settings.unit == "wan" else 2
    rounded: dict[str, np.ndarray[Any, Any]] = {
        "alive": np.round(found.alive, 4),
        "expected_orders": np.round(found.orders, 4),
        "predicted_clv": np.round(money, places),
    }
    return {key: [None if v != v else v for v in values.tolist()] for key, values in rounded.items()}
