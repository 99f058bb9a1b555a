"""Where everything on the canvas stands: the same network always gives the same tidy picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN_TOP_PX = 64
MARGIN_BOTTOM_PX = 148
MARGIN_LEFT_PX = 112
MARGIN_RIGHT_PX = 176
LARGEST_RADIUS_PX = 19.0
COLUMN_PX = 120  # the least distance of two layers: their controls stand side by side
MOST_NEURONS_SHOWN = 64
MOST_CURVES = 900  # above that many connections, straight lines without smoothing keep the picture alive


@dataclass(frozen=True)
class Layout:
    """Places in pixels.

    Attributes
    ----------
    x : tuple of float
        One for each layer, input first.
    y : tuple of tuple of float
        Of every neuron that is shown, layer by layer; layers with more than that show their first ones.
    radius : tuple of float
        One for each layer.
    """

    x: tuple[float, ...]
    y: tuple[tuple[float, ...], ...]
    radius: tuple[float, ...]

    @property
    def is_dense(self) -> bool:
        """Whether there are so many connections that they are drawn as thin straight lines."""
        return sum(len(a) * len(b) for a, b in pairwise(self.y)) > MOST_CURVES

    def gap(self, layer: int) -> float:
        """Return the distance of neighbouring neurons of a layer, infinite where there is one alone."""
        rows = self.y[layer]
        return rows[1] - rows[0] if len(rows) > 1 else math.inf

    def nearest_neuron(self, x: float, y: float) -> tuple[int, int] | None:
        """Return layer and place of the neuron under a point, if there is one."""
        for layer, (column, rows, radius) in enumerate(zip(self.x, self.y, self.radius, strict=True)):
            if abs(column - x) > radius + 4:
                continue
            neuron = min(range(len(rows)), key=lambda n: abs(rows[n] - y))
            if math.hypot(column - x, rows[neuron] - y) <= radius + 2:
                return layer, neuron
        return None


def least_width(n_layers: int) -> int:
    """Return the width in pixels that so many layers, input included, need."""
    return MARGIN_LEFT_PX + MARGIN_RIGHT_PX + COLUMN_PX * (n_layers - 1)


def arrange(sizes: Sequence[int], width: float, height: float) -> Layout:
    """Spread layers evenly over the width and the neurons of each layer around the middle of the height."""
    room = max(80.0, height - MARGIN_TOP_PX - MARGIN_BOTTOM_PX)
    shown = [min(size, MOST_NEURONS_SHOWN) for size in sizes]
    step = (width - MARGIN_LEFT_PX - MARGIN_RIGHT_PX) / max(1, len(sizes) - 1)
    gaps = [min(74.0, room / count) for count in shown]
    middle = MARGIN_TOP_PX + room / 2
    return Layout(
        x=tuple(MARGIN_LEFT_PX + step * i for i in range(len(sizes))),
        y=tuple(
            tuple(middle + (place - (count - 1) / 2) * gap for place in range(count))
            for count, gap in zip(shown, gaps, strict=True)
        ),
        radius=tuple(min(LARGEST_RADIUS_PX, max(1.5, gap * 0.42)) for gap in gaps),
    )
