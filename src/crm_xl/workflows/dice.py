"""Random picks for the sample: one seed, the same tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Dice:
    """Random picks. Only integers and uniform numbers are drawn."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * float(self.rng.random())

    def chance(self, share: float) -> bool:
        return float(self.rng.random()) < share

    def pick(self, options: Sequence[T], weights: Sequence[int] | None = None) -> T:
        if weights is None:
            return options[self.whole(0, len(options) - 1)]
        at = self.whole(0, sum(weights) - 1)
        for option, weight in zip(options, weights, strict=True):
            at -= weight
            if at < 0:
                return option
        raise AssertionError("weights")

    def order(self, n: int) -> list[int]:
        return [int(i) for i in self.rng.permutation(n)]
