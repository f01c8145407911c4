"""The wheel, installed outside the checkout, makes and refreshes a workbook."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [str(c) for c in command], cwd=cwd, env=environment, text=True, capture_output=True, check=False
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("*.whl"))
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    done = run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "env" / "bin"


def test_new_and_refresh(installed: Path, tmp_path: Path) -> None:
    made = run(installed / "crm-xl", "new", "客户.xlsx", "--sample", "--as-of", "2024-06-30", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "高价值活跃客户" in made.stdout
    before = (tmp_path / "客户.xlsx").read_bytes()
    again = run(installed / "crm-xl", "refresh", "客户.xlsx", "--as-of", "2024-06-30", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "客户.xlsx").read_bytes() == before


def test_a_workbook_with_macros(installed: Path, tmp_path: Path) -> None:
    """The wheel ships what an .xlsm carries, and the add-in; Excel's side is not needed for them."""
    made = run(installed / "crm-xl", "new", "客户.xlsm", "--sample", "--as-of", "2024-06-30", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    with zipfile.ZipFile(tmp_path / "客户.xlsm") as parts:
        assert {"xl/vbaProject.bin", "customUI/customUI14.xml"} <= set(parts.namelist())
    code = "from crm_xl import assets; print(assets.path('addin', 'crm_xl.xlam').read_bytes()[:2])"
    assert run(installed / "python", "-c", code, cwd=tmp_path).stdout.strip() == "b'PK'"
    refused = run(installed / "crm-xl", "addin", "install", cwd=tmp_path)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr


def test_nothing_of_the_test_tools_is_needed(installed: Path, tmp_path: Path) -> None:
    for module in ("xlsxwriter", "openpyxl", "lifetimes", "pytest", "pyopenvba", "oletools"):
        assert run(installed / "python", "-c", f"import {module}", cwd=tmp_path).returncode != 0, module
