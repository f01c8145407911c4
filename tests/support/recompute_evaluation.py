"""The weighted scores once more, in plain pandas, from a workbook's cells. Imports nothing of crm_xl."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.recompute import customers, months_before, read_table, whole_months

NAMES = {
    "annual_spend": ("年采购金额(万元)", "Annual spend (CNY 10k)"),
    "margin": ("利润率", "Margin"),
    "repurchase_rate": ("复购率", "Repeat purchase rate"),
    "tenure": ("合作时长(年)", "Tenure (years)"),
    "product_breadth": ("产品覆盖广度", "Product breadth"),
    "stability": ("合作稳定性", "Stability"),
    "contacts_6m": ("近6个月沟通频次", "Contacts in 6 months"),
    "response_hours": ("需求响应速度(小时)", "Response time (hours)"),
    "events_12m": ("参与活动次数", "Events attended"),
    "satisfaction": ("满意度评分", "Satisfaction"),
    "complaints_12m": ("投诉次数", "Complaints"),
    "recommend": ("推荐意愿", "Likelihood to recommend"),
}
LESS_IS_BETTER = {"response_hours", "complaints_12m"}


def indicator_values(path: Path, as_of: dt.date) -> pd.DataFrame:
    """The figure behind each built-in indicator of every customer of a Chinese workbook; None: no data."""
    day = pd.Timestamp(as_of)
    table = read_table(path, "Customers")
    facts = customers(path, as_of).set_index("客户编号")
    orders, contacts, complaints, surveys = (
        _log(path, name, date, day)
        for name, date in (
            ("Orders", "订单日期"), ("Interactions", "日期"), ("Complaints", "日期"), ("Surveys", "日期"),
        )
    )  # fmt: skip
    year = months_before(day, 12)
    rows = []
    for _, typed in table.iterrows():
        who = str(typed["客户编号"])
        mine = orders[orders["客户编号"] == who]
        met = contacts[contacts["客户编号"] == who]
        recent = met[met["日期"] > year]
        complained = complaints[complaints["客户编号"] == who]
        first = facts["首次合作时间"][who]
        row: dict[str, Any] = {"客户编号": who, "annual_spend": facts["年消费金额(万元)"][who]}
        row["margin"] = _or(_margin(mine), typed["毛利率"])
        real = _real_orders(mine)
        yearly = real[real["订单日期"] > year]
        row["repurchase_rate"] = _or((len(yearly) - 1) / len(yearly) if len(yearly) else None, typed["复购率"])
        row["tenure"] = None if pd.isna(first) else whole_months(pd.Timestamp(first), day) / 12
        products = mine.dropna(subset=["产品"]).groupby("产品")["金额(元)"].sum()
        bought = int((products.round(9) > 0).sum())
        row["product_breadth"] = bought or None
        row["stability"] = _stability(real, day)
        row["contacts_6m"] = int((met["日期"] > months_before(day, 6)).sum()) if len(met) else None
        hours = recent["响应时长(小时)"].dropna().astype(float)
        row["response_hours"] = hours.mean() if len(hours) else None
        row["events_12m"] = int((recent["类型"] == "活动").sum()) if len(met) else None
        answers = surveys[surveys["客户编号"] == who]
        row["satisfaction"] = _or(_latest(answers, "满意度(1-5)"), typed["满意度评分(1-5)"])
        row["recommend"] = _latest(answers, "推荐意愿(0-10)")
        row["complaints_12m"] = int((complained["日期"] > year).sum()) if len(complained) else typed["投诉次数"]
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _log(path: Path, name: str, date: str, day: pd.Timestamp) -> pd.DataFrame:
    log = read_table(path, name)
    log["客户编号"] = log["客户编号"].astype(str)
    log[date] = pd.to_datetime(log[date])
    if "金额(元)" in log:
        log["金额(元)"] = log["金额(元)"].astype(float)
    return log[log[date] <= day]


def _or(value: float | None, other: Any) -> Any:
    return other if value is None or pd.isna(value) else value


def _margin(lines: pd.DataFrame) -> float | None:
    known = lines.dropna(subset=["毛利率"])
    weight = known["金额(元)"].sum()
    return (known["金额(元)"] * known["毛利率"].astype(float)).sum() / weight if weight > 0 else None


def _real_orders(lines: pd.DataFrame) -> pd.DataFrame:
    orders = lines.groupby(["订单号", "订单日期"], dropna=False)["金额(元)"].sum().reset_index()
    return orders[orders["金额(元)"].round(9) > 0]


def _stability(real: pd.DataFrame, day: pd.Timestamp) -> float | None:
    if not len(real):
        return None
    inside = real[real["订单日期"] > months_before(day, 12)]
    busy = {min(11, whole_months(d, day)) for d in inside["订单日期"]}
    return len(busy) / min(12, whole_months(real["订单日期"].min(), day) + 1)


def _latest(answers: pd.DataFrame, column: str) -> float | None:
    known = answers.dropna(subset=[column])
    if not len(known):
        return None
    return float(known.loc[known["日期"] == known["日期"].max(), column].astype(float).mean())


def band_score(value: Any, bands: pd.DataFrame) -> float | None:
    """The score of the highest lower edge that a value reaches."""
    if value is None or isinstance(value, str) or pd.isna(value) or not len(bands):
        return None
    best, score = -math.inf, None
    for edge, given in zip(bands["下限"], bands["得分"], strict=True):
        low = -math.inf if edge is None or pd.isna(edge) else float(edge)
        if round(float(value), 9) >= round(low, 9) and low >= best:
            best, score = low, float(given)
    return score


def scores(path: Path, as_of: dt.date, own: tuple[str, ...] = ()) -> pd.DataFrame:
    """What Scores must show: a score per indicator, total, completeness, level, points to the next level.

    `own`: indicators that are columns of Customers.
    """
    indicators, bands, levels = (read_table(path, name) for name in ("Indicators", "Bands", "Levels"))
    weights = dict(zip(indicators["指标"], indicators["权重(%)"].astype(float), strict=True))
    values = indicator_values(path, as_of)
    for name in own:
        values[name] = read_table(path, "Customers")[name]
    source = {zh: key for key, (zh, _) in NAMES.items()} | {name: name for name in own}
    rows = []
    for _, customer in values.iterrows():
        row: dict[str, Any] = {"客户编号": customer["客户编号"]}
        for name in weights:
            value = customer[source[name]] if name in source else None
            row[name] = band_score(value, bands[bands["指标"] == name])
        known = [n for n in weights if row[n] is not None]
        base = sum(weights[n] for n in known)
        row["综合得分"] = _half_up(sum(row[n] * weights[n] for n in known) / base * 20) if base else None
        row["完整度"] = base / sum(weights.values())
        row["客户关系等级"] = level(row["综合得分"], row["完整度"], levels)
        edges = [float(e) for e in levels["下限"] if e is not None and not pd.isna(e)]
        above = [e for e in edges if row["综合得分"] is not None and e > row["综合得分"]]
        graded = row["客户关系等级"] != "信息待完善"
        row["距下一级(分)"] = round(min(above) - row["综合得分"], 9) if above and graded else None
        rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _half_up(value: float) -> float:
    return math.floor(round(value * 100, 9) + 0.5) / 100


def level(score: float | None, completeness: float, levels: pd.DataFrame) -> str:
    if score is None or round(completeness, 9) < 0.6:
        return "信息待完善"
    reached = [
        (-math.inf if e is None or pd.isna(e) else float(e), str(label))
        for e, label in zip(levels["下限"], levels["等级"], strict=True)
        if e is None or pd.isna(e) or score >= float(e)
    ]
    return max(reached)[1]


def page(line: pd.Series, indicators: pd.DataFrame, bands: pd.DataFrame) -> pd.DataFrame:
    """What the page shows of a customer, given its line of `scores`: points, gain and condition per indicator."""
    weights = indicators["权重(%)"].astype(float).tolist()
    names = indicators["指标"].tolist()
    base = sum(w for n, w in zip(names, weights, strict=True) if line[n] is not None)
    rows = []
    for name, weight in zip(names, weights, strict=True):
        score = line[name]
        mine = bands[bands["指标"] == name]
        better = sorted(float(s) for s in mine["得分"] if score is not None and float(s) > score)
        rows.append(
            {
                "具体指标": name,
                "指标得分(1-5分)": score,
                "权重(%)": weight,
                "加权得分": None if score is None else score * weight / base * 20,
                "升一档可加分": (better[0] - score) * weight / base * 20 if better else None,
                "升一档的条件": mine[mine["得分"] == better[0]]["行为表现"].iloc[0] if better else None,
            }
        )
    return pd.DataFrame(rows, dtype=object)
