"""Sheets of key accounts and the case analysis: one page to print, names for what is filled, questions that fit."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.texts import SHEETS, TEXTS, pick
from crm_xl.workbook.case_formulas import GRIDS, LOGS, PAIRS, STRATEGY_LINES, keys_name
from crm_xl.workbook.layouts import compile_template


@cache
def book(template: str, lang: Lang) -> Any:
    return openpyxl.load_workbook(BytesIO(compile_template(template, lang)))


def sheet(template: str, lang: Lang, key: str) -> Any:
    return book(template, lang)[pick(SHEETS[key], lang)]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("template", "key"), [("key-accounts", "questionnaire"), ("case-analysis", "case")])
def test_one_portrait_page(template: str, key: str, lang: Lang) -> None:
    page = sheet(template, lang, key)
    assert page.page_setup.orientation == "portrait"
    # what the file leaves out is 1
    assert {page.page_setup.fitToWidth, page.page_setup.fitToHeight} <= {None, 1}
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.paperSize == 9
    assert page.print_area


@pytest.mark.parametrize("lang", LANGS)
def test_the_questionnaire_asks_what_surveys_hold(lang: Lang) -> None:
    page = sheet("key-accounts", lang, "questionnaire")
    texts = {c.value for row in page.iter_rows() for c in row if isinstance(c.value, str)}
    for key in ("form_product", "form_service", "form_experience", "form_overall", "form_recommend", "form_worst"):
        assert pick(TEXTS[key], lang) in texts, key
    numbers = [c.value for row in page.iter_rows() for c in row if isinstance(c.value, (int, float))]
    assert numbers == list(range(11))
    assert sum(c.value == "□" for row in page.iter_rows() for c in row) == 20


@pytest.mark.parametrize("lang", LANGS)
def test_everything_on_the_case_page_has_its_place(lang: Lang) -> None:
    names = book("case-analysis", lang).defined_names

    def size(name: str) -> tuple[int, int]:
        _, ref = next(iter(names[name].destinations))
        cells = sheet("case-analysis", lang, "case")[ref.replace("$", "")]
        return (len(cells), len(cells[0])) if isinstance(cells, tuple) else (1, 1)

    for block, items in GRIDS.items():
        assert size(block) == (-(-len(items) // PAIRS), 2 * PAIRS)
    for block, log in LOGS.items():
        assert size(block) == (log.lines + 1, 1 + max(c for _, c in log.fields))
        assert size(keys_name(block)) == (log.lines, 1)
    assert size("CaseStrategies") == (STRATEGY_LINES + 1, 2 * PAIRS)
    page = sheet("case-analysis", lang, "case")
    lists = [v for v in page.data_validations.dataValidation if v.type == "list"]
    assert [v.formula1 for v in lists] == ["CustomerIds"]
    _, ref = next(iter(names["CaseCustomer"].destinations))
    assert str(lists[0].sqref) == ref.replace("$", "")


@pytest.mark.parametrize("lang", LANGS)
def test_recommendations_reach_ten_and_points_fall_below_zero(lang: Lang) -> None:
    def limits(key: str, header: str) -> tuple[float, float]:
        page = sheet("key-accounts", lang, key)
        column = next(c.column_letter for c in page[1] if c.value == header)
        found = next(v for v in page.data_validations.dataValidation if str(v.sqref).startswith(f"{column}2"))
        return float(found.formula1), float(found.formula2)

    likely = "推荐意愿(0-10)" if lang == "zh" else "Likelihood to recommend (0-10)"
    assert limits("surveys", likely) == (0, 10)
    assert limits("surveys", "产品质量" if lang == "zh" else "Product quality") == (1, 5)
    assert limits("loyalty", "积分变动" if lang == "zh" else "Points")[0] < 0
