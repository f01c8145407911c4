"""Check: each finding with its sheet and cell, nothing written, exit code 3 for errors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import crm_xl
from crm_xl.cells import CellError
from crm_xl.workflows.check import check
from tests.support import recompute
from tests.support.books import AS_OF, cli, digest, done, foreign
from tests.support.editing import set_name, set_table_cell, type_rows

DAY = dt.datetime(2024, 6, 1)
HEADERS = {
    "zh": ["客户编号", "客户名称", "年消费金额(万元)", "历史合作次数", "最近合作时间", "满意度评分(1-5)"],
    "en": ["Customer ID", "Customer name", "Annual spend (CNY 10k)", "Orders (all time)", "Last order",
           "Satisfaction (1-5)"],
}  # fmt: skip
ROWS = [
    ["C1", "甲", 1.0, 1.0, DAY, 5.0],
    ["C1", "乙", "1,234.5 元", -1.0, "2023.7.3", 6.0],
    [None, None, 5.0, 1.5, DAY, None],
    ["C4", "甲", True, None, dt.datetime(2031, 1, 1), None],
    [1e17, "丁", None, None, None, None],
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_findings(tmp_path: Path, lang: str) -> None:
    orders = (["客户编号", "订单日期", "金额"], [["C1", "周五", 3.0], ["X9", DAY, CellError("x")], [None, DAY, 1.0]])
    sheet = "名单" if lang == "zh" else "List"
    path = foreign(tmp_path / "b.xlsx", HEADERS[lang], ROWS, sheet=sheet, at=(2, 2), more={"Orders": orders})
    set_table_cell(path, "Customers", 4, HEADERS[lang][2], CellError("#DIV/0!"))
    before = digest(path)
    result = cli("check", path)
    assert (result.exit_code, result.stderr) == (3, "")
    found = {(f.cell, f.rule) for f in check(path, as_of=dt.date(2024, 6, 30)).findings if f.sheet == sheet}
    assert {
        ("B4", "id_twice"), ("D4", "number_as_text"), ("E4", "value_negative"), ("F4", "date_as_text"),
        ("G4", "value_outside"), ("B5", "id_empty"), ("C5", "value_missing"), ("E5", "value_not_whole"),
        ("D6", "value_not_number"), ("F6", "date_future"), ("C6", "duplicate_name"), ("B7", "id_digits_lost"),
        ("D7", "value_error_cell"),
    } <= found  # fmt: skip
    log = {(f.cell, f.rule) for f in check(path).findings if f.sheet == "Orders"}
    assert {("B2", "value_not_date"), ("A3", "order_unknown_customer"), ("A4", "order_without_customer")} <= log
    says = ("“客户名称”为空", "建议：0.12345", "建议：2023-07-03", "数据准确率 20.0%") if lang == "zh" else (
        "'Customer name' is empty", "proposed: 0.12345", "proposed: 2023-07-03", "Accuracy 20.0%")  # fmt: skip
    for text in says:
        assert text in result.stdout
    assert digest(path) == before
    assert [p.name for p in tmp_path.iterdir()] == ["b.xlsx"]


def test_json(tmp_path: Path) -> None:
    path = foreign(tmp_path / "b.xlsx", HEADERS["zh"], ROWS)
    result = cli("check", path, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["lang"]) == (3, "zh")
    assert report["errors"] == sum(f["severity"] == "error" for f in report["findings"]) > 0
    assert set(report["findings"][0]) == {
        "sheet", "cell", "severity", "rule", "customer", "found", "proposed", "what", "text",
    }  # fmt: skip
    assert report["goal"] == 0.95


def test_nothing_wrong(tmp_path: Path) -> None:
    crm_xl.new_workbook(tmp_path / "s.xlsx", template="customer-info", sample=True, as_of=AS_OF)
    set_name(tmp_path / "s.xlsx", "StaleDays", 0.0)
    told = done("check", tmp_path / "s.xlsx")
    assert "没有发现问题" in told
    assert "100.0%" in told


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    path = foreign(tmp_path / "b.xlsx", HEADERS["zh"], [["C1", None, 1.0, 1.0, DAY, 5.0]])
    assert "0 个错误，1 个提醒" in done("check", path)


def test_no_rows(tmp_path: Path) -> None:
    path = foreign(tmp_path / "b.xlsx", HEADERS["zh"], [])
    assert "没有发现问题" in done("check", path)
    assert "准确率" not in done("check", path)


@pytest.mark.parametrize(("template", "lang"), [("customer-info", "zh"), ("full", "en")])
def test_the_sheet_says_what_the_check_says(tmp_path: Path, template: str, lang: str) -> None:
    """The same findings in the same order, of the workbook as the refresh leaves it."""
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template=template, lang=lang, sample=True, as_of=AS_OF)
    zh = lang == "zh"
    for table, row, header, value in (
        ("Customers", 3, "满意度评分(1-5)" if zh else "Satisfaction (1-5)", "很好"),
        ("Customers", 5, "联系电话" if zh else "Phone", 1.3e17),
        ("Customers", 7, "信息更新日期" if zh else "Updated on", "2024.6.1"),
        ("Customers", 9, "客户名称" if zh else "Customer name", None),
        ("Orders", 4, "订单日期" if zh else "Order date", "不详"),
        ("Orders", 6, "客户编号" if zh else "Customer ID", "X1"),
        ("Interactions", 2, "客户编号" if zh else "Customer ID", None),
        ("Targets", 0, "范围" if zh else "Scope", "没有的群体"),
        ("History", 1, "日期" if zh else "Date", dt.datetime(2030, 1, 1)),
    ):
        set_table_cell(path, table, row, header, value)
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert report.added == ["X1"]
    found = check(path)
    shown = recompute.read_table(path, "Quality")
    assert len(shown) == len(found.findings) >= 27
    columns = [shown[h].tolist() for h in shown.columns]
    for f, sheet, cell, customer, _, severity, text, proposed, what in zip(found.findings, *columns, strict=True):
        assert (f.sheet, f.cell, f.customer, f.found, f.proposed, f.what) == (
            sheet, cell, customer or "", text or "", proposed or "", what,
        )  # fmt: skip
        assert severity == {"error": ("错误", "Error"), "warning": ("提醒", "Warning")}[f.severity][0 if zh else 1]
    assert found.accuracy == recompute.load(path)[shown_sheet(path)][name_cell(path, "QualityAccuracy")].value
    assert "2030" in str([f.found for f in found.findings if f.rule == "date_future"])
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def name_cell(path: Path, name: str) -> str:
    return next(iter(recompute.load(path).defined_names[name].destinations))[1].replace("$", "")


def shown_sheet(path: Path) -> str:
    return next(s.title for s in recompute.load(path) if "Quality" in s.tables)


def test_thresholds_are_parameters(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    stale = [f for f in check(path).findings if f.rule == "stale_row"]
    set_name(path, "StaleDays", 200.0)
    set_name(path, "AccuracyGoal", 0.999)
    fewer = [f for f in check(path).findings if f.rule == "stale_row"]
    assert 0 < len(fewer) < len(stale)
    assert "(目标 ≥ 99.9%)" in done("check", path)
    assert json.loads(done("check", path, "--json"))["goal"] == 0.999
    set_table_cell(path, "Orders", 0, "金额(元)", 9e11)
    assert "mixed_units" in rules(path) or "outlier" in rules(path)
    set_name(path, "OutlierFactor", 0.0)
    assert not {"mixed_units", "outlier"} & rules(path)


def rules(path: Path) -> set[str]:
    return {f.rule for f in check(path).findings}


def test_rows_are_named_as_they_stand(tmp_path: Path) -> None:
    """A table that does not begin in row 1: the row that had it first is the sheet's."""
    path = foreign(tmp_path / "b.xlsx", ["客户编号", "客户名称"], [["A", "甲"], ["A", "乙"]], at=(5, 3))
    (finding,) = check(path).findings
    assert (finding.cell, finding.customer) == ("C7", "乙") and "第 6 行" in finding.text


def test_a_book_without_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="key-accounts", sample=True, as_of=AS_OF)
    assert {f.rule for f in check(path).findings} == {"stale_row"}
    path = type_rows(tmp_path / "b.xlsx", "Customers", {"客户编号": ["K1", "K1"]})
    assert cli("check", path).exit_code == 3
