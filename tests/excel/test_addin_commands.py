"""`crm-xl addin …`: what the commands say and with which exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm_xl.cli import app
from crm_xl.excel import doctor as doctor_room
from crm_xl.excel import machine as machine_room
from crm_xl.excel.doctor import Check

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()


def test_build_writes_what_is_committed(tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["addin", "build", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    built = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert built == {name: (ROOT / "addin" / name).read_bytes() for name in built}
    assert "crm_xl.xlam" in built and all(name in done.output for name in built)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="here it would be done")
@pytest.mark.parametrize("command", ["install", "uninstall", "doctor"])
@pytest.mark.parametrize(("lang", "word"), [("zh", "插件"), ("en", "add-in")])
def test_where_there_is_no_excel_they_are_refused(
    command: str, lang: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_XL_LANG", lang)
    done = RUNNER.invoke(app, ["addin", command])
    assert done.exit_code == 2 and word in done.stderr


@pytest.mark.parametrize(("result", "code"), [("problem", 3), ("warning", 0), ("ok", 0)])
def test_the_doctor_tells_and_says_how_bad_it_is(result: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Check("addin", result, "addin_excel_running")]  # type: ignore[arg-type]
    monkeypatch.setattr(machine_room, "this_machine", lambda: None)
    monkeypatch.setattr(doctor_room, "doctor", lambda machine, workbook: found)
    monkeypatch.setenv("CRM_XL_LANG", "zh")
    done = RUNNER.invoke(app, ["addin", "doctor"])
    assert done.exit_code == code and found[0].text("zh") in done.stdout
    told = RUNNER.invoke(app, ["addin", "doctor", "--json"])
    assert told.exit_code == code
    assert json.loads(told.stdout)["checks"][0]["result"] == result
