"""Rule tables: rows of cells <-> rule models, with the place of every mistake.

A `Problem` names the table, the row and the column (0-based, within the table's body); whoever
holds the workbook turns that into a sheet and a cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from crm_xl.cells import CellError
from crm_xl.vocabulary.account_criteria import CRITERIA
from crm_xl.vocabulary.fields import Table, find_field, normal_header
from crm_xl.vocabulary.labels import LABELS
from crm_xl.vocabulary.rule_tables import BANDS, DEMAND_TYPES, LEVELS
from crm_xl.vocabulary.tables import TABLES

from .models import (
    AccountCriterion,
    ActivityRule,
    Band,
    Edge,
    Group,
    HealthRule,
    Indicator,
    LifecycleRule,
    NumberBin,
    RfmBreak,
    RfmClass,
    Row,
    Rulebook,
    ScopeRule,
    ScoreBand,
    Strategy,
    ValueTier,
)

Cell = object
"""What a host hands over: number, text, datetime, bool, None."""

MODELS: dict[str, tuple[str, type[Row]]] = {
    "ValueTiers": ("value_tiers", ValueTier),
    "ActivityRules": ("activity_rules", ActivityRule),
    "LifecycleRules": ("lifecycle_rules", LifecycleRule),
    "DemandTypes": ("demand_types", Group),
    "IndustryGroups": ("industry_groups", Group),
    "NumberBins": ("number_bins", NumberBin),
    "RfmBreaks": ("rfm_breaks", RfmBreak),
    "RfmClasses": ("rfm_classes", RfmClass),
    "Indicators": ("indicators", Indicator),
    "Bands": ("bands", Band),
    "Levels": ("levels", Edge),
    "AccountCriteria": ("account_criteria", AccountCriterion),
    "AccountBands": ("account_bands", Band),
    "Grades": ("grades", Edge),
    "HealthRules": ("health_rules", HealthRule),
    "Strategies": ("strategies", Strategy),
    "Scope": ("scope", ScopeRule),
}
"""Rule table -> (attribute of the Rulebook, model of a row)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a rule. `fatal`: the table cannot be used."""

    table: str
    row: int
    column: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    fatal: bool = True


class MalformedTable(ValueError):
    """A rule table that cannot be used."""


def blank(cell: Cell) -> bool:
    """Empty cell, blank text or a missing number."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell


def _clean(cell: Cell) -> Any:
    if blank(cell):
        return None
    return cell.strip() if isinstance(cell, str) and not isinstance(cell, CellError) else cell


_PROBLEM_KEYS = {
    "string_too_short": "rule_no_label",
    "string_type": "rule_no_label",
    "greater_than_equal": "value_outside",
    "less_than_equal": "value_outside",
    "int_from_float": "value_not_whole",
    "literal_error": "rule_unknown_choice",
}
_NUMERIC = frozenset({"number", "count", "money", "ratio"})


