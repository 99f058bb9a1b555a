"""Draws one picture of a network: connections, matrices and neurons, and around them the annotations."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from bplab.qt.canvas.annotations import annotate, annotate_network
from bplab.qt.canvas.layout import MOST_CURVES
from bplab.qt.canvas.matrix import matrix_image
from bplab.qt.canvas.neurons import draw_neurons
from bplab.qt.canvas.picture import DIMMED, Picture, mixed, text_font
from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from bplab.qt.canvas.layout import Layout
    from bplab.qt.canvas.lines import Lines
    from bplab.qt.selection import Selection

SHADES = 32  # of thin lines: those of one shade are drawn at once


def paint(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Draw the whole picture, as its camera sees it, into `view`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not picture.is_clear:
        painter.fillRect(view, picture.theme.color("canvas"))
    painter.save()
    camera = picture.camera
    painter.translate(camera.dx, camera.dy)
    painter.scale(camera.zoom, camera.zoom)
    _draw_connections(painter, picture)
    _draw_picked_connections(painter, picture)
    _draw_tiles(painter, picture)
    draw_neurons(painter, picture)
    annotate_network(painter, picture)
    painter.restore()
    annotate(painter, picture, view)


@lru_cache(maxsize=4096)
def curve(layout: Layout, layer: int, neuron: int, source: int) -> QPainterPath:
    """Return the path of the connection into a neuron of a dense layer; few ones fan out, many are straight."""
    before, after = layout.columns[layer - 1], layout.columns[layer]
    x0, x1 = float(before.right[source]), after.x - after.radius
    y0, y1 = float(before.y[source]), float(after.y[neuron])
    path = QPainterPath(QPointF(x0, y0))
    if layout.is_dense:
        path.lineTo(QPointF(x1, y1))
        return path
    bend = (x1 - x0) * 0.45
    path.cubicTo(QPointF(x0 + bend, y0), QPointF(x1 - bend, y1), QPointF(x1, y1))
    return path


def _draw_connections(painter: QPainter, picture: Picture) -> None:
    few = sum(map(len, picture.lines)) <= MOST_CURVES
    draw = _draw_curves if few and not picture.layout.is_dense else _draw_lines
    for layer, lines in enumerate(picture.lines, start=1):
        if len(lines):
            draw(painter, picture, layer, lines)
    _draw_pruned(painter, picture)


def _shares(picture: Picture, layer: int, lines: Lines) -> np.ndarray | None:
    """Return places on the colour scale of a layer's lines; None: not known yet."""
    shown = picture.connections
    if shown is None or not picture.shows(layer):
        return None
    return np.asarray(shown.scales[layer - 1].shares(shown.values[layer - 1][lines.neurons, lines.sources]))


def _widths(picture: Picture, layer: int, lines: Lines) -> np.ndarray:
    """Return the widths of a layer's lines in pixels."""
    record, by = picture.scene.record, picture.reading.width_by
    if by == "constant" or (by == "gradient" and (record is None or not picture.scene.knows_error(layer))):
        return np.full(len(lines), 1.8)
    layers = picture.scene.network.layers
    values = layers[layer - 1].W if by == "weight" or record is None else record.layers[layer - 1].dW
    size = np.abs(np.nan_to_num(values, posinf=0.0, neginf=0.0))
    return np.asarray(0.8 + 3.4 * (size[lines.neurons, lines.sources] / max(float(size.max(initial=0.0)), 1e-12)))


def _is_lit(picture: Picture, layer: int, lines: Lines) -> np.ndarray | None:
    """Tell which lines belong to what the mouse points at; None: it points at no neuron or connection."""
    here = picture.hovered
    if here is None:
        return None
    if here.source is not None:
        is_it = (lines.neurons == here.neuron) & (lines.sources == here.source) & (here.layer == layer)
        return np.asarray(is_it)
    into, out_of = (lines.neurons == here.neuron, lines.sources == here.neuron)
    return into if here.layer == layer else out_of if here.layer == layer - 1 else np.zeros(len(lines), dtype=bool)


def _draw_curves(painter: QPainter, picture: Picture, layer: int, lines: Lines) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shares, shown = _shares(picture, layer, lines), picture.connections
    colors = None if shares is None else lookup(picture.stops, shares)
    widths, lit = _widths(picture, layer, lines), _is_lit(picture, layer, lines)
    is_negative = np.zeros(len(lines), dtype=bool)
    if shown is not None and shown.is_signed and shares is not None:
        is_negative = shown.values[layer - 1][lines.neurons, lines.sources] < 0
    idle, ground = picture.theme.color("idle"), picture.theme.color("canvas")
    for place, (neuron, source) in enumerate(zip(lines.neurons.tolist(), lines.sources.tolist(), strict=True)):
        color = idle if colors is None else QColor(*map(int, colors[place]))
        if lit is not None and not lit[place]:
            color = mixed(ground, color, DIMMED)
        pen = QPen(color, float(widths[place]))
        if is_negative[place]:
            pen.setDashPattern([4.0, 2.5])  # the sign is told without colour too
        painter.strokePath(curve(picture.layout, layer, neuron, source), pen)


