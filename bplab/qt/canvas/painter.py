"""Draws one picture of a network: connections and neurons, and around them the annotations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from bplab.qt.canvas.annotations import annotate
from bplab.qt.canvas.picture import TEXT_RADIUS_PX, Picture, draw_arrow, short
from bplab.qt.selection import Selection
from bplab.qt.theme import lookup, number_font, rgb

if TYPE_CHECKING:
    from bplab.qt.canvas.layout import Layout

MOST_CURVES = 900  # above that many connections, straight lines without smoothing keep the picture alive


def paint(painter: QPainter, picture: Picture, size: QRectF) -> None:
    """Draw the whole picture into the rectangle that it was laid out for."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(size, picture.theme.color("canvas"))
    _draw_connections(painter, picture)
    _draw_selected_connection(painter, picture)
    _draw_neurons(painter, picture)
    annotate(painter, picture, size)


@lru_cache(maxsize=4096)
def curve(layout: Layout, layer: int, neuron: int, source: int) -> QPainterPath:
    """Return the path of the connection into a neuron of a dense layer; parallel ones fan out."""
    x0, x1 = layout.x[layer - 1] + layout.radius[layer - 1], layout.x[layer] - layout.radius[layer]
    y0, y1 = layout.y[layer - 1][source], layout.y[layer][neuron]
    path = QPainterPath(QPointF(x0, y0))
    bend = (x1 - x0) * 0.45
    path.cubicTo(QPointF(x0 + bend, y0), QPointF(x1 - bend, y1), QPointF(x1, y1))
    return path


def _draw_connections(painter: QPainter, picture: Picture) -> None:
    layout = picture.layout
    total = sum(len(a) * len(b) for a, b in zip(layout.y, layout.y[1:], strict=False))
    for layer in range(1, len(layout.x)):
        colors = _colors(picture, layer)
        widths = _widths(picture.network.layers[layer - 1].W, thin=total > MOST_CURVES)
        draw = _draw_lines if total > MOST_CURVES else _draw_curves
        draw(painter, picture, layer, colors, widths)


def _colors(picture: Picture, layer: int) -> np.ndarray:
    """Return the colours of a layer's connections, shape (n_out, n_in, 3)."""
    theme, shown = picture.theme, picture.connections
    rows, columns = len(picture.layout.y[layer]), len(picture.layout.y[layer - 1])
    by_step = picture.color_by != "weight"
    if shown is None or (by_step and not picture.knows_error(layer)):
        return np.tile(np.array(rgb(theme.idle), dtype=np.uint8), (rows, columns, 1))
    stops = theme.diverging if shown.scale.signed else theme.sequential
    return lookup(stops, shown.scale.shares(shown.values[layer - 1][:rows, :columns]))


def _widths(W: np.ndarray, thin: bool) -> np.ndarray:
    size = np.abs(np.nan_to_num(W, posinf=0.0, neginf=0.0))
    share = size / max(float(size.max(initial=0.0)), 1e-12)
    return np.full(W.shape, 1.01) if thin else 0.8 + 3.4 * share


def _draw_curves(painter: QPainter, picture: Picture, layer: int, colors: np.ndarray, widths: np.ndarray) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shown = picture.connections
    known = picture.color_by == "weight" or picture.knows_error(layer)
    values = shown.values[layer - 1] if shown is not None and shown.scale.signed and known else None
    for neuron in range(len(picture.layout.y[layer])):
        for source in range(len(picture.layout.y[layer - 1])):
            pen = QPen(QColor(*map(int, colors[neuron, source])), float(widths[neuron, source]))
            if values is not None and values[neuron, source] < 0:
                pen.setDashPattern([4.0, 2.5])  # the sign is told without colour too
            painter.strokePath(curve(picture.layout, layer, neuron, source), pen)


def _draw_lines(painter: QPainter, picture: Picture, layer: int, colors: np.ndarray, widths: np.ndarray) -> None:
    """Draw straight lines, those of one colour at once."""
    layout = picture.layout
    x0, x1 = layout.x[layer - 1] + layout.radius[layer - 1], layout.x[layer] - layout.radius[layer]
    keys = (colors.astype(np.intp) >> 3) @ np.array([1024, 32, 1])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for key in np.unique(keys):
        members = np.argwhere(keys == key)
        neuron, source = members[0]
        painter.setPen(QPen(QColor(*map(int, colors[neuron, source])), float(widths[0, 0])))
        painter.drawLines([QLineF(x0, layout.y[layer - 1][k], x1, layout.y[layer][j]) for j, k in members.tolist()])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)


def _draw_selected_connection(painter: QPainter, picture: Picture) -> None:
    chosen = picture.selection
    if chosen is None or chosen.source is None or not _is_shown(picture, chosen):
        return
    pen = QPen(picture.theme.color("action"), 4.0)
    painter.strokePath(curve(picture.layout, chosen.layer, chosen.neuron, chosen.source), pen)


def _is_shown(picture: Picture, chosen: Selection) -> bool:
    rows = picture.layout.y
    return chosen.neuron < len(rows[chosen.layer]) and (chosen.source or 0) < len(rows[chosen.layer - 1])


def _draw_neurons(painter: QPainter, picture: Picture) -> None:
    theme, layout = picture.theme, picture.layout
    for layer, x in enumerate(layout.x):
        radius, active = layout.radius[layer], layer == picture.active_layer()
        values = _values(picture, layer)
        painter.setFont(number_font(7.5 if radius >= 14 else 6.5))
        for neuron, y in enumerate(layout.y[layer]):
            chosen = picture.selection == Selection(layer, neuron)
            if active:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("now", 0.25))
                painter.drawEllipse(QPointF(x, y), radius + 5, radius + 5)
            rim = "action" if chosen else "now" if active else "muted"
            painter.setPen(QPen(theme.color(rim), 3.0 if chosen else 1.6))
            painter.setBrush(theme.color("field"))
            painter.drawEllipse(QPointF(x, y), radius, radius)
            if values is not None and radius >= TEXT_RADIUS_PX:
                painter.setPen(theme.color("text"))
                painter.drawText(_around(x, y, radius + 4), Qt.AlignmentFlag.AlignCenter, short(values[neuron]))
            if layer and layer < len(layout.x) - 1 and radius >= TEXT_RADIUS_PX:
                _draw_wish(painter, picture, layer, neuron, QPointF(x + radius + 11, y))


def _values(picture: Picture, layer: int) -> np.ndarray | None:
    record = picture.record
    if record is None or not picture.knows_activation(layer):
        return None
    rows = record.X if layer == 0 else record.layers[layer - 1].a
    return np.asarray(rows[min(picture.sample, len(rows) - 1)])


def _draw_wish(painter: QPainter, picture: Picture, layer: int, neuron: int, place: QPointF) -> None:
    """An arrow up or down: what this neuron should do for the chosen sample, by length how strongly."""
    record = picture.record
    if record is None or not picture.knows_error(layer):
        return
    pulls = record.layers[layer - 1].pull
    wishes = -pulls[min(picture.sample, len(pulls) - 1)]
    largest = float(np.abs(wishes).max(initial=0.0))
    if largest > 0 and np.isfinite(largest) and abs(wishes[neuron]) > 0.02 * largest:
        draw_arrow(painter, picture.theme, place, float(wishes[neuron]) / largest)


def _around(x: float, y: float, radius: float) -> QRectF:
    return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
