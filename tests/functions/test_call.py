from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_xl import functions
from crm_xl.cells import VALUE_ERROR, CellError
from crm_xl.functions import REGISTRY
from crm_xl.functions import call as door
from tests.functions import cells

AS_OF = dt.datetime(2024, 8, 31)
BANDS = [["下限", "得分"], [100, 5], [50, 4], [30, 3], [10, 2], [None, 1]]

Case = tuple[tuple[Any, ...], tuple[Any, ...]]
"""Strategies of the arguments that vary by row, and the arguments after them."""

ROW_WISE: dict[str, Case] = {
    "SEGMENT": ((cells.amounts, cells.counts, cells.dates), (AS_OF,)),
    "SEGMENT_TAG": ((cells.labels, cells.states, cells.texts), ()),
    "VALUE_TIER": ((cells.amounts,), ()),
    "ACTIVITY": ((cells.counts, cells.dates), (AS_OF,)),
    "DEMAND_TYPE": ((cells.texts,), ()),
    "INDUSTRY_GROUP": ((cells.texts,), (None, "en")),
    "LIFECYCLE": ((cells.counts, cells.dates), (AS_OF, None, "en")),
    "MONTHLY_ORDERS": ((cells.counts, cells.dates, cells.as_ofs.map(cells.moment), cells.counts), ()),
    "BAND_SCORE": ((cells.amounts,), (BANDS,)),
    "CUSTOMER_LEVEL": ((st.one_of(st.floats(20, 100), cells.odd),), ()),
    "ACCOUNT_GRADE": ((st.one_of(st.floats(20, 100), cells.odd),), ()),
    "RFM_CLASS": ((cells.scores, cells.scores, cells.scores), ("eight",)),
    "CLV": ((cells.amounts, cells.counts, cells.counts, cells.amounts, cells.amounts), ()),
    "HEALTH": ((cells.counts, cells.counts), ()),
    "CHURN_RISK": ((cells.labels, cells.states, cells.counts, cells.ratings), ()),
    "CHURN_REASON": ((cells.labels, cells.states, cells.counts, cells.ratings), ("en",)),
    "STRATEGY": ((cells.labels,), ()),
    "MASK": ((cells.texts,), ()),
}
WHOLE = {
    "RFM_SCORES", "ABC_CLASS", "NPS", "CSAT", "REPURCHASE_RATE", "CHURN_RATE", "RETENTION_RATE", "WINBACK_RATE",
}  # fmt: skip


def is_answer(cell: Any) -> bool:
    """What a cell takes: a finite number, or a text."""
    if isinstance(cell, str):
        return True
    return type(cell) is float and np.isfinite(cell)


def test_every_function_is_met_here() -> None:
    assert set(ROW_WISE) | WHOLE | {"WEIGHTED_SCORE", "COMPLETENESS"} == set(REGISTRY)


@pytest.mark.parametrize("name", ROW_WISE)
@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_column_is_its_cells_one_by_one(name: str, data: st.DataObject) -> None:
    varying, rest = ROW_WISE[name]
    function: Callable[..., Any] = getattr(functions, name)
    rows = data.draw(st.lists(st.tuples(*varying), min_size=1, max_size=6))
    columns = [[[cell] for cell in column] for column in zip(*rows, strict=True)]
    answer = function(*columns, *rest)
    one_by_one = [[function(*row, *rest)] for row in rows]
    assert answer == one_by_one
    assert [[type(c) for c in row] for row in answer] == [[type(c) for c in row] for row in one_by_one]
    assert all(is_answer(cell) for (cell,) in answer)
    # the order of the rows does not matter
    turned = function(*(column[::-1] for column in columns), *rest)
    assert turned == answer[::-1]
    # a scalar stands beside a column as if it were repeated
    if len(varying) > 1:
        mixed = function(columns[0], *rows[0][1:], *rest)
        assert mixed == function(columns[0], *([[c]] * len(rows) for c in rows[0][1:]), *rest)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(cells.scores, min_size=4, max_size=4), min_size=2, max_size=5))
