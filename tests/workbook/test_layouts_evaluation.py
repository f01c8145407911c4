"""The workbook of the evaluation: clean, whole, idempotent, and its native formulas give what is cached."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries

import crm_xl
from crm_xl.rules.defaults import default_rules
from crm_xl.vocabulary.evaluation_texts import EVALUATION_PURPOSES, EVALUATION_SHEETS, EVALUATION_TEXTS, LEVEL_TRAITS
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.labels import LABELS
from crm_xl.workbook.layouts import compile_template
from crm_xl.workflows.sample import make_sample
from tests.support import libreoffice
from tests.support.validators import findings, need, sdk_validator
from tests.test_recalculation import assert_same, values
from tests.test_validity import whole

TEMPLATE = "relationship-evaluation"
CASES = [("sample", "row", "zh"), ("sample", "spill", "en"), ("yuan", "values", "zh"), ("empty", "row", "en")]


def make(path: Path, kind: str, form: str, lang: Lang) -> Path:
    more = {"unit": "yuan", "value_method": "shares"} if kind == "yuan" else {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_xl.workflows.new.make_sample", partial(make_sample, customers=40))
        crm_xl.new_workbook(
            path, template=TEMPLATE, lang=lang, sample=kind != "empty", as_of="2024-06-30", formulas=form, **more
        )  # type: ignore[call-overload]
    return path


@pytest.mark.parametrize(("kind", "form", "lang"), CASES)
def test_clean_new_and_after_a_later_refresh(kind: str, form: str, lang: Lang, tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK validator is not installed")
    path = make(tmp_path / "book.xlsx", kind, form, lang)
    for as_of in ("2024-06-30", "2024-12-31"):
        crm_xl.refresh(path, as_of=as_of)
        assert findings(path, ours=True) == []
        whole(path)
        assert not crm_xl.refresh(path, as_of=as_of).changed


@pytest.mark.parametrize("lang", LANGS)
def test_native_formulas_give_the_cached_values(lang: Lang, tmp_path: Path) -> None:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = make(tmp_path / "book.xlsx", "sample", "values", lang)
    before = values(path)
    pages = {sheet for sheet, _ in before}
    name = {key: pair[LANGS.index(lang)] for key, pair in EVALUATION_SHEETS.items()}
    assert {name[key] for key in ("evaluation", "level_plan", "indicators", "calibration")} <= pages
    recalculated = openpyxl.load_workbook(libreoffice.recalculate(path, tmp_path), data_only=True)
    assert_same(before, {k: None if (v := recalculated[k[0]][k[1]].value) == "" else v for k in before})


@pytest.mark.parametrize("lang", LANGS)
def test_rule_tables_hold_the_default_rules(lang: Lang) -> None:
    book = openpyxl.load_workbook(BytesIO(compile_template(TEMPLATE, lang)))
    rules = default_rules(lang, "wan")
    for key, table, rows in (("indicators", "Indicators", rules.indicators), ("bands", "Bands", rules.bands)):
        sheet = book[EVALUATION_SHEETS[key][LANGS.index(lang)]]
        left, top, right, bottom = range_boundaries(sheet.tables[table].ref)
        shown = [list(r) for r in sheet.iter_rows(top + 1, bottom, left, right, values_only=True)]
        assert len(shown) == len(rows)
        if table == "Bands":
            assert [line[-1] for line in shown] == [b.behaviour for b in rules.bands]


def test_same_bytes_each_time() -> None:
    assert compile_template(TEMPLATE, "zh") == compile_template(TEMPLATE, "zh")


def test_texts_have_both_languages() -> None:
    for texts in (EVALUATION_SHEETS, EVALUATION_PURPOSES, EVALUATION_TEXTS, LEVEL_TRAITS):
        assert all(len(pair) == 2 and all(pair) for pair in texts.values())
    assert set(LEVEL_TRAITS) <= set(LABELS)
    assert set(EVALUATION_PURPOSES) == set(EVALUATION_SHEETS)
