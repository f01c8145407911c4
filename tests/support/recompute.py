"""The customer analysis once more, in plain pandas, from a workbook's cells. Imports nothing of crm_xl.

Slow and simple on purpose: it is what the refreshed workbook is compared with.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd


@lru_cache(maxsize=8)
def _loaded(path: Path, stamp: int, size: int) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=True)


def load(path: Path) -> openpyxl.Workbook:
    """A workbook's cached values; read once per state of the file."""
    state = path.stat()
    return _loaded(path, state.st_mtime_ns, state.st_size)


def read_table(path: Path, name: str) -> pd.DataFrame:
    """A table's cached values, a column per header."""
    book = load(path)
    sheet = next(s for s in book if name in s.tables)
    rows = [[c.value for c in r] for r in sheet[sheet.tables[name].ref]]
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype=object)
    return frame[frame.notna().any(axis=1)].reset_index(drop=True)


def months_before(day: pd.Timestamp, months: int) -> pd.Timestamp:
    return day - pd.DateOffset(months=months)


def whole_months(first: pd.Timestamp, last: pd.Timestamp) -> int:
    k = 0
    while first + pd.DateOffset(months=k + 1) <= last:
        k += 1
    return k


def order_facts(orders: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, dict[str, Any]]:
    """Facts per customer from the order sheet."""
    log = orders.copy()
    log["客户编号"] = log["客户编号"].astype(str)
    log["订单日期"] = pd.to_datetime(log["订单日期"])
    log["金额(元)"] = log["金额(元)"].astype(float)
    log = log[log["订单日期"] <= as_of]
    year = months_before(as_of, 12)
    facts = {}
    together = log.groupby(["客户编号", "订单号", "订单日期"], dropna=False, sort=False)["金额(元)"].sum().reset_index()
    for customer, merged in together.groupby("客户编号", sort=False):
        real = merged[merged["金额(元)"].round(9) > 0]
        recent = real[real["订单日期"] > year]
        money = merged.loc[merged["订单日期"] > year, "金额(元)"].sum()
        facts[customer] = {
            "orders": len(real),
            "first": real["订单日期"].min() if len(real) else None,
            "last": real["订单日期"].max() if len(real) else None,
            "year_orders": len(recent),
            "year_spend": round(money / 10000, 6),
            "average": round(merged["金额(元)"].sum() / len(real) / 10000, 6) if len(real) else None,
        }
    return facts


def quintile_scores(values: pd.Series, population: pd.Series, *, less_is_better: bool) -> list[float]:
    cuts = np.percentile(population.astype(float), [20, 40, 60, 80])
    if less_is_better:
        return [1.0 + sum(cut > v + 1e-9 for cut in cuts) for v in values]
    return [1.0 + sum(cut < v - 1e-9 for cut in cuts) for v in values]


def five_class(r: float, f: float, m: float) -> str:
    if r >= 3:
        return "高价值客户" if f >= 4 and m >= 4 else "新客户" if f <= 2 else "潜力客户"
    return "低频刚需客户" if f <= 2 and m >= 4 else "流失风险客户"


