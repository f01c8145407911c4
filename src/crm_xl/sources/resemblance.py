"""Fields that an unknown header may mean: by its words, its sound (pinyin), or because it looks alike.

Only what is the same thing written otherwise is certain: remarks and short forms taken off, words in another order,
pinyin, homophones, a slip in one English word beside others that are right. Looking alike never is: 最近联系时间 is
two characters from 最近合作时间 and 上年消费金额 one more than 年消费金额, and each is another thing; so a resemblance
only makes a question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from crm_xl.vocabulary.fields import Field, Table, normal_header, split_unit
from crm_xl.vocabulary.header_words import ABBREVIATIONS, EMPTY_WORDS, OFTEN_MEANT, is_weak, split_scale, tidy

How = Literal["words", "pinyin", "sound", "typo", "alike", "initials"]

CERTAIN = 0.9
"""From this score on a header is taken, if nothing else comes near and the values fit. Of the headers in
tests/sources/headers.py every one that means a field and scores 0.9 means the field that it is taken for, and none
of the near misses there scores over 0.85."""
CLEAR = 0.05
"""The lead over the second best that a match must have."""
ASK = 0.6
"""From this score on a header is asked about. Below, what comes out is noise."""

_WORDS, _BOTH, _SHORT, _ORDER, _PINYIN, _TYPO = 0.98, 0.98, 0.96, 0.94, 0.97, 0.92
_SOUND, _SOUND_SHARE = 0.86, 0.1
"""A homophone scores this and so much more for the share of characters that are right."""
_MOST_ALIKE = 0.85
_INITIALS = 0.6
_SPELT_ALIKE = 0.75
"""English words and pinyin share letters by chance: below, it is one of the former."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_EMAIL = re.compile(r"e-mail", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a header may mean, how sure that is (0 to 1), and by what."""

    field: Field
    score: float
    how: How


@lru_cache(maxsize=512)
def candidates(table: Table, header: str) -> tuple[Candidate, ...]:
    """The fields that a header may mean, best first, none below `ASK`. The unit that it names does not count."""
    text = split_scale(tidy(header))[0]
    text = split_scale(tidy(text))[0]
    plain = normal_header(text)
    if not plain or len(plain) > 60:
        return ()
    found: dict[str, Candidate] = {}

    def offer(field: Field, score: float, how: How, name: str) -> None:
        if is_weak(table.name, name):  # 名称 spelt otherwise is twice unsure
            score = min(score, _MOST_ALIKE)
        if score >= ASK and (field.key not in found or score > found[field.key].score):
            found[field.key] = Candidate(field, round(score, 2), how)

    for way in (_by_words, _by_sound, _by_likeness):
        way(table, text, offer)
        if any(c.score >= CERTAIN for c in found.values()):
            break
    return tuple(sorted(found.values(), key=lambda c: -c.score))


_Offer = Callable[[Field, float, How, str], None]


@cache
def _names(table: Table) -> tuple[tuple[str, str, Field], ...]:
    """Every header and alias of a table, without units: as it is, normalised, with its field."""
    found: dict[str, tuple[str, str, Field]] = {}
    for field in table.fields:
        for name in (field.zh, field.en, *field.aliases):
            stem = re.sub(r"\s*\([^()]*\)$", "", name) if split_unit(name)[1] or "(" in name else name
            for each in (name, stem):
                found.setdefault(normal_header(each), (each, normal_header(each), field))
    return tuple(found.values())


# ---------------------------------------------------------------- words


