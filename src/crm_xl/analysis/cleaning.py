"""Cell values as they come -> ids, days, numbers and texts, with a verdict on each cell.

Everything works on the distinct values of a column and spreads the answer over the rows, so a column of
a million cells costs little more than finding its distinct values. Nothing is guessed: a text that is not
in the closed list of formats is WRONG, and the caller says so to the user.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_xl.cells import ERROR_TEXTS

Objects = npt.NDArray[np.object_]
Codes = npt.NDArray[np.int64]
States = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

EMPTY, GOOD, REPAIRED, WRONG = 0, 1, 2, 3
"""States of a cell: nothing in it; right; certain, but written otherwise; not what belongs there."""

DIGITS_LOST = 1e15
"""From here on a number in a cell may have lost its last digits: Excel keeps 15."""

EMPTY_WORDS = frozenset({"", "-", "--", "—", "——", "–", "N/A", "n/a", "无", "暂无"})
"""Texts that people write for "nothing" in a number or date column."""

UNIT_YUAN: dict[str, float] = {"元": 1.0, "万": 1e4, "万元": 1e4, "亿": 1e8, "亿元": 1e8}
"""Yuan in each unit that an amount's text may name."""

_EPOCH = dt.date(1970, 1, 1).toordinal()
_FIRST_DAY = np.datetime64("1900-01-01", "D")
_LAST_DAY = np.datetime64("9999-12-31", "D")
_MAX_SERIAL = 2_958_465


class Parsed(NamedTuple):
    """Days of n cells: `values` datetime64[D] (NaT unless GOOD or REPAIRED), `state` int8, both (n,)."""

    values: Days
    state: States


class ParsedNumbers(NamedTuple):
    """Numbers of n cells: `values` float64 (NaN unless GOOD or REPAIRED) and `state` int8, both (n,).

    `unit` (n,) is what the text names: "" (nothing), "%" (already divided by 100), "元", "万", "万元",
    "亿", "亿元". `values` are as written: "1.2万" is 1.2 with the unit "万".
    """

    values: Floats
    state: States
    unit: Objects

    @property
    def factor(self) -> Floats:
        """Yuan in one unit of each cell (n,); NaN where the text names no unit."""
        factors = np.full(len(self.unit), np.nan)
        for unit, yuan in UNIT_YUAN.items():
            factors[self.unit == unit] = yuan
        return factors


class ParsedTexts(NamedTuple):
    """Texts of n cells: `values` object ('' if empty or an error) and `state` int8, both (n,)."""

    values: Objects
    state: States


# ---------------------------------------------------------------- distinct values


def distinct(values: Sequence[object] | npt.NDArray[Any]) -> tuple[Codes, list[Any]]:
    """The distinct values of n cells: codes (n,), -1 for None/NaN/NaT, and the list they point into.

    1001 and 1001.0 share a code (Python calls them equal); True and 1 do not, since a yes/no is no number.
    """
    if isinstance(getattr(values, "dtype", None), (pd.StringDtype, pd.CategoricalDtype)):
        # a column of texts: its own factorize is twice as fast as that of objects, one of categories is at hand
        codes, texts = pd.factorize(values)  # type: ignore[arg-type]
        return codes.astype(np.int64, copy=False), list(texts.tolist())
    cells = _cells(values)
    try:
        codes, found = pd.factorize(cells)
    except TypeError:  # a list or dict in a cell, as parquet may hold: only its text can be compared
        cells = np.fromiter((_hashable(v) for v in cells), dtype=object, count=len(cells))
        codes, found = pd.factorize(cells)
    codes = codes.astype(np.int64, copy=False)
    if found.dtype.kind == "M":
        return codes, found.astype("datetime64[us]").tolist()
    uniques: list[Any] = found.tolist()
    if found.dtype == object:
        for number in (0, 1):
            codes = _split_bool(cells, codes, uniques, number)
    return codes, uniques


def spread(per_value: npt.NDArray[Any], codes: Codes, empty: object) -> npt.NDArray[Any]:
    """An answer per distinct value -> one per row; code -1 gets `empty`."""
    longer = np.empty(len(per_value) + 1, dtype=per_value.dtype)
    longer[:-1] = per_value
    longer[-1] = empty
    return longer[codes]


def _cells(values: Sequence[object] | npt.NDArray[Any]) -> npt.NDArray[Any]:
    if isinstance(values, np.ndarray):
        return values
    if hasattr(values, "to_numpy"):  # a pandas column or index
        cells: npt.NDArray[Any] = values.to_numpy()
        return cells
    return np.fromiter(values, dtype=object, count=len(values))


def _hashable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value


