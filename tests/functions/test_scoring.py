from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.cells import VALUE_ERROR
from crm_xl.functions import (
    ABC_CLASS,
    ACCOUNT_GRADE,
    BAND_SCORE,
    COMPLETENESS,
    CUSTOMER_LEVEL,
    RFM_CLASS,
    RFM_SCORES,
    WEIGHTED_SCORE,
)
from tests.functions import cells, plain

AS_OF = dt.datetime(2024, 8, 31)
BANDS = [[100, 5], [50, 4], [30, 3], [10, 2], [None, 1]]
CUBE = list(product(range(1, 6), repeat=3))


def column(values: Any) -> list[list[Any]]:
    return [[v] for v in values]


def flat(answer: list[list[Any]]) -> list[Any]:
    return [row[0] for row in answer]


# ---------------------------------------------------------------- bands


def test_band_score() -> None:
    values = [100, 99.99, 99.9999999999, 50, 30, 10, 9.99, 0, -5, None, "x"]
    assert flat(BAND_SCORE(column(values), BANDS)) == [5, 4, 5, 4, 3, 2, 1, 1, 1, "", VALUE_ERROR]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-20, 120).map(lambda x: x / 4), min_size=1, max_size=20))
def test_band_score_by_a_loop(values: list[float]) -> None:
    def slow(value: float) -> float:
        reached = [(edge, score) for edge, score in BANDS if edge is not None and value >= edge]
        return float(max(reached)[1] if reached else 1)

    assert flat(BAND_SCORE(column(values), BANDS)) == [slow(v) for v in values]
    assert BAND_SCORE(column(values), BANDS[::-1]) == BAND_SCORE(column(values), BANDS)


def test_band_score_wants_bands() -> None:
    assert BAND_SCORE(5, None) == VALUE_ERROR
    assert BAND_SCORE([[5], [6]], None) == [[VALUE_ERROR]] * 2
    assert BAND_SCORE(5, [[10, 6], [None, 1]]) == VALUE_ERROR
    assert BAND_SCORE(5, [[10, 5], [None, 0]]) == VALUE_ERROR
    assert BAND_SCORE([[5], [0]], [["下限", "得分"], [1, 4], [3, 5]]) == [[5.0], [VALUE_ERROR]]


# ---------------------------------------------------------------- weighted score and levels


def test_weighted_score_from_20_to_100() -> None:
    weights = [15, 10, 10, 10, 8, 7, 8, 6, 6, 8, 6, 6]
    assert sum(weights) == 100
    assert WEIGHTED_SCORE([[5] * 12], [weights]) == 100.0
    assert WEIGHTED_SCORE([[1] * 12], [weights]) == 20.0
    assert WEIGHTED_SCORE([[4, 3, 5, 2, 1, 5, 4, 3, 2, 5, 4, 3]], weights) == 69.4
    # 15·4+10·3+10·5+10·2+8·1+7·5+8·4+6·3+6·2+8·5+6·4+6·3 = 347; ÷100 × 20 = 69.4


def test_weighted_score_leaves_out_what_is_missing() -> None:
    assert WEIGHTED_SCORE([[5, None, 1]], [50, 30, 20]) == round((5 * 50 + 20) / 70 * 20, 2) == 77.14
    assert COMPLETENESS([[5, None, 1]], [50, 30, 20]) == 0.7
    assert WEIGHTED_SCORE([[None, ""]], [50, 50]) == ""
    assert COMPLETENESS([[None, ""]], [50, 50]) == 0.0


def test_weights_are_normalised() -> None:
    assert WEIGHTED_SCORE([[5, 1]], [3, 1]) == WEIGHTED_SCORE([[5, 1]], [75, 25]) == 80.0
    assert WEIGHTED_SCORE([[5, 1]], [3, None]) == 100.0
    assert WEIGHTED_SCORE([[5, 1]], [0, 0]) == ""
    assert COMPLETENESS([[5, 1]], [0, 0]) == ""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_weighted_score_by_hand(rows: list[list[int | None]], weights: list[int]) -> None:
    scores, shares = [], []
    for row in rows:
        known = [(s, w) for s, w in zip(row, weights, strict=True) if s is not None]
        base = sum(w for _, w in known)
        scores.append(plain.half_up(sum(s * w for s, w in known) / base * 20) if base else "")
        shares.append(base / sum(weights) if sum(weights) else "")
    single = len(rows) == 1
    answer, share = WEIGHTED_SCORE(rows, weights), COMPLETENESS(rows, weights)
    assert answer == (scores[0] if single else column(scores))
    for got, wanted in zip([share] if single else flat(share), shares, strict=True):
        assert got == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


