"""One analysis, several doors: function, analyse() and refreshed file give the same answer."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crm_xl
from crm_xl import functions as f
from crm_xl.cells import CellError
from crm_xl.rules.defaults import default_rules
from crm_xl.rules.tables import write_rows

AS_OF = dt.datetime(2024, 6, 30)
INPUTS = {
    "customer_id": "客户编号",
    "annual_spend": "年消费金额(万元)",
    "order_count": "历史合作次数",
    "monthly_orders": "月均合作次数",
    "first_order": "首次合作时间",
    "last_order": "最近合作时间",
    "satisfaction": "满意度评分(1-5)",
}
RESULTS = {
    "segment": "客户类型标签",
    "value_tier": "价值层级",
    "activity": "活跃状态",
    "lifecycle": "生命周期阶段",
    "rfm_score": "RFM 得分",
    "rfm_class": "RFM 类别",
    "strategy": "建议策略",
}

days = st.dates(dt.date(2021, 1, 1), dt.date(2024, 12, 31)).map(lambda d: dt.datetime(d.year, d.month, d.day))
numbers = st.one_of(
    st.floats(-1e6, 1e6).map(lambda x: round(x, 4)),
    st.sampled_from([0.0, 2.0, 10.0, 9.9999999999, 1.9999, -3.5, 1e300, 1e-300, 123456789.123]),
)
wrong = st.sampled_from(["abc", "1,234.5 元", "2024-05-01", "１２３", True, False, CellError("#N/A"), "=1+1"])
empty = st.sampled_from([None, None, "  "])
amount = st.one_of(numbers, numbers, empty, wrong, days)
count = st.one_of(
    st.integers(0, 60).map(float), st.integers(0, 60).map(float), empty, st.just(-2.0), st.just(1.5), wrong
)
day = st.one_of(days, days, days, empty, wrong, st.sampled_from([45000.0, 0.0, -5.0]))


@st.composite
def tables(draw: st.DrawFn, most: int = 5) -> dict[str, list[Any]]:
    """A customer table as columns of cells."""
    n = draw(st.integers(1, most))
    column = {
        "annual_spend": amount, "order_count": count, "monthly_orders": count, "first_order": day,
        "last_order": day, "satisfaction": st.one_of(st.sampled_from([1.0, 4.5, 5.0]), empty),
    }  # fmt: skip
    made: dict[str, list[Any]] = {"customer_id": [f"C{i}" for i in range(n)]}
    made |= {k: [draw(s) for _ in range(n)] for k, s in column.items()}
    return made


def by_function(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The results by calling the worksheet functions one by one, as a person fills the cells."""

    def col(cells: list[Any]) -> list[list[Any]]:
        return [[c] for c in cells]

    rules = default_rules("zh")
    rows = len(columns["customer_id"])
    spend, last, number = columns["annual_spend"], columns["last_order"], columns["order_count"]
    monthly = []
    for i in range(rows):
        typed = columns["monthly_orders"][i]
        made = f.MONTHLY_ORDERS(number[i], columns["first_order"][i], AS_OF, 0)
        usable = typed is None or (isinstance(typed, str) and not isinstance(typed, CellError) and not typed.strip())
        usable = usable or (isinstance(typed, float) and typed >= 0)
        monthly.append(made if usable and isinstance(made, float) else typed)
    period_orders, period_spend = [], []
    for i in range(rows):
        a_day = isinstance(f.ACTIVITY(1, last[i], AS_OF), str) and f.ACTIVITY(1, last[i], AS_OF) not in (
            "潜在",
            "#VALUE!",
        )
        real = number[i] if isinstance(number[i], float) and number[i] >= 0 else None
        inside = a_day and f.LIFECYCLE(1, last[i], AS_OF, [[12, None, "外"], [None, None, "内"]]) == "内"
        period_orders.append((real if inside else 0.0) if a_day and real is not None else None)
        money = spend[i] if isinstance(spend[i], float) else None
        period_spend.append(money if a_day else None)
    tiers, activity = write_rows("ValueTiers", rules.value_tiers), write_rows("ActivityRules", rules.activity_rules)
    found = {
        "value_tier": f.VALUE_TIER(col(spend), tiers),
        "activity": f.ACTIVITY(col(monthly), col(last), AS_OF, activity),
        "lifecycle": f.LIFECYCLE(col(number), col(last), AS_OF),
        "segment": f.SEGMENT(col(spend), col(monthly), col(last), AS_OF, tiers, activity),
    }
    scores = f.RFM_SCORES(col(last), col(period_orders), col(period_spend), AS_OF, 5)
    found["rfm_class"] = f.RFM_CLASS(*([[s[i]] for s in scores] for i in range(3)))
    out = {k: [r[0] for r in v] for k, v in found.items()}
    out["rfm_score"] = [
        s[0] if isinstance(s[0], CellError) else "".join(f"{x:g}" if x != "" else "" for x in s) for s in scores
    ]
    out["strategy"] = [f.STRATEGY(t) for t in out["segment"]]
    return out


