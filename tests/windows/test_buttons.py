"""The ribbon's buttons for real: RunPython's process, Book.caller(), real COM and unmodified xlwings, against the model
of Excel's objects. What a button leaves is what the command line leaves on the same file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.messages import message
from crm_xl.workflows.new import new_workbook
from crm_xl.workflows.refresh import refresh
from tests.support.excel_model import AUTOMATIC, as_cells, as_tables, open_in_model
from tests.windows import wine

AS_OF = dt.date(2024, 6, 30)
STEPS = ("read only", "broken off", "refreshed", "again", "undone", "help")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample a month ago."""
    path = tmp_path_factory.mktemp("buttons") / "客户 sample.xlsx"
    new_workbook(path, sample=True, as_of="2024-05-31", formulas="spill")
    return path


@pytest.fixture(scope="module")
def after(before: Path) -> Path:
    """What the command makes of it."""
    path = before.with_name("after.xlsx")
    refresh(before, as_of=AS_OF, out=path)
    return path


@pytest.fixture(scope="module")
def found(before: Path, after: Path) -> dict[str, dict[str, Any]]:
    """What each step left."""
    new, old = wine.windows_path(after), wine.windows_path(before)
    steps = [
        {"action": "refresh", "read_only": True},
        {"action": "refresh", "answers": old, "refuses": "Resize"},
        {"action": "refresh", "answers": new},
        {"action": "refresh", "answers": new},
        {"action": "undo", "answers": old},
        {"action": "function_help"},
    ]
    asked, out = before.with_name("steps.json"), before.with_name("states.json")
    asked.write_text(json.dumps(steps, ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "press_buttons.py", before, AS_OF.isoformat(), asked, out, timeout=240)
    states = json.loads(out.read_text(encoding="utf-8"))
    for state in states:
        state["cells"] = {
            sheet: {(row, column): (value, formula) for row, column, value, formula in cells}
            for sheet, cells in state["cells"].items()
        }
    return dict(zip(STEPS, states, strict=True))


def said(state: dict[str, Any]) -> str:
    """The one message that the user was shown."""
    assert not state["printed"] and state["code"] == 0, state["printed"]
    ((title, text),) = state["told"]
    assert title == message("excel_title", "zh")
    return str(text)


def differences(state: dict[str, Any], path: Path) -> list[Any]:
    cells, wanted = state["cells"], as_cells(open_in_model(path))
    assert cells.keys() == wanted.keys()
    return [
        (sheet, place, cells[sheet].get(place), wanted[sheet].get(place))
        for sheet in wanted
        for place in cells[sheet].keys() | wanted[sheet].keys()
        if cells[sheet].get(place) != wanted[sheet].get(place)
    ]


def test_refresh_leaves_what_the_command_leaves(found: dict[str, Any], after: Path) -> None:
    state = found["refreshed"]
    assert differences(state, after) == []
    assert state["tables"] == as_tables(open_in_model(after))
    assert AS_OF.isoformat() in said(state)


def test_a_second_refresh_writes_nothing(found: dict[str, Any], after: Path) -> None:
    state = found["again"]
    assert state["writes"] == 0
    assert differences(state, after) == []
    assert message("excel_up_to_date", "zh") in said(state)


def test_undo_gives_back_what_was_there(found: dict[str, Any], before: Path) -> None:
    state = found["undone"]
    assert differences(state, before) == []
    assert state["tables"] == as_tables(open_in_model(before))
    assert said(state).startswith(message("excel_undone", "zh", count="").partition("：")[0])


def test_a_refresh_that_breaks_off_leaves_nothing(found: dict[str, Any], before: Path) -> None:
    state = found["broken off"]
    assert state["writes"] > 1
    assert differences(state, before) == []
    assert "Resize was refused." in said(state)


def test_a_book_that_is_read_only_is_refused(found: dict[str, Any], before: Path) -> None:
    state = found["read only"]
    assert state["writes"] == 0
    path = wine.windows_path(before)
    assert said(state) == message("excel_read_only", "zh", path=path)


def test_help_lists_the_functions_in_a_new_book(found: dict[str, Any], before: Path) -> None:
    state = found["help"]
    assert differences(state, before) == []
    ((cells,),) = (book.values() for book in state["other books"])
    shown = {value for _, _, value, _ in cells}
    assert {function.signature for function in REGISTRY.values()} <= shown


@pytest.mark.parametrize("step", STEPS)
def test_excel_is_left_as_it_was(step: str, found: dict[str, Any]) -> None:
    assert found[step]["settings"] == [True, True, AUTOMATIC, False]
