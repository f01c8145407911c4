"""Tasks, board, reviews, lists and care move when what they rest on is changed by another program, and nothing
else does."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree

import crm_xl
from tests.support import recompute_tasks as again
from tests.support import task_books
from tests.support.editing import delete_table_row, set_name, set_table_cell, type_rows
from tests.support.lint import lint
from tests.support.recompute import read_table
from tests.test_moves import cells, letters_of

AS_OF = dt.date(2024, 8, 30)
LATER = dt.date(2024, 9, 12)
KEY = "C020"
SHEETS = {
    "tasks": "任务",
    "board": "任务看板",
    "reviews": "周复盘",
    "care": "关怀日历",
    "goals": "目标与范围",
    "calc": "Calc",
}
Place = tuple[str, str]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything proposed that there is to propose, and one key account."""
    path = tmp_path_factory.mktemp("tasks") / "book.xlsx"
    task_books.make(path, sample=True, as_of=AS_OF, formulas="spill")
    set_name(path, "TaskLimit", 500)
    ids = [str(c) for c in read_table(path, "Customers")["客户编号"]]
    type_rows(path, "Customers", {"是否大客户": ["是" if c == KEY else "否" for c in ids]})
    crm_xl.refresh(path, as_of=AS_OF)
    return path


def compare(path: Path, as_of: dt.date = AS_OF, *, percent: float = 20, ahead: int = 60) -> None:
    """Every figure of these sheets, against the recomputation."""
    shown = read_table(path, "TaskBoard").set_index("负责人")
    expected = again.board(path, as_of)
    assert list(shown.index) == sorted(expected, key=lambda o: (o == "未分配", o))
    for owner, figures in expected.items():
        assert shown.loc[owner].tolist() == pytest.approx(figures), owner
    compare_chart(path, expected)
    totals = [sum(f[i] for f in expected.values()) for i in range(4)]
    assert again.named(path, "KpiTaskOpen") == totals[0] + totals[1] + totals[3]
    assert again.named(path, "KpiTaskOverdue") == totals[3]
    assert again.named(path, "KpiTaskDone") == totals[2]
    assert again.named(path, "KpiTaskRate") == (pytest.approx(totals[2] / sum(totals)) if sum(totals) else None)
    tasks = again.tasks(path)
    marks = again.late(tasks, as_of)
    assert [m == "逾期" for m in tasks["逾期"]] == marks.tolist()
    names = {str(r["客户编号"]): r["客户名称"] for _, r in read_table(path, "Customers").iterrows()}
    assert tasks["客户"].tolist() == [names.get(str(c)) for c in tasks["客户编号"]]
    for name, value in again.process(path, as_of).items():
        assert again.named(path, name) == (value if value is None else pytest.approx(value)), name
    listed = read_table(path, "TargetList")
    wanted = again.top_list(path, "年消费金额(万元)", percent)
    assert sorted(zip(listed["客户编号"].astype(str), listed["数值"], strict=True)) == sorted(wanted)
    assert listed["数值"].is_monotonic_decreasing
    lines = read_table(path, "Care")
    found = [(d.date(), str(c), w) for d, c, w in zip(lines["日期"], lines["客户编号"], lines["事由"], strict=True)]
    assert sorted(found) == sorted(again.care(path, as_of, ahead))
    assert lines["日期"].is_monotonic_increasing
    assert again.named(path, "KpiCareAll") == len(found)
    assert again.named(path, "KpiCareLate") == sum(d < as_of for d, _, _ in found)
    assert again.named(path, "KpiCareWeek") == sum(0 <= (d - as_of).days <= 7 for d, _, _ in found)


