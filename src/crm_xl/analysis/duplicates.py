"""Customers that are in the table more than once: candidate pairs, evidence, groups (domain.md §12).

The evidence of a pair is added up as log odds, name by name and phone by phone, and turned into a probability
(Fellegi and Sunter, "A theory for record linkage", JASA 64, 1969; agreement on a rare value counts for more:
Winkler 1989). Pairs are looked for in blocks only: rows with the same id, phone or name, and names that share rare
pairs of characters. Rows count from 0; their order decides nothing but the master among equals.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import combinations, permutations
from math import exp, log
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from crm_xl.vocabulary.places import PROVINCE_OF

from .cleaning import clean_texts, distinct, normal_ids, spread

THRESHOLD = 0.75
"""From this score on a pair is shown. On 10,000 generated customers with 8 % duplicates (tests/support/
duplicate_customers.py) precision is 0.99 and recall 0.91 here; at 0.6 neighbours that differ in one character
come in (precision 0.985, recall 0.93), at 0.9 typing errors in a name with another phone get lost (recall 0.88)."""

# log odds, by what a pair agrees or disagrees on
_PRIOR = -6.0
_SAME_NAME = {1: 2.0, 2: 4.0, 3: 6.5}
_SAME_LONG_NAME = 9.0
_ALIKE_FROM = 0.70
_ALIKE, _UNLIKE = 7.0, -5.5
_SAME_PHONE, _OTHER_PHONE, _NEAR_PHONE = 7.5, -0.5, 4.0
_SAME_CONTACT, _OTHER_CONTACT = 4.2, -1.5
_SAME_CITY, _OTHER_PLACE = 1.0, -6.0
_OTHER_NUMBER = -9.0

BLOCK = 60
"""A block with more rows says nothing: a phone of a switchboard, a pair of characters in every other name."""
_SHARED = 8
"""Names that one phone may have before it is nobody's own."""
_MEAN_FLOOR = 0.5
"""A group takes another in if the mean over all their pairs is at least this share of the threshold: a chain of
names of which each resembles only the next is not one customer."""
_HAN = re.compile(r"[\u3400-\u9fff]")

