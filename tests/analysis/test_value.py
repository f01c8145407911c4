from __future__ import annotations

import math

import numpy as np
import pytest

from crm_xl.analysis.value import abc_codes, clv


def one(*values: float) -> float:
    return float(clv(*(np.array([float(v)]) for v in values))[0])


@pytest.mark.parametrize("rate", [0.0, 1e-12, 0.01, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("years", [0, 1, 3, 10])
def test_annuity(rate: float, years: int) -> None:
    wanted = math.fsum(50 * 4 * 0.3 / (1 + rate) ** t for t in range(1, years + 1))
    assert one(50, 4, years, 0.3, rate) == pytest.approx(wanted, rel=1e-9)


def test_beyond_every_number() -> None:
    assert math.isinf(one(1e300, 1e300, 1, 0, 0))
    assert math.isnan(one(math.nan, 1e300, 1, 1, 0))


def test_abc() -> None:
    amounts = np.array([50, 25, 4, 1, 14, 1, 4, 1, 0, -7, np.nan])
    assert abc_codes(amounts).tolist() == [0, 0, 1, 2, 0, 2, 1, 2, 2, 2, -1]
    assert abc_codes(np.array([0.0, -1.0])).tolist() == [2, 2]


def test_abc_share_exactly_on_an_edge() -> None:
    # before the second exactly 80 %, before the third exactly 95 %
    assert abc_codes(np.array([80.0, 15, 5])).tolist() == [0, 1, 2]
    assert abc_codes(np.array([0.8, 0.15, 0.05])).tolist() == [0, 1, 2]
    assert abc_codes(np.array([0.1] * 8 + [0.05] * 4)).tolist() == [0] * 8 + [1] * 4
