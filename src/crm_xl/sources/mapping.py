"""Which of a file's columns is which of our fields: certain, or asked about, never guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from crm_xl.analysis.cleaning import parse_numbers
from crm_xl.errors import CrmXlError, Refused
from crm_xl.sources.fitting import contradicts, fits, is_running, sample
from crm_xl.sources.resemblance import ASK, CERTAIN, CLEAR, Candidate, How, candidates
from crm_xl.vocabulary.fields import UNIT_FACTOR, Field, Table, Unit, find_field, normal_header
from crm_xl.vocabulary.header_words import (
    GROUPS_OF_ALL,
    GROUPS_OF_CONTACTS,
    GROUPS_OF_CUSTOMERS,
    RUNNING,
    Scale,
    UnitNote,
    is_foreign,
    is_weak,
    scale_of,
    split_scale,
)
from crm_xl.vocabulary.messages import Told

NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})

LEFT_OUT = ""
"""The right side of an override for a column that shall not be read."""

_LARGEST_WAN = 10_000.0
"""A typical customer who spends more 万元 a year (a hundred million yuan) is a column in yuan without its unit."""
_NEAR = 0.1
"""What a column is asked to be besides its best guess."""
_LARGEST_SHARE = 1.5
"""A typical share above it is 35 for 35 %, whose header does not say so."""
_DOUBTED_AMOUNTS = frozenset({"annual_spend", "average_order", "period_spend"})
_QUANTITIES = re.compile(r"数量|件数|quantity|qty|units?\b", re.IGNORECASE)
_FIRST = re.compile(r"(.*\D)\s*[1一]")
_RIVALS = re.compile(
    r"(?:应收|实收|实付|应付|含税|不含税|税后|折后|净)(?:金额|款|价)?|net amount|paid amount", re.IGNORECASE
)

Why = Literal["alike", "two_columns", "weak", "running", "values", "unit", "group"]


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of a file. `unit`: that of its amounts, the header's, else the field's own (None: neither 元 nor 万元).

    `factor`: yuan, or people, in one of the unit; `unit_text`: the unit as the file names it, '' if it names none.
    `how` and `score` (0 to 1): by what the field was found, and how sure that is. `handle`: what --map calls the
    column: its header, with #2 for the second of that name.
    """

    index: int
    header: str
    field: Field | None
    unit: Unit | None
    how: Literal["alias", "given", "none"] | How
    score: float = 1.0
    factor: float | None = None
    unit_text: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A column that was not read because it is not sure what it is. `fields`: what it may be, best first.

    `rivals`: handles of the other columns that claim the same field; `unit`: a unit that is not known.
    """

    index: int
    handle: str
    why: Why
    fields: tuple[Candidate, ...]
    rivals: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header: `text` as shown; `group`: what stands over it, over several columns; `own`: without it."""

    text: str
    group: str = ""
    own: str = ""


@dataclass(slots=True)
class Understood:
    """One match per column, in order, and the questions about those that are not sure."""

    matches: list[ColumnMatch]
    questions: list[Question] = field(default_factory=list)


def asked(question: Question) -> Told:
    """The question for a person, with the options that answer it ready to be copied."""
    header, fields = question.handle, question.fields
    best = fields[0].field
    keys = ["import_option"]
    if question.why == "unit" and best.kind == "money":
        keys = ["import_option_yuan", "import_option_wan"]
    elif question.why == "unit" and best.kind == "ratio":
        keys = ["import_option_percent"]
    claims = [(question.handle, c.field) for c in fields] + [(rival, best) for rival in question.rivals]
    if question.why == "weak":
        claims = claims[: len(fields)]
    told: dict[str, object] = {
        "header": header,
        "field": best,
        "choices": [Told("import_choice", {"field": c.field, "score": f"{c.score:.2f}"}) for c in fields],
        "options": [Told(key, {"header": theirs, "field": ours}) for theirs, ours in claims for key in keys],
        "rivals": list(question.rivals),
        "unit": f" ({question.unit})" if question.unit else "",
    }
    return Told(f"ask_{question.why}", told)


def match_header(table: Table, header: str) -> tuple[Field, Unit | None] | None:
    """The field that a header means, and the unit of its amounts; None if it means none of ours."""
    found = _named(table, header)
    return (found[0], _unit_of(*found)) if found else None


