"""Findings in the data: what is missing, wrong, impossible, odd or twice (domain.md §12).

Rows count from 0; whoever holds the workbook turns row and field into a sheet and a cell. A column is looked at as a
whole first, by the types of its cells: where all are as they should be, no cell is looked at by itself.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_xl.cells import CellError
from crm_xl.vocabulary.fields import UNIT_FACTOR, Field, Lang, Table, Unit
from crm_xl.vocabulary.messages import message
from crm_xl.vocabulary.places import PROVINCE_OF
from crm_xl.vocabulary.records import CUSTOMERS

from .cleaning import REPAIRED, id_codes, normal_ids, parse_dates, parse_numbers
from .duplicates import apart, place_of, split_name

Severity = Literal["error", "warning"]
Cells = Sequence[Any]
Floats = npt.NDArray[np.float64]

REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Customers": ("customer_name",),
        "Orders": ("order_date", "amount"),
        "Interactions": ("contact_date",),
        "Complaints": ("complaint_date",),
        "Surveys": ("survey_date",),
        "Needs": ("need_date",),
        "Loyalty": ("loyalty_date", "points"),
    }
)
"""Table -> the fields, beside the customer's id, without which a row says nothing, or not of whom."""
DIGITS_KEPT = 1e15
"""From here on Excel has dropped digits of a number."""
AMOUNTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"Customers": ("annual_spend", "annual_revenue", "income"), "Orders": ("amount",)}
)
"""Table -> its amounts among which odd ones are looked for; averages and results only follow from these."""
ORDERED = (("first_order", "last_order"), ("signed_on", "contract_end"), ("complaint_date", "resolved_on"))
"""Dates of which the second cannot be before the first."""
_PLANNED = frozenset({"next_contact", "contract_end", "due"})
_SIGNED = frozenset(
    {"annual_spend", "average_order", "period_spend", "margin", "amount", "baseline", "target_value", "points"}
)
"""Refunds make amounts and margins negative, a target may be a fall, points are spent."""
_NUMBERS = ("number", "count", "money", "ratio", "rating")

STALE_DAYS = 90
OUTLIER_FACTOR = 5.0
ENOUGH = 12
"""Of fewer amounts nobody can say which one is odd."""
_LEAST = 10.0
"""An amount within ten times the median is never odd: prices of one list make the MAD as small as they like."""
_NORMAL = 0.6745
"""The MAD of normal numbers, in standard deviations."""
_UNIT_STEP = 4.0
"""元 and 万元, like 万元 and 亿元, are four powers of ten apart."""
_UNIT_SLACK = 0.7
"""By how many powers of ten the medians of two groups may miss that."""
_UNIT_GAP = 1.0
"""Powers of ten without an amount between two groups in different units."""
_SHARED = 8
"""Customers that a phone may have before it is a switchboard."""
_SHORT = 3
"""A name of fewer characters, place and form taken off, is no proof where the places differ."""


class Limits(NamedTuple):
    """Thresholds. `stale_days`: age of 信息更新日期 in days above which a row is stale; `outlier`: robust standard
    deviations from which an amount is odd. 0: not looked for."""

    stale_days: int = STALE_DAYS
    outlier: float = OUTLIER_FACTOR


