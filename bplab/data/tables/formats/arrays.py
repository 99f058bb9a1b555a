"""numpy's arrays: nothing that would run code is read, and no size is trusted."""

from __future__ import annotations

import io
import math
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.tables.formats.arff import Found

LARGEST = 64 * 2**20  # bytes of an array
INPUTS, TARGETS = ("X", "x", "x_train", "X_train", "data"), ("Y", "y", "y_train", "Y_train", "target", "labels")


def npy(name: str, data: bytes) -> Found:
    """Return the columns of an array of two dimensions; the last one is usually the target."""
    array = _array(name, name, data)
    if array.ndim != 2:
        raise DataError(f"{name} has {array.ndim} dimensions.", "Save an array of two: samples and columns.")
    return [f"column {place + 1}" for place in range(array.shape[1])], _texts(array)


def npz(name: str, data: bytes) -> Found:
    """Return inputs X and targets y; each sample of X is made flat, and y is one number or several."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            sizes = {info.filename.removesuffix(".npy"): info for info in members.infolist()}
            x, y = (next((key for key in known if key in sizes), None) for known in (INPUTS, TARGETS))
            if x is None or y is None:
                there = ", ".join(list(sizes)[:10])
                raise DataError(
                    f"{name} has no arrays X and y; it has: {there}.", "Save it with np.savez(path, X=X, y=y)."
                )
            if max(sizes[x].file_size, sizes[y].file_size) > LARGEST:
                raise DataError(f"{name}: an array is larger than {LARGEST // 2**20} MB.", "Choose fewer samples.")
            X, Y = (_array(name, key, members.read(sizes[key])) for key in (x, y))
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise DataError(f"{name} cannot be read: {str(error)[:80]}.", "Save it again with np.savez.") from None
    if not X.ndim or not Y.ndim or len(X) != len(Y):
        raise DataError(f"{name}: X and y are not of the same number of samples.", "Give each sample its target.")
    X, Y = X.reshape(len(X), -1), Y.reshape(len(Y), -1)
    names = [f"x{place + 1}" for place in range(X.shape[1])]
    targets = ["y"] if Y.shape[1] == 1 else [f"y{place + 1}" for place in range(Y.shape[1])]
    return [*names, *targets], [[*left, *right] for left, right in zip(_texts(X), _texts(Y), strict=True)]


def _array(name: str, key: str, data: bytes) -> np.ndarray[Any, Any]:
    """Return an array whose header says no more than the bytes hold."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > len(data):
            raise ValueError("it holds objects, or less than it says")
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except (ValueError, EOFError, OSError, MemoryError, KeyError) as error:
        what = f"the array {key} of {name}" if key != name else name
        raise DataError(f"{what} cannot be read: {str(error)[:80]}.", "Save it as numbers, with np.save.") from None


def _texts(array: np.ndarray[Any, Any]) -> list[list[str]]:
    if array.dtype.kind not in "biufUS":
        raise DataError(f"An array of type {array.dtype} is no table.", "Save numbers or short texts.")
    return [[_text(value) for value in row] for row in array.tolist()]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value) if isinstance(value, float) else str(int(value) if isinstance(value, bool) else value)
