"""A workbook taken apart, independently of the code under test: members, cells, texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from lxml import etree
from openpyxl.utils.cell import coordinate_from_string, get_column_letter, range_boundaries

from crm_xl.workbook.reporting import Report

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def members(path: Path) -> dict[str, bytes]:
    """Member name -> content, in the order of the package."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def edit_part(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Change one part of a workbook in place."""
    parts = members(path)
    new = change(parts[part].decode())
    assert new != parts[part].decode(), part
    return write_members(path, {**parts, part: new.encode()})


def tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def sheet_rows(xml: bytes) -> dict[int, tuple[str, dict[str, str]]]:
    """Row -> its own attributes and its cells (name -> canonical XML); counted where r is missing."""
    rows: dict[int, tuple[str, dict[str, str]]] = {}
    data = next(e for e in etree.fromstring(xml) if tag(e) == "sheetData")
    row = 0
    for element in data:
        row = int(element.get("r", row + 1))
        assert row not in rows
        cells: dict[str, str] = {}
        column = 0
        for cell in element:
            ref = cell.get("r")
            column = range_boundaries(ref)[0] if ref else column + 1
            name = f"{get_column_letter(column)}{row}"
            assert name not in cells
            cells[name] = etree.tostring(cell, method="c14n").decode()
        own = {k: v for k, v in element.attrib.items() if k not in ("spans", "r")}
        rows[row] = (repr(sorted(own.items())), cells)
    assert list(rows) == sorted(rows)
    return rows


def sheet_cells(xml: bytes) -> dict[str, str]:
    return {name: cell for _, cells in sheet_rows(xml).values() for name, cell in cells.items()}