NO_LIMITS = Limits(0, 0)
DEFAULT_LIMITS = Limits()
NO_UNITS: Mapping[str, Unit] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a cell. `proposed`: a repair, '' where there is none."""

    row: int
    field: str
    severity: Severity
    key: str
    found: str
    values: Mapping[str, object] = default(default_factory=dict)
    proposed: str = ""

    def what(self, lang: Lang) -> str:
        """What is wrong, without the repair."""
        return message(self.key, lang, **self.values)

    def text(self, lang: Lang) -> str:
        text = self.what(lang)
        return f"{text} {message('proposed', lang, value=self.proposed)}" if self.proposed else text


def _blank(cell: object) -> bool:
    return (
        cell is None or (isinstance(cell, str) and not isinstance(cell, CellError) and not cell.strip()) or cell != cell
    )


def _shown(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}"
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


class _Columns(dict[str, Cells]):
    """Columns of cells by field key; the types of their cells and their numbers are found once."""

    def __init__(self, columns: Mapping[str, Cells]) -> None:
        super().__init__(columns)
        self._types: dict[str, set[type]] = {}
        self._numbers: dict[str, tuple[Floats, list[int]]] = {}

    def types(self, key: str) -> set[type]:
        """The types of the cells of a column."""
        if key not in self._types:
            self._types[key] = set(map(type, self[key]))
        return self._types[key]

    def numbers(self, key: str) -> tuple[Floats, list[int]]:
        """The numbers of a column (n,), NaN where there is none, and the rows that hold something else."""
        if key not in self._numbers:
            self._numbers[key] = _as_numbers(self[key], self.types(key))
        return self._numbers[key]


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.row, f.field, f.key))


def check_customers(
    columns: Mapping[str, Cells],
    as_of: dt.date,
    *,
    units: Mapping[str, Unit] = NO_UNITS,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Finding]:
    """Findings of a customer table given as columns of cells by field key.

    `units`: those of the amounts by field key, else the field's own.
    """
    columns = _Columns(columns)
    findings = _check_ids(columns)
    nameless = [i for i, c in enumerate(columns["customer_id"]) if _blank(c)]
    idle = {i for i in nameless if all(_blank(c[i]) for c in columns.values())}
    findings += [Finding(i, "customer_id", "error", "id_empty", "") for i in nameless if i not in idle]
    findings += _check_required(CUSTOMERS, columns, idle, "warning")
    findings += check_kinds(CUSTOMERS, columns, as_of, units=units)
    findings += _check_amounts(CUSTOMERS, columns, limits.outlier)
    if "phone" in columns:
        findings += _check_same_phone(columns["phone"])
    if "customer_name" in columns:
        findings += _check_same_name(columns["customer_name"])
    findings += _check_test_accounts(columns)
    if limits.stale_days and "updated_on" in columns:
        findings += _check_stale(columns["updated_on"], as_of, limits.stale_days)
    return _sorted(findings)


def check_log(
    table: Table,
    columns: Mapping[str, Cells],
    as_of: dt.date,
    customers: Iterable[str],
    *,
    units: Mapping[str, Unit] = NO_UNITS,
    limits: Limits = NO_LIMITS,
) -> list[Finding]:
    """Findings of an order or contact log; `customers`: the ids that the customer table has.

    Odd amounts are looked for only with `limits`: the lines may be a part of a log.
    """
    columns = _Columns(columns)
    codes, ids = id_codes(columns["customer_id"])
    known = set(customers)
    findings = []
    lost = np.flatnonzero(codes < 0).tolist()
    idle = {i for i in lost if all(_blank(c[i]) for c in columns.values())}
    for i in lost:
        if i not in idle:
            findings.append(Finding(i, "customer_id", "error", "order_without_customer", ""))
    if known:
        strange = [code for code, text in enumerate(ids.tolist()) if text not in known]
        for i in np.flatnonzero(np.isin(codes, strange)).tolist() if strange else ():
            text = ids[codes[i]]
            findings.append(Finding(i, "customer_id", "warning", "order_unknown_customer", text, {"value": text}))
    findings += _check_digits("customer_id", columns)
    findings += _check_required(table, columns, idle, "error")
    findings += check_kinds(table, columns, as_of, units=units)
    findings += _check_amounts(table, columns, limits.outlier)
    return _sorted(findings)


def check_history(columns: Mapping[str, Cells], as_of: dt.date) -> list[Finding]:
    """Findings of stored snapshots: dates after `as_of` (told once for each), a customer twice on a day."""
    findings = []
    told: set[str] = set()
    for f in _check_dates("as_of", _Columns(columns), as_of):
        if f.key != "date_future" or f.found not in told:
            findings.append(f)
        told.add(f.found)
    ids = normal_ids(columns["customer_id"])
    keys = pd.DataFrame({"day": pd.Series(list(columns["as_of"]), dtype=object), "id": ids})
    twice = keys[(ids != "") & keys.duplicated(keep=False).to_numpy()]
    for _, group in twice.groupby(["day", "id"], dropna=False, sort=False):
        first, *others = group.index.tolist()
        findings += [
            Finding(i, "customer_id", "warning", "id_twice", ids[i], {"value": ids[i], "row": first + 2})
            for i in others
        ]
    return sorted(findings, key=lambda f: (f.row, f.field))


# ---------------------------------------------------------------- ids and what has to be there


def _check_ids(columns: _Columns) -> list[Finding]:
    ids = normal_ids(columns["customer_id"]).tolist()
    findings = _check_digits("customer_id", columns)
    first: dict[str, int] = {}
    for i, text in enumerate(ids):
        if not text:
            continue
        if text in first:
            findings.append(
                Finding(i, "customer_id", "error", "id_twice", text, {"value": text, "row": first[text] + 2})
            )
        first.setdefault(text, i)
    return findings


def _check_digits(key: str, columns: _Columns) -> list[Finding]:
    if columns.types(key) <= {str, type(None)}:
        return []
    return [
        Finding(i, key, "error", "id_digits_lost", _shown(c), {"value": f"{c:.0f}"})
        for i, c in enumerate(columns[key])
        if isinstance(c, (int, float)) and not isinstance(c, bool) and abs(c) >= DIGITS_KEPT
    ]


def _check_required(table: Table, columns: _Columns, idle: Collection[int], severity: Severity) -> Iterator[Finding]:
    """Empty cells of required fields; `idle`: rows with nothing in them at all."""
    for key in REQUIRED.get(table.name, ()):
        if key not in columns or not {str, type(None)} & columns.types(key):
            continue
        for i, cell in enumerate(columns[key]):
            if _blank(cell) and i not in idle:
                yield Finding(i, key, severity, "value_missing", "", {"field": table.field(key)})


# ---------------------------------------------------------------- kinds


def check_kinds(
    table: Table, columns: Mapping[str, Cells], as_of: dt.date, *, units: Mapping[str, Unit] = NO_UNITS
) -> list[Finding]:
    """Cells that are not what their column holds: dates, numbers, ratings; results are left out."""
    columns = columns if isinstance(columns, _Columns) else _Columns(columns)
    findings: list[Finding] = []
    for f in table.fields:
        if f.key not in columns or f.group == "result":
            continue
        if f.kind == "date":
            findings += _check_dates(f.key, columns, as_of)
        elif f.kind in _NUMBERS:
            findings += _check_numbers(f, columns, units.get(f.key) or f.unit or "yuan")
        else:
            if f.kind == "phone":
                findings += _check_digits(f.key, columns)
            if CellError in columns.types(f.key):
                findings += [_error(i, f.key, c) for i, c in enumerate(columns[f.key]) if isinstance(c, CellError)]
    for first, last in ORDERED:
        if first in columns and last in columns:
            findings += _check_order(table, columns, first, last)
    return findings


def _error(row: int, key: str, cell: CellError) -> Finding:
    return Finding(row, key, "error", "value_error_cell", str(cell), {"value": str(cell)})


def _check_dates(key: str, columns: _Columns, as_of: dt.date) -> list[Finding]:
    cells = columns[key]
    today = dt.datetime(as_of.year, as_of.month, as_of.day)
    if columns.types(key) <= {dt.datetime, type(None)} and (
        key in _PLANNED or max(filter(None, cells), default=today).date() <= as_of
    ):
        return []
    findings, others = [], []
    for i, cell in enumerate(cells):
        if _blank(cell):
            continue
        if isinstance(cell, CellError):
            findings.append(_error(i, key, cell))
        elif not isinstance(cell, dt.datetime):
            others.append(i)
        elif cell.date() > as_of and key not in _PLANNED:
            values = {"value": _shown(cell), "as_of": as_of.isoformat()}
            findings.append(Finding(i, key, "error", "date_future", _shown(cell), values))
    meant = parse_dates([cells[i] for i in others])
    for i, day, state in zip(others, meant.values, meant.state, strict=True):
        shown = _shown(cells[i])
        if state == REPAIRED:
            findings.append(Finding(i, key, "error", "date_as_text", shown, {"value": shown}, str(day)[:10]))
        else:
            findings.append(Finding(i, key, "error", "value_not_date", shown, {"value": shown}))
    return findings


def _as_numbers(cells: Cells, types: set[type]) -> tuple[Floats, list[int]]:
    if types <= {float, int, type(None)}:
        try:
            return np.array(cells, dtype=float), []
        except OverflowError:  # a whole number of hundreds of digits
            pass
    numbers, others = np.full(len(cells), np.nan), []
    for i, cell in enumerate(cells):
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            numbers[i] = parse_numbers([cell]).values[0] if abs(cell) > 1e300 else cell
        elif not _blank(cell):
            others.append(i)
    return numbers, others


def _check_numbers(f: Field, columns: _Columns, unit: Unit) -> list[Finding]:
    cells = columns[f.key]
    numbers, others = columns.numbers(f.key)
    low, high = (0, 10) if f.key == "recommend" else (1, 5)
    findings = [_error(i, f.key, cells[i]) for i in others if isinstance(cells[i], CellError)]
    findings += _not_numbers(f, cells, [i for i in others if not isinstance(cells[i], CellError)], unit)

    def rows(wrong: npt.NDArray[np.bool_]) -> list[tuple[int, str]]:
        return [(i, _shown(float(numbers[i]))) for i in np.flatnonzero(wrong).tolist()]

    if f.kind == "rating":
        for i, shown in rows((numbers < low) | (numbers > high)):
            values = {"value": shown, "low": low, "high": high}
            findings.append(Finding(i, f.key, "error", "value_outside", shown, values))
        return findings
    negative = numbers < 0 if f.key not in _SIGNED else np.zeros(len(numbers), dtype=bool)
    findings += [Finding(i, f.key, "error", "value_negative", shown, {"value": shown}) for i, shown in rows(negative)]
    if f.kind == "count":
        broken = ~negative & (numbers != np.floor(numbers)) & np.isfinite(numbers)
        findings += [
            Finding(i, f.key, "warning", "value_not_whole", shown, {"value": shown}) for i, shown in rows(broken)
        ]
    elif f.kind == "ratio":  # 35 typed for 35 %
        findings += [
            Finding(i, f.key, "error", "share_above_one", shown, {"value": shown}, _percent(numbers[i]))
            for i, shown in rows(numbers > 1)
        ]
    return findings


def _percent(number: float) -> str:
    return f"{number / 100:.15g}" if number <= 100 else ""


def _not_numbers(f: Field, cells: Cells, rows: Sequence[int], unit: Unit) -> Iterator[Finding]:
    """Texts, dates and yes or no where a number belongs; a text that can be read has its number proposed, in the
    unit of the column."""
    meant = parse_numbers([cells[i] if isinstance(cells[i], str) else None for i in rows])
    factors = meant.factor
    for i, number, named, factor in zip(rows, meant.values, meant.unit, factors, strict=True):
        shown = _shown(cells[i])
        if f.kind == "money":  # divided by a whole number, which is exact where multiplying by 0.0001 is not
            value = number * factor / UNIT_FACTOR[unit] if named else number
        elif f.kind == "ratio":
            value = number / 100 if number > 1 and not named else number if named in ("", "%") else np.nan
        else:
            value = np.nan if named else number
        if np.isnan(value):
            yield Finding(i, f.key, "error", "value_not_number", shown, {"value": shown})
        else:
            yield Finding(i, f.key, "error", "number_as_text", shown, {"value": shown}, f"{value:.15g}")


def _check_order(table: Table, columns: Mapping[str, Cells], first: str, last: str) -> Iterator[Finding]:
    values = {"first": table.field(first), "last": table.field(last)}
    for i, (a, b) in enumerate(zip(columns[first], columns[last], strict=True)):
        if isinstance(a, dt.datetime) and isinstance(b, dt.datetime) and b.date() < a.date():
            yield Finding(i, last, "error", "date_order", _shown(b), values)


# ---------------------------------------------------------------- odd amounts


def _check_amounts(table: Table, columns: _Columns, factor: float) -> Iterator[Finding]:
    """Amounts in another unit than the others of their column, and odd ones."""
    for key in AMOUNTS.get(table.name, ()) if factor else ():
        if key not in columns:
            continue
        numbers, _ = columns.numbers(key)
        rows = np.flatnonzero(np.isfinite(numbers) & (numbers > 0))
        if len(rows) < ENOUGH:
            continue
        powers = np.log10(numbers[rows])
        foreign, shift = other_unit(powers)
        for i in rows[foreign].tolist():
            proposed = f"{numbers[i] / 10**shift if shift > 0 else numbers[i] * 10**-shift:.15g}"
            shown = _shown(float(numbers[i]))
            yield Finding(i, key, "warning", "mixed_units", shown, {"value": shown}, proposed)
        rows, powers = rows[~foreign], powers[~foreign]
        median = _shown(float(f"{10 ** np.median(powers):.3g}"))
        for i in rows[outliers(powers, factor)].tolist():
            shown = _shown(float(numbers[i]))
            yield Finding(i, key, "warning", "outlier", shown, {"value": shown, "median": median})


def outliers(powers: Floats, factor: float) -> npt.NDArray[np.bool_]:
    """Which of n amounts, given as powers of ten (n,), are odd: more than `factor` robust standard deviations, MAD ÷
    0.6745, from the median, and more than ten times away from it.

    The modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers", ASQC 1993), on logarithms since
    amounts are skewed. Their 3.5 is for a few dozen numbers; a log of 50,000 good lines would have two dozen beyond it.
    """
    away = np.abs(powers - np.median(powers))
    spread = float(np.median(away)) / _NORMAL
    odd: npt.NDArray[np.bool_] = (away > factor * spread) & (away > np.log10(_LEAST))
    return odd if spread > 0 else np.zeros(len(powers), dtype=bool)


def other_unit(powers: Floats) -> tuple[npt.NDArray[np.bool_], int]:
    """Which of n amounts, given as powers of ten (n,), seem to be in a unit 10,000 times off, and by how many powers
    of ten they are off (4 or -4).

    Two groups with nothing between them for at least a power of ten, and medians four powers apart; the smaller group
    is the foreign one, and the other has to be large enough to tell.
    """
    none = np.zeros(len(powers), dtype=bool)
    halves = np.floor(powers * 2 / _UNIT_GAP).astype(np.int64)
    if np.bincount(halves - halves.min()).all():  # a gap of a whole would leave a half empty
        return none, 0
    ordered = np.sort(powers)
    for at in np.flatnonzero(np.diff(ordered) >= _UNIT_GAP).tolist():
        low, high = ordered[: at + 1], ordered[at + 1 :]
        apart_by = float(np.median(high) - np.median(low))
        if abs(apart_by - _UNIT_STEP) > _UNIT_SLACK or max(len(low), len(high)) < ENOUGH or len(low) == len(high):
            continue
        if len(high) < len(low):
            return powers > ordered[at], int(_UNIT_STEP)
        return powers <= ordered[at], -int(_UNIT_STEP)
    return none, 0


# ---------------------------------------------------------------- one customer twice

_LATIN_FORMS = re.compile(
    r"\b(?:co|ltd|limited|inc|incorporated|corp|corporation|company|llc|plc|gmbh|ag|sa|bv|kg|pte|pty|group|holdings?"
    r"|and|the)\b"
)
_HAN_FORMS = re.compile(r"(?:股份)?有限(?:责任)?公司|集团|股份|控股|公司|总部|本部")
_BRACKETS = re.compile(r"[(【\[〔〈《「]([^()\n]*?)[)】\]〕〉》」]")
_MARKS = re.compile(r"[^\w\s]|_")
_NUMBERS_OF_PHONES = re.compile(r"[,;/、，；|\n]|\s{2,}")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)
_COUNTRY = re.compile(r"^(?:(?:00)?86(?=0?1\d{10}$|\d{9,11}$))?0?(?=\d)")


def _check_same_phone(cells: Cells) -> Iterator[Finding]:
    """A phone on several customers, unless it is a switchboard's, masked, or a made-up one."""
    rows: dict[str, list[int]] = defaultdict(list)
    for i, cell in enumerate(cells):
        text = cell if type(cell) is str else "" if _blank(cell) or isinstance(cell, CellError) else _shown(cell)
        if not text.strip() or "*" in text or (type(cell) is not str and float(cell) >= DIGITS_KEPT):
            continue
        plain = len(text) == 11 and text.isascii() and text.isdigit()
        for key in {text} if plain else phone_keys(text):
            rows[key].append(i)
    told: set[int] = set()
    for key, found in rows.items():
        if 2 <= len(found) <= _SHARED and not _is_made_up(key):
            for i in found[1:]:
                if i not in told:
                    told.add(i)
                    yield Finding(i, "phone", "warning", "duplicate_phone", _shown(cells[i]), {"row": found[0] + 2})


