"""Files that ship with the package: compiled templates (and later the add-in)."""

from __future__ import annotations

from pathlib import Path


def path(*parts: str) -> Path:
    """A shipped file: inside the installed package, or at the top of a checkout."""
    inside = Path(__file__).with_name("assets").joinpath(*parts)
    return inside if inside.exists() else Path(__file__).resolve().parents[2].joinpath(*parts)
