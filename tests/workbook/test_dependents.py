"""What depends on a change is found, however it refers to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.cells import cell_name
from crm_xl.sheet_stream import MAX_ROWS
from crm_xl.workbook.cell_xml import Area, address, area
from crm_xl.workbook.dependents import Book, Dependents, FormulaCell, Found, Left, formula_cells, row_formulas
from crm_xl.workbook.references import shifted
from crm_xl.workbook.tables import TablePart

CUSTOMERS = TablePart("Customers", "t1", "客户", 0, 0, 9, 3, ["客户编号", "金额(万元)", "标签", "a#b"], 1, 1)
"""Headers in A1:D1, data in A2:D10, totals in A11:D11."""
SIDE = TablePart("Side", "t2", "Feb", 4, 1, 8, 2, ["x", "标签"], 1, 0)
"""B5:C9."""
BOOK = Book(
    ["客户", "Jan", "Feb", "Mar", "我的 表"],
    [CUSTOMERS, SIDE],
    {
        (None, "Rate"): "Jan!$B$2",
        (None, "Labels"): "Customers[标签]",
        (None, "Both"): "Rate+Jan!$B$3",
        (None, "Circle"): "Circle2+1",
        (None, "Circle2"): "Circle+1",
        (None, "Above"): f"Jan!A{MAX_ROWS}",
        (None, "Here"): "!$B$2",
        (None, "Gold"): "_xlfn.LAMBDA(_xlpm.x,_xlpm.x>Jan!$B$2)",
        (None, "Foreign"): "SEGMENT(Jan!$B$2)",
        (None, "Elsewhere"): "[1]Sheet1!$A$1+Jan!$B$2",
        (None, "Local"): "Jan!$B$9",
        ("Feb", "local"): "Jan!$B$2",
        ("Jan", "_xlnm.Print_Area"): "Jan!$B$1:$B$3",
        (None, "Constant"): "0.13",
    },
)

Cells = Mapping[str, str]
"""`Sheet!A1` -> formula text."""


def place(name: str) -> tuple[str, int, int]:
    sheet, _, cell = name.rpartition("!")
    return sheet, *address(cell)


def find(cells: Sequence[tuple[str, FormulaCell]], *changed: str, skip: Sequence[str] = (), book: Book = BOOK) -> Found:
    dependents = Dependents(book)
    for sheet, cell in cells:
        dependents.add(sheet, cell)
    areas: dict[str, list[Area]] = {}
    for name in changed:
        sheet, _, cells_of = name.rpartition("!")
        areas.setdefault(sheet, []).append(area(cells_of))
    skipped = {place(s) for s in skip}
    return dependents.find(areas, lambda *at: at in skipped)


def marks(found: Found) -> set[str]:
    return {f"{sheet}!{cell_name(*at)}" for sheet, cells in found.marks.items() for at in cells}


def plain(cells: Cells) -> list[tuple[str, FormulaCell]]:
    return [(place(name)[0], FormulaCell(*place(name)[1:], text)) for name, text in cells.items()]


def marked(cells: Cells, *changed: str, skip: Sequence[str] = (), book: Book = BOOK) -> set[str]:
    return marks(find(plain(cells), *changed, skip=skip, book=book))


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("B2", "Feb!B2", "Jan!B2"),
        ("jan!$b$2", "Jan!B2", "Feb!B2"),
        ("SUM(B2:D5)", "Feb!D5", "Feb!E5"),
        ("SUM(D5:B2)", "Feb!C3", "Feb!C6"),
        ("'我的 表'!A1", "我的 表!A1", "我的 表!A2"),
        ("SUM(Jan!B:D)", "Jan!C77777", "Jan!E1"),
        ("SUM(Jan!3:7)", "Jan!ZZ5", "Jan!ZZ8"),
        ("SUM(Jan!A1:XFD1048576)", "Jan!XFD1048576", "Mar!A1"),
        ("SUM(Jan!B2:AZ9)", "Jan!AY3", "Jan!BA3"),
        ("SUM(Jan:Mar!B2)", "Mar!B2", "客户!B2"),
        ("SUM(Mar:Jan!B2)", "Jan!B2", "我的 表!B2"),
        ("SUM(Customers[标签])", "客户!C10", "客户!B10"),
        ("SUM(customers[标签])", "客户!C2", "客户!C1"),
        ("SUM(Customers[[客户编号]:[标签]])", "客户!B5", "客户!D5"),
        ("SUM(Customers[])", "客户!D2", "客户!A11"),
        ("ROWS(Customers)", "客户!D2", "客户!A11"),
        ("Customers[[#Totals],[标签]]", "客户!C11", "客户!C10"),
        ("Customers[[#Headers],[标签]]", "客户!C1", "客户!C2"),
        ("ROWS(Customers[#All])", "客户!A11", "客户!A12"),
        ("Customers[[#Data],[#Totals],[标签]]", "客户!C11", "客户!C1"),
        ("Customers[[#This Row],[金额(万元)]]", "客户!B8", "客户!B9"),
        ("Customers[@标签]", "客户!C8", "客户!C9"),
        ("[@标签]*2", "Feb!C8", "客户!C8"),
        ("SUM([x])", "Feb!B9", "Feb!C9"),
        ("Customers[a'#b]", "客户!D3", "客户!C3"),
        ("Customers[no such]", "我的 表!A1", ""),
        ("Nowhere[x]", "我的 表!A1", ""),
        ("Customers[[#Headers],[no such]]", "我的 表!A1", ""),
        ("Nosheet!A1", "我的 表!A1", ""),
        ("Rate*2", "Jan!B2", "Jan!B3"),
        ("RATE+Constant", "Jan!B2", "Jan!B3"),
        ("Both", "Jan!B2", "Jan!B4"),
        ("SUM(Labels)", "客户!C4", "客户!D4"),
        ("Local", "Jan!B2", "Jan!B9"),
        ("Mar!Local", "Jan!B9", "Jan!B2"),
        ("Feb!Local", "Jan!B2", "Jan!B9"),
        ("SUM(Jan!Print_Area)", "Jan!B3", "Jan!B4"),
        ("Above", "Jan!H7", "Jan!H8"),
        ("Here", "Feb!B2", "Jan!B2"),
        ("Gold(5)", "Jan!B2", "Jan!B3"),
        ("Circle", "我的 表!A1", ""),
        ("no_such_name", "我的 表!A1", ""),
        ("_xlfn.LET(x,Jan!B2,x)", "Jan!B2", "Jan!B3"),
        ("_xlfn.LET(_xlpm.x,Jan!B2,_xlpm.x)", "Jan!B2", "Jan!B3"),
        ("SUM(Jan!B2#)", "Jan!D90", "Jan!A90"),
        ('INDIRECT("Jan!B"&A1)', "我的 表!A1", ""),
        ("SUM(OFFSET(A1,1,1))", "我的 表!A1", ""),
        ("SUM(A1:INDEX(B:B,3))", "我的 表!A1", ""),
        ("SUMIF(Jan!A1:A9,1,Jan!B1)", "Jan!B9", "Jan!B10"),
        ("NOW()+Jan!B2", "Jan!B2", "Jan!B3"),
        ("NOW()", "", "Jan!B3"),
    ],
)
def test_one_formula(text: str, yes: str, no: str) -> None:
    """In Feb!H8, which is a row of Side and of Customers."""
    if yes:
        assert marked({"Feb!H8": text}, yes) == {"Feb!H8"}
    if no:
        assert marked({"Feb!H8": text}, no) == set()


def test_wide_areas() -> None:
    cells = {f"Feb!A{i + 1}": f"SUM(Jan!{r})" for i, r in enumerate(("I1:P9", "D2:M3", "Q:AF", "A2", "P9:P12", "1:1"))}
    assert marked(cells, "Jan!A2:P4") == {"Feb!A1", "Feb!A2", "Feb!A4"}
    assert marked(cells, "Jan!P5:XFD1048576") == {"Feb!A1", "Feb!A3", "Feb!A5"}
    assert marked(cells, "Jan!B1:H1") == {"Feb!A6"}


@pytest.mark.parametrize("text", ["A1", "INDIRECT(A1)", "SUM(1:1048576)"])
def test_without_a_change_there_are_no_marks(text: str) -> None:
    assert marked({"Feb!H8": text}) == set()
    assert marked({}, "Feb!A1") == set()


def test_through_others() -> None:
    cells = {
        "Feb!A1": "Customers[[#Totals],[标签]]",
        "Jan!B2": "Feb!A1*2",
        "Mar!C3": "Rate+1",
        "我的 表!A1": "SUM(Jan:Mar!C3)",
        "我的 表!A2": "SUM(A:A)*0+A9",
        "Jan!Z1": "Jan!Z2",
    }
    assert marked(cells, "客户!C11") == set(cells) - {"Jan!Z1"}
    assert marked(cells, "Mar!C3") == {"我的 表!A1", "我的 表!A2"}


def test_formulas_may_come_after_a_question() -> None:
    dependents = Dependents(BOOK)
    for column in range(1, 4):
        dependents.add("jan", FormulaCell(0, column, f"{cell_name(0, column - 1)}+1"))
        found = dependents.find({"Jan": [(0, 0, 0, 0)]}, lambda *at: False)
        assert found.marks == {"Jan": {(0, c) for c in range(1, column + 1)}}


def test_circles_end() -> None:
    cells = {"Jan!A1": "B1", "Jan!B1": "C1+D1", "Jan!C1": "A1", "Jan!D1": "D1"}
    assert marked(cells, "Jan!A1") == {"Jan!A1", "Jan!B1", "Jan!C1"}
    assert marked(cells, "Jan!D1") == set(cells)


@pytest.mark.parametrize("step", [-1, 1])
def test_a_deep_chain(step: int) -> None:
    n = 20_000
    cells = [("Jan", FormulaCell(r, 3, f"D{r + 1 + step}+C{r + 1}")) for r in range(1, n)]
    start, end = (1, n - 1) if step < 0 else (n - 1, 1)
    found = find(cells, f"Jan!C{start + 1}")
    assert found.marks["Jan"] == {(r, 3) for r in range(1, n)}
    assert find(cells, f"Jan!C{end + 1}").marks["Jan"] == {(end, 3)}


def test_sums_from_the_top() -> None:
    n = 3_000
    cells = [("Jan", FormulaCell(r, 3, f"SUM(C$2:C{r + 1})+SUM(D$1:D{r})")) for r in range(1, n)]
    assert find(cells, "Jan!C1500").marks["Jan"] == {(r, 3) for r in range(1_499, n)}


def test_what_is_ours_is_neither_marked_nor_a_way_on() -> None:
    cells = {"Jan!B1": "A1", "Jan!C1": "B1", "Jan!D1": "C1"}
    assert marked(cells, "Jan!A1", skip=["Jan!B1"]) == set()
    assert marked(cells, "Jan!A1", "Jan!B1", skip=["Jan!B1"]) == {"Jan!C1", "Jan!D1"}
    assert marked({"Jan!B1": "INDIRECT(A1)", "Jan!C1": "B1"}, "Mar!A1", skip=["Jan!B1"]) == set()


def test_left_formulas_are_a_way_on() -> None:
    cells = {
        "Jan!B1": "SEGMENT(A1)",
        "Jan!B2": "_xll.FOO(B1,1)+[1]Sheet1!A1",
        "Jan!B3": "[1]Sheet1!A1+B2",
        "Jan!B4": "B3",
        "Jan!B5": "Foreign+B4",
        "Jan!B6": "Elsewhere+B5",
        "Jan!B7": "[1]!SEGMENT(B6)",
        "Jan!B8": "SUM([1]Sheet1!A1)",
        "Jan!B9": "_xludf.BAR(INDIRECT(B8))",
    }
    found = find(plain(cells), "Jan!A1")
    assert marks(found) == {"Jan!B4"}
    assert found.left == [
        Left("Jan", 0, 1, "function", "SEGMENT"),
        Left("Jan", 1, 1, "function", "_xll.FOO"),
        Left("Jan", 2, 1, "link"),
        Left("Jan", 4, 1, "function", "SEGMENT"),
        Left("Jan", 5, 1, "link"),
        Left("Jan", 6, 1, "function", "SEGMENT"),
        Left("Jan", 8, 1, "function", "_xludf.BAR"),
    ]


def test_shared_formulas() -> None:
    """The members read what their place says."""
    group: Area = (1, 3, 5, 4)
    cells = [("Jan", FormulaCell(1, 3, "B2+$A2+B$1+$A$1+SUM($F$2:F2)", "shared", group, 7))]
    cells += [
        ("Jan", FormulaCell(r, c, "", "shared", None, 7)) for r in range(1, 6) for c in (3, 4) if (r, c) != (1, 3)
    ]
    whole = {f"Jan!{c}{r}" for r in range(2, 7) for c in "DE"}
    assert marks(find(cells, "Jan!B4")) == {"Jan!D4"}
    assert marks(find(cells, "Jan!C4")) == {"Jan!E4"}
    assert marks(find(cells, "Jan!A4")) == {"Jan!D4", "Jan!E4"}
    assert marks(find(cells, "Jan!B1")) == {f"Jan!D{r}" for r in range(2, 7)}
    assert marks(find(cells, "Jan!A1")) == whole
    assert marks(find(cells, "Jan!F5")) == {f"Jan!{c}{r}" for r in (5, 6) for c in "DE"}
    assert marks(find(cells, "Jan!G5")) == {"Jan!E5", "Jan!E6"}
    assert marks(find([*cells, ("Feb", FormulaCell(0, 0, "", "shared", None, 7))], "Mar!A1")) == {"Feb!A1"}


def test_a_shared_formula_that_looks_up_and_back() -> None:
    cells = [
        ("Jan", FormulaCell(5, 1, "A5+Above", "shared", (5, 1, 7, 1), 0)),
        ("Jan", FormulaCell(6, 1, "", "shared", None, 0)),
        ("Jan", FormulaCell(7, 1, "", "shared", None, 0)),
    ]
    assert marks(find(cells, "Jan!A7")) == {"Jan!B8"}
    assert marks(find(cells, "Jan!B5")) == {"Jan!B6", "Jan!B7", "Jan!B8"}


def test_arrays_fill_their_range() -> None:
    cells = [
        ("Jan", FormulaCell(1, 1, "Mar!A1:A9", "array", (1, 1, 9, 2))),
        ("Jan", FormulaCell(0, 5, "C9")),
        ("Jan", FormulaCell(1, 5, "C11")),
        ("客户", FormulaCell(1, 7, "Customers[[#This Row],[标签]]", "array", (1, 7, 3, 7))),
    ]
    assert marks(find(cells, "Mar!A2")) == {"Jan!B2", "Jan!F1"}
    assert marks(find(cells, "客户!C4")) == {"客户!H2"}


def test_data_tables_depend_on_everything() -> None:
    cells = [("Jan", FormulaCell(1, 1, "", "dataTable", (1, 1, 9, 2))), ("Feb", FormulaCell(0, 0, "Jan!C10"))]
    assert marks(find(cells, "Mar!A1")) == {"Jan!B2", "Feb!A1"}


def test_a_chain_of_names_without_end() -> None:
    names = {(None, f"name_{i}"): f"name_{i + 1}" for i in range(5_000)}
    assert marked({"S!A1": "name_0"}, "S!Z9", book=Book(["S"], (), names)) == {"S!A1"}


@pytest.mark.parametrize("p", ["", "x:"])
def test_formulas_of_a_row(p: str) -> None:
    xml = (
        f'<{p}row r="5" spans="1:9"><{p}c r="A5"><{p}v>1</{p}v></{p}c><{p}c r="B5" s="2"><{p}f>A5&amp;"&lt;f&gt;"</{p}f><{p}v>1</{p}v></{p}c>'
        f'<{p}c r="C5"><{p}f t="shared" ref="C5:C9" si="3" ca="1">A5+1</{p}f></{p}c><{p}c r="D5" t="str"><{p}f t="shared" si="3"/><{p}v/></{p}c>'
        f'<{p}c/><{p}c><{p}f t="array" aca="1" ref="F5:G6">SUM(A5)</{p}f></{p}c><{p}c r="H5"/><{p}c><{p}f></{p}f></{p}c><{p}c><{p}v>1</{p}v></{p}c>'
        f"<{p}c><{p}f t='dataTable' ref='K5:L9' dt2D='1' r1='A1' r2='A2'/></{p}c><{p}c><{p}is><{p}t>f</{p}t></{p}is></{p}c></{p}row>"
    )
    assert list(row_formulas(4, xml.encode(), p.encode())) == [
        FormulaCell(4, 1, 'A5&"<f>"'),
        FormulaCell(4, 2, "A5+1", "shared", (4, 2, 8, 2), 3, True),
        FormulaCell(4, 3, "", "shared", None, 3),
        FormulaCell(4, 5, "SUM(A5)", "array", (4, 5, 5, 6)),
        FormulaCell(4, 8, ""),
        FormulaCell(4, 10, "", "dataTable", (4, 10, 8, 11)),
    ]
    assert list(row_formulas(0, b'<row r="1"><c r="A1"><v>1</v></c></row>')) == []


def test_cells_without_names_are_counted() -> None:
    xml = b'<row><c/><c><f>A1</f></c><c><f>B1</f></c><c/><c><f>C1</f></c><c r="H1"><f>D1</f></c><c><f>E1</f></c></row>'
    assert [(c.column, c.text) for c in row_formulas(0, xml)] == [(1, "A1"), (2, "B1"), (4, "C1"), (7, "D1"), (8, "E1")]


def test_a_range_that_nobody_understands_is_the_whole_sheet() -> None:
    xml = b'<row r="1"><c r="A1"><f t="array" ref="?">B1</f></c><c r="C1"><extLst><y:f>A1</y:f></extLst></c></row>'
    assert [c.ref for c in row_formulas(0, xml)] == [(0, 0, MAX_ROWS - 1, 16_383)]


SHEETS = ["S", "T 2", "表"]
SIZE = 6


def range_texts() -> st.SearchStrategy[tuple[str, tuple[int, int, int, int, int, int]]]:
    """(formula text, (first sheet, last sheet, rows and columns)); sheet -1: the formula's own."""
    number = st.integers(0, SIZE - 1)

    def text(at: tuple[int, int, int, int, int, int, str]) -> tuple[str, tuple[int, int, int, int, int, int]]:
        s1, s2, r1, c1, r2, c2, kind = at
        s1, s2, r1, c1, r2, c2 = min(s1, s2), max(s1, s2), min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)
        if kind == "cell":
            r2, c2 = r1, c1
        cells = f"{cell_name(r1, c1)}:${cell_name(r2, c2)}"
        if kind == "columns":
            cells, r1, r2 = f"{cell_name(0, c1)[:-1]}:{cell_name(0, c2)[:-1]}", 0, SIZE
        elif kind == "rows":
            cells, c1, c2 = f"{r1 + 1}:{r2 + 1}", 0, SIZE
        elif kind == "cell":
            cells = cell_name(r1, c1)
        if s1 < 0:
            return cells, (-1, -1, r1, c1, r2, c2)
        sheets = SHEETS[s1] if s1 == s2 else f"{SHEETS[s1]}:{SHEETS[s2]}"
        return f"'{sheets}'!{cells}", (s1, s2, r1, c1, r2, c2)

    kinds = st.sampled_from(["cell", "cell", "cell", "range", "columns", "rows"])
    return st.tuples(st.integers(-1, 2), st.integers(-1, 2), number, number, number, number, kinds).map(text)


