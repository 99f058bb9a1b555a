"""What is at a place of the picture: pure functions, quick enough to be asked at every move of the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.microscope.selection import Selection
from bplab.qt.canvas.matrix import cell_at

if TYPE_CHECKING:
    from bplab.qt.canvas.layout import Box, Group, Layout
    from bplab.qt.canvas.picture import Picture

PICK_PX = 6.0


def part_at(picture: Picture, x: float, y: float) -> Selection | None:
    """Return the neuron or connection at a place of the picture."""
    neuron = picture.layout.part_at(x, y)
    if neuron is not None:
        return Selection(*neuron)
    return _in_tile(picture, x, y) or _line_at(picture, x, y)


def group_at(layout: Layout, x: float, y: float) -> tuple[int, Group] | None:
    """Return the layer and its folded neurons at a place of the picture."""
    for layer, column in enumerate(layout.columns):
        group = column.group_at(x, y)
        if group is not None:
            return layer, group
    return None


def neurons_in(layout: Layout, box: Box) -> tuple[Selection, ...]:
    """Return the neurons within a rectangle of the picture, of those that are shown one by one."""
    left, top, width, height = box
    return tuple(
        Selection(layer, neuron)
        for layer, column in enumerate(layout.columns)
        if column.grid is None and left <= column.x <= left + width
        for neuron in range(column.first, column.last)
        if top <= column.y[neuron] <= top + height
    )


def _in_tile(picture: Picture, x: float, y: float) -> Selection | None:
    for layer, tile in enumerate(picture.layout.tiles, start=1):
        if tile is not None and tile.holds(x, y):
            known = picture.connections is not None and picture.shows(layer)
            values = picture.connections.values[layer - 1] if known and picture.connections else None
            weights = picture.scene.network.layers[layer - 1].W
            shown = weights if values is None else values
            return Selection(layer, *cell_at(tile, shown, x, y, 1.0 / max(1.0, picture.camera.zoom)))
    return None


def _line_at(picture: Picture, x: float, y: float) -> Selection | None:
    """Return the line that passes nearest below or above the point, if any is near."""
    layout = picture.layout
    for layer in range(1, len(layout.columns)):
        before, after, lines = layout.columns[layer - 1], layout.columns[layer], picture.lines[layer - 1]
        end = after.x - after.radius
        if not len(lines) or not float(before.right.min()) < x < end:
            continue
        starts = before.right[lines.sources]
        shares = np.clip((x - starts) / (end - starts), 0.0, 1.0)
        rise = shares if layout.is_dense else _risen(shares)
        y0, y1 = before.y[lines.sources], after.y[lines.neurons]
        distance = np.abs(y0 + (y1 - y0) * rise - y) + np.where(x < starts, np.inf, 0.0)
        nearest = int(distance.argmin())
        if distance[nearest] <= PICK_PX / picture.camera.zoom:
            return Selection(layer, int(lines.neurons[nearest]), int(lines.sources[nearest]))
    return None


def _risen(shares: np.ndarray) -> np.ndarray:
    """Return how far curves have risen at those shares of their way, as they are drawn."""
    t = np.linspace(0.0, 1.0, 101)
    bend = 0.45
    x = 3 * (1 - t) ** 2 * t * bend + 3 * (1 - t) * t**2 * (1 - bend) + t**3
    return np.asarray(np.interp(shares, x, 3 * (1 - t) * t**2 + t**3))
