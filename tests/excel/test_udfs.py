"""xlwings' own `call_udf` on every function: what a cell gives and gets is what Python gives and gets."""

from __future__ import annotations

import ast
import datetime as dt
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_xl.cells import ERROR_TEXTS, CellError
from crm_xl.functions import REGISTRY
from crm_xl.vocabulary.ribbon_texts import CATEGORIES
from tests.support.pywin32 import call_udf, udf_module

ROOT = Path(__file__).parents[2]
MISSING = -2147352572
"""How VBA hands over an optional argument that was left out (DISP_E_PARAMNOTFOUND)."""
udfs = udf_module()
NUMBERS = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False), st.integers(0, 60).map(float), st.sampled_from([0.0, 1.0, 5.0, 12.0])
)
SERIALS = st.integers(40_000, 45_500).map(float)
TEXTS = st.sampled_from(
    ["", "A", "高价值", "活跃", "流失", "张三", "13812345678", "five", "segment", "制造业", "x" * 300]
)
ERRORS = st.sampled_from(sorted(udfs.ERRORS.values()))
CELLS = st.one_of(NUMBERS, SERIALS, TEXTS, st.none(), st.booleans(), ERRORS)


def blocks(width: st.SearchStrategy[int], height: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    return st.tuples(width, height).flatmap(
        lambda size: st.lists(
            st.lists(CELLS, min_size=size[0], max_size=size[0]).map(tuple), min_size=size[1], max_size=size[1]
        ).map(tuple)
    )


ONE = st.just(1)
ARGUMENTS = st.one_of(
    CELLS, blocks(ONE, st.integers(1, 5)), blocks(st.integers(1, 4), ONE), blocks(st.integers(1, 3), st.integers(1, 4))
)


def as_python(value: Any) -> Any:
    """What the registry is asked, for what Excel hands over; written apart from `udfs`."""
    if isinstance(value, tuple):
        return [[as_python(cell) for cell in row] for row in value]
    if type(value) is int:
        return CellError({v: k for k, v in udfs.ERRORS.items()}[value])
    return value


def as_excel(answer: Any) -> list[list[Any]]:
    """Rows of cells, as xlwings' server wants them: a single cell, too."""
    rows = answer if isinstance(answer, list) else [[answer]]
    return [[as_cell(cell) for cell in row] for row in rows]


def as_cell(answer: Any) -> Any:
    if isinstance(answer, CellError):
        return udfs.ERRORS[str(answer)]
    return "" if answer is None else answer


def same(one: Any, two: Any) -> bool:
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and (one == two or (isinstance(one, float) and math.isnan(one) and math.isnan(two)))


@pytest.mark.parametrize("name", REGISTRY)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_call_gives_what_python_gives(name: str, data: st.DataObject) -> None:
    arguments = REGISTRY[name].arguments
    args = [data.draw(ARGUMENTS, label=a.name) for a in arguments]
    for i, argument in enumerate(arguments):
        if not argument.required and data.draw(st.booleans(), label=f"no {argument.name}"):
            args[i] = MISSING
    asked = {a.name: as_python(value) for a, value in zip(arguments, args, strict=True) if value is not MISSING}
    expected = as_excel(REGISTRY[name].call(**asked))
    answer = call_udf(name, (*args, False))
    assert same(answer, expected), (answer, expected)


@pytest.mark.parametrize("name", REGISTRY)
def test_answers_hold_only_what_excel_takes(name: str) -> None:
    """Whole numbers are errors, so no answer may be one by chance; None and numpy's own types are unknown there."""
    values = [12.0, 3.0, 45_000.0, 45_200.0, "A", None]
    for value in values:
        args = [((value,), (value,)) if not i else MISSING for i in range(len(REGISTRY[name].arguments))]
        args = [
            value if a.required and arg is MISSING else arg
            for a, arg in zip(REGISTRY[name].arguments, args, strict=True)
        ]
        answer = call_udf(name, (*args, False))
        assert type(answer) is list and all(type(row) is list for row in answer)
        for cell in [cell for row in answer for cell in row]:
            assert type(cell) in (float, str, bool) or cell in udfs.ERRORS.values()


def test_every_error_travels_both_ways() -> None:
    assert udfs.ERRORS.keys() >= ERROR_TEXTS - {"#EXTERNAL!", "#PYTHON!", "#BUSY!", "#TIMEOUT!"}
    assert udfs.ERRORS["#VALUE!"] == -2146826273 and udfs.ERRORS["#N/A"] == -2146826246  # XlCVError
    for code in udfs.ERRORS.values():
        answer = call_udf("SEGMENT", (code, 1.0, 45_000.0, 45_100.0, *[MISSING] * 3, False))
        assert answer == [[udfs.ERRORS["#VALUE!"]]]
    assert call_udf("SEGMENT", (udfs.ERRORS["#N/A"] - 900, 1.0, 45_000.0, 45_100.0, *[MISSING] * 3, False)) == [
        [udfs.ERRORS["#VALUE!"]]
    ]


def test_an_error_spoils_its_own_element() -> None:
    column = ((12.0,), (udfs.ERRORS["#DIV/0!"],), (None,), ("text",))
    answer = call_udf("VALUE_TIER", (column, MISSING, MISSING, False))
    assert answer == [["高价值"], [udfs.ERRORS["#VALUE!"]], ["信息待完善"], [udfs.ERRORS["#VALUE!"]]]


DAY, LATER = dt.datetime(2024, 3, 1), dt.datetime(2024, 6, 30)


def serial(day: dt.datetime, base: dt.datetime = dt.datetime(1899, 12, 30)) -> float:
    return (day - base) / dt.timedelta(days=1)


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_of_both_systems(date1904: bool) -> None:
    base = dt.datetime(1904, 1, 1) if date1904 else dt.datetime(1899, 12, 30)
    days = ((serial(DAY, base),), (serial(LATER, base),), (None,))
    answer = call_udf("LIFECYCLE", (3.0, days, serial(LATER, base), MISSING, MISSING, date1904))
    expected = REGISTRY["LIFECYCLE"].call(3.0, [[DAY], [LATER], [None]], LATER)
    assert [list(row) for row in answer] == expected and expected[0] != expected[1]


@pytest.mark.parametrize("date1904", [False, True])
def test_recency_is_a_date_only_beside_one(date1904: bool) -> None:
    base = dt.datetime(1904, 1, 1) if date1904 else dt.datetime(1899, 12, 30)
    amounts = tuple((float(i),) for i in range(1, 6))
    days = tuple((float(10 * i),) for i in range(1, 6))
    dates = tuple((serial(LATER - dt.timedelta(days=10 * i), base),) for i in range(1, 6))
    by_days = call_udf("RFM_SCORES", (days, amounts, amounts, MISSING, MISSING, date1904))
    by_dates = call_udf("RFM_SCORES", (dates, amounts, amounts, serial(LATER, base), MISSING, date1904))
    assert by_days == by_dates
    assert len({row[0] for row in by_days}) > 1


def test_what_is_remembered_ends_with_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cells again: the same answer, but one that counts up to today is another one tomorrow."""
    cells = (3.0, serial(DAY), MISSING, MISSING, MISSING, False)
    answers = []
    for day in (DAY, DAY, LATER, DAY):
        monkeypatch.setattr(udfs, "today", day.date)
        monkeypatch.setattr("crm_xl.functions.call.today", day.date)
        answers.append(call_udf("LIFECYCLE", cells)[0][0])
    assert answers[0] == answers[1] == answers[3] != answers[2]


def test_what_is_remembered_knows_kinds_apart() -> None:
    """1 and TRUE are equal in Python, a text like an error and the error are too."""
    assert call_udf("VALUE_TIER", (1.0, MISSING, MISSING, False)) == [["低价值"]]
    assert call_udf("VALUE_TIER", (True, MISSING, MISSING, False)) == [[udfs.ERRORS["#VALUE!"]]]
    assert call_udf("MASK", ("#N/A", "name", False)) != call_udf("MASK", (udfs.ERRORS["#N/A"], "name", False))


def test_a_hundred_thousand_rows_come_back_in_one_piece() -> None:
    rng = np.random.default_rng(1)
    spend = tuple((float(x),) for x in rng.random(100_000) * 20)
    answer = call_udf("VALUE_TIER", (spend, MISSING, MISSING, False))
    assert answer == REGISTRY["VALUE_TIER"].call([list(r) for r in spend])


def test_xlwings_knows_what_the_registry_says() -> None:
    for name, function in REGISTRY.items():
        known = getattr(udfs, name).__xlfunc__
        assert known["name"] == name and known["category"] in CATEGORIES[function.category]
        assert known["ret"]["doc"] in (function.zh, function.en) and not known["volatile"]
        assert [a["name"] for a in known["args"]] == [*(a.name for a in function.arguments), udfs.DATE_SYSTEM]
        assert [a["doc"] in (b.zh, b.en) for a, b in zip(known["args"], function.arguments, strict=False)] == [
            True
        ] * len(function.arguments)
        assert ["optional" in a for a in known["args"]] == [*(not a.required for a in function.arguments), True]


def test_nothing_is_taken_from_the_paid_part_of_xlwings() -> None:
    """In our sources, and in a process without a licence that imports every module of the room."""
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.startswith(("xlwings.pro", "xlwings.server", "xlwings.reports"))], path
    code = (
        "import sys, xlwings, importlib, pkgutil, crm_xl.excel as room\n"
        "before = {n for n in sys.modules if n.startswith('xlwings.pro')}\n"
        "for m in pkgutil.iter_modules(room.__path__): importlib.import_module(f'crm_xl.excel.{m.name}')\n"
        "print(sorted({n for n in sys.modules if n.startswith('xlwings.pro')} - before))"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XLWINGS")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