def test_score_is_rounded_half_up() -> None:
    # 3.5005 · 20 = 70.01; 3.50025 · 20 = 70.005: half up, where round() to even gives 70.0
    assert WEIGHTED_SCORE([[3.50025]], [1]) == 70.01
    assert WEIGHTED_SCORE([[3.50075]], [1]) == 70.02
    assert WEIGHTED_SCORE([[3.500249]], [1]) == 70.0
    # 1/8 of a step: 5·1+2·7 = 19 / 8 · 20 = 47.5 exactly
    assert WEIGHTED_SCORE([[5, 2]], [1, 7]) == 47.5


@pytest.mark.parametrize("bad", ["x", True, AS_OF, 0, 6, -1, 0.99, 5.01, 1e300, float("inf")])
def test_wrong_score_spoils_its_row_alone(bad: Any) -> None:
    table = [[5, 5], [bad, 5], [None, 1]]
    assert WEIGHTED_SCORE(table, [1, 1]) == [[100.0], [VALUE_ERROR], [20.0]]
    assert COMPLETENESS(table, [1, 1]) == [[1.0], [VALUE_ERROR], [0.5]]


@pytest.mark.parametrize(
    "weights", [[50, -50], [50, "x"], [50], [50, 25, 25], [], None, [[50, 50], [1, 1]], [1e308, 1e308]]
)
def test_wrong_weights_spoil_every_row(weights: Any) -> None:
    for function in (WEIGHTED_SCORE, COMPLETENESS):
        assert function([[5, 1], [4, 2], [1, 1]], weights) == [[VALUE_ERROR]] * 3
        assert function([[5, 1]], weights) == VALUE_ERROR


def test_one_customer_in_a_row_or_a_column() -> None:
    assert WEIGHTED_SCORE([[5, 1, 3]], [[1], [1], [2]]) == 60.0
    assert WEIGHTED_SCORE([[5], [1], [3]], [[1, 1, 2]]) == 60.0
    assert WEIGHTED_SCORE(5, 1) == 100.0
    assert WEIGHTED_SCORE([[5], [1], [3]], 1) == [[100.0], [20.0], [60.0]]


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (100, "一级(核心客户)"),
        (90, "一级(核心客户)"),
        (89.995, "一级(核心客户)"),
        (89.9949, "二级(潜力客户)"),
        (89.99, "二级(潜力客户)"),
        (89.5, "二级(潜力客户)"),
        (70, "二级(潜力客户)"),
        (69.994, "三级(普通客户)"),
        (50, "三级(普通客户)"),
        (49.99, "四级(低价值/风险客户)"),
        (20, "四级(低价值/风险客户)"),
        (-5, "四级(低价值/风险客户)"),
        ("", "信息待完善"),
        ("90", VALUE_ERROR),
    ],
)
def test_level(score: Any, level: str) -> None:
    """The score counts as it is shown, with two decimals: 89.995 shows 90.00."""
    assert CUSTOMER_LEVEL(score) == level


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.floats(0, 110).map(lambda x: round(x, 4)), cells.odd))
def test_level_by_the_rules(score: Any) -> None:
    assert CUSTOMER_LEVEL(score) == plain.level(score)


def test_grades() -> None:
    assert flat(ACCOUNT_GRADE(column([80, 79.99, 60, 59.99, None]))) == ["A", "B", "B", "C", "信息待完善"]
    table = [["下限", "级别"], [60, "核心客户"], [80, "VIP客户"], [None, "潜力客户"]]
    assert flat(ACCOUNT_GRADE(column([80, 60, 1]), table)) == ["VIP客户", "核心客户", "潜力客户"]
    assert CUSTOMER_LEVEL([[91], [71], [51], [1]], None, "en") == column(
        ["Tier 1 (Core)", "Tier 2 (Potential)", "Tier 3 (Standard)", "Tier 4 (Low value or at risk)"]
    )


# ---------------------------------------------------------------- RFM


