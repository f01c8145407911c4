"""Metrics of a refresh over any scope and period, for targets and reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from crm_xl.analysis.dates import Days
from crm_xl.analysis.periods import contracts, net_by_period, states_before
from crm_xl.analysis.targets import in_target_scope, metric_key, metric_value
from crm_xl.functions.call import to_days
from crm_xl.vocabulary.metrics import PERIODS

from .story import Story

QUARTER = 3
_OF_A_PERIOD = frozenset({"growth_rate", "upsell_rate", "renewal_rate"})


class Measures:
    """Figures of the customers of a refresh; each period is folded once."""

    def __init__(self, story: Story) -> None:
        self._story = story
        outcome = story.outcome
        before = states_before(story.history, story.as_of, outcome.activity_before)
        self.columns: Mapping[str, Sequence[object]] = {
            **outcome.columns,
            **outcome.results,
            "activity_before": [before.get(i, "") for i in outcome.ids.tolist()],
            "recommend": outcome.merged.columns["recommend"].tolist(),
        }
        self._periods: dict[int, dict[str, Sequence[object]]] = {}

    def members(self, scope: object) -> list[int]:
        """The rows that a scope names."""
        return in_target_scope(scope, self.columns, len(self._story.outcome.ids))

    def value(self, metric: object, scope: object, period: object) -> float | None:
        """A metric over a scope; None: unknown, or no base for one."""
        key = metric_key(metric)
        if key is None:
            return None
        columns = {**self.columns, **self._period(period_months(period))} if key in _OF_A_PERIOD else self.columns
        return metric_value(key, self.members(scope), columns)

    def _period(self, months: int) -> dict[str, Sequence[object]]:
        if months not in self._periods:
            story = self._story
            now, year_ago = net_by_period(story.inputs.orders, story.outcome.ids, story.as_of, months)
            signed, ends = self._days("signed_on"), self._days("contract_end")
            renewed, lapsed = contracts(signed, self._days("first_order"), ends, story.as_of, months)
            self._periods[months] = {
                "period_net": now.tolist(), "year_ago_net": year_ago.tolist(),
                "renewed": renewed.tolist(), "lapsed": lapsed.tolist(),
            }  # fmt: skip
        return self._periods[months]

    def _days(self, key: str) -> Days:
        return np.asarray(to_days(list(self._story.column(key)))[0])


def period_months(period: object, default: int = QUARTER) -> int:
    """The months of a period as a cell names it."""
    text = str(period or "").strip().casefold()
    return next((m for zh, en, m in PERIODS.values() if text in (zh, en.casefold())), default)
