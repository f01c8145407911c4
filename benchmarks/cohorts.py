"""The cohort table of an order log, against the pivot that a pandas user writes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from measure import ms, pair, table

from crm_xl.analysis.cohorts import cohorts

AS_OF = dt.date(2024, 6, 30)
LINES, ORDERS, CUSTOMERS = 1_000_000, 700_000, 100_000


def order_log() -> pd.DataFrame:
    """Numbered customers, 700,000 orders over 900 days, 10 % of lines refunds."""
    rng = np.random.default_rng(2)
    customer, after = rng.integers(0, CUSTOMERS, ORDERS), rng.integers(0, 900, ORDERS)
    order = rng.integers(0, ORDERS, LINES)
    return pd.DataFrame(
        {
            "customer": customer[order],
            "day": np.datetime64("2022-01-01", "s") + after[order].astype("timedelta64[D]"),
            "amount": np.round(rng.normal(500, 400, LINES), 2),
        }
    )


def plain_pivot(log: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers and revenue by month of the first line and months since; every line counts, refunds too."""
    month = log["day"].dt.year * 12 + log["day"].dt.month
    first = month.groupby(log["customer"]).transform("min")
    rows = pd.DataFrame({"first": first, "age": month - first, "customer": log["customer"], "amount": log["amount"]})
    revenue = rows.pivot_table(index="first", columns="age", values="amount", aggfunc="sum")
    once = rows.drop_duplicates(["customer", "age"])
    return once.pivot_table(index="first", columns="age", values="customer", aggfunc="count"), revenue


def cohort_table() -> str:
    log = order_log()
    codes, days, amounts = (log[name].to_numpy() for name in ("customer", "day", "amount"))
    whole = log["day"].dt.to_period("M").nunique()

    # without refunds both count the same
    bought = log[log["amount"] > 0]
    found = cohorts(*(bought[name].to_numpy() for name in ("customer", "day", "amount")), AS_OF, whole - 1)
    active, revenue = plain_pivot(bought)
    assert np.array_equal(np.nan_to_num(found.active), active.fillna(0).to_numpy())
    assert np.allclose(np.nan_to_num(found.revenue), revenue.fillna(0).to_numpy())
    a, b, ratio = pair(lambda: cohorts(codes, days, amounts, AS_OF), lambda: plain_pivot(log))
    row = ("1M order lines → cohorts by month, customers and revenue", "a plain pandas pivot", ms(a), ms(b), f"{ratio:.2f} (≤ 2)")  # fmt: skip
    return table(("What", "Against", "Ours", "Other", "Ratio (limit)"), [row])
