"""The house is in order: templates are those that the code compiles, start-up is light."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from crm_xl.workbook.layouts import compile_template

ROOT = Path(__file__).resolve().parents[1]


def members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(n, archive.read(n)) for n in archive.namelist()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_committed_templates_are_what_the_layouts_compile(lang: str) -> None:
    """List, order and uncompressed bytes of the members; `make templates` brings them up to date."""
    stored = (ROOT / "workbook_templates" / f"customer-info.{lang}.xlsx").read_bytes()
    assert members(stored) == members(compile_template("customer-info", lang))  # type: ignore[arg-type]


def test_import_is_light() -> None:
    code = (
        "import sys, json, crm_xl; print(json.dumps([m for m in ('pandas', 'pydantic', 'numpy') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_functions_need_no_host() -> None:
    code = "import sys, crm_xl.functions; print('xlwings' in sys.modules or 'openpyxl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_no_registry_host_in_constraints() -> None:
    text = (ROOT / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.\-]+==[^\s/:]+", line) for line in lines), lines
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    assert {"numpy", "pandas", "pydantic", "python-calamine", "xlsxwriter", "hypothesis"} <= pinned
