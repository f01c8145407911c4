"""The lint finds nothing on sound workbooks, and names what is wrong in every broken one."""

from __future__ import annotations

import os
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tests.support import feature_rich, libreoffice
from tests.support.feature_rich import add_part, compound_file, read_parts, relate, write_parts
from tests.support.lint import Book, lint, ole_problem, read_formula
from tests.support.validators import assert_clean, need

Parts = dict[str, bytes]
Change = Callable[[Parts], None]

SHEET, OTHER_SHEET = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
BOOK, TABLE, STYLES = "xl/workbook.xml", "xl/tables/table1.xml", "xl/styles.xml"
STRINGS, DRAWING, CHART = (
    "xl/sharedStrings.xml",
    "xl/drawings/drawing1.xml",
    "xl/charts/chart1.xml",
)
SHEET_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
OTHER_RELS = "xl/worksheets/_rels/sheet2.xml.rels"
BOOK_RELS = "xl/_rels/workbook.xml.rels"


# --- ways to break a workbook ---------------------------------------------------------------------


def edit(part: str, old: str, new: str) -> Change:
    """Replace `old`, which must be there: a breakage that changes nothing proves nothing."""

    def change(parts: Parts) -> None:
        text = parts[part].decode()
        assert old in text, f"{part} has no {old}"
        parts[part] = text.replace(old, new, 1).encode()

    return change


def edit_all(part: str, old: str, new: str) -> Change:
    def change(parts: Parts) -> None:
        text = parts[part].decode()
        assert old in text, f"{part} has no {old}"
        parts[part] = text.replace(old, new).encode()

    return change


def pattern(part: str, old: str, new: str) -> Change:
    def change(parts: Parts) -> None:
        text, count = re.subn(old, new, parts[part].decode(), count=1)
        assert count, f"{part} does not match {old}"
        parts[part] = text.encode()

    return change


def drop(part: str) -> Change:
    def change(parts: Parts) -> None:
        del parts[part]

    return change


def both(*changes: Change) -> Change:
    def change(parts: Parts) -> None:
        for one in changes:
            one(parts)

    return change


