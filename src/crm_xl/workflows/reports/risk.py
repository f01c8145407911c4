"""Churn risk: who may be lost with how much money, and how good such warnings were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_xl.analysis.backtest import TENTHS, Backtest
from crm_xl.analysis.loss import Loss, chance_of_loss
from crm_xl.analysis.profile import excel_numbers
from crm_xl.analysis.rates import rate, total
from crm_xl.analysis.risk import RiskRanking, ranked_risks
from crm_xl.analysis.silence import Silence, silences
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import is_label
from crm_xl.vocabulary.texts import text

from ..hindsight import Hindsight, look_back
from .story import Story, fill_table, write_figures

LISTED, CHARTED = 100, 10
GOOD, SOME = 2.0, 1.2
"""From so many times a guess on, a warning is good, or some help."""
FEW = 10
"""Of fewer customers, shares say little."""


def write_risk(story: Story) -> None:
    """Risks, TopStakes, Backtest, BacktestDeciles and their figures."""
    book = story.book
    if not book.has_table("Risks"):
        return
    nets, count = story.nets, len(story.outcome.ids)
    silence = silences(nets.who, nets.when, nets.net, story.as_of, count)
    loss = chance_of_loss(silence, story.outcome.outlook.prediction)
    spend = excel_numbers(story.column("annual_spend"))
    ranking = ranked_risks(loss.chance, spend)
    rows = _risks(story, silence, loss, ranking)
    fill_table(book, "Risks", rows)
    if book.has_table("TopStakes"):
        top = [{"customer": r["customer_name"] or r["customer_id"], "stake": r["stake"]} for r in rows[:CHARTED]]
        book.replace_rows("TopStakes", top, formulas=False)
    bought = bool(nets.bought.any())
    figures: dict[str, object] = {
        "RiskFlagged": sum(is_label(c, "yes") for c in story.column("churn_risk")) if count else None,
        "RiskStake": total(ranking.stake) if ranking.order.size else None,
        "RiskOverdue": int(silence.overdue.sum()) if bought else None,
        "RiskNote": _note(story, bought),
    }
    write_figures(book, figures | _write_backtest(story))


def _note(story: Story, bought: bool) -> str:
    """How the chance of loss was judged."""
    outlook, lang = story.outcome.outlook, story.lang
    if not bought:
        return text("risk_no_orders", lang)
    if outlook.prediction is not None:
        return text("risk_by_model", lang)
    why_not = outlook.no_prediction
    more = text("risk_not_modelled", lang).format(reason=why_not) if why_not else text("risk_switch", lang)
    return _joined((text("risk_by_silence", lang), more), lang)


def _joined(sentences: Sequence[str], lang: Lang) -> str:
    return ("" if lang == "zh" else " ").join(sentences)


def _risks(story: Story, silence: Silence, loss: Loss, ranking: RiskRanking) -> list[dict[str, object]]:
    """The customers with most money at stake; those with none are not listed."""
    ids, lang = story.outcome.ids.tolist(), story.lang
    cells = {k: story.column(k) for k in ("customer_name", "annual_spend", "health", "churn_reason", "owner")}
    rhythms = text("rhythm_own", lang), text("rhythm_all", lang)
    order = [i for i in ranking.order[:LISTED].tolist() if ranking.stake[i] > 0]
    return [
        {
            "rank": rank,
            "customer_id": ids[i],
            "loss": float(loss.chance[i]),
            "stake": round(float(ranking.stake[i]), 6),
            "days_silent": float(silence.days[i]),
            "usual_gap": _known(silence.median[i]),
            "survival": _known(np.round(silence.survival[i], 4)),
            "rhythm": rhythms[int(silence.pooled[i])],
            **{key: column[i] for key, column in cells.items()},
        }
        for rank, i in enumerate(order, 1)
    ]


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _write_backtest(story: Story) -> dict[str, object]:
    """The tables of the back-test; gives the figures and what is to be said."""
    book, lang = story.book, story.lang
    if not book.has_table("Backtest"):
        return {}
    seen = look_back(story.inputs, story.as_of)
    found = seen.found
    counts = [] if found is None else _counts(found, story)
    book.replace_rows("Backtest", counts, formulas=False)
    if book.has_table("BacktestDeciles"):
        tenths = () if found is None else found.deciles
        rows = [
            {"tenth": i, "customers": d.customers, "churned": d.churned, "rate": d.rate, "lift": d.lift,
             "caught": d.caught}
            for i, d in enumerate(tenths, 1)
        ]  # fmt: skip
        book.replace_rows("BacktestDeciles", rows, formulas=False)
    if found is None:
        told = text(seen.reason, lang).format(
            start=seen.start, end=seen.end, begins=seen.begins, needed=seen.needed, customers=seen.customers,
            flagged=seen.flagged,
        )  # fmt: skip
        said = {"BacktestSaid": text("backtest_not", lang).format(reason=told), "BacktestMeans": None}
        return {"RiskPrecision": None, "RiskRecall": None, "RiskLift": None, **said}
    return {
        "RiskPrecision": found.precision,
        "RiskRecall": found.recall,
        "RiskLift": found.deciles[0].lift if found.scored >= TENTHS else None,
        "BacktestSaid": _percent("backtest_found", story, seen, base=found.base_rate),
        "BacktestMeans": _verdict(story, seen, found),
    }


def _counts(found: Backtest, story: Story) -> list[dict[str, object]]:
    """Customers who were warned of, those who were not, and all: how many were lost."""
    lines = (
        ("warned_yes", found.flagged, found.true_positive),
        ("warned_no", found.customers - found.flagged, found.false_negative),
        ("warned_all", found.customers, found.churned),
    )
    return [
        {
            "warned": text(key, story.lang),
            "customers": customers,
            "churned": lost,
            "stayed": customers - lost,
            "rate": rate(lost, customers),
        }
        for key, customers, lost in lines
    ]


def _percent(key: str, story: Story, seen: Hindsight, **shares: float | None) -> str:
    """A text of the back-test with its counts, and these shares in per cent."""
    found = seen.found
    assert found is not None
    told = {name: f"{value:.0%}" for name, value in shares.items() if value is not None}
    return text(key, story.lang).format(
        start=seen.start, end=seen.end, customers=found.customers, flagged=found.flagged, churned=found.churned, **told
    )


def _verdict(story: Story, seen: Hindsight, found: Backtest) -> str:
    """What the rates mean, honestly."""
    lift = found.lift
    if lift is None:
        parts = [text("backtest_none_flagged", story.lang)]
    else:
        good = "backtest_good" if lift >= GOOD else "backtest_some" if lift >= SOME else "backtest_poor"
        parts = [
            _percent("backtest_rates", story, seen, precision=found.precision, recall=found.recall),
            text(good, story.lang).format(lift=f"{lift:.1f}"),
        ]
    if story.outcome.outlook.prediction is not None and not seen.modelled:
        parts.append(text("backtest_by_silence", story.lang))
    if min(found.flagged, found.churned) < FEW:
        parts.append(text("backtest_few", story.lang))
    return _joined(parts, story.lang)
