"""The labels of each column in the order in which people read them, said once for tables, charts and reports."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from crm_xl.analysis.segments import tag_labels
from crm_xl.rules.defaults import rfm_classes
from crm_xl.rules.models import ActivityRule, Rulebook, ValueTier
from crm_xl.vocabulary.labels import label


def label_order(key: str, rules: Rulebook) -> list[str]:
    """The labels that the rules can give in a result column (field key), each once; none for other columns.

    Segments: best value first, within it the liveliest first. Stages: as a customer goes through them. RFM classes:
    those of the scheme in force.
    """
    found: Sequence[str] = ()
    if key == "segment":
        found = tag_labels(_best_first(rules), _liveliest_first(rules), rules.lang)
    elif key == "value_tier":
        found = [t.label for t in _best_first(rules)]
    elif key == "activity":
        found = [r.label for r in _liveliest_first(rules)]
    elif key == "lifecycle":
        stages = sorted(rules.lifecycle_rules, key=lambda r: (r.months_since or 0, r.orders or 0))
        found = [label("prospect", rules.lang), *(r.label for r in stages)]
    elif key == "rfm_class":
        scheme = rules.settings.rfm_scheme
        found = [c.label for c in (rules.rfm_classes if scheme == "five" else rfm_classes(scheme, rules.lang))]
    elif key in ("level", "account_grade"):
        found = [e.label for e in (rules.levels if key == "level" else rules.grades)]
    return list(dict.fromkeys(found))


def every_label(key: str, rules: Rulebook) -> list[str]:
    """`label_order`, and behind it the labels of customers of whom there is little to say."""
    last = (label(k, rules.lang) for k in ("prospect", "prospect_customer", "incomplete", "out_of_scope"))
    return list(dict.fromkeys([*label_order(key, rules), *last]))


def _best_first(rules: Rulebook) -> list[ValueTier]:
    return sorted(rules.value_tiers, key=lambda t: -inf if t.edge is None else t.edge, reverse=True)


def _liveliest_first(rules: Rulebook) -> list[ActivityRule]:
    return sorted(rules.activity_rules, key=lambda r: r.months_since or 0)
