"""What the computer is asked, and how its answers are read."""

from __future__ import annotations

import json
import os
import signal
import sys
import types
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from crm_xl.errors import CrmXlError
from crm_xl.excel.install import probe
from crm_xl.excel.machine import (
    LOOKING,
    Done,
    MacProcesses,
    NoRegistry,
    Process,
    WindowsProcesses,
    WindowsRegistry,
    run,
    short_name,
    this_machine,
)
from tests.support.fake_pc import FakePC


def test_a_command_ends_with_its_code_and_all_that_it_printed() -> None:
    code = "import sys; print('客户', flush=True); print('again', file=sys.stderr); sys.exit(3)"
    done = run([sys.executable, "-X", "utf8", "-c", code])
    assert done.code == 3
    assert done.output.split() == ["客户", "again"]


def test_a_command_waits_for_no_input() -> None:
    assert run([sys.executable, "-c", "print('done')"]).output.strip() == "done"
    assert "EOFError" in run([sys.executable, "-c", "input()"]).output


def test_a_command_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    """Though what it has started holds its output open."""
    mark = tmp_path / "process"
    child = "import time; time.sleep(600)"
    code = (
        f"import os, pathlib, subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', '{child}']);"
        f"pathlib.Path({str(mark)!r}).write_text(f'{{os.getpid()}} {{p.pid}}'); time.sleep(600)"
    )
    with pytest.raises(CrmXlError) as error:
        run([sys.executable, "-c", code], 2)
    assert error.value.key == "addin_hangs"
    assert error.value.values == {"command": sys.executable, "seconds": 2}
    ended, started = map(int, mark.read_text().split())
    os.kill(started, signal.SIGTERM)
    with pytest.raises(ProcessLookupError):
        os.kill(ended, 0)


def test_a_command_that_is_not_there_is_an_answer_too(tmp_path: Path) -> None:
    assert run([str(tmp_path / "none.exe")]).code == -1


def test_variables_are_expanded_as_windows_does_it(tmp_path: Path) -> None:
    machine = FakePC(tmp_path).machine()
    assert machine.expand(r"%AppData%\x") == machine.env["APPDATA"] + r"\x"
    assert machine.expand(r"%unknown%\100%") == r"%unknown%\100%"
    with pytest.raises(CrmXlError):
        machine.folder("NONE")


def test_this_computer_can_be_asked() -> None:
    machine = this_machine()
    assert machine.platform == sys.platform
    assert machine.python == Path(sys.executable)
    "plain".encode(machine.ansi)
    assert machine.processes.excel_runs() in (True, False)
    found = probe(machine, machine.python)
    assert found is not None
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.crm_xl == "0.1.0"
    assert found.package is not None
    assert (found.package / "xlwings_custom_addin.bas").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has short names")
def test_elsewhere_a_file_has_no_short_name(tmp_path: Path) -> None:
    assert short_name(tmp_path) == tmp_path
    assert NoRegistry().values("HKCU\\Software") == {}
    assert NoRegistry().keys("HKCU\\Software") == []


# ---------------------------------------------------------------- registry


@pytest.fixture
def winreg(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The part of Python's winreg that is used; what was opened."""
    opened: list[tuple[Any, ...]] = []
    fake: Any = types.ModuleType("winreg")
    fake.HKEY_CURRENT_USER, fake.HKEY_LOCAL_MACHINE, fake.HKEY_CLASSES_ROOT = "hkcu", "hklm", "hkcr"
    fake.KEY_READ, fake.KEY_WOW64_64KEY = 0x20019, 0x100
    values = [("Platform", "x64", 1), ("", "default", 1), ("Bits", b"\1", 3)]

    @contextmanager
    def open_key(root: str, path: str, reserved: int, access: int) -> Any:
        opened.append((root, path, access))
        if "missing" in path:
            raise FileNotFoundError(path)
        yield "handle"

    fake.OpenKey = open_key
    fake.QueryInfoKey = lambda handle: (2, len(values), 0)
    fake.EnumValue = lambda handle, i: values[i]
    fake.EnumKey = lambda handle, i: ["Location0", "Location1"][i]
    monkeypatch.setitem(sys.modules, "winreg", fake)
    return opened


def test_the_registry_is_read_as_a_64_bit_program_sees_it(winreg: list[tuple[Any, ...]]) -> None:
    registry = WindowsRegistry()
    assert registry.values(r"HKLM\SOFTWARE\Office") == {"platform": "x64", "": "default", "bits": b"\1"}
    assert registry.keys(r"HKCU\Software\Office") == ["Location0", "Location1"]
    assert winreg == [("hklm", r"SOFTWARE\Office", 0x20119), ("hkcu", r"Software\Office", 0x20119)]


def test_a_key_that_is_missing_has_nothing(winreg: list[tuple[Any, ...]]) -> None:
    assert WindowsRegistry().values(r"HKCR\missing") == {}
    assert WindowsRegistry().keys(r"HKCR\missing") == []


# ---------------------------------------------------------------- processes


class Answers:
    """A computer that answers one thing, and remembers what it was asked."""

    def __init__(self, output: str, code: int = 0) -> None:
        self.done = Done(code, output)
        self.asked: list[list[str]] = []

    def __call__(self, argv: Sequence[str], limit: float = LOOKING) -> Done:
        self.asked.append(list(argv))
        return self.done


def test_excel_is_looked_for_among_this_users_programs() -> None:
    found = Answers('"EXCEL.EXE","4711","Console","1","120,000 K"\r\n')
    assert WindowsProcesses(found, "张三").excel_runs()
    assert found.asked[0][-1] == "USERNAME eq 张三"
    assert not WindowsProcesses(
        Answers("INFO: No tasks are running which match the specified criteria."), "x"
    ).excel_runs()
    assert not WindowsProcesses(Answers("no such file", -1), "").excel_runs()


def test_pythons_come_with_their_commands() -> None:
    rows = [
        {"ProcessId": 7, "ParentProcessId": 1, "CommandLine": "python.exe -c x"},
        {"ProcessId": 8, "ParentProcessId": 7, "CommandLine": None},
    ]
    assert WindowsProcesses(Answers(json.dumps(rows)), "").pythons() == [
        Process(7, 1, "python.exe -c x"),
        Process(8, 7, ""),
    ]
    assert WindowsProcesses(Answers("[\r\n\r\n]\r\n"), "").pythons() == []
    assert WindowsProcesses(Answers("powershell.exe is blocked by your administrator", 1), "").pythons() == []


def test_on_a_mac_too() -> None:
    assert MacProcesses(Answers("4711\n")).excel_runs()
    assert not MacProcesses(Answers("", 1)).excel_runs()
    listed = Answers("    1     0 /sbin/launchd\n  812   811 /Users/li/env/bin/python -B -c x y\n")
    assert MacProcesses(listed).pythons() == [Process(812, 811, "/Users/li/env/bin/python -B -c x y")]