def test_score_rows_are_each_their_own(rows: list[list[Any]]) -> None:
    weights = [40, 30, 20, 10]
    for function in (functions.WEIGHTED_SCORE, functions.COMPLETENESS):
        answer = function(rows, weights)
        assert answer == [[function([row], weights)] for row in rows]
        assert answer == function(rows, [[w] for w in weights])
        assert answer == function([list(reversed(r)) for r in rows], weights[::-1])


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(8)), st.data())
def test_whole_columns_do_not_know_the_order_of_rows(order: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.lists(cells.amounts, min_size=8, max_size=8))
    count = data.draw(st.lists(cells.counts, min_size=8, max_size=8))
    last = data.draw(st.lists(cells.dates, min_size=8, max_size=8))

    def column(values: list[Any], rows: Any = range(8)) -> list[list[Any]]:
        return [[values[i]] for i in rows]

    classes = functions.ABC_CLASS(column(amount))
    assert functions.ABC_CLASS(column(amount, order)) == [classes[i] for i in order]
    scores = functions.RFM_SCORES(column(last), column(count), column(amount), AS_OF)
    turned = functions.RFM_SCORES(column(last, order), column(count, order), column(amount, order), AS_OF)
    assert turned == [scores[i] for i in order]


def test_shape_of_the_answer() -> None:
    assert functions.VALUE_TIER(12) == "高价值"
    assert functions.VALUE_TIER([[12]]) == [["高价值"]]
    assert functions.VALUE_TIER([[12, 3], [None, 1]]) == [["高价值", "中价值"], ["信息待完善", "低价值"]]
    assert functions.VALUE_TIER([12, 3]) == [["高价值"], ["中价值"]]
    assert functions.VALUE_TIER(np.array([12.0, 3.0])) == [["高价值"], ["中价值"]]
    assert functions.VALUE_TIER(pd.Series([12.0, None])) == [["高价值"], ["信息待完善"]]
    assert functions.VALUE_TIER([]) == []
    assert functions.SEGMENT([], [], [], AS_OF) == []


def test_row_against_column_makes_a_table() -> None:
    answer = functions.MONTHLY_ORDERS([[6], [12]], [[dt.datetime(2023, 8, 31), dt.datetime(2024, 2, 29)]], AS_OF)
    assert answer == [[0.5, 1.0], [1.0, 2.0]]


def test_ranges_that_do_not_fit_are_an_error() -> None:
    assert functions.HEALTH([[1], [2]], [[1], [2], [3]]) == VALUE_ERROR
    assert functions.VALUE_TIER([[1, 2], [3]]) == VALUE_ERROR


@pytest.mark.parametrize("cell", [None, "", " ", "\u3000", float("nan"), np.float64("nan")])
def test_empty_number(cell: object) -> None:
    assert functions.VALUE_TIER(cell) == "信息待完善"
    assert functions.VALUE_TIER(cell, None, "en") == "Incomplete"
    assert functions.BAND_SCORE(cell, BANDS) == ""


@pytest.mark.parametrize(
    "cell",
    [
        "abc", "12", True, False, np.bool_(True), float("inf"), -float("inf"), 10**400, dt.datetime(2024, 1, 1),
        dt.date(2024, 1, 1), np.datetime64("2024-01-01"), CellError("#N/A"), VALUE_ERROR,
    ],
)  # fmt: skip
def test_wrong_number_spoils_its_own_element(cell: object) -> None:
    assert functions.VALUE_TIER(cell) == VALUE_ERROR
    assert isinstance(functions.VALUE_TIER(cell), CellError)
    assert functions.VALUE_TIER([[12], [cell], [None]]) == [["高价值"], [VALUE_ERROR], ["信息待完善"]]


