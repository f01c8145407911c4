"""crm-xl export: lists read back by openpyxl, calamine and the csv module; what must not be in a masked one."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import crm_xl
from crm_xl.cells import CellError
from crm_xl.workbook.list_file import ListColumn, csv_bytes, xlsx_bytes
from crm_xl.workflows.export import export_list
from tests.support.books import AS_OF, digest, done, foreign, load, refused, shown
from tests.support.lint import lint
from tests.support.validators import need, sdk_findings, sdk_validator

HEADERS = [
    "客户编号", "客户名称", "客户性质", "联系人", "职位", "联系电话", "邮箱", "地址", "城市", "负责人", "最近合作时间",
    "客户类型标签", "毛利率", "备注", "身份证号", "第二电话", "渠道商",
    "电话次数",
]  # fmt: skip
DAY = dt.datetime(2024, 5, 6)
ROWS: list[list[Any]] = [
    ["001", "华为技术有限公司", "企业", "王小明", "采购经理", 13812345678, "wang@huawei.example", "深圳市龙岗区坂田1号", "深圳",
     "李雷", DAY, "高价值活跃客户", 0.35, "王小明说找赵六，13900001111", "110105199001011234", 13711112222, "甲", 12],
    [1002, "张三丰", "个人", "张三丰", None, "010-12345678;13700003333", "a@b.example c@d.example", "北京市朝阳区建国路88号",
     "北京", "ＬＩ Lei", dt.datetime(2024, 5, 6, 8, 15), "高价值活跃客户", -0.05, "=HYPERLINK(\"http://x\")", None, None, None, None],
    ["C3", "赵六工作室", None, "赵六", "+店长", "012345678901234", None, "上海市", "上海", "韩梅梅", None, "低价值流失客户", None,
     "@提醒", None, None, 5.0, None],
    ["C4", "欧阳锋", None, None, "-", "+8613812345678", None, None, None, "li lei", DAY, "潜在客户", None, "\t制表", None,
     None, None, None],
    [None, None, None, None, None, None, None, None, None, None, None, "信息待完善", None, None, None, None, None, None],
]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return foreign(tmp_path_factory.mktemp("导出") / "客户 表.xlsx", HEADERS, ROWS)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "book.xlsx"
    crm_xl.new_workbook(path, sample=True, as_of=AS_OF)
    return path


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def every_byte(path: Path) -> bytes:
    """The parts of a workbook unpacked, or a csv."""
    if path.suffix == ".csv":
        return path.read_bytes()
    with zipfile.ZipFile(path) as package:
        return b"\0".join(n.encode() + package.read(n) for n in package.namelist()) + package.comment


# ---------------------------------------------------------------- the file


def test_a_sheet_of_plain_cells(book: Path, tmp_path: Path) -> None:
    before = digest(book)
    out = tmp_path / "名单.xlsx"
    told = done("export", book, out)
    assert "4 位客户(共 4 位)" in told and "名单.xlsx" in told
    assert digest(book) == before and [p.name for p in tmp_path.iterdir()] == ["名单.xlsx"]
    found = load(out)
    sheet = found.active
    assert found.sheetnames == ["客户名单"]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    assert rows[0] == [
        "客户编号", "客户名称", "联系人", "职位", "联系电话", "邮箱", "城市", "地址", "负责人", "客户类型标签", "最近合作时间",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["001", "1002", "C3", "C4"]
    assert [row[4] for row in rows[1:]] == [
        "13812345678", "010-12345678;13700003333", "012345678901234", "+8613812345678",
    ]  # fmt: skip
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    assert {(c.data_type, c.number_format) for c in sheet["E"]} == {("s", "@")}
    assert (sheet["K2"].value, sheet["K2"].number_format) == (DAY, r"yyyy\-mm\-dd")
    assert sheet["K3"].value == dt.datetime(2024, 5, 6, 8, 15) and "hh:mm" in sheet["K3"].number_format
    assert sheet["K4"].value is None
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:K5" and sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["G"].width >= 8
    again = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert [[c or None for c in row[:10]] for row in again] == [row[:10] for row in rows]
    assert again[1][10] == DAY.date()


def test_valid_for_excel(sample: Path, book: Path, tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK's validator is not installed")
    for i, (path, more) in enumerate(
        [(sample, []), (book, ["--columns", ",".join(HEADERS)]), (sample, ["--mask-names"])]
    ):
        out = tmp_path / f"{i}.xlsx"
        done("export", path, out, *more)
        assert lint(out) == []
        assert sdk_findings(out) == []


def test_same_bytes_again(sample: Path, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        done("export", sample, tmp_path / name)
    assert digest(tmp_path / "a.xlsx") == digest(tmp_path / "b.xlsx")


def test_a_csv(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "名单.csv"
    done("export", book, out, "--columns", "客户编号，联系人, 职位,电话,最近合作时间,毛利率,备注,渠道商")
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and b"\n" not in data.replace(b"\r\n", b"")
    assert csv_rows(out) == [
        ["客户编号", "联系人", "职位", "联系电话", "最近合作时间", "毛利率", "备注", "渠道商"],
        ["001", "王小明", "采购经理", "13812345678", "2024-05-06", "0.35", "王小明说找赵六，13900001111", "甲"],
        ["1002", "张三丰", "", "010-12345678;13700003333", "2024-05-06 08:15", "-0.05", '\'=HYPERLINK("http://x")', ""],
        ["C3", "赵六", "'+店长", "012345678901234", "", "", "'@提醒", "5"],
        ["C4", "", "'-", "+8613812345678", "2024-05-06", "", "'\t制表", ""],
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        (" =1", "' =1"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("+8613812345678", "+8613812345678"),
        ("-1.5", "-1.5"),
        ("+٣", "'+٣"),
        (-5.0, "-5"),
        (1e15, "1000000000000000.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (True, "TRUE"),
        ('a,"b"\nc', 'a,"b"\nc'),
        (CellError("#N/A"), "#N/A"),
        (None, ""),
    ],
)
def test_cells_of_a_csv(cell: object, written: str) -> None:
    data = csv_bytes([ListColumn("=h", "text", [cell]), ListColumn("b", "text", ["x"])])
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert found == [["'=h", "b"], [written, "x"]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=12),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_comes_back(texts: list[str]) -> None:
    """From the csv but for the apostrophe, from the sheet as it was (calamine reads control characters back)."""
    column = ListColumn("h", "text", [text or None for text in texts])
    other = ListColumn("i", "id", ["x"] * len(texts))
    rows = list(csv.reader(io.StringIO(csv_bytes([column, other]).decode("utf-8-sig"), newline="")))[1:]
    for (cell, _), text in zip(rows, texts, strict=True):
        assert cell in (text, f"'{text}")
        assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r") or cell[1:].replace(".", "").isdigit()
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_bytes("s", [column, other]))).get_sheet_by_index(0)
    assert [row[0] for row in sheet.to_python()[1:]] == texts


def test_numbers_errors_and_odd_dates() -> None:
    cells = [1.5, 123456789012.0, True, CellError("#N/A"), CellError("#SPILL!"), "#N/A", dt.datetime(1850, 1, 2), None]
    columns = [ListColumn("n", "number", cells), ListColumn("m", "money", [1.0] * len(cells))]
    sheet = openpyxl.load_workbook(
        io.BytesIO(xlsx_bytes("a'b&c", [*columns, ListColumn("r", "ratio", [0.5] * 8)]))
    ).active
    assert sheet is not None and sheet.title == "a'b&c"
    found = [(c.value, c.data_type) for c in sheet["A"][1:]]
    assert found == [
        (1.5, "n"), (123456789012, "n"), (True, "b"), ("#N/A", "e"), ("#SPILL!", "s"), ("#N/A", "s"), ("1850-01-02", "s"),
        (None, "n"),
    ]  # fmt: skip
    assert (sheet["A3"].number_format, sheet["B2"].number_format, sheet["C2"].number_format) == (
        "0",
        "#,##0.00",
        "0.00%",
    )


# ---------------------------------------------------------------- which rows and columns


def test_by_segment(book: Path, sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    done("export", book, out, "--segment", "高价值活跃客户", "--segment", "潜在客户", "--columns", "客户编号")
    assert csv_rows(out) == [["客户编号"], ["001"], ["1002"], ["C4"]]
    told = refused(2, "export", book, tmp_path / "b.csv", "--segment", "高价值")
    assert "高价值" in told and "低价值流失客户" in told and "信息待完善" not in told
    in_book = shown(sample)
    label = in_book[0]["客户类型标签"]
    done("export", sample, out, "--segment", label, "--force")
    assert [row[0] for row in csv_rows(out)[1:]] == [
        str(r["客户编号"]) for r in in_book if r["客户类型标签"] == label
    ]  # fmt: skip


def test_by_owner(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    done("export", book, out, "--owner", "Li  LEI", "--owner", "韩梅梅", "--columns", "customer_id")
    assert csv_rows(out) == [["客户编号"], ["1002"], ["C3"], ["C4"]]
    told = refused(2, "export", book, tmp_path / "b.csv", "--owner", "王五")
    assert "王五" in told and "韩梅梅" in told
    assert "没有写文件" in refused(1, "export", book, tmp_path / "b.csv", "--owner", "李雷", "--segment", "潜在客户")
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_columns(book: Path, sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    done("export", book, out, "--columns", "渠道商,手机,Customer name,phone,身份证号")
    assert csv_rows(out)[0] == ["渠道商", "联系电话", "客户名称", "身份证号"]
    told = refused(2, "export", book, tmp_path / "b.csv", "--columns", "客户编号,联系电活")
    assert "联系电活" in told and "联系电话" in told
    assert "邮政编码" in refused(2, "export", book, tmp_path / "b.csv", "--columns", "邮政编码")
    assert "--columns" in refused(2, "export", book, tmp_path / "b.csv", "--columns", " ，,")
    done("export", sample, out, "--force")
    assert {"建议策略", "跟进状态", "下次联系时间"} <= set(csv_rows(out)[0])


def test_next_contact_comes_from_the_contacts(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    done("export", sample, out, "--columns", "客户编号,下次联系时间")
    sheet = load(out).active
    found = {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    due = {str(r["客户编号"]): r["日期"] for r in shown(sample, "Care") if r["事由"] == "下次联系"}
    assert due and all(found[i] == day for i, day in due.items())
    own = foreign(tmp_path / "own.xlsx", ["客户编号", "下次联系日期"], [["C1", DAY]])
    done("export", own, tmp_path / "b.csv")
    assert csv_rows(tmp_path / "b.csv") == [["客户编号", "下次联系日期"], ["C1", "2024-05-06"]]


def test_a_header_with_a_comma(tmp_path: Path) -> None:
    book = foreign(tmp_path / "b.xlsx", ["Customer ID", "Size, cm"], [["C1", 3]])
    done("export", book, tmp_path / "o.csv", "--columns", 'Customer ID, "Size, cm"')
    assert csv_rows(tmp_path / "o.csv") == [["Customer ID", "Size, cm"], ["C1", "3"]]


def test_english(tmp_path: Path) -> None:
    book = foreign(
        tmp_path / "b.xlsx", ["Customer ID", "Name", "Phone", "Owner"], [["C1", "Acme Ltd", 5551234567, "Ann"]]
    )
    out = tmp_path / "o.xlsx"
    told = done("export", book, out, "--mask")
    assert "Customers: 1 of 1" in told and "Masked: Phone, Owner" in told
    assert load(out).sheetnames == ["Customer list"]
    assert "nearest" in refused(2, "export", book, tmp_path / "p.xlsx", "--columns", "Phne")
    assert "to choose by" in refused(2, "export", book, tmp_path / "p.xlsx", "--segment", "x")


def test_json(book: Path, tmp_path: Path) -> None:
    found = json.loads(done("export", book, tmp_path / "a.csv", "--mask", "--columns", "客户编号,电话", "--json"))
    assert found == {
        "path": str(book),
        "out": str(tmp_path / "a.csv"),
        "lang": "zh",
        "rows": 4,
        "customers": 4,
        "columns": ["客户编号", "联系电话"],
        "masked": ["联系电话"],
        "digits_lost": 0,
    }


def test_digits_that_are_lost_already(tmp_path: Path) -> None:
    book = foreign(
        tmp_path / "b.xlsx", ["客户编号", "联系电话"], [["C1", 1.23456789012345e17], ["C2", 123456789012345]]
    )
    assert "1 个编号或电话" in done("export", book, tmp_path / "a.csv")
    assert [row[1] for row in csv_rows(tmp_path / "a.csv")[1:]] == ["123456789012344992", "123456789012345"]


# ---------------------------------------------------------------- what is refused


def test_files_stay(book: Path, tmp_path: Path) -> None:
    before = digest(book)
    for path in (book, book.parent / "." / book.name):
        assert "本身" in refused(2, "export", book, path, "--force")
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    assert "本身" in refused(2, "export", book, link, "--force")
    assert digest(book) == before
    out = tmp_path / "a.csv"
    out.write_text("mine")
    assert "--force" in refused(2, "export", book, out)
    assert out.read_text() == "mine"
    done("export", book, out, "--force")
    assert ".csv" in refused(2, "export", book, tmp_path / "a.txt")
    assert "不存在" in refused(1, "export", book, tmp_path / "nowhere" / "a.csv")
    assert "找不到文件" in refused(1, "export", tmp_path / "no.xlsx", tmp_path / "b.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "link.xlsx"]


def test_an_empty_book(tmp_path: Path) -> None:
    book = foreign(tmp_path / "b.xlsx", ["客户编号", "客户名称"], [[None, None]])
    assert "没有符合条件" in refused(1, "export", book, tmp_path / "a.csv")


def test_results_that_nobody_calculated(tmp_path: Path) -> None:
    book = foreign(tmp_path / "b.xlsx", ["客户编号", "客户类型标签", "我的列"], [["C1", "=F:1+1", "=F:2+2"]])
    for more in ([], ["--columns", "客户编号,我的列"], ["--columns", "客户类型标签"]):
        assert "没有计算结果" in refused(1, "export", book, tmp_path / "a.csv", *more)
    done("export", book, tmp_path / "a.csv", "--columns", "客户编号")


# ---------------------------------------------------------------- masking

CONTACT_DATA = [
    "王小明", "张三丰", "赵六", "13812345678", "13900001111", "13700003333", "12345678", "12345678901234", "13711112222",
    "wang@", "a@b", "c@d", "坂田", "建国路", "110105199001011234", "李雷", "韩梅梅", "li lei", "ＬＩ Lei", "欧阳锋",
]  # fmt: skip


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_nothing_open_in_any_part(book: Path, tmp_path: Path, ending: str) -> None:
    plain, out = tmp_path / f"plain{ending}", tmp_path / f"masked{ending}"
    done("export", book, plain, "--columns", ",".join(HEADERS))
    done("export", book, out, "--mask", "--columns", ",".join(HEADERS))
    open_, masked = every_byte(plain), every_byte(out)
    for text in CONTACT_DATA:
        assert text.encode() in open_, text
        assert text.encode() not in masked, text
    assert "华为技术有限公司".encode() in masked and b"C4" in masked
    done("export", book, out, "--mask-names", "--columns", ",".join(HEADERS), "--force")
    assert "华为".encode() not in every_byte(out) and "技术有限公司".encode() not in every_byte(out)


def test_masked_cells(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    told = done("export", book, out, "--mask", "--columns", ",".join(HEADERS))
    assert "已脱敏的列：客户名称、联系人、联系电话、邮箱、地址、负责人、备注、身份证号、第二电话" in told
    rows = [dict(zip(csv_rows(out)[0], row, strict=True)) for row in csv_rows(out)[1:]]
    assert [r["客户名称"] for r in rows] == ["华为技术有限公司", "张**", "赵*工作室", "欧阳*"]
    assert [r["联系电话"] for r in rows] == [
        "138****5678", "010-****5678;137****3333", "01234******1234", "'+86138****5678",
    ]  # fmt: skip
    assert [r["邮箱"] for r in rows] == ["w***@huawei.example", "a***@b.example c***@d.example", "", ""]
    assert [r["地址"] for r in rows] == ["深圳市龙岗区****", "北京市朝阳区****", "上海市****", ""]
    assert rows[0]["备注"] == "王**说找赵*，139****1111"
    assert (rows[0]["身份证号"], rows[0]["第二电话"]) == ("110105********1234", "137****2222")
    assert [r["客户编号"] for r in rows] == ["001", "1002", "C3", "C4"]
    assert [r["客户类型标签"] for r in rows] == [line[11] for line in ROWS[:4]]
    assert [(r["渠道商"], r["电话次数"]) for r in rows] == [("甲", "12"), ("", ""), ("5", ""), ("", "")]


def test_others_are_not_in_it_either(sample: Path, tmp_path: Path) -> None:
    """Of the whole book, not only of the rows that were chosen."""
    out = tmp_path / "a.xlsx"
    done("export", sample, out, "--mask", "--owner", "何志强")
    data = every_byte(out)
    for row in shown(sample):
        for key in ("联系人", "联系电话", "邮箱", "地址", "负责人"):
            text = str(row[key] or "")
            assert len(text) < 2 or "*" in text or text.encode() not in data, text


def test_ids_that_are_phones_or_citizens(tmp_path: Path) -> None:
    rows = [
        [13812345678, "甲公司"],
        ["110105199001011234", "乙公司"],
        ["913200002024060171", "丙公司"],
        ["C1", "丁公司"],
    ]
    book = foreign(tmp_path / "b.xlsx", ["客户编号", "客户名称"], rows)
    done("export", book, tmp_path / "a.csv", "--mask", "--columns", "客户编号")
    assert [row[0] for row in csv_rows(tmp_path / "a.csv")[1:]] == [
        "138****5678", "110105********1234", "913200002024060171", "C1",
    ]  # fmt: skip


def test_several_people_in_one_cell(tmp_path: Path) -> None:
    rows = [
        ["C1", "李四商行", "王小明(采购)/李四", "找王小明", None],
        ["C2", "甲公司", None, "李四、王小明", "联系李四"],
    ]
    book = foreign(tmp_path / "b.xlsx", ["客户编号", "客户名称", "联系人", "备注", "我的列"], rows)
    done("export", book, tmp_path / "a.csv", "--mask", "--columns", "客户名称,联系人,备注,我的列")
    assert csv_rows(tmp_path / "a.csv")[1:] == [
        ["李*商行", "王******/李*", "找王**", ""],
        ["甲公司", "", "李*、王**", "联系李*"],
    ]


@pytest.mark.parametrize(
    ("name", "kind", "contact", "shown"),
    [
        ("王小明", None, None, "王**"),
        ("王小明", "企业", None, "王小明"),
        ("小明科技有限公司", "个人", None, "小*******"),
        ("John Smith", None, "John Smith", "J*** S****"),
        ("John Smith", "Individual", None, "J*** S****"),
        ("John Smith", None, None, "John Smith"),
        ("欧阳锋华", None, None, "欧阳**"),
        ("阿里木·买买提", None, None, "阿******"),
        ("李四商行", None, None, "李四商行"),
        ("甲公司", None, None, "甲公司"),
        ("小明店", None, None, "小明店"),
    ],
)
def test_who_is_a_person(tmp_path: Path, name: str, kind: str | None, contact: str | None, shown: str) -> None:
    book = foreign(tmp_path / "b.xlsx", ["客户编号", "客户名称", "客户性质", "联系人"], [["C1", name, kind, contact]])
    export_list(book, tmp_path / "a.csv", mask=True, columns="客户名称")
    assert csv_rows(tmp_path / "a.csv")[1:] == [[shown]]


NAMES = st.text("王李张小明伟芳", min_size=2, max_size=3)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)), min_size=1, max_size=4),
    st.sampled_from(["{n}介绍", "找{n}({p})", "{p}", "{n} {n}"]),
)
def test_whoever_is_mentioned(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str]], form: str
) -> None:
    folder = tmp_path_factory.mktemp("people")
    notes = [form.format(n=n, p=p) for n, p in reversed(people)]
    rows = [[f"C{i}", "甲公司", n, p, note] for i, ((n, p), note) in enumerate(zip(people, notes, strict=True))]
    book = foreign(folder / "b.xlsx", ["客户编号", "客户名称", "联系人", "联系电话", "备注"], rows)
    export_list(book, folder / "a.csv", mask=True, columns="客户编号,联系人,联系电话,备注")
    data = every_byte(folder / "a.csv").decode()
    assert not any(n in data or p in data for n, p in people)
