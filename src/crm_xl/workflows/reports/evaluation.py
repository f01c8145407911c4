"""The evaluation: scores of all customers, levels and their strategies, the page about one customer."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum, inf
from typing import Any, NamedTuple

import numpy as np

from crm_xl.analysis.compare import half_up
from crm_xl.analysis.dates import Floats
from crm_xl.analysis.evaluation import best_gain, gains, next_scores, points_to_next
from crm_xl.analysis.profile import group_profile
from crm_xl.cells import CellError
from crm_xl.functions import STRATEGY
from crm_xl.functions.call import to_numbers
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.evaluation_tables import SCORES
from crm_xl.vocabulary.evaluation_texts import LEVEL_TRAITS
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS
from crm_xl.vocabulary.labels import is_label, label
from crm_xl.vocabulary.texts import PICKERS, text
from crm_xl.workbook.evaluation_formulas import PAGE_TABLES, page_cells, page_row, weight_cells
from crm_xl.workbook.formulas import Native

from ..evaluate import Cells, shown
from ..opening import is_number
from .profile import group_traits
from .story import Story, blank_as_text, write_figures

PICKER = PICKERS["evaluation"]
PAGE_ROWS = 20
"""Indicators that the page holds."""
SPANS: tuple[tuple[float, float], ...] = ((90, inf), *((low, low + 10) for low in range(80, 30, -10)), (-inf, 40))
"""Score from (included) and below."""


class Evaluation(NamedTuple):
    """What stands behind the weighted scores of n customers. `scores`, `better`, `gain`: (n, k) over the
    indicators: score, that of the next band, points that reaching it adds; `level`: '' where there is none."""

    names: list[str]
    weights: Floats
    scores: Floats
    better: Floats
    gain: Floats
    total: Floats
    completeness: Floats
    level: list[str]
    gap: Floats
    behaviour: Mapping[tuple[str, float], str]
    lang: Lang

    def advice(self, row: int, best: int, points: float) -> str:
        """Which indicator lifts the total most, in words; the page's formula says the same. `points`: to one decimal."""
        if np.isnan(self.total[row]):
            return ""
        if is_label(self.level[row], "incomplete"):
            return text("advice_data", self.lang)
        if best < 0:
            return text("advice_top", self.lang)
        name = self.names[best]
        condition = self.condition(row, best) or text("advice_band", self.lang)
        parts = (text("advice_reach", self.lang), condition, text("advice_points", self.lang), f"{points:.1f}")
        return name + "".join(parts) + text("advice_points_end", self.lang)

    def condition(self, row: int, column: int) -> str:
        """What the next band of an indicator takes, as the table of bands says it."""
        return self.behaviour.get((self.names[column], float(self.better[row, column])), "")


def evaluation_of(story: Story) -> Evaluation | None:
    """None where a rule table that it rests on cannot be used."""
    outcome, rules = story.outcome, story.rules
    if rules.broken & {"Indicators", "Bands", "Levels"} or not outcome.scores:
        return None
    rows = len(outcome.ids)
    scores = np.column_stack(list(outcome.scores.values())).reshape(rows, len(rules.indicators))
    weights = np.array([i.weight for i in rules.indicators], dtype=float)
    bands = {i.indicator: [b for b in rules.bands if b.indicator == i.indicator] for i in rules.indicators}
    better = next_scores(scores, [[b.score for b in found] for found in bands.values()])
    behaviour = {(b.indicator, float(b.score)): b.behaviour for b in reversed(rules.bands)}
    empty: Cells = [""] * rows
    total, _ = to_numbers(outcome.more.get("weighted_score", empty))
    complete, _ = to_numbers(outcome.more.get("weighted_completeness", empty))
    level = ["" if c is None or isinstance(c, CellError) else str(c) for c in outcome.more.get("weighted_level", empty)]
    graded = np.array([bool(x) and not is_label(x, "incomplete") for x in level], dtype=bool)
    gap = np.where(graded, points_to_next(total, rules.levels), np.nan)
    gain = gains(scores, weights, better)
    names = [i.indicator for i in rules.indicators]
    return Evaluation(names, weights, scores, better, gain, total, complete, level, gap, behaviour, story.lang)


def write_evaluation(story: Story) -> None:
    """Indicators' sums, Scores, LevelPlan, and the page about one customer, where the workbook has them."""
    found = evaluation_of(story)
    _write_weights(story)
    columns = _write_scores(story, found)
    _write_levels(story)
    _write_page(story, found, columns)


# ---------------------------------------------------------------- weights


def _raw_indicators(story: Story) -> list[dict[str, object]]:
    """The rows of Indicators as the sheet has them: formulas there see these."""
    data = story.inputs.parameters.tables.get("Indicators")
    if data is None:
        return []
    return [{key: row[at] for key, at in data.fields.items()} for row in data.rows]


