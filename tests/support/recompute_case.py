"""The page about one customer once more, in plain pandas, from a workbook's tables. Imports nothing of crm_xl."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from .recompute import read_table

FACTS = {
    "CaseFacts": (
        "客户性质", "所属行业", "企业规模(员工数)", "年营收(万元)", "主营业务", "成立时间", "区域", "城市",
        "联系人", "职位", "联系电话", "邮箱", "客户来源", "跟进状态", "负责人", "客户等级",
    ),
    "CaseBehaviour": (
        "产品/服务偏好", "咨询渠道", "首次合作时间", "最近合作时间", "历史合作次数", "平均订单金额(万元)",
        "月均合作次数", "平均下单间隔(天)",
    ),
    "CaseValue": (
        "年消费金额(万元)", "CLV(万元)", "毛利率", "复购率", "客户类型标签", "价值层级", "RFM 得分", "RFM 类别",
        "生命周期阶段", "综合得分", "客户关系等级", "大客户级别",
    ),
    "CaseEffect": (
        "活跃状态", "健康度", "流失风险标记", "风险原因", "满意度评分(1-5)", "投诉次数", "距上次下单(天)", "积分余额",
    ),
}  # fmt: skip
LOGS = {
    "CaseNeeds": ("Needs", "日期", 3, ("日期", "类别", "优先级", "需求", "敏感点", "状态")),
    "CaseTrend": ("History", "日期", 6, ("日期", "客户类型标签", "历史合作次数", "年消费金额(万元)")),
    "CaseOrders": ("Orders", "订单日期", 5, ("订单日期", "订单号", "购买渠道", "产品", "金额(元)", "回款日期")),
    "CaseContacts": ("Interactions", "日期", 5, ("日期", "方式", "类型", "内容", "结果", "下次联系时间")),
    "CaseComplaints": ("Complaints", "日期", 2, ("日期", "原因", "状态", "内容", "处理时长(小时)", "客户评价")),
    "CaseSurveys": ("Surveys", "日期", 2, ("日期", "来源", "满意度(1-5)", "反馈", "推荐意愿(0-10)", "处理状态")),
}
TAGS = {"rfm": "RFM 类别", "stage": "生命周期阶段", "level": "客户关系等级", "grade": "大客户级别"}
KINDS = ("沟通", "服务", "营销")


def plain(cell: Any) -> Any:
    if cell is None or cell == "" or (isinstance(cell, float) and pd.isna(cell)):
        return None
    return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell


def page(path: Path, picked: str | None, as_of: dt.date) -> dict[str, Any]:
    """Block -> what it shows: for grids a value per label, for lists the lines."""
    table = read_table(path, "Customers")
    at = next((i for i, w in enumerate(table["客户编号"]) if picked and str(w) == picked), None)
    if at is None:
        at = next((i for i, n in enumerate(table["客户名称"]) if picked and n == picked), None)
    row = None if at is None else table.iloc[at]
    found: dict[str, Any] = {"CaseName": None if not picked else "没有这个客户" if row is None else row["客户名称"]}
    for block, headers in FACTS.items():
        found[block] = {h: None if row is None else made(path, row, h, as_of) for h in headers}
    for block, (name, date, lines, headers) in LOGS.items():
        log = read_table(path, name)
        who = None if row is None else str(row["客户编号"])
        mine = [
            (day, i)
            for i, (day, customer) in enumerate(zip(log[date], log["客户编号"], strict=True))
            if isinstance(day, dt.datetime) and day <= pd.Timestamp(as_of) and str(customer) == who
        ]
        newest = [log.iloc[i] for _, i in sorted(mine, reverse=True)[:lines]]
        if block == "CaseTrend":
            newest.reverse()
        found[block] = [[plain(line[h]) for h in headers] for line in newest]
    found["CaseStrategies"] = [] if row is None else strategies(path, row)
    return found


def made(path: Path, row: pd.Series, header: str, as_of: dt.date) -> Any:
    first, last, count = row["首次合作时间"], row["最近合作时间"], row["历史合作次数"]
    if header == "距上次下单(天)":
        return None if plain(last) is None else (pd.Timestamp(as_of) - pd.Timestamp(last)).days
    if header == "平均下单间隔(天)":
        if plain(first) is None or plain(last) is None or plain(count) is None or count <= 1:
            return None
        return (pd.Timestamp(last) - pd.Timestamp(first)).days / (count - 1)
    if header == "积分余额":
        points = read_table(path, "Loyalty")
        mine = points[points["客户编号"].astype(str) == str(row["客户编号"])]["积分变动"]
        return float(mine.sum()) if len(mine) else None
    return plain(row[header])


def strategies(path: Path, row: pd.Series) -> list[list[Any]]:
    """(category, label, department, text) for the customer's labels: by category, then as the table has them."""
    library = read_table(path, "Strategies")
    segments = library[(library["体系"] == "segment") & library["策略"].notna()]["标签"].tolist()
    tries = (row["客户类型标签"], f"{row['价值层级']}{row['活跃状态']}客户", row["活跃状态"], row["价值层级"])
    tag = next((t for t in tries if t in segments), None)
    lines = []
    for i, line in library.iterrows():
        label = tag if line["体系"] == "segment" else plain(row.get(TAGS.get(line["体系"], "")))
        if label and line["标签"] == label and plain(line["策略"]):
            rank = KINDS.index(line["类别"]) if line["类别"] in KINDS else len(KINDS)
            lines.append((rank, i, [plain(line[h]) for h in ("类别", "标签", "部门", "策略")]))
    return [cells for _, _, cells in sorted(lines, key=lambda x: x[:2])][:6]
