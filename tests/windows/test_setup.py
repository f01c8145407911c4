"""What runs under Wine is what runs here."""

from __future__ import annotations

import re
from pathlib import Path

from tests.windows import prepare, wine


def pinned(path: Path) -> dict[str, str]:
    lines = re.findall(r"(?m)^([\w-]+)==(\S+)", path.read_text(encoding="utf-8"))
    return {name.lower().replace("_", "-"): version for name, version in lines}


def test_both_sides_have_the_same_versions() -> None:
    windows, here = pinned(prepare.REQUIREMENTS), pinned(wine.ROOT / "constraints.txt")
    shared = windows.keys() & here.keys()
    assert {"numpy", "pandas", "pydantic", "python-calamine", "openpyxl"} <= shared
    assert {name: windows[name] for name in shared} == {name: here[name] for name in shared}


def test_every_download_is_known_by_its_hash() -> None:
    lines = prepare.REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[\w-]+==\S+ --hash=sha256:[0-9a-f]{64}", line)
