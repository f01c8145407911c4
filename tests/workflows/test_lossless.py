"""A refresh loses nothing: a customer table beside other people's content, and a hundred refreshes of a book
in which somebody works. What is compared is taken apart with zipfile and lxml, not with our own code."""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
import re
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import etree

import crm_xl
from crm_xl.errors import CrmXlError
from crm_xl.workflows.refresh_report import RefreshReport
from tests.support import feature_rich
from tests.support.books import formulas
from tests.support.editing import Editor, S, delete_table_row, letters
from tests.support.insert import (
    HEADERS,
    ROWS,
    CannotInsert,
    Inserted,
    Parts,
    boundaries,
    column_letters,
    insert_customers,
    local,
    parse,
    places,
)
from tests.support.validators import assert_clean, findings, need, sdk_validator

FOLDER = os.environ.get("CRM_XL_CORPUS")
CORPUS = sorted(p for p in Path(FOLDER).iterdir() if p.suffix in (".xlsx", ".xlsm")) if FOLDER else []
corpus = pytest.mark.skipif(not FOLDER, reason="CRM_XL_CORPUS names no folder of workbooks")
CHUNKS = 16
VALIDATED = 30
FIRST, LATER = "2024-06-30", "2025-03-31"
ORDERS = [
    ("C002", dt.datetime(2024, 6, 2), 30_000),
    ("C003", dt.datetime(2023, 9, 2), 5_000),
    ("N900", dt.datetime(2024, 6, 3), 12_000),
    ("C006", dt.datetime(2025, 1, 15), 900_000),
]
KEYS = {
    "客户编号": "customer_id", "年消费金额(万元)": "annual_spend", "历史合作次数": "order_count",
    "首次合作时间": "first_order", "最近合作时间": "last_order", "客户类型标签": "segment", "价值层级": "value_tier",
    "活跃状态": "activity", "生命周期阶段": "lifecycle", "RFM 类别": "rfm_class",
}  # fmt: skip

STRICT = "strict_ooxml"
REFUSED = {
    "closedxml-359-universal-content-strict.xlsx": STRICT,
    "open-xml-sdk-008-2D_Rotation-O12-XL-OartEffects.xlsx": STRICT,
    "open-xml-sdk-009-Comments.xlsx": STRICT,
    "open-xml-sdk-373-2D_Rotation-O12-XL-OartEffects.xlsx": STRICT,
    "open-xml-sdk-374-3DRotation-O12-XL-OartTextEffects.xlsx": STRICT,
    "open-xml-sdk-375-3D_Bar-O12-XL-Charts.xlsx": STRICT,
    "open-xml-sdk-376-3D_Rotation_Parallel_-O12-XL-OartEffects.xlsx": STRICT,
    "open-xml-sdk-378-ActiveXControls-O12-XL-Controls.xlsx": STRICT,
    "open-xml-sdk-379-Axis_Title-O12-XL-ChartProperties.xlsx": STRICT,
    "open-xml-sdk-381-Bevel-O12-XL-OartEffects.xlsx": STRICT,
    "open-xml-sdk-390-Contrast-O12-XL-PictureProperties.xlsx": STRICT,
    "open-xml-sdk-397-Hyperlinks_on_OArt_Objects-O12-XL-Hyperlinks.xlsx": STRICT,
    "open-xml-sdk-408-OLE-O12-XL-OLE.xlsx": STRICT,
    "open-xml-sdk-413-Photo_Formats_-_CGM-O12-XL-Pictures.xlsx": STRICT,
    "open-xml-sdk-419-Recolor_Graphics_mode_-O12-XL-PictureProperties.xlsx": STRICT,
    "open-xml-sdk-444-filter_type.xlsx": STRICT,
    "open-xml-sdk-454-xl8galry.xlsx": STRICT,
    "closedxml-217-SheetsWithoutRelId.xlsx": "file_not_workbook",  # its sheets name no part
    "open-xml-sdk-393-FilterByCF.xlsx": "sheet_too_far",  # its only cells begin in column FOO
}
"""Workbooks of the corpus that a refresh refuses -> message key."""


