"""Merge: what owners changed comes back by customer and field; nothing is lost, nothing is guessed."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import crm_xl
from crm_xl.workflows.merge import MergeReport, merge
from tests.support.books import cli, column, digest, done, foreign, members, refused, shown
from tests.support.editing import delete_table_row, set_name, set_table_cell
from tests.support.team import AS_OF, OWNERS, add_row, sort_rows, swap_columns, table_rows, team_book, type_cells


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    done("split", team_book(folder), "--out", folder / "out")
    return folder


@pytest.fixture
def team(made: Path, tmp_path: Path) -> Path:
    """A folder with team.xlsx and what was handed out of it, in out/."""
    shutil.copy(made / "team.xlsx", tmp_path / "team.xlsx")
    shutil.copytree(made / "out", tmp_path / "out")
    return tmp_path


def of(team: Path, owner: str) -> Path:
    return team / "out" / f"{owner}.xlsx"


def at(path: Path, customer: str) -> int:
    return column(path, "客户编号").index(customer)


def edit(path: Path, customer: str, header: str, value: Any) -> None:
    set_table_cell(path, "Customers", at(path, customer), header, value)


def customer(path: Path, i: str) -> dict[str, Any]:
    return next(r for r in shown(path) if r["客户编号"] == i)


def run(team: Path, **options: Any) -> MergeReport:
    return merge(team / "team.xlsx", team / "out", **options)


def listed(report: MergeReport) -> list[tuple[str, ...]]:
    return [(c.customer, c.column, c.before, c.manager, c.owner, c.reason) for c in report.listed]


def test_without_edits_not_a_byte_changes(team: Path) -> None:
    before = digest(team / "team.xlsx")
    assert "没有需要写回的修改" in done("merge", team / "team.xlsx", team / "out")
    assert digest(team / "team.xlsx") == before
    for owner in OWNERS:  # nor when the owners only refreshed, at a later date
        crm_xl.refresh(of(team, owner), as_of="2024-09-30")
    assert "没有需要写回的修改" in done("merge", team / "team.xlsx", team / "out")
    assert digest(team / "team.xlsx") == before
    assert {p.name for p in team.iterdir()} == {"team.xlsx", "out"}


def test_edits_come_back_and_results_are_refreshed(team: Path) -> None:
    edit(of(team, "张三"), "C001", "联系人", "王小伟")
    edit(of(team, "张三"), "C003", "年消费金额(万元)", 20)
    edit(of(team, "李四"), "C005", "级别备注", "新")
    edit(of(team, "李四"), "C005", "最近拜访", dt.datetime(2024, 6, 20))
    edit(of(team, "李四"), "C002", "城市", None)
    told = done("merge", team / "team.xlsx", team / "out")
    assert "写回 5 个单元格" in told and "team.xlsx.bak" in told
    book = team / "team.xlsx"
    assert customer(book, "C001")["联系人"] == "王小伟"
    assert customer(book, "C005")["级别备注"] == "新"
    assert customer(book, "C002")["城市"] is None
    assert customer(book, "C005")["最近拜访"] in (dt.datetime(2024, 6, 20), 45463)
    assert not crm_xl.refresh(book, as_of=AS_OF).changed
    report = json.loads(next(team.glob("team.team-*.json")).read_text(encoding="utf-8"))
    assert {(c["customer"], c["column"], c["before"], c["owner"]) for c in report["changes"]} >= {
        ("C001", "联系人", "王伟", "王小伟"), ("C002", "城市", "北京", ""),
    }  # fmt: skip
    before = digest(book)
    done("merge", book, team / "out")  # once more: it is all there
    assert digest(book) == before


def test_what_both_changed_is_listed(team: Path) -> None:
    book = team / "team.xlsx"
    edit(of(team, "张三"), "C001", "联系人", "甲")
    edit(book, "C001", "联系人", "乙")
    edit(of(team, "张三"), "C001", "城市", "南京")
    edit(book, "C001", "城市", "南京")
    edit(book, "C003", "城市", "无锡")
    before = digest(book)
    result = cli("merge", book, team / "out")
    assert result.exit_code == 3
    assert digest(book) == before
    report = run(team, dry_run=True)
    assert listed(report) == [("C001", "联系人", "王伟", "乙", "甲", "both_changed")]
    assert not report.changes
    assert report.listed[0].cell == f"客户基础信息表!D{at(book, 'C001') + 2}" or report.listed[0].cell.startswith(
        "客户基础信息表!"
    )
    assert json.loads(next(team.glob("team.team-*.json")).read_text(encoding="utf-8"))["listed"]


def test_a_dry_run_writes_nothing(team: Path) -> None:
    edit(of(team, "张三"), "C001", "联系人", "甲")
    before = digest(team / "team.xlsx")
    told = done("merge", team / "team.xlsx", team / "out", "--dry-run")
    assert "写回 1 个单元格" in told and "预览" in told
    assert digest(team / "team.xlsx") == before
    assert {p.name for p in team.iterdir()} == {"team.xlsx", "out"}


def test_new_customers_and_lines(team: Path) -> None:
    path = of(team, "张三")
    add_row(path, "Customers", {"客户编号": "N1", "客户名称": "新客户一", "负责人": "张三", "级别备注": "丁"}, 2)
    orders = len(shown(path, "Orders"))
    add_row(
        path,
        "Orders",
        {"订单号": "90", "客户编号": "N1", "订单日期": dt.datetime(2024, 6, 20), "金额(元)": 120000},
        orders,
    )
    add_row(
        path,
        "Orders",
        {"订单号": "91", "客户编号": "C001", "订单日期": dt.datetime(2024, 6, 21), "金额(元)": 10000},
        orders + 1,
    )
    add_row(
        path,
        "Orders",
        {"订单号": "92", "客户编号": "C002", "订单日期": dt.datetime(2024, 6, 21), "金额(元)": 10000},
        orders + 2,
    )
    crm_xl.refresh(path, as_of="2024-07-15")
    add_row(
        path,
        "Interactions",
        {"日期": dt.datetime(2024, 6, 25), "客户编号": "C003", "内容": "试机"},
        len(shown(path, "Interactions")),
    )
    report = run(team)
    assert {(a["table"], a["customer"]) for a in report.added} == {
        ("Customers", "N1"), ("Orders", "N1"), ("Orders", "C001"), ("Interactions", "C003"),
    }  # fmt: skip
    # the refresh added C002, whose order he typed: it is another's customer
    assert {(c.table, c.customer, c.reason) for c in report.listed} == {
        ("Customers", "C002", "id_taken"), ("Orders", "C002", "not_theirs"),
    }  # fmt: skip
    book = team / "team.xlsx"
    new = customer(book, "N1")
    assert (new["客户名称"], new["级别备注"], new["历史合作次数"], new["客户类型标签"]) == (
        "新客户一",
        "丁",
        1,
        "高价值活跃客户",
    )
    assert customer(book, "C001")["历史合作次数"] == 3
    assert column(book, "内容", "Interactions")[-1] == "试机"
    before = digest(book)
    again = run(team)
    assert not again.changed and not again.changes and not again.added
    assert digest(book) == before


def test_new_ids_that_clash(team: Path) -> None:
    for owner, i, name in (
        ("张三", "N1", "甲店"), ("李四", "N1", "乙店"), ("张三", "C004", "丙店"), ("张三", "N3", "丁店"), ("李四", "N3", "丁店"),
    ):  # fmt: skip
        path = of(team, owner)
        add_row(path, "Customers", {"客户编号": i, "客户名称": name}, len(shown(path)))
    report = run(team)
    assert Counter((c.customer, c.owner, c.reason) for c in report.listed) == {
        ("N1", "甲店", "id_in_two_files"): 1, ("N1", "乙店", "id_in_two_files"): 1, ("C004", "丙店", "id_taken"): 1,
    }  # fmt: skip
    assert [a["customer"] for a in report.added] == ["N3"]


def test_an_id_that_was_changed_is_no_new_customer(team: Path) -> None:
    edit(of(team, "张三"), "C003", "客户编号", "C03")
    assert [(c.customer, c.owner, c.reason) for c in run(team).listed] == [("C003", "C03", "id_changed")]
    assert "C03" not in column(team / "team.xlsx", "客户编号")


def test_deleted_rows_stay(team: Path) -> None:
    delete_table_row(of(team, "张三"), "Customers", 1)
    delete_table_row(of(team, "王五"), "Interactions", 0)
    before = digest(team / "team.xlsx")
    report = run(team)
    assert [(c.table, c.customer, c.reason) for c in report.listed] == [
        ("Customers", "C003", "customer_deleted"), ("Interactions", "C004", "row_deleted"),
    ]  # fmt: skip
    assert digest(team / "team.xlsx") == before


def test_lines_edited_on_either_side(team: Path) -> None:
    path, book = of(team, "张三"), team / "team.xlsx"
    contents = column(path, "内容", "Interactions")
    set_table_cell(path, "Interactions", contents.index("回访"), "内容", "回访，要报价")
    set_table_cell(of(team, "王五"), "Orders", 1, "金额(元)", 8500)
    set_table_cell(of(team, "李四"), "Orders", 0, "产品", "Z")
    place = [(r["订单号"], r["产品"]) for r in shown(book, "Orders")].index(("4", "A型机"))
    set_table_cell(book, "Orders", place, "产品", "Y")
    set_table_cell(book, "Orders", place, "购买渠道", "展会")
    report = run(team)
    assert [(c.table, c.customer, c.before, c.manager, c.owner, c.reason) for c in report.listed] == [
        ("Orders", "C002", "A型机", "Y", "Z", "both_changed")
    ]
    rows = shown(book, "Orders")
    assert sorted(r["金额(元)"] for r in rows if r["客户编号"] == "C004") == [8000, 8500]
    assert [(r["产品"], r["购买渠道"]) for r in rows if r["客户编号"] == "C002"] == [("Y", "展会")]
    assert "回访，要报价" in column(book, "内容", "Interactions")
    assert len(rows) == 8


def test_what_was_masked(team: Path) -> None:
    book, path = team / "team.xlsx", of(team, "张三")
    note = customer(book, "C003")["备注"]
    edit(path, "C003", "备注", customer(path, "C003")["备注"] + "，已签约")
    assert [c.reason for c in run(team).listed] == ["masked"]
    assert customer(book, "C003")["备注"] == note
    edit(path, "C003", "备注", "已签约")
    assert not run(team).listed
    assert customer(book, "C003")["备注"] == "已签约"


def test_masked_contacts(tmp_path: Path) -> None:
    book = team_book(tmp_path)
    done("split", book, "--out", tmp_path / "out", "--mask")
    before = digest(book)
    done("merge", book, tmp_path / "out")
    assert digest(book) == before
    edit(of(tmp_path, "张三"), "C001", "联系电话", "13811112222")
    edit(of(tmp_path, "张三"), "C001", "联系人", "王**")
    edit(of(tmp_path, "李四"), "C002", "联系电话", "13811113333")
    edit(book, "C002", "联系电话", "13811114444")
    report = run(tmp_path)
    assert {(c.customer, c.column, c.reason) for c in report.listed} == {
        ("C001", "联系人", "masked"), ("C002", "联系电话", "both_changed"),
    }  # fmt: skip
    assert customer(book, "C001")["联系电话"] == "13811112222"
    assert customer(book, "C002")["联系电话"] == "13811114444"


def test_a_customer_handed_over(team: Path) -> None:
    edit(of(team, "张三"), "C003", "负责人", "李四")
    run(team)
    assert customer(team / "team.xlsx", "C003")["负责人"] == "李四"
    done("split", team / "team.xlsx", "--out", team / "next")
    assert column(team / "next" / "李四.xlsx", "客户编号") == ["C002", "C003", "C005"]


def test_sorted_rows_and_moved_columns_are_no_edits(team: Path) -> None:
    path = of(team, "张三")
    sort_rows(path, "Customers", [1, 0])
    sort_rows(path, "Orders", [2, 0, 1])
    swap_columns(path, "Customers", "联系人", "城市")
    swap_columns(path, "Orders", "产品", "金额(元)")
    before = digest(team / "team.xlsx")
    assert not run(team).listed
    assert digest(team / "team.xlsx") == before
    edit(path, "C001", "城市", "宁波")
    run(team)
    assert customer(team / "team.xlsx", "C001")["城市"] == "宁波"


def test_typed_figures_come_back_but_not_those_of_a_refresh(team: Path) -> None:
    path, book = of(team, "张三"), team / "team.xlsx"
    order = {"订单号": "90", "客户编号": "C001", "订单日期": dt.datetime(2024, 6, 20), "金额(元)": 10000}
    add_row(path, "Orders", order, 3)
    crm_xl.refresh(path, as_of="2024-12-31")
    assert customer(path, "C001")["历史合作次数"] == 3
    edit(path, "C003", "联系人", "x")
    edit(of(team, "王五"), "C007", "年消费金额(万元)", 0.9)  # who has no order in the log
    crm_xl.refresh(of(team, "王五"), as_of="2024-12-31")
    report = run(team)
    assert {(c.customer, c.column, c.owner) for c in report.changes} == {
        ("C003", "联系人", "x"), ("C007", "年消费金额(万元)", "0.9"),
    }  # fmt: skip
    assert not report.listed
    assert customer(book, "C007")["年消费金额(万元)"] == 0.9
    assert customer(book, "C001")["历史合作次数"] == 3


def test_a_formula_of_the_managers_stays(team: Path) -> None:
    from tests.support.editing import NS, Editor, letters

    book = team / "team.xlsx"
    editor = Editor(book)
    sheet, _, headers, (top, left, _, _) = editor.table("Customers")
    place = f"{letters(left + headers.index('级别备注'))}{top + 1 + at(book, 'C001')}"
    cell = next(c for c in editor.sheet(sheet).iter(f"{{{NS}}}c") if c.get("r") == place)
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "str")
    for tag, text in (("f", '"甲"'), ("v", "甲")):
        part = cell.makeelement(f"{{{NS}}}{tag}", {})
        part.text = text
        cell.append(part)
    editor.save()
    edit(of(team, "张三"), "C001", "级别备注", "戊")
    assert listed(run(team)) == [("C001", "级别备注", "甲", "甲", "戊", "formula")]


def test_files_that_cannot_be_read(team: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    out, book = team / "out", team / "team.xlsx"
    edit(of(team, "张三"), "C001", "城市", "宁波")
    (out / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    (out / "~$张三.xlsx").write_bytes(b"lock of another name")
    foreign(out / "foreign.xlsx", ["客户编号"], [["1"]])
    (out / "~$李四.xlsx").write_bytes(b"x")
    (out / "~$张三.xlsx").unlink()
    text = column(of(team, "王五"), "分发底稿", "HandedOut")[0]
    set_table_cell(of(team, "王五"), "HandedOut", 0, "分发底稿", text[:-40])
    other = tmp_path_factory.mktemp("other")
    (other / "c.csv").write_text("客户编号,客户名称,负责人\nC001,别家一,赵一\nC002,别家二,赵一\n", encoding="utf-8")
    crm_xl.new_workbook(other / "b.xlsx", template="customer-info", customers=other / "c.csv", as_of=AS_OF)
    done("split", other / "b.xlsx", "--out", other / "out")
    shutil.copy(other / "out" / "赵一.xlsx", out / "赵一.xlsx")
    result = cli("merge", book, out)
    assert result.exit_code == 3
    told = result.stderr
    for name, why in (
        ("broken.xlsx", "broken.xlsx"), ("foreign.xlsx", "没有分发底稿"), ("李四.xlsx", "正在 Excel 中打开"),
        ("王五.xlsx", "已损坏"), ("赵一.xlsx", "另一个工作簿(b.xlsx)"),
    ):  # fmt: skip
        assert any(line.startswith(f"未能读取：{name}") and why in line for line in told.splitlines()), told
    assert customer(book, "C001")["城市"] == "宁波"  # the others go on
    (team / "empty").mkdir()
    assert "没有工作簿" in refused(1, "merge", book, team / "empty")
    assert "不存在" in refused(1, "merge", book, team / "nowhere")


def test_a_record_that_was_tampered_with(team: Path) -> None:
    """A record may say anything: it is refused, or compared, never a crash."""
    import base64
    import zlib

    path = of(team, "张三")
    for raw in (b"[]", b"{}", b'{"format":"crm-xl split 1"}', b'{"format":"crm-xl split 1","owner":"","key":"","book":"","rules":{},"tables":{"Customers":1}}',
                b'{"format":"crm-xl split 1","owner":"","key":"","book":"","rules":{},"tables":{"Calc":{"columns":[],"rows":[],"made":[]}}}', b"\xff", b"[" * 100_000):  # fmt: skip
        set_table_cell(path, "HandedOut", 0, "分发底稿", base64.b64encode(zlib.compress(raw)).decode())
        report = run(team, dry_run=True)
        assert [f.file for f in report.failed] == ["张三.xlsx"], raw[:40]


def test_with_a_password(team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = team / "team.xlsx"
    monkeypatch.setenv("TEAM_PASSWORD", "合格的 password 42")
    done("split", book, "--by", "区域", "--out", team / "locked", "--password-env", "TEAM_PASSWORD")
    (team / "out").rename(team / "plain")
    (team / "locked").rename(team / "out")
    before = digest(book)
    done("merge", book, team / "out", "--password-env", "TEAM_PASSWORD")
    assert digest(book) == before
    assert "--password-env" in cli("merge", book, team / "out").stderr
    monkeypatch.setenv("TEAM_PASSWORD", "another one")
    told = cli("merge", book, team / "out", "--password-env", "TEAM_PASSWORD")
    assert told.exit_code == 3 and "密码不对" in told.stderr
    assert digest(book) == before


# ---------------------------------------------------------------- random edits on both sides

HEADERS = ("联系人", "城市", "客户来源", "备注", "级别备注", "负责人")
VALUES = st.sampled_from(["甲", "乙", "x", "7", 7, 2.5, None, "a&<b>", " 前后 ", "=1+1", "多\n行"])
EDITS = st.lists(
    st.tuples(st.sampled_from(["manager", "owner"]), st.sampled_from(["C001", "C002", "C004", "C005", "C007"]),
              st.sampled_from(HEADERS), VALUES),
    max_size=10,
)  # fmt: skip
LINES = st.lists(st.tuples(st.sampled_from(["manager", "owner"]), st.sampled_from(["C001", "C002", "C004"]),
                           st.integers(1, 3), st.sampled_from(["回访", "报价", "试用"])), max_size=4)  # fmt: skip
OWNER_OF = {i: owner for owner, ids in OWNERS.items() for i in ids}


@pytest.fixture(scope="module")
def at_first(made: Path) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What the manager's workbook and each owner's hold before anybody edits them."""
    tables = ("Customers", "Interactions")
    return {
        "manager": table_rows(made / "team.xlsx", *tables),
        **{owner: table_rows(made / "out" / f"{owner}.xlsx", *tables) for owner in OWNERS},
    }


