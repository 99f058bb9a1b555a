"""Cells that cannot be used as their column is meant to be."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.data.tables import roles
from bplab.data.tables.columns import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bplab.data.tables.cells import Cells
    from bplab.data.tables.roles import Column

MOST_FAULTS = 200  # that are listed


class Fault(NamedTuple):
    """A cell that cannot be used: line in the file, column, and what is wrong."""

    line: int
    column: str
    what: str


def faults(cells: Cells, chosen: Iterable[Column]) -> list[Fault]:
    """Return the cells that cannot be used as their columns are meant to be, line by line, the first of many."""
    found = (
        Fault(cells.rows.line(row), column.name, what) for column in chosen for row, what in faults_in(cells, column)
    )
    return sorted(islice(found, MOST_FAULTS))


def faults_in(cells: Cells, column: Column) -> Iterator[tuple[int, str]]:
    """Give the rows at which a column cannot be used as it is meant to be, with the reason."""
    roles.checked(column)
    if column.role == "ignored":
        return
    if column.role == "number" and cells.rows.all_numbers and not cells.reading.missing:
        return
    is_missing = cells.missing(column.name)
    if column.missing == "refuse" and is_missing.any():
        yield from _missing(cells, column, is_missing)
    if column.role in ("number", "target"):
        yield from _no_numbers(cells, column, is_missing)
    elif column.role == "split":
        yield from _no_marks(cells, column, is_missing)
    elif column.order and column.role in ("one_hot", "ordinal"):
        yield from _not_in_order(cells, column, is_missing)


def _missing(cells: Cells, column: Column, is_missing: np.ndarray) -> Iterator[tuple[int, str]]:
    texts = cells.texts(column.name)
    says = "is not a number" if column.role in ("number", "target") else "stands for a missing value"
    for row in np.flatnonzero(is_missing).tolist():
        yield row, f"{shown(texts[row])} {says}" if texts[row] else "the value is missing"


def _no_numbers(cells: Cells, column: Column, is_missing: np.ndarray) -> Iterator[tuple[int, str]]:
    values = cells.numbers_of(column.name)
    bad = np.flatnonzero(~np.isfinite(values) & ~is_missing)
    texts = cells.texts(column.name) if len(bad) else []
    for row in bad.tolist():
        yield row, f"{shown(texts[row])} is not {'a number' if np.isnan(values[row]) else 'a finite number'}"


def _no_marks(cells: Cells, column: Column, is_missing: np.ndarray) -> Iterator[tuple[int, str]]:
    for row, text in enumerate(cells.texts(column.name)):
        if not is_missing[row] and roles.marks_test(text) is None:
            yield row, f"{shown(text)} says neither train nor test"


def _not_in_order(cells: Cells, column: Column, is_missing: np.ndarray) -> Iterator[tuple[int, str]]:
    expected = ", ".join(map(shown, column.order[:6]))
    for row, text in enumerate(cells.category_texts(column.name)):
        if text not in column.order and not (is_missing[row] and column.missing != "refuse"):
            yield row, f"{shown(text)} is none of the values {expected}"
