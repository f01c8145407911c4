"""Native formulas of the task board and the figures above it."""

from __future__ import annotations

from collections.abc import Mapping

from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.task_texts import TASK_STATES, TASK_WORDS, overdue_word

from .formulas import Native, column_reference, quoted

COUNTED = ("waiting", "doing", "finished", "overdue")


def board_formulas(tasks: Mapping[str, str], own: Mapping[str, str], lang: Lang) -> dict[str, Native]:
    """Tasks of the owner of each row by state: as `analysis.tasks.board` counts them, with the marks of Tasks.

    `tasks`, `own`: field key -> header in Tasks and in TaskBoard. States are compared in any case, owners exactly.
    """
    if not {"task", "customer_id", "owner", "task_status", "overdue"} <= set(tasks) or "owner" not in own:
        return {}

    def cells(key: str) -> str:
        column = f"Tasks[{column_reference(tasks[key])}]"
        return f'IF(ISERROR({column}),"",TRIM({column}))'

    def this(key: str) -> str:
        return f"TaskBoard[[#This Row],[{column_reference(own[key])}]]"

    def among(*states: str) -> str:
        words = [word for state in states for word in TASK_STATES[state]]
        return "(" + "+".join(f"({cells('task_status')}={quoted(word)})" for word in words) + ">0)"

    unassigned = quoted(TASK_WORDS["unassigned"][0 if lang == "zh" else 1])
    owner = f'IF({cells("owner")}="",{unassigned},{cells("owner")})'
    used = f'({cells("task")}&{cells("customer_id")}<>"")'
    late = f"EXACT({cells('overdue')},{quoted(overdue_word(lang))})"
    waiting = f'(({cells("task_status")}="")+{among("waiting")}>0)'
    opened = f'(({cells("task_status")}="")+{among("waiting", "doing")}>0)'
    counted = {
        "waiting": f"{waiting}*(1-{late})",
        "doing": f"{among('doing')}*(1-{late})",
        "finished": among("finished"),
        "overdue": f"{opened}*{late}",
    }
    found = {
        key: Native(f"SUM(IF(EXACT({owner},{this('owner')}),{used}*{what},0))", True)
        for key, what in counted.items()
        if key in own
    }
    if {*COUNTED, "done_share"} <= set(own):
        total = "+".join(this(key) for key in COUNTED)
        found["done_share"] = Native(f'IF({total}=0,"",{this("finished")}/({total}))', False)
    return found


def task_figures(own: Mapping[str, str]) -> dict[str, Native]:
    """The figures above the board, by name."""
    if not set(COUNTED) <= set(own):
        return {}

    def total(*keys: str) -> str:
        return "+".join(f"SUM(TaskBoard[{column_reference(own[key])}])" for key in keys)

    return {
        "KpiTaskOpen": Native(total("waiting", "doing", "overdue"), False),
        "KpiTaskOverdue": Native(total("overdue"), False),
        "KpiTaskDone": Native(total("finished"), False),
        "KpiTaskRate": Native(f'IF({total(*COUNTED)}=0,"",{total("finished")}/({total(*COUNTED)}))', False),
    }
