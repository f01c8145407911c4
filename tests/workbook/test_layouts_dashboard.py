"""The dashboard: one screen, one page, and only what the workbook has."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

import crm_xl
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.workbook.layouts import TEMPLATES, Template, compile_template
from crm_xl.workbook.layouts.dashboard import COLUMNS, RISK_ROW, RISK_SPANS, RISKS, TILES
from crm_xl.workflows.reports.dashboard import RISK_COLUMNS
from tests.support.lint import lint

NAMES = {"zh": "KPI 看板", "en": "Dashboard"}


@pytest.mark.parametrize("lang", LANGS)
def test_one_page_and_one_screen(lang: Lang) -> None:
    book = openpyxl.load_workbook(BytesIO(compile_template("sales-strategy", lang)))
    sheet = book[NAMES[lang]]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    # not told means one
    assert {sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight} <= {None, 1}
    assert sheet.page_setup.orientation == "landscape"
    assert (COLUMNS, RISK_ROW + 2 + RISKS) <= (16, 36)
    assert len(sheet._charts) == 6
    assert {name for name, _, _ in TILES} <= set(book.defined_names)


def test_the_list_stands_where_the_refresh_writes_it() -> None:
    at = 0
    for key, span in RISK_SPANS.items():
        assert RISK_COLUMNS[key] == at
        at += span
    assert at == COLUMNS


@pytest.mark.parametrize(
    ("sheets", "charts"),
    [
        (("dashboard", "customers", "parameters", "calculation"), 0),
        (("dashboard", "customers", "profile", "rfm", "parameters", "calculation"), 1),
        (("dashboard", "customers", "goals", "tracking", "figures", "parameters", "calculation"), 5),
    ],
)
def test_a_workbook_without_some_of_its_sheets(
    sheets: tuple[str, ...], charts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = TEMPLATES["sales-strategy"]
    monkeypatch.setitem(TEMPLATES, "few", Template(full.title, sheets, full.columns, full.rule_tables))
    path = tmp_path / "few.xlsx"
    path.write_bytes(compile_template("few", "zh"))
    assert lint(path, ours=True) == []
    dashboard = openpyxl.load_workbook(path)["KPI 看板"]
    assert len(dashboard._charts) == charts
    with zipfile.ZipFile(path) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
    assert ("RFM 热力图" in texts) == ("rfm" in sheets)
    crm_xl.refresh(path, as_of="2024-06-30")
    assert lint(path, ours=True) == []
