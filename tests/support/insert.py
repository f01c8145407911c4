"""A customer table put into somebody's workbook, as a program other than crm_xl would do it: zipfile and
lxml, nothing of crm_xl. The workbook keeps what it has; the table stands on a sheet of its own, or beside
the user's content."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
M, C = f"{{{MAIN}}}", f"{{{PACKAGE}/content-types}}"
MAX_COLUMN = 16_384

OWN, DOUBLE = "我的备注", "双倍金额"
HEADERS = (
    "客户编号", "客户名称", OWN, "年消费金额(万元)", "历史合作次数", "首次合作时间", "最近合作时间", DOUBLE,
    "客户类型标签", "价值层级", "活跃状态", "生命周期阶段", "RFM 类别",
)  # fmt: skip
RESULTS = HEADERS[8:]
DOUBLE_FORMULA = "Customers[[#This Row],[年消费金额(万元)]]*2"
D = dt.datetime
ROWS: tuple[tuple[Any, ...], ...] = (
    ("C001", "甲公司", "老客户 <&>", 62.5, 14, D(2021, 3, 1), D(2024, 6, 12)),
    ("C002", "乙公司", "", 0.8, 1, D(2024, 5, 20), D(2024, 5, 20)),
    ("C003", "丙公司", "  两端有空格 ", 12, 7, D(2020, 1, 1), D(2023, 2, 1)),
    ("C004", "丁公司", "两行\n备注", 3.25, 4, D(2022, 8, 9), D(2024, 1, 5)),
    ("C005", "戊公司", "=不是公式", None, None, None, None),
    ("C006", "己公司", "_x0041_", 150, 40, D(2019, 11, 11), D(2024, 6, 29)),
)
"""Input cells of the rows, up to the user's formula; result cells start empty."""


class CannotInsert(Exception):
    """Why there is no room for a table, or nothing that this editor understands."""


@dataclass(frozen=True)
class Inserted:
    """Where the table went: sheet name, parts, 1-based row of the headers and first column."""

    sheet: str
    part: str
    table: str
    top: int
    left: int


def parse(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(strip_cdata=False, resolve_entities=False, huge_tree=True))


def render(root: Any) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def column_letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(letters: str) -> int:
    value = 0
    for ch in letters.upper():
        value = value * 26 + ord(ch) - 64
    return value