def compare_chart(path: Path, expected: dict[str, list[Any]]) -> None:
    """The chart's cached series hold the board."""
    c = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    found = {}
    with zipfile.ZipFile(path) as archive:
        for part in (n for n in archive.namelist() if n.startswith("xl/charts/chart")):
            for ser in etree.fromstring(archive.read(part)).iter(f"{c}ser"):
                if SHEETS["board"] in ser.find(f"{c}cat").find(f".//{c}f").text:
                    owners = [v.text for v in ser.find(f"{c}cat").iter(f"{c}v")]
                    counts = [float(v.text) for v in ser.find(f"{c}val").iter(f"{c}v")]
                    found[ser.find(f"{c}tx").find(f".//{c}v").text] = dict(zip(owners, counts, strict=True))
    for i, title in enumerate(("未开始", "进行中", "已完成", "逾期")):
        assert found[title] == {owner: figures[i] for owner, figures in expected.items()}, title


def changed(book: Path, tmp_path: Path, edit: Callable[[Path], Any], as_of: dt.date = AS_OF) -> tuple[Path, set[Place]]:
    path = tmp_path / "edited.xlsx"
    shutil.copy(book, path)
    before = cells(path)
    edit(path)
    crm_xl.refresh(path, as_of=as_of)
    after = cells(path)
    return path, {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}


def on(moved: set[Place], key: str) -> set[str]:
    return {cell for sheet, cell in moved if sheet == SHEETS[key]}


def columns(moved: set[Place], key: str) -> set[str]:
    return {cell.rstrip("0123456789") for cell in on(moved, key)}


def test_right_from_the_start_and_a_second_refresh_does_nothing(book: Path, tmp_path: Path) -> None:
    compare(book)
    proposed = again.tasks(book)
    proposed = proposed[proposed["来源"].notna()]
    assert set(zip(proposed["客户编号"].astype(str), proposed["来源"], strict=True)) == again.wanted_tasks(book)
    assert set(proposed["状态"]) == {"未开始"}
    days = {(d.date() - AS_OF).days for d in proposed["截止日期"]}
    assert days == {7, 14}
    path = tmp_path / "again.xlsx"
    shutil.copy(book, path)
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_one_status(book: Path, tmp_path: Path) -> None:
    """A task is done: the board's row of its owner and the figures above, nothing else."""
    tasks = again.tasks(book)
    row = int(tasks.index[tasks["来源"].notna()][0])
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Tasks", row, "状态", "已完成"))
    compare(path)
    assert {s for s, _ in moved} == {SHEETS["tasks"], SHEETS["board"]}
    assert on(moved, "tasks") == {f"{letters_of(path, 'Tasks')['状态']}{row + 5}"}
    owners = list(read_table(path, "TaskBoard")["负责人"])
    line = 30 + owners.index(tasks["负责人"][row])
    letters = letters_of(path, "TaskBoard")
    board = {c for c in on(moved, "board") if int(c.lstrip("ABCDEFGHIJ")) >= 30}
    assert board == {f"{letters[h]}{line}" for h in ("未开始", "已完成", "完成率")}
    assert len(on(moved, "board") - board) == 3


def test_one_due_date(book: Path, tmp_path: Path) -> None:
    """A task whose day has passed is overdue, and the board counts it there alone."""
    tasks = again.tasks(book)
    row = int(tasks.index[tasks["来源"].notna()][1])
    path, moved = changed(
        book, tmp_path, lambda p: set_table_cell(p, "Tasks", row, "截止日期", dt.datetime(2024, 8, 29))
    )
    compare(path)
    letters = letters_of(path, "Tasks")
    assert on(moved, "tasks") == {f"{letters[h]}{row + 5}" for h in ("截止日期", "逾期")}
    assert {s for s, _ in moved} == {SHEETS["tasks"], SHEETS["board"]}


