"""RFM sheets for schemes and scores other than the usual ones, and texts that stay the user's."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import crm_xl
from crm_xl.rules.defaults import rfm_classes
from crm_xl.rules.models import RfmScheme
from tests.support.editing import set_name, set_table_cell
from tests.support.recompute import load, read_table

AS_OF = dt.date(2024, 6, 30)
SCHEMES: dict[RfmScheme, str] = {"eight": "八类", "eight_mean": "八类(均值)", "ten": "十类"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("rfm") / "book.xlsx"
    crm_xl.new_workbook(path, template="sales-strategy", sample=True, as_of=AS_OF)
    return path.read_bytes()


@pytest.fixture
def book(sample: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(sample)
    return path


def area(path: Path, name: str) -> list[list[Any]]:
    book = load(path)
    sheet, ref = next(iter(book.defined_names[name].destinations))
    return [[c.value for c in row] for row in book[sheet][ref.replace("$", "")]]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_class_of_the_scheme_has_its_row(scheme: RfmScheme, book: Path) -> None:
    set_name(book, "RfmScheme", SCHEMES[scheme])
    crm_xl.refresh(book, as_of=AS_OF)
    names = [c.label for c in rfm_classes(scheme, "zh")]
    for table, header in (("RfmProfile", "RFM 类别"), ("RfmPlan", "客户类型")):
        assert read_table(book, table)[header].tolist() == [*names, "潜在客户"]
    plan = read_table(book, "RfmPlan")
    assert all(plan["策略目标"]) and all(plan["具体执行措施"]) and all(plan["负责人"]) and all(plan["资源支持"])
    assert read_table(book, "RfmProfile")["客户数"].sum() == 200


@pytest.mark.parametrize(
    ("bins", "first", "last"), [(3.0, "R 3 刚买过", "R 1 很久没买"), (9.0, "R 8-9 刚买过", "R 1 很久没买")]
)
def test_other_numbers_of_scores(bins: float, first: str, last: str, book: Path) -> None:
    set_name(book, "RfmBins", bins)
    crm_xl.refresh(book, as_of=AS_OF)
    scores = read_table(book, "Customers")["RFM 得分"].astype(str)
    for name in ("RfmHeat", "DashHeat"):
        lines = [line for line in area(book, name)[1:] if line[0]]
        assert [lines[0][0], lines[-1][0]] == [first, last]
        assert sum(line[-1] for line in lines) == (scores.str.len() == 3).sum()


def test_the_users_words_in_the_plan(book: Path) -> None:
    """Typed, cleared, and in a column of the user's own: none is written over; default texts follow no class."""
    set_table_cell(book, "RfmPlan", 2, "执行时间", "三季度")
    set_table_cell(book, "RfmPlan", 3, "资源支持", None)
    crm_xl.refresh(book, as_of=AS_OF)
    plan = read_table(book, "RfmPlan")
    assert plan["执行时间"][2] == "三季度"
    assert plan["资源支持"][3] is None
    set_name(book, "RfmScheme", "十类")
    crm_xl.refresh(book, as_of=AS_OF)
    plan = read_table(book, "RfmPlan").set_index("客户类型")
    # what the user wrote stays with its class and all its texts; a class left as it was is gone
    assert plan["执行时间"]["潜力客户"] == "三季度"
    assert plan["策略目标"]["潜力客户"] == "促进转化，缩短决策周期"
    assert plan["客户数"]["潜力客户"] == 0
    assert "流失风险客户" not in plan.index
    assert "低频刚需客户" not in plan.index  # a cleared cell is no text


def test_measures_come_from_the_users_strategies(book: Path) -> None:
    library = read_table(book, "Strategies")
    row = library.index[(library["体系"] == "rfm") & (library["标签"] == "新客户")][0]
    set_table_cell(book, "Strategies", int(row), "策略", "先送样品")
    crm_xl.refresh(book, as_of=AS_OF)
    assert read_table(book, "RfmPlan").set_index("客户类型")["具体执行措施"]["新客户"] == "先送样品"
