"""The sheet of data quality with nothing to look at, with too much, and in names that need quotes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import crm_xl
import crm_xl.workflows.reports.quality as report
from crm_xl.workflows.check import check
from tests.support.editing import set_table_cell
from tests.support.recompute import read_table
from tests.support.validators import assert_clean
from tests.test_moves_accounts import figure

AS_OF = dt.date(2024, 6, 30)


def book(path: Path, customers: dict[str, list[Any]] | None = None, **more: Any) -> Path:
    frame = None if customers is None else pd.DataFrame(customers)
    options = {"template": "customer-info", "as_of": AS_OF, **more}
    crm_xl.new_workbook(path, customers=frame, **options)
    return path


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有发现问题。"), ("en", "Nothing found.")])
def test_no_customers(tmp_path: Path, lang: str, said: str) -> None:
    path = book(tmp_path / "b.xlsx", lang=lang)
    assert len(read_table(path, "Quality")) == 0
    assert figure(path, "QualityNote") == said
    assert figure(path, "QualityAccuracy") in (None, "")
    assert figure(path, "QualityErrors") == figure(path, "QualityWarnings") == 0
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def test_more_than_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the counts tell all of them, without formulas, which could see those listed only."""
    monkeypatch.setattr(report, "LISTED", 5)
    names = {"客户编号": [f"C{i}" for i in range(9)], "客户名称": ["甲"] * 8 + ["乙"]}
    path = book(tmp_path / "b.xlsx", names)
    shown = read_table(path, "Quality")
    assert len(shown) == 5 and figure(path, "QualityWarnings") == 8
    assert "共 8 个问题，这里列出前 5 个；其余 3 个" in figure(path, "QualityNote")
    assert "HYPERLINK" in str(cell(path, "Quality", 0)) and not str(named(path, "QualityWarnings")).startswith("=")
    monkeypatch.setattr(report, "LISTED", 50)
    crm_xl.refresh(path, as_of=AS_OF)
    assert len(read_table(path, "Quality")) == 8 == figure(path, "QualityWarnings")
    assert str(named(path, "QualityWarnings")).startswith("=SUMPRODUCT(")
    for row in range(8):
        set_table_cell(path, "Customers", row, "客户名称", f"第{row}公司")
    crm_xl.refresh(path, as_of=AS_OF)
    assert read_table(path, "Quality")["规则"].tolist() == ["对不上"], "a target of the template about nobody yet"
    assert figure(path, "QualityWarnings") == 1
    assert crm_xl.refresh(path, as_of=AS_OF).changed is False


def test_customers_that_only_the_orders_have(tmp_path: Path) -> None:
    """The line points at the row that this refresh adds."""
    orders = pd.DataFrame(
        {"客户编号": ["A", "新"], "订单日期": pd.to_datetime(["2024-05-01"] * 2), "金额(元)": [5.0, 6.0]}
    )
    path = book(tmp_path / "b.xlsx", {"客户编号": ["A"], "客户名称": ["甲"]}, orders=orders)
    line, *_ = read_table(path, "Quality").to_dict("records")
    assert (line["单元格"], line["客户"], line["规则"], line["级别"]) == ("B3", "新", "缺失", "提醒")
    found, *_ = check(path).findings
    assert (found.cell, found.what) == (line["单元格"], line["说明"])


def test_texts_that_look_like_formulas(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", {"客户编号": ["A", "B"], "客户名称": ["=1+1", "=1+1"]})
    line, *_ = read_table(path, "Quality").to_dict("records")
    assert (line["内容"], line["客户"]) == ("=1+1", "=1+1")


@pytest.mark.parametrize(("template", "lang", "form"), [("customer-info", "zh", "row"), ("full", "en", "spill")])
def test_validators(tmp_path: Path, template: str, lang: str, form: Any) -> None:
    path = book(tmp_path / "b.xlsx", template=template, lang=lang, sample=True, formulas=form)
    header = {"zh": "满意度评分(1-5)", "en": "Satisfaction (1-5)"}[lang]
    set_table_cell(path, "Customers", 2, header, 9.0)
    crm_xl.refresh(path, as_of=AS_OF)
    assert_clean(path)


def cell(path: Path, table: str, row: int) -> object:
    """What the cell of the link holds in a row of the list."""
    opened = openpyxl.load_workbook(path)
    sheet = next(s for s in opened if table in s.tables)
    return sheet.cell(openpyxl.utils.range_boundaries(sheet.tables[table].ref)[1] + 1 + row, 2).value


def named(path: Path, name: str) -> object:
    opened = openpyxl.load_workbook(path)
    sheet, ref = next(iter(opened.defined_names[name].destinations))
    return opened[sheet][ref.replace("$", "")].value
