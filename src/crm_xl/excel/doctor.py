"""`crm-xl addin doctor`: what stands between the add-in and Excel on this computer, and what to do about it.

Each check answers for itself and only looks: nothing is changed. A check that does not apply here (a registry
on a Mac, no workbook given) gives no answer.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from crm_xl.errors import CrmXlError
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message

from .install import (
    ADDIN,
    Interpreter,
    Marks,
    Places,
    Record,
    excel_bits,
    excel_found,
    internet_mark,
    library,
    library_name,
    marks_of,
    places,
    probe,
    read_record,
    shipped_addin,
    value_of,
)
from .machine import Machine, Process

Result = Literal["ok", "warning", "problem"]
OLDEST_PYTHON = (3, 11)

_EXCEL = r"HKCU\Software\Microsoft\Office\16.0\Excel"
_POLICY = r"HKCU\Software\Policies\Microsoft\Office\16.0\Excel"
_POLICY_COMMON = r"\Software\Policies\Microsoft\Office\16.0\Common"
_ASR = (
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"HKLM\SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)
_ASR_MANAGED = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender\Policy Manager"
"""Where Intune puts the same rules: in one text, id=state|id=state."""
_ASR_RULES = {
    "d4f940ab-401b-4efc-aadc-ad5f3c50688a": "asr_child_processes",
    "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b": "asr_win32_calls",
}
_ASR_BLOCKS = ("1", "6")
"""Block; warn, which Office applications cannot show and so blocks too."""
_XLSX_CHOICE = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.xlsx\UserChoice"
_WPS = ("et.", "ket.", "wps.", "kwps.")


@dataclass(frozen=True, slots=True)
class Check:
    """The answer of one check: `key` and `values` say what was found and what to do, in either language."""

    name: str
    result: Result
    key: str
    values: dict[str, object] = field(default_factory=dict)

    def title(self, lang: Lang) -> str:
        return message(f"check_{self.name}", lang)

    def text(self, lang: Lang) -> str:
        return message(self.key, lang, **self.values)

    def lines(self, lang: Lang) -> list[str]:
        """What to print."""
        result = message(f"check_is_{self.result}", lang)
        return [message("check_line", lang, result=result, title=self.title(lang)) + self.text(lang)]


def doctor(machine: Machine, workbook: str | Path | None = None, *, addin: Path | None = None) -> list[Check]:
    """Every check that applies to this computer. `workbook`: a file, or what Excel calls its FullName.

    Errors: Refused addin_not_here (neither Windows nor macOS); CrmXlError addin_no_variable.
    """
    seen = _Seen(machine, places(machine), addin or shipped_addin(), workbook)
    checks = (*_EVERYWHERE, *(_ON_WINDOWS if machine.platform == "win32" else _ON_MAC), *_WORKBOOK)
    return [found for check in checks if (found := check(seen)) is not None]


class _Seen:
    """What the checks look at, looked up once."""

    def __init__(self, machine: Machine, where: Places, shipped: Path, workbook: str | Path | None) -> None:
        self.machine = machine
        self.where = where
        self.shipped = shipped
        self.workbook = workbook

    def values(self, key: str) -> dict[str, object]:
        return self.machine.registry.values(key)

    @cached_property
    def record(self) -> Record | None:
        return read_record(self.where)

    @cached_property
    def marks(self) -> Marks | None:
        """Of the add-in that Excel loads."""
        return marks_of(self.where.addin)

    @cached_property
    def config(self) -> bytes:
        return self.where.config.read_bytes() if self.where.config.is_file() else b""

    @cached_property
    def python(self) -> Path | None:
        """The interpreter that the configuration names."""
        said = value_of(self.config, self.where.key, self.machine.ansi)
        return Path(self.machine.expand(said)) if said else None

    @cached_property
    def probed(self) -> Interpreter | CrmXlError | None:
        """What that Python says of itself, or why it says nothing."""
        if self.python is None or not self.python.is_file():
            return None
        try:
            return probe(self.machine, self.python)
        except CrmXlError as error:
            return error

    @property
    def interpreter(self) -> Interpreter | None:
        return self.probed if isinstance(self.probed, Interpreter) else None

    @property
    def book_file(self) -> Path | None:
        """The workbook, if it is a file here."""
        path = Path(self.workbook) if self.workbook is not None and "://" not in str(self.workbook) else None
        return path if path is not None and path.is_file() else None


# ---------------------------------------------------------------- everywhere


def _excel(seen: _Seen) -> Check:
    if not excel_found(seen.machine):
        return Check("excel", "problem", "doctor_no_excel")
    bits = excel_bits(seen.machine)
    return Check("excel", "ok", "doctor_excel_bits", {"bits": bits}) if bits else Check("excel", "ok", "doctor_excel")


def _addin(seen: _Seen) -> Check:
    path = seen.where.addin
    if not path.is_file():
        if seen.record is not None:
            return Check("addin", "problem", "doctor_addin_gone", {"path": path})
        return Check("addin", "problem", "doctor_addin_missing", {"path": path})
    if not seen.shipped.is_file():
        return Check("addin", "problem", "addin_missing", {"path": seen.shipped})
    if path.read_bytes() != seen.shipped.read_bytes():
        return Check("addin", "problem", "doctor_addin_differs", {"path": path})
    return Check("addin", "ok", "doctor_addin_there", {"path": path})


def _config(seen: _Seen) -> Check:
    values: dict[str, object] = {"path": seen.where.config}
    try:
        seen.config.decode(seen.machine.ansi)
    except UnicodeDecodeError:
        return Check("config", "problem", "doctor_config_letters", values)
    if seen.config.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Check("config", "problem", "doctor_config_letters", values)
    if seen.python is None:
        return Check("config", "problem", "doctor_config_empty", values)
    for key in ("DEBUG UDFS", "USE UDF SERVER"):
        if (value_of(seen.config, key, seen.machine.ansi) or "").lower() == "true":
            return Check("config", "warning", "doctor_config_setting", values | {"name": key})
    if seen.record is not None and str(seen.python) != seen.machine.expand(seen.record.interpreter):
        return Check("config", "warning", "doctor_config_other", values | {"python": seen.python})
    return Check("config", "ok", "doctor_config", values)


def _python(seen: _Seen) -> Check | None:
    path = seen.python
    if path is None:
        return None
    if not path.is_file():
        return Check("python", "problem", "doctor_python_gone", {"path": path})
    found = seen.probed
    if isinstance(found, CrmXlError):
        return Check("python", "problem", found.key, found.values)
    if found is None:
        return Check("python", "problem", "addin_python_fails", {"path": path})
    values: dict[str, object] = {"path": path, "version": found.version, "bits": found.bits}
    if tuple(map(int, found.version.split(".")[:2])) < OLDEST_PYTHON:
        return Check("python", "problem", "doctor_python_old", values)
    if str(path).startswith("\\\\"):
        return Check("python", "warning", "doctor_python_far", values)
    return Check("python", "ok", "doctor_python", values)


def _packages(seen: _Seen) -> Check | None:
    found = seen.interpreter
    if found is None:
        return None
    wanted = "pywin32" if seen.machine.platform == "win32" else "appscript"
    there = {"crm_xl": found.crm_xl, "xlwings": found.xlwings, wanted: found.host}
    missing = [name for name, version in there.items() if not version]
    if missing:
        return Check("packages", "problem", "doctor_packages_missing", {"names": missing, "path": found.path})
    return Check("packages", "ok", "doctor_packages", {"crm_xl": found.crm_xl, "xlwings": found.xlwings})


def _versions(seen: _Seen) -> Check | None:
    if not seen.where.addin.is_file():
        return None
    if seen.marks is None:
        return Check("versions", "problem", "doctor_no_marks", {"path": seen.where.addin})
    found = seen.interpreter
    if found is None:
        return None
    for name, built, there in (
        ("crm_xl", seen.marks.crm_xl, found.crm_xl),
        ("xlwings", seen.marks.xlwings, found.xlwings),
    ):
        if there is not None and there != built:
            values: dict[str, object] = {"name": name, "built": built, "found": there}
            return Check("versions", "problem", "doctor_versions_differ", values)
    return Check("versions", "ok", "doctor_versions", {"crm_xl": seen.marks.crm_xl, "xlwings": seen.marks.xlwings})


def _processes(seen: _Seen) -> Check:
    """Function servers without an Excel, or more of them than one."""
    try:
        servers = [p for p in seen.machine.processes.pythons() if "xlwings.serve(" in p.command and _is_ours(p, seen)]
        left = servers and not seen.machine.processes.excel_runs()
    except CrmXlError as error:
        return Check("processes", "warning", error.key, error.values)
    ids = {p.pid for p in servers}
    # the python.exe of a virtual environment starts the real one with the same words
    alone = [p.pid for p in servers if p.parent not in ids]
    if left:
        return Check("processes", "warning", "doctor_processes_left", {"ids": sorted(ids)})
    if len(alone) > 1:
        return Check("processes", "warning", "doctor_processes_many", {"count": len(alone), "ids": sorted(ids)})
    return Check("processes", "ok", "doctor_processes")


def _is_ours(process: Process, seen: _Seen) -> bool:
    return seen.python is not None and str(seen.python).lower() in process.command.lower()


# ---------------------------------------------------------------- Windows


def _library(seen: _Seen) -> Check | None:
    found = seen.interpreter
    if found is None or seen.marks is None:
        return None
    name = library_name(seen.machine, found, seen.marks.xlwings)
    path = library(seen.machine, found, seen.marks.xlwings)
    if path is None:
        return Check("library", "problem", "doctor_library_missing", {"name": name, "path": found.path.parent})
    return Check("library", "ok", "doctor_library", {"path": path})


def _blocked(seen: _Seen) -> Check | None:
    if not seen.where.addin.is_file():
        return None
    if internet_mark(seen.where.addin).exists():
        return Check("blocked", "problem", "doctor_blocked", {"path": seen.where.addin})
    return Check("blocked", "ok", "doctor_not_blocked")


def _copies(seen: _Seen) -> Check:
    """A second copy of the add-in that Excel would load too: it refuses two files of one name."""
    copies = [p for p in _loaded(seen) if p.name.lower() == ADDIN and p != seen.where.addin]
    if copies:
        return Check("copies", "problem", "doctor_copies", {"paths": [str(p) for p in copies]})
    return Check("copies", "ok", "doctor_one_copy")


def _others(seen: _Seen) -> Check:
    """Other add-ins: one that has a function of the same name gives other answers."""
    names = sorted({p.name for p in _loaded(seen) if p.name.lower() != ADDIN})
    if names:
        return Check("others", "ok", "doctor_others", {"names": names})
    return Check("others", "ok", "doctor_no_others")


def _loaded(seen: _Seen) -> list[Path]:
    """Add-ins that Excel loads at its start: from the startup folders, and as ticked in its list."""
    options = seen.values(rf"{_EXCEL}\Options")
    folders = [seen.where.addin.parent]
    if options.get("altstartup"):
        folders.append(Path(seen.machine.expand(str(options["altstartup"]))))
    root = seen.values(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Excel\InstallRoot").get("path")
    if root:
        folders.append(Path(str(root)) / "XLSTART")
    found = [
        p
        for folder in dict.fromkeys(folders)
        if folder.is_dir()
        for p in sorted(folder.iterdir())
        if p.suffix.lower() in (".xla", ".xlam", ".xll") and not p.name.startswith("~$")
    ]
    for name, value in options.items():
        if re.fullmatch(r"open\d*", name):
            # /R "C:\folder\name.xlam", or the name alone for one in the folder of add-ins
            text = re.sub(r"^(/\w+\s+)+", "", str(value)).strip().strip('"')
            found.append(Path(seen.machine.expand(text).replace("\\", "/")))
    return found


def _trusted(seen: _Seen) -> Check:
    for key in (_POLICY, _EXCEL):
        if seen.values(rf"{key}\Security\Trusted Locations").get("alllocationsdisabled") == 1:
            return Check("trusted", "problem", "doctor_locations_off", {"path": seen.where.addin.parent})
    locations = rf"{_EXCEL}\Security\Trusted Locations"
    known = [seen.values(rf"{locations}\{name}").get("path") for name in seen.machine.registry.keys(locations)]
    folder = _plain(str(seen.where.addin.parent))
    # a list without XLSTART is one that somebody has changed; no list is that of a new Office
    if known and not any(folder.startswith(_plain(seen.machine.expand(str(p)))) for p in known if p):
        return Check("trusted", "warning", "doctor_not_trusted", {"path": seen.where.addin.parent})
    return Check("trusted", "ok", "doctor_trusted", {"path": seen.where.addin.parent})


def _plain(path: str) -> str:
    return path.lower().replace("/", "\\").rstrip("\\") + "\\"


def _disabled(seen: _Seen) -> Check:
    """Excel puts a file on this list when it was loading it as it crashed."""
    for value in seen.values(rf"{_EXCEL}\Resiliency\DisabledItems").values():
        # UTF-16 behind a head whose length may be odd
        if isinstance(value, bytes) and any(ADDIN in value[i:].decode("utf-16-le", "ignore").lower() for i in (0, 1)):
            return Check("disabled", "problem", "doctor_disabled")
    return Check("disabled", "ok", "doctor_not_disabled")


def _policy(seen: _Seen) -> Check:
    """What the IT department has set. The worst that applies."""
    security, resiliency = seen.values(rf"{_POLICY}\Security"), rf"{_POLICY}\Resiliency"
    if any(seen.values(root + _POLICY_COMMON).get("vbaoff") == 1 for root in ("HKCU", "HKLM")):
        return Check("policy", "problem", "policy_vba_off")
    if security.get("disablealladdins") == 1:
        return Check("policy", "problem", "policy_addins_off")
    if security.get("requireaddinsig") == 1:
        return Check("policy", "problem", "policy_signed_addins")
    listed = {name.lower(): str(value) for name, value in seen.values(rf"{resiliency}\AddinList").items()}
    only_listed = seen.values(resiliency).get("restricttolist") == 1
    if listed.get(ADDIN) == "0" or (only_listed and ADDIN not in listed):
        return Check("policy", "problem", "policy_addin_list", {"name": ADDIN})
    for suffix in ("", r"\Excel"):
        toolbars = seen.values(rf"HKCU{_POLICY_COMMON}\Toolbars{suffix}")
        if toolbars.get("noextensibilitycustomizationfromdocument") == 1:
            return Check("policy", "problem", "policy_no_ribbon")
    # files in a trusted folder run all the same, workbooks with macros elsewhere do not
    warnings = security.get("vbawarnings", seen.values(rf"{_EXCEL}\Security").get("vbawarnings"))
    if warnings in (3, 4):
        return Check("policy", "warning", "policy_macros_off")
    if security.get("blockcontentexecutionfrominternet") == 1:
        return Check("policy", "warning", "policy_internet_macros")
    return Check("policy", "ok", "policy_nothing")


def _attack_surface(seen: _Seen) -> Check:
    """Rules of Microsoft Defender that keep Excel from starting Python (1: block, 2: only noted)."""
    states = {name: str(v) for key in reversed(_ASR) for name, v in seen.values(key).items()}
    managed = str(seen.values(_ASR_MANAGED).get("asrrules") or "")
    states |= {name.lower(): state for name, state in re.findall(r"([0-9A-Fa-f-]{36})=(\d)", managed)}
    for rule, key in _ASR_RULES.items():
        if states.get(rule) in _ASR_BLOCKS:
            return Check("attack_surface", "problem", key, {"rule": rule})
    return Check("attack_surface", "ok", "asr_nothing")


def _wps(seen: _Seen) -> Check:
    """WPS Office takes over what belongs to Excel."""
    server = seen.values(r"HKCR\Excel.Application\CLSID").get("")
    program = str(seen.values(rf"HKCR\CLSID\{server}\LocalServer32").get("") or "").lower()
    if server and program and "excel.exe" not in program:
        return Check("wps", "problem", "wps_is_excel")
    if str(seen.values(_XLSX_CHOICE).get("progid") or "").lower().startswith(_WPS):
        return Check("wps", "warning", "wps_opens_xlsx")
    return Check("wps", "ok", "wps_not")


# ---------------------------------------------------------------- macOS


def _script(seen: _Seen) -> Check | None:
    if seen.where.scripts is None or seen.marks is None:
        return None
    path = seen.where.scripts / f"xlwings-{seen.marks.xlwings}.applescript"
    if not path.is_file():
        return Check("script", "problem", "doctor_script_missing", {"path": path})
    return Check("script", "ok", "doctor_script", {"path": path})


def _functions(seen: _Seen) -> Check:
    return Check("functions", "warning", "addin_mac_no_functions")


# ---------------------------------------------------------------- the workbook


def _place(seen: _Seen) -> Check | None:
    if seen.workbook is None:
        return None
    if "://" in str(seen.workbook):
        return Check("place", "warning", "doctor_book_in_cloud", {"path": str(seen.workbook)})
    path = Path(seen.workbook)
    if not path.is_file():
        return Check("place", "problem", "file_missing", {"path": path})
    folders = [seen.machine.env.get(name) for name in ("ONEDRIVECOMMERCIAL", "ONEDRIVECONSUMER", "ONEDRIVE")]
    if any(Path(f) in path.parents for f in folders if f):
        return Check("place", "warning", "doctor_book_synced", {"path": path})
    if internet_mark(path).exists():
        return Check("place", "warning", "doctor_book_blocked", {"path": path})
    return Check("place", "ok", "doctor_book", {"path": path})


def _links(seen: _Seen) -> Check | None:
    """Functions that Excel has turned into links to an add-in elsewhere."""
    if seen.book_file is None:
        return None
    try:
        with zipfile.ZipFile(seen.book_file) as archive:
            rels = [
                archive.read(name).decode("utf-8", "replace")
                for name in archive.namelist()
                if re.fullmatch(r"xl/externalLinks/_rels/[^/]+\.rels", name)
            ]
    except (OSError, zipfile.BadZipFile):
        return Check("links", "problem", "doctor_book_unreadable", {"path": seen.book_file})
    targets = [unquote(unescape(t)) for text in rels for t in re.findall(r'Target="([^"]+)"', text)]
    # a name alone is one in the startup folder, whoever's it is
    ours = [t for t in targets if t.lower().endswith(ADDIN) and t.lower() != ADDIN]
    here = _plain(str(seen.where.addin)).lstrip("\\")
    elsewhere = [t for t in ours if _plain(t.removeprefix("file:")).lstrip("\\") != here]
    if elsewhere:
        return Check("links", "warning", "doctor_links", {"paths": elsewhere})
    return Check("links", "ok", "doctor_no_links")


_EVERYWHERE: tuple[Callable[[_Seen], Check | None], ...] = (
    _excel, _addin, _config, _python, _packages, _versions, _processes,
)  # fmt: skip
_ON_WINDOWS: tuple[Callable[[_Seen], Check | None], ...] = (
    _library, _blocked, _copies, _trusted, _disabled, _policy, _attack_surface, _others, _wps,
)  # fmt: skip
_ON_MAC: tuple[Callable[[_Seen], Check | None], ...] = (_script, _functions)
_WORKBOOK: tuple[Callable[[_Seen], Check | None], ...] = (_place, _links)
