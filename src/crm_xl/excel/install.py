"""`crm-xl addin install` and `uninstall`: the add-in where Excel loads it, and the Python that it starts.

What the add-in reads: `GetConfig` in its VBA (`vba.xlwings_module`) looks into one file, which `GetConfigFilePath`
names after the project: `%USERPROFILE%\\.crm_xl\\crm_xl.conf`, on a Mac `crm_xl.conf` in the home folder of
Excel's sandbox. `GetConfigFromFile` reads pairs `"KEY","value"` with `Open ... For Input`, that is in the ANSI
code page, and takes the first pair with the key. `RunPython` and `XLPyCommand` ask for INTERPRETER_WIN
(INTERPRETER_MAC); `XLPyLoadDLL` loads the DLL from the interpreter's folder or the one above, through the ANSI
functions of Windows: neither path may be longer than 259 characters or hold a letter outside the code page.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from crm_xl import assets
from crm_xl.errors import CrmXlError, Refused
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import message
from crm_xl.workbook.saving import replace_file

from .machine import INSTALLING, Machine

PROJECT = "crm_xl"
"""What xlwings' VBA calls PROJECT_NAME."""
ADDIN = "crm_xl.xlam"
CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
OUTLOOK = (
    r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Office\16.0\Outlook",
)
APP_PATH = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
_LONGEST_PATH = 259
"""Characters that the ANSI functions of Windows take."""
LONGEST_BOOK = 218
"""Characters of a path that Excel opens."""
_PLAIN = re.compile(r"[A-Za-z0-9_./@+=:,-]+")
"""A path that needs no quotes in a shell: the script that starts Python on a Mac writes none."""


# ---------------------------------------------------------------- what there is


@dataclass(frozen=True, slots=True)
class Marks:
    """The versions that an add-in was built for, as it says itself in docProps/custom.xml."""

    crm_xl: str
    xlwings: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where things belong on this computer."""

    addin: Path
    config: Path
    key: str
    own: Path
    """The folder of our own files: record, environment, what undo needs."""
    scripts: Path | None
    """Where Excel for Mac looks for the script that starts Python."""

    @property
    def record(self) -> Path:
        return self.own / "install.json"

    @property
    def environment(self) -> Path:
        return self.own / "venv"

    @property
    def undo(self) -> Path:
        """What the last refreshes overwrote (`undo.py`)."""
        return self.own / "undo"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What a Python says of itself. `host`: it has what xlwings needs to talk to Excel."""

    path: Path
    version: str
    bits: int
    crm_xl: str | None
    xlwings: str | None
    host: bool
    package: Path | None
    """The folder of the package xlwings."""


@dataclass(slots=True)
class Record:
    """What install did, so that uninstall undoes that and no more."""

    interpreter: str
    files: dict[str, str]
    """path -> sha256 of what was written there."""
    config: str
    line: str
    before: str | None = None
    """The line that ours replaced."""
    config_made: bool = False
    environment: str | None = None
    folders: list[str] = field(default_factory=list)
    """Folders that were made, the outer ones first."""


@dataclass(frozen=True, slots=True)
class InstallReport:
    addin: Path
    interpreter: str
    config: Path
    changed: tuple[Path, ...]
    """Files that were written this time: none if all was in place."""
    notes: tuple[str, ...]
    """Message keys."""

    def lines(self, lang: Lang) -> list[str]:
        """What to tell the user."""
        first = "addin_installed" if self.changed else "addin_already_installed"
        told = [message(first, lang, path=self.addin), message("addin_uses_python", lang, path=Path(self.interpreter))]
        return told + [message(key, lang) for key in (*self.notes, "addin_next")]


