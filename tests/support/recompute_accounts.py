"""Key accounts, needs, satisfaction, complaints and points once more, in plain pandas, from a workbook's cells.

Imports nothing of crm_xl. Slow and simple on purpose: it is what the refreshed workbook is compared with.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from . import recompute
from .recompute import months_before, read_table, whole_months

RATED = {"潜在价值": "潜在价值(1-5)", "战略重要性": "战略重要性(1-5)"}
INCOMPLETE = "信息待完善"


def is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell


def band(value: float | None, bands: list[tuple[float | None, float]]) -> float | None:
    if value is None or pd.isna(value):
        return None
    edges = [(float("-inf") if pd.isna(edge) else edge, score) for edge, score in bands]
    return max((e for e in edges if value >= e[0] - 1e-9), key=lambda e: e[0])[1]


def half_up(value: float) -> float:
    return float(Decimal(repr(round(value, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def accounts(path: Path, as_of: dt.date) -> pd.DataFrame:
    """Per customer: score of each criterion, total, grade, key account, spend."""
    day = pd.Timestamp(as_of)
    known = recompute.customers(path, as_of).set_index("客户编号")
    table = read_table(path, "Customers")
    criteria = read_table(path, "AccountCriteria")
    bands: dict[str, list[tuple[float | None, float]]] = defaultdict(list)
    for _, row in read_table(path, "AccountBands").iterrows():
        bands[row["标准"]].append((row["下限"], row["得分"]))
    edges = [(row["下限"], row["级别"]) for _, row in read_table(path, "Grades").iterrows()]
    order = [name for _, name in sorted(edges, key=lambda e: float("-inf") if pd.isna(e[0]) else e[0], reverse=True)]
    rows = []
    for _, customer in table.iterrows():
        who = str(customer["客户编号"])
        facts = known.loc[who]
        first = facts["首次合作时间"]
        values = {
            "收入贡献": facts["年消费金额(万元)"],
            "合作年限": None if pd.isna(first) else whole_months(first, day) / 12,
            "购买频率": facts["月均合作次数"],
        }
        out: dict[str, Any] = {"客户编号": who, "年消费": facts["年消费金额(万元)"]}
        total = weight_known = weight_all = 0.0
        for _, criterion in criteria.iterrows():
            name, weight = criterion["标准"], float(criterion["权重(%)"])
            value = values.get(name, customer.get(RATED.get(name, name)))
            rated = value if is_number(value) and 1 <= value <= 5 else None
            score = band(value, bands[name]) if bands[name] else rated
            out[name] = score
            weight_all += weight
            if score is not None:
                total += score * weight
                weight_known += weight
        out["大客户得分"] = half_up(total / weight_known * 20) if weight_known else None
        enough = weight_all and weight_known / weight_all >= 0.6 - 1e-9
        out["大客户级别"] = band(out["大客户得分"], edges) if enough else INCOMPLETE
        marked = customer.get("是否大客户")
        out["是否大客户"] = marked if marked in ("是", "否") else "是" if out["大客户级别"] in order[:2] else "否"
        rows.append(out)
    return pd.DataFrame(rows, dtype=object).set_index("客户编号", drop=False)


def last_grades(path: Path, as_of: dt.date) -> dict[str, str] | None:
    """The grades of the snapshot before."""
    history = read_table(path, "History")
    past = history[history["日期"] < pd.Timestamp(as_of)]
    past = past[past["大客户级别"].notna()]
    if not len(past):
        return None
    last = past[past["日期"] == past["日期"].max()]
    return dict(zip(last["客户编号"].astype(str), last["大客户级别"], strict=True))


def change(before: str | None, now: str, order: list[str]) -> str | None:
    if now not in order:
        return "失去级别" if before in order else None
    if before not in order:
        return "新增"
    a, b = order.index(before), order.index(now)
    return "不变" if a == b else "下降" if b > a else "上升"


def window(frame: pd.DataFrame, as_of: dt.date) -> pd.Series:
    days = pd.to_datetime(frame["日期"])
    return (days > months_before(pd.Timestamp(as_of), 12)) & (days <= pd.Timestamp(as_of))


def questions(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    surveys = read_table(path, "Surveys")
    inside = surveys[window(surveys, as_of)]
    found = {}
    for name in ("产品质量", "服务响应", "客户体验", "满意度(1-5)"):
        answers = [float(v) for v in inside[name] if is_number(v) and 1 <= v <= 5]
        found[name] = {
            "份数": len(answers),
            "平均分": sum(answers) / len(answers) if answers else None,
            "CSAT": sum(a >= 4 for a in answers) / len(answers) if answers else None,
            "低分份数": sum(a <= 2 for a in answers),
        }
    return found


def open_negative(surveys: pd.DataFrame) -> pd.Series:
    low = surveys["满意度(1-5)"].map(lambda v: is_number(v) and v <= 2)
    bad = (surveys["正负面"] == "负面") | (surveys["正负面"].isna() & low)
    return bad & (surveys["处理状态"] != "已解决")


def sources(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    surveys = read_table(path, "Surveys")
    inside, negative = window(surveys, as_of), open_negative(surveys)
    found = {}
    for name in ("全部", *surveys["来源"].dropna().unique()):
        mine = pd.Series(True, index=surveys.index) if name == "全部" else surveys["来源"] == name
        lines = surveys[mine & inside]
        rated = [float(v) for v in lines["满意度(1-5)"] if is_number(v)]
        likely = [float(v) for v in lines["推荐意愿(0-10)"] if is_number(v)]
        found[name] = {
            "份数": len(lines),
            "平均满意度": sum(rated) / len(rated) if rated else None,
            "CSAT": sum(v >= 4 for v in rated) / len(rated) if rated else None,
            "平均推荐意愿": sum(likely) / len(likely) if likely else None,
            "NPS": (sum(v >= 9 for v in likely) - sum(v <= 6 for v in likely)) / len(likely) * 100 if likely else None,
            "未处理负面反馈": int((mine & negative).sum()),
        }
    return found


def voice(surveys: pd.DataFrame, complaints: int) -> dict[str, Any]:
    """Satisfaction of some surveys, with the margin of the NPS from the variance of +1, 0 and -1."""
    rated = [float(v) for v in surveys["满意度(1-5)"] if is_number(v)]
    likely = [float(v) for v in surveys["推荐意愿(0-10)"] if is_number(v)]
    votes = pd.Series([1.0 if v >= 9 else -1.0 if v <= 6 else 0.0 for v in likely], dtype=float)
    return {
        "份数": len(surveys),
        "平均满意度": sum(rated) / len(rated) if rated else None,
        "CSAT": sum(v >= 4 for v in rated) / len(rated) if rated else None,
        "NPS": votes.mean() * 100 if likely else None,
        "NPS 误差(±)": 1.959964 * (votes.var(ddof=0) / len(votes)) ** 0.5 * 100 if likely else None,
        "投诉次数": complaints,
    }


def by_segment(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    """Surveys and complaints of the last 12 months, by the segment that the customer table shows."""
    table = read_table(path, "Customers")
    segment = dict(zip(table["客户编号"].astype(str), table["客户类型标签"], strict=True))
    surveys, complaints = (read_table(path, name) for name in ("Surveys", "Complaints"))
    surveys, complaints = (log[window(log, as_of)] for log in (surveys, complaints))
    asked, angry = (log["客户编号"].astype(str).map(segment).fillna("客户表里没有") for log in (surveys, complaints))
    found = {"全部": voice(surveys, len(complaints))}
    for name in {*asked, *angry}:
        found[name] = voice(surveys[asked == name], int((angry == name).sum()))
    return found


def by_quarter(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    """The last 8 quarters up to the day, from the first with a line on."""
    logs = []
    for name in ("Surveys", "Complaints"):
        log = read_table(path, name)
        log["日期"] = pd.to_datetime(log["日期"])
        logs.append(log[log["日期"] <= pd.Timestamp(as_of)])
    surveys, complaints = logs
    last = pd.Period(as_of, "Q")
    first = min(log["日期"].min() for log in logs).to_period("Q")
    found = {}
    for quarter in pd.period_range(max(first, last - 7), last, freq="Q"):
        asked = surveys[surveys["日期"].dt.to_period("Q") == quarter]
        angry = complaints["日期"].dt.to_period("Q") == quarter
        found[str(quarter)] = voice(asked, int(angry.sum()))
    return found


def causes(path: Path, as_of: dt.date) -> dict[str, dict[str, Any]]:
    complaints = read_table(path, "Complaints")
    inside = window(complaints, as_of)
    found = {}
    for name in complaints["原因"].dropna().unique():
        mine = complaints["原因"] == name
        hours = [float(h) for h in complaints[mine & inside]["处理时长(小时)"] if is_number(h)]
        still_open = int((mine & (complaints["状态"] != "已解决")).sum())
        count = int((mine & inside).sum())
        if count or still_open:
            found[name] = {
                "次数": count,
                "未解决": still_open,
                "平均处理时长(小时)": sum(hours) / len(hours) if hours else None,
                "占比": count / int(inside.sum()),
            }
    return found


def needs(path: Path, header: str) -> dict[str, dict[str, Any]]:
    lines = read_table(path, "Needs")
    labels = lines[header].fillna("未填写")
    found = {}
    for name in labels.unique():
        mine = lines[labels == name]
        found[name] = {
            "需求数": len(mine),
            "未满足": int((mine["状态"] == "未满足").sum()),
            "占比": len(mine) / len(lines),
        }
    return found


def balances(path: Path) -> dict[str, float]:
    points: dict[str, float] = defaultdict(float)
    for _, row in read_table(path, "Loyalty").iterrows():
        points[str(row["客户编号"])] += float(row["积分变动"])
    return dict(points)
