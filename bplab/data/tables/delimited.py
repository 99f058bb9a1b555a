"""From the bytes of a delimited text file to rows of text that know their line in the file.

The standard csv module reads, because it tells the line of every row and does not repair what it reads; what is large
and without fault is read by `large` instead.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from bplab.data.tables import columns
from bplab.data.tables.progress import unwatched
from bplab.data.tables.reading import decode, find_form, without_comments
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bplab.data.dataset import Floats
    from bplab.data.tables.progress import Advance
    from bplab.data.tables.reading import Reading

Record: TypeAlias = tuple[str, ...]
LINES_A_TIME, SAMPLE = 2000, 65_536
LARGE = 4 * 2**20  # from so many bytes on, the fast reader is tried


class Rows(Protocol):
    """The rows of a table below its header, in columns that are counted from 0."""

    @property
    def header(self) -> list[str]:
        """The names of the columns."""

    @property
    def header_line(self) -> int:
        """Their line in the file, the first line is 1; 0 where the file has no names."""

    @property
    def reading(self) -> Reading:
        """How it was read, nothing in it left open but the decimal mark and the words for a missing value."""

    @property
    def skipped(self) -> tuple[tuple[int, str], ...]:
        """Line and reason of each row that was left out."""

    @property
    def all_numbers(self) -> bool:
        """Whether every cell is known to be a finite number."""

    def __len__(self) -> int: ...

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""

    def texts(self, place: int) -> list[str]:
        """Return a column as text, without the spaces around each value."""

    def numbers(self, place: int) -> Floats:
        """Return a column as numbers, shape (rows,), NaN where a cell is none."""

    def matrix(self, places: Sequence[int]) -> Floats:
        """Return columns as numbers, shape (rows, columns)."""

    def line(self, row: int) -> int:
        """Return the line in the file at which a row begins."""


@dataclass(frozen=True, eq=False)
class TextRows:
    """The rows of a file, all as wide as its header; empty lines are left out.

    Parameters
    ----------
    header : list of str
        The names of the columns.
    header_line : int
        Their line in the file, the first line is 1; 0 where the file has no names.
    cells : list of tuple of str
        The rows, without the spaces around each value; tuples, because those of text cost the garbage collector
        nothing, and a window that waits for it nothing.
    lines : list of int
        The line at which each of `cells` begins.
    reading : Reading
        How it was read, nothing in it left open but the decimal mark and the words for a missing value.
    skipped : tuple of (int, str)
        Line and reason of each row that was left out.
    """

    header: list[str]
    header_line: int
    cells: list[Record]
    lines: list[int]
    reading: Reading
    skipped: tuple[tuple[int, str], ...] = ()
    all_numbers: bool = False
    _numbers: dict[int, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cells)

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""
        return [list(cells) for cells in self.cells[:count]]

    def texts(self, place: int) -> list[str]:
        """Return a column as text."""
        return [cells[place] for cells in self.cells]

    def numbers(self, place: int) -> Floats:
        """Return a column as numbers, shape (rows,), NaN where a cell is none."""
        if place not in self._numbers:
            self._numbers[place] = columns.floats(self.texts(place), decimal_comma=has_comma(self.reading))
        return self._numbers[place]

    def matrix(self, places: Sequence[int]) -> Floats:
        """Return columns as numbers, shape (rows, columns)."""
        return np.column_stack([self.numbers(place) for place in places])

    def line(self, row: int) -> int:
        """Return the line in the file at which a row begins."""
        return self.lines[row]


def has_comma(reading: Reading) -> bool:
    """Tell whether a comma may be the decimal mark."""
    return reading.delimiter != "," if reading.decimal is None else reading.decimal == ","


def read_rows(name: str, data: bytes, reading: Reading, advance: Advance = unwatched) -> Rows:
    """Return the rows of the file `name`, whose content is `data`.

    Raises
    ------
    DataError
        If the bytes are not text, a quotation mark is not closed, or there is not one value per column everywhere.
    """
    if len(data) >= LARGE:
        from bplab.data.tables.large import read_large  # what it needs takes a while to load

        rows = read_large(name, data, reading, advance)
        if rows is not None:
            return rows
    text, reading = decode(name, data, reading)
    reading = find_form(text, reading)
    plain = without_comments(text, reading.comment or "")
    records = list(_records(name, plain, reading, advance))
    while records and not any(records[0][1]):
        del records[0]
    if not records:
        raise DataError(f"{name} is empty.", "Choose a table with column names in its first line.")
    header, header_line = header_of(records[0][1], reading), records[0][0]
    body = records[1:]
    if reading.header is False or (reading.header is None and columns.looks_like_values(records[0][1])):
        body, header_line = records, 0
    if not body:
        raise DataError(f"{name} has column names but no rows.", "Add a row for each sample.")
    empty = tuple((line, "every value is missing") for line, cells in body if not any(cells))
    body, skipped = _even(name, len(header), [row for row in body if any(row[1])], reading)
    if not body:
        raise DataError(f"{name} has column names but no rows.", "Add a row for each sample.")
    cells, lines = [cells for _, cells in body], [line for line, _ in body]
    return TextRows(
        header, header_line, cells, lines, replace(reading, header=header_line > 0), tuple(sorted((*empty, *skipped)))
    )


def header_of(first: Record, reading: Reading) -> list[str]:
    """Return the names of the columns: the first row, or made up where that holds values already."""
    if reading.header is False or (reading.header is None and columns.looks_like_values(first)):
        return [f"column {number}" for number in range(1, len(first) + 1)]
    return list(first)


def _records(name: str, text: str, form: Reading, advance: Advance) -> Iterator[tuple[int, Record]]:
    reader = csv.reader(io.StringIO(text), strict=True, **form.csv_form)
    line, bytes_a_line = 1, SAMPLE / max(1, text.count("\n", 0, SAMPLE))
    try:
        for row in reader:
            cells = tuple([cell.strip() for cell in row])
            if cells and (len(cells) > 1 or cells[0]):
                yield line, cells
            line = reader.line_num + 1
            if line % LINES_A_TIME == 0:
                advance(min(0.9, 0.1 + 0.8 * line * bytes_a_line / len(text)))
    except csv.Error as error:
        is_long = "limit" in str(error)
        what = "a value is too long" if is_long else "a quotation mark is out of place, or never closed"
        raise DataError(f"{name}, line {line}: {what}.", "Look for a quotation mark that is not closed.") from None


def _even(
    name: str, width: int, body: list[tuple[int, Record]], reading: Reading
) -> tuple[list[tuple[int, Record]], tuple[tuple[int, str], ...]]:
    """Return the rows, each with a value for each column, and the skipped ones with the reason."""
    if reading.delimiter == " ":
        body = [(line, cells[:-1] if len(cells) == width + 1 and not cells[-1] else cells) for line, cells in body]
    ragged = {line: cells for line, cells in body if len(cells) != width}
    if not ragged:
        return body, ()
    if reading.ragged == "skip":
        even = [(line, cells) for line, cells in body if line not in ragged]
        if not even:
            raise DataError(f"{name} has no row with {width} values.", "Check the delimiter.")
        return even, tuple((line, f"{len(cells)} values in {width} columns") for line, cells in ragged.items())
    if reading.ragged == "fill":
        return [(line, (cells + ("",) * width)[:width]) for line, cells in body], ()
    lines = [str(line) for line in ragged]
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines[:5])}{more}"
    message = f"{name}, {where}: the number of values is not that of the {width} columns in the header."
    raise DataError(message, "Give every row one value per column; put texts that hold the delimiter in quotes.")
