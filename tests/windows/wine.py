"""Windows programs on this machine: where they stand, and how one is run to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "windows"
PYTHON = FOLDER / "python" / "python.exe"
MADE = FOLDER / "made"
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
    env = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    return env | {
        "WINEPREFIX": str(FOLDER / "prefix"),
        "WINEARCH": "win64",
        "WINELOADER": wine,
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe,winedbg.exe=",
    }


def run(*command: str | Path, timeout: int = 120) -> str:
    """What a Windows program prints. A Path becomes a Windows path. Raises Failed."""
    wine = loader()
    assert wine, "wine is not installed"
    words = [windows_path(w) if isinstance(w, Path) else w for w in command]
    # its standard streams have to be pipes: with a file Python dies as it starts
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
    if server and (FOLDER / "prefix").exists():
        subprocess.run([server, "-k"], env=_environment(wine), stdin=subprocess.DEVNULL, check=False, timeout=60)
