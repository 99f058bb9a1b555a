"""Everything that one picture of a network shows, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord
    from bplab.qt.canvas.layout import Layout
    from bplab.qt.canvas.scale import ColorBy, Connections
    from bplab.qt.selection import Selection
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme

ARROW_PX = 26.0
RIM_PX = 2.0
TEXT_RADIUS_PX = 11.5
FAINTEST = 0.12  # how much the weakest of many connections differs from the ground


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that one picture shows."""

    network: Network
    layout: Layout
    theme: Theme
    snapshot: Snapshot | None
    sample: int
    connections: Connections | None
    color_by: ColorBy
    selection: Selection | None
    inputs: Sequence[str]
    outputs: Sequence[str]
    classes: Sequence[str]

    @property
    def record(self) -> StepRecord | None:
        """The step that is shown."""
        return self.snapshot.record if self.snapshot else None

    def knows_activation(self, layer: int) -> bool:
        """Whether the forward pass has come to this layer, 0 being the input."""
        s = self.snapshot
        return s is None or s.phase != "forward" or layer <= (s.layer or 0)

    def knows_error(self, layer: int) -> bool:
        """Whether the backward pass has come to this dense layer, from 1."""
        s = self.snapshot
        if s is None or s.phase in ("forward", "loss"):
            return False
        return s.phase != "backward" or layer >= (s.layer or 0)

    def knows_connections(self, layer: int) -> bool:
        """Whether what the colours show is known of the connections into this dense layer."""
        if self.color_by == "update":
            return self.snapshot is None or self.snapshot.phase in (None, "update")
        return self.color_by == "weight" or self.knows_error(layer)

    @property
    def stops(self) -> tuple[str, ...]:
        """The colour map of the connections."""
        shown = self.connections
        return self.theme.diverging if shown is not None and shown.scale.signed else self.theme.sequential

    def connection_color(self, share: float) -> QColor:
        """Return the colour at a place of the scale; of many connections, the weak ones fade into the ground."""
        red, green, blue = map(int, lookup(self.stops, np.array([share]))[0])
        color, shown = QColor(red, green, blue), self.connections
        if shown is None or not self.layout.is_dense:
            return color
        return _mixed(self.theme.color("canvas"), color, max(FAINTEST, shown.scale.size_at(share) ** 0.4))

    def faded(self, name: str, weight: float) -> QColor:
        """Return a colour of the theme, so much of it, on the canvas."""
        return _mixed(self.theme.color("canvas"), self.theme.color(name), weight)

    def active_layer(self) -> int | None:
        """The layer at which "now" is."""
        return self.snapshot.layer if self.snapshot else None


def _mixed(ground: QColor, color: QColor, weight: float) -> QColor:
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
