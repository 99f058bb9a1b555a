"""Text for HTML and SVG, where it must stay text."""

from __future__ import annotations

import html
import re

# What XML 1.0 cannot hold, not even escaped: control characters, lone surrogates, and two non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return a text with a replacement sign for each character that XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def markup(text: str) -> str:
    """Return a text as it is written in HTML or SVG, between tags or between quotes."""
    return html.escape(printable(text))


def shortened(text: str, most: int = 72) -> str:
    """Return a text of at most so many letters, its middle left out if need be."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-half:]}"
