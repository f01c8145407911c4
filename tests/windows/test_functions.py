"""Every worksheet function through xlwings' DLL and COM, from another process, as Excel calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm_xl.functions import REGISTRY
from tests.windows import calls, wine

MADE = calls.calls()


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Of all calls, from one client with one server."""
    folder: Path = tmp_path_factory.mktemp("functions")
    asked, answered = folder / "calls.json", folder / "answers.json"
    asked.write_text(json.dumps(MADE, ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "call_functions.py", wine.MODULE, asked, answered)
    found: list[Any] = json.loads(answered.read_text(encoding="utf-8"))["answers"]
    return found


@pytest.mark.parametrize("name", REGISTRY)
def test_answers_are_those_of_python(name: str, answers: list[Any]) -> None:
    mine = [(call, found) for call, found in zip(MADE, answers, strict=True) if call[0] == name]
    assert len(mine) == 30
    for call, found in mine:
        # as json, so that 1 and 1.0 differ, and each float counts to its last digit
        assert json.dumps(found) == json.dumps(calls.answer(call)), call


def test_the_calls_meet_every_kind_of_answer() -> None:
    kinds = set()
    for call in MADE:
        found = calls.answer(call)
        kinds.add((type(found).__name__, type(found[0]).__name__ if isinstance(found, list) else ""))
        if isinstance(found, list) and isinstance(found[0], list):
            kinds |= {type(cell).__name__ for row in found for cell in row}
    assert {("list", "list"), ("float", ""), ("int", ""), ("str", ""), "float", "int", "str"} <= kinds