_LEGAL_HAN = re.compile(r"(?:股份)?有限责任公司|(?:股份)?有限公司|股份公司|集团|股份|控股|(?<!分)公司|总部|本部")
_LEGAL_LATIN = re.compile(
    r"\b(?:co|ltd|limited|inc|incorporated|corp|corporation|company|llc|plc|gmbh|ag|sa|bv|kg|pte|pty|group|holdings?)\b"
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DIVISION = re.compile(r"分公司|分店|分厂|分部|办事处|支行|branch")
_NUMBER_HAN = "一二三四五六七八九十甲乙丙丁戊东南西北"
_NUMBER = re.compile(
    rf"\d+|第[{_NUMBER_HAN}]+|[{_NUMBER_HAN}]{{1,12}}(?=[分]?(?:厂|店|部|校|院|所|库|中|小|队|组|期|区|号|车间|公司|分|$))"
    r"|\b(?:i{1,3}|iv|vi{0,3}|[a-d]|first|second|third|north|south|east|west)\b"
)
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*\d{1,6}\s*$|(?<=\d{7})-\d{1,4}\s*$", re.IGNORECASE)
_MOBILE = re.compile(r"(?:00)?(?:86)?0?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[,;/、，；|\n]|\s{2,}")

Ints = npt.NDArray[np.int64]


class Pair(NamedTuple):
    """Two rows, the score that they are one customer (0 to 1), and what speaks for it: `same_id`,
    `same_company_id`, `same_name`, `similar_name`, `same_phone`, `near_phone`, `same_contact`, `same_city`."""

    first: int
    second: int
    score: float
    reasons: tuple[str, ...]


class Group(NamedTuple):
    """Rows that are one customer, `master` first, the others in order; for each the score and the reasons of its
    best pair within the group (the master's: its own best)."""

    rows: tuple[int, ...]
    scores: tuple[float, ...]
    reasons: tuple[tuple[str, ...], ...]

    @property
    def master(self) -> int:
        return self.rows[0]


def find_duplicates(
    columns: Mapping[str, Sequence[Any]],
    orders: Sequence[float] | None = None,
    *,
    company_ids: Sequence[Sequence[Any]] = (),
    threshold: float = THRESHOLD,
) -> tuple[Group, ...]:
    """The groups of rows that are one customer each, best score first.

    `columns`: cells of n customers by field key; of use are customer_id, customer_name, phone, contact, city and
    region. `orders` (n,): number of orders of each, for the choice of the master. `company_ids`: columns that may
    hold a company's registration number (or a person's), see `company_id`. `threshold`: 0 to 1.
    """
    rows = _Rows(columns, company_ids)
    pairs = rows.pairs(threshold)
    filled = [sum(c not in (None, "") for c in line) for line in zip(*columns.values(), strict=True)]
    ordered = [0.0] * len(filled) if orders is None else [float(o or 0) for o in orders]
    groups = [_group(members, rows, ordered, filled) for members in _clusters(rows, pairs, threshold)]
    return tuple(sorted(groups, key=lambda g: (-g.scores[0], g.rows)))


def _group(members: Sequence[int], rows: _Rows, orders: Sequence[float], filled: Sequence[int]) -> Group:
    master = min(members, key=lambda i: (-orders[i], -filled[i], i))
    ordered = (master, *sorted(set(members) - {master}))
    best = [max((rows.pair(i, j) for j in ordered if j != i), key=lambda p: p.score) for i in ordered]
    return Group(ordered, tuple(p.score for p in best), tuple(p.reasons for p in best))


# ---------------------------------------------------------------- what is compared


class Name(NamedTuple):
    """A name taken apart. `core`: without legal form, place and punctuation; `places`: those that it names;
    `numbers`: what counts one of several of a kind: 第一, 二厂, 3."""

    core: str
    places: frozenset[str]
    numbers: frozenset[str]


@lru_cache(maxsize=200_000)
def split_name(text: str) -> Name:
    """The parts of a company's or person's name: `上海宏远科技(集团)有限公司` has the core 宏远科技."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    folded = re.sub(r"[【\[〔〈《「]", "(", re.sub(r"[】\]〕〉》」]", ")", folded))
    places: set[str] = set()

    def bracket(found: re.Match[str]) -> str:
        inside = re.sub(r"\W|中国|china", "", found[1])
        place = place_of(inside)
        if place:
            places.add(place)
        return " " if place or not inside else f" {inside} "

    folded = _BRACKETS.sub(bracket, folded)
    if _HAN.search(folded):
        core = "".join(ch for ch in folded if ch.isalnum())
        core = _LEGAL_HAN.sub("", core)
        core, place = _without_place(core)
        while place:  # a province, then its city
            places.add(place)
            core, place = _without_place(core)
        core = core.removeprefix("中国") if len(core) > 4 else core
        branch = _DIVISION.search(core)
        if branch and (place := next((p for n in (4, 3, 2) if (p := place_of(core[: branch.start()][-n:]))), "")):
            places.add(place)
    else:
        words = re.sub(r"[^\w\s]", " ", re.sub(r"(?<=\b\w)\.", "", folded)).split()
        for i, word in enumerate(words):
            if word in PROVINCE_OF and len(words) > 1 and i in (0, len(words) - 1):
                places.add(word)
        kept = [w for w in words if w not in places and not _LEGAL_LATIN.fullmatch(w) and w not in ("and", "the")]
        core = " ".join(kept or words)
    numbers = frozenset(_NUMBER.findall(core))
    return Name(core or folded.strip(), frozenset(_known(p) for p in places), numbers)


def _without_place(core: str) -> tuple[str, str]:
    """A name without the place in front, if enough is left, and the place."""
    for length in (4, 3, 2):
        head = core[:length]
        if head in PROVINCE_OF:
            rest = core[length:]
            rest = rest[1:] if rest[:1] in ("省", "市") else rest
            if len(rest) >= 2:
                return rest, head
    return core, ""


@cache
def place_of(text: str) -> str:
    """The province or city that a text is; '' if it is none: 上海市 and 上海 are one."""
    text = text.strip().casefold()
    for candidate in (text, text[:-1] if text[-1:] in ("省", "市") else "", text.replace(" ", "")):
        if candidate in PROVINCE_OF:
            return candidate
    return ""


def _known(place: str) -> str:
    """The Chinese name of a municipality written in Latin letters; any other place as it is."""
    province = PROVINCE_OF.get(place, "")
    return province if place.isascii() and province in ("北京", "天津", "上海", "重庆", "香港", "澳门") else place


def apart(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two sets of places exclude each other; a province does not exclude its cities."""
    if not first or not second:
        return False
    return not any(
        a == b or a == PROVINCE_OF.get(b) or b == PROVINCE_OF.get(a) or (a.isascii() != b.isascii() and _one(a, b))
        for a in first
        for b in second
    )


def _one(a: str, b: str) -> bool:
    """A city in Latin letters and one in Chinese: only that their provinces differ can be told."""
    return PROVINCE_OF.get(a) == PROVINCE_OF.get(b)


def phone_numbers(cell: str) -> frozenset[str]:
    """The phone numbers of a cell as E.164 (region CN unless it says otherwise), extensions left out."""
    return frozenset(filter(None, map(_phone, _SEPARATORS.split(unicodedata.normalize("NFKC", cell)))))


@lru_cache(maxsize=200_000)
def _phone(text: str) -> str:
    text = _EXTENSION.sub("", text.strip())
    digits = re.sub(r"\D", "", text)
    if len(digits) < 7 or len(set(digits[-8:])) < 3 or "*" in text:
        return ""
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return f"+86{mobile[1]}"
    import phonenumbers

    try:
        number = phonenumbers.parse(text if text.startswith("+") or not text.startswith("00") else f"+{text[2:]}", "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=200_000)
def company_id(text: str) -> str:
    """A unified social credit code (GB 32100) or resident id (GB 11643) in compact form, checked by its last
    character; '' for anything else."""
    from stdnum.cn import ric, uscc
    from stdnum.exceptions import ValidationError

    for kind in (uscc, ric):
        try:
            number: str = kind.validate(text)
        except ValidationError:
            continue
        return number
    return ""


def likeness(first: str, second: str) -> float:
    """How alike two cores are, 0 to 1: token sets of characters for Chinese, of words for the rest."""
    return float(_likenesses([first], [second])[0])


def _likenesses(first: Sequence[str], second: Sequence[str]) -> npt.NDArray[np.float64]:
    """`likeness` of n pairs (n,). The mean of a set ratio, which forgives what one has more, and of a sorted ratio,
    which does not: swapped characters or words cost nothing."""
    from rapidfuzz import fuzz, process

    a, b = ([_spaced(t) for t in texts] for texts in (first, second))
    sets = process.cpdist(a, b, scorer=fuzz.token_set_ratio, dtype=np.float32)
    sorted_a, sorted_b = ([_sorted(t) for t in texts] for texts in (first, second))
    whole = process.cpdist(sorted_a, sorted_b, scorer=fuzz.ratio, dtype=np.float32)
    mean: npt.NDArray[np.float64] = (sets.astype(float) + whole) / 200
    return mean


@lru_cache(maxsize=200_000)
def _spaced(core: str) -> str:
    return " ".join(core) if _HAN.search(core) else core


@lru_cache(maxsize=200_000)
def _sorted(core: str) -> str:
    return "".join(sorted(core)) if _HAN.search(core) else " ".join(sorted(core.split()))


# ---------------------------------------------------------------- pairs


class _Rows:
    """The rows in the form in which they are compared, and the score of any two of them."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], company_ids: Sequence[Sequence[Any]]) -> None:
        count = len(next(iter(columns.values()), ()))
        empty = [""] * count

        def texts(key: str) -> list[str]:
            return clean_texts(columns[key]).values.tolist() if key in columns else empty

        self.ids: list[str] = normal_ids(columns["customer_id"]).tolist() if "customer_id" in columns else empty
        self.names = [split_name(t) for t in texts("customer_name")]
        self.cores = ["" if "*" in t else n.core for t, n in zip(texts("customer_name"), self.names, strict=True)]
        self.contacts = ["".join(t.casefold().split()) if "*" not in t else "" for t in texts("contact")]
        numbers = [phone_numbers(t) if t else frozenset[str]() for t in texts("phone")]
        self.cities = [place_of(c) or place_of(r) for c, r in zip(texts("city"), texts("region"), strict=True)]
        self.places = [
            frozenset({_known(city)}) if city else name.places
            for name, city in zip(self.names, self.cities, strict=True)
        ]
        self.companies = [
            frozenset(filter(None, found)) for found in zip(*map(_company_column, company_ids), strict=True)
        ] or [frozenset[str]()] * count
        names_of: dict[str, set[str]] = defaultdict(set)
        for core, found in zip(self.cores, numbers, strict=True):
            for number in found:
                names_of[number].add(core)
        self.phones = [frozenset(p for p in found if len(names_of[p]) <= _SHARED) for found in numbers]
        # what a row says, whatever its place: it settles the order among equals
        self.keys = list(
            zip(self.ids, texts("customer_name"), self.cores, map(sorted, self.phones), self.contacts, strict=True)
        )
        self._alike: dict[tuple[str, str], float] = {}

    def pairs(self, threshold: float) -> list[Pair]:
        """The pairs within the blocks whose score reaches `threshold`, best first."""
        found = self._candidates()
        if not len(found):
            return []
        i, j = found.T
        cores = np.array(self.cores, dtype=object)
        codes, unique = distinct(cores)
        low, high = np.minimum(codes[i], codes[j]), np.maximum(codes[i], codes[j])
        apart_names = np.flatnonzero((low != high) & (low >= 0))
        both, where = np.unique(low[apart_names] * len(unique) + high[apart_names], return_inverse=True)
        firsts, seconds = [unique[k] for k in both // len(unique)], [unique[k] for k in both % len(unique)]
        alike = _likenesses(firsts, seconds) if len(both) else np.zeros(0)
        close = [(a, b, v) for a, b, v in zip(firsts, seconds, alike.tolist(), strict=True) if v >= _ALIKE_FROM]
        self._alike.update(((a, b) if a <= b else (b, a), value) for a, b, value in close)
        worth = self._exact_of(i, j)
        names = np.full(len(i), _UNLIKE)
        names[apart_names] = np.where(alike < _ALIKE_FROM, _UNLIKE, _ALIKE * (alike - _ALIKE_FROM) / (1 - _ALIKE_FROM))[
            where
        ]
        worth |= self._at_best(i, j, names) >= log(threshold / (1 - threshold)) if 0 < threshold < 1 else True
        pairs = [p for a, b in found[worth].tolist() if (p := self.pair(a, b)).score >= threshold]
        return sorted(pairs, key=lambda p: (-p.score, *sorted((self.keys[p.first], self.keys[p.second]))))

    def _exact_of(self, i: Ints, j: Ints) -> npt.NDArray[np.bool_]:
        """Which pairs of rows share an id, phone or name (m,)."""
        count = len(self.ids)
        exact = np.fromiter((a * count + b for a, b in self._exact), dtype=np.int64, count=len(self._exact))
        return np.isin(i * count + j, exact)

    def _at_best(self, i: Ints, j: Ints, names: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The odds that pairs without a phone in common may have at most (m,); `names`: those of their names."""
        contact, _ = distinct(np.array([c or None for c in self.contacts], dtype=object))
        province, _ = distinct(np.array([PROVINCE_OF.get(c) for c in self.cities], dtype=object))
        phone = np.array([bool(p) for p in self.phones])
        odds = _PRIOR + names + np.where(phone[i] & phone[j], _NEAR_PHONE, 0.0)
        both = (contact[i] >= 0) & (contact[j] >= 0)
        odds += np.where(both, np.where(contact[i] == contact[j], _SAME_CONTACT, _OTHER_CONTACT), 0.0)
        both = (province[i] >= 0) & (province[j] >= 0) & (province[i] != province[j])
        best: npt.NDArray[np.float64] = odds + np.where(both, _OTHER_PLACE, _SAME_CITY)
        return best

    def pair(self, a: int, b: int) -> Pair:
        """Two rows compared."""
        reasons: list[str] = []
        first, second = min(a, b), max(a, b)
        first_core = self.cores[a].replace(" ", "")  # of a person, the contact says the name again
        odds = _PRIOR + self._name_odds(a, b, reasons)
        phones, others = self.phones[a], self.phones[b]
        if phones & others:
            odds += _SAME_PHONE
            reasons.append("same_phone")
        elif phones and others:
            near = any(_near(p, q) for p in phones for q in others)
            odds += _NEAR_PHONE if near else _OTHER_PHONE
            if near:
                reasons.append("near_phone")
        if self.contacts[a] and self.contacts[b] and self.contacts[a] != first_core:
            same = self.contacts[a] == self.contacts[b]
            odds += _SAME_CONTACT if same else _OTHER_CONTACT
            if same:
                reasons.append("same_contact")
        if apart(self.places[a], self.places[b]) or apart(self.names[a].places, self.names[b].places):
            odds += _OTHER_PLACE
        elif self.cities[a] and self.cities[a] == self.cities[b]:
            odds += _SAME_CITY
            reasons.append("same_city")
        score = round(1 / (1 + exp(-odds)), 4)
        if self.companies[a] and self.companies[b]:
            agree = bool(self.companies[a] & self.companies[b])
            score = 1.0 if agree else 0.0
            if agree:
                reasons.insert(0, "same_company_id")
        elif self.ids[a] and self.ids[a] == self.ids[b]:
            score = 1.0
            reasons.insert(0, "same_id")
        return Pair(first, second, score, tuple(reasons))

    def _name_odds(self, a: int, b: int, reasons: list[str]) -> float:
        first, second = self.cores[a], self.cores[b]
        if not first or not second:
            return 0.0
        if first == second:
            reasons.append("same_name")
            size = len(first) if _HAN.search(first) else 2 * len(first.split())
            return _SAME_NAME.get(size, _SAME_LONG_NAME)
        if self.names[a].numbers != self.names[b].numbers or bool(_DIVISION.search(first)) != bool(
            _DIVISION.search(second)
        ):
            return _OTHER_NUMBER
        alike = self._likeness(first, second)
        if alike < _ALIKE_FROM:
            return _UNLIKE
        reasons.append("similar_name")
        return _ALIKE * (alike - _ALIKE_FROM) / (1 - _ALIKE_FROM)

    def _likeness(self, first: str, second: str) -> float:
        key = (first, second) if first <= second else (second, first)
        if key not in self._alike:
            self._alike[key] = likeness(*key)
        return self._alike[key]

    # ------------------------------------------------------------ blocks

    def _candidates(self) -> Ints:
        """Pairs of rows worth a comparison (m, 2), the smaller row first."""
        exact: set[tuple[int, int]] = set()
        for block in (*_blocks([i] if i else () for i in self.ids), *_blocks(self.companies)):
            exact |= _within(sorted(block, key=self.keys.__getitem__))
        for block in _blocks(self.phones):
            exact |= _within(sorted(block, key=self.keys.__getitem__))
        for block in _blocks([c] if c else () for c in self.cores):
            exact |= _within(sorted(block, key=lambda i: (self.cities[i], self.keys[i])))
            if len(block) > BLOCK:
                by_contact = sorted(block, key=lambda i: (self.contacts[i], self.keys[i]))
                exact |= _within(by_contact)
        self._exact = exact
        alike = self._alike_names()
        made = np.array(sorted(exact), dtype=np.int64).reshape(-1, 2)
        both = np.concatenate([made, alike])
        return np.unique(both, axis=0) if len(both) else both

    def _alike_names(self) -> Ints:
        """Pairs of rows whose different names share rare pairs of characters."""
        codes, cores = distinct(np.array(self.cores, dtype=object))
        marks: list[int] = []
        owners: list[int] = []
        sizes = []
        for number, core in enumerate(cores):
            found = _marks(core)
            marks.extend(found)
            owners.extend([number] * len(found))
            sizes.append(len(found))
        pairs = _sharing(
            np.array(marks, dtype=np.int64), np.array(owners, dtype=np.int64), np.array(sizes, dtype=np.int64)
        )
        if not len(pairs):
            return np.zeros((0, 2), dtype=np.int64)
        rows_of: list[list[int]] = [[] for _ in cores]
        for row, code in enumerate(codes.tolist()):
            if code >= 0:
                rows_of[code].append(row)
        # of a name that many have, the likeness to another says little
        many = np.array([len(r) for r in rows_of])
        pairs = pairs[many[pairs[:, 0]] * many[pairs[:, 1]] <= BLOCK]
        near = [(min(i, j), max(i, j)) for a, b in pairs.tolist() for i in rows_of[a] for j in rows_of[b]]
        return np.array(near, dtype=np.int64).reshape(-1, 2)


def _company_column(cells: Sequence[Any]) -> list[str]:
    """A column's company ids; nothing of a column most of whose filled cells are none."""
    codes, uniques = distinct(clean_texts(cells).values)
    found = np.array([company_id(str(u)) for u in uniques], dtype=object)
    rows: list[str] = spread(found, codes, "").tolist() if len(uniques) else [""] * len(codes)
    filled = sum(1 for u in uniques if u)
    return rows if 2 * sum(map(bool, found)) >= max(filled, 1) else [""] * len(rows)


def _blocks(keys: Iterable[Iterable[str]]) -> list[list[int]]:
    """Rows that share a key, at least two each."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, found in enumerate(keys):
        for key in found:
            rows[key].append(row)
    return [block for block in rows.values() if len(block) > 1]


def _within(block: Sequence[int]) -> set[tuple[int, int]]:
    """All pairs of a block; of a large one, each row with the ten behind it."""
    if len(block) <= BLOCK:
        return {(min(i, j), max(i, j)) for i, j in combinations(block, 2)}
    near = (zip(block, block[k:], strict=False) for k in range(1, 11))
    return {(min(i, j), max(i, j)) for pairs in near for i, j in pairs}


def _marks(core: str) -> list[int]:
    """What of a name is looked up: in Chinese unordered pairs of characters, in the rest words, and each word with
    the first or last two letters of another one."""
    if _HAN.search(core):
        letters = sorted(set(map(ord, core)))
        return [a << 21 | b for a, b in combinations(letters, 2)] if len(letters) <= 24 else []
    words = sorted(set(core.split()))[:8]
    ends = {f"{a} {end}" for a, b in permutations(words, 2) for end in (b[:2] + "-", "-" + b[-2:])}
    return [crc32(text.encode()) | 1 << 42 for text in (*words, *sorted(ends))]


def _sharing(marks: Ints, owners: Ints, sizes: Ints) -> Ints:
    """Pairs of owners (m, 2) that share a mark, two where both have more than three (`sizes`: marks of each owner):
    a Chinese name of four characters keeps three of its six when one is mistyped. Marks that more than `BLOCK`
    owners have are no use."""
    count = len(sizes)
    order = np.lexsort((owners, marks))
    marks, owners = marks[order], owners[order]
    starts = np.flatnonzero(np.r_[True, marks[1:] != marks[:-1]]) if len(marks) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.r_[starts, len(marks)])
    good = (lengths > 1) & (lengths <= BLOCK)
    codes = []
    for length in np.unique(lengths[good]).tolist():
        block = owners[starts[good & (lengths == length)][:, None] + np.arange(length)]
        for a, b in combinations(range(length), 2):
            codes.append(block[:, a] * count + block[:, b])
    if not codes:
        return np.zeros((0, 2), dtype=np.int64)
    found, shared = np.unique(np.concatenate(codes), return_counts=True)
    pairs = np.stack([found // count, found % count], axis=1)
    enough: Ints = pairs[(shared > 1) | (sizes[pairs].min(axis=1) <= 3)]
    return enough


def _near(first: str, second: str) -> bool:
    """Whether two numbers differ by one digit, or by two neighbours swapped."""
    if len(first) != len(second):
        return False
    differ = [k for k, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and first[differ[0]] == second[differ[1]]
        and first[differ[1]] == second[differ[0]]
    )


# ---------------------------------------------------------------- groups


def _clusters(rows: _Rows, pairs: Sequence[Pair], threshold: float) -> list[list[int]]:
    """Groups by union-find, best pair first; two groups become one only if their rows resemble one another all round."""
    group: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    for pair in pairs:
        for row in (pair.first, pair.second):
            if row not in group:
                group[row], members[row] = row, [row]
        a, b = group[pair.first], group[pair.second]
        if a == b:
            continue
        between = [rows.pair(i, j).score for i in members[a] for j in members[b]]
        if pair.score < 1 and (min(between) == 0 or sum(between) / len(between) < _MEAN_FLOOR * threshold):
            continue
        if len(members[a]) < len(members[b]):
            a, b = b, a
        for row in members[b]:
            group[row] = a
        members[a] += members.pop(b)
    return [found for found in members.values() if len(found) > 1]
