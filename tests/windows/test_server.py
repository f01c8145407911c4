"""The Python behind the worksheet functions: one for all workbooks, started again when it died, gone with Excel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.windows import wine

UNAVAILABLE = {0x800706BA, 0x800706BE, 0x80010108}
"""RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED, RPC_E_DISCONNECTED: what the VBA starts Python again on."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("server") / "found.json"
    wine.run(wine.PYTHON, wine.SCRIPTS / "restart.py", wine.MODULE, out)
    steps: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return steps


def test_two_workbooks_share_one_python(found: dict[str, Any]) -> None:
    assert found["first"][1] == "High-value"
    assert found["other workbook"] == found["first"]


def test_a_call_after_python_was_killed_says_so(found: dict[str, Any]) -> None:
    assert found["killed"]["number"] in UNAVAILABLE
    assert found["ended"]["number"] in UNAVAILABLE


def test_a_killed_python_is_started_again_by_the_same_command(found: dict[str, Any]) -> None:
    processes = [found[step][0] for step in ("first", "second", "third")]
    assert len(set(processes)) == 3
    assert [found[step][1] for step in ("second", "third")] == ["High-value"] * 2


def test_no_python_is_left_when_excel_closes(found: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "running.json"
    processes = [str(found[step][0]) for step in ("first", "second", "third")]
    wine.run(wine.PYTHON, wine.SCRIPTS / "running.py", out, *processes)
    assert json.loads(out.read_text()) == []
