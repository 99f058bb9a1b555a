"""What a data set is, and what a source of data sets declares.

Values are checked once, here, and cannot change afterwards. Splitting and scaling are in `prepare`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.catalogue import Entry
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bplab.data.tables.roles import Coding

PART_VALUES = 2**20
Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Task: TypeAlias = Literal["classes", "numbers"]
Scalar = TypeVar("Scalar", bound=np.generic)


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return `array` itself, protected from changes."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Classes:
    """A target that is one of several classes.

    Parameters
    ----------
    labels : ndarray of shape (samples,)
        The class of each sample, as a position in `names`.
    names : tuple of str
        The classes, in the order of the network's outputs.
    """

    labels: Indices
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        labels = read_only(np.array(self.labels, dtype=np.intp))
        object.__setattr__(self, "labels", labels)
        _require(labels.ndim == 1, "The classes of the samples are not one column.")
        in_range = bool(((labels >= 0) & (labels < len(self.names))).all())
        _require(in_range, f"A sample's class is outside 0 to {len(self.names) - 1}.")

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A target of one or more numbers.

    Parameters
    ----------
    values : ndarray of shape (samples, n_targets)
        In the target's own units.
    names : tuple of str
        What each number is.
    """

    values: Floats
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _table(self.values, self.names, "target"))

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples with their targets, as read or made: neither split nor scaled.

    Parameters
    ----------
    name : str
        What a menu or a title shows.
    X : ndarray of shape (samples, features)
        The inputs, in their own units.
    feature_names : tuple of str
        What each input is.
    target : Classes or Numbers
        What the network is to learn.
    fills : tuple of str
        For each feature what a missing value, NaN in `X`, becomes: "mean" or "median" of the training rows; "" where
        none is missing. Empty for none at all.
    codings : tuple of Coding
        How the features come from the columns of a table; empty for each from the column of its name.
    is_test : ndarray of bool, shape (samples,), optional
        The rows that are for testing, where the data say it themselves.

    Raises
    ------
    DataError
        If there is no sample or no feature, the lengths disagree, or a value is not finite.
    """

    name: str
    X: Floats
    feature_names: tuple[str, ...]
    target: Classes | Numbers
    fills: tuple[str, ...] = ()
    codings: tuple[Coding, ...] = ()
    is_test: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", _table(self.X, self.feature_names, "feature", self.fills))
        _require(len(self.X) > 0, f"The data set '{self.name}' has no samples.")
        counts = f"{len(self.X)} samples and {len(self.target)} targets"
        _require(len(self.X) == len(self.target), f"The data set '{self.name}' has {counts}.")


@dataclass(frozen=True, kw_only=True)
class Source(Entry):
    """A data set that comes with bplab.

    Parameters
    ----------
    task : {"classes", "numbers"}
        What the target is, known before the data are made.
    make : callable
        ``make(seed=..., **settings)`` returns the `Dataset`; equal arguments give equal data.
    """

    task: Task
    make: Callable[..., Dataset]


def _table(values: ArrayLike, names: tuple[str, ...], what: str, fills: Sequence[str] = ()) -> Floats:
    table = _protected(values)
    _require(table.ndim == 2, f"The {what} values are not a table of rows and columns.")
    _require(len(names) > 0, f"There is no {what}.")
    _require(table.shape[1] == len(names), f"There are {table.shape[1]} {what} columns and {len(names)} names.")
    if not _is_finite(table):
        for name, column, fill in zip(names, table.T, fills or ("",) * len(names), strict=True):
            bad = ~np.isfinite(column[~np.isnan(column)] if fill else column)
            _require(not bad.any(), f"The {what} '{name}' has a value that is not finite.")
    return table


def _is_finite(table: Floats) -> bool:
    step = max(1, PART_VALUES // table.shape[1])  # many need no memory of their own
    return all(bool(np.isfinite(table[first : first + step]).all()) for first in range(0, len(table), step))


def _protected(values: ArrayLike) -> Floats:
    """Return the values as an array that cannot be changed: a copy, unless nobody can change the one that is given."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        owner = values if values.base is None else values.base
        is_safe = isinstance(owner, np.ndarray) and not owner.flags.writeable and not values.flags.writeable
        if is_safe and values.flags.c_contiguous:
            return values
    return read_only(np.array(values, dtype=np.float64, order="C"))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise DataError(message)