@dataclass(frozen=True, slots=True)
class UninstallReport:
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Files that somebody changed since, left as they are."""
    environment_left: Path | None
    """Our own environment, where it is the one that is running."""

    def lines(self, lang: Lang) -> list[str]:
        """What to tell the user."""
        told = [message("addin_removed", lang, path=p) for p in self.removed]
        told += [message("addin_kept", lang, path=p) for p in self.kept]
        if self.environment_left:
            told.append(message("addin_environment_left", lang, path=self.environment_left))
        return told or [message("addin_nothing_installed", lang)]


def places(machine: Machine) -> Places:
    """Where things belong. Errors: Refused addin_not_here (neither Windows nor macOS); addin_no_variable."""
    if machine.platform == "win32":
        return Places(
            addin=machine.folder("APPDATA") / "Microsoft" / "Excel" / "XLSTART" / ADDIN,
            config=machine.folder("USERPROFILE") / f".{PROJECT}" / f"{PROJECT}.conf",
            key="INTERPRETER_WIN",
            own=machine.folder("LOCALAPPDATA") / PROJECT,
            scripts=None,
        )
    if machine.platform == "darwin":
        library = machine.home / "Library"
        office = library / "Group Containers" / "UBF8T346G9.Office" / "User Content.localized"
        return Places(
            addin=office / "Startup.localized" / "Excel" / ADDIN,
            config=library / "Containers" / "com.microsoft.Excel" / "Data" / f"{PROJECT}.conf",
            key="INTERPRETER_MAC",
            # not below Library/Application Support: the path of an interpreter may hold no space
            own=machine.home / f".{PROJECT}",
            scripts=library / "Application Scripts" / "com.microsoft.Excel",
        )
    raise Refused("addin_not_here")


def shipped_addin() -> Path:
    """The add-in that comes with the package."""
    return assets.path("addin", ADDIN)


def marks_of(addin: Path) -> Marks | None:
    """The versions that an add-in was built for; None for a file that is none of ours, or none at all."""
    try:
        with zipfile.ZipFile(addin) as archive:
            root = ElementTree.fromstring(archive.read("docProps/custom.xml"))
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return None
    said = {p.get("name"): "".join(p.itertext()).strip() for p in root}
    return Marks(said["crm_xl"], said["xlwings"]) if said.get("crm_xl") and said.get("xlwings") else None


def excel_bits(machine: Machine) -> int | None:
    """64 or 32; None where Office does not say."""
    for key, name in ((CLICK_TO_RUN, "platform"), *((key, "bitness") for key in OUTLOOK)):
        said = machine.registry.values(key).get(name)
        if said in ("x64", "x86"):
            return 64 if said == "x64" else 32
    return None


def excel_found(machine: Machine) -> bool:
    """Whether Excel is installed."""
    if machine.platform == "darwin":
        return places(machine).config.parent.is_dir()
    return bool(machine.registry.values(APP_PATH)) or excel_bits(machine) is not None


_PROBE = """
import importlib.metadata as metadata, importlib.util as util, json, pathlib, struct, sys
def version(name):
    try: return metadata.version(name)
    except metadata.PackageNotFoundError: return None
def imported(name):
    try: return __import__(name)
    except Exception: return None
