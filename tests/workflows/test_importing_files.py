"""Import of several files, of files without ids, with a saved map; twice is the same as once."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crm_xl
from crm_xl.workflows.importing import KINDS, import_source
from tests.support import messy
from tests.support.books import AS_OF, column, digest, done, refused, shown


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.csv").write_text(
        "客户编号,客户名称,联系电话,城市,邮箱\n"
        "C1,上海宏远科技有限公司,13812340561,上海,\nC2,北京瑞丰贸易有限公司,13957680342,,\n"
        "C3,张伟,13765432109,,\nC4,分店甲,010-65432178,,\nC5,分店乙,010-65432178,,\n",
        encoding="utf-8",
    )
    crm_xl.new_workbook(folder / "b.xlsx", template="full", customers=folder / "c.csv", as_of=AS_OF)
    return folder / "b.xlsx"


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "b.xlsx"))


def saved(book: Path, name: str, text: str) -> Path:
    path = book.with_name(name)
    path.write_text(text, encoding="utf-8")
    return path


def cells(book: Path, customer: str) -> dict[str, object]:
    return next(row for row in shown(book) if row["客户编号"] == customer)


def test_several_files_are_joined_on_id_phone_and_name(book: Path) -> None:
    crm = saved(book, "crm.csv", "客户编号,客户名称,城市,所属行业\nC1,,杭州,\nC2,,北京,软件\n")
    chat = saved(book, "chat.csv", "公司名称,手机,邮箱,城市\n宏远科技,+86 138 1234 0561,a@b.com,上海\n")
    fair = saved(book, "fair.csv", "客户名称,所属行业,邮箱\n（北京）瑞丰贸易有限公司,硬件,r@b.com\n")
    told = done("import", book, crm, chat, fair, "--as", "customers")
    first, second = cells(book, "C1"), cells(book, "C2")
    assert (first["客户名称"], first["联系电话"]) == ("上海宏远科技有限公司", "13812340561")
    assert (first["城市"], first["邮箱"]) == ("杭州", "a@b.com")  # the file named first wins
    assert (second["城市"], second["所属行业"], second["邮箱"]) == ("北京", "软件", "r@b.com")
    assert "chat.csv 第 2 行“宏远科技”：按电话对应到 C1" in told
    assert "fair.csv 第 2 行“（北京）瑞丰贸易有限公司”：按名称对应到 C2" in told
    assert "C1“城市”：取 杭州(crm.csv 第 2 行)，未取 上海(chat.csv 第 2 行)" in told
    assert "C2“所属行业”：取 软件(crm.csv 第 3 行)，未取 硬件(fair.csv 第 2 行)" in told
    assert "4 行：新增 0，修改 2，未变 2" in told
    before = digest(book)
    book.with_name("b.xlsx.bak").unlink()
    done("import", book, crm, chat, fair, "--as", "customers")
    assert digest(book) == before
    assert not book.with_name("b.xlsx.bak").exists()


def test_who_is_not_sure_is_asked_about(book: Path) -> None:
    source = saved(
        book,
        "x.csv",
        "客户名称,联系电话,城市\n"
        "某某,010-65432178,甲\n"  # a switchboard of two customers
        "张伟,13698761234,乙\n"  # another person of that name
        "宏远科技,13957680342,丙\n"  # the phone says C2, the name C1
        "全新公司,13587654321,丁\n",
    )
    before = digest(book)
    report = json.loads(done("import", book, source, "--as", "customers", "--json"))
    assert digest(book) == before
    assert [("C4、C5" in q, "C3" in q, "C2、C1" in q) for q in report["questions"]] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip
    assert (report["without_id"], report["unknown"], report["new"]) == (4, 1, 0)
    assert "x.csv 第 5 行“全新公司”未导入" in report["problems"][0]
    told = done("import", book, source, "--as", "customers")
    assert "--new-ids" in told


def test_new_ids_only_when_asked_for(book: Path) -> None:
    source = saved(
        book, "x.csv", "客户名称,联系电话,城市\n全新公司,13587654321,丁\n另一家公司,,戊\n全新,13587654321,\n"
    )
    told = done("import", book, source, "--as", "customers", "--new-ids", "W")
    assert column(book, "客户编号")[-2:] == ["W0001", "W0002"]
    assert "x.csv 第 2 行“全新公司”：新客户，编号 W0001" in told
    assert "x.csv 第 4 行“全新”：按电话对应到 W0001" in told
    before = digest(book)
    done("import", book, source, "--as", "customers", "--new-ids", "W")
    assert digest(book) == before
    more = saved(book, "y.csv", "客户名称,城市\n第三家公司,己\n")
    done("import", book, more, "--as", "customers", "--new-ids", "W")
    assert column(book, "客户编号")[-1] == "W0003"
    assert "--new-ids 只用于" in refused(2, "import", book, source, "--as", "orders", "--new-ids", "W")


def test_overlapping_logs_bring_a_line_once(book: Path) -> None:
    a = saved(book, "a.csv", "订单号,客户编号,订单日期,金额\n1,C1,2024-01-01,5\n2,C1,2024-02-01,6\n")
    b = saved(book, "b.csv", "订单号,客户编号,订单日期,金额\n2,C1,2024-02-01,6\n3,C2,2024-03-01,7\n")
    assert "4 行：新增 3，修改 0，未变 1" in done("import", book, a, b, "--as", "orders")
    assert column(book, "订单号", "Orders") == ["1", "2", "3"]


def test_totals_of_a_log_are_no_orders(book: Path) -> None:
    source = saved(
        book,
        "o.csv",
        "订单明细\n单位：千元\n订单号,客户编号,订单日期,金额\n1,C1,2024-01-01,5\n小计,,,5\n2,C2,2024-02-01,6\n,,,11\n合计,,,11\n",
    )
    report = json.loads(done("import", book, source, "--as", "orders", "--json"))
    assert report["rows"] == 2
    assert column(book, "金额(元)", "Orders") == [5000, 6000]
    assert [line.split("(")[0] for line in report["left_out"]] == [f"o.csv 第 {n} 行" for n in (1, 2, 5, 7, 8)]


def test_a_column_that_is_not_sure_is_a_question_with_its_answer(book: Path) -> None:
    source = saved(book, "x.csv", "客户编号,最近联系时间,电话1,电话2\nC1,2024-05-01,13811110001,13811110002\n")
    report = json.loads(done("import", book, source, "--as", "customers", "--dry-run", "--json"))
    assert [c["field"] for c in report["columns"]] == ["customer_id", "", "", ""]
    assert '--map "最近联系时间=最近合作时间"' in report["questions"][0]
    told = done("import", book, source, "--as", "customers", "--map", "电话1=联系电话", "--map", "电话2=")
    assert "电话" not in told.split("需要您决定")[1].split("C1")[0]
    assert cells(book, "C1")["联系电话"] == "13811110001"
    unsure = saved(book, "y.csv", "KHBH,客户等级\nC1,VIP\n")
    assert '--map "KHBH=客户编号"' in refused(1, "import", book, unsure, "--as", "customers")


def test_dry_run_tells_each_cell_that_would_change(book: Path) -> None:
    source = saved(book, "x.csv", "kehu bianhao,城市,邮箱\nC1,苏州,x@y.com\nC2,,\nC9,无锡,\n")
    before = digest(book)
    report = json.loads(done("import", book, source, "--as", "customers", "--dry-run", "--json"))
    assert digest(book) == before
    assert report["changes"] == [
        {"customer": "C1", "column": "邮箱", "old": "", "new": "x@y.com"},
        {"customer": "C1", "column": "城市", "old": "上海", "new": "苏州"},
    ]
    assert (report["new"], report["changed"], report["unchanged"]) == (1, 1, 1)
    told = done("import", book, source, "--as", "customers", "--dry-run")
    assert "C1“城市”：上海 → 苏州" in told
    assert ["kehu", "bianhao", "客户编号", "C1、C2、C9", "拼音", "0.97"] in [line.split() for line in told.splitlines()]


def test_a_saved_map_is_used_again(book: Path) -> None:
    first = saved(book, "a.csv", "导出\n\n客户编码,称呼,消费\nC1,甲甲,1200000\n")
    kept = book.with_name("map.toml")
    done(
        "import", book, first, "--as", "customers", "--map", "称呼=联系人", "--map", "消费=年消费金额(元)",
        "--save-map", kept,
    )  # fmt: skip
    text = kept.read_text(encoding="utf-8")
    assert '"消费" = "年消费金额"' in text and '"消费" = "元"' in text and "header_row = 3" in text
    assert cells(book, "C1")["年消费金额(万元)"] == 120
    second = saved(book, "b.csv", "导出\n\n客户编码,称呼,消费\nC2,乙乙,2300000\n")
    done("import", book, second, "--as", "customers", "--use-map", kept)
    assert (cells(book, "C2")["联系人"], cells(book, "C2")["年消费金额(万元)"]) == ("乙乙", 230)
    other = saved(book, "c.csv", "x\n\n客户编码,城市\nC2,乙\n")
    message = refused(2, "import", book, other, "--as", "customers", "--use-map", kept)
    assert "称呼、消费" in message and "客户编码、城市" in message
    assert "是为 customers 保存的" in refused(2, "import", book, other, "--as", "orders", "--use-map", kept)
    kept.write_text("columns = 3", encoding="utf-8")
    assert "不是可用的列对应文件" in refused(1, "import", book, other, "--as", "customers", "--use-map", kept)


LINES = {
    "orders": '订单号,客户编号,订单日期,金额(元),产品,毛利率\n1,C1,2024.1.1,"1,200",泵,30%\n,C2,2024年2月1日,3,,\n',
    "interactions": "日期,客户编号,方式,内容,负责人\n2024-01-01,C1,电话, 您好 ,小王\n20240201,C2,,,\n",
    "complaints": "日期,客户编号,内容,状态\n2024-01-01,C1,坏了,处理中\n",
    "surveys": "日期,客户编号,来源,满意度,推荐意愿\n2024-01-01,C1,问卷,５,9\n",
    "needs": "客户编号,日期,需求,类别\nC1,2024-01-01,快,基本\n",
    "loyalty": "客户编号,日期,积分变动,原因\nC1,2024-01-01,+50,消费\n",
}


def test_every_kind_twice_changes_nothing(book: Path) -> None:
    assert set(LINES) | {"customers"} == set(KINDS)
    for kind, text in LINES.items():
        source = saved(book, f"{kind}.csv", text)
        assert "新增 0" not in done("import", book, source, "--as", kind)
        before = digest(book)
        book.with_name("b.xlsx.bak").unlink()
        assert "新增 0" in done("import", book, source, "--as", kind)
        assert digest(book) == before
        assert not book.with_name("b.xlsx.bak").exists()


NAMES = ["上海宏远科技有限公司", "宏远科技", "张伟", "新公司", "瑞丰贸易", "北京瑞丰贸易有限公司", "", "王**"]
PHONES = ["13812340561", "138-1234-0561", "13957680342", "01065432178", "13587654321", "", "12"]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "C1", "C2", "C3", "C7"]),
        st.sampled_from(NAMES),
        st.sampled_from(PHONES),
        st.sampled_from(["", "上海", "北京"]),
    ),
    max_size=5,
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(files=st.lists(st.tuples(st.booleans(), ROWS), min_size=1, max_size=3), new_ids=st.sampled_from(["", "N"]))
def test_customers_twice_changes_nothing(
    made: Path, files: list[tuple[bool, list[tuple[str, str, str, str]]]], new_ids: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Path(shutil.copy(made, Path(folder) / "b.xlsx"))
        sources = []
        for number, (with_ids, rows) in enumerate(files):
            lines = ["客户编号,客户名称,联系电话,城市"] + [",".join(row) for row in rows]
            if not with_ids:
                lines = [line.partition(",")[2] for line in lines]
            sources.append(saved(book, f"{number}.csv", "\n".join(lines) + "\n"))
        import_source(book, sources, "customers", new_ids=new_ids)
        before = digest(book)
        second = import_source(book, sources, "customers", new_ids=new_ids)
        assert (second.new, second.changed, second.changes) == (0, 0, [])
        assert digest(book) == before


KINDS_OF_MESS = [messy.decoys, messy.unit_row, messy.pages, messy.footers, messy.title]


def test_messy_files_twice_change_nothing(made: Path, tmp_path: Path) -> None:
    dice = random.Random(7)
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        book = Path(shutil.copy(made, folder / "b.xlsx"))
        draft = messy.draft()
        for disturb in sorted(dice.sample(KINDS_OF_MESS, 3), key=KINDS_OF_MESS.index):
            disturb(draft)
        source = messy.saved(draft, folder, dice.choice(["xlsx", "csv"]))
        report = import_source(book, source, "customers")
        assert report.new == messy.COUNT
        before = digest(book)
        assert import_source(book, source, "customers").unchanged == messy.COUNT
        assert digest(book) == before