def _draw_lines(painter: QPainter, picture: Picture, layer: int, lines: Lines) -> None:
    """Draw thin straight lines, those of one shade at once and the strongest last."""
    shares, shown, lit = _shares(picture, layer, lines), picture.connections, _is_lit(picture, layer, lines)
    signed = shown is not None and shown.is_signed
    places = np.zeros(len(lines), dtype=int) if shares is None else np.rint(shares * (SHADES - 1)).astype(int)
    segments = _segments(picture.layout, layer)
    flat = lines.neurons * picture.layout.columns[layer - 1].size + lines.sources
    dim = np.zeros(len(lines), dtype=bool) if lit is None else ~lit
    order = sorted(range(SHADES), key=lambda shade: abs(2 * shade - SHADES + 1) if signed else shade)
    width = max(1.01, 1.01 / picture.camera.zoom)  # a width of 1 takes Qt's slow path
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for is_dim in (True, False):
        for shade in order:
            members = np.flatnonzero((places == shade) & (dim == is_dim))
            if len(members):
                share = shade / (SHADES - 1)
                color = picture.faded("idle", 0.3) if shares is None else picture.connection_color(share, layer)
                if is_dim:
                    color = mixed(picture.theme.color("canvas"), color, DIMMED)
                painter.setPen(QPen(color, width))
                painter.drawLines(segments.some(flat[members]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)


class _Segments:
    """The straight connections into a layer; those that are never drawn are never made."""

    def __init__(self, layout: Layout, layer: int) -> None:
        before, after = layout.columns[layer - 1], layout.columns[layer]
        self._right, self._y, self._ends = before.right, before.y, after.y
        self._x, self._size = after.x - after.radius, before.size
        self._made: dict[int, QLineF] = {}

    def some(self, flat: np.ndarray) -> list[QLineF]:
        """Return the segments of connections, given as neuron * n_in + source."""
        made = self._made
        if len(made) > 40_000:
            made.clear()
        return [made.get(place) or self._make(place) for place in flat.tolist()]

    def _make(self, place: int) -> QLineF:
        neuron, source = divmod(place, self._size)
        line = QLineF(self._right[source], self._y[source], self._x, self._ends[neuron])
        self._made[place] = line
        return line


@lru_cache(maxsize=64)
def _segments(layout: Layout, layer: int) -> _Segments:
    return _Segments(layout, layer)


def _draw_pruned(painter: QPainter, picture: Picture) -> None:
    """Draw what was taken out as dots, and mark what training leaves alone by a bar across it."""
    marks = picture.scene.marks
    if marks is None or picture.layout.is_dense:
        return
    dotted = QPen(picture.theme.color("muted"), 1.2, Qt.PenStyle.DotLine)
    across = QPen(picture.theme.color("text"), 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for layer, (pruned, frozen) in enumerate(zip(marks.pruned, marks.frozen, strict=True), start=1):
        for neuron, source in np.argwhere(pruned.W).tolist():
            path = curve(picture.layout, layer, neuron, source)
            painter.strokePath(path, QPen(picture.theme.color("canvas"), 4.0))
            painter.strokePath(path, dotted)
        painter.setPen(across)
        for neuron, source in np.argwhere(frozen.W).tolist():
            place = curve(picture.layout, layer, neuron, source).pointAtPercent(0.16)
            painter.drawLine(place + QPointF(-1.5, -4), place + QPointF(-1.5, 4))
            painter.drawLine(place + QPointF(1.5, -4), place + QPointF(1.5, 4))


def _draw_picked_connections(painter: QPainter, picture: Picture) -> None:
    for pick, width in [*((pick, 4.0) for pick in picture.picks), (picture.hovered, 3.0)]:
        if pick is not None and pick.source is not None:
            pen = QPen(picture.theme.color("action" if width == 4.0 else "text"), width)
            painter.strokePath(curve(picture.layout, pick.layer, pick.neuron, pick.source), pen)


def _draw_tiles(painter: QPainter, picture: Picture) -> None:
    shown, theme = picture.connections, picture.theme
    painter.setFont(text_font(7.5))
    for layer, tile in enumerate(picture.layout.tiles, start=1):
        if tile is None:
            continue
        box = QRectF(*tile)
        painter.fillRect(box, theme.color("field"))
        if shown is not None and picture.shows(layer):
            values, scale = shown.values[layer - 1], shown.scales[layer - 1]
            zoom = max(1.0, picture.camera.zoom)
            room = int(box.width() * zoom), int(box.height() * zoom)
            painter.drawImage(box, matrix_image(values, scale, picture.stops, room))
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        _mark_cell(painter, picture, layer, box)
        painter.setPen(theme.color("muted"))
        below = QRectF(box.center().x() - 130, box.bottom() + 3, 260, 14)
        text = painter.fontMetrics().elidedText(
            picture.lines[layer - 1].told, Qt.TextElideMode.ElideRight, int(box.width()) + 24
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)


def _mark_cell(painter: QPainter, picture: Picture, layer: int, box: QRectF) -> None:
    """Frame the connections of the tile that are picked or under the mouse."""
    for pick, name in [*((pick, "action") for pick in picture.picks), (picture.hovered, "text")]:
        if pick is not None and pick.layer == layer and pick.source is not None:
            cell = _cell(picture, pick, box)
            painter.setPen(QPen(picture.theme.color(name), 1.5))
            painter.drawRect(cell)


def _cell(picture: Picture, pick: Selection, box: QRectF) -> QRectF:
    rows, columns = picture.layout.columns[pick.layer].size, picture.layout.columns[pick.layer - 1].size
    width, height = box.width() / columns, box.height() / rows
    place = QPointF(box.left() + ((pick.source or 0) + 0.5) * width, box.top() + (pick.neuron + 0.5) * height)
    across, down = max(width, 5.0), max(height, 5.0)
    return QRectF(place.x() - across / 2, place.y() - down / 2, across, down)