# ------------------------------------------------------------ what a refresh may change

_ROW = re.compile(rb"<((?:[\w.-]+:)?)row\b(?:[^>]*/>|.*?</\1row>)", re.DOTALL)
_CELL = re.compile(rb"<((?:[\w.-]+:)?)c(?=[\s/>])(?:[^>]*/>|.*?</\1c>)", re.DOTALL)
_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*(?:/>|>(.*?)</\1sheetData\s*>)", re.DOTALL)
_START = re.compile(rb"<[^>]*>")
_DIMENSION = re.compile(rb"(<(?:[\w.-]+:)?dimension\b[^>]*\bref=)[\"'][^\"']*[\"']")
_DIRTY = re.compile(rb'(<(?:[\w.-]+:)?f\b[^>]*?) ca="1"')


def attribute(tag: bytes, name: str) -> str:
    found = re.search(rb"\s" + name.encode() + rb"\s*=\s*[\"']([^\"']*)[\"']", tag)
    return found[1].decode() if found else ""


class SheetBytes:
    """A sheet cut into what stands around its cells, its rows without their cells, and the bytes of each cell."""

    def __init__(self, xml: bytes) -> None:
        data = _DATA.search(xml)
        assert data is not None
        self.around = xml[: data.start()], xml[data.end() :]
        self.rows: dict[int, bytes] = {}
        self.cells: dict[str, bytes] = {}
        row = 0
        for line in _ROW.finditer(data[2] or b""):
            start = _START.match(line[0])
            assert start is not None
            row = int(attribute(start[0], "r") or row + 1)
            assert row not in self.rows, f"row {row} is there twice"
            body = re.sub(rb"\s*/?>$|\s+spans=[\"'][^\"']*[\"']", b"", start[0])
            rest = _CELL.sub(b"", line[0][start.end() :]).replace(b"</" + line[1] + b"row>", b"")
            self.rows[row] = body + rest.strip()
            column = 0
            for cell in _CELL.finditer(line[0], start.end()):
                tag = _START.match(cell[0])
                assert tag is not None
                found = boundaries(attribute(tag[0], "r"))
                column = found[1] if found else column + 1
                name = f"{column_letters(column)}{row}"
                assert name not in self.cells, f"cell {name} is there twice"
                self.cells[name] = cell[0]


