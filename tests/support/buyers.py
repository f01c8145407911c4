"""An order log drawn from the very models that the prediction fits: BG/NBD and Gamma-Gamma."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd


def order_log(
    customers: int = 300, end: dt.date = dt.date(2024, 6, 30), weeks: int = 90, seed: int = 7
) -> pd.DataFrame:
    """Orders of customers who came over the first half of so many weeks before `end`; some never buy twice."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, pd.Timestamp, float]] = []
    for number in range(1, customers + 1):
        rate, drop = rng.gamma(0.9, 1 / 5.0), rng.beta(0.8, 2.4)
        scale = rng.gamma(4.0, 1 / 9000.0)
        age = rng.uniform(weeks / 2, weeks) * 7
        day = 0.0
        while day <= age:
            amount = round(rng.gamma(6.0, 1 / scale), 2)
            rows.append((f"C{number:04d}", pd.Timestamp(end) - pd.Timedelta(days=int(age - day)), amount))
            if rng.random() < drop:
                break
            day += rng.exponential(1 / rate) * 7
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date", "amount"])
    frame.insert(1, "order_no", [f"S{i:05d}" for i in range(len(frame))])
    return frame.sort_values("order_date", kind="stable", ignore_index=True)
