"""Files that hold a table: their bytes, in the form in which an experiment keeps them, or a sample of their rows."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.data.tables.folder import SIDE, read_folder
from bplab.data.tables.formats import as_csv, is_other
from bplab.data.tables.pictures import LABELS, PICTURES, is_idx, joined, read_idx
from bplab.data.tables.progress import unwatched
from bplab.data.tables.table import Table, parse_table
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bplab.data.tables.progress import Advance
    from bplab.data.tables.reading import Reading

GZIP = b"\x1f\x8b"
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


def table_bytes(path: Path, advance: Advance = unwatched, side: int = SIDE) -> bytes:
    """Return the delimited text of a table; one of another format is made into it.

    A folder is one of images; beside the IDX file of pictures lies that of their labels; gzip is taken off.

    Raises
    ------
    DataError
        If it cannot be read, is too large, or cannot be converted.
    """
    if path.is_dir():
        return read_folder(path, side, advance)
    content, name = _inflated(path.name, _content(path))
    advance(0.1)
    if is_idx(content):
        return _with_labels(path, content)
    return as_csv(name, content) if is_other(name) else content


def _with_labels(path: Path, content: bytes) -> bytes:
    """Return pictures with their labels, whichever of the two files `content`, at `path`, is."""
    if content[:4] not in (PICTURES, LABELS):
        read_idx(path.name, content, PICTURES)  # says what is wrong with it
    others = ("images", "labels", "idx3", "idx1") if content[:4] == PICTURES else ("labels", "images", "idx1", "idx3")
    other = path.with_name(path.name.replace(others[0], others[1]).replace(others[2], others[3]))
    names = dict.fromkeys((other, other.with_name(f"{other.name}.gz"), other.with_name(other.name.removesuffix(".gz"))))
    beside = next((name for name in names if name != path and name.is_file()), None)
    if beside is None:
        raise DataError(
            f"{other.name}, the {others[1]} that belong to {path.name}, is not beside it.",
            "Put both IDX files into one folder.",
        )
    second, _ = _inflated(beside.name, _content(beside))
    if content[:4] == PICTURES:
        return joined(path.name, content, beside.name, second)
    return joined(beside.name, second, path.name, content)


def _inflated(name: str, content: bytes) -> tuple[bytes, str]:
    """Return what a file holds without gzip, and its name without .gz."""
    if not content.startswith(GZIP):
        return content, name
    inflater, made = zlib.decompressobj(wbits=31), bytearray()
    try:
        for place in range(0, len(content), CHUNK):
            made += inflater.decompress(content[place : place + CHUNK], MAX_BYTES + 1 - len(made))
            if len(made) > MAX_BYTES or inflater.unconsumed_tail:
                raise DataError(f"{name} holds more than {MAX_BYTES // 2**20} MB.", "Choose fewer rows or columns.")
    except zlib.error:
        raise DataError(f"{name} is damaged: it cannot be unpacked.", "Download it again.") from None
    if not inflater.eof:
        raise DataError(f"{name} is damaged: it ends too early.", "Download it again.")
    return bytes(made), name.removesuffix(".gz")


def _content(path: Path) -> bytes:
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
    return parts[0] if len(parts) == 1 else b"".join(parts)


def size_of(path: Path) -> Size:
    """Return what the file holds, about; DataError if it cannot be read."""
    if path.is_dir():
        return Size(0, 0, 0)
    size = _check(path)
    if is_other(path.name):
        return Size(size, 0, 2 * size)
    try:
        with path.open("rb") as file:
            beginning = file.read(SIZED_BY)
            if beginning.startswith(GZIP) or is_idx(beginning):
                return Size(size, 0, 2 * BYTES_A_VALUE * size)
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
