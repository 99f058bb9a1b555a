"""From raw data to what the network sees: split, scale, encode. Scales come from the training rows alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bplab.data.dataset import Array, Classes, Dataset
from bplab.errors import DataError


@dataclass(frozen=True)
class Preparation:
    """How a data set is split and scaled.

    Parameters
    ----------
    test_fraction : float
        Share of the rows, 0 to 0.9, that is kept for testing.
    standardize : bool
        Whether each input gets mean 0 and standard deviation 1.
    standardize_target : bool
        Whether a target of numbers does.
    seed : int
        Decides which rows are for testing.
    """

    test_fraction: float = 0.2
    standardize: bool = True
    standardize_target: bool = True
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Scale:
    """``(raw - mean) / deviation``, column by column; both of shape (columns,)."""

    mean: Array
    deviation: Array

    def apply(self, raw: Array) -> Array:
        """Return raw values, shape (rows, columns), scaled."""
        return np.asarray((raw - self.mean) / self.deviation)

    def undo(self, scaled: Array) -> Array:
        """Return scaled values, shape (rows, columns), in their own units."""
        return np.asarray(scaled * self.deviation + self.mean)


@dataclass(frozen=True, eq=False)
class PreparedData:
    """Arrays that a network can train on; rows are samples and all arrays are read-only.

    Attributes
    ----------
    X_train, X_test : ndarray of shape (samples, features)
    Y_train, Y_test : ndarray of shape (samples, outputs)
        One column a class, or one column of 0 and 1, or the target's numbers.
    train_indices, test_indices : ndarray of shape (samples,)
        The rows' places in the data set, ascending.
    output_names : tuple of str
        What each output stands for.
    class_names : tuple of str
        Empty for a target of numbers.
    """

    dataset: Dataset
    X_train: Array
    Y_train: Array
    X_test: Array
    Y_test: Array
    train_indices: np.ndarray
    test_indices: np.ndarray
    output_names: tuple[str, ...]
    class_names: tuple[str, ...]
    input_scale: Scale
    target_scale: Scale

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What each input stands for."""
        return self.dataset.feature_names

    def prepare(self, raw: ArrayLike) -> Array:
        """Return raw inputs, shape (samples, features) or (features,), as the network sees them."""
        values = np.atleast_2d(np.asarray(raw, dtype=np.float64))
        if values.shape[1] != len(self.feature_names):
            raise DataError(
                f"A sample has {values.shape[1]} values, the data {len(self.feature_names)} features.",
                f"Give one value for each of: {', '.join(self.feature_names[:20])}.",
            )
        return self.input_scale.apply(values)

    def unprepare(self, X: Array) -> Array:
        """Return prepared inputs, shape (samples, features), in their own units."""
        return self.input_scale.undo(X)

    def restore(self, Y: Array) -> Array:
        """Return outputs, shape (samples, outputs), in the target's own units."""
        return self.target_scale.undo(Y)


def prepare(dataset: Dataset, preparation: Preparation, one_hot: bool) -> PreparedData:
    """Split, scale and encode a data set.

    Parameters
    ----------
    one_hot : bool
        Whether a target of classes gets one column a class; if not, it must have two classes, and one column of 0 and 1.
    """
    train, test = _split(dataset, preparation)
    Y, names = _targets(dataset, one_hot)
    inputs = _scale(dataset.X[train], preparation.standardize)
    is_numbers = not isinstance(dataset.target, Classes)
    outputs = _scale(Y[train], is_numbers and preparation.standardize_target)
    X, Y = inputs.apply(dataset.X), outputs.apply(Y)
    arrays = X[train], Y[train], X[test], Y[test], train, test
    for array in arrays:
        array.flags.writeable = False
    class_names = dataset.target.names if isinstance(dataset.target, Classes) else ()
    return PreparedData(dataset, *arrays, names, class_names, inputs, outputs)


def _targets(dataset: Dataset, one_hot: bool) -> tuple[Array, tuple[str, ...]]:
    target = dataset.target
    if not isinstance(target, Classes):
        return target.values, target.names
    if one_hot:
        return np.eye(len(target.names))[target.labels], target.names
    if len(target.names) != 2:
        raise DataError(f"{dataset.name} has {len(target.names)} classes; one output can tell only two apart.")
    return target.labels[:, None].astype(np.float64), target.names[1:]


def _scale(rows: Array, wanted: bool) -> Scale:
    if not wanted:
        return Scale(np.zeros(rows.shape[1]), np.ones(rows.shape[1]))
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = rows.std(axis=0)
        mean = rows.mean(axis=0)
    if not (np.isfinite(deviation).all() and np.isfinite(mean).all()):
        raise DataError("A column holds values too large to be scaled.", "Divide that column by a large number.")
    return Scale(mean, np.where(deviation > 0, deviation, 1.0))


def _split(dataset: Dataset, preparation: Preparation) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows for training and for testing; classes keep their shares, and each at least one training row."""
    rng = np.random.default_rng(preparation.seed)
    is_classes = isinstance(dataset.target, Classes)
    groups = dataset.target.labels if is_classes else np.zeros(len(dataset), dtype=np.intp)
    chosen = np.zeros(len(dataset), dtype=bool)
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        count = min(round(len(rows) * preparation.test_fraction), len(rows) - 1)
        chosen[rows[:count]] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)