def as_cell(value: Any) -> Any:
    """What a reader gives back: '' is an empty cell."""
    return None if value == "" or (isinstance(value, float) and math.isnan(value)) else value


def write_plain(path: Path, columns: dict[str, list[Any]]) -> None:
    """A workbook that is not ours: a table Customers with inputs and empty result columns."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("客户")
        date_format = book.add_format({"num_format": "yyyy-mm-dd"})
        headers = [*INPUTS.values(), *RESULTS.values()]
        rows = len(columns["customer_id"])
        sheet.add_table(
            0, 0, rows, len(headers) - 1, {"name": "Customers", "columns": [{"header": h} for h in headers]}
        )
        for j, key in enumerate(INPUTS):
            for i, cell in enumerate(columns[key]):
                put(sheet, i + 1, j, cell, date_format)


def put(sheet: Any, row: int, column: int, cell: Any, date_format: Any) -> None:
    if isinstance(cell, CellError):
        sheet.write_formula(row, column, "=NA()", None, str(cell))
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, dt.datetime):
        sheet.write_datetime(row, column, cell, date_format)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def read_results(path: Path) -> dict[str, list[Any]]:
    book = openpyxl.load_workbook(path, data_only=True)
    sheet = next(s for s in book if "Customers" in s.tables)
    rows = list(sheet[sheet.tables["Customers"].ref])
    place = {c.value: c.column - rows[0][0].column for c in rows[0]}
    return {k: [r[place[h]].value for r in rows[1:]] for k, h in RESULTS.items()}


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=1000, **QUIET)
@given(columns=tables())
def test_functions_analyse_and_file_agree(columns: dict[str, list[Any]]) -> None:
    expected = by_function(columns)
    frame = pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()})
    analysed = crm_xl.analyse(frame, as_of=AS_OF).customers
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        write_plain(path, columns)
        crm_xl.refresh(path, as_of=AS_OF)
        stored = read_results(path)
    for key in RESULTS:
        wanted = [as_cell(v) for v in expected[key]]
        assert [as_cell(v) for v in analysed[key].tolist()] == wanted, key
        assert stored[key] == wanted, key


@pytest.mark.parametrize("form", ["row", "spill", "values"])
@settings(max_examples=12, **QUIET)
@given(columns=tables(most=40))
def test_forms_agree(form: str, columns: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same in our own workbook, whatever the form of its result columns."""
    path = tmp_path_factory.mktemp(form) / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", as_of="2020-01-01", formulas=form)  # type: ignore[arg-type]
    edited = openpyxl_free_fill(path, columns)
    crm_xl.refresh(edited, as_of=AS_OF)
    stored = read_results(edited)
    expected = by_function(columns)
    for key in RESULTS:
        assert stored[key] == [as_cell(v) for v in expected[key]], key


def openpyxl_free_fill(path: Path, columns: dict[str, list[Any]]) -> Path:
    """Type the cells into the Customers sheet by writing its XML, as Excel would store them."""
    from tests.support.editing import type_rows

    headers = {INPUTS[k]: v for k, v in columns.items()}
    return type_rows(path, "Customers", headers)
