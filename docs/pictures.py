"""A picture of every sheet of the sample workbooks, for the guides: `make docs`.

Each is the sheet's first printed page, as LibreOffice shows it, in few colours.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.libreoffice import convert

import crm_xl
from crm_xl.vocabulary.fields import LANGS, Lang
from crm_xl.vocabulary.texts import SHEETS, pick
from crm_xl.workbook.layouts import TEMPLATES

TEMPLATE = "full"
AS_OF = "2024-06-30"
RESOLUTION = 72
COLOURS = 48
PICTURES = ROOT / "docs" / "pictures"


def first_pages(pdf: Path, names: dict[str, str]) -> dict[str, int]:
    """Sheet key -> its first page. The footer of every page ends with the sheet's name."""
    told = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True).stdout.decode()
    pages: dict[str, int] = {}
    for number, page in enumerate(told.split("\f"), 1):
        footer = page.rstrip().rpartition("\n")[2]
        for key, name in names.items():
            if footer.endswith(f" {name}"):
                pages.setdefault(key, number)
    return pages


def picture(pdf: Path, page: int, target: Path) -> None:
    """One page without its white margins."""
    command = ["pdftoppm", "-r", str(RESOLUTION), "-f", str(page), "-l", str(page), "-png", str(pdf)]
    image = Image.open(BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)).convert("RGB")
    box = image.convert("L").point(lambda shade: 255 if shade < 250 else 0).getbbox()
    image = image.crop(box) if box else image
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def draw(lang: Lang, folder: Path) -> None:
    """The pictures of one language."""
    book = folder / f"{TEMPLATE}.{lang}.xlsx"
    crm_xl.new_workbook(book, template=TEMPLATE, lang=lang, sample=True, as_of=AS_OF)
    pdf = convert(book, "pdf", folder, recalculated=False)
    names = {key: pick(SHEETS[key], lang) for key in TEMPLATES[TEMPLATE].sheets if key != "calculation"}
    pages = first_pages(pdf, names)
    if missing := names.keys() - pages.keys():
        raise SystemExit(f"no page of {', '.join(sorted(missing))}")
    (PICTURES / lang).mkdir(parents=True, exist_ok=True)
    for key, page in pages.items():
        picture(pdf, page, PICTURES / lang / f"{key}.png")
        print(PICTURES / lang / f"{key}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for language in LANGS:
            draw(language, Path(made))