def shared_texts(xml: bytes) -> list[str]:
    return [etree.tostring(e, method="c14n").decode() for e in etree.fromstring(xml) if tag(e) == "si"]


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Sheet name -> part."""
    rels = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {r.get("Id"): r.get("Target", "").removeprefix("/xl/").removeprefix("xl/") for r in rels}
    book = etree.fromstring(parts["xl/workbook.xml"])
    found = {}
    for sheet in book.iter(f"{{{MAIN}}}sheet"):
        target = targets.get(sheet.get(f"{{{OFFICE}}}id"))
        if target:
            found[sheet.get("name", "")] = f"xl/{target}"
    return found


def expand(ranges: list[str]) -> set[str]:
    found = set()
    for name in ranges:
        c1, r1, c2, r2 = range_boundaries(name)
        found |= {f"{get_column_letter(c)}{r}" for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    return found


def assert_lossless(before: Path, after: Path, report: Report, styled: set[str] | None = None) -> None:
    """Parts outside the report are the same bytes in the same order; in a changed sheet only the
    reported cells differ (and `styled` ones, which are new, empty and formatted); shared strings
    are only appended to, and counted."""
    old, new = members(before), members(after)
    assert [n for n in new if n in old] == [n for n in old if n in new]
    differing = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
    assert differing == set(report.parts)
    for name, part in sheet_parts(old).items():
        if part not in old or old[part] == new[part]:
            continue
        a, b = sheet_cells(old[part]), sheet_cells(new[part])
        changed = {c for c in a.keys() | b.keys() if a.get(c) != b.get(c)}
        assert changed - (styled or set()) <= expand(report.cells.get(name, [])), name
        rows_a, rows_b = sheet_rows(old[part]), sheet_rows(new[part])
        assert all(rows_b[r][0] == own for r, (own, _) in rows_a.items())
    strings = "xl/sharedStrings.xml"
    if strings in old and old[strings] != new[strings]:
        known, now = shared_texts(old[strings]), shared_texts(new[strings])
        assert now[: len(known)] == known
        assert_counts(old, new)


def assert_counts(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> None:
    """The counts of the shared strings part went along (others' files may start with a wrong one)."""

    def state(parts: Mapping[str, bytes]) -> tuple[int, int, int, int]:
        root = etree.fromstring(parts["xl/sharedStrings.xml"])
        sheets = [p for p in parts if re.match("xl/worksheets/[^/]*$", p)]
        used = sum(len(re.findall(rb'\st="s"', parts[p])) for p in sheets)
        texts = len(shared_texts(parts["xl/sharedStrings.xml"]))
        return int(root.get("count", -1)), used, int(root.get("uniqueCount", -1)), texts

    count, used, _, _ = state(old)
    new_count, new_used, unique, texts = state(new)
    assert new_count - count == new_used - used or count < 0
    assert unique in (texts, -1)


def prefixed(xml: bytes, prefix: str = "x") -> bytes:
    """The same XML with the main namespace under a prefix, as the Open XML SDK writes it."""
    text = re.sub(r'\sxmlns="' + re.escape(MAIN) + '"', f' xmlns:{prefix}="{MAIN}"', xml.decode(), count=1)
    return re.sub(r"<(/?)(?=[A-Za-z])(?![\w.-]+:)", rf"<\1{prefix}:", text).encode()


def without_references(xml: bytes) -> bytes:
    """Rows and cells without r and spans: every gap is filled, so that counting gives the same places."""
    root = etree.fromstring(xml)
    data = next(e for e in root if tag(e) == "sheetData")
    rows = {int(r.get("r", "")): r for r in data}
    for row in list(data):
        data.remove(row)
    for number in range(1, max(rows, default=0) + 1):
        row = rows.get(number)
        if row is None:
            row = etree.Element(f"{{{MAIN}}}row")
        cells = {range_boundaries(c.get("r", ""))[0]: c for c in row}
        for cell in list(row):
            row.remove(cell)
        for column in range(1, max(cells, default=0) + 1):
            cell = cells.get(column)
            cell = etree.Element(f"{{{MAIN}}}c") if cell is None else cell
            cell.attrib.pop("r", None)
            row.append(cell)
        for key in ("r", "spans"):
            row.attrib.pop(key, None)
        data.append(row)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def with_inline_strings(xml: bytes, strings: bytes) -> bytes:
    """Shared strings written into the cells."""
    texts = [e for e in etree.fromstring(strings) if tag(e) == "si"]
    root = etree.fromstring(xml)
    for cell in list(root.iter(f"{{{MAIN}}}c")):
        if cell.get("t") == "s":
            item = texts[int(cell[0].text)]
            cell.set("t", "inlineStr")
            inner = etree.Element(f"{{{MAIN}}}is")
            inner.extend([etree.fromstring(etree.tostring(child)) for child in item])
            cell[:] = [inner]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def tiny(path: Path, sheet: str, *, strings: str | None = None, styles: str = "", book: str = "") -> Path:
    """A workbook of one sheet, `S`, from its XML between the worksheet tags."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        + (f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>' if strings else "")
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="S" sheetId="1" r:id="rId1"/></sheets>{book}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        + (f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>' if strings else "")
        + f'<Relationship Id="rId4" Type="{OFFICE}/hyperlink" Target="https://example.com/" TargetMode="External"/>'
        "</Relationships>",
        "xl/styles.xml": styles or STYLES,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
    }
    if strings:
        parts["xl/sharedStrings.xml"] = strings
    return write_members(path, {k: v.encode() for k, v in parts.items()})


_XF = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0" xfId="0"'
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="4">{_XF.format(0)}/>{_XF.format(2)}/>{_XF.format(14)}/>'
    f'{_XF.format(0)} applyProtection="1"><protection locked="0"/></xf></cellXfs></styleSheet>'
)
"""Formats: 0 general, 1 two decimals, 2 a date, 3 unlocked."""


def book_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def place(name: str) -> tuple[int, int]:
    """0-based row and column."""
    column, row = coordinate_from_string(name)
    return row - 1, range_boundaries(f"{column}1")[0] - 1