def _write_weights(story: Story) -> None:
    """The sum of all weights, and those of each dimension."""
    book = story.book
    rows = _raw_indicators(story)
    headers = book.headers("Indicators") if book.has_table("Indicators") else {}
    natives = weight_cells(headers, story.lang) if story.natives else {}
    total = fsum(_number(row.get("weight")) for row in rows)
    state = text("indicators_total_right" if abs(total - 100) < 1e-6 else "indicators_total_wrong", story.lang)
    write_figures(book, {"IndicatorsTotal": total, "IndicatorsState": state}, natives)
    if not book.has_table("DimensionWeights"):
        return
    members: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        members.setdefault(shown(row.get("dimension")), []).append(row)
    members.pop("", None)
    lines = [
        {
            "dimension": name,
            "weight": fsum(_number(row.get("weight")) for row in found),
            "reference": next((shown(row["reference"]) for row in found if row.get("reference")), ""),
            "indicators": len(found),
        }
        for name, found in members.items()
    ]
    book.replace_rows("DimensionWeights", lines, formulas=story.natives)


def _number(cell: object) -> float:
    """A number as SUM counts it."""
    return float(cell) if is_number(cell) else 0.0  # type: ignore[arg-type]


# ---------------------------------------------------------------- scores of all customers


def _write_scores(story: Story, found: Evaluation | None) -> Mapping[str, Cells]:
    """Scores, a line per customer with an id; its columns by header, as the page will look them up."""
    book, outcome = story.book, story.outcome
    if not book.has_table("Scores"):
        return {}
    kept = [i for i, who in enumerate(outcome.ids) if who]
    empty: Cells = [None] * len(outcome.ids)
    columns: dict[str, Cells] = {
        "customer_id": outcome.columns["customer_id"],
        "customer_name": outcome.columns.get("customer_name", empty),
        **dict.fromkeys((f.key for f in SCORES.fields[2:]), empty),
    }
    own: dict[str, Cells] = {}
    if found is not None:
        keys = {name: t.key for t in INDICATOR_TEXTS for name in _spellings(t.key, story)}
        fields, headers = book.headers("Scores"), book.table_headers("Scores")
        for j, name in enumerate(found.names):
            cells = _cells(found.scores[:, j])
            if name in keys and fields.get(keys[name]) == name:
                columns[keys[name]] = cells
            elif name in headers and name not in fields.values():
                own[name] = cells
        best, most = best_gain(found.gain)
        told = zip(best.tolist(), half_up(most, 1).tolist(), strict=True)
        columns |= {
            "score": _cells(found.total),
            "completeness": _cells(found.completeness),
            "level": list(found.level),
            "gap": _cells(found.gap),
            "advice": [found.advice(i, indicator, points) for i, (indicator, points) in enumerate(told)],
        }
    columns = {key: [cells[i] for i in kept] for key, cells in columns.items()}
    own = {header: [cells[i] for i in kept] for header, cells in own.items()}
    _fill(story, columns, own)
    headers_of = book.headers("Scores")
    return {headers_of[key]: cells for key, cells in columns.items() if key in headers_of} | own


def _fill(story: Story, columns: Mapping[str, Cells], own: Mapping[str, Cells]) -> None:
    """Scores, with the columns `own` that the user added for indicators; notes beside them follow their customer."""
    book = story.book
    known = {*book.headers("Scores").values(), *own}
    stayed: list[str] = []
    if known >= set(book.table_headers("Scores")):
        book.replace_rows("Scores", columns, formulas=False)
    else:
        rows = [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]
        stayed = book.merge_rows("Scores", rows, formulas=False, filled=own)
    for header, cells in own.items():
        book.write_own_column("Scores", header, [*cells, *[None] * len(stayed)])


def _spellings(key: str, story: Story) -> set[str]:
    found = next(t for t in INDICATOR_TEXTS if t.key == key)
    return {found.header(story.lang, unit) for unit in ("wan", "yuan")}


def _cells(values: Floats) -> Cells:
    return [None if v != v else v for v in values.tolist()]


# ---------------------------------------------------------------- levels


def level_order(rules: Rulebook) -> list[str]:
    """The levels from the highest down, then the customers with too little data."""
    edges = sorted(rules.levels, key=lambda e: -inf if e.lower is None else e.lower, reverse=True)
    return list(dict.fromkeys([*(e.label for e in edges), label("incomplete", rules.lang)]))


def level_strategy(level: str, rules: Rulebook) -> Any:
    rows = [[s.system, s.tag, s.category, s.department, s.strategy, s.budget, s.spent] for s in rules.strategies]
    return STRATEGY(level, "level", rows or None, rules.lang)


