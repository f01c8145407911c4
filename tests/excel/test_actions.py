"""What the ribbon's buttons do and say."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crm_xl.errors import CrmXlError
from crm_xl.excel import actions, undo
from crm_xl.excel.live_workbook import LiveWorkbook
from crm_xl.excel.session import patient, told
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.excel_texts import ACTIONS
from crm_xl.workflows.new import new_workbook
from tests.support.books import foreign
from tests.support.excel_books import Opened, answers_of, opened
from tests.support.excel_model import AUTOMATIC, MANUAL, Cell, as_cells, error_number, open_in_model
from tests.support.pywin32 import ComError, windows_xlwings

from .test_live_workbook import HEADERS, differences, on_file, rows, settings_of

__all__ = ["rows"]
TODAY = dt.date(2024, 6, 30)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(undo.FOLDER_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setattr(actions, "today", lambda: TODAY)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(mode, text) of every message box; `answers` on its list are given in turn, else the first button."""
    boxes: list[tuple[str, str]] = []

    def alert(self: Any, prompt: str, title: str, buttons: str, mode: str, callback: Any) -> str:
        assert title in ACTIONS["excel_title"]
        boxes.append((mode, prompt))
        return {"ok": "ok", "ok_cancel": "ok", "yes_no": "yes"}[buttons]

    monkeypatch.setattr(windows_xlwings()._xlwindows.App, "alert", alert)
    return boxes


def one(said: list[tuple[str, str]]) -> tuple[str, str]:
    assert len(said) == 1, said
    assert "{" not in said[0][1] and "Traceback" not in said[0][1]
    return said.pop()


