"""The add-in's VBA itself, run as script: the wrappers of the functions, the way to Python, what it does when Python
is gone, and what its buttons run and say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import xlwings

from crm_xl import __version__
from crm_xl.excel import vba
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.ribbon_texts import RIBBON_TEXTS
from tests.windows import calls, vba_script, wine

NA, VALUE = "CVErr 2042", "CVErr 2015"
FIRST_ERROR = -2146828288
TAGS = re.findall(r'tag="([^"]+)"', (wine.ROOT / "addin" / "customUI14.xml").read_text(encoding="utf-8"))
TITLE = RIBBON_TEXTS["title"][0]
WRONG = ["", "refresh", "refresh(); import os", "x()", "sys.exit()", "Refresh()", "客户&calc%PATH%^😀.xlsx", "\x01é'\""]
"""What is no action of the ribbon."""


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
        vba.source("CrmXlRibbon.bas"),
        vba.texts_module(xlwings.__version__),
        vba.functions_module(),
        vba_script.procedure(vba.help_module(), "CrmCommand"),
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
    names = ("addin.vbs", "calls.json", "texts.json", "wrong.json", "found.json")
    code, asked, texts, wrong, out = (folder / name for name in names)
    wrong.write_text(json.dumps(WRONG), encoding="utf-8")
    texts.write_text(json.dumps([list(RIBBON_TEXTS), TAGS]), encoding="utf-8")
    code.write_text(script(), encoding="ascii")
    asked.write_text(json.dumps(MADE, ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "run_wrappers.py", code, asked, texts, wrong, out)
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


# ---------------------------------------------------------------- buttons


def said(key: str) -> list[list[str]]:
    """One message box."""
    return [[RIBBON_TEXTS[key][0], TITLE]]


def test_texts_are_those_of_the_vocabulary_in_excels_language(found: dict[str, Any]) -> None:
    versions = {"{version}": __version__, "{xlwings}": xlwings.__version__}
    for number, texts in enumerate(found["texts"]):
        wanted = {key: both[number] for key, both in RIBBON_TEXTS.items()}
        for mark, version in versions.items():
            wanted["about"] = wanted["about"].replace(mark, version)
        assert texts == wanted


def test_a_button_runs_its_action_and_says_nothing_itself(found: dict[str, Any]) -> None:
    assert len(TAGS) >= 10
    assert found["actions"] == [[[], f"import crm_xl.excel.actions as a; a.{tag}"] for tag in TAGS]


def test_nothing_but_an_action_of_the_ribbon_is_run(found: dict[str, Any]) -> None:
    assert found["no action"] == [[[], ""]] * len(WRONG)


def test_a_name_becomes_codes_that_mean_nothing_to_a_command_line(found: dict[str, Any]) -> None:
    assert found["codes"] == [text.encode("utf-16-be").hex().upper() for text in WRONG]


def test_about_tells_versions_and_the_last_error(found: dict[str, Any]) -> None:
    ((text, title),) = found["about"]
    assert title == TITLE and __version__ in text and xlwings.__version__ in text
    assert RIBBON_TEXTS["last_error"][0] in text and "NO_SUCH_FUNCTION" in text


def test_what_a_button_cannot_do_is_told_and_nothing_is_run(found: dict[str, Any]) -> None:
    assert found["no workbook"] == said("no_workbook")
    assert found["protected view"] == said("protected_view")
    assert found["button without python"] == said("no_python")
    assert found["nothing was run"] == []
    assert found["restarted"] == said("restarted")


def test_a_python_that_is_killed_leaves_excel_as_it_was(found: dict[str, Any]) -> None:
    before, after = found["killed"]
    assert before == after == [-4105, True, True, False, True]
    assert found["failures"] == [*said("killed"), ["ValueError: oh", TITLE]]
