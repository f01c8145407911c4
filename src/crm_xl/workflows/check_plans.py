"""Findings in targets, reviews and tasks: what nothing can be computed from, and what nobody is meant by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from crm_xl.analysis.cleaning import normal_ids
from crm_xl.analysis.quality import Finding
from crm_xl.analysis.reviews import week_of
from crm_xl.analysis.targets import has_scope, list_column, list_share, metric_key
from crm_xl.functions.call import to_numbers
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import LABELS, is_label
from crm_xl.vocabulary.metrics import METRICS
from crm_xl.vocabulary.task_texts import TASK_STATES, find_word
from crm_xl.workbook.protocol import TableData

KINDS = ("kind_reach", "kind_raise", "kind_lower", "kind_list")


class Plans:
    """What targets, reviews and tasks of a workbook are held against.

    `columns`: the customers' by field key or own header; `analyse`: gives them with the labels that a refresh would
    give, since a level may be named though no column shows it.
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence[object]],
        lang: Lang,
        analyse: Callable[[], Mapping[str, Sequence[object]]],
    ) -> None:
        self.columns, self.lang, self._analyse = columns, lang, analyse
        self.ids = set(normal_ids(columns["customer_id"]).tolist())
        self._scopes: dict[str, bool] = {}

    @cached_property
    def _analysed(self) -> Mapping[str, Sequence[object]]:
        return self._analyse()

    def has_members(self, scope: object) -> bool:
        text = str(scope)
        if text not in self._scopes:
            # the others are looked at only where the first have nobody
            self._scopes[text] = any(has_scope(scope, columns) for columns in self._columns_in_turn())
        return self._scopes[text]

    def _columns_in_turn(self) -> Iterator[Mapping[str, Sequence[object]]]:
        yield self.columns
        if self._analysed is not self.columns:
            yield self._analysed

    def can_rank(self, field: object) -> bool:
        """Whether a list can be made by this column."""
        return list_column(field, self.columns) is not None or list_column(field, self._analysed) is not None

    def findings(self, name: str, data: TableData) -> list[Finding]:
        """Findings of one of the tables Targets, Reviews and Tasks."""
        return list(_tasks(data, self) if name == "Tasks" else _figures(data, self))


def _filled(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _tasks(data: TableData, plans: Plans) -> Iterator[Finding]:
    states = data.column("task_status")
    for i, customer in enumerate(normal_ids(data.column("customer_id")[: data.used]).tolist()):
        if customer and customer not in plans.ids:
            yield Finding(i, "customer_id", "warning", "task_unknown_customer", customer, {"value": customer})
        if _filled(states[i]) and find_word(TASK_STATES, states[i]) is None:
            words = tuple(pair[0 if plans.lang == "zh" else 1] for pair in TASK_STATES.values())
            values = {"value": str(states[i]), "known": words}
            yield Finding(i, "task_status", "warning", "task_unknown_state", str(states[i]), values)


def _figures(data: TableData, plans: Plans) -> Iterator[Finding]:
    """Metric, scope, kind, value and week of targets and reviews."""
    used = data.used
    metrics, scopes, kinds, weeks = (data.column(k) for k in ("metric", "scope", "target_kind", "week"))
    targets, _ = to_numbers(data.column("target_value"))
    pick = 0 if plans.lang == "zh" else 1
    for i in range(used):
        listed = is_label(kinds[i], "kind_list")
        if _filled(kinds[i]) and not is_label(kinds[i], *KINDS):
            values = {"value": str(kinds[i]), "known": tuple(LABELS[k][pick] for k in KINDS)}
            yield Finding(i, "target_kind", "warning", "target_unknown_kind", str(kinds[i]), values)
        if listed and not plans.can_rank(metrics[i]):
            yield Finding(
                i, "metric", "error", "target_unknown_field", str(metrics[i]), {"value": str(metrics[i] or "")}
            )
        elif not listed and _filled(metrics[i]) and metric_key(metrics[i]) is None:
            values = {"value": str(metrics[i]), "known": tuple(names[pick] for names in METRICS.values())}
            yield Finding(i, "metric", "error", "target_unknown_metric", str(metrics[i]), values)
        if targets[i] != targets[i]:
            if _filled(metrics[i]) and "status" in data.fields:
                yield Finding(i, "target_value", "warning", "target_no_value", "")
        elif listed and list_share(float(targets[i])) is None:
            shown = f"{targets[i]:.15g}"
            yield Finding(i, "target_value", "error", "target_share", shown, {"value": shown})
        if _filled(scopes[i]) and plans.ids - {""} and not plans.has_members(scopes[i]):
            yield Finding(i, "scope", "warning", "scope_matches_nothing", str(scopes[i]), {"value": str(scopes[i])})
        if _filled(weeks[i]) and week_of(weeks[i]) is None:
            yield Finding(i, "week", "warning", "week_unreadable", str(weeks[i]), {"value": str(weeks[i])})
