"""Splicing cells into a sheet part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.workbook.cell_xml import area, area_name, read_cells
from crm_xl.workbook.edits import Run, SheetEdits, Write
from crm_xl.workbook.patched import Patched
from crm_xl.workbook.sheet_xml import SheetXml
from crm_xl.workbook.values import SharedStrings
from tests.support.packages import MAIN, place, prefixed, sheet_cells, sheet_rows, without_references

STRINGS = f'<sst xmlns="{MAIN}" count="2" uniqueCount="2"><si><t>one</t></si><si><t>two</t></si></sst>'.encode()
ROWS = (
    '<row r="1" spans="1:3" ht="20" customHeight="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1.5</v></c>'
    '<c r="C1" s="2" t="b"><v>1</v></c></row>'
    '<row r="3" s="1" customFormat="1"><c r="A3" t="e"><v>#N/A</v></c><c r="C3" t="inlineStr"><is><t>in</t></is></c></row>'
    '<row r="4"/>'
    '<row r="6"><c r="B6"><f>B1*2</f><v>3</v></c><c r="D6" t="str"><f>A1&amp;"x"</f><v>onex</v></c></row>'
)


def sheet_xml(rows: str = ROWS, before: str = "", behind: str = "") -> bytes:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>'.encode()


class Opened:
    """A sheet part and what a pass over it did."""

    def __init__(self, xml: bytes, strings: SharedStrings, unlocked: tuple[int, ...] = (), size: int = 50) -> None:
        self.xml, self.strings, self.unlocked, self.size = xml, strings, unlocked, size
        self.touched: list[tuple[int, int]] = []
        self.formulas_changed = False

    def apply(self, edits: SheetEdits, **more: object) -> Opened:
        old = self.xml
        part = Patched(lambda: (old[i : i + self.size] for i in range(0, len(old), self.size)))
        sheet = SheetXml(part, "S", self.strings, lambda s: s not in self.unlocked)
        sheet.apply(edits, **more)  # type: ignore[arg-type]
        self.xml = part.read()
        areas = sheet.touched.areas()
        self.touched = sorted((r, c) for r1, c1, r2, c2 in areas for r in range(r1, r2 + 1) for c in range(c1, c2 + 1))
        self.formulas_changed = sheet.formulas_changed
        return self


def opened(xml: bytes | None = None, unlocked: tuple[int, ...] = (), size: int = 50) -> Opened:
    return Opened(xml or sheet_xml(), SharedStrings(STRINGS), unlocked, size)


def write(sheet: Opened, **cells: Write) -> Opened:
    edits = SheetEdits()
    for name, value in cells.items():
        edits.put(*place(name), value)
    return sheet.apply(edits)


def values(xml: bytes, strings: SharedStrings) -> dict[tuple[int, int], object]:
    return {(r, c): old.value for r, cells in read_cells([xml], "S", strings) for c, old in cells.items()}


def ours(cell: str) -> str:
    """A cell without its namespace."""
    return cell.replace(f' xmlns="{MAIN}"', "")


def test_equal_values_are_not_touched() -> None:
    sheet = write(
        opened(), A1=Write("one"), B1=Write(1.5), C1=Write(True), A3=Write(CellError("#N/A")), C3=Write("in"),
        B6=Write(3, "B1*2"), D6=Write("onex", 'A1&"x"'), A2=Write(None), B3=Write(""), Z9=Write(None),
    )  # fmt: skip
    assert sheet.xml == sheet_xml()
    assert not sheet.touched and not sheet.formulas_changed


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (Write("two"), '<c r="B1" t="s"><v>1</v></c>'),
        (Write("neu"), '<c r="B1" t="s"><v>2</v></c>'),
        (Write("1.5"), '<c r="B1" t="s"><v>2</v></c>'),
        (Write("=1+1"), '<c r="B1" t="s"><v>2</v></c>'),
        (Write("#N/A"), '<c r="B1" t="s"><v>2</v></c>'),
        (Write(CellError("#N/A")), '<c r="B1" t="e"><v>#N/A</v></c>'),
        (Write(False), '<c r="B1" t="b"><v>0</v></c>'),
        (Write(2**53), '<c r="B1"><v>9007199254740992</v></c>'),
        (Write(-0.0), '<c r="B1"><v>0</v></c>'),
        (Write(1e300), '<c r="B1"><v>1e+300</v></c>'),
        (Write(5e-324), '<c r="B1"><v>5e-324</v></c>'),
        (Write(None), None),
        (Write(""), None),
        (Write(4, "A1+1"), '<c r="B1"><f>A1+1</f><v>4</v></c>'),
        (Write("", 'IF(A1<>"","","")'), '<c r="B1" t="str"><f>IF(A1&lt;&gt;"","","")</f><v></v></c>'),
        (Write(None, "A1"), '<c r="B1"><f ca="1">A1</f></c>'),
        (Write(CellError("#VALUE!"), "X()"), '<c r="B1" t="e"><f>X()</f><v>#VALUE!</v></c>'),
        (Write(1, "X()", "B1:B2", dynamic=True), '<c cm="1" r="B1"><f ref="B1:B2" t="array">X()</f><v>1</v></c>'),
        (Write(1, "X()", "B1"), '<c r="B1"><f ref="B1" t="array">X()</f><v>1</v></c>'),
        (Write("s", spilled=True), '<c r="B1" t="str"><v>s</v></c>'),
        (Write("", spilled=True), '<c r="B1" t="str"><v></v></c>'),
    ],
)
def test_one_cell_changes_and_no_other(value: Write, cell: str | None) -> None:
    sheet = write(opened(), B1=value)
    before, after = sheet_cells(sheet_xml()), sheet_cells(sheet.xml)
    new = after.pop("B1", None)
    del before["B1"]
    assert after == before
    assert (new and ours(new)) == cell
    assert sheet.touched == [(0, 1)]
    assert sheet.formulas_changed == (value.formula is not None)
    again = opened(sheet.xml)
    again.strings = sheet.strings
    assert not write(again, B1=value).touched  # it holds the same now


def test_bool_is_no_number() -> None:
    sheet = write(opened(), B1=Write(True), C1=Write(1))
    assert [ours(sheet_cells(sheet.xml)[c]) for c in ("B1", "C1")] == [
        '<c r="B1" t="b"><v>1</v></c>', '<c r="C1" s="2"><v>1</v></c>',
    ]  # fmt: skip


def test_reference_counts() -> None:
    sheet = write(opened(), A1=Write(5), B1=Write("two"), C1=Write("two"), A9=Write("neu"))
    assert sheet.strings.references == 2
    assert b'count="4" uniqueCount="3"' in sheet.strings.render()


def test_new_rows_and_cells_stand_in_order() -> None:
    sheet = write(opened(), E1=Write(1), A2=Write(2), B3=Write(3), B4=Write(4), A5=Write(5), A6=Write(6), C9=Write(9))
    rows = sheet_rows(sheet.xml)
    assert list(rows) == [1, 2, 3, 4, 5, 6, 9]
    assert list(rows[3][1]) == ["A3", "B3", "C3"] and list(rows[6][1]) == ["A6", "B6", "D6"]
    assert b"spans" not in sheet.xml  # E1 is beyond 1:3
    assert rows[1][0] == "[('customHeight', '1'), ('ht', '20')]"


@pytest.mark.parametrize("data", ["<sheetData/>", "<sheetData></sheetData>", '<sheetData xml:space="preserve" />'])
def test_into_an_empty_sheet(data: str) -> None:
    xml = f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/>{data}<pageMargins/></worksheet>'.encode()
    sheet = write(opened(xml), B2=Write("a"), C3=Write(2))
    assert list(sheet_cells(sheet.xml)) == ["B2", "C3"]
    assert b'<dimension ref="A1:C3"/>' in sheet.xml and sheet.xml.endswith(b"<pageMargins/></worksheet>")


def test_a_new_cell_looks_as_its_column_or_row_says() -> None:
    cols = '<cols><col min="2" max="3" width="9" style="2"/><col min="4" max="4" width="9"/></cols>'
    sheet = write(opened(sheet_xml(before=cols)), B9=Write(1), D9=Write(1), B3=Write(1), C9=Write(1, style=3))
    cells = sheet_cells(sheet.xml)
    styles = [re.findall(' s="(.)"', cells[c]) for c in ("B9", "D9", "B3", "C9")]
    assert styles == [["2"], [], ["1"], ["3"]]


def test_formulas_yielded_to_and_replaced() -> None:
    sheet = write(opened(), B6=Write(9, yields=True), D6=Write("v"))
    assert sheet.touched == [(5, 3)] and sheet.formulas_changed
    sheet = write(opened(), B6=Write(9, "B1*2"))
    assert sheet.touched == [(5, 1)] and not sheet.formulas_changed  # only its value


SHARED = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c></row>'
)
ARRAY = (
    '<row r="1"><c r="A1"><f t="array" ref="A1:A3">B1:B3</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c></row><row r="3"><c r="A3"><v>3</v></c></row>'
)
DATA_TABLE = ARRAY.replace('t="array"', 't="dataTable" dt2D="0" r1="C1"').replace(">B1:B3</f>", "/>")


@pytest.mark.parametrize(("rows", "cell"), [(ARRAY, "A1"), (ARRAY, "A2"), (DATA_TABLE, "A1"), (DATA_TABLE, "A3")])
def test_a_group_changes_only_as_a_whole(rows: str, cell: str) -> None:
    with pytest.raises(CrmXlError) as error:
        write(opened(sheet_xml(rows)), **{cell: Write(7)})
    assert error.value.key == "formula_in_the_way"
    assert error.value.values | {"kind": "A1:A3", "sheet": "S", "cell": cell} == error.value.values
    whole = write(opened(sheet_xml(rows)), A1=Write(7), A2=Write(8), A3=Write(9))
    assert b"<f" not in whole.xml and whole.formulas_changed


def test_a_shared_formula_goes_on_without_its_first_cell() -> None:
    rows = SHARED.replace("B1*2", 'B1*$C$2&amp;"A1"')
    sheet = write(opened(sheet_xml(rows)), A1=Write(7))
    cells = {name: ours(cell) for name, cell in sheet_cells(sheet.xml).items()}
    assert cells == {
        "A1": '<c r="A1"><v>7</v></c>',
        "A2": '<c r="A2"><f>B2*$C$2&amp;"A1"</f><v>2</v></c>',
        "A3": '<c r="A3"><f>B3*$C$2&amp;"A1"</f><v>3</v></c>',
    }
    assert len(sheet.touched) == 3 and sheet.formulas_changed


def test_the_follower_of_a_shared_formula_changes_alone() -> None:
    sheet = write(opened(sheet_xml(SHARED)), A2=Write(7))
    assert len(sheet.touched) == 1 and sheet.xml.count(b"<f") == 2


PROTECTED = '<sheetProtection sheet="1" objects="1"/>'


@pytest.mark.parametrize("protection", [PROTECTED, PROTECTED.replace('"1"', '"true"'), PROTECTED.replace('"', "'")])
def test_protected_cells(protection: str) -> None:
    xml = sheet_xml(before='<cols><col min="5" max="5" style="3"/></cols>', behind=protection)
    for cell in ("A1", "B9", "C1"):
        with pytest.raises(CrmXlError) as error:
            write(opened(xml, unlocked=(3,)), **{cell: Write(7)})
        assert (error.value.key, error.value.values) == ("protected_cell", {"sheet": "S", "cell": cell})
    assert write(opened(xml, unlocked=(2, 3)), C1=Write(7), E9=Write(1)).touched == [(0, 2), (8, 4)]
    assert not write(opened(xml), A1=Write("one")).touched  # nothing to change is allowed
    off = xml.replace(b'sheet="1"', b"").replace(b'sheet="true"', b"").replace(b"sheet='1'", b"")
    assert write(opened(off), A1=Write(7)).touched


@pytest.mark.parametrize(
    "xml",
    [
        b"<worksheet/>",
        sheet_xml()[:-30],
        sheet_xml('<row r="3"/><row r="2"/>'),
        sheet_xml('<row r="2"/><row r="2"/>'),
        sheet_xml('<row r="1"><c r="B1"/><c r="A1"/></row>'),
        sheet_xml('<row r="1"><c r="A1"><v>1</v><!-- <c r="B1"/> --></c></row>'),
        sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[</c>]]></t></is></c></row>'),
    ],
)
def test_what_cannot_be_spliced_is_refused(xml: bytes) -> None:
    with pytest.raises(CrmXlError) as error:
        write(opened(xml), A1=Write(7))
    assert error.value.key == "file_not_workbook"


@pytest.mark.parametrize(
    "cell", ['<c r="B1"><v>1.#QNAN</v></c>', '<c r="B1" t="d"><v>2024-01-01</v></c>', '<c r="B1" t="s"><v>99</v></c>']
)
def test_odd_values_are_replaced(cell: str) -> None:
    sheet = write(opened(sheet_xml(f'<row r="1">{cell}</row>')), B1=Write(7))
    assert ours(sheet_cells(sheet.xml)["B1"]) == '<c r="B1"><v>7</v></c>'


def test_beyond_the_last_row() -> None:
    with pytest.raises(CrmXlError) as error:
        edits = SheetEdits()
        edits.put(1_048_576, 0, Write(1))
        opened().apply(edits)
    assert error.value.key == "sheet_too_long"


def test_dimension_shrinks_with_the_last_row() -> None:
    xml = sheet_xml(before='<dimension ref="A1:D6"/>')
    for cells, dimension in ((("B6", "D6"), b"A1:D3"), (("B6",), b"A1:D6"), (("A1",), b"A1:D6")):
        sheet = write(opened(xml), **{c: Write(None) for c in cells})
        assert b'<dimension ref="' + dimension + b'"/>' in sheet.xml
    odd = sheet_xml(before='<dimension ref="A:D"/>')
    sheet = write(opened(odd), A9=Write(1))
    assert b'<dimension ref="A:D"/>' in sheet.xml


@given(st.tuples(*[st.integers(0, 1_048_575), st.integers(0, 16_383)] * 2))
def test_names_of_areas(cells: tuple[int, int, int, int]) -> None:
    assert area(area_name(*cells)) == cells


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5), st.sampled_from([CellError("#N/A"), CellError("#VALUE!"), "one", "two", "=A1", " x ", "_x0041_"]),
)  # fmt: skip
EDITS = st.dictionaries(st.tuples(st.integers(0, 8), st.integers(0, 5)), VALUES, max_size=12)


def variants() -> Iterator[bytes]:
    for bare, prefix in product((False, True), repeat=2):
        xml = without_references(sheet_xml()) if bare else sheet_xml()
        yield prefixed(xml) if prefix else xml


@given(st.sampled_from(list(variants())), st.lists(EDITS, max_size=4), st.integers(1, 700))
def test_any_edits_leave_what_they_say_and_the_rest(
    xml: bytes, rounds: list[dict[tuple[int, int], object]], size: int
) -> None:
    strings = SharedStrings(STRINGS)
    step = Opened(xml, strings, size=size)
    expected = {place: v for place, v in values(xml, strings).items() if v not in (None, "")}
    for edits in rounds:
        put = SheetEdits()
        for (row, column), value in edits.items():
            put.put(row, column, Write(value))  # type: ignore[arg-type]
            expected[row, column] = value
        step.apply(put)
    shown = {place: v for place, v in values(step.xml, strings).items() if v not in (None, "")}
    assert shown == {k: v for k, v in expected.items() if v not in (None, "")}
    touched = {(r, c) for edits in rounds for r, c in edits}
    before, after = sheet_cells(xml), sheet_cells(step.xml)
    bare = {c for c in before.keys() | after.keys() if "<v" not in before.get(c, "") + after.get(c, "")}
    assert {c for c in before.keys() | after.keys() if before.get(c) != after.get(c)} - bare <= {
        area_name(r, c, r, c) for r, c in touched
    }


RUN = st.tuples(st.integers(0, 5), st.integers(0, 8), st.lists(VALUES, max_size=9), st.sampled_from([None, "B1*2"]))


@given(st.sampled_from(list(variants())), st.lists(RUN, max_size=4), EDITS, st.booleans(), st.integers(1, 700))
def test_runs_write_what_single_cells_write(
    xml: bytes, runs: list[tuple[int, int, list[object], str | None]], single: object, spilled: bool, size: int
) -> None:
    in_runs, one_by_one = SheetEdits(), SheetEdits()
    for column, first, cells, formula in runs:
        run = Run(column, first, cells, formula, spilled=spilled and formula is None)  # type: ignore[arg-type]
        in_runs.put_run(run)
        for row in range(first, first + len(cells)):
            one_by_one.put(row, column, run.write(row))
    for (row, column), value in single.items() if len(runs) % 2 else ():  # type: ignore[attr-defined]
        in_runs.put(row, column, Write(value))
        one_by_one.put(row, column, Write(value))
    a, b = Opened(xml, SharedStrings(STRINGS), size=size), Opened(xml, SharedStrings(STRINGS))
    try:
        b.apply(one_by_one)
    except CrmXlError as error:
        with pytest.raises(CrmXlError) as found:
            a.apply(in_runs)
        assert found.value.key == error.key
        return
    a.apply(in_runs)
    assert a.touched == b.touched and a.formulas_changed == b.formulas_changed
    assert a.strings.references == b.strings.references
    assert values(a.xml, a.strings) == values(b.xml, b.strings) or "nan" in repr(values(b.xml, b.strings))
    shown = [re.sub(r"(<(?:x:)?v[^>]*>)\d+(</)", r"\1\2", c) for c in sheet_cells(a.xml).values()]
    assert shown == [re.sub(r"(<(?:x:)?v[^>]*>)\d+(</)", r"\1\2", c) for c in sheet_cells(b.xml).values()]


GRID = st.lists(st.tuples(*[st.tuples(VALUES, st.sampled_from([0, 0, 1, 2]))] * 4), min_size=1, max_size=9)


@given(
    GRID, st.lists(st.tuples(st.integers(0, 4), st.integers(0, 8), st.lists(VALUES, max_size=9))), st.integers(9, 700)
)
def test_runs_that_know_what_stands_there_write_the_same(
    grid: list[tuple[tuple[object, int], ...]], runs: list[tuple[int, int, list[object]]], size: int
) -> None:
    rows = "".join(f'<row r="{r}"></row>' for r in range(1, len(grid) + 1))
    start = Opened(
        f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode(), SharedStrings(STRINGS)
    )
    filled = SheetEdits()
    for r, cells in enumerate(grid):
        for c, (value, style) in enumerate(cells):
            filled.put(r, c, Write(value, style=style))  # type: ignore[arg-type]
    start.apply(filled)
    strings = start.strings.render()
    known = values(start.xml, SharedStrings(strings))
    knowing, one_by_one = SheetEdits(), SheetEdits()
    for column, first, cells in runs:
        there = [known.get((row, column)) for row in range(first, first + len(cells))]
        knowing.put_run(Run(column, first, cells, stored=there))  # type: ignore[arg-type]
        for row, value in enumerate(cells, first):
            one_by_one.put(row, column, Write(value))  # type: ignore[arg-type]
    a, b = Opened(start.xml, SharedStrings(strings), size=size), Opened(start.xml, SharedStrings(strings))
    a.apply(knowing)
    b.apply(one_by_one)
    assert a.touched == b.touched
    assert a.strings.references == b.strings.references
    assert values(a.xml, a.strings) == values(b.xml, b.strings)
