"""The case analysis in both languages: valid for those who judge files, and right for another program that calculates."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_xl.vocabulary.fields import Lang
from tests.test_validity_accounts import check_template


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_valid_and_right(tmp_path: Path, lang: Lang) -> None:
    check_template(tmp_path, "case-analysis", lang)