def _row_model(
    model: type[Row], keys: Sequence[str], cells: Sequence[Cell], headers: Sequence[str]
) -> tuple[Row | None, list[tuple[int, str, dict[str, object]]]]:
    """The model of one row, or what is wrong with it: (column, message key, values)."""
    table = _TABLE_OF[model]
    wrong: list[tuple[int, str, dict[str, object]]] = []
    values: dict[str, Any] = {}
    for column, key in enumerate(keys):
        if not key or key not in model.model_fields or column >= len(cells):
            continue
        value = _clean(cells[column])
        if isinstance(value, CellError):
            wrong.append((column, "value_error_cell", {"value": str(value)}))
            continue
        if table.field(key).kind in _NUMERIC:
            numeric = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
            if value is not None and not numeric:
                wrong.append((column, "rule_not_number", {"header": headers[column], "value": str(value)}))
                continue
        elif value is not None and not isinstance(value, str):
            value = _label_text(value)
        info = model.model_fields[key]
        if value is None and not info.is_required():
            continue
        values[key] = value
    if wrong:
        return None, wrong
    try:
        return model(**values), []
    except ValidationError as error:
        for item in error.errors():
            key = str(item["loc"][0])
            column = _column(keys, key)
            value = values.get(key)
            limits = item.get("ctx", {})
            shown: dict[str, object] = {
                "header": headers[column] if key in keys else table.field(key),
                "value": "" if value is None else value,
                "known": "R, F, M",
                "low": limits.get("ge", "…"),
                "high": limits.get("le", "…"),
            }
            if value is None:
                message = "rule_no_label" if table.field(key).kind not in _NUMERIC else "rule_no_number"
            elif key == "score" and model in (Band, ScoreBand):
                message = "rule_score_range"
            else:
                message = _PROBLEM_KEYS.get(str(item["type"]), "rule_not_number")
                if message == "value_outside" and limits.get("ge") == 0:
                    message = "rule_negative"
            wrong.append((column, message, shown))
        return None, wrong


