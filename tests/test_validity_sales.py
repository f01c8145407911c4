"""Sales strategy and dashboard: LibreOffice computes the native formulas to the same, validators are content."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import crm_xl
from tests.support import libreoffice
from tests.support.lint import lint
from tests.support.validators import findings, need, sdk_validator
from tests.test_recalculation import assert_same, values

AS_OF = dt.date(2024, 6, 30)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_native_formulas_agree_with_libreoffice(lang: Any, tmp_path: Path) -> None:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", lang=lang, sample=True, as_of=AS_OF, formulas="values")
    before = values(path)
    assert len(before) > 300
    recalculated = openpyxl.load_workbook(libreoffice.recalculate(path, tmp_path), data_only=True)
    after = {(s, c): recalculated[s][c].value for s, c in before}
    assert_same(before, {k: None if v == "" else v for k, v in after.items()})


def test_valid_when_new(tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK is not installed")
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", sample=True, as_of=AS_OF, formulas="row")
    assert findings(path, ours=True) == []


def test_valid_after_a_later_refresh(tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK is not installed")
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", lang="en", sample=True, as_of=AS_OF, formulas="spill")
    crm_xl.refresh(path, as_of="2024-10-15")
    assert findings(path, ours=True) == []


def test_valid_without_customers(tmp_path: Path) -> None:
    """Nothing at all: every class and stage with 0, no division error, nothing to do at a refresh."""
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", as_of=AS_OF)
    assert lint(path, ours=True) == []
    assert not crm_xl.refresh(path, as_of=AS_OF).changed
    book = openpyxl.load_workbook(path, data_only=True)
    shown = [c.value for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert not [text for text in shown if text.startswith("#") and text.endswith(("!", "?", "/0!"))]
