"""Everything that one picture of a network shows, as one frozen value, and the few shapes that its parts share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from bplab.qt.canvas.camera import Camera
from bplab.qt.canvas.lines import chosen
from bplab.qt.canvas.matrix import matrix_image
from bplab.qt.canvas.scale import connections
from bplab.qt.theme import color_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QImage

    from bplab.microscope.selection import Selection
    from bplab.qt.canvas.layout import Box, Layout
    from bplab.qt.canvas.lines import Lines
    from bplab.qt.canvas.reading import Reading
    from bplab.qt.canvas.scale import Connections, Kept
    from bplab.qt.canvas.scene import Scene
    from bplab.qt.theme import Theme

ARROW_PX = 26.0
RIM_PX = 2.0
TEXT_RADIUS_PX = 11.5
FAINTEST = 0.12  # how much the weakest of many connections differs from the ground
NUMBERS = "connections", "lines", "matrices"  # of a picture: what takes time to read
DIMMED = 0.18  # how much of it is left of what the mouse does not point at


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that one picture shows.

    Parameters
    ----------
    kept : Kept, optional
        What a locked or pinned scale remembers.
    picks : tuple of Selection
        What is picked; the last one is the one that the rest of the window speaks of.
    lights : tuple of Selection
        What is spoken of elsewhere in the window.
    hovered : Selection, optional
        What the mouse points at.
    images : sequence
        For each layer a list of images to show in its neurons, or None.
    is_clear : bool
        Whether the ground is left transparent.
    """

    scene: Scene
    reading: Reading
    layout: Layout
    theme: Theme
    camera: Camera = field(default_factory=Camera)
    kept: Kept | None = None
    picks: tuple[Selection, ...] = ()
    hovered: Selection | None = None
    lights: tuple[Selection, ...] = ()
    images: Sequence[Sequence[QImage] | None] = ()
    is_clear: bool = False
    is_on_screen: bool = False

    @cached_property
    def connections(self) -> Connections | None:
        """What the colours of connections stand for."""
        return connections(self.scene, self.reading, self.kept)

    @cached_property
    def lines(self) -> tuple[Lines, ...]:
        """The connections that are drawn, for each dense layer."""
        return chosen(self.scene, self.connections, self.reading)

    @cached_property
    def matrices(self) -> tuple[QImage | None, ...]:
        """The connections that are shown as a matrix, for each dense layer; None where they are not, or not known."""
        return tuple(self._matrix(layer, tile) for layer, tile in enumerate(self.layout.tiles, start=1))

    def _matrix(self, layer: int, tile: Box | None) -> QImage | None:
        shown, zoom = self.connections, max(1.0, self.camera.zoom)
        if tile is None or shown is None or not self.shows(layer):
            return None
        room = int(tile.width * zoom), int(tile.height * zoom)
        return matrix_image(shown.values[layer - 1], shown.scales[layer - 1], self.stops, room)

    def read(self) -> None:
        """Read all numbers now, that drawing takes less at once."""
        for name in NUMBERS:
            getattr(self, name)

    def pointed(
        self, picks: tuple[Selection, ...], hovered: Selection | None, lights: tuple[Selection, ...] = ()
    ) -> Picture:
        """Return the picture of the same moment with other picks, without reading its numbers again."""
        other = replace(self, picks=picks, hovered=hovered, lights=lights)
        for name in NUMBERS:
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    @property
    def selection(self) -> Selection | None:
        """What the rest of the window speaks of."""
        return self.picks[-1] if self.picks else None

    def shows(self, layer: int) -> bool:
        """Whether the colours of the connections into this dense layer are known."""
        return self.connections is not None and self.connections.is_known[layer - 1]

    @property
    def stops(self) -> tuple[str, ...]:
        """The colour map of the connections."""
        shown = self.connections
        return self.theme.diverging if shown is not None and shown.is_signed else self.theme.sequential

    def connection_color(self, share: float, layer: int = 1) -> QColor:
        """Return the colour at a place of the scale; of many connections, the weak ones fade into the ground."""
        color, shown = color_at(self.stops, share), self.connections
        if shown is None or not self.layout.is_dense:
            return color
        strength = shown.scales[layer - 1].size_at(share) ** 0.4
        return mixed(self.theme.color("canvas"), color, max(FAINTEST, strength))

    def faded(self, name: str, weight: float) -> QColor:
        """Return a colour of the theme, so much of it, on the canvas."""
        return mixed(self.theme.color("canvas"), self.theme.color(name), weight)


def mixed(ground: QColor, color: QColor, weight: float) -> QColor:
    """Return so much of a colour on a ground."""
    parts = zip(ground.getRgb()[:3], color.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(under + (over - under) * weight) for under, over in parts))


def draw_arrow(painter: QPainter, theme: Theme, place: QPointF, share: float, longest: float = ARROW_PX) -> None:
    """Draw an arrow up (positive) or down, its length in pixels by the size of `share`, -1 to 1.

    A rim in the colour of the canvas sets it apart from the connections behind it.
    """
    length = (7.0 + (min(longest, ARROW_PX) - 7.0) * abs(share)) * (-1 if share > 0 else 1)
    tail, tip = QPointF(place.x(), place.y() - length / 2), QPointF(place.x(), place.y() + length / 2)
    head = 4.0 if length > 0 else -4.0
    base = tip.y() - head * 1.6
    triangle = QPolygonF([tip, QPointF(tip.x() - 4, base), QPointF(tip.x() + 4, base)])
    for name, rim in (("canvas", 2 * RIM_PX), ("rise" if share > 0 else "fall", 0.0)):
        color = theme.color(name)
        painter.setPen(QPen(color, 2.2 + rim, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(tail, QPointF(tip.x(), tip.y() - head))
        painter.setPen(QPen(color, rim, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap) if rim else Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(triangle)


def short(value: float) -> str:
    """Return a number in at most four characters, or an exponent, for the inside of a neuron."""
    if not np.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else "nan"
    if abs(value) >= 100:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    if abs(value) >= 10:
        return f"{value:+.0f}"
    return f"{value:+.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:+.1f}"


def text_font(points: float, bold: bool = False) -> QFont:
    """Return the interface font in a size."""
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


def around(x: float, y: float, radius: float) -> QRectF:
    """Return the square around a place."""
    return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
