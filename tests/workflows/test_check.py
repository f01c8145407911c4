"""Check: each finding with its sheet and cell, nothing written, exit code 3 for errors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import crm_xl
from crm_xl.cells import CellError
from crm_xl.workflows.check import check
from tests.support.books import AS_OF, cli, digest, done, foreign
from tests.support.editing import set_table_cell

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
        ("B4", "id_twice"), ("D4", "value_not_number"), ("E4", "value_negative"), ("F4", "value_not_date"),
        ("G4", "value_outside"), ("B5", "id_empty"), ("C5", "value_missing"), ("E5", "value_not_whole"),
        ("D6", "value_not_number"), ("F6", "date_future"), ("C6", "duplicate_name"), ("B7", "id_digits_lost"),
        ("D7", "value_error_cell"),
    } <= found  # fmt: skip
    log = {(f.cell, f.rule) for f in check(path).findings if f.sheet == "Orders"}
    assert {("B2", "value_not_date"), ("A3", "order_unknown_customer"), ("A4", "order_without_customer")} <= log
    says = ("“客户名称”为空", "建议：1234.5", "建议：2023-07-03", "数据准确率 20.0%") if lang == "zh" else (
        "'Customer name' is empty", "proposed: 1234.5", "proposed: 2023-07-03", "Accuracy 20.0%")  # fmt: skip
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
    assert set(report["findings"][0]) == {"sheet", "cell", "severity", "rule", "found", "text"}


def test_nothing_wrong(tmp_path: Path) -> None:
    crm_xl.new_workbook(tmp_path / "s.xlsx", template="customer-info", sample=True, as_of=AS_OF)
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
