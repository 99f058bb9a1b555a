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
from bplab.qt.theme import lookup, number_font

if TYPE_CHECKING:
    from bplab.qt.canvas.layout import Layout

SHADES = 32  # of thin lines: those of one shade are drawn at once


def paint(painter: QPainter, picture: Picture, size: QRectF, view: QRectF) -> None:
    """Draw the whole picture into the rectangle that it was laid out for, of which `view` can be seen."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(size, picture.theme.color("canvas"))
    _draw_connections(painter, picture)
    _draw_selected_connection(painter, picture)
    _draw_neurons(painter, picture)
    annotate(painter, picture, view)


@lru_cache(maxsize=4096)
def curve(layout: Layout, layer: int, neuron: int, source: int) -> QPainterPath:
    """Return the path of the connection into a neuron of a dense layer; few ones fan out, many are straight."""
    x0, x1 = layout.x[layer - 1] + layout.radius[layer - 1], layout.x[layer] - layout.radius[layer]
    y0, y1 = layout.y[layer - 1][source], layout.y[layer][neuron]
    path = QPainterPath(QPointF(x0, y0))
    if layout.is_dense:
        path.lineTo(QPointF(x1, y1))
        return path
    bend = (x1 - x0) * 0.45
    path.cubicTo(QPointF(x0 + bend, y0), QPointF(x1 - bend, y1), QPointF(x1, y1))
    return path


def _draw_connections(painter: QPainter, picture: Picture) -> None:
    draw = _draw_lines if picture.layout.is_dense else _draw_curves
    for layer in range(1, len(picture.layout.x)):
        draw(painter, picture, layer, _shares(picture, layer))


def _shares(picture: Picture, layer: int) -> np.ndarray | None:
    """Return places on the colour scale of a layer's connections, shape (n_out, n_in); None: not known yet."""
    shown = picture.connections
    if shown is None or not picture.knows_connections(layer):
        return None
    rows, columns = len(picture.layout.y[layer]), len(picture.layout.y[layer - 1])
    return shown.scale.shares(shown.values[layer - 1][:rows, :columns])


def _widths(W: np.ndarray) -> np.ndarray:
    size = np.abs(np.nan_to_num(W, posinf=0.0, neginf=0.0))
    return np.asarray(0.8 + 3.4 * (size / max(float(size.max(initial=0.0)), 1e-12)))


def _draw_curves(painter: QPainter, picture: Picture, layer: int, shares: np.ndarray | None) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    widths, shown = _widths(picture.network.layers[layer - 1].W), picture.connections
    colors = lookup(picture.stops, shares) if shares is not None else None
    signed = shown.values[layer - 1] if shown is not None and shown.scale.signed and shares is not None else None
    for neuron in range(len(picture.layout.y[layer])):
        for source in range(len(picture.layout.y[layer - 1])):
            color = picture.theme.color("idle") if colors is None else QColor(*map(int, colors[neuron, source]))
            pen = QPen(color, float(widths[neuron, source]))
            if signed is not None and signed[neuron, source] < 0:
                pen.setDashPattern([4.0, 2.5])  # the sign is told without colour too
            painter.strokePath(curve(picture.layout, layer, neuron, source), pen)


def _draw_lines(painter: QPainter, picture: Picture, layer: int, shares: np.ndarray | None) -> None:
    """Draw thin straight lines, those of one shade at once and the strongest last."""
    lines, scale = _lines(picture.layout, layer), picture.connections.scale if picture.connections else None
    places = np.zeros(len(lines)) if shares is None else np.rint(shares.ravel() * (SHADES - 1)) / (SHADES - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for place in sorted(np.unique(places), key=lambda place: abs(2 * place - 1) if scale and scale.signed else place):
        color = picture.faded("idle", 0.3) if shares is None else picture.connection_color(place)
        painter.setPen(QPen(color, 1.01))  # a width of 1 takes Qt's slow path
        painter.drawLines([lines[member] for member in np.flatnonzero(places == place).tolist()])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)


@lru_cache(maxsize=64)
def _lines(layout: Layout, layer: int) -> tuple[QLineF, ...]:
    """Return the straight connections into a layer, those of its first neuron first."""
    x0, x1 = layout.x[layer - 1] + layout.radius[layer - 1], layout.x[layer] - layout.radius[layer]
    return tuple(QLineF(x0, before, x1, here) for here in layout.y[layer] for before in layout.y[layer - 1])


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
    for layer in range(len(picture.layout.x)):
        if picture.layout.radius[layer] >= TEXT_RADIUS_PX:
            _draw_large_neurons(painter, picture, layer)
        else:
            _draw_small_neurons(painter, picture, layer)


def _draw_large_neurons(painter: QPainter, picture: Picture, layer: int) -> None:
    """Circles with their values inside."""
    theme, layout = picture.theme, picture.layout
    x, radius, active = layout.x[layer], layout.radius[layer], layer == picture.active_layer()
    values = _values(picture, layer)
    painter.setFont(number_font(7.5 if radius >= 14 else 6.5))
    for neuron, y in enumerate(layout.y[layer]):
        if active:
            _draw_halo(painter, picture, QPointF(x, y), radius + 5)
        painter.setPen(_rim(picture, Selection(layer, neuron)))
        painter.setBrush(theme.color("field"))
        painter.drawEllipse(QPointF(x, y), radius, radius)
        if values is not None:
            painter.setPen(theme.color("text"))
            painter.drawText(_around(x, y, radius + 4), Qt.AlignmentFlag.AlignCenter, short(values[neuron]))
        if 0 < layer < len(layout.x) - 1:
            _draw_wish(painter, picture, layer, neuron, QPointF(x + radius + 11, y))


def _draw_small_neurons(painter: QPainter, picture: Picture, layer: int) -> None:
    """Dots in the colours of their values: from blue over grey to orange, against the largest of the layer."""
    layout, values = picture.layout, _values(picture, layer)
    x, radius = layout.x[layer], layout.radius[layer]
    if layer == picture.active_layer():
        rows = layout.y[layer]
        column = QRectF(x - radius - 4, rows[0] - radius - 4, 2 * radius + 8, rows[-1] - rows[0] + 2 * radius + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(picture.theme.color("now", 0.35))
        painter.drawRoundedRect(column, radius + 4, radius + 4)
    colors = None
    if values is not None:
        seen = np.nan_to_num(values[: len(layout.y[layer])])
        colors = lookup(picture.theme.diverging, 0.5 + 0.5 * seen / (float(np.abs(seen).max(initial=0.0)) or 1.0))
    for neuron, y in enumerate(layout.y[layer]):
        rim = _rim(picture, Selection(layer, neuron))
        painter.setPen(rim if radius >= 5 or picture.selection == Selection(layer, neuron) else Qt.PenStyle.NoPen)
        fill = picture.theme.color("muted") if colors is None else QColor(*map(int, colors[neuron]))
        painter.setBrush(fill)
        painter.drawEllipse(QPointF(x, y), radius, radius)


def _draw_halo(painter: QPainter, picture: Picture, place: QPointF, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(picture.theme.color("now", 0.25))
    painter.drawEllipse(place, radius, radius)


def _rim(picture: Picture, neuron: Selection) -> QPen:
    chosen = picture.selection == neuron
    color = "action" if chosen else "now" if neuron.layer == picture.active_layer() else "muted"
    return QPen(picture.theme.color(color), 3.0 if chosen else 1.6)


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
        room = 2 * picture.layout.radius[layer] - 2
        draw_arrow(painter, picture.theme, place, float(wishes[neuron]) / largest, room)


def _around(x: float, y: float, radius: float) -> QRectF:
    return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
