"""Tables of data care and of roles."""

from __future__ import annotations

from .fields import Field, Table, column
from .records import CUSTOMER_ID

DUPLICATES = Table(
    "Duplicates",
    "重复客户",
    "Duplicates",
    (
        column("duplicate_group", "组", "Group", "count"),
        Field(CUSTOMER_ID.key, "客户编号", "Customer ID", "id", CUSTOMER_ID.aliases),
        column("customer_name", "客户名称", "Customer name"),
        column("phone", "电话", "Phone", "phone", "联系电话"),
        column("likeness", "得分", "Score", "ratio"),
        column("evidence", "依据", "Evidence"),
        column("proposed", "建议", "Proposed"),
        column("decision", "决定", "Decision", "choice", group="user"),
    ),
    computed=True,
)

QUALITY = Table(
    "Quality",
    "数据质量",
    "Data quality",
    (
        column("found_sheet", "工作表", "Sheet"),
        column("found_cell", "单元格", "Cell"),
        column("customer", "客户", "Customer"),
        column("found_rule", "规则", "Rule"),
        column("severity", "级别", "Severity", "label"),
        column("found_text", "内容", "Found"),
        column("proposed_text", "建议", "Proposed"),
        column("explanation", "说明", "Explanation"),
    ),
    computed=True,
)

HANDED_OUT = Table(
    "HandedOut",
    "分发底稿",
    "Handed out",
    (column("handed_out", "分发底稿", "Handed out"),),
    computed=True,
)
"""What a workbook for one owner was given, packed into texts: `merge` compares with it."""
