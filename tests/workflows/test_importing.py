"""Import: matched by header, alias or --map; filled cells replace, empty ones do not; nothing comes twice."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

import crm_xl
from tests.support.books import AS_OF, column, digest, done, foreign, refused, shown
from tests.support.editing import set_table_cell

LOG = "订单编号,客户,下单日期,实付金额\n1001,C1,2024-05-01,100\n1001,C1,2024-05-01,100\n,C2,2024-05-02,-5\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.csv").write_text(
        "客户编号,客户名称,联系电话,城市,年消费金额,最近合作时间\n"
        "C1,甲,13800000001,上海,5,2024-05-01\n0012,乙,,北京,3,2024-01-01\n",
        encoding="utf-8",
    )
    crm_xl.new_workbook(folder / "b.xlsx", template="customer-info", customers=folder / "c.csv", as_of=AS_OF)
    return folder / "b.xlsx"


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "b.xlsx"))


def saved(book: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = book.with_name(name)
    path.write_bytes(text.encode(encoding))
    return path


def test_filled_cells_replace_empty_ones_do_not(book: Path) -> None:
    source = saved(book, "c.csv", "客户编码,公司名称,手机,城市,备注\nC1,甲公司,,杭州,=1+1\n0012,,,,\nC9,新,139,,\n")
    told = done("import", book, source, "--as", "customers")
    assert "3 行：新增 1，修改 1，未变 1" in told
    first, second, third = shown(book)
    assert (first["客户名称"], first["联系电话"], first["城市"], first["备注"]) == (
        "甲公司",
        "13800000001",
        "杭州",
        "=1+1",
    )
    assert (second["客户编号"], second["客户名称"], second["城市"]) == ("0012", "乙", "北京")
    assert (third["客户编号"], third["客户名称"], third["联系电话"]) == ("C9", "新", "139")
    assert (first["年消费金额(万元)"], first["最近合作时间"]) == (5, dt.datetime(2024, 5, 1))
    assert book.with_name("b.xlsx.bak").exists()
    before = digest(book)
    assert "3 行：新增 0，修改 0，未变 3" in done("import", book, source, "--as", "customers")
    assert digest(book) == before


def test_a_phone_as_a_number_is_the_same_phone(book: Path) -> None:
    set_table_cell(book, "Customers", 0, "联系电话", 13800000001)
    before = digest(book)
    source = saved(book, "c.csv", "客户编号,联系电话\nC1,13800000001\n")
    assert "修改 0" in done("import", book, source, "--as", "customers")
    assert digest(book) == before


def test_a_log_twice_adds_nothing(book: Path) -> None:
    source = saved(book, "o.csv", LOG, "gb18030")
    told = done("import", book, source, "--as", "orders", "--map", "客户=客户编号")
    assert "3 行：新增 3，修改 0，未变 0" in told
    assert column(book, "金额(元)", "Orders") == [100, 100, -5]  # a line that is there twice was there twice
    before = digest(book)
    told = done("import", book, source, "--as", "orders", "--map", "客户=客户编号")
    assert "新增 0，修改 0，未变 3" in told
    assert digest(book) == before
    more = saved(book, "o2.csv", LOG + "1001,C1,2024-05-01,100\n")
    assert "新增 1，修改 0，未变 3" in done("import", book, more, "--as", "orders", "--map", "客户=客户编号")
    done("refresh", book, "--as-of", AS_OF)
    assert column(book, "客户编号") == ["C1", "0012", "C2"]


def test_contacts_twice(book: Path) -> None:
    source = saved(
        book, "i.csv", '日期,客户编号,方式,内容\n2024-06-01,C1,电话,"聊了\n很久"\n2024-06-01,C1,电话,\n', "utf-16"
    )
    assert "新增 2" in done("import", book, source, "--as", "interactions")
    assert column(book, "内容", "Interactions") == ["聊了\n很久", None]
    assert "新增 0" in done("import", book, source, "--as", "interactions")


def test_dry_run_shows_and_writes_nothing(book: Path) -> None:
    source = saved(book, "c.csv", "Account ID;Company;Revenue;Segment;奇怪\nC1;甲公司;7;mine;x\nC5;戊;;;\n")
    before = digest(book)
    told = done("import", book, source, "--as", "customers", "--dry-run", "--map", "Revenue=年消费金额")
    assert digest(book) == before
    assert sorted(p.name for p in book.parent.iterdir()) == ["b.xlsx", "c.csv"]
    lines = [line.split() for line in told.splitlines()]
    assert ["Account", "ID", "客户编号", "C1、C5"] in lines
    assert ["Company", "客户名称", "甲公司、戊"] in lines
    assert ["Revenue", "年消费金额(万元)", "7"] in lines
    assert ["Segment", "(不导入)"] in lines  # our results are never taken from outside
    assert ["奇怪", "(不导入)"] in lines
    assert "预览，未写入" in told
    assert "新增 1，修改 1" in told


def test_json(book: Path) -> None:
    source = saved(
        book, "c.csv", "客户编号,客户名称,年消费金额,信息更新日期\nC1,甲,１２３,2023.7.3\n,丙,,\nC7,丁,很多,\n"
    )
    report = json.loads(done("import", book, source, "--as", "customers", "--json"))
    assert (report["rows"], report["new"], report["changed"], report["without_id"]) == (3, 1, 1, 1)
    assert report["unchanged"] == 0
    assert any("第 2 行“年消费金额”：１２３ → 123" in line for line in report["repairs"])
    assert "c.csv 第 3 行“客户编号”：客户编号为空。" in report["problems"]
    assert any("第 4 行“年消费金额”：应为数字，现为“很多”" in line for line in report["problems"])
    assert report["mapping"][0] == ["客户编号", "客户编号", ["C1", "C7"]]
    assert column(book, "客户编号") == ["C1", "0012", "C7"]


def test_same_id_twice_in_the_source(book: Path) -> None:
    source = saved(book, "c.csv", "客户编号,客户名称,城市\nC7,丁,\nC7,,苏州\nC1,,无锡\nC1,甲甲,\n")
    assert "4 行：新增 1，修改 1" in done("import", book, source, "--as", "customers")
    rows = {r["客户编号"]: r for r in shown(book)}
    assert (rows["C7"]["客户名称"], rows["C7"]["城市"]) == ("丁", "苏州")
    assert (rows["C1"]["客户名称"], rows["C1"]["城市"]) == ("甲甲", "无锡")


def test_into_a_workbook_in_other_units(tmp_path: Path) -> None:
    book = foreign(
        tmp_path / "b.xlsx",
        ["Customer ID", "Annual spend (CNY)", "Average order (CNY 10k)", "Mine"],
        [["C1", 5000, None, "=F:1+1"]],
        sheet="List",
        more={"Orders": (["Customer ID", "Order date", "Amount (CNY 10k)"], [["C1", dt.datetime(2024, 1, 1), 2]])},
    )
    source = saved(book, "c.csv", "客户编号,年消费金额(万元),平均订单金额(元)\nC1,1.2,300\nC2,3,\n")
    told = done("import", book, source, "--as", "customers")
    assert "Rows: 2 (new 1, changed 1, unchanged 0)" in told
    first, second = shown(book)
    assert (first["Annual spend (CNY)"], first["Average order (CNY 10k)"]) == (12000, 0.03)
    assert second["Annual spend (CNY)"] == 30000
    log = saved(book, "o.csv", "Customer ID,Date,Total\nC1,2024-01-01,20000\nC1,2024-02-01,5000\n")
    assert "new 1, changed 0, unchanged 1" in done("import", book, log, "--as", "orders")
    assert column(book, "Amount (CNY 10k)", "Orders") == [2, 0.5]


def test_from_a_sheet_of_a_workbook(book: Path, tmp_path: Path) -> None:
    source = foreign(
        tmp_path / "s.xlsx", ["编号", "x"], [["C1", 1]], table="T1", sheet="一",
        more={"二": (["客户编号", "城市"], [["C1", "广州"]])},
    )  # fmt: skip
    done("import", book, source, "--as", "customers", "--sheet", "二")
    assert shown(book)[0]["城市"] == "广州"
    assert "没有工作表“三”。现有：一、二" in refused(1, "import", book, source, "--as", "customers", "--sheet", "三")


def test_refused_with_nothing_written(book: Path, tmp_path: Path) -> None:
    good = saved(book, "g.csv", "客户编号,城市\nC1,x\n")
    log = saved(book, "o.csv", "客户编号,金额\nC1,1\n")
    other = foreign(tmp_path / "f.xlsx", ["客户编号"], [["C1"]])
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    cases: list[tuple[int, list[object], str]] = [
        (2, [book, good, "--as", "strategies"], "“strategies”不可用。可用：customers、orders、interactions"),
        (1, [book, tmp_path / "no.csv", "--as", "customers"], "找不到文件"),
        (1, [tmp_path / "no.xlsx", good, "--as", "customers"], "找不到文件"),
        (2, [book, good, "--as", "customers", "--map", "城市"], "--map 应写成"),
        (2, [book, good, "--as", "customers", "--map", "没有=城市"], "没有标题为“没有”的列。现有：客户编号、城市"),
        (2, [book, good, "--as", "customers", "--map", "城市=没有"], "“没有”不是表格 Customers 的列"),
        (1, [book, log, "--as", "orders"], "没有“订单日期”列"),
        (1, [other, log, "--as", "orders"], "没有表格 Orders"),
    ]
    for code, arguments, says in cases:
        assert says in refused(code, "import", *arguments)
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before
