"""A table with more columns at its right edge: a customer list keeps those that no template has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .edits import SheetEdits, Write
from .file_workbook import FileWorkbook
from .sheet_xml import SheetXml, area_name, row_styles
from .tables import TablePart
from .values import SharedStrings, encode_text

_P = rb"(?:[A-Za-z_][\w.-]*:)?"
_REF = re.compile(rb"(<" + _P + rb'(?:table|autoFilter)\b[^>]*?\sref=")([^"]*)(")')
_COUNT = re.compile(rb"(<" + _P + rb'tableColumns\b[^>]*?\scount=")(\d+)(")')
_ID = re.compile(rb"<" + _P + rb'tableColumn\b[^>]*?\sid="(\d+)"')
_WIDTH = 16


def widened(data: bytes, table: str, headers: Sequence[str], *, header_like: str, body_like: str) -> bytes:
    """A workbook whose table has further columns named `headers`.

    They look as the columns `header_like` and `body_like` (headers) do. What stands to the right of
    the table must be free.
    """
    if not headers:
        return data
    book = FileWorkbook(Path("template.xlsx"), data=data)
    part, package = book.place_of(table), book.package
    strings_part = package.related(package.workbook, "sharedStrings")
    assert strings_part is not None
    strings = SharedStrings(package.read(strings_part))
    sheet_part = book.sheet_part(part.sheet)
    styles = row_styles(package.stream(sheet_part), part.sheet, {part.top, part.first})
    top, body = styles[part.top], styles[part.first]
    right = part.right + len(headers)
    edits = SheetEdits()
    for i, header in enumerate(headers, part.right + 1):
        edits.put(part.top, i, Write(header, style=top.get(part.column(header_like))))
        edits.put(part.first, i, Write(None, style=body.get(part.column(body_like))))
    columns = f'<col min="{part.right + 2}" max="{right + 1}" width="{_WIDTH}" customWidth="1"/></cols>'.encode()
    sheet = package.patched(sheet_part)
    splice = SheetXml(sheet, part.sheet, strings)
    splice.apply(edits, outside=lambda xml: xml.replace(b"</cols>", columns, 1))
    package.patch(sheet_part, sheet)
    package.write(strings_part, strings.render())
    package.write(part.part, _more_columns(package.read(part.part), part, headers))
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