spec = util.find_spec("xlwings")
print(json.dumps({
    "version": ".".join(map(str, sys.version_info[:3])),
    "bits": struct.calcsize("P") * 8,
    "crm_xl": getattr(imported("crm_xl"), "__version__", None),
    "xlwings": version("xlwings"),
    "host": imported("appscript" if sys.platform == "darwin" else "pythoncom") is not None,
    "package": str(pathlib.Path(spec.origin).parent) if spec and spec.origin else None,
}))
"""


def probe(machine: Machine, python: Path) -> Interpreter | None:
    """What the Python at `python` has; None if it cannot be started. Error: addin_hangs."""
    # -E: what only this terminal sets, Excel does not have; -X utf8: paths in any code page
    done = machine.run([str(python), "-E", "-B", "-X", "utf8", "-c", _PROBE])
    try:
        said = json.loads(done.output.splitlines()[-1])
        package = Path(said["package"]) if said["package"] else None
        return Interpreter(**(said | {"path": python, "package": package}))
    except (IndexError, ValueError, TypeError, KeyError):
        return None


def library(machine: Machine, python: Interpreter, xlwings: str) -> Path | None:
    """xlwings' DLL of Excel's bitness where `XLPyLoadDLL` looks for it; None if it is not there.

    Python's own bitness does not matter: it is another process, and the wheel brings both DLLs.
    """
    name = library_name(machine, python, xlwings)
    folders = (python.path.parent, python.path.parent.parent)
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def library_name(machine: Machine, python: Interpreter, xlwings: str) -> str:
    return f"xlwings{excel_bits(machine) or python.bits}-{xlwings}.dll"


# ---------------------------------------------------------------- install


def install(
    machine: Machine, *, own_environment: bool = False, addin: Path | None = None, package: Path | None = None
) -> InstallReport:
    """Put the add-in where Excel loads it and tell it which Python to start.

    `own_environment`: not the Python that runs this, but one made for the add-in, with `package` (a wheel or a
    folder; default: where the running one came from). All or nothing: whatever fails, every file is as before.
    Errors: Refused addin_not_here, addin_excel_running, addin_foreign_file, addin_start_excel_first;
    CrmXlError addin_missing, addin_python_fails, addin_no_package, addin_wrong_xlwings, addin_wrong_package,
    addin_no_host, addin_no_library, addin_path_letters, addin_path_long, addin_path_mac, addin_home_letters,
    addin_book_path_long, addin_environment_failed, addin_folder_failed, addin_hangs, write_failed.
    """
    where = places(machine)
    source = addin or shipped_addin()
    marks = marks_of(source)
    if marks is None:
        raise CrmXlError("addin_missing", path=source)
    if machine.processes.excel_runs():
        raise Refused("addin_excel_running")
    _check_places(machine, where)
    old = read_record(where)
    with ExitStack() as undo:
        write = _Writing(undo, list(old.folders) if old else [])
        python = machine.python
        if own_environment:
            python = _own_environment(machine, where.environment, marks, package, write)
        found = _check_python(machine, python, marks)
        spelled = _spelled(machine, found, marks)
        record = Record(spelled, dict(old.files) if old else {}, str(where.config), _line(where.key, spelled))
        if own_environment or (old and old.environment and where.environment.exists()):
            record.environment = str(where.environment)
        record.folders = write.folders
        # before the record is written, so that it can name it
        write.folder(where.record.parent)
        _set_line(machine, where, record, old, write)
        if where.scripts is not None:
            _put(_script(found, marks), where.scripts, record, write)
        _put(source, where.addin.parent, record, write)
        changed = tuple(write.changed)
        write.file(where.record, json.dumps(asdict(record), ensure_ascii=False, indent=1).encode())
        undo.pop_all()
    return InstallReport(where.addin, spelled, where.config, changed, tuple(_notes(machine)))


def _check_places(machine: Machine, where: Places) -> None:
    """What would make Excel or its VBA miss our files. Errors as `install`."""
    if machine.platform == "darwin":
        # a folder made before Excel has made its sandbox would keep it from being made
        if not where.config.parent.is_dir():
            raise Refused("addin_start_excel_first")
    else:
        # Environ("USERPROFILE") gives question marks for what the code page does not have
        if not _encodable(str(where.config), machine.ansi):
            raise CrmXlError("addin_home_letters", path=where.config.parent.parent)
        if len(str(where.addin)) > LONGEST_BOOK:
            raise CrmXlError("addin_book_path_long", path=where.addin, most=LONGEST_BOOK)
    if where.addin.exists() and marks_of(where.addin) is None and not _recorded(where):
        raise Refused("addin_foreign_file", path=where.addin)


def _recorded(where: Places) -> bool:
    record = read_record(where)
    return record is not None and str(where.addin) in record.files


def _check_python(machine: Machine, python: Path, marks: Marks) -> Interpreter:
    """The Python at `python`, which has all that the add-in needs. Errors as `install`."""
    found = probe(machine, python)
    if found is None:
        raise CrmXlError("addin_python_fails", path=python)
    if found.crm_xl is None:
        raise CrmXlError("addin_no_package", path=python)
    if found.crm_xl != marks.crm_xl:
        raise CrmXlError("addin_wrong_package", path=python, found=found.crm_xl, needed=marks.crm_xl)
    if found.xlwings != marks.xlwings:
        raise CrmXlError("addin_wrong_xlwings", path=python, found=found.xlwings or "-", needed=marks.xlwings)
    if not found.host:
        name = "pywin32" if machine.platform == "win32" else "appscript"
        raise CrmXlError("addin_no_host", path=python, name=name)
    if machine.platform == "win32" and library(machine, found, marks.xlwings) is None:
        raise CrmXlError("addin_no_library", path=python, name=library_name(machine, found, marks.xlwings))
    return found


def _spelled(machine: Machine, python: Interpreter, marks: Marks) -> str:
    """The interpreter's path as it goes into the configuration: its own, or its 8.3 name. Errors as `install`."""
    path = python.path
    if machine.platform == "darwin":
        if not _PLAIN.fullmatch(str(path)):
            raise CrmXlError("addin_path_mac", path=path)
        return str(path)
    name = library_name(machine, python, marks.xlwings)
    for spelling in (path, machine.short_name(path)):
        text = str(spelling)
        # %...% would be taken for a variable
        readable = _encodable(text, machine.ansi) and machine.expand(text) == text
        if readable and max(len(text), len(str(spelling.parent / name))) <= _LONGEST_PATH:
            return text
    if not _encodable(str(path), machine.ansi) or machine.expand(str(path)) != str(path):
        raise CrmXlError("addin_path_letters", path=path)
    raise CrmXlError("addin_path_long", path=path, most=_LONGEST_PATH)