def spread(ranges: list[str]) -> set[str]:
    found = set()
    for name in ranges:
        area = boundaries(name)
        assert area is not None, name
        r1, c1, r2, c2 = area
        found |= {f"{column_letters(c)}{r}" for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    return found


def assert_sheet_kept(old: bytes, new: bytes, named: set[str], formatted: set[str], grown: bool) -> None:
    """Only named cells differ, byte for byte; `formatted`: cells of new rows, which may be there empty, with the
    format of the row above. Around the cells nothing differs but the dimension, and if `grown` what ends on the
    table's last row. A formula of the user's may be marked for calculation."""
    a, b = SheetBytes(old), SheetBytes(new)
    for name in a.cells.keys() | b.cells.keys():
        before, after = a.cells.get(name), b.cells.get(name)
        if before == after or name in named:
            continue
        if before is None and name in formatted:
            assert after is not None and len(parse_cell(after)) == 0, name
            continue
        assert before and after, (name, before, after)
        before, after = (_DIRTY.sub(rb"\1", blanked(x) if grown else x) for x in (before, after))
        assert before == after, (name, before, after)
    assert all(b.rows[row] == tag for row, tag in a.rows.items())
    cells = named | formatted
    assert b.rows.keys() - a.rows.keys() <= {int(re.sub(r"\D", "", name)) for name in cells}
    assert list(b.rows) == sorted(b.rows)
    before, after = (b"\0".join(s.around) for s in (a, b))
    if grown:
        assert blanked(before) == blanked(after)
    else:
        assert _DIMENSION.sub(rb"\1", before) == _DIMENSION.sub(rb"\1", after)


def parse_cell(xml: bytes) -> Any:
    prefix = re.match(rb"<([\w.-]+):", xml)
    name = f":{prefix[1].decode()}" if prefix else ""
    return etree.fromstring(f'<x xmlns{name}="urn:x">'.encode() + xml + b"</x>")[0]


_REFERENCE = re.compile(rb"(\$?[A-Z]{1,3}\$?)\d+")
_CACHE = re.compile(rb"<c:(num|str)Cache>.*?</c:\1Cache>", re.DOTALL)


def blanked(xml: bytes) -> bytes:
    """A part without row numbers in references and without the caches of charts: what growth may change."""
    return _REFERENCE.sub(rb"\1", _CACHE.sub(b"", xml))


def assert_strings_kept(old: bytes, new: bytes) -> None:
    """The new part is the old one with texts behind it; only its counts differ."""

    def uncounted(xml: bytes) -> bytes:
        return re.sub(rb'\s(?:count|uniqueCount)="\d*"', b"", xml)

    before, after = uncounted(old), uncounted(new)
    head = re.sub(rb"</(?:[\w.-]+:)?sst\s*>\s*$", b"", before)
    tail = before[len(head) :]
    extension = re.search(rb"<(?:[\w.-]+:)?extLst\b", head)
    head = head[: extension.start()] if extension else head
    assert after.startswith(head) and after.endswith(tail)
    items = [e for e in parse(new) if local(e) == "si"]
    assert parse(new).get("uniqueCount") in (None, str(len(items)))


def assert_list_kept(old: bytes, new: bytes) -> None:
    """Content types or relationships: the calculation chain may go, a part of shared strings may come."""
    a, b = ([etree.tostring(e, method="c14n") for e in parse(xml)] for xml in (old, new))
    assert [x for x in b if x in a] == [x for x in a if x in b]
    assert all(b"calcChain" in x for x in a if x not in b)
    assert all(b"sharedStrings" in x for x in b if x not in a)


def assert_kept(
    before: Path, after: Path, report: RefreshReport, new_rows: Mapping[str, set[str]], grown: bool
) -> None:
    """`new_rows`: sheet -> cells of rows that a table gained. `grown`: whether something of the user's ends on the
    table's last row."""
    old, new = Parts(before), Parts(after)
    assert [n for n in new.data if n in old.data] == [n for n in old.data if n in new.data]
    differing = {n for n in old.data.keys() | new.data.keys() if old.data.get(n) != new.data.get(n)}
    assert differing == set(report.parts)
    sheets = {part: name for name, part in old.sheets().items()}
    for part in sorted(differing):
        a, b = old.data.get(part), new.data.get(part)
        if b is None:
            assert part.lower().endswith("calcchain.xml"), part
        elif a is None:
            assert part.endswith("sharedStrings.xml"), part
        elif part in sheets:
            name = sheets[part]
            assert_sheet_kept(a, b, spread(report.cells.get(name, [])), set(new_rows.get(name, ())), grown)
        elif part == old.first(old.book, "sharedStrings"):
            assert_strings_kept(a, b)
        elif part == "[Content_Types].xml" or part.endswith(".rels"):
            assert_list_kept(a, b)
        elif re.search(r"/tables/", part) or grown:
            assert blanked(a) == blanked(b), part
        else:
            raise AssertionError(f"{part} changed")


# ------------------------------------------------------------ what a refresh must give


def write_orders(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["客户编号", "订单日期", "金额"])
        out.writerows((c, f"{d:%Y-%m-%d}", a) for c, d, a in ORDERS)
    return path


def expected_tables() -> dict[str, dict[str, list[object]]]:
    """Date -> column -> cells, by `analyse` on the same rows; the later date goes on from the earlier one."""
    orders = pd.DataFrame(ORDERS, columns=["客户编号", "订单日期", "金额"])
    rows = pd.DataFrame([dict(zip(HEADERS, row, strict=False)) for row in ROWS], dtype=object)
    found = {}
    for day in (FIRST, LATER):
        made = crm_xl.analyse(rows, orders, as_of=day).customers
        found[day] = {header: made[key].tolist() for header, key in KEYS.items()}
        rows = pd.DataFrame({h: found[day][h] for h in list(KEYS)[:5]}, dtype=object)
    return found


def table_cells(path: Path, place: Inserted) -> tuple[dict[str, list[object]], set[str]]:
    """Header -> stored values of the table, by its own reference, and the names of its cells in its last row."""
    parts = Parts(path)
    area = boundaries(parse(parts.data[place.table]).get("ref"))
    assert area is not None
    top, left, bottom, right = area
    strings = parts.first(parts.book, "sharedStrings")
    texts = [] if strings is None else [text_of(e) for e in parse(parts.data[strings]) if local(e) == "si"]
    root = parse(parts.data[place.part])
    data = next(e for e in root if local(e) == "sheetData")
    cells = {}
    for row, column, cell in places(data):
        if top <= row <= bottom and left <= column <= right:
            cells[row, column] = value_of(cell, texts)
    headers = [cells[top, c] for c in range(left, right + 1)]
    table = {str(h): [cells.get((r, left + i)) for r in range(top + 1, bottom + 1)] for i, h in enumerate(headers)}
    return table, {f"{column_letters(c)}{bottom}" for c in range(left, right + 1)}


def text_of(item: Any) -> str:
    runs = [t.text or "" for t in item.iter() if local(t) == "t" and local(t.getparent()) != "rPh"]
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), "".join(runs))


