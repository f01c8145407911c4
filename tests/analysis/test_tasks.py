"""Proposals, states and process figures, on tables small enough to count by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crm_xl.analysis.tasks import LATER, SOON, board, is_open, overdue, process, propose

AS_OF = dt.date(2024, 6, 30)
IDS = ["A", "B", "C", "D", "E", "F", "G", "", "A"]
SEGMENTS = ["高价值活跃客户"] * 5 + ["低价值流失客户", "不在范围", "高价值活跃客户", "高价值活跃客户"]
RISK = ["否", "是", "否", "否", "否", "是", "是", "是", "是"]
SPEND = np.array([50.0, 10, 40, 30, 20, np.nan, 90, 99, 1])


def proposals(known: set[tuple[str, str]] = frozenset(), limit: int = 20, acts: bool = True) -> list[tuple[str, str]]:  # type: ignore[assignment]
    found = propose(IDS, SEGMENTS, RISK, SPEND, lambda _: acts, known, limit)
    return [(IDS[p.row], p.source) for p in found]


def test_those_at_risk_come_first_then_the_best_three_of_each_segment() -> None:
    assert proposals() == [
        ("B", "risk:高价值活跃客户"), ("F", "risk:低价值流失客户"),
        ("A", "segment:高价值活跃客户"), ("C", "segment:高价值活跃客户"), ("D", "segment:高价值活跃客户"),
    ]  # fmt: skip
    found = propose(IDS, SEGMENTS, RISK, SPEND, lambda _: True, set(), 20)
    assert [p.days for p in found] == [SOON, SOON, LATER, LATER, LATER]


def test_a_segment_whose_strategy_names_nobody_gets_no_tasks() -> None:
    assert [i for i, _ in proposals(acts=False)] == ["B", "F"]


def test_nothing_twice_and_no_more_than_the_limit() -> None:
    first = proposals(limit=2)
    assert [i for i, _ in first] == ["B", "F"]
    assert [i for i, _ in proposals(set(first), limit=2)] == ["A", "C"]
    assert proposals(set(proposals())) == []
    assert proposals(limit=0) == proposals(limit=-3) == []
    # known for another reason is not known
    assert ("B", "risk:高价值活跃客户") in proposals({("B", "segment:高价值活跃客户")})


def test_nobody_nothing() -> None:
    assert propose([], [], [], np.array([]), lambda _: True, set(), 20) == []


@pytest.mark.parametrize(
    ("status", "answer"),
    [(None, True), ("", True), ("未开始", True), ("In progress", True), ("已完成", False), (" DONE ", False),
     ("已取消", False), ("等等看", True), (5, True)],
)  # fmt: skip
def test_open(status: object, answer: bool) -> None:
    assert is_open(status) is answer


def test_overdue_is_open_and_before_the_day() -> None:
    days = np.array(["2024-06-29", "2024-06-30", "2024-06-29", "NaT", "2024-07-01"], dtype="datetime64[D]")
    assert overdue(days, ["未开始", "未开始", "已完成", "进行中", None], AS_OF) == [True, False, False, False, False]


def test_board_counts_each_task_once() -> None:
    owners = ["乙", "甲", "甲", "甲", "甲", "", "甲"]
    states = ["", "未开始", "进行中", "进行中", "已完成", "Done", "怪"]
    lines = board(owners, states, [False, False, False, True, False, False, True])
    shown = [(x.owner, x.waiting, x.doing, x.finished, x.overdue, x.done_share) for x in lines]
    assert shown == [("乙", 1, 0, 0, 0, 0.0), ("甲", 1, 1, 1, 1, 0.25), ("", 0, 0, 1, 0, 1.0)]
    assert board([], [], []) == board(["甲"], ["已取消"], [False]) == []


def log(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["contact_date", "customer_id", "method", "purpose", "outcome"])
    frame["contact_date"] = pd.to_datetime(frame["contact_date"])
    return frame


def test_process_figures_of_thirty_days() -> None:
    found = process(
        log(
            ("2024-06-30", "A", "拜访", "回访", "已完成"),
            ("2024-06-01", "A", "Visit", "", ""),
            ("2024-05-31", "A", "拜访", "", ""),  # the 31st day back
            ("2024-07-01", "A", "拜访", "", ""),  # to come
            ("2024-06-10", "A", "电话", "回访", "接通"),
            ("2024-06-10", "A", "电话", "回访", "未接通"),
            ("2024-06-10", "A", "电话", "回访", "接通"),
            ("2024-06-10", "A", "电话", "回访", "待跟进"),  # says neither
            ("2024-06-11", "B", "邮件", "资料发送", ""),
            ("2024-06-12", "B", "会议", "试用开通", ""),
            ("2024-06-12", "B", "微信", "试用激活", ""),
            ("2024-06-12", "B", "微信", "试用激活", ""),
            ("2024-06-13", "C", "会议", "试用开通", ""),
            ("2024-06-12", "C", "微信", "试用激活", ""),  # before it was opened
            ("2024-06-12", "D", "微信", "试用激活", ""),  # opened long ago
        ),
        AS_OF,
    )
    assert found is not None
    assert (found.visits, found.reached, found.material, found.activated) == (2, 2 / 3, 1, 0.5)


def test_process_without_a_base() -> None:
    assert process(None, AS_OF) is None
    assert process(log(), AS_OF) is None
    found = process(log(("2020-01-01", "A", "拜访", "", "")), AS_OF)
    assert found is not None
    assert (found.visits, found.reached, found.material, found.activated) == (0, None, 0, None)
    bare = process(log(("2024-06-30", "A", "拜访", "", ""))[["contact_date", "customer_id"]], AS_OF)
    assert bare is not None and bare.visits == 0
