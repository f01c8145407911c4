"""Formula text."""

from __future__ import annotations

import pytest

from crm_xl.analysis.catalogue import (
    Column,
    Const,
    Fact,
    Fn,
    Guarded,
    Joined,
    Name,
    Rules,
    Scoped,
    Spilled,
)
from crm_xl.workbook.formulas import (
    Place,
    column_reference,
    cross_formula,
    formula_text,
    kpi_formulas,
    plan_formulas,
    profile_formulas,
    quoted,
)
from tests.support.lint import read_formula

PLACE = Place(
    headers={"spend": "年消费金额(万元)", "odd": "a[1]#'@\nb", "id": "编号"},
    id_header="编号",
    blocks={("RFM", 0): "D", ("RFM", 2): "F"},
    scope_headers=("列", "值"),
)
SPEND = "Customers[[#This Row],[年消费金额(万元)]]"


@pytest.mark.parametrize(
    ("header", "text"), [("年(万元)", "年(万元)"), ("a[1]", "a'[1']"), ("#'@", "'#'''@"), ("a\nb", "a\nb")]
)
def test_headers_in_structured_references(header: str, text: str) -> None:
    assert column_reference(header) == text


@pytest.mark.parametrize(
    ("expression", "row", "spill"),
    [
        (Column("spend"), SPEND, "Customers[年消费金额(万元)]"),
        (Column("odd"), "Customers[[#This Row],[a'[1']'#'''@\nb]]", "Customers[a'[1']'#'''@\nb]"),
        (Name("AsOf"), "AsOf", "AsOf"),
        (Rules("Tiers"), "Tiers[]", "Tiers[]"),
        (Const('say "hi"'), '"say ""hi"""', '"say ""hi"""'),
        (Const(1234567.0), "1234567", "1234567"),
        (Const(0.123456789), "0.123456789", "0.123456789"),
        (Fn("F", (Column("spend"), None, Name("AsOf"))), f"F({SPEND},,AsOf)", "F(Customers[年消费金额(万元)],,AsOf)"),
        (Joined((Const("a"), Name("B"))), '"a"&B', '"a"&B'),
        (
            Spilled("RFM", 2),
            "INDEX(Calc!$F:$F,ROW()-ROW(Customers[[#Headers],[编号]])+1)",
            "Calc!$F$2:INDEX(Calc!$F:$F,ROWS(Customers[编号])+1)",
        ),
        (Guarded(Name("A"), ("x", ""), Name("B")), 'IF((A="x")+(A="")>0,A,B)', 'IF((A="x")+(A="")>0,A,B)'),
    ],
)
def test_expressions(expression: object, row: str, spill: str) -> None:
    for shape, text in ((False, row), (True, spill)):
        assert formula_text(expression, PLACE, spill=shape) == text  # type: ignore[arg-type]
        assert not read_formula(text).problems


def test_scope_is_compared_exactly() -> None:
    scoped = Scoped((("行业", "spend"),), Name("T"), "")
    assert formula_text(scoped, PLACE, spill=False) == (
        f'IF((SUMPRODUCT(EXACT(Scope[列],"行业")*EXACT(Scope[值],{SPEND}))>0),T,"")'
    )
    assert "MMULT" in formula_text(scoped, PLACE, spill=True)


def test_a_fact_is_no_formula() -> None:
    with pytest.raises(TypeError):
        formula_text(Fact("orders"), PLACE, spill=False)


KEYS = ("segment", "annual_spend", "order_count", "average_order", "collection_days", "satisfaction", "value_tier",
        "activity")  # fmt: skip
CUSTOMERS = {k: f"{k}[x]" for k in KEYS}
PROFILE = {k: f"{k}'s" for k in ("segment", "customers", "customer_share", "spend", "spend_share", "average_order",
                                 "repurchase_rate", "collection_days", "satisfaction")}  # fmt: skip


def test_native_formulas_are_well_formed() -> None:
    natives = profile_formulas(CUSTOMERS, PROFILE)
    assert set(natives) == set(PROFILE) - {"segment"}
    own = {k: k for k in ("segment", "customers", "customer_share", "strategy")}
    plan = plan_formulas(PROFILE, own, strategies=True)
    assert set(plan) == {"customers", "customer_share", "strategy"}
    kpis = kpi_formulas(PROFILE, CUSTOMERS, "zh")
    assert set(kpis) == {"KpiActive", "KpiCustomers", "KpiSpend", "KpiRepurchase"}
    for native in [*natives.values(), *plan.values(), *kpis.values(), cross_formula(CUSTOMERS, "$A2", "B$1")]:
        assert not read_formula(native.text).problems, native.text
        assert "COUNTIF" not in native.text and "SUMIF" not in native.text  # they read user text as patterns
        assert len(native.text) < 8192


def test_native_formulas_need_their_columns() -> None:
    assert profile_formulas({}, PROFILE) == {}
    few = profile_formulas({"segment": "S"}, {"segment": "s", "spend": "x", "customers": "n"})
    assert set(few) == {"customers"}
    assert plan_formulas({}, {"segment": "s"}, strategies=True) == {}
    assert kpi_formulas({}, {}, "en") == {}


def test_quotes() -> None:
    assert quoted('a"b') == '"a""b"'
