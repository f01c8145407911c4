"""Random writes into random workbooks, read back by two readers that are not ours."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import openpyxl
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from crm_xl.workbook.file_workbook import FileWorkbook
from tests.support.packages import book_of, prefixed, with_inline_strings, without_references, write_members

SHEET, OTHER = "客户", "It's"
TOP, LEFT = 2, 8
HEADERS = ["客户编号", "客户名称", "历史合作次数", "最近合作时间", "我的列", "双倍"]
ID, NAME, COUNT, DATE, OWN, DOUBLE = range(len(HEADERS))
FORMULA = "Customers[[#This Row],[历史合作次数]]*2"
NAMED = (1, 6)
"""The cell that the name Mine leads to."""
EPOCH = dt.datetime(1899, 12, 30)

Place: TypeAlias = "tuple[str, int, int]"
Edit: TypeAlias = "tuple[str, Any]"

texts = st.one_of(
    st.sampled_from(
        [" 前后 ", "两\n行", "_x0041_", "_x000D_", "=1+1", "<&>\"'", "]]>", "a  b", "\t", "TRUE", "007", "#N/A"]
    ),
    st.text(
        st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9
    ),
)
# XlsxWriter stores 16 digits
numbers = st.integers(-(10**9), 10**9) | st.integers(-(10**12), 10**12).map(lambda n: n / 1000)
days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)).map(lambda d: dt.datetime(d.year, d.month, d.day))
formula_results = st.one_of(numbers, st.sampled_from(["text", True, "#N/A", "#DIV/0!"]))
user_cells = st.one_of(texts, numbers, st.booleans(), days, formula_results.map(lambda v: ("=1+1", v)), st.none())
# the left part of the sheet, and rows above, beside and below the table's
user_content = st.dictionaries(st.tuples(st.integers(0, 14), st.integers(0, 5)), user_cells, max_size=25)
table_rows = st.lists(
    st.tuples(texts, st.none() | numbers, st.none() | days, st.none() | texts), min_size=1, max_size=4
)
new_row = st.fixed_dictionaries(
    {"customer_id": texts}, optional={"customer_name": st.none() | texts, "order_count": numbers, "last_order": days}
)
columns = st.one_of(
    st.tuples(st.just("customer_name"), st.lists(st.none() | texts | numbers | st.booleans(), max_size=4)),
    st.tuples(st.just("order_count"), st.lists(st.none() | numbers | texts, max_size=4)),
    st.tuples(st.just("last_order"), st.lists(st.none() | days, max_size=4)),
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("column"), columns),
        st.tuples(st.just("append"), st.lists(new_row, min_size=1, max_size=3)),
        st.tuples(st.just("replace"), st.lists(new_row, min_size=1, max_size=6)),
        st.tuples(st.just("name"), st.one_of(texts, numbers, st.booleans(), st.none())),
    ),
    min_size=1,
    max_size=5,
)
shapes = st.sets(st.sampled_from(["shared formulas", "inline strings", "no references", "no spans", "prefix"]))
some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def make(path: Path, content: Mapping[tuple[int, int], Any], rows: Sequence[Sequence[Any]], shape: set[str]) -> Path:
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet, other = book.add_worksheet(SHEET), book.add_worksheet(OTHER)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    for target in (sheet, other):
        for (row, column), value in content.items():
            if isinstance(value, tuple):
                target.write_formula(row, column, value[0], None, value[1])
            elif isinstance(value, str):
                target.write_string(row, column, value)
            elif value is not None:
                target.write(row, column, value, date if isinstance(value, dt.datetime) else None)
    for i in range(3):
        other.write_formula(20 + i, 3, f"=A{i + 1}+1", None, i)
        sheet.write_formula(20 + i, 3, f"=A{i + 1}+1", None, i)
    definitions: list[dict[str, Any]] = [{"header": h} for h in HEADERS]
    definitions[DOUBLE]["formula"] = f"={FORMULA}"
    last = TOP + len(rows)
    sheet.add_table(TOP, LEFT, last, LEFT + DOUBLE, {"name": "Customers", "columns": definitions})
    for i, (name, count, day, own) in enumerate(rows):
        r = TOP + 1 + i
        sheet.write_string(r, LEFT + ID, f"C{i}")
        sheet.write_string(r, LEFT + NAME, name)
        sheet.write(r, LEFT + COUNT, count)
        sheet.write(r, LEFT + DATE, day, date)
        if own is not None:
            sheet.write_string(r, LEFT + OWN, own)
        sheet.write_formula(r, LEFT + DOUBLE, f"={FORMULA}", None, (count or 0) * 2)
    book.define_name("Mine", f"={SHEET}!$G$2")
    book.close()
    parts = book_of(out.getvalue())
    for part in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        parts[part] = reshaped(parts[part], parts["xl/sharedStrings.xml"], shape)
    return write_members(path, parts)


def reshaped(xml: bytes, strings: bytes, shape: set[str]) -> bytes:
    if "shared formulas" in shape and "no references" not in shape:  # openpyxl reads no file with both
        xml = xml.replace(b"<f>A1+1</f>", b'<f t="shared" ref="D21:D23" si="0">A1+1</f>')
        xml = xml.replace(b"<f>A2+1</f>", b'<f t="shared" si="0"/>').replace(b"<f>A3+1</f>", b'<f t="shared" si="0"/>')
    if "inline strings" in shape:
        xml = with_inline_strings(xml, strings)
    if "no references" in shape:
        xml = without_references(xml)
    if "no spans" in shape:
        xml = re.sub(rb' spans="[^"]*"', b"", xml)
    return prefixed(xml) if "prefix" in shape else xml


class Model:
    """The table and the named cell as they should be after each edit, cell by cell."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.first = len(rows)
        self.rows: list[list[Any]] = [
            [f"C{i}", name, count, day, own, (count or 0) * 2] for i, (name, count, day, own) in enumerate(rows)
        ]
        self.most = len(rows)
        self.name: Any = None
        self.named = False

    def apply(self, edit: Edit) -> Edit:
        """The edit as the public methods take it: no column is longer than the table."""
        keys = {"customer_id": ID, "customer_name": NAME, "order_count": COUNT, "last_order": DATE}
        kind, value = edit
        if kind == "name":
            self.name, self.named = value, True
        elif kind == "column":
            key, cells = value
            cells = cells[: len(self.rows)]
            for row, cell in zip(self.rows, cells, strict=False):
                row[keys[key]] = cell
            return kind, (key, cells)
        else:
            if kind == "replace":
                del self.rows[len(value) :]
            start = 0 if kind == "replace" else len(self.rows)
            for i, given in enumerate(value, start):
                if i == len(self.rows):
                    self.rows.append([None] * len(HEADERS))
                for key, cell in given.items():
                    self.rows[i][keys[key]] = cell
        self.most = max(self.most, len(self.rows))
        return edit

    def cells(self) -> dict[Place, object]:
        """Every cell that an edit may have touched."""
        found: dict[Place, object] = {}
        for i in range(self.most):
            row = self.rows[i] if i < len(self.rows) else [None] * len(HEADERS)
            found |= {(SHEET, TOP + 1 + i, LEFT + j): shown(cell) for j, cell in enumerate(row)}
        if self.named:
            found[SHEET, *NAMED] = shown(self.name)
        return found