def phone_keys(cell: str) -> set[str]:
    """The numbers of a cell as digits, without country code, leading 0 and extension; a text without a number of at
    least seven digits stands for itself."""
    found = set()
    for part in _NUMBERS_OF_PHONES.split(unicodedata.normalize("NFKC", cell)):
        digits = re.sub(r"\D", "", _EXTENSION.sub("", part))
        if len(digits) >= 7:
            found.add(_COUNTRY.sub("", digits))
    return found or {cell.strip()}


def _check_same_name(cells: Cells) -> Iterator[Finding]:
    """The same name, legal form, place and width aside, on two customers; not where their places differ."""
    for rows in _alike(cells):
        names = {i: split_name(cells[i]) for i in rows}
        for at, i in enumerate(rows):
            for j in rows[:at]:
                a, b = names[i], names[j]
                same_place = a.places == b.places
                if a.core == b.core and (same_place or (len(a.core) >= _SHORT and not apart(a.places, b.places))):
                    yield Finding(i, "customer_name", "warning", "duplicate_name", cells[i], {"row": j + 2})
                    break


def _alike(cells: Cells) -> Iterator[list[int]]:
    """Rows whose names have the same rough core, found with few passes over all names at once: taking apart every
    single one, as `split_name` does, would take as long as all other findings together."""
    rows = [i for i, c in enumerate(cells) if type(c) is str and c.strip() and "*" not in c]
    if not rows:
        return
    lines = _folded_lines([cells[i] for i in rows])
    text = _BRACKETS.sub(lambda m: "" if place_of(m[1].strip()) else f" {m[1]} ", lines)
    text = _HAN_FORMS.sub("", _LATIN_FORMS.sub("", _MARKS.sub("", text.replace(".", "").replace("&", ""))))
    found: dict[str, list[int]] = defaultdict(list)
    for i, line in zip(rows, text.split("\n"), strict=True):
        found[_rough_core(line)].append(i)
    yield from (rows for core, rows in found.items() if core and len(rows) > 1)


