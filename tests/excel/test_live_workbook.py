"""A refresh inside Excel gives what the command gives on the file, and leaves no half of one behind."""

from __future__ import annotations

import datetime as dt
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.errors import CrmXlError
from crm_xl.excel.live_workbook import Changes, Formula, LiveWorkbook, _joined, entered, same, spelt_out
from crm_xl.excel.session import quiet
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workflows.importing import import_source
from crm_xl.workflows.new import new_workbook
from crm_xl.workflows.opening import customer_table, detect_lang
from crm_xl.workflows.refresh import refresh, refresh_book
from tests.support.books import foreign
from tests.support.excel_books import Opened, answers_of, opened
from tests.support.excel_model import MANUAL, AutoFilter, Cell, Range, as_cells, as_tables, open_in_model
from tests.support.packages import edit_part
from tests.support.pywin32 import ComError

AS_OF = dt.date(2024, 6, 30)
HEADERS = (
    "客户编号",
    "客户名称",
    "年消费金额(万元)",
    "历史合作次数",
    "月均合作次数",
    "最近合作时间",
    "备注",
    "客户类型标签",
    "价值层级",
)


SAMPLES = [("customer-info", "row"), ("customer-info", "spill"), ("customer-info", "values"), ("full", "spill")]


@pytest.fixture(scope="module", params=SAMPLES, ids="-".join)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample a month ago."""
    template, form = request.param
    path = tmp_path_factory.mktemp("live") / f"{template}-{form}.xlsx"
    new_workbook(path, template=template, sample=True, as_of="2024-05-31", formulas=form)
    return path


def small_book(folder: Path, form: Any) -> Path:
    """A small workbook of ours; a customer who has an order is missing."""
    day = dt.datetime(2024, 3, 1)
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), [(f"C{i}", day, 10_000 * i) for i in range(9)])}
    lines = [(f"C{i}", f"客户{i}", i * 3, i, 1, day, None, None, None) for i in range(8)]
    source = foreign(folder / "source.xlsx", HEADERS, lines, more=more)
    path = folder / f"{form}.xlsx"
    new_workbook(path, template="customer-info", customers=source, as_of="2024-05-31", formulas=form)
    import_source(path, source, "orders", sheet="Orders")
    return path


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("live"), "row")


@pytest.fixture(scope="module", params=["row", "spill", "values"])
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("live"), request.param)


def refreshed(there: Opened, form: Any = None) -> tuple[LiveWorkbook, Changes]:
    live = LiveWorkbook(there.book)
    with quiet(there.book.app):
        customers = customer_table(live)
        refresh_book(live, customers, detect_lang(live), as_of=AS_OF, form=form)
        return live, live.apply()


def on_file(path: Path, form: Any = None) -> Path:
    out = path.with_name(f"done-{form}-{path.name}")
    if not out.exists():
        refresh(path, as_of=AS_OF, out=out, formulas=form)
    return out


def differences(a: Any, b: Any) -> dict[Any, Any]:
    """What two books show otherwise; an empty text that a formula gives is no content."""
    found = {}
    for sheet in a.keys() | b.keys():
        for place in a[sheet].keys() | b[sheet].keys():
            if a[sheet].get(place) != b[sheet].get(place):
                found[sheet, place] = a[sheet].get(place), b[sheet].get(place)
    return found


def implicit(there: Opened) -> set[Any]:
    """The formulas that take one cell where they are given many."""
    return {(s.Name, place) for s in there.model.sheets for place, cell in s.cells.items() if cell.implicit}


# ---------------------------------------------------------------- the proof


def test_the_button_gives_what_the_command_gives(sample: Path) -> None:
    there, done = opened(sample), on_file(sample)
    there.model.Application.Evaluate = answers_of(done)
    before, tables, modes = as_cells(there.model), as_tables(there.model), implicit(there)
    _, changes = refreshed(there)
    assert changes.cells > 500
    wanted = open_in_model(done)
    assert differences(as_cells(there.model), as_cells(wanted)) == {}
    assert as_tables(there.model) == as_tables(wanted)

    there.model.Application.Evaluate = answers_of(sample)
    with quiet(there.book.app):
        assert LiveWorkbook(there.book).undo(changes) == changes.cells
    assert differences(as_cells(there.model), before) == {}
    assert as_tables(there.model) == tables
    assert implicit(there) == modes


@pytest.mark.parametrize("form", ["row", "spill", "values"])
def test_a_change_of_form(small: Path, form: str) -> None:
    there, done = opened(small), on_file(small, form)
    there.model.Application.Evaluate = answers_of(done)
    before = as_cells(there.model)
    _, changes = refreshed(there, form)
    assert differences(as_cells(there.model), as_cells(open_in_model(done))) == {}
    there.model.Application.Evaluate = answers_of(small)
    with quiet(there.book.app):
        LiveWorkbook(there.book).undo(changes)
    assert differences(as_cells(there.model), before) == {}


def test_a_second_refresh_writes_nothing(small: Path) -> None:
    there = opened(small)
    there.model.Application.Evaluate = answers_of(on_file(small))
    refreshed(there)
    writes = len(there.line.writes)
    _, changes = refreshed(there)
    assert not changes
    assert len(there.line.writes) == writes


def test_reading_equals_the_file(sample: Path) -> None:
    file, live = FileWorkbook(sample), LiveWorkbook(opened(sample).book)
    for name in ("Customers", "Orders", "Interactions", "History", "ValueTiers", "Strategies"):
        a, b = file.read_table(name), live.read_table(name)
        assert (a.sheet, a.headers, a.first, a.left, a.fields) == (b.sheet, b.headers, b.first, b.left, b.fields)
        assert a.rows == b.rows, name
        assert [[type(c) for c in row] for row in a.rows] == [[type(c) for c in row] for row in b.rows], name
    assert file.formula_cells("Customers") == live.formula_cells("Customers")
    assert live.is_ours and not live.forced_calculation
    assert live.read_name("AsOf") == file.read_name("AsOf") == dt.datetime(2024, 5, 31)
    assert live.name_place("AsOf") == file.name_place("AsOf")


def test_an_amount_with_a_currency_format_is_read_to_its_last_digit(rows: Path) -> None:
    there = opened(rows)
    table = LiveWorkbook(there.book).place_of("Customers")
    place = table.first + 1, table.column("年消费金额(万元)") + 1
    cells = there.model.Worksheets(table.sheet).cells
    cells[place].value, cells[place].number_format = 1.23456789, "¥#,##0.00"
    assert float(there.model.Worksheets(table.sheet).Range("A1")._typed(cells[place])) == 1.2346  # Value rounds
    assert LiveWorkbook(there.book).read_table("Customers").column("annual_spend")[0] == 1.23456789


texts = st.sampled_from(
    ["甲", "=1+1", "'x", "0012", "1-2", "TRUE", "#N/A", "A*", "+86 10", "@a", "Mar 5", " 7", "x_x0041_"]
)
cells = st.one_of(
    st.none(), st.integers(-5, 40), st.floats(-1, 1e6, allow_nan=False), st.booleans(), texts,
    st.dates(dt.date(1904, 1, 2), dt.date(2024, 12, 31)).map(lambda d: dt.datetime(d.year, d.month, d.day)),
)  # fmt: skip
lines = st.lists(
    st.tuples(*[cells] * (len(HEADERS) - 3), st.one_of(cells, st.just("=F:1+1")), cells, cells), max_size=8
)
orders = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "=3", "0012", "N9"]),
        st.dates(dt.date(2022, 1, 1), dt.date(2024, 9, 1)).map(lambda d: dt.datetime(d.year, d.month, d.day)),
        st.integers(-2, 90_000),
    ),
    max_size=12,
)


@given(lines=lines, orders=orders, epoch=st.sampled_from([None, dt.datetime(1904, 1, 1)]))
@settings(max_examples=40, deadline=None)
def test_random_tables(tmp_path_factory: pytest.TempPathFactory, lines: Any, orders: Any, epoch: Any) -> None:
    path = tmp_path_factory.mktemp("random") / "b.xlsx"
    lines = [(f"{i % 4}", *line[1:]) for i, line in enumerate(lines)]
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), orders)}
    foreign(path, HEADERS, lines, more=more, epoch=epoch)
    if "=F:1+1" in {cell for line in lines for cell in line}:
        edit_part(
            path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v/>", "<v>2</v>").replace("<v></v>", "<v>2</v>")
        )
    try:
        done = on_file(path)
    except CrmXlError as error:
        key = error.key
        with pytest.raises(CrmXlError) as live:
            refreshed(opened(path))
        assert live.value.key == key
        return
    there = opened(path)
    there.model.Application.Evaluate = answers_of(done)
    before, tables = as_cells(there.model), as_tables(there.model)
    _, changes = refreshed(there)
    wanted = open_in_model(done)
    assert differences(as_cells(there.model), as_cells(wanted)) == {}
    assert as_tables(there.model) == as_tables(wanted)
    there.model.Application.Evaluate = answers_of(path)
    with quiet(there.book.app):
        LiveWorkbook(there.book).undo(changes)
    assert differences(as_cells(there.model), before) == {}
    assert as_tables(there.model) == tables


# ---------------------------------------------------------------- how many calls


def calls_for(tmp_path: Path, count: int) -> tuple[int, int]:
    path = tmp_path / f"{count}.xlsx"
    day = dt.datetime(2024, 3, 1)
    lines = [(f"C{i:05}", f"客户{i}", i % 30, 3, 1, day, None, None, None) for i in range(count)]
    orders = [(f"C{i:05}", day, 100 + i) for i in range(0, count, 3)]  # every third row gets other figures
    foreign(path, HEADERS, lines, more={"Orders": (("客户编号", "订单日期", "金额(元)"), orders)})
    there = opened(path)
    _, changes = refreshed(there)
    assert changes.cells >= count
    return there.line.calls, len(there.line.writes)


def test_calls_do_not_depend_on_the_number_of_rows(tmp_path: Path) -> None:
    assert calls_for(tmp_path, 50) == calls_for(tmp_path, 5000)


@given(st.lists(st.booleans(), max_size=60), st.sets(st.integers(0, 59), max_size=4))
def test_stretches_cover_what_differs_and_no_formula_else(differs: list[bool], formulas: set[int]) -> None:
    old: list[Any] = [Formula("=1") if i in formulas else float(i) for i in range(len(differs))]
    found = _joined(differs, old)
    covered = {i for a, b in found for i in range(a, b + 1)}
    assert {i for i, d in enumerate(differs) if d} <= covered
    assert not any(i in formulas and not differs[i] for i in covered)
    assert len(found) <= 8 + len(formulas)
    assert all(a[1] < b[0] for a, b in pairwise(found))


# ---------------------------------------------------------------- whatever happens


def settings_of(there: Opened) -> tuple[Any, ...]:
    app = there.model.Application
    return (
        app.ScreenUpdating, app.EnableEvents, app.Calculation, app.StatusBar, app.AutoCorrect.AutoFillFormulasInLists
    )  # fmt: skip


def test_put_back_wherever_it_breaks(rows: Path) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    refreshed(there)
    count = len(there.line.writes)
    assert count > 40
    answers = answers_of(rows)
    for at in range(1, count + 1):
        there = opened(rows)
        app = there.model.Application
        app.Evaluate = answers
        app.Calculation, app.EnableEvents = MANUAL, False
        before, tables, state = as_cells(there.model), as_tables(there.model), settings_of(there)
        there.line.breaks_at = at
        try:
            refreshed(there)
        except CrmXlError as refused:
            assert refused.key == "excel_refused"
        else:  # only the looks of rows that are gone may be refused
            assert there.line.writes[at - 1] == "AutoFill"
            assert as_tables(there.model) == as_tables(open_in_model(on_file(rows)))
            continue
        assert settings_of(there) == state
        app.Calculation = -4105
        assert differences(as_cells(there.model), before) == {}, at
        assert as_tables(there.model) == tables, at


def test_excel_dies_in_the_middle(rows: Path) -> None:
    there = opened(rows)
    live = LiveWorkbook(there.book)
    refresh_book(live, customer_table(live), "zh", as_of=AS_OF)

    def kill(_: Changes) -> None:
        there.line.deaf = -2147023174

    with pytest.raises(CrmXlError) as error:
        live.apply(kill)
    assert error.value.key == "excel_half"


# ---------------------------------------------------------------- what is refused


def refusal(there: Opened) -> CrmXlError:
    """The error of a refresh that writes nothing."""
    before = as_cells(there.model)
    with pytest.raises(CrmXlError) as error:
        refreshed(there)
    assert there.line.writes == []
    assert as_cells(there.model) == before
    assert "{" not in error.value.text("zh") + error.value.text("en")
    return error.value


def segment_cell(there: Opened) -> tuple[Any, tuple[int, int]]:
    table = LiveWorkbook(there.book).place_of("Customers")
    return there.model.Worksheets(table.sheet), (table.first + 6, table.column("价值层级") + 1)


def test_protected_sheet(rows: Path) -> None:
    there = opened(rows)
    sheet, _ = segment_cell(there)
    sheet.ProtectContents = True
    error = refusal(there)
    assert (error.key, error.values["sheet"]) == ("protected_cell", sheet.Name)


def test_one_locked_cell_is_named(tmp_path: Path) -> None:
    path = foreign(tmp_path / "b.xlsx", HEADERS, [(str(i), "x", 5, 3, 1, dt.datetime(2024, 3, 1)) for i in range(9)])
    there = opened(path)
    sheet, place = segment_cell(there)
    sheet.ProtectContents = True
    for row in range(1, 20):
        for column in range(1, 12):
            sheet.cells.setdefault((row, column), Cell()).locked = (row, column) == place
    error = refusal(there)
    assert (error.key, error.values["cell"]) == ("protected_cell", "I7")
    sheet.cells[place].locked = False
    refreshed(there)


def test_protected_for_people_only(rows: Path) -> None:
    there = opened(rows)
    sheet, _ = segment_cell(there)
    sheet.ProtectContents = sheet.ProtectionMode = True
    refreshed(there)


def nine_customers(path: Path) -> Path:
    return foreign(path, HEADERS, [(str(i), "x", 5, 3, 1, dt.datetime(2024, 3, 1)) for i in range(9)])


def test_merged_cells(tmp_path: Path) -> None:
    """The cell that a merged one has swallowed takes nothing."""
    there = opened(nine_customers(tmp_path / "b.xlsx"))
    sheet, (row, column) = segment_cell(there)
    sheet.merged = [{(row, column), (row + 1, column)}]
    error = refusal(there)
    cell = f"I{row + 1}"
    assert (error.key, error.values["sheet"], error.values["cell"]) == ("excel_merged", "名单", cell)


def test_first_cells_of_merged_ones(tmp_path: Path) -> None:
    """Cells merged with those to their right take what is written."""
    there = opened(nine_customers(tmp_path / "b.xlsx"))
    sheet, (row, column) = segment_cell(there)
    sheet.merged = [{(r, column), (r, column + 1), (r, column + 2)} for r in (row, row + 1)]
    refreshed(there)
    assert sheet.cells[row, column].value


@pytest.mark.parametrize("how", [AttributeError(), ComError(-2147352570, "Unknown name.", None, None)])
def test_an_excel_without_dynamic_arrays(rows: Path, monkeypatch: pytest.MonkeyPatch, how: Exception) -> None:
    def missing(_: Any) -> None:
        raise how

    there = opened(rows)
    monkeypatch.setattr(Range, "Formula2", property(missing))
    assert refusal(there).key == "excel_too_old"


def test_read_only(rows: Path) -> None:
    there = opened(rows)
    there.model.ReadOnly = True
    assert refusal(there).key == "excel_read_only"


def growing(tmp_path: Path) -> Path:
    """A customer is missing who has an order."""
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), [("N1", dt.datetime(2024, 3, 1), 100)])}
    return foreign(tmp_path / "b.xlsx", HEADERS, [("1", "x", 5, 3, 1, dt.datetime(2024, 3, 1))], more=more)


def test_a_table_grows_with_its_looks(tmp_path: Path) -> None:
    there = opened(growing(tmp_path))
    _, changes = refreshed(there)
    assert as_tables(there.model)["Customers"] == "名单!$A$1:$I$3"
    sheet = there.model.sheets[0]
    assert (sheet.cells[3, 1].value, sheet.cells[3, 6].value) == ("N1", 45352.0)
    assert sheet.cells[3, 6].number_format == sheet.cells[2, 6].number_format != "General"
    assert [s.new for s in changes.sizings] == [2]
    with quiet(there.book.app):
        LiveWorkbook(there.book).undo(changes)
    assert as_tables(there.model)["Customers"] == "名单!$A$1:$I$2"
    assert (sheet.cells[3, 6].value, sheet.cells[3, 6].number_format) == (None, "General")


def test_no_room_below(tmp_path: Path) -> None:
    there = opened(growing(tmp_path))
    there.model.sheets[0].cells[3, 2] = Cell("备注")
    error = refusal(there)
    assert (error.key, error.values["cell"]) == ("occupied_below", "B3")


def test_a_totals_row(tmp_path: Path) -> None:
    path = growing(tmp_path)
    book = openpyxl.load_workbook(path)
    table = book["名单"].tables["Customers"]
    table.ref, table.totalsRowCount = "A1:I3", 1
    book.save(path)
    assert refusal(opened(path)).key == "totals_row"


def test_a_number_that_is_no_date(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(_: Any) -> None:
        raise ValueError("year 57302 is out of range")

    there = opened(rows)
    monkeypatch.setattr(Range, "Value", property(too_late))
    assert refusal(there).key == "excel_no_date"


def test_no_customers(tmp_path: Path) -> None:
    there = opened(foreign(tmp_path / "b.xlsx", HEADERS, [], table="Clients"))
    assert refusal(there).key == "no_customers"


# ---------------------------------------------------------------- filters, texts, formulas


def test_values_land_in_their_rows_under_a_filter(rows: Path) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    sheet, _ = segment_cell(there)
    sheet.tables[0].AutoFilter.FilterMode = True
    refreshed(there)
    assert differences(as_cells(there.model), as_cells(open_in_model(on_file(rows)))) == {}
    assert sheet.tables[0].AutoFilter.FilterMode
    assert isinstance(sheet.tables[0].AutoFilter, AutoFilter)


def test_what_excel_does_not_take_is_put_back(rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(rows)
    before = as_cells(there.model)
    sheet, _ = segment_cell(there)
    cells, done = type(sheet.Range("A1")), []
    put = cells._put_one

    def astray(self: Any, at: tuple[int, int], value: Any, implicit: bool = False) -> None:
        """The first number goes elsewhere."""
        put(self, at, "astray" if isinstance(value, float) and not done and self._sheet is sheet else value, implicit)
        done.extend([1] * isinstance(value, float))

    monkeypatch.setattr(cells, "_put_one", astray)
    with pytest.raises(CrmXlError) as error:
        refreshed(there)
    assert error.value.key == "excel_not_taken"
    assert differences(as_cells(there.model), before) == {}


def test_a_column_with_the_format_text(tmp_path: Path) -> None:
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), [("0012", dt.datetime(2024, 3, 1), 100)])}
    path = foreign(tmp_path / "b.xlsx", HEADERS[:2], [("=1", "x")], more=more)
    there = opened(path)
    sheet = there.model.sheets[0]
    for row in (2, 3):
        sheet.cells.setdefault((row, 1), Cell()).number_format = "@"
    refreshed(there)
    assert [sheet.cells[r, 1].value for r in (2, 3)] == ["=1", "0012"]


def test_numbers_into_a_column_with_the_format_text(tmp_path: Path) -> None:
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), [("1", dt.datetime(2024, 3, 1), 100)])}
    there = opened(foreign(tmp_path / "b.xlsx", HEADERS[:4], [("1", "x", None, None)], more=more))
    sheet = there.model.sheets[0]
    sheet.cells[2, 4] = Cell(number_format="@")
    before = as_cells(there.model)
    with pytest.raises(CrmXlError) as error:
        refreshed(there)
    assert (error.value.key, error.value.values["cell"]) == ("excel_not_taken", "D2")
    assert as_cells(there.model) == before


def test_texts_stay_texts() -> None:
    for text in (
        "=1",
        "+1",
        "-",
        "@x",
        "'x",
        "007",
        "1-2",
        "￥5",
        " 3",
        "(4)",
        "5%",
        "2024年1月",
        "true",
        "#N/A",
        "mar 5",
    ):
        assert entered(text) == "'" + text, text
    for text in ("甲", "A001", "高价值客户", "x=1", "truth"):
        assert entered(text) == text, text
    assert entered(None) == "" and entered(1.5) == 1.5 and entered(True) is True
    assert entered(Formula("=A1")) == "=A1"


def test_formulas_as_excel_spells_them() -> None:
    ours = "=SEGMENT(Customers[[#This Row],[年消费(万元)]],Customers[[#This Row],[a]],Lang)"
    for theirs in (
        "=SEGMENT([@[年消费(万元)]],[@a],Lang)",
        "=@SEGMENT(Customers[@[年消费(万元)]],Customers[@a],Lang)",
        "='C:\\Users\\a b\\crm_xl.xlam'!SEGMENT([@[年消费(万元)]],[[#This Row],[a]],Lang)",
        "=crm_xl.xlam!SEGMENT([@[年消费(万元)]],[@a],Lang)",
        "=[1]!SEGMENT([@[年消费(万元)]],[@a],Lang)",
        "=SEGMENT(@Customers[[#This Row],[年消费(万元)]],[@a],@Lang)",
    ):
        assert spelt_out(theirs, "Customers") == ours, theirs
        assert same(Formula(theirs), Formula(ours), "Customers")
    assert spelt_out('=IF(A1="[@a]",1)', "T") == '=IF(A1="[@a]",1)'
    assert not same(Formula("=A1"), "=A1")
    assert not same(Formula("=[@a]"), Formula("=[@b]"), "T")
    assert not same(1.0, True) and not same("1", 1.0) and same(None, None)


def test_an_own_calculated_column_reaches_new_rows(tmp_path: Path) -> None:
    headers = (*HEADERS, "翻倍")
    more = {"Orders": (("客户编号", "订单日期", "金额(元)"), [("N1", dt.datetime(2024, 3, 1), 100)])}
    line = (None, 5, 3, 1, dt.datetime(2024, 3, 1), None, None, None)
    path = foreign(tmp_path / "b.xlsx", headers, [("1", *line, "=F:C2*2"), ("2", *line, "=F:C3*2")], more=more)
    there = opened(path)
    there.model.Application.AutoCorrect.AutoFillFormulasInLists = False
    refreshed(there)
    sheet = there.model.sheets[0]
    assert [sheet.cells[r, 10].formula for r in (2, 3, 4)] == ["=C2*2", "=C3*2", "=C4*2"]


def test_names_that_are_shut_in_a_sheet_do_not_count(rows: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(rows, tmp_path / "b.xlsx"))
    there = opened(path)
    for name in there.model.names:
        if name.Name == "AsOf":
            name.Name = "参数!AsOf"
    assert not LiveWorkbook(there.book).has_name("AsOf")