def value_of(cell: Any, texts: list[str]) -> object:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return text_of(cell)
    value = next((e.text or "" for e in cell if local(e) == "v"), None)
    if value is None or value == "":
        return None
    if kind == "s":
        return texts[int(value)]
    return float(value) if kind == "n" else value


def assert_results(table: Mapping[str, list[object]], expected: Mapping[str, list[object]], epoch: dt.datetime) -> None:
    for header, cells in expected.items():
        assert len(table[header]) == len(cells)
        for found, cell in zip(table[header], cells, strict=True):
            if isinstance(cell, dt.datetime):
                cell = (cell - epoch).days
            if isinstance(cell, (int, float)):
                assert found == pytest.approx(cell, abs=1e-6), header
            else:
                assert (found or None) == (cell or None), header


def assert_three_refreshes(book: Path, place: Inserted, orders: Path, expected: Any, grown: bool = False) -> None:
    """A first refresh that adds a customer, one with nothing new, one at a later date."""
    parts = Parts(book)
    in_1904 = any(e.get("date1904") in ("1", "true") for e in parse(parts.data[parts.book]).iter("{*}workbookPr"))
    epoch = dt.datetime(1904, 1, 1) if in_1904 else dt.datetime(1899, 12, 30)
    typed, _ = table_cells(book, place)
    before = book.with_name("before" + book.suffix)
    for day in (FIRST, LATER):
        before.write_bytes(book.read_bytes())
        report = crm_xl.refresh(book, as_of=day, orders=orders)
        assert report.changed and report.added == (["N900"] if day == FIRST else [])
        table, last = table_cells(book, place)
        assert_kept(before, book, report, {place.sheet: last} if report.added else {}, grown)
        assert_results(table, expected[day], epoch)
        assert [n[: len(ROWS)] for n in (table["客户名称"], table["我的备注"])] == [
            typed["客户名称"],
            typed["我的备注"],
        ]
        if day == FIRST:
            whole = book.read_bytes()
            again = crm_xl.refresh(book, as_of=day, orders=orders)
            assert not again.changed and again.parts == [] and book.read_bytes() == whole


# ------------------------------------------------------------ other people's workbooks


def inserted(path: Path, folder: Path, own_sheet: bool) -> tuple[Path, Inserted] | None:
    out = folder / f"book{path.suffix}"
    try:
        return out, insert_customers(path, out, own_sheet=own_sheet)
    except (CannotInsert, zipfile.BadZipFile, KeyError):
        return None