def _encodable(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _script(python: Interpreter, marks: Marks) -> Path:
    """The script by which Excel for Mac starts Python: its sandbox allows no other way."""
    script = (python.package or Path()) / f"xlwings-{marks.xlwings}.applescript"
    if not script.is_file():
        raise CrmXlError("addin_no_library", path=python.path, name=script.name)
    return script


def _notes(machine: Machine) -> Iterator[str]:
    if machine.platform == "darwin":
        yield "addin_mac_no_functions"
    if not excel_found(machine):
        yield "addin_excel_not_found"


# ---------------------------------------------------------------- an environment of its own


def environment_python(machine: Machine, environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment.joinpath(*(("Scripts", "python.exe") if machine.platform == "win32" else ("bin", "python")))


def _own_environment(machine: Machine, environment: Path, marks: Marks, package: Path | None, write: _Writing) -> Path:
    """The Python of our own environment, made or brought up to date. Errors: addin_environment_failed."""
    python = environment_python(machine, environment)
    found = probe(machine, python)
    there = found is not None and (found.crm_xl, found.xlwings, found.host)
    if package is None and there == (marks.crm_xl, marks.xlwings, True):
        return python
    if not environment.exists():
        write.folder(environment.parent)
        write.undo.callback(shutil.rmtree, environment, ignore_errors=True)
    if found is None:
        # --clear: one whose Python has been removed since is of no use
        _run(machine, [str(machine.python), "-m", "venv", "--clear", str(environment)])
    source = str(package) if package else _came_from(marks)
    pip = [str(python), "-X", "utf8", "-m", "pip", "install", "--disable-pip-version-check", "--upgrade"]
    _run(machine, [*pip, source, f"xlwings=={marks.xlwings}"])
    return python


def _run(machine: Machine, argv: list[str]) -> None:
    done = machine.run(argv, INSTALLING)
    if done.code != 0:
        said = [line.strip() for line in done.output.splitlines() if line.strip()]
        told = [line for line in said if line.upper().startswith("ERROR")] or said[-1:] or [f"{argv[0]}: {done.code}"]
        raise CrmXlError("addin_environment_failed", what=told[0])


def _came_from(marks: Marks) -> str:
    """What pip installs to get the running package once more: the wheel or folder that it came from, if still there."""
    with suppress(importlib.metadata.PackageNotFoundError, ValueError, KeyError):
        said = json.loads(importlib.metadata.distribution("crm-xl").read_text("direct_url.json") or "{}")
        url = urllib.parse.urlsplit(said["url"])
        source = urllib.request.url2pathname(url.path)
        if url.scheme == "file" and os.path.exists(source):
            return source
    return f"crm-xl=={marks.crm_xl}"


# ---------------------------------------------------------------- writing


class _Writing:
    """Files written one by one, each with what puts back the old state."""

    def __init__(self, undo: ExitStack, folders: list[str]) -> None:
        self.undo = undo
        self.folders = folders
        self.changed: list[Path] = []

    def file(self, path: Path, data: bytes) -> None:
        """Put `data` at `path`, unless that is what stands there. Errors: write_failed."""
        before = path.read_bytes() if path.is_file() else None
        if before == data:
            return
        self.folder(path.parent)
        replace_file(path, lambda out: out.write(data), backup=False)
        self.changed.append(path)
        if before is None:
            self.undo.callback(path.unlink, missing_ok=True)
        else:
            kept = before
            self.undo.callback(lambda: replace_file(path, lambda out: out.write(kept), backup=False))

    def folder(self, path: Path) -> None:
        """Make a folder with those above it. Errors: addin_folder_failed."""
        missing = [p for p in (path, *path.parents) if not p.exists()]
        with _failing("addin_folder_failed", path):
            for folder in reversed(missing):
                folder.mkdir()
                if str(folder) not in self.folders:
                    self.folders.append(str(folder))
                self.undo.callback(_remove_empty, folder)


@contextmanager
def _failing(key: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CrmXlError(key, path=path, why=error.strerror or str(error)) from error


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _put(source: Path, folder: Path, record: Record, write: _Writing) -> None:
    """Copy a file, without Windows' note that it came from the internet: Excel would block its macros."""
    data = source.read_bytes()
    target = folder / source.name
    count = len(write.changed)
    write.file(target, data)
    if len(write.changed) > count or str(target) in record.files:
        record.files[str(target)] = hashlib.sha256(data).hexdigest()
    unblock(target)


def internet_mark(path: Path) -> Path:
    """Where Windows keeps the note that a file came from the internet."""
    return Path(f"{path}:Zone.Identifier")


def unblock(path: Path) -> None:
    with suppress(OSError):
        os.remove(internet_mark(path))


# ---------------------------------------------------------------- the configuration file


def _line(key: str, value: str) -> str:
    return f'"{key}","{value}"'


def _set_line(machine: Machine, where: Places, record: Record, old: Record | None, write: _Writing) -> None:
    """Our line into the configuration; what stood in its place is remembered for uninstall."""
    data = where.config.read_bytes() if where.config.is_file() else b""
    new = record.line.encode(machine.ansi)
    current = find_line(data, where.key)
    if old is not None and current == old.line.encode(machine.ansi, "replace"):
        record.before, record.config_made = old.before, old.config_made
    else:
        record.before = current.decode("latin-1") if current is not None else None
        record.config_made = not where.config.exists()
    write.file(where.config, with_line(data, where.key, new))


def find_line(data: bytes, key: str) -> bytes | None:
    """The line of a configuration that sets `key`, as `GetConfigFromFile` finds it: the first one."""
    return next((line.rstrip(b"\r\n") for line in data.splitlines(keepends=True) if _sets(line, key)), None)


def with_line(data: bytes, key: str, line: bytes | None) -> bytes:
    """The configuration with `line` in place of the one that sets `key`; without one, as the first line.

    All others stay byte for byte. None takes the line away.
    """
    lines = data.splitlines(keepends=True)
    at = next((i for i, old in enumerate(lines) if _sets(old, key)), None)
    if at is None:
        # in front: a text in a wrong encoding further down cannot swallow it
        return data if line is None else line + b"\r\n" + data
    end = lines[at][len(lines[at].rstrip(b"\r\n")) :]
    lines[at] = b"" if line is None else line + end
    return b"".join(lines)


def value_of(data: bytes, key: str, ansi: str) -> str | None:
    """What a configuration says for `key`, read as VBA reads it."""
    line = find_line(data, key)
    if line is None:
        return None
    return line.decode(ansi, "replace").partition(",")[2].strip().strip('"')


def _sets(line: bytes, key: str) -> bool:
    return re.match(rb'[ \t]*"?' + re.escape(key.encode()) + rb'"?[ \t]*,', line, re.IGNORECASE) is not None


# ---------------------------------------------------------------- record and uninstall


def read_record(where: Places) -> Record | None:
    """What the last install did; None if there is none or it cannot be read."""
    try:
        return Record(**json.loads(where.record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def uninstall(machine: Machine) -> UninstallReport:
    """Take away what install put there. What somebody changed since is kept and reported; nothing there is no error.

    Errors: Refused addin_not_here, addin_excel_running; CrmXlError addin_no_variable, addin_not_removed, addin_hangs,
    write_failed.
    """
    where = places(machine)
    record = read_record(where)
    ours = [where.addin] if marks_of(where.addin) is not None else []
    if record is None and not ours and not where.undo.exists():
        return UninstallReport((), (), None)
    if machine.processes.excel_runs():
        raise Refused("addin_excel_running")
    removed: list[Path] = []
    kept: list[Path] = []
    left: Path | None = None
    if record is not None:
        for name, digest in record.files.items():
            path = Path(name)
            if path.is_file() and path not in ours:
                mine = hashlib.sha256(path.read_bytes()).hexdigest() == digest
                (ours if mine else kept).append(path)
    for path in ours:
        with _failing("addin_not_removed", path):
            path.unlink()
        removed.append(path)
    if where.undo.exists():  # figures of customers: not to be left behind
        with _failing("addin_not_removed", where.undo):
            shutil.rmtree(where.undo)
        removed.append(where.undo)
    if record is not None:
        if _take_line(machine, where, record):
            removed.append(where.config)
        left = _remove_environment(machine, record, removed)
        if left is None:
            with _failing("addin_not_removed", where.record):
                where.record.unlink()
            for folder in reversed(record.folders):
                _remove_empty(Path(folder))
    _remove_empty(where.own)
    return UninstallReport(tuple(removed), tuple(kept), left)


def _take_line(machine: Machine, where: Places, record: Record) -> bool:
    """Our line out of the configuration, unless somebody has changed it. True if the file went with it."""
    if not where.config.is_file():
        return False
    data = where.config.read_bytes()
    if find_line(data, where.key) == record.line.encode(machine.ansi, "replace"):
        data = with_line(data, where.key, None if record.before is None else record.before.encode("latin-1"))
        if data or not record.config_made:
            replace_file(where.config, lambda out: out.write(data), backup=False)
    if data or not record.config_made:
        return False
    with _failing("addin_not_removed", where.config):
        where.config.unlink()
    return True


def _remove_environment(machine: Machine, record: Record, removed: list[Path]) -> Path | None:
    """Our own environment away. Given back if it is the one that runs us: Windows does not delete that."""
    if record.environment is None or not Path(record.environment).exists():
        return None
    environment = Path(record.environment)
    if environment in machine.python.parents:
        return environment
    with _failing("addin_not_removed", environment):
        shutil.rmtree(environment)
    removed.append(environment)
    return None
