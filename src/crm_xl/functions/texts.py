"""Strategy look-up and masking."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from crm_xl.analysis.masking import KINDS, mask
from crm_xl.analysis.segments import join_tag, split_tag
from crm_xl.rules.models import Strategy
from crm_xl.vocabulary.fields import Lang
from crm_xl.vocabulary.labels import label

from .call import Call, Range, choice
from .registry import worksheet_function

SYSTEMS = ("segment", "level", "rfm", "grade", "stage")


@lru_cache(maxsize=64)
def _library(strategies: tuple[Strategy, ...]) -> dict[tuple[str, str], str]:
    """(system, label) -> its texts, one after the other."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in strategies:
        texts = found.setdefault((row.system.casefold(), row.tag), [])
        if row.strategy and row.strategy not in texts:
            texts.append(row.strategy)
    return {key: "\n".join(texts) for key, texts in found.items()}


def strategy_label(tag: str, system: str, strategies: tuple[Strategy, ...], lang: Lang) -> str:
    """The label whose strategies hold for `tag`: the same, else its activity + value, activity, value, else ''."""
    library = _library(strategies)
    names = [tag]
    if system == "segment":
        value, activity = split_tag(tag, lang)
        if value and activity:
            names.append(join_tag((value, activity), lang))
        names += [x for x in (activity, value) if x]
    return next((n for n in names if library.get((system, n))), "")


def _find(tag: str, system: str, strategies: tuple[Strategy, ...], lang: Lang) -> str:
    return _library(strategies).get((system, strategy_label(tag, system, strategies, lang)), "")


@worksheet_function("text")
def STRATEGY(tag: Range, system: Range = None, strategies: Range = None, lang: Range = "zh") -> Range:
    """Strategy for a label: the exact one, else for its activity and value, activity, value."""
    call = Call(lang)
    tags = call.texts(tag)
    name = choice(system, SYSTEMS)
    rows: tuple[Strategy, ...] = call.rules("Strategies", strategies)
    incomplete = label("incomplete", call.lang)
    answers = {t: _find(t or incomplete, name, rows, call.lang) for t in set(tags.ravel().tolist())}
    cells = np.empty(tags.shape, dtype=object)
    cells.ravel()[:] = [answers[t] if t else incomplete for t in tags.ravel().tolist()]
    return call.cells(cells)


@worksheet_function("text")
def MASK(text: Range, kind: Range = "auto") -> Range:
    """Masked text: 王小明 -> 王**, 138****5678, a***@b.com; masked text stays, empty stays empty."""
    call = Call()
    texts = call.texts(text)
    name = choice(kind, KINDS)
    cells = np.empty(texts.shape, dtype=object)
    cells.ravel()[:] = [mask(t, name) for t in texts.ravel().tolist()]
    return call.cells(cells)
