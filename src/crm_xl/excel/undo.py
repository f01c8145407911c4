"""What the last refresh of a workbook overwrote, kept in a small file so that a later process can undo it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_xl.cells import CellError

from .live_workbook import Changes, Content, Formula, Sizing, Stretch

FOLDER_VARIABLE = "CRM_XL_DATA"


@dataclass(frozen=True, slots=True)
class Record:
    """The changes, and how Excel calculated before them. `finished`: all of them were made."""

    changes: Changes
    calculation: int
    finished: bool = False


def data_folder() -> Path:
    """Where our own files of this user stand. It need not exist."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "crm_xl"
    return Path.home() / ".crm_xl"


def record_path(book: str) -> Path:
    """The record of a workbook, by its full name."""
    name = hashlib.sha256(book.casefold().encode()).hexdigest()[:32]
    return data_folder() / "undo" / f"{name}.json"


def save(book: str, record: Record) -> None:
    """Keep a record in place of the one before."""
    path = record_path(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "finished": record.finished,
        "calculation": record.calculation,
        "sizings": [[s.table, s.old, s.new] for s in record.changes.sizings],
        "stretches": [[s.sheet, s.column, s.first, _encoded(s.old), _encoded(s.new)] for s in record.changes.stretches],
    }
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    os.replace(beside, path)


def load(book: str) -> Record | None:
    """The record of a workbook; None if there is none that can be read."""
    try:
        told = json.loads(record_path(book).read_text(encoding="utf-8"))
        stretches = [
            Stretch(sheet, column, first, _decoded(old), _decoded(new))
            for sheet, column, first, old, new in told["stretches"]
        ]
        sizings = [Sizing(*s) for s in told["sizings"]]
        return Record(Changes(stretches, sizings), told["calculation"], told["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(book: str) -> None:
    """Drop the record of a workbook."""
    record_path(book).unlink(missing_ok=True)


def _encoded(contents: Sequence[Content]) -> list[Any]:
    return [{"formula": c} if type(c) is Formula else {"error": c} if isinstance(c, CellError) else c for c in contents]


def _decoded(told: Sequence[Any]) -> list[Content]:
    return [
        c if not isinstance(c, dict) else Formula(c["formula"]) if "formula" in c else CellError(c["error"])
        for c in told
    ]
