"""Calls of every worksheet function, the same ones in each run, and what they answer without Excel.

A call is a name and arguments as Excel hands them over: numbers and dates as floats, None for an empty cell,
{"error": number} for an error and for an argument left out, a range as rows of cells.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from functools import partial
from typing import Any

from crm_xl.cells import CellError
from crm_xl.functions import REGISTRY
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.tables import MODELS, write_rows
from crm_xl.vocabulary.tables import TABLES

Cell = Any
Call = tuple[str, list[Any]]
"""The function and its arguments, the last of which says whether dates count from 1904."""

ERRORS = {
    "#NULL!": -2146826288, "#DIV/0!": -2146826281, "#VALUE!": -2146826273, "#REF!": -2146826265,
    "#NAME?": -2146826259, "#NUM!": -2146826252, "#N/A": -2146826246,
}  # fmt: skip
"""Excel's errors as they travel: XlCVError as an SCODE, written out here once more."""
NAMES = {number: name for name, number in ERRORS.items()}
MISSING = {"error": -2147352572}
NA = {"error": ERRORS["#N/A"]}
AS_OF = 45535.0
"""31 August 2024."""
LONG_AGO = [36526.0, 36892.25, 37000.0, None, "", "soon"]
"""Days whose distance from today makes no difference, for calls without a date to count up to."""

ODD = [None, "", " ", "abc", "12", True, False, NA, {"error": ERRORS["#DIV/0!"]}, -1.0, -0.5, 0.0, 1e300]
AMOUNTS = [0.0, 2.0, 10.0, 1.9999999999, 10 - 1e-8, 57.25, 0.1 + 0.2, 123456.789, -3.5]
COUNTS = [0.0, 1.0, 2.0, 3.0, 0.5, 0.9999999999, 12.0, 30.0]
DAYS = [AS_OF, AS_OF + 1, AS_OF + 0.75, AS_OF - 0.25, 45351.0, 45169.0, 45443.99, 44000.0, 59.0, 60.0, 61.0]
ACTIVITIES = ["活跃", "低频", "沉睡", "流失", "潜在", "潜在客户", "信息待完善", "Dormant", "Lost", "Prospect", "Active"]
STATES = ["健康", "关注", "预警", "At risk", "数据不足", "Healthy"]
SCORES = [1.0, 2.0, 3.0, 4.0, 5.0, 3.5]
TEXTS = [
    "制造业",
    "汽车制造业",
    "A产品",
    "综合解决方案",
    "教育",
    "王小明",
    "欧阳娜娜",
    "13812345678",
    "a@b.com",
    13812345678.0,
]
TAGS = ["高价值活跃客户", "高价值", "流失", "一级(核心客户)", "A", "没有", "High-value · Active", "𠮷野家", "é"]
LANGS = [MISSING, None, "zh", "en", "EN", "fr"]

CELLS: dict[str, list[Cell]] = {
    "recency": COUNTS,
    "annual_spend": AMOUNTS, "monetary": AMOUNTS, "amounts": AMOUNTS, "value": [*AMOUNTS, 30.0, 50.0, 100.0],
    "order_value": AMOUNTS, "score": [20.0, 49.99, 50.0, 60.0, 70.0, 79.995, 80.0, 90.0, 100.0],
    "monthly_orders": COUNTS, "order_count": COUNTS, "orders": COUNTS, "orders_per_year": COUNTS,
    "frequency": COUNTS, "recent": COUNTS, "baseline": COUNTS, "complaints_90d": COUNTS, "order_counts": COUNTS,
    "years": [0.0, 1.0, 3.0, 2.5, 10.0], "margin": [1.0, 0.3, 0.125], "discount_rate": [0.0, 0.05, 0.1],
    "last_order": DAYS, "first_order": DAYS, "window_months": [12.0, 0.0, 3.0],
    "label1": ACTIVITIES, "label2": STATES, "label3": TAGS, "activity": ACTIVITIES, "health": STATES,
    "before": ACTIVITIES, "after": ACTIVITIES, "satisfaction": SCORES, "ratings": [*SCORES, 10.0, 6.0],
    "r": SCORES[:5], "f": SCORES[:5], "m": SCORES[:5], "preference": TEXTS, "industry": TEXTS, "text": TEXTS,
    "tag": TAGS,
}  # fmt: skip
BANDS = [["下限", "得分"], [100.0, 5.0], [50.0, 4.0], [30.0, 3.0], [10.0, 2.0], [None, 1.0]]

CHOICES: dict[str, list[Cell]] = {
    "lang": LANGS,
    "system": [MISSING, None, "segment", "level", "rfm", "grade", "stage", "x"],
    "as_of": [AS_OF, AS_OF + 0.5, 45351.0, "x", None, MISSING],
    "bands": [BANDS, BANDS[1:], [["x", 1.0]]],
    "kind": [MISSING, None, "auto", "name", "phone", "email", "x"],
}
RULE_TABLES = {
    "value_tiers": "ValueTiers", "activity_rules": "ActivityRules", "lifecycle_rules": "LifecycleRules",
    "levels": "Levels", "grades": "Grades", "rules": "HealthRules", "scheme": "RfmClasses", "bins": "RfmBreaks",
    "strategies": "Strategies", "table": "DemandTypes",
}  # fmt: skip


