"""Fields and tables: what each column is called in both languages, and what it holds.

A field's `key` is its name in code and in the Python interface; `zh` and `en` are the headers
that a workbook shows; `aliases` are other headers read as the same field. Money headers carry
their unit; `header()` puts in the one that the workbook shows.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

Lang = Literal["zh", "en"]
Unit = Literal["wan", "yuan"]
Kind = Literal["id", "text", "number", "count", "money", "ratio", "date", "rating", "phone", "choice", "label"]

LANGS: tuple[Lang, ...] = ("zh", "en")
UNIT_FACTOR: dict[Unit, float] = {"yuan": 1.0, "wan": 10_000.0}
"""Yuan in one unit."""
UNIT_TEXT: dict[Unit, dict[Lang, str]] = {
    "wan": {"zh": "万元", "en": "CNY 10k"},
    "yuan": {"zh": "元", "en": "CNY"},
}


def with_unit(text: str, unit: Unit, lang: Lang) -> str:
    """`年消费金额(万元)`, `Annual spend (CNY 10k)`."""
    return f"{text}{'' if lang == 'zh' else ' '}({UNIT_TEXT[unit][lang]})"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `unit` is the unit of an amount when the header names none."""

    key: str
    zh: str
    en: str
    kind: Kind = "text"
    aliases: tuple[str, ...] = ()
    group: str = "basic"
    unit: Unit | None = None

    def header(self, lang: Lang, unit: Unit | None = None) -> str:
        """The header in a language; money headers name `unit` (default: the field's own)."""
        text = self.zh if lang == "zh" else self.en
        if self.kind != "money":
            return text
        return with_unit(text, unit or self.unit or "yuan", lang)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """An Excel table: its fixed ASCII name and its fields in order; `key` names a row; `computed`: the refresh
    makes its rows, only fields of the group `user` are people's."""

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    key: str = ""
    computed: bool = False

    def field(self, key: str) -> Field:
        return _by_key(self)[key]

    def title(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


@cache
def _by_key(table: Table) -> dict[str, Field]:
    return {f.key: f for f in table.fields}


def column(
    key: str,
    zh: str,
    en: str,
    kind: Kind = "text",
    *aliases: str,
    group: str = "basic",
    unit: Unit | None = None,
) -> Field:
    """A field, its aliases behind its kind."""
    return Field(key, zh, en, kind, aliases, group, unit)


_UNIT_WORDS: dict[str, Unit] = {
    "万元": "wan", "万": "wan", "cny10k": "wan", "10kcny": "wan", "rmb10k": "wan",
    "元": "yuan", "人民币": "yuan", "rmb": "yuan", "cny": "yuan", "yuan": "yuan", "¥": "yuan",
}  # fmt: skip


def normal_header(text: object) -> str:
    """A header with width, case, blanks and kinds of brackets evened out."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return "".join(ch for ch in folded if ch.isalnum() or ch in "()/%≥≤-¥")


@lru_cache(maxsize=4096)
def split_unit(header: str) -> tuple[str, Unit | None]:
    """`年消费金额(万元)` -> (`年消费金额`, `wan`); no money unit in brackets: (header, None)."""
    text = normal_header(header)
    if text.endswith(")") and "(" in text:
        stem, _, inside = text[:-1].rpartition("(")
        unit = _UNIT_WORDS.get(inside)
        if unit and stem:
            return stem, unit
    return text, None


@cache
def _names(table: Table) -> dict[str, Field]:
    """Every normalised header and alias of a table; a field's own header wins over an alias."""
    found: dict[str, Field] = {}
    for field in table.fields:
        for name in (field.zh, field.en):
            found.setdefault(split_unit(name)[0], field)
            found.setdefault(normal_header(name), field)
    for field in table.fields:
        for alias in (*field.aliases, field.key):
            found.setdefault(split_unit(alias)[0], field)
            found.setdefault(normal_header(alias), field)
    return found


def find_field(table: Table, header: object) -> tuple[Field, Unit | None] | None:
    """The field that a header means, and the money unit that it names (None: it names none)."""
    if header is None:
        return None
    names = _names(table)
    exact = names.get(normal_header(header))
    stem, unit = split_unit(str(header))
    if exact is not None and exact.kind != "money":
        return exact, None
    field = names.get(stem) or exact
    if field is None or (unit is not None and field.kind != "money"):
        return None
    return field, (unit or field.unit) if field.kind == "money" else None
