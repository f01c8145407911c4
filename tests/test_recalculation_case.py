"""The page about one customer lives on native formulas: another program calculates another pick right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import libreoffice
from tests.support.editing import set_name
from tests.support.validators import need
from tests.test_moves_case import book, compare, pick

__all__ = ["book"]


@pytest.mark.parametrize("kind", ["lost", "name", "odd", "nobody"])
def test_another_pick_without_a_refresh(book: Path, tmp_path: Path, kind: str) -> None:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = tmp_path / "picked.xlsx"
    path.write_bytes(book.read_bytes())
    set_name(path, "CaseCustomer", pick(book, kind))
    compare(libreoffice.recalculate(path, tmp_path), pick(book, kind), tables=book)
