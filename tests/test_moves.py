"""Everything moves that should, and nothing else: edits by another program, a refresh, and every
cell compared with a plain recomputation."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import crm_xl
from tests.support import recompute
from tests.support.editing import Editor, delete_table_row, set_name, set_table_cell, type_rows
from tests.support.lint import lint

AS_OF = dt.date(2024, 6, 30)
TEXTS = ("价值层级", "活跃状态", "生命周期阶段", "客户类型标签", "RFM 类别", "RFM 得分")
NUMBERS = ("年消费金额(万元)", "历史合作次数", "平均订单金额(万元)", "月均合作次数")
DATES = ("首次合作时间", "最近合作时间")
INPUT_SHEETS = ("订单", "互动记录", "策略库", "使用说明")


def cells(path: Path) -> dict[tuple[str, str], Any]:
    """Every cached value of a workbook."""
    book = recompute.load(path)
    return {(s.title, c.coordinate): c.value for s in book for row in s.iter_rows() for c in row if c.value is not None}


def compare(path: Path, as_of: dt.date = AS_OF, **edges: float) -> None:
    """The refreshed workbook shows what the recomputation says, cell by cell."""
    expected = recompute.customers(path, as_of, **edges)
    shown = recompute.read_table(path, "Customers")
    assert shown["客户编号"].astype(str).tolist() == expected["客户编号"].tolist()
    for header in TEXTS:
        assert [v or "" for v in shown[header]] == expected[header].tolist(), header
    for header in DATES:
        wanted = [None if pd.isna(d) else d.to_pydatetime() for d in expected[header]]
        assert shown[header].tolist() == wanted, header
    for header in NUMBERS:
        for a, b in zip(shown[header], expected[header], strict=True):
            assert (a is None and pd.isna(b)) or a == pytest.approx(b, rel=1e-9), header
    groups = recompute.groups(expected)
    profile = recompute.read_table(path, "Profile").set_index("细分群体")
    assert set(profile.index) == set(groups.index)
    for header in groups.columns:
        for name in groups.index:
            wanted = groups[header][name]
            got = profile[header][name]
            assert (got in (None, "") and pd.isna(wanted)) or got == pytest.approx(wanted, rel=1e-9), (header, name)
    plan = recompute.read_table(path, "Plan").set_index("细分群体")
    for name in groups.index:
        assert plan["数量"][name] == groups["客户数"][name]
        assert plan["占比"][name] == pytest.approx(groups["客户占比"][name], rel=1e-9)
    compare_cross(path, expected)
    compare_charts(path, groups, profile)
    compare_history(path, expected, as_of)


def compare_cross(path: Path, expected: pd.DataFrame) -> None:
    book = recompute.load(path)
    found = {}
    for name in ("CrossRows", "CrossColumns", "CrossCells"):
        sheet, ref = next(iter(book.defined_names[name].destinations))
        found[name] = [[c.value for c in row] for row in book[sheet][ref.replace("$", "")]]
    for i, (row,) in enumerate(found["CrossRows"]):
        for j, column in enumerate(found["CrossColumns"][0]):
            count = int(((expected["价值层级"] == row) & (expected["活跃状态"] == column)).sum())
            shown = found["CrossCells"][i][j]
            assert shown == count if row and column else shown in (None, ""), (row, column)


def compare_charts(path: Path, groups: pd.DataFrame, profile: pd.DataFrame) -> None:
    """The charts' cached series hold the groups as the sheet does."""
    from lxml import etree

    c = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    series = {}
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/charts/chart"):
                continue
            for ser in etree.fromstring(archive.read(part)).iter(f"{c}ser"):
                if "群体特征分析" not in ser.find(f"{c}cat").find(f".//{c}f").text:
                    continue
                names = [v.text for v in ser.find(f"{c}cat").iter(f"{c}v")]
                title = ser.find(f"{c}tx").find(f".//{c}v").text
                numbers = [float(v.text) for v in ser.find(f"{c}val").iter(f"{c}v")]
                series[title] = dict(zip(names, numbers, strict=True))
    for title in ("客户数", "年消费总额(万元)"):
        assert series[title] == pytest.approx(groups[title].to_dict(), rel=1e-9), title


def compare_history(path: Path, expected: pd.DataFrame, as_of: dt.date) -> None:
    history = recompute.read_table(path, "History")
    today = history[history["日期"] == dt.datetime(as_of.year, as_of.month, as_of.day)]
    assert today["客户类型标签"].tolist() == expected["客户类型标签"].tolist()
    trend = recompute.read_table(path, "Trend").set_index("日期")
    line = trend.loc[dt.datetime(as_of.year, as_of.month, as_of.day)]
    assert line["流失客户数"] == (expected["活跃状态"] == "流失").sum()
    assert line["沉睡客户数"] == (expected["活跃状态"] == "沉睡").sum()
    assert line["年消费总额(万元)"] == pytest.approx(
        expected["年消费金额(万元)"].fillna(0).astype(float).sum(), rel=1e-9
    )


