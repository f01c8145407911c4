"""Computing the catalogue: every result column of a customer table through the worksheet functions.

The functions get what Excel would hand them: the cells of a column, a rule table's rows, named
cells. So a refreshed file and a formula in a cell cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from crm_xl.analysis.catalogue import (
    Bins,
    Column,
    Const,
    Expression,
    Fact,
    Fn,
    Guarded,
    Joined,
    Name,
    ResultColumn,
    Rules,
    Scoped,
    Spilled,
    bin_key,
    blocks,
)
from crm_xl.cells import CellError
from crm_xl.functions import REGISTRY
from crm_xl.rules.models import Rulebook
from crm_xl.rules.settings import write_settings
from crm_xl.rules.tables import MODELS, write_rows

Cells = list[Any]


@dataclass(slots=True)
class Inputs:
    """What expressions draw on: `columns` by field key or own header, facts, named cells, rule
    tables as rows, in the workbook's own cells. All columns have `rows` cells."""

    rows: int
    columns: dict[str, Cells]
    facts: Mapping[str, Cells]
    names: Mapping[str, object]
    tables: Mapping[str, Sequence[Sequence[object]]]
    scope: Sequence[tuple[object, object]] = ()
    blocks: dict[str, list[Cells]] = field(default_factory=dict)


def inputs_of(
    rules: Rulebook,
    rows: int,
    columns: dict[str, Cells],
    facts: Mapping[str, Cells],
    as_of: object,
    tables: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> Inputs:
    """Inputs with the rulebook's own settings and tables, or the cells of a workbook's `tables`."""
    names = {**write_settings(rules.settings), "AsOf": as_of, "Lang": rules.lang}
    rows_of = {name: write_rows(name, getattr(rules, a)) for name, (a, _) in MODELS.items()}
    scope = [(s.scope_field, s.scope_value) for s in rules.scope]
    return Inputs(rows, columns, facts, names, {**rows_of, **(tables or {})}, scope)


def evaluate(
    rules: Rulebook, inputs: Inputs, columns: Iterable[ResultColumn]
) -> tuple[dict[str, Cells], dict[str, list[Cells]]]:
    """These result columns by field key, and the whole-column blocks by name. Fills `inputs.columns`."""
    results: dict[str, Cells] = {}
    for name, function in blocks(rules.settings).items():
        inputs.blocks[name] = _block(function, inputs)
    for result in columns:
        values = compute(result.expression, inputs)
        results[result.key] = values
        inputs.columns[result.key] = values
    return results, inputs.blocks


def _block(function: Fn, inputs: Inputs) -> list[Cells]:
    if not inputs.rows:
        return []
    answer = _call(function, inputs)
    if isinstance(answer, list):
        return answer
    return [[answer] * 3 for _ in range(inputs.rows)]


def compute(expression: Expression, inputs: Inputs) -> Cells:
    """The value of an expression for every row."""
    if isinstance(expression, Column):
        return inputs.columns.get(expression.key) or [None] * inputs.rows
    if isinstance(expression, Fact):
        return list(inputs.facts.get(expression.key) or [None] * inputs.rows)
    if isinstance(expression, Const):
        return [expression.value] * inputs.rows
    if isinstance(expression, Spilled):
        return [row[expression.column] for row in inputs.blocks[expression.block]]
    if isinstance(expression, Joined):
        columns = [compute(p, inputs) for p in expression.parts]
        # RFM scores: a million cells, a hundred texts
        keys = list(zip(*columns, *(map(type, c) for c in columns), strict=True))
        known = {key: _joined(key[: len(columns)]) for key in set(keys)}
        return list(map(known.__getitem__, keys))
    if isinstance(expression, Guarded):
        guard, then = compute(expression.guard, inputs), compute(expression.then, inputs)
        return [g if isinstance(g, CellError) or g in expression.stops else t for g, t in zip(guard, then, strict=True)]
    if isinstance(expression, Scoped):
        return _scoped(expression, inputs)
    if isinstance(expression, Fn):
        if not inputs.rows:
            return []
        answer = _call(expression, inputs)
        if isinstance(answer, list):
            return [row[0] for row in answer]
        return [answer] * inputs.rows
    raise TypeError(expression)


def _call(function: Fn, inputs: Inputs) -> Any:
    return REGISTRY[function.name].call(*(_argument(a, inputs) for a in function.args))


def _argument(part: Expression | None, inputs: Inputs) -> Any:
    if part is None:
        return None
    if isinstance(part, Name):
        return inputs.names.get(part.name)
    if isinstance(part, Rules):
        # Excel hands over a table with no rows as one blank row
        return [list(r) for r in inputs.tables[part.table]] or [[None]]
    if isinstance(part, Bins):
        # field, lower edge, bin
        rows = inputs.tables["NumberBins"]
        return [list(r[1:3]) for r in rows if isinstance(r[0], str) and bin_key(r[0]) == part.key]
    if isinstance(part, Const):
        return part.value
    return compute(part, inputs)


def _joined(cells: Sequence[Any]) -> Any:
    for cell in cells:
        if isinstance(cell, CellError):
            return cell
    return "".join(shown(c) for c in cells)


def shown(cell: object) -> str:
    """A cell joined to a text, as & shows it."""
    if cell is None:
        return ""
    return f"{cell:.15g}" if isinstance(cell, (int, float)) else str(cell)


def _scoped(expression: Scoped, inputs: Inputs) -> Cells:
    then = compute(expression.then, inputs)
    inside = np.ones(inputs.rows, dtype=bool)
    for typed, key in expression.columns:
        if key not in inputs.columns:
            continue  # no such column: nobody can be outside
        wanted = {shown(value) for name, value in inputs.scope if name == typed}
        inside &= np.fromiter((shown(c) in wanted for c in inputs.columns[key]), bool, inputs.rows)
    return [t if ok else expression.outside for t, ok in zip(then, inside.tolist(), strict=True)]