def _label_text(value: Any) -> str:
    """A label typed as a number or a date, as the cell shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)


_SCORE_BANDS = Table("", "", "", (BANDS.field("lower"), BANDS.field("score")))
_TABLE_OF: dict[type[Row], Table] = {
    **{model: TABLES[name] for name, (_, model) in MODELS.items()},
    Edge: LEVELS,
    Group: DEMAND_TYPES,
    ScoreBand: _SCORE_BANDS,
}


def read_rows(
    name: str,
    keys: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    headers: Sequence[str] = (),
    model: type[Row] | None = None,
) -> tuple[tuple[Row, ...], list[Problem]]:
    """Rows of the rule table `name` as models. `keys`: the field of each column ('' for none).

    Rows that are empty all through are skipped. With a fatal problem the models are incomplete.
    """
    model = model or MODELS[name][1]
    headers = headers or list(keys)
    models: list[Row] = []
    places: list[int] = []
    problems: list[Problem] = []
    for index, cells in enumerate(rows):
        if all(blank(c) for c in cells):
            continue
        made, wrong = _row_model(model, keys, cells, headers)
        problems += [Problem(name, index, column, key, values) for column, key, values in wrong]
        if made is not None:
            models.append(made)
            places.append(index)
    if not problems:
        problems += _table_problems(name, model, tuple(models), places, list(keys))
    return tuple(models), problems


def _column(keys: Sequence[str], key: str) -> int:
    return keys.index(key) if key in keys else 0


def _table_problems(
    name: str, model: type[Row], rows: tuple[Row, ...], places: list[int], keys: list[str]
) -> Iterator[Problem]:
    """What is wrong with the rows taken together."""
    if model in (Edge, ValueTier, HealthRule, ScoreBand):
        edge_key = "drop" if model is HealthRule else "lower"
        yield from _edge_problems(name, rows, places, keys, edge_key)
    if model is Edge and name == "Levels" and not 2 <= len(rows) <= 9:
        shown = {"what": LEVELS, "low": 2, "high": 9, "count": len(rows)}
        yield Problem(name, 0, 0, "rule_count", shown, fatal=False)
    if model is ValueTier:
        shares = [r.share for r in rows if isinstance(r, ValueTier) and r.share is not None]
        if shares and abs(sum(shares) - 100) > 1e-6:
            column = _column(keys, "share")
            yield Problem(name, 0, column, "rule_shares", {"total": f"{sum(shares):g}"}, fatal=False)
    if model in (ActivityRule, LifecycleRule):
        yield from _first_match_problems(name, rows, places)
    if model is RfmClass:
        yield from _class_problems(name, rows, places, keys)
    if model in (Band, RfmBreak, NumberBin):
        by = {Band: "indicator", RfmBreak: "measure", NumberBin: "field"}[model]
        groups: dict[str, list[int]] = {}
        for i, row in enumerate(rows):
            groups.setdefault(getattr(row, by), []).append(i)
        for members in groups.values():
            part = tuple(rows[i] for i in members)
            yield from _edge_problems(name, part, [places[i] for i in members], keys, "lower")
    if model is Group:
        values = [r.value for r in rows if isinstance(r, Group)]
        yield from _twice(name, values, places, _column(keys, "value"), "rule_duplicate_value")
    if model in (Indicator, AccountCriterion):
        by = "indicator" if model is Indicator else "criterion"
        names = [getattr(r, by) for r in rows]
        yield from _twice(name, names, places, _column(keys, by), "rule_duplicate_value")


def _edge_problems(
    name: str, rows: Sequence[Row], places: Sequence[int], keys: list[str], edge_key: str
) -> Iterator[Problem]:
    edges = [getattr(r, edge_key) for r in rows]
    column = _column(keys, edge_key)
    yield from _twice(name, ["—" if e is None else round(e, 9) for e in edges], places, column)
    numbers = [e for e in edges if e is not None]
    if rows and None not in edges and min(numbers) > 0:
        what = f"< {min(numbers):g}"
        yield Problem(name, places[-1], column, "rule_gap", {"what": what}, fatal=False)


def _twice(
    name: str, values: list[Any], places: Sequence[int], column: int, key: str = "rule_duplicate_edge"
) -> Iterator[Problem]:
    for value, count in Counter(values).items():
        if count > 1:
            last = max(i for i, x in enumerate(values) if x == value)
            yield Problem(name, places[last], column, key, {"value": value})


def _first_match_problems(name: str, rows: Sequence[Row], places: Sequence[int]) -> Iterator[Problem]:
    """A rule behind one that always matches first never applies; no rule without conditions: a gap."""
    conditions = [tuple(r.model_dump(exclude={"label"}).values()) for r in rows]
    for i, later in enumerate(conditions):
        for j, earlier in enumerate(conditions[:i]):
            covers = all(e is None or (x is not None and x >= e) for e, x in zip(earlier, later, strict=True))
            if covers:
                shown = {"row": places[i] + 1, "other": places[j] + 1}
                yield Problem(name, places[i], 0, "rule_overlap", shown, fatal=False)
                break
    if rows and not any(all(c is None for c in condition) for condition in conditions):
        what = "…"
        yield Problem(name, places[-1], 0, "rule_gap", {"what": what}, fatal=False)


def _class_problems(name: str, rows: Sequence[Row], places: Sequence[int], keys: list[str]) -> Iterator[Problem]:
    covered: set[tuple[int, int, int]] = set()
    for row, place in zip(rows, places, strict=True):
        assert isinstance(row, RfmClass)
        spans = []
        for axis in "rfm":
            low = getattr(row, f"{axis}_from") or 1
            high = getattr(row, f"{axis}_to") or 5
            if low > high:
                shown = {"label": row.label, "low": low, "high": high}
                yield Problem(name, place, _column(keys, f"{axis}_from"), "rule_range", shown)
            spans.append(range(low, high + 1))
        cells = {(r, f, m) for r in spans[0] for f in spans[1] for m in spans[2]}
        if cells and cells <= covered:
            shown = {"row": place + 1, "other": "1–" + str(place)}
            yield Problem(name, place, 0, "rule_overlap", shown, fatal=False)
        covered |= cells
    missing = [
        f"R{r} F{f} M{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6) if (r, f, m) not in covered
    ]
    if rows and missing:
        what = ", ".join(missing[:3]) + ("…" if len(missing) > 3 else "")
        yield Problem(name, places[-1], 0, "rule_gap", {"what": what}, fatal=False)


def read_rulebook(
    base: Rulebook, tables: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[Sequence[Cell]]]]
) -> tuple[Rulebook, list[Problem]]:
    """`base` with the rule tables of a workbook put in: name -> (keys, headers, rows).

    A table with a fatal problem is named in `broken`; its rows are those that could be read.
    """
    update: dict[str, Any] = {}
    problems: list[Problem] = []
    broken = set()
    for name, (keys, headers, rows) in tables.items():
        attribute, _ = MODELS[name]
        models, found = read_rows(name, keys, rows, headers=headers)
        update[attribute] = models
        problems += found
        if any(p.fatal for p in found):
            broken.add(name)
    if "bands" in update and "account_bands" not in update:
        update["account_bands"] = _account_bands(base, update["bands"])
    book = base.model_copy(update={**update, "broken": frozenset(broken)})
    for name, (keys, _, rows) in tables.items():
        if name not in broken:
            # the row of each model: blank rows have none
            places = [i for i, cells in enumerate(rows) if not all(blank(c) for c in cells)]
            problems += _BOOK_PROBLEMS[name](book, keys, places) if name in _BOOK_PROBLEMS else ()
    return book, problems


def _account_bands(base: Rulebook, bands: Sequence[Band]) -> tuple[Band, ...]:
    """The criteria's bands for a workbook without a table of them: those of the indicators that they stand for."""
    found: list[Band] = []
    unit = base.settings.unit
    for criterion in CRITERIA:
        name = criterion.name[0 if base.lang == "zh" else 1]
        scale = criterion.scale
        names = (scale.zh, scale.en, scale.header("zh", unit), scale.header("en", unit)) if scale else ()
        own = [b.model_copy(update={"indicator": name}) for b in bands if b.indicator in names]
        found += own or [b for b in base.account_bands if b.indicator == name]
    return tuple(found)


