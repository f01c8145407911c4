"""What the report of a refresh says, against what differs in the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

import crm_xl
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.report_texts import WHY, why
from crm_xl.workflows.refresh_report import RefreshReport
from tests.support import feature_rich
from tests.support.formula_book import HOME, formula_book, order_log, with_chain
from tests.support.packages import edit_part, expand, members, sheet_cells, sheet_parts

AS_OF = "2024-06-30"
GROWN = {"recalculate", "formula_grown"}


def formula(cell: str | None) -> tuple[str, str]:
    """Text and mark of a cell's formula."""
    if cell is None:
        return "", ""
    element = next((e for e in etree.fromstring(cell) if etree.QName(e).localname == "f"), None)
    return ("", "") if element is None else (element.text or "", element.get("ca", ""))


def assert_told(old: dict[str, bytes], new: dict[str, bytes], report: RefreshReport) -> None:
    """Every byte that differs is named, by part and by cell, and nothing else is."""
    differing = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
    assert set(report.parts) == differing
    assert len(report.parts) == len(differing)
    assert {c.part for c in report.written} == differing
    assert report.untouched_parts == len(old.keys() & new.keys()) - len(differing & old.keys() & new.keys())
    assert {c.why for c in report.written} <= WHY.keys()
    assert {x.why for x in report.left_alone} <= WHY.keys()
    assert set(report.cells) == {c.sheet for c in report.written if c.cells}
    for sheet, part in sheet_parts(old).items():
        a, b = sheet_cells(old[part]), sheet_cells(new[part])
        changed = {name for name in a.keys() | b.keys() if a.get(name) != b.get(name)}
        told = expand(report.cells.get(sheet, []))
        formatted = {name for name in changed - told if name not in a and len(etree.fromstring(b[name])) == 0}
        assert changed - formatted == told, sheet  # cells of new rows that hold nothing are no writes
        changed = told
        here = [c for c in report.written if c.sheet == sheet and c.cells]
        assert all(c.part == part for c in here)
        assert expand([c.cells for c in here]) >= told
        for change in here:
            assert len(expand([change.cells]) & told) >= change.count > 0, change
        follow = {name for name in changed if name in a and formula(a[name]) != formula(b.get(name))}
        if not any(c.why in GROWN for c in here):
            follow = set()  # the formulas that changed are ours
        marks = {name for name in follow if formula(a[name])[1] != formula(b.get(name))[1]}
        grown = {name for name in follow if formula(a[name])[0] != formula(b.get(name))[0]}
        assert sum(c.count for c in here if c.why == "recalculate") == len(marks), sheet
        assert sum(c.count for c in here if c.why == "formula_grown") == len(grown), sheet
        assert sum(c.count for c in here if c.why not in GROWN) == len(changed - follow), sheet
    marked = sum(c.count for c in report.written if c.why == "recalculate")
    assert report.recalculated == marked


def refreshed(path: Path, **options: object) -> RefreshReport:
    """Refresh, and hold the report against the file."""
    old = members(path)
    report = crm_xl.refresh(path, **options)  # type: ignore[arg-type]
    assert_told(old, members(path), report)
    return report


