"""Table parts: what they describe, their range, their calculated columns."""

from __future__ import annotations

import pytest
from lxml import etree

from crm_xl.errors import CrmXlError
from crm_xl.workbook.tables import column_formulas, parse_table, resized, with_column_formulas
from tests.support.packages import MAIN, prefixed, tag

TABLE = (
    f'<?xml version="1.0"?>\n<table xmlns="{MAIN}" id="1" name="T" displayName="Customers" ref="B3:E10"{{totals}}>'
    '<autoFilter ref="B3:E{last}"><filterColumn colId="0"/></autoFilter>'
    '<sortState ref="B4:E{last}"><sortCondition ref="C4:C{last}"/></sortState>'
    '<tableColumns count="4"><tableColumn id="1" name="A &amp;amp; B"/><tableColumn id="2" name="a_x000a_b" dataDxfId="1"/>'
    '<tableColumn id="3" name="Sum"><calculatedColumnFormula>Customers[[#This Row],[A &amp;amp; B]]&amp;"&lt;"'
    "</calculatedColumnFormula><totalsRowFormula>1</totalsRowFormula></tableColumn>"
    "<tableColumn id='4' name='x'><calculatedColumnFormula array=\"1\">1</calculatedColumnFormula></tableColumn>"
    '</tableColumns><tableStyleInfo name="TableStyleMedium2"/></table>'
)
PLAIN = TABLE.format(totals="", last=10).encode()
WITH_TOTALS = TABLE.format(totals=' totalsRowCount="1"', last=9).encode()


def refs(xml: bytes) -> dict[str, str]:
    return {tag(e): e.get("ref", "") for e in etree.fromstring(xml).iter() if e.get("ref")}


@pytest.mark.parametrize("xml", [PLAIN, prefixed(PLAIN)])
def test_parse(xml: bytes) -> None:
    table = parse_table(xml, "xl/tables/table1.xml", "S")
    assert (table.name, table.sheet, table.part) == ("Customers", "S", "xl/tables/table1.xml")
    assert (table.top, table.left, table.first, table.last, table.right) == (2, 1, 3, 9, 4)
    assert table.headers == ["A &amp; B", "a\nb", "Sum", "x"]
    assert table.column("Sum") == 3
    assert parse_table(WITH_TOTALS, "p", "S").last == 8
    headless = PLAIN.replace(b' displayName="Customers"', b' headerRowCount="0"')
    assert parse_table(headless, "p", "S").first == 2 and parse_table(headless, "p", "S").name == "T"


@pytest.mark.parametrize("xml", [b"<table/>", PLAIN.replace(b'ref="B3:E10"', b'ref="B:E"')])
def test_a_table_without_a_range_is_refused(xml: bytes) -> None:
    with pytest.raises(CrmXlError) as error:
        parse_table(xml, "p", "S")
    assert error.value.key == "file_not_workbook"


@pytest.mark.parametrize("xml", [PLAIN, prefixed(PLAIN), PLAIN.replace(b'ref="B3:E10"', b"ref='B3:E10'")])
@pytest.mark.parametrize(("last", "row"), [(14, 15), (4, 5)])
def test_resized(xml: bytes, last: int, row: int) -> None:
    new = resized(xml, parse_table(xml, "p", "S"), last)
    assert refs(new) == {
        "table": f"B3:E{row}", "autoFilter": f"B3:E{row}", "sortState": f"B4:E{row}", "sortCondition": f"C4:C{row}",
    }  # fmt: skip
    assert resized(new, parse_table(new, "p", "S"), 9).replace(b"'", b'"') == xml.replace(b"'", b'"')


def test_resized_with_totals() -> None:
    new = resized(WITH_TOTALS, parse_table(WITH_TOTALS, "p", "S"), 11)
    assert refs(new) == {"table": "B3:E13", "autoFilter": "B3:E12", "sortState": "B4:E12", "sortCondition": "C4:C12"}


def test_column_formulas() -> None:
    assert column_formulas(PLAIN) == {"Sum": 'Customers[[#This Row],[A &amp; B]]&"<"'}


@pytest.mark.parametrize("xml", [PLAIN, prefixed(PLAIN)])
def test_column_formulas_set_and_taken_away(xml: bytes) -> None:
    same = with_column_formulas(xml, {"Sum": 'Customers[[#This Row],[A &amp; B]]&"<"', "a\nb": None, "gone": "1"})
    assert same == xml
    new = with_column_formulas(xml, {"a\nb": "1<2", "Sum": "3"})
    assert column_formulas(new) == {"a\nb": "1<2", "Sum": "3"}
    inside = [[tag(e) for e in c] for c in etree.fromstring(new).iter(f"{{{MAIN}}}tableColumn")]
    assert inside[2] == ["calculatedColumnFormula", "totalsRowFormula"]  # the order of the schema
    back = with_column_formulas(new, {"a\nb": None, "Sum": 'Customers[[#This Row],[A &amp; B]]&"<"'})
    assert etree.tostring(etree.fromstring(back), method="c14n") == etree.tostring(etree.fromstring(xml), method="c14n")