def test_one_target(book: Path, tmp_path: Path) -> None:
    """The best 10 per cent instead of 20: a shorter list; the typed figures of reviews stay."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Targets", 3, "目标值", 10.0))
    compare(path, percent=10)
    assert {s for s, _ in moved} == {SHEETS["goals"]}
    letters = letters_of(path, "Targets")
    assert {c for c in on(moved, "goals") if c[0] <= "K"} == {f"{letters[h]}9" for h in ("目标值", "当前值")}
    targets = read_table(path, "Targets")
    assert targets["当前值"][3] == len(read_table(path, "TargetList"))

    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Targets", 1, "目标值", 10.0))
    prospects = int((read_table(path, "Customers")["活跃状态"] == "潜在").sum())
    row = read_table(path, "Targets").loc[1]
    assert row["当前值"] == prospects and row["完成度"] == pytest.approx(min(2, prospects / 10))
    assert on(moved, "goals") == {f"{letters[h]}7" for h in ("目标值", "完成度", "状态")}
    assert {s for s, _ in moved} == {SHEETS["goals"]}


def test_one_order(book: Path, tmp_path: Path) -> None:
    """A customer's order of 3 million: first of the list. No task of anybody's changes."""
    orders = read_table(book, "Orders")
    row = int(orders.index[(orders["客户编号"] == "C045") & (orders["订单日期"] > dt.datetime(2023, 12, 1))][0])
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Orders", row, "金额(元)", 3_000_000.0))
    compare(path)
    assert read_table(path, "TargetList")["客户编号"][0] == "C045"
    listed = set(letters_of(path, "TargetList").values())
    assert columns(moved, "goals") & listed >= {letters_of(path, "TargetList")[h] for h in ("客户编号", "数值")}
    before, after = again.tasks(book), again.tasks(path)
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    assert on(moved, "care") == set()


def test_one_survey_answer(book: Path, tmp_path: Path) -> None:
    """A calm customer answers 1 of 5: at risk now, so a task is proposed, and the board and reviews follow."""
    customers = read_table(book, "Customers").set_index("客户编号")
    surveys = read_table(book, "Surveys")
    latest = surveys.reset_index().sort_values("日期").groupby("客户编号").tail(1)
    row = next(
        int(i) for i, c in zip(latest["index"], latest["客户编号"], strict=True)
        if customers["流失风险标记"][c] == "否" and (surveys["客户编号"] == c).sum() == 1
    )  # fmt: skip
    customer = str(surveys["客户编号"][row])
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Surveys", row, "满意度(1-5)", 1.0))
    compare(path)
    before, after = again.tasks(book), again.tasks(path)
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    new = after.iloc[len(before) :]
    risk = new[new["客户编号"] == customer].iloc[0]
    assert risk["任务"] == "挽留客户：满意度1"
    assert risk["来源"] == f"risk:{customers['客户类型标签'][customer]}"
    assert risk["负责人"] == customers["负责人"][customer]
    assert on(moved, "board") and on(moved, "calc")
    assert not on(moved, "care") and not on(moved, "goals") and not on(moved, "reviews")


def test_one_contact(book: Path, tmp_path: Path) -> None:
    """A visit yesterday settles an overdue contact and counts among the visits."""
    care = read_table(book, "Care")
    customer = str(care["客户编号"][0])
    log = read_table(book, "Interactions")
    row = int(log.index[(log["客户编号"] == customer)][-1])

    def edit(path: Path) -> None:
        set_table_cell(path, "Interactions", row, "日期", dt.datetime(2024, 8, 29))
        set_table_cell(path, "Interactions", row, "方式", "拜访")
        set_table_cell(path, "Interactions", row, "下次联系时间", None)

    path, moved = changed(book, tmp_path, edit)
    compare(path)
    assert again.named(path, "KpiVisits") == again.named(book, "KpiVisits") + 1
    assert again.named(path, "KpiCareLate") == again.named(book, "KpiCareLate") - 1
    assert on(moved, "care") and on(moved, "board")
    assert not on(moved, "reviews")


def test_one_birthday_and_one_setting(book: Path, tmp_path: Path) -> None:
    def edit(path: Path) -> None:
        set_table_cell(path, "Customers", 3, "生日", dt.datetime(1980, 8, 15))
        set_table_cell(path, "Customers", 3, "生日历法", "农历")

    path, moved = changed(book, tmp_path, edit)
    compare(path)
    customer = str(read_table(path, "Customers")["客户编号"][3])
    lines = read_table(path, "Care")
    # the Mid-Autumn day of 2024
    own = lines[(lines["客户编号"] == customer) & (lines["事由"] == "农历生日")]
    assert own["日期"].tolist() == [dt.datetime(2024, 9, 17)]
    assert "八月十五" in own["提示"].iloc[0]
    assert {s for s, _ in moved} == {SHEETS["care"], "客户基础信息表"}

    path, moved = changed(book, tmp_path, lambda p: set_name(p, "CareDays", 10))
    compare(path, ahead=10)
    assert {s for s, _ in moved} == {SHEETS["care"], "参数"}


def test_a_week_later(book: Path, tmp_path: Path) -> None:
    """New rows of reviews, tasks overdue, and what the user wrote into last week's rows stays."""

    def edit(path: Path) -> None:
        set_table_cell(path, "Reviews", 0, "未达标原因", "竞品降价")
        set_table_cell(path, "Tasks", 0, "任务", "改过的任务")

    path, _ = changed(book, tmp_path, edit, LATER)
    compare(path, LATER)
    before, after = read_table(book, "Reviews"), read_table(path, "Reviews")
    assert after["周次"].tolist() == ["2024-W35"] * 3 + ["2024-W37"] * 3
    for header in ("指标", "目标", "实际", "差距"):
        assert after[header].tolist()[:3] == before[header].tolist()
    assert after["未达标原因"][0] == "竞品降价"
    customers = read_table(path, "Customers")
    high = customers[(customers["价值层级"] == "高价值") & (customers["历史合作次数"].fillna(0).astype(float) >= 1)]
    rate = (high["历史合作次数"].astype(float) >= 2).mean()
    assert after["实际"][3] == pytest.approx(rate) and after["差距"][3] == pytest.approx(rate - 0.8)
    assert after["实际"][4] == (customers["活跃状态"] == "潜在").sum()
    tasks = again.tasks(path)
    assert tasks["任务"][0] == "改过的任务"
    assert (tasks["逾期"] == "逾期").sum() > (again.tasks(book)["逾期"] == "逾期").sum()
    keys = tasks.loc[tasks["来源"].notna(), ["客户编号", "来源"]]
    assert not keys.duplicated().any()


