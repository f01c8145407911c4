"""Rules and settings of a workbook <-> the rulebook."""

from __future__ import annotations

from pathlib import Path

import pytest

import crm_xl
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.tables import MODELS
from crm_xl.vocabulary.fields import Lang, Unit
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.parameters import read_parameters, write_parameters
from tests.support import feature_rich


@pytest.fixture(scope="module", params=[("zh", "wan"), ("en", "yuan")], ids=str)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lang, Unit]:
    lang, unit = request.param
    path = tmp_path_factory.mktemp("rules") / f"{lang}.xlsx"
    crm_xl.new_workbook(path, template="customer-info", lang=lang, unit=unit, as_of="2024-06-30")
    return path, lang, unit


def test_a_new_workbook_holds_the_built_in_rules(made: tuple[Path, Lang, Unit]) -> None:
    path, lang, unit = made
    found = read_parameters(FileWorkbook(path), lang, unit)
    assert found.findings == []
    rules, base = found.rules, default_rules(lang, unit)
    for attribute, _ in MODELS.values():
        if any(MODELS[name][0] == attribute for name in found.tables):
            assert getattr(rules, attribute) == getattr(base, attribute), attribute
    assert rules.settings.lang == lang and rules.settings.unit == unit


def test_writing_what_was_read_changes_nothing(made: tuple[Path, Lang, Unit]) -> None:
    path, lang, unit = made
    book = FileWorkbook(path)
    write_parameters(book, read_parameters(book, lang, unit).rules)
    assert not book.pending()


def test_fewer_rules_are_written_and_read_again(made: tuple[Path, Lang, Unit], tmp_path: Path) -> None:
    path, lang, unit = made
    book = FileWorkbook(path)
    rules = read_parameters(book, lang, unit).rules
    fewer = rules.model_copy(update={"industry_groups": rules.industry_groups[:2]}) if hasattr(
        rules, "industry_groups") else rules  # fmt: skip
    settings = fewer.settings.model_copy(update={"orders_months": 6})
    fewer = fewer.model_copy(update={"settings": settings})
    write_parameters(book, fewer)
    book.save(tmp_path / "out.xlsx")
    again = read_parameters(FileWorkbook(tmp_path / "out.xlsx"), lang, unit)
    assert again.findings == []
    assert again.rules == fewer


def test_a_mistake_is_named_with_its_cell(made: tuple[Path, Lang, Unit], tmp_path: Path) -> None:
    path, lang, unit = made
    book = FileWorkbook(path)
    data = book.read_table("ValueTiers")
    book.write_column("ValueTiers", "lower", ["much"])
    book.write_name("OrdersMonths", "often")
    book.save(tmp_path / "out.xlsx")
    book = FileWorkbook(tmp_path / "out.xlsx")
    findings = read_parameters(book, lang, unit).findings
    places = {(f.sheet, f.cell) for f in findings}
    assert (data.sheet, data.cell(0, data.fields["lower"])) in places
    assert book.name_place("OrdersMonths") in places
    for finding in findings:
        assert finding.cell in finding.text("zh") and finding.sheet in finding.text("en")
    assert {f.fatal for f in findings} == {True, False}


def test_a_workbook_without_rules_has_the_built_in_ones(tmp_path: Path) -> None:
    book = FileWorkbook(feature_rich.make(tmp_path / "rich.xlsx"))
    found = read_parameters(book, "en", "yuan")
    assert found.tables == {} and found.cells == {} and found.findings == []
    assert found.rules == default_rules("en", "yuan")
