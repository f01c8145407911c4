"""Workbooks that are not ours, the command line in process, and what a person sees in a file."""

from __future__ import annotations

import datetime as dt
import hashlib
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from click.testing import Result
from openpyxl.worksheet.table import Table
from typer.testing import CliRunner

from crm_xl.cli import app

AS_OF = "2024-06-30"
Rows = Sequence[Sequence[Any]]


def foreign(
    path: Path,
    headers: Sequence[str],
    rows: Rows,
    *,
    table: str = "Customers",
    sheet: str = "名单",
    at: tuple[int, int] = (1, 1),
    more: Mapping[str, tuple[Sequence[str], Rows]] | None = None,
    epoch: dt.datetime | None = None,
) -> Path:
    """A workbook made with openpyxl: one Excel table, and one more on a sheet of its own per entry.

    `=F:1+1` is a formula (without a stored value), `=1+1` a text.
    """
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    first = book.active
    assert first is not None
    first.title = sheet
    _table(first, table, headers, rows, at)
    for name, (titles, lines) in (more or {}).items():
        _table(book.create_sheet(name), name, titles, lines, (1, 1))
    book.save(path)
    return path


def _table(sheet: Any, name: str, headers: Sequence[str], rows: Rows, at: tuple[int, int]) -> None:
    top, left = at
    for r, cells in enumerate([headers, *rows]):
        for c, value in enumerate(cells):
            cell = sheet.cell(top + r, left + c, value)
            if isinstance(value, str) and value.startswith("="):
                formula = value.startswith("=F:")
                cell.value = "=" + value[3:] if formula else value
                cell.data_type = "f" if formula else "s"
    last = sheet.cell(top + max(1, len(rows)), left + len(headers) - 1).coordinate
    sheet.add_table(Table(displayName=name, ref=f"{sheet.cell(top, left).coordinate}:{last}"))


def load(path: Path, *, data_only: bool = False) -> Any:
    """The workbook through openpyxl, without its complaints about what it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path, data_only=data_only)


def shown(path: Path, table: str = "Customers") -> list[dict[str, Any]]:
    """The rows of a table by header, with stored values; empty rows at the end are left out."""
    book = load(path, data_only=True)
    sheet = next(s for s in book if table in s.tables)
    first, *rest = sheet[sheet.tables[table].ref]
    headers = [c.value for c in first]
    rows = [dict(zip(headers, (c.value for c in line), strict=True)) for line in rest]
    while rows and all(v in (None, "") for v in rows[-1].values()):
        rows.pop()
    return rows


def column(path: Path, header: str, table: str = "Customers") -> list[Any]:
    return [row[header] for row in shown(path, table)]


def formulas(path: Path, table: str = "Customers") -> set[str]:
    """The headers of the columns that hold a formula."""
    book = load(path)
    sheet = next(s for s in book if table in s.tables)
    first, *rest = sheet[sheet.tables[table].ref]
    return {str(c.value) for i, c in enumerate(first) if any(line[i].data_type == "f" for line in rest)}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def cli(*arguments: object) -> Result:
    """A command in process. It must end with an exit code, never with an exception."""
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def done(*arguments: object) -> str:
    """What a command that succeeds prints."""
    result = cli(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def refused(code: int, *arguments: object) -> str:
    """The message of a command that does not: one to three lines on stderr, nothing on stdout."""
    result = cli(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.rstrip("\n").split("\n")
    assert 1 <= len(lines) <= 3, result.stderr
    assert all(lines), result.stderr
    assert "Traceback" not in result.stderr
    assert "{" not in result.stderr
    return result.stderr
