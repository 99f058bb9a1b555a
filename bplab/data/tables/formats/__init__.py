"""Tables that are no delimited text, as CSV: from there on they are tables like all others.

To add a format: a function from name and bytes to header and rows in a file here, its suffix below, one test row.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bplab.data.tables.formats.arff import arff
from bplab.data.tables.formats.arrays import npy, npz
from bplab.data.tables.formats.patterns import snns
from bplab.data.tables.formats.sheets import excel, parquet
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bplab.data.tables.formats.arff import Found

FORMATS: dict[str, Callable[[str, bytes], Found]] = {
    ".arff": arff,
    ".npy": npy,
    ".npz": npz,
    ".parquet": parquet,
    ".pat": snns,
    ".xlsx": excel,
}
TEXTS = (".csv", ".tsv", ".tab", ".txt", ".data", ".gz", "ubyte")
LARGEST = 8 * 2**20  # bytes of text: what travels inside an experiment's file


def is_other(name: str) -> bool:
    """Tell whether a file of this name is converted."""
    return _suffix(name) in FORMATS


def is_table(name: str) -> bool:
    """Tell whether a file of this name rather holds a table than an experiment."""
    return is_other(name) or name.lower().endswith(TEXTS)


def as_csv(name: str, data: bytes) -> bytes:
    """Return a table of another format as CSV in UTF-8.

    Raises
    ------
    DataError
        If it cannot be read, holds no table, or is too large.
    """
    header, rows = FORMATS[_suffix(name)](name, data)
    if not header:
        raise DataError(f"{name} has no columns.", "Choose a table with columns and rows.")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    _write(name, writer.writerow, stream.tell, rows)
    return stream.getvalue().encode("utf-8", "replace")


def _write(name: str, write: Callable[[list[str]], object], size: Callable[[], int], rows: Iterable[list[str]]) -> None:
    for row in rows:
        write(row)
        if size() > LARGEST:
            raise DataError(
                f"{name} holds more than {LARGEST // 2**20} MB as text.",
                "Choose fewer rows or columns, or save it as CSV.",
            )


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower() if "." in name else ""
