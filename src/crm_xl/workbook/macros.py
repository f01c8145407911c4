"""A workbook that carries functions and ribbon itself: one fixed set of parts put into a filled or empty one."""

from __future__ import annotations

import re
from pathlib import Path

from crm_xl import assets
from crm_xl.errors import CrmXlError

from .package import CONTENT_TYPES, Package, attributes

_MAIN_TYPES = {
    ".xlsm": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xlam": b"application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
_PLAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_VBA_KIND = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_VBA_TYPE = "application/vnd.ms-office.vbaProject"
_RIBBON_KIND = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_SHEET_PR = re.compile(rb"<sheetPr\b([^<>]*)>")
_WORKSHEET = re.compile(rb"<worksheet\b[^<>]*>")
_SHEET = re.compile(rb"<sheet\b[^<>]*>")
_BOOK_PR = re.compile(rb"<workbookPr\b([^<>]*)>")


def code_names(sheets: int) -> list[str]:
    """The names under which VBA knows the sheets, in their order."""
    return [f"Sheet{i}" for i in range(1, sheets + 1)]


def sheet_parts(package: Package) -> list[str]:
    """The parts of the sheets, in their order."""
    targets = package.relationships(package.workbook)
    tags = map(attributes, _SHEET.findall(package.read(package.workbook)))
    return [targets[next(v for k, v in tag.items() if k.endswith(":id"))].target for tag in tags]


def vba_asset(sheets: int) -> Path:
    """The VBA project for a workbook with so many sheets: each of them has a module in it."""
    return assets.path("addin", f"vbaProject-{sheets}.bin")


def macro_workbook(data: bytes, name: str | Path) -> bytes:
    """A workbook of ours as .xlsm. Error: no_macros for a number of sheets that no template has."""
    package = Package(Path(name), data)
    project = vba_asset(len(sheet_parts(package)))
    if not project.exists():
        raise CrmXlError("no_macros", path=name)
    ribbon = assets.path("addin", "customUI14.xml").read_bytes()
    return with_macros(package, project.read_bytes(), ribbon, ".xlsm")


def with_macros(package: Package, project: bytes, ribbon: bytes, suffix: str) -> bytes:
    """A package with a VBA project and a ribbon, as an .xlsm or .xlam."""
    set_kind(package, suffix)
    book = package.workbook
    package.write(book, _BOOK_PR.sub(rb'<workbookPr codeName="ThisWorkbook"\1>', package.read(book), count=1))
    sheets = sheet_parts(package)
    for part, name in zip(sheets, code_names(len(sheets)), strict=True):
        package.write(part, _named(package.read(part), name.encode()))
    package.add_part(book, "vbaProject.bin", project, kind=_VBA_KIND, content_type=_VBA_TYPE)
    package.add_part("", "customUI/customUI14.xml", ribbon, kind=_RIBBON_KIND, content_type="application/xml")
    return package.to_bytes()


def set_kind(package: Package, suffix: str) -> None:
    """Make an .xlsx package say that it is an .xlsm or .xlam."""
    types = package.read(CONTENT_TYPES)
    package.write(CONTENT_TYPES, types.replace(_PLAIN_TYPE, _MAIN_TYPES[suffix], 1))


def _named(xml: bytes, name: bytes) -> bytes:
    """A worksheet part with the code name of its sheet."""
    if _SHEET_PR.search(xml):
        return _SHEET_PR.sub(rb'<sheetPr codeName="' + name + rb'"\1>', xml, count=1)
    return _WORKSHEET.sub(lambda m: m[0] + b'<sheetPr codeName="' + name + b'"/>', xml, count=1)
