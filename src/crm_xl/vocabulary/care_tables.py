"""Tables of data care."""

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
