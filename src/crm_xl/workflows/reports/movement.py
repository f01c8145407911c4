"""Movement between two snapshots, and the effect of strategies."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from crm_xl.analysis.history import Snapshot
from crm_xl.analysis.movement import GONE, NEW, effects, migration
from crm_xl.functions.call import to_days, to_numbers
from crm_xl.vocabulary.fields import UNIT_FACTOR, Lang, find_field
from crm_xl.vocabulary.records import CUSTOMERS
from crm_xl.vocabulary.texts import text

from ..label_order import every_label
from ..opening import unit_factor
from .story import Story, blank_area, blank_as_text

SYSTEMS = {"segment": "segment", "level": "level", "rfm_class": "rfm", "lifecycle": "stage", "account_grade": "grade"}
"""Column of the history -> system of the strategies that are for its labels."""
SIZE = 16
"""Rows and columns of the matrix behind its labels."""


def write_movement(story: Story) -> None:
    """The matrix of moves and the table Effects, by the column and between the dates that the user chose."""
    book = story.book
    if not (book.has_table("Effects") and book.has_name("MovementMatrix")):
        return
    key = _grouped_by(story)
    pair = _compared(story)
    rows: list[dict[str, object]] = []
    cells = blank_area(SIZE, SIZE)
    shown: object = None
    if key is not None and pair is not None:
        start, end = pair
        order = every_label(key, story.rules)
        cells |= {at: (value, None) for at, value in _matrix(migration(start, end, key), order, story.lang).items()}
        made = effects(start, end, key, _costs(story, key), order)
        rows = [{k: blank_as_text(v) for k, v in {**e._asdict(), "yield_ratio": e.yield_ratio}.items()} for e in made]
        shown = f"{start.as_of:%Y-%m-%d} → {end.as_of:%Y-%m-%d}"
    book.write_area("MovementMatrix", cells)
    book.replace_rows("Effects", rows, formulas=False)
    book.write_name("MovementShown", shown)


def _grouped_by(story: Story) -> str | None:
    found = find_field(CUSTOMERS, story.book.read_name("MovementBy") if story.book.has_name("MovementBy") else None)
    return found[0].key if found and story.history and hasattr(story.history[0], found[0].key) else None


def _compared(story: Story) -> tuple[Snapshot, Snapshot] | None:
    """The snapshots compared: each the last one up to its date; without dates the last two up to today."""
    (first, last), wrong = to_days([story.book.read_name(name) for name in ("MovementFrom", "MovementTo")])
    if wrong is not None:
        return None
    past = sorted((s for s in story.history if s.as_of <= story.as_of), key=lambda s: s.as_of)
    end = _last(past, last.item())
    if end is None:
        return None
    start = _last([s for s in past if s.as_of < end.as_of], first.item())
    return None if start is None else (start, end)


def _last(snapshots: Sequence[Snapshot], until: dt.date | None) -> Snapshot | None:
    fitting = [s for s in snapshots if until is None or s.as_of <= until]
    return fitting[-1] if fitting else None


def _matrix(moves: Counter[tuple[str, str]], order: Sequence[str], lang: Lang) -> dict[tuple[int, int], object]:
    """Cells by row and column, labels in row 0 and column 0. What does not fit goes into one last line."""
    there = {x for pair in moves for x in pair} - {NEW}
    names = [*(n for n in order if n in there), *sorted(there - set(order))]
    room = SIZE - 1 - (len(names) > SIZE - 1)
    lines = {name: i for i, name in enumerate(names[:room], 1)}
    others = dict.fromkeys(names[room:], room + 1)
    places = lines | others
    last = max(places.values(), default=0) + 1
    cells: dict[tuple[int, int], object] = {}
    counts: Counter[tuple[int, int]] = Counter()
    for (before, after), count in moves.items():
        counts[last if before == NEW else places[before], last if after == GONE else places[after]] += count
    for name, i in lines.items():
        cells[i, 0] = cells[0, i] = name
    if others:
        cells[room + 1, 0] = cells[0, room + 1] = text("movement_others", lang)
    cells[last, 0], cells[0, last] = text("movement_new", lang), text("movement_gone", lang)
    for i in range(1, last + 1):
        for j in range(1, last + 1):
            cells[i, j] = counts[i, j] if (i, j) != (last, last) else None
    return cells


def _costs(story: Story, key: str) -> dict[str, float]:
    """What was spent on the strategies for each label, in the unit of the customers' amounts."""
    system = SYSTEMS.get(key, "segment")
    if not story.book.has_table("Strategies"):
        return {}
    data = story.book.read_table("Strategies")
    if "spent" not in data.fields or "tag" not in data.fields:
        return {}
    spent, _ = to_numbers(data.column("spent"))
    factor = unit_factor(data, "spent", "yuan") / UNIT_FACTOR[story.unit]
    costs: dict[str, float] = {}
    for kind, tag, amount in zip(data.column("system"), data.column("tag"), spent.tolist(), strict=True):
        if kind == system and tag and amount == amount:
            costs[str(tag)] = costs.get(str(tag), 0.0) + amount * factor
    return costs
