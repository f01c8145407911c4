"""Refresh and undo from the ribbon, for real: RunPython's process, Book.caller(), real COM and unmodified xlwings,
against the model of Excel's objects. What a refresh leaves is what the command line leaves on the same file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_xl.vocabulary.messages import message
from crm_xl.workflows.new import new_workbook
from crm_xl.workflows.refresh import refresh
from tests.support.excel_model import as_tables, open_in_model
from tests.windows.buttons import AS_OF, SETTINGS, differences, pressed, said
from tests.windows.wine import windows_path

STEPS = ("read only", "broken off", "killed", "undone after it was killed", "refreshed", "undone")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample a month ago, with one snapshot before: every cell of it goes over COM."""
    path = tmp_path_factory.mktemp("undo") / "客户 sample.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_xl.workflows.new.PAST", 1)
        new_workbook(path, template="customer-info", sample=True, as_of="2024-05-31", formulas="spill")
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
    new, old = windows_path(after), windows_path(before)
    steps: dict[str, dict[str, Any]] = {
        "read only": {"book": old, "action": "refresh", "read_only": True},
        "broken off": {"action": "refresh", "answers": old, "refuses": "Resize"},
        "killed": {"action": "refresh", "answers": new, "kills": 20},
        "undone after it was killed": {"action": "undo", "answers": old},
        "refreshed": {"action": "refresh", "answers": new},
        "undone": {"action": "undo", "answers": old},
    }
    assert (*steps,) == STEPS
    return pressed(before.parent, steps)


def test_refresh_leaves_what_the_command_leaves(found: dict[str, Any], after: Path) -> None:
    state = found["refreshed"]
    assert differences(state, after) == []
    assert state["tables"] == as_tables(open_in_model(after))
    assert AS_OF.isoformat() in said(state)


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
    path = windows_path(before)
    assert said(state) == message("excel_read_only", "zh", path=path)


def test_a_python_that_is_killed_can_be_undone(found: dict[str, Any], before: Path) -> None:
    state = found["killed"]
    assert state["code"] != 0 and state["told"] == [] and state["writes"] == 20
    assert differences(state, before) != []
    state = found["undone after it was killed"]
    assert differences(state, before) == []
    assert state["tables"] == as_tables(open_in_model(before))
    assert said(state).startswith(message("excel_undone", "zh", count="").partition("：")[0])


def test_of_two_excels_the_one_whose_button_was_pressed_is_used(found: dict[str, Any]) -> None:
    assert [step for step, state in found.items() if not state["other Excel"]] == []


@pytest.mark.parametrize("step", STEPS)
def test_excel_is_left_as_it_was(step: str, found: dict[str, Any]) -> None:
    assert found[step]["settings"] == SETTINGS
