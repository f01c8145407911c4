"""Settings: the named cells of the parameter sheet <-> `Settings`, with choices in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from crm_xl.vocabulary.fields import Lang, find_field
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.settings import CHOICES, DIMENSIONS, EXPLANATIONS, NAMES

from .models import Settings


class SettingProblem(NamedTuple):
    """A named cell whose value cannot be used; the default holds instead."""

    name: str
    key: str
    values: Mapping[str, object]


def choice_text(kind: str, value: str, lang: Lang) -> str:
    """A choice as the sheet shows it."""
    return CHOICES[kind][value][0 if lang == "zh" else 1]


def find_choice(kind: str, cell: object) -> str | None:
    text = str(cell).strip().casefold()
    for value, names in CHOICES[kind].items():
        if text in (value.casefold(), *(n.casefold() for n in names)):
            return value
    return None


def dimension_key(cell: object) -> str | None:
    """The dimension that a cell names: a built-in one, a customer field, or None if unknown."""
    text = str(cell).strip()
    for key, names in DIMENSIONS.items():
        if text.casefold() in (key, *(n.casefold() for n in names)):
            return key
    found = find_field(CUSTOMERS, text)
    return found[0].key if found else None


def dimension_text(key: str, lang: Lang) -> str:
    """A dimension as the sheet shows it; any other column is shown by its header."""
    if key in DIMENSIONS:
        return DIMENSIONS[key][0 if lang == "zh" else 1]
    known = {f.key: f for f in CUSTOMERS.fields}
    return known[key].header(lang) if key in known else key


def read_settings(
    base: Settings, cells: Mapping[str, object], own_columns: tuple[str, ...] = ()
) -> tuple[Settings, list[SettingProblem]]:
    """`base` with the values of named cells put in. `own_columns`: headers that may be dimensions."""
    update: dict[str, Any] = {}
    problems: list[SettingProblem] = []
    dimensions: list[str] = []
    pick = 0 if base.lang == "zh" else 1
    for name, (key, kind) in NAMES.items():
        title = EXPLANATIONS[name][0][pick]
        cell = cells.get(name)
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        if kind == "dimension":
            found = dimension_key(cell) or (str(cell).strip() if str(cell).strip() in own_columns else None)
            if found is None:
                known = tuple(names[pick] for names in DIMENSIONS.values())
                problems.append(SettingProblem(name, "rule_unknown_choice", {"value": cell, "known": known}))
            elif found not in dimensions:
                dimensions.append(found)
            continue
        value: Any = cell
        if kind in CHOICES:
            value = find_choice(kind, cell)
            if value is None and not (kind == "bins" and isinstance(cell, (int, float))):
                known = tuple(dict.fromkeys(n[pick] for n in CHOICES[kind].values()))
                problems.append(SettingProblem(name, "rule_unknown_choice", {"value": cell, "known": known}))
                continue
            value = cell if value is None else value
        if kind == "date":
            if isinstance(cell, datetime):
                value = cell.date()
            elif not isinstance(cell, date):
                problems.append(SettingProblem(name, "value_not_date", {"value": cell}))
                continue
        if kind == "number" and (isinstance(cell, bool) or not isinstance(cell, (int, float))):
            problems.append(SettingProblem(name, "rule_not_number", {"header": title, "value": cell}))
            continue
        try:
            Settings(**{key: value})
        except ValidationError:
            problems.append(SettingProblem(name, "setting_impossible", {"header": title, "value": cell}))
            continue
        update[key] = value
    if dimensions:
        update["dimensions"] = tuple(dimensions)
    return Settings(**{**base.model_dump(), **update}), problems


def write_settings(settings: Settings) -> dict[str, object]:
    """The value of every named cell."""
    lang = settings.lang
    cells: dict[str, object] = {}
    dimensions = iter(settings.dimensions)
    for name, (key, kind) in NAMES.items():
        if kind == "dimension":
            chosen = next(dimensions, None)
            cells[name] = dimension_text(chosen, lang) if chosen else None
            continue
        value = getattr(settings, key)
        if kind in CHOICES and isinstance(value, str):
            value = value if kind == "lang" else choice_text(kind, value, lang)
        if kind == "date" and value is not None:
            value = datetime(value.year, value.month, value.day)
        cells[name] = value
    return cells
