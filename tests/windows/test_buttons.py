"""The ribbon's other buttons for real, as in test_undo.py: what a button leaves is what the command line leaves on the
same file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from crm_xl.vocabulary.messages import message
from crm_xl.workflows.check import check
from crm_xl.workflows.explain import explain
from crm_xl.workflows.importing import import_source
from crm_xl.workflows.opening import shown
from crm_xl.workflows.refresh import refresh
from tests.excel.test_live_workbook import small_book
from tests.support.excel_model import as_tables, open_in_model
from tests.windows.buttons import AS_OF, SETTINGS, differences, pressed, said
from tests.windows.wine import windows_path

STEPS = ("rows", "checked", "explained", "to values", "to formulas", "imported")
YES = 6
CUSTOMER = ["客户基础信息表", "D3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("buttons")


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
def found(folder: Path, small: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """What each step left."""
    at = {name: windows_path(path) for name, path in small.items()}
    steps: dict[str, dict[str, Any]] = {
        "rows": {"book": at["rows before"], "action": "refresh", "answers": at["rows"]},
        "checked": {"action": "check", "press": YES},
        "explained": {"action": "explain", "select": CUSTOMER},
        "to values": {"action": "to_values", "answers": at["to values"]},
        "to formulas": {"action": "to_formulas", "answers": at["to formulas"]},
        "imported": {"action": "import_data", "answers": at["imported"], "chosen": at["source"]},
    }
    assert (*steps,) == STEPS
    return pressed(folder, steps)


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


@pytest.mark.parametrize("step", STEPS)
def test_excel_is_left_as_it_was(step: str, found: dict[str, Any]) -> None:
    assert found[step]["settings"] == SETTINGS