def customers(path: Path, as_of: dt.date, high: float = 10, mid: float = 2) -> pd.DataFrame:
    """What the customer table must show, by the built-in rules with the two value edges given."""
    day = pd.Timestamp(as_of)
    table = read_table(path, "Customers")
    facts = order_facts(read_table(path, "Orders"), day)
    rows = []
    for _, row in table.iterrows():
        known = facts.get(str(row["客户编号"]))
        typed_first = None if row["首次合作时间"] is None else pd.Timestamp(row["首次合作时间"])
        out: dict[str, Any] = {"客户编号": str(row["客户编号"])}
        if known:
            firsts = [d for d in (typed_first, known["first"]) if d is not None]
            first, last = min(firsts, default=None), known["last"]
            count, spend = known["orders"], known["year_spend"]
            monthly = known["year_orders"] / max(1, min(12, whole_months(first, day))) if first is not None else None
            f_, m_ = known["year_orders"], known["year_spend"]
            average = known["average"]
        else:
            first, last = typed_first, row["最近合作时间"]
            last = None if last is None else pd.Timestamp(last)
            count, spend, average = row["历史合作次数"], row["年消费金额(万元)"], row["平均订单金额(万元)"]
            monthly = row["月均合作次数"]
            if count is not None and first is not None:
                monthly = count / max(1, whole_months(first, day))
            recent = last is not None and last > months_before(day, 12)
            f_ = None if last is None else count * recent
            m_ = None if last is None else spend
        out |= {
            "首次合作时间": first, "最近合作时间": last, "历史合作次数": count, "年消费金额(万元)": spend,
            "平均订单金额(万元)": average, "月均合作次数": monthly, "F": f_, "M": m_,
        }  # fmt: skip
        rows.append(out)
    frame = pd.DataFrame(rows, dtype=object)
    frame["价值层级"] = [
        "信息待完善" if pd.isna(s) else "高价值" if s >= high else "中价值" if s >= mid else "低价值"
        for s in frame["年消费金额(万元)"]
    ]
    frame["活跃状态"] = [
        activity(monthly, last, day) for monthly, last in zip(frame["月均合作次数"], frame["最近合作时间"], strict=True)
    ]
    frame["生命周期阶段"] = [
        stage(count, last, day) for count, last in zip(frame["历史合作次数"], frame["最近合作时间"], strict=True)
    ]
    frame["客户类型标签"] = [
        tag(s, last, v, a)
        for s, last, v, a in zip(
            frame["年消费金额(万元)"], frame["最近合作时间"], frame["价值层级"], frame["活跃状态"], strict=True
        )
    ]
    days = pd.Series([None if pd.isna(d) else (day - d).days for d in frame["最近合作时间"]], dtype=object)
    inside = frame["F"].fillna(0).astype(float) > 0
    scores = {}
    for name, values, less in (("R", days, True), ("F", frame["F"], False), ("M", frame["M"], False)):
        scores[name] = quintile_scores(
            values.fillna(0).astype(float), values[inside].astype(float), less_is_better=less
        )
    classes, texts = [], []
    for i in range(len(frame)):
        if days[i] is None:
            classes.append("潜在客户")
            texts.append("")
            continue
        r = scores["R"][i]
        if pd.isna(frame["F"][i]):
            classes.append("信息待完善")
            texts.append(f"{r:g}")
            continue
        f_, m_ = (scores["F"][i], scores["M"][i]) if inside[i] else (1.0, 1.0)
        classes.append(five_class(r, f_, m_))
        texts.append(f"{r:g}{f_:g}{m_:g}")
    frame["RFM 类别"], frame["RFM 得分"] = classes, texts
    return frame


def activity(monthly: float | None, last: Any, day: pd.Timestamp) -> str:
    if pd.isna(last):
        return "潜在"
    if last <= months_before(day, 6):
        return "流失"
    if last <= months_before(day, 3):
        return "沉睡"
    if pd.isna(monthly):
        return "信息待完善"
    return "活跃" if monthly >= 1 - 1e-9 else "低频"


def stage(count: float | None, last: Any, day: pd.Timestamp) -> str:
    none, never = pd.isna(count) or count == 0, pd.isna(last)
    if none and never:
        return "潜在"
    if none or never:
        return "信息待完善"
    if last <= months_before(day, 6):
        return "流失"
    if last <= months_before(day, 3):
        return "沉睡"
    return "复购" if count >= 2 else "成交"


def tag(spend: float | None, last: Any, value: str, act: str) -> str:
    if pd.isna(last):
        return "潜在客户" if pd.isna(spend) or spend == 0 else "信息待完善"
    if pd.isna(spend) or act == "信息待完善":
        return "信息待完善"
    return value + act + "客户"


def groups(frame: pd.DataFrame) -> pd.DataFrame:
    """Size and spend per tag."""
    money = frame["年消费金额(万元)"].fillna(0).astype(float)
    found = pd.DataFrame(
        {
            "客户数": frame.groupby("客户类型标签").size(),
            "年消费总额(万元)": money.groupby(frame["客户类型标签"]).sum(),
        }
    )
    count = frame["历史合作次数"].fillna(0).astype(float)
    twice = (count >= 2).groupby(frame["客户类型标签"]).sum()
    once = (count >= 1).groupby(frame["客户类型标签"]).sum()
    found["复购率"] = [t / o if o else None for t, o in zip(twice, once, strict=True)]
    found["客户占比"] = found["客户数"] / found["客户数"].sum()
    found["消费占比"] = found["年消费总额(万元)"] / found["年消费总额(万元)"].sum()
    return found
