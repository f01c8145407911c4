"""Indicators of the user's own: any column of figures of the customer table, by its header."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import Band, Indicator, Rulebook
from crm_xl.workflows.analyse import analyse_cells, own_column

AS_OF = dt.date(2024, 6, 30)


def with_indicator(name: str, unit: str = "wan") -> Rulebook:
    rules = default_rules("zh", unit)  # type: ignore[arg-type]
    bands = (Band(indicator=name, lower=10, score=5), Band(indicator=name, lower=None, score=1))
    return rules.model_copy(
        update={
            "indicators": (Indicator(indicator=name, weight=10),),
            "bands": bands,
        }
    )


def scores(name: str, columns: dict[str, list[object]], unit: str = "wan") -> list[float]:
    size = len(next(iter(columns.values())))
    cells = {"customer_id": [f"C{i}" for i in range(size)], **columns}
    outcome = analyse_cells(cells, None, None, with_indicator(name, unit), AS_OF)
    return outcome.scores[name].tolist()


def test_a_column_of_the_users_own() -> None:
    found = scores("信用分", {"信用分": [12.0, 3.0, None, "高", True, dt.datetime(2024, 1, 1)]})
    assert np.array_equal(found, [5, 1, np.nan, np.nan, np.nan, np.nan], equal_nan=True)


def test_a_field_of_ours_by_any_of_its_headers() -> None:
    assert scores("战略重要性", {"strategic": [12.0, 2.0]}) == [5, 1]


def test_an_amount_in_the_unit_that_the_indicator_names() -> None:
    # 11 万元 is 110,000 元; in a workbook in 元 it stands as such
    assert scores("年营收(万元)", {"annual_revenue": [11.0, 9.0]}) == [5, 1]
    assert scores("年营收(万元)", {"annual_revenue": [110_000.0, 90_000.0]}, "yuan") == [5, 1]
    assert scores("年营收(元)", {"annual_revenue": [0.001, 0.0009]}) == [5, 1]
    assert scores("年营收", {"annual_revenue": [11.0, 9.0]}) == [5, 1]


def test_results_of_ours_and_unknown_names_have_no_data() -> None:
    assert np.isnan(scores("综合得分", {"score": [12.0]})).all()
    assert np.isnan(scores("没有这一列", {"信用分": [12.0]})).all()
    assert own_column({"score", "信用分"}, "综合得分") is None
    assert own_column({"信用分"}, "信用分") == "信用分"
