"""New: every kind of source arrives whole, and what cannot be done is refused before anything is written."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

import crm_xl
from crm_xl.errors import CrmXlError
from crm_xl.workflows.new import template_list
from tests.support import recompute
from tests.support.books import AS_OF, cli, column, digest, done, foreign, formulas, load, refused, shown
from tests.support.lint import lint

HEADERS = "客户编号,客户名称,年消费金额(万元),最近合作时间,历史合作次数,首次合作时间,备注\n"
LIST = HEADERS + 'C1,甲公司,15.2,2024-06-01,8,2023-01-05,"第一行\n第二行"\nC2,乙公司,3,2024-02-01,2,2023-06-01,\n'
ORDERS = "客户编号,订单日期,金额\n"


def saved(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sample(tmp_path: Path, lang: str) -> None:
    out = tmp_path / "s.xlsx"
    told = done("new", out, "--sample", "--as-of", AS_OF, "--lang", lang)
    assert ("200 个客户" if lang == "zh" else "Customers: 200") in told
    rows = shown(out)
    assert len(rows) == 200
    ids = [r["客户编号" if lang == "zh" else "Customer ID"] for r in rows]
    assert len(set(ids)) == 200
    assert all(isinstance(i, str) for i in ids)
    before = digest(out)
    told = done("refresh", out, "--as-of", AS_OF)
    assert digest(out) == before
    assert not (tmp_path / "s.xlsx.bak").exists()
    assert ("未改动" if lang == "zh" else "nothing was changed") in told
    assert ("逐行公式" if lang == "zh" else "Row formulas") in told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_any_kind(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = LIST.replace(",", delimiter).replace("\n", "\r\n").replace("第一行\r\n", "第一行\n")
    source = saved(tmp_path, "list.csv", text, encoding)
    done("new", tmp_path / "o.xlsx", "--customers", source, "--as-of", AS_OF)
    first, second = shown(tmp_path / "o.xlsx")
    assert (first["客户编号"], first["客户名称"], first["备注"]) == ("C1", "甲公司", "第一行\n第二行")
    assert (first["年消费金额(万元)"], first["历史合作次数"]) == (15.2, 8)
    assert first["最近合作时间"] == dt.datetime(2024, 6, 1)
    # 8 orders in 17 months: less than one a month
    assert (first["客户类型标签"], second["客户类型标签"]) == ("高价值低频客户", "中价值沉睡客户")


def test_order_dates_and_amounts_as_people_write_them(tmp_path: Path) -> None:
    lines = [
        'C1,2024-05-01,"1,234.5 元"',
        "C2,2024.5.2,１２３",
        "C3,2024年5月3日,1.2万",
        "C4,20240504,¥99",
        "C5,2024/5/5 13:45,100",
        "C6,周五,100",
        "C7,2024-05-07,很多",
    ]
    orders = saved(tmp_path, "o.csv", ORDERS + "\n".join(lines) + "\n")
    told = done("new", tmp_path / "b.xlsx", "--orders", orders, "--as-of", AS_OF, "--unit", "yuan")
    rows = {r["客户编号"]: r for r in shown(tmp_path / "b.xlsx")}
    assert [rows[f"C{i}"]["最近合作时间"].day for i in range(1, 6)] == [1, 2, 3, 4, 5]
    spend = [rows[f"C{i}"]["年消费金额(元)"] for i in range(1, 6)]
    assert spend == [1234.5, 123, 12000, 99, 100]
    assert "C6" not in rows  # an order without a day counts for nobody
    assert "C7" not in rows
    assert "2 个值无法使用" in told
    assert "o.csv 第 7 行“订单日期”：应为日期，现为“周五”。" in told
    assert "2 行订单缺编号、日期或金额" in told
    log = shown(tmp_path / "b.xlsx", "Orders")
    assert [r["客户编号"] for r in log] == [f"C{i}" for i in range(1, 8)]


def test_1904_dates(tmp_path: Path) -> None:
    source = foreign(
        tmp_path / "mac.xlsx",
        ["客户编号", "年消费金额", "最近合作时间"],
        [["C1", 12, dt.datetime(2024, 6, 1)]],
        epoch=dt.datetime(1904, 1, 1),
    )
    done("new", tmp_path / "b.xlsx", "--customers", source, "--as-of", AS_OF)
    assert shown(tmp_path / "b.xlsx")[0]["最近合作时间"] == dt.datetime(2024, 6, 1)


def test_dangerous_texts_arrive_as_text(tmp_path: Path) -> None:
    names = ["=1+1", "+86 10", "-甲", "@SUM(A1)", "\t=2", "😀公司", "a\x07b", "<b>&amp;", "0012", "1E5"]
    source = foreign(tmp_path / "s.xlsx", ["客户编号", "客户名称"], [[f"C{i}", "x"] for i in range(len(names))])
    book = load(source)
    for i, name in enumerate(names):
        # openpyxl takes no control characters; a csv does
        if name.isprintable() or name == "\t=2":
            book["名单"].cell(i + 2, 2).value = name
            book["名单"].cell(i + 2, 2).data_type = "s"
    book.save(source)
    done("new", tmp_path / "b.xlsx", "--customers", source, "--as-of", AS_OF)
    cells = load(tmp_path / "b.xlsx")["客户基础信息表"]
    held = {cells.cell(r, 2).value: cells.cell(r, 2).data_type for r in range(2, len(names) + 2)}
    expected = [n for n in names if n not in ("a\x07b", "\t=2")]
    assert all(held[n] == "s" for n in expected), held
    assert any(str(v).strip() == "=2" and held[v] == "s" for v in held)


def test_control_characters_do_not_break_the_file(tmp_path: Path) -> None:
    source = saved(tmp_path, "c.csv", "客户编号,客户名称\nC\x021,甲\x07\x1f公司\nC2,\x0b\n")
    done("new", tmp_path / "b.xlsx", "--customers", source, "--as-of", AS_OF)
    rows = shown(tmp_path / "b.xlsx")  # openpyxl parses strictly
    assert [r["客户编号"] for r in rows] == ["C1", "C2"]
    assert "甲" in rows[0]["客户名称"]
    assert "公司" in rows[0]["客户名称"]


def test_same_id_twice_keeps_both_rows(tmp_path: Path) -> None:
    source = saved(tmp_path, "c.csv", "客户编号,客户名称\n1001,甲\n1001.0,乙\n001,丙\n")
    done("new", tmp_path / "b.xlsx", "--customers", source, "--as-of", AS_OF)
    assert column(tmp_path / "b.xlsx", "客户编号") == ["1001", "1001", "001"]
    result = cli("check", tmp_path / "b.xlsx")
    assert result.exit_code == 3
    assert "客户编号 1001 重复" in result.stdout


def test_customers_only_in_the_log_and_orders_still_to_come(tmp_path: Path) -> None:
    customers = saved(tmp_path, "c.csv", "客户编号,客户名称\nC1,甲\n")
    orders = saved(tmp_path, "o.csv", ORDERS + "C1,2024-05-01,100\nC2,2024-05-01,100\nC3,2024-07-01,100\n")
    told = done("new", tmp_path / "b.xlsx", "--customers", customers, "--orders", orders, "--as-of", AS_OF)
    assert column(tmp_path / "b.xlsx", "客户编号") == ["C1", "C2"]
    assert "新增 1 个只在订单中出现的客户：C2" in told
    assert "1 行订单晚于分析日期" in told


@pytest.mark.parametrize("lines", [[], ["C1,甲,15.2,2024-06-01,8,2023-01-05,x"]])
def test_none_or_one(tmp_path: Path, lines: list[str]) -> None:
    source = saved(tmp_path, "c.csv", HEADERS + "".join(f"{line}\n" for line in lines))
    told = done("new", tmp_path / "b.xlsx", "--customers", source, "--as-of", AS_OF)
    assert f"{len(lines)} 个客户" in told
    assert len(shown(tmp_path / "b.xlsx")) == len(lines)
    before = digest(tmp_path / "b.xlsx")
    done("refresh", tmp_path / "b.xlsx", "--as-of", AS_OF)
    assert digest(tmp_path / "b.xlsx") == before


def test_columns_without_a_place_are_named(tmp_path: Path) -> None:
    """A log keeps to its fields; a customer list brings its own columns along."""
    source = saved(tmp_path, "c.csv", "客户编号,客户名称,微信群,客户类型标签,生活方式\nC1,甲,A群,我的标签,健身\n")
    log = saved(tmp_path, "o.csv", "客户编号,订单日期,金额(元),仓库\nC1,2024-06-01,100,东\n")
    told = done("new", tmp_path / "b.xlsx", "--customers", source, "--orders", log, "--as-of", AS_OF)
    assert "o.csv 中有 1 列没有对应的列，未导入：仓库" in told
    assert "c.csv" not in told
    assert column(tmp_path / "b.xlsx", "微信群") == ["A群"]
    assert column(tmp_path / "b.xlsx", "生活方式") == ["健身"]
    assert column(tmp_path / "b.xlsx", "客户类型标签") == ["低价值活跃客户"]  # results are made anew


def refusals(folder: Path) -> dict[str, tuple[int, list[object], str]]:
    """Arguments after `new`, the exit code, and what the message says."""
    good = saved(folder, "good.csv", LIST)
    (folder / "there.xlsx").write_bytes(b"mine")
    (folder / "folder.xlsx").mkdir()
    no_id = saved(folder, "no_id.csv", "客户名称,备注\n甲,x\n")
    twins = saved(folder, "twins.csv", "客户编号,客户名称,公司名称\nC1,甲,乙\n")
    no_amount = saved(folder, "no_amount.csv", "客户编号,订单日期\nC1,2024-01-01\n")
    out = folder / "o.xlsx"
    return {
        "target exists": (2, [folder / "there.xlsx"], "已存在"),
        "target is a folder": (1, [folder / "folder.xlsx"], "是文件夹"),
        "other kind": (2, [folder / "o.pdf"], "不支持"),
        "no folder": (1, [folder / "no" / "o.xlsx"], "不存在。请先新建"),
        "template": (2, [out, "--template", "crm"], "没有模板“crm”"),
        "date": (2, [out, "--as-of", "周五"], "“周五”无法识别"),
        "sample and sources": (2, [out, "--sample", "--orders", good], "只选一种"),
        "missing source": (1, [out, "--customers", folder / "no.csv"], "找不到文件"),
        "folder as source": (1, [out, "--customers", folder], "是文件夹"),
        "empty source": (1, [out, "--customers", saved(folder, "e.csv", "")], "是空的"),
        "empty workbook": (1, [out, "--customers", saved(folder, "e.xlsx", "")], "是空的"),
        "not a zip": (1, [out, "--customers", saved(folder, "z.xlsx", "hello")], "不是有效的"),
        "broken zip": (1, [out, "--customers", saved(folder, "y.xlsx", b"PK\x03\x04rest")], "不是有效的"),
        "only blanks": (1, [out, "--customers", saved(folder, "b.csv", "\n\n")], "没有客户编号列"),
        "unknown kind": (1, [out, "--customers", saved(folder, "a.doc", "x")], "不支持"),
        "no id": (1, [out, "--customers", no_id], "没有客户编号列"),
        "two columns": (1, [out, "--customers", twins], "“客户名称”和“公司名称”两列都是“客户名称”"),
        "no amount": (1, [out, "--orders", no_amount], "没有“金额”列"),
    }


CASES = [
    "target exists", "target is a folder", "other kind", "no folder", "template", "date",
    "sample and sources", "missing source", "folder as source", "empty source", "empty workbook", "not a zip",
    "broken zip", "only blanks", "unknown kind", "no id", "two columns", "no amount",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_refused_with_nothing_written(tmp_path: Path, case: str) -> None:
    code, arguments, says = refusals(tmp_path)[case]
    before = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    assert says in refused(code, "new", *arguments)
    # and in English there is no Chinese, but for what the user's own file says
    told = refused(code, "new", *arguments, "--lang", "en")
    for own in ("周五", "客户名称", "公司名称"):
        told = told.replace(f"'{own}'", "")
    assert not re.search("[一-鿿]", told), told
    assert {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before


def test_every_refusal_is_tried(tmp_path: Path) -> None:
    assert list(refusals(tmp_path)) == CASES


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = cli("new", tmp_path / "o.xlsx", "--customers", tmp_path / "no.csv", "--debug")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert result.stderr.rstrip().endswith("请检查文件名和文件夹。")


def test_force(tmp_path: Path) -> None:
    out = saved(tmp_path, "o.xlsx", "mine")
    done("new", out, "--force", "--customers", saved(tmp_path, "c.csv", LIST), "--as-of", AS_OF)
    assert len(shown(out)) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "o.xlsx"]


def test_open_in_excel(tmp_path: Path) -> None:
    out = saved(tmp_path, "o.xlsx", "mine")
    saved(tmp_path, "~$o.xlsx", "lock")
    assert "正在 Excel 中打开" in refused(2, "new", out, "--force", "--sample", "--as-of", AS_OF)
    assert out.read_bytes() == b"mine"


def test_forms(tmp_path: Path) -> None:
    source = saved(tmp_path, "c.csv", LIST)
    for form, live in (("row", True), ("values", False)):
        out = tmp_path / f"{form}.xlsx"
        done("new", out, "--customers", source, "--as-of", AS_OF, "--formulas", form)
        assert ("客户类型标签" in formulas(out)) is live
        assert column(out, "客户类型标签") == ["高价值低频客户", "中价值沉睡客户"]


def test_frames_by_header(tmp_path: Path) -> None:
    customers = pd.DataFrame(
        {
            "Account ID": [1001, "A2"],
            "Company": ["甲", None],
            "年消费金额(元)": [152000.0, float("nan")],
            "最近合作时间": [pd.Timestamp("2024-06-01"), pd.NaT],
            "历史合作次数": pd.array([8, None], dtype="Int64"),
        }
    )
    orders = pd.DataFrame({"客户编号": ["A2"], "下单日期": [dt.date(2024, 5, 1)], "金额(万元)": [3]})
    report = crm_xl.new_workbook(
        tmp_path / "b.xlsx", template="customer-info", customers=customers, orders=orders, as_of=AS_OF
    )
    first, second = shown(tmp_path / "b.xlsx")
    assert (first["客户编号"], first["客户名称"], first["年消费金额(万元)"]) == (1001, "甲", 15.2)
    assert (second["年消费金额(万元)"], second["历史合作次数"]) == (3, 1)
    assert report.customers == 2
    assert shown(tmp_path / "b.xlsx", "Orders")[0]["金额(元)"] == 30000


def test_python_errors_have_both_languages(tmp_path: Path) -> None:
    with pytest.raises(CrmXlError) as caught:
        crm_xl.new_workbook(tmp_path / "no" / "b.xlsx", template="customer-info", sample=True, as_of=AS_OF)
    assert "does not exist" in str(caught.value)
    assert "不存在" in caught.value.text("zh")


def test_templates_exist_in_both_languages() -> None:
    for template in template_list("en"):
        assert template["languages"] == ["zh", "en"]
        assert template["title"].isascii()


def test_columns_of_a_customer_list_that_the_template_has_not_come_along(tmp_path: Path) -> None:
    """Known fields without a place and the user's own columns stand at the right edge, as they were."""
    source = tmp_path / "list.csv"
    source.write_text("客户编号,客户名称,邮箱,我的评价\nA1,甲,a@b.com,=1+1\nA2,乙,,\nA3,丙,,很好\n", encoding="utf-8")
    out = tmp_path / "book.xlsx"
    crm_xl.new_workbook(out, template="customer-info", customers=source, as_of="2024-06-30")
    table = recompute.read_table(out, "Customers")
    assert table.columns[-2:].tolist() == ["邮箱", "我的评价"]
    assert table["我的评价"].tolist() == ["=1+1", None, "很好"]
    assert table["邮箱"].tolist() == ["a@b.com", None, None]
    assert lint(out, ours=True) == []
    assert not crm_xl.refresh(out, as_of="2024-06-30").changed


def test_a_frame_keeps_its_own_columns(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    frame = pd.DataFrame({"客户编号": ["A", "B"], "年消费金额(万元)": [12.5, 1.0], "我的列": ["x", None]})
    crm_xl.new_workbook(path, template="customer-info", customers=frame, as_of="2024-06-30")
    assert column(path, "我的列") == ["x", None]


def test_days_in_columns_that_the_template_lacks_stay_days(tmp_path: Path) -> None:
    source = saved(tmp_path, "list.csv", "客户编号,客户名称,合同到期日\nC1,甲厂,2025-01-31\nC2,乙厂,\n")
    out = tmp_path / "b.xlsx"
    crm_xl.new_workbook(out, template="customer-info", customers=source, as_of=AS_OF)
    assert shown(out)[0]["合同到期日"] == dt.datetime(2025, 1, 31)
    assert not crm_xl.refresh(out, as_of=AS_OF).changed
