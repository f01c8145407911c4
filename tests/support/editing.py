"""An editor that is not ours: changes cells of a workbook's XML with lxml, as a program other than
Excel or crm_xl might. Nothing of crm_xl is imported."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
S = f"{{{NS}}}"


class Editor:
    """Parts of a workbook in memory; `save` writes them all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with zipfile.ZipFile(path) as archive:
            self.parts = {n: archive.read(n) for n in archive.namelist()}
        book = etree.fromstring(self.parts["xl/workbook.xml"])
        targets = self._targets("xl/workbook.xml")
        self.sheets = {s.get("name"): targets[s.get(f"{{{REL}}}id")] for s in book.find(f"{S}sheets")}
        self.names = {n.get("name"): (n.text or "") for n in book.iterfind(f"{S}definedNames/{S}definedName")}
        self.tables: dict[str, tuple[str, str]] = {}
        for sheet, part in self.sheets.items():
            for target in self._targets(part).values():
                if "/tables/" in target:
                    self.tables[etree.fromstring(self.parts[target]).get("displayName")] = (sheet, target)
        self._trees: dict[str, Any] = {}

    def _targets(self, part: str) -> dict[str, str]:
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels"
        if rels not in self.parts:
            return {}
        return {
            r.get("Id"): posixpath.normpath(posixpath.join("/", folder, r.get("Target"))).lstrip("/")
            for r in etree.fromstring(self.parts[rels])
        }

    def sheet(self, name: str) -> Any:
        part = self.sheets[name]
        if part not in self._trees:
            self._trees[part] = etree.fromstring(self.parts[part])
        return self._trees[part]

    def table(self, name: str) -> tuple[str, Any, list[str], tuple[int, int, int, int]]:
        """Sheet, element, headers and (top, left, bottom, right), 1-based."""
        sheet, part = self.tables[name]
        if part not in self._trees:
            self._trees[part] = etree.fromstring(self.parts[part])
        element = self._trees[part]
        headers = [c.get("name") for c in element.iterfind(f"{S}tableColumns/{S}tableColumn")]
        return sheet, element, headers, corners(element.get("ref"))

    def set(self, sheet: str, cell: str, value: Any) -> None:
        """Put a constant into a cell; its style stays."""
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
        data = self.sheet(sheet).find(f"{S}sheetData")
        line = next((r for r in data if r.get("r") == row), None)
        if line is None:
            line = etree.Element(f"{S}row", r=row)
            at = sum(int(r.get("r")) < int(row) for r in data)
            data.insert(at, line)
        found = next((c for c in line if c.get("r") == cell), None)
        if found is None:
            found = etree.Element(f"{S}c", r=cell)
            at = sum(number(re.match("[A-Z]+", c.get("r"))[0]) < number(column) for c in line)  # type: ignore[index]
            line.insert(at, found)
        for child in list(found):
            found.remove(child)
        for attribute in ("t", "cm"):
            found.attrib.pop(attribute, None)
        if value is None:
            return
        if isinstance(value, bool):
            found.set("t", "b")
            value = int(value)
        elif type(value).__name__ == "CellError":
            found.set("t", "e")
        elif isinstance(value, dt.datetime):
            value = (value - dt.datetime(1899, 12, 30)).total_seconds() / 86400
            value = int(value) if value == int(value) else value
            found.set("s", self._date_style())
        elif isinstance(value, str):
            found.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(found, f"{S}is"), f"{S}t")
            text.text = value
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            return
        etree.SubElement(found, f"{S}v").text = repr(value) if isinstance(value, float) else str(value)

    def _date_style(self) -> str:
        """Index of a cell format that shows dates, added if there is none."""
        styles = self._trees.setdefault("xl/styles.xml", etree.fromstring(self.parts["xl/styles.xml"]))
        formats = styles.find(f"{S}cellXfs")
        for i, xf in enumerate(formats):
            if xf.get("numFmtId") == "14":
                return str(i)
        etree.SubElement(formats, f"{S}xf", numFmtId="14", fontId="0", fillId="0", borderId="0", xfId="0",
                         applyNumberFormat="1")  # fmt: skip
        formats.set("count", str(len(formats)))
        return str(len(formats) - 1)

    def resize(self, name: str, rows: int) -> None:
        """Make a table hold `rows` data rows."""
        _, element, _, (top, left, _, right) = self.table(name)
        ref = f"{letters(left)}{top}:{letters(right)}{top + rows}"
        element.set("ref", ref)
        auto = element.find(f"{S}autoFilter")
        if auto is not None:
            auto.set("ref", ref)

    def save(self) -> None:
        for part, tree in self._trees.items():
            self.parts[part] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)


def letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(column: str) -> int:
    value = 0
    for ch in column:
        value = value * 26 + ord(ch) - 64
    return value


def corners(ref: str) -> tuple[int, int, int, int]:
    first, _, last = ref.partition(":")
    a, b = (re.fullmatch(r"([A-Z]+)(\d+)", x).groups() for x in (first, last or first))  # type: ignore[union-attr]
    return int(a[1]), number(a[0]), int(b[1]), number(b[0])


def type_rows(path: Path, table: str, columns: dict[str, list[Any]]) -> Path:
    """Type columns (by header) into a table from its first data row on, growing it as Excel would."""
    editor = Editor(path)
    sheet, _, headers, (top, left, _, _) = editor.table(table)
    rows = max(map(len, columns.values()))
    for header, cells in columns.items():
        column = letters(left + headers.index(header))
        for i, cell in enumerate(cells):
            editor.set(sheet, f"{column}{top + 1 + i}", cell)
    editor.resize(table, rows)
    editor.save()
    return path


def set_table_cell(path: Path, table: str, row: int, header: str, value: Any) -> None:
    """Change one cell of a table, by 0-based data row and header."""
    editor = Editor(path)
    sheet, _, headers, (top, left, _, _) = editor.table(table)
    editor.set(sheet, f"{letters(left + headers.index(header))}{top + 1 + row}", value)
    editor.save()


def set_name(path: Path, name: str, value: Any) -> None:
    """Change a named cell."""
    editor = Editor(path)
    sheet, _, cell = editor.names[name].rpartition("!")
    editor.set(sheet.strip("'").replace("''", "'"), cell.replace("$", ""), value)
    editor.save()


def delete_table_row(path: Path, table: str, row: int) -> None:
    """Delete a data row of a table: what stands below moves up, the table shrinks."""
    editor = Editor(path)
    sheet, _, _, (top, _, bottom, _) = editor.table(table)
    data = editor.sheet(sheet).find(f"{S}sheetData")
    gone = top + 1 + row
    for line in list(data):
        r = int(line.get("r"))
        if r == gone:
            data.remove(line)
        elif r > gone:
            line.set("r", str(r - 1))
            for cell in line:
                cell.set("r", re.sub(r"\d+", str(r - 1), cell.get("r")))
    editor.resize(table, bottom - top - 1)
    editor.save()
