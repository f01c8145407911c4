"""What the dashboard shows of all customers together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import NamedTuple

import numpy as np

from crm_xl.vocabulary.labels import is_label

from .profile import excel_numbers, mean_order


class Overview(NamedTuple):
    """Average order (each customer with the weight of its orders; None without one), and who is at risk:
    row of each such customer, the largest annual spend first, and the sum of that."""

    average_order: float | None
    at_risk: list[int]
    money_at_risk: float


def overview(columns: Mapping[str, Sequence[object]]) -> Overview:
    """From columns of cells by field key: average_order, order_count, annual_spend, churn_risk, all of one length."""
    average, orders, spend = (excel_numbers(columns[k]) for k in ("average_order", "order_count", "annual_spend"))
    stake = np.where(np.isnan(spend), 0.0, spend).tolist()
    warned = {flag for flag in set(columns["churn_risk"]) if is_label(flag, "yes")}
    rows = [i for i, flag in enumerate(columns["churn_risk"]) if flag in warned]
    rows.sort(key=lambda i: -stake[i])
    return Overview(
        average_order=mean_order(average, orders),
        at_risk=rows,
        money_at_risk=fsum(stake[i] for i in rows),
    )
