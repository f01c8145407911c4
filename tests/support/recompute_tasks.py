"""Tasks, lists of targets, reviews and care once more, in plain pandas, from a workbook's cells.

Imports nothing of crm_xl. Lunar birthdays are found day by day, the other way round.
"""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
from borax.calendars.lunardate import LCalendars, LunarDate, TermUtils

from tests.support.recompute import load, read_table


def named(path: Path, name: str) -> Any:
    """The cached value of a named cell; an empty text counts as empty."""
    book = load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    value = book[sheet][ref.replace("$", "")].value
    return None if value == "" else value


def tasks(path: Path) -> pd.DataFrame:
    frame = read_table(path, "Tasks")
    return frame[frame["任务"].notna() | frame["客户编号"].notna()]


def late(frame: pd.DataFrame, as_of: dt.date) -> pd.Series:
    day = pd.Timestamp(as_of)
    return pd.Series(
        [pd.notna(d) and pd.Timestamp(d) < day and s not in ("已完成", "已取消") for d, s in zip(frame["截止日期"], frame["状态"], strict=True)],
        index=frame.index, dtype=bool,
    )  # fmt: skip


def board(path: Path, as_of: dt.date) -> dict[str, list[Any]]:
    """Owner -> waiting, doing, done, overdue, share done."""
    frame = tasks(path)
    overdue = late(frame, as_of)
    found = {}
    for owner, rows in frame.groupby(frame["负责人"].fillna("未分配")):
        states = rows["状态"].fillna("未开始")
        open_ = ~overdue[rows.index]
        counts = [
            int(((states == "未开始") & open_).sum()),
            int(((states == "进行中") & open_).sum()),
            int((states == "已完成").sum()),
            int((states.isin(["未开始", "进行中"]) & ~open_).sum()),
        ]
        if sum(counts):
            found[str(owner)] = [*counts, counts[2] / sum(counts)]
    return found


def wanted_tasks(path: Path) -> set[tuple[str, str]]:
    """(customer, source) of everything that a refresh without a limit proposes."""
    customers = read_table(path, "Customers")
    strategies = read_table(path, "Strategies")
    acting = set(strategies.loc[(strategies["体系"] == "segment") & strategies["部门"].notna(), "标签"])
    spend = customers["年消费金额(万元)"].fillna(0).astype(float)
    found = set()
    calm = customers[customers["流失风险标记"] != "是"]
    for _, row in customers[customers["流失风险标记"] == "是"].iterrows():
        found.add((str(row["客户编号"]), f"risk:{row['客户类型标签']}"))
    for segment, rows in calm.groupby("客户类型标签"):
        ids = sorted(rows.index, key=lambda i: (-spend[i], str(customers["客户编号"][i])))[:3]
        if segment in acting:
            found |= {(str(customers["客户编号"][i]), f"segment:{segment}") for i in ids}
    return found


def top_list(path: Path, header: str, percent: float) -> list[tuple[str, float]]:
    """(customer, value) of the best per cent of those above 0, best first."""
    customers = read_table(path, "Customers")
    values = pd.to_numeric(customers[header], errors="coerce")
    known = values[values > 0].sort_values(ascending=False, kind="stable")
    count = -(-len(known) * percent // 100)
    last = known.iloc[int(count) - 1]
    return [(str(customers["客户编号"][i]), v) for i, v in known.items() if v >= last]


def process(path: Path, as_of: dt.date) -> dict[str, Any]:
    log = read_table(path, "Interactions")
    days = pd.to_datetime(log["日期"])
    day = pd.Timestamp(as_of)
    log = log[(days > day - pd.Timedelta(days=30)) & (days <= day)]
    calls = log[log["方式"] == "电话"]
    answered, missed = (calls["结果"] == "接通").sum(), (calls["结果"] == "未接通").sum()
    opened = log[log["类型"] == "试用开通"].groupby("客户编号")["日期"].min()
    used = log[log["类型"] == "试用激活"]
    active = {c for c, d in zip(used["客户编号"], used["日期"], strict=True) if c in opened and d >= opened[c]}
    return {
        "KpiVisits": int((log["方式"] == "拜访").sum()),
        "KpiReached": answered / (answered + missed) if answered + missed else None,
        "KpiMaterial": int((log["类型"] == "资料发送").sum()),
        "KpiTrials": len(active) / len(opened) if len(opened) else None,
    }


def care(path: Path, as_of: dt.date, ahead: int) -> list[tuple[dt.date, str, str]]:
    """(day, customer, occasion) of every line, in any order."""
    customers = read_table(path, "Customers")
    window = [as_of + dt.timedelta(days=n) for n in range(ahead + 1)]
    found = []
    for _, row in customers.iterrows():
        name = str(row["客户编号"])
        for day in window:
            found += [(day, name, what) for what in _occasions(row, day)]
    found += [(d, n, "下次联系") for n, d in _due(path, as_of).items() if d <= window[-1]]
    tier = customers["价值层级"]
    grades = [str(c) for c, t, k in zip(customers["客户编号"], tier, customers["是否大客户"], strict=True) if k == "是"]
    found += [(day, name, "节日") for day in window if _is_holiday(day) for name in grades]
    return found


def _same_day(born: Any, day: dt.date) -> bool:
    if (born.month, born.day) == (2, 29) and not calendar.isleap(day.year):
        return (day.month, day.day) == (2, 28)
    return (born.month, born.day) == (day.month, day.day)


def _occasions(row: pd.Series, day: dt.date) -> list[str]:
    found = []
    born, signed, first, ends = (row[h] for h in ("生日", "签约日期", "首次合作时间", "合同到期日"))
    if pd.notna(born):
        if row["生日历法"] == "农历":
            lunar = LunarDate.from_solar(day)
            last = min(born.day, LCalendars.ndays(lunar.year, lunar.month, lunar.leap))
            if (lunar.month, lunar.day, lunar.leap) == (born.month, last, 0):
                found.append("农历生日")
        elif _same_day(born, day):
            found.append("生日")
    if pd.notna(signed) and _same_day(signed, day) and day.year > signed.year:
        found.append("签约周年")
    if pd.notna(first) and first != signed and _same_day(first, day) and day.year > first.year:
        found.append("合作周年")
    if pd.notna(ends) and ends.date() == day:
        found.append("合同到期")
    return found


def _due(path: Path, as_of: dt.date) -> dict[str, dt.date]:
    log = read_table(path, "Interactions")
    log = log[log["日期"] <= dt.datetime(as_of.year, as_of.month, as_of.day)]
    found = {}
    for customer, rows in log.groupby("客户编号"):
        plans = [(d, n) for d, n in zip(rows["日期"], rows["下次联系时间"], strict=True) if pd.notna(n) and n > d]
        if plans:
            agreed = max(plans)[1]
            if not (rows["日期"] >= agreed).any():
                found[str(customer)] = agreed.date()
    return found


def _is_holiday(day: dt.date) -> bool:
    lunar = LunarDate.from_solar(day)
    return (
        (day.month, day.day) in ((1, 1), (10, 1))
        or (not lunar.leap and (lunar.month, lunar.day) in ((1, 1), (1, 15), (5, 5), (8, 15)))
        or day == TermUtils.nth_term_day(day.year, 6)
    )
