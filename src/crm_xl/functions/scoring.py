"""Bands, weighted score, levels, RFM and ABC: how good a customer this is."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_xl.analysis.dates import Bools, Floats
from crm_xl.analysis.rfm import rfm_class_codes, rfm_scores
from crm_xl.analysis.scores import band_scores, completeness, level_codes, weighted_scores
from crm_xl.analysis.value import abc_codes
from crm_xl.rules.defaults import rfm_classes
from crm_xl.rules.models import RfmBreak, RfmClass, ScoreBand
from crm_xl.rules.settings import find_choice
from crm_xl.rules.tables import blank
from crm_xl.vocabulary.labels import label

from .call import Call, Range, Stop, flatten, to_numbers
from .registry import worksheet_function


@worksheet_function("score")
def BAND_SCORE(value: Range, bands: Range) -> Range:
    """Score of a value by bands (lower edge, score), e.g. 100 -> 5, 50 -> 4."""
    call = Call()
    values = call.numbers(value)
    # the bands of an indicator have no built-in stand-in: none at all are malformed ones
    rows: tuple[ScoreBand, ...] = call.rules("Bands", [] if bands is None else bands, model=ScoreBand)
    scores, _ = band_scores(values, rows)
    call.reject(np.isnan(scores) & ~np.isnan(values))
    return call.values(scores)


def _scored(scores: Range, weights: Range) -> tuple[Call, Any, Any]:
    """The scores as (customers, indicators) and the weights, for a call that answers per customer."""
    weighing = Call()
    weight = weighing.numbers(weights, least=0)
    weight = np.where(np.isnan(weight), 0.0, weight)
    size = weight.size
    if isinstance(scores, np.ndarray) and scores.ndim == 2 and scores.dtype == float:
        values: Floats = scores.ravel()
        wrong: Bools | None = np.isinf(values)
        rows, width = scores.shape
    else:
        cells, (rows, width), _ = flatten(scores)
        values, wrong = to_numbers(cells)
    if width != size and width == 1 and rows == size:
        rows, width = 1, size
    call = Call()
    call.shape, call.scalar = (rows, 1), rows == 1
    with np.errstate(over="ignore"):
        countable = bool(np.isfinite(weight.sum())) and not weighing.wrong.any()
    if width != size or size not in weight.shape or not countable:
        raise Stop(call.everywhere())
    bad: Bools = (values < 1) | (values > 5)
    if wrong is not None:
        bad |= wrong
    call.reject(np.any(bad.reshape(rows, width), axis=1, keepdims=True))
    return call, values.reshape(rows, width), weight.ravel()


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
def RFM_SCORES(recency: Range, frequency: Range, monetary: Range, as_of: Range = None, bins: Range = None) -> Range:
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
        raise Stop(call.everywhere())
    r, f, m = (np.where(call.wrong, np.nan, x).ravel() for x in (days, count, amount))
    call.scalar, call.shape = False, (call.shape[0], 3)
    scores = np.column_stack(rfm_scores(r, f, m, bins=_bins(call, bins)))
    return call.values(scores)


def _bins(call: Call, bins: Range) -> int | dict[str, tuple[RfmBreak, ...]]:
    """The number of quantile bins (5), or the breaks of each measure."""
    cells, shape, _ = flatten(bins)
    if shape == (1, 1):
        if blank(cells[0]):
            return 5
        numbers, wrong = to_numbers(cells)
        if wrong is not None or numbers[0] not in range(2, 10):
            raise Stop(call.everywhere())
        return int(numbers[0])
    rows: tuple[RfmBreak, ...] = call.rules("RfmBreaks", bins)
    grouped = {m: tuple(b for b in rows if b.measure == m) for m in "RFM"}
    if not all(grouped.values()):
        raise Stop(call.everywhere())
    return grouped


@worksheet_function("score")
def RFM_CLASS(r: Range, f: Range, m: Range, scheme: Range = None, lang: Range = "zh") -> Range:
    """Class of R, F, M scores by a scheme (five, eight, ten) or a table of classes, first match."""
    call = Call(lang)
    by_r, by_f, by_m = (call.numbers(x, least=1, most=9, whole=True) for x in (r, f, m))
    other = RfmClass(label=label("other", call.lang))
    classes = (*_classes(call, scheme), other)
    codes = rfm_class_codes(by_r, by_f, by_m, classes)
    return call.labels(codes, [c.label for c in classes])


def _classes(call: Call, scheme: Range) -> tuple[RfmClass, ...]:
    """The classes of a scheme by its name (five), or those of a table."""
    cells, shape, _ = flatten(scheme)
    if shape != (1, 1):
        classes: tuple[RfmClass, ...] = call.rules("RfmClasses", scheme)
        return classes
    name = "five" if blank(cells[0]) else find_choice("scheme", cells[0])
    if name == "five" or name == "eight" or name == "ten":
        return rfm_classes(name, call.lang)
    raise Stop(call.everywhere())


@worksheet_function("score", whole_column=True)
def ABC_CLASS(amounts: Range) -> Range:
    """A below 80 % of the amount accumulated before the customer, B below 95 %, else C."""
    call = Call()
    values = call.numbers(amounts)
    known = np.where(call.wrong, 0.0, values)
    codes = abc_codes(known.ravel()).reshape(known.shape)
    return call.labels(codes, ["A", "B", "C"])
