"""The sheets of tasks, reviews, targets and care: clean files, live formulas, what is offered and marked."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import crm_xl
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.tables import TABLES
from crm_xl.vocabulary.task_texts import TASK_SHEET_TEXTS
from crm_xl.vocabulary.texts import SHEETS
from tests.support import libreoffice, task_books
from tests.support.editing import set_table_cell
from tests.support.validators import need
from tests.test_recalculation import assert_same, values

AS_OF = "2024-08-30"
KEYS = ("goals", "tasks", "board", "reviews", "care")


@pytest.fixture(scope="module", params=LANGS)
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def book(lang: Lang, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("layouts") / "book.xlsx"
    task_books.make(path, lang, sample=True, as_of=AS_OF, formulas="row" if lang == "zh" else "spill")
    return path


def names(lang: Lang) -> dict[str, str]:
    return {key: SHEETS[key][0 if lang == "zh" else 1] for key in KEYS}


def board_of(path: Path, lang: Lang) -> dict[tuple[str, str], object]:
    return {k: v for k, v in values(path).items() if k[0] == names(lang)["board"]}


def recalculated(path: Path, lang: Lang, folder: Path) -> dict[tuple[str, str], object]:
    need(libreoffice.available(), "LibreOffice is not installed")
    folder.mkdir()
    after = openpyxl.load_workbook(libreoffice.recalculate(path, folder), data_only=True)
    return {k: None if (v := after[k[0]][k[1]].value) == "" else v for k in board_of(path, lang)}


@pytest.mark.parametrize("lang", ["zh"], indirect=True)
def test_native_formulas_agree(book: Path, lang: Lang, tmp_path: Path) -> None:
    """Also for an owner who looks like a pattern, and for tasks of nobody."""
    path = tmp_path / "edited.xlsx"
    path.write_bytes(book.read_bytes())
    owner = TABLES["Tasks"].field("owner").header(lang)
    set_table_cell(path, "Tasks", 1, owner, "*")
    set_table_cell(path, "Tasks", 2, owner, None)
    crm_xl.refresh(path, as_of=AS_OF)
    shown = board_of(path, lang)
    assert len(shown) > 30
    assert_same(shown, recalculated(path, lang, tmp_path / "out"))


@pytest.mark.parametrize("lang", ["zh"], indirect=True)
def test_the_board_lives(book: Path, lang: Lang, tmp_path: Path) -> None:
    """A task done in Excel moves the board without a refresh, and as a refresh moves it."""
    path = tmp_path / "edited.xlsx"
    path.write_bytes(book.read_bytes())
    sheet = openpyxl.load_workbook(path)[names(lang)["tasks"]]
    late = [c.value for c in sheet[4]].index("逾期")
    row = next(i for i, line in enumerate(sheet.iter_rows(min_row=5, values_only=True)) if line[late])
    set_table_cell(path, "Tasks", row, "状态", "已完成")
    live = recalculated(path, lang, tmp_path / "out")
    assert live != board_of(path, lang)
    crm_xl.refresh(path, as_of=AS_OF)
    assert_same(board_of(path, lang), live)


def test_states_and_metrics_are_offered(book: Path, lang: Lang) -> None:
    sheets = openpyxl.load_workbook(book)
    tasks = sheets[names(lang)["tasks"]]
    offered = [v.formula1 for v in tasks.data_validations.dataValidation if v.type == "list"]
    assert any(("已取消" if lang == "zh" else "Cancelled") in f for f in offered)
    goals = sheets[names(lang)["goals"]]
    offered = [v.formula1 for v in goals.data_validations.dataValidation if v.type == "list"]
    assert any(("名单" if lang == "zh" else "List") in f for f in offered)
    assert any(("续约率" if lang == "zh" else "Renewal rate") in f for f in offered)


def test_settings_stand_only_where_their_sheets_are(lang: Lang, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    sheets = tuple(s for s in task_books.SHEETS if s not in ("tasks", "board", "reviews", "care"))
    task_books.make(path, lang, sheets=sheets, sample=True, as_of=AS_OF)
    book = openpyxl.load_workbook(path)
    assert not {"TaskLimit", "CareDays"} & set(book.defined_names)
    assert "Proposed" not in book["Calc"].tables


def test_both_languages_say_something() -> None:
    for zh, en in TASK_SHEET_TEXTS.values():
        assert (zh and en and en.isascii()) or "−" in en
