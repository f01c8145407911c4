"""The forms of the results: row formulas, spills and values, changed into one another on the same book."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import crm_xl
from crm_xl.workflows.refresh import ROW_LIMIT
from tests.support.editing import delete_table_row
from tests.support.packages import members, write_members
from tests.support.validators import findings, need, sdk_validator

AS_OF = "2024-06-30"
OURS = re.compile(rb"<f[^>]*>[^<]*\b(?:SEGMENT|LIFECYCLE|RFM_SCORES|WEIGHTED_SCORE)\(")
CELL = re.compile(rb"<c [^>]*?(cm=\"1\")?[^>]*><f([^>]*)>([^<]*)</f>")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=AS_OF)
    return path


def functions(path: Path) -> tuple[int, int]:
    """How many cells call a function of ours in the row, and how many over the whole column (dynamic)."""
    rows = spills = 0
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if part.startswith("xl/worksheets/sheet"):
                xml = archive.read(part)
                calls = [m for m in CELL.finditer(xml) if OURS.search(b"<f>" + m[3])]
                spills += sum(b'"array"' in m[2] for m in calls)
                rows += sum(b'"array"' not in m[2] for m in calls)
    return rows, spills


def test_the_form_changes_when_the_threshold_is_passed(book: Path, tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK validator is not installed")
    assert functions(book)[0] > 0
    orders = tmp_path / "orders.csv"
    frame = pd.DataFrame({"客户编号": ["N-1"], "下单日期": ["2024-05-01"], "订单金额(元)": [500]})
    frame.to_csv(orders, index=False, encoding="utf-8-sig")
    report = crm_xl.refresh(book, as_of=AS_OF, orders=orders)
    assert report.customers == ROW_LIMIT + 1 and report.form == "spill" and report.added == ["N-1"]
    rows, spills = functions(book)
    assert rows == 0 and spills > 1
    assert findings(book, ours=True) == []
    delete_table_row(book, "Customers", ROW_LIMIT)
    again = crm_xl.refresh(book, as_of=AS_OF)
    assert again.customers == ROW_LIMIT and again.form == "row" and not again.added
    assert functions(book)[0] > 0
    # the editor takes a row away without counting its texts
    assert [f for f in findings(book, ours=True) if "cells use a shared string" not in f] == []


def test_a_chosen_form_is_kept_beyond_the_threshold(book: Path, tmp_path: Path) -> None:
    crm_xl.refresh(book, as_of=AS_OF, formulas="values")
    orders = tmp_path / "orders.csv"
    pd.DataFrame({"客户编号": ["N-1"], "下单日期": ["2024-05-01"], "订单金额(元)": [500]}).to_csv(orders, index=False)
    assert crm_xl.refresh(book, as_of=AS_OF, orders=orders).form == "values"
    assert functions(book) == (0, 0)


@pytest.mark.parametrize("form", ["row", "spill"])
def test_without_a_column_that_a_function_needs_the_results_are_values(book: Path, form: str) -> None:
    """The user renamed 最近合作时间: no function that reads it can stand in the sheet."""
    parts = members(book)
    for name in parts:
        if name.startswith("xl/tables/") or name == "xl/sharedStrings.xml":
            old, new = "最近合作时间", "别的什么"
            for before, after in ((f'name="{old}"', f'name="{new}"'), (f"<t>{old}</t>", f"<t>{new}</t>")):
                parts[name] = parts[name].replace(before.encode(), after.encode())
    write_members(book, parts)
    report = crm_xl.refresh(book, as_of=AS_OF, formulas=form)  # type: ignore[arg-type]
    assert report.form == form
    with zipfile.ZipFile(book) as archive:
        xml = b"".join(archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
    assert b"RFM_SCORES(" not in xml and b"LIFECYCLE(" not in xml and b"VALUE_TIER(" in xml
    assert not crm_xl.refresh(book, as_of=AS_OF).changed
