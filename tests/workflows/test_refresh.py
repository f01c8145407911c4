"""Refresh: what is wrong is named, what is right is written, everything else stays as it was."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.table import Table

import crm_xl
from crm_xl.cells import CellError
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workflows.opening import customer_columns
from tests.support.books import (
    AS_OF,
    cli,
    column,
    digest,
    done,
    foreign,
    formulas,
    members,
    refused,
    shown,
)
from tests.support.editing import Editor, S, delete_table_row, set_name, set_table_cell, type_rows

DAY = dt.datetime(2024, 6, 1)
ZH = ["客户编号", "年消费金额(万元)", "历史合作次数", "首次合作时间", "最近合作时间", "客户类型标签"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four customers with a log, in our own workbook."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.csv").write_text(
        "客户编号,客户名称,年消费金额(万元),历史合作次数,首次合作时间,最近合作时间\n"
        "C1,甲,,,,\nC2,乙,,,,\nC3,丙,5,7,2020-01-01,2024-01-15\nC4,丁,,,,\n",
        encoding="utf-8",
    )
    (folder / "o.csv").write_text(
        "订单号,客户编号,订单日期,金额,产品\n"
        "1,C1,2023-08-01,60000,A\n1,C1,2023-08-01,20000,B\n2,C1,2024-05-01,40000,A\n3,C1,2024-06-01,-5000,A\n"
        "4,C2,2023-03-01,100,A\n5,C2,2024-06-30,900,B\n6,C2,2024-07-01,99999,B\n7,C3,2024-02-01,10000,A\n",
        encoding="utf-8",
    )
    crm_xl.new_workbook(
        folder / "b.xlsx", template="customer-info", customers=folder / "c.csv", orders=folder / "o.csv", as_of=AS_OF
    )
    return folder / "b.xlsx"


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "b.xlsx"))


def row(path: Path, customer: str, table: str = "Customers") -> dict[str, Any]:
    return next(r for r in shown(path, table) if r["客户编号"] == customer)


# ---------------------------------------------------------------- facts from the log


def test_several_lines_refunds_and_orders_to_come(book: Path) -> None:
    first, second = row(book, "C1"), row(book, "C2")
    # two lines are one order; the refund lowers the amount and is no order
    assert (first["年消费金额(万元)"], first["历史合作次数"]) == (11.5, 2)
    assert (first["首次合作时间"], first["最近合作时间"]) == (dt.datetime(2023, 8, 1), dt.datetime(2024, 5, 1))
    assert (second["年消费金额(万元)"], second["历史合作次数"]) == (0.09, 2)
    assert second["最近合作时间"] == dt.datetime(2024, 6, 30)
    assert first["客户类型标签"] == "高价值低频客户"
    assert row(book, "C4")["客户类型标签"] == "潜在客户"


def test_a_log_that_covers_a_part(book: Path) -> None:
    # the log begins after the first order of C3, so its count stays as typed; it covers the last 12 months
    third = row(book, "C3")
    assert (third["历史合作次数"], third["年消费金额(万元)"]) == (7, 1)
    assert (third["首次合作时间"], third["最近合作时间"]) == (dt.datetime(2020, 1, 1), dt.datetime(2024, 2, 1))
    told = done("refresh", book, "--as-of", AS_OF)
    assert "保留手工填写的“历史合作次数” 1 处" in told


@pytest.mark.parametrize(("choice", "count", "spend"), [("全部", 1, 1), ("部分", 7, 1), ("自动", 7, 1)])
def test_log_covers(book: Path, choice: str, count: int, spend: float) -> None:
    set_name(book, "LogCovers", choice)
    done("refresh", book, "--as-of", AS_OF)
    third = row(book, "C3")
    assert (third["历史合作次数"], third["年消费金额(万元)"]) == (count, spend)


def test_orders_from_a_file(book: Path, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "客户编号,订单日期,金额\nC4,2024-06-02,30000\nC9,2024-06-03,1\n", encoding="gb18030"
    )
    told = done("refresh", book, "--as-of", AS_OF, "--orders", tmp_path / "more.csv")
    assert row(book, "C4")["年消费金额(万元)"] == 3
    assert row(book, "C9")["历史合作次数"] == 1
    assert "新增 1 个只在订单中出现的客户：C9" in told
    assert len(shown(book, "Orders")) == 8  # the file stays outside


# ---------------------------------------------------------------- writing


def test_no_op_backup_and_out(book: Path, tmp_path: Path) -> None:
    before = digest(book)
    assert "已是最新" in done("refresh", book, "--as-of", AS_OF)
    assert [p.name for p in tmp_path.iterdir()] == ["b.xlsx"]
    out = tmp_path / "out.xlsx"
    assert "已写入" in done("refresh", book, "--as-of", "2024-09-30", "--out", out)
    assert (digest(book), out.exists()) == (before, True)
    assert not (tmp_path / "b.xlsx.bak").exists()
    told = done("refresh", book, "--as-of", "2024-09-30")
    assert digest(tmp_path / "b.xlsx.bak") == before
    assert "b.xlsx.bak" in told
    assert members(book) == members(out)
    # an unchanged book goes to OUT all the same
    assert "已写入" in done("refresh", book, "--as-of", "2024-09-30", "--out", tmp_path / "same.xlsx")
    assert members(tmp_path / "same.xlsx") == members(book)


@pytest.mark.parametrize(
    ("out", "code", "says"),
    [("o.xlsm", 2, "扩展名"), ("o.csv", 2, "扩展名"), ("no/o.xlsx", 1, "不存在"), (".", 1, "是文件夹")],
)
def test_out_refused(book: Path, tmp_path: Path, out: str, code: int, says: str) -> None:
    before = digest(book)
    assert says in refused(code, "refresh", book, "--as-of", AS_OF, "--out", tmp_path / out)
    assert digest(book) == before
    assert [p.name for p in tmp_path.iterdir()] == ["b.xlsx"]


def test_open_in_excel(book: Path, tmp_path: Path) -> None:
    (tmp_path / "~$b.xlsx").write_bytes(b"lock")
    before = digest(book)
    assert "正在 Excel 中打开" in refused(2, "refresh", book, "--as-of", "2024-09-30")
    assert digest(book) == before


def test_forms_change_on_request(book: Path) -> None:
    tags = column(book, "客户类型标签")
    for form, live in (("values", False), ("spill", True), ("row", True)):
        done("refresh", book, "--as-of", AS_OF, "--formulas", form)
        assert ("客户类型标签" in formulas(book)) is live
        assert column(book, "客户类型标签") == tags


def test_deleted_customer_stays_deleted(book: Path) -> None:
    delete_table_row(book, "Customers", 1)
    told = done("refresh", book, "--as-of", AS_OF)
    assert column(book, "客户编号") == ["C1", "C3", "C4"]
    assert "订单中有 1 个已被删除的客户，未重新加入：C2" in told
    type_rows(book, "Customers", {"客户编号": ["C1", "C3", "C4", "C2"]})
    told = done("refresh", book, "--as-of", AS_OF)
    assert row(book, "C2")["历史合作次数"] == 2
    assert "已被删除" not in told


# ---------------------------------------------------------------- wrong cells

WRONG: list[tuple[str, Any]] = [
    ("年消费金额(万元)", "1,234.5 元"),
    ("年消费金额(万元)", "１２３"),
    ("年消费金额(万元)", True),
    ("年消费金额(万元)", CellError("#N/A")),
    ("年消费金额(万元)", CellError("#SPILL!")),
    ("年消费金额(万元)", "NaN"),
    ("年消费金额(万元)", "😀"),
    ("最近合作时间", "2023.7.3"),
    ("最近合作时间", "2023年7月3日"),
    ("最近合作时间", "20230703"),
    ("最近合作时间", "2023-07-03"),
    ("最近合作时间", "3/7/2023"),
    ("最近合作时间", dt.datetime(2030, 1, 1)),
    ("最近合作时间", -5.0),
]


@pytest.mark.parametrize(("header", "value"), WRONG, ids=lambda v: str(v)[:12])
def test_a_wrong_cell_spoils_its_own_row_only(tmp_path: Path, header: str, value: Any) -> None:
    rows = [
        ["C1", 12.0, 3.0, dt.datetime(2020, 1, 1), DAY, None],
        ["C2", 12.0, 3.0, dt.datetime(2020, 1, 1), DAY, None],
    ]
    path = foreign(tmp_path / "b.xlsx", ZH, rows)
    set_table_cell(path, "Customers", 0, header, value)
    told = done("refresh", path, "--as-of", AS_OF)
    assert "1 个客户有错误的单元格" in told
    first, second = shown(path)
    assert first["客户类型标签"] == "#VALUE!"
    assert second["客户类型标签"] == "高价值低频客户"
    result = cli("check", path)
    assert result.exit_code == 3
    assert f"名单!{'B' if header.startswith('年') else 'E'}2" in result.stdout


@pytest.mark.parametrize("value", [-3.0, 1e300, -1e15, 0.0, 9.9999999999])
def test_extreme_amounts_are_amounts(tmp_path: Path, value: float) -> None:
    path = foreign(tmp_path / "b.xlsx", ZH, [["C1", value, 3, dt.datetime(2020, 1, 1), DAY, None]])
    done("refresh", path, "--as-of", AS_OF)
    tag = shown(path)[0]["客户类型标签"]
    assert tag == ("高价值低频客户" if value >= 9.99 else "低价值低频客户")


def test_wrong_ids(tmp_path: Path) -> None:
    rows = [[i, 1.0, 1.0, DAY, DAY, None] for i in (1001.0, "1001", " １００１ ", "001", None, "C-😀", 1.5)]
    path = foreign(tmp_path / "b.xlsx", ZH, rows)
    done("refresh", path, "--as-of", AS_OF)
    assert len(shown(path)) == 7
    result = cli("check", path)
    assert result.exit_code == 3
    assert result.stdout.count("重复") == 2
    assert "客户编号为空" in result.stdout


def test_a_time_of_day_stays(tmp_path: Path) -> None:
    moment = dt.datetime(2024, 6, 1, 13, 45)
    path = foreign(tmp_path / "b.xlsx", ZH, [["C1", 12, 3, moment, moment, None]])
    done("refresh", path, "--as-of", AS_OF)
    assert shown(path)[0]["最近合作时间"] == moment


# ---------------------------------------------------------------- workbooks that are not ours


def test_only_the_results_that_exist(tmp_path: Path) -> None:
    headers = [
        "最近合作日期",
        "我的列",
        "年采购金额",
        "RFM类别",
        "客户编码",
        "合作次数",
        "算式",
        "客户类型标签",
        "首单日期",
    ]
    rows = [
        [DAY, "x", 30, "旧", 7, 12, "=F:1+1", None, dt.datetime(2024, 1, 1)],
        [None, "=1+1", None, None, "B", None, "=F:2+2", "手写", None],
    ]
    path = foreign(tmp_path / "b.xlsx", headers, rows, at=(3, 2), more={"别的": (["a"], [[1]])})
    type_results(path, {"H4": 2, "H5": 4})
    before = members(path)
    told = done("refresh", path, "--as-of", AS_OF)
    assert "结果形式：数值" in told
    first, second = shown(path)
    assert first == {
        "最近合作日期": DAY,
        "我的列": "x",
        "年采购金额": 30,
        "RFM类别": "流失风险客户",  # alone, with cuts at its own figures: R 1 F 1 M 1
        "客户编码": 7,
        "合作次数": 12,
        "算式": 2,
        "客户类型标签": "高价值活跃客户",
        "首单日期": dt.datetime(2024, 1, 1),
    }
    assert (second["我的列"], second["客户类型标签"], second["RFM类别"]) == ("=1+1", "潜在客户", "潜在客户")
    assert formulas(path) == {"算式"}
    after = members(path)
    changed = {name for name in after if before.get(name) != after[name]}
    # openpyxl keeps texts in the cells: the part for shared strings is new
    new = {"xl/sharedStrings.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}
    assert changed <= {"xl/worksheets/sheet1.xml", *new}
    assert list(after)[: len(before)] == list(before)
    again = digest(path)
    done("refresh", path, "--as-of", AS_OF)
    assert digest(path) == again


def type_results(path: Path, cells: dict[str, float]) -> None:
    """Give formulas their values, as if Excel had calculated them."""
    editor = Editor(path)
    for line in editor.sheet("名单").iter(f"{S}c"):
        if line.get("r") in cells:
            line.find(f"{S}v").text = str(cells[line.get("r")])
    editor.save()


def test_english_from_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    headers = ["Account ID", "Last order date", "Annual spend (CNY)", "Orders", "Segment", "Lifecycle stage", "Mine",
               "Customer since"]  # fmt: skip
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Accounts")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for r, (key, spend, orders) in enumerate([("A1", 150_000, 20), ("A2", 500, 1)], 1):
            sheet.write_row(r, 0, [key, None, spend, orders])
            sheet.write_datetime(r, 1, DAY, day)
            sheet.write_formula(r, 6, "=C2*2", None, 300_000)
            sheet.write_datetime(r, 7, dt.datetime(2024, 1, 1), day)
        columns = [{"header": h} for h in headers]
        sheet.add_table(0, 0, 2, 7, {"name": "Customers", "columns": columns})
    told = done("refresh", path, "--as-of", AS_OF)
    assert "Customers: 2, as of 2024-06-30, form of results: Values" in told
    assert "Annual spend (CNY)" in told
    first, second = shown(path)
    assert (first["Segment"], first["Lifecycle stage"]) == ("High-value · Active", "Repeat")
    assert (second["Segment"], second["Lifecycle stage"]) == ("Low-value · Occasional", "First order")
    assert formulas(path) == {"Mine"}


def test_each_amount_in_the_unit_of_its_header(tmp_path: Path) -> None:
    headers = ["客户编号", "年消费金额(万元)", "平均订单金额(元)", "CLV(元)"]
    orders = (["客户编号", "订单日期", "金额(万元)"], [["C1", dt.datetime(2024, 5, 1), 2], ["C1", DAY, 4]])
    path = foreign(
        tmp_path / "b.xlsx", headers, [["C1", None, None, None], ["C2", 5, 12345.67, None]], more={"Orders": orders}
    )
    done("refresh", path, "--as-of", AS_OF)
    first, second = shown(path)
    assert (first["年消费金额(万元)"], first["平均订单金额(元)"]) == (6, 30000)
    assert first["CLV(元)"] == pytest.approx(30000 * 2 * 12 * 0.3 * 3 / 1, rel=1e-9)
    assert second["平均订单金额(元)"] == 12345.67
    again = digest(path)
    done("refresh", path, "--as-of", AS_OF)
    assert digest(path) == again


def test_a_log_without_amounts_is_named_not_counted(tmp_path: Path) -> None:
    orders = (["客户编号", "订单日期"], [["C1", DAY]])
    path = foreign(tmp_path / "b.xlsx", ZH, [["C1", 3, 2, DAY, DAY, None]], more={"Orders": orders})
    assert "表格 Orders 缺少列：金额" in done("refresh", path, "--as-of", AS_OF)
    assert shown(path)[0]["客户类型标签"] == "中价值活跃客户"


@pytest.mark.parametrize("rows", [[], [["C1", 3, 2, DAY, DAY, None]]])
def test_none_or_one(tmp_path: Path, rows: list[list[Any]]) -> None:
    path = foreign(tmp_path / "b.xlsx", ZH, rows)
    assert f"{len(rows)} 个客户" in done("refresh", path, "--as-of", AS_OF)
    assert len(shown(path)) == len(rows)


def test_none_is_enough_to_refuse(tmp_path: Path) -> None:
    """Each case: a file, the exit code, what is said. Nothing is written."""
    cases: list[tuple[Path, str]] = [
        (tmp_path / "missing.xlsx", "找不到文件"),
        (tmp_path, "是文件夹"),
        (foreign(tmp_path / "t.xlsx", ZH, [["C1"]], table="Clients"), "没有名为 Customers 的表格"),
        (foreign(tmp_path / "i.xlsx", ["客户名称", "备注"], [["甲", "x"]]), "没有客户编号列"),
        (foreign(tmp_path / "w.xlsx", [*ZH, "年采购金额"], [["C1"]]), "B1 和 G1 两列都是“年消费金额”"),
        (foreign(tmp_path / "f.xlsx", ZH, [["C1", "=F:1+1"]]), "工作表“名单”B2 的公式没有计算结果"),
    ]
    for name, content in (("e.xlsx", b""), ("z.xlsx", b"hello"), ("p.xlsx", b"PK\x03\x04rest")):
        (tmp_path / name).write_bytes(content)
        cases.append((tmp_path / name, "0 字节" if not content else "不是有效的 Excel 工作簿"))
    for path, says in cases:
        before = path.read_bytes() if path.is_file() else None
        for command in (["refresh", path, "--as-of", AS_OF], ["check", path], ["explain", path, "C1"]):
            assert says in refused(1, *command), command
        assert (path.read_bytes() if path.is_file() else None) == before
    assert not list(tmp_path.glob("*.bak"))


def test_refused_in_the_language_of_the_workbook(tmp_path: Path) -> None:
    path = foreign(tmp_path / "f.xlsx", ["Customer ID", "Annual spend"], [["C1", "=F:1+1"]], sheet="List")
    assert "The formula in B2 on sheet 'List' has no calculated value." in refused(1, "refresh", path)
    path = foreign(tmp_path / "w.xlsx", ["Customer ID", "Last order", "Last purchase"], [["C1"]], sheet="List")
    assert "On sheet 'List', B1 and C1 both mean 'Last order'." in refused(1, "refresh", path)


def test_uncalculated_cells_that_nobody_reads(tmp_path: Path) -> None:
    """Results are made anew, and an own column counts only where a dimension uses it."""
    rows = [["C1", 12, 3, DAY, DAY, "=F:1+1", "=F:2+2"]]
    path = foreign(tmp_path / "b.xlsx", [*ZH, "我的"], rows)
    done("refresh", path, "--as-of", AS_OF)
    assert shown(path)[0]["客户类型标签"] == "高价值活跃客户"
    assert formulas(path) == {"我的"}


def test_own_column_as_dimension_must_be_calculated(tmp_path: Path) -> None:
    """The column decides the tag, so its formulas need values."""
    rows = [["C1", 12, 3, DAY, DAY, None, "=F:2+2"]]
    path = foreign(tmp_path / "b.xlsx", [*ZH, "我的"], rows, more={"Scope": (["列", "包含的值"], [["我的", 4]])})
    assert "工作表“名单”G2 的公式没有计算结果" in refused(1, "refresh", path, "--as-of", AS_OF)
    type_results(path, {"G2": 4})
    done("refresh", path, "--as-of", AS_OF)
    assert shown(path)[0]["客户类型标签"] == "高价值活跃客户"


# ---------------------------------------------------------------- broken rules


def test_broken_rules_are_named_with_sheet_and_cell(book: Path) -> None:
    set_table_cell(book, "ValueTiers", 1, "下限", "两万")
    set_name(book, "RfmBins", 50)
    set_name(book, "Dimension2", "星座")
    told = done("refresh", book, "--as-of", AS_OF)
    place = Editor(book)
    sheet = place.tables["ValueTiers"][0]
    assert "规则有 3 处需要检查" in told
    assert f"工作表“{sheet}”" in told
    assert "“两万”" in told
    assert "“RFM 分档”不能是“50”" in told
    assert "“星座”不可用。可用：价值、活跃、" in told
    assert set(column(book, "价值层级")) == {"#VALUE!"}
    assert "#VALUE!" not in column(book, "生命周期阶段")  # the other rules still hold
    result = cli("check", book)
    assert result.exit_code == 3
    assert "两万" in result.stdout


def test_a_gap_and_weights_are_warnings(book: Path) -> None:
    rules = shown(book, "ActivityRules")
    set_table_cell(book, "ActivityRules", len(rules) - 1, next(iter(rules[0])), 1)
    if "Indicators" in Editor(book).tables:
        set_table_cell(book, "Indicators", 0, "权重(%)", 20)
    told = done("refresh", book, "--as-of", AS_OF)
    assert "规则没有覆盖所有情况" in told
    tags = column(book, "客户类型标签")
    assert len(tags) == 4
    result = cli("check", book)
    assert "规则没有覆盖所有情况" in result.stdout


def test_one_rule_moves_what_it_should(book: Path) -> None:
    before = shown(book)
    set_table_cell(book, "ValueTiers", 0, "下限", 20)
    done("refresh", book, "--as-of", AS_OF)
    after = shown(book)
    assert (before[0]["价值层级"], after[0]["价值层级"]) == ("高价值", "中价值")
    assert [r["生命周期阶段"] for r in before] == [r["生命周期阶段"] for r in after]


def test_scope_by_a_result_counts_as_it_is_now(book: Path) -> None:
    type_rows(book, "Scope", {"列": ["生命周期阶段"], "包含的值": ["复购"]})
    done("refresh", book, "--as-of", "2025-06-30")
    # a year later nobody is a repeat customer any more
    assert set(column(book, "客户类型标签")) == {"不在范围"}
    again = digest(book)
    done("refresh", book, "--as-of", "2025-06-30")
    assert digest(book) == again


def test_refresh_needs_a_real_date(book: Path) -> None:
    before = digest(book)
    assert "无法识别" in refused(2, "refresh", book, "--as-of", "12")
    assert digest(book) == before
    for day in ("1900-03-01", "9999-12-31"):
        done("refresh", book, "--as-of", day)


def test_python_report(book: Path) -> None:
    report = crm_xl.refresh(book, as_of=dt.date(2024, 6, 30))
    assert (report.changed, report.customers, report.order_lines_later, report.unit) == (False, 4, 1, "wan")
    assert report.stages == {"复购": 2, "沉睡": 1, "潜在": 1}
    assert sum(g["customers"] for g in report.segments) == 4


def test_a_formula_of_the_users_counts_whatever_the_log_says(tmp_path: Path) -> None:
    """The cell keeps its formula, so the results go by what it gives."""
    rows = [["C1", "=F:1+1", None, dt.datetime(2024, 1, 1), None, None], ["C2", None, None, None, None, None]]
    lines = [["C1", DAY, 500_000], ["C2", DAY, 500_000]]
    path = foreign(tmp_path / "b.xlsx", ZH, rows, more={"Orders": (["客户编号", "订单日期", "金额"], lines)})
    type_results(path, {"B2": 2})
    done("refresh", path, "--as-of", AS_OF)
    first, second = shown(path)
    assert (first["年消费金额(万元)"], first["历史合作次数"], first["客户类型标签"]) == (2, 1, "中价值低频客户")
    assert (second["年消费金额(万元)"], second["客户类型标签"]) == (50, "高价值活跃客户")
    assert formulas(path) == {"年消费金额(万元)"}
    (tmp_path / "c.csv").write_text("客户编号,年消费金额\nC1,9\n", encoding="utf-8")
    told = done("import", path, tmp_path / "c.csv", "--as", "customers")
    assert "工作表“名单”B2 是公式，未改动。" in told
    assert "修改 0，未变 1" in told


def test_a_count_with_a_date_format_is_a_count(tmp_path: Path) -> None:
    """Excel shows 3 orders in such a cell as 1900-01-03; a real date where a number belongs stays wrong."""
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("客户编号", "历史合作次数", "生命周期阶段"), ("C1", 3, None), ("C2", 1, None), ("C3", 45000, None)):
        sheet.append(row)
    for row in (2, 3, 4):
        sheet.cell(row, 2).number_format = "yyyy-mm-dd"
    sheet.add_table(Table(displayName="Customers", ref="A1:C4"))
    book.save(path)
    columns = customer_columns(FileWorkbook(path).read_table("Customers"))
    assert columns["order_count"] == [3.0, 1.0, dt.datetime(2023, 3, 15)]
    crm_xl.refresh(path, as_of="2024-06-30")
    shown = [
        row[2] for row in openpyxl.load_workbook(path, data_only=True).active.iter_rows(min_row=2, values_only=True)
    ]
    assert shown[2] == "#VALUE!" and shown[0] != "#VALUE!"
    assert not crm_xl.refresh(path, as_of="2024-06-30").changed
