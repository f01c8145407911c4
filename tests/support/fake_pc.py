"""A computer to install on: a tree of files, a registry, processes and Pythons, none of them real."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_xl.errors import CrmXlError
from crm_xl.excel.machine import LOOKING, Done, Machine, Process

CRM_XL, XLWINGS = "0.1.0", "0.37.8"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"


def make_addin(path: Path, crm_xl: str = CRM_XL, xlwings: str = XLWINGS, more: str = "") -> Path:
    """A file that says which versions it was built for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    marks = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{i}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for i, (name, value) in enumerate({"crm_xl": crm_xl, "xlwings": xlwings}.items(), 2)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo("docProps/custom.xml"),
            f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}">{marks}</Properties>',
        )
        archive.writestr(zipfile.ZipInfo("more"), more)
    return path


@dataclass
class FakeRegistry:
    entries: dict[str, dict[str, object]] = field(default_factory=dict)

    def set(self, key: str, name: str, value: object) -> None:
        self.entries.setdefault(key.lower(), {})[name.lower()] = value

    def values(self, key: str) -> dict[str, object]:
        return dict(self.entries.get(key.lower(), {}))

    def keys(self, key: str) -> list[str]:
        head = key.lower() + "\\"
        return sorted({k[len(head) :].split("\\")[0] for k in self.entries if k.startswith(head)})


@dataclass
class FakeProcesses:
    excel: bool = False
    python: list[Process] = field(default_factory=list)

    def excel_runs(self) -> bool:
        return self.excel

    def pythons(self) -> list[Process]:
        return self.python


class FakePC:
    """Windows or macOS in `root`. `pythons`: path of an interpreter -> what it says of itself."""

    def __init__(self, root: Path, platform: str = "win32", user: str = "li lei", ansi: str = "gbk") -> None:
        self.platform = platform
        self.ansi = ansi
        self.home = root / "Users" / user
        self.registry = FakeRegistry()
        self.processes = FakeProcesses()
        self.pythons: dict[Path, dict[str, Any]] = {}
        self.short_names: dict[Path, Path] = {}
        self.ran: list[list[str]] = []
        self.pip_fails: str | None = None
        self.hangs = ""
        """A word of the command that does not end."""
        self.addin = make_addin(root / "package" / "crm_xl.xlam")
        if platform == "win32":
            self.env = {
                "USERPROFILE": str(self.home),
                "APPDATA": str(self.home / "AppData" / "Roaming"),
                "LOCALAPPDATA": str(self.home / "AppData" / "Local"),
            }
            for name in ("APPDATA", "LOCALAPPDATA"):
                Path(self.env[name]).mkdir(parents=True)
            self.registry.set(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration", "Platform", "x64")
            self.python = self.add_python(root / "Program Files" / "Python312")
        else:
            self.env = {}
            (self.home / "Library" / "Containers" / "com.microsoft.Excel" / "Data").mkdir(parents=True)
            self.python = self.add_python(self.home / "env")

    def machine(self, python: Path | None = None) -> Machine:
        return Machine(
            platform=self.platform,
            env=self.env,
            home=self.home,
            python=python or self.python,
            ansi=self.ansi,
            registry=self.registry,
            processes=self.processes,
            run=self.run,
            short_name=lambda path: self.short_names.get(path, path),
        )

    def add_python(self, folder: Path, bare: bool = False) -> Path:
        """An interpreter with all that the add-in needs, in an environment that is laid out as such are."""
        python = folder.joinpath(*(("Scripts", "python.exe") if self.platform == "win32" else ("bin", "python")))
        python.parent.mkdir(parents=True)
        python.write_bytes(b"python")
        self.pythons[python] = {
            "version": "3.12.4",
            "bits": 64,
            "crm_xl": None,
            "xlwings": None,
            "host": False,
            "package": None,
        }
        if not bare:
            self.fill(python)
        return python

    def fill(self, python: Path) -> None:
        """What pip installs."""
        folder = python.parent.parent
        package = folder / "xlwings"
        package.mkdir(exist_ok=True)
        for path in (
            folder / f"xlwings32-{XLWINGS}.dll",
            folder / f"xlwings64-{XLWINGS}.dll",
            package / f"xlwings-{XLWINGS}.applescript",
        ):
            path.write_bytes(path.name.encode())
        self.pythons[python] |= {"crm_xl": CRM_XL, "xlwings": XLWINGS, "host": True, "package": str(package)}

    def run(self, argv: Sequence[str], limit: float = LOOKING) -> Done:
        self.ran.append(list(argv))
        if self.hangs in argv:
            raise CrmXlError("addin_hangs", command=argv[0], seconds=round(limit))
        python = Path(argv[0])
        if python not in self.pythons or not python.is_file():
            return Done(-1, "no such file")
        if "venv" in argv:
            shutil.rmtree(argv[-1], ignore_errors=True)
            self.add_python(Path(argv[-1]), bare=True)
            return Done(0, "")
        if "pip" in argv:
            if self.pip_fails is not None:
                return Done(1, self.pip_fails)
            self.fill(python)
            return Done(0, "Successfully installed")
        return Done(0, "a note from somewhere\n" + json.dumps(self.pythons[python]))

    def tree(self) -> dict[str, bytes | None]:
        """Every file with its bytes, every folder."""
        return {
            str(p.relative_to(self.home)): p.read_bytes() if p.is_file() else None for p in sorted(self.home.rglob("*"))
        }