def refused_key(path: Path, **options: Any) -> str | None:
    before = path.read_bytes()
    try:
        crm_xl.refresh(path, **options)
    except CrmXlError as error:
        assert path.read_bytes() == before
        return error.key
    return None


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, list[object]]]:
    return expected_tables()


def cases(paths: list[Path], folder: Path) -> Iterator[tuple[Path, Path, Inserted]]:
    """Workbooks with the table in them: beside the content; a sixth of them, and those without room, on a
    sheet of its own."""
    for number, path in enumerate(paths):
        beside = inserted(path, folder, own_sheet=False)
        if beside:
            yield path, *beside
        if not beside or number % 6 == 0:
            apart = inserted(path, folder, own_sheet=True)
            if apart:
                yield path, *apart


@corpus
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_other_peoples_workbooks(chunk: int, tmp_path: Path, expected: Any) -> None:
    orders = write_orders(tmp_path / "orders.csv")
    done = 0
    failed = []
    for path, book, place in cases(CORPUS[chunk::CHUNKS], tmp_path):
        try:
            assert_three_refreshes(book, place, orders, expected)
            done += 1
        except (AssertionError, CrmXlError) as error:
            if not isinstance(error, CrmXlError) or REFUSED.get(path.name) != error.key:
                failed.append(f"{path.name} {place.sheet}: {str(error)[:400]}")
    assert not failed, "\n".join(failed)
    assert done >= len(CORPUS) // CHUNKS // 2


@corpus
def test_those_that_cannot_take_a_table_are_refused(tmp_path: Path) -> None:
    found = {}
    for path in CORPUS:
        if not any(inserted(path, tmp_path, own_sheet) for own_sheet in (False, True)):
            copy = tmp_path / path.name
            copy.write_bytes(path.read_bytes())
            found[path.name] = refused_key(copy, as_of=FIRST)
    # a workbook without cell formats has none for a date: this editor gives up, crm_xl finds no table
    assert found.pop("closedxml-126-EmptyStyles.xlsx") == "no_customers"
    assert found == {name: key for name, key in REFUSED.items() if key == STRICT}


@corpus
def test_a_refresh_brings_no_finding(tmp_path: Path) -> None:
    """A sample: neither this editor nor a refresh makes a validator say what it did not say of the original."""
    need(sdk_validator() is not None, "ooxml-validator (npm) is not installed")
    orders = write_orders(tmp_path / "orders.csv")
    sample = random.Random(20240630).sample([p for p in CORPUS if p.name not in REFUSED], VALIDATED)

    def found(path: Path) -> list[str]:
        folder = tmp_path / path.stem
        folder.mkdir()
        put = inserted(path, folder, own_sheet=False) or inserted(path, folder, own_sheet=True)
        if put is None:
            return []
        crm_xl.refresh(put[0], as_of=FIRST, orders=orders)
        after = {uncounted(line): line for line in findings(put[0])}
        before = {uncounted(line) for line in findings(path)} if after else set()
        return [f"{path.name}: {line}" for key, line in after.items() if key not in before]

    def uncounted(line: str) -> str:
        return re.sub(r"\d+ inline-string", "inline-string", line)

    with ThreadPoolExecutor(2) as pool:  # the validator is a process of its own
        lines = [line for found_here in pool.map(found, sample) for line in found_here]
    assert not lines, "\n".join(lines)


# ------------------------------------------------------------ a department's workbook


def department(path: Path) -> Inserted:
    feature_rich.make_department(path)
    return Inserted(
        feature_rich.CUSTOMER_SHEET, "xl/worksheets/sheet1.xml", "xl/tables/table1.xml", feature_rich.TOP, 1
    )


