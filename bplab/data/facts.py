"""Numbers that describe a data set: how values are spread, and how columns go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.data.dataset import Classes

if TYPE_CHECKING:
    from bplab.data.dataset import Dataset, Floats

BINS = 24
FEW, UNEVEN, NAMED = 10, 20, 4
MOST_VALUES = 2_000_000  # that are looked at; of more, rows evenly spread


class Spread(NamedTuple):
    """How the values of a column are spread: edges of bins, shape (bins + 1,), and counts, shape (groups, bins)."""

    edges: Floats
    counts: np.ndarray


def spread(dataset: Dataset, column: int) -> Spread:
    """Return how the values of a feature are spread, one group for each class; one group where there are none."""
    values = dataset.X[:, column]
    edges = np.histogram_bin_edges(values, BINS)
    target = dataset.target
    if not isinstance(target, Classes):
        return Spread(edges, np.histogram(values, edges)[0][None, :])
    groups = [np.histogram(values[target.labels == label], edges)[0] for label in range(len(target.names))]
    return Spread(edges, np.array(groups))


def class_counts(dataset: Dataset) -> np.ndarray:
    """Return how many samples each class has, shape (classes,); one number for all where the target is numbers."""
    target = dataset.target
    if isinstance(target, Classes):
        return np.bincount(target.labels, minlength=len(target.names))
    return np.array([len(target)])


def remarks(dataset: Dataset) -> tuple[str, ...]:
    """Return what somebody should know before a network is trained on these data; nothing where all is usual."""
    found, target = [], dataset.target
    if len(dataset.X) < FEW:
        found.append(f"There are only {len(dataset.X)} samples." if len(dataset.X) > 1 else "There is only one sample.")
    if isinstance(target, Classes):
        counts = class_counts(dataset).tolist()
        single = [name for name, count in zip(target.names, counts, strict=True) if count == 1]
        if single:
            found.append(f"{_named('Class', single)} one sample alone, which is for training.")
        elif max(counts) > UNEVEN * min(counts):
            found.append(f"The classes are uneven: {min(counts):,} to {max(counts):,} samples.")
    else:
        constant = [name for name, column in zip(target.names, target.values.T, strict=True) if np.ptp(column) == 0]
        if constant:
            found.append(f"{_named('Target', constant)} the same value in every row.")
    low, high = (np.fmin, np.fmax)
    same = low.reduce(dataset.X, axis=0) == high.reduce(dataset.X, axis=0)
    constant = [name for name, is_same in zip(dataset.feature_names, same.tolist(), strict=True) if is_same]
    if constant:
        found.append(f"{_named('Input', constant)} the same value in every row.")
    return tuple(found)


def _named(what: str, names: list[str]) -> str:
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
    return f"{what} {shown} has" if len(names) == 1 else f"{what}{'es' if what == 'Class' else 's'} {shown} have"


def correlations(dataset: Dataset, most: int) -> tuple[tuple[str, ...], Floats]:
    """Return how features and target go together: their names, and Pearson's r of each two, 0 for a constant column.

    Classes count as 0 or 1 each; of many columns the first `most` are taken.
    """
    names, columns = list(dataset.feature_names[:most]), dataset.X[:, :most]
    stride = max(1, columns.size // MOST_VALUES)
    columns, target = columns[::stride], dataset.target
    if isinstance(target, Classes):
        shown = range(len(target.names)) if len(target.names) != 2 else (1,)
        own = [(target.labels[::stride] == label).astype(np.float64) for label in shown]
        titles = [f"is {target.names[label]}" for label in shown]
    else:
        own, titles = list(target.values[::stride].T), list(target.names)
    room = max(0, most - len(own))
    values = np.column_stack([columns[:, :room], *own])
    values = values - values.mean(axis=0)
    scale = np.abs(values).max(axis=0)
    values /= np.where(scale > 0, scale, 1.0)  # so that no square overflows
    lengths = np.sqrt((values**2).sum(axis=0))
    products = values.T @ values / np.maximum(np.outer(lengths, lengths), 1e-300)
    return (*names[:room], *titles), np.clip(products, -1.0, 1.0)
