"""Tasks: those that a refresh proposes, who is overdue, the board by owner, and the team's process figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.tasks import Proposal, board, overdue, process, propose
from crm_xl.cells import CellError
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.functions.texts import strategy_label
from crm_xl.rules.models import Strategy
from crm_xl.vocabulary.task_texts import DELIVERABLES, TASK_STATES, TASK_WORDS, overdue_word, word
from crm_xl.workbook.formulas import Native
from crm_xl.workbook.task_formulas import task_figures

from ..analyse import strategy_of
from ..opening import shown
from .story import Story, cell_of, write_figures


def write_tasks(story: Story) -> None:
    """New tasks, names and overdue marks of all of them, the board and the figures beside it."""
    book = story.book
    if book.has_table("Tasks"):
        data = book.read_table("Tasks")
        used = data.used
        ids = normal_ids(data.column("customer_id")[:used]).tolist()
        tasks = {key: data.column(key)[:used] for key in ("task", "owner", "due", "task_status", "proposed_for")}
        marks = overdue(to_days(tasks["due"])[0], tasks["task_status"], story.as_of)
        for key, cells in (
            ("customer_name", [story.names.get(i) for i in ids]),
            ("overdue", [overdue_word(story.lang) if late else None for late in marks]),
        ):
            if key in data.fields and used:
                book.write_column("Tasks", key, cells)
        known = {(i, str(s or "")) for i, s in zip(ids, tasks["proposed_for"], strict=True)}
        new = _new_tasks(story, known) if book.has_table("Proposed") else []
        if new:
            book.append_rows("Tasks", [t.cells(story) for t in new])
            count = len(new)
            added: dict[str, Sequence[object]] = {
                "customer_id": [t.customer for t in new],
                "proposed_for": [t.proposal.source for t in new],
                "proposed_on": [cell_of(story.as_of)] * count,
            }
            book.append_rows("Proposed", added)
        used_rows = [i for i in range(used) if ids[i] or _text(tasks["task"][i])]
        owners = [_text(tasks["owner"][i]) for i in used_rows] + [_text(t.owner) for t in new]
        states = [_text(tasks["task_status"][i]) for i in used_rows] + [word(TASK_STATES["waiting"], story.lang)] * len(
            new
        )
        _write_board(story, owners, states, [marks[i] for i in used_rows] + [False] * len(new))
    _write_process(story)


def _text(cell: object) -> str:
    """A cell as Excel's TRIM shows it."""
    if cell is None or isinstance(cell, CellError):
        return ""
    return " ".join(part for part in shown(cell).split(" ") if part)


class _Task(NamedTuple):
    """A proposed task with what the customer's row and the strategy library say."""

    proposal: Proposal
    customer: str
    name: object
    owner: object
    segment: str
    reason: str
    strategy: Strategy | None
    text: str

    def cells(self, story: Story) -> dict[str, object]:
        lang, risk = story.lang, self.proposal.cause == "risk"
        what = word(
            TASK_WORDS["risk" if risk else "segment"], lang, reason=self.reason or self.segment, segment=self.segment
        )
        category = self.strategy.category.strip() if self.strategy else ""
        delivered = next((d for c, d in DELIVERABLES.items() if category in c), TASK_WORDS["deliverable"])
        return {
            "task": what,
            "customer_id": self.customer,
            "customer_name": self.name,
            "strategy": self.text or None,
            "department": self.strategy.department if self.strategy else None,
            "owner": self.owner,
            "due": cell_of(story.as_of + dt.timedelta(days=self.proposal.days)),
            "deliverable": word(TASK_WORDS["risk_deliverable"] if risk else delivered, lang),
            "task_status": word(TASK_STATES["waiting"], lang),
            "proposed_for": self.proposal.source,
        }


def _new_tasks(story: Story, known: set[tuple[str, str]]) -> list[_Task]:
    """What this refresh proposes: no more on one date than the setting says, whatever was proposed before."""
    data = story.book.read_table("Proposed")
    sources = [str(s or "") for s in data.column("proposed_for")]
    proposed = normal_ids(data.column("customer_id"))
    known |= set(zip(proposed.tolist(), sources, strict=True))
    days, _ = to_days(data.column("proposed_on"))
    # rows without a customer are reviews
    today = int(((days == np.datetime64(story.as_of, "D")) & (proposed != "")).sum())
    rules, ids = story.rules, story.outcome.ids.tolist()
    spend, _ = to_numbers(list(story.column("annual_spend")))
    segments, reasons = story.column("segment"), story.column("churn_reason")
    library: dict[str, Strategy | None] = {}

    def strategy(segment: str) -> Strategy | None:
        if segment not in library:
            name = strategy_label(segment, "segment", rules.strategies, rules.lang)
            rows = [s for s in rules.strategies if s.system.casefold() == "segment" and s.tag == name]
            # several measures for one label: the one that says who acts speaks for all
            library[segment] = next((s for s in rows if s.department.strip()), rows[0] if rows else None)
        return library[segment]

    def acts(segment: str) -> bool:
        found = strategy(segment)
        return found is not None and bool(found.department.strip())

    limit = rules.settings.task_limit - today
    proposals = propose(ids, segments, story.column("churn_risk"), spend, acts, known, limit)
    names, owners = story.column("customer_name"), story.column("owner")
    return [
        _Task(p, ids[p.row], names[p.row], owners[p.row], str(segments[p.row]), _text(reasons[p.row]),
              strategy(str(segments[p.row])), _text(strategy_of(str(segments[p.row]), rules)))
        for p in proposals
    ]  # fmt: skip


def _write_board(story: Story, owners: Sequence[str], states: Sequence[str], late: Sequence[bool]) -> None:
    book = story.book
    unassigned = word(TASK_WORDS["unassigned"], story.lang)
    lines = board(["" if o == unassigned else o for o in owners], states, late)
    natives: Mapping[str, Native] = {}
    if book.has_table("TaskBoard"):
        rows = [
            {"owner": x.owner or unassigned, "waiting": x.waiting, "doing": x.doing, "finished": x.finished,
             "overdue": x.overdue, "done_share": x.done_share}
            for x in lines
        ]  # fmt: skip
        book.replace_rows("TaskBoard", rows, formulas=story.natives)
        natives = task_figures(book.headers("TaskBoard")) if story.natives else {}
    done, total = sum(x.finished for x in lines), sum(x.total for x in lines)
    figures: dict[str, object] = {
        "KpiTaskOpen": total - done,
        "KpiTaskOverdue": sum(x.overdue for x in lines),
        "KpiTaskDone": done,
        "KpiTaskRate": done / total if total else None,
    }
    write_figures(book, figures, natives)


def _write_process(story: Story) -> None:
    found = process(story.inputs.interactions, story.as_of)
    figures = {
        "KpiVisits": found.visits if found else None,
        "KpiReached": found.reached if found else None,
        "KpiMaterial": found.material if found else None,
        "KpiTrials": found.activated if found else None,
    }
    write_figures(story.book, figures)