@pytest.mark.parametrize("cell", [12, 12.0, np.int64(12), np.float64(12), Decimal("12"), Decimal("12.00")])
def test_number_of_any_make(cell: object) -> None:
    """A cell in a currency format reaches Python as a Decimal."""
    assert functions.VALUE_TIER([[cell], [None]]) == [["高价值"], ["信息待完善"]]
    assert functions.MASK(cell) == functions.MASK("12")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (dt.datetime(2024, 2, 29, 23, 59), "2024-02-29"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (pd.Timestamp("2024-02-29 10:00"), "2024-02-29"),
        (np.datetime64("2024-02-29T10:00"), "2024-02-29"),
        (45351, "2024-02-29"),
        (45351.99, "2024-02-29"),
        (Decimal(45351), "2024-02-29"),
        (1, "1900-01-01"),
        (59, "1900-02-28"),
        (61, "1900-03-01"),
        (2958465, "9999-12-31"),
    ],
)
def test_day(cell: Any, day: str) -> None:
    for column in ([cell], [cell, None], [cell, "x"], [cell, dt.datetime(2024, 1, 1)]):
        assert str(door.to_days(column)[0][0]) == day


@pytest.mark.parametrize("cell", ["2024-02-29", True, 0, -1, 0.5, 2958466, 1e300, float("inf"), CellError("#REF!")])
def test_wrong_day(cell: Any) -> None:
    for column in ([cell], [cell, None], [cell, dt.datetime(2024, 1, 1)]):
        wrong = door.to_days(column)[1]
        assert wrong is not None and wrong.tolist() == [True, *[False] * (len(column) - 1)]
    assert functions.ACTIVITY(1, cell, AS_OF) == VALUE_ERROR


@pytest.mark.parametrize("cell", [None, "", " ", float("nan"), pd.NaT, np.datetime64("NaT")])
def test_no_day(cell: Any) -> None:
    for column in ([cell], [cell, dt.datetime(2024, 1, 1)], [cell, "x"], [cell, 45351]):
        days, wrong = door.to_days(column)
        assert np.isnat(days[0])
        assert wrong is None or not wrong[0]


def test_date_after_as_of_is_wrong_and_as_of_itself_counts() -> None:
    column = [[AS_OF], [AS_OF + dt.timedelta(days=1)], [AS_OF + dt.timedelta(hours=5)]]
    assert functions.ACTIVITY(1, column, AS_OF) == [["活跃"], [VALUE_ERROR], ["活跃"]]
    assert functions.LIFECYCLE(1, column, AS_OF) == [["成交"], [VALUE_ERROR], ["成交"]]
    assert functions.MONTHLY_ORDERS(1, column, AS_OF) == [[1.0], [VALUE_ERROR], [1.0]]
    assert functions.SEGMENT(12, 1, column, AS_OF) == [["高价值活跃客户"], [VALUE_ERROR], ["高价值活跃客户"]]


@pytest.mark.parametrize("left_out", [None, "", " "])
def test_as_of_left_out_is_today(monkeypatch: pytest.MonkeyPatch, left_out: object) -> None:
    monkeypatch.setattr(door, "today", lambda: dt.date(2024, 8, 31))
    column = [[dt.datetime(2024, 8, 31)], [dt.datetime(2024, 9, 1)], [dt.datetime(2024, 2, 29)]]
    assert functions.ACTIVITY(1, column, left_out) == [["活跃"], [VALUE_ERROR], ["流失"]]


def test_as_of_by_row() -> None:
    days = [[dt.datetime(2024, 8, 31)], ["x"], [45535]]
    assert functions.ACTIVITY(1, dt.datetime(2024, 2, 29), days) == [["流失"], [VALUE_ERROR], ["流失"]]


@pytest.mark.parametrize("lang", ["en", "EN", " en ", [["en"]]])
def test_language(lang: object) -> None:
    assert functions.VALUE_TIER(12, None, lang) == "High-value"


@pytest.mark.parametrize("lang", [None, "", " ", "zh", "ZH", [[None]]])
def test_language_left_out(lang: object) -> None:
    assert functions.VALUE_TIER(12, None, lang) == "高价值"