def test_a_departments_workbook(tmp_path: Path, expected: Any) -> None:
    """Slicer, shapes, threaded comment, sparkline, newer rules, custom XML, chart, picture, checkbox, form control,
    dynamic array, pivot, print settings, query table, macros: kept, or grown with the table."""
    book = tmp_path / "部门.xlsm"
    place = department(book)
    assert_three_refreshes(book, place, write_orders(tmp_path / "orders.csv"), expected, grown=True)
    parts = Parts(book)
    old, new = f"{feature_rich.LAST}", f"{feature_rich.LAST + 1}"
    sheet = parts.data[place.part].decode()
    for text in (
        'sqref="D4:D{}"', 'sqref="E4:E{}"', 'sqref="A4:C{}"', "AVERAGE($D$4:$D${})", "<xm:sqref>D4:D{}<",
        "<xm:sqref>C4:C{}<", "客户!D4:D{}<",
    ):  # fmt: skip
        assert text.format(new) in sheet and text.format(old) not in sheet, text
    names = parts.data["xl/workbook.xml"].decode()
    assert f"客户!$A$4:$A${new}<" in names and f"客户!$A$1:$M${new}<" in names
    chart = parts.data["xl/charts/chart1.xml"].decode()
    assert f"$D$4:$D${new}<" in chart and f"$B$4:$B${new}<" in chart and chart.count('<c:ptCount val="7"/>') == 2
    pivot = parts.data["xl/pivotCache/pivotCacheDefinition1.xml"].decode()
    assert f'ref="A3:M{new}"' in pivot
    cells = SheetBytes(parts.data["xl/worksheets/sheet2.xml"]).cells
    assert f"客户!D4:D{new})".encode() in cells["D2"]
    for kept in ("xl/vbaProject.bin", "xl/charts/chart2.xml", "xl/slicers/slicer1.xml", "xl/ctrlProps/ctrlProp1.xml"):
        assert kept in parts.data


def test_a_departments_workbook_stays_valid(tmp_path: Path) -> None:
    book = tmp_path / "部门.xlsm"
    department(book)
    assert_clean(book, ours=False)
    crm_xl.refresh(book, as_of=FIRST, orders=write_orders(tmp_path / "orders.csv"))
    assert_clean(book, ours=False)


# ------------------------------------------------------------ a hundred refreshes

STEPS = 100
COMMENTS = b'<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><authors><author>Li</author>\
</authors><commentList><comment ref="A3" authorId="0"><text><t>keep</t></text></comment></commentList></comments>'


def settled(path: Path) -> None:
    """What a user sets up once: two columns in each other's place, a column of their own at the end, a filter with
    a hidden row, a sort order, a hidden column, a validation, a comment."""
    editor = Editor(path)
    sheet, table, headers, (top, left, bottom, right) = editor.table("Customers")
    a, b = headers.index("所属行业"), headers.index("负责人")
    columns = table.find(f"{S}tableColumns")
    for i, j in ((a, b), (b, a)):
        columns[i].set("name", headers[j])
        editor.set(sheet, f"{letters(left + i)}{top}", headers[j])
    own = etree.SubElement(columns, f"{S}tableColumn", id="900", name="我的列")
    columns.set("count", str(len(columns)))
    editor.set(sheet, f"{letters(right + 1)}{top}", own.get("name"))
    table.set("ref", f"{letters(left)}{top}:{letters(right + 1)}{bottom}")
    filters = table.find(f"{S}autoFilter")
    filters.set("ref", table.get("ref"))
    chosen = etree.SubElement(etree.SubElement(filters, f"{S}filterColumn", colId="1"), f"{S}filters")
    etree.SubElement(chosen, f"{S}filter", val="甲")
    order = etree.Element(f"{S}sortState", ref=f"{letters(left)}{top + 1}:{letters(right + 1)}{bottom}")
    etree.SubElement(order, f"{S}sortCondition", ref=f"{letters(left)}{top + 1}:{letters(left)}{bottom}")
    filters.addnext(order)
    root = editor.sheet(sheet)
    next(r for r in root.find(f"{S}sheetData") if r.get("r") == str(top + 2)).set("hidden", "1")
    root.find(f"{S}cols")[2].set("hidden", "1")
    part = editor.sheets[sheet]
    rels = part.replace("worksheets/", "worksheets/_rels/") + ".rels"
    links = etree.fromstring(editor.parts[rels])
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    etree.SubElement(links, links[0].tag, Id="rId99", Type=kind, Target="../comments9.xml")
    editor.parts[rels] = etree.tostring(links)
    editor.parts["xl/comments9.xml"] = COMMENTS
    editor.save()


