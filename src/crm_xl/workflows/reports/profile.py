"""Group profile, findings and strategies, and the figures and cross table beside them."""

from __future__ import annotations

from math import fsum

from crm_xl.analysis.profile import Group, cross_table
from crm_xl.analysis.rates import is_active, repurchase_rate
from crm_xl.functions.call import to_numbers
from crm_xl.rules.models import Rulebook
from crm_xl.vocabulary.fields import UNIT_TEXT
from crm_xl.vocabulary.labels import label
from crm_xl.vocabulary.traits import TRAITS
from crm_xl.workbook.formulas import kpi_formulas

from ..analyse import strategy_of
from ..label_order import label_order
from .story import Story, blank_as_text, write_figures


def write_profile(story: Story) -> None:
    """Profile, Plan, the figures beside them, the cross table."""
    book, outcome, natives = story.book, story.outcome, story.natives
    rules, lang = story.rules, story.lang
    groups = outcome.groups
    if book.has_table("Profile"):
        fields = book.headers("Profile")
        rows = [{k: blank_as_text(getattr(g, k)) for k in fields} for g in groups]
        book.replace_rows("Profile", rows, formulas=natives)
    if book.has_table("Plan"):
        strategies = {g.segment: strategy_of(g.segment, rules) for g in groups}
        rows = [
            {"segment": g.segment, "customers": g.customers, "customer_share": g.customer_share,
             "traits": group_traits(g, rules), "strategy": strategies[g.segment]}
            for g in groups
        ]  # fmt: skip
        book.merge_rows("Plan", rows, formulas=natives, functions=story.form != "values")
    profiled = natives and book.has_table("Profile")
    write_figures(
        book,
        key_figures(story),
        kpi_formulas(book.headers("Profile"), book.headers("Customers"), lang) if profiled else {},
    )
    incomplete = label("incomplete", lang)
    first = [*label_order("value_tier", rules), incomplete]
    second = [*label_order("activity", rules), label("prospect", lang), incomplete]
    counts = cross_table(outcome.results["value_tier"], outcome.results["activity"])
    book.write_cross(list(dict.fromkeys(first)), list(dict.fromkeys(second)), counts, formulas=natives)


def key_figures(story: Story) -> dict[str, object]:
    """Named cell -> what all customers together come to."""
    groups = story.outcome.groups
    orders, _ = to_numbers(story.outcome.columns["order_count"])
    return {
        "KpiCustomers": sum(g.customers for g in groups),
        "KpiActive": sum(is_active(a) for a in story.outcome.results["activity"]),
        "KpiSpend": fsum(g.spend for g in groups),
        "KpiRepurchase": blank_as_text(repurchase_rate(orders)),
    }


def group_traits(group: Group, rules: Rulebook) -> str:
    """What the members of a group have in common, in a sentence."""
    lang, unit = rules.lang, rules.settings.unit
    pick = 0 if lang == "zh" else 1
    parts = []
    if group.industries:
        parts.append(TRAITS["industries"][pick].format(value=group.industries))
    if group.preference:
        parts.append(TRAITS["preference"][pick].format(value=group.preference))
    if group.customers and group.spend:
        mean = group.spend / group.customers
        parts.append(TRAITS["spend"][pick].format(value=f"{mean:,.2f}", unit=UNIT_TEXT[unit][lang]))
    if group.repurchase_rate is not None:
        parts.append(TRAITS["repurchase"][pick].format(value=f"{group.repurchase_rate:.0%}"))
    if group.collection_days is not None:
        parts.append(TRAITS["collection"][pick].format(value=f"{group.collection_days:.0f}"))
    if group.churn_causes:
        parts.append(TRAITS["churn"][pick].format(value=group.churn_causes))
    return TRAITS["join"][pick].join(parts)
