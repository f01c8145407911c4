"""A book that is changed, refreshed and saved in one go."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import IO

from crm_xl.errors import CrmXlError, Refused
from crm_xl.sheet_values import file_bytes
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.messages import Told
from crm_xl.workbook.file_workbook import FileWorkbook
from crm_xl.workbook.saving import replace_file
from crm_xl.workbook.signatures import drop_signatures, signed

from .opening import customer_table
from .refresh import refresh_book


def refreshed(book: FileWorkbook, lang: Lang, day: dt.date, break_signature: bool) -> tuple[bytes, FileWorkbook]:
    """The bytes of the book with its changes and results brought up to date, and the book that they are."""
    if signed(book.package):
        if not break_signature:
            raise Refused("signed", path=book.path)
        drop_signatures(book.package)
    book.pending()
    changed = FileWorkbook(book.path, data=book.package.to_bytes())
    refresh_book(changed, customer_table(changed), lang, as_of=day)
    changed.pending()
    data = changed.package.to_bytes()
    return data, FileWorkbook(book.path, data=data)


def save_over(book: FileWorkbook, data: bytes) -> None:
    """Put new bytes in the place of the book. Errors: those of `replace_file`; write_failed."""

    def unchanged(place: Path) -> None:
        if file_bytes(place) != book.package.data:
            raise CrmXlError("write_failed", path=book.path, why=Told("why_changed"))

    def write(out: IO[bytes]) -> object:
        return out.write(data)

    replace_file(book.path, write, backup=True, check=unchanged)


def free_name(path: Path) -> Path:
    """The path, with a number where the file is there already: a report must stay."""
    found, number = path, 2
    while found.exists():
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return found