def _split_bool(cells: npt.NDArray[Any], codes: Codes, uniques: list[Any], number: int) -> Codes:
    """Give True (False) a code of its own where it shares one with the number 1 (0)."""
    try:
        shared = uniques.index(number)
    except ValueError:
        return codes
    rows = np.flatnonzero(codes == shared)
    is_bool = np.fromiter((isinstance(v, (bool, np.bool_)) for v in cells[rows]), dtype=bool, count=len(rows))
    if not is_bool.any() or is_bool.all():
        return codes
    codes = codes.copy()
    codes[rows[is_bool]] = len(uniques)
    uniques[shared] = number
    uniques.append(bool(number))
    return codes


def _objects(values: Sequence[object]) -> Objects:
    return np.fromiter(values, dtype=object, count=len(values))


# ---------------------------------------------------------------- ids

_TRAILING_ZEROS = re.compile(r"(-?[0-9]+)\.0+")


def normal_ids(values: Sequence[object] | npt.NDArray[Any]) -> Objects:
    """One id per cell as text (n,), '' for an empty cell, a yes/no and an error.

    The number 1001, 1001.0 and the texts "1001" and "1001.0" are one id; "001" is another. Texts are
    NFKC, without control and zero-width characters, and trimmed.
    """
    codes, ids = id_codes(values)
    return spread(ids, codes, "")


def id_codes(values: Sequence[object] | npt.NDArray[Any]) -> tuple[Codes, Objects]:
    """Codes (n,) into the distinct normal ids (k,) of n cells; -1 where `normal_ids` gives ''."""
    codes, uniques = distinct(values)
    if _are_plain_ids(uniques):
        return codes, _objects(uniques)
    texts = [id_text(v) or None for v in uniques]
    merged, ids = pd.factorize(_objects(texts))
    merged = np.asarray(merged, dtype=np.int64)
    return spread(merged, codes, -1), np.asarray(ids, dtype=object)


def _are_plain_ids(uniques: list[Any]) -> bool:
    """Whether every distinct value is text that `id_text` leaves alone: looked at all in one go."""
    try:
        joined = "".join(uniques)
    except TypeError:
        return False
    return joined.isascii() and joined.isprintable() and not any(ch in joined for ch in " .#") and "" not in uniques


def id_text(value: object) -> str:
    """One cell's id as text: see `normal_ids`."""
    if isinstance(value, str):
        text = value if value.isascii() else unicodedata.normalize("NFKC", visible(value))
        text = visible(text).strip()
        if text in ERROR_TEXTS:
            return ""
        whole = _TRAILING_ZEROS.fullmatch(text)
        return whole[1] if whole else text
    return number_or_day_text(value)


def visible(text: str) -> str:
    """A text without control, format (zero-width) and broken characters."""
    if text.isprintable():
        return text
    hidden = {"Cc", "Cf", "Cs"}
    return "".join(ch for ch in text if unicodedata.category(ch) not in hidden and ch not in "\ufffe\uffff")