def _named(table: Table, header: str) -> tuple[Field, Scale | None] | None:
    """The field that a header names exactly, and the unit that it names beside it."""
    found = find_field(table, header)
    stem, scale = split_scale(header)
    if found is not None:
        return found[0], scale if scale is not None and scale.fits(found[0]) else None
    if scale is None and "%" in (name := normal_header(header)):
        # 毛利率(%) says how a ratio is written, not another thing
        stem, scale = name.replace("(%)", "").replace("%", ""), scale_of("%")
    if scale is None:
        return None
    found = find_field(table, stem)
    return (found[0], scale) if found is not None and scale.fits(found[0]) else None


def _unit_of(target: Field, scale: Scale | None) -> Unit | None:
    if target.kind != "money":
        return None
    return scale.unit if scale else target.unit


def map_headers(headers: Sequence[str], table: Table, overrides: Mapping[str, str] = NO_OVERRIDES) -> list[ColumnMatch]:
    """One match per header, in order, by the headers alone: see `understand`."""
    return understand([Header(h) for h in headers], None, table, overrides).matches


def needed(table: Table) -> frozenset[str]:
    """The fields without which a row says nothing: the customer, and the date and amount of a log."""
    keys = {f.key for f in table.fields if f.key in ("customer_id", "customer_name")}
    if table.name != "Customers":
        firsts = (next((f.key for f in table.fields if f.kind == kind), "") for kind in ("date", "money"))
        keys |= set(filter(None, firsts))
    return frozenset(keys)


def understand(
    headers: Sequence[Header],
    columns: Sequence[Sequence[object]] | None,
    table: Table,
    overrides: Mapping[str, str] = NO_OVERRIDES,
    *,
    units: Mapping[int, str] = MappingProxyType({}),
    note: UnitNote | None = None,
    from_text: bool = False,
    absent: list[str] | None = None,
) -> Understood:
    """What each column is. `columns`: their cells (None: judge by the headers alone).

    `overrides`: their header (`电话#2`: the second of that name) -> our field (its key, or its Chinese or English
    header, whose unit counts where theirs names none; `LEFT_OUT`: not to be read); a column given so wins over one
    found by its name. `units`: column -> unit that a row of units gives it; `note`: the unit of the whole sheet.
    `absent`: takes the headers of overrides that no column has, which are an error else. Errors: source_unknown_field, source_unknown_header (refused); source_two_columns, for two columns that were given
    for one field or that name one which is needed.
    """
    handles = _handles([h.text for h in headers])
    given = _given(overrides, table, handles, absent)
    reader = _Reader(headers, columns, table, handles, units, note, from_text)
    taken = {target[0].key for target in given.values() if target}
    understood = Understood([])
    for index in range(len(headers)):
        if index in given:
            match, question = reader.given(index, given[index])
            understood.matches.append(match)
            understood.questions += [question] if question else []
        else:
            match, question = reader.found(index)
            if match.field is not None and match.field.key in taken:
                match = reader.none(index)
            if question is not None and not all(c.field.key in taken for c in question.fields):
                understood.questions.append(question)
            understood.matches.append(match)
    reader.settle_twins(understood)
    reader.doubt_numbered(understood)
    reader.doubt_neighbours(understood)
    understood.questions = _open_ones(understood)
    return understood


def _open_ones(understood: Understood) -> list[Question]:
    """The questions in order, without what is settled: a column that only looks like a field that another has."""
    mapped = {m.field.key for m in understood.matches if m.field is not None}
    found = []
    for question in sorted(understood.questions, key=lambda q: q.index):
        fields = question.fields
        if question.why == "alike":
            fields = tuple(c for c in fields if c.field.key not in mapped and fields[0].score - c.score <= _NEAR)
        if fields:
            found.append(replace(question, fields=fields))
    return found


def _handles(headers: Sequence[str]) -> list[str]:
    counts = Counter(normal_header(h) for h in headers)
    seen: Counter[str] = Counter()
    handles = []
    for header in headers:
        name = normal_header(header)
        seen[name] += 1
        handles.append(f"{header}#{seen[name]}" if header and counts[name] > 1 else header)
    return handles


_Target = tuple[Field, Scale | None]


