"""How the text of a table is read: as found in the text itself, or as a user says."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar, Literal

from bplab.errors import DataError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "spaces"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
QUOTES = {'"': "double", "'": "single", "": "none"}
COMMENTS = ("#", "%")
MISSING_WORDS = (
    "NA",
    "N/A",
    "n/a",
    "na",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "None",
    "none",
    "?",
    "-",
    "--",
    ".",
    "missing",
)

_SAMPLE_ROWS, _NEARLY_ALL = 50, 0.7
_SAMPLE_CHARACTERS = 65_536
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BETWEEN_QUOTES = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Reading:
    """What a user may say about the text of a table; None for what is found in the text.

    Parameters
    ----------
    encoding : str, optional
        One of `ENCODINGS`.
    delimiter : str, optional
        One of `DELIMITERS`.
    decimal : {".", ","}, optional
        The decimal mark.
    header : bool, optional
        Whether the first line holds the names of the columns.
    comment : str, optional
        How a line begins that is left out; "" where none is.
    missing : tuple of str, optional
        The words for a missing value; an empty cell always is one.
    quote : str, optional
        The sign around a text that may hold the delimiter, one of `QUOTES`; "" where quotation marks are text.
    ragged : {"refuse", "skip", "fill"}
        What becomes of a row with too few or too many values: skipped, or filled with missing values and cut.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    encoding: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] | None = None
    header: bool | None = None
    comment: str | None = None
    missing: tuple[str, ...] | None = None
    ragged: Literal["refuse", "skip", "fill"] = "refuse"
    quote: str | None = None

    @property
    def csv_form(self) -> dict[str, Any]:
        """How the csv module is to read it."""
        quoting = {"quotechar": self.quote or '"'} if self.quote != "" else {"quoting": csv.QUOTE_NONE}
        return {"delimiter": self.delimiter, "skipinitialspace": True, **quoting}


def decode(name: str, data: bytes, reading: Reading) -> tuple[str, Reading]:
    r"""Return the text of a file, its lines ended by "\n", and the reading with its encoding.

    Raises
    ------
    DataError
        If the bytes are not text in that encoding, or hold a NUL character.
    """
    encoding = reading.encoding or _encoding(data)
    if encoding not in ENCODINGS:
        raise DataError(f"bplab knows no encoding '{encoding[:20]}'.", f"It knows: {', '.join(ENCODINGS)}.")
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        how = "says that it is" if reading.encoding is None else "was to be read as"
        message = f"{name} {how} {ENCODINGS[encoding]}, but byte {error.start + 1} does not fit."
        raise DataError(message, "Choose another encoding, or save the table again as CSV text in UTF-8.") from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise DataError(f"{name}, line {line}: found a NUL character.", "Save the table as CSV text in UTF-8.")
    return text, replace(reading, encoding=encoding)


def find_form(text: str, reading: Reading) -> Reading:
    """Return the reading with the comment sign and the delimiter that the beginning of the text shows."""
    sample = text[:_SAMPLE_CHARACTERS]
    comment = _comment(sample) if reading.comment is None else reading.comment
    sample = "\n".join(line for line in sample.split("\n") if not (comment and line.startswith(comment)))
    delimiter = _delimiter(sample) if reading.delimiter is None else reading.delimiter
    if delimiter not in DELIMITERS:
        raise DataError(
            f"bplab knows no delimiter {delimiter!r}.", "Choose a comma, a semicolon, a tab, a bar or spaces."
        )
    quote = '"' if reading.quote is None else reading.quote
    if quote not in QUOTES:
        raise DataError(f"bplab knows no quotation mark {quote[:9]!r}.", "Choose a double or a single one, or none.")
    return replace(reading, comment=comment, delimiter=delimiter, quote=quote)


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"  # gives every byte a character, so it is the last resort


def _comment(sample: str) -> str:
    """Return the sign that begins the first line, if it is one of comments and other lines do without it."""
    lines = [line for line in sample.split("\n") if line.strip()]
    for sign in COMMENTS:
        if lines and lines[0].startswith(sign) and not all(line.startswith(sign) for line in lines):
            return sign
    return ""


def _delimiter(sample: str) -> str:
    """Return the delimiter that makes most rows as wide as the header; spaces only where no other does.

    Where another one than the comma makes nearly all of them so, a comma is rather a decimal mark.
    csv.Sniffer gives up on a table with ragged rows, just when a message about them is needed.
    """
    others = [delimiter for delimiter in DELIMITERS if delimiter != " "]
    best = max(others, key=lambda delimiter: _agreement(sample, delimiter))
    if _agreement(sample, best)[1]:
        return best
    return " " if _agreement(sample, " ")[1] == 1.0 else best


def _agreement(sample: str, delimiter: str) -> tuple[bool, float, int]:
    reader = csv.reader(io.StringIO(sample), delimiter=delimiter, skipinitialspace=True)
    widths = [len(row) for row in islice(reader, _SAMPLE_ROWS) if row]
    if not widths or widths[0] == 1:
        return False, 0.0, 1
    share = widths.count(widths[0]) / len(widths)
    return share >= _NEARLY_ALL and delimiter != ",", share, widths[0]


def without_comments(text: str, comment: str) -> str:
    """Return the text with the lines that begin with `comment` emptied, so that every line keeps its number."""
    if not comment or comment not in text:
        return text
    lines, inside = text.split("\n"), False
    for place, line in enumerate(lines):
        if not inside and line.startswith(comment):
            lines[place] = ""
        elif line.count('"') % 2:
            inside = not inside
    return "\n".join(lines)