def formula(text: str) -> Change:
    """Put `text` in place of a formula of the other sheet (outside the table)."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return edit(OTHER_SHEET, "<f>B1*2</f>", f"<f>{escaped}</f>")


def rule(text: str) -> Change:
    """A conditional format with this formula."""
    return edit(SHEET, "<formula>Threshold</formula>", f"<formula>{text}</formula>")


def validation(text: str) -> Change:
    return edit(SHEET, '<formula1>"a,b"</formula1>', f"<formula1>{text}</formula1>")


def name(xml: str) -> Change:
    return edit(BOOK, "<definedNames>", f"<definedNames>{xml}")


def sheet_name(text: str) -> Change:
    return edit(BOOK, 'name="Parameters"', f'name="{text}"')


def cells_after_row_one(xml: str) -> Change:
    """Further cells at the end of row 1 of the other sheet (which ends at column B)."""
    return edit(OTHER_SHEET, '</c></row><row r="2"', f'</c>{xml}</row><row r="2"')


def second_table(ref: str, headers: tuple[str, ...] = ("x", "y"), **attributes: str) -> Change:
    """A second table, on the first sheet."""

    def change(parts: Parts) -> None:
        said = {
            "id": "2",
            "name": "Second",
            "displayName": "Second",
            "ref": ref,
            **attributes,
        }
        columns = "".join(f'<tableColumn id="{i}" name="{header}"/>' for i, header in enumerate(headers, 1))
        add_part(
            parts,
            "xl/tables/table2.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml",
            '<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            + " ".join(f'{key}="{value}"' for key, value in said.items())
            + f'><autoFilter ref="{ref}"/><tableColumns count="{len(headers)}">{columns}'
            "</tableColumns></table>",
        )
        kind = f"{feature_rich.OFFICE}/relationships/table"
        relate(parts, SHEET_RELS, "rId80", kind, "../tables/table2.xml")
        edit(SHEET, "</tableParts>", '<tablePart r:id="rId80"/></tableParts>')(parts)

    return change


def calc_chain(entries: str) -> Change:
    def change(parts: Parts) -> None:
        add_part(
            parts,
            "xl/calcChain.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
            f'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{entries}</calcChain>',
        )
        kind = f"{feature_rich.OFFICE}/relationships/calcChain"
        relate(parts, BOOK_RELS, "rId81", kind, "calcChain.xml")

    return change


def ribbon(buttons: str) -> Change:
    def change(parts: Parts) -> None:
        parts["customUI/customUI14.xml"] = (
            '<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>'
            f'<tab id="tab" label="CRM"><group id="group">{buttons}</group></tab></tabs></ribbon>'
            "</customUI>"
        ).encode()
        kind = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
        relate(parts, "_rels/.rels", "rId82", kind, "customUI/customUI14.xml")

    return change


def vba(data: bytes) -> Change:
    def change(parts: Parts) -> None:
        parts["xl/vbaProject.bin"] = data
        kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
        relate(parts, BOOK_RELS, "rId83", kind, "vbaProject.bin")
        bin_type = '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        edit("[Content_Types].xml", "<Default", bin_type + "<Default")(parts)

    return change


def macro_enabled(parts: Parts) -> None:
    edit(
        "[Content_Types].xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )(parts)


LONG = "x" * 256
RANK = r"<f>RANK\(C2,[^<]*</f>"
XF = '<c r="C2" s="1"'

# what is broken → (how, what the lint must say)
BROKEN: dict[str, tuple[Change, str]] = {
    # the cases that the validators were measured with
    "element order": (
        edit(SHEET, "<pageMargins", "<sheetPr/><pageMargins"),
        "element sheetPr after",
    ),
    "style index": (
        edit(SHEET, XF, '<c r="C2" s="999"'),
        "C2: style index 999 out of range",
    ),
    "table header": (
        edit(TABLE, 'name="客户"', 'name="Other"'),
        "A1: header cell '客户' differs",
    ),
    "duplicate row": (edit(SHEET, '<row r="3"', '<row r="2"'), "row 2: duplicate row"),
    "cell order": (edit(SHEET, '<c r="B3"', '<c r="Z3"'), "C3: out of order, after Z3"),
    "bad formula": (
        pattern(SHEET, RANK, "<f>RANK((C2,,</f>"),
        "E2: formula syntax: nothing before ,",
    ),
    "string index": (
        pattern(SHEET, r'(<c r="A2"[^>]*t="s"><v>)\d+', r"\g<1>9999"),
        "A2: shared string index 9999",
    ),
    "missing target": (
        drop("xl/media/image1.png"),
        "target ../media/image1.png is missing",
    ),
    "table too wide": (
        edit_all(TABLE, 'ref="A1:F11"', 'ref="A1:G11"'),
        "is 7 wide, for 6 columns",
    ),
    "sheet name": (sheet_name("Param[eters]:x/"), "forbidden character"),
    "missing prefix": (
        pattern(SHEET, RANK, "<f>XLOOKUP(1,B2:B3,C2:C3)</f>"),
        "E2: XLOOKUP needs the prefix _xlfn.",
    ),
    "dxf of a rule": (
        edit(SHEET, 'dxfId="1"', 'dxfId="77"'),
        "cfRule dxfId 77 out of range",
    ),
    "duplicate name": (
        name('<definedName name="THRESHOLD">1</definedName>'),
        "Threshold: duplicate defined name",
    ),
    # package
    "malformed XML": (
        edit(STYLES, "</fonts>", "</font>"),
        "xl/styles.xml: malformed XML",
    ),
    "malformed sheet": (
        edit(SHEET, "</sheetData>", "</sheet>"),
        "sheet1.xml: malformed XML",
    ),
    "malformed sheet rows": (
        edit(SHEET, "</row>", "</rows>"),
        "sheet1.xml: malformed XML",
    ),
    "document type": (
        edit(STYLES, "<styleSheet", '<!DOCTYPE x [<!ENTITY y "z">]><styleSheet'),
        "has a DOCTYPE",
    ),
    "relationship twice": (
        edit(SHEET_RELS, 'Id="rId2"', 'Id="rId1"'),
        "id rId1 used twice",
    ),
    "unknown relationship": (
        edit(SHEET, '<drawing r:id="rId1"', '<drawing r:id="rId99"'),
        "drawing uses unknown relationship rId99",
    ),
    "no content type": (
        edit(
            "[Content_Types].xml",
            '<Default Extension="png" ContentType="image/png"/>',
            "",
        ),
        "image1.png: no content type",
    ),
    "wrong main type": (macro_enabled, "does not fit .xlsx"),
    "bad member name": (
        lambda parts: parts.update({"xl/../a.xml": b"<a/>"}),
        "bad member name",
    ),
    "no content types": (drop("[Content_Types].xml"), "[Content_Types].xml: missing"),
    # rows, cells, values
    "row order": (edit(SHEET, '<row r="11"', '<row r="9"'), "row 9: duplicate row"),
    "row back": (
        both(edit(SHEET, '<row r="2"', '<row r="12"'), edit_all(SHEET, '2" s=', '12" s=')),
        "row 3: out of order, after row 12",
    ),
    "cell in wrong row": (edit(SHEET, '<c r="B3"', '<c r="B4"'), "B4: cell in row 3"),
    "duplicate cell": (edit(SHEET, '<c r="B3"', '<c r="A3"'), "A3: duplicate cell"),
    "no such cell": (
        edit(SHEET, '<c r="P1"', '<c r="XFE1"'),
        "XFE1: not a cell address",
    ),
    "text in a number": (
        edit(OTHER_SHEET, "<v>5000</v>", "<v>many</v>"),
        "B1: numeric cell with value 'many'",
    ),
    "not a number": (
        edit(OTHER_SHEET, "<v>5000</v>", "<v>nan</v>"),
        "numeric cell with value 'nan'",
    ),
    "unique count": (
        pattern(STRINGS, r'uniqueCount="\d+"', 'uniqueCount="3"'),
        "uniqueCount 3",
    ),
    "string count": (pattern(STRINGS, r' count="\d+"', ' count="3"'), "count 3, but"),
    "long text": (
        pattern(STRINGS, "<t>客户1</t>", f"<t>{'x' * 32768}</t>"),
        "more than 32767",
    ),
    # styles
    "style of a row": (
        edit(SHEET, '<row r="3"', '<row r="3" s="99"'),
        "row 3: style index 99",
    ),
    "style of a column": (
        edit(
            SHEET,
            "<sheetData>",
            '<cols><col min="1" max="1" style="99"/></cols><sheetData>',
        ),
        "column 1: style index 99 out of range",
    ),
    "font of a format": (
        edit(STYLES, '<xf numFmtId="164" fontId="0"', '<xf numFmtId="164" fontId="9"'),
        "cell format 1 has fontId 9, out of range",
    ),
    "dxf of a table": (
        edit(TABLE, 'dataDxfId="0"', 'dataDxfId="5"'),
        "dataDxfId 5 out of range",
    ),
    # sheet names and the workbook
    "long sheet name": (sheet_name("x" * 32), "not of 1 to 31 characters"),
    "quoted sheet name": (sheet_name("Parameters'"), "quote at its start or end"),
    "sheet name twice": (sheet_name("CUSTOMERS"), "sheet name 'customers': used twice"),
    "reserved sheet name": (sheet_name("History"), "reserved by Excel"),
    "sheet id twice": (
        edit(BOOK, 'sheetId="2"', 'sheetId="1"'),
        "sheetId 1: used twice",
    ),
    "active tab": (
        edit(BOOK, "<workbookView", '<workbookView activeTab="7"'),
        "activeTab 7",
    ),
    "all hidden": (
        edit_all(BOOK, "<sheet name", '<sheet state="hidden" name'),
        "no visible sheet",
    ),
    # names and tables
    "name like a table": (
        name('<definedName name="customers">1</definedName>'),
        "a defined name equal to a table name",
    ),
    "name like a cell": (
        name('<definedName name="RFM1">1</definedName>'),
        "looks like a cell",
    ),
    "name with a space": (
        name('<definedName name="A b">1</definedName>'),
        "not a valid name",
    ),
    "name of no sheet": (
        name('<definedName name="Z_" localSheetId="9">1</definedName>'),
        "localSheetId 9 out of range",
    ),
    "table name twice": (
        second_table("R1:S3", name="CUSTOMERS", displayName="CUSTOMERS"),
        "table customers: duplicate table name",
    ),
    "table id twice": (second_table("R1:S3", id="1"), "table id 1: duplicate table id"),
    "table not listed": (
        edit(SHEET, '<tableParts count="1"><tablePart r:id="rId3"/></tableParts>', ""),
        "tableParts [] differ",
    ),
    "headers twice": (
        second_table("R1:S3", ("Note", "NOTE")),
        "duplicate header 'note'",
    ),
    "column id twice": (
        edit(TABLE, 'tableColumn id="2"', 'tableColumn id="1"'),
        "column id 1",
    ),
    "column count": (
        edit(TABLE, '<tableColumns count="6"', '<tableColumns count="5"'),
        "count 5",
    ),
    "no data row": (
        edit_all(TABLE, 'ref="A1:F11"', 'ref="A1:F1"'),
        "has no row for data",
    ),
    "filter outside": (
        edit(TABLE, '<autoFilter ref="A1:F11"', '<autoFilter ref="A1:G11"'),
        "autoFilter ref A1:G11 is not inside the table's",
    ),
    "filter too short": (
        edit(TABLE, '<autoFilter ref="A1:F11"', '<autoFilter ref="A1:F9"'),
        "is not the table's without its totals row",
    ),
    "filter column": (
        edit(
            TABLE,
            '<autoFilter ref="A1:F11"/>',
            '<autoFilter ref="A1:F11"><filterColumn colId="6"/></autoFilter>',
        ),
        "colId 6 out of range",
    ),
    "tables overlap": (second_table("F1:G5"), "tables Customers and Second overlap"),
    "merged cells overlap": (
        edit(
            OTHER_SHEET,
            '<mergeCell ref="A7:B7"/>',
            '<mergeCell ref="A7:B7"/><mergeCell ref="B6:B8"/>',
        ),
        "merged cells B6:B8 and A7:B7 overlap",
    ),
    "merged in a table": (
        edit(
            SHEET,
            "<conditionalFormatting",
            '<mergeCells><mergeCell ref="E5:F5"/></mergeCells><conditionalFormatting',
        ),
        "merged cells E5:F5 inside table Customers",
    ),
    "sheet filter on a table": (
        edit(
            SHEET,
            "<conditionalFormatting",
            '<autoFilter ref="A1:B5"/><conditionalFormatting',
        ),
        "autoFilter overlaps table Customers",
    ),
    # formulas
    "open parenthesis": (formula("SUM(B1"), "parenthesis not closed"),
    "extra parenthesis": (formula("SUM(B1))"), "formula syntax"),
    "open string": (formula('B1&"x'), "formula syntax"),
    "open bracket": (formula("SUM(Customers[Revenue)"), "formula syntax"),
    "two operators": (formula("B1*/2"), "nothing before /"),
    "ends in an operator": (formula("B1+"), "ends where a value is expected"),
    "two values": (formula('B1"x"'), "formula syntax"),
    "leading equals": (formula("=B1"), "formula starts with ="),
    "empty formula": (formula(""), "empty formula"),
    "shown, not stored": (formula("@B1"), "is written as shown"),
    "spill mark": (formula("SUM(P1#)"), "formula syntax"),
    "bare name": (
        name('<definedName name="Bad">SUM(</definedName>'),
        "name Bad: formula syntax",
    ),
    "sort prefix": (formula("_xlfn.SORT(B1:B2)"), "SORT needs the prefix _xlfn._xlws."),
    "old enough to need one": (
        formula("PERCENTILE.INC(B1:B2,0.5)"),
        "PERCENTILE.INC needs",
    ),
    "lambda parameter": (
        formula("_xlfn.LAMBDA(x,x+1)(2)"),
        "parameter of LAMBDA without _xlpm.",
    ),
    "long formula": (
        formula("1" + "+1" * 4100),
        "formula of more than 8192 characters",
    ),
    "long literal": (
        formula(f'LEN("{LONG}")'),
        "text literal of more than 255 characters",
    ),
    "long list": (validation(f'"{LONG}"'), "list of more than 255 characters"),
    "deep": (formula("ABS(" * 65 + "1" + ")" * 65), "nested more than 64 deep"),
    "many arguments": (
        formula("SUM(" + ",".join(["1"] * 256) + ")"),
        "more than 255 arguments",
    ),
    "this row without table": (
        edit(SHEET, "<f>SEGMENT(Customers[[#This Row]", "<f>SEGMENT([[#This Row]"),
        "D2: structured reference without a table name",
    ),
    "headers without table": (
        formula("SUM([[#Headers],[Revenue]])"),
        "without a table name",
    ),
    "at sign": (formula("SUM(Customers[@Revenue])"), "malformed structured reference"),
    "unknown table": (formula("SUM(Clients[Revenue])"), "unknown table Clients"),
    "unknown column": (formula("SUM(Customers[Income])"), "has no column 'Income'"),
    "unknown item": (
        formula("SUM(Customers[[#Rows],[Revenue]])"),
        "unknown item #Rows",
    ),
    "table in a validation": (
        validation("Customers[客户]"),
        "structured reference directly in a validation",
    ),
    "table in a format": (
        rule("SUM(Customers[Revenue])"),
        "structured reference directly in a validation or conditional format",
    ),
    "table in a chart": (
        edit(CHART, "<c:f>Customers!$C$2:$C$11</c:f>", "<c:f>Customers[Revenue]</c:f>"),
        "directly in a chart",
    ),
    "column formula": (
        edit(
            TABLE,
            "<calculatedColumnFormula>SEGMENT(",
            "<calculatedColumnFormula>SEGMENT((",
        ),
        "column Segment calculatedColumnFormula: formula syntax",
    ),
    "unknown sheet": (formula("Nowhere!A1"), "unknown sheet 'Nowhere'"),
    "unknown sheet of a sparkline": (
        edit(SHEET, "<xm:f>Customers!", "<xm:f>Gone!"),
        "sparkline: unknown sheet 'Gone'",
    ),
    # arrays, shared formulas, metadata, calculation chain
    "array without ref": (
        edit(SHEET, ' ref="P1:P3"', ""),
        "P1: array formula without a ref",
    ),
    "array elsewhere": (
        edit(SHEET, 'ref="P1:P3"', 'ref="Q1:Q3"'),
        "does not start here",
    ),
    "arrays overlap": (
        edit(SHEET, '<c r="P2"><v>', '<c r="P2"><f t="array" ref="P2:P4">B2:B4</f><v>'),
        "array formulas at P1 and P2 overlap",
    ),
    "array in merged cells": (
        edit(
            SHEET,
            "<conditionalFormatting",
            '<mergeCells count="1"><mergeCell ref="O1:P1"/></mergeCells><conditionalFormatting',
        ),
        "P1: array formula in merged cells",
    ),
    "formula in an array": (
        edit(SHEET, '<c r="P2"><v>', '<c r="P2"><f>B2</f><v>'),
        "P2: formula inside the array of P1",
    ),
    "array in a table": (
        pattern(SHEET, RANK, '<f t="array" ref="E2:E3">B2:B3</f>'),
        "E2: array of more than one cell in table Customers",
    ),
    "no shared master": (
        edit(OTHER_SHEET, "<f>B1*2</f>", '<f t="shared" si="4"/>'),
        "shared formula si '4' without a master",
    ),
    "metadata index": (edit(SHEET, 'cm="1"', 'cm="2"'), "P1: cm 2 out of range"),
    "no metadata": (drop("xl/metadata.xml"), "cm 1 without a metadata part"),
    "chain to a value": (
        calc_chain('<c r="B2" i="1"/>'),
        "Customers!B2: cell without a formula",
    ),
    "chain to no sheet": (calc_chain('<c r="B2" i="8"/>'), "unknown sheet id 8"),
    # what hangs on a sheet
    "range of a rule": (
        edit(SHEET, 'sqref="F3:F11"', 'sqref="F3:"'),
        "dataValidation with range",
    ),
    "long error text": (
        edit(SHEET, 'sqref="F3:F11"', f'error="{LONG}" sqref="F3:F11"'),
        "error of more than 255 characters",
    ),
    "hyperlinks": (
        edit(
            OTHER_SHEET,
            "</hyperlinks>",
            '<hyperlink ref="A9" location="A1"/>' * 65_530 + "</hyperlinks>",
        ),
        "65531 hyperlinks",
    ),
    "drawing id twice": (
        edit(DRAWING, 'cNvPr id="3"', 'cNvPr id="2"'),
        "duplicate drawing id 2",
    ),
    "chart axis": (
        pattern(CHART, r'<c:axId val="\d+"', '<c:axId val="7"'),
        "unknown axis 7",
    ),
    "comment author": (
        edit("xl/comments1.xml", 'authorId="0"', 'authorId="4"'),
        "authorId 4",
    ),
    "comment person": (
        edit("xl/persons/person.xml", "{1111", "{9999"),
        "A2: unknown person",
    ),
    "slicer table": (
        edit("xl/slicerCaches/slicerCache1.xml", 'tableId="1"', 'tableId="3"'),
        "slicer of unknown table id 3",
    ),
    "slicer column": (
        edit("xl/slicerCaches/slicerCache1.xml", 'column="4"', 'column="9"'),
        "slicer of unknown column id 9",
    ),
    "ribbon id twice": (
        ribbon('<button id="go"/><button id="go"/>'),
        "duplicate customUI id go",
    ),
    "ribbon image": (
        ribbon('<button id="go" image="icon"/>'),
        "image icon of go is missing",
    ),
    "no VBA at all": (vba(b"MZ" + b"\0" * 2000), "not an OLE compound file"),
    "VBA cut short": (vba(compound_file()[:-100]), "vbaProject.bin: truncated"),
    "VBA cut in half": (vba(compound_file()[:3000]), "vbaProject.bin: truncated"),
    "VBA header only": (vba(compound_file()[:512]), "vbaProject.bin: truncated"),
}

# the same, for the rules that only our own workbooks have to keep
BROKEN_OURS: dict[str, tuple[Change, str]] = {
    "inline string": (
        cells_after_row_one('<c r="C1" t="inlineStr"><is><t>x</t></is></c>'),
        "C1: inlineStr",
    ),
    "no cached value": (
        edit(OTHER_SHEET, "<v>10000</v>", ""),
        "B2: formula without a cached value",
    ),
    "empty number": (
        edit(OTHER_SHEET, "<v>10000</v>", "<v></v>"),
        "formula without a cached value",
    ),
    "cached #NAME?": (
        pattern(SHEET, r'<c r="D2" t="str">(.*?)<v>Silver', r'<c r="D2" t="e">\1<v>#NAME?'),
        "D2: cached #NAME?",
    ),
    "older calcId": (edit(BOOK, 'calcId="191029"', 'calcId="124519"'), "calcId 124519"),
    "no calcPr": (edit(BOOK, '<calcPr calcId="191029"/>', ""), "calcId None"),
    "full calculation": (
        edit(BOOK, 'calcId="191029"', 'calcId="191029" fullCalcOnLoad="1"'),
        "fullCalcOnLoad",
    ),
    "default font": (
        edit(STYLES, '<name val="微软雅黑"', '<name val="Calibri"'),
        "default font is",
    ),
    "another font": (
        edit_all(STYLES, '<name val="微软雅黑"', '<name val="Arial"'),
        "font 1 is Arial",
    ),
    "theme font": (
        edit(
            STYLES,
            '<family val="2"/></font>',
            '<family val="2"/><scheme val="minor"/></font>',
        ),
        "follows the theme",
    ),
    "font of a run": (
        edit(STRINGS, 'rFont val="微软雅黑"', 'rFont val="Calibri"'),
        "run in Calibri",
    ),
    "criteria": (formula("SUMIFS(B1:B2,A1:A2,A1)"), "SUMIFS matches text by pattern"),
    "unknown name": (formula("Treshold*2"), "unknown name Treshold"),
    "type of no part": (
        edit(
            "[Content_Types].xml",
            "</Types>",
            '<Override PartName="/xl/gone.xml" ContentType="application/xml"/></Types>',
        ),
        "type of a part that does not exist, xl/gone.xml",
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    path = feature_rich.make(tmp_path_factory.mktemp("rich") / "rich.xlsx")
    return read_parts(path.read_bytes())


def broken(sound: Parts, change: Change, path: Path) -> Path:
    parts = dict(sound)
    change(parts)
    return write_parts(path, parts)


def assert_named(findings: list[str], expected: str) -> None:
    assert any(expected in finding for finding in findings), findings[:10]


# --- sound workbooks ------------------------------------------------------------------------------


def test_feature_rich_workbook_is_clean(sound: Parts, tmp_path: Path) -> None:
    path = write_parts(tmp_path / "rich.xlsx", sound)
    assert lint(path) == []
    assert lint(path, ours=True) == []


def test_plain_xlsxwriter_workbook_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(path, {"use_future_functions": True}) as book:
        sheet = book.add_worksheet("Plain data")
        columns = [
            {"header": "Name\nand more", "total_string": "Total"},
            {"header": "Count", "total_function": "sum"},
            {"header": "It's [50%] #1", "formula": "=Sales[[#This Row],[Count]]*2"},
        ]
        options = {"name": "Sales", "total_row": True, "columns": columns}
        sheet.add_table("B2:D6", {**options, "data": [["a", 1], ["b", 2], ["c", 3]]})
        sheet.data_validation("F1", {"validate": "list", "source": ["x", "y"]})
        sheet.data_validation("F2", {"validate": "list", "source": "=$B$3:$B$5"})
        sheet.conditional_format("C3:C5", {"type": "icon_set", "icon_style": "3_arrows"})
        sheet.conditional_format("C3:C5", {"type": "top", "value": 1, "format": book.add_format()})
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='Plain data'!$C$3:$C$5"})
        sheet.insert_chart("H2", chart)
        sheet.write_formula("A10", "=XLOOKUP(1,C3:C5,B3:B5)")
        sheet.write_array_formula("A11:A12", "{=TRANSPOSE(C3:D3)}")
        sheet.write_dynamic_array_formula("A14", "=SORT(FILTER(C3:C5,C3:C5>1))")
        sheet.write_formula("A13", "=SUM(Sales[It''s '[50%'] '#1])")
    assert lint(path) == []


def test_parts_that_a_breakage_adds_are_clean_when_right(sound: Parts, tmp_path: Path) -> None:
    """Else a finding could come from the added part itself."""
    change = both(
        ribbon('<button id="one"/><button id="two"/>'),
        calc_chain('<c r="D2" i="1"/><c r="P1" a="1"/><c r="P2" a="1"/><c r="B2" i="2"/>'),
        vba(compound_file()),
        macro_enabled,
    )
    assert lint(broken(sound, change, tmp_path / "right.xlsm"), ours=True) == []


def test_compound_file_is_whole() -> None:
    assert ole_problem(compound_file()) == ""
    assert ole_problem(compound_file().replace(b"d\0i\0r\0", b"x\0i\0r\0")) != ""


@pytest.mark.parametrize(
    "text",
    [
        "IF(A1,,2)",
        "SUM(A1:B2,)",
        "NOW()",
        "-A1%+2^-3",
        "A1<>-B1",
        "(A1:B2,C3:D4)",
        "SUM((A1,B1),C1)",
        "SUM(A1:B2 B1:C2)",
        "INDEX(A:A,1):INDEX(A:A,3)",
        "A1:INDEX(A:A,3)",
        "(A1):(B2)",
        '{1,2;-3,"a"}',
        "'It''s here'!A1",
        "[1]Sheet1!A1+'[1]x y'!B2",
        "_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(3)",
        "_xlfn.LET(_xlpm.a,1,_xlpm.a*2)",
        "_xlfn.LAMBDA(5)()",
        'IF(A1="a ""quoted"" (word",1,2)',
        "SUM( A1 ,\n B1 )",
        "#REF!+Sheet1!#REF!",
        "T[[#This Row],[a (b)]:[c]]",
        "T[[#Headers],[#Data],[a'[b']'#'']]",
        "ROWS(T[])",
        "T[ [#Totals] , [a] ]",
        "SUM(T[a]:T[b])",
        "1E+5*A1",
        "TRUE=FALSE",
    ],
)
def test_legal_formulas_pass(text: str) -> None:
    facts = read_formula(text)
    assert facts.problems == []
    assert not any(table.malformed or not table.table for table in facts.tables)


def test_names_in_structured_references_are_decoded() -> None:
    (reference,) = read_formula("T[[#Headers],[#Data],[a'[b']'#'']]").tables
    assert reference.items == ["#Headers", "#Data"]
    assert reference.columns == ["a[b]#'"]


def test_validators_find_nothing(sound: Parts, tmp_path: Path) -> None:
    assert_clean(write_parts(tmp_path / "rich.xlsx", sound))


def test_recalculation_brings_the_canary_back(sound: Parts, tmp_path: Path) -> None:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = write_parts(tmp_path / "rich.xlsx", sound)
    planted = tmp_path / "planted.xlsx"
    canary = libreoffice.plant_canary(path, planted, sheet="Parameters")
    assert cached_number(planted, canary) == canary.wrong
    assert lint(planted, ours=True) == []
    assert cached_number(libreoffice.recalculate(planted, tmp_path), canary) == canary.right


def cached_number(path: Path, canary: libreoffice.Canary) -> float:
    sheet = next(sheet for sheet in Book(path).sheets if sheet.name == canary.sheet)
    return next(float(cell.cached or "nan") for cell in sheet.formulas if cell.ref == canary.cell)


def test_rendering_gives_pages(sound: Parts, tmp_path: Path) -> None:
    need(libreoffice.can_render(), "LibreOffice or pdftoppm is not installed")
    pages = libreoffice.render(write_parts(tmp_path / "rich.xlsx", sound), tmp_path / "pages")
    assert pages
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


def test_escaped_column_names_are_found(sound: Parts, tmp_path: Path) -> None:
    change = both(
        edit(TABLE, 'name="Note"', 'name="Q2[x]"'),
        edit(STRINGS, "<t>Note</t>", "<t>Q2[x]</t>"),
        formula("COUNTA(Customers[Q2'[x']])"),
    )
    assert lint(broken(sound, change, tmp_path / "escaped.xlsx"), ours=True) == []


# --- broken workbooks -----------------------------------------------------------------------------


@pytest.mark.parametrize("case", BROKEN)
def test_every_breakage_is_named(case: str, sound: Parts, tmp_path: Path) -> None:
    change, expected = BROKEN[case]
    assert_named(lint(broken(sound, change, tmp_path / "broken.xlsx")), expected)


@pytest.mark.parametrize("case", BROKEN_OURS)
def test_every_breakage_of_our_rules_is_named(case: str, sound: Parts, tmp_path: Path) -> None:
    change, expected = BROKEN_OURS[case]
    assert_named(lint(broken(sound, change, tmp_path / "broken.xlsx"), ours=True), expected)


def test_duplicate_member(sound: Parts, tmp_path: Path) -> None:
    path = write_parts(tmp_path / "twice.xlsx", sound)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of what this test is about
        archive.writestr(BOOK, sound[BOOK])
    assert_named(lint(path), "xl/workbook.xml: member stored more than once")


def test_damaged_zip(sound: Parts, tmp_path: Path) -> None:
    path = write_parts(tmp_path / "damaged.xlsx", sound)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(STYLES).header_offset
    data = bytearray(path.read_bytes())
    data[start + 80 : start + 90] = bytes(10)
    path.write_bytes(data)
    assert_named(lint(path), STYLES)
    path.write_bytes(b"not a zip")
    assert_named(lint(path), "not a zip file")


def test_library_output_with_known_faults_is_named(tmp_path: Path) -> None:
    """XlsxWriter's short form of this row loses the table's name, and Excel drops the table."""
    path = tmp_path / "short.xlsx"
    with xlsxwriter.Workbook(path) as book:
        columns = [{"header": "a"}, {"header": "b", "formula": "=[@a]*2"}]
        book.add_worksheet().add_table("A1:B3", {"columns": columns})
    assert_named(lint(path), "structured reference without a table name")


def test_real_workbooks_do_not_upset_the_lint() -> None:
    folder = os.environ.get("CRM_XL_CORPUS")
    if not folder:
        pytest.skip("CRM_XL_CORPUS names no folder of workbooks")
    noisy = [path.name for path in sorted(Path(folder).glob("*.xls[xm]")) if lint(path)]
    # 14 of 454, all written by other programs or damaged on purpose
    assert len(noisy) <= 20, noisy
