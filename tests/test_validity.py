"""Every workbook that we make or refresh passes both validators and our own lint, and reads whole."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

import crm_xl
from tests.support.validators import findings, need, sdk_validator

NEW = {
    "sample": {"sample": True},
    "empty": {},
    "yuan": {"sample": True, "unit": "yuan", "value_method": "shares"},
}


CASES = [
    # every template, and every kind, form and language
    ("full", "sample", "row", "zh"), ("full", "yuan", "spill", "en"), ("full", "empty", "values", "zh"),
    ("customer-info", "yuan", "row", "en"), ("relationship-evaluation", "yuan", "values", "zh"),
    ("sales-strategy", "empty", "row", "en"), ("key-accounts", "sample", "spill", "en"),
    ("case-analysis", "sample", "row", "zh"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "kind", "form", "lang"), CASES)
def test_generated_and_refreshed_are_clean(
    template: str, kind: str, form: str, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (template, kind) == ("full", "sample")  # the others are parts of it, judged once they were refreshed
    if not first:
        monkeypatch.setattr("crm_xl.workflows.new.PAST", 1)  # half a year of snapshots takes long to judge
    need(sdk_validator() is not None, "the Open XML SDK validator is not installed")
    path = tmp_path / "book.xlsx"
    crm_xl.new_workbook(path, template=template, lang=lang, formulas=form, as_of="2024-06-30", **NEW[kind])  # type: ignore[arg-type]
    if first:
        assert findings(path, ours=True) == []
        whole(path)
    bytes_before = path.read_bytes()
    assert not crm_xl.refresh(path, as_of="2024-06-30").changed
    assert path.read_bytes() == bytes_before
    assert not path.with_name("book.xlsx.bak").exists()
    before = parts(path)
    report = crm_xl.refresh(path, as_of="2024-12-31")
    after = parts(path)
    assert before.keys() <= after.keys()
    assert {name for name in after if before.get(name) != after[name]} == set(report.parts)
    assert findings(path, ours=True) == []
    whole(path)
    bytes_before = path.read_bytes()
    assert not crm_xl.refresh(path, as_of="2024-12-31").changed
    assert path.read_bytes() == bytes_before


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def whole(path: Path) -> None:
    """Every formula has a cached value; the calculation properties do not ask for a recalculation."""
    formulas = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    with zipfile.ZipFile(path) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
        for part in sheets:
            for cell in re.findall(rb"<c [^>]*>(?:(?!</c>).)*<f.*?</c>", archive.read(part)):
                assert b"<v" in cell, (part, cell[:120])
        properties = re.search(rb"<calcPr[^>]*>", archive.read("xl/workbook.xml"))
        assert properties is not None
        assert b'calcId="191029"' in properties[0]
        assert b"fullCalcOnLoad" not in properties[0]
    results = [t for s in formulas for t in s.tables.values() if t.name == "Customers"]
    assert results
    for sheet in cached:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "e", (sheet.title, cell.coordinate, cell.value)
