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
from tests.support.editing import Editor, letters

AS_OF = dt.date(2024, 6, 30)
INPUTS = {"guide", "duplicates", "questionnaire", "improvements", "strategies", "bands", "parameters", "orders",
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


class Typist:
    """Types rows below tables and changes cells, and remembers where."""

    def __init__(self, path: Path) -> None:
        self.path, self.editor = path, Editor(path)
        self.typed: set[tuple[str, str]] = set()
        self.rows: dict[str, int] = {}

    def set(self, table: str, row: int, header: str, value: Any) -> None:
        sheet, _, headers, (top, left, _, _) = self.editor.table(table)
        cell = f"{letters(left + headers.index(header))}{top + 1 + row}"
        self.editor.set(sheet, cell, value)
        self.typed.add((sheet, cell))

    def add(self, table: str, **values: Any) -> None:
        row = self.rows.setdefault(table, len(recompute.read_table(self.path, table)))
        for header, value in values.items():
            self.set(table, row, header, value)
        self.rows[table] += 1
        self.editor.resize(table, row + 1)


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
    shown = recompute.read_table(path, "Customers")
    best = shown.loc[shown["年消费金额(万元)"].astype(float).idxmax(), "客户编号"]
    prospect = shown["客户编号"][shown["生命周期阶段"] == "潜在"].iloc[0]
    lost = shown[shown["活跃状态"] == "流失"].sort_values("最近合作时间")["客户编号"].iloc[-1]
    calm = shown["客户编号"][shown["流失风险标记"] == "否"].iloc[0]
    collector = recompute.read_table(path, "LoyaltyBalances")["客户编号"].iloc[0]
    once = shown[shown["历史合作次数"] == 1].sort_values("首次合作时间")["客户编号"].iloc[-1]
    # two of them, so that those at risk do not come out as many as before
    endangered, second = recompute.read_table(path, "Risks")["客户编号"].iloc[:2]
    day, typist = dt.datetime(2024, 6, 29), Typist(path)
    for number, (who, amount) in enumerate(
        (
            (best, 900_000.0),
            ("新来的", 500.0),
            (prospect, 500.0),
            (lost, 500.0),
            (endangered, 500.0),
            (once, 500.0),
            (second, 500.0),
        )
    ):
        line = {"订单号": f"N{number}", "客户编号": who, "订单日期": day, "金额(元)": amount, "产品": "A产品"}
        typist.add("Orders", **line)
    ratings = dict.fromkeys(("产品质量", "服务响应", "客户体验", "满意度(1-5)"), 1.0)
    typist.add("Surveys", 日期=day, 客户编号=best, 来源="问卷", 反馈="很慢", **ratings, **{"推荐意愿(0-10)": 0.0})
    for who in (best, calm, calm):
        typist.add("Complaints", 日期=day, 客户编号=who, 内容="迟", 原因="交付")
    typist.add("Needs", 客户编号=best, 日期=day, 需求="专人", 类别="个性化", 敏感点="价格", 优先级="高")
    typist.add("Loyalty", 客户编号=collector, 日期=day, 积分变动=77.0, 原因="活动")
    for who, purpose, method, outcome in (
        (best, "资料发送", "邮件", "已完成"), (best, "回访", "拜访", "已完成"), (best, "回访", "电话", "未接通"),
        (calm, "试用开通", "电话", "已完成"), (calm, "试用激活", "官网", "已完成"),
    ):  # fmt: skip
        talk = {"方式": method, "类型": purpose, "结果": outcome, "下次联系时间": dt.datetime(2024, 7, 2)}
        typist.add("Interactions", 日期=day, 客户编号=who, **talk)
    late = {"方式": "电话", "下次联系时间": dt.datetime(2024, 6, 20)}
    typist.add("Interactions", 日期=dt.datetime(2024, 6, 10), 客户编号="新来的", **late)
    for table, row, header, value in (
        ("Indicators", 0, "权重(%)", 25.0), ("Targets", 0, "目标值", 0.97), ("AccountCriteria", 0, "权重(%)", 60.0),
        ("Tasks", 4, "状态", "已完成"), ("Tasks", 5, "截止日期", dt.datetime(2024, 6, 1)),
    ):  # fmt: skip
        typist.set(table, row, header, value)
    typist.editor.save()
    crm_xl.refresh(path, as_of=AS_OF)
    return path, typist.typed


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
