"""What the default bands say in words is what they do in numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from crm_xl.analysis.scores import band_scores
from crm_xl.rules.defaults import default_rules
from crm_xl.vocabulary.fields import LANGS, UNIT_FACTOR, Lang, Unit
from crm_xl.vocabulary.indicators import INDICATOR_TEXTS

CASES = [(t.key, lang, unit) for t in INDICATOR_TEXTS for lang in LANGS for unit in ("wan", "yuan")]


def edges_said(text: str) -> list[float]:
    """The numbers in a band's words; per cents as shares, 万元 as yuan."""
    numbers = [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]
    scale = 0.01 if "%" in text else 10_000 if "万元" in text else 1
    return [round(n * scale, 9) for n in numbers]


@pytest.mark.parametrize(("key", "lang", "unit"), CASES)
def test_words_and_edges_agree(key: str, lang: Lang, unit: Unit) -> None:
    indicator = next(t for t in INDICATOR_TEXTS if t.key == key)
    rules = default_rules(lang, unit)
    bands = [b for b in rules.bands if b.indicator == indicator.header(lang, unit)]
    assert [b.score for b in bands] == [5, 4, 3, 2, 1]
    for band in bands:
        edges = edges_said(band.behaviour)
        if "<" in band.behaviour:
            inside = [edges[0] - 0.01]
        elif ">" in band.behaviour:
            inside = [edges[0] + 0.01]
        else:
            # both ends belong to a range of whole numbers; else one of them does
            whole = indicator.measure == "whole"
            inside = edges if whole else edges[-1:] if indicator.less_is_better else edges[:1]
        if indicator.money:
            inside = [x / UNIT_FACTOR[unit] for x in inside]
        scores, _ = band_scores(np.array(inside), bands)
        assert set(scores.tolist()) == {band.score}, band.behaviour


def test_as_the_document_writes_them() -> None:
    spoken = {(t.key, s): t.behaviour(s, "zh", "wan") for t in INDICATOR_TEXTS for s in range(1, 6)}
    assert [spoken["annual_spend", s] for s in (5, 4, 1)] == ["≥100万元", "50-100万元", "<10万元"]
    assert [spoken["response_hours", s] for s in (5, 4, 1)] == ["≤4小时", "4-8小时", ">48小时"]
    assert [spoken["complaints_12m", s] for s in (5, 4, 1)] == ["0次", "1次", "≥4次"]
    english = next(t for t in INDICATOR_TEXTS if t.key == "events_12m")
    assert [english.behaviour(s, "en", "wan") for s in (5, 2, 1)] == ["≥4 events", "1 event", "0 events"]
