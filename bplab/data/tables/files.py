"""Files that hold a table: their bytes, in the form in which an experiment keeps them, or a sample of their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.data.tables.formats import as_csv, is_other
from bplab.data.tables.progress import unwatched
from bplab.data.tables.table import Table, parse_table
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bplab.data.tables.progress import Advance
    from bplab.data.tables.reading import Reading

CHUNK = 4 * 2**20
MAX_BYTES = 1024 * 2**20
SIZED_BY = 65_536  # bytes from whose lines the number of rows is estimated
BYTES_A_VALUE = 16  # of memory: as it is, and as the network sees it


class Size(NamedTuple):
    """What a file holds, estimated from its first lines: bytes, rows, and the memory that reading it takes in bytes."""

    n_bytes: int
    rows: int
    memory: int


def read_table(path: Path, reading: Reading | None = None, advance: Advance = unwatched) -> Table:
    """Return the table in the file at `path`.

    Raises
    ------
    DataError
        If it cannot be read, or is not a table.
    """
    return parse_table(path.name, table_bytes(path, advance), reading, advance)


def table_bytes(path: Path, advance: Advance = unwatched) -> bytes:
    """Return the delimited text of a table; one of another format is made into it.

    Raises
    ------
    DataError
        If it cannot be read, is too large, or cannot be converted.
    """
    size = _check(path)
    if size > MAX_BYTES:
        raise _too_large(path)
    parts: list[bytes] = []
    try:
        with path.open("rb", buffering=0) as file:  # one call, without the interpreter, for what is there
            while part := file.read(max(CHUNK, size + 1)):
                parts.append(part)
                if sum(map(len, parts)) > MAX_BYTES:
                    raise _too_large(path)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the file's permissions.") from error
    advance(0.1)
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    return as_csv(path.name, content) if is_other(path.name) else content


def size_of(path: Path) -> Size:
    """Return what the file holds, about; DataError if it cannot be read."""
    size = _check(path)
    if is_other(path.name):
        return Size(size, 0, 2 * size)
    try:
        with path.open("rb") as file:
            beginning = file.read(SIZED_BY)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the file's permissions.") from error
    lines = max(1, beginning.count(b"\n"))
    rows = max(1, round(size * lines / max(1, len(beginning))) - 1)
    values = max(beginning.count(sign) for sign in (b",", b";", b"\t", b"|")) / lines + 1
    return Size(size, rows, size + round(rows * values * BYTES_A_VALUE))


def sample_of(path: Path, count: int, seed: int = 1, advance: Advance = unwatched) -> bytes:
    """Return the first line of a text file and `count` of its other lines, drawn by chance, in their order.

    The file may be larger than the memory; it is read twice.

    Raises
    ------
    DataError
        If it cannot be read, or values in quotation marks go over several lines, perhaps.
    """
    size, lines, first = _check(path), 0, b""
    for place, chunk in _chunks(path):
        if b'"' in chunk:
            raise DataError(
                f"{path.name} has values in quotation marks, which may go over several lines.", "Read all of it."
            )
        first = first or chunk[: chunk.find(b"\n") + 1]
        lines += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == ord("\n")))
        advance(0.5 * place / max(1, size))
    rows = lines - 1
    if rows <= count:
        return table_bytes(path, advance)
    wanted = np.zeros(lines + 1, dtype=bool)
    wanted[1 + np.random.default_rng(seed).permutation(rows)[:count]] = True
    return first + b"".join(_lines(path, wanted, size, advance))


def _lines(path: Path, wanted: np.ndarray, size: int, advance: Advance) -> Iterator[bytes]:
    """Give the lines of a file that are wanted, by their numbers from 0."""
    number, rest = 0, b""
    for place, chunk in _chunks(path):
        text = rest + chunk
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n")) + 1
        starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
        for line in np.flatnonzero(wanted[number : number + len(ends)]).tolist():
            yield text[starts[line] : ends[line]]
        number += len(ends)
        rest = text[ends[-1] :] if len(ends) else text
        advance(0.5 + 0.5 * place / max(1, size))


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Give the file piece by piece, each with where it ends."""
    place = 0
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                place += len(chunk)
                yield place, chunk
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", "Check the file's permissions.") from error


def _check(path: Path) -> int:
    """Return the size of a file in bytes; DataError if it is none."""
    if not path.is_file():  # opening a device or a pipe might never end
        raise DataError(f"{path.name or path} is not there, or is not a file.", "Choose a CSV file.")
    return path.stat().st_size


def _too_large(path: Path) -> DataError:
    return DataError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB.", "Take a sample of its rows.")
