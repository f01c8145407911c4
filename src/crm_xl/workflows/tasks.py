"""Tasks: what is open in a workbook, and a calendar file of tasks and care dates."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.tasks import is_open, overdue
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError, Refused
from crm_xl.functions.call import to_days, today
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.task_texts import CALENDAR_WORDS, word
from crm_xl.workbook.protocol import TableData, Workbook
from crm_xl.workbook.saving import replace_file

from .opening import book_date, open_book
from .refresh import check_target

PRODUCT = "-//crm_xl//tasks//"
HOST = "crm-xl"
"""Behind the @ of every UID."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that is neither done nor cancelled; `due`: None where nobody says."""

    task: str
    customer_id: str
    customer: str
    owner: str
    department: str
    due: dt.date | None
    overdue: bool
    status: str
    strategy: str
    deliverable: str
    uid: str


@dataclass(frozen=True, slots=True)
class CareDate:
    """A line of the care calendar, as the last refresh left it."""

    day: dt.date
    customer_id: str
    customer: str
    reason: str
    owner: str
    phone: str
    hint: str
    uid: str


@dataclass(frozen=True, slots=True)
class TaskReport:
    path: str
    lang: Lang
    as_of: dt.date
    tasks: list[OpenTask]
    care: list[CareDate]

    @property
    def undated(self) -> int:
        """Open tasks without a due date: a calendar cannot hold them."""
        return sum(t.due is None for t in self.tasks)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "undated": self.undated}


def open_tasks(path: str | Path) -> TaskReport:
    """The open tasks of a workbook, soonest first, and its care dates. Errors: those of opening; no_task_table."""
    return tasks_of(*_opened(path))


def _opened(path: str | Path) -> tuple[Workbook, Lang]:
    book, _, lang = open_book(path)
    return book, lang


def tasks_of(book: Workbook, lang: Lang) -> TaskReport:
    """`open_tasks` of an open workbook."""
    if not book.has_table("Tasks") and not book.has_table("Care"):
        raise CrmXlError("no_task_table", path=book.path)
    day = book_date(book) or today()
    tasks = _tasks(book.read_table("Tasks"), day) if book.has_table("Tasks") else []
    care = _care(book.read_table("Care")) if book.has_table("Care") else []
    return TaskReport(str(book.path), lang, day, tasks, care)


def write_calendar(report: TaskReport, out: str | Path, *, force: bool = False) -> int:
    """Write tasks and care dates as a calendar file (RFC 5545); the answer is how many events it holds.

    All-day events with the owner as category; the same tasks keep their UID, so that a calendar program replaces
    them. No clock time is stored. Errors: Refused target_exists, file_kind; folder_missing, write_failed.
    """
    target = Path(out)
    if target.suffix.lower() != ".ics":
        raise Refused("file_kind", path=target, kinds=".ics")
    check_target(target)
    if target.exists() and not force:
        raise Refused("target_exists", path=target)
    data, count = calendar(report)
    replace_file(target, lambda file: file.write(data), backup=False)
    return count


def calendar(report: TaskReport) -> tuple[bytes, int]:
    """The calendar file of a report, and the number of its events."""
    from icalendar import Calendar, Event

    lang = report.lang
    made = Calendar()
    made.add("prodid", PRODUCT + lang.upper())
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", word(CALENDAR_WORDS["calendar_name"], lang))
    stamp = dt.datetime(report.as_of.year, report.as_of.month, report.as_of.day, tzinfo=dt.UTC)

    def add(uid: str, day: dt.date, title: str, owner: str, details: Sequence[str]) -> None:
        event = Event()
        event.add("uid", uid)
        event.add("dtstamp", stamp)
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
        event.add("summary", title)
        text = "\n".join(x for x in details if x)
        if text:
            event.add("description", text)
        if owner:
            event.add("categories", [owner])
        event.add("transp", "TRANSPARENT")
        made.add_component(event)

    for t in report.tasks:
        if t.due is None:
            continue
        mark = word(CALENDAR_WORDS["overdue_mark"], lang) if t.overdue else ""
        add(t.uid, t.due, mark + _titled(t.task, t.customer or t.customer_id), t.owner, (t.strategy, t.deliverable))
    for c in report.care:
        add(c.uid, c.day, _titled(c.reason, c.customer or c.customer_id), c.owner, (c.hint, c.phone))
    data: bytes = made.to_ical()
    return data, len(report.tasks) - report.undated + len(report.care)


def _titled(what: str, customer: str) -> str:
    return " · ".join(x for x in (what, customer) if x)


def _column(data: TableData, key: str) -> list[str]:
    cells = data.column(key)[: data.used]
    return ["" if c is None or isinstance(c, CellError) else str(c).strip() for c in cells]


class _Uids:
    """UIDs that hang on what an event is about alone; the second of the same gets a number."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, *parts: str) -> str:
        stem = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        self._given[stem] += 1
        again = f"-{self._given[stem]}" if self._given[stem] > 1 else ""
        return f"{stem}{again}@{HOST}"


def _tasks(data: TableData, as_of: dt.date) -> list[OpenTask]:
    used = data.used
    days = to_days(data.column("due")[:used])[0]
    states = data.column("task_status")[:used]
    late = overdue(days, states, as_of)
    ids = normal_ids(data.column("customer_id")[:used]).tolist()
    texts = {
        key: _column(data, key)
        for key in ("task", "customer_name", "owner", "department", "strategy", "deliverable", "proposed_for")
    }
    uids = _Uids()
    found = []
    for i in range(used):
        if not (texts["task"][i] or ids[i]):
            continue
        # a proposed task stays the same when its text is changed, any other is its text
        uid = uids.of("task", ids[i], texts["proposed_for"][i] or texts["task"][i])
        if not is_open(states[i]):
            continue
        found.append(
            OpenTask(
                task=texts["task"][i],
                customer_id=ids[i],
                customer=texts["customer_name"][i],
                owner=texts["owner"][i],
                department=texts["department"][i],
                due=days[i].item(),
                overdue=late[i],
                status="" if states[i] is None else str(states[i]),
                strategy=texts["strategy"][i],
                deliverable=texts["deliverable"][i],
                uid=uid,
            )
        )
    return sorted(found, key=lambda t: t.due or dt.date.max)


def _care(data: TableData) -> list[CareDate]:
    used = data.used
    days = to_days(data.column("care_date")[:used])[0]
    ids = normal_ids(data.column("customer_id")[:used]).tolist()
    names, reasons, owners, phones, hints = (
        _column(data, key) for key in ("customer_name", "care_reason", "owner", "phone", "hint")
    )
    uids = _Uids()
    found = []
    for i in range(used):
        day: dt.date | None = days[i].item()
        if day is None:
            continue
        uid = uids.of("care", ids[i], reasons[i], day.isoformat())
        found.append(CareDate(day, ids[i], names[i], reasons[i], owners[i], phones[i], hints[i], uid))
    return found
