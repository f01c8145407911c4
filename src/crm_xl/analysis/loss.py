"""How likely customers are lost: by the model where it can say, else by how odd their silence is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .dates import Bools, Floats
from .prediction import Prediction
from .silence import Silence

DIGITS = 4
"""Digits beyond those would differ between machines."""


class Loss(NamedTuple):
    """n customers; shape (n,) each. `chance`: 0 to 1, NaN where nothing can be said. `modelled`: by the prediction."""

    chance: Floats
    modelled: Bools


def chance_of_loss(silence: Silence, prediction: Prediction | None) -> Loss:
    """1 - probability alive (BG/NBD) of customers with repeats, 1 - survival of the silence of the others.

    Under BG/NBD a customer drops out only after a repeat, so that one without repeats is alive for certain: of those
    the model says nothing. 1 - survival is the share of gaps between purchases that were shorter than the silence: it
    orders customers, but is no probability that they are lost, and mostly above it.
    """
    chance: Floats = 1 - silence.survival
    modelled = np.zeros(len(chance), dtype=bool)
    if prediction is not None:
        modelled = prediction.history.frequency > 0
        chance = np.where(modelled, 1 - prediction.alive, chance)
    return Loss(chance.round(DIGITS), modelled)