def test_what_the_user_deleted_is_not_proposed_again(book: Path, tmp_path: Path) -> None:
    tasks = again.tasks(book)
    row = int(tasks.index[tasks["来源"].notna()][2])
    gone = (tasks["客户编号"][row], tasks["来源"][row])

    def edit(path: Path) -> None:
        delete_table_row(path, "Tasks", row)
        delete_table_row(path, "Reviews", 1)

    path, _ = changed(book, tmp_path, edit)
    compare(path)
    left = again.tasks(path)
    assert len(left) == len(tasks) - 1
    assert gone not in set(zip(left["客户编号"], left["来源"], strict=True))
    assert read_table(path, "Reviews")["指标"].tolist() == ["复购率", "流失率"]
    # the editor's own ways with texts aside
    assert [x for x in lint(path, ours=True) if "inlineStr" not in x and "sharedStrings" not in x] == []


def test_the_limit_is_for_a_date(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    task_books.make(path, sample=True, as_of=AS_OF, formulas="values")
    own = again.tasks(path)["来源"].isna().sum()
    assert len(again.tasks(path)) == own + 20
    crm_xl.refresh(path, as_of=LATER)
    assert len(again.tasks(path)) == own + 40
    set_name(path, "TaskLimit", 0)
    crm_xl.refresh(path, as_of=LATER + dt.timedelta(days=1))
    assert len(again.tasks(path)) == own + 40
