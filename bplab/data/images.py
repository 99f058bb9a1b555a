"""Whether the inputs are the pixels of an image, told by their names."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_PIXELS, LEAST_SIDE = 16, 8
_TWO = re.compile(r"\D*(\d+)[\W_x]+(\d+)\D*")  # row and column: p0_7, 1x28, pixel(3, 4)
_ONE = re.compile(r"\D*(\d+)")  # a number: pixel783


def image_shape(names: Sequence[str]) -> tuple[int, int] | None:
    """Return rows and columns of the image whose pixels have these names, row by row; None if they are not pixels."""
    if len(names) < LEAST_PIXELS:
        return None
    return _by_row_and_column(names) or _by_number(names)


def _by_row_and_column(names: Sequence[str]) -> tuple[int, int] | None:
    found = [_TWO.fullmatch(name) for name in names]
    places = [(int(match[1]), int(match[2])) for match in found if match is not None]
    if len(places) != len(names):
        return None
    (top, left), (bottom, right) = places[0], places[-1]
    rows, columns = bottom - top + 1, right - left + 1
    expected = [(top + row, left + column) for row in range(rows) for column in range(columns)]
    return (rows, columns) if places == expected and min(rows, columns) > 1 else None


def _by_number(names: Sequence[str]) -> tuple[int, int] | None:
    found = [_ONE.fullmatch(name) for name in names]
    numbers = [int(match[1]) for match in found if match is not None]
    side = math.isqrt(len(names))
    first = numbers[0] if numbers else 0
    is_square = side * side == len(names) and side >= LEAST_SIDE
    return (side, side) if is_square and numbers == list(range(first, first + len(names))) else None
