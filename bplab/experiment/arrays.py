"""The numbers in a file: each is what the JSON promises, or a message says which is not."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import DamagedError, FileError
from bplab.experiment.header import DTYPE, LARGEST_HISTORY, RESCUE, Document

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.experiment.archive import Archive


class Arrays:
    """The arrays of a file. Memory is taken only for what the file is known to hold.

    Every method raises `DamagedError`, naming the array by `what`, such as ``"weights of layer 2"``.
    """

    def __init__(self, archive: Archive, document: Document) -> None:
        self.document = document
        self._archive = archive

    def __contains__(self, key: str) -> bool:
        return key in self.document.arrays

    def check(self, key: str, shape: tuple[int, ...], what: str) -> tuple[int, ...]:
        """Return the shape of an array that the file holds; a -1 stands for any number of rows of a history."""
        promised = self.document.arrays.get(key)
        if promised is None:
            raise self.broken(f"the {what} are missing")
        fits = len(promised.shape) == len(shape) and all(
            found == wanted or (wanted == -1 and 0 <= found <= LARGEST_HISTORY)
            for found, wanted in zip(promised.shape, shape, strict=True)
        )
        if not fits:
            expected, found = (" x ".join(str(n)[:20] for n in s) or "one number" for s in (shape, promised.shape))
            name = self._archive.name
            raise DamagedError(f"{name}: the {what} should be {expected}, the file has {found}.", RESCUE)
        stored = self._archive.stored_size(f"arrays/{key}.bin")
        if stored != 8 * math.prod(promised.shape):
            raise self.broken(f"the {what} are {'missing' if stored < 0 else 'not as long as they should be'}")
        return promised.shape

    def read(self, key: str, shape: tuple[int, ...], what: str) -> Array:
        """Return an array, of which every bit is as it was saved."""
        found = self.check(key, shape, what)
        size = 8 * math.prod(found)
        try:
            content = self._archive.read(f"arrays/{key}.bin", size)
        except FileError:
            content = b""
        if len(content) != size or hashlib.sha256(content).hexdigest() != self.document.arrays[key].sha256:
            raise self.broken(f"the {what} were changed after saving")
        return np.frombuffer(content, dtype=DTYPE).reshape(found)

    def finite(self, key: str, shape: tuple[int, ...], what: str) -> Array:
        """Return an array of numbers that are finite in the network's type."""
        with np.errstate(over="ignore"):
            found = self.read(key, shape, what).astype(self.document.spec.network.dtype, copy=False)
        if not np.isfinite(found).all():
            raise DamagedError(
                f"{self._archive.name}: the {what} are not all finite.",
                "Its design can be opened without its weights: playing then goes to the last finite step.",
            )
        return found

    def broken(self, what: str) -> DamagedError:
        """Return the error for something that is not as it was saved."""
        return DamagedError(f"{self._archive.name} is damaged: {what}.", RESCUE)
