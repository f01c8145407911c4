"""In the full workbook everything moves that should: every sheet of results, every chart, every tile."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import crm_xl
from crm_xl.vocabulary.texts import SHEETS
from crm_xl.workbook.layouts import TEMPLATES
from tests.support import recompute
from tests.support.editing import Editor, letters, set_table_cell

AS_OF = dt.date(2024, 6, 30)
INPUTS = {"guide", "questionnaire", "improvements", "strategies", "bands", "parameters", "orders",
          "interactions", "complaints", "surveys", "needs"}  # fmt: skip
"""Sheets that only people fill: there, nothing but the edited cells may change."""
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(path: Path) -> dict[tuple[str, str], Any]:
    book = recompute.load(path)
    return {(s.title, c.coordinate): c.value for s in book for row in s.iter_rows() for c in row if c.value is not None}


def charts(path: Path) -> dict[str, list[list[str]]]:
    """Cached numbers of each chart by its part."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: [
                [v.text for v in series.find(f"{CHART}val").iter(f"{CHART}v")]
                for series in etree.fromstring(archive.read(name)).iter(f"{CHART}ser")
            ]
            for name in archive.namelist()
            if re.fullmatch(r"xl/charts/chart\d+\.xml", name)
        }


def tiles(path: Path) -> dict[str, Any]:
    """The figures of the dashboard and of other sheets, by name."""
    book, found = recompute.load(path), {}
    for name in book.defined_names:
        if re.match(r"(Dash|Kpi)[A-Z]", name) and not name.startswith(("DashHeat", "DashRisk", "DashAsOf")):
            sheet, cell = next(iter(book.defined_names[name].destinations))
            found[name] = book[sheet][cell.replace("$", "")].value
    return found


def add_row(path: Path, table: str, values: dict[str, Any]) -> set[tuple[str, str]]:
    """A row typed below a table; the cells that were filled."""
    shown = recompute.read_table(path, table)
    editor = Editor(path)
    sheet, _, headers, (top, left, _, _) = editor.table(table)
    line = top + 1 + len(shown)
    filled = set()
    for header, value in values.items():
        cell = f"{letters(left + headers.index(header))}{line}"
        editor.set(sheet, cell, value)
        filled.add((sheet, cell))
    editor.resize(table, len(shown) + 1)
    editor.save()
    return filled


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("full") / "book.xlsx"
    crm_xl.new_workbook(path, template="full", sample=True, as_of=AS_OF, formulas="spill")
    return path


