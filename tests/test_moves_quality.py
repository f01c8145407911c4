"""The sheet of data quality: a typed error appears with a link to its cell, and goes when it is mended."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import crm_xl
from tests.support import recompute
from tests.support import recompute_quality as again
from tests.support.editing import set_name, set_table_cell
from tests.support.lint import lint
from tests.test_moves_accounts import compare_charts, figure

AS_OF = dt.date(2024, 6, 30)
SHEET = "数据质量"
RULES = [
    "缺失",
    "重复",
    "写成文本",
    "类型不对",
    "不可能的值",
    "对不上",
    "单位混用",
    "异常值",
    "测试账户",
    "久未更新",
    "规则和计划",
]
LINK = re.compile(r'=HYPERLINK\("#\'(?P<sheet>[^\']+)\'!(?P<cell>[A-Z]+\d+)","(?P=cell)"\)')


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("quality") / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF, formulas="values")
    return path


@pytest.fixture
def copy(book: Path, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    return path


def compare(path: Path, stale: int = 90) -> list[tuple[str, str, Any]]:
    """Every figure of the sheet against the table and the customers; gives (rule, cell, what it holds) of each line,
    found by following its link."""
    shown = recompute.read_table(path, "Quality")
    wrong, rows = again.wrong_rows(path, AS_OF), len(recompute.read_table(path, "Customers"))
    assert figure(path, "QualityAccuracy") == pytest.approx((rows - len(wrong)) / rows)
    counted = again.counts(path)
    assert again.area(path, "QualityCounts") == [
        [r, *(counted.get((r, s), 0) for s in ("错误", "提醒"))] for r in RULES
    ]
    assert figure(path, "QualityErrors") == sum(n for (_, s), n in counted.items() if s == "错误")
    assert figure(path, "QualityWarnings") == sum(n for (_, s), n in counted.items() if s == "提醒")
    assert shown["级别"].tolist() == sorted(shown["级别"], key="错误提醒".index), "errors first"
    late = again.stale_rows(path, AS_OF, stale)
    names = recompute.read_table(path, "Customers")["客户名称"]
    assert [names[i] for i in late] == shown[shown["规则"] == "久未更新"]["客户"].tolist()
    compare_charts(path, only=(SHEET,))
    return followed(path)


def followed(path: Path) -> list[tuple[str, str, Any]]:
    formulas, values = openpyxl.load_workbook(path), recompute.load(path)
    sheet = formulas[SHEET]
    shown = recompute.read_table(path, "Quality")
    top = openpyxl.utils.range_boundaries(sheet.tables["Quality"].ref)[1]
    found = []
    for row, (where, cell, rule) in enumerate(
        zip(shown["工作表"], shown["单元格"], shown["规则"], strict=True), top + 1
    ):
        link = LINK.fullmatch(sheet.cell(row, 2).value)
        assert link is not None and (link["sheet"], link["cell"]) == (where, cell)
        found.append((rule, f"{where}!{cell}", values[where][cell].value))
    return found


def cells(path: Path) -> dict[tuple[str, str], Any]:
    return {(s.title, c.coordinate): c.value for s in recompute.load(path) for r in s.iter_rows() for c in r}


def test_right_from_the_start(book: Path) -> None:
    found = compare(book)
    assert {rule for rule, _, _ in found} == {"久未更新"} and len(found) > 10
    assert all(isinstance(value, dt.datetime) for _, _, value in found)
    assert figure(book, "QualityNote") == f"共 {len(found)} 个问题。准确率达到目标。"
    assert crm_xl.refresh(book, as_of=AS_OF).changed is False
    assert [x for x in lint(book, ours=True) if "inlineStr" not in x and "sharedStrings" not in x] == []


def test_errors_come_and_go(copy: Path) -> None:
    before, was = cells(copy), compare(copy)
    typed = {"满意度评分(1-5)": (3, 7.0), "信息更新日期": (5, "2024.6.1"), "投诉次数": (8, -2.0)}
    old = {h: recompute.read_table(copy, "Customers")[h][row] for h, (row, _) in typed.items()}
    for header, (row, value) in typed.items():
        set_table_cell(copy, "Customers", row, header, value)
    crm_xl.refresh(copy, as_of=AS_OF)
    found = compare(copy)
    assert [v for _, _, v in found[:3]] == [7.0, "2024.6.1", -2.0], "in the order of their rows, before the warnings"
    shown = recompute.read_table(copy, "Quality")
    assert shown["建议"].tolist()[1] == "2024-06-01"
    assert figure(copy, "QualityAccuracy") == pytest.approx(1 - 3 / len(recompute.read_table(copy, "Customers")))
    for header, (row, _) in typed.items():
        set_table_cell(copy, "Customers", row, header, old[header])
    crm_xl.refresh(copy, as_of=AS_OF)
    assert compare(copy) == was
    after = cells(copy)
    assert {k for k in before.keys() | after.keys() if (before.get(k) or None) != (after.get(k) or None)} == set()


def test_a_warning_moves_nothing_else(copy: Path) -> None:
    before = cells(copy)
    set_table_cell(copy, "Customers", 4, "联系电话", "13800138000")
    set_table_cell(copy, "Customers", 6, "联系电话", recompute.read_table(copy, "Customers")["联系电话"][2])
    crm_xl.refresh(copy, as_of=AS_OF)
    found = compare(copy)
    assert [rule for rule, _, _ in found][:4].count("测试账户") == 1
    assert [rule for rule, _, _ in found].count("重复") == 1
    after = cells(copy)
    moved = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    assert len({c for s, c in moved if s == "客户基础信息表"}) == 2
    assert {s for s, _ in moved} == {"客户基础信息表", SHEET}


def test_an_accuracy_below_the_goal(copy: Path) -> None:
    for row in range(11):
        set_table_cell(copy, "Customers", row, "满意度评分(1-5)", "不错")
    crm_xl.refresh(copy, as_of=AS_OF)
    compare(copy)
    assert "准确率低于目标" in figure(copy, "QualityNote")
    set_name(copy, "AccuracyGoal", 0.9)
    crm_xl.refresh(copy, as_of=AS_OF)
    assert figure(copy, "QualityGoal") == 0.9 and "准确率达到目标" in figure(copy, "QualityNote")


def test_an_order_in_another_unit(copy: Path) -> None:
    """万元 among 元: pointed out, never changed."""
    orders = recompute.read_table(copy, "Orders")
    usual = orders["金额(元)"].astype(float).median()
    amount = round(float(usual) / 10_000, 4)
    set_table_cell(copy, "Orders", 10, "金额(元)", amount)
    crm_xl.refresh(copy, as_of=AS_OF)
    found = compare(copy)
    assert [v for rule, place, v in found if rule in ("单位混用", "异常值") and place.startswith("订单!")] == [amount]
    assert recompute.read_table(copy, "Orders")["金额(元)"][10] == amount


def test_days_until_stale(copy: Path) -> None:
    set_name(copy, "StaleDays", 200.0)
    crm_xl.refresh(copy, as_of=AS_OF)
    fewer = compare(copy, 200)
    assert 0 < len(fewer) < 18