PLACES = st.tuples(st.integers(0, 2), st.integers(0, SIZE - 1), st.integers(0, SIZE - 1))


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(PLACES, st.lists(range_texts(), max_size=3), max_size=40),
    st.sets(PLACES, min_size=1, max_size=3),
    st.sets(PLACES, max_size=4),
)
def test_random_books(
    formulas: dict[tuple[int, int, int], list[tuple[str, tuple[int, int, int, int, int, int]]]],
    changed: set[tuple[int, int, int]],
    skipped: set[tuple[int, int, int]],
) -> None:
    """The same as looking at every formula again and again until nothing more comes."""
    dirty, expected = set(changed), set()

    def reads(home: int, where: tuple[int, int, int, int, int, int]) -> bool:
        s1, s2, r1, c1, r2, c2 = where if where[0] >= 0 else (home, home, *where[2:])
        return any(s1 <= s <= s2 and r1 <= r <= r2 and c1 <= c <= c2 for s, r, c in dirty)

    more = True
    while more:
        hit = {
            at
            for at, parts in formulas.items()
            if at not in expected and at not in skipped and any(reads(at[0], where) for _, where in parts)
        }
        more = bool(hit)
        expected |= hit
        dirty |= hit
    cells = [
        (SHEETS[s], FormulaCell(r, c, "+".join(text for text, _ in parts))) for (s, r, c), parts in formulas.items()
    ]
    names = [f"{SHEETS[s]}!{cell_name(r, c)}" for s, r, c in skipped]
    found = find(cells, *(f"{SHEETS[s]}!{cell_name(r, c)}" for s, r, c in changed), skip=names, book=Book(SHEETS))
    assert {(SHEETS.index(s), *at) for s, places in found.marks.items() for at in places} == expected


