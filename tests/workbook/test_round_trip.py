"""Any edits into any workbook, read back by readers that are not ours."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel
from openpyxl.worksheet.table import Table
from python_calamine import CalamineWorkbook

from crm_xl.cells import CellError
from crm_xl.workbook.edits import Write
from crm_xl.workbook.file_workbook import FileWorkbook
from tests.support.lint import lint
from tests.support.packages import (
    assert_lossless,
    edit_part,
    members,
    prefixed,
    sheet_parts,
    with_inline_strings,
    without_references,
    write_members,
)

Cells = dict[tuple[str, int, int], Any]
SHEETS = ("甲", "It's <B>", "C")
LETTERS = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff_")
TEXTS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=6),
    st.sampled_from(["=1+1", "+1", "@a", " a ", "a\nb", "<&>", "1", "TRUE", "#N/A", "甲", "same"]),
)
NUMBERS = st.one_of(st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False))
DATES = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0))
ERRORS = st.sampled_from([CellError(e) for e in ("#N/A", "#VALUE!", "#DIV/0!", "#NUM!")])
VALUES = st.one_of(st.none(), TEXTS, NUMBERS, st.booleans(), DATES, ERRORS)
PLACES = st.tuples(st.sampled_from(SHEETS), st.integers(12, 24), st.integers(0, 8))
EDITS = st.dictionaries(PLACES, VALUES, max_size=10)


@st.composite
def starts(draw: st.DrawFn) -> dict[str, Any]:
    """How a workbook is made."""
    return {
        "maker": draw(st.sampled_from(["xlsxwriter", "openpyxl"])),
        "date1904": draw(st.booleans()),
        "cells": draw(
            st.dictionaries(PLACES, st.one_of(TEXTS.filter(lambda t: t[0] != "="), st.integers(-9, 9)), max_size=8)
        ),
        "rows": draw(st.integers(1, 5)),
        "rewritten": draw(st.sets(st.sampled_from(["prefixed", "bare", "inline"]))),
    }


def make(path: Path, start: dict[str, Any]) -> None:
    (by_xlsxwriter if start["maker"] == "xlsxwriter" else by_openpyxl)(path, start)
    parts = members(path)
    for part in sheet_parts(parts).values():
        if "inline" in start["rewritten"] and "xl/sharedStrings.xml" in parts:
            parts[part] = with_inline_strings(parts[part], parts["xl/sharedStrings.xml"])
        if "bare" in start["rewritten"]:
            parts[part] = without_references(parts[part])
        if "prefixed" in start["rewritten"]:
            parts[part] = prefixed(parts[part])
    if "inline" in start["rewritten"] and "xl/sharedStrings.xml" in parts:
        parts["xl/sharedStrings.xml"] = re.sub(rb'\scount="\d+"', b' count="0"', parts["xl/sharedStrings.xml"])
    write_members(path, parts)


def by_xlsxwriter(path: Path, start: dict[str, Any]) -> None:
    with xlsxwriter.Workbook(path, {"date_1904": start["date1904"], "strings_to_formulas": False}) as book:
        sheets = {name: book.add_worksheet(name) for name in SHEETS}
        bold = book.add_format({"bold": True})
        first = sheets[SHEETS[0]]
        first.add_table(0, 0, start["rows"], 2, {"name": "Customers", "columns": [
            {"header": "客户编号"}, {"header": "历史合作次数"}, {"header": "own"}]})  # fmt: skip
        for i in range(start["rows"]):
            first.write_row(i + 1, 0, [f"C{i}", i, "x"])
        sheets["C"].write_rich_string(0, 0, bold, "rich", " text")
        sheets["C"].set_column(4, 5, 20, bold)
        for (sheet, row, column), value in start["cells"].items():
            sheets[sheet].write(row, column, value, bold if column % 2 else None)


def by_openpyxl(path: Path, start: dict[str, Any]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.epoch = CALENDAR_MAC_1904 if start["date1904"] else CALENDAR_WINDOWS_1900
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    first = sheets[SHEETS[0]]
    for row in [["客户编号", "历史合作次数", "own"], *([f"C{i}", i, "x"] for i in range(start["rows"]))]:
        first.append(row)
    first.add_table(Table(displayName="Customers", ref=f"A1:C{start['rows'] + 1}"))
    for (sheet, row, column), value in start["cells"].items():
        cell = sheets[sheet].cell(row + 1, column + 1)
        cell.value, cell.font = value, Font(bold=bool(column % 2))
        if isinstance(value, str):
            cell.data_type = "s"
    book.save(path)


def by_reader_one(path: Path) -> Cells:
    book = openpyxl.load_workbook(path)
    found: Cells = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    value = CellError(cell.value) if cell.data_type == "e" else cell.value
                    assert cell.data_type != "f"
                    found[sheet.title, cell.row - 1, cell.column - 1] = value
    return found


def by_reader_two(path: Path) -> Cells:
    book = CalamineWorkbook.from_path(str(path))
    found: Cells = {}
    for name in book.sheet_names:
        for r, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
            found |= {(name, r, c): v for c, v in enumerate(row) if v != ""}
    return found


def stored(value: Any, date1904: bool) -> Any:
    if isinstance(value, dt.datetime):
        return to_excel(value, CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (int, float)) and not isinstance(other, bool):
        return one == other or abs(one - other) < 1e-9  # openpyxl rounds the time of day
    return type(one) is type(other) and one == other


def assert_shows(path: Path, expected: Cells) -> None:
    expected = {k: v for k, v in expected.items() if v is not None}
    for found in (by_reader_one(path), by_reader_two(path)):
        without_errors = {k: v for k, v in expected.items() if k in found or not isinstance(v, CellError)}
        assert found.keys() == without_errors.keys()
        wrong = {k: (v, found[k]) for k, v in without_errors.items() if not same(v, found[k])}
        assert not wrong


def put(book: FileWorkbook, edits: Cells) -> None:
    for (sheet, row, column), value in edits.items():
        book._put(sheet, row, column, Write(book._plain(value)))


def table_rows(book: FileWorkbook, action: tuple[str, list[int]], expected: Cells, count: int) -> int:
    """Rows appended to or put into the table; the number of its rows then."""
    kind, figures = action
    rows = [{"customer_id": f"N{i}", "order_count": n} for i, n in enumerate(figures)]
    if kind == "append":
        book.append_rows("Customers", rows)
        first = count
    else:
        book.replace_rows("Customers", rows, formulas=False)
        first = 0
        for r in range(len(rows), count):
            expected.pop((SHEETS[0], r + 1, 2), None)
        for r in range(count):
            for c in range(2):
                expected.pop((SHEETS[0], r + 1, c), None)
    for i, row in enumerate(rows):
        for c, value in enumerate(row.values()):
            expected[SHEETS[0], first + i + 1, c] = stored(value, False)
    if kind == "append":
        return count + len(rows)
    return max(1, len(rows))


ACTIONS = st.tuples(st.sampled_from(["append", "replace"]), st.lists(st.integers(0, 99), max_size=3))


@given(starts(), st.lists(EDITS, min_size=1, max_size=3), st.lists(ACTIONS, max_size=2))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_edits_and_tables(start: dict[str, Any], rounds: list[Cells], actions: list[tuple[str, list[int]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, once, step = folder / "start.xlsx", folder / "once.xlsx", folder / "step.xlsx"
        make(path, start)
        findings = set(lint(path))
        expected = {k: stored(v, False) for k, v in by_reader_one(path).items()}
        count = start["rows"]

        book = FileWorkbook(path)
        step.write_bytes(path.read_bytes())
        used = count
        for action in actions:
            for target in (book, again := FileWorkbook(step)):
                model = dict(expected)
                new = table_rows(target, action, model, used)
            again.save(backup=False)
            expected, used = model, new
            if action[0] == "replace" and not action[1]:
                used = 0  # one blank row, that the next append fills
        for edits in rounds:
            put(book, edits)
            again = FileWorkbook(step)
            put(again, edits)
            again.save(backup=False)
            expected |= {k: stored(v, start["date1904"]) for k, v in edits.items()}
        book.save(once)
        assert_lossless(path, once, book.report)
        assert_shows(once, expected)
        assert_shows(step, expected)
        assert set(lint(once)) <= findings and set(lint(step)) <= findings
        after = FileWorkbook(once)
        for edits in rounds[-1:]:
            put(after, edits)
        assert not after.pending()


SHARED = (
    '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f t="shared" si="0"/><v>6</v></c></row></sheetData>'
)


def test_shared_formulas_survive_their_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("S")
    edit_part(path, "xl/worksheets/sheet1.xml", lambda x: x.replace("<sheetData/>", SHARED))
    ours = FileWorkbook(path)
    put(ours, {("S", 1, 0): 20, ("S", 1, 1): "typed", ("S", 3, 1): "new"})
    ours.save()
    sheet = openpyxl.load_workbook(path)["S"]
    assert [sheet[f"B{r}"].value for r in range(1, 5)] == ["=A1*2", "typed", "=A3*2", "new"]
    assert not lint(path)
