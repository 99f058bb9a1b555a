"""A data set: samples in rows, features in columns, and a target of classes or of numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.catalogue import Entry
from bplab.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Classes:
    """A target of classes: `labels` of shape (samples,) index into `names`."""

    labels: NDArray[np.intp]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Numbers:
    """A target of numbers: `values` of shape (samples, n_targets)."""

    values: Array
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Raw data, before any preparation.

    Parameters
    ----------
    name : str
        What the user knows it by.
    X : ndarray of shape (samples, features)
        Made read-only.
    feature_names : tuple of str
    target : Classes or Numbers

    Raises
    ------
    DataError
        If there is nothing to learn from, or a value is not finite.
    """

    name: str
    X: Array
    feature_names: tuple[str, ...]
    target: Classes | Numbers

    def __post_init__(self) -> None:
        rows = self.target.labels if isinstance(self.target, Classes) else self.target.values
        if not len(self.X):
            raise DataError(f"{self.name} has no rows.", "Give it at least one row of data.")
        if not self.X.shape[1]:
            raise DataError(f"{self.name} has no feature column.", "Keep at least one column beside the target.")
        if len(rows) != len(self.X) or not np.isfinite(self.X).all() or not np.isfinite(rows).all():
            raise DataError(f"{self.name} has missing or infinite values.", "Every cell needs a finite number.")
        if isinstance(self.target, Classes) and len(self.target.names) < 2:
            raise DataError(
                f"{self.name} has only one class, '{self.target.names[0]}': there is nothing to tell apart.",
                "Choose another target column, or add rows of a second class.",
            )
        for array in (self.X, rows):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.X)


@dataclass(frozen=True, kw_only=True)
class Source(Entry):
    """A data set that bplab makes or ships.

    Parameters
    ----------
    task : str
        "classes" or "numbers".
    make : callable
        ``make(seed=..., **settings)`` gives the `Dataset`; equal arguments give equal bits.
    """

    task: str
    make: Callable[..., Dataset]
