"""Which of a file's columns is which of our fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from crm_xl.errors import CrmXlError, Refused
from crm_xl.vocabulary.fields import Field, Table, Unit, find_field, normal_header, split_unit

NO_OVERRIDES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of a file. `unit` is the unit of its amounts: the header's, else the field's own."""

    index: int
    header: str
    field: Field | None
    unit: Unit | None
    how: Literal["alias", "given", "none"]


def match_header(table: Table, header: str) -> tuple[Field, Unit | None] | None:
    """The field that a header means, and the unit of its amounts; None if it means none of ours."""
    found = find_field(table, header)
    if found is None and "%" in (name := normal_header(header)):
        # 毛利率(%) says how a ratio is written, not another thing
        found = find_field(table, name.replace("(%)", "").replace("%", ""))
        if found is not None and found[0].kind != "ratio":
            return None
    return found


def map_headers(headers: Sequence[str], table: Table, overrides: Mapping[str, str] = NO_OVERRIDES) -> list[ColumnMatch]:
    """One match per header, in order.

    `overrides`: their header -> our field (its key, or its Chinese or English header); a column given so
    wins over one found by its name. Errors: source_unknown_field, source_unknown_header (refused);
    source_two_columns.
    """
    given = {normal_header(theirs): _wanted(table, ours) for theirs, ours in overrides.items()}
    names = [normal_header(header) for header in headers]
    for theirs in overrides:
        if normal_header(theirs) not in names:
            known = tuple(h for h in headers if h)
            raise Refused("source_unknown_header", value=theirs, known=known)
    taken = {field.key for field in given.values()}
    matches = []
    for index, (header, name) in enumerate(zip(headers, names, strict=True)):
        if name and name in given:
            field = given[name]
            matches.append(ColumnMatch(index, header, field, _unit(field, header), "given"))
            continue
        found = match_header(table, header)
        if found is None or found[0].key in taken:
            matches.append(ColumnMatch(index, header, None, None, "none"))
        else:
            matches.append(ColumnMatch(index, header, found[0], found[1], "alias"))
    _refuse_twins(matches)
    return matches


def _wanted(table: Table, text: str) -> Field:
    """The field that the right side of an override means."""
    field = next((f for f in table.fields if f.key == text.strip()), None)
    if field is None:
        found = find_field(table, text)
        if found is None:
            known = tuple(f for f in table.fields if f.group != "result")
            raise Refused("source_unknown_field", value=text, table=table.name, known=known)
        field = found[0]
    return field


def _unit(field: Field, header: str) -> Unit | None:
    if field.kind != "money":
        return None
    return split_unit(header)[1] or field.unit


def _refuse_twins(matches: Sequence[ColumnMatch]) -> None:
    seen: dict[str, ColumnMatch] = {}
    for match in matches:
        if match.field is None:
            continue
        first = seen.setdefault(match.field.key, match)
        if first is not match:
            raise CrmXlError("source_two_columns", first=first.header, second=match.header, field=match.field)
