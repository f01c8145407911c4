"""What a sheet's XML says about its shape and its cells do not: merged ranges and hidden rows."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from crm_xl.cells import column_number
from crm_xl.zip_parts import ZIP_MAGIC, ZipParts, open_parts

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*?\shidden="(?:1|true)")[^>]*?\br="(\d{1,7})"')
_MOST = 100_000
"""Merged ranges that are kept."""
_TAIL = 4096


@dataclass(frozen=True, slots=True)
class SheetShape:
    """`merged`: (first row, first column, last row, last column); `hidden`: rows; all 0-based."""

    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()

    def moved(self, left: int) -> SheetShape:
        """The same shape, with columns counted from another one."""
        return SheetShape(tuple((a, b - left, c, d - left) for a, b, c, d in self.merged), self.hidden)


def sheet_shape(data: bytes, path: str | Path, sheet: str) -> SheetShape:
    """The shape of a sheet of an .xlsx; of another kind of file nothing is known. Errors: those of `open_parts`."""
    if not data.startswith(ZIP_MAGIC):
        return SheetShape()
    package = open_parts(data, path)
    part = _part(package, sheet)
    if part is None:
        return SheetShape()
    merged: dict[tuple[int, int, int, int], None] = {}
    hidden: set[int] = set()
    tail = b""
    for piece in package.stream(part):
        block = tail + piece
        if b"mergeCell" in block:
            for a, top, b, bottom in _MERGED.findall(block):
                place = (int(top) - 1, column_number(a.decode()), int(bottom) - 1, column_number(b.decode()))
                if len(merged) < _MOST:
                    merged[place] = None
        if b"hidden=" in block:
            hidden.update(int(row) - 1 for row in _HIDDEN.findall(block))
        tail = block[-_TAIL:]
    return SheetShape(tuple(merged), frozenset(hidden))


def _part(package: ZipParts, sheet: str) -> str | None:
    """The part that holds a sheet."""
    names = set(package.names())
    try:
        book = next(iter(_targets(package, "", "/officeDocument").values()), "xl/workbook.xml")
        if book not in names:
            return None
        targets = _targets(package, book, "")
        for element in ElementTree.fromstring(package.read_xml(book)).iter():
            if element.tag.rpartition("}")[2] == "sheet" and element.get("name") == sheet:
                ids = [value for key, value in element.attrib.items() if key.endswith("}id")]
                part = targets.get(ids[0]) if ids else None
                return part if part in names else None
    except ElementTree.ParseError:  # the reader of the cells has its own say about a broken book
        pass
    return None


def _targets(package: ZipParts, part: str, kind: str) -> dict[str, str]:
    """Relation id -> part, of a part's relations of a kind."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in package.names():
        return {}
    found = {}
    for relation in ElementTree.fromstring(package.read_xml(rels)):
        if relation.get("TargetMode") != "External" and relation.get("Type", "").endswith(kind):
            target = relation.get("Target", "")
            found[relation.get("Id", "")] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return found