def cells_of(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(r["客户编号"], h): r[h] for r in rows for h in HEADERS}


def lines_of(rows: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter((r["日期"], r["客户编号"], r["内容"]) for r in rows)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)  # fmt: skip
@given(EDITS, LINES, st.booleans())
def test_nothing_is_lost_and_every_conflict_is_told(
    made: Path, at_first: Any, edits: Any, lines: Any, refreshed: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        team = Path(folder)
        book = team / "team.xlsx"
        shutil.copy(made / "team.xlsx", book)
        shutil.copytree(made / "out", team / "out")
        base = cells_of(at_first["manager"]["Customers"])
        handed = {k: v for owner in OWNERS for k, v in cells_of(at_first[owner]["Customers"]).items()}
        sides = {"manager": dict(base), "owner": dict(handed)}
        logs = {side: Counter[tuple[Any, ...]]() for side in sides}
        typed: dict[str, list[tuple[str, int, str, Any]]] = defaultdict(list)
        for side, i, header, value in edits:
            who = "manager" if side == "manager" else OWNER_OF[i]
            row = [r["客户编号"] for r in at_first[who]["Customers"]].index(i)
            typed[who].append(("Customers", row, header, value))
            sides[side][i, header] = value
        grown: Counter[str] = Counter()
        for side, i, day, content in lines:
            who = "manager" if side == "manager" else OWNER_OF[i]
            cells = {"日期": dt.datetime(2024, 5, day), "客户编号": i, "内容": content}
            row = len(at_first[who]["Interactions"]) + grown[who]
            typed[who] += [("Interactions", row, header, value) for header, value in cells.items()]
            grown[who] += 1
            logs[side][tuple(cells.values())] += 1
        for who, cells in typed.items():
            type_cells(book if who == "manager" else of(team, who), cells)
        if refreshed:
            crm_xl.refresh(of(team, "张三"), as_of="2024-08-01")
        kept = digest(book)
        report = run(team)
        expected, conflicts, taken = dict(sides["manager"]), set(), 0
        for key, was in base.items():
            mine, theirs = sides["manager"][key], sides["owner"][key]
            if theirs not in (handed[key], mine):
                if mine == was:
                    expected[key] = theirs
                    taken += 1
                else:
                    conflicts.add((*key, *(text(v) for v in (handed[key], mine, theirs)), "both_changed"))
        after = table_rows(book, "Customers", "Interactions")
        assert cells_of(after["Customers"]) == expected
        assert set(listed(report)) == conflicts
        assert len(report.listed) == len(conflicts)
        assert sum(f.cells for f in report.files) == taken
        before = lines_of(at_first["manager"]["Interactions"])
        assert lines_of(after["Interactions"]) == before + (logs["manager"] | logs["owner"])
        assert report.changed == bool(taken or logs["owner"] - logs["manager"])
        assert (digest(book) == kept) is not report.changed
        assert not run(team).changed


def text(value: Any) -> str:
    return "" if value is None else str(value)


def test_parts_of_the_book_that_nobody_edited_stay(team: Path) -> None:
    before = members(team / "team.xlsx")
    set_name(of(team, "张三"), "SpendMonths", 3)  # settings do not come back
    edit(of(team, "张三"), "C001", "城市", "宁波")
    set_table_cell(of(team, "张三"), "ValueTiers", 0, "下限", 77)
    report = run(team)
    assert [(c.table, c.reason) for c in report.listed] == [("ValueTiers", "rules_changed"), ("", "settings_changed")]
    after = members(team / "team.xlsx")
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    assert changed <= {"xl/sharedStrings.xml"} | {n for n in before if n.startswith("xl/worksheets/sheet")}
    assert len(changed) <= 4