@pytest.fixture(scope="module", params=["row", "spill", "values"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("moves") / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF, formulas=request.param)
    return path


def changed(book: Path, tmp_path: Path, edit: Callable[[Path], None]) -> tuple[Path, set[tuple[str, str]]]:
    """A copy, edited and refreshed, and the cells that differ from before."""
    path = tmp_path / "edited.xlsx"
    path.write_bytes(book.read_bytes())
    before = cells(path)
    edit(path)
    crm_xl.refresh(path, as_of=AS_OF)
    after = cells(path)
    return path, {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}


def letters_of(path: Path, table: str) -> dict[str, str]:
    book = recompute.load(path)
    sheet = next(s for s in book if table in s.tables)
    top = sheet[sheet.tables[table].ref][0]
    return {c.value: c.column_letter for c in top}


def test_sample_is_right_from_the_start(book: Path) -> None:
    compare(book)


def test_one_order(book: Path, tmp_path: Path) -> None:
    """A larger order lifts its customer to another tier: customer, groups, charts, history follow."""
    orders = recompute.read_table(book, "Orders")
    shown = recompute.read_table(book, "Customers").set_index("客户编号")
    row = next(
        i for i, o in orders.iterrows()
        if o["订单日期"] > dt.datetime(2024, 1, 1) and shown["价值层级"][o["客户编号"]] == "低价值"
    )  # fmt: skip
    customer = orders["客户编号"][row]
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Orders", int(row), "金额(元)", 180000.0))
    compare(path)
    letters = letters_of(path, "Customers")
    line = list(shown.index).index(customer) + 2
    for header in ("年消费金额(万元)", "平均订单金额(万元)", "统计期消费金额(万元)", "价值层级", "客户类型标签"):
        assert ("客户基础信息表", f"{letters[header]}{line}") in moved, header
    for sheet in ("细分维度", "群体特征分析", "客户分析结果与策略建议表", "效果追踪", "历史快照"):
        assert any(s == sheet for s, _ in moved), sheet
    # of other customers only the RFM figures may move: the quantiles are everybody's
    ranked = {letters[h] for h in ("RFM 得分", "RFM 类别")}
    for sheet, cell in moved:
        if sheet == "客户基础信息表" and cell[len(cell.rstrip("0123456789")) :] != str(line):
            assert cell.rstrip("0123456789") in ranked, cell
    edited_cell = f"{letters_of(path, 'Orders')['金额(元)']}{int(row) + 2}"
    assert {c for s, c in moved if s in INPUT_SHEETS} == {edited_cell}


def test_one_rule(book: Path, tmp_path: Path) -> None:
    """A lower edge for high value: tiers, tags, strategies and all that counts them."""
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "ValueTiers", 0, "下限", 5.0))
    compare(path, high=5)
    letters = letters_of(path, "Customers")
    touched = {c.rstrip("0123456789") for s, c in moved if s == "客户基础信息表"}
    assert touched == {letters[h] for h in ("客户类型标签", "价值层级", "建议策略")}
    assert not any(s in INPUT_SHEETS for s, _ in moved)


def test_one_typed_fact(book: Path, tmp_path: Path) -> None:
    """A customer without orders in the log: what is typed is what counts."""
    shown = recompute.read_table(book, "Customers")
    logged = set(recompute.read_table(book, "Orders")["客户编号"].astype(str))
    row = next(
        i for i, c in shown.iterrows() if str(c["客户编号"]) not in logged and c["最近合作时间"] is not None
        and c["价值层级"] != "高价值"
    )  # fmt: skip
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Customers", int(row), "年消费金额(万元)", 66.6))
    compare(path)
    letters = letters_of(path, "Customers")
    assert ("客户基础信息表", f"{letters['客户类型标签']}{int(row) + 2}") in moved
    assert recompute.read_table(path, "Customers")["价值层级"][row] == "高价值"


def test_a_name_moves_nothing_else(book: Path, tmp_path: Path) -> None:
    path, moved = changed(book, tmp_path, lambda p: set_table_cell(p, "Customers", 3, "备注", "新的备注"))
    letters = letters_of(path, "Customers")
    assert moved == {("客户基础信息表", f"{letters['备注']}5")}


