"""The weights between two layers as a picture: a row for each neuron, a column for each that it hears from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from bplab.qt.canvas.layout import Box
    from bplab.qt.canvas.scale import Scale


def matrix_image(values: np.ndarray, scale: Scale, stops: tuple[str, ...], room: tuple[int, int]) -> QImage:
    """Return a pixel for each value, or for each block of them its strongest, at most `room` (width, height) pixels."""
    width, height = room
    return image_of(lookup(stops, scale.shares(strongest_of_blocks(values, height, width, scale.signed))))


def strongest_of_blocks(values: np.ndarray, rows: int, columns: int, signed: bool = True) -> np.ndarray:
    """Return at most so many rows and columns, each value the one of largest size among those it stands for."""
    if values.shape[0] <= rows and values.shape[1] <= columns:
        return values
    high = _of_both(np.maximum, values, rows, columns)
    if not signed:
        return high
    low = _of_both(np.minimum, values, rows, columns)
    return np.where(high >= -low, high, low)


def _of_both(pick: np.ufunc, values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    return _of_blocks(pick, np.ascontiguousarray(_of_blocks(pick, values, rows).T), columns).T


def _of_blocks(pick: np.ufunc, values: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many rows, of each block of rows its largest or smallest; whole rows are compared at once."""
    count = len(values)
    if count <= most:
        return values
    starts = np.arange(most) * count // most
    ends = np.append(starts[1:], count)
    found = values[starts]
    for row in range(1, int((ends - starts).max())):
        pick(found, values[np.minimum(starts + row, ends - 1)], out=found)
    return found


def image_of(colors: np.ndarray) -> QImage:
    """Return an image of colours, shape (rows, columns, 3) of uint8."""
    rows, columns, _ = colors.shape
    pixels = np.full((rows, columns, 4), 255, dtype=np.uint8)
    pixels[..., :3] = colors[..., ::-1]  # in memory a 32-bit colour begins with blue
    image = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return image.copy()  # its own pixels, for those of `pixels` end here


def cell_at(box: Box, values: np.ndarray, x: float, y: float, pixel: float) -> tuple[int, int]:
    """Return neuron and source of the connection under a point: of those within a `pixel`, the strongest."""
    rows, columns = values.shape
    across = _range((x - box.left) / box.width, columns, pixel / box.width)
    down = _range((y - box.top) / box.height, rows, pixel / box.height)
    block = np.abs(np.nan_to_num(values[slice(*down), slice(*across)]))
    row, column = np.unravel_index(int(block.argmax()), block.shape)
    return down[0] + int(row), across[0] + int(column)


def _range(share: float, count: int, width: float) -> tuple[int, int]:
    first = min(max(int(share * count), 0), count - 1)
    return first, max(first + 1, min(count, int((share + width) * count)))
