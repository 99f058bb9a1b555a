"""Tables from files: text cells under named columns, of which a user chooses the target.

Every fault is named with file, line and column. Nothing is skipped, filled or guessed in silence.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from bplab.data import columns
from bplab.data.dataset import Classes, Dataset, Floats, Numbers
from bplab.data.delimited import Rows, read_rows, shown
from bplab.data.formats import as_csv, is_other
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK = 2**20  # memory is taken for what is there, not for what may be
MAX_BYTES = 64 * 2**20  # as text in memory, a table takes about fifteen times its size
MAX_CLASSES = 1000  # one output each


def read_table(path: Path) -> Table:
    """Return the table in the file at `path`.

    Raises
    ------
    DataError
        If it cannot be read, or is not a table.
    """
    if not path.is_file():  # opening a device or a pipe might never end
        raise DataError(f"{path.name or path} is not there, or is not a file.", "Choose a CSV file.")
    return parse_table(path.name, table_bytes(path))


def table_bytes(path: Path) -> bytes:
    """Return the delimited text of a table; one of another format is made into it.

    Raises
    ------
    DataError
        If it cannot be read, or converted.
    """
    try:
        with path.open("rb") as file:
            chunks = list(islice(iter(partial(file.read, CHUNK), b""), MAX_BYTES // CHUNK + 1))
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the file's permissions.") from error
    content = b"".join(chunks)
    if not is_other(path.name):
        return content
    if len(content) > MAX_BYTES:
        raise DataError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB.", "Choose fewer rows or columns.")
    return as_csv(path.name, content)


def parse_table(name: str, data: bytes) -> Table:
    """Return the table in `data`, the content of the file `name`.

    Raises
    ------
    DataError
        If it is not a table.
    """
    if len(data) > MAX_BYTES:
        raise DataError(f"{name} is larger than {MAX_BYTES // 2**20} MB.", "Choose fewer rows or columns.")
    rows = read_rows(name, data)
    columns.check_header(f"{name}, line {rows.header_line}", rows.header)
    return Table(name, tuple(rows.header), rows)


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of text, before it is known which of them is the target."""

    name: str
    columns: tuple[str, ...]
    rows: Rows

    @property
    def n_rows(self) -> int:
        """The number of samples."""
        return len(self.rows.cells)

    def preview(self, rows: int = 20) -> list[tuple[str, ...]]:
        """Return the first rows as text."""
        return [tuple(cells) for cells in self.rows.cells[:rows]]

    def dataset(self, targets: Sequence[str] = (), kind: Literal["auto", "classes", "numbers"] = "auto") -> Dataset:
        """Return the data set with `targets`, by default the last column; every other column is a feature.

        ``"auto"`` takes a column of text as classes, and a column of at most 20 different whole numbers too when
        that is fewer than half as many as there are rows; everything else as numbers.

        Raises
        ------
        DataError
            If a value or the choice of targets does not allow it.
        """
        targets = self._known(tuple(targets) or self.columns[-1:])
        features = tuple(column for column in self.columns if column not in targets)
        if not features:
            raise DataError(f"{self.name} has no column left as an input.", "At least one column has to be no target.")
        target = self._target(targets, kind)
        return Dataset(Path(self.name).stem, self.numbers(features), features, target)

    def _known(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        for target in targets:
            if target not in self.columns:
                close = difflib.get_close_matches(target, self.columns, 1)
                meant = f"Did you mean {shown(close[0])}? " if close else ""
                names = ", ".join(shown(column) for column in self.columns[:20])
                raise DataError(f"{self.name} has no column {shown(target)}.", f"{meant}Its columns: {names}.")
        return tuple(dict.fromkeys(targets))

    def _target(self, targets: tuple[str, ...], kind: str) -> Classes | Numbers:
        if kind == "classes" and len(targets) > 1:
            raise DataError(f"{self.name}: {len(targets)} targets cannot be classes.", "Choose one target.")
        is_classes = kind == "classes" or (
            kind == "auto" and len(targets) == 1 and columns.holds_classes(self._floats(targets[0]))
        )
        return self._classes(targets[0]) if is_classes else Numbers(self.numbers(targets), targets)

    def _classes(self, column: str) -> Classes:
        cells = self._cells(column)
        if "" in cells:
            raise self._fault(cells.index(""), column, "the value is missing")
        labels, names = columns.classes(cells, self._floats(column))
        if len(names) == 1:
            message = f"{self.name}, column {shown(column)}: there is only one class, {shown(names[0])}"
            raise DataError(f"{message}; there is nothing to learn.", "Choose another target.")
        if len(names) > MAX_CLASSES:
            message = f"{self.name}, column {shown(column)}: there are {len(names)} classes."
            raise DataError(message, f"Choose a target with at most {MAX_CLASSES} classes.")
        return Classes(labels, names)

    def numbers(self, names: tuple[str, ...]) -> Floats:
        """Return columns as numbers, shape (rows, names); DataError where one is missing, or a value in it."""
        self._known(names)
        return np.column_stack([self._finite(column) for column in names])

    def _finite(self, column: str) -> Floats:
        values = self._floats(column)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            row = int(bad[0])
            cell = self._cells(column)[row]
            kind = "a number" if np.isnan(values[row]) else "a finite number"
            raise self._fault(row, column, f"{shown(cell)} is not {kind}" if cell else "the value is missing")
        return values

    def _floats(self, column: str) -> Floats:
        return columns.floats(self._cells(column), decimal_comma=self.rows.delimiter != ",")

    def _cells(self, column: str) -> list[str]:
        position = self.columns.index(column)
        return [cells[position] for cells in self.rows.cells]

    def _fault(self, row: int, column: str, what: str) -> DataError:
        where = f"{self.name}, line {self.rows.lines[row]}, column {shown(column)}"
        return DataError(f"{where}: {what}.", "Correct it or delete the row; a column of text can only be the target.")
