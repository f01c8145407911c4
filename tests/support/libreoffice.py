"""LibreOffice as a second opinion: it recalculates a workbook, and renders it to pictures.

Every call has a user profile of its own, so runs do not disturb each other or the user's settings.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import FORMULAE

from tests.support.lint import Book

TIMEOUT_SECONDS = 180
WRONG_BY = 987_654_321.5  # far from any right value
VOLATILE = {"NOW", "TODAY", "RAND", "RANDBETWEEN", "OFFSET", "INDIRECT", "CELL", "INFO"}
CHINESE_FONT = "Noto Sans CJK SC"
FONTS_TO_REPLACE = ("微软雅黑", "Microsoft YaHei", "宋体", "SimSun", "等线", "DengXian")

ALWAYS, NEVER = 0, 1
RECALCULATION = (
    '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
    '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{}</value></prop></item>'
)
REPLACE_FONTS = (
    '<item oor:path="/org.openoffice.Office.Common/Font/Substitution">'
    '<prop oor:name="Replacement" oor:op="fuse"><value>true</value></prop></item>'
)


def office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def available() -> bool:
    """Can workbooks be recalculated here?"""
    return office() is not None


def can_render() -> bool:
    return available() and shutil.which("pdftoppm") is not None


def font_replacement(index: int, font: str) -> str:
    values = {
        "Always": "true",
        "OnScreenOnly": "false",
        "ReplaceFont": font,
        "SubstituteFont": CHINESE_FONT,
    }
    props = "".join(
        f'<prop oor:name="{key}" oor:op="fuse"><value>{escape(value)}</value></prop>' for key, value in values.items()
    )
    return (
        '<item oor:path="/org.openoffice.Office.Common/Font/Substitution/FontPairs">'
        f'<node oor:name="_{index}" oor:op="replace">{props}</node></item>'
    )


@contextmanager
def profile(recalculated: bool) -> Iterator[Path]:
    """A fresh user profile: formulas are (not) recalculated on load, Chinese fonts are replaced."""
    items = [RECALCULATION.format(ALWAYS if recalculated else NEVER), REPLACE_FONTS]
    items += [font_replacement(index, font) for index, font in enumerate(FONTS_TO_REPLACE)]
    settings = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' + "".join(items) + "</oor:items>\n"
    )
    with tempfile.TemporaryDirectory(prefix="office-", ignore_cleanup_errors=True) as folder:
        user = Path(folder) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
        yield Path(folder)


def run(command: list[str]) -> str:
    """Run to the end and return what was printed; soffice is a script, so end its children too."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=TIMEOUT_SECONDS)[0].strip()
    except subprocess.TimeoutExpired:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()
        raise


def convert(path: Path, target: str, out_dir: Path, *, recalculated: bool) -> Path:
    """Run one headless conversion; `target` is an extension, or extension:filter."""
    command = office()
    if command is None:
        raise FileNotFoundError("LibreOffice is not installed")
    out_dir.mkdir(parents=True, exist_ok=True)
    result = out_dir / f"{path.stem}.{target.partition(':')[0]}"
    result.unlink(missing_ok=True)  # an old result must not pass for a new one
    with profile(recalculated) as folder:
        said = run(
            [
                command,
                f"-env:UserInstallation={folder.as_uri()}",
                "--headless",
                "--norestore",
                "--nolockcheck",
                "--convert-to",
                target,
                "--outdir",
                str(out_dir),
                str(path.resolve()),
            ]
        )
    # LibreOffice ends with 0 even when it could not read the file
    if not result.is_file():
        raise RuntimeError(f"LibreOffice did not convert {path.name}: {said}")
    return result


def recalculate(path: Path | str, tmp_dir: Path | str) -> Path:
    """A copy of the workbook in which LibreOffice calculated every formula anew."""
    out_dir = Path(tempfile.mkdtemp(prefix="recalculated-", dir=tmp_dir))
    return convert(Path(path), "xlsx:Calc MS Excel 2007 XML", out_dir, recalculated=True)


def render(path: Path | str, out_dir: Path | str, *, dpi: int = 60) -> list[Path]:
    """One PNG for each printed page, in order, with the values that the file holds.

    (Recalculated, every function of an add-in would show as #NAME?.)
    """
    out_dir = Path(out_dir)
    pdf = convert(Path(path), "pdf", out_dir, recalculated=False)
    for old in out_dir.glob(f"{pdf.stem}-page-*.png"):
        old.unlink()
    prefix = out_dir / f"{pdf.stem}-page"
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", str(pdf), str(prefix)],
        check=True,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
    )
    pages = [page for page in out_dir.iterdir() if page.name.startswith(f"{pdf.stem}-page-")]
    return sorted(pages, key=lambda page: int(page.stem.rpartition("-")[2]))


@dataclass(frozen=True)
class Canary:
    """A formula cell whose cached value was made wrong on purpose."""

    sheet: str
    cell: str
    right: float  # the value it had
    wrong: float  # the value it has now


def is_native(formula: str) -> bool:
    """Only Excel's own functions of 2007, so that LibreOffice surely calculates it."""
    tokens = Tokenizer("=" + formula).items
    functions = [t.value[:-1].upper() for t in tokens if t.type == Token.FUNC and t.value != ")"]
    return all(name in FORMULAE and name not in VOLATILE for name in functions)


def find_canary(book: Book, sheet: str | None, cell: str | None) -> tuple[str, str, str, float]:
    """Part, sheet name, address and cached value of a native formula cell with a number."""
    for page in book.sheets:
        if sheet is not None and page.name != sheet:
            continue
        for found in page.formulas:
            if cell is not None and found.ref != cell:
                continue
            numeric = found.cell_type == "n" and found.cached
            if numeric and found.kind == "normal" and is_native(found.text):
                return page.part, page.name, found.ref, float(found.cached or 0)
    raise ValueError(f"no native formula cell with a number in {book.path.name}")


def plant_canary(
    path: Path | str,
    out: Path | str,
    *,
    sheet: str | None = None,
    cell: str | None = None,
) -> Canary:
    """Copy a workbook to `out` with one cached value made wrong, in the first cell that fits.

    Everything but that number stays as it is, so that only a recalculation can bring it back.
    """
    part, name, ref, right = find_canary(Book(Path(path)), sheet, cell)
    wrong = right + WRONG_BY
    with (
        zipfile.ZipFile(path) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for info in source.infolist():
            data = source.read(info)
            if info.filename == part:
                cached = rb'(<(?:\w+:)?c\b[^>]*\br="%s"[^>]*>.*?<(?:\w+:)?v[^>]*>)[^<]*'
                swapped = rb"\g<1>" + repr(wrong).encode()
                data, count = re.subn(cached % ref.encode(), swapped, data, count=1, flags=re.DOTALL)
                if count != 1:
                    raise ValueError(f"{name}!{ref} was not found in {part}")
            copy.writestr(info, data)
    return Canary(name, ref, right, wrong)
