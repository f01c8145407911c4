"""The user's formulas after a refresh: those that depend on what changed are marked, ranges of the table grow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import crm_xl
from crm_xl.vocabulary.fields import Lang
from crm_xl.workflows.refresh_report import RefreshReport
from tests.support.books import done
from tests.support.formula_book import (
    HOME,
    ROWS,
    formula_book,
    formula_elements,
    marked,
    order_log,
    texts,
    with_chain,
)
from tests.support.packages import (
    edit_part,
    expand,
    members,
    prefixed,
    sheet_cells,
    sheet_parts,
    without_references,
    write_members,
)
from tests.support.validators import need, new_findings, sdk_validator

AS_OF = "2024-06-30"
CHAIN = "xl/calcChain.xml"

DEPENDENT = {
    "A1": "=客户!F2",
    "A2": '=COUNTIF(客户!$F$2:$F$9,"x")&"客户!C2"',
    "A3": "=COUNTA(Customers[客户类型标签])",
    "A4": "=COUNTA(标签)",
    "A5": "=COUNTA(Customers[[#All],[客户类型标签]:[我的备注]])",
    "A6": "=COUNTA(客户!F:F)",
    "A7": "=COUNTA(客户!$3:$4)",
    "A8": '=INDIRECT("客户!F"&2)',
    "A9": "=OFFSET(客户!A1,1,5)",
    "A10": "=COUNTA(客户:汇总!F9)",
    "A11": "=COUNTA(Customers)",
    "A12": "=_xlfn.XLOOKUP(1,客户!D2:D9,客户!F2:F9)",
    "A13": "=客户!$A$1:F2",
    "A14": "=汇总!A1",
    "A15": "=IF(1,客户!F9,2)",
    "C1:C3": '{=客户!F2:F4&"!"}',
    "A17": "=C3",
    "A18": "=A17+1",
}
INDEPENDENT = {
    "B1": "=1+1",
    "B2": "=SUM(客户!C2:C9)",
    "B3": "=SUM(Customers[年消费金额(万元)])",
    "B4": "=SUM(数量)",
    "B5": "=客户!F1",
    "B6": "=客户!F10",
    "B7": "=SUM(客户!A:E)+SUM(客户!G:G)",
    "B8": "=SUM(客户!1:1)",
    "B9": "=NOW()",
    "B10": '="客户!F2"&B1',
    "B11": "=Customers[[#Headers],[客户类型标签]]",
    "B12": "=F2",
    "B13": "=SUM(Customers[[客户编号]:[最近合作时间]])",
    "E1:E2": "{=客户!C2:C3*2}",
    "B14": "=SEGMENT(客户!C2)",
    "B15": "=[1]Sheet1!A1",
}
LEFT = {"D1": "=SEGMENT(客户!F2)", "D2": "=_xll.FOO(客户!F3)", "D3": "=[1]Sheet1!A1&客户!F2", "D4": "=D1+1"}
NAMES = {"标签": "=客户!$F$2:$F$9", "数量": "=客户!$D$2:$D$9"}


def book(path: Path) -> Path:
    """The user's formulas, a chain over three sheets, shared formulas down and across."""
    formula_book(
        path,
        {
            "分析": {**DEPENDENT, **INDEPENDENT, **LEFT},
            "汇总": {"A1": "=分析!A2*2", "A2": "=A1+1", "A3": "=分析!B1", "A4": "=A3"},
            "末页": {"A1": "=汇总!A2", "A2": "=汇总!A3", "A3": "=A2"},
            HOME: {"J2": "=F2", "J3": "=C2", "J4": "=Customers[[#This Row],[客户类型标签]]", "J5": "=SUM(J3)"},
        },
        names=NAMES,
    )
    part = sheet_parts(members(path))["末页"]
    across = '<row r="11"><c r="A11"><f t="shared" ref="A11:D11" si="0">客户!C2</f><v>7</v></c>'
    across += "".join(f'<c r="{c}11"><f t="shared" si="0"/><v>7</v></c>' for c in "BCD") + "</row>"
    down = '<row r="12"><c r="B12"><f t="shared" ref="B12:B14" si="1">客户!F8</f><v>7</v></c></row>'
    down += "".join(f'<row r="{r}"><c r="B{r}"><f t="shared" si="1"/><v>7</v></c></row>' for r in (13, 14))
    edit_part(path, part, lambda xml: xml.replace("</sheetData>", f"{across}{down}</sheetData>"))
    return with_chain(path)


