"""How well a network does, in words that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.activations import Array


class Scores(NamedTuple):
    """Mean losses, and accuracies from 0 to 1; NaN where there is none."""

    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


def predicted_classes(a: Array) -> np.ndarray:
    """Return the predicted class of each row of an output of shape (samples, n_out).

    With one output neuron a class, the highest activation wins; a single output means class 1 above 0.5.
    """
    if a.shape[1] == 1:
        return (a[:, 0] > 0.5).astype(np.intp)
    return np.asarray(a.argmax(axis=1))


def accuracy(a: Array, Y: Array) -> float:
    """Return the share of rows, 0 to 1, whose predicted class is the target's."""
    return float(np.mean(predicted_classes(a) == predicted_classes(Y)))
