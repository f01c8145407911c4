"""LibreOffice computes the native formulas of our workbooks to the values that we cached."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

import crm_xl
from tests.support import libreoffice
from tests.support.editing import set_table_cell
from tests.support.validators import need

warnings.filterwarnings("ignore", module="openpyxl")


@pytest.fixture(scope="module", params=["zh", "en"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = tmp_path_factory.mktemp("recalculation") / f"{request.param}.xlsx"
    crm_xl.new_workbook(path, lang=request.param, sample=True, as_of="2024-06-30", formulas="values")
    return path


def values(path: Path) -> dict[tuple[str, str], Any]:
    """Values of every formula cell; an empty text counts as empty."""
    formulas, cached = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    found = {}
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    value = cached[sheet.title][cell.coordinate].value
                    found[sheet.title, cell.coordinate] = None if value == "" else value
    return found


def assert_same(before: dict[tuple[str, str], Any], after: dict[tuple[str, str], Any]) -> None:
    for place, value in before.items():
        other = after[place]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            assert other == pytest.approx(value, rel=1e-9, abs=1e-12), place
        else:
            assert other == value, place


def test_native_formulas_agree(book: Path, tmp_path: Path) -> None:
    before = values(book)
    assert len(before) > 150
    after_path = libreoffice.recalculate(book, tmp_path)
    recalculated = openpyxl.load_workbook(after_path, data_only=True)
    after = {(s, c): recalculated[s][c].value for s, c in before}
    assert_same(before, {k: None if v == "" else v for k, v in after.items()})


def test_the_proof_can_fail(book: Path, tmp_path: Path) -> None:
    """A planted wrong value comes out right: it was really calculated."""
    canary = libreoffice.plant_canary(book, tmp_path / "canary.xlsx")
    after_path = libreoffice.recalculate(tmp_path / "canary.xlsx", tmp_path)
    shown = openpyxl.load_workbook(after_path, data_only=True)[canary.sheet][canary.cell].value
    shown = to_excel(shown) if isinstance(shown, dt.datetime) else shown
    assert shown == canary.right
    assert shown != canary.wrong


@pytest.mark.parametrize("book", ["zh"], indirect=True)
def test_agreement_with_wrong_cells(book: Path, tmp_path: Path) -> None:
    """Text and dates where figures belong: the native formulas take them as we do.

    No boolean here: to LibreOffice TRUE is a number, to Excel it is not.
    """
    path = tmp_path / "wrong.xlsx"
    path.write_bytes(book.read_bytes())
    chinese = book.name.startswith("zh")
    spend = "年消费金额(万元)" if chinese else "Annual spend (CNY 10k)"
    content = "满意度评分(1-5)" if chinese else "Satisfaction (1-5)"
    for row, header, value in (
        (2, spend, "约15万"),
        (5, content, "很好"),
        (7, content, dt.datetime(2024, 1, 2)),
    ):
        set_table_cell(path, "Customers", row, header, value)
    crm_xl.refresh(path, as_of="2024-06-30")
    before = values(path)
    after_path = libreoffice.recalculate(path, tmp_path)
    recalculated = openpyxl.load_workbook(after_path, data_only=True)
    assert_same(before, {k: None if (v := recalculated[k[0]][k[1]].value) == "" else v for k in before})
