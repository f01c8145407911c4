"""A table with more columns at its right edge: a customer list keeps those that no template has."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_xl.vocabulary.tables import TABLES

from .cell_xml import area_name, row_styles
from .edits import SheetEdits, Write
from .file_workbook import FileWorkbook
from .sheet_xml import SheetXml
from .tables import TablePart
from .values import SharedStrings, encode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_REF = re.compile(rb"(<" + _P + rb'(?:table|autoFilter)\b[^>]*?\sref=")([^"]*)(")')
_COUNT = re.compile(rb"(<" + _P + rb'tableColumns\b[^>]*?\scount=")(\d+)(")')
_ID = re.compile(rb"<" + _P + rb'tableColumn\b[^>]*?\sid="(\d+)"')
_WIDTH = 16
_LIKE = ("text", "date")


def widened(data: bytes, table: str, columns: Mapping[str, Sequence[object]]) -> bytes:
    """A workbook whose table has further columns, by header, for these cells.

    They look as a column of texts does, or of days where there are days among the cells. What stands to the right of
    the table must be free.
    """
    if not columns:
        return data
    book = FileWorkbook(Path("template.xlsx"), data=data)
    known = book.headers(table)
    of_kind = {
        kind: [known[f.key] for f in TABLES[table].fields if f.kind == kind and f.key in known] for kind in _LIKE
    }
    like_text = (of_kind["text"] or book.place_of(table).headers)[0]
    like_note, like_day = known.get("note", like_text), (of_kind["date"] or [like_text])[0]
    part, package = book.place_of(table), book.package
    strings_part = package.related(package.workbook, "sharedStrings")
    assert strings_part is not None
    strings = SharedStrings(package.read(strings_part))
    sheet_part = book.sheet_part(part.sheet)
    styles = row_styles(package.stream(sheet_part), part.sheet, {part.top, part.first})
    top, body = styles[part.top], styles[part.first]
    right = part.right + len(columns)
    edits = SheetEdits()
    for i, (header, cells) in enumerate(columns.items(), part.right + 1):
        like = like_day if any(isinstance(cell, dt.datetime) for cell in cells) else like_note
        edits.put(part.top, i, Write(header, style=top.get(part.column(like_text))))
        edits.put(part.first, i, Write(None, style=body.get(part.column(like))))
    widths = f'<col min="{part.right + 2}" max="{right + 1}" width="{_WIDTH}" customWidth="1"/></cols>'.encode()
    sheet = package.patched(sheet_part)
    splice = SheetXml(sheet, part.sheet, strings)
    splice.apply(edits, outside=lambda xml: xml.replace(b"</cols>", widths, 1))
    package.patch(sheet_part, sheet)
    package.write(strings_part, strings.render())
    package.write(part.part, _more_columns(package.read(part.part), part, list(columns)))
    return package.to_bytes()


def _more_columns(xml: bytes, table: TablePart, headers: Sequence[str]) -> bytes:
    ref = area_name(table.top, table.left, table.last, table.right + len(headers)).encode()
    xml = _REF.sub(lambda m: m[1] + ref + m[3], xml)
    xml = _COUNT.sub(lambda m: m[1] + str(int(m[2]) + len(headers)).encode() + m[3], xml)
    last = max(int(n) for n in _ID.findall(xml))
    new = "".join(f'<tableColumn id="{last + i}" name="{_attribute(header)}"/>' for i, header in enumerate(headers, 1))
    return xml.replace(b"</tableColumns>", new.encode() + b"</tableColumns>", 1)


def _attribute(header: str) -> str:
    return encode_text(header).replace('"', "&quot;").replace("\n", "_x000a_")
