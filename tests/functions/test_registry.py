from __future__ import annotations

import inspect
import re

import pytest

from crm_xl import functions
from crm_xl.cells import VALUE_ERROR
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.functions import ARGUMENTS, FUNCTIONS
from tests.support.lint import FUTURE_FUNCTIONS, WORKSHEET_FUTURE_FUNCTIONS, is_cell_like, name_problem

CONTRACT = [
    "SEGMENT(annual_spend, monthly_orders, last_order, [as_of], [value_tiers], [activity_rules], [lang])",
    "SEGMENT_TAG(label1, [label2], [label3], [lang])",
    "VALUE_TIER(annual_spend, [value_tiers], [lang])",
    "ACTIVITY(monthly_orders, last_order, [as_of], [activity_rules], [lang])",
    "DEMAND_TYPE(preference, [table], [lang])",
    "INDUSTRY_GROUP(industry, [table], [lang])",
    "LIFECYCLE(order_count, last_order, [as_of], [lifecycle_rules], [lang])",
    "MONTHLY_ORDERS(orders, first_order, [as_of], [window_months])",
    "BAND_SCORE(value, bands)",
    "WEIGHTED_SCORE(scores, weights)",
    "COMPLETENESS(scores, weights)",
    "CUSTOMER_LEVEL(score, [levels], [lang])",
    "ACCOUNT_GRADE(score, [grades], [lang])",
    "RFM_SCORES(recency, frequency, monetary, [as_of], [bins])",
    "RFM_CLASS(r, f, m, [scheme], [lang])",
    "ABC_CLASS(amounts)",
    "CLV(order_value, orders_per_year, years, [margin], [discount_rate])",
    "HEALTH(recent, baseline, [rules], [lang])",
    "CHURN_RISK(activity, [health], [complaints_90d], [satisfaction], [lang])",
    "CHURN_REASON(activity, [health], [complaints_90d], [satisfaction], [lang])",
    "NPS(ratings)",
    "CSAT(ratings)",
    "REPURCHASE_RATE(order_counts)",
    "CHURN_RATE(before, after)",
    "RETENTION_RATE(before, after)",
    "WINBACK_RATE(before, after)",
    "STRATEGY(tag, [system], [strategies], [lang])",
    "MASK(text, [kind])",
]

EXCEL_OLD = """
    ABS ACOS AND ASIN ATAN ATAN2 AVEDEV AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS CEILING CELL CHAR CHOOSE CLEAN CODE
    COLUMN COLUMNS COMBIN CONCATENATE CONVERT CORREL COS COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS COVAR CUMIPMT DATE
    DATEDIF DATEVALUE DAVERAGE DAY DAYS360 DB DCOUNT DDB DGET DISC DMAX DMIN DOLLAR DSUM EDATE EFFECT EOMONTH ERROR
    EVEN EXACT EXP FACT FALSE FIND FIXED FLOOR FORECAST FREQUENCY FV GROWTH HLOOKUP HOUR HYPERLINK IF IFERROR INDEX
    INDIRECT INFO INT INTERCEPT IPMT IRR ISBLANK ISERR ISERROR ISNA ISNUMBER ISTEXT KURT LARGE LEFT LEN LINEST LN LOG
    LOOKUP LOWER MATCH MAX MEDIAN MID MIN MINUTE MIRR MOD MODE MONTH N NA NETWORKDAYS NOMINAL NORMDIST NOT NOW NPER
    NPV ODD OFFSET OR PEARSON PERCENTILE PERCENTRANK PERMUT PI PMT POISSON POWER PPMT PRICE PROB PRODUCT PROPER PV
    QUARTILE QUOTIENT RAND RANK RATE REPLACE REPT RIGHT ROMAN ROUND ROW ROWS RSQ SEARCH SECOND SIGN SIN SKEW SLN SLOPE
    SMALL SQRT STANDARDIZE STDEV STEYX SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SUMSQ SYD T TAN TEXT TIME TODAY
    TRANSPOSE TREND TRIM TRUE TRUNC TYPE UPPER VALUE VAR VLOOKUP WEEKDAY WEEKNUM WEIBULL WORKDAY XIRR XNPV YEAR YIELD
"""


def test_signatures_are_the_contract() -> None:
    assert {f.signature for f in REGISTRY.values()} == set(CONTRACT)
    assert len(REGISTRY) == len(CONTRACT) == 28


def test_defaults() -> None:
    found = {(f.name, a.name): a.default for f in REGISTRY.values() for a in f.arguments if not a.required}
    given = {key: value for key, value in found.items() if value is not None}
    langs = {key: "zh" for key in found if key[1] == "lang"}
    assert given == {
        **langs, ("MONTHLY_ORDERS", "window_months"): 12, ("CLV", "margin"): 1, ("CLV", "discount_rate"): 0,
        ("MASK", "kind"): "auto",
    }  # fmt: skip


@pytest.mark.parametrize("name", REGISTRY)
def test_names_are_neither_cells_nor_functions_of_excel(name: str) -> None:
    assert name == name.upper() and name.isascii()
    assert not name_problem(name) and not is_cell_like(name)
    for taken in (FUTURE_FUNCTIONS, WORKSHEET_FUTURE_FUNCTIONS, EXCEL_OLD.split()):
        assert name not in taken
    for argument in REGISTRY[name].arguments:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", argument.name)


def test_words_for_every_function_and_argument() -> None:
    assert set(FUNCTIONS) == set(REGISTRY)
    assert set(ARGUMENTS) == {a.name for f in REGISTRY.values() for a in f.arguments}
    for f in REGISTRY.values():
        assert f.text("zh") != f.text("en") and f.text("en").isprintable()
        # Excel's function wizard cuts a description at 255 characters
        assert all(len(t) <= 255 for t in (f.zh, f.en, *(x for a in f.arguments for x in (a.zh, a.en))))


@pytest.mark.parametrize("name", REGISTRY)
def test_plain_callables(name: str) -> None:
    function = getattr(functions, name)
    assert function is REGISTRY[name].call and name in functions.__all__
    assert inspect.getdoc(function) and function.__name__ == name
    assert [p.name for p in inspect.signature(function).parameters.values()] == [
        a.name for a in REGISTRY[name].arguments
    ]


def test_whole_columns() -> None:
    assert {f.name for f in REGISTRY.values() if f.whole_column} == {
        "RFM_SCORES", "ABC_CLASS", "NPS", "CSAT", "REPURCHASE_RATE", "CHURN_RATE", "RETENTION_RATE", "WINBACK_RATE",
    }  # fmt: skip


@pytest.mark.parametrize("name", REGISTRY)
def test_only_cells_that_are_wrong_give_only_errors(name: str) -> None:
    """Every argument an error: no label, no number, no exception."""
    function = REGISTRY[name]
    answer = function.call(*([[VALUE_ERROR], [VALUE_ERROR]] for a in function.arguments if a.required))
    cells = [c for row in answer for c in row] if isinstance(answer, list) else [answer]
    assert cells and set(cells) == {VALUE_ERROR}
