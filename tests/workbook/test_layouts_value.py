"""Sheets of customer value and of cohorts: their places, charts and formats."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries

from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.texts import SHEETS, TEXTS, pick
from crm_xl.workbook.layouts import TEMPLATES, compile_template
from crm_xl.workbook.layouts.cohorts import COHORTS, COLUMNS
from crm_xl.workbook.layouts.value import TABLES, TILES


@cache
def book(lang: Lang) -> Any:
    return openpyxl.load_workbook(BytesIO(compile_template("full", lang)))


def page(lang: Lang, key: str) -> Any:
    return book(lang)[pick(SHEETS[key], lang)]


def place(lang: Lang, name: str) -> tuple[int, int, int, int]:
    ((_, cells),) = book(lang).defined_names[name].destinations
    return range_boundaries(cells)


@pytest.mark.parametrize("lang", LANGS)
def test_tables_side_by_side_under_their_charts(lang: Lang) -> None:
    sheet = page(lang, "value")
    tops = {name: range_boundaries(cells) for name, cells in sheet.tables.items()}
    assert sorted(tops, key=lambda name: tops[name][0]) == [t.name for t in TABLES]
    assert len({top for _, top, _, _ in tops.values()}) == 1
    assert len(sheet._charts) == 4 and all(c.anchor.to.row < min(t[1] for t in tops.values()) for c in sheet._charts)
    lefts = sorted(c.anchor._from.col for c in sheet._charts)
    assert lefts == [tops[t.name][0] - 1 for t in TABLES[:4]]


@pytest.mark.parametrize("lang", LANGS)
def test_every_tile_has_a_label_above(lang: Lang) -> None:
    sheet = page(lang, "value")
    taken: set[int] = set()
    for name, key, _ in TILES:
        left, top, right, _ = place(lang, name)
        assert left == right
        assert sheet.cell(top - 1, left).value == pick(TEXTS[key], lang)
        assert left not in taken
        taken.add(left)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["CohortRetention", "CohortRevenue"])
def test_a_matrix_of_cohorts(name: str, lang: Lang) -> None:
    sheet = page(lang, "cohorts")
    left, top, right, bottom = place(lang, name)
    assert (bottom - top, right - left) == (COHORTS, COLUMNS)
    assert sheet.cell(top + 1, left).number_format == "yyyy-mm"
    assert sheet.cell(top + 1, left + 1).number_format == "#,##0"
    assert {sheet.cell(top + 1, c).number_format for c in range(left + 2, right + 1)} == {"0%"}
    scales, running = [], 0
    for cells in sheet.conditional_formatting:
        ((first, head, last, end),) = [r.bounds for r in cells.sqref.ranges]
        if head != top + 1:
            continue
        scales += [(first, last, end) for rule in cells.rules if rule.type == "colorScale"]
        running += sum("AsOf" in (rule.formula or [""])[0] for rule in cells.rules)
    # not the number of customers, nor the first month, which is always 100 %
    assert scales == [(left + 3, right, bottom)] and running == 2


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_foretold_stands_behind_clv(lang: Lang) -> None:
    columns = TEMPLATES["full"].columns
    at = columns.index("clv")
    assert columns[at + 1 : at + 5] == ("alive", "expected_orders", "predicted_clv", "data_group")
    sheet = page(lang, "customers")
    formats = {c.value: sheet.cell(2, c.column).number_format for c in sheet[1]}
    for key, wanted in (("alive", "0.0%"), ("expected_orders", "0.00"), ("predicted_clv", "#,##0.00")):
        assert formats[CUSTOMERS.field(key).header(lang, "wan")] == wanted
    assert all("alive" not in t.columns for name, t in TEMPLATES.items() if name != "full")
