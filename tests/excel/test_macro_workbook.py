"""A workbook that carries its functions: every proof of the .xlsx holds, and macros and ribbon stay byte for byte."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import crm_xl
from crm_xl.errors import CrmXlError
from crm_xl.workflows.check import check
from crm_xl.workflows.explain import explain
from tests.support.validators import findings, need, sdk_validator

CARRIED = ("xl/vbaProject.bin", "customUI/customUI14.xml")
DAY, LATER = "2024-06-30", "2024-12-31"


def carried(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as parts:
        return [parts.read(name) for name in CARRIED]


def others(path: Path) -> dict[str, bytes]:
    """The parts that an .xlsx has too, and that know nothing of macros."""
    known = {"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", *CARRIED}
    with zipfile.ZipFile(path) as parts:
        return {n: parts.read(n) for n in parts.namelist() if n not in known and "/worksheets/sheet" not in n}


CASES = [
    ("customer-info", "zh", "row"), ("case-analysis", "en", "spill"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "lang", "form"), CASES)
def test_new_and_refreshed(template: str, lang: str, form: str, tmp_path: Path) -> None:
    need(sdk_validator() is not None, "the Open XML SDK validator is not installed")
    path, plain = tmp_path / "book.xlsm", tmp_path / "book.xlsx"
    for target in (path, plain):
        crm_xl.new_workbook(target, template=template, lang=lang, formulas=form, sample=True, as_of=DAY)  # type: ignore[arg-type]
    before = carried(path)
    assert findings(path, ours=True) == []
    assert others(path) == others(plain)
    assert not crm_xl.refresh(path, as_of=DAY).changed
    one, two = crm_xl.refresh(path, as_of=LATER), crm_xl.refresh(plain, as_of=LATER)
    assert (one.segments, one.cells) == (two.segments, two.cells)
    assert carried(path) == before and not set(CARRIED) & set(one.parts)
    assert findings(path, ours=True) == []
    assert others(path) == others(plain)


def test_forms_are_converted_and_the_stories_told(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsm"
    crm_xl.new_workbook(path, template="customer-info", sample=True, as_of=DAY)
    before = carried(path)
    for form in ("values", "spill", "row"):
        assert crm_xl.refresh(path, as_of=DAY, formulas=form).form == form  # type: ignore[arg-type]
    assert carried(path) == before
    assert check(path)
    customer = CalamineWorkbook.from_path(path).get_sheet_by_name("客户基础信息表").to_python()[3][0]
    assert explain(path, str(customer)).path == str(path)
    out = tmp_path / "other.xlsx"
    with pytest.raises(CrmXlError):  # its macros would make an .xlsx that Excel refuses
        crm_xl.refresh(path, out=out, as_of=LATER)
    assert not out.exists()