def number_or_day_text(value: object) -> str:
    """What a number or day reads like as text: 1001.0 is "1001"; '' for a yes/no, NaN or infinity."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return ""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if not math.isfinite(number):
            return ""
        return str(int(number)) if number.is_integer() else repr(number)
    if isinstance(value, Decimal):
        return number_or_day_text(int(value) if value == value.to_integral_value() else float(value))
    moment = _moment(value)
    if moment is None:
        return "" if _is_missing(value) else visible(str(value)).strip()
    if isinstance(moment, dt.datetime) and moment.time() != dt.time():
        return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"


def _moment(value: object) -> dt.date | None:
    """A date or datetime (a datetime is a date), also from numpy; None for anything else."""
    if isinstance(value, dt.date):
        return None if _is_missing(value) else value
    if isinstance(value, np.datetime64):
        item = value.astype("datetime64[us]").item()
        return item if isinstance(item, dt.date) else None
    return None


def _is_missing(value: object) -> bool:
    missing = pd.isna(value)  # type: ignore[call-overload]
    return missing is True


# ---------------------------------------------------------------- texts

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean_texts(values: Sequence[object] | npt.NDArray[Any]) -> ParsedTexts:
    """Trimmed texts without characters that XML forbids; numbers and days as text; errors are WRONG.

    REPAIRED where a character was taken out. A yes/no reads TRUE or FALSE, as Excel shows it.
    """
    codes, uniques = distinct(values)
    texts = np.empty(len(uniques), dtype=object)
    states = np.empty(len(uniques), dtype=np.int8)
    for i, value in enumerate(uniques):
        texts[i], states[i] = _text(value)
    return ParsedTexts(spread(texts, codes, ""), spread(states, codes, EMPTY))


def _text(value: object) -> tuple[str, int]:
    if isinstance(value, str):
        if value in ERROR_TEXTS:
            return "", WRONG
        legal = _ILLEGAL.sub("", value)
        text = str(legal).strip()
        if len(legal) != len(value):
            return text, REPAIRED
    elif isinstance(value, (bool, np.bool_)):
        text = "TRUE" if value else "FALSE"
    else:
        text = number_or_day_text(value)
    return text, GOOD if text else EMPTY


# ---------------------------------------------------------------- dates

_TIME = (
    r"(?:(?:T|\s+|(?<=日))(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
    r"(?:\s*(?:Z|[+-]\d\d:?\d\d))?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME, re.ASCII)
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日" + _TIME, re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, re.ASCII)


def parse_dates(
    values: Sequence[object] | npt.NDArray[Any],
    date1904: bool = False,
    *,
    allow_serial: bool = False,
    dayfirst: bool | None = None,
    from_text: bool = False,
) -> Parsed:
    """Days of n cells, the time of day cut off (a time zone is not applied: the day is the one written).

    GOOD: dates and datetimes; with `allow_serial`, Excel's serial numbers 1 to 2958465 (`date1904`: in
    that system). REPAIRED: the texts 2023-07-03, 2023/7/3, 2023.7.3, 2023年7月3日 (each with or without
    a time), 20230703 (also as a number), in any width; with `dayfirst` also 3/7/2023 (True: 3 July).
    `from_text`: the source knows only text (csv), so that these texts are GOOD. Everything else, an
    impossible day and a day outside 1900-9999 are WRONG.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return _checked_days(values.astype("datetime64[D]"))
    codes, uniques = distinct(values)
    days = np.full(len(uniques), np.iinfo(np.int64).min, dtype=np.int64)  # int64's minimum is NaT
    states = np.full(len(uniques), WRONG, dtype=np.int8)
    text_state = GOOD if from_text else REPAIRED
    for i, value in enumerate(uniques):
        if isinstance(value, str):
            text = _folded(value)
            if text in EMPTY_WORDS:
                states[i] = EMPTY
                continue
            day, state = _text_day(text, dayfirst), text_state
        else:
            day, state = _cell_day(value, date1904, allow_serial)
        if day is not None:
            days[i], states[i] = day, state
    checked = _checked_days(days.view("datetime64[D]"))
    states[(checked.state == WRONG) & (states != EMPTY)] = WRONG
    return Parsed(
        spread(checked.values, codes, np.datetime64("NaT", "D")),
        spread(states, codes, EMPTY),
    )


def _checked_days(days: Days) -> Parsed:
    """Days outside 1900-9999 -> NaT and WRONG."""
    state = np.where(np.isnat(days), EMPTY, GOOD).astype(np.int8)
    outside = ~np.isnat(days) & ((days < _FIRST_DAY) | (days > _LAST_DAY))
    state[outside] = WRONG
    return Parsed(np.where(outside, np.datetime64("NaT", "D"), days), state)


def _text_day(text: str, dayfirst: bool | None) -> int | None:
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        return _day(match[1], match[3], match[4])
    match = _CHINESE.fullmatch(text) or _COMPACT.fullmatch(text)
    if match:
        return _day(match[1], match[2], match[3])
    if dayfirst is not None:
        match = _YEAR_LAST.fullmatch(text)
        if match:
            day, month = (match[1], match[3]) if dayfirst else (match[3], match[1])
            return _day(match[4], month, day)
    return None


@lru_cache(maxsize=100_000)
def _day(year: str, month: str, day: str) -> int | None:
    """Days since 1970; None for a day that does not exist."""
    try:
        return dt.date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None


def _cell_day(value: object, date1904: bool, allow_serial: bool) -> tuple[int | None, int]:
    moment = _moment(value)
    if moment is not None:
        return moment.toordinal() - _EPOCH, GOOD
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.number, Decimal)):
        return None, WRONG
    number = _as_float(value)
    if not math.isfinite(number):
        return None, WRONG
    serial = math.floor(number)
    if serial > _MAX_SERIAL:
        match = _COMPACT.fullmatch(str(serial)) if serial == number else None
        return (_day(match[1], match[2], match[3]) if match else None), REPAIRED
    if not allow_serial or serial < 1:
        return None, WRONG
    return _serial_day(serial, date1904), GOOD


def _serial_day(serial: int, date1904: bool) -> int | None:
    if date1904:
        return dt.date(1904, 1, 1).toordinal() + serial - _EPOCH
    if serial == 60:  # Excel's 29 February 1900, which never was
        return None
    return dt.date(1899, 12, 31 if serial < 60 else 30).toordinal() + serial - _EPOCH


# ---------------------------------------------------------------- numbers