def _write_levels(story: Story) -> None:
    """LevelPlan and the distribution of scores."""
    book, outcome, rules, lang = story.book, story.outcome, story.rules, story.lang
    if book.has_table("LevelPlan"):
        order = level_order(rules)
        joint = "、" if lang == "zh" else ", "
        groups = {g.segment: g for g in group_profile(story.column("level"), outcome.columns, order, joint)}
        rows: list[dict[str, Any]] = []
        for level in order:
            group = groups.get(level)
            told = [_level_traits(level, lang), group_traits(group, rules) if group else ""]
            rows.append(
                {
                    "level": level,
                    "customers": group.customers if group else 0,
                    "spend": group.spend if group else 0.0,
                    "repurchase_rate": blank_as_text(group.repurchase_rate if group else None),
                    "traits": ("；" if lang == "zh" else "; ").join(t for t in told if t),
                    "strategy": level_strategy(level, rules),
                }
            )
        people = sum(g.customers for name, g in groups.items() if name in order)
        for row in rows:
            row["customer_share"] = row["customers"] / people if people else 0.0
        book.merge_rows("LevelPlan", rows, formulas=story.natives, functions=story.functions)
    if book.has_table("ScoreBands"):
        score, _ = to_numbers(story.column("score"))
        lines = [
            {"span": _span(low, high, lang), "customers": int(((score >= low) & (score < high)).sum())}
            for low, high in SPANS
        ]
        lines.append({"span": text("no_score", lang), "customers": int(np.isnan(score).sum())})
        book.replace_rows("ScoreBands", lines, formulas=False)


def _level_traits(level: str, lang: Lang) -> str:
    found = next((pair for key, pair in LEVEL_TRAITS.items() if is_label(level, key)), ("", ""))
    return found[0 if lang == "zh" else 1]


def _span(low: float, high: float, lang: Lang) -> str:
    if low == -inf:
        return text("below", lang).format(high=f"{high:g}")
    return f"{low:g}-{min(high, 100):g}"


# ---------------------------------------------------------------- the page about one customer


def _write_page(story: Story, found: Evaluation | None, scores: Mapping[str, Cells]) -> None:
    """The page, by native formulas where everything that they need is there."""
    book, lang = story.book, story.lang
    if not book.has_name(PICKER):
        return
    headers = {name: book.headers(name) if book.has_table(name) else {} for name in PAGE_TABLES}
    complete = all(set(keys) <= headers[name].keys() for name, keys in PAGE_TABLES.items())
    native = story.natives and complete and found is not None
    page = _Page(story, found, scores, headers["Scores"])
    cells = page_cells(headers, lang, functions=story.functions) if native else {}
    there = book.table_headers("Scores") if native else ["", ""]
    span = there[0], there[-1]
    write_figures(book, page.cells(), cells)
    columns: dict[str, dict[tuple[int, int], tuple[object, Native | None]]] = {}
    for i, row in enumerate(page.rows):
        natives = page_row(headers, lang, i + 1, span) if native else {}
        for name, value in row.items():
            columns.setdefault(name, {})[i, 0] = (value, natives.get(name))
    for name, column in columns.items():
        _put(story, name, column)
    if book.has_table("DimensionScores"):
        book.replace_rows("DimensionScores", page.dimensions(), formulas=native)


def _put(story: Story, name: str, cells: Mapping[tuple[int, int], tuple[object, Native | None]]) -> None:
    if story.book.has_name(name):
        story.book.write_area(name, cells)