def perform(book: FileWorkbook, edit: Edit) -> None:
    kind, value = edit
    if kind == "name":
        book.write_name("Mine", value)
    elif kind == "column":
        book.write_column("Customers", value[0], value[1])
    elif kind == "append":
        book.append_rows("Customers", value)
    else:
        book.replace_rows("Customers", value, formulas=False)


def shown(value: object) -> object:
    """A value as any reader should give it: days as serial numbers, numbers as floats, an empty text as nothing."""
    if isinstance(value, dt.datetime):
        return float((value - EPOCH).days)
    if isinstance(value, dt.date):
        return float((dt.datetime(value.year, value.month, value.day) - EPOCH).days)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return value or None


def by_openpyxl(path: Path, *, values: bool = True) -> dict[Place, object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, data_only=values)
    found = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                value = cell.value
                if isinstance(value, str):  # it leaves the escape where a text stands in the cell itself
                    value = re.sub(r"_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", value)
                if shown(value) is not None:
                    found[sheet.title, cell.row - 1, cell.column - 1] = shown(value)
    return found


def by_calamine(path: Path) -> dict[Place, object]:
    book = CalamineWorkbook.from_path(str(path))
    return {
        (name, r, c): shown(value)
        for name in book.sheet_names
        for r, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        for c, value in enumerate(row)
        if shown(value) is not None
    }


def filled(cells: Mapping[Place, object]) -> dict[Place, object]:
    return {place: value for place, value in cells.items() if value is not None}


@some
@given(user_content, table_rows, edits, shapes)
def test_written_cells_have_their_value_and_all_others_their_old_one(
    content: dict[tuple[int, int], Any], rows: list[Any], asked: list[Edit], shape: set[str]
) -> None:
    with TemporaryDirectory() as folder:
        path = make(Path(folder, "b.xlsx"), content, rows, shape)
        readers = (by_openpyxl, by_calamine)
        before = [read(path) for read in readers]
        model = Model(rows)
        book = FileWorkbook(path)
        for edit in asked:
            perform(book, model.apply(edit))
        book.save()
        written = model.cells()
        for read, old in zip(readers, before, strict=True):
            kept = {place: value for place, value in old.items() if place not in written}
            assert read(path) == kept | filled(written), read.__name__
        # a formula outside the rows that were written is the same, too
        formulas = by_openpyxl(path, values=False)
        assert formulas[OTHER, 20, 3] == "=A1+1" and formulas[SHEET, 22, 3] == "=A3+1"


@some
@given(user_content, table_rows, edits, shapes)
def test_one_save_or_several_give_the_same_cells(
    content: dict[tuple[int, int], Any], rows: list[Any], asked: list[Edit], shape: set[str]
) -> None:
    with TemporaryDirectory() as folder:
        once = make(Path(folder, "once.xlsx"), content, rows, shape)
        often = Path(folder, "often.xlsx")
        often.write_bytes(once.read_bytes())
        model = Model(rows)
        book = FileWorkbook(once)
        for edit in asked:
            edit = model.apply(edit)
            perform(book, edit)
            step = FileWorkbook(often)
            perform(step, edit)
            step.save(backup=False)
        book.save(backup=False)
        assert by_calamine(once) == by_calamine(often)
        assert by_openpyxl(once) == by_openpyxl(often)
        assert by_openpyxl(once, values=False) == by_openpyxl(often, values=False)
        assert FileWorkbook(once).place_of("Customers").last == FileWorkbook(often).place_of("Customers").last
