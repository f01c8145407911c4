"""Tasks that the sample's sales team has given itself, beside those that a refresh proposes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from crm_xl.vocabulary.task_texts import TASK_STATES

from .dice import Dice

Pair = tuple[str, str]
Row = dict[str, Any]

TASKS = 24
_SALES, _CARE, _MARKETING = ("销售", "Sales"), ("客服", "Customer service"), ("市场", "Marketing")
_TOLD: tuple[tuple[Pair, Pair, Pair], ...] = (
    (("上门拜访，了解下半年采购计划", "Visit and ask about buying plans"), _SALES,
     ("拜访记录写入互动记录，采购计划有品类和时间", "Visit logged, with products and dates of the plan")),
    (("发送新品资料和报价", "Send the new catalogue and prices"), _MARKETING,
     ("资料送达，三天内回访一次", "Material received and one call within three days")),
    (("安排产品试用并回访", "Arrange a trial and follow up"), _SALES,
     ("试用已激活，收集三条使用意见", "Trial activated, three remarks collected")),
    (("回访投诉处理结果", "Ask whether the complaint is settled"), _CARE,
     ("客户确认问题已解决", "The customer confirms that it is solved")),
    (("洽谈年度框架合同", "Negotiate the annual agreement"), _SALES,
     ("合同条款双方确认", "Terms agreed by both sides")),
    (("邀请参加产品体验会", "Invite to the product day"), _MARKETING,
     ("客户答复是否参加", "The customer has answered")),
)  # fmt: skip
"""Task, department, deliverable."""
_STATES = (("finished", 9), ("doing", 6), ("waiting", 6), ("late", 2), ("cancelled", 1))
"""How many of 24; `late`: in progress and past their date."""


def make_tasks(dice: Dice, customers: Sequence[Row], say: int, day: np.datetime64) -> list[Row]:
    """Rows of Tasks for some of the customers, oldest due date first; dates count back from `day`."""
    states = [state for state, count in _STATES for _ in range(count)]
    chosen = dice.order(len(customers))[: min(TASKS, len(customers))]
    rows = []
    for state, at in zip(states, chosen, strict=False):
        customer = customers[at]
        told, department, deliverable = dice.pick(_TOLD)
        ahead = dice.whole(2, 25) if state in ("doing", "waiting") else -dice.whole(3, 40)
        row: Row = {
            "task": told[say],
            "customer_id": customer["customer_id"],
            "department": department[say],
            "owner": customer.get("owner", ""),
            "due": day + ahead,
            "deliverable": deliverable[say],
            "task_status": TASK_STATES["doing" if state == "late" else state][say],
        }
        if state == "finished":
            row["done_on"] = day + min(-1, ahead + dice.whole(-3, 2))
        rows.append(row)
    return sorted(rows, key=lambda row: row["due"])