@pytest.mark.parametrize("lang", ["fr", 1, True, [["en"], ["zh"]], [], VALUE_ERROR])
def test_unknown_language(lang: object) -> None:
    assert functions.VALUE_TIER(12, None, lang) == VALUE_ERROR


# ---------------------------------------------------------------- rule tables

TIERS = [[100, "大"], [None, "小"]]
MALFORMED: dict[str, Any] = {
    "text for an edge": [["x", "大"], [None, "小"]],
    "text that looks like a number": [["100", "大"], [None, "小"]],
    "no label": [[100, None], [None, "小"]],
    "blank label": [[100, " "], [None, "小"]],
    "an edge twice": [[100, "大"], [100, "小"]],
    "two open edges": [[None, "大"], [None, "小"]],
    "a date for an edge": [[dt.datetime(2024, 1, 1), "大"], [None, "小"]],
    "a boolean for an edge": [[True, "大"], [None, "小"]],
    "an error for an edge": [[CellError("#N/A"), "大"], [None, "小"]],
    "an error for a label": [[100, CellError("#N/A")], [None, "小"]],
    "infinity": [[float("inf"), "大"], [None, "小"]],
    "one column": [[100], [None]],
    "nothing": [[None, None], [None, None]],
    "no rows": [],
    "only a header": [["下限", "层级"]],
    "a text": "高价值",
    "a number": 5,
}


@pytest.mark.parametrize("table", MALFORMED.values(), ids=MALFORMED)
def test_malformed_table_spoils_everything(table: Any) -> None:
    assert functions.VALUE_TIER(12, table) == VALUE_ERROR
    assert functions.VALUE_TIER([[12], [None], ["x"]], table) == [[VALUE_ERROR]] * 3
    assert functions.SEGMENT([[12], [None]], 1, AS_OF, AS_OF, table) == [[VALUE_ERROR]] * 2
    assert functions.CUSTOMER_LEVEL([[12], [None]], table) == [[VALUE_ERROR]] * 2
    assert functions.BAND_SCORE([[12], [None]], table) == [[VALUE_ERROR]] * 2


@pytest.mark.parametrize(
    "table",
    [
        TIERS,
        [["下限", "层级"], *TIERS],
        [["Lower edge", "Tier"], *TIERS],
        [["Threshold", "My own words"], *TIERS],
        TIERS[::-1],
        [*TIERS, [None, None]],
        [[None, ""], *TIERS],
        ((100, "大"), (None, "小")),
        [["100 以上", None], *TIERS][1:],
        np.array(TIERS, dtype=object),
        pd.DataFrame(TIERS, dtype=object),
        [[100.0, " 大 "], ["", "小"]],
        [[Decimal(100), "大"], [float("nan"), "小"]],
    ],
)
def test_table_in_any_order_with_or_without_header(table: Any) -> None:
    assert functions.VALUE_TIER([[100], [99.9], [-5], [None]], table) == [["大"], ["小"], ["小"], ["信息待完善"]]


def test_table_without_a_lowest_row() -> None:
    """No tier for an amount below every edge: no label that looks like a result."""
    table = [[10, "高"], [2, "中"]]
    assert functions.VALUE_TIER([[10], [2], [1]], table) == [["高"], ["中"], [VALUE_ERROR]]
    assert functions.VALUE_TIER(-5, [[10, "高"], [0, "低"]]) == "低"


def test_text_in_first_row_is_no_header_by_itself() -> None:
    assert functions.VALUE_TIER(12, [["abc", "def"], *TIERS]) == VALUE_ERROR


def test_rules_are_cached_by_content_not_by_looks() -> None:
    assert functions.VALUE_TIER(5, [[1, "大"], [None, "小"]]) == "大"
    assert functions.VALUE_TIER(5, [[True, "大"], [None, "小"]]) == VALUE_ERROR
    assert functions.VALUE_TIER(5, [[1.0, "大"], [None, "小"]]) == "大"
    table = [[1, "大"], [None, "小"]]
    functions.VALUE_TIER(5, table)
    table[0][1] = "很大"
    assert functions.VALUE_TIER(5, table) == "很大"
