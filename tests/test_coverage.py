"""docs/coverage.md names only what there is: sheets, functions, commands, tests."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from crm_xl.cli import app
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.texts import SHEETS
from crm_xl.workbook.layouts import TEMPLATES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| asked")
]


def test_every_line_names_a_test_that_is_there() -> None:
    assert len(ROWS) > 50
    for asked, where, test in ROWS:
        if where.startswith("not there yet"):
            continue
        path, _, name = test.strip("`").partition("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.M), asked


def test_every_place_is_there() -> None:
    sheets = {SHEETS[key][0] for key in TEMPLATES["full"].sheets}
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    for _, where, _ in ROWS:
        for name in re.findall(r"sheet ([^,;()]+)", where):
            assert name.strip() in sheets, name
        for name in re.findall(r"`([A-Z_]+)`", where):
            assert name in REGISTRY
        for name in re.findall(r"`crm-xl (\w+)`", where):
            assert name in commands, name


def test_every_function_is_there_for_something() -> None:
    assert set(REGISTRY) - set(re.findall(r"`([A-Z_]+)`", PAGE)) == {"MONTHLY_ORDERS"}
