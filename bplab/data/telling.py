"""Which inputs tell most of the target: those are worth a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes

if TYPE_CHECKING:
    from bplab.data.dataset import Floats, Indices
    from bplab.data.prepare import PreparedData

ALIKE = 0.999  # from such a correlation on, two inputs say the same
MOST_VALUES = 500_000  # more of them tell hardly more


def some_of(data: PreparedData) -> Indices:
    """Return as many rows that train, evenly spread, as are looked at for a picture."""
    rows = data.train_indices
    return rows[:: max(1, len(rows) * len(data.dataset.feature_names) // MOST_VALUES)]


def telling(data: PreparedData) -> Floats:
    """Return how much each input alone tells of the target, shape (n_features,), from 0 to 1.

    It is the share of the input's variance that lies between the classes, or the squared correlation with a number;
    0 for an input that never changes.
    """
    rows = some_of(data)
    X, target = data.dataset.X[rows], data.dataset.target
    with np.errstate(all="ignore"):
        X = X / np.maximum(np.abs(X).max(axis=0), 1e-300)
        if isinstance(target, Classes):
            found, labels = np.unique(target.labels[rows], return_inverse=True)
            means = np.stack([X[labels == label].mean(axis=0) for label in range(len(found))])
            between = means[labels].std(axis=0)
        else:
            values = target.values[rows, 0]
            between = (X - X.mean(axis=0)).T @ (values - values.mean()) / (len(X) * values.std())
        return np.asarray(np.nan_to_num(between / X.std(axis=0), nan=0.0, posinf=0.0, neginf=0.0) ** 2)


def most_telling(data: PreparedData) -> tuple[int, int]:
    """Return the two inputs that tell most, in the order of the data; twice the same where there is one alone.

    One that says the same as the first, such as "not male" beside "female", is passed over where there is another.
    """
    if len(data.dataset.feature_names) == 1:
        return 0, 0
    order = np.argsort(telling(data))[::-1].tolist()
    X = data.dataset.X[some_of(data)]
    best = X[:, order[0]]
    second = next((place for place in order[1:] if not _same(best, X[:, place])), order[1])
    first, last = sorted((order[0], second))
    return first, last


def _same(one: Floats, other: Floats) -> bool:
    """Tell whether one column follows from another on a straight line, or never changes."""
    with np.errstate(all="ignore"):
        a, b = (part - part.mean() for part in (one / np.abs(one).max(), other / np.abs(other).max()))
        r = float(a @ b / np.sqrt((a @ a) * (b @ b)))
    return not abs(r) < ALIKE
