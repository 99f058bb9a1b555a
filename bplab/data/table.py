"""Tables from text files: everything is read as text first, so that every fault has a line and a column."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bplab.data.dataset import Array, Classes, Dataset, Numbers
from bplab.errors import DataError

Kind = Literal["auto", "classes", "numbers"]
LARGEST_CLASS_COUNT = 20  # whole numbers with more different values than this are taken as numbers
LARGEST_TABLE = 256 * 2**20  # bytes


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of text under named columns; ``lines`` are the rows' line numbers in the file."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def dataset(self, targets: Sequence[str] = (), kind: Kind = "auto", name: str = "") -> Dataset:
        """Return the data set with the given target columns (the last one if none is given).

        Parameters
        ----------
        kind : {"auto", "classes", "numbers"}
            What the target is. "auto": text is classes, and so are up to 20 different whole numbers that repeat.

        Raises
        ------
        DataError
            Naming line and column of the first cell that is not what it should be.
        """
        names = tuple(targets) or self.columns[-1:]
        places = [self._place(column) for column in names]
        if kind == "classes" and len(places) > 1:
            raise DataError(f"{self.name}: several target columns must be numbers.", "Choose one column of classes.")
        classes = len(places) == 1 and (kind == "classes" or (kind == "auto" and self._holds_classes(places[0])))
        target = self._classes(places[0]) if classes else self._numbers_target(places)
        features = [i for i in range(len(self.columns)) if i not in places]
        X = np.column_stack([self._numbers(i) for i in features]) if features else np.empty((len(self.rows), 0))
        return Dataset(name or self.name, X, tuple(self.columns[i] for i in features), target)

    def holds_classes(self, column: str) -> bool:
        """Tell whether "auto" takes this column as classes."""
        return self._holds_classes(self._place(column))

    def _place(self, column: str) -> int:
        if column not in self.columns:
            close = difflib.get_close_matches(column, self.columns, 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Its columns: {', '.join(self.columns[:20])}."
            raise DataError(f"{self.name} has no column '{column}'.", hint)
        return self.columns.index(column)

    def _cells(self, column: int) -> list[str]:
        return [row[column] for row in self.rows]

    def _numbers(self, column: int) -> Array:
        cells = self._cells(column)
        if all(_is_decimal_comma(cell) for cell in cells) and any("," in cell for cell in cells):
            cells = [cell.replace(",", ".") for cell in cells]
        try:
            values = np.array([float(cell) for cell in cells])
        except ValueError:
            values = np.array([_number(cell) for cell in cells])
        if not np.isfinite(values).all():
            raise self._not_a_number(column, int(np.flatnonzero(~np.isfinite(values))[0]))
        return values

    def _not_a_number(self, column: int, row: int) -> DataError:
        cell = self.rows[row][column]
        found = f"'{cell[:40]}' is not a number" if cell else "the cell is empty"
        return DataError(
            f"{self.name}, line {self.lines[row]}, column '{self.columns[column]}': {found}.",
            "Mend that cell, or take the column out; a column of text can only be the target.",
        )

    def _numbers_target(self, columns: list[int]) -> Numbers:
        values = np.column_stack([self._numbers(i) for i in columns])
        return Numbers(values, tuple(self.columns[i] for i in columns))

    def _classes(self, column: int) -> Classes:
        cells = [_class_name(cell) for cell in self._cells(column)]
        if "" in cells:
            raise self._not_a_number(column, cells.index(""))
        names = sorted(set(cells), key=_by_number)
        index = {name: i for i, name in enumerate(names)}
        return Classes(np.array([index[cell] for cell in cells], dtype=np.intp), tuple(names))

    def _holds_classes(self, column: int) -> bool:
        values = np.array([_number(cell) for cell in self._cells(column)])
        if np.isnan(values).all():
            return True
        different = len(np.unique(values))
        whole = bool((values == np.round(values)).all())
        return whole and different <= LARGEST_CLASS_COUNT and different < len(values) / 2


def read_table(path: Path) -> Table:
    """Read a table with a header line from a text file; see `parse_table`."""
    try:
        if not path.is_file():
            raise DataError(f"{path.name} is not a file that can be read.", "Give the path of a CSV file.")
        if path.stat().st_size > LARGEST_TABLE:
            raise DataError(f"{path.name} is larger than 256 MB.", "Take a part of its rows.")
        return parse_table(path.name, path.read_bytes())
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the path and its permissions.") from None


def parse_table(name: str, data: bytes) -> Table:
    """Return the table in the bytes of a text file with a header line.

    Encoding (UTF-8, UTF-16 with a mark, else Latin-1), delimiter (comma, semicolon, tab, bar) and line ends are found
    by themselves.

    Raises
    ------
    DataError
        Naming the line, for anything that cannot be read without guessing.
    """
    text = _decode(name, data)
    lines, rows = _split(name, text)
    if not rows:
        raise DataError(f"{name} is empty.", "It needs a line of column names and rows of data below it.")
    columns = tuple(cell.strip() for cell in rows[0])
    _check_columns(name, columns)
    if len(rows) == 1:
        raise DataError(f"{name} has column names but no rows.", "Add rows of data below the first line.")
    ragged = [line for line, row in zip(lines, rows, strict=True) if len(row) != len(columns)]
    if ragged:
        where = ", ".join(map(str, ragged[:5])) + (", ..." if len(ragged) > 5 else "")
        raise DataError(f"{name}: not {len(columns)} cells in line {where}.", "Every row needs a cell for each column.")
    return Table(name, columns, tuple(tuple(map(str.strip, row)) for row in rows[1:]), tuple(lines[1:]))


def _decode(name: str, data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise DataError(f"{name} is not a text file.", "Save the table as CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _split(name: str, text: str) -> tuple[list[int], list[list[str]]]:
    """Return line numbers and cells of all lines that are not blank."""
    lines, rows, line = [], [], 1
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(line)
                rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}, line {line}: {error}.", "Look for a quotation mark that is not closed.") from None
    return lines, rows


def _delimiter(text: str) -> str:
    header = text.lstrip().splitlines()[0] if text.strip() else ""
    counts = Counter({mark: header.count(mark) for mark in ",;\t|"})
    return counts.most_common(1)[0][0]


def _check_columns(name: str, columns: tuple[str, ...]) -> None:
    if "" in columns:
        raise DataError(f"{name}: column {columns.index('') + 1} has no name.", "Name every column in the first line.")
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise DataError(f"{name}: the column name '{twice[0]}' stands twice.", "Give every column a name of its own.")
    if all(not np.isnan(_number(column)) for column in columns):
        raise DataError(f"{name}: the first line holds numbers.", "Add a first line with the names of the columns.")


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _is_decimal_comma(cell: str) -> bool:
    whole, comma, rest = cell.lstrip("+-").partition(",")
    return whole.isdigit() and (not comma or rest.isdigit())


def _class_name(cell: str) -> str:
    value = _number(cell)
    return str(int(value)) if np.isfinite(value) and value == int(value) else cell


def _by_number(name: str) -> tuple[bool, float, str]:
    value = _number(name)
    return (True, 0.0, name) if np.isnan(value) else (False, value, name)
