"""Windows programs on this machine: where they stand, and how one is run to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "windows"
PYTHON = FOLDER / "python" / "python.exe"
COMPILED = FOLDER / "compiled"
MADE = FOLDER / "made"
PREPARED = FOLDER / "prefix"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
PREFIX = FOLDER / f"prefix-{WORKER}" if WORKER else PREPARED
"""Our Windows: pytest's processes have one each, since test_server.py stops services that all programs share."""
SCRIPTS = Path(__file__).resolve().parent / "scripts"
MODULE = "crm_xl.excel.udfs"


class Failed(Exception):
    """A Windows program ended with an error, or not at all; the message is what it printed."""


def loader() -> str | None:
    """Wine's 64-bit loader itself: the `wine` script around it asks for a 32-bit one."""
    return shutil.which("wine64") or shutil.which("wine64", path="/usr/lib/wine")


def windows_path(path: Path) -> str:
    return "Z:" + str(path.resolve()).replace("/", "\\")


def _environment(wine: str) -> dict[str, str]:
    # what this Python is told is not for the other one
    env = {k: v for k, v in os.environ.items() if k != "DISPLAY" and not k.startswith("PYTHON")}
    return env | {
        "PYTHONPYCACHEPREFIX": windows_path(COMPILED),
        "WINEPREFIX": str(PREFIX),
        "WINEARCH": "win64",
        "WINELOADER": wine,
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe,winedbg.exe=",
    }


def copy_prefix() -> None:
    """A Windows of our own, as it was set up. Its system files stand there once, for all."""
    stop()
    shutil.rmtree(PREFIX, ignore_errors=True)
    shutil.copytree(PREPARED, PREFIX, symlinks=True, ignore=shutil.ignore_patterns("windows"))
    (PREFIX / "drive_c" / "windows").symlink_to(PREPARED / "drive_c" / "windows")


@contextmanager
def _one_core() -> Iterator[None]:
    """What starts here stays on one core, each Windows on one of its own: a program waits for wineserver at every
    call, which takes twice as long where that has to be woken on another core."""
    if not hasattr(os, "sched_setaffinity"):  # only Linux has it
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(cores)[int(WORKER.removeprefix("gw") or 0) % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def run(*command: str | Path, timeout: int = 120) -> str:
    """What a Windows program prints. A Path becomes a Windows path. Raises Failed."""
    wine = loader()
    assert wine, "wine is not installed"
    words = [windows_path(w) if isinstance(w, Path) else w for w in command]
    # its standard streams have to be pipes: with a file Python dies as it starts
    with _one_core():
        process = subprocess.Popen(
            [wine, *words],
            env=_environment(wine),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        stop()
        said, _ = process.communicate()
        raise Failed(f"not done after {timeout} s\n{said.decode('utf-8', 'replace')}") from None
    printed = said.decode("utf-8", "replace")
    if process.returncode:
        raise Failed(f"exit code {process.returncode}\n{printed}")
    return printed


def stop() -> None:
    """End every process of our Windows, and no other's."""
    wine = loader()
    assert wine, "wine is not installed"
    server = shutil.which("wineserver", path=str(Path(wine).parent)) or shutil.which("wineserver")
    if server and PREFIX.exists():
        subprocess.run([server, "-k"], env=_environment(wine), stdin=subprocess.DEVNULL, check=False, timeout=60)
