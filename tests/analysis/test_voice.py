"""What customers say: needs, answers, complaints and points, counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_xl.analysis.rates import NORMAL_95
from crm_xl.analysis.voice import (
    by_group,
    by_quarter,
    causes,
    in_order,
    needs_by,
    negative_open,
    open_complaints,
    questions,
    running_balances,
    sources,
)

AS_OF = dt.date(2024, 6, 30)


def frame(rows: list[dict[str, Any]], date: str) -> pd.DataFrame:
    made = pd.DataFrame(rows)
    made[date] = pd.to_datetime(made[date]).astype("datetime64[s]")
    return made


def test_labels_as_the_dropdown_has_them_then_by_number() -> None:
    found = ["别的", "质量", "", "别的", "另一个"]
    assert in_order(found, "Needs", "sensitivity", "zh") == ["质量", "别的", "另一个", ""]
    assert in_order([], "Needs", "sensitivity", "en", always=True) == ["Price", "Quality"]


def test_needs() -> None:
    lines = frame(
        [
            {"customer_id": "C1", "need_date": "2024-01-01", "need_kind": "基本", "priority": "高", "status": "未满足"},
            {"customer_id": "C1", "need_date": "2024-02-01", "need_kind": "基本", "priority": "低", "status": ""},
            {"customer_id": 2, "need_date": "2024-03-01", "need_kind": "基本", "priority": "High", "status": "Met"},
            {"customer_id": "C3", "need_date": "2024-03-01", "need_kind": "", "priority": "", "status": "处理中"},
            {"customer_id": "C4", "need_date": "2024-07-01", "need_kind": "情感", "priority": "高", "status": "未满足"},
        ],
        "need_date",
    )
    counts = {c.label: c for c in needs_by(lines, "need_kind", AS_OF, "zh")}
    assert list(counts) == ["基本", "潜在", "情感", "个性化", ""]
    basic = counts["基本"]
    assert (basic.needs, basic.high, basic.unmet, basic.customers, basic.share) == (3, 2, 2, 2, 0.75)
    assert counts["情感"].needs == 0
    assert needs_by(lines.iloc[:0], "need_kind", AS_OF, "zh")[0].share is None


SURVEYS = frame(
    [
        {"survey_date": "2024-06-01", "origin": "问卷", "satisfaction": 5, "recommend": 10, "product_quality": 4,
         "sentiment": "正面", "status": ""},
        {"survey_date": "2024-06-02", "origin": "问卷", "satisfaction": 2, "recommend": 3, "product_quality": 9,
         "sentiment": "", "status": "处理中"},
        {"survey_date": "2024-06-03", "origin": "", "satisfaction": 4, "recommend": np.nan, "product_quality": 2,
         "sentiment": "负面", "status": "已解决"},
        {"survey_date": "2023-06-30", "origin": "访谈", "satisfaction": 1, "recommend": 0, "product_quality": 1,
         "sentiment": "Negative", "status": "Open"},
        {"survey_date": "2024-07-01", "origin": "访谈", "satisfaction": 1, "recommend": 0, "product_quality": 1,
         "sentiment": "负面", "status": ""},
    ],
    "survey_date",
)  # fmt: skip


def test_questions_of_twelve_months_within_the_scale() -> None:
    quality, service, _, satisfaction = questions(SURVEYS, AS_OF)
    assert (quality.answers, quality.mean, quality.csat, quality.low) == (2, 3.0, 0.5, 1)
    assert (service.answers, service.mean, service.csat) == (0, None, None)
    assert (satisfaction.answers, satisfaction.low) == (3, 1)
    assert satisfaction.mean == pytest.approx(11 / 3)
    assert satisfaction.csat == pytest.approx(2 / 3)


def test_open_negative_feedback_of_any_age_marked_or_rated_low() -> None:
    assert negative_open(SURVEYS, AS_OF).tolist() == [False, True, False, True, False]


def test_sources() -> None:
    everything, survey, interview, unknown = sources(SURVEYS, AS_OF, "zh")
    assert [s.label for s in (everything, survey, interview, unknown)] == ["", "问卷", "访谈", ""]
    assert (everything.answers, everything.nps, everything.negative_open) == (3, 0.0, 2)
    assert (survey.answers, survey.mean, survey.recommend, survey.negative_open) == (2, 3.5, 6.5, 1)
    assert (interview.answers, interview.mean, interview.nps, interview.negative_open) == (0, None, None, 1)
    assert (unknown.answers, unknown.nps) == (1, None)


def test_causes() -> None:
    lines = frame(
        [
            {"complaint_date": "2024-06-01", "cause": "交付", "status": "已解决", "handling_hours": 10.0},
            {"complaint_date": "2024-06-02", "cause": "交付", "status": "处理中", "handling_hours": -1.0},
            {"complaint_date": "2024-05-02", "cause": "自定", "status": "", "handling_hours": np.nan},
            {"complaint_date": "2022-05-02", "cause": "价格", "status": "Open", "handling_hours": 99.0},
            {"complaint_date": "2022-05-02", "cause": "单据", "status": "Resolved", "handling_hours": 99.0},
        ],
        "complaint_date",
    ).assign(resolved_on=pd.to_datetime([None, None, "2024-05-03", None, None]))
    found = {c.label: c for c in causes(lines, AS_OF, "zh")}
    assert list(found) == ["交付", "价格", "自定"]
    delivery = found["交付"]
    assert (delivery.complaints, delivery.open, delivery.hours) == (2, 1, 10.0)
    assert delivery.share == pytest.approx(2 / 3)
    assert (found["价格"].complaints, found["价格"].open, found["价格"].hours) == (0, 1, None)
    # no status, but a day of resolution
    assert open_complaints(lines, AS_OF).tolist() == [False, True, False, True, False]


OWNED = SURVEYS.assign(customer_id=["C1", "C2", "gone", "C1", "C1"])
COMPLAINED = frame(
    [
        {"customer_id": "C2", "complaint_date": "2024-06-30"},
        {"customer_id": 3, "complaint_date": "2023-07-01"},
        {"customer_id": "C1", "complaint_date": "2023-06-30"},
        {"customer_id": "", "complaint_date": "2024-01-01"},
        {"customer_id": "C1", "complaint_date": None},
    ],
    "complaint_date",
)


def test_by_group() -> None:
    """12 months from 2023-07-01 on; groups in their order, customers nobody knows last."""
    group_of = {"C1": "b", "C2": "b", "3": "a", "C9": "c"}
    found = by_group(OWNED, COMPLAINED, group_of, ["c", "b", "a"], AS_OF)
    assert [(v.label, v.answers, v.complaints) for v in found] == [("", 3, 3), ("b", 2, 1), ("a", 0, 1), (None, 1, 1)]
    everybody, b, a, unknown = found
    # one promoter and one detractor: each is 1 from the mean 0
    assert (b.mean, b.csat, b.nps, b.nps_margin) == (3.5, 0.5, 0.0, pytest.approx(100 * NORMAL_95 / np.sqrt(2)))
    assert everybody.mean == pytest.approx(11 / 3) and everybody.nps_margin == b.nps_margin
    assert (a.mean, a.csat, a.nps, a.nps_margin) == (None,) * 4
    assert (unknown.mean, unknown.nps, unknown.nps_margin) == (4.0, None, None)
    # without an order of theirs, groups go by name
    assert [v.label for v in by_group(OWNED, COMPLAINED, group_of, [], AS_OF)] == ["", "a", "b", None]


def test_by_quarter() -> None:
    found = by_quarter(OWNED, COMPLAINED, AS_OF)
    assert [(v.label, v.answers, v.complaints) for v in found] == [
        ("2023Q2", 1, 1), ("2023Q3", 0, 1), ("2023Q4", 0, 0), ("2024Q1", 0, 1), ("2024Q2", 3, 1),
    ]  # fmt: skip
    assert (found[0].mean, found[0].nps, found[1].mean) == (1.0, -100.0, None)
    assert [v.label for v in by_quarter(OWNED, COMPLAINED, AS_OF, most=2)] == ["2024Q1", "2024Q2"]
    # what comes after the day is not known yet, and the quarter of the day is there with nothing in it
    assert [v.label for v in by_quarter(OWNED, COMPLAINED, dt.date(2023, 10, 1))][-1] == "2023Q4"
    assert by_quarter(OWNED, COMPLAINED, dt.date(2020, 1, 1)) == []


def test_balances_run_by_date_then_by_row() -> None:
    days = np.array(["2024-03-01", "2024-01-01", "2024-01-01", "2024-09-01", "NaT", "2024-02-01"], "datetime64[D]")
    points = np.array([-30.0, 100.0, np.nan, 5.0, 5.0, 7.0])
    balances, held = running_balances(["a", "a", "a", "a", "a", ""], days, points, AS_OF)
    np.testing.assert_array_equal(balances, [70, 100, np.nan, np.nan, np.nan, np.nan])
    assert [(b.customer_id, b.balance, b.last_change) for b in held] == [("a", 70.0, dt.date(2024, 3, 1))]


def test_nothing_at_all() -> None:
    empty = SURVEYS.iloc[:0]
    assert [q.mean for q in questions(empty, AS_OF)] == [None] * 4
    assert sources(empty, AS_OF, "zh")[0].nps is None
    (everybody,) = by_group(OWNED.iloc[:0], COMPLAINED.iloc[:0], {}, [], AS_OF)
    assert (everybody.answers, everybody.nps_margin, everybody.complaints) == (0, None, 0)
    assert by_quarter(OWNED.iloc[:0], COMPLAINED.iloc[:0], AS_OF) == []
    assert running_balances([], np.array([], "datetime64[D]"), np.array([]), AS_OF)[1] == []
