"""Scaling of columns to mean 0 and standard deviation 1, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from bplab.data.dataset import Floats


@dataclass(frozen=True, eq=False)
class Scale:
    """``scaled = (value - mean) / std`` per column.

    Parameters
    ----------
    mean, std : ndarray of shape (columns,)
        In the units of the values; `std` is never 0.
    """

    mean: Floats
    std: Floats

    @classmethod
    def identity(cls, n_columns: int) -> Scale:
        """Return the scale that changes nothing."""
        return cls(np.zeros(n_columns), np.ones(n_columns))

    @classmethod
    def fit(cls, rows: Floats, names: tuple[str, ...]) -> Scale:
        """Return the scale that standardizes `rows`, an ndarray of shape (n, columns).

        A constant column is only centred. `std` is that of the population (divided by n), as in scikit-learn's
        StandardScaler.

        Raises
        ------
        DataError
            If a column's values are so large that their spread overflows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            mean, std = rows.mean(axis=0), rows.std(axis=0)
        for name, spread in zip(names, std, strict=True):
            if not np.isfinite(spread):
                raise DataError(f"The values of '{name}' are too large to be standardized.", "Use a smaller unit.")
        constant = (rows == rows[0]).all(axis=0)  # by comparing: the std of equal values may round to above 0
        return cls(np.where(constant, rows[0], mean), np.where(constant | (std == 0), 1.0, std))

    def apply(self, values: ArrayLike) -> Floats:
        """Return `values`, shape (n, columns) or (columns,), scaled."""
        with np.errstate(over="ignore"):
            return (self._checked(values) - self.mean) / self.std

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
