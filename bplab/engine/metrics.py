"""How well a network does, in words that people use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.activations import Array


class Scores(NamedTuple):
    """Mean losses, and accuracies from 0 to 1; NaN where there is none."""

    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float


@dataclass(frozen=True, eq=False)
class ClassMetrics:
    """How well classes are told apart.

    Attributes
    ----------
    accuracy : float
        The share of the samples, 0 to 1, that is predicted right.
    confusion : ndarray of shape (classes, classes)
        Samples by their class (row) and the class that is predicted (column).
    precision, recall, f1 : ndarray of shape (classes,)
        The share of the predictions of a class that is right, the share of its samples that is found, and their
        harmonic mean; 0 where there is nothing to divide by, as in scikit-learn.
    """

    accuracy: float
    confusion: np.ndarray
    precision: Array
    recall: Array
    f1: Array


@dataclass(frozen=True, eq=False)
class NumberMetrics:
    """How near numbers are predicted, each of shape (n_out,), in the units of `Y`.

    Attributes
    ----------
    rmse, mae : ndarray
        Root of the mean squared error, and mean absolute error.
    r2 : ndarray
        1 minus the squared error as a share of that of the mean; NaN where the target never varies.
    """

    rmse: Array
    mae: Array
    r2: Array


Metrics: TypeAlias = ClassMetrics | NumberMetrics


def metrics_of(a: Array, Y: Array, classes: bool, threshold: float = 0.5) -> Metrics:
    """Return the metrics of outputs `a` for targets `Y`, both of shape (samples, n_out), at least one row."""
    return class_metrics(a, Y, threshold) if classes else number_metrics(a, Y)


def predicted_classes(a: Array, threshold: float = 0.5) -> np.ndarray:
    """Return the predicted class of each row of an output of shape (samples, n_out).

    With one output neuron a class, the highest activation wins; a single output means class 1 above `threshold`.
    """
    if a.shape[1] == 1:
        return (a[:, 0] > threshold).astype(np.intp)
    return np.asarray(a.argmax(axis=1))


def accuracy(a: Array, Y: Array, threshold: float = 0.5) -> float:
    """Return the share of rows, 0 to 1, whose predicted class is the target's."""
    return float(np.mean(predicted_classes(a, threshold) == predicted_classes(Y)))


def class_metrics(a: Array, Y: Array, threshold: float = 0.5) -> ClassMetrics:
    """Return the metrics of outputs `a` for targets `Y`, both of shape (samples, n_out), at least one row."""
    found, right = predicted_classes(a, threshold), predicted_classes(Y)
    n = max(2, Y.shape[1])
    confusion = np.bincount(right * n + found, minlength=n * n).reshape(n, n)
    hits = np.diag(confusion).astype(float)
    precision, recall = _share(hits, confusion.sum(axis=0)), _share(hits, confusion.sum(axis=1))
    f1 = _share(2.0 * precision * recall, precision + recall)
    return ClassMetrics(float(hits.sum() / len(Y)), confusion, precision, recall, f1)


def number_metrics(a: Array, Y: Array) -> NumberMetrics:
    """Return the metrics of outputs `a` for targets `Y`, both of shape (samples, n_out), at least one row."""
    squared, spread = np.square(a - Y).sum(axis=0), np.square(Y - Y.mean(axis=0)).sum(axis=0)
    r2 = 1.0 - np.divide(squared, spread, out=np.full(Y.shape[1], np.nan), where=spread > 0)
    return NumberMetrics(np.sqrt(squared / len(Y)), np.abs(a - Y).mean(axis=0), r2)


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
