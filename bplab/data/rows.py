"""Choosing and changing the samples of a data set: some of them, balanced, or with wrong targets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes, Dataset, Numbers, read_only
from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.dataset import Indices

_NOISE, _BALANCE = 11, 12  # so that what is drawn for one is not what is drawn for another


def part_of(dataset: Dataset, rows: Indices) -> Dataset:
    """Return the samples at these rows."""
    target = dataset.target
    chosen: Classes | Numbers
    if isinstance(target, Classes):
        chosen = Classes(target.labels[rows], target.names)
    else:
        chosen = Numbers(target.values[rows], target.names)
    is_test = None if dataset.is_test is None else dataset.is_test[rows]
    return dataclasses.replace(dataset, X=dataset.X[rows], target=chosen, is_test=is_test)


def with_noise(dataset: Dataset, rows: Indices, share: float, seed: int) -> Dataset:
    """Return the data set with wrong targets in a share of these rows: another class, or numbers that are off.

    Parameters
    ----------
    share : float
        For classes how many of the rows, 0 to 1; for numbers the standard deviation of what is added, as a share of
        that of the target.
    """
    if not share:
        return dataset
    rng, target = np.random.default_rng((seed, _NOISE)), dataset.target
    if not isinstance(target, Classes):
        values = np.array(target.values)
        values[rows] += share * values[rows].std(axis=0) * rng.normal(size=values[rows].shape)
        return dataclasses.replace(dataset, target=Numbers(values, target.names))
    labels = np.array(target.labels)
    wrong = rng.permutation(rows)[: round(share * len(rows))]
    labels[wrong] = (labels[wrong] + rng.integers(1, len(target.names), size=len(wrong))) % len(target.names)
    return dataclasses.replace(dataset, target=Classes(labels, target.names))


def balanced(dataset: Dataset, rows: Indices, how: str, seed: int) -> Indices:
    """Return the rows, ascending, so that each class is there as often as the others; `how` is one of `BALANCES`.

    Raises
    ------
    DataError
        If the target is numbers.
    """
    if how == "none":
        return rows
    if not isinstance(dataset.target, Classes):
        raise DataError("A target of numbers has no classes to balance.", "Leave the samples as they are.")
    rng = np.random.default_rng((seed, _BALANCE))
    labels = dataset.target.labels[rows]
    groups = [rng.permutation(rows[labels == label]) for label in np.unique(labels)]
    sizes = [len(group) for group in groups]
    wanted = max(sizes) if how == "over" else min(sizes)
    return read_only(np.sort(np.concatenate([np.resize(group, wanted) for group in groups])))