# possessive: what a repetition took it does not give back, so that a text of 30,000 digits or blanks takes no hour
_PLAIN = re.compile(r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?", re.ASCII)
_WRITTEN = re.compile(
    r"""(?P<open>\()?\s*+
    (?P<sign>[+-])?\s*+(?P<currency>¥|CNY|RMB|人民币)?\s*+(?P<late_sign>[+-])?\s*+
    (?P<digits>\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d++\.?\d*+|\.\d++)\s*+
    (?P<unit>%|元|万元|万|亿元|亿|yuan|CNY|RMB)?\s*+(?P<close>\))?""",
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)


def parse_numbers(values: Sequence[object] | npt.NDArray[Any], *, from_text: bool = False) -> ParsedNumbers:
    """Numbers of n cells.

    GOOD: numbers. REPAIRED: texts of one number, in any width, with right thousands separators,
    parentheses for negatives, ¥/元/万/万元/亿/亿元 or %. `from_text`: the source knows only text
    (csv), so that a bare number ("12.5") is GOOD. EMPTY: empty, NaN, "-", "—", "N/A", "无", "暂无".
    WRONG: everything else, a yes/no, a date, infinity.
    """
    cells = _cells(values)
    fast = _all_numbers(cells)
    if fast is not None:
        return fast
    codes, uniques = distinct(cells)
    numbers = np.full(len(uniques), np.nan)
    states = np.full(len(uniques), WRONG, dtype=np.int8)
    units = np.full(len(uniques), "", dtype=object)
    plain_state = GOOD if from_text else REPAIRED
    plain = _PLAIN.fullmatch
    for i, value in enumerate(uniques):
        if isinstance(value, str):
            if plain(value):
                numbers[i], states[i] = float(value), plain_state
            else:
                numbers[i], states[i], units[i] = _text_number(value, plain_state)
        elif not isinstance(value, (bool, np.bool_)) and isinstance(value, (int, float, np.number, Decimal)):
            numbers[i], states[i] = _as_float(value), GOOD
    lost = ~np.isfinite(numbers) & (states != EMPTY)
    numbers[lost], states[lost], units[lost] = np.nan, WRONG, ""
    return ParsedNumbers(spread(numbers, codes, np.nan), spread(states, codes, EMPTY), spread(units, codes, ""))


def _all_numbers(cells: npt.NDArray[Any]) -> ParsedNumbers | None:
    """The answer for a column of nothing but numbers and empty cells; None for any other column."""
    if cells.dtype == object:
        if not set(map(type, cells.tolist())) <= {float, int, type(None)}:
            return None
        try:
            numbers = cells.astype(np.float64)
        except OverflowError:
            return None
    elif cells.dtype.kind in "iuf":
        numbers = cells.astype(np.float64)
    else:
        return None
    state = np.where(np.isnan(numbers), EMPTY, np.where(np.isinf(numbers), WRONG, GOOD)).astype(np.int8)
    numbers[np.isinf(numbers)] = np.nan
    return ParsedNumbers(numbers, state, np.full(len(numbers), "", dtype=object))


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, TypeError):  # an integer of hundreds of digits; a complex number
        return math.inf


def _text_number(text: str, plain_state: int) -> tuple[float, int, str]:
    """(number, state, unit) of a text that is no bare number as it stands."""
    bare = text.strip()
    if _PLAIN.fullmatch(bare):
        return float(bare), plain_state, ""
    folded = _folded(text).replace("\N{MINUS SIGN}", "-")
    if folded in EMPTY_WORDS:
        return math.nan, EMPTY, ""
    if _PLAIN.fullmatch(folded):
        return float(folded), REPAIRED, ""
    match = _WRITTEN.fullmatch(folded)
    if match is None:
        return math.nan, WRONG, ""
    signs = (match["sign"] or "") + (match["late_sign"] or "")
    bracketed = bool(match["open"])
    if bracketed != bool(match["close"]) or len(signs) + bracketed > 1:
        return math.nan, WRONG, ""
    unit = match["unit"] or ""
    if unit.upper() in {"YUAN", "CNY", "RMB"}:
        unit = "元"
    if match["currency"]:
        if unit == "%":
            return math.nan, WRONG, ""
        unit = {"": "元", "万": "万元", "亿": "亿元"}.get(unit, unit)
    digits = match["digits"].replace(",", "")
    number = float(digits + "e-2" if unit == "%" else digits)  # e-2, not / 100: 12.3% is 0.123 exactly
    return (-number if bracketed or signs == "-" else number), REPAIRED, unit


def _folded(text: str) -> str:
    """A text trimmed, without zero-width characters, full-width characters made ordinary.

    Not NFKC as a whole: that would make 12 out of 1² and -1's brackets out of ⑴.
    """
    if not text.isascii():
        text = "".join(map(_narrow, text))
    return text.strip()


def _narrow(ch: str) -> str:
    if ch < "\x80":
        return ch
    if unicodedata.category(ch) == "Cf":
        return ""
    kind = unicodedata.decomposition(ch)
    if kind.startswith(("<wide>", "<narrow>", "<noBreak>")) or kind == "<compat> 0020":
        return unicodedata.normalize("NFKC", ch)
    return ch
