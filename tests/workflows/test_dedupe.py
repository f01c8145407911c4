"""Dedupe: groups in a table where the user decides, a merge that drops nothing, and its way back."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import crm_xl
from crm_xl.analysis.cleaning import id_text
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workflows.dedupe import REPOINTED
from tests.support.books import AS_OF, cli, column, digest, done, foreign, load, refused, shown
from tests.support.editing import set_table_cell

CUSTOMERS = (
    "客户编号,客户名称,联系人,联系电话,城市,地址,邮箱,备注,级别备注\n"
    "C1,上海宏远精密机械有限公司,王伟,13800138000,上海,,a@x.cn,老客户,甲\n"
    "C2,鼎盛贸易有限公司,李娜,13900139000,北京,,,,\n"
    "C3,宏远精密机械(上海)有限责任公司,王伟,138-0013-8000,上海,南京路1号,b@x.cn,,乙\n"
    "C4,Acme Trading Co. Ltd,Tom,021-62345678,,,,,\n"
    "C5,ACME-Trading Inc.,,(021)62345678,,,,,\n"
    "C6,红星机械一厂,张强,13700137000,上海,,,,\n"
)
ORDERS = (
    "订单号,客户编号,订单日期,金额,产品\n"
    "1,C1,2024-05-01,1000,A\n2,C3,2024-03-01,500,B\n3,C3,2024-06-01,700,A\n4,C2,2024-01-01,90,A\n5,C5,2024-02-01,80,B\n"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "c.csv").write_text(CUSTOMERS, encoding="utf-8")
    (folder / "o.csv").write_text(ORDERS, encoding="utf-8")
    book = folder / "b.xlsx"
    crm_xl.new_workbook(
        book, template="customer-info", customers=folder / "c.csv", orders=folder / "o.csv", as_of=AS_OF
    )
    return book


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "b.xlsx"))


def decide(book: Path, **decisions: str) -> None:
    for at, row in enumerate(shown(book, "Duplicates")):
        if row["客户编号"] in decisions:
            set_table_cell(book, "Duplicates", at, "决定", decisions[row["客户编号"]])


def everything(book: Path) -> dict[str, list[list[Any]]]:
    """Every cell of every sheet; empty cells and rows at the end are nothing."""
    told = {}
    for sheet in load(book, data_only=True):
        rows = [[None if c == "" else c for c in line] for line in sheet.iter_rows(values_only=True)]
        for line in rows:
            while line and line[-1] is None:
                line.pop()
        while rows and not rows[-1]:
            rows.pop()
        told[sheet.title] = rows
    return told


def test_groups_are_listed_for_the_user_to_decide(book: Path) -> None:
    told = done("dedupe", book)
    assert "2 组、4 位" in told
    rows = shown(book, "Duplicates")
    assert [(r["组"], r["客户编号"], r["建议"], r["决定"]) for r in rows] == [
        (1, "C3", "保留", None),
        (1, "C1", "合并", None),
        (2, "C5", "保留", None),
        (2, "C4", "合并", None),
    ]
    assert rows[0]["依据"] == "名称相同、电话相同、联系人相同、城市相同"
    assert all(0.75 <= r["得分"] <= 1 for r in rows)
    before = digest(book)
    done("dedupe", book)
    assert digest(book) == before


def test_a_merge_moves_lines_fills_cells_and_keeps_what_differs(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="保留", C3="合并")
    assert "1 位客户已并入 1 位" in done("dedupe", book, "--apply")
    first, *rest = shown(book)
    assert [r["客户编号"] for r in rest] == ["C2", "C4", "C5", "C6"]
    assert (first["客户编号"], first["客户名称"], first["地址"]) == ("C1", "上海宏远精密机械有限公司", "南京路1号")
    for kept in ("老客户", "客户名称: 宏远精密机械(上海)有限责任公司 (C3)", "邮箱: b@x.cn (C3)", "级别备注: 乙 (C3)"):
        assert kept in first["备注"]
    assert (first["历史合作次数"], first["级别备注"]) == (3, "甲")
    assert column(book, "客户编号", "Orders") == ["C1", "C1", "C1", "C2", "C5"]
    assert column(book, "客户编号", "Duplicates") == ["C5", "C4"]
    assert {r["客户编号"] for r in shown(book, "History")} <= {"C1", "C2", "C3", "C4", "C5", "C6"}


def test_a_merge_is_taken_back_cell_by_cell(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="合并", C4="合并")
    before = everything(book)
    done("dedupe", book, "--apply")
    assert everything(book) != before
    report = next(book.parent.glob("b.merged-*.json"))
    assert "已恢复 2 位客户" in done("dedupe", book, "--undo", report)
    after = everything(book)
    for sheet in before:
        assert after[sheet] == before[sheet], sheet


def test_in_the_full_workbook_and_in_english(tmp_path: Path) -> None:
    book = tmp_path / "b.xlsx"
    crm_xl.new_workbook(book, template="full", lang="en", sample=True, as_of=AS_OF)
    customers = FileWorkbook(book).read_table("Customers")
    ids = customers.column("customer_id")
    set_table_cell(book, "Customers", 5, "Customer name", customers.column("customer_name")[0])
    set_table_cell(book, "Customers", 5, "Phone", customers.column("phone")[0])
    done("refresh", book, "--as-of", AS_OF)
    found = json.loads(done("dedupe", book, "--json"))
    places = [at for at, r in enumerate(found["rows"]) if r["customer_id"] in (ids[0], ids[5])]
    assert len(places) == 2
    for at in places:
        set_table_cell(book, "Duplicates", at, "Decision", "merge")
    before, lines = everything(book), line_ids(book)
    merged = json.loads(done("dedupe", book, "--apply", "--json"))
    ((master, gone),) = merged["merged"].items()
    assert {master, *gone} == {ids[0], ids[5]}
    after = line_ids(book)
    assert after.pop("Customers") == [i for i in lines.pop("Customers") if i not in gone]
    for table, old in lines.items():
        assert after[table][: len(old)] == [master if i in gone else i for i in old], table
    done("dedupe", book, "--undo", merged["report"])
    again = everything(book)
    assert {s for s in before if before[s] != again[s]} == set()


def line_ids(book: Path) -> dict[str, list[object]]:
    opened = FileWorkbook(book)
    tables = {name: opened.read_table(name) for name in ("Customers", *REPOINTED)}
    return {name: data.column("customer_id")[: data.used] for name, data in tables.items()}


def test_decisions_survive_another_search(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="保留", C4="合并")
    done("dedupe", book)
    decisions = {r["客户编号"]: r["决定"] for r in shown(book, "Duplicates")}
    assert decisions == {"C3": None, "C1": "保留", "C5": None, "C4": "合并"}
    done("dedupe", book, "--threshold", "1")
    assert {r["客户编号"]: r["决定"] for r in shown(book, "Duplicates")} == decisions


def test_nothing_marked_changes_nothing(book: Path) -> None:
    done("dedupe", book)
    before = digest(book)
    assert "未改动" in done("dedupe", book, "--apply")
    assert digest(book) == before
    assert not list(book.parent.glob("*.json"))


def test_what_cannot_be_merged_is_told(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="也许")
    told = refused(1, "dedupe", book, "--apply")
    assert "也许" in told and "H3" in told
    decide(book, C1="合并")
    set_table_cell(book, "Customers", 0, "客户名称", "别人")
    assert "C1" in refused(1, "dedupe", book, "--apply")


def test_a_group_that_stays_as_it_is_loses_no_row(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="保留", C3="保留", C4="合并")
    done("dedupe", book, "--apply")
    assert column(book, "客户编号") == ["C1", "C2", "C3", "C5", "C6"]
    assert {r["客户编号"]: r["决定"] for r in shown(book, "Duplicates")} == {"C3": "保留", "C1": "保留"}


def test_two_masters_and_none(book: Path) -> None:
    (book.parent / "c.csv").write_text("客户编号,客户名称,联系电话\nC7,宏远精密机械,13800138000\n", encoding="utf-8")
    done("import", book, book.parent / "c.csv", "--as", "customers")
    done("dedupe", book)
    decide(book, C1="保留", C3="保留", C7="合并")
    before = digest(book)
    assert "C3、C1" in refused(1, "dedupe", book, "--apply")
    assert digest(book) == before
    decide(book, C1="", C3="合并", C7="")
    assert "C3" in refused(1, "dedupe", book, "--apply")


def test_an_undo_names_the_cell_that_was_changed_since(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="合并")
    done("dedupe", book, "--apply")
    report = next(book.parent.glob("b.merged-*.json"))
    set_table_cell(book, "Orders", 0, "客户编号", "C2")
    before = digest(book)
    assert "B2" in refused(1, "dedupe", book, "--undo", report)
    assert digest(book) == before
    report.write_text("{}", encoding="utf-8")
    assert "不是合并报告" in refused(1, "dedupe", book, "--undo", report)


def test_wrong_use(book: Path, tmp_path: Path) -> None:
    assert "0 到 1" in refused(2, "dedupe", book, "--threshold", "75")
    assert "--undo" in refused(2, "dedupe", book, "--apply", "--undo", "x.json")
    other = foreign(tmp_path / "f.xlsx", ["客户编号", "客户名称"], [["C1", "甲"]])
    assert "Duplicates" in refused(1, "dedupe", other)
    assert "Duplicates" in refused(1, "dedupe", other, "--apply")
    assert cli("dedupe", tmp_path / "no.xlsx").exit_code == 1


def test_a_formula_in_the_way_is_named(book: Path) -> None:
    done("dedupe", book)
    decide(book, C1="合并")
    editor = load(book)
    sheet = next(s for s in editor if "Customers" in s.tables)
    headers = [c.value for c in sheet[1]]
    sheet.cell(4, headers.index("地址") + 1).value = '="路"&1'
    editor.save(book)
    assert "公式" in refused(1, "dedupe", book, "--apply")


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["宏远精密机械有限公司", "宏远精密机械", "鼎盛国际贸易", "Acme Trading"]),
            st.sampled_from(["", "13800138000", "138 0013 8000", "021-62345678"]),
            st.text("甲乙丙 =1", max_size=3),
            st.integers(0, 3),
        ),
        min_size=2,
        max_size=6,
    )
)
@settings(
    max_examples=6, deadline=None, phases=(Phase.generate,), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_is_dropped(rows: list[tuple[str, str, str, int]], tmp_path: Path) -> None:
    """Whatever is merged: every value is in a cell or in a note, every order line is there, and undo brings all back."""
    for old in tmp_path.glob("*"):
        old.unlink()
    book = tmp_path / "b.xlsx"
    lines = [f'C{i},{name},{phone},"{address}"' for i, (name, phone, address, _) in enumerate(rows)]
    orders = [f"{i}-{k},C{i},2024-0{k + 1}-01,{i + 1}" for i, row in enumerate(rows) for k in range(row[3])]
    (tmp_path / "c.csv").write_text("\n".join(["客户编号,客户名称,联系电话,地址", *lines]), encoding="utf-8")
    (tmp_path / "o.csv").write_text("\n".join(["订单号,客户编号,订单日期,金额", "x,C0,2023-01-01,5", *orders]), "utf-8")
    crm_xl.new_workbook(
        book, template="customer-info", customers=tmp_path / "c.csv", orders=tmp_path / "o.csv", as_of=AS_OF
    )
    done("dedupe", book)
    listed = shown(book, "Duplicates")
    for at in range(len(listed)):
        set_table_cell(book, "Duplicates", at, "决定", "合并")
    before = everything(book)
    told = json.loads(done("dedupe", book, "--apply", "--json"))
    after = shown(book)
    assert len(after) == len(rows) - told["count"]
    home = {gone: master for master, ids in told["merged"].items() for gone in ids}
    for i, (name, phone, address, _) in enumerate(rows):
        row = next(r for r in after if r["客户编号"] == home.get(f"C{i}", f"C{i}"))
        for value in (name, phone, address.strip()):
            assert value in " ".join(str(c) for c in row.values() if c is not None)
    amounts = Counter((id_text(r["订单号"]), r["金额(元)"]) for r in shown(book, "Orders"))
    assert sum(amounts.values()) == 1 + len(orders)
    assert not set(column(book, "客户编号", "Orders")) & home.keys()
    if told["merged"]:
        done("dedupe", book, "--undo", told["report"])
        assert everything(book) == before
