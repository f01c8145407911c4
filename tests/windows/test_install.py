"""The add-in is installed for a Windows user, found whole by the doctor, and taken away again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_xl.excel.install import shipped_addin
from tests.windows import wine


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("install") / "found.json"
    wine.run(wine.PYTHON, wine.SCRIPTS / "install_addin.py", out)
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


def test_the_addin_and_its_settings_are_in_place(found: dict[str, Any]) -> None:
    assert bytes.fromhex(found["addin"]) == shipped_addin().read_bytes()
    assert found["config"] == f'"INTERPRETER_WIN","{found["python"]}"\r\n'


def test_the_doctor_misses_nothing_but_excel(found: dict[str, Any]) -> None:
    assert {name for name, result in found["installed"].items() if result != "ok"} == {"excel"}
    assert {name for name, result in found["before"].items() if result != "ok"} == {"excel", "addin", "config"}


def test_nothing_is_left_behind(found: dict[str, Any]) -> None:
    assert found["left"] == []