def test_deleted_customer_stays_deleted_and_a_typed_one_gets_results(book: Path, tmp_path: Path) -> None:
    shown = recompute.read_table(book, "Customers")
    logged = set(recompute.read_table(book, "Orders")["客户编号"].astype(str))
    row = next(i for i, c in shown.iterrows() if str(c["客户编号"]) in logged)
    gone = str(shown["客户编号"][row])
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    delete_table_row(path, "Customers", int(row))
    editor = Editor(path)
    sheet, _, _, (top, *_) = editor.table("Customers")
    letters = letters_of(path, "Customers")
    line = top + len(shown)
    for header, value in {"客户编号": "新客户1", "年消费金额(万元)": 12.0, "历史合作次数": 30.0,
                          "首次合作时间": dt.datetime(2023, 6, 30), "最近合作时间": dt.datetime(2024, 6, 1)}.items():  # fmt: skip
        editor.set(sheet, f"{letters[header]}{line}", value)
    editor.resize("Customers", len(shown))
    editor.save()
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert report.deleted_kept_out == [gone]
    now = recompute.read_table(path, "Customers")
    assert gone not in now["客户编号"].astype(str).tolist()
    assert now.iloc[-1]["客户编号"] == "新客户1"
    assert now.iloc[-1]["客户类型标签"] == "高价值活跃客户"
    compare(path)


def test_sorting_the_table_in_excel_keeps_results_with_their_customer(book: Path, tmp_path: Path) -> None:
    """Rows reordered by another program: after a refresh every customer has its own results again."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    shown = recompute.read_table(book, "Customers")
    inputs = [h for h in shown.columns if h not in (*TEXTS, "建议策略")]
    type_rows(path, "Customers", {h: [as_cell(v) for v in shown[h].tolist()[::-1]] for h in inputs})
    crm_xl.refresh(path, as_of=AS_OF)
    compare(path)
    again = recompute.read_table(path, "Customers").set_index("客户编号")
    before = shown.set_index("客户编号")
    assert again["客户类型标签"].to_dict() == before["客户类型标签"].to_dict()


def as_cell(value: Any) -> Any:
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else value


def test_dimension_choice_rewrites_the_tag(book: Path, tmp_path: Path) -> None:
    """Another choice of dimensions: the tags follow, and so does the column's formula."""
    path, _ = changed(book, tmp_path, lambda p: (set_name(p, "Dimension1", "行业"), set_name(p, "Dimension2", None)))
    shown = recompute.read_table(path, "Customers")
    groups = {
        "制造业": "制造业",
        "零售业": "零售业",
        "服务业": "服务业",
        "教育": "机构",
        "医疗": "机构",
        "机构": "机构",
    }
    for _, row in shown.iterrows():
        if row["最近合作时间"] is None:
            assert row["客户类型标签"] in ("潜在客户", "信息待完善")
        elif row["年消费金额(万元)"] is not None:
            assert row["客户类型标签"] == groups.get(row["所属行业"], "其他") + "客户"
    letters = letters_of(path, "Customers")
    text = str(openpyxl.load_workbook(path)["客户基础信息表"][f"{letters['客户类型标签']}2"].value)
    assert text.startswith(("=IF((SEGMENT(", "=INDEX(Calc!")) or not text.startswith("=")


def test_later_date_ages_everybody(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.read_bytes())
    later = dt.date(2024, 10, 15)
    crm_xl.refresh(path, as_of=later)
    compare(path, later)
    assert len(recompute.read_table(path, "Trend")) == len(recompute.read_table(book, "Trend")) + 1


def test_number_bins_and_scope(book: Path, tmp_path: Path) -> None:
    """A column of numbers as a dimension, grouped by its bins; customers out of scope say so."""

    def edit(path: Path) -> None:
        set_name(path, "Dimension1", "历史合作次数")
        set_name(path, "Dimension2", None)
        columns = {"列": ["历史合作次数"] * 3, "下限": [20.0, 5.0, None], "分组": ["常客", "熟客", "新面孔"]}
        type_rows(path, "NumberBins", columns)
        type_rows(path, "Scope", {"列": ["区域", "区域"], "包含的值": ["华东", "华南"]})

    path, _ = changed(book, tmp_path, edit)
    shown = recompute.read_table(path, "Customers")
    seen = set()
    for _, row in shown.iterrows():
        tag, count = row["客户类型标签"], row["历史合作次数"]
        seen.add(tag)
        if row["区域"] not in ("华东", "华南"):
            assert tag == "不在范围"
        elif row["最近合作时间"] is not None and row["年消费金额(万元)"] is not None:
            assert tag == ("常客客户" if count >= 20 else "熟客客户" if count >= 5 else "新面孔客户")
    assert {"不在范围", "常客客户", "熟客客户", "新面孔客户"} <= seen
    # the editor's own ways with texts aside
    assert [x for x in lint(path, ours=True) if "inlineStr" not in x and "sharedStrings" not in x] == []