@settings(max_examples=100, deadline=None)
@given(range_texts(), st.integers(0, 4), st.integers(0, 4), PLACES)
def test_shared_members_read_what_their_own_text_would(
    part: tuple[str, tuple[int, int, int, int, int, int]], down: int, right: int, changed: tuple[int, int, int]
) -> None:
    member = FormulaCell(20 + down, 20 + right, "", "shared", None, 0)
    master = FormulaCell(20, 20, part[0], "shared", (20, 20, 24, 24), 0)
    alone = FormulaCell(20 + down, 20 + right, shifted(part[0], down, right))
    at = f"{SHEETS[changed[0]]}!{cell_name(*changed[1:])}"
    here = (20 + down, 20 + right)
    in_group = here in find([("S", master), ("S", member)], at, book=Book(SHEETS)).marks.get("S", set())
    if down or right:
        assert in_group == (here in find([("S", alone)], at, book=Book(SHEETS)).marks.get("S", set()))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELL = st.tuples(
    st.integers(0, 30),
    st.sampled_from(["", "<f>A1</f><v>1</v>", "<f/>", '<f t="shared" si="0"/>', "<v>1</v>", "\n<f>B1</f>"]),
)


@given(st.lists(st.lists(CELL, max_size=5), max_size=6), st.booleans(), st.booleans(), st.integers(1, 90))
def test_formula_cells_are_found_however_they_are_spelled(
    rows: list[list[tuple[int, str]]], named: bool, prefix: bool, size: int
) -> None:
    expected, text = set(), ""
    for r, cells in enumerate(rows):
        text += f'<row r="{r + 1}">' if named else "<row>"
        for c, (column, body) in enumerate(sorted(dict(cells).items())):
            at = column if named else c
            text += f'<c r="{cell_name(r, at)}">{body}</c>' if named else f"<c>{body}</c>"
            if "<f" in body:
                expected.add((r, at))
        text += "</row>"
    if prefix:
        text = re.sub(r"<(/?)(\w)", r"<\1x:\2", text)
    p = "x:" if prefix else ""
    xml = f'<{p}worksheet xmlns{":x" if prefix else ""}="{MAIN}"><{p}sheetData>{text}</{p}sheetData></{p}worksheet>'.encode()
    pieces = [xml[i : i + size] for i in range(0, len(xml), size)]
    found = formula_cells(pieces, "S")
    assert {(row, column) for column, rows in found.items() for row in rows} == expected
