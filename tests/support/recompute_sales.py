"""The sales strategy and the dashboard once more, in plain pandas, from a workbook's cells. Imports nothing of
crm_xl."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support import recompute
from tests.support.recompute import read_table

DAY = dt.timedelta(days=1)
CLASSES = ["高价值客户", "新客户", "潜力客户", "低频刚需客户", "流失风险客户"]
STAGES = ["潜在", "成交", "复购", "沉睡", "流失"]
KINDS = ["基本", "潜在", "情感", "个性化"]


def customers(path: Path, as_of: dt.date, **edges: float) -> pd.DataFrame:
    """What `recompute.customers` says, with who is at risk and what the sheets show of each."""
    frame = recompute.customers(path, as_of, **edges)
    shown = read_table(path, "Customers")
    for header in ("客户名称", "所属行业", "企业规模(员工数)", "职位", "负责人", "产品/服务偏好"):
        frame[header] = shown[header]
    day = pd.Timestamp(as_of)
    pulse = _pulse(path, day)
    complaints = Counter(
        str(c)
        for c, d in read_table(path, "Complaints")[["客户编号", "日期"]].itertuples(index=False)
        if d is not None and day - 90 * DAY < pd.Timestamp(d) <= day
    )
    said = _satisfaction(path, day)
    flags, contents = [], []
    for i, row in frame.iterrows():
        who = row["客户编号"]
        recent, before = pulse.get(who, (0, 0))
        fell = before >= 3 and (before - recent) / before >= 0.3 - 1e-9
        content = said.get(who, shown["满意度评分(1-5)"][i])
        contents.append(content)
        at_risk = (
            row["活跃状态"] in ("沉睡", "流失")
            or fell
            or complaints[who] >= 2
            or (content is not None and content <= 2 + 1e-9)
        )
        flags.append("" if row["活跃状态"] == "潜在" else "是" if at_risk else "否")
    frame["流失风险标记"], frame["满意度"] = flags, contents
    return frame


def _pulse(path: Path, day: pd.Timestamp) -> dict[str, tuple[int, int]]:
    """Orders and contacts of the last 90 days and of the 90 before."""
    orders = read_table(path, "Orders")
    orders["客户编号"] = orders["客户编号"].astype(str)
    together = orders.groupby(["客户编号", "订单号", "订单日期"], dropna=False)["金额(元)"].sum().reset_index()
    bought = together[together["金额(元)"].astype(float) > 0]
    contacts = read_table(path, "Interactions")
    moments = [*zip(bought["客户编号"], bought["订单日期"], strict=True),
               *zip(contacts["客户编号"].astype(str), contacts["日期"], strict=True)]  # fmt: skip
    found: dict[str, tuple[int, int]] = {}
    for who, when in moments:
        age = (day - pd.Timestamp(when)).days
        recent, before = found.get(who, (0, 0))
        found[who] = recent + (0 <= age < 90), before + (90 <= age < 180)
    return found


def _satisfaction(path: Path, day: pd.Timestamp) -> dict[str, float]:
    """Mean over the latest survey with an answer."""
    found: dict[str, tuple[Any, list[float]]] = {}
    for _, row in read_table(path, "Surveys").iterrows():
        value = row["满意度(1-5)"]
        if value is None or pd.isna(value):
            parts = [row[h] for h in ("产品质量", "服务响应", "客户体验") if row[h] is not None]
            value = sum(parts) / len(parts) if parts else None
        if row["日期"] is None or pd.Timestamp(row["日期"]) > day or value is None or not 1 <= value <= 5:
            continue
        who = str(row["客户编号"])
        latest, values = found.get(who, (None, []))
        if latest is None or row["日期"] > latest:
            found[who] = row["日期"], [float(value)]
        elif row["日期"] == latest:
            values.append(float(value))
    return {who: sum(values) / len(values) for who, (_, values) in found.items()}


def _money(frame: pd.DataFrame) -> pd.Series:
    return frame["年消费金额(万元)"].fillna(0).astype(float)


def classes(frame: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """RfmProfile."""
    names = [*CLASSES, *sorted(set(frame["RFM 类别"]) - set(CLASSES))]
    rows = []
    for name in names:
        own = frame[frame["RFM 类别"] == name]
        days = [(pd.Timestamp(as_of) - d).days for d in own["最近合作时间"] if not pd.isna(d)]
        count = own["历史合作次数"].fillna(0).astype(float)
        once = int((count >= 1).sum())
        rows.append(
            {
                "客户数": len(own),
                "占比": len(own) / len(frame),
                "年消费总额(万元)": _money(own).sum(),
                "消费占比": _money(own).sum() / _money(frame).sum(),
                "平均 R(天)": sum(days) / len(days) if days else None,
                "复购率": int((count >= 2).sum()) / once if once else None,
            }
        )
    return pd.DataFrame(rows, index=names, dtype=object)


def heat(frame: pd.DataFrame) -> tuple[list[list[float]], list[list[float]]]:
    """Customers and spend: rows R 5 to 1, columns F 1 to 5 and the total."""
    scores = frame["RFM 得分"].astype(str)
    counts, sums = [], []
    for r in "54321":
        line = [frame[(scores.str.len() == 3) & (scores.str[0] == r) & (scores.str[1] == f)] for f in "12345"]
        counts.append([len(x) for x in line] + [sum(len(x) for x in line)])
        sums.append([_money(x).sum() for x in line] + [sum(_money(x).sum() for x in line)])
    return counts, sums


def risks(frame: pd.DataFrame) -> pd.DataFrame:
    """Everybody at risk, the largest spend first."""
    found = frame[frame["流失风险标记"] == "是"].copy()
    found["stake"] = _money(found)
    return found.sort_values("stake", ascending=False, kind="stable")


def tiles(frame: pd.DataFrame) -> dict[str, float]:
    count = frame["历史合作次数"].fillna(0).astype(float)
    priced = frame[frame["平均订单金额(万元)"].notna() & frame["历史合作次数"].notna()]
    weights = priced["历史合作次数"].astype(float)
    at_risk = risks(frame)
    return {
        "DashCustomers": int((frame["客户类型标签"] != "").sum()),
        "DashActive": int(frame["活跃状态"].isin(["活跃", "低频"]).sum()),
        "DashSpend": _money(frame).sum(),
        "DashRepurchase": (count >= 2).sum() / (count >= 1).sum(),
        "DashAverageOrder": (priced["平均订单金额(万元)"].astype(float) * weights).sum() / weights.sum(),
        "DashAtRisk": len(at_risk),
        "DashMoneyAtRisk": at_risk["stake"].sum(),
    }


def stages(frame: pd.DataFrame) -> dict[str, int]:
    counts = Counter(frame["生命周期阶段"])
    return {n: counts[n] for n in [*STAGES, *sorted(counts.keys() - set(STAGES))]}


def needs(path: Path, as_of: dt.date) -> pd.DataFrame:
    table = read_table(path, "Needs")
    table["客户编号"] = table["客户编号"].astype(str)
    table["日期"] = pd.to_datetime(table["日期"])
    return table[table["日期"] <= pd.Timestamp(as_of)]


def quarters(path: Path, as_of: dt.date) -> dict[tuple[str, str], int]:
    """(quarter, kind) -> needs."""
    table = needs(path, as_of)
    return dict(
        Counter((f"{d.year}Q{(d.month + 2) // 3}", k) for d, k in zip(table["日期"], table["类别"], strict=True))
    )


def portrait(path: Path, frame: pd.DataFrame, as_of: dt.date, column: str, group: str) -> dict[str, Any]:
    """A row of Portrait."""
    own = frame[frame[column] == group]
    said = needs(path, as_of)
    said = said[said["客户编号"].isin(set(own["客户编号"]))]

    def top(cells: pd.Series, most: int) -> str:
        ranked = sorted(Counter(c for c in cells if c).items(), key=lambda item: (-item[1], item[0]))
        return "、".join(name for name, _ in ranked[:most])

    def counted(cells: pd.Series, order: str) -> str:
        counts = Counter(c for c in cells if c)
        return "、".join(f"{n} {counts[n]}" for n in order.split() if n in counts)

    return {
        "客户数": len(own),
        "典型规模": top(own["企业规模(员工数)"], 1),
        "主要需求": top(said["需求"], 3) or top(own["产品/服务偏好"], 3),
        "决策人": top(own["职位"], 3),
        "敏感点": counted(said["敏感点"], "价格 质量"),
        "优先级": counted(said["优先级"], "高 中 低"),
    }
