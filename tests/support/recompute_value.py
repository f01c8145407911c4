"""Customer value and cohorts once more, in plain pandas and lifetimes, from a workbook's cells.

Imports nothing of crm_xl. Slow and simple on purpose: it is what the refreshed workbook is compared with.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .recompute import read_table

SPEND, CLV = "年消费金额(万元)", "CLV(万元)"


def days_bought(path: Path, as_of: dt.date) -> pd.DataFrame:
    """Net of each customer and day (columns who, day, net), and whether it was a purchase (bought)."""
    orders = read_table(path, "Orders")
    lines = pd.DataFrame(
        {
            "who": orders["客户编号"].astype(str),
            "day": pd.to_datetime(orders["订单日期"]).dt.normalize(),
            "net": orders["金额(元)"].astype(float),
        }
    )
    lines = lines[lines["day"] <= pd.Timestamp(as_of)]
    daily = lines.groupby(["who", "day"], as_index=False)["net"].sum()
    daily["bought"] = daily["net"].round(9) > 0
    return daily


def spends(path: Path) -> list[float]:
    """Known annual spends, the largest first; what was given back is 0."""
    cells = read_table(path, "Customers")[SPEND]
    return sorted((max(float(c), 0.0) for c in cells if c not in (None, "") and c == c), reverse=True)


def abc(path: Path) -> dict[str, dict[str, float | None]]:
    spent, total, running = spends(path), 0.0, 0.0
    total = sum(spent)
    found: dict[str, list[float]] = {"A": [], "B": [], "C": []}
    last, name = None, "C"
    for amount in spent:
        if amount != last:  # equal amounts share the class of the first
            before = round(running / total, 9) if total else 1.0
            name = "C" if amount <= 0 else "A" if before < 0.8 else "B" if before < 0.95 else "C"
        found[name].append(amount)
        last, running = amount, running + amount
    return {
        k: {
            "客户数": len(v),
            "客户占比": len(v) / len(spent) if spent else None,
            "年消费总额(万元)": sum(v),
            "消费占比": sum(v) / total if total else None,
        }
        for k, v in found.items()
    }


def concentration(path: Path) -> dict[str, Any]:
    """Share of spend of the first 0, 10 ... 100 %, of the first fifth, how many make 80 %, Gini by all pairs."""
    spent = np.array(spends(path))
    curve = np.concatenate([[0.0], np.cumsum(spent) / spent.sum()])
    shares = [float(np.interp(i / 10 * len(spent), np.arange(len(curve)), curve)) for i in range(11)]
    pairs = np.abs(spent[:, None] - spent[None, :]).sum()
    return {
        "curve": shares,
        "top": shares[2],
        "makers": next(i for i, share in enumerate(curve) if round(share, 9) >= 0.8),
        "customers": len(spent),
        "gini": float(pairs / (2 * len(spent) ** 2 * spent.mean())),
    }


def by_group(path: Path) -> dict[str, dict[str, float | None]]:
    customers = read_table(path, "Customers")
    found = {}
    for name, rows in customers.groupby("客户类型标签"):
        figures = {
            header: [float(c) for c in rows[header] if isinstance(c, (int, float)) and c == c]
            for header in (CLV, "存活概率", "预期订单数(12个月)")
        }
        found[str(name)] = {
            "客户数": len(rows),
            "CLV 合计(万元)": sum(figures[CLV]) if figures[CLV] else None,
            "平均 CLV(万元)": mean(figures[CLV]),
            "平均存活概率": mean(figures["存活概率"]),
            "预期订单数(12个月)": sum(figures["预期订单数(12个月)"]) if figures["预期订单数(12个月)"] else None,
        }
    return found


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def cohorts(path: Path, as_of: dt.date) -> pd.DataFrame:
    """A row for each cohort and month 0 to 12 after it that has begun: customers, active, revenue, over (complete)."""
    daily = days_bought(path, as_of)
    born = daily[daily["bought"]].groupby("who")["day"].min()
    daily = daily[daily["who"].isin(born.index)].copy()
    daily["cohort"] = daily["who"].map(born).dt.to_period("M")
    daily["month"] = daily["day"].dt.to_period("M")
    end = pd.Timestamp(as_of)
    rows = []
    for cohort in sorted(daily["cohort"].unique()):
        mine = daily[daily["cohort"] == cohort]
        for k in range(13):
            month = cohort + k
            if month > end.to_period("M"):
                continue
            then = mine[mine["month"] == month]
            rows.append(
                {
                    "cohort": cohort,
                    "k": k,
                    "customers": mine["who"].nunique(),
                    "active": then[then["bought"]]["who"].nunique(),
                    "revenue": then["net"].sum(),
                    "over": month < end.to_period("M") or end == end + pd.offsets.MonthEnd(0),
                }
            )
    return pd.DataFrame(rows)


def curve(path: Path, as_of: dt.date) -> list[tuple[float | None, float | None]]:
    """Mean retention of customers and of revenue, 0 to 12 months after the first order: whole months only."""
    table = cohorts(path, as_of)
    first = table[table["k"] == 0].set_index("cohort")["revenue"]
    table["first"] = table["cohort"].map(first)
    whole = table[table["over"]]
    lines: list[tuple[float | None, float | None]] = []
    for k in range(13):
        at = whole[whole["k"] == k]
        paid = at[at["first"] > 0]
        lines.append(
            (
                at["active"].sum() / at["customers"].sum() if len(at) else None,
                paid["revenue"].sum() / paid["first"].sum() if len(paid) else None,
            )
        )
    return lines


def rhythm(path: Path, as_of: dt.date) -> dict[str, Any]:
    """Gaps between purchase days, and the share of customers with a second order in time (product-limit estimate)."""
    daily = days_bought(path, as_of)
    bought = daily[daily["bought"]].sort_values(["who", "day"])
    gaps = [g for _, days in bought.groupby("who")["day"] for g in days.diff().dt.days.dropna()]
    waits = []
    for _, days in bought.groupby("who")["day"]:
        second = days.iloc[1] if len(days) > 1 else None
        waits.append((((second or pd.Timestamp(as_of)) - days.iloc[0]).days, second is not None))
    within: dict[int, float | None] = {}
    for limit in (30, 90, 180, 365):
        staying = 1.0
        for time in sorted({w for w, _ in waits if w <= limit}):
            risk = sum(w >= time for w, _ in waits)
            staying *= 1 - sum(w == time and again for w, again in waits) / risk
        longest = max((w for w, _ in waits), default=-1)
        within[limit] = 1 - staying if waits and (limit <= longest or staying == 0) else None
    return {
        "median": float(np.percentile(gaps, 50)) if gaps else None,
        "lower": float(np.percentile(gaps, 25)) if gaps else None,
        "upper": float(np.percentile(gaps, 75)) if gaps else None,
        "repeaters": int((bought.groupby("who").size() >= 2).sum()),
        "buyers": int(bought["who"].nunique()),
        "within": within,
    }


def prediction(path: Path, as_of: dt.date, margin: float = 0.3) -> tuple[pd.DataFrame, dict[str, float]]:
    """Probability alive, orders and margin of 365 days per customer by lifetimes, and the parameters."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    daily = days_bought(path, as_of)
    bought = daily[daily["bought"]]
    rows = {}
    for who, mine in bought.groupby("who"):
        first, last = mine["day"].min(), mine["day"].max()
        later = mine[mine["day"] > first]["net"]
        refunds = daily[(daily["who"] == who) & ~daily["bought"] & (daily["day"] > first)]["net"].sum()
        kept = max(0.0, 1 + refunds / mine["net"].sum())
        rows[who] = (
            len(later), (last - first).days / 7, (pd.Timestamp(as_of) - first).days / 7,
            later.mean() * kept if len(later) else np.nan,
        )  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["x", "t_x", "T", "m"]).astype(float)
    orders = BetaGeoFitter().fit(frame["x"], frame["t_x"], frame["T"], tol=1e-8)
    again = frame[(frame["x"] > 0) & (frame["m"] > 0)]
    amounts = GammaGammaFitter().fit(again["x"], again["m"], tol=1e-8)
    p, q, v = (amounts.params_[k] for k in "pqv")
    value = np.where(frame["x"] > 0, p * (v + frame["x"] * frame["m"].fillna(0)) / (p * frame["x"] + q - 1), 0)
    value = np.where(frame["x"] > 0, value, p * v / (q - 1))
    frame["alive"] = orders.conditional_probability_alive(frame["x"], frame["t_x"], frame["T"])
    frame["orders"] = orders.conditional_expected_number_of_purchases_up_to_time(
        365 / 7, frame["x"], frame["t_x"], frame["T"]
    )
    frame["clv"] = margin * value * frame["orders"] / 10_000
    return frame, {**orders.params_.to_dict(), **amounts.params_.to_dict()}
