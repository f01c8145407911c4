"""A plain list as a file: one sheet, or a csv. For lists that leave the workbook.

XlsxWriter only compiles templates (it is no part of an installed crm_xl), and a list needs six small parts; texts
are written as in every other workbook of ours.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from crm_xl.cells import CellError, cell_name
from crm_xl.vocabulary.fields import Kind

from .values import SharedStrings, cut_text, escape, number_text, plain

FORMULA_STARTS = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""Texts that a spreadsheet would take for a formula (OWASP, CSV injection; blanks before it do not stop Excel)."""
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_STAMP = (1980, 1, 1, 0, 0, 0)
"""No clock time is stored."""
_NARROWEST, _WIDEST, _LOOKED_AT, _FILTER_BUTTON = 8, 40, 500, 3
_SHOWN_IN_FULL = 1e11
"""General shows larger whole numbers as 1.23E+11."""

# positions in cellXfs below
_GENERAL, _HEADER, _TEXT, _DAY, _MOMENT, _SHARE, _MONEY, _WHOLE = range(8)
_FORMATS: dict[Kind, int] = {"ratio": _SHARE, "money": _MONEY}
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})
"""Those that the file format knows; newer ones are written as texts."""
_AS_TEXT = frozenset({"id", "phone"})

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FONT = '<sz val="10"/>{colour}<name val="微软雅黑"/><family val="2"/><charset val="134"/>'
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">\
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>\
<fonts count="2"><font>{_FONT.format(colour='<color rgb="FF2B2F36"/>')}</font>\
<font><b/>{_FONT.format(colour='<color rgb="FFFFFFFF"/>')}</font></fonts>\
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
<fill><patternFill patternType="solid"><fgColor rgb="FF2F5D8A"/><bgColor indexed="64"/></patternFill></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="8"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"\
 applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>\
{
    "".join(
        f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in (49, 164, 165, 10, 4, 1)
    )
}</cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
{
    "".join(
        f'<Override PartName="/xl/{part}.xml"'
        f' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("styles", "styles"),
            ("sharedStrings", "sharedStrings"),
        )
    )
}</Types>"""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column: its header, the kind of field (it chooses the format) and its cells.

    Cells as `SheetValues` has them: None, float, int, bool, str, datetime, CellError.
    """

    header: str
    kind: Kind
    cells: Sequence[object]


