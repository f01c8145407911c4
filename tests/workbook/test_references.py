"""One scanner reads what formulas refer to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator
from openpyxl.utils import FORMULAE

from crm_xl.cells import cell_name
from crm_xl.sheet_stream import MAX_ROWS
from crm_xl.workbook.references import (
    COLUMN,
    LAST_COLUMN,
    LAST_ROW,
    MAX_COLUMNS,
    ROW,
    CellRange,
    TableRange,
    is_excel_function,
    references,
    shifted,
)


def written(r: CellRange) -> str:
    """A range in short: `客户!$A$1:B2`, every range with two ends, `Jan:Mar!` for 3-D."""
    sheets = "" if r.sheet is None else r.sheet + (f":{r.last_sheet}" if r.last_sheet else "") + "!"
    ends = []
    for row, column, r_moves, c_moves in (
        (r.row, r.column, ROW, COLUMN),
        (r.last_row, r.last_column, LAST_ROW, LAST_COLUMN),
    ):
        letters = cell_name(0, column)[:-1]
        ends.append(f"{'' if r.moves & c_moves else '$'}{letters}{'' if r.moves & r_moves else '$'}{row + 1}")
    return sheets + (ends[0] if ends[0] == ends[1] else ":".join(ends))


def told(text: str) -> list[str]:
    """All that a formula refers to, in short."""
    found = references(text)
    tables = [f"{t.table or ''}[{'|'.join((*t.specifiers, f'{t.first}..{t.last}'))}]" for t in found.tables]
    names = [f"{s}!{n}" if s is not None else n for s, n in found.names]
    flags = [word for word, on in (("LINK", found.links), ("ALL", found.everything)) if on]
    return [*(written(r) for r in found.cells), *tables, *names, *flags]


LAST = f"XFD${MAX_ROWS}"
CASES: list[tuple[str, list[str]]] = [
    # cells and ranges
    ("B2", ["B2"]),
    ("$b$2+c3", ["$B$2", "C3"]),
    ("SUM(A1:$B$9)", ["A1:$B$9"]),
    ("B9:A1", ["B9:A1"]),
    ("-A1%^2", ["A1"]),
    ("(A1,B2:B3)", ["A1", "B2:B3"]),
    ("A1:B5 B2:C9", ["A1:B5", "B2:C9"]),
    ("XFD1048576", ["XFD1048576"]),
    ("XFE1", ["XFE1"]),
    ("$XFE$1", ["$XFE$1", "ALL"]),
    ("A1048577", ["A1048577"]),
    ("A0", ["A0"]),
    ("Q1+FY24", ["Q1", "FY24"]),
    ("TAX2024", ["TAX2024"]),
    ("YTD2024*Rate1", ["YTD2024", "Rate1"]),
    ("1E5+2.5e-3*A1", ["A1"]),
    ("1.5%+.5", []),
    ('"A1 ""B2"" C3"&D4', ["D4"]),
    ('IF(A1="",TRUE,FALSE)', ["A1"]),
    ("TRUE()", []),
    ("LOG10(A1)", ["A1"]),
    ('{1,2;3,"x"}*A1', ["A1"]),
    ("{TRUE,#N/A;#DIV/0!,1}", []),
    ("IFERROR(A1,#REF!)", ["A1"]),
    ("Sheet1!#REF!+A1", ["A1"]),
    ("A1 \n + B1", ["A1", "B1"]),
    ("@A1:A9", ["A1:A9"]),
    ("_xlfn.SINGLE(A1:A9)", ["A1:A9"]),
    # whole columns and rows
    ("SUM(A:C)", [f"A$1:C${MAX_ROWS}"]),
    ("SUM($a:$a)", [f"$A$1:$A${MAX_ROWS}"]),
    ("SUM(3:7)", ["$A3:$XFD7"]),
    ("SUM(客户!$3:7)", ["客户!$A$3:$XFD7"]),
    ("SUM(XFD:XFE)", ["ALL"]),
    # sheets
    ("客户!A1", ["客户!A1"]),
    ("'我的 表'!$B$2:$B$9", ["我的 表!$B$2:$B$9"]),
    ("'it''s \"my\" sheet'!A1", ['it\'s "my" sheet!A1']),
    ("'a(b),c'!A1+B1", ["a(b),c!A1", "B1"]),
    ("数据_2024.v2!C3", ["数据_2024.v2!C3"]),
    ("'2024'!A1", ["2024!A1"]),
    ("'R1C1'!R2", ["R1C1!R2"]),
    ("Q1!A1", ["Q1!A1"]),
    ("SUM(Jan:Mar!B2)", ["Jan:Mar!B2"]),
    ("SUM('Jan 1:Mar 2'!B2:C3)", ["Jan 1:Mar 2!B2:C3"]),
    ("SUM(一月:三月!A:A)", [f"一月:三月!A$1:A${MAX_ROWS}"]),
    ("!$A$1", ["$A$1"]),
    ("'A1:B2'", ["ALL"]),
    # structured references
    ("Customers[客户编号]", ["Customers[客户编号..客户编号]"]),
    ("SUM(Customers[[#This Row],[a]:[b]])", ["Customers[#this row|a..b]"]),
    ("Customers[[#This Row],[年消费金额(万元)]]*2", ["Customers[#this row|年消费金额(万元)..年消费金额(万元)]"]),
    ("T[]", ["T[None..None]"]),
    ("ROWS(T[#All])", ["T[#all|None..None]"]),
    ("T[#Headers]", ["T[#headers|None..None]"]),
    ("T[[#Headers],[#Data],[a]]", ["T[#headers|#data|a..a]"]),
    ("T[[#Totals],[a]]", ["T[#totals|a..a]"]),
    ("T[[a]:[c]]", ["T[a..c]"]),
    ("T[a'[b']'#'@'']", ["T[a[b]#@'..a[b]#@']"]),
    ("T[[#This Row],[a'[1']]]", ["T[#this row|a[1]..a[1]]"]),
    ("T['#All]", ["T[#All..#All]"]),
    ("T[@a]+A1", ["A1", "T[#this row|a..a]"]),
    ("[@[a b]]*[c]", ["[#this row|a b..a b]", "[c..c]"]),
    ("SUM([@a])", ["[#this row|a..a]"]),
    ("T[a\nb]", ["T[a\nb..a\nb]"]),
    ("T[A1:B2]", ["T[A1:B2..A1:B2]"]),
    ('T["x]+A1', ["A1", 'T["x.."x]']),
    ("T[a]:T[b]", ["T[a..a]", "T[b..b]", "ALL"]),
    # names
    ("Rate*A1", ["A1", "Rate"]),
    ("汇率*my.name+\\x", ["汇率", "my.name", "\\x"]),
    ("Sheet1!Rate", ["Sheet1!Rate"]),
    ("'我的 表'!汇率", ["我的 表!汇率"]),
    ("[0]!Rate", ["Rate"]),
    ("R1C1+_A1+A1B", ["R1C1", "_A1", "A1B"]),
    ("A1.x+A1_total", ["A1.x", "A1_total"]),
    ("_xlfn.LET(_xlpm.x,A1,_xlpm.x*2)", ["A1"]),
    ("_xlfn.LAMBDA(_xlpm.f,_xlpm.f(B1))(C1)", ["B1", "C1"]),
    # other workbooks
    ("[1]Sheet!A1+B1", ["B1", "LINK"]),
    ("'[1]my sheet'!A1", ["LINK"]),
    ("'C:\\x\\[book.xlsx]my sheet'!A1:B2", ["LINK"]),
    ("[1]!Name", ["LINK"]),
    ("SUM([12]Jan:Mar!B2)", ["LINK"]),
    ("SUM('[2]Jan 1:Mar'!A:A)", ["LINK"]),
    ("[1]!SEGMENT(A1)", ["A1", "LINK"]),
    ("[1]!T[a]", ["LINK"]),
    # spills
    ("SUM(B2#)", [f"B2:$XFD${MAX_ROWS}"]),
    ("_xlfn.ANCHORARRAY($B$2)*C1", [f"$B$2:$XFD${MAX_ROWS}", "C1"]),
    ("_xlfn.ANCHORARRAY(客户!B2)", [f"客户!B2:$XFD${MAX_ROWS}"]),
    ("_xlfn.ANCHORARRAY(INDEX(A1,1))", ["A1", "ALL"]),
    ("Name#", ["Name", "ALL"]),
    # whatever may reach anywhere
    ('INDIRECT("A"&B1)', ["B1", "ALL"]),
    ("SUM(offset(A1,1,0))", ["A1", "ALL"]),
    ("SUM(A1:INDEX(B:B,3))", ["A1", f"B$1:B${MAX_ROWS}", "ALL"]),
    ("SUM($A$1:INDEX(C1,3))", ["A", "C1", "ALL"]),
    ("A1:B2:C3", ["A1", "B2:C3", "ALL"]),
    ("A1:last", ["A1", "last", "ALL"]),
    ("S!A1:S!B2", ["S!A1", "S!B2", "ALL"]),
    ('A1&"open', ["A1", "ALL"]),
    ("A1+'open", ["A1", "ALL"]),
    ("A1+[open", ["A1", "ALL"]),
    ("A1~B1", ["A1", "B1", "ALL"]),
    # sums over more than is written
    ("SUMIF(A1:A9,1,B1:B9)", ["A1:A9", "B1:B9"]),
    ('SUMIF(A1:A9,">"&C1,B1)', ["A1:A9", "C1", "B1", "B1:B9"]),
    ("SUMIF($A$1:$A$9,1,$B$1)", ["$A$1:$A$9", "$B$1", "$B$1:$B$9"]),
    ("SUMIF(A:A,D5,B:B)", [f"A$1:A${MAX_ROWS}", "D5", f"B$1:B${MAX_ROWS}"]),
    ("AVERAGEIF(A1:A9,MAX(C1,2),B1:B3)", ["A1:A9", "C1", "B1:B3", "B1:B9"]),
    ("SUMIF(A$1:A5,1,B$1:B5)", ["A$1:A5", "B$1:B5"]),
    ("SUMIF(A$1:A5,1,B1:B5)", ["A$1:A5", "B1:B5", "ALL"]),
    ("SUMIF($A$1:$A$5,1,B1:B5)", ["$A$1:$A$5", "B1:B5"]),
    ("SUMIF(A$1:A5,1,B$1)", ["A$1:A5", "B$1", "ALL"]),
    ("SUMIF(Customers[a(1)],1,Customers[b])", ["Customers[a(1)..a(1)]", "Customers[b..b]"]),
    ("SUMIF(T[a],1,U[b])", ["T[a..a]", "U[b..b]", "ALL"]),
    ("SUMIF(first,1,second)", ["first", "second", "ALL"]),
    ("SUMIF(A1:A9,1)", ["A1:A9"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[c[0] or "empty" for c in CASES])
def test_what_formulas_refer_to(text: str, expected: list[str]) -> None:
    assert sorted(told(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("SUM(A1)+sum(B1)+SUM(C1)", ("SUM", "sum")),
        ("_xlfn.XLOOKUP(A1,B:B,_xlfn._xlws.FILTER(C:C,1))", ("_xlfn.XLOOKUP", "_xlfn._xlws.FILTER")),
        ("_xll.FOO(SEGMENT(A1))", ("_xll.FOO", "SEGMENT")),
        ('"SUM("&A1', ()),
        ("T[SUM(1)]", ()),
        ("客户评分(A1)", ("客户评分",)),
        ("NORM.S.DIST(A1,TRUE)", ("NORM.S.DIST",)),
        ("_xlfn.LET(_xlpm.f,1,_xlpm.f(2))", ("_xlfn.LET",)),
        ("F([@a])", ("F",)),
    ],
)
def test_functions_called(text: str, functions: tuple[str, ...]) -> None:
    assert references(text).functions == functions


def test_let_and_lambda_have_parameters() -> None:
    assert references("LET(x,A1,x+1)").parameters
    assert references("_xlfn.LAMBDA(x,x)(1)").parameters
    assert not references("x+LETTER(1)").parameters


def test_structured_references_take_a_table_without_brackets_for_a_name() -> None:
    assert references("ROWS(Customers)").names == ((None, "Customers"),)
    assert references("T[@a]").tables == (TableRange("T", ("#this row",), "a", "a"),)


def test_excels_functions() -> None:
    assert all(is_excel_function(name) for name in FORMULAE)
    for name in ("iferror", "SUMIFS", "CUBEVALUE", "NUMBERSTRING", "_xlfn.XLOOKUP", "_xlfn._xlws.SORT", "_xlws.SORT"):
        assert is_excel_function(name), name
    for name in ("SEGMENT", "_xll.FOO", "_xludf.BAR", "_xlfn._xll.FOO", "XLOOKUP", "GET.CELL", "EVALUATE", "", "客户"):
        assert not is_excel_function(name), name


@pytest.mark.parametrize(
    ("text", "rows", "columns", "expected"),
    [
        ("A1+$A1+A$1+$A$1", 2, 1, "B3+$A3+B$1+$A$1"),
        ("SUM(A:C)+SUM($A:C)", 5, 2, "SUM(C:E)+SUM($A:E)"),
        ("SUM(3:7)+SUM($3:7)", 2, 9, "SUM(5:9)+SUM($3:9)"),
        ("客户!A1+'我的 A1'!B2", 1, 1, "客户!B2+'我的 A1'!C3"),
        ("SUM(Jan:Mar!B2)", 1, 0, "SUM(Jan:Mar!B3)"),
        ('"A1"&A1&"B""2"', 1, 0, '"A1"&A2&"B""2"'),
        ("Customers[[#This Row],[A1]]*A1", 1, 1, "Customers[[#This Row],[A1]]*B2"),
        ("LOG10(A1)+Rate1+A1B", 1, 0, "LOG10(A2)+Rate1+A1B"),
        ("A1+B2", -1, 0, "#REF!+B1"),
        ("SUM(Sheet1!A1:B2)", 0, -1, "SUM(Sheet1!#REF!)"),
        (f"A{MAX_ROWS}", 1, 0, "#REF!"),
        ("XFD1+A$1", 0, 1, "#REF!+B$1"),
        ("[1]Sheet!A1", 1, 0, "[1]Sheet!A2"),
        ("A1#", 1, 0, "A2#"),
        ("YTD2024+1E5", 1, 1, "YTD2024+1E5"),
        (" A1 \n+ a1", 1, 0, " A2 \n+ A2"),
    ],
)
def test_shifting(text: str, rows: int, columns: int, expected: str) -> None:
    assert shifted(text, rows, columns) == expected


PIECES = st.sampled_from(
    ["A1", "$B$7", "C$3:$D9", "A:C", "$4:9", "客户!B2", "'a b'!A1:B2", '"A1"', "SUM(A$2:A7)", "T[a]", "1E5", "x"]
)


@given(st.lists(PIECES, min_size=1, max_size=8).map("+".join), st.integers(0, 9), st.integers(0, 9))
def test_shifting_agrees_with_openpyxl(text: str, rows: int, columns: int) -> None:
    theirs = Translator(f"={text}", "A1").translate_formula(row_delta=rows, col_delta=columns)
    assert "=" + shifted(text, rows, columns) == theirs


@given(st.text(alphabet="A1$:!'\"[]@#(),+ xT客.\\?{}~\n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = references(text)
    assert isinstance(found.everything, bool)
    assert all(0 <= r.row < MAX_ROWS and 0 <= r.last_column < MAX_COLUMNS for r in found.cells)
    assert shifted(text, 0, 0).upper() == text.upper()


@pytest.mark.parametrize(
    "unit",
    ["'", "'a", "[", "[a", '"', "1", "a", "a:", "(", "SUMIF(", "#", "A1:", "'[", "a'!", "['", "[[a]", "[a'", "''['"],
)
def test_a_long_text_is_read_in_one_pass(unit: str) -> None:
    """Texts that make a careless pattern look again and again at the same place."""
    references(unit * (16_000 // len(unit)))
    assert references(unit * 20_000).everything
