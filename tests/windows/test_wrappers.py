"""The add-in's VBA itself, run as script: the wrappers of the functions, the way to Python, and what it does
when Python is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_xl.excel import vba
from crm_xl.functions import REGISTRY
from tests.windows import calls, vba_script, wine

NA, VALUE = "CVErr 2042", "CVErr 2015"
FIRST_ERROR = -2146828288


def sendable(value: Any) -> bool:
    """A script's caller cannot hand over an error; test_functions.py does."""
    return (
        all(map(sendable, value)) if isinstance(value, list) else not isinstance(value, dict) or value == calls.MISSING
    )


MADE = [call for call in calls.calls(each=12) if sendable(call[1])]


def script() -> str:
    """The modules that a call goes through, and the command of xlwings' own."""
    modules = (
        vba.source("CrmXlCore.bas"),
        vba.functions_module(),
        vba_script.procedure(vba.xlwings_module(), "XLPyCommand"),
    )
    return "\n".join(vba_script.vbscript(module) for module in modules)


def shown(answer: Any) -> Any:
    """An answer as the wrapper gives it: the whole numbers are errors."""
    if isinstance(answer, list):
        return [shown(cell) for cell in answer]
    return f"CVErr {answer - FIRST_ERROR}" if type(answer) is int else answer


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("wrappers")
    code, asked, out = (folder / name for name in ("addin.vbs", "calls.json", "found.json"))
    code.write_text(script(), encoding="ascii")
    asked.write_text(json.dumps(MADE, ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "run_wrappers.py", code, asked, out)
    answers: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return answers


@pytest.mark.parametrize("given", ["ranges", "arrays"])
@pytest.mark.parametrize("name", REGISTRY)
def test_wrappers_answer_what_python_answers(name: str, given: str, found: dict[str, Any]) -> None:
    mine = [(call, answer) for call, answer in zip(MADE, found[given], strict=True) if call[0] == name]
    assert mine
    for call, answer in mine:
        assert json.dumps(answer) == json.dumps(shown(calls.answer(call))), call
    assert found["starts"] == 1


def test_of_a_whole_column_the_used_part_is_read(found: dict[str, Any]) -> None:
    assert found["whole column"] == [["High-value"], ["Incomplete"], ["Low-value"]]


def test_what_python_raised_is_kept_for_the_about_button(found: dict[str, Any]) -> None:
    answer, said = found["raised"]
    assert answer == VALUE
    assert said.startswith("AttributeError: ") and "NO_SUCH_FUNCTION" in said


def test_the_command_is_the_same_for_every_workbook(found: dict[str, Any]) -> None:
    first, second, expected = found["commands"]
    assert first == second == expected


def test_python_is_started_again_when_it_died(found: dict[str, Any]) -> None:
    assert found["after a kill"] == ["High-value", 2]
    assert found["after a restart"] == ["High-value", 3]


def test_a_missing_python_is_not_waited_for(found: dict[str, Any]) -> None:
    assert found["no python"] == [NA, 3]
    assert found["not looked for again"] == [NA, 3]
    assert found["found again"] == ["High-value", 4]
