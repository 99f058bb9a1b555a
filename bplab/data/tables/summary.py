"""What is found in a column, in a few words for somebody who decides what it is for."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.tables.columns import shown

if TYPE_CHECKING:
    from bplab.data.tables.cells import Cells

MANY = 100  # columns
NAMED = 4  # values that are named


def summary(cells: Cells, name: str) -> str:
    """Return whether a column holds numbers or text, how many different ones, and how many are missing."""
    if cells.rows.all_numbers and len(cells.columns) > MANY:
        values = cells.numbers_of(name)
        return f"numbers from {values.min():.4g} to {values.max():.4g}"
    values, is_missing = cells.numbers_of(name), cells.missing(name)
    there = ~is_missing
    gaps = f", {int(is_missing.sum()):,} missing" if is_missing.any() else ""
    finite = values[there & np.isfinite(values)]
    if not there.any():
        return "nothing but missing values"
    if 2 * len(finite) > int(there.sum()):
        others = int(there.sum()) - len(finite)
        texts = f", {others:,} that {'is' if others == 1 else 'are'} none" if others else ""
        return f"numbers from {finite.min():.4g} to {finite.max():.4g}{gaps}{texts}"
    different = {text for text, is_there in zip(cells.texts(name), there.tolist(), strict=True) if is_there}
    first = heapq.nsmallest(NAMED, different)  # to sort all of them would hold the interpreter
    some = ", ".join(shown(text)[1:-1] for text in first)
    return f"text, {len(different):,} different: {some}{', …' if len(different) > NAMED else ''}{gaps}"
