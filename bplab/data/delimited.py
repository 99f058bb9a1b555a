"""From the bytes of a delimited text file to rows of text that know their line in the file.

The standard csv module reads, because it tells the line of every row and does not repair what it reads.
Nothing here knows about numbers.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_SAMPLE_CHARACTERS = 65_536
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a file, all as wide as its header; empty lines are left out.

    Parameters
    ----------
    header : list of str
        The first row that is not empty.
    header_line : int
        Its line in the file; the first line is 1.
    cells : list of list of str
        The other rows, without the spaces around each value.
    lines : list of int
        The line at which each of `cells` begins.
    delimiter : str
        What separates two values.
    """

    header: list[str]
    header_line: int
    cells: list[list[str]]
    lines: list[int]
    delimiter: str


def read_rows(name: str, data: bytes) -> Rows:
    """Return the rows of the file `name`, whose content is `data`.

    Raises
    ------
    DataError
        If the bytes are not text, a quotation mark is not closed, or there is not one value per column everywhere.
    """
    text = _decode(name, data)
    delimiter = _delimiter(text)
    records = list(_records(name, text, delimiter))
    if not records:
        raise DataError(f"{name} is empty.", "Choose a table with column names in its first line.")
    (header_line, header), body = records[0], records[1:]
    if not body:
        raise DataError(f"{name} has column names but no rows.", "Add a row for each sample.")
    _refuse_ragged(name, header, body)
    return Rows(header, header_line, [cells for _, cells in body], [line for line, _ in body], delimiter)


def shown(text: str) -> str:
    """Return `text` in quotation marks for a message: short, and without control characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _decode(name: str, data: bytes) -> str:
    text = _to_text(name, data).replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise DataError(f"{name}, line {line}: found a NUL character.", "Save the table as CSV text in UTF-8.")
    return text


def _to_text(name: str, data: bytes) -> str:
    for mark, encoding, title in _ENCODINGS:
        if data.startswith(mark):
            return _strictly(name, data, encoding, title)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # gives every byte a character, so it is the last resort


def _strictly(name: str, data: bytes, encoding: str, title: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"{name} says that it is {title}, but byte {error.start + 1} does not fit."
        raise DataError(message, "Save the table again as CSV text in UTF-8.") from None


def _delimiter(text: str) -> str:
    """Return the delimiter that makes most rows as wide as the header.

    csv.Sniffer gives up on a table with ragged rows, just when a message about them is needed.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    return max(_DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter, skipinitialspace=True)
    widths = [len(row) for row in islice(reader, _SAMPLE_ROWS) if row]
    if not widths or widths[0] == 1:
        return 0.0, 1
    return widths.count(widths[0]) / len(widths), widths[0]


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        is_long = "limit" in str(error)
        what = "a value is too long" if is_long else "a quotation mark is out of place, or never closed"
        raise DataError(f"{name}, line {line}: {what}.", "Look for a quotation mark that is not closed.") from None


def _refuse_ragged(name: str, header: list[str], body: list[tuple[int, list[str]]]) -> None:
    ragged = [str(line) for line, cells in body if len(cells) != len(header)]
    if not ragged:
        return
    more = f" and {len(ragged) - 5} more" if len(ragged) > 5 else ""
    where = f"line{'s' if len(ragged) > 1 else ''} {', '.join(ragged[:5])}{more}"
    message = f"{name}, {where}: the number of values is not that of the {len(header)} columns in the header."
    raise DataError(message, "Give every row one value per column; put texts that hold the delimiter in quotes.")