class _Page:
    """What the formulas of the page give, cell by cell: '' where they show nothing."""

    def __init__(
        self,
        story: Story,
        found: Evaluation | None,
        scores: Mapping[str, Cells],
        headers: Mapping[str, str],
    ) -> None:
        self.story, self.found, self.lang = story, found, story.lang
        picked = story.book.read_name(PICKER)
        self.picked = "" if picked is None else shown(picked)
        self.at = -1
        for key in ("customer_name", "customer_id"):  # an id goes before a name
            names = [shown(cell) for cell in scores.get(headers.get(key, ""), ())]
            if self.picked and self.picked in names:
                self.at = names.index(self.picked)
        self.line = {header: cells[self.at] for header, cells in scores.items()} if self.at >= 0 else {}
        self.name = shown(self.line.get(headers.get("customer_name", "")))
        self.headers = set(story.book.table_headers("Scores")) if story.book.has_table("Scores") else set()
        # the row of the analysis: customers without an id have no line
        self.row = [i for i, who in enumerate(story.outcome.ids) if who][self.at] if self.at >= 0 else -1
        raw = _raw_indicators(story)
        self.too_many = any(shown(row.get("indicator")) for row in raw[PAGE_ROWS:])
        self.rows = [self._row(raw[i] if i < len(raw) else {}) for i in range(PAGE_ROWS)]
        self.base = self._base()
        for row in self.rows:
            self._points(row)

    def _say(self, key: str) -> str:
        return text(key, self.lang)

    def _row(self, raw: Mapping[str, object]) -> dict[str, Any]:
        name = shown(raw.get("indicator")).strip()
        weight = raw.get("weight")
        score: object = ""
        if name and self.at >= 0 and self.found is not None:
            cell = self.line.get(name)
            score = cell if is_number(cell) else "" if name in self.headers else self._say("evaluation_no_column")
        return {
            "EvaluationDimension": shown(raw.get("dimension")).strip(),
            "EvaluationIndicator": name,
            "EvaluationSource": shown(raw.get("data_source")).strip(),
            "EvaluationScore": score,
            "EvaluationWeight": weight if name and is_number(weight) else "",
            "EvaluationPoints": "",
            "EvaluationGain": "",
            "EvaluationCondition": "",
        }

    def _known(self) -> list[dict[str, Any]]:
        return [r for r in self.rows if is_number(r["EvaluationScore"]) and is_number(r["EvaluationWeight"])]

    def _base(self) -> float:
        """Sum of the weights with data; -1 where the page cannot tell."""
        unseen = self._say("evaluation_no_column")
        hidden = any(r["EvaluationScore"] == unseen and _number(r["EvaluationWeight"]) > 0 for r in self.rows)
        if self.found is None or self.at < 0 or hidden or self.too_many:
            return -1.0
        return float(sum(r["EvaluationWeight"] for r in self._known()))

    def _points(self, row: dict[str, Any]) -> None:
        found = self.found
        if row["EvaluationScore"] == self._say("evaluation_no_column"):
            row["EvaluationCondition"] = self._say("evaluation_add_column")
        if found is None or self.base <= 0 or row not in self._known():
            return
        score, weight = row["EvaluationScore"], row["EvaluationWeight"]
        row["EvaluationPoints"] = score * weight / self.base * 20
        name = row["EvaluationIndicator"]
        if name not in found.names:
            return
        column = found.names.index(name)
        better = found.better[self.row, column]
        if better == better:
            row["EvaluationGain"] = (better - score) * weight / self.base * 20
            row["EvaluationCondition"] = found.condition(self.row, column)

    def cells(self) -> dict[str, object]:
        weights = sum(_number(r["EvaluationWeight"]) for r in self.rows)
        cells: dict[str, object] = {
            "EvaluationRow": self.at + 1,
            "EvaluationBase": self.base,
            "EvaluationName": self.name if self.at >= 0 else self._say("evaluation_unknown") if self.picked else "",
            "EvaluationNote": self._say("evaluation_too_many") if self.too_many else "",
            "EvaluationSumWeight": weights,
            **dict.fromkeys(
                ("EvaluationTotal", "EvaluationCompleteness", "EvaluationLevel", "EvaluationGap", "EvaluationCheck",
                 "EvaluationAgrees", "EvaluationLift", "EvaluationStrategy", "EvaluationSumPoints"), "",
            ),
        }  # fmt: skip
        found, row = self.found, self.row
        if found is None:
            return cells | {"EvaluationNote": self._say("evaluation_broken")}
        if self.base < 0:
            return cells
        cells["EvaluationLevel"] = found.level[row]
        if weights:
            cells["EvaluationCompleteness"] = self.base / weights
        if found.level[row]:
            cells["EvaluationStrategy"] = level_strategy(found.level[row], self.story.rules)
        if self.base == 0:
            return cells
        total, gap = float(found.total[row]), float(found.gap[row])
        graded = found.level[row] and not is_label(found.level[row], "incomplete")
        best, most = best_gain(found.gain[row : row + 1])
        return cells | {
            "EvaluationTotal": total,
            "EvaluationSumPoints": total,
            "EvaluationGap": "" if not graded else self._say("evaluation_top") if gap != gap else gap,
            "EvaluationCheck": total,
            "EvaluationAgrees": self._say("evaluation_agrees"),
            "EvaluationLift": found.advice(row, int(best[0]), float(half_up(most, 1)[0])),
        }

    def dimensions(self) -> list[dict[str, object]]:
        """The mean score of each dimension, weighted by its indicators."""
        lines: list[dict[str, object]] = []
        names = dict.fromkeys(r["EvaluationDimension"] for r in self.rows if r["EvaluationIndicator"])
        for name in (n for n in names if n):
            known = [r for r in self._known() if r["EvaluationDimension"] == name]
            base = sum(r["EvaluationWeight"] for r in known)
            points = sum(r["EvaluationScore"] * r["EvaluationWeight"] for r in known)
            weight = sum(_number(r["EvaluationWeight"]) for r in self.rows if r["EvaluationDimension"] == name)
            lines.append({"dimension": name, "score": points / base if base else "", "weight": weight})
        return lines
