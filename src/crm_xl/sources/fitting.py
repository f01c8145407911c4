"""Whether the values of a column can be those of a field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from crm_xl.analysis import cleaning
from crm_xl.vocabulary.fields import Field
from crm_xl.vocabulary.header_words import FOLLOW_UP_VALUES

SAMPLE = 200
"""Values of a column that are looked at."""
_MOST = 0.8
"""A column fits if this share of its values does: the rest are the errors that every export has."""
_EARLIEST, _LATEST = 14_611, 62_093
"""Serial numbers that are days from 1940 to 2069."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FIGURES = re.compile(r"[\d\s.,+\-()/:%]+")
_PHONE = re.compile(r"[+(（]?\d[\d\s()（）+\-—.转/;,、ext#]{3,}", re.IGNORECASE)
_NAMES = frozenset({"customer_name", "contact", "owner", "industry", "city", "region", "country", "position", "source"})


def sample(cells: Sequence[object]) -> list[object]:
    """The first values of a column that are there."""
    found: list[object] = []
    for cell in cells:
        if cell is not None and not (isinstance(cell, str) and cell.strip() in cleaning.EMPTY_WORDS):
            found.append(cell)
            if len(found) == SAMPLE:
                break
    return found


def fits(field: Field, cells: Sequence[object], *, from_text: bool = False) -> bool:
    """Whether the values can be those of the field; a column without any fits everything."""
    values = sample(cells)
    if not values:
        return True
    return _share(field, values, from_text) >= _MOST


def contradicts(field: Field, cells: Sequence[object]) -> bool:
    """Whether the values are clearly those of another field, whatever the header says: e-mail addresses in a column
    of phones, numbers in one of names."""
    values = sample(cells)
    if len(values) < 2:
        return False
    texts = [_text(v) for v in values]
    if field.kind == "phone":
        return not any(re.search(r"\d", t) for t in texts)
    if field.key == "email":
        return not any("@" in t or "＠" in t for t in texts)
    if field.key in _NAMES:
        return _mean([_is_other_than_text(v) for v in values]) >= _MOST
    return False


def _share(field: Field, values: list[object], from_text: bool) -> float:
    kind = field.kind
    if kind == "date":
        return _mean(_days(values))
    if kind in ("money", "number", "count", "ratio", "rating"):
        return _mean(_figures(values, kind, from_text))
    texts = [_text(v) for v in values]
    if kind == "phone":
        return _mean([bool(_PHONE.fullmatch(t)) and 5 <= sum(ch.isdigit() for ch in t) <= 26 for t in texts])
    if kind == "id":
        return _mean([_may_be_id(v, t) for v, t in zip(values, texts, strict=True)])
    if field.key == "email":
        return _mean([bool(_EMAIL.fullmatch(t)) for t in texts])
    if field.key == "company_size":
        return _mean(
            [bool(re.search(r"\d|[人大中小微]", t)) and not _days([v])[0] for v, t in zip(values, texts, strict=True)]
        )
    if field.key == "follow_up":
        return _mean([bool(FOLLOW_UP_VALUES.match(t)) for t in texts])
    return _mean([not _is_other_than_text(v) for v in values])


def is_running(cells: Sequence[object]) -> bool:
    """Whether a column only counts its rows: 1, 2, 3 … from 0 or 1 on."""
    values = [cleaning.id_text(v) for v in sample(cells)]
    if len(values) < 3 or not all(v.isdecimal() and v.isascii() for v in values):
        return False
    numbers = list(map(int, values))
    return numbers[0] in (0, 1) and all(b - a == 1 for a, b in pairwise(numbers))


def _days(values: list[object]) -> list[bool]:
    parsed = cleaning.parse_dates(values, allow_serial=True)
    ok = np.isin(parsed.state, (cleaning.GOOD, cleaning.REPAIRED))
    return [
        bool(good) and (isinstance(v, (str, dt.date)) or _plausible_day(v))
        for good, v in zip(ok.tolist(), values, strict=True)
    ]


def _plausible_day(value: object) -> bool:
    if isinstance(value, (int, float)):
        return _EARLIEST <= value <= _LATEST or 19_400_101 <= value <= 20_691_231
    return isinstance(value, np.datetime64)


def _figures(values: list[object], kind: str, from_text: bool) -> list[bool]:
    parsed = cleaning.parse_numbers(values, from_text=from_text)
    numbers = parsed.values
    ok = np.isin(parsed.state, (cleaning.GOOD, cleaning.REPAIRED))
    with np.errstate(invalid="ignore"):
        if kind == "count":
            ok &= (numbers >= 0) & (numbers == np.round(numbers))
        elif kind == "rating":
            ok &= (numbers >= 0) & (numbers <= 10)
        elif kind == "ratio":
            ok &= np.abs(numbers) <= 100
        ok &= np.abs(numbers) < 1e10  # a phone is a number, too
    return [bool(x) for x in ok.tolist()]


def _may_be_id(value: object, text: str) -> bool:
    if isinstance(value, dt.date) or not text or "@" in text or " " in text.strip() or len(text) > 40:
        return False
    return len(_HAN.findall(text)) <= 2 and any(ch.isdigit() for ch in text)


def _is_other_than_text(value: object) -> bool:
    """A number, a day, an e-mail address or a phone."""
    if not isinstance(value, str):
        return True
    return bool(_EMAIL.fullmatch(value.strip())) or bool(_FIGURES.fullmatch(value)) or _days([value])[0]


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else cleaning.number_or_day_text(value)


def _mean(found: Sequence[bool]) -> float:
    return sum(found) / len(found)
