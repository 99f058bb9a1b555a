"""What the text of one column means: numbers or classes. Nothing here knows about files."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.data.dataset import Floats, Indices

_MOST_NUMERIC_CLASSES = 20
_LOOKED_AT_FIRST = 1000
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d*")


def shown(text: str) -> str:
    """Return `text` in quotation marks for a message: short, and without control characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def check_header(where: str, header: Sequence[str]) -> None:
    """Raise `DataError` if `header`, found in the file and line `where`, cannot be the names of columns."""
    if "" in header:
        raise DataError(f"{where}: column {header.index('') + 1} has no name.", "Name it, or delete the column.")
    column, times = Counter(header).most_common(1)[0]
    if times > 1:
        raise DataError(f"{where}: {times} columns are named {shown(column)}.", "Give each its own name.")


def floats(cells: Sequence[str], *, decimal_comma: bool) -> Floats:
    """Return the cells as numbers, NaN where a cell is none.

    With `decimal_comma`, "3,14" is read as 3.14, and "1.200,5" as 1200.5, if more of the cells are numbers in that way.

    Returns
    -------
    ndarray of shape (rows,)
    """
    points = np.array([_float(cell) for cell in cells])
    if not decimal_comma or not np.isnan(points).any():
        return points
    commas = np.array([_float(_with_point(cell)) for cell in cells])
    return commas if np.isnan(commas).sum() < np.isnan(points).sum() else points


def _with_point(cell: str) -> str:
    """Return a number with a decimal comma as it is written with a point; nothing where it is none for sure."""
    if "." in cell and not _THOUSANDS.fullmatch(cell):
        return ""  # "1.200" may be either
    return cell.replace(".", "").replace(",", ".")


def holds_classes(values: Floats) -> bool:
    """Tell whether a target of these values, shape (rows,) and NaN for text, is rather classes than numbers."""
    if 2 * np.isnan(values).sum() >= len(values):
        return True
    if len(np.unique(values[:_LOOKED_AT_FIRST])) > _MOST_NUMERIC_CLASSES:
        return False
    different = np.unique(values)  # NaN and infinity are not whole, and get their message as numbers
    few = len(different) <= _MOST_NUMERIC_CLASSES and 2 * len(different) < len(values)
    return few and bool((np.isfinite(different) & (different == np.rint(different))).all())


def classes(cells: Sequence[str], values: Floats) -> tuple[Indices, tuple[str, ...]]:
    """Return the class of each row and the names of the classes: sorted, as numbers if all of them are.

    Parameters
    ----------
    cells : sequence of str
        The column as text.
    values : ndarray of shape (rows,)
        The column as numbers, NaN where a cell is none.

    Returns
    -------
    labels : ndarray of shape (rows,)
        Positions in the names.
    names : tuple of str
    """
    if np.isfinite(values).all():
        different, labels = np.unique(values, return_inverse=True)
        return labels, tuple(short(value) for value in different.tolist())
    names = sorted({cell for cell in cells})  # noqa: C416 - step by step: a window may want the interpreter
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[cell] for cell in cells], dtype=np.intp), tuple(names)


def _float(cell: str) -> float:
    if "_" in cell:  # Python reads "1_000" as a number, a table's author would not
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def short(value: float) -> str:
    """Return a number as it is written short."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


def looks_like_values(header: Sequence[str]) -> bool:
    """Tell whether a first row holds values rather than names: numbers alone, or one with a decimal mark.

    Whole numbers that count on from the first, as those of pixels do, are names.
    """
    values = [_float(cell.replace(",", ".")) for cell in header]
    numbers = [cell for cell, value in zip(header, values, strict=True) if not np.isnan(value)]
    if any("." in cell or "," in cell for cell in numbers):
        return True
    return bool(numbers) and len(numbers) == len(header) and not _counts(values)


def _counts(values: Sequence[float]) -> bool:
    return len(values) > 2 and all(after == before + 1 for before, after in itertools.pairwise(values))
