"""Workbooks that others made: one text and one number changed, and nothing else is touched."""

from __future__ import annotations

import os
import re
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineError, CalamineWorkbook

from crm_xl.errors import CrmXlError
from crm_xl.workbook.cell_xml import area, read_cells
from crm_xl.workbook.edits import Write
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.values import SharedStrings
from tests.support.packages import assert_lossless
from tests.support.validators import need, new_findings, sdk_validator

FOLDER = os.environ.get("CRM_XL_CORPUS")
SAMPLE = 25
TEXT, NUMBER = "改过 <&> changed", 1234.5
PATHS = sorted(p for p in Path(FOLDER).iterdir() if p.suffix in (".xlsx", ".xlsm")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="CRM_XL_CORPUS names no folder of workbooks")


def plain_cells(book: FileWorkbook) -> tuple[str, list[tuple[int, int]]] | None:
    """The first sheet with two filled cells that hold no formula, and the cells."""
    for name, part in book._sheets.items():
        xml = book.package.read(part)
        if re.search(rb"sheetProtection|mergeCell", xml):
            continue
        tables = [t for t in book._tables.values() if t.sheet == name]
        headers = {(t.top, c) for t in tables for c in range(t.left, t.right + 1)}
        found: list[tuple[int, int]] = []
        groups: list[tuple[int, int, int, int]] = []
        for row, cells in read_cells([xml], name, SharedStrings(None)):
            for old in cells.values():
                if old.formula_attributes.get(b"t") in (b"array", b"dataTable") and b"ref" in old.formula_attributes:
                    groups.append(area(old.formula_attributes[b"ref"].decode()))
            plain = [c for c, old in sorted(cells.items()) if old.formula is None and b"t" in old.attributes]
            plain = [c for c in plain if not {b"cm", b"vm"} & cells[c].attributes.keys()]
            inside = [c for c in plain if not any(r1 <= row <= r2 and c1 <= c <= c2 for r1, c1, r2, c2 in groups)]
            found += [(row, c) for c in inside if (row, c) not in headers]
            if len(found) > 1:
                return name, found[:2]
    return None


def edited(path: Path, out: Path) -> tuple[FileWorkbook, str, list[tuple[int, int]]] | None:
    try:
        book = FileWorkbook(path)
        cells = plain_cells(book)
    except CrmXlError:
        return None
    if cells is None:
        return None
    sheet, ((r1, c1), (r2, c2)) = cells
    book._put(sheet, r1, c1, Write(TEXT))
    book._put(sheet, r2, c2, Write(NUMBER))
    assert book.save(out)
    return book, *cells


def shown(path: Path, sheet: str, cells: list[tuple[int, int]]) -> list[object]:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [rows[r][c] for r, c in cells]


def test_every_other_part_and_cell_stays(tmp_path: Path) -> None:
    done, unread = 0, 0
    for path in PATHS:
        out = tmp_path / f"out{path.suffix}"
        before = path.read_bytes()
        found = edited(path, out)
        assert path.read_bytes() == before
        if found is None:
            continue
        book, sheet, cells = found
        assert_lossless(path, out, book.report)
        try:
            text, number = shown(out, sheet, cells)
        except CalamineError:  # it could not read the original either
            with pytest.raises(CalamineError):
                shown(path, sheet, cells)
            unread += 1
            continue
        assert text == TEXT, path.name
        assert number == NUMBER or not isinstance(number, float), path.name  # or shown as a date
        done += 1
    assert done > 200 and unread < 20, (done, unread)


def test_openpyxl_reads_the_new_values(tmp_path: Path) -> None:
    done = 0
    for path in PATHS[::6]:
        out = tmp_path / f"out{path.suffix}"
        found = edited(path, out)
        try:
            old = openpyxl.load_workbook(path) if found else None
        except Exception:  # openpyxl cannot open it as it was
            continue
        if found is None or old is None:
            continue
        _, name, ((r1, c1), (r2, c2)) = found
        sheet = openpyxl.load_workbook(out)[name]
        assert sheet.cell(r1 + 1, c1 + 1).value == TEXT, path.name
        assert sheet.cell(r2 + 1, c2 + 1).value is not None, path.name
        done += 1
    assert done > 20


def test_no_new_finding(tmp_path: Path) -> None:
    need(sdk_validator() is not None, "ooxml-validator (npm) is not installed")
    usable = []
    for path in PATHS:
        out = tmp_path / path.name
        if edited(path, out):
            usable.append((path, out))
    step = max(1, len(usable) // SAMPLE)
    for path, out in usable[::step][:SAMPLE]:
        assert not new_findings(path, out), path.name
