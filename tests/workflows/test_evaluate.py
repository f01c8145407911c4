"""Evaluate: expressions of the catalogue computed through the worksheet functions."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_xl.analysis.catalogue import (
    Column,
    Const,
    Expression,
    Fact,
    Fn,
    Guarded,
    Joined,
    Name,
    Rules,
    Scoped,
    columns_for,
    result_columns,
    segment_expression,
)
from crm_xl.cells import VALUE_ERROR, CellError
from crm_xl.functions import VALUE_TIER
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.models import ScopeRule
from crm_xl.workflows.evaluate import Inputs, compute, evaluate, inputs_of, shown

AS_OF = dt.datetime(2024, 6, 30)
RULES = default_rules("zh")


def inputs(**columns: list[object]) -> Inputs:
    rows = len(next(iter(columns.values())))
    return inputs_of(RULES, rows, dict(columns), {"fact": [1.0] * rows}, AS_OF)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Column("a"), [1.0, None, CellError("#N/A")]),
        (Column("missing"), [None, None, None]),
        (Fact("fact"), [1.0, 1.0, 1.0]),
        (Const("x"), ["x", "x", "x"]),
        (Joined((Column("a"), Const("-"), Column("b"))), ["1-u", "-v", CellError("#N/A")]),
        (Guarded(Column("b"), ("u",), Column("a")), ["u", None, CellError("#N/A")]),
        (Guarded(Column("a"), (), Column("b")), ["u", "v", CellError("#N/A")]),
        (Fn("VALUE_TIER", (Column("a"), Rules("ValueTiers"), Name("Lang"))), ["低价值", "信息待完善", VALUE_ERROR]),
    ],
)
def test_compute(expression: Expression, expected: list[object]) -> None:
    found = compute(expression, inputs(a=[1.0, None, CellError("#N/A")], b=["u", "v", "w"]))
    assert found == expected
    assert [type(x) for x in found] == [type(x) for x in expected]


def test_scope_finds_a_column_by_any_header() -> None:
    given = inputs(industry=["制造业", "零售", "制造业"], mine=["x", "x", "y"])
    scope = (ScopeRule(scope_field="行业", scope_value="制造业"), ScopeRule(scope_field="mine", scope_value="x"))
    expression = segment_expression(RULES.model_copy(update={"scope": scope}))
    given.scope = [(rule.scope_field, rule.scope_value) for rule in scope]
    assert compute(expression, given) == ["潜在客户", "不在范围", "不在范围"]


def test_scope_over_a_column_that_is_gone() -> None:
    given = inputs(customer_id=["a"])
    given.scope = [("gone", "x")]
    assert compute(Scoped((("gone", "gone"),), Const("in"), "out"), given) == ["in"]


def test_numbers_join_as_excel_shows_them() -> None:
    assert [shown(v) for v in (1.0, 0.5, 1e20, "x", None, 3)] == ["1", "0.5", "1e+20", "x", "", "3"]


def test_no_rows() -> None:
    results, blocks = evaluate(RULES, inputs(customer_id=[]), result_columns(RULES))
    assert set(map(len, results.values())) == {0}
    assert blocks == {"rfm": []}


def test_a_broken_table_is_an_error_not_a_text() -> None:
    """What cannot be computed is Excel's error in every cell, in the tag as in the tier."""
    given = inputs(customer_id=["a", "b"], annual_spend=[1.0, 2.0], last_order=[AS_OF, AS_OF])
    given.tables = {**given.tables, "ValueTiers": [["两万", "高", None, None], [None, "低", None, None]]}
    two = RULES.model_copy(update={"settings": RULES.settings.model_copy(update={"dimensions": ("value",)})})
    for rules in (RULES, two):
        results, _ = evaluate(rules, given, result_columns(rules))
        for key in ("value_tier", "segment"):
            assert [type(c) for c in results[key]] == [CellError, CellError], key
    assert isinstance(VALUE_TIER(1.0, [["x", "y"]]), CellError)


def test_one_row_is_a_column_too() -> None:
    results, blocks = evaluate(RULES, inputs(customer_id=["a"], annual_spend=[12.0]), result_columns(RULES))
    assert all(len(cells) == 1 for cells in results.values())
    assert blocks["rfm"] == [["", "", ""]]


def test_only_what_is_asked_for_and_what_it_rests_on() -> None:
    asked = columns_for(RULES, {"churn_risk", "no column of ours"})
    assert [c.key for c in asked] == ["activity", "health", "churn_risk"]
    assert columns_for(RULES, None) == result_columns(RULES)
    given = {"annual_spend": [12.0], "activity": [None], "satisfaction": [1.0], "customer_id": ["a"]}
    few, _ = evaluate(RULES, inputs(**given), asked)
    everything, _ = evaluate(RULES, inputs(**given), result_columns(RULES))
    assert few == {c.key: everything[c.key] for c in asked}