known = st.tuples(
    st.one_of(st.none(), st.integers(0, 8), st.integers(0, 400)),
    st.one_of(st.none(), st.integers(0, 5), st.integers(0, 40)),
    st.one_of(st.none(), st.integers(-3, 6), st.integers(0, 10**6).map(lambda x: x / 100)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(known, min_size=1, max_size=40), st.integers(2, 9))
def test_rfm_scores_against_counting(rows: list[Any], bins: int) -> None:
    days, orders, amounts = (column(c) for c in zip(*rows, strict=True))
    wanted = [list(r) for r in plain.rfm(rows, bins)]
    assert RFM_SCORES(days, orders, amounts, None, bins) == wanted
    if bins == 5:
        assert RFM_SCORES(days, orders, amounts) == wanted
    dates = [[None if d is None else AS_OF - dt.timedelta(days=d)] for (d,) in days]
    assert RFM_SCORES(dates, orders, amounts, AS_OF, bins) == wanted


def test_rfm_quantiles_are_those_of_excel() -> None:
    """PERCENTILE.INC of 1..10 at 20/40/60/80 %: 2.8, 4.6, 6.4, 8.2."""
    n = list(range(1, 11))
    assert [plain.quantile([float(x) for x in n], p) for p in (0.2, 0.4, 0.6, 0.8)] == pytest.approx(
        [2.8, 4.6, 6.4, 8.2]
    )
    scores = RFM_SCORES(column(n), column(n), column(n))
    assert [row[1] for row in scores] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [row[0] for row in scores] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_rfm_money_against_numpy(values: list[float]) -> None:
    cuts = np.percentile(values, [20, 40, 60, 80])
    wanted = [1.0 + sum(round(float(c), 9) < round(v, 9) for c in cuts) for v in values]
    n = len(values)
    assert [row[2] for row in RFM_SCORES(column([1] * n), column([1] * n), column(values))] == wanted


def test_a_value_on_a_cut_takes_the_lower_score() -> None:
    # 1..6: cuts at 2, 3, 4, 5 exactly
    n = list(range(1, 7))
    scores = RFM_SCORES(column(n), column(n), column(n))
    assert [row[1] for row in scores] == [1, 1, 2, 3, 4, 5]
    assert [row[0] for row in scores] == [5, 4, 3, 2, 1, 1]


def test_all_equal_share_one_score() -> None:
    assert RFM_SCORES(column([7] * 4), column([3] * 4), column([9.9] * 4)) == [[1.0, 1.0, 1.0]] * 4


def test_orders_before_the_window_and_never() -> None:
    days, orders, amounts = [5, 400, 500, None, None], [3, 0, 0, None, 0], [10, 0, None, None, 0]
    scores = RFM_SCORES(column(days), column(orders), column(amounts))
    assert scores[1] == [1.0, 1.0, 1.0]
    assert scores[2] == [1.0, 1.0, 1.0]
    assert scores[3] == scores[4] == ["", "", ""]
    # those outside do not shift the cuts
    n = list(range(1, 11))
    more = RFM_SCORES(column([*n, 400, None]), column([*n, 0, None]), column([*n, 0, None]))
    assert more[:10] == RFM_SCORES(column(n), column(n), column(n))


def test_wrong_cells_spoil_their_row_alone() -> None:
    n = list(range(1, 11))
    clean = RFM_SCORES(column(n), column(n), column(n))
    for bad in (["x", 3, 3], [3, -1, 3], [-1, 3, 3], [AS_OF, 3, 3], [3, 3, True]):
        dirty = RFM_SCORES(column([*n, bad[0]]), column([*n, bad[1]]), column([*n, bad[2]]))
        assert dirty == [*clean, [VALUE_ERROR] * 3]
    late = RFM_SCORES([[AS_OF], [AS_OF + dt.timedelta(days=1)]], [[1], [1]], [[1], [1]], AS_OF)
    assert late == [[1.0, 1.0, 1.0], [VALUE_ERROR] * 3]


BREAKS = [
    ["指标(R/F/M)", "下限", "得分"],
    ["R", None, 3], ["R", 31, 2], ["R", 91, 1],
    ["f", None, 1], ["f", 2, 2], ["f", 5, 3],
    ["M", None, 1], ["M", 10, 2], ["M", 20, 3],
]  # fmt: skip


def test_fixed_breaks() -> None:
    days, orders, amounts = [0, 30, 31, 90, 91, 400], [5, 4, 2, 1, 1, 0], [20, 19.99, 10, 9.99, -5, None]
    assert RFM_SCORES(column(days), column(orders), column(amounts), None, BREAKS) == [
        [3.0, 3.0, 3.0], [3.0, 2.0, 2.0], [2.0, 2.0, 2.0], [2.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0],
    ]  # fmt: skip


@pytest.mark.parametrize("bins", [1, 10, 2.5, "x", True, -5, BREAKS[:4], [["Q", 1, 1]], [["R", "x", 1]], [[None] * 3]])
def test_wrong_bins_spoil_everything(bins: Any) -> None:
    assert RFM_SCORES([[1], [2]], [[1], [2]], [[1], [2]], None, bins) == [[VALUE_ERROR] * 3] * 2


@pytest.mark.parametrize("bins", [None, "", " ", 5, 5.0, [[5]], [[None]]])
def test_five_bins_where_nothing_is_said(bins: Any) -> None:
    n = column(range(1, 11))
    assert RFM_SCORES(n, n, n, None, bins) == RFM_SCORES(n, n, n, None, 5)


@pytest.mark.parametrize(
    ("scheme", "slow"),
    [
        (None, plain.rfm_five),
        ("five", plain.rfm_five),
        ("五类", plain.rfm_five),
        ("eight", plain.rfm_eight),
        ("八类", plain.rfm_eight),
        ("Ten classes", lambda r, f, m: plain.rfm_ten(r, f)),
    ],
)
def test_every_cell_has_its_class(scheme: Any, slow: Any) -> None:
    """125 combinations: each has the class that the document gives it, and none is left without one."""
    r, f, m = (column(c) for c in zip(*CUBE, strict=True))
    answer = flat(RFM_CLASS(r, f, m, scheme))
    assert answer == [slow(*cell) for cell in CUBE]
    assert "其他" not in answer


@pytest.mark.parametrize(("scheme", "classes"), [("five", 5), ("eight", 8), ("ten", 10)])
def test_every_class_occurs_in_both_languages(scheme: str, classes: int) -> None:
    r, f, m = (column(c) for c in zip(*CUBE, strict=True))
    zh, en = flat(RFM_CLASS(r, f, m, scheme)), flat(RFM_CLASS(r, f, m, scheme, "en"))
    assert len(set(zh)) == len(set(en)) == len(set(zip(zh, en, strict=True))) == classes
    assert all(text.isascii() for text in en)


def test_class_of_missing_and_wrong_scores() -> None:
    assert RFM_CLASS("", "", "") == "潜在客户"
    assert RFM_CLASS(None, None, None, "ten", "en") == "Prospect"
    assert RFM_CLASS(5, None, 5) == "信息待完善"
    assert RFM_CLASS(5, 5, None, "ten") == "冠军", "ten classes do not look at M"
    for bad in (0, 10, 2.5, "x", True, AS_OF, -1):
        assert RFM_CLASS([[5], [bad]], 5, 5) == [["高价值客户"], [VALUE_ERROR]]
    for scheme in ("eleven", "eight_mean", 5, [["x", "y"], [1, 2]]):
        assert RFM_CLASS([[5], [4]], 5, 5, scheme) == [[VALUE_ERROR]] * 2


def test_own_classes_first_match_then_other() -> None:
    table = [
        ["类别", "R从", "R到", "F从", "F到", "M从", "M到"],
        ["近", 4, None, None, None, None, None],
        ["近多", 4, 5, 4, 5, None, None],
        ["大", None, None, None, None, 5, 5],
    ]
    assert flat(RFM_CLASS(column([5, 5, 1, 1]), column([5, 1, 1, 1]), column([1, 1, 5, 1]), table)) == [
        "近", "近", "大", "其他",
    ]  # fmt: skip
    assert (
        RFM_CLASS(1, 1, 1, [["坏", 5, 1, None, None, None, None], ["好", None, None, None, None, None, None]])
        == VALUE_ERROR
    )


# ---------------------------------------------------------------- ABC


def test_abc_by_hand() -> None:
    """Total 100. Before each: 0, 50, 75, 79, 80, 94, 95, 99 %."""
    amounts = [50, 25, 4, 1, 14, 1, 4, 1]
    order = sorted(amounts, reverse=True)
    assert order == [50, 25, 14, 4, 4, 1, 1, 1]
    # before: 0 A, 50 A, 75 A, 89 B, 89 B (a tie shares the first), 97 C, 97 C, 97 C
    assert flat(ABC_CLASS(column(amounts))) == ["A", "A", "B", "C", "A", "C", "B", "C"]
    assert flat(ABC_CLASS(column([80, 15, 5]))) == ["A", "B", "C"]
    assert flat(ABC_CLASS(column([79.9, 15.2, 4.9]))) == ["A", "A", "C"]
    assert flat(ABC_CLASS(column([1, 1, 1, 1]))) == ["A"] * 4
    assert flat(ABC_CLASS(column([10, 0, -5, None, "x"]))) == ["A", "C", "C", "信息待完善", VALUE_ERROR]
    assert flat(ABC_CLASS(column([0, -1]))) == ["C", "C"]
    assert ABC_CLASS(5) == "A"
    assert ABC_CLASS([]) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-5, 20)), min_size=1, max_size=30))
def test_abc_by_a_loop(amounts: list[float | None]) -> None:
    answer = flat(ABC_CLASS(column(amounts)))
    assert answer == plain.abc(amounts)
    doubled = [None if a is None else a * 2 for a in amounts]
    assert flat(ABC_CLASS(column(doubled))) == answer