def csv_bytes(columns: Sequence[ListColumn]) -> bytes:
    """UTF-8 with a byte order mark, RFC 4180: commas, CRLF, quotes where they are needed.

    A text that a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers, signed ones too.
    Dates are 2024-06-30, or 2024-06-30 08:15.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_harmless(c.header) for c in columns])
    writer.writerows(zip(*(map(_csv_cell, c.cells) for c in columns), strict=True))
    return out.getvalue().encode("utf-8-sig", "replace")


def _csv_cell(value: object) -> str:
    if isinstance(value, dt.datetime):
        return _day_text(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return number_text(value)
    return "" if value is None else _harmless(str(value))


def _day_text(value: dt.datetime) -> str:
    return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M}"


def _harmless(text: str) -> str:
    return f"'{text}" if FORMULA_STARTS.match(text) and not _NUMBER.fullmatch(text) else text


def xlsx_bytes(sheet: str, columns: Sequence[ListColumn]) -> bytes:
    """A workbook with one sheet: frozen headers with filter buttons, widths by content, ready for printing.

    Ids and phones are texts, whatever they look like; no cell is a formula. Nothing but the cells is in the file: no
    properties, no clock time.
    """
    strings = SharedStrings(None)
    rows = len(columns[0].cells)
    area = f"A1:{cell_name(rows, len(columns) - 1)}"
    body = "".join(_sheet_rows(columns, strings))
    widths = "".join(
        f'<col min="{i}" max="{i}" width="{_width(c):g}" style="{_TEXT if c.kind in _AS_TEXT else _GENERAL}"'
        ' customWidth="1"/>'
        for i, c in enumerate(columns, 1)
    )
    part = (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="{area}"/>'
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
        ' activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="16.5"/><cols>{widths}</cols><sheetData>{body}</sheetData>'
        f'<autoFilter ref="{area}"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3"'
        ' footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": _workbook(sheet, rows, len(columns)),
        "xl/_rels/workbook.xml.rels": _links(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/worksheets/sheet1.xml": part,
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": strings.render().decode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, _STAMP), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _links(*targets: tuple[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _workbook(sheet: str, rows: int, columns: int) -> str:
    last = cell_name(0, columns - 1)[:-1]
    name = escape(sheet)
    names = (
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">\'{name}\'!$A$1:${last}${rows + 1}'
        f'</definedName><definedName name="_xlnm.Print_Titles" localSheetId="0">\'{name}\'!$1:$1</definedName>'
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView activeTab="0"/></bookViews><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets><definedNames>{names}</definedNames>'
        '<calcPr calcId="191029"/></workbook>'
    )


def _sheet_rows(columns: Sequence[ListColumn], strings: SharedStrings) -> list[str]:
    letters = [cell_name(0, i)[:-1] for i in range(len(columns))]
    heads = (_text_cell(f"{a}1", c.header, _HEADER, strings) for a, c in zip(letters, columns, strict=True))
    made = ['<row r="1">' + "".join(heads) + "</row>"]
    looks = [_FORMATS.get(c.kind, _GENERAL) for c in columns]
    as_text = [c.kind in _AS_TEXT for c in columns]
    for number, cells in enumerate(zip(*(c.cells for c in columns), strict=True), 2):
        row = [
            _cell(f"{a}{number}", cell, look, text, strings)
            for a, cell, look, text in zip(letters, cells, looks, as_text, strict=True)
            if cell is not None
        ]
        made.append(f'<row r="{number}">{"".join(row)}</row>')
    return made


def _cell(place: str, value: object, look: int, as_text: bool, strings: SharedStrings) -> str:
    if isinstance(value, str) and not (isinstance(value, CellError) and value in _ERRORS):
        # typed again, such a text would become a formula: the text format keeps it one
        odd = as_text or FORMULA_STARTS.match(value)
        return _text_cell(place, value, _TEXT if odd else _GENERAL, strings)
    if isinstance(value, dt.datetime):
        serial = plain(value)
        if not isinstance(serial, float) or serial < 1:  # Excel has no days before 1900
            return _text_cell(place, _day_text(value), _TEXT, strings)
        return f'<c r="{place}" s="{_DAY if serial.is_integer() else _MOMENT}"><v>{number_text(serial)}</v></c>'
    stored = plain(value)
    if isinstance(stored, str):
        return f'<c r="{place}" t="e"><v>{stored}</v></c>'
    if isinstance(stored, bool):
        return f'<c r="{place}" t="b"><v>{stored:d}</v></c>'
    assert isinstance(stored, (int, float))
    if look == _GENERAL and abs(stored) >= _SHOWN_IN_FULL and float(stored).is_integer():
        look = _WHOLE
    return f'<c r="{place}" s="{look}"><v>{number_text(stored)}</v></c>'


def _text_cell(place: str, text: str, look: int, strings: SharedStrings) -> str:
    strings.references += 1
    return f'<c r="{place}" s="{look}" t="s"><v>{strings.index(cut_text(text))}</v></c>'


def _width(column: ListColumn) -> float:
    """In characters; a Chinese one takes two."""
    cells = (_csv_cell(c) for c in column.cells[:_LOOKED_AT])
    widest = max((_length(text) for text in cells), default=0)
    return min(_WIDEST, max(_NARROWEST, widest + 2, _length(column.header) + _FILTER_BUTTON))


def _length(text: str) -> int:
    return max((sum(2 if east_asian_width(ch) in "WFA" else 1 for ch in line) for line in text.split("\n")), default=0)
