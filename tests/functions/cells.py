"""Cells as a host hands them over, the odd ones among them, for hypothesis."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from crm_xl.cells import CellError

AS_OF_DAYS = (dt.date(2024, 8, 31), dt.date(2024, 2, 29), dt.date(2023, 8, 31), dt.date(2024, 6, 30))


def moment(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def serial(day: dt.date) -> int:
    return (day - dt.date(1899, 12, 30)).days


ODD: tuple[Any, ...] = (
    None, "", " ", "\u3000", float("nan"), float("inf"), -float("inf"), "abc", "12", True, False,
    dt.datetime(2024, 1, 1), dt.date(2024, 1, 1), CellError("#N/A"), CellError("#VALUE!"), -1, -0.5, 0, 0.0,
    1e300, -1e300, 10**400, np.float64(3.5), np.int64(2), np.bool_(True), Decimal("2.5"),
)  # fmt: skip
odd = st.sampled_from(ODD)

amounts = st.one_of(
    st.sampled_from([0, 2, 10, 1.9999999999, 2 - 1e-8, 9.9999999999, 10 - 1e-8, -3.5]),
    st.floats(-50, 200).map(lambda x: round(x, 3)),
    odd,
)
counts = st.one_of(st.integers(0, 30), st.sampled_from([0.5, 1.0, 0.9999999999, 2.0, 1.9999999999]), odd)
near_days = st.one_of(
    st.integers(0, 500).map(lambda back: dt.date(2024, 8, 31) - dt.timedelta(days=back)),
    st.sampled_from([dt.date(2023, 8, 31), dt.date(2024, 2, 29), dt.date(2024, 5, 31), dt.date(2023, 11, 30)]),
)
dates = st.one_of(
    near_days.map(moment),
    near_days.map(moment),
    near_days.map(serial),
    near_days.map(lambda d: serial(d) + 0.75),
    near_days.map(lambda d: dt.datetime(d.year, d.month, d.day, 23, 59)),
    odd,
)
as_ofs = st.sampled_from(AS_OF_DAYS)
ratings = st.one_of(st.integers(1, 5), st.floats(1, 5), odd)
scores = st.one_of(st.integers(1, 5), odd)
labels = st.one_of(
    st.sampled_from(
        ["活跃", "低频", "沉睡", "流失", "潜在", "潜在客户", "信息待完善", "Dormant", "Lost", "Prospect", "x"]
    ),
    odd,
)
states = st.one_of(st.sampled_from(["健康", "关注", "预警", "At risk", "数据不足"]), odd)
texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["制造业", "汽车制造业", "A产品", "综合解决方案", "教育", "王小明", "13812345678", "a@b.com"]),
    odd,
)
