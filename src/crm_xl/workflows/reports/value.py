"""Customer value: CLV in all and by group, concentration of spend, the most valuable customers, the model behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_xl.analysis.concentration import Concentration, concentration
from crm_xl.analysis.dates import Codes, Floats
from crm_xl.analysis.prediction import Prediction
from crm_xl.analysis.profile import excel_numbers
from crm_xl.analysis.rates import rate, total
from crm_xl.analysis.value import abc_codes
from crm_xl.cells import CellError
from crm_xl.rules.settings import choice_text
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.texts import pick, text
from crm_xl.vocabulary.value_texts import MODELS, PARAMETER_NAMES, PARAMETERS

from .story import Story, fill_table, write_figures

TABLES = ("Abc", "Pareto", "ValueByGroup", "TopValue", "ModelParameters")
TOP = 20
CLASSES = ("A", "B", "C")
DIGITS = 5
"""Of an estimate: digits beyond them would differ between machines."""
Rows = list[dict[str, object]]


def write_value(story: Story) -> None:
    """Abc, Pareto, ValueByGroup, TopValue, ModelParameters, and the figures beside them."""
    book = story.book
    if not any(map(book.has_table, TABLES)):
        return
    spend, clv = (excel_numbers(story.column(key)) for key in ("annual_spend", "clv"))
    found = concentration(spend)
    named = {
        "Abc": _classes(spend),
        "ValueByGroup": _groups(story, clv),
        "TopValue": _most_valuable(story, clv),
    }
    for name, rows in named.items():
        if book.has_table(name):
            fill_table(book, name, rows)
    listed = {"Pareto": _curve(found), "ModelParameters": _parameters(story.outcome.outlook.prediction, story.lang)}
    for name, rows in listed.items():
        if book.has_table(name):
            book.replace_rows(name, rows, formulas=False)
    write_figures(
        book,
        {
            "ClvTotal": _total(clv),
            "ClvMethodShown": choice_text("clv_method", story.rules.settings.clv_method, story.lang),
            "ClvNote": _note(story),
            "TopFifthShare": found.top_20,
            "MakersOfMost": found.for_most,
            "SpendersCounted": found.customers,
            "SpendGini": found.gini,
            "OrdersExpected": _total(_foretold(story, "expected_orders")),
        },
    )


def _foretold(story: Story, key: str) -> Floats:
    return excel_numbers(story.column(key))


def _total(values: Floats) -> float | None:
    """The sum of what is known; None where nothing is."""
    return None if np.isnan(values).all() else total(values)


def _mean(values: Floats) -> float | None:
    return rate(total(values), int((~np.isnan(values)).sum()))


def _note(story: Story) -> str:
    """How the prediction was made; or why there is none, or how to ask for one."""
    found, why = story.outcome.outlook.prediction, story.outcome.outlook.no_prediction
    if found is not None:
        customers, repeating = found.order_model.customers, int((found.history.frequency > 0).sum())
        told = text("clv_predicted", story.lang).format(customers=f"{customers:,}", repeating=f"{repeating:,}")
        return told if found.no_amounts is None else told + text("clv_own_amounts", story.lang)
    return text("clv_not_predicted", story.lang).format(reason=why) if why else text("clv_switch", story.lang)


def _classes(spend: Floats) -> Rows:
    """Customers with a known annual spend by ABC class; what was given back counts as 0, as in the classes."""
    codes = abc_codes(spend)
    spent = np.where(spend > 0, spend, 0.0)
    counts = [int((codes == c).sum()) for c in range(len(CLASSES))]
    sums = [total(spent[codes == c]) for c in range(len(CLASSES))]
    return [
        {"abc": name, "customers": n, "customer_share": rate(n, sum(counts)), "spend": s,
         "spend_share": rate(s, total(spent))}
        for name, n, s in zip(CLASSES, counts, sums, strict=True)
    ]  # fmt: skip


def _curve(found: Concentration) -> Rows:
    """Share of spend of the first 0, 10 ... 100 % of customers, beside what it would be if all spent alike."""
    if not found.deciles.size:
        return []
    return [
        {"customer_share": i / 10, "spend_share": share, "even_share": i / 10}
        for i, share in enumerate([0.0, *found.deciles.tolist()])
    ]


def _groups(story: Story, clv: Floats) -> Rows:
    """A line for each group of the profile, in its order."""
    groups = [g.segment for g in story.outcome.groups]
    place: dict[object, int] = {name: i for i, name in enumerate(groups)}
    codes: Codes = np.array([place.get(s, -1) for s in story.column("segment")], dtype=np.intp)
    alive, orders = _foretold(story, "alive"), _foretold(story, "expected_orders")
    return [
        {"segment": name, "customers": int(mine.sum()), "clv_total": _total(clv[mine]), "clv_mean": _mean(clv[mine]),
         "alive": _mean(alive[mine]), "expected_orders": _total(orders[mine])}
        for name, mine in ((name, codes == i) for i, name in enumerate(groups))
    ]  # fmt: skip


def _most_valuable(story: Story, clv: Floats) -> Rows:
    """The customers with the highest CLV, equal ones in the order of the customer table. One without a name goes by
    its id: the chart has to call it something."""
    ranked = np.argsort(-clv, kind="stable")[:TOP]
    rows: Sequence[int] = ranked[~np.isnan(clv[ranked])].tolist()
    keys = ("clv", "alive", "expected_orders", "predicted_clv", "churn_risk", "owner")
    columns = {key: story.column(key) for key in keys}
    ids, names = story.outcome.ids, story.column("customer_name")
    return [
        {"rank": rank, "customer_id": str(ids[i]), "customer_name": _cell(names[i]) or str(ids[i]),
         **{key: _cell(cells[i]) for key, cells in columns.items()}}
        for rank, i in enumerate(rows, 1)
    ]  # fmt: skip


def _cell(value: object) -> object:
    return None if isinstance(value, CellError) else value


def _parameters(found: Prediction | None, lang: Lang) -> Rows:
    """A line for each parameter; none without a prediction."""
    if found is None:
        return []
    rows: Rows = []
    for kind, model, names in (
        ("orders", found.order_model, ("r", "alpha", "a", "b")),
        ("amounts", found.amount_model, ("p", "q", "v")),
    ):
        if model is None:
            continue
        figures: list[tuple[str, float, float | None]] = [
            *((n, _short(getattr(model, n)), _short(e)) for n, e in zip(names, model.errors, strict=True)),
            ("log_likelihood", round(model.log_likelihood, 2), None),
            ("customers", model.customers, None),
        ]
        rows += [
            {"model": pick(MODELS[kind], lang), "parameter": pick(PARAMETER_NAMES.get(name, (name, name)), lang),
             "meaning": pick(PARAMETERS[name], lang), "estimate": estimate,
             "error": None if error is None or error != error else error}
            for name, estimate, error in figures
        ]  # fmt: skip
    return rows


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
