"""What a refresh overwrote is kept between processes, and put back only where nobody wrote since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_xl.cells import CellError
from crm_xl.errors import CrmXlError
from crm_xl.excel import undo
from crm_xl.excel.live_workbook import Changes, Formula, LiveWorkbook, Sizing, Stretch
from crm_xl.workflows.opening import customer_table
from crm_xl.workflows.refresh import refresh_book
from tests.support.excel_books import Opened, opened
from tests.support.excel_model import as_cells, as_tables

from .test_live_workbook import AS_OF, differences, refreshed, rows

__all__ = ["rows"]

contents = st.one_of(
    st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.builds(Formula, st.text()),
    st.builds(CellError, st.sampled_from(["#VALUE!", "#N/A"])),
)  # fmt: skip
stretches = st.builds(
    Stretch, st.text(), st.integers(0, 99), st.integers(0, 99), st.lists(contents), st.lists(contents)
)
sizings = st.builds(Sizing, st.text(), st.integers(0, 9), st.integers(0, 9))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(undo.FOLDER_VARIABLE, str(tmp_path / "data"))


@given(st.lists(stretches, max_size=3), st.lists(sizings, max_size=2), st.booleans())
def test_a_record_comes_back_as_it_was(some: Any, sizes: Any, finished: bool) -> None:
    record = undo.Record(Changes(some, sizes), -4105, finished)
    undo.save("C:\\文件\\客户.xlsx", record)
    back = undo.load("c:\\文件\\客户.XLSX")
    assert back == record
    for a, b in zip(record.changes.stretches, back.changes.stretches, strict=True):
        assert [type(c) for c in (*a.old, *a.new)] == [type(c) for c in (*b.old, *b.new)]


def test_only_the_last_one_is_kept_and_of_each_book_its_own() -> None:
    first, second = (undo.Record(Changes([], [Sizing("T", 1, n)]), -4105) for n in (2, 3))
    undo.save("a", first)
    undo.save("a", second)
    undo.save("b", first)
    assert undo.load("a") == second
    undo.forget("a")
    undo.forget("a")
    assert undo.load("a") is None
    assert undo.load("b") == first


@pytest.mark.parametrize("content", ["", "{", "[]", '{"stretches": []}', '{"stretches": [[1]], "sizings": []}', "null"])
def test_a_broken_record_is_none(content: str) -> None:
    path = undo.record_path("a")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert undo.load("a") is None


def test_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(undo.FOLDER_VARIABLE)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr("sys.platform", "win32")
    assert undo.data_folder() == tmp_path / "crm_xl"
    monkeypatch.setattr("sys.platform", "linux")
    assert undo.data_folder() == Path.home() / ".crm_xl"


def changed_by(there: Opened) -> Changes:
    return refreshed(there)[1]


def test_a_cell_changed_since_is_named(rows: Path) -> None:
    there = opened(rows)
    changes = changed_by(there)
    stretch = next(s for s in changes.stretches if s.sheet == "客户基础信息表" and s.new[0] is not None)
    cell = there.model.Worksheets(stretch.sheet).cells[stretch.first + 1, stretch.column + 1]
    cell.value, cell.formula = "我改的", ""
    after = as_cells(there.model)
    with pytest.raises(CrmXlError) as error:
        LiveWorkbook(there.book).undo(changes)
    assert error.value.key == "undo_changed"
    assert error.value.values["sheet"] == stretch.sheet
    assert as_cells(there.model) == after


def test_a_table_that_grew_since(rows: Path) -> None:
    there = opened(rows)
    changes = changed_by(there)
    table = there.model.Worksheets("客户基础信息表").tables[0]
    table._at.r2 += 1
    with pytest.raises(CrmXlError) as error:
        LiveWorkbook(there.book).undo(changes)
    assert error.value.key == "undo_changed"


def test_a_sheet_that_is_gone(rows: Path) -> None:
    there = opened(rows)
    changes = changed_by(there)
    there.model.sheets = [s for s in there.model.sheets if s.Name != "历史快照"]
    with pytest.raises(CrmXlError) as error:
        LiveWorkbook(there.book).undo(changes)
    assert error.value.key == "undo_changed"


def test_a_refresh_that_was_cut_off_can_be_undone(rows: Path) -> None:
    """Python was killed: some cells hold the old, some the new."""
    there = opened(rows)
    changes = changed_by(there)
    count = len(there.line.writes)
    for at in range(1, count, 7):
        there = opened(rows)
        before, tables = as_cells(there.model), as_tables(there.model)
        live = LiveWorkbook(there.book)
        refresh_book(live, customer_table(live), "zh", as_of=AS_OF)
        written = len(there.line.writes)
        there.line.breaks_at = written + at
        live._put_back = lambda *_: None  # type: ignore[assignment,method-assign]
        with pytest.raises(CrmXlError):
            live.apply()
        there.line.breaks_at = 0
        LiveWorkbook(there.book).undo(changes)
        now = differences(as_cells(there.model), before)
        assert all(a and b and a[1] == b[1] != "" for a, b in now.values()), now  # formulas calculate later
        assert as_tables(there.model) == tables
