"""A closed file behind the protocol: tables that grow, shrink and merge, results in three forms."""

from __future__ import annotations

import datetime as dt
import inspect
import io
import re
import zipfile
from collections.abc import Mapping
from concurrent.futures import wait
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.worksheet.formula import ArrayFormula
from python_calamine import CalamineWorkbook

import crm_xl
from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.read_ahead import ReadAhead
from crm_xl.rules.models import FormulaForm
from crm_xl.workbook import protocol
from crm_xl.workbook.edits import Write
from crm_xl.workbook.file_workbook import CALC, FileWorkbook, unit_variant
from crm_xl.workbook.reporting import Report
from crm_xl.workflows.sample import make_sample
from tests.support import feature_rich
from tests.support.lint import lint
from tests.support.packages import assert_lossless, edit_part, members, sheet_cells, sheet_parts, write_members

AS_OF = "2024-06-30"
DOUBLE = "Customers[[#This Row],[历史合作次数]]*2"
TOP, ROWS = 2, 5
CUSTOMERS = 40


def make(path: Path, *, totals: bool = False, below: object = None, date1904: bool = False, rows: int = ROWS) -> Path:
    """A user's workbook: a table of customers, and everything that ends on its last row."""
    book = xlsxwriter.Workbook(path, {"date_1904": date1904})
    book.set_calc_mode("auto", 191029)
    sheet, other = book.add_worksheet("客户"), book.add_worksheet("It's")
    money, date = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
    last = TOP + rows
    columns: list[dict[str, Any]] = [
        {"header": "客户编号"},
        {"header": "客户名称"},
        {"header": "历史合作次数", "format": money},
        {"header": "最近合作时间", "format": date},
        {"header": "备注 & A"},
        {"header": "双倍", "formula": f"={DOUBLE}"},
    ]
    sheet.add_table(TOP, 0, last + totals, 5, {"name": "Customers", "columns": columns, "total_row": totals})
    for i in range(rows):
        r = TOP + 1 + i
        sheet.write_row(r, 0, [f"C{i + 1}", f"客户{i + 1}"])
        sheet.write(r, 2, i + 1, money)
        sheet.write_datetime(r, 3, dt.datetime(2024, 1, i + 1), date)
        sheet.write(r, 4, f"note {i + 1}")
        sheet.write_formula(r, 5, f"={DOUBLE}", None, 2 * (i + 1))
    if below is not None:
        sheet.write(last + 3, 1, below)
    sheet.write("J40", "far")
    end = last + 1
    sheet.conditional_format(f"C4:C{end}", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format(
        f"A4:F{end}", {"type": "formula", "criteria": f"=$C4>AVERAGE($C$4:$C${end})", "format": money}
    )
    sheet.data_validation(f"E4:E{end}", {"validate": "list", "source": f"=$B$4:$B${end}"})
    sheet.add_sparkline("H1", {"range": f"客户!C4:C{end}"})
    sheet.print_area(f"A1:H{end}")
    book.define_name("Ids", f"=客户!$A$4:$A${end}")
    book.define_name("AsOf", '="no cell"')
    book.define_name("First", "=客户!$A$4")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"name": "=客户!$C$3", "categories": f"=客户!$B$4:$B${end}", "values": f"=客户!$C$4:$C${end}"})
    other.insert_chart("B2", chart)
    other.write_formula("A1", "=SUM(Customers[历史合作次数])", None, sum(range(rows + 1)))
    other.write("A2", 5)
    book.close()
    return path


def ref_of(path: Path, table: str = "Customers") -> str:
    for sheet in openpyxl.load_workbook(path):
        if table in sheet.tables:
            return str(sheet.tables[table].ref)
    raise AssertionError(table)


def column(path: Path, letter: str, first: int, last: int, sheet: str = "客户") -> list[object]:
    found = openpyxl.load_workbook(path, data_only=True)[sheet]
    return [found[f"{letter}{r}"].value for r in range(first, last + 1)]


def grown_cells(last: int, to: int) -> set[str]:
    return {f"{c}{r}" for c in "ABCDEF" for r in range(last + 1, to + 1)}


# ------------------------------------------------------------ growing


