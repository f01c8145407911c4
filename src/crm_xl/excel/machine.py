"""The computer as install, uninstall and doctor see it: everything that stands for a Windows PC in the tests."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from crm_xl.errors import CrmXlError

LOOKING, INSTALLING = 120.0, 1800.0
"""Seconds that a command may take: one that only looks (an antivirus may look first), one that fetches packages."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended: its exit code (-1: it could not be started) and what it printed."""

    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    command: str


class Run(Protocol):
    def __call__(self, argv: Sequence[str], limit: float = LOOKING) -> Done:
        """Run a command to its end. Error: addin_hangs if it takes longer than `limit` seconds."""


class Registry(Protocol):
    """Reading the Windows registry. A key is written `HKCU\\Software\\...`."""

    def values(self, key: str) -> dict[str, object]:
        """Value name in lower case ('' is the default value) -> value; {} where there is no such key."""

    def keys(self, key: str) -> list[str]:
        """Names of the keys below; [] where there is no such key."""


class Processes(Protocol):
    def excel_runs(self) -> bool:
        """Whether this user has Excel open."""

    def pythons(self) -> list[Process]:
        """The Python processes that we may look at."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What install, uninstall and doctor know of a computer.

    `platform` is sys.platform's word; `python` the interpreter that runs us; `ansi` the codec in which VBA reads
    text files; `short_name` the name of a file in 8.3 letters, or the file itself where it has none.
    """

    platform: str
    env: Mapping[str, str]
    home: Path
    python: Path
    ansi: str
    registry: Registry
    processes: Processes
    run: Run
    short_name: Callable[[Path], Path]

    def folder(self, variable: str) -> Path:
        """The folder that an environment variable names. Errors: addin_no_variable."""
        if not self.env.get(variable):
            raise CrmXlError("addin_no_variable", name=variable)
        return Path(self.env[variable])

    def expand(self, text: str) -> str:
        """%NAME% replaced as Windows does it: unknown names stay."""
        names = {name.upper(): value for name, value in self.env.items()}
        return re.sub(r"%([^%]+)%", lambda m: names.get(m[1].upper(), m[0]), text)


def this_machine() -> Machine:
    """The computer that we run on."""
    windows = sys.platform == "win32"
    return Machine(
        platform=sys.platform,
        env=dict(os.environ),
        home=Path.home(),
        python=Path(sys.executable),
        # a Mac's own character set is not known here: what is plain reads the same in all of them
        ansi="mbcs" if windows else "ascii",
        registry=WindowsRegistry() if windows else NoRegistry(),
        processes=WindowsProcesses(run, os.environ.get("USERNAME", "")) if windows else MacProcesses(run),
        run=run,
        short_name=short_name,
    )


def run(argv: Sequence[str], limit: float = LOOKING) -> Done:
    """Run a command to its end, without a window and without input. Error: addin_hangs."""
    # CREATE_NO_WINDOW: a console would flash up
    flags = 0x08000000 if sys.platform == "win32" else 0
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            creationflags=flags,
        )
    except OSError as error:
        return Done(-1, error.strerror or str(error))
    try:
        printed, _ = process.communicate(timeout=limit)
    except BaseException as error:
        # its output is waited for no longer: what it started may hold that open for ever
        process.kill()
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise CrmXlError("addin_hangs", command=argv[0], seconds=round(limit)) from None
        raise
    return Done(process.returncode, printed.decode("utf-8", "replace"))


def short_name(path: Path) -> Path:
    """The 8.3 name on Windows, which is plain ASCII; `path` where the drive keeps none."""
    if sys.platform == "win32":
        import ctypes

        text = str(path)
        # without the prefix, no path of 260 characters and more
        prefix = "" if text.startswith("\\\\") else "\\\\?\\"
        buffer = ctypes.create_unicode_buffer(1024)
        if ctypes.windll.kernel32.GetShortPathNameW(prefix + text, buffer, len(buffer)):
            return Path(buffer.value.removeprefix(prefix))
    return path


# ---------------------------------------------------------------- registry


_ROOTS = {"HKCU": "HKEY_CURRENT_USER", "HKLM": "HKEY_LOCAL_MACHINE", "HKCR": "HKEY_CLASSES_ROOT"}


class WindowsRegistry:
    """The registry as a 64-bit program sees it, whatever Python is."""

    def values(self, key: str) -> dict[str, object]:
        winreg = _winreg()
        found: dict[str, object] = {}
        try:
            with self._open(key) as handle:
                for i in range(winreg.QueryInfoKey(handle)[1]):
                    name, value, _ = winreg.EnumValue(handle, i)
                    found[name.lower()] = value
        except OSError:  # no such key, or not for us to read
            return found
        return found

    def keys(self, key: str) -> list[str]:
        winreg = _winreg()
        try:
            with self._open(key) as handle:
                return [winreg.EnumKey(handle, i) for i in range(winreg.QueryInfoKey(handle)[0])]
        except OSError:
            return []

    @staticmethod
    def _open(key: str) -> Any:
        winreg = _winreg()
        root, _, path = key.partition("\\")
        return winreg.OpenKey(getattr(winreg, _ROOTS[root]), path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)


def _winreg() -> Any:
    return importlib.import_module("winreg")


class NoRegistry:
    """What a computer without a registry answers."""

    def values(self, key: str) -> dict[str, object]:
        return {}

    def keys(self, key: str) -> list[str]:
        return []


# ---------------------------------------------------------------- processes


_PYTHONS = (
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8; "
    "ConvertTo-Json @(Get-CimInstance Win32_Process -Filter \"Name like 'python%'\" | "
    "Select-Object ProcessId, ParentProcessId, CommandLine)"
)


@dataclass(frozen=True, slots=True)
class WindowsProcesses:
    run: Run
    user: str

    def excel_runs(self) -> bool:
        asked = ["tasklist", "/FO", "CSV", "/NH", "/FI", "IMAGENAME eq EXCEL.EXE"]
        if self.user:  # on a terminal server others have their own Excel
            asked += ["/FI", f"USERNAME eq {self.user}"]
        return '"excel.exe"' in self.run(asked).output.lower()

    def pythons(self) -> list[Process]:
        done = self.run(["powershell", "-NoProfile", "-NonInteractive", "-Command", _PYTHONS])
        try:
            rows = json.loads(done.output)
        except ValueError:  # PowerShell is not allowed here
            return []
        return [Process(r["ProcessId"], r["ParentProcessId"], r["CommandLine"] or "") for r in rows]


@dataclass(frozen=True, slots=True)
class MacProcesses:
    run: Run

    def excel_runs(self) -> bool:
        return self.run(["pgrep", "-x", "Microsoft Excel"]).code == 0

    def pythons(self) -> list[Process]:
        rows = [line.split(None, 2) for line in self.run(["ps", "-axo", "pid=,ppid=,command="]).output.splitlines()]
        return [Process(int(r[0]), int(r[1]), r[2]) for r in rows if len(r) == 3 and "python" in r[2].lower()]
