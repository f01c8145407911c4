from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.analysis.rfm import mean_class_codes, quantile_cuts, rfm_class_codes, rfm_scores
from crm_xl.rules.defaults import EIGHT_CLASSES, rfm_classes
from crm_xl.rules.models import RfmBreak
from tests.functions import plain

NAN = float("nan")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=50), st.integers(2, 9))
def test_cuts(values: list[int], bins: int) -> None:
    cuts = quantile_cuts(np.array(values, dtype=float), bins)
    assert cuts.tolist() == pytest.approx(
        [plain.quantile([float(v) for v in values], i / bins) for i in range(1, bins)]
    )
    assert cuts.tolist() == pytest.approx(np.percentile(values, [100 * i / bins for i in range(1, bins)]).tolist())


def test_no_population_no_cuts() -> None:
    assert quantile_cuts(np.empty(0), 5).size == 0
    r, f, m = rfm_scores(np.array([5.0, NAN]), np.array([0.0, NAN]), np.array([0.0, NAN]), 5)
    assert (r[0], f[0], m[0]) == (1, 1, 1) and np.isnan([r[1], f[1], m[1]]).all()


def test_breaks_of_a_measure() -> None:
    bins = {
        "R": [RfmBreak(measure="R", lower=None, score=2), RfmBreak(measure="R", lower=31, score=1)],
        "F": [RfmBreak(measure="F", lower=2, score=2), RfmBreak(measure="F", lower=None, score=1)],
        "M": [RfmBreak(measure="M", lower=10, score=2), RfmBreak(measure="M", lower=None, score=1)],
    }
    r, f, m = rfm_scores(np.array([30.0, 31]), np.array([2.0, 1]), np.array([10.0, -1]), bins)
    assert (r.tolist(), f.tolist(), m.tolist()) == ([2, 1], [2, 1], [2, 1])


def test_classes_without_a_row_for_a_cell() -> None:
    five = rfm_classes("five", "zh")
    assert rfm_class_codes(np.array([1.0]), np.array([1.0]), np.array([1.0]), five[:1]).tolist() == [-3]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 5), st.integers(-2, 30), st.booleans()), min_size=1, max_size=30
    )
)
def test_eight_by_means(rows: list[tuple[int, int, int, bool]]) -> None:
    days = [NAN if absent else float(d) for d, _, _, absent in rows]
    orders = [float(o) for _, o, _, _ in rows]
    amounts = [float(a) for _, _, a, _ in rows]
    inside = [i for i in range(len(rows)) if days[i] == days[i] and orders[i] > 0]
    names = {int(bits, 2): key for key, bits in EIGHT_CLASSES}
    assert len(names) == 8

    def mean(values: list[float]) -> float:
        return sum(values[i] for i in inside) / len(inside)

    codes = mean_class_codes(np.array(days), np.array(orders), np.array(amounts)).tolist()
    for i, code in enumerate(codes):
        if days[i] != days[i]:
            assert code == -2
        elif not inside:
            assert names[code] == "general_win_back"
        else:
            near = days[i] <= mean(days) + 1e-9
            often = i in inside and orders[i] >= mean(orders) - 1e-9
            much = i in inside and amounts[i] >= mean(amounts) - 1e-9
            assert code == near * 4 + often * 2 + much
