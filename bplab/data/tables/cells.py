"""The cells of a table under the names of their columns, before it is known what each column is for."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.tables import columns
from bplab.data.tables.columns import shown
from bplab.data.tables.reading import MISSING_WORDS, Reading
from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.dataset import Floats
    from bplab.data.tables.delimited import Rows

HINT = "Correct it, drop the row, add the word to those for a missing value, or ignore the column."


@dataclass(frozen=True, eq=False)
class Cells:
    """Named columns of text and numbers."""

    name: str
    columns: tuple[str, ...]
    rows: Rows

    @property
    def n_rows(self) -> int:
        """The number of samples."""
        return len(self.rows)

    @cached_property
    def reading(self) -> Reading:
        """How it was read, with the decimal mark and the words for a missing value that are in use."""
        found = self.rows.reading
        if found.missing is None:
            found = replace(found, missing=self._missing_words())
        if found.decimal is None:
            found = replace(found, decimal="," if self._has_decimal_commas() else ".")
        return found

    def preview(self, rows: int = 20) -> list[tuple[str, ...]]:
        """Return the first rows as text."""
        return [tuple(cells) for cells in self.rows.head(rows)]

    def place(self, name: str) -> int:
        """Return where a column is, from 0."""
        return self.columns.index(name)

    def texts(self, name: str) -> list[str]:
        """Return a column as text."""
        return self.rows.texts(self.place(name))

    def numbers_of(self, name: str) -> Floats:
        """Return a column as numbers, shape (rows,), NaN where a cell is none."""
        return self.rows.numbers(self.place(name))

    def missing(self, name: str) -> np.ndarray:
        """Return where the cell of a column is a missing value, shape (rows,)."""
        is_plain = self.rows.all_numbers or np.isfinite(self.numbers_of(name)).all()
        if is_plain and not any(map(_is_number, self.reading.missing or ())):
            return np.zeros(self.n_rows, dtype=bool)
        words = {"", *(self.reading.missing or ())}
        return np.array([text in words for text in self.texts(name)], dtype=bool)

    def _missing_words(self) -> tuple[str, ...]:
        """Return the usual words for a missing value that stand among numbers, and question marks."""
        found: set[str] = set()
        if self.rows.all_numbers:
            return ()
        for place in range(len(self.columns)):
            values = self.rows.numbers(place)
            if np.isfinite(values).all():
                continue
            texts = [
                text
                for text, value in zip(self.rows.texts(place), np.isfinite(values), strict=True)
                if not value and text
            ]
            is_mostly_numbers = 2 * int(np.isfinite(values).sum()) > len(texts)
            found |= {text for text in set(texts) if text in MISSING_WORDS and (is_mostly_numbers or text == "?")}
        return tuple(sorted(found))

    def _has_decimal_commas(self) -> bool:
        if self.rows.all_numbers:
            return False
        form = replace(self.rows.reading, decimal=None)
        if form.delimiter == "," or not isinstance(self.rows.numbers(0), np.ndarray):
            return False
        sample = self.rows.head(1000)
        cells = [cell for row in sample for cell in row if "," in cell]
        return bool(np.isfinite(columns.floats(cells, decimal_comma=True)).any()) if cells else False

    def category_texts(self, name: str) -> list[str]:
        """Return a column as text, in which every word for a missing value is the empty one."""
        words = set(self.reading.missing or ())
        return ["" if text in words else text for text in self.texts(name)]

    def known(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names, each once; DataError with the nearest name where there is no such column."""
        for name in names:
            if name not in self.columns:
                close = difflib.get_close_matches(name, self.columns, 1)
                meant = f"Did you mean {shown(close[0])}? " if close else ""
                known = ", ".join(shown(column) for column in self.columns[:20])
                raise DataError(f"{self.name} has no column {shown(name)}.", f"{meant}Its columns: {known}.")
        return tuple(dict.fromkeys(names))

    def fault(self, row: int, column: str, what: str) -> DataError:
        """Return the error for a cell, with its line and column."""
        where = f"{self.name}, line {self.rows.line(row)}, column {shown(column)}"
        return DataError(f"{where}: {what}.", HINT)


def _is_number(text: str) -> bool:
    return bool(np.isfinite(columns.floats([text], decimal_comma=False)[0]))
