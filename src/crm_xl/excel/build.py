"""Building what Excel loads: `addin/crm_xl.xlam`, and the VBA project for workbooks that carry it themselves.

    python -m crm_xl addin build

No Excel is needed. pyOpenVBA writes the VBA project; the same input gives the same bytes.
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import xlsxwriter
from pyopenvba import ExcelFile
from pyopenvba.cfb import CFB
from pyopenvba.vba import compress, decompress

from crm_xl import __version__, assets
from crm_xl.errors import CrmXlError
from crm_xl.vocabulary.ribbon_texts import RIBBON_TEXTS
from crm_xl.workbook.layouts.templates import CREATED
from crm_xl.workbook.macros import code_names, set_kind, sheet_parts, vba_asset, with_macros
from crm_xl.workbook.package import Package

from . import vba

ADDIN = "crm_xl.xlam"
_NO_CACHE = bytes.fromhex("cc61ffff000000")
"""The stream `_VBA_PROJECT` of a project without compiled code (MS-OVBA 2.3.4.1): Excel compiles it anew."""
_PROJECT_NAME = 4
"""Record of the name in the stream `dir` (MS-OVBA 2.3.4.2.1.5)."""
_DEFAULT_NAME = b"VBAProject"
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)


NO_MARKS: Mapping[str, str] = MappingProxyType({})


def modules(xlwings_version: str, *, addin: bool) -> dict[str, str]:
    """Name -> source of every module but those of sheets and workbook."""
    return {
        "xlwings": vba.xlwings_module(),
        "CrmXlCore": vba.source("CrmXlCore.bas"),
        "CrmXlTexts": vba.texts_module(xlwings_version),
        "CrmXlHelp": vba.help_module(),
        "CrmXlHost": vba.source("AddinHost.bas" if addin else "WorkbookHost.bas"),
        "CrmXlRibbon": vba.source("CrmXlRibbon.bas"),
        "CrmXlFunctions": vba.functions_module(),
    }


def vba_project(sheets: int, sources: Mapping[str, str], events: str) -> bytes:
    """The bytes of vbaProject.bin for a workbook with so many sheets. `events`: code of ThisWorkbook."""
    with tempfile.TemporaryDirectory() as folder:
        plain, made = Path(folder, "plain.xlsm"), Path(folder, "made.xlsm")
        blank = Package(plain, _blank(code_names(sheets)))
        set_kind(blank, ".xlsm")
        plain.write_bytes(blank.to_bytes())
        with ExcelFile(str(plain)) as file:
            project = file.add_vba_project()
            file.set_module("ThisWorkbook", file.get_module("ThisWorkbook") + _crlf(events))
            for name, source in sources.items():
                project.add_module(name, _crlf(source))
            file.save(str(made))
        with zipfile.ZipFile(made) as parts:
            return _named(parts.read("xl/vbaProject.bin"))


def _named(project: bytes) -> bytes:
    """The project under our name, without compiled code."""
    file = CFB.from_bytes(project)
    directory = decompress(file.get_stream_in_storage("VBA", "dir"))
    old = struct.pack("<HI", _PROJECT_NAME, len(_DEFAULT_NAME)) + _DEFAULT_NAME
    name = vba.PROJECT.encode()
    text = file.get_stream("PROJECT")
    if directory.count(old) != 1 or text.count(b'Name="VBAProject"') != 1:
        raise CrmXlError("xlwings_changed", what="VBAProject")
    new = struct.pack("<HI", _PROJECT_NAME, len(name)) + name
    file.write_stream_in_storage("VBA", "dir", compress(directory.replace(old, new)))
    text = text.replace(b'Name="VBAProject"', b'Name="' + name + b'"')
    head, mark, windows = text.partition(b"[Workspace]\r\n")
    windows = b"".join(line + b"\r\n" for line in windows.split(b"\r\n") if line)  # a section has no empty line
    file.write_stream("PROJECT", head + mark + windows)
    file.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_CACHE)
    data: bytes = file.to_bytes()
    return data


def _crlf(source: str) -> str:
    return "\r\n".join(source.splitlines()) + "\r\n"


def _blank(names: list[str], marks: Mapping[str, str] = NO_MARKS) -> bytes:
    """A workbook with empty sheets. `marks`: its custom properties."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    title = RIBBON_TEXTS["title"]
    book.set_properties({"title": f"{title[0]} {title[1]}", "author": vba.PROJECT, "created": CREATED})
    for name in names:
        book.add_worksheet(name)
    for name, value in marks.items():
        book.set_custom_property(name, value, "text")
    book.close()
    return out.getvalue()


def build_addin() -> bytes:
    """The bytes of crm_xl.xlam. Its custom properties say for which versions it was made: install checks them."""
    import xlwings

    project = vba_project(1, modules(xlwings.__version__, addin=True), vba.source("AddinEvents.bas"))
    marks = {"crm_xl": __version__, "xlwings": xlwings.__version__}
    package = Package(Path(ADDIN), _blank([vba.PROJECT], marks))
    return _fixed_dates(with_macros(package, project, assets.path("addin", "customUI14.xml").read_bytes(), ".xlam"))


def build_projects(templates: Path) -> dict[str, bytes]:
    """File name -> VBA project, one for each number of sheets that a template has."""
    import xlwings

    sources = modules(xlwings.__version__, addin=False)
    counts = {len(sheet_parts(Package(path))) for path in templates.glob("*.xlsx")}
    events = vba.source("WorkbookEvents.bas")
    return {vba_asset(count).name: vba_project(count, sources, events) for count in sorted(counts)}


def build(folder: Path, templates: Path) -> list[Path]:
    """Write the add-in and the projects into `folder`."""
    made = {ADDIN: build_addin(), **build_projects(templates)}
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def _fixed_dates(data: bytes) -> bytes:
    """The same package with the same date on every part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(info, parts.read(name))
    return out.getvalue()