@pytest.fixture(scope="module")
def moved(before: Path) -> tuple[Path, set[tuple[str, str]]]:
    """The same after one of each was added or changed, and refreshed; the cells that were edited."""
    path = before.with_name("edited.xlsx")
    path.write_bytes(before.read_bytes())
    picked = str(next(iter(recompute.read_table(path, "LoyaltyBalances")["客户编号"])))
    book = recompute.load(path)
    sheet, cell = next(iter(book.defined_names["EvaluationCustomer"].destinations))
    best = book[sheet][cell.replace("$", "")].value
    day = dt.datetime(2024, 6, 29)
    edited = add_row(
        path, "Orders", {"订单号": "N1", "客户编号": best, "订单日期": day, "金额(元)": 900_000.0, "产品": "A产品"}
    )
    edited |= add_row(path, "Orders", {"订单号": "N2", "客户编号": "新来的", "订单日期": day, "金额(元)": 500.0})
    shown = recompute.read_table(path, "Customers")
    prospect = shown["客户编号"][shown["生命周期阶段"] == "潜在"].iloc[0]
    edited |= add_row(path, "Orders", {"订单号": "N3", "客户编号": prospect, "订单日期": day, "金额(元)": 500.0})
    lost = shown[shown["活跃状态"] == "流失"].sort_values("最近合作时间")["客户编号"].iloc[-1]
    edited |= add_row(path, "Orders", {"订单号": "N4", "客户编号": lost, "订单日期": day, "金额(元)": 500.0})
    calm = shown["客户编号"][shown["流失风险标记"] == "否"].iloc[0]
    late = {
        "日期": dt.datetime(2024, 6, 10),
        "客户编号": "新来的",
        "方式": "电话",
        "下次联系时间": dt.datetime(2024, 6, 20),
    }
    edited |= add_row(path, "Interactions", late)
    for _ in range(2):
        edited |= add_row(path, "Complaints", {"日期": day, "客户编号": calm, "内容": "错发", "原因": "交付"})
    edited |= add_row(
        path, "Interactions", {"日期": day, "客户编号": calm, "方式": "电话", "类型": "试用开通", "结果": "已完成"}
    )
    edited |= add_row(path, "Interactions", {"日期": day, "客户编号": calm, "方式": "官网", "类型": "试用激活", "结果": "已完成"})  # fmt: skip
    edited |= add_row(path, "Surveys", {"日期": day, "客户编号": best, "来源": "问卷", "产品质量": 1.0, "服务响应": 1.0,
                                        "客户体验": 1.0, "满意度(1-5)": 1.0, "推荐意愿(0-10)": 0.0, "反馈": "很慢"})  # fmt: skip
    edited |= add_row(path, "Complaints", {"日期": day, "客户编号": best, "内容": "迟", "原因": "交付"})
    edited |= add_row(
        path,
        "Needs",
        {"客户编号": best, "日期": day, "需求": "专人", "类别": "个性化", "敏感点": "价格", "优先级": "高"},
    )
    edited |= add_row(path, "Loyalty", {"客户编号": picked, "日期": day, "积分变动": 77.0, "原因": "活动"})
    for purpose, method, outcome in (("资料发送", "邮件", "已完成"), ("试用激活", "官网", "已完成"), ("回访", "拜访", "已完成"),
                                     ("回访", "电话", "未接通")):  # fmt: skip
        edited |= add_row(path, "Interactions", {"日期": day, "客户编号": best, "方式": method, "类型": purpose, "结果": outcome,
                                                 "下次联系时间": dt.datetime(2024, 7, 2)})  # fmt: skip
    for table, row, header, value in (
        ("Indicators", 0, "权重(%)", 25.0), ("Targets", 0, "目标值", 0.97), ("AccountCriteria", 0, "权重(%)", 60.0),
        ("Tasks", 4, "状态", "已完成"), ("Tasks", 5, "截止日期", dt.datetime(2024, 6, 1)),
    ):  # fmt: skip
        set_table_cell(path, table, row, header, value)
        sheet, _, headers, (top, left, _, _) = Editor(path).table(table)
        edited.add((sheet, f"{letters(left + headers.index(header))}{top + 1 + row}"))
    crm_xl.refresh(path, as_of=AS_OF)
    return path, edited


def test_every_sheet_of_results_moves_and_no_other(before: Path, moved: tuple[Path, set[tuple[str, str]]]) -> None:
    path, edited = moved
    old, new = cells(before), cells(path)
    differs = {k for k in old.keys() | new.keys() if old.get(k) != new.get(k)}
    names = {key: SHEETS[key][0] for key in TEMPLATES["full"].sheets}
    still = [key for key, name in names.items() if key not in INPUTS and not any(s == name for s, _ in differs)]
    assert still == []
    inputs = {names[key] for key in INPUTS}
    assert {place for place in differs if place[0] in inputs} <= edited


def test_every_chart_moves(before: Path, moved: tuple[Path, set[tuple[str, str]]]) -> None:
    old, new = charts(before), charts(moved[0])
    assert old.keys() == new.keys() and len(old) > 15
    assert [name for name in old if old[name] == new[name]] == []
    assert all(any(series) for series in new.values())


def test_every_tile_moves(before: Path, moved: tuple[Path, set[tuple[str, str]]]) -> None:
    old, new = tiles(before), tiles(moved[0])
    assert old.keys() == new.keys() and len(old) > 12
    assert [name for name in old if old[name] == new[name]] == []
