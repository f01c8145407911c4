"""What ends on a table's last row moves with it."""

from __future__ import annotations

import pytest
from lxml import etree

from crm_xl.workbook.cell_xml import Area
from crm_xl.workbook.growth import Resize, grow_names, grow_pivot_source, grow_rules, refresh_chart
from tests.support.packages import MAIN

GROWN = Resize("客户 's", 1, 0, 3, 9, 14)
"""Data in A2:D10, now A2:D15."""
SHRUNK = Resize("客户 's", 1, 0, 3, 9, 4)
SHEET = "'客户 ''s'"


@pytest.mark.parametrize(
    ("old", "grown", "shrunk"),
    [
        ("A2:D10", "A2:D15", "A2:D5"),
        ("A1:A10", "A1:A15", "A1:A5"),
        ("$B$2:$B$10", "$B$2:$B$15", "$B$2:$B$5"),
        ("B$2:$C10", "B$2:$C15", "B$2:$C5"),
        ("B10", "B10:B15", "B10"),
        ("B7:B10", "B7:B15", "B7:B10"),
        ("B2:B9", "B2:B9", "B2:B9"),
        ("B2:B11", "B2:B11", "B2:B11"),
        ("B2:E10", "B2:E10", "B2:E10"),
        ("F2:F10", "F2:F10", "F2:F10"),
    ],
)
def test_ranges_of_rules(old: str, grown: str, shrunk: str) -> None:
    assert GROWN.moved(old) == grown
    assert SHRUNK.moved(old) == shrunk


def test_a_rule_on_a_table_of_one_row() -> None:
    assert Resize("S", 1, 0, 3, 1, 4).moved("B2") == "B2:B5"
    assert Resize("S", 1, 0, 3, 4, 1).moved("B2:B5") == "B2:B2"


RULES = (
    '<conditionalFormatting sqref="C2:C10 F1 D2:D10"><cfRule type="expression"><formula>C2&gt;AVERAGE($C$2:$C$10)'
    "</formula></cfRule></conditionalFormatting>"
    '<dataValidations count="1"><dataValidation type="list" sqref="B2:B10"><formula1>$A$2:$A$10</formula1>'
    "</dataValidation></dataValidations>"
    "<extLst><ext><x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule><xm:f>Other!$A$2:$A$10</xm:f>"
    "</x14:cfRule><xm:sqref>A2:D10</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext>"
    "<ext><x14:dataValidations><x14:dataValidation><x14:formula1><xm:f>A$2:A$10</xm:f></x14:formula1>"
    "<xm:sqref>D2:D10</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
    f"<ext><x14:sparklines><x14:sparkline><xm:f>{SHEET}!B2:B10</xm:f><xm:sqref>D10</xm:sqref></x14:sparkline>"
    "</x14:sparklines></ext></extLst>"
)


def test_rules_of_a_sheet() -> None:
    expected = RULES
    for old, new in (
        ('sqref="C2:C10 F1 D2:D10"', 'sqref="C2:C15 F1 D2:D15"'),
        ("$C$2:$C$10", "$C$2:$C$15"),
        ('sqref="B2:B10"', 'sqref="B2:B15"'),
        ("<formula1>$A$2:$A$10", "<formula1>$A$2:$A$15"),
        (">A2:D10<", ">A2:D15<"),
        ("A$2:A$10", "A$2:A$15"),
        (">D2:D10<", ">D2:D15<"),
        ("!B2:B10", "!B2:B15"),
    ):
        assert old in expected
        expected = expected.replace(old, new)
    assert grow_rules(RULES.encode(), [GROWN], GROWN.sheet).decode() == expected
    assert grow_rules(RULES.encode(), [GROWN], "Other").decode() == RULES.replace("!B2:B10", "!B2:B15")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{SHEET}!$A$2:$A$10", f"{SHEET}!$A$2:$A$15"),
        (f"{SHEET}!$A$1:$D$10", f"{SHEET}!$A$1:$D$15"),
        (f"{SHEET}!$A$10", f"{SHEET}!$A$10"),
        (f"{SHEET}!$A$5:$A$10", f"{SHEET}!$A$5:$A$10"),
        (f"{SHEET}!$A:$A,{SHEET}!$1:$1", f"{SHEET}!$A:$A,{SHEET}!$1:$1"),
        (f"{SHEET}!$A$2:$A$10,{SHEET}!$C$2:$C$10", f"{SHEET}!$A$2:$A$15,{SHEET}!$C$2:$C$15"),
        (f'SUM({SHEET}!$A$2:$A$10)&amp;"{SHEET}!$A$2:$A$10"', f'SUM({SHEET}!$A$2:$A$15)&amp;"{SHEET}!$A$2:$A$10"'),
        ("Other!$A$2:$A$10", "Other!$A$2:$A$10"),
        ("'[1]客户 ''s'!$A$2:$A$10", "'[1]客户 ''s'!$A$2:$A$10"),
        ("#REF!$A$2:$A$10", "#REF!$A$2:$A$10"),
        ("Customers[a]", "Customers[a]"),
        ("5", "5"),
    ],
)
def test_names(old: str, new: str) -> None:
    xml = '<definedNames><definedName name="N" localSheetId="0">{}</definedName></definedNames>'
    assert grow_names(xml.format(old).encode(), [GROWN]).decode() == xml.format(new)
    assert grow_names(xml.format(new).encode(), []).decode() == xml.format(new)


