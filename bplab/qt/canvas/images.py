"""Small images inside neurons: what a neuron answers everywhere, or the weights and gradients into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.qt.canvas.matrix import image_of
from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from bplab.data.prepare import PreparedData
    from bplab.qt.canvas.layout import Layout
    from bplab.qt.canvas.reading import Reading
    from bplab.qt.canvas.scene import Scene
    from bplab.qt.theme import Theme

GRID = 24  # pixels of a response map
LEAST_RADIUS_PX = 8.0

Images = list["list[QImage] | None"]


def neuron_images(scene: Scene, reading: Reading, layout: Layout, data: PreparedData, theme: Theme) -> Images:
    """Return for each layer the images of the neurons that are shown one by one; none where they show numbers."""
    if reading.neurons == "response":
        return _responses(scene, layout, data, theme)
    if reading.neurons in ("weights", "gradients"):
        return _incoming(scene, reading, layout, theme)
    return []


def _responses(scene: Scene, layout: Layout, data: PreparedData, theme: Theme) -> Images:
    X = data.prepare(response_grid(data))
    answers = [X, *(a for _, a in scene.network.forward(X))]
    return [
        _pictures(answer[:, column.first : column.last].T, (GRID, GRID), theme) if _has_room(column.radius) else None
        for answer, column in zip(answers, layout.columns, strict=True)
    ]


def response_grid(data: PreparedData) -> np.ndarray:
    """Return raw samples, shape (GRID * GRID, features): all values of the first two, the others at their mean.

    The first row of the image is the largest value of the second feature, as in a plot.
    """
    known = data.dataset.X[data.train_indices]
    rows = np.tile(known.mean(axis=0), (GRID * GRID, 1))
    across, up = (np.linspace(known[:, i].min(), known[:, i].max(), GRID) for i in (0, min(1, known.shape[1] - 1)))
    places = np.meshgrid(across, up[::-1])
    rows[:, 0] = places[0].ravel()
    if known.shape[1] > 1:
        rows[:, 1] = places[1].ravel()
    return rows


def _incoming(scene: Scene, reading: Reading, layout: Layout, theme: Theme) -> Images:
    made: Images = [None]
    for layer, (before, column) in enumerate(zip(layout.columns, layout.columns[1:], strict=False), start=1):
        values = scene.network.layers[layer - 1].W
        if reading.neurons == "gradients":
            if scene.record is None or not scene.knows_error(layer):
                made.append(None)
                continue
            values = scene.record.layers[layer - 1].dW
        shape = before.grid or _nearly_square(before.size)
        made.append(_pictures(values[column.first : column.last], shape, theme) if _has_room(column.radius) else None)
    return made


def _nearly_square(size: int) -> tuple[int, int]:
    columns = int(np.ceil(np.sqrt(size)))
    return -(-size // columns), columns


def _pictures(values: np.ndarray, shape: tuple[int, int], theme: Theme) -> list[QImage]:
    """Return an image of each row of values, on one diverging scale of its own."""
    return [image_of(lookup(theme.diverging, _shares(row, shape))) for row in np.asarray(values)]


def _shares(row: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    seen = np.zeros(shape[0] * shape[1])
    seen[: len(row)] = np.nan_to_num(row)
    high = float(np.abs(seen).max(initial=0.0)) or 1.0
    return (0.5 + 0.5 * seen / high).reshape(shape)


def _has_room(radius: float) -> bool:
    return radius >= LEAST_RADIUS_PX