def kept_settings(path: Path) -> dict[str, object]:
    """What `settled` did and the template has, as far as no row number is in it."""
    editor = Editor(path)
    sheet, table, headers, _ = editor.table("Customers")
    root = editor.sheet(sheet)
    filters = [etree.tostring(e) for e in table.iter(f"{S}filterColumn")]
    return {
        "headers": headers,
        "filters": filters,
        "sorted": len(table.findall(f"{S}sortState/{S}sortCondition")),
        "columns": etree.tostring(root.find(f"{S}cols")),
        "validations": len(list(root.iter(f"{S}dataValidation"))),
        "rules": [etree.tostring(e) for e in root.iter(f"{S}cfRule") if e.find(f"{S}formula") is None],
        "comments": editor.parts["xl/comments9.xml"],
        "panes": [etree.tostring(e) for e in root.iter(f"{S}sheetViews")],
    }


def rows_of(path: Path, table: str = "Customers") -> list[dict[str, object]]:
    """The rows of a table by header, as stored; empty ones at the end are left out."""
    editor = Editor(path)
    sheet, part = editor.tables[table]
    columns, _ = table_cells(path, Inserted(sheet, editor.sheets[sheet], part, 0, 0))
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    while rows and all(cell in (None, "") for cell in rows[-1].values()):
        rows.pop()
    return rows


def hidden_rows(path: Path) -> set[object]:
    """The customers whose row is hidden."""
    editor = Editor(path)
    sheet, _, _, (top, _, _, _) = editor.table("Customers")
    hidden = {int(r.get("r")) for r in editor.sheet(sheet).find(f"{S}sheetData") if r.get("hidden") == "1"}
    return {row["客户编号"] for i, row in enumerate(rows_of(path)) if top + 1 + i in hidden}


def type_customer(path: Path, values: Mapping[str, object]) -> None:
    """Type below the last customer, and let the table grow over it; no formula is filled in."""
    editor = Editor(path)
    sheet, _, headers, (top, left, bottom, _) = editor.table("Customers")
    used = len(rows_of(path))
    for header, value in values.items():
        editor.set(sheet, f"{letters(left + headers.index(header))}{top + 1 + used}", value)
    editor.resize("Customers", max(used + 1, bottom - top))
    editor.save()


def exchange(path: Path, first: int, second: int) -> None:
    """What sorting by hand does to two rows: every cell of the table changes places, with its format."""
    editor = Editor(path)
    sheet, _, _, (top, left, _, right) = editor.table("Customers")
    rows = {r.get("r"): r for r in editor.sheet(sheet).find(f"{S}sheetData")}
    names = [str(top + 1 + first), str(top + 1 + second)]
    for column in range(left, right + 1):
        cells = [next((c for c in rows[n] if c.get("r") == f"{letters(column)}{n}"), None) for n in names]
        for cell, other, number in zip(cells, reversed(cells), names, strict=True):
            if cell is not None:
                rows[number].remove(cell)
            if other is not None:
                other.set("r", f"{letters(column)}{number}")
        for cell, number in zip(reversed(cells), names, strict=True):
            if cell is not None:
                rows[number].append(cell)
    for name in names:
        rows[name][:] = sorted(rows[name], key=lambda c: (len(c.get("r")), c.get("r")))
    editor.save()


def type_order(path: Path, number: int, customer: str, day: dt.datetime) -> None:
    editor = Editor(path)
    sheet, _, headers, (top, left, bottom, _) = editor.table("Orders")
    used = len(rows_of(path, "Orders"))
    values = {"订单号": f"X{number}", "客户编号": customer, "订单日期": day, "金额(元)": 1000.0 * number}
    for header, value in values.items():
        editor.set(sheet, f"{letters(left + headers.index(header))}{top + 1 + used}", value)
    editor.resize("Orders", max(used + 1, bottom - top))
    editor.save()