def test_the_print_area_takes_the_table_in() -> None:
    xml = '<definedName name="_xlnm.Print_Area" localSheetId="0">{}</definedName>'
    wide = xml.format(f"{SHEET}!$A$1:$H$10").encode()
    assert grow_names(wide, [GROWN]).decode() == xml.format(f"{SHEET}!$A$1:$H$15")
    assert grow_names(wide, [SHRUNK]) == wide  # something else may stand beside the table
    below = xml.format(f"{SHEET}!$A$1:$H$40").encode()
    assert grow_names(below, [GROWN]) == below


def test_only_one_of_two_tables_moves() -> None:
    other = Resize(GROWN.sheet, 1, 5, 6, 14, 20)
    xml = f"<definedName name='N'>{SHEET}!$A$2:$A$10+{SHEET}!$F$2:$F$15</definedName>"
    expected = xml.replace("$A$10", "$A$15").replace("$F$15", "$F$21")
    assert grow_names(xml.encode(), [GROWN, other]).decode() == expected


def test_pivot_source() -> None:
    xml = f'<cacheSource type="worksheet"><worksheetSource ref="A1:D10" sheet="{GROWN.sheet}"/></cacheSource>'
    assert grow_pivot_source(xml.encode(), [GROWN]).decode() == xml.replace("A1:D10", "A1:D15")
    named = '<worksheetSource name="Customers"/>'
    assert grow_pivot_source(named.encode(), [GROWN]).decode() == named


def cache(kind: str, points: list[str], count: int) -> str:
    cells = "".join(f'<c:pt idx="{i}"><c:v>{v}</c:v></c:pt>' for i, v in enumerate(points))
    code = "<c:formatCode>0.0</c:formatCode>" if kind == "num" else ""
    return f'<c:{kind}Cache>{code}<c:ptCount val="{count}"/>{cells}</c:{kind}Cache>'


def chart(last: int, names: str, numbers: str, title: str = "收入") -> bytes:
    return (
        f'<c:chart xmlns:c="urn:c"><c:ser><c:tx><c:strRef><c:f>{SHEET}!$B$1</c:f>{cache("str", [title], 1)}</c:strRef>'
        f"</c:tx><c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f>{names}</c:strRef></c:cat><c:val><c:numRef>"
        f"<c:f>{SHEET}!$B$2:$B${last}</c:f>{numbers}</c:numRef></c:val></c:ser></c:chart>"
    ).encode()


def reader(columns: dict[int, list[object]]) -> object:
    def read(sheet: str, cells: Area) -> list[object] | None:
        r1, c1, r2, c2 = cells
        assert sheet == GROWN.sheet and c1 == c2
        return columns[c1][r1 : r2 + 1] if c1 in columns else None

    return read


def test_chart_grows_with_its_caches() -> None:
    old = chart(3, cache("str", ["a", "b"], 2), cache("num", ["1", "2"], 2))
    columns: dict[int, list[object]] = {0: ["", "a", "b<", None, 4.0], 1: ["收入", 0.1, None, "x", 7]}
    new = refresh_chart(old, [Resize(GROWN.sheet, 1, 0, 3, 2, 4)], reader(columns))  # type: ignore[arg-type]
    names = '<c:strCache><c:ptCount val="4"/><c:pt idx="0"><c:v>a</c:v></c:pt><c:pt idx="1"><c:v>b&lt;</c:v></c:pt>'
    names += '<c:pt idx="3"><c:v>4</c:v></c:pt></c:strCache>'
    numbers = '<c:numCache><c:formatCode>0.0</c:formatCode><c:ptCount val="4"/><c:pt idx="0"><c:v>0.1</c:v></c:pt>'
    numbers += '<c:pt idx="3"><c:v>7</c:v></c:pt></c:numCache>'
    assert new == chart(5, names, numbers)
    assert etree.fromstring(new) is not None


def test_chart_of_what_did_not_change_stays_as_it_is() -> None:
    """Excel writes 0.1 as 0.10000000000000001: the same number, so the same bytes."""
    old = chart(3, cache("str", ["a", "b"], 2), cache("num", ["0.10000000000000001", "2"], 2))
    columns: dict[int, list[object]] = {0: ["", "a", "b"], 1: ["收入", 0.1, 2.0]}
    assert refresh_chart(old, [], reader(columns)) == old  # type: ignore[arg-type]
    assert refresh_chart(old, [], reader({})) == old  # type: ignore[arg-type]
    renamed = refresh_chart(old, [], reader({1: ["Spend", 0.1, 2.0]}))  # type: ignore[arg-type]
    assert renamed == old.replace("收入".encode(), b"Spend")


def test_chart_over_one_row() -> None:
    old = chart(2, cache("str", ["a"], 1), cache("num", ["1"], 1)).replace(b":$A$2", b"").replace(b":$B$2", b"")
    one = Resize(GROWN.sheet, 1, 0, 3, 1, 2)
    new = refresh_chart(old, [one], reader({0: ["", "a", "b"], 1: ["收入", 1, 2]}))  # type: ignore[arg-type]
    assert new == chart(3, cache("str", ["a", "b"], 2), cache("num", ["1", "2"], 2))
    assert f"{SHEET}!$B$1<".encode() in new
    assert MAIN.encode() not in new
