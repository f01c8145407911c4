"""RFM classes: figures, heat maps, and the sales strategy for each class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import fsum

from crm_xl.analysis.classes import class_figures, heat, score_bands
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.rfm_plan_texts import rfm_plan_text
from crm_xl.vocabulary.texts import text
from crm_xl.workbook.formulas import heat_formula

from ..analyse import strategy_of
from ..label_order import label_order
from .story import Story, blank_as_text

USUAL_SCORES = 5


def write_rfm(story: Story) -> None:
    """RfmProfile, the two heat maps, RfmPlan."""
    book, natives = story.book, story.natives
    columns = {k: story.column(k) for k in _FIGURES}
    classes = class_figures(story.column("rfm_class"), columns, label_order("rfm_class", story.rules), story.as_of)
    if book.has_table("RfmProfile"):
        rows = [{k: blank_as_text(v) for k, v in c._asdict().items()} for c in classes]
        book.replace_rows("RfmProfile", rows, formulas=natives)
    _write_heat(story)
    if book.has_table("RfmPlan"):
        plans = [
            {"rfm_class": c.rfm_class, "customers": c.customers,
             "strategy": strategy_of(c.rfm_class, story.rules, "rfm")}
            for c in classes
        ]  # fmt: skip
        book.merge_rows("RfmPlan", plans, formulas=natives, functions=story.functions, starts=_starts(story))


_FIGURES = ("annual_spend", "order_count", "last_order", "period_orders", "period_spend")


def _starts(story: Story) -> Callable[[str], Mapping[str, object]]:
    at = 0 if story.lang == "zh" else 1

    def starts(name: str) -> Mapping[str, object]:
        texts = rfm_plan_text(name, story.lang)
        if texts is None:
            return {}
        return {"goal": texts.goal[at], "owner": texts.owner[at], "resources": texts.resources[at]}

    return starts


def _write_heat(story: Story) -> None:
    book = story.book
    if not (book.has_name("RfmHeat") and book.has_name("RfmHeatSpend")):
        return
    bands = score_bands(_highest_score(story.rules))
    headers = book.headers("Customers") if story.natives else {}
    for name, spend in (("RfmHeat", False), ("RfmHeatSpend", True)):
        natives = {
            (i, j): heat_formula(
                headers, bands[r], bands[j - 1] if j <= SIZE else (bands[0][0], bands[-1][1]), spend=spend
            )
            for i, r in enumerate(reversed(range(len(bands))), 1)
            for j in (*range(1, len(bands) + 1), SIZE + 1)
        }
        area = {place: (value, natives.get(place)) for place, value in heat_map(story, spend=spend).items()}
        book.write_area(name, area)


def heat_map(story: Story, *, spend: bool = False) -> dict[tuple[int, int], object]:
    """Customers, or their spend, by scores of R (rows, the best on top) and F (columns): labels in row and column
    0, totals of rows in the last column; None where a scheme has fewer scores."""
    bands = score_bands(_highest_score(story.rules))
    counts, sums = heat(story.column("rfm_score"), story.column("annual_spend"), bands)
    cells: Mapping[tuple[int, int], float] = sums if spend else counts
    found: dict[tuple[int, int], object] = {
        (i, j): None for i in range(SIZE + 1) for j in range(SIZE + 2) if i or 0 < j <= SIZE
    }
    for f in range(len(bands)):
        found[0, f + 1] = _label(story, "F", f, bands)
    for i, r in enumerate(reversed(range(len(bands))), 1):
        line = [cells.get((r, f), 0) for f in range(len(bands))]
        found[i, 0] = _label(story, "R", r, bands)
        found |= {(i, j): value for j, value in enumerate(line, 1)}
        found[i, SIZE + 1] = fsum(line)
    return found


SIZE = 5
"""Lines of a heat map, at most."""


def _highest_score(rules: Rulebook) -> int:
    bins = rules.settings.rfm_bins
    if bins != "breaks":
        return bins
    return max((b.score for b in rules.rfm_breaks if b.measure in "RF"), default=USUAL_SCORES)


def _label(story: Story, letter: str, band: int, bands: list[tuple[int, int]]) -> str:
    """`R 5 刚买过`, `F 2-3`: the scores of a line, and what the first and the last mean."""
    low, high = bands[band]
    scores = f"{letter} {low}" if low == high else f"{letter} {low}-{high}"
    end = "best" if band == len(bands) - 1 else "worst" if band == 0 else ""
    return f"{scores} {text(f'heat_{letter.lower()}_{end}', story.lang)}" if end and len(bands) > 1 else scores
