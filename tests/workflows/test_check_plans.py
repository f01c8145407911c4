"""Mistakes in targets, reviews and tasks: a finding and empty cells, never a wrong number."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import crm_xl
from crm_xl.cells import CellError
from crm_xl.workflows.check import check
from tests.support import task_books
from tests.support.books import foreign, shown
from tests.support.editing import delete_table_row, set_name, type_rows
from tests.support.recompute_tasks import named
from tests.support.validators import assert_clean

AS_OF = dt.date(2024, 8, 30)
TARGETS: list[tuple[str, str, str, Any, str | None]] = [
    # kind, metric, scope, target value; the finding
    ("达到", "利润", "全部", 5.0, "target_unknown_metric"),
    ("名单", "所属行业", "全部", 20.0, "target_unknown_field"),
    ("名单", "年消费金额", "全部", 0.0, "target_share"),
    ("名单", "年消费金额", "火星", 20.0, "scope_matches_nothing"),
    ("达到", "客户数", "火星", 5.0, "scope_matches_nothing"),
    ("达到", "客户数", "全部", None, "target_no_value"),
    ("达到", "客户数", "全部", "很多", "value_not_number"),
    ("随便", "客户数", "全部", 5.0, "target_unknown_kind"),
    ("提升%", "客户数", "全部", 20.0, None),
    ("达到", "增购率", "全部", 0.1, None),
    ("达到", "CSAT", "高价值", 0.8, None),
    ("达到", "客户数", "二级(潜力客户)", 5.0, None),  # a level that no column shows
    ("名单", "CLV", "高价值沉睡客户", 50.0, None),  # nor this figure
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    task_books.make(path, sample=True, as_of=AS_OF, formulas="values")
    return path


def rules(path: Path, sheet: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for f in check(path).findings:
        if f.sheet == sheet:
            found.setdefault(f.cell, []).append(f.rule)
            assert "{" not in f.text
    return found


def test_a_new_book_has_no_findings(book: Path) -> None:
    for sheet in ("目标与范围", "周复盘", "任务"):
        assert rules(book, sheet) == {}


def test_targets(book: Path) -> None:
    kinds, metrics, scopes, values, _ = (list(x) for x in zip(*TARGETS, strict=True))
    type_rows(book, "Targets", {
        "目标": [f"目标{i}" for i in range(len(TARGETS))], "类型": kinds, "指标": metrics, "范围": scopes, "目标值": values,
        "截止日期": [dt.datetime(2024, 12, 31)] * len(TARGETS),
    })  # fmt: skip
    crm_xl.refresh(book, as_of=AS_OF)
    rows = shown(book, "Targets")
    found = rules(book, "目标与范围")
    for i, (*_, finding) in enumerate(TARGETS):
        told = {
            rule for cell, names in found.items() if cell.lstrip("ABCDEFGHIJKLMNOP") == str(6 + i) for rule in names
        }
        assert (finding in told) if finding else not told, (TARGETS[i], told)
    customers = len(shown(book, "Customers"))
    assert [r["当前值"] for r in rows[:4]] == [None] * 4
    assert (rows[4]["当前值"], rows[7]["当前值"], rows[8]["当前值"]) == (0, customers, customers)
    # a rise over nothing is no progress
    assert rows[8]["完成度"] is None
    assert 0 <= rows[9]["当前值"] <= 1 and 0 <= rows[10]["当前值"] <= 1
    assert {r["目标"] for r in shown(book, "TargetList")} == {f"目标{len(TARGETS) - 1}"}
    # a mistake that nobody can measure is reviewed by nobody
    assert {r["指标"] for r in shown(book, "Reviews")} == {"复购率", "潜在客户数", "流失率", "客户数", "增购率", "CSAT"}
    assert not crm_xl.refresh(book, as_of=AS_OF).changed


def test_reviews(book: Path) -> None:
    type_rows(book, "Reviews", {
        "周次": ["2024-W35", "下周", None, "2024-W35", "2024-W34", CellError("#N/A")],
        "指标": ["利润", "客户数", "客户数", "客户数", "客户数", "客户数"],
        "范围": ["全部"] * 6, "目标": [5.0, 5.0, 5.0, "多", 5.0, 5.0], "实际": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "差距": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    })  # fmt: skip
    crm_xl.refresh(book, as_of=AS_OF)
    rows = shown(book, "Reviews")
    customers = len(shown(book, "Customers"))
    assert [r["实际"] for r in rows[:6]] == [None, 2, customers, customers, 5, 6]
    assert [r["差距"] for r in rows[:6]] == [None, 2, customers - 5, None, 5, 6]
    found = rules(book, "周复盘")
    assert found["B5"] == ["target_unknown_metric"] and found["A6"] == ["week_unreadable"]
    assert found["D8"] == ["value_not_number"] and "value_error_cell" in found["A10"]


def test_tasks(book: Path) -> None:
    customers = shown(book, "Customers")
    rows = shown(book, "Tasks")
    gone = str(rows[0]["客户编号"])
    delete_table_row(book, "Customers", [str(c["客户编号"]) for c in customers].index(gone))
    type_rows(book, "Tasks", {
        "状态": ["已完成", "怪", *[r["状态"] for r in rows[2:]]],
        "截止日期": [r["截止日期"] for r in rows[:-1]] + ["下周"],
        "负责人": [*[r["负责人"] for r in rows[:3]], None, CellError("#REF!"), "王; *?~", *[r["负责人"] for r in rows[6:]]],
    })  # fmt: skip
    crm_xl.refresh(book, as_of=AS_OF)
    found = rules(book, "任务")
    assert found["B5"] == ["task_unknown_customer"]
    assert found["I6"] == ["task_unknown_state"]
    assert found[f"G{len(rows) + 4}"] == ["value_not_date"]
    now = shown(book, "Tasks")
    assert now[0]["客户"] is None and now[1]["客户"]
    board = {r["负责人"]: r for r in shown(book, "TaskBoard")}
    assert list(board)[-1] == "未分配" and "王; *?~" in board
    counted = sum(r[h] for r in board.values() for h in ("未开始", "进行中", "已完成", "逾期"))
    assert counted == len([t for t in now if t["状态"] not in ("怪", "已取消")])


def test_no_customers_at_all(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    task_books.make(path, as_of=AS_OF)
    assert shown(path, "Tasks") == shown(path, "Care") == shown(path, "TargetList") == shown(path, "TaskBoard") == []
    for name in ("KpiTaskRate", "KpiVisits", "KpiReached", "KpiTrials"):
        assert named(path, name) is None
    assert named(path, "KpiTaskOpen") == 0
    assert not crm_xl.refresh(path, as_of=AS_OF).changed
    assert_clean(path)


def test_wrong_settings_fall_back(book: Path) -> None:
    set_name(book, "TaskLimit", "很多")
    set_name(book, "CareDays", -5)
    report = crm_xl.refresh(book, as_of=AS_OF)
    assert len(report.rule_findings) == 2
    assert shown(book, "Care")


def test_columns_taken_out(tmp_path: Path) -> None:
    """A table of the user's own making with few of our columns."""
    path = foreign(
        tmp_path / "b.xlsx", ["客户编号", "客户名称", "生日"], [["C1", "甲", dt.datetime(1980, 9, 1)], [None, "乙", "夏天"]],
        more={
            "Tasks": (["任务", "状态"], [["回访", None]]),
            "Targets": (["目标", "指标"], [["x", "客户数"]]),
            "Reviews": (["周次", "指标"], [["2024-W35", "客户数"]]),
            "Care": (["日期", "客户编号", "提示"], [[None, None, None]]),
            "TargetList": (["目标", "排名"], [[None, None]]),
        },
    )  # fmt: skip
    crm_xl.refresh(path, as_of=AS_OF)
    (line,) = shown(path, "Care")
    assert (line["日期"], line["客户编号"]) == ((dt.date(2024, 9, 1) - dt.date(1899, 12, 30)).days, "C1")
    assert len(shown(path, "Tasks")) == 1
    check(path)
