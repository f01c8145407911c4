"""The built add-in and the workbooks that carry its code."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
import xlwings
from lxml import etree
from oletools.olevba import VBA_Parser

from crm_xl import assets
from crm_xl.excel import build, vba
from crm_xl.vocabulary.ribbon_texts import RIBBON_TEXTS
from crm_xl.workbook.macros import macro_workbook, sheet_parts, vba_asset
from crm_xl.workbook.package import Package
from crm_xl.workflows.new import TEMPLATES, new_workbook
from tests.support import validators

ROOT = Path(__file__).parents[2]
TEMPLATES_FOLDER = ROOT / "workbook_templates"
NS = "http://schemas.microsoft.com/office/2009/07/customui"
RIBBON = etree.fromstring((ROOT / "addin" / "customUI14.xml").read_bytes())
SIGNATURES = {
    "onLoad": "(ribbon As IRibbonUI)",
    "getLabel": "(control As IRibbonControl, ByRef returnedVal)",
    "getScreentip": "(control As IRibbonControl, ByRef returnedVal)",
    "getSupertip": "(control As IRibbonControl, ByRef returnedVal)",
    "getVisible": "(control As IRibbonControl, ByRef returnedVal)",
    "onAction": "(control As IRibbonControl)",
}


def members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return [(name, parts.read(name)) for name in parts.namelist()]


def test_the_add_in_is_the_one_that_is_built() -> None:
    committed = (ROOT / "addin" / build.ADDIN).read_bytes()
    assert members(build.build_addin()) == members(committed)


def test_the_projects_are_the_ones_that_are_built() -> None:
    made = build.build_projects(TEMPLATES_FOLDER)
    assert made == {p.name: p.read_bytes() for p in (ROOT / "addin").glob("vbaProject-*.bin")}
    assert made


def modules_of(path: Path) -> dict[str, str]:
    parser = VBA_Parser(str(path))
    found = {name: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    return found


def body(code: str) -> list[str]:
    return [line.rstrip() for line in code.splitlines() if line.strip() and not line.startswith("Attribute VB_")]


@pytest.mark.parametrize("addin", [True, False])
def test_every_module_reads_back(addin: bool, tmp_path: Path) -> None:
    path = ROOT / "addin" / build.ADDIN
    if not addin:
        path = tmp_path / "b.xlsm"
        new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    found = modules_of(path)
    for name, source in build.modules(xlwings.__version__, addin=addin).items():
        assert body(found[f"{name}.bas"]) == body(source), name
    events = vba.source("AddinEvents.bas" if addin else "WorkbookEvents.bas")
    assert body(found["ThisWorkbook.cls"]) == body(events)
    sheets = sheet_parts(Package(path))
    documents = {n.removesuffix(".cls") for n in found if n.endswith(".cls")}
    assert documents == {"ThisWorkbook", *(f"Sheet{i}" for i in range(1, len(sheets) + 1))}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_code_names_are_those_of_the_modules(lang: str, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsm"
    new_workbook(path, template="customer-info", lang=lang, sample=True, as_of="2024-06-30")  # type: ignore[arg-type]
    package = Package(path)
    assert re.search(rb'<workbookPr [^<>]*codeName="ThisWorkbook"', package.read(package.workbook))
    names = [re.search(rb'<sheetPr [^<>]*codeName="(\w+)"', package.read(p)) for p in sheet_parts(package)]
    assert [n[1].decode() for n in names if n] == [f"Sheet{i}" for i in range(1, len(names) + 1)]
    assert package.read("xl/vbaProject.bin") == vba_asset(len(names)).read_bytes()
    assert package.read("customUI/customUI14.xml") == assets.path("addin", "customUI14.xml").read_bytes()


def test_a_template_without_a_project_is_refused(tmp_path: Path) -> None:
    import xlsxwriter

    from crm_xl.errors import CrmXlError

    book = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
    book.add_worksheet()
    book.close()
    with pytest.raises(CrmXlError, match=r"b\.xlsm"):
        macro_workbook((tmp_path / "b.xlsx").read_bytes(), tmp_path / "b.xlsm")


# ---------------------------------------------------------------- the ribbon


def controls() -> list[etree._Element]:
    return [e for e in RIBBON.iter() if isinstance(e.tag, str) and e.get("id")]


def test_ids_and_key_tips_are_unique() -> None:
    ids = [e.get("id") for e in controls()]
    assert len(set(ids)) == len(ids)
    for parent in RIBBON.iter(f"{{{NS}}}tab"):
        tips = [e.get("keytip") for e in parent.iter() if e is not parent and e.get("keytip")]
        assert len(set(tips)) == len(tips)


def test_every_callback_is_there_with_its_signature() -> None:
    source = vba.source("CrmXlRibbon.bas")
    used = set()
    for element in RIBBON.iter():
        for name, value in element.attrib.items():
            if name in SIGNATURES:
                assert f"Public Sub {value}{SIGNATURES[name]}" in source, (element.get("id"), name)
                used.add(value)
    assert used == set(re.findall(r"Public Sub (\w+)", source))


def test_every_control_has_its_texts_and_its_action() -> None:
    from crm_xl.excel import actions

    for element in controls():
        key, kind = element.get("id"), etree.QName(element).localname
        assert f"{key}.label" in RIBBON_TEXTS
        if kind in ("button", "menu"):
            assert f"{key}.tip" in RIBBON_TEXTS and element.get("imageMso")
        if element.get("onAction") == "CrmOnAction":
            called = re.fullmatch(r"(\w+)\(('[\w-]+')?\)", element.get("tag"))
            assert called and callable(getattr(actions, called[1]))
    shown = {e.get("id") for e in controls()}
    assert {k.rpartition(".")[0] for k in RIBBON_TEXTS if "." in k} == shown


def test_the_menu_offers_every_template() -> None:
    tags = [e.get("tag") for e in RIBBON.iter(f"{{{NS}}}button")]
    assert [t for t in tags if t and t.startswith("new_workbook")] == [f"new_workbook('{t}')" for t in TEMPLATES]


def test_every_message_of_the_add_in_is_there() -> None:
    told = set()
    for source in build.modules(xlwings.__version__, addin=True).values():
        told |= set(re.findall(r'Crm(?:Text|Tell)\(?\s*"(\w+)"', source))
    assert told and told <= RIBBON_TEXTS.keys()


# ---------------------------------------------------------------- validity


SPOILT = [
    ("keytip=", "keytop=", "not declared"),
    ("<ribbon>", "<ribbon><band/>", "invalid child element"),
    ('size="large"', 'size="huge"', "invalid value"),
    ('id="crmXlTab"', 'id="crmXl Tab"', "invalid value"),
    ("<tabs>", "<groups/><tabs>", "invalid child element"),
]


@pytest.mark.parametrize(("right", "wrong", "finding"), SPOILT)
def test_the_validator_reads_the_ribbon(right: str, wrong: str, finding: str, tmp_path: Path) -> None:
    validators.need(validators.sdk_validator() is not None, "the Open XML SDK validator is not installed")
    path = tmp_path / "b.xlam"
    with zipfile.ZipFile(path, "w") as copy:
        for name, data in members((ROOT / "addin" / build.ADDIN).read_bytes()):
            spoilt = data.decode().replace(right, wrong, 1).encode() if name == "customUI/customUI14.xml" else data
            copy.writestr(name, spoilt)
    found = validators.sdk_findings(path)
    assert len(found) == 1 and "customUI14.xml" in found[0] and finding in found[0]


def at_odds(ribbon: etree._Element) -> list[str]:
    """Attributes that exclude one another, of which the validator says nothing: a text or its callback, one place,
    one identifier (MS-CUSTOMUI2 2.3, the description of each attribute)."""
    found = []
    for e in ribbon.iter():
        names = {str(n) for n in e.attrib}
        found += [n for n in names if f"get{n[0].upper()}{n[1:]}" in names]
        for one_of in (
            {"id", "idQ", "idMso"},
            {"insertAfterMso", "insertBeforeMso", "insertAfterQ", "insertBeforeQ"},
            {"image", "imageMso", "getImage"},
        ):
            found += sorted(names & one_of)[1:]
        if etree.QName(e).localname in ("tab", "group", "button", "menu") and not names & {"id", "idQ", "idMso"}:
            found.append("no id")
    return found


def test_no_attributes_of_the_ribbon_exclude_one_another() -> None:
    assert at_odds(RIBBON) == []
    text = (ROOT / "addin" / "customUI14.xml").read_text(encoding="utf-8")
    for right, wrong, odd in (
        ('id="crmXlTab"', 'id="crmXlTab" label="x"', "label"),
        ('id="crmXlTab"', 'id="crmXlTab" idMso="TabData"', "idMso"),
        ('id="crmXlTab"', 'id="crmXlTab" insertBeforeMso="TabData"', "insertBeforeMso"),
        ('id="crmXlNew" ', "", "no id"),
    ):
        assert at_odds(etree.fromstring(text.replace(right, wrong, 1).encode())) == [odd]


@pytest.mark.parametrize("kind", ["xlam", "xlsm"])
def test_validators_find_nothing(kind: str, tmp_path: Path) -> None:
    validators.need(validators.sdk_validator() is not None, "the Open XML SDK validator is not installed")
    path = tmp_path / f"b.{kind}"
    if kind == "xlam":
        path.write_bytes((ROOT / "addin" / build.ADDIN).read_bytes())
    else:
        new_workbook(path, template="customer-info", sample=True, as_of="2024-06-30")
    assert validators.findings(path, ours=kind == "xlsm") == []
