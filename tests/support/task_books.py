"""A workbook with the sheets of tasks, reviews, targets and care, compiled for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_xl.vocabulary.fields import Lang, Unit
from crm_xl.workbook.layouts import TEMPLATES, compile_template
from crm_xl.workbook.layouts.templates import SEGMENT_RULES, Template
from crm_xl.workflows import new
from crm_xl.workflows.refresh_report import RefreshReport

NAME = "task-sheets"
COLUMNS = (
    "customer_id", "customer_name", "industry", "contact", "phone", "owner", "region", "first_order", "last_order",
    "annual_spend", "order_count", "average_order", "monthly_orders", "satisfaction", "complaints", "birthday",
    "birthday_calendar", "signed_on", "contract_end", "key_account", "segment", "value_tier", "activity", "lifecycle",
    "health", "churn_risk", "churn_reason", "strategy", "note",
)  # fmt: skip
SHEETS = (
    "goals", "tasks", "board", "reviews", "care", "customers", "orders", "interactions", "complaints",
    "surveys", "strategies", "tracking", "history", "parameters", "calculation",
)  # fmt: skip


def make(path: Path, lang: Lang = "zh", *, sheets: tuple[str, ...] = SHEETS, **more: Any) -> RefreshReport:
    """A new workbook of these sheets; `more`: see `new_workbook`."""
    template = Template(("任务", "Tasks"), sheets, COLUMNS, (*SEGMENT_RULES, "HealthRules"))

    def compiled(name: str, lang: Lang, unit: Unit) -> bytes:
        return compile_template(name, lang)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TEMPLATES, NAME, template)
        patch.setattr(new, "TEMPLATES", (NAME,))
        patch.setattr(new, "template_bytes", compiled)
        return new.new_workbook(path, template=NAME, lang=lang, **more)