def test_a_hundred_refreshes(tmp_path: Path) -> None:
    customers = pd.DataFrame({"客户编号": [f"C{i}" for i in range(1, 9)], "客户名称": list("甲乙丙丁戊己庚辛")})
    customers.to_csv(tmp_path / "c.csv", index=False)
    book = tmp_path / "b.xlsx"
    crm_xl.new_workbook(book, template="customer-info", customers=tmp_path / "c.csv", as_of=FIRST)
    settled(book)
    settings = kept_settings(book)
    everywhere = formulas(book)
    assert "客户类型标签" in everywhere
    rng, day = random.Random(7), dt.datetime(2024, 6, 30)
    ids = customers["客户编号"].tolist()
    own: dict[str, object] = {}
    gone: set[str] = set()
    hidden = hidden_rows(book)
    assert len(hidden) == 1
    for step in range(1, STEPS + 1):
        what = rng.choice(
            ["type", "delete", "exchange", "note", "order", "order of the deleted", "new by order", "day"]
        )
        if what == "type":
            ids.append(f"T{step}")
            own[ids[-1]] = f"own {step}"
            type_customer(book, {"客户编号": ids[-1], "客户名称": f"新{step}", "我的列": own[ids[-1]]})
        elif what == "delete" and len(ids) > 4:
            at = rng.randrange(len(ids))
            gone.add(ids[at])
            hidden.discard(ids[at])
            delete_table_row(book, "Customers", at)
            del ids[at]
        elif what == "exchange":
            i, j = rng.sample(range(len(ids)), 2)
            exchange(book, i, j)
            swap = {ids[i]: ids[j], ids[j]: ids[i]}  # a row stays hidden, whoever stands in it
            hidden = {swap.get(str(name), name) for name in hidden}
            ids[i], ids[j] = ids[j], ids[i]
        elif what == "note":
            editor = Editor(book)
            sheet, _, headers, (top, left, _, _) = editor.table("Customers")
            at = rng.randrange(len(ids))
            own[ids[at]] = f" 备注 <{step}> "
            editor.set(sheet, f"{letters(left + headers.index('我的列'))}{top + 1 + at}", own[ids[at]])
            editor.save()
        elif what == "order":
            type_order(book, step, rng.choice(ids), day)
        elif what == "order of the deleted" and gone:
            type_order(book, step, rng.choice(sorted(gone)), day)
        elif what == "new by order":
            type_order(book, step, f"N{step}", day)
            ids.append(f"N{step}")
        day += dt.timedelta(days=rng.choice([0, 0, 10, 40]))
        report = crm_xl.refresh(book, as_of=day.date(), formulas="row")
        rows = rows_of(book)
        told = f"step {step}: {what}"
        assert [r["客户编号"] for r in rows] == ids, told
        assert {r["客户编号"]: r["我的列"] for r in rows if r["我的列"]} == {
            k: v for k, v in own.items() if k in ids
        }, told
        assert not gone & set(ids) and set(report.deleted_kept_out) <= gone, told
        assert all(r["客户类型标签"] for r in rows), told
        assert hidden_rows(book) == hidden, told
        if step % 10 == 0:
            assert kept_settings(book) == settings, told
            assert_all_formulas(book, everywhere)
            whole = book.read_bytes()
            assert not crm_xl.refresh(book, as_of=day.date(), formulas="row").changed and book.read_bytes() == whole


def assert_all_formulas(book: Path, headers: set[str]) -> None:
    """Every row of the table has its formulas."""
    editor = Editor(book)
    sheet, _, names, (top, left, _, _) = editor.table("Customers")
    cells = {c.get("r"): c for c in editor.sheet(sheet).iter(f"{S}c")}
    for i in range(len(rows_of(book))):
        for header in headers:
            cell = cells[f"{letters(left + names.index(header))}{top + 1 + i}"]
            assert cell.find(f"{S}f") is not None, cell.get("r")