def _given(
    overrides: Mapping[str, str], table: Table, handles: Sequence[str], absent: list[str] | None
) -> dict[int, _Target | None]:
    """Column -> field (None: to be left out) of the overrides."""
    found: dict[int, _Target | None] = {}
    names = [normal_header(h.rpartition("#")[0] or h) for h in handles]
    for theirs, ours in overrides.items():
        target = _wanted(table, ours) if ours != LEFT_OUT else None
        places = [i for i, handle in enumerate(handles) if handle == theirs.strip()]
        places = places or [i for i, name in enumerate(names) if name and name == normal_header(theirs)]
        if not places and absent is not None:
            absent.append(theirs)
        elif not places:
            raise Refused("source_unknown_header", value=theirs, known=tuple(h for h in handles if h))
        found.update(dict.fromkeys(places, target))
    return found


def _wanted(table: Table, text: str) -> _Target:
    """The field that the right side of an override means, and the unit that it names."""
    target = next((f for f in table.fields if f.key == text.strip()), None)
    if target is not None:
        return target, None
    found = _named(table, text)
    if found is None:
        known = tuple(f for f in table.fields if f.group != "result")
        raise Refused("source_unknown_field", value=text, table=table.name, known=known)
    return found


@dataclass(slots=True)
class _Reader:
    headers: Sequence[Header]
    columns: Sequence[Sequence[object]] | None
    table: Table
    handles: list[str]
    units: Mapping[int, str]
    note: UnitNote | None
    from_text: bool

    def cells(self, index: int) -> Sequence[object]:
        return self.columns[index] if self.columns is not None else ()

    def none(self, index: int) -> ColumnMatch:
        return ColumnMatch(index, self.headers[index].text, None, None, "none", 0.0, handle=self.handles[index])

    def given(self, index: int, target: _Target | None) -> tuple[ColumnMatch, Question | None]:
        """A column that was given: it is that field, unless the file says another unit than was given."""
        if target is None:
            return replace(self.none(index), how="given"), None
        wanted, named = target
        own = split_scale(self.headers[index].text)[1]
        own = own if own is not None and own.fits(wanted) else self._row_unit(index, wanted)
        sheet = self._sheet_unit(wanted)
        if own is None and named is not None and sheet is not None and named.factor != sheet.factor:
            unit = f"{named.text} / {sheet.text}"
            certain = (Candidate(wanted, 1.0, "words"),)
            return self.none(index), Question(index, self.handles[index], "unit", certain, unit=unit)
        return self._match(index, wanted, "given", 1.0, own or named or sheet), None

    def found(self, index: int) -> tuple[ColumnMatch, Question | None]:
        """What a column is by its header and values, or the question about it."""
        header = self.headers[index]
        none = self.none(index)
        if not normal_header(header.text):
            return none, None
        named, how, score, doubt = self._by_name(header)
        if named is None:
            return self._by_resemblance(index)
        target, scale = named
        match = self._with_unit(index, target, how, score, scale)
        if target.group == "result":
            return match, None
        certain = Candidate(target, score, "words")
        if doubt or (doubt := self._doubt(index, target, match)):
            unit = (self.units.get(index, "") or (self.note.unknown if self.note else "")) if doubt == "unit" else ""
            return none, Question(index, none.handle, doubt, (certain,), unit=unit)
        return match, None

    def _by_name(self, header: Header) -> tuple[_Target | None, Literal["alias"], float, Why | None]:
        """The field that a header names. Under a group of columns, both say it together; alone it does where the
        group only says that these are the customer's."""
        found = _named(self.table, header.text)
        if found or not header.group:
            return found, "alias", 1.0, None
        alone = _named(self.table, header.own)
        if alone is None:
            return None, "alias", 0.0, None
        contact = bool(GROUPS_OF_CONTACTS.fullmatch(header.group))
        weak = is_weak(self.table.name, header.own)
        whose = bool(GROUPS_OF_CUSTOMERS.fullmatch(header.group))
        if (whose and GROUPS_OF_ALL.fullmatch(header.group)) or (
            (contact or GROUPS_OF_ALL.fullmatch(header.group)) and not weak
        ):
            return alone, "alias", 1.0, None
        return alone, "alias", 0.8, "group"

    def _by_resemblance(self, index: int) -> tuple[ColumnMatch, Question | None]:
        header, none = self.headers[index], self.none(index)
        if normal_header(header.text) in RUNNING or header.text.strip() in RUNNING:
            return none, None
        found = candidates(self.table, header.text)
        if not found and header.group:
            found = tuple(replace(c, score=min(c.score, 0.85)) for c in candidates(self.table, header.own))
        scale = split_scale(header.text)[1]
        if not found or found[0].field.group == "result":
            return none, None
        best = found[0]
        if best.score >= CERTAIN and (len(found) == 1 or best.score - found[1].score >= CLEAR):
            if scale is not None and not scale.fits(best.field):
                return none, Question(index, none.handle, "unit", (best,), unit=scale.text)
            match = self._with_unit(index, best.field, best.how, best.score, scale)
            doubt = self._doubt(index, best.field, match)
            if doubt is None and not fits(best.field, self.cells(index), from_text=self.from_text):
                doubt = "values"
            if doubt is None and best.field.kind == "id" and is_running(self.cells(index)):
                doubt = "running"
            return (match, None) if doubt is None else (none, Question(index, none.handle, doubt, (best,)))
        fitting = tuple(
            c
            for c in found
            if c.score >= ASK
            and c.field.group != "result"
            and fits(c.field, self.cells(index), from_text=self.from_text)
        )[:3]
        if not fitting or (self.columns is not None and not sample(self.cells(index))):
            return none, None
        return none, Question(index, none.handle, "alike", fitting)

    # ------------------------------------------------------------ units

    def _with_unit(
        self, index: int, target: Field, how: Literal["alias"] | How, score: float, scale: Scale | None
    ) -> ColumnMatch:
        return self._match(
            index, target, how, score, scale or self._row_unit(index, target) or self._sheet_unit(target)
        )

    def _match(
        self, index: int, target: Field, how: Literal["alias", "given"] | How, score: float, scale: Scale | None
    ) -> ColumnMatch:
        unit = _unit_of(target, scale)
        factor = scale.factor if scale else UNIT_FACTOR[unit] if unit else None
        header, handle = self.headers[index].text, self.handles[index]
        return ColumnMatch(index, header, target, unit, how, score, factor, scale.text if scale else "", handle)

    def _row_unit(self, index: int, target: Field) -> Scale | None:
        scale = scale_of(self.units.get(index, ""))
        return scale if scale is not None and scale.fits(target) else None

    def _sheet_unit(self, target: Field) -> Scale | None:
        if self.note is None or target.kind not in ("money", "count"):
            return None
        return next((s for s in self.note.scales if s.measure in ("money", "people") and s.fits(target)), None)

    # ------------------------------------------------------------ doubts

    def _doubt(self, index: int, target: Field, match: ColumnMatch) -> Why | None:
        """Why a column that names a field may be another thing."""
        cells = self.cells(index)
        if self.columns is None:
            return None
        named = scale_of(self.units.get(index, ""))
        if named is not None and not named.fits(target):
            return "unit"
        if target.kind == "money" and is_foreign(self.units.get(index, "")):
            return "unit"
        if target.kind == "money" and not match.unit_text:
            if self.note is not None and self.note.unknown and not self.note.scales:
                return "unit"
            if target.key in _DOUBTED_AMOUNTS and _typical(cells) >= _LARGEST_WAN:
                return "unit"
        unsaid = target.kind == "ratio" and "%" not in (match.header + match.unit_text).replace("％", "%")
        if unsaid and _typical(cells) > _LARGEST_SHARE:
            return "unit"
        if contradicts(target, cells):
            return "values"
        header = self.headers[index].own or self.headers[index].text
        if is_weak(self.table.name, header):
            return self._weak_doubt(index, target, header)
        return None

    def _weak_doubt(self, index: int, target: Field, header: str) -> Why | None:
        cells = self.cells(index)
        if target.kind == "id":
            if target.key == "customer_id" and self.table.name != "Customers":
                return "weak"  # 编号 in a log is as likely that of the line
            if is_running(cells):
                return "running"
            values = sample(cells)
            return None if len(set(map(str, values))) >= 0.9 * len(values) else "weak"
        if (
            target.key == "amount"
            and any(_QUANTITIES.search(h.text) for h in self.headers)
            and "price" in header.lower()
        ):
            return "weak"
        return None if fits(target, cells, from_text=self.from_text) else "values"

    def doubt_neighbours(self, understood: Understood) -> None:
        """A general word for the date or the amount of a line beside a column that may as well be meant."""
        if self.columns is None or self.table.name == "Customers":
            return
        unclaimed = [m.index for m in understood.matches if m.field is None and normal_header(m.header)]
        for match in list(understood.matches):
            target = match.field
            if target is None or match.how == "given" or target.key not in needed(self.table):
                continue
            rival: list[int] = []
            if target.kind == "date" and is_weak(self.table.name, match.header):
                rival = [i for i in unclaimed if sample(self.cells(i)) and fits(target, self.cells(i))]
            elif target.kind == "money" and normal_header(match.header) in ("金额", "amount"):
                rival = [i for i in unclaimed if _RIVALS.search(self.headers[i].text)]
            if rival:
                understood.matches[match.index] = self.none(match.index)
                rivals = tuple(self.handles[i] for i in rival)
                question = Question(match.index, match.handle, "weak", (Candidate(target, 0.8, "words"),), rivals)
                understood.questions.append(question)

    def doubt_numbered(self, understood: Understood) -> None:
        """手机 beside 电话1 and 电话2: the first of several claims the field as well."""
        for question in list(understood.questions):
            first = _FIRST.fullmatch(question.handle) if question.why == "alike" else None
            named = _named(self.table, first[1]) if first else None
            rival = next((m for m in understood.matches if named and m.field is named[0] and m.how != "given"), None)
            if named is None or rival is None or named[0].key in needed(self.table):
                continue
            choice = (Candidate(named[0], 0.85, "words"),)
            understood.matches[rival.index] = self.none(rival.index)
            understood.questions.remove(question)
            understood.questions += [
                Question(rival.index, rival.handle, "two_columns", choice, (question.handle,)),
                Question(question.index, question.handle, "two_columns", choice, (rival.handle,)),
            ]

    def settle_twins(self, understood: Understood) -> None:
        """Of columns that claim one field: the one given; the only one with values; the exact name before one that
        is spelt otherwise, a full name of the customer before a general one. Else none, and a question."""
        claims: dict[str, list[ColumnMatch]] = defaultdict(list)
        for match in understood.matches:
            if match.field is not None:
                claims[match.field.key].append(match)
        for rivals in claims.values():
            if len(rivals) < 2:
                continue
            target = rivals[0].field
            assert target is not None
            kept = self._kept(rivals, target)
            if kept is None and (target.key in needed(self.table) or all(m.how == "given" for m in rivals)):
                first, second = rivals[0].handle, rivals[1].handle
                raise CrmXlError("source_two_columns", first=first, second=second, field=target)
            for match in rivals:
                if match is kept:
                    continue
                understood.matches[match.index] = self.none(match.index)
                if target.group != "result" and (sample(self.cells(match.index)) or self.columns is None):
                    others = tuple(m.handle for m in rivals if m is not match)
                    how: How = match.how if match.how not in ("alias", "given", "none") else "words"  # type: ignore[assignment]
                    choice = (Candidate(target, match.score, how),)
                    understood.questions.append(Question(match.index, match.handle, "two_columns", choice, others))

    def _kept(self, rivals: list[ColumnMatch], target: Field) -> ColumnMatch | None:
        if all(m.how == "given" for m in rivals):
            return None
        filled = [m for m in rivals if self.columns is None or sample(self.cells(m.index))] or rivals[:1]
        if len(filled) == 1:
            return filled[0]
        exact = [m for m in filled if m.how == "alias"]
        if len(exact) == 1:
            return exact[0]
        if target.key in ("customer_id", "customer_name"):
            strong = [m for m in exact if not is_weak(self.table.name, m.header)]
            if len(strong) == 1:
                return strong[0]
        return None


def _typical(cells: Sequence[object]) -> float:
    """The median of the bare numbers in a column; 0 if there are few."""
    parsed = parse_numbers(sample(cells))
    bare = parsed.values[(parsed.unit == "") & np.isfinite(parsed.values)]
    return float(np.median(bare)) if len(bare) >= 2 else 0.0
