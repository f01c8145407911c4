"""`python -m crm_xl.workbook.layouts [FOLDER]`: compile every template."""

from __future__ import annotations

import sys
from pathlib import Path

from . import build_all

DEFAULT_FOLDER = Path(__file__).resolve().parents[4] / "workbook_templates"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else DEFAULT_FOLDER
    for path in build_all(folder):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
