"""Scaling of columns to a common size, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike

    from bplab.data.dataset import Floats


PART_VALUES = 2**20


def _standardized(rows: Floats) -> tuple[Floats, Floats]:
    mean = rows.mean(axis=0)
    squares = sum((np.square(part - mean).sum(axis=0) for part in parts(rows)), np.zeros(rows.shape[1]))
    return mean, np.sqrt(squares / len(rows))


def _min_max(rows: Floats) -> tuple[Floats, Floats]:
    low = rows.min(axis=0)
    return low, rows.max(axis=0) - low


def _robust(rows: Floats) -> tuple[Floats, Floats]:
    low, middle, high = np.quantile(rows, [0.25, 0.5, 0.75], axis=0)
    return middle, high - low


def parts(rows: Floats) -> Iterator[Floats]:
    """Give the rows in parts that fit into the processor's cache, so that many need no memory of their own."""
    step = max(1, PART_VALUES // rows.shape[1])
    return (rows[first : first + step] for first in range(0, len(rows), step))


# What is taken away, and what is divided by, of rows of shape (n, columns).
FITS: dict[str, Callable[[Floats], tuple[Floats, Floats]]] = {
    "standardize": _standardized,
    "min_max": _min_max,
    "robust": _robust,
}
SCALINGS: dict[str, tuple[str, str]] = {
    "standardize": ("mean 0, deviation 1", "Each input gets mean 0 and standard deviation 1 (standardized)."),
    "min_max": ("0 to 1", "The smallest value of each input becomes 0, the largest 1 (min-max)."),
    "robust": ("median 0, quartiles 1", "The median becomes 0, and the middle half is 1 wide: outliers do not count."),
    "none": ("as they are", "The network sees the values as they are."),
}


@dataclass(frozen=True, eq=False)
class Scale:
    """``scaled = (value - mean) / std`` per column.

    Parameters
    ----------
    mean, std : ndarray of shape (columns,)
        What is taken away, and what is divided by, in the units of the values: mean and standard deviation, or what
        takes their place. `std` is never 0.
    """

    mean: Floats
    std: Floats

    @classmethod
    def identity(cls, n_columns: int) -> Scale:
        """Return the scale that changes nothing."""
        return cls(np.zeros(n_columns), np.ones(n_columns))

    @classmethod
    def fit(cls, rows: Floats, names: tuple[str, ...], how: str = "standardize") -> Scale:
        """Return the scale that brings `rows`, an ndarray of shape (n, columns), to a common size.

        A constant column is only shifted to 0. The standard deviation is that of the population (divided by n), as in
        scikit-learn's StandardScaler; "min_max" and "robust" are its MinMaxScaler and RobustScaler.

        Raises
        ------
        DataError
            If a column's values are so large that their spread overflows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            shift, spread = FITS[how](rows)
        for name, width in zip(names, spread, strict=True):
            if not np.isfinite(width):
                raise DataError(f"The values of '{name}' are too large to be standardized.", "Use a smaller unit.")
        constant = rows.min(axis=0) == rows.max(axis=0)  # by comparing: the std of equal values may round to above 0
        return cls(np.where(constant, rows[0], shift), np.where(constant | (spread == 0), 1.0, spread))

    @property
    def changes_nothing(self) -> bool:
        """Whether it is the identity."""
        return not self.mean.any() and bool((self.std == 1.0).all())

    def apply(self, values: ArrayLike) -> Floats:
        """Return `values`, shape (n, columns) or (columns,), scaled."""
        return self.scaled(np.array(self._checked(values)))

    def scaled(self, values: Floats) -> Floats:
        """Return `values`, shape (n, columns), which are scaled in their place."""
        if not self.changes_nothing:
            with np.errstate(over="ignore"):
                for part in parts(values):
                    part -= self.mean
                    part /= self.std
        return values

    def undo(self, scaled: ArrayLike) -> Floats:
        """Return the values of which `scaled`, shape (n, columns) or (columns,), is the scaled form."""
        with np.errstate(over="ignore"):
            return self._checked(scaled) * self.std + self.mean

    def _checked(self, values: ArrayLike) -> Floats:
        array = np.asarray(values, dtype=np.float64)
        if array.ndim == 0 or array.shape[-1] != len(self.mean):  # broadcasting would hide it
            found = array.shape[-1] if array.ndim else 1
            raise DataError(f"{len(self.mean)} values per sample are expected, {found} were given.")
        return array
