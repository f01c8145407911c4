"""The history of a workbook: it grows at its end where it can, and is written anew where it has to be."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest

import crm_xl
from tests.support.books import shown
from tests.support.editing import Editor, set_table_cell

LATER = "2024-07-31"
_ROW = re.compile(rb'<row r="\d+"[^>]*>.*?</row>', re.DOTALL)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "sample.xlsx"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30", formulas="values")
    return path


def refreshed(source: Path, folder: Path, as_of: str = LATER) -> Path:
    path = folder / f"{as_of}.xlsx"
    crm_xl.refresh(source, as_of=as_of, out=path)
    return path


def rows_of(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as archive:
        return _ROW.findall(archive.read("xl/" + Editor(path).sheets["历史快照"].removeprefix("xl/")))


def key(row: dict[str, object]) -> tuple[object, object]:
    return row["日期"], row["客户编号"]


def test_what_stands_there_is_not_written_again(sample: Path, tmp_path: Path) -> None:
    before, after = shown(sample, "History"), shown(refreshed(sample, tmp_path), "History")
    new = after[len(before) :]
    assert after[: len(before)] == before
    assert {row["日期"] for row in new} == {dt.datetime(2024, 7, 31)}
    assert [row["客户编号"] for row in new] == [row["客户编号"] for row in shown(sample)]
    old = rows_of(sample)
    assert rows_of(tmp_path / f"{LATER}.xlsx")[: len(old)] == old


@pytest.mark.parametrize(
    ("header", "value"),
    [("日期", dt.datetime(2023, 1, 31)), ("日期", "早先"), ("客户编号", None), ("客户编号", " C0002 ")],
)
def test_what_is_untidy_is_put_in_order(header: str, value: object, sample: Path, tmp_path: Path) -> None:
    """A date out of order, unusable rows, an id in another spelling."""
    path = tmp_path / "untidy.xlsx"
    path.write_bytes(sample.read_bytes())
    set_table_cell(path, "History", 5, header, value)
    changed = shown(path, "History")[5]
    after = shown(refreshed(path, tmp_path), "History")
    days = [row["日期"] for row in after]
    assert all(isinstance(day, dt.datetime) for day in days) and days == sorted(days)
    assert len({key(row) for row in after}) == len(after)
    usable = isinstance(changed["日期"], dt.datetime) and changed["客户编号"] is not None
    assert sum(row["日期"] == dt.datetime(2023, 1, 31) for row in after) == (usable and header == "日期")


def test_the_same_day_again_replaces_it(sample: Path, tmp_path: Path) -> None:
    path = refreshed(sample, tmp_path)
    set_table_cell(path, "Customers", 0, "客户名称", "另一个名字")
    before = shown(path, "History")
    again = tmp_path / "again.xlsx"
    crm_xl.refresh(path, as_of=LATER, out=again)
    assert shown(again, "History") == before
    earlier = refreshed(path, tmp_path, "2024-07-15")
    days = [row["日期"] for row in shown(earlier, "History")]
    assert days == sorted(days) and dt.datetime(2024, 7, 15) in days
