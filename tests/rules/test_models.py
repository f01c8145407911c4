from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from crm_xl.rules.models import ActivityRule, Band, Edge, RfmBreak, RfmClass, Rulebook, Settings, ValueTier
from crm_xl.rules.tables import MODELS
from crm_xl.vocabulary.tables import TABLES


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_columns_of_its_table(name: str) -> None:
    attribute, model = MODELS[name]
    assert set(model.model_fields) <= {f.key for f in TABLES[name].fields}
    required = {key for key, info in model.model_fields.items() if info.is_required()}
    assert required and attribute in Rulebook.model_fields


def test_the_edge_in_force() -> None:
    assert ValueTier(lower=10, label="高").edge == 10
    assert ValueTier(lower=10, label="高", effective=0).edge == 0
    assert ValueTier(lower=None, label="低").edge is None


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_that_is_none(number: float) -> None:
    with pytest.raises(ValidationError):
        Edge(lower=number, label="x")


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Edge, {"lower": 1, "label": ""}),
        (Edge, {"lower": 1}),
        (Edge, {"lower": 1, "label": "x", "other": 1}),
        (ValueTier, {"lower": 1, "label": "x", "share": 101}),
        (ActivityRule, {"months_since": -1, "monthly": None, "label": "x"}),
        (ActivityRule, {"months_since": 1.5, "monthly": None, "label": "x"}),
        (ActivityRule, {"months_since": None, "monthly": -0.1, "label": "x"}),
        (Band, {"indicator": "x", "lower": 1, "score": 5.1}),
        (Band, {"indicator": "x", "lower": 1, "score": 0}),
        (RfmBreak, {"measure": "Q", "lower": 1, "score": 1}),
        (RfmBreak, {"measure": "R", "lower": 1, "score": 10}),
        (RfmClass, {"label": "x", "r_from": 0}),
        (Settings, {"rfm_bins": 1}),
        (Settings, {"rfm_bins": "many"}),
        (Settings, {"lang": "fr"}),
        (Settings, {"clv_rate": -0.1}),
        (Settings, {"history_rows": 10}),
    ],
)
def test_refused(model: type, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model(**values)


def test_rules_do_not_change_under_way() -> None:
    edge = Edge(lower=1, label="x")
    with pytest.raises(ValidationError):
        edge.lower = 2  # type: ignore[misc]
    assert hash(edge) == hash(Edge(lower=1, label="x"))


def test_measure_in_any_case() -> None:
    assert RfmBreak(measure=" r ", lower=None, score=1).measure == "R"  # type: ignore[arg-type]
