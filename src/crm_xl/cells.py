"""What a cell can hold that Python has no word for: Excel's errors, and a cell's name."""

from __future__ import annotations

from functools import lru_cache


class CellError(str):
    """An Excel error in a cell, such as #VALUE!. A str, so that it compares and prints as what Excel
    shows."""

    __slots__ = ()


VALUE_ERROR = CellError("#VALUE!")

ERROR_TEXTS = frozenset(
    {
        "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!",
        "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#EXTERNAL!", "#PYTHON!",
        "#TIMEOUT!",
    }
)  # fmt: skip
"""The errors as Excel shows them. A csv holds them as plain text, and there they mean the same."""


def cell_name(row: int, column: int) -> str:
    """The A1 name of a cell, from 0-based row and column: (0, 27) is AB1."""
    return f"{_letters(column)}{row + 1}"


@lru_cache(maxsize=1024)
def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def small_number(text: str | bytes) -> int | None:
    """The whole number that a text of at most nine plain digits is. Python refuses 5,000 digits with an error."""
    return int(text) if text.isdigit() and text.isascii() and len(text) <= 9 else None


def column_number(letters: str) -> int:
    """The 0-based number of a column: AB is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