def _folded_lines(texts: Sequence[str]) -> str:
    """Texts in one width and case, one to a line."""
    return unicodedata.normalize("NFKC", "\n".join(" ".join(t.split()) for t in texts)).casefold()


def _rough_core(line: str) -> str:
    if line.isascii():
        words = [w for w in line.split() if w not in PROVINCE_OF]
        return " ".join(words) or line.strip()
    core = "".join(line.split())
    while len(core) > 3:
        place = next((n for n in (4, 3, 2) if core[:n] in PROVINCE_OF), 0)
        if not place:
            break
        core = core[place:].lstrip("省市") or core
    return core.removeprefix("中国") or core


# ---------------------------------------------------------------- accounts made for a test, old rows

_TEST = r"测试|演示|示例|样例|test(?:ing|er|s)?|demo|dummy|asdf(?:gh(?:jkl?)?)?|qwer(?:ty)?|foo(?:bar)?"
_BESIDE = (
    r"\d+|有限|责任|公司|客户|用户|账号|账户|帐号|帐户|人员|数据|专用|请?勿删除?|不要删除?"
    r"|customers?|clients?|accounts?|users?|company|co|ltd|inc|llc|name|data|please|ignore|only|do|not|delete"
)
_TEST_WORD = re.compile(_TEST)
_TEST_NAME = re.compile(rf"(?:(?:{_TEST}|{_BESIDE})\s*)+")
_DIGIT_RUN = "01234567890123456789"
_MADE_UP = frozenset({"13800138000", "13900139000", "13800138001", "12345678901", "1234567890", "12345678", "1234567"})
_SUSPECT = re.compile(rf"^(?:.*(?:{_TEST}).*|\W*(\w)\W*(?:\1\W*){{2,}}|\W*\d{{3,}}\W*)$", re.MULTILINE)


