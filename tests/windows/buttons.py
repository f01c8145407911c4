"""Presses the ribbon's buttons, and compares what they leave with what the command line leaves on the same file."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from crm_xl.vocabulary.messages import message
from tests.support.excel_model import AUTOMATIC, as_cells, open_in_model
from tests.windows import wine

AS_OF = dt.date(2024, 6, 30)
SETTINGS = [True, True, AUTOMATIC, False, True]
"""How each step finds Excel, and leaves it."""


def pressed(folder: Path, steps: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What each step left (its keys: scripts/press_buttons.py), all in one Excel."""
    asked, out = folder / "steps.json", folder / "states.json"
    asked.write_text(json.dumps([*steps.values()], ensure_ascii=False), encoding="utf-8")
    wine.run(wine.PYTHON, wine.SCRIPTS / "press_buttons.py", AS_OF.isoformat(), asked, out, timeout=300)
    states = json.loads(out.read_text(encoding="utf-8"))
    for state in states:
        state["cells"] = {
            sheet: {(row, column): (value, formula) for row, column, value, formula in cells}
            for sheet, cells in state["cells"].items()
        }
    return dict(zip(steps, states, strict=True))


def said(state: dict[str, Any]) -> str:
    """The one message that the user was shown."""
    assert not state["printed"] and state["code"] == 0, state["printed"]
    ((title, text),) = state["told"]
    assert title == message("excel_title", "zh")
    return str(text)


def differences(state: dict[str, Any], path: Path) -> list[Any]:
    """Cells that are not those of a file."""
    cells, wanted = state["cells"], as_cells(open_in_model(path))
    assert cells.keys() == wanted.keys()
    return [
        (sheet, place, cells[sheet].get(place), wanted[sheet].get(place))
        for sheet in wanted
        for place in cells[sheet].keys() | wanted[sheet].keys()
        if cells[sheet].get(place) != wanted[sheet].get(place)
    ]