def excel_cell(cell: Cell) -> Cell:
    return float(cell) if type(cell) is int else cell


def rule_table(name: str, dice: random.Random) -> Cell:
    """The built-in rules as a range: with and without its header, or spoiled."""
    rows = [[excel_cell(c) for c in row] for row in write_rows(name, getattr(default_rules("zh"), MODELS[name][0]))]
    kind = dice.choice(["plain", "header", "spoiled"])
    if kind == "header":
        rows.insert(0, [field.zh for field in TABLES[name].fields])
    if kind == "spoiled":
        rows[0][0] = NA
    return rows


def some(pool: list[Cell], dice: random.Random) -> Cell:
    return dice.choice(ODD) if dice.random() < 0.2 else dice.choice(pool)


def block(pool: list[Cell], height: int, width: int, dice: random.Random) -> Cell:
    return [[some(pool, dice) for _ in range(width)] for _ in range(height)]


def argument(name: str, shape: tuple[int, int], dice: random.Random) -> Cell:
    """One argument: a cell where the shape is (0, 0)."""
    if name in CHOICES:
        return dice.choice(CHOICES[name])
    if name in RULE_TABLES:
        given = [MISSING, MISSING, None, partial(rule_table, RULE_TABLES[name], dice)]
        given += {"scheme": ["eight", "ten", "x"], "bins": [4.0, 5.0, 1.0]}.get(name, [])
        chosen = dice.choice(given)
        return chosen() if callable(chosen) else chosen
    pool = CELLS[name]
    return some(pool, dice) if shape == (0, 0) else block(pool, *shape, dice)


def _scored(shape: tuple[int, int], dice: random.Random) -> list[Cell]:
    """A block of scores and the weights of its columns."""
    height, width = max(shape[0], 1), 4
    scores = [[dice.choice([*SCORES, None, ""]) for _ in range(width)] for _ in range(height)]
    if dice.random() < 0.3:
        scores[0][0] = dice.choice(ODD)
    weights = [[dice.choice([40.0, 30.0, 20.0, 10.0, 0.0])] for _ in range(width)]
    return [scores, weights if dice.random() < 0.5 else [[w for (w,) in weights]]]


SHAPES = [(0, 0), (0, 0), (0, 0), (1, 1), (7, 1), (30, 1), (1, 4), (3, 2)]


def call(name: str, dice: random.Random) -> Call:
    names = [a.name for a in REGISTRY[name].arguments]
    shape = dice.choice(SHAPES)
    if REGISTRY[name].whole_column:
        shape = dice.choice([(1, 1), (7, 1), (30, 1)])
    if "weights" in names:
        return name, [*_scored(shape, dice), False]
    given = {n: argument(n, shape, dice) for n in names}
    if dice.random() < 0.25 and isinstance(given[names[0]], list):
        given[names[0]] = some(CELLS[names[0]], dice)  # a cell beside ranges
    if given.get("as_of") in (None, MISSING):
        given |= {n: dice.choice(LONG_AGO) for n in ("last_order", "first_order") if n in given}
        given |= {n: 12.0 for n in ("window_months",) if n in given}
    if "recency" in given:
        # an empty date would still mean today, a missing one that recency is a number of days
        given["as_of"] = MISSING if given["as_of"] is None else given["as_of"]
        given["recency"] = block(COUNTS if given["as_of"] is MISSING else DAYS, *shape, dice)
    return name, [*given.values(), dice.random() < 0.15]


def calls(each: int = 30, seed: int = 20240831) -> list[Call]:
    """`each` calls of every function of the registry."""
    dice = random.Random(seed)
    return [call(name, dice) for name in REGISTRY for _ in range(each)]


# ---------------------------------------------------------------- the answers


def _python_cell(cell: Cell) -> Cell:
    return CellError(NAMES[cell["error"]]) if isinstance(cell, dict) else cell


def _python_value(value: Cell, dated: bool) -> Cell:
    """An argument as the registry takes it; serial numbers of 1904 become dates."""
    if isinstance(value, list):
        return [[_python_value(cell, dated) for cell in row] for row in value]
    if dated and type(value) is float and abs(value) < 1e6:
        return dt.datetime(1904, 1, 1) + dt.timedelta(days=value)
    return _python_cell(value)


def _excel_value(answer: Any) -> Any:
    """An answer as it travels: a row of several cells without the brackets of a table around it."""
    if isinstance(answer, CellError):
        return ERRORS[answer]
    if not isinstance(answer, list):
        return answer
    rows = [[_excel_value(cell) for cell in row] for row in answer]
    if len(rows) == 1:
        return rows[0] if len(rows[0]) > 1 else rows[0][0]
    return rows


def _filled(name: str, args: list[Cell]) -> Iterator[tuple[str, Cell]]:
    for a, value in zip(REGISTRY[name].arguments, args, strict=True):
        if value != MISSING:
            yield a.name, value


def answer(made: Call) -> Any:
    """What the function answers when Python calls it."""
    name, (*args, date1904) = made
    given = dict(_filled(name, args))
    dates = {"last_order", "first_order", "as_of"} | ({"recency"} if given.get("as_of") is not None else set())
    values = {n: _python_value(value, date1904 and n in dates) for n, value in given.items()}
    return _excel_value(REGISTRY[name].call(**values))
