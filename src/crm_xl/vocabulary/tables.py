"""Every table by its fixed name."""

from __future__ import annotations

from . import (
    account_tables,
    care_tables,
    evaluation_tables,
    records,
    reports,
    risk_tables,
    rule_tables,
    sales_tables,
    task_tables,
    value_tables,
)
from .fields import Table

TABLES: dict[str, Table] = {
    table.name: table
    for module in (
        account_tables,
        care_tables,
        evaluation_tables,
        records,
        reports,
        risk_tables,
        rule_tables,
        sales_tables,
        task_tables,
        value_tables,
    )
    for table in vars(module).values()
    if isinstance(table, Table)
}
