from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.rules.models import Settings
from crm_xl.rules.settings import choice_text, dimension_key, dimension_text, find_choice, read_settings, write_settings
from crm_xl.vocabulary.fields import LANGS
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.settings import CHOICES, DIMENSIONS, EXPLANATIONS, NAMES

months = st.integers(0, 60)
any_settings = st.builds(
    Settings,
    as_of=st.one_of(st.none(), st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))),
    lang=st.sampled_from(LANGS),
    unit=st.sampled_from(["wan", "yuan"]),
    form=st.sampled_from(["auto", "row", "spill", "values"]),
    value_method=st.sampled_from(["thresholds", "shares"]),
    dimensions=st.lists(
        st.sampled_from([*DIMENSIONS, "customer_type", "city", "gender"]), min_size=1, max_size=3, unique=True
    ).map(tuple),
    spend_months=months,
    orders_months=months,
    rfm_months=months,
    rfm_bins=st.one_of(st.integers(2, 9), st.just("breaks")),
    rfm_scheme=st.sampled_from(["five", "eight", "eight_mean", "ten"]),
    log_covers=st.sampled_from(["auto", "all", "part"]),
    clv_years=st.floats(0, 20),
    clv_margin=st.floats(-1, 1),
    clv_rate=st.floats(0, 1),
    history_rows=st.integers(1000, 1_000_000),
)


@settings(max_examples=200, deadline=None)
@given(any_settings, any_settings)
def test_written_and_read_back(chosen: Settings, base: Settings) -> None:
    cells = write_settings(chosen)
    assert set(cells) == set(NAMES)
    base = base.model_copy(update={"as_of": chosen.as_of})
    assert read_settings(base, cells) == (chosen, [])


def test_empty_cells_leave_what_holds() -> None:
    base = Settings(spend_months=6, dimensions=("industry",))
    assert read_settings(base, {}) == (base, [])
    assert read_settings(base, dict.fromkeys(NAMES, None)) == (base, [])
    assert read_settings(base, dict.fromkeys(NAMES, " ")) == (base, [])


@pytest.mark.parametrize(
    ("name", "cell", "attribute", "value"),
    [
        ("RfmScheme", "八类", "rfm_scheme", "eight"),
        ("RfmScheme", "EIGHT CLASSES", "rfm_scheme", "eight"),
        ("RfmScheme", "eight", "rfm_scheme", "eight"),
        ("RfmBins", 4.0, "rfm_bins", 4),
        ("RfmBins", "固定分界", "rfm_bins", "breaks"),
        ("Lang", "English", "lang", "en"),
        ("AmountUnit", "万", "unit", "wan"),
        ("LogCovers", "部分", "log_covers", "part"),
        ("AsOf", dt.datetime(2024, 8, 31, 9), "as_of", dt.date(2024, 8, 31)),
        ("AsOf", dt.date(2024, 8, 31), "as_of", dt.date(2024, 8, 31)),
        ("SpendMonths", 0, "spend_months", 0),
        ("ClvRate", 0.08, "clv_rate", 0.08),
    ],
)
def test_read(name: str, cell: Any, attribute: str, value: Any) -> None:
    found, problems = read_settings(Settings(), {name: cell})
    assert problems == [] and getattr(found, attribute) == value


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("RfmScheme", "九类"),
        ("RfmBins", 1),
        ("RfmBins", 4.5),
        ("RfmBins", "x"),
        ("Lang", "fr"),
        ("AsOf", "2024-08-31"),
        ("AsOf", 45535),
        ("SpendMonths", -1),
        ("SpendMonths", "十二"),
        ("SpendMonths", True),
        ("SpendMonths", 1.5),
        ("ClvRate", -0.1),
        ("HistoryRows", 10),
        ("Dimension1", "不存在的列"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_holds(name: str, cell: Any, lang: Any) -> None:
    base = Settings(lang=lang)
    found, problems = read_settings(base, {name: cell, "ClvYears": 5})
    assert found == base.model_copy(update={"clv_years": 5})
    (problem,) = problems
    assert problem.name == name
    text = message(problem.key, lang, **problem.values)
    assert str(cell) in text and "{" not in text
    if lang == "en":
        assert text.replace(str(cell), "").isascii()


def test_dimensions() -> None:
    cells = {"Dimension1": "行业", "Dimension2": "Value", "Dimension3": "行业维度"}
    found, problems = read_settings(Settings(), cells)
    assert found.dimensions == ("industry", "value") and problems == []
    found, _ = read_settings(Settings(), {"Dimension1": "我的列"}, own_columns=("我的列",))
    assert found.dimensions == ("我的列",)
    for key, names in DIMENSIONS.items():
        assert [dimension_key(n) for n in (*names, key)] == [key] * (len(names) + 1)
        assert all(dimension_key(dimension_text(key, lang)) == key for lang in LANGS)
    assert dimension_key("城市") == "city" and dimension_text("city", "en") == "City"
    assert dimension_text("我的列", "zh") == "我的列"


def test_choices_read_as_they_are_shown() -> None:
    for kind, choices in CHOICES.items():
        for value, names in choices.items():
            assert [find_choice(kind, f" {name.upper()} ") for name in (value, *names)] == [value] * (len(names) + 1)
            if kind != "lang":
                assert [choice_text(kind, value, lang) for lang in LANGS] == list(names[:2])
        assert find_choice(kind, "nothing of the kind") is None


def test_every_named_cell_is_explained() -> None:
    assert set(EXPLANATIONS) == set(NAMES)
    for (title_zh, title_en), (zh, en) in EXPLANATIONS.values():
        assert title_zh and zh and title_en.isascii() and en.isascii()
    assert {key for key, _ in NAMES.values()} == set(Settings.model_fields)
    known = {f.key for f in CUSTOMERS.fields} | {"value", "demand"}
    assert set(DIMENSIONS) <= known