def _criteria_problems(book: Rulebook, keys: Sequence[str], places: Sequence[int]) -> Iterator[Problem]:
    """Weights of the criteria of key accounts that do not add up to 100."""
    total = sum(c.weight for c in book.account_criteria)
    if book.account_criteria and abs(total - 100) > 1e-6:
        column = _column(keys, "weight")
        yield Problem("AccountCriteria", places[0], column, "rule_weights", {"total": f"{total:g}"}, fatal=False)


def _account_band_problems(book: Rulebook, keys: Sequence[str], places: Sequence[int]) -> Iterator[Problem]:
    """Bands of no criterion."""
    known = {c.criterion for c in book.account_criteria}
    for place, band in zip(places, book.account_bands, strict=True):
        if known and band.indicator not in known:
            shown = {"value": band.indicator, "known": tuple(sorted(known))}
            column = _column(keys, "indicator")
            yield Problem("AccountBands", place, column, "rule_unknown_indicator", shown, fatal=False)


def _weight_problems(book: Rulebook, keys: Sequence[str], places: Sequence[int]) -> Iterator[Problem]:
    """Weights that do not add up to 100, and those of a category outside its reference range."""
    column = _column(keys, "weight")
    total = sum(i.weight for i in book.indicators)
    if book.indicators and abs(total - 100) > 1e-6:
        yield Problem("Indicators", places[0], column, "rule_weights", {"total": f"{total:g}"}, fatal=False)
    for dimension in dict.fromkeys(i.dimension for i in book.indicators):
        members = [(n, i) for n, i in enumerate(book.indicators) if i.dimension == dimension]
        total = sum(i.weight for _, i in members)
        reference = next((i.reference for _, i in members if i.reference), "")
        low, _, high = reference.replace("–", "-").partition("-")
        try:
            inside = float(low) - 1e-9 <= total <= float(high) + 1e-9
        except ValueError:
            continue
        if not inside:
            shown = {"dimension": dimension, "total": f"{total:g}", "reference": reference}
            yield Problem("Indicators", places[members[0][0]], column, "rule_category_range", shown, fatal=False)