def test_append(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    new = [{"customer_id": "=N1", "order_count": 7, "last_order": dt.date(2024, 6, 1), "city": "none such"},
           {"customer_id": "N2"}]  # fmt: skip
    book.append_rows("Customers", new[:1])
    book.append_rows("Customers", new[1:])
    assert book.save(out)
    assert_lossless(path, out, book.report, grown_cells(8, 10))
    assert not lint(out)
    assert ref_of(out) == "A3:F10"
    assert column(out, "A", 8, 11) == ["C5", "=N1", "N2", None]
    assert column(out, "C", 9, 10) == [7, None]
    assert column(out, "D", 9, 9) == [dt.datetime(2024, 6, 1)]
    sheet = openpyxl.load_workbook(out)["客户"]
    assert sheet["A9"].data_type == "s" and sheet["C10"].number_format == "0.00"
    assert sheet["F9"].value == sheet["F10"].value == f"={DOUBLE}"  # the user's own calculated column
    parts = members(out)
    xml = parts[sheet_parts(parts)["客户"]].decode()
    for text in ('sqref="C4:C10"', 'sqref="A4:F10"', 'sqref="E4:E10"', "<xm:sqref>C4:C10<", "<xm:f>客户!C4:C10<",
                 "AVERAGE($C$4:$C$10)", "<formula1>$B$4:$B$10<"):  # fmt: skip
        assert text in xml, text
    assert '<dimension ref="A3:J40"/>' in xml
    names = parts["xl/workbook.xml"].decode()
    assert "客户!$A$4:$A$10<" in names and "客户!$A$1:$H$10<" in names and "客户!$A$4<" in names
    chart = parts["xl/charts/chart1.xml"].decode()
    assert "客户!$B$4:$B$10<" in chart and "客户!$C$4:$C$10<" in chart and "客户!$C$3<" in chart
    assert re.findall(r"<c:v>([^<]*)</c:v>", chart.split("<c:val>")[1]) == ["1", "2", "3", "4", "5", "7"]
    assert chart.count('<c:ptCount val="7"/>') == 2
    assert 'autoFilter ref="A3:F10"' in parts["xl/tables/table1.xml"].decode()
    # what was added can be read again, the user's formula without a value too
    data = FileWorkbook(out).read_table("Customers")
    assert data.column("customer_id")[-2:] == ["=N1", "N2"] and data.uncalculated == {"双倍": "F9"}


def test_append_fills_blank_rows_first(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    book.replace_rows("Customers", [{"customer_id": "X"}], formulas=False)
    assert book.save(out) and ref_of(out) == "A3:F4"
    for i in range(3):
        book.append_rows("Customers", [{"customer_id": f"Y{i}"}])
    assert book.save(out)
    assert ref_of(out) == "A3:F7" and column(out, "A", 4, 8) == ["X", "Y0", "Y1", "Y2", None]


def test_append_to_a_table_with_blank_rows(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    for r in (TOP + 4, TOP + 5):
        for c in range(6):
            book._put("客户", r, c, Write(None))
    book.save(path)
    book = FileWorkbook(path)
    for i in range(3):
        book.append_rows("Customers", [{"customer_id": f"Y{i}"}])
    book.save(out)
    assert ref_of(out) == "A3:F9" and column(out, "A", 6, 9) == ["C3", "Y0", "Y1", "Y2"]


@pytest.mark.parametrize("below", ["text", 5, "=1", '=""'])
def test_occupied_below(tmp_path: Path, below: object) -> None:
    path = make(tmp_path / "b.xlsx", below=below)
    before = path.read_bytes()
    book = FileWorkbook(path)
    book.append_rows("Customers", [{"customer_id": f"N{i}"} for i in range(2)])
    assert book.pending()  # two rows fit above it
    book.append_rows("Customers", [{"customer_id": "N3"}])
    with pytest.raises(CrmXlError) as error:
        book.save()
    assert error.value.key == "occupied_below"
    assert error.value.values == {"sheet": "客户", "cell": "B11", "table": "Customers"}
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_another_table_below(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.add_table("A1:B2", {"name": "Customers", "columns": [{"header": "客户编号"}, {"header": "b"}]})
        sheet.add_table("B4:C5", {"name": "Other", "header_row": False})
        sheet.write("A2", "C1")
    ours = FileWorkbook(path)
    ours.append_rows("Customers", [{"customer_id": "N"}] * 3)
    with pytest.raises(CrmXlError) as error:
        ours.save()
    assert error.value.values == {"sheet": "S", "cell": "B4", "table": "Customers"}


def test_totals_row(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx", totals=True), tmp_path / "out.xlsx"
    before = path.read_bytes()
    book = FileWorkbook(path)
    book.append_rows("Customers", [{"customer_id": "N"}])
    with pytest.raises(CrmXlError) as error:
        book.save()
    assert (error.value.key, error.value.values["sheet"], error.value.values["cell"]) == ("totals_row", "客户", "A9")
    assert path.read_bytes() == before
    # fewer rows: the totals row stays where it is
    book = FileWorkbook(path)
    book.replace_rows("Customers", [{"customer_id": "X"}], formulas=False)
    book.save(out)
    assert ref_of(out) == "A3:F9" and column(out, "A", 4, 6) == ["X", None, None]


# ------------------------------------------------------------ shrinking


@pytest.mark.parametrize(("rows", "last"), [(2, 5), (1, 4), (0, 4)])
def test_replace_with_fewer_rows(tmp_path: Path, rows: int, last: int) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    book.replace_rows("Customers", [{"customer_id": f"X{i}", "order_count": 9} for i in range(rows)], formulas=False)
    assert book.save(out)
    assert_lossless(path, out, book.report)
    assert not lint(out)
    assert ref_of(out) == f"A3:F{last}"
    assert column(out, "A", 4, 8) == [f"X{i}" for i in range(rows)] + [None] * (5 - rows)
    assert column(out, "E", last + 1, 8) == column(out, "F", last + 1, 8) == [None] * (8 - last)
    assert column(out, "E", 4, 4) == (["note 1"] if rows else [None])
    parts = members(out)
    xml = parts[sheet_parts(parts)["客户"]].decode()
    assert f'sqref="C4:C{last}"' in xml or f'sqref="C{last}"' in xml
    chart = parts["xl/charts/chart1.xml"].decode()
    assert f"客户!$C$4:$C${last}<" in chart and f'ptCount val="{max(rows, 1)}"' in chart
    assert "客户!$A$1:$H$8<" in parts["xl/workbook.xml"].decode()  # what is printed does not shrink


def test_growth_undone_is_no_change(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx")
    book = FileWorkbook(path)
    data = book.read_table("Customers")
    keys = list(data.fields)
    rows: list[Mapping[str, object]] = [{k: data.column(k)[i] for k in keys} for i in range(ROWS)]
    book.replace_rows("Customers", [*rows, {"customer_id": "new"}], formulas=False)
    assert book.pending()
    book.replace_rows("Customers", rows, formulas=False)
    assert not book.pending() and not book.save()


# ------------------------------------------------------------ merging

PLAN = ["细分群体", "数量", "占比", "核心特征", "策略建议", "负责人", "我的"]


def plan_book(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Plan")
        sheet.add_table(0, 0, max(1, len(rows)), 6, {"name": "Plan", "columns": [{"header": h} for h in PLAN]})
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if isinstance(value, str) and value.startswith("=="):
                    sheet.write_formula(i + 1, j, value[1:], None, 42)
                elif value is not None:
                    sheet.write(i + 1, j, value)
    return path


def merged(
    tmp_path: Path, old: list[list[object]], new: list[dict[str, object]]
) -> tuple[list[str], list[list[object]]]:
    path = plan_book(tmp_path / "plan.xlsx", old)
    book = FileWorkbook(path)
    stayed = book.merge_rows("Plan", new, formulas=False)
    book.save()
    assert not lint(path)
    ref = ref_of(path, "Plan")
    cells = openpyxl.load_workbook(path)["Plan"][ref]
    return stayed, [[c.value for c in row] for row in cells[1:]]


def line(name: str, customers: int) -> dict[str, object]:
    return {
        "segment": name,
        "customers": customers,
        "customer_share": 0.5,
        "traits": f"t{name}",
        "strategy": f"s{name}",
    }


OLD: list[list[object]] = [
    ["A", 1, 0.1, "ta", "sa", "Li", None],
    ["B", 2, 0.2, "tb", "sb", None, "mine B"],
    ["C", 3, 0.3, "tc", "sc", None, None],
    ["D", 4, 0.4, "td", "sd", "Wang", None],
]


def test_merge_keeps_what_the_user_typed(tmp_path: Path) -> None:
    stayed, rows = merged(tmp_path, OLD, [line("D", 8), line("E", 9), line("A", 7)])
    assert stayed == ["B"]
    assert rows == [
        ["D", 8, 0.5, "tD", "sD", "Wang", None],
        ["E", 9, 0.5, "tE", "sE", None, None],
        ["A", 7, 0.5, "tA", "sA", "Li", None],
        ["B", 0, 0, "tb", "sb", None, "mine B"],
    ]


def test_merge_without_rows(tmp_path: Path) -> None:
    stayed, rows = merged(tmp_path, OLD, [])
    assert stayed == ["A", "B", "D"] and [r[:2] for r in rows] == [["A", 0], ["B", 0], ["D", 0]]
    stayed, rows = merged(tmp_path, [OLD[2]], [])
    assert stayed == [] and rows == [[None] * 7]


def test_merge_with_a_key_twice_or_none(tmp_path: Path) -> None:
    old = [
        ["A", 1, 1, "t", "s", "Li", None],
        ["A", 1, 1, "t2", "s2", "Wang", None],
        [None, None, None, None, None, "lost?", None],
    ]
    stayed, rows = merged(tmp_path, old, [line("A", 5)])
    assert stayed == ["A", ""]
    assert [r[5] for r in rows] == ["Li", "Wang", "lost?"] and [r[1] for r in rows] == [5, 0, 0]


def test_merge_writes_typed_text_over_a_formula_rather_than_losing_it(tmp_path: Path) -> None:
    old = [["A", 1, 1, "t", "s", "Li", "==B2*2"], ["B", 1, 1, "t", "s", "Wang", "typed"]]
    _, rows = merged(tmp_path, old, [line("B", 5), line("A", 6)])
    assert [r[5:] for r in rows] == [["Wang", "typed"], ["Li", 42]]
    _, rows = merged(tmp_path, old, [line("A", 5), line("B", 6)])
    assert [r[6] for r in rows] == ["=B2*2", "typed"]


# ------------------------------------------------------------ single writes


def test_write_column_yields_to_formulas(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    book._put("客户", 3, 2, Write(1, "A1"))
    book.save(path, backup=False)
    for yields, first in ((True, "=A1"), (False, 50)):
        book = FileWorkbook(path)
        book.write_column("Customers", "order_count", [50, 60], yields=yields)
        book.save(out)
        sheet = openpyxl.load_workbook(out)["客户"]
        assert [sheet["C4"].value, sheet["C5"].value, sheet["C6"].value] == [first, 60, 3]


VALUES = [
    ("control", "a\x01b"), ("emoji", "😀 客户"), ("literal", "_x0041_"), ("space", "  a  "), ("lines", "a\nb\r\nc\td"),
    ("formula", "=1+1"), ("plus", "+86 10"), ("minus", "-x"), ("at", "@a"), ("tab", "\t=1"), ("digits", "007"),
    ("huge", 1e300), ("tiny", 5e-324), ("negative zero", -0.0), ("big", 2**60), ("third", 1 / 3), ("true", True),
    ("error", CellError("#N/A")),
]  # fmt: skip


def test_values_reach_every_reader(tmp_path: Path) -> None:
    path, out = make(tmp_path / "b.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    values = [v for _, v in VALUES] + ["y" * 40_000, float("nan"), float("inf"), dt.datetime(2024, 6, 30, 18)]
    for i, value in enumerate(values):
        book._put("It's", 20 + i, 0, Write(book._plain(value)))
    book.save(out)
    assert not lint(out)
    wanted = [*values[:-4], "y" * 32_767, None, CellError("#NUM!"), 45473.75]
    calamine = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("It's").to_python(skip_empty_area=False)
    ours = FileWorkbook(out).sheet("It's").rows
    sheet = openpyxl.load_workbook(out)["It's"]
    for i, value in enumerate(wanted):
        excel = sheet.cell(21 + i, 1).value
        assert ours[20 + i][0] == value
        assert calamine[20 + i][0] == ("" if value is None or isinstance(value, CellError) else value)
        if not isinstance(value, str) or not re.search("[\x00-\x08\r]", value):  # openpyxl leaves _x0001_ as it is
            assert excel == value and isinstance(excel, bool) == isinstance(value, bool)
    assert not [c for row in sheet["A21:A60"] for c in row if c.data_type == "f"]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_in_both_systems(tmp_path: Path, date1904: bool) -> None:
    path = make(tmp_path / "b.xlsx", date1904=date1904)
    book = FileWorkbook(path)
    days = [
        dt.datetime(2024, 2, 29),
        dt.date(2030, 1, 1),
        dt.datetime(2024, 6, 30, 12, 30),
        None,
        dt.datetime(1950, 3, 1),
    ]
    book.write_column("Customers", "last_order", days)
    book.save()
    shown = [*days[:1], dt.datetime(2030, 1, 1), *days[2:]]
    assert column(path, "D", 4, 8) == shown
    assert FileWorkbook(path).read_table("Customers").column("last_order") == shown
    again = FileWorkbook(path)
    again.write_column("Customers", "last_order", days)
    assert not again.pending()


def test_a_workbook_without_shared_strings(tmp_path: Path) -> None:
    path, out = tmp_path / "b.xlsx", tmp_path / "out.xlsx"
    book = openpyxl.Workbook()
    book.active["A1"] = 5
    book.save(path)
    parts = members(path)
    parts.pop("xl/sharedStrings.xml", None)
    for part in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        parts[part] = re.sub(rb"<(Override|Relationship)[^>]*haredStrings[^>]*/>", b"", parts[part])
    write_members(path, parts)
    ours = FileWorkbook(path)
    ours._put("Sheet", 1, 1, Write("text"))
    ours.save(out)
    assert_lossless(path, out, ours.report)
    assert openpyxl.load_workbook(out)["Sheet"]["B2"].value == "text" and not lint(out)


def test_calc_chain_is_dropped_only_when_formulas_change(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    edit_part(path, "xl/_rels/workbook.xml.rels", lambda x: x.replace(
        "</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'))  # fmt: skip
    edit_part(path, "[Content_Types].xml", lambda x: x.replace(
        "</Types>", '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.spreadsheetml.calcChain+xml"/></Types>'))  # fmt: skip
    chain = '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    chain += '<c r="A1" i="2"/>' + "".join(f'<c r="F{r}" i="1"/>' for r in range(4, 9)) + "</calcChain>"
    write_members(path, {**members(path), "xl/calcChain.xml": chain.encode()})
    assert not lint(path)
    for write, dropped in (
        (Write(77), False),
        (Write("v", "LOWER(A3)"), True),
    ):
        book = FileWorkbook(path)
        book._put("客户", 3, 2, write)
        book.save(tmp_path / "out.xlsx")
        assert ("xl/calcChain.xml" in book.report.parts) == dropped
        assert_lossless(path, tmp_path / "out.xlsx", book.report)
        assert not lint(tmp_path / "out.xlsx")
    book = FileWorkbook(path)
    book._put("客户", 3, 5, Write(5))  # a formula that becomes a constant
    book.save(tmp_path / "out.xlsx")
    assert "xl/calcChain.xml" not in members(tmp_path / "out.xlsx") and not lint(tmp_path / "out.xlsx")
    assert b"calcChain" not in members(tmp_path / "out.xlsx")["[Content_Types].xml"]


def test_protected_sheet(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("锁")
        sheet.protect("secret")
        headers = [{"header": "客户编号"}, {"header": "历史合作次数"}]
        sheet.add_table("A1:B3", {"name": "Customers", "columns": headers})
        sheet.write_column("A2", ["C1", "C2"])
        sheet.write_column("B2", [1, 2], book.add_format({"locked": False}))
    before = path.read_bytes()
    ours = FileWorkbook(path)
    ours.write_column("Customers", "customer_id", ["C1", "X"])
    with pytest.raises(CrmXlError) as error:
        ours.save()
    assert (error.value.key, error.value.values) == ("protected_cell", {"sheet": "锁", "cell": "A3"})
    assert path.read_bytes() == before
    ours = FileWorkbook(path)
    ours.write_column("Customers", "customer_id", ["C1", "C2"])
    ours.write_column("Customers", "order_count", [1, 20])
    assert ours.save() and column(path, "B", 2, 3, "锁") == [1, 20]
    assert ours.report.cells == {"锁": ["B3"]}


def test_a_rich_workbook_loses_nothing(tmp_path: Path) -> None:
    path, out = feature_rich.make(tmp_path / "rich.xlsx"), tmp_path / "out.xlsx"
    book = FileWorkbook(path)
    book.append_rows("Customers", [{"customer_name": "新"}])
    book._put("Parameters", 1, 0, Write("neu"))
    book.save(out)
    assert_lossless(path, out, book.report, {f"{c}12" for c in "ABCDEF"})
    assert set(lint(out)) <= set(lint(path))


def test_names(tmp_path: Path) -> None:
    book = FileWorkbook(feature_rich.make(tmp_path / "rich.xlsx"))
    assert book.has_name("Threshold") and not book.has_name("GOLD") and not book.has_name("none")
    assert book.name_place("Threshold") == ("Parameters", "B1") and book.read_name("Threshold") == 5000
    book.write_name("Threshold", "x")
    assert book.read_name("Threshold") == "x"
    assert not book.is_ours and not book.forced_calculation


@pytest.mark.parametrize(
    ("calc", "forced"),
    [
        ('<calcPr calcId="191029"/>', False),
        ('<calcPr calcId="191030" fullCalcOnLoad="0"/>', False),
        ('<calcPr calcId="191029" fullCalcOnLoad="1"/>', True),
        ('<calcPr calcId="124519"/>', True),
        ("", True),
    ],
)
def test_forced_calculation(tmp_path: Path, calc: str, forced: bool) -> None:
    path = make(tmp_path / "b.xlsx")
    edit_part(path, "xl/workbook.xml", lambda x: re.sub("<calcPr[^>]*/>", calc, x) + " ")
    assert FileWorkbook(path).forced_calculation is forced


def test_not_calculated_inputs(tmp_path: Path) -> None:
    path = make(tmp_path / "b.xlsx")
    book = FileWorkbook(path)
    book._put("客户", 4, 2, Write(None, "1+1"))
    book.save()
    with pytest.raises(CrmXlError) as error:
        FileWorkbook(path).read_table("Customers")
    assert (error.value.key, error.value.values["cell"]) == ("not_calculated", "C5")


def test_the_protocol_is_what_a_file_offers(tmp_path: Path) -> None:
    book: protocol.Workbook = FileWorkbook(make(tmp_path / "b.xlsx"))  # the type checker compares them too
    members = [n for n in vars(protocol.Workbook) if not n.startswith("_")]
    assert members
    for name in members:
        wanted = inspect.getattr_static(protocol.Workbook, name)
        if not inspect.isfunction(wanted):
            assert isinstance(getattr(book, name), (bool, Path))
            continue
        told = inspect.signature(wanted).parameters
        has = inspect.signature(getattr(FileWorkbook, name)).parameters
        for key, parameter in told.items():
            assert has[key].kind == parameter.kind and has[key].default == parameter.default, (name, key)
        more = [p for k, p in has.items() if k not in told]
        assert all(p.default is not inspect.Parameter.empty for p in more), name


def test_unit_variant(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().add_table("A1:A2", {"columns": [{"header": "金额(万元)"}]})
    data = unit_variant(path.read_bytes(), path, "万元", "元")
    assert openpyxl.load_workbook(io.BytesIO(data)).active["A1"].value == "金额(元)"


# ------------------------------------------------------------ results in three forms


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("forms")
    paths = {form: folder / f"{form}.xlsx" for form in ("row", "spill", "values")}
    forms: tuple[FormulaForm, ...] = ("row", "spill", "values")
    made = make_sample(dt.date.fromisoformat(AS_OF), "zh")
    customers = made.customers.head(CUSTOMERS)
    orders = made.orders[made.orders["customer_id"].isin(customers["customer_id"])]
    for form in forms:
        crm_xl.new_workbook(
            paths[form], template="customer-info", customers=customers, orders=orders, as_of=AS_OF, formulas=form
        )
    return paths


@lru_cache(maxsize=12)
def _loaded(path: Path, stamp: int, data_only: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=data_only)


def loaded(path: Path, *, data_only: bool = False) -> openpyxl.Workbook:
    return _loaded(path, path.stat().st_mtime_ns, data_only)


def shown(path: Path) -> dict[tuple[str, str], object]:
    """What a person sees, the sheet with the machinery and the form's name left out."""
    book = loaded(path, data_only=True)
    form = book.defined_names["FormulaForm"].attr_text.replace("$", "").replace("'", "").split("!")
    cells = {(s.title, c.coordinate): c.value for s in book if s.title != CALC for row in s.iter_rows() for c in row}
    return {k: v for k, v in cells.items() if v not in (None, "") and k != tuple(form)}


def result_formulas(path: Path) -> dict[str, str]:
    """Header -> formula of the first row, of the result columns of Customers."""
    book = loaded(path)
    for sheet in book:
        if "Customers" in sheet.tables:
            top, *rows = sheet[sheet.tables["Customers"].ref]
            return {h.value: c.value for h, c in zip(top, rows[0], strict=True) if str(c.value).startswith("=")}
    raise AssertionError


def calculated_columns(path: Path) -> set[str]:
    for name, data in members(path).items():
        if name.startswith("xl/tables/") and b'displayName="Customers"' in data:
            found = etree.fromstring(data).iter("{*}tableColumn")
            return {c.get("name", "") for c in found if c.find("{*}calculatedColumnFormula") is not None}
    raise AssertionError


def spills(path: Path) -> dict[str, str]:
    """Cell -> range, of the dynamic arrays on the calculation sheet."""
    sheet = loaded(path)[CALC]
    return {c.coordinate: c.value.ref for row in sheet["A2:AZ2"] for c in row if isinstance(c.value, ArrayFormula)}


def test_forms_show_the_same(sample: dict[str, Path]) -> None:
    row, spill, values = (shown(sample[f]) for f in ("row", "spill", "values"))
    assert row == spill == values


def test_what_each_form_holds(sample: dict[str, Path]) -> None:
    formulas = {form: result_formulas(path) for form, path in sample.items()}
    assert not formulas["values"] and not calculated_columns(sample["values"])
    assert set(formulas["row"]) == set(formulas["spill"]) == calculated_columns(sample["row"])
    assert calculated_columns(sample["spill"]) == set(formulas["spill"])
    assert all("INDEX(Calc!" in f or "Customers[[#This Row]" in f for f in formulas["spill"].values())
    assert any("SEGMENT(" in f for f in formulas["row"].values())
    assert not any("SEGMENT(" in f for f in formulas["spill"].values())
    assert set(spills(sample["values"])) == {"C2"}
    for form in ("row", "spill"):
        found = spills(sample[form])
        assert len(found) > (5 if form == "spill" else 1)
        assert {
            ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for c, ref in found.items() if c != "C2"
        } == {f"{CUSTOMERS + 1}"}
    for form, path in sample.items():
        parts = members(path)
        cells = sheet_cells(parts[sheet_parts(parts)[CALC]])
        assert {c for c, xml in cells.items() if 'cm="1"' in xml} == set(spills(path)), form
        assert all('t="array"' in cells[c] for c in spills(path))
        count = etree.fromstring(cells["C2"]).findtext("{*}v")
        assert count == f"{CUSTOMERS}"


@pytest.mark.parametrize("forms", [("spill", "values", "row"), ("values", "spill", "row")], ids="-".join)
def test_conversion_both_ways(sample: dict[str, Path], tmp_path: Path, forms: tuple[FormulaForm, ...]) -> None:
    path, old = tmp_path / "book.xlsx", tmp_path / "old.xlsx"
    path.write_bytes(sample["row"].read_bytes())
    before = shown(path)
    for form in forms:
        old.write_bytes(path.read_bytes())
        report = crm_xl.refresh(path, formulas=form, as_of=AS_OF)
        assert report.changed and report.form == form
        assert_lossless(old, path, Report(report.parts, report.cells))
        assert shown(path) == before
        assert result_formulas(path) == result_formulas(sample[form]) and spills(path) == spills(sample[form])
        assert calculated_columns(path) == calculated_columns(sample[form])
        assert not crm_xl.refresh(path, formulas=form, as_of=AS_OF).changed
    assert not lint(path)


@pytest.mark.parametrize("form", ["row", "spill", "values"])
def test_more_and_fewer_customers(sample: dict[str, Path], tmp_path: Path, form: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(sample[form].read_bytes())
    book = FileWorkbook(path)
    book.append_rows("Customers", [{"customer_id": f"N{i}"} for i in range(3)])
    book.save(backup=False)
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert report.customers == CUSTOMERS + 3 and report.form == form
    assert ref_of(path).endswith(f"{CUSTOMERS + 4}")
    ends = {ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for c, ref in spills(path).items() if c != "C2"}
    assert ends == (set() if form == "values" else {f"{CUSTOMERS + 4}"})
    book = FileWorkbook(path)
    data = book.read_table("Customers")
    keys = [k for k in data.fields if data.fields[k] < 12]
    rows = [{k: data.column(k)[i] for k in keys} for i in range(CUSTOMERS - 10)]
    book.replace_rows("Customers", rows, formulas=False)
    book.save(backup=False)
    report = crm_xl.refresh(path, as_of=AS_OF)
    assert ref_of(path).endswith(str(report.customers + 1)) and not lint(path)
    assert not crm_xl.refresh(path, as_of=AS_OF).changed


def test_sheets_read_ahead_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    plain = FileWorkbook(path)
    ahead = FileWorkbook(path, ahead=ReadAhead(path))
    for table in ("History", "Customers", "Orders"):
        assert ahead.read_table(table).rows == plain.read_table(table).rows


def test_what_was_read_of_another_file_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    ahead = ReadAhead(path)
    assert not ahead.holds(b"")
    wait(ahead._sheets.values())
    crm_xl.new_workbook(path, template="customer-info", as_of="2024-06-30", force=True)
    book = FileWorkbook(path, ahead=ahead)
    assert not book.read_table("Orders").used and not book.read_table("Customers").used


def test_a_file_that_is_not_there_is_told_by_whoever_opens_it(tmp_path: Path) -> None:
    ahead = ReadAhead(tmp_path / "none.xlsx")
    assert not ahead.holds(b"")
    with pytest.raises(CrmXlError) as refused:
        crm_xl.refresh(tmp_path / "none.xlsx", ahead=ahead)
    assert refused.value.key == "file_missing"


def test_what_is_wrong_with_a_sheet_read_ahead_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    part = FileWorkbook(path).sheet_part(FileWorkbook(path).place_of("Orders").sheet)
    edit_part(path, part, lambda xml: xml[: len(xml) // 2])
    book = FileWorkbook(path, ahead=ReadAhead(path))
    assert book.read_table("History").used
    with pytest.raises(CrmXlError) as refused:
        book.read_table("Orders")
    assert refused.value.key == "file_not_workbook"


def test_what_was_inflated_ahead_is_what_the_parts_hold(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    book = FileWorkbook(path, ahead=ReadAhead(path))
    for table in book.table_names():
        book.read_table(table)
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            assert b"".join(book.package.stream(name)) == parts.read(name)


def test_a_table_as_rows_and_as_columns() -> None:
    columns: list[list[object]] = [["a", "b", None], [1.0, None, None]]
    stored = [["x", *columns[0]], ["y", 1.0]]
    data = protocol.TableData.of_columns("T", "S", ["x", "y"], stored, range(1, 4), 1, 0)
    data.fields = {"x": 0}
    assert data.used == 2 and data.row(1) == ["b", None]
    assert data.columns() == columns and data.column("x") == columns[0] and data.column("z") == [None] * 3
    data.columns()[0].append("not in the table")
    assert data.column("x") == ["a", "b", None]
    data.rows[2][1] = 5.0  # from here on the rows count
    assert data.used == 3 and data.columns() == [["a", "b", None], [1.0, None, 5.0]] and data.row(2) == [None, 5.0]
    data.rows = [["c", 2.0]]
    assert data.columns() == [["c"], [2.0]]
