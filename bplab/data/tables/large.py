"""Large tables without fault, read by polars; whatever it may have repaired is left to `delimited`."""

from __future__ import annotations

import codecs
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.data.tables import columns
from bplab.data.tables.delimited import has_comma, read_rows
from bplab.data.tables.progress import unwatched
from bplab.data.tables.reading import find_form
from bplab.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.data.dataset import Floats
    from bplab.data.tables.delimited import Rows
    from bplab.data.tables.progress import Advance
    from bplab.data.tables.reading import Reading

BEGINNING = 65_536  # bytes by which the form is found
HEAD = 200  # rows whose text is kept as it was written
PIECE, STRETCH = 50_000, 4 * 2**20  # rows, and bytes, that are handled at a time
_NOT_PLAIN, _EMPTY_LINES = (b'"', b"\0"), (b"\n\n", b"\n\r\n")
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class LargeRows:
    """The rows of a polars frame; as `delimited.TextRows`."""

    header: list[str]
    header_line: int
    frame: Any
    reading: Reading
    beginning: list[list[str]]
    skipped: tuple[tuple[int, str], ...] = ()
    _numbers: dict[int, Floats] = field(default_factory=dict)

    @cached_property
    def all_numbers(self) -> bool:
        """Whether every cell is a finite number."""
        if any(self.frame.null_count().row(0)) or not all(kind.is_numeric() for kind in self.frame.dtypes):
            return False
        return all(bool(column.is_finite().all()) for column in self.frame if column.dtype.is_float())

    def __len__(self) -> int:
        return int(self.frame.height)

    def head(self, count: int) -> list[list[str]]:
        """Return the first rows as text."""
        return self.beginning[:count]

    def texts(self, place: int) -> list[str]:
        """Return a column as text; one of numbers as they are written short."""
        column = self.frame.to_series(place)
        how = _number_text if column.dtype.is_numeric() else _plain_text
        return [how(value) for first in self._pieces() for value in column[first : first + PIECE].to_list()]

    def numbers(self, place: int) -> Floats:
        """Return a column as numbers, shape (rows,), NaN where a cell is none."""
        column = self.frame.to_series(place)
        if column.dtype.is_numeric():
            return np.asarray(column.cast(float).fill_null(float("nan")).to_numpy(), dtype=np.float64)
        if place not in self._numbers:
            self._numbers[place] = columns.floats(self.texts(place), decimal_comma=has_comma(self.reading))
        return self._numbers[place]

    def matrix(self, places: Sequence[int]) -> Floats:
        """Return columns as numbers, shape (rows, columns)."""
        if not all(self.frame.dtypes[place].is_numeric() for place in places):
            return np.column_stack([self.numbers(place) for place in places])
        chosen = self.frame if list(places) == list(range(self.frame.width)) else self.frame[:, list(places)]
        made = np.empty((len(self), len(places)))
        for first in self._pieces():
            piece = chosen[first : first + PIECE]
            if not self.all_numbers:
                piece = piece.fill_null(float("nan"))
            made[first : first + PIECE] = piece.to_numpy(order="c")
        return made

    def _pieces(self) -> range:
        """Return where pieces of some rows begin: nobody who waits for the interpreter waits for all of them."""
        return range(0, len(self), PIECE)

    def line(self, row: int) -> int:
        """Return the line in the file at which a row begins: none of them is empty, or goes over two lines."""
        return self.header_line + 1 + row


def _number_text(value: float | None) -> str:
    return "" if value is None else columns.short(float(value))


def _plain_text(value: str | None) -> str:
    return (value or "").strip()


def read_large(name: str, data: bytes, reading: Reading, advance: Advance = unwatched) -> LargeRows | None:
    """Return the rows, or None where not all is plain: UTF-8, no comment, no quote, as many values in each row.

    Where every value has become a number, that is so. Where one is text or missing, a look at every byte has to tell:
    polars fills short rows and empty lines without a word.
    """
    try:
        import polars as pl
    except ImportError:
        return None
    found = _form_of(name, data, reading)
    if found is None:
        return None
    form, first = found
    options: dict[str, Any] = {"separator": form.delimiter, "has_header": False, "skip_rows": first.header_line}
    if has_comma(form):
        options["decimal_comma"] = True
    names = [f"c{place}" for place in range(len(first.header))]
    frame = None
    for types in ({"infer_schema_length": 1000}, {"infer_schema": False}):  # as text, where a later row is no number
        with suppress(pl.exceptions.PolarsError):
            frame = pl.read_csv(data, new_columns=names, quote_char=None, **options, **types)
            break
    if frame is None or frame.width != len(names) or not frame.height:
        return None
    advance(0.7)
    if any(frame.null_count().row(0)) or not all(kind.is_numeric() for kind in frame.dtypes):
        n_lines = _plain_lines(data, str(form.delimiter).encode(), len(names), advance)
        if frame.height != n_lines - first.header_line:
            return None
    others = [n for n, kind in zip(names, frame.dtypes, strict=True) if not (kind.is_numeric() or kind == pl.String)]
    frame = frame.with_columns([pl.col(other).cast(pl.String) for other in others])
    form = replace(form, header=first.header_line > 0)
    return LargeRows(first.header, first.header_line, frame, form, first.head(HEAD))


def _form_of(name: str, data: bytes, reading: Reading) -> tuple[Reading, Rows] | None:
    """Return how the text is read, and its first rows; None where already these are not plain."""
    if (
        reading.encoding not in (None, "utf-8")
        or reading.ragged != "refuse"
        or reading.quote not in (None, '"')
        or data.startswith(_MARK)
    ):
        return None
    beginning = data[: data.rfind(b"\n", 0, BEGINNING) + 1]
    try:
        text = beginning.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    form = find_form(text, replace(reading, encoding="utf-8"))
    if not beginning or form.comment or form.delimiter in (None, " ") or '"' in text:
        return None
    try:
        first = read_rows(name, beginning, form)
    except DataError:
        return None  # which says it again, of the whole
    return (form, first) if first.header_line <= 1 else None


def _plain_lines(data: bytes, delimiter: bytes, width: int, advance: Advance) -> int:
    """Return the number of lines, all with as many delimiters as `width` values need; 0 where not all is plain."""
    n_lines, n_delimiters, decoder, last = 0, 0, codecs.getincrementaldecoder("utf-8")(), b""
    for place in range(0, len(data), STRETCH):
        part = data[place : place + STRETCH]
        joint = last + part[:3]  # an empty line may begin in one part and end in the next
        if any(sign in part for sign in _NOT_PLAIN) or any(sign in joint for sign in _EMPTY_LINES):
            return 0
        if any(sign in part for sign in _EMPTY_LINES) or part.count(b"\r") != (
            part + data[place + STRETCH : place + STRETCH + 1]
        ).count(b"\r\n"):
            return 0
        try:
            decoder.decode(part, final=place + STRETCH >= len(data))
        except UnicodeDecodeError:
            return 0
        n_lines += part.count(b"\n")
        n_delimiters += part.count(delimiter)
        last = part[-3:]
        advance(0.7 + 0.2 * place / len(data))
    n_lines += not data.endswith(b"\n")
    return n_lines if n_delimiters == n_lines * (width - 1) else 0