def test_a_workbook_of_the_users(tmp_path: Path) -> None:
    path = formula_book(
        tmp_path / "b.xlsx",
        {
            "分析": {"A1": "=客户!F2", "A3": "=客户!F3", "A4": "=SUM(客户!D2:D9)", "C1:C2": '{=客户!F2:F3&"!"}'},
            "别的": {},
        },
        double="D2*2",
        names={"数量": "=客户!$D$2:$D$9"},
        rules=[("别的", "A1:A5", {"validate": "list", "source": "=客户!$A$2:$A$9"})],
    )
    with_chain(path)
    first = refreshed(path, as_of=AS_OF)
    assert [(c.why, c.sheet, c.cells, c.count, c.column) for c in first.written] == [
        ("result", HOME, "F2:F9", 8, "客户类型标签"),
        ("recalculate", "分析", "A1:A3", 2, ""),
        ("recalculate", "分析", "C1", 1, ""),
        ("strings", "", "", 0, ""),
    ]
    log = order_log(tmp_path / "o.csv", ["C2", "N1", "N2"])
    second = refreshed(path, as_of=AS_OF, orders=log)
    found = {(c.why, c.sheet, c.column) for c in second.written}
    assert found >= {("fact", HOME, "年消费金额(万元)"), ("result", HOME, "客户类型标签"), ("new_rows", HOME, "双倍")}
    parts = {c.part: c.why for c in second.written if not c.cells}
    assert parts == {
        sheet_parts(members(path))["别的"]: "rules",
        "[Content_Types].xml": "package",
        "xl/_rels/workbook.xml.rels": "package",
        "xl/sharedStrings.xml": "strings",
        "xl/tables/table1.xml": "table",
        "xl/workbook.xml": "names",
        "xl/calcChain.xml": "chain",
    }
    third = refreshed(path, as_of=AS_OF, orders=log)
    assert (third.changed, third.parts, third.cells, third.written) == (False, [], {}, [])


def test_left_alone(tmp_path: Path) -> None:
    """The user's own columns, formulas of the user's in columns of ours, pivot tables."""
    path = formula_book(tmp_path / "b.xlsx", {HOME: {"D3": "=1+2", "D5": "=2+3"}})
    report = refreshed(path, as_of=AS_OF)
    assert [(x.why, x.sheet, x.cells, x.count, x.what) for x in report.left_alone] == [
        ("own_column", HOME, "G2:G9", 8, "我的备注"),
        ("own_column", HOME, "H2:H9", 8, "双倍"),
        ("kept_formula", HOME, "D3:D5", 2, "历史合作次数"),
    ]


def test_a_sheet_with_everything_beside_it(tmp_path: Path) -> None:
    path = feature_rich.make_department(tmp_path / "b.xlsm")
    log = order_log(tmp_path / "o.csv", ["C002", "N1"])
    for options in ({"as_of": AS_OF}, {"as_of": AS_OF, "orders": log}, {"as_of": "2025-03-31", "orders": log}):
        report = refreshed(path, **options)
        assert report.changed
        assert feature_rich.CUSTOMER_SHEET in report.cells
    assert "stale_pivot" in {x.why for x in report.left_alone}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_of_ours(tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, lang=lang, as_of=AS_OF)
    report = refreshed(path, as_of="2024-09-30")
    assert {"result", "report", "figure"} <= {c.why for c in report.written}
    assert all(c.column for c in report.written if c.why in ("result", "fact", "new_rows"))
    assert refreshed(path, as_of="2024-09-30").written == []
    for form in ("values", "spill", "row"):
        assert "calculation" in {c.why for c in refreshed(path, as_of="2024-09-30", formulas=form).written}


def test_new_customers_in_a_workbook_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    log = order_log(tmp_path / "o.csv", ["N1", "N2", "C001"])
    report = refreshed(path, as_of="2024-09-30", orders=log)
    rows = [c for c in report.written if c.why == "new_rows"]
    assert {c.cells[-3:] for c in rows} == {"203"}
    assert "客户编号" in {c.column for c in rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_has_words(lang: Lang) -> None:
    for key, pair in WHY.items():
        assert all(pair), key
        told = why(key, lang, "FOO")
        assert "{" not in told
        assert bool(re.search("[一-鿿]", told)) == (lang == "zh"), told


def test_a_range_stands_for_its_cells(tmp_path: Path) -> None:
    """One line a column, however many gaps it has: the count says how many cells were written."""
    path = formula_book(tmp_path / "b.xlsx", {})
    crm_xl.refresh(path, as_of=AS_OF)
    part = sheet_parts(members(path))[HOME]
    edit_part(path, part, lambda xml: re.sub(r'<c r="F([258])"( s="\d+")? t="s"><v>\d+</v></c>', "", xml))
    report = refreshed(path, as_of=AS_OF)
    assert [(c.cells, c.count) for c in report.written if c.cells] == [("F2:F8", 3)]
    assert report.cells == {HOME: ["F2", "F5", "F8"]}