def top_left(cells: Mapping[str, str]) -> set[str]:
    return {name.partition(":")[0] for name in cells}


MARKED = {
    "分析": top_left(DEPENDENT) | {"D4"},
    "汇总": {"A1", "A2"},
    "末页": {"A1", "D11", "B12", "B13"},  # F2 of the row C2, D2, E2, F2; F8 and F9, not F10
    HOME: {"J2", "J4"},
}


def cut(cell: str) -> str:
    return cell.replace(' ca="1"', "")


def test_exactly_the_dependent_formulas_are_marked(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx")
    old = members(path)
    parts = sheet_parts(old)
    report = crm_xl.refresh(path, as_of=AS_OF)
    new = members(path)
    assert marked(path) == MARKED
    assert report.recalculated == sum(map(len, MARKED.values()))
    assert [c.why for c in report.written if c.sheet == HOME] == ["result", "recalculate"]
    for sheet, part in parts.items():
        if sheet != HOME:  # not a byte beside the mark: texts, old values, everything around them
            assert new[part].replace(b' ca="1"', b"") == old[part], sheet
            assert expand(report.cells[sheet]) == MARKED[sheet]
    before, after = sheet_cells(old[parts[HOME]]), sheet_cells(new[parts[HOME]])
    results = {f"F{r}" for r in range(2, ROWS + 2)}
    assert {name for name in before if before[name] != after[name]} == results | MARKED[HOME]
    assert all(cut(after[name]) == before[name] for name in MARKED[HOME])
    assert old[CHAIN] == new[CHAIN]  # the formulas are the same
    assert CHAIN not in report.parts
    assert old["xl/workbook.xml"] == new["xl/workbook.xml"]


@pytest.mark.parametrize("shape", [prefixed, without_references], ids=["prefix", "no references"])
def test_as_other_programs_write_sheets(tmp_path: Path, shape: Callable[[bytes], bytes]) -> None:
    path = book(tmp_path / "b.xlsx")
    old = members(path)
    parts = sheet_parts(old)
    old |= {part: shape(old[part]) for part in parts.values()}
    write_members(path, old)
    report = crm_xl.refresh(path, as_of=AS_OF)
    new = members(path)
    assert {s: expand(report.cells[s]) for s in parts if s != HOME} == {s: MARKED[s] for s in parts if s != HOME}
    for sheet, part in parts.items():
        assert new[part].count(b' ca="1"') == len(MARKED[sheet])
        if sheet != HOME:
            assert new[part].replace(b' ca="1"', b"") == old[part]


def test_what_excel_cannot_calculate_is_named_not_marked(tmp_path: Path) -> None:
    report = crm_xl.refresh(book(tmp_path / "b.xlsx"), as_of=AS_OF)
    left = [(x.why, x.sheet, x.cells, x.what) for x in report.left_alone if x.why in ("function", "link")]
    assert left == [
        ("function", "分析", "D1", "SEGMENT"),
        ("function", "分析", "D2", "_xll.FOO"),
        ("link", "分析", "D3", ""),
    ]


def test_the_same_in_json(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx")
    told = json.loads(done("refresh", path, "--as-of", AS_OF, "--json"))
    assert told["recalculated"] == sum(map(len, MARKED.values()))
    assert {(x["sheet"], x["cells"]) for x in told["left_alone"] if x["why"] in ("function", "link")} == {
        ("分析", "D1"),
        ("分析", "D2"),
        ("分析", "D3"),
    }
    assert {c["sheet"] for c in told["written"] if c["why"] == "recalculate"} == set(MARKED)


def test_a_second_refresh_changes_no_byte(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx")
    crm_xl.refresh(path, as_of=AS_OF)
    before = path.read_bytes()
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert (report.changed, report.recalculated, report.written) == (False, 0, [])
    assert path.read_bytes() == before


def test_a_mark_that_is_there_is_not_counted_again(tmp_path: Path) -> None:
    """Excel has not opened the file in between, and the cells change once more."""
    path = book(tmp_path / "b.xlsx")
    crm_xl.refresh(path, as_of=AS_OF)
    report = crm_xl.refresh(path, as_of="2031-01-01")
    assert report.changed
    assert report.recalculated == 0
    assert marked(path) == MARKED


@pytest.mark.parametrize("mark", ['ca="0"', 'ca="false"', "ca='0'"])
def test_a_mark_that_says_no_is_turned(tmp_path: Path, mark: str) -> None:
    path = formula_book(tmp_path / "b.xlsx", {"分析": {"A1": "=客户!F2"}})
    part = sheet_parts(members(path))["分析"]
    edit_part(path, part, lambda xml: xml.replace("<f>", f"<f {mark}>"))
    assert crm_xl.refresh(path, as_of=AS_OF).recalculated == 1
    (element,) = formula_elements(members(path)[part]).values()
    assert dict(element.attrib) == {"ca": "1"}


def test_nothing_is_marked_when_nothing_depends(tmp_path: Path) -> None:
    path = with_chain(formula_book(tmp_path / "b.xlsx", {"分析": INDEPENDENT}, names=NAMES))
    old = members(path)
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert report.changed
    assert report.recalculated == 0
    assert marked(path) == {}
    part = sheet_parts(old)["分析"]
    assert members(path)[part] == old[part]
    assert [x for x in report.left_alone if x.why in ("function", "link")] == []


# ------------------------------------------------------------ a customer comes in


GROWING = {
    "A1": ("=SUM(客户!D2:D9)", "SUM(客户!D2:D10)"),
    "A2": ("=SUM(客户!$D$2:$D$9)", "SUM(客户!$D$2:$D$10)"),
    "A3": ("=SUM('客户'!D1:D9,1)", "SUM('客户'!D1:D10,1)"),
    "A4": ("=VLOOKUP(1,客户!A2:H9,2,0)", "VLOOKUP(1,客户!A2:H10,2,0)"),
    "A5:A5": ("{=SUM(客户!C2:C9*客户!D2:D9)}", "SUM(客户!C2:C10*客户!D2:D10)"),
    "A6": ('=SUM(客户!D2:D9)&"客户!D2:D9"', 'SUM(客户!D2:D10)&"客户!D2:D9"'),
}
STAYING = {
    "B1": "=客户!D9",
    "B2": "=SUM(客户!D3:D9)",
    "B3": "=SUM(客户!D2:D8)",
    "B4": "=SUM(客户!D2:D20)",
    "B5": "=SUM(D2:D9)",
    "B6": "=SUM(客户!D:D)",
    "B7": "=SUM(Customers[历史合作次数])",
    "B8": "=SUM(客户!D2:K9)",
    "B9": "=SUM([1]客户!D2:D9)",
    "B10": "=SUM(数量)",
}


def grown(
    path: Path, tmp_path: Path, customers: tuple[str, ...] = ("N1",)
) -> tuple[RefreshReport, Mapping[str, Mapping[str, str]]]:
    """Refresh once for the results, once with orders of new customers; what formulas say then."""
    crm_xl.refresh(path, as_of=AS_OF)
    report = crm_xl.refresh(path, as_of=AS_OF, orders=order_log(tmp_path / "o.csv", customers))
    assert report.added == list(customers)
    return report, {sheet: texts(path, sheet) for sheet in sheet_parts(members(path))}


def test_whole_columns_grow(tmp_path: Path) -> None:
    formulas = {cell: old for cell, (old, _) in GROWING.items()}
    path = formula_book(
        tmp_path / "b.xlsx",
        {"分析": {**formulas, **STAYING}, HOME: {"J1": "=SUM(D2:D9)", "J2": "=SUM(D2:D8)"}},
        names=NAMES | {"单格": "=客户!$D$9"},
    )
    report, after = grown(path, tmp_path)
    expected = {cell.partition(":")[0]: new for cell, (_, new) in GROWING.items()}
    assert after["分析"] == expected | {cell: text[1:] for cell, text in STAYING.items()}
    assert after[HOME] == {"J1": "SUM(D2:D10)", "J2": "SUM(D2:D8)"}
    assert [(c.sheet, c.cells, c.count) for c in report.written if c.why == "formula_grown"] == [
        (HOME, "J1", 1),
        ("分析", "A1:A6", 6),
    ]
    assert set(expected) <= marked(path)["分析"]
    assert expand(report.cells["分析"]) >= set(expected)
    names = members(path)["xl/workbook.xml"].decode()
    assert "客户!$D$2:$D$10<" in names
    assert "客户!$D$9<" in names
    # an array formula stays one
    assert formula_elements(members(path)[sheet_parts(members(path))["分析"]])["A5"].get("t") == "array"


@pytest.mark.parametrize("column", ["D", "G"])
def test_what_excel_cannot_calculate_grows_without_a_mark(tmp_path: Path, column: str) -> None:
    """Whether or not a cell of the new row in its range was written."""
    formulas = {"A1": f"=SEGMENT(客户!{column}2:{column}9)", "A2": f"=SUM([1]S!A1,客户!{column}2:{column}9)"}
    path = formula_book(tmp_path / "b.xlsx", {"分析": formulas})
    report, after = grown(path, tmp_path)
    assert after["分析"] == {cell: text[1:].replace("9)", "10)") for cell, text in formulas.items()}
    assert "分析" not in marked(path)
    assert report.recalculated == 0
    left = [(x.why, x.cells) for x in report.left_alone if x.sheet == "分析"]
    assert left == [("function", "A1"), ("link", "A2")]


def test_old_values_of_grown_formulas_stay(tmp_path: Path) -> None:
    path = formula_book(tmp_path / "b.xlsx", {"分析": {c: old for c, (old, _) in GROWING.items()} | STAYING})
    part = sheet_parts(members(path))["分析"]
    before = re.findall(rb"<v>.*?</v>", members(path)[part])
    grown(path, tmp_path)
    assert re.findall(rb"<v>.*?</v>", members(path)[part]) == before


def test_what_grew_stays_valid(tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK's validator is not installed")
    path = formula_book(
        tmp_path / "b.xlsx",
        {"分析": {c: old for c, (old, _) in GROWING.items()} | STAYING},
        double="D2/SUM($D$2:$D$9)",
        names=NAMES,
        rules=[(HOME, "D2:D9", {"type": "data_bar"})],
    )
    before = tmp_path / "before.xlsx"
    before.write_bytes(path.read_bytes())
    grown(path, tmp_path)
    assert new_findings(before, path) == []


SHARED = '<row r="20"><c r="A20"><f t="shared" ref="A20:A22" si="0">{}</f><v>7</v></c></row>' + "".join(
    f'<row r="{r}"><c r="A{r}"><f t="shared" si="0"/><v>7</v></c></row>' for r in (21, 22)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(客户!D$2:D$9)", ["SUM(客户!D$2:D$10)"] * 3),
        ("SUM(客户!D$2:D7)", ["SUM(客户!D$2:D7)", "SUM(客户!D$2:D8)", "SUM(客户!D$2:D10)"]),
        ("SUM(客户!D$2:D9)", ["SUM(客户!D$2:D10)", "SUM(客户!D$2:D10)", "SUM(客户!D$2:D11)"]),
        ("客户!D8", ["客户!D8", "", ""]),
    ],
)
def test_shared_formulas_grow(tmp_path: Path, text: str, expected: list[str]) -> None:
    """A group of which one member grows becomes formulas of their own; another stays a group."""
    path = formula_book(tmp_path / "b.xlsx", {"分析": {"A1": "=1+1"}})
    part = sheet_parts(members(path))["分析"]
    edit_part(path, part, lambda xml: xml.replace("</sheetData>", SHARED.format(text) + "</sheetData>"))
    _, after = grown(path, tmp_path)
    assert [after["分析"][f"A{r}"] for r in (20, 21, 22)] == expected
    left = [f.get("t") for f in formula_elements(members(path)[part]).values() if f.get("t")]
    assert left == (["shared"] * 3 if expected[1] == "" else [])


def test_rules_on_other_sheets_grow(tmp_path: Path) -> None:
    rules: list[tuple[str, str, dict[str, Any]]] = [
        ("分析", "A1:A9", {"type": "formula", "criteria": "=COUNTIF(客户!$A$2:$A$9,A1)>0"}),
        ("分析", "B2:B9", {"type": "formula", "criteria": "=B2>客户!$D$9"}),
        ("分析", "C1:C5", {"validate": "list", "source": "=客户!$A$2:$A$9"}),
        ("分析", "D1:D5", {"validate": "list", "source": "=客户!$A$2:$A$5"}),
        (HOME, "D2:D9", {"type": "data_bar"}),
        (HOME, "G2:G9", {"validate": "length", "criteria": "<", "value": 9}),
    ]
    path = formula_book(tmp_path / "b.xlsx", {"分析": {}}, rules=rules)
    old = members(path)
    report, _ = grown(path, tmp_path)
    new, parts = members(path), sheet_parts(old)
    # the sheet differs in the two ranges of the table, nowhere else
    assert new[parts["分析"]].decode() == old[parts["分析"]].decode().replace("客户!$A$2:$A$9", "客户!$A$2:$A$10")
    assert new[parts["分析"]].count("客户!$A$2:$A$10".encode()) == 2
    assert [(c.part, c.sheet) for c in report.written if c.why == "rules"] == [(parts["分析"], "分析")]
    home = new[parts[HOME]].decode()
    assert set(re.findall(r'sqref="([A-Z0-9:]+)"', home)) >= {"D2:D10", "G2:G10"}


@pytest.mark.parametrize(
    ("stored", "filled"),
    [
        ("D2*2", {"H9": "D9*2", "H10": "D10*2", "H11": "D11*2"}),
        ("D2-D1+$D$1", {"H9": "D9-D8+$D$1", "H10": "D10-D9+$D$1", "H11": "D11-D10+$D$1"}),
        (
            "D2/SUM($D$2:$D$9)",
            {"H9": "D9/SUM($D$2:$D$11)", "H10": "D10/SUM($D$2:$D$11)", "H11": "D11/SUM($D$2:$D$11)"},
        ),
        (
            "Customers[[#This Row],[历史合作次数]]*2",
            dict.fromkeys(("H9", "H10", "H11"), "Customers[[#This Row],[历史合作次数]]*2"),
        ),
        ("SUM($D$2:$D$9)", dict.fromkeys(("H9", "H10", "H11"), "SUM($D$2:$D$11)")),
    ],
)
def test_calculated_columns_go_down(tmp_path: Path, stored: str, filled: dict[str, str]) -> None:
    path = with_chain(formula_book(tmp_path / "b.xlsx", {"分析": {"A1": "=客户!H9"}}, double=stored))
    _, after = grown(path, tmp_path, ("N1", "N2"))
    assert {cell: after[HOME][cell] for cell in filled} == filled
    assert {"H10", "H11"} <= marked(path)[HOME]  # nobody knows their values yet
    table = members(path)["xl/tables/table1.xml"].decode()
    moved = stored.replace("$D$2:$D$9", "$D$2:$D$11")
    assert f"<calculatedColumnFormula>{moved}</calculatedColumnFormula>" in table
    assert 'ref="A1:H11"' in table
    assert CHAIN not in members(path)  # the list of formulas would be wrong


def test_a_calculated_column_stored_as_a_shared_formula_goes_down(tmp_path: Path) -> None:
    path = formula_book(tmp_path / "b.xlsx", {}, double="D2*2")
    part = sheet_parts(members(path))[HOME]

    def share(xml: str) -> str:
        xml = xml.replace("<f>D2*2</f>", '<f t="shared" ref="H2:H9" si="0">D2*2</f>')
        return re.sub(r"<f>D[3-9]\*2</f>", '<f t="shared" si="0"/>', xml)

    edit_part(path, part, share)
    _, after = grown(path, tmp_path)
    assert after[HOME]["H10"] == "D10*2"


def test_running_totals_keep_their_rows(tmp_path: Path) -> None:
    """A range that ends in its own row is no range over the table."""
    path = formula_book(tmp_path / "b.xlsx", {}, double="SUM(D$2:D2)")
    _, after = grown(path, tmp_path)
    assert [after[HOME][f"H{r}"] for r in (8, 9, 10)] == ["SUM(D$2:D8)", "SUM(D$2:D9)", "SUM(D$2:D10)"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_formulas_in_a_workbook_of_ours(tmp_path: Path, lang: Lang) -> None:
    """Our own formulas are right already: only the user's are marked."""
    path = tmp_path / "b.xlsx"
    crm_xl.new_workbook(path, sample=True, lang=lang, as_of=AS_OF)
    parts = sheet_parts(members(path))
    sheet = "客户基础信息表" if lang == "zh" else "Customers"
    home, free = parts[sheet], "XFD1"
    before = set(formula_elements(members(path)[home]))
    column = "客户类型标签" if lang == "zh" else "Segment"
    mine = f'<c r="{free}"><f>COUNTA(Customers[{column}])</f><v>7</v></c>'
    edit_part(
        path, home, lambda xml: re.sub(r'(<row r="1"[^>]*?)(?:/>|>(.*?)</row>)', rf"\1>\2{mine}</row>", xml, count=1)
    )
    report = crm_xl.refresh(path, as_of="2024-12-31")
    assert report.recalculated >= 1
    now = marked(path)
    assert free in now[sheet]
    assert not now[sheet] & before
    assert [c.why for c in report.written if c.sheet == sheet and c.cells == free] == ["recalculate"]
