"""The validators that other people wrote, and our lint, as one question: what is wrong with it?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.lint import lint

ROOT = Path(__file__).resolve().parents[2]
SDK_NAME = "ooxml-validator"
TIMEOUT_SECONDS = 300  # a sheet of two million cells takes twenty
SHOWN = 30


def need(tool_present: bool, reason: str) -> None:
    """Skip the test if a tool is missing; on the CI, where it must be there, fail."""
    if tool_present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def sdk_validator() -> str | None:
    """Where the Open XML SDK's command line is: as told, in the repository, or on the PATH."""
    told = os.environ.get("CRM_XL_OOXML_VALIDATOR")
    if told:
        return shutil.which(told)
    local = ROOT / "node_modules" / ".bin"
    return shutil.which(SDK_NAME, path=str(local)) or shutil.which(SDK_NAME)


def sdk_findings(path: Path | str) -> list[str]:
    """Findings of Microsoft's Open XML SDK."""
    command = sdk_validator()
    if command is None:
        raise FileNotFoundError(f"{SDK_NAME} is not installed")
    done = subprocess.run(
        [command, str(path)],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode not in (0, 1):  # 0 valid, 1 findings, 2 could not run
        raise RuntimeError(f"{SDK_NAME} ended with {done.returncode}: {done.stderr.strip()}")
    answer = json.loads(done.stdout)
    findings = [
        f"sdk: {error.get('path') or ''} {error.get('xPath') or ''}: {error.get('description')}"
        for error in answer["errors"]
    ]
    return findings or ([] if answer["ok"] else ["sdk: not ok, without a reason"])


def audit_findings(path: Path | str) -> list[str]:
    """Findings of openxml-audit."""
    from openxml_audit import FileFormat, OpenXmlValidator

    validator = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0)
    return [f"audit: {error}" for error in validator.validate(path).errors]


def findings(path: Path | str, *, ours: bool = False) -> list[str]:
    """Everything that our lint and both validators say. The SDK must be installed."""
    return [*lint(path, ours=ours), *audit_findings(path), *sdk_findings(path)]


def new_findings(before: Path | str, after: Path | str) -> list[str]:
    """What a refreshed workbook has that its original had not."""
    known = set(findings(before))
    return [finding for finding in findings(after) if finding not in known]


def assert_clean(path: Path | str, ours: bool = True) -> None:
    """Fail on any finding; what needs no extra tool is asked first, so that it is never skipped."""
    assert_none([*lint(path, ours=ours), *audit_findings(path)], path)
    need(sdk_validator() is not None, f"{SDK_NAME} (npm) is not installed")
    assert_none(sdk_findings(path), path)


def assert_none(found: Iterable[str], path: Path | str) -> None:
    lines = list(found)
    if lines:
        more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        pytest.fail("\n".join([f"{Path(path).name} is not clean:", *lines[:SHOWN], *more]))
