"""What the built-in levels are like, in both languages."""

from __future__ import annotations

from crm_xl.vocabulary.evaluation_texts import LEVEL_TRAITS
from crm_xl.vocabulary.labels import LABELS


def test_traits_are_for_labels_that_there_are() -> None:
    assert set(LEVEL_TRAITS) <= set(LABELS)
    assert all(len(pair) == 2 and all(pair) for pair in LEVEL_TRAITS.values())
