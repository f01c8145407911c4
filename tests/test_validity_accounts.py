"""Key accounts in both languages: valid for those who judge files, and right for another program that calculates."""

from __future__ import annotations

from pathlib import Path

import pytest

import crm_xl
from crm_xl.vocabulary.fields import Lang
from tests.support import libreoffice, recompute
from tests.support.validators import assert_clean, need
from tests.test_recalculation import assert_same, values


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_valid_and_right(tmp_path: Path, lang: Lang) -> None:
    check_template(tmp_path, "key-accounts", lang)


def check_template(folder: Path, template: str, lang: Lang) -> None:
    """The Chinese one as it is new, the English one after a later refresh."""
    need(libreoffice.available(), "LibreOffice is not installed")
    path = folder / "book.xlsx"
    crm_xl.new_workbook(path, template=template, lang=lang, sample=True, as_of="2024-06-30", formulas="values")
    if lang == "en":
        assert crm_xl.refresh(path, as_of="2024-08-15").changed
    assert_clean(path)
    before = values(path)
    assert before
    after = recompute.load(libreoffice.recalculate(path, folder))
    assert_same(before, {k: None if (v := after[k[0]][k[1]].value) == "" else v for k in before})