def _by_words(table: Table, text: str, offer: _Offer) -> None:
    plain, words = normal_header(text), _words(text)
    han = "".join(_HAN_RUN.findall(text))
    latin = " ".join(_WORD.findall(text)) if han else ""
    by_han: list[tuple[str, Field]] = []
    by_latin: list[tuple[str, Field]] = []
    for name, known, field in _names(table):
        if known == plain:
            offer(field, _WORDS, "words", name)
        if han:
            if latin and known == han:
                by_han.append((name, field))
            if latin and _words(name) and sorted(_words(name)) == sorted(_words(latin)):
                by_latin.append((name, field))
            if not latin and len(known) >= 4 and known != plain and Counter(known) == Counter(plain):
                offer(field, _ORDER, "words", name)
        elif words and (own := _words(name)):
            if own == words:
                offer(field, _SHORT, "words", name)
            elif sorted(own) == sorted(words):
                offer(field, _ORDER, "words", name)
            elif _one_slip(own, words, _vocabulary(table)):
                offer(field, _TYPO, "typo", name)
    for name, field in by_han:  # 客户名称 Customer Name: both say the same
        if any(field is other for _, other in by_latin):
            offer(field, _BOTH, "words", name)


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    """The English words of a header: lower case, short forms written out, without those that say nothing."""
    if _HAN.search(text):
        return ()
    found = (word.casefold() for word in _WORD.findall(_EMAIL.sub("email", text)))
    return tuple(word for word in (ABBREVIATIONS.get(w, w) for w in found) if word not in EMPTY_WORDS)


@cache
def _vocabulary(table: Table) -> frozenset[str]:
    return frozenset(word for name, _, _ in _names(table) for word in _words(name)) | OFTEN_MEANT


def _one_slip(own: tuple[str, ...], words: tuple[str, ...], known: frozenset[str]) -> bool:
    """Whether two lists of words differ by one slip in one long word that is no word of ours itself."""
    if len(own) != len(words) or len(own) < 2:
        return False
    wrong = [(a, b) for a, b in zip(own, words, strict=True) if a != b]
    if len(wrong) != 1 or len(wrong[0][0]) < 6 or wrong[0][1] in known or wrong[0][1].isdigit():
        return False
    from rapidfuzz.distance import OSA

    meant, written = wrong[0]
    return OSA.distance(meant, written) == 1 and meant + "s" != written and written + "s" != meant


# ---------------------------------------------------------------- sound


def _by_sound(table: Table, text: str, offer: _Offer) -> None:
    letters = "".join(ch for ch in text.casefold() if ch.isalnum())
    if not letters or len(letters) > 40 or not (_HAN.search(letters) or (letters.isascii() and len(letters) >= 3)):
        return
    sound = "".join(_syllables(letters))
    for name, _, field in _names(table):
        spoken = "".join(ch for ch in name.casefold() if ch.isalnum())
        if len(_HAN.findall(spoken)) < 2:
            continue
        syllables = _syllables(spoken)
        if "".join(syllables) == sound:
            if letters.isascii():
                offer(field, _PINYIN, "pinyin", name)
            elif len(letters) == len(spoken):
                wrong = sum(a != b for a, b in zip(letters, spoken, strict=True))
                # one wrong character is a slip, two may be a word: 使用市场 sounds like 使用时长
                sure = wrong == 1 and len(spoken) >= 3
                offer(field, _SOUND + _SOUND_SHARE * (1 - wrong / len(spoken)) if sure else _MOST_ALIKE, "sound", name)
            else:  # 客户mingcheng
                offer(field, _PINYIN, "pinyin", name)
        elif letters.isascii() and len(spoken) >= 3 and letters == "".join(s[0] for s in syllables):
            offer(field, _INITIALS, "initials", name)


@lru_cache(maxsize=8192)
def _syllables(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(text))


# ---------------------------------------------------------------- looks


def _by_likeness(table: Table, text: str, offer: _Offer) -> None:
    from rapidfuzz import fuzz

    plain = normal_header(text)
    words = " ".join(_words(text))
    spelt = plain if plain.isascii() and plain.isalpha() and len(plain) >= 6 else ""
    for name, known, field in _names(table):
        if bool(_HAN.search(known)) != bool(_HAN.search(plain)):
            if spelt and len(_HAN.findall(known)) >= 3:  # kehu mincheng
                score = fuzz.ratio("".join(_syllables(known)), spelt) / 100
                offer(field, min(score, _MOST_ALIKE) if score >= _SPELT_ALIKE else 0.0, "pinyin", name)
            continue
        score = fuzz.ratio(known, plain) / 100
        if words:
            score = max(score, fuzz.token_sort_ratio(" ".join(_words(name)), words) / 100)
        if len(known) >= (2 if _HAN.search(known) else 4) and known in plain and not is_weak(table.name, name):
            score = max(score, 0.7)
        offer(field, min(score, _MOST_ALIKE), "alike", name)
