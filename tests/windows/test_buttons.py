"""The ribbon's buttons for real: RunPython's process, Book.caller(), real COM and unmodified xlwings, against the model
of Excel's objects. What a button leaves is what the command line leaves on the same file."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from crm_xl.vocabulary.messages import message
from crm_xl.workflows.check import check
from crm_xl.workflows.explain import explain
from crm_xl.workflows.importing import import_source
from crm_xl.workflows.new import new_workbook
from crm_xl.workflows.opening import shown
from crm_xl.workflows.refresh import refresh
from tests.excel.test_live_workbook import small_book
from tests.support.excel_model import AUTOMATIC, as_cells, as_tables, open_in_model
from tests.windows import wine

AS_OF = dt.date(2024, 6, 30)
STEPS = ("read only", "broken off", "killed", "undone after it was killed", "refreshed", "undone")
ROWS = ("rows", "checked", "explained", "to values", "to formulas", "imported")
YES = 6
CUSTOMER = ("客户基础信息表", "D3")


def windows(path: Path) -> str:
    return wine.windows_path(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("buttons")


@pytest.fixture(scope="module")
def before(folder: Path) -> Path:
    """The sample a month ago, with one snapshot before: every cell of it goes over COM."""
    path = folder / "客户 sample.xlsx"
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
def small(folder: Path) -> dict[str, Path]:
    """What the commands make of a small book, one after the other; `source`: what is imported."""
    made = {"rows before": small_book(folder, "row")}
    for name, earlier, form in (
        ("rows", "rows before", None), ("to values", "rows", "values"), ("to formulas", "to values", "auto"),
    ):  # fmt: skip
        made[name] = folder / f"{name} after.xlsx"
        refresh(made[earlier], as_of=AS_OF, out=made[name], formulas=form)  # type: ignore[arg-type]
    made["source"] = folder / "新 订单.csv"
    made["source"].write_text("客户编号,订单日期,金额(元)\nC1,2024-05-05,700\n=C2,2024-05-06,5\n", encoding="gb18030")
    made["imported"] = Path(shutil.copy(made["to formulas"], folder / "imported.xlsx"))
    import_source(made["imported"], made["source"], "orders")
    return made


@pytest.fixture(scope="module")
def found(before: Path, after: Path, small: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """What each step left."""
    new, old = windows(after), windows(before)
    sheet, cell = CUSTOMER
    steps: dict[str, dict[str, Any]] = {
        "read only": {"book": old, "action": "refresh", "read_only": True},
        "broken off": {"action": "refresh", "answers": old, "refuses": "Resize"},
        "killed": {"action": "refresh", "answers": new, "kills": 20},
        "undone after it was killed": {"action": "undo", "answers": old},
        "refreshed": {"action": "refresh", "answers": new},
        "undone": {"action": "undo", "answers": old},
        "rows": {"book": windows(small["rows before"]), "action": "refresh", "answers": windows(small["rows"])},
        "checked": {"action": "check", "press": YES},
        "explained": {"action": "explain", "select": [sheet, cell]},
        "to values": {"action": "to_values", "answers": windows(small["to values"])},
        "to formulas": {"action": "to_formulas", "answers": windows(small["to formulas"])},
        "imported": {
            "action": "import_data", "answers": windows(small["imported"]), "chosen": windows(small["source"]),
        },
    }  # fmt: skip
    assert [*steps] == [*STEPS, *ROWS]
    asked, out = before.with_name("steps.json"), before.with_name("states.json")
    asked.write_text(json.dumps([*steps.values()], ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "press_buttons.py", AS_OF.isoformat(), asked, out, timeout=480)
    states = json.loads(out.read_text(encoding="utf-8"))
    for state in states:
        state["cells"] = {
            sheet: {(row, column): (value, formula) for row, column, value, formula in cells}
            for sheet, cells in state["cells"].items()
        }
    return dict(zip(steps, states, strict=True))


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


def test_a_python_that_is_killed_can_be_undone(found: dict[str, Any], before: Path) -> None:
    state = found["killed"]
    assert state["code"] != 0 and state["told"] == [] and state["writes"] == 20
    assert differences(state, before) != []
    state = found["undone after it was killed"]
    assert differences(state, before) == []
    assert state["tables"] == as_tables(open_in_model(before))
    assert said(state).startswith(message("excel_undone", "zh", count="").partition("：")[0])


@pytest.mark.parametrize("step", ["rows", "to values", "to formulas", "imported"])
def test_a_button_leaves_what_its_command_leaves(step: str, found: dict[str, Any], small: dict[str, Path]) -> None:
    state = found[step]
    assert differences(state, small[step]) == []
    assert state["tables"] == as_tables(open_in_model(small[step]))
    assert state["writes"] > 0


def test_what_the_forms_say(found: dict[str, Any]) -> None:
    assert said(found["to values"]) == message("excel_to_values", "zh")
    assert said(found["to formulas"]) == message("excel_to_formulas", "zh")
    assert AS_OF.isoformat() in said(found["rows"])


def test_an_import_is_asked_for_first(found: dict[str, Any], small: dict[str, Path]) -> None:
    state = found["imported"]
    assert not state["printed"] and state["code"] == 0, state["printed"]
    (_, question), (_, done) = state["told"]
    assert small["source"].name in question and "金额(元) → " in question
    assert done == message("excel_imported", "zh")


def test_check_lists_what_the_command_finds(found: dict[str, Any], small: dict[str, Path]) -> None:
    state, report = found["checked"], check(small["rows"])
    assert report.findings and state["writes"] == 1  # the list
    text = said(state)
    for finding in report.findings[:12]:
        assert f"{finding.sheet}!{finding.cell} {finding.text}" in text
    ((cells,),) = (book.values() for book in state["other books"])
    rows: dict[int, dict[int, Any]] = {}
    for row, column, value, _ in cells:
        rows.setdefault(row, {})[column] = value
    listed = [(r[1], r[3]) for _, r in sorted(rows.items())][1:]
    assert listed == [(f"{f.sheet}!{f.cell}", f.text) for f in report.findings]


def test_explain_tells_what_the_command_tells(found: dict[str, Any], small: dict[str, Path]) -> None:
    told, text = explain(small["rows"], "C1"), said(found["explained"])
    assert text.startswith(f"{told.customer_id} {told.name}")
    for step in told.steps:
        assert step.title in text and shown(step.value) in text and (step.why or "") in text
    assert found["explained"]["writes"] == 0


def test_of_two_excels_the_one_whose_button_was_pressed_is_used(found: dict[str, Any]) -> None:
    assert [step for step, state in found.items() if not state["other Excel"]] == []


@pytest.mark.parametrize("step", [*STEPS, *ROWS])
def test_excel_is_left_as_it_was(step: str, found: dict[str, Any]) -> None:
    assert found[step]["settings"] == [True, True, AUTOMATIC, False, True]
