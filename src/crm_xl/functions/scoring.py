"""Bands, weighted score, levels, RFM and ABC: how good a customer this is."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_xl.analysis.rfm import rfm_class_codes, rfm_scores
from crm_xl.analysis.scores import band_scores, completeness, level_codes, weighted_scores
from crm_xl.analysis.value import abc_codes
from crm_xl.rules.defaults import rfm_classes
from crm_xl.rules.models import RfmBreak, RfmClass, ScoreBand
from crm_xl.rules.settings import find_choice
from crm_xl.vocabulary.labels import label

from .call import Call, Range, Stop, flatten
from .registry import worksheet_function


@worksheet_function("score")
def BAND_SCORE(value: Range, bands: Range) -> Range:
    """Score of a value by bands (lower edge, score), e.g. 100 -> 5, 50 -> 4."""
    call = Call()
    values = call.numbers(value)
    if bands is None:
        raise Stop
    rows: tuple[ScoreBand, ...] = call.rules("Bands", bands, model=ScoreBand)
    scores, codes = band_scores(values, rows)
    call.reject(np.isnan(scores) & ~np.isnan(values))
    return call.values(scores)


def _scored(scores: Range, weights: Range) -> tuple[Call, Any, Any]:
    """The scores as (customers, indicators) and the weights, for a call that answers per customer."""
    call = Call()
    weight_cells, _, _ = flatten(weights)
    weight = Call().numbers([weight_cells], least=0)[0]
    weight_call = Call()
    weight_call.numbers([weight_cells], least=0)
    if weight_call.wrong.any() or not weight.size:
        raise Stop
    weight = np.where(np.isnan(weight), 0.0, weight)
    cells, (rows, width), scalar = flatten(scores)
    if width != weight.size:
        if width != 1 or rows != weight.size:
            raise Stop
        rows, width = 1, rows
        single = True
    else:
        single = scalar or (rows == 1 and not isinstance(scores, np.ndarray))
    block = Call()
    table = block.numbers([cells[i * width : (i + 1) * width] for i in range(rows)], least=1, most=5)
    call.shape, call.scalar = (rows, 1), single
    call.reject(block.wrong.any(axis=1, keepdims=True))
    return call, table, weight


@worksheet_function("score")
def WEIGHTED_SCORE(scores: Range, weights: Range) -> Range:
    """Sum(score * weight) / sum(weights with data) * 20: 20 to 100, half up to 2 decimals."""
    call, table, weight = _scored(scores, weights)
    return call.values(weighted_scores(table, weight).reshape(-1, 1))


@worksheet_function("score")
def COMPLETENESS(scores: Range, weights: Range) -> Range:
    """Weight of the indicators with data / total weight, 0 to 1."""
    call, table, weight = _scored(scores, weights)
    return call.values(completeness(table, weight).reshape(-1, 1))


@worksheet_function("score")
def CUSTOMER_LEVEL(score: Range, levels: Range = None, lang: Range = "zh") -> Range:
    """Level of a weighted score, e.g. 一级(核心客户) from 90."""
    call = Call(lang)
    values = call.numbers(score)
    rows = call.rules("Levels", levels)
    return call.labels(level_codes(values, rows), [e.label for e in rows])


@worksheet_function("score")
def ACCOUNT_GRADE(score: Range, grades: Range = None, lang: Range = "zh") -> Range:
    """Grade of an account score: A from 80, B from 60, else C."""
    call = Call(lang)
    values = call.numbers(score)
    rows = call.rules("Grades", grades)
    return call.labels(level_codes(values, rows), [e.label for e in rows])


@worksheet_function("score", whole_column=True)
def RFM_SCORES(
    recency: Range, frequency: Range, monetary: Range, as_of: Range = None, bins: Range = None
) -> Range:
    """n rows of R, F, M. Cuts are quantiles over the customers with an order in the window.

    Equal values share a score. Orders only before the window: F = M = 1. Never ordered: ''.
    """
    call = Call()
    if as_of is None:
        days = call.numbers(recency, least=0)
    else:
        day = call.as_of(as_of)
        last = call.days(recency, until=day)
        days = np.where(np.isnat(last), np.nan, (day - last).astype(float))
    count = call.numbers(frequency, least=0)
    amount = call.numbers(monetary)
    if call.shape[1] != 1:
        raise Stop
    columns = [np.where(call.wrong, np.nan, x).ravel() for x in (days, count, amount)]
    scores = np.column_stack(rfm_scores(*columns, bins=_bins(call, bins)))
    call.reject(np.broadcast_to(call.wrong, (call.shape[0], 1)))
    call.scalar = False
    call.shape = (call.shape[0], 3)
    return call.values(scores)


def _bins(call: Call, bins: Range) -> Any:
    if bins is None:
        return 5
    cells, shape, _ = flatten(bins)
    if shape == (1, 1):
        if cells[0] is None:
            return 5
        number = cells[0]
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 2 <= number <= 9:
            raise Stop
        if number != int(number):
            raise Stop
        return int(number)
    rows: tuple[RfmBreak, ...] = call.rules("RfmBreaks", bins)
    grouped = {m: tuple(b for b in rows if b.measure == m) for m in "RFM"}
    if not all(grouped.values()):
        raise Stop
    return grouped


@worksheet_function("score")
def RFM_CLASS(r: Range, f: Range, m: Range, scheme: Range = None, lang: Range = "zh") -> Range:
    """Class of R, F, M scores by a scheme (five, eight, ten) or a table of classes, first match."""
    call = Call(lang)
    scores = [call.numbers(x, least=1, most=9, whole=True) for x in (r, f, m)]
    cells, shape, _ = flatten(scheme)
    if shape == (1, 1):
        name = "five" if cells[0] is None or not str(cells[0]).strip() else find_choice("scheme", cells[0])
        if name not in ("five", "eight", "ten"):
            raise Stop
        classes = rfm_classes(name, call.lang)  # type: ignore[arg-type]
    else:
        classes = call.rules("RfmClasses", scheme)
    rows: tuple[RfmClass, ...] = tuple(classes)
    other = RfmClass(label=label("other", call.lang))
    codes = rfm_class_codes(*scores, classes=(*rows, other))
    return call.labels(codes, [c.label for c in (*rows, other)])


@worksheet_function("score", whole_column=True)
def ABC_CLASS(amounts: Range) -> Range:
    """A below 80 % of the amount accumulated before the customer, B below 95 %, else C."""
    call = Call()
    values = call.numbers(amounts)
    known = np.where(call.wrong, 0.0, values)
    codes = abc_codes(known.ravel()).reshape(known.shape)
    return call.labels(codes, ["A", "B", "C"])
