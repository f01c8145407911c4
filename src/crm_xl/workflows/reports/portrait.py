"""Portraits of RFM classes and industries, and the needs of each quarter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from crm_xl.analysis.portraits import Portrait, needs_by_quarter, portraits
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.records import NEEDS
from crm_xl.vocabulary.rfm_plan_texts import decision_factors
from crm_xl.vocabulary.sales_tables import NEEDS_BY_QUARTER
from crm_xl.vocabulary.texts import CHOICES, pick, text

from ..label_order import every_label
from .story import Story


def write_portraits(story: Story) -> None:
    """Portrait, NeedsTrend, NeedsByQuarter."""
    book, lang = story.book, story.lang
    if book.has_table("Portrait"):
        order = every_label("rfm_class", story.rules)
        classes = _portraits(story, story.column("rfm_class"))
        rank = {name: i for i, name in enumerate(order)}
        classes.sort(key=lambda p: (rank.get(p.group, len(rank)), -p.customers, p.group))
        unknown = label("unknown_industry", lang)
        industries = _portraits(story, [str(c or "").strip() or unknown for c in story.column("industry")])
        industries.sort(key=lambda p: (p.group == unknown, -p.customers, p.group))
        rows = [
            *(_row(story, "portrait_rfm", p) for p in classes),
            *(_row(story, "portrait_industry", p) for p in industries),
        ]
        book.merge_rows("Portrait", rows, formulas=False, starts=lambda g: {"factors": decision_factors(g, lang)})
    quarters = needs_by_quarter(story.inputs.records.get("Needs"), story.as_of)
    if book.has_table("NeedsTrend"):
        book.replace_rows("NeedsTrend", _trend(story, quarters), formulas=False)
    if book.has_table("NeedsByQuarter"):
        book.replace_rows("NeedsByQuarter", [_quarter(*item) for item in quarters.items()], formulas=False)


def _portraits(story: Story, groups: Sequence[object]) -> list[Portrait]:
    columns = {k: story.column(k) for k in ("company_size", "position", "preference")}
    needs, joint = story.inputs.records.get("Needs"), text("counted_join", story.lang)
    return portraits(groups, story.outcome.ids, columns, needs, story.as_of, joint)


def _row(story: Story, dimension: str, portrait: Portrait) -> dict[str, object]:
    return {
        "dimension": text(dimension, story.lang),
        "group": portrait.group,
        "customers": portrait.customers,
        "size": portrait.size,
        "needs": portrait.needs,
        "deciders": portrait.deciders,
        "sensitivity": _counted(story, "sensitivity", portrait.sensitivity),
        "priority": _counted(story, "priority", portrait.priority),
    }


def _counted(story: Story, key: str, counts: Counter[str]) -> str:
    """`高 5、中 2`: what a dropdown offers in its order, then what else was typed."""
    offered = [pick(pair, story.lang) for pair in CHOICES.get((NEEDS.name, key), ())]
    names = [*(n for n in offered if n in counts), *sorted(counts.keys() - set(offered))]
    return text("counted_join", story.lang).join(f"{name} {counts[name]}" for name in names)


_KINDS: Mapping[str, str] = {
    name: field.key for field in NEEDS_BY_QUARTER.fields[1:-1] for name in (field.zh, field.en)
}
"""Kind of need, in either language -> its column."""


def _trend(story: Story, quarters: Mapping[str, Counter[str]]) -> list[dict[str, object]]:
    other = label("other", story.lang)
    order = [pick(pair, story.lang) for pair in CHOICES.get((NEEDS.name, "need_kind"), ())]
    rank = {name: i for i, name in enumerate(order)}
    rows: list[dict[str, object]] = []
    for quarter, counts in quarters.items():
        total = sum(counts.values())
        named: Counter[str] = Counter()
        for kind, count in counts.items():
            named[kind or other] += count
        for kind in sorted(named, key=lambda k: (rank.get(k, len(rank)), k)):
            rows.append({"quarter": quarter, "need_kind": kind, "needs": named[kind], "share": named[kind] / total})
    return rows


def _quarter(quarter: str, counts: Counter[str]) -> dict[str, object]:
    row: dict[str, object] = {"quarter": quarter, **{f.key: 0 for f in NEEDS_BY_QUARTER.fields[1:]}}
    columns: Counter[str] = Counter()
    for kind, count in counts.items():
        columns[_KINDS.get(kind, "other")] += count
    return row | columns
