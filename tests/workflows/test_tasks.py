"""crm-xl tasks: what is open, and the calendar file, read back by icalendar and line by line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import icalendar
import pytest

import crm_xl
from crm_xl.workflows.tasks import calendar, open_tasks
from tests.support import task_books
from tests.support.books import cli, digest, done, foreign, refused, shown
from tests.support.editing import set_table_cell

AS_OF = dt.date(2024, 8, 30)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tasks") / "book.xlsx"
    task_books.make(path, sample=True, as_of=AS_OF, formulas="values")
    return path


def events(path: Path) -> list[Any]:
    return icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def test_calendar_file(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "任务.ics"
    before = digest(book)
    assert "个日程" in done("tasks", book, "--ics", out)
    assert digest(book) == before
    tasks = [t for t in shown(book, "Tasks") if t["状态"] not in ("已完成", "已取消")]
    care = shown(book, "Care")
    found = events(out)
    assert len(found) == len(tasks) + len(care)
    by_title = {str(e["SUMMARY"]): e for e in found}
    for task in tasks:
        mark = "【逾期】" if task["逾期"] else ""
        event = by_title[f"{mark}{task['任务']} · {task['客户']}"]
        day = event.decoded("DTSTART")
        assert type(day) is dt.date
        assert event.decoded("DTEND") == day + dt.timedelta(days=1)
        assert event["CATEGORIES"].cats == [task["负责人"]]
    dates = sorted(e.decoded("DTSTART") for e in found)
    assert dates == sorted([t["截止日期"].date() for t in tasks] + [c["日期"].date() for c in care])
    assert len({str(e["UID"]) for e in found}) == len(found)
    assert {e.decoded("DTSTAMP") for e in found} == {dt.datetime(2024, 8, 30, tzinfo=dt.UTC)}


def test_lines_are_as_the_standard_asks(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.ics"
    done("tasks", book, "--ics", out)
    data = out.read_bytes()
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in data.replace(b"\r\n", b"") and max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # no character is torn apart
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") > 0
    assert b"DTSTART;VALUE=DATE:20240" in data


def test_an_existing_file_stays_unless_forced(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.ics"
    out.write_text("mine")
    assert "--force" in refused(2, "tasks", book, "--ics", out)
    assert out.read_text() == "mine"
    done("tasks", book, "--ics", out, "--force")
    assert events(out)
    assert [p.name for p in tmp_path.iterdir()] == ["a.ics"]
    assert ".ics" in refused(2, "tasks", book, "--ics", tmp_path / "a.txt")
    assert "不存在" in refused(1, "tasks", book, "--ics", tmp_path / "nowhere" / "a.ics")


def test_uids_stay_when_a_task_is_put_off_or_another_one_is_done(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    before = {(t.customer_id, t.task): t.uid for t in open_tasks(path).tasks}
    rows = shown(path, "Tasks")
    proposed = [i for i, r in enumerate(rows) if r["来源"]]
    set_table_cell(path, "Tasks", proposed[0], "截止日期", dt.datetime(2024, 12, 1))
    set_table_cell(path, "Tasks", proposed[0], "任务", "改过的名字")
    set_table_cell(path, "Tasks", proposed[1], "状态", "已完成")
    crm_xl.refresh(path, as_of=AS_OF)
    after = {(t.customer_id, t.task): t.uid for t in open_tasks(path).tasks}
    first = rows[proposed[0]]
    assert after[str(first["客户编号"]), "改过的名字"] == before[str(first["客户编号"]), first["任务"]]
    assert set(after.values()) < set(before.values())
    assert calendar(open_tasks(book)) == calendar(open_tasks(book))


def test_the_same_task_twice_is_two_events(tmp_path: Path) -> None:
    path = foreign(
        tmp_path / "b.xlsx", ["客户编号", "客户名称"], [["C1", "甲"]],
        more={"Tasks": (
            ["任务", "客户编号", "负责人", "截止日期", "状态"],
            [["回访", "C1", "王; 小明, \\ 王", dt.datetime(2024, 7, 1), None], ["回访", "C1", None, dt.datetime(2024, 7, 2), "x"],
             ["没有日期", None, None, None, "进行中"], ["完", "C1", None, dt.datetime(2024, 7, 2), "Done"]],
        )},
    )  # fmt: skip
    report = open_tasks(path)
    assert [t.task for t in report.tasks] == ["回访", "回访", "没有日期"]
    assert len({t.uid for t in report.tasks}) == 3
    out = tmp_path / "a.ics"
    assert "1 个任务没有截止日期" in done("tasks", path, "--ics", out)
    first, second = events(out)
    assert first["CATEGORIES"].cats == ["王; 小明, \\ 王"] and "CATEGORIES" not in second
    assert str(first["SUMMARY"]) == "【逾期】回访 · C1"  # a book without a date of its own: today counts


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_printed(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "book.xlsx"
    task_books.make(path, lang, sample=True, as_of=AS_OF, formulas="values")  # type: ignore[arg-type]
    text = done("tasks", path)
    late = "逾期" if lang == "zh" else "overdue"
    assert late in text and "2024-09-06" in text
    found = json.loads(done("tasks", path, "--json"))
    assert found["as_of"] == "2024-08-30" and found["undated"] == 0
    assert len(found["tasks"]) > 20 and len(found["care"]) > 100
    assert [t["due"] for t in found["tasks"]] == sorted(t["due"] for t in found["tasks"])
    out = tmp_path / "a.ics"
    found = json.loads(done("tasks", path, "--ics", out, "--json"))
    assert found["events"] == len(events(out)) and found["calendar"] == str(out)


def test_nothing_to_do_and_no_tasks_at_all(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    task_books.make(path, as_of=AS_OF)
    assert done("tasks", path).strip() == "没有待完成的任务。"
    out = tmp_path / "a.ics"
    done("tasks", path, "--ics", out)
    assert events(out) == []
    bare = foreign(tmp_path / "b.xlsx", ["客户编号"], [["C1"]])
    assert "任务" in refused(1, "tasks", bare)
    assert cli("tasks", tmp_path / "missing.xlsx").exit_code == 1
