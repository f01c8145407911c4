"""Tables of the task board, the care calendar and the lists of targets."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID

TASK_BOARD = Table(
    "TaskBoard",
    "任务看板",
    "Task board",
    (
        column("owner", "负责人", "Owner"),
        column("waiting", "未开始", "Not started", "count"),
        column("doing", "进行中", "In progress", "count"),
        column("finished", "已完成", "Done", "count"),
        column("overdue", "逾期", "Overdue", "count"),
        column("done_share", "完成率", "Share done", "ratio"),
    ),
    key="owner",
    computed=True,
)

PROPOSED = Table(
    "Proposed",
    "已提议任务",
    "Proposed tasks",
    (
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("proposed_for", "来源", "Proposed for"),
        column("proposed_on", "提议日期", "Proposed on", "date"),
    ),
    computed=True,
)

CARE = Table(
    "Care",
    "关怀日历",
    "Care calendar",
    (
        column("care_date", "日期", "Date", "date"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("care_reason", "事由", "Occasion"),
        column("owner", "负责人", "Owner"),
        column("phone", "联系电话", "Phone", "phone"),
        column("hint", "提示", "Hint"),
    ),
    computed=True,
)

TARGET_LIST = Table(
    "TargetList",
    "目标名单",
    "Target lists",
    (
        column("target", "目标", "Target"),
        column("rank", "排名", "Rank", "count"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("value", "数值", "Value", "number"),
    ),
    computed=True,
)
