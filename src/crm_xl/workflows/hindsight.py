"""The back-test: the warnings that the analysis would have given some months ago, against what then happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from crm_xl.analysis.backtest import Backtest, backtest, fell_silent
from crm_xl.analysis.dates import edate
from crm_xl.analysis.facts import HALF_WINDOW
from crm_xl.analysis.loss import chance_of_loss
from crm_xl.analysis.purchases import nets_of
from crm_xl.analysis.silence import silences
from crm_xl.vocabulary.labels import is_label

from .analyse import analyse_inputs, as_date
from .opening import BookInputs, log_only_customers

NEEDED = ("customer_id", "order_no", "order_date", "amount")
"""Columns of an order line on which warnings rest."""
DAY = {"Complaints": "complaint_date", "Surveys": "survey_date"}
"""Logs beside orders and contacts on which warnings rest, and the column that dates their lines."""


class Hindsight(NamedTuple):
    """`start`: the day whose records alone give the warnings; `end`: until when is known what happened.

    `modelled`: whether a prediction gave the chances of loss. `found`: None without a back-test; then `reason` is the key of a text that says why: backtest_no_orders,
    backtest_short_log (begins on `begins`, should on `needed`), backtest_nobody_active, backtest_log_ends,
    backtest_nobody_lost (of `customers`, `flagged` of them warned of).
    """

    start: dt.date
    end: dt.date
    found: Backtest | None = None
    modelled: bool = False
    reason: str = ""
    begins: dt.date | None = None
    needed: dt.date | None = None
    customers: int = 0
    flagged: int = 0


def look_back(inputs: BookInputs, as_of: dt.date) -> Hindsight:
    """The analysis as of BacktestMonths before `as_of`, and who of its active customers has not bought since.

    It sees the lines of the logs up to that day and nothing else: whatever stands in the customer table may have been
    typed or computed since, even which customers are in it. Today's rules are in force.
    """
    settings = inputs.parameters.rules.settings
    start = as_date(edate(np.array(as_of, dtype="datetime64[D]"), -settings.backtest_months).astype(object).item())
    needed = start - dt.timedelta(days=2 * HALF_WINDOW)  # health compares two half windows
    begins = _first_day(inputs.orders, as_of)
    if inputs.orders is None or begins is None:
        return Hindsight(start, as_of, reason="backtest_no_orders")
    if begins > needed:
        return Hindsight(start, as_of, reason="backtest_short_log", begins=begins, needed=needed)

    earlier = known_on(inputs, start)
    outcome = analyse_inputs(earlier, start, shown=("churn_risk", "alive"))
    size = len(outcome.ids)
    flagged = np.fromiter((is_label(c, "yes") for c in outcome.results["churn_risk"]), bool, size)
    nets = nets_of(inputs.orders, outcome.ids, as_of)
    silence = silences(nets.who, nets.when, nets.net, start, size)
    score = chance_of_loss(silence, outcome.outlook.prediction).chance

    who, when = nets.purchases()
    happened = fell_silent(who, when, start, as_of, size)
    active = happened.active
    if not active.any():
        return Hindsight(start, as_of, reason="backtest_nobody_active")
    if not (when > np.datetime64(start, "D")).any():
        return Hindsight(start, as_of, reason="backtest_log_ends")
    if not happened.silent.any():
        customers, warned = int(active.sum()), int((active & flagged).sum())
        return Hindsight(start, as_of, reason="backtest_nobody_lost", customers=customers, flagged=warned)
    found = backtest(flagged[active], score[active], happened.silent[active])
    return Hindsight(start, as_of, found, modelled=outcome.outlook.prediction is not None)


def known_on(inputs: BookInputs, day: dt.date) -> BookInputs:
    """What the logs alone had said by `day`: their lines up to it, the customers in those, no figure that was typed."""
    orders = _until(inputs.orders, "order_date", day)
    if orders is not None:
        orders = orders[[key for key in NEEDED if key in orders]]
    records = {name: _until(inputs.records.get(name), key, day) for name, key in DAY.items()}
    return replace(
        inputs,
        columns={"customer_id": list(log_only_customers(orders, (), day))},
        orders=orders,
        interactions=_until(inputs.interactions, "contact_date", day),
        own_formulas={},
        records={name: log for name, log in records.items() if log is not None},
    )


def _until(log: pd.DataFrame | None, key: str, day: dt.date) -> pd.DataFrame | None:
    if log is None:
        return None
    return log[(log[key] <= pd.Timestamp(day)).to_numpy()].reset_index(drop=True)


def _first_day(orders: pd.DataFrame | None, as_of: dt.date) -> dt.date | None:
    """The day of the first order line that counts."""
    if orders is None or not len(orders):
        return None
    usable = (orders["order_date"] <= pd.Timestamp(as_of)) & orders["amount"].notna()
    first = orders["order_date"][usable].min()
    return None if first is pd.NaT else as_date(first)
