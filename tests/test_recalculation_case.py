"""The page about one customer lives on native formulas: another program calculates another pick right."""

from __future__ import annotations

from pathlib import Path

import pytest

import crm_xl
from crm_xl.cells import CellError
from tests.support import libreoffice, recompute
from tests.support.editing import set_name, set_table_cell
from tests.support.validators import need
from tests.test_moves_case import AS_OF, book, compare, pick
from tests.test_recalculation import assert_same, values

__all__ = ["book"]


@pytest.mark.parametrize("kind", ["lost", "name", "odd", "nobody"])
def test_another_pick_without_a_refresh(book: Path, tmp_path: Path, kind: str) -> None:
    need(libreoffice.available(), "LibreOffice is not installed")
    path = tmp_path / "picked.xlsx"
    path.write_bytes(book.read_bytes())
    set_name(path, "CaseCustomer", pick(book, kind))
    compare(libreoffice.recalculate(path, tmp_path), pick(book, kind), tables=book)


def test_wrong_cells_and_an_id_that_is_there_twice(book: Path, tmp_path: Path) -> None:
    """After a refresh the formulas, calculated by another program, say what was cached."""
    need(libreoffice.available(), "LibreOffice is not installed")
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(book.read_bytes())
    for table, row, header, value in (
        ("Customers", 3, "客户名称", CellError("#N/A")),
        ("Customers", 8, "客户编号", "C001"),
        ("Customers", 0, "联系人", CellError("#N/A")),
        ("Orders", 5, "客户编号", CellError("#N/A")),
        ("Orders", 6, "订单日期", "昨天"),
        ("Needs", 1, "类别", CellError("#N/A")),
        ("Surveys", 1, "日期", "2024.1.1"),
        ("Strategies", 3, "策略", CellError("#N/A")),
        ("Strategies", 4, "标签", None),
    ):
        set_table_cell(path, table, row, header, value)
    set_name(path, "CaseCustomer", "C001")
    crm_xl.refresh(path, as_of=AS_OF)
    before = values(path)
    after = recompute.load(libreoffice.recalculate(path, tmp_path))
    assert_same(before, {k: None if (v := after[k[0]][k[1]].value) == "" else v for k in before})
