"""A further table on a sheet, to the right of the tables that stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from .cell_xml import area_name
from .edits import SheetEdits, Write
from .file_workbook import FileWorkbook
from .package import Package
from .sheet_xml import SheetXml
from .values import SharedStrings, encode_text

_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TABLE_ID = re.compile(rb"<table\b[^>]*?\sid=\"(\d+)\"")
_TABLE_PARTS = re.compile(rb"<tableParts\b[^>]*>")


def with_table(data: bytes, sheet: str, name: str, headers: Sequence[str], *, first: int) -> bytes:
    """A template of ours with an empty table `name` of these columns on `sheet`, which has tables already; it stands in
    column `first` (from 0) or to the right of it."""
    book = FileWorkbook(Path("template.xlsx"), data=data)
    package, owner = book.package, book.sheet_part(sheet)
    left = max(first, *(t.right + 1 for t in map(book.place_of, book.table_names()) if t.sheet == sheet))
    strings_part = package.related(package.workbook, "sharedStrings")
    assert strings_part is not None
    strings = SharedStrings(package.read(strings_part))
    edits = SheetEdits()
    for i, header in enumerate(headers):
        edits.put(0, left + i, Write(header))
    part = package.patched(owner)
    SheetXml(part, sheet, strings).apply(edits)
    package.patch(owner, part)
    package.write(strings_part, strings.render())
    ids = [int(m[1]) for p in package.names() if "/tables/" in p for m in _TABLE_ID.finditer(package.read(p))]
    ref = area_name(0, left, 1, left + len(headers) - 1)
    before = set(package.relationships(owner))
    xml = _table_xml(max(ids) + 1, name, ref, headers)
    package.add_part(owner, f"../tables/table{max(ids) + 1}.xml", xml, kind=_KIND, content_type=_TYPE)
    (link,) = set(package.relationships(owner)) - before
    package.write(owner, _one_more(package, owner, link))
    return package.to_bytes()


def _table_xml(number: int, name: str, ref: str, headers: Sequence[str]) -> bytes:
    columns = "".join(f'<tableColumn id="{i}" name="{encode_text(h)}"/>' for i, h in enumerate(headers, 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<table xmlns="{_MAIN}" id="{number}" name="{name}"'
        f' displayName="{name}" ref="{ref}" totalsRowShown="0"><tableColumns count="{len(headers)}">{columns}'
        '</tableColumns><tableStyleInfo showFirstColumn="0" showLastColumn="0" showRowStripes="0"'
        ' showColumnStripes="0"/></table>'
    ).encode()


def _one_more(package: Package, sheet: str, link: str) -> bytes:
    """The sheet with one more table part."""
    xml = package.read(sheet)
    found = _TABLE_PARTS.search(xml)
    assert found is not None
    end = xml.index(b"</tableParts>", found.end())
    inside = xml[found.end() : end] + f'<tablePart r:id="{link}"/>'.encode()
    head = f'<tableParts count="{inside.count(b"<tablePart ")}">'.encode()
    return xml[: found.start()] + head + inside + xml[end:]