def boundaries(ref: str) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right, from 1; None for whole rows and columns."""
    found = re.fullmatch(r"\$?([A-Za-z]+)\$?(\d+)(?::\$?([A-Za-z]+)\$?(\d+))?", ref)
    if found is None:
        return None
    c1, r1, c2, r2 = found.groups()
    return int(r1), column_number(c1), int(r2 or r1), column_number(c2 or c1)


class Parts:
    """The members of a package, and who relates to whom."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.data = {i.filename: archive.read(i) for i in archive.infolist()}
        self._by_name = {name.lower(): name for name in self.data}
        book = next((t for kind, t in self.related("") if kind == "officeDocument"), None)
        if book is None:
            raise CannotInsert("no workbook part")
        self.book: str = book

    def name(self, part: str) -> str:
        return self._by_name.get(part.lower(), part)

    def rels(self, owner: str) -> str:
        folder, name = posixpath.split(owner)
        return self.name(posixpath.join(folder, "_rels", f"{name}.rels"))

    def links(self, owner: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> kind (last word) and part."""
        rels = self.rels(owner)
        found = {}
        for link in parse(self.data[rels]) if rels in self.data else ():
            if isinstance(link.tag, str) and link.get("TargetMode") != "External":
                path = posixpath.normpath(posixpath.join("/", posixpath.dirname(owner), link.get("Target")))
                target = path.lstrip("/")
                target = self.name(target if target.lower() in self._by_name else unquote(target))
                found[link.get("Id")] = link.get("Type").rpartition("/")[2], target
        return found

    def related(self, owner: str) -> list[tuple[str, str]]:
        return list(self.links(owner).values())

    def first(self, owner: str, kind: str) -> str | None:
        return next((t for k, t in self.related(owner) if k == kind and t in self.data), None)

    def sheets(self) -> dict[str, str]:
        """Worksheet name -> part."""
        links = self.links(self.book)
        found = {}
        for sheet in parse(self.data[self.book]).iter(f"{M}sheet"):
            kind, target = links.get(sheet.get(f"{{{OFFICE}}}id"), ("", ""))
            if kind == "worksheet" and target in self.data:
                found[sheet.get("name")] = target
        return found

    def free(self, stem: str) -> str:
        """A part name that is not in use: the stem and a number."""
        return next(f"{stem}{n}.xml" for n in range(1, 10_000) if f"{stem}{n}.xml".lower() not in self._by_name)

    def add(self, owner: str, part: str, kind: str, xml: bytes) -> str:
        """A new part with its content type and a relationship of its owner's, whose id is returned."""
        rels = self.rels(owner)
        types = parse(self.data["[Content_Types].xml"])
        etree.SubElement(types, f"{C}Override", PartName=f"/{part}", ContentType=f"{KIND}.{kind}+xml")
        if rels not in self.data and not any(e.get("Extension") == "rels" for e in types):
            kind_of_rels = "application/vnd.openxmlformats-package.relationships+xml"
            etree.SubElement(types, f"{C}Override", PartName=f"/{rels}", ContentType=kind_of_rels)
        self.data["[Content_Types].xml"] = render(types)
        self.data[part] = xml
        self._by_name[part.lower()] = part
        empty = f'<Relationships xmlns="{PACKAGE}/relationships"/>'.encode()
        root = parse(self.data.get(rels, empty))
        ids = {link.get("Id") for link in root if isinstance(link.tag, str)}
        link = next(f"rIdC{n}" for n in range(1, 10_000) if f"rIdC{n}" not in ids)
        target = posixpath.relpath(part, posixpath.dirname(owner))
        # the namespace of the root: with it, a prefix is used where the file uses one
        space = etree.QName(root).namespace
        etree.SubElement(root, f"{{{space}}}Relationship", Id=link, Type=f"{OFFICE}/{kind}", Target=target)
        self.data[rels] = render(root)
        self._by_name[rels.lower()] = rels
        return link

    def save(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.data.items():
                archive.writestr(name, data)


class Texts:
    """Where texts go: into the cells if the sheet has them there, else into the shared strings."""

    def __init__(self, parts: Parts, sheet: Any) -> None:
        self._parts = parts
        self._part = parts.first(parts.book, "sharedStrings")
        if self._part is None and not any(c.get("t") == "inlineStr" for c in sheet.iter(f"{M}c")):
            empty = f'<sst xmlns="{MAIN}" count="0" uniqueCount="0"/>'.encode()
            folder = posixpath.dirname(parts.book) or "xl"
            self._part = f"{folder}/sharedStrings.xml"
            parts.add(parts.book, self._part, "sharedStrings", empty)
        self._root = parse(parts.data[self._part]) if self._part else None
        self._items = [] if self._root is None else [e for e in self._root if local(e) == "si"]
        self._known: dict[str, int] = {}
        self._uses = 0

    def put(self, cell: Any, text: str) -> None:
        escaped = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
        if self._root is None:
            cell.set("t", "inlineStr")
            self._text(etree.SubElement(cell, f"{M}is"), escaped)
            return
        if text not in self._known:
            item = etree.Element(f"{M}si")
            self._text(item, escaped)
            at = self._items[-1].getparent().index(self._items[-1]) + 1 if self._items else 0
            self._root.insert(at, item)
            self._items.append(item)
            self._known[text] = len(self._items) - 1
        self._uses += 1
        cell.set("t", "s")
        etree.SubElement(cell, f"{M}v").text = str(self._known[text])

    @staticmethod
    def _text(parent: Any, text: str) -> None:
        element = etree.SubElement(parent, f"{M}t")
        element.text = text
        if text != text.strip():
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def save(self) -> None:
        if self._root is None or self._part is None:
            return
        for attribute, more in (("count", self._uses), ("uniqueCount", len(self._known))):
            if self._root.get(attribute):
                self._root.set(attribute, str(int(self._root.get(attribute)) + more))
        self._parts.data[self._part] = render(self._root)


def date_style(parts: Parts) -> str | None:
    """Index of a cell format that shows dates, added if there is none; None without a styles part."""
    part = parts.first(parts.book, "styles")
    if part is None:
        return None
    styles = parse(parts.data[part])
    formats = styles.find(f"{M}cellXfs")
    if formats is None:
        return None
    found = [xf for xf in formats if local(xf) == "xf"]
    for i, xf in enumerate(found):
        if xf.get("numFmtId") == "14":
            return str(i)
    etree.SubElement(formats, f"{M}xf", numFmtId="14", fontId="0", fillId="0", borderId="0", applyNumberFormat="1")
    if formats.get("count"):
        formats.set("count", str(len(found) + 1))
    parts.data[part] = render(styles)
    return str(len(found))


def places(data: Any) -> Iterator[tuple[int, int, Any]]:
    """Row, column and element of every cell; where r is missing, they count on."""
    row = 0
    for line in data.iterfind(f"{M}row"):
        row = int(line.get("r") or row + 1)
        column = 0
        for cell in line.iterfind(f"{M}c"):
            found = boundaries(cell.get("r") or "")
            column = found[1] if found else column + 1
            yield row, column, cell


def used_columns(parts: Parts, part: str, root: Any) -> int:
    """The last column that anything of the user's reaches: cells, merges, filters, arrays, tables, pivots."""
    refs = [e.get("ref") for e in root.iter(f"{M}mergeCell", f"{M}autoFilter", f"{M}f", f"{M}dimension")]
    for kind, target in parts.related(part):
        if kind in ("table", "pivotTable") and target in parts.data:
            refs += [e.get("ref") for e in parse(parts.data[target]).iter(f"{M}table", f"{M}location")]
    areas = [boundaries(ref) for ref in refs if ref]
    cells = [column for _, column, _ in places(root.find(f"{M}sheetData"))]
    return max([0, *cells, *(a[3] for a in areas if a)])


def row_element(data: Any, number: int) -> Any:
    """The row with a number, made if it is missing."""
    current, at = 0, len(data)
    for index, line in enumerate(data):
        if local(line) != "row":
            continue
        current = int(line.get("r") or current + 1)
        if current == number:
            return line
        if current > number:
            line.set("r", str(current))  # it may have counted on from the row before
            at = index
            break
    made = etree.Element(f"{M}row", r=str(number))
    data.insert(at, made)
    return made


def put_rows(root: Any, top: int, left: int, texts: Texts, style: str | None, date1904: bool) -> None:
    data = root.find(f"{M}sheetData")
    for i, values in enumerate((HEADERS, *ROWS)):
        line = row_element(data, top + i)
        made = []
        for j, value in enumerate(values):
            if value is not None and value != "":
                cell = etree.Element(f"{M}c", r=f"{column_letters(left + j)}{top + i}")
                made.append(cell)
                put_value(cell, value, texts, style, date1904)
        if i:
            cell = etree.Element(f"{M}c", r=f"{column_letters(left + HEADERS.index(DOUBLE))}{top + i}")
            etree.SubElement(cell, f"{M}f").text = DOUBLE_FORMULA
            etree.SubElement(cell, f"{M}v").text = repr((values[3] or 0) * 2)
            made.append(cell)
        cells = [c for c in line if local(c) == "c"]
        at = line.index(cells[-1]) + 1 if cells else 0
        line[at:at] = made
        spans = [int(n) for n in re.findall(r"\d+", line.get("spans") or "")]
        if spans:
            line.set("spans", f"{min(spans)}:{left + len(HEADERS) - 1}")


def put_value(cell: Any, value: Any, texts: Texts, style: str | None, date1904: bool) -> None:
    if isinstance(value, dt.datetime) and style is not None:
        cell.set("s", style)
        value = (value - dt.datetime(1904 if date1904 else 1899, 1 if date1904 else 12, 1 if date1904 else 30)).days
    if isinstance(value, dt.datetime):
        raise CannotInsert("no cell format for dates")
    if isinstance(value, str):
        texts.put(cell, value)
    else:
        etree.SubElement(cell, f"{M}v").text = repr(value)


def table_xml(number: int, ref: str) -> bytes:
    columns = "".join(
        f'<tableColumn id="{i}" name="{name}"'
        + (
            f"><calculatedColumnFormula>{DOUBLE_FORMULA}</calculatedColumnFormula></tableColumn>"
            if name == DOUBLE
            else "/>"
        )
        for i, name in enumerate(HEADERS, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<table xmlns="{MAIN}" id="{number}"'
        f' name="Customers" displayName="Customers" ref="{ref}" totalsRowShown="0"><autoFilter ref="{ref}"/>'
        f'<tableColumns count="{len(HEADERS)}">{columns}</tableColumns>'
        '<tableStyleInfo name="TableStyleMedium2" showFirstColumn="0" showLastColumn="0" showRowStripes="1"'
        ' showColumnStripes="0"/></table>'
    ).encode()


def taken(parts: Parts) -> int:
    """The highest table id. The name of the table must be free."""
    highest = 0
    for part in parts.data:
        if re.search(r"/tables?/[^/]*\.xml$", part):
            root = parse(parts.data[part])
            if local(root) == "table":
                highest = max(highest, int(root.get("id")))
                if root.get("displayName", "").casefold() == "customers":
                    raise CannotInsert("has a table Customers")
    for name in parse(parts.data[parts.book]).iter(f"{M}definedName"):
        if name.get("name", "").casefold() == "customers":
            raise CannotInsert("has a name Customers")
    return highest


def home(parts: Parts, own_sheet: bool) -> tuple[str, str]:
    """The sheet for the table: a new one, or the first with content that is not protected and has room."""
    sheets = parts.sheets()
    if not own_sheet:
        for name, part in sheets.items():
            root = parse(parts.data[part])
            data = root.find(f"{M}sheetData")
            full = data is None or root.find(f"{M}sheetProtection") is not None
            if not full and len(data) and used_columns(parts, part, root) + 1 + len(HEADERS) < MAX_COLUMN:
                return name, part
        raise CannotInsert("no sheet with content and room")
    root = parse(parts.data[parts.book])
    holder = root.find(f"{M}sheets")
    if holder is None:
        raise CannotInsert("no sheets")
    name = next(n for n in ("客户 A&B", "客户 (2)", "客户 (3)") if n not in {s.get("name") for s in holder})
    xml = f'<worksheet xmlns="{MAIN}"><dimension ref="A1"/><sheetData/></worksheet>'.encode()
    part = parts.free(posixpath.dirname(parts.book) + "/worksheets/sheet")
    link = parts.add(parts.book, part, "worksheet", xml)
    number = max((int(s.get("sheetId")) for s in holder if isinstance(s.tag, str)), default=0) + 1
    sheet = etree.SubElement(holder, f"{M}sheet", nsmap={"r": OFFICE}, name=name, sheetId=str(number))
    sheet.set(f"{{{OFFICE}}}id", link)
    parts.data[parts.book] = render(root)
    return name, part


def insert_customers(path: Path, out: Path, *, own_sheet: bool, top: int = 2) -> Inserted:
    """Copy a workbook and put the table into the copy. Errors: CannotInsert."""
    parts = Parts(path)
    if etree.QName(parse(parts.data[parts.book])).namespace != MAIN:
        raise CannotInsert("not the transitional namespace")
    number = taken(parts) + 1
    sheet, part = home(parts, own_sheet)
    root = parse(parts.data[part])
    left = 1 if own_sheet else used_columns(parts, part, root) + 2
    texts = Texts(parts, root)
    date1904 = any(e.get("date1904") in ("1", "true") for e in parse(parts.data[parts.book]).iter(f"{M}workbookPr"))
    put_rows(root, top, left, texts, date_style(parts), date1904)
    texts.save()
    bottom, right = top + len(ROWS), left + len(HEADERS) - 1
    ref = f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"
    dimension = root.find(f"{M}dimension")
    if dimension is not None:
        old = boundaries(dimension.get("ref", "")) if not own_sheet else None
        r1, c1, r2, c2 = old or (top, left, bottom, right)
        first = f"{column_letters(min(c1, left))}{min(r1, top)}"
        dimension.set("ref", f"{first}:{column_letters(max(c2, right))}{max(r2, bottom)}")
    folder = posixpath.dirname(posixpath.dirname(part)) or "xl"
    table = parts.free(f"{folder}/tables/table")
    link = parts.add(part, table, "table", table_xml(number, ref))
    holder = root.find(f"{M}tableParts")
    if holder is None:
        holder = etree.Element(f"{M}tableParts")
        end = root.find(f"{M}extLst")
        root.insert(len(root) if end is None else root.index(end), holder)
    etree.SubElement(holder, f"{M}tablePart", nsmap={"r": OFFICE}).set(f"{{{OFFICE}}}id", link)
    holder.set("count", str(len([e for e in holder if local(e) == "tablePart"])))
    parts.data[part] = render(root)
    parts.save(out)
    return Inserted(sheet, part, table, top, left)