def test_refresh_and_undo(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    before, state = as_cells(there.model), settings_of(there)
    actions.refresh(there.book)
    mode, text = one(said)
    assert mode == "info" and "2024-06-30" in text and "C8" in text
    assert differences(as_cells(there.model), as_cells(open_in_model(on_file(rows)))) == {}
    assert settings_of(there) == state
    record = undo.load(there.model.FullName)
    assert record is not None and record.finished

    there.model.Application.Evaluate = answers_of(rows)
    actions.undo(there.book)
    assert one(said)[0] == "info"
    assert differences(as_cells(there.model), before) == {}
    assert settings_of(there) == state
    actions.undo(there.book)
    assert one(said) == ("critical", ACTIONS["undo_nothing"][0])


def test_nothing_to_do_keeps_the_record(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    actions.refresh(there.book)
    record = undo.load(there.model.FullName)
    actions.refresh(there.book)
    assert said[-1][1].startswith(ACTIONS["excel_up_to_date"][0])
    assert undo.load(there.model.FullName) == record


def test_where_calculation_is_manual_our_sheets_are_calculated(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    there.model.Application.Calculation = MANUAL
    actions.refresh(there.book)
    assert there.model.Application.Calculation == MANUAL
    assert there.model.Worksheets("客户基础信息表").calculated == 1
    assert there.model.Worksheets("使用说明").calculated == 0


def test_a_refresh_that_was_killed(rows: Path, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells and Excel's settings come back with undo, though the process that changed them is gone."""
    there = opened(rows)
    app = there.model.Application
    app.Evaluate = answers_of(rows)
    before = as_cells(there.model)

    class Killed(BaseException):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as during:
        during.setattr(actions.LiveWorkbook, "_first_other", killed)  # all is written by then
        during.setattr(actions.LiveWorkbook, "_put_back", lambda *_: None)
        with pytest.raises(Killed):
            actions.refresh(there.book)
    app.Calculation, app.EnableEvents, app.AutoCorrect.AutoFillFormulasInLists = MANUAL, False, False
    actions.undo(there.book)
    assert one(said)[0] == "info"
    assert (app.Calculation, app.EnableEvents) == (AUTOMATIC, True)
    assert differences(as_cells(there.model), before) == {}


@pytest.mark.parametrize("code", [-2147418111, -2147417846, -2146777998])
def test_a_cell_is_being_edited(rows: Path, said: list[tuple[str, str]], code: int) -> None:
    there = opened(rows)
    before, state = as_cells(there.model), settings_of(there)
    real = there.line.call

    def busy() -> None:
        """Refuses one call while the book is read."""
        real()
        if there.line.calls == 60:
            raise there.line.refusal(-2147352567, "Exception", (0, "", "", None, 0, code), None)

    there.line.call = busy  # type: ignore[method-assign]
    actions.refresh(there.book)
    assert one(said) == ("critical", ACTIONS["excel_busy"][0])
    assert (as_cells(there.model), settings_of(there)) == (before, state)


def test_excel_cannot_even_show_a_message(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = opened(rows)
    there.line.deaf = -2147418111
    with pytest.raises(SystemExit):
        actions.refresh(there.book)
    assert capsys.readouterr().err.strip() in ACTIONS["excel_busy"]


def test_refusals_are_told_in_the_books_language(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    there = opened(foreign(tmp_path / "b.xlsx", ("Customer ID", "Customer name"), [("1", "x")], table="Clients"))
    there.model.Application.LanguageSettings._language = 1033
    actions.refresh(there.book)
    assert "has no table named Customers" in one(said)[1]
    there.model.Application.LanguageSettings._language = 1028
    actions.refresh(there.book)
    assert "没有名为 Customers 的表格" in one(said)[1]


def test_read_only(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    there.model.ReadOnly = True
    actions.refresh(there.book)
    mode, text = one(said)
    assert mode == "critical" and "只读" in text
    assert there.line.writes == []


def test_no_workbook(capsys: pytest.CaptureFixture[str], said: list[tuple[str, str]]) -> None:
    windows_xlwings()
    with pytest.raises(SystemExit):
        actions.refresh()
    assert capsys.readouterr().err.strip() in ACTIONS["excel_no_book"]
    assert said == []


def test_on_a_mac(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SystemExit):
        actions.check()
    assert capsys.readouterr().err.strip() in ACTIONS["excel_windows_only"]


def test_a_failed_refresh_keeps_the_record_of_the_one_before(
    rows: Path, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = opened(rows)
    there.line.breaks_at = 5
    actions.refresh(there.book)
    assert one(said)[0] == "critical"
    assert undo.load(there.model.FullName) is None
    there.model.Application.Evaluate = answers_of(on_file(rows))
    actions.refresh(there.book)
    record = undo.load(there.model.FullName)
    monkeypatch.setattr(actions, "today", lambda: dt.date(2024, 7, 31))
    there.line.breaks_at = len(there.line.writes) + 5
    actions.refresh(there.book)
    assert record is not None and undo.load(there.model.FullName) == record


def test_something_unexpected(rows: Path, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(actions, "refresh_book", fails)
    there = opened(rows)
    state = settings_of(there)
    actions.refresh(there.book)
    mode, text = one(said)
    assert mode == "critical" and "ZeroDivisionError: oh" in text
    assert "in fails" in (undo.data_folder() / "last-error.txt").read_text()
    assert settings_of(there) == state


# ---------------------------------------------------------------- the other buttons


def test_check(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    lines = [
        ("1", "甲", "很多", None, None, None, None, None, None),
        ("1", "乙", 1, 2, 1, dt.datetime(2024, 1, 1), None, None, None),
    ]
    there = opened(foreign(tmp_path / "b.xlsx", HEADERS, lines))
    before = as_cells(there.model)
    actions.check(there.book)
    mode, text = one(said)
    assert mode == "info" and "名单!C2" in text and "名单!A3" in text
    listed = there.model.Application.Workbooks(2).Worksheets(1)
    assert listed.cells[1, 1].value == "位置"
    assert {c.value for (_, column), c in listed.cells.items() if column == 1} >= {"名单!C2", "名单!A3"}
    assert as_cells(there.model) == before


def test_check_finds_nothing(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    there = opened(foreign(tmp_path / "b.xlsx", ("客户编号", "客户名称"), [("1", "甲")]))
    actions.check(there.book)
    assert one(said)[1] == "没有发现问题。"


def test_explain(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    sheet = there.model.Worksheets("客户基础信息表")
    for at in ((None,), (sheet.Name, "B1"), (sheet.Name, "A500"), ("参数", "A3")):  # None: a chart sheet is active
        there.model.Application.select(*at)
        actions.explain(there.book)
        assert one(said) == ("critical", ACTIONS["excel_select_customer"][0])
    there.model.Application.select(sheet.Name, "D3")
    actions.explain(there.book)
    mode, text = one(said)
    assert mode == "info" and text.startswith("C1 客户1") and "客户类型标签" in text
    assert there.line.writes == []


def test_explain_while_a_cell_is_being_edited(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)

    class Editing(type(there.model.Application)):  # type: ignore[misc]
        @property
        def ActiveCell(self) -> None:
            raise ComError(-2147352567, "Exception", (0, "", "", None, 0, -2146777998), None)

    there.model.Application.__class__ = Editing
    actions.explain(there.book)
    assert one(said) == ("critical", ACTIONS["excel_busy"][0])


def test_import(rows: Path, tmp_path: Path, said: list[tuple[str, str]]) -> None:
    source = tmp_path / "新 订单.csv"
    source.write_text("客户编号,订单日期,金额(元)\nC1,2024-05-05,700\n=C2,2024-05-06,5\n", encoding="utf-8")
    there = opened(rows)
    actions.import_data(there.book)
    assert said == []  # cancelled
    there.model.Application.chosen = str(source)
    actions.import_data(there.book)
    assert [mode for mode, _ in said] == ["info", "info"]
    assert "Orders" in said[0][1] and source.name in said[0][1]
    orders = there.model.Worksheets("订单").tables[0]
    filled = [row for row in orders.Range.Value2 if any(row)]
    assert {row[1:4] for row in filled[-2:]} == {("C1", 45417.0, 700.0), ("=C2", 45418.0, 5.0)}
    actions.undo(there.book)
    assert [row for row in orders.Range.Value2 if any(row)] == filled[:-2]


def test_an_import_tells_what_it_is_not_sure_of(
    rows: Path, tmp_path: Path, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "list.csv"
    source.write_text("客户编号,客户名称,客互来原\nZ1,新,转介绍\nZ2,另,展会\n", encoding="utf-8")
    there = opened(rows)
    there.model.Application.chosen = str(source)
    asked: list[str] = []
    monkeypatch.setattr(actions, "_ask", lambda book, text, *_: asked.append(text) or "cancel")
    actions.import_data(there.book)
    assert ACTIONS["excel_import_unsure"][0] in asked[0] and "客户来源" in asked[0] and there.line.writes == []


def test_an_import_of_customers_that_is_refused_at_the_question(
    rows: Path, tmp_path: Path, said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "list.csv"
    source.write_text("客户编号,客户名称\nZ1,新\n", encoding="utf-8")
    there = opened(rows)
    there.model.Application.chosen = str(source)
    monkeypatch.setattr(actions, "_ask", lambda *_: "cancel")
    actions.import_data(there.book)
    assert there.line.writes == [] and said == []


def test_to_values_and_back(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    there.model.Application.Evaluate = answers_of(rows)
    actions.to_values(there.book)
    assert one(said) == ("info", ACTIONS["excel_to_values"][0])
    customers = there.model.Worksheets("客户基础信息表")
    assert not any(cell.formula for cell in customers.cells.values())
    calls = re.compile("|".join(rf"\b{name}\(" for name in REGISTRY))
    assert not any(calls.search(cell.formula) for s in there.model.sheets for cell in s.cells.values())
    assert any(cell.value == "数值" for cell in there.model.Worksheets("参数").cells.values())
    actions.to_formulas(there.book)
    assert one(said)[0] == "info"
    assert any("SEGMENT(" in cell.formula for cell in customers.cells.values())


def test_a_foreign_workbook_has_neither(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    there = opened(foreign(tmp_path / "b.xlsx", ("客户编号", "客户名称"), [("1", "甲")]))
    for action in (actions.to_values, actions.to_formulas, actions.parameters):
        action(there.book)
        mode, text = one(said)
        assert mode == "critical" and "不是由 crm_xl 模板生成" in text
    assert there.line.writes == []


def unbound(there: Opened) -> None:
    for sheet in there.model.sheets:
        for cell in sheet.cells.values():
            if "SEGMENT(" in cell.formula or "STRATEGY(" in cell.formula:
                cell.value = error_number("#NAME?")


def test_functions_that_are_not_bound_are_entered_again(rows: Path) -> None:
    there = opened(rows)
    before = as_cells(there.model)
    unbound(there)
    sheet = there.model.Worksheets("客户基础信息表")
    sheet.cells[40, 2] = Cell(error_number("#NAME?"), "=THEIRS(A1)")
    there.model.Application.Evaluate = answers_of(rows)
    actions._bound(LiveWorkbook(there.book))
    assert set(differences(as_cells(there.model), before)) == {(sheet.Name, (40, 2))}
    assert all(write.startswith("Formula2") for write in there.line.writes)
    assert sheet.cells[40, 2].formula == "=THEIRS(A1)" and "$B$40" not in " ".join(there.line.writes)
    fine = opened(rows)
    actions._bound(LiveWorkbook(fine.book))
    assert fine.line.writes == []


def test_a_refresh_binds_them_too(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    unbound(there)
    there.model.Application.Evaluate = answers_of(on_file(rows))
    actions.refresh(there.book)
    assert differences(as_cells(there.model), as_cells(open_in_model(on_file(rows)))) == {}


def test_parameters(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    actions.parameters(there.book)
    assert said == []
    assert there.model.Application.shown.Worksheet.Name == "参数"


def test_function_help(rows: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    actions.function_help(there.book)
    assert said == []
    listed = there.model.Application.Workbooks(2).Worksheets(1)
    assert [listed.cells[r, 1].value for r in range(2, len(REGISTRY) + 2)] == [f.signature for f in REGISTRY.values()]


def test_new_workbook(rows: Path, tmp_path: Path, said: list[tuple[str, str]]) -> None:
    there = opened(rows)
    actions.new_workbook("customer-info", there.book)
    assert there.model.Application.Workbooks.Count == 1  # cancelled
    there.model.Application.chosen = str(tmp_path / "新 工作簿.xlsx")
    actions.new_workbook("customer-info", there.book)
    assert said == []
    made = there.model.Application.Workbooks(2)
    assert made.Name == "新 工作簿.xlsx" and "Customers" in [t.Name for s in made.sheets for t in s.tables]
    actions.new_workbook("customer-info", there.book)
    mode, text = one(said)
    assert mode == "critical" and "已存在" in text


def test_a_path_that_excel_cannot_open_is_refused_before_anything_is_made(
    rows: Path, tmp_path: Path, said: list[tuple[str, str]]
) -> None:
    there = opened(rows)
    folder = tmp_path / "销售 工具"
    folder.mkdir()
    shortest = str(folder / "x.xlsx")
    for length, made in ((218, True), (219, False), (250, False)):
        target = folder / f"{'x' * (length - len(shortest) + 1)}.xlsx"
        assert len(str(target)) == length
        there.model.Application.chosen = str(target)
        actions.new_workbook("customer-info", there.book)
        if made:
            assert said == [] and target.is_file()
            continue
        mode, text = one(said)
        assert mode == "critical" and "218" in text and not list(folder.glob(target.name))


def test_dialogs_are_asked_in_a_form_that_excel_takes(tmp_path: Path, said: list[tuple[str, str]]) -> None:
    """The model refuses a filter that is no list of pairs, in either language."""
    for lang in ("zh", "en"):
        path = tmp_path / f"{lang}.xlsx"
        new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30", lang=lang)
        there = opened(path)
        actions.import_data(there.book)
        actions.new_workbook("customer-info", there.book)
        assert said == []


def test_every_text_is_in_both_languages() -> None:
    for key, (zh, en) in ACTIONS.items():
        assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en)), key
        assert zh != en


# ---------------------------------------------------------------- patience


class Rejected(ComError):
    hresult = -2147418111


def test_a_call_that_excel_rejects_for_ever_ends() -> None:
    """xlwings alone would repeat it without end."""
    windows = windows_xlwings()._xlwindows

    class Editing:
        @property
        def Ready(self) -> bool:
            raise Rejected(-2147418111, "Call was rejected by callee.", None, None)

    before = windows.N_COM_ATTEMPTS
    with pytest.raises(CrmXlError) as error, patient(), told():
        _ = windows.COMRetryObjectWrapper(Editing()).Ready
    assert error.value.key == "excel_busy"
    assert before == windows.N_COM_ATTEMPTS


class MacBook:
    """A workbook in Excel for Mac, as far as the button needs it: what was done to it, in order."""

    def __init__(self, path: Path) -> None:
        self.fullname, self.done = str(path), []  # type: ignore[var-annotated]
        self.app = SimpleNamespace(books=SimpleNamespace(open=self.opened), alert=self.alert)

    def save(self) -> None:
        self.done.append("save")

    def close(self) -> None:
        self.done.append("close")

    def opened(self, path: str) -> None:
        assert path == self.fullname
        self.done.append("open")

    def alert(self, text: str, *_: str) -> None:
        self.done.append(text)


def test_on_a_mac_the_file_is_refreshed_while_it_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    path = tmp_path / "book.xlsx"
    new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    before, book = path.read_bytes(), MacBook(path)
    actions.refresh(book)  # type: ignore[arg-type]
    assert book.done[:3] == ["save", "close", "open"] and len(book.done) == 4
    assert path.read_bytes() != before and path.with_name("book.xlsx.bak").read_bytes() == before
    path.write_bytes(b"PK\x03\x04 no workbook")
    broken = MacBook(path)
    actions.refresh(broken)  # type: ignore[arg-type]
    assert broken.done[:3] == ["save", "close", "open"] and path.name in broken.done[3]
    nowhere = MacBook(tmp_path / "Book1")
    actions.refresh(nowhere)  # type: ignore[arg-type]
    assert len(nowhere.done) == 1