def _check_test_accounts(columns: Mapping[str, Cells]) -> Iterator[Finding]:
    """Customers that somebody made to try something out. A name has to consist of nothing but such words:
    测试仪器有限公司 makes testing instruments."""
    for key in ("customer_name", "contact"):
        cells = columns.get(key) or ()
        rows = [i for i, c in enumerate(cells) if type(c) is str]
        lines = _folded_lines([cells[i] for i in rows])
        if not rows or not _SUSPECT.search(lines):
            continue
        for i, line in zip(rows, lines.split("\n"), strict=True):
            if is_test_name(line):
                yield Finding(i, key, "warning", "test_account", cells[i], {"value": cells[i]})
    for i, cell in enumerate(columns.get("phone") or ()):
        if _is_made_up(
            cell if type(cell) is str else "" if isinstance(cell, CellError) or _blank(cell) else _shown(cell)
        ):
            yield Finding(i, "phone", "warning", "test_account", _shown(cell), {"value": _shown(cell)})


def is_test_name(name: str) -> bool:
    """Whether a name says nothing but that it is a test: test words, one repeated character, digits in a row."""
    words = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).split())
    letters = words.replace(" ", "")
    if len(letters) >= 3 and (len(set(letters)) == 1 or letters in _DIGIT_RUN):
        return True
    return bool(_TEST_WORD.search(words)) and _TEST_NAME.fullmatch(words) is not None


def _is_made_up(phone: str) -> bool:
    """A number that nobody has: 13800138000 answers for China Mobile, 13800000000 and 12345678 for nobody."""
    digits = phone if phone.isdigit() else re.sub(r"\D", "", phone)
    if len(digits) < 7 or "*" in phone:
        return False
    mobile = len(digits) == 11 and digits[0] == "1"
    return digits in _MADE_UP or len(set(digits[3:] if mobile else digits)) == 1


def _check_stale(cells: Cells, as_of: dt.date, days: int) -> Iterator[Finding]:
    for i, cell in enumerate(cells):
        age = (as_of - cell.date()).days if isinstance(cell, dt.datetime) and cell == cell else 0
        if age > days:
            values = {"value": _shown(cell), "days": age, "limit": days}
            yield Finding(i, "updated_on", "warning", "stale_row", _shown(cell), values)


def accuracy(findings: Sequence[Finding], rows: int) -> float | None:
    """Rows without an error / rows; None without rows."""
    wrong = {f.row for f in findings if f.severity == "error"}
    return (rows - len(wrong)) / rows if rows else None
