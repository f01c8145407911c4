"""Criteria of key accounts: defaults, mistakes, and a workbook that has only the bands of indicators."""

from __future__ import annotations

import pytest

from crm_xl.rules.defaults import default_rules
from crm_xl.rules.tables import read_rows, read_rulebook
from crm_xl.vocabulary.fields import LANGS, Lang

KEYS = ("criterion", "weight", "data_source", "remark")
BAND_KEYS = ("indicator", "lower", "score", "behaviour")


@pytest.mark.parametrize("lang", LANGS)
def test_defaults(lang: Lang) -> None:
    rules = default_rules(lang)
    assert [c.weight for c in rules.account_criteria] == [40, 20, 25, 15, 0]
    banded = {b.indicator for b in rules.account_bands}
    names = [c.criterion for c in rules.account_criteria]
    assert banded == {names[0], names[1], names[4]}
    assert all(b.behaviour for b in rules.account_bands)
    yuan = default_rules(lang, "yuan").account_bands
    assert yuan[0].lower == 1_000_000
    assert yuan[5].lower == rules.account_bands[5].lower == 5


def test_mistakes_are_found() -> None:
    _, problems = read_rows(
        "AccountCriteria", KEYS, [["收入贡献", -5, "", ""], ["", 3, "", ""], ["合作年限", "多", "", ""]]
    )
    assert [p.key for p in problems] == ["rule_negative", "rule_no_label", "rule_not_number"]
    _, problems = read_rows("AccountCriteria", KEYS, [["潜在价值", 50, "", ""], ["潜在价值", 50, "", ""]])
    assert [(p.key, p.row) for p in problems] == [("rule_duplicate_value", 1)]


def test_weights_and_bands_beside_each_other() -> None:
    criteria = (KEYS, KEYS, [["潜在价值", 30, "", ""], ["", None, "", ""], ["合作年限", 30, "", ""]])
    bands = (BAND_KEYS, BAND_KEYS, [["合作年限", None, 1, ""], ["别的", None, 1, ""]])
    rules, problems = read_rulebook(default_rules("zh"), {"AccountCriteria": criteria, "AccountBands": bands})
    assert [(p.table, p.row, p.key, p.fatal) for p in problems] == [
        ("AccountCriteria", 0, "rule_weights", False),
        ("AccountBands", 1, "rule_unknown_indicator", False),
    ]
    assert [c.criterion for c in rules.account_criteria] == ["潜在价值", "合作年限"]


def test_without_bands_of_its_own_a_criterion_has_those_of_its_indicator() -> None:
    rows = [["年采购金额(万元)", 7, 5, ""], ["年采购金额(万元)", None, 1, ""], ["复购率", None, 1, ""]]
    rules, _ = read_rulebook(default_rules("zh"), {"Bands": (BAND_KEYS, BAND_KEYS, rows)})
    revenue = [(b.lower, b.score) for b in rules.account_bands if b.indicator == "收入贡献"]
    assert revenue == [(7, 5), (None, 1)]
    assert [b for b in rules.account_bands if b.indicator == "合作年限"] == [
        b for b in default_rules("zh").account_bands if b.indicator == "合作年限"
    ]