def _band_problems(book: Rulebook, keys: Sequence[str], places: Sequence[int]) -> Iterator[Problem]:
    """Bands of no indicator."""
    known = {i.indicator for i in book.indicators}
    for place, band in zip(places, book.bands, strict=True):
        if known and band.indicator not in known:
            shown = {"value": band.indicator, "known": tuple(sorted(known))}
            yield Problem("Bands", place, _column(keys, "indicator"), "rule_unknown_indicator", shown, fatal=False)


def _strategy_problems(book: Rulebook, keys: Sequence[str], places: Sequence[int]) -> Iterator[Problem]:
    """Strategies for a label that nothing gives."""
    known = known_labels(book)
    if not set(book.settings.dimensions) <= _RULED:
        del known["segment"]  # its labels are what the user's columns hold
    for place, strategy in zip(places, book.strategies, strict=True):
        if strategy.system in known and not _in_use(strategy, known):
            shown = {"value": strategy.tag, "known": tuple(sorted(known[strategy.system])[:12])}
            yield Problem("Strategies", place, _column(keys, "tag"), "rule_unknown_label", shown, fatal=False)


_BOOK_PROBLEMS: dict[str, Callable[[Rulebook, Sequence[str], Sequence[int]], Iterator[Problem]]] = {
    "Indicators": _weight_problems,
    "Bands": _band_problems,
    "AccountCriteria": _criteria_problems,
    "AccountBands": _account_band_problems,
    "Strategies": _strategy_problems,
}
"""What can be wrong with a table beside the others."""


_RULED = frozenset({"value", "activity", "demand", "industry"})
"""Dimensions whose labels stand in rule tables."""


def known_labels(book: Rulebook) -> dict[str, set[str]]:
    """The labels that each system of strategies can meet, built-in ones in both languages included."""
    built_in = {text for pair in LABELS.values() for text in pair if text}
    values = {t.label for t in book.value_tiers}
    activities = {r.label for r in book.activity_rules}
    pieces = values | activities | {g.label for g in book.demand_types}
    pieces |= {g.label for g in book.industry_groups} | {b.label for b in book.number_bins}
    return {
        "segment": built_in | pieces,
        "level": built_in | {e.label for e in book.levels},
        "rfm": built_in | {c.label for c in book.rfm_classes},
        "grade": built_in | {e.label for e in book.grades},
        "stage": built_in | {r.label for r in book.lifecycle_rules},
    }


def _in_use(strategy: Strategy, known: Mapping[str, set[str]]) -> bool:
    labels = known[strategy.system]
    if strategy.tag in labels:
        return True
    # a crossed tag is made of labels: 高价值活跃客户, High-value · Active
    return strategy.system == "segment" and any(
        strategy.tag.startswith(one) and len(one) < len(strategy.tag) for one in labels
    )


def write_rows(name: str, rows: Sequence[Row]) -> list[list[Cell]]:
    """Models as rows of cells, in the order of the table's fields."""
    return [[getattr(row, f.key) for f in TABLES[name].fields] for row in rows]


_WORDS = (
    "下限 下界 起点 最低 最小 阈值 门槛 从 金额 数值 值 分数 得分 标签 层级 等级 级别 阶段 结果 名称 类别 分组 "
    "lower min minimum from threshold edge value amount label tier level grade stage result name class "
    "score group months orders"
)
_HEADER_WORDS = frozenset(normal_header(w) for w in _WORDS.split())


def strip_header(name: str, rows: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    """A range as a user selects it, without its header row if it has one.

    A first row of texts only, one of them a known header, is the header: text where a number
    belongs is otherwise a mistake that must not pass for a header.
    """
    if not rows or not all(blank(c) or (isinstance(c, str) and not isinstance(c, CellError)) for c in rows[0]):
        return rows
    words = [c for c in rows[0] if isinstance(c, str) and c.strip()]
    table = TABLES[name]
    known = any(normal_header(w) in _HEADER_WORDS or find_field(table, w) for w in words)
    return rows[1:] if known else rows
