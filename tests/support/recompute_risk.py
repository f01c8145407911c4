"""Churn risk, its back-test and the groups of the data once more, in plain pandas, from a workbook's cells. Imports
nothing of crm_xl. Slow and simple on purpose."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from . import recompute, recompute_sales
from .recompute import months_before, read_table

DAY = dt.timedelta(days=1)


def purchases(path: Path, until: dt.date) -> dict[str, list[pd.Timestamp]]:
    """Customer -> days with a net above 0, in order."""
    orders = read_table(path, "Orders")
    orders["客户编号"] = orders["客户编号"].astype(str)
    orders["订单日期"] = pd.to_datetime(orders["订单日期"])
    orders = orders[orders["订单日期"] <= pd.Timestamp(until)]
    net = orders.groupby(["客户编号", "订单日期"])["金额(元)"].sum()
    found: dict[str, list[pd.Timestamp]] = defaultdict(list)
    for (who, day), amount in net.sort_index().items():
        if round(float(amount), 9) > 0:
            found[who].append(day)
    return found


def percentile(values: list[int], share: float) -> float:
    """PERCENTILE.INC."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def silence(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    """Customer -> days since the last purchase against the gaps before."""
    bought = purchases(path, as_of)
    gaps = {who: [(b - a).days for a, b in itertools.pairwise(days)] for who, days in bought.items()}
    everybody = [gap for own in gaps.values() for gap in own]
    found = {}
    for who, days in bought.items():
        silent = (pd.Timestamp(as_of) - days[-1]).days
        held = gaps[who] if len(gaps[who]) >= 3 else everybody
        survival = (1 + sum(g >= silent for g in held)) / (1 + len(held))
        found[who] = {
            "距上次下单(天)": silent,
            "平常间隔(天)": percentile(held, 0.5),
            "这么久的沉默有多常见": round(survival, 4),
            "按谁的节奏判断": "客户自己" if held is gaps[who] else "全体客户",
            "流失可能性": round(1 - survival, 4),
            "overdue": silent > percentile(held, 0.9),
        }
    return found


def risks(path: Path, as_of: dt.date) -> pd.DataFrame:
    """Everybody with money at stake, most first."""
    known = silence(path, as_of)
    rows = []
    for _, row in recompute.customers(path, as_of).iterrows():
        who, spend = row["客户编号"], row["年消费金额(万元)"]
        if who not in known or pd.isna(spend):
            continue
        stake = known[who]["流失可能性"] * max(spend, 0)
        rows.append({"客户编号": who, "年消费金额(万元)": spend, "stake": stake, **known[who]})
    frame = pd.DataFrame(rows)
    frame["年消费"] = frame["年消费金额(万元)"].astype(float)
    return frame.sort_values(["stake", "年消费"], ascending=False, kind="stable")


def warned(path: Path, day: dt.date) -> set[str]:
    """Who would have been warned of on a day, by the logs up to it alone."""
    at = pd.Timestamp(day)
    pulse, said = recompute_sales._pulse(path, at), recompute_sales._satisfaction(path, at)
    complaints = Counter(
        str(c)
        for c, d in read_table(path, "Complaints")[["客户编号", "日期"]].itertuples(index=False)
        if d is not None and at - 90 * DAY < pd.Timestamp(d) <= at
    )
    found = set()
    for who, facts in recompute.order_facts(read_table(path, "Orders"), at).items():
        if facts["last"] is None:
            continue
        months = max(1, min(12, recompute.whole_months(facts["first"], at)))
        activity = recompute.activity(facts["year_orders"] / months, facts["last"], at)
        recent, before = pulse.get(who, (0, 0))
        fell = before >= 3 and (before - recent) / before >= 0.3 - 1e-9
        if activity in ("沉睡", "流失") or fell or complaints[who] >= 2 or said.get(who, 5) <= 2 + 1e-9:
            found.add(who)
    return found


def backtest(path: Path, start: dt.date, end: dt.date) -> tuple[pd.DataFrame, list[dict[str, float]]]:
    """Per active customer: warned, lost, chance of loss at the start; and the tenths."""
    flagged, chance = warned(path, start), silence(path, start)
    later = purchases(path, end)
    year = months_before(pd.Timestamp(start), 12)
    rows = [
        {
            "客户编号": who,
            "warned": who in flagged,
            "lost": later[who][-1] <= pd.Timestamp(start),
            "chance": chance[who]["流失可能性"],
        }
        for who, days in purchases(path, start).items()
        if days[-1] > year
    ]
    frame = pd.DataFrame(rows)
    ranked = frame.sort_values("chance", ascending=False)
    # customers with one chance share what happened to them
    ranked["share"] = ranked.groupby("chance")["lost"].transform("mean")
    tenths, caught = [], 0.0
    for i in range(10):
        own = ranked.iloc[i * len(ranked) // 10 : (i + 1) * len(ranked) // 10]
        lost = own["share"].sum()
        caught += lost
        tenths.append(
            {
                "客户数": len(own),
                "后来流失": lost,
                "流失率": lost / len(own),
                "是平均的几倍": lost / len(own) / frame["lost"].mean(),
                "累计抓住的流失客户": caught / frame["lost"].sum(),
            }
        )
    return frame, tenths


def clusters(path: Path, as_of: dt.date) -> pd.DataFrame:
    """Per data group: customers, shares, means of the features. By the labels that the customer table shows."""
    frame = recompute.customers(path, as_of)
    frame["群"] = read_table(path, "Customers")["数据分群"].fillna("未分群(资料不全)")
    frame["天"] = [None if pd.isna(d) else (pd.Timestamp(as_of) - d).days for d in frame["最近合作时间"]]
    spend = frame["年消费金额(万元)"].astype(float)
    rows = {}
    for name, own in frame.groupby("群"):
        known = not str(name).startswith("未分群")
        rows[name] = {
            "客户数": len(own),
            "客户占比": len(own) / len(frame),
            "消费占比": spend[own.index].sum() / spend.sum(),
            "平均年消费(万元)": spend[own.index].mean() if known else None,
            "平均订单数": own["F"].astype(float).mean() if known else None,
            "平均未下单天数": own["天"].astype(float).mean() if known else None,
            "平均订单金额(万元)": own["平均订单金额(万元)"].astype(float).mean() if known else None,
        }
    return pd.DataFrame.from_dict(rows, orient="index", dtype=object)


def features(path: Path, as_of: dt.date) -> pd.DataFrame:
    """What groups are formed by, with the label that the customer table shows; only customers with all of it."""
    frame = recompute.customers(path, as_of)
    found = pd.DataFrame(
        {
            "spend": frame["年消费金额(万元)"].astype(float),
            "orders": frame["F"].astype(float),
            "days": [None if pd.isna(d) else (pd.Timestamp(as_of) - d).days for d in frame["最近合作时间"]],
            "order": frame["平均订单金额(万元)"].astype(float),
        }
    ).astype(float)
    found["群"] = read_table(path, "Customers")["数据分群"]
    return found.dropna()
