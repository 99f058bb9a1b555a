"""Draws one picture of a network: connections, matrices and neurons, and around them the annotations."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from bplab.qt.canvas.annotations import annotate, annotate_network
from bplab.qt.canvas.layout import MOST_CURVES
from bplab.qt.canvas.lines import told
from bplab.qt.canvas.neurons import draw_neurons
from bplab.qt.canvas.picture import DIMMED, Picture, mixed, text_font
from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from bplab.microscope.selection import Selection
    from bplab.qt.canvas.layout import Layout
    from bplab.qt.canvas.lines import Lines

FEW, MOST_SMOOTH = 100, 1500  # connections that are drawn twice as large, on the screen
MOST_KEPT = 40_000  # paths of one layer
SHADES = 32  # of thin lines: those of one shade are drawn at once


def paint(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Draw the whole picture, as its camera sees it, into `view`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not picture.is_clear:
        painter.fillRect(view, picture.theme.color("canvas"))
    count = sum(map(len, picture.lines))
    is_quick = picture.is_on_screen and count <= MOST_SMOOTH and (count > FEW or picture.layout.is_dense)
    if is_quick:
        seen = view & painter.clipBoundingRect() if painter.hasClipping() else view
        _draw_connections_twice_as_large(painter, picture, QRectF(seen.toRect()))
    painter.save()
    camera = picture.camera
    painter.translate(camera.dx, camera.dy)
    painter.scale(camera.zoom, camera.zoom)
    if not is_quick:
        _draw_connections(painter, picture)
    _draw_picked_connections(painter, picture)
    _draw_tiles(painter, picture)
    draw_neurons(painter, picture)
    annotate_network(painter, picture)
    painter.restore()
    annotate(painter, picture, view)


def _draw_connections_twice_as_large(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Draw without smoothing at twice the size, and smooth it by scaling down: half the time of Qt's antialiasing."""
    ground = _ground(int(view.width()) * 2, int(view.height()) * 2)
    ground.fill(picture.theme.color("canvas"))
    large, camera = QPainter(ground), picture.camera
    large.scale(2.0, 2.0)
    large.translate(camera.dx - view.left(), camera.dy - view.top())
    large.scale(camera.zoom, camera.zoom)
    _draw_connections(large, picture)
    large.end()
    painter.drawImage(view, ground.scaledToWidth(ground.width() // 2, Qt.TransformationMode.SmoothTransformation))


@lru_cache(maxsize=1)
def _ground(width: int, height: int) -> QImage:
    return QImage(width, height, QImage.Format.Format_RGB32)


def curve(layout: Layout, layer: int, neuron: int, source: int) -> QPainterPath:
    """Return the path of the connection into a neuron of a dense layer; few ones fan out, many are straight."""
    return _paths(layout, layer).one(neuron * layout.columns[layer - 1].size + source)


class _Paths:
    """The connections into a layer, as curves or straight lines; those that are never drawn are never made."""

    def __init__(self, layout: Layout, layer: int) -> None:
        before, after = layout.columns[layer - 1], layout.columns[layer]
        self._right, self._y, self._ends = before.right, before.y, after.y
        self._x, self._size, self._is_straight = after.x - after.radius, before.size, layout.is_dense
        self._curves: dict[int, QPainterPath] = {}
        self._lines: dict[int, QLineF] = {}

    def one(self, place: int) -> QPainterPath:
        """Return the path of a connection, given as neuron * n_in + source."""
        made = self._curves.get(place)
        if made is None:
            made = self._curve(place)
            if len(self._curves) < MOST_KEPT:
                self._curves[place] = made
        return made

    def lines(self, places: np.ndarray) -> list[QLineF]:
        """Return straight lines for connections, given as neuron * n_in + source; keeps them for the next time."""
        known = self._lines
        self._lines = {place: known.get(place) or self._line(place) for place in places.tolist()}
        return list(self._lines.values())

    def _curve(self, place: int) -> QPainterPath:
        neuron, source = divmod(place, self._size)
        begin = QPointF(self._right[source], self._y[source])
        end = QPointF(self._x, self._ends[neuron])
        path = QPainterPath(begin)
        if self._is_straight:
            path.lineTo(end)
        else:
            bend = QPointF((end.x() - begin.x()) * 0.45, 0.0)
            path.cubicTo(begin + bend, end - bend, end)
        return path

    def _line(self, place: int) -> QLineF:
        neuron, source = divmod(place, self._size)
        return QLineF(self._right[source], self._y[source], self._x, self._ends[neuron])


@lru_cache(maxsize=64)
def _paths(layout: Layout, layer: int) -> _Paths:
    return _Paths(layout, layer)


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
    """Tell which lines belong to what the mouse points at, or else to the operation that is done now; None: all do."""
    here = picture.hovered
    if here is None:
        return _is_worked_on(picture, layer, lines)
    if here.source is not None:
        is_it = (lines.neurons == here.neuron) & (lines.sources == here.source) & (here.layer == layer)
        return np.asarray(is_it)
    into, out_of = (lines.neurons == here.neuron, lines.sources == here.neuron)
    return into if here.layer == layer else out_of if here.layer == layer - 1 else np.zeros(len(lines), dtype=bool)


def _is_worked_on(picture: Picture, layer: int, lines: Lines) -> np.ndarray | None:
    now = picture.scene.now
    if now.operation is None:
        return None
    none, one = np.zeros(len(lines), dtype=bool), now.operation.neuron
    if now.operation.kind == "term" and layer == now.layer:
        return ~none if one is None else lines.sources == one
    if now.operation.kind == "request" and now.layer is not None and layer == now.layer + 1:
        return ~none if one is None else lines.neurons == one
    return ~none if now.operation.kind == "gradient" and layer == now.layer else none


def _draw_curves(painter: QPainter, picture: Picture, layer: int, lines: Lines) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shares, shown = _shares(picture, layer, lines), picture.connections
    colors = None if shares is None else lookup(picture.stops, shares)
    widths, lit = _widths(picture, layer, lines), _is_lit(picture, layer, lines)
    is_negative = np.zeros(len(lines), dtype=bool)
    if shown is not None and shown.is_signed and shares is not None:
        is_negative = shown.values[layer - 1][lines.neurons, lines.sources] < 0
    idle, ground = picture.theme.color("idle"), picture.theme.color("canvas")
    paths, flat = _paths(picture.layout, layer), lines.neurons * picture.layout.columns[layer - 1].size + lines.sources
    for place, connection in enumerate(flat.tolist()):
        color = idle if colors is None else QColor(*map(int, colors[place]))
        if lit is not None and not lit[place]:
            color = mixed(ground, color, DIMMED)
        pen = QPen(color, float(widths[place]))
        if is_negative[place]:
            pen.setDashPattern([4.0, 2.5])  # the sign is told without colour too
        painter.strokePath(paths.one(connection), pen)


def _draw_lines(painter: QPainter, picture: Picture, layer: int, lines: Lines) -> None:
    """Draw thin straight lines, those of one shade at once and the strongest last."""
    shares, shown, lit = _shares(picture, layer, lines), picture.connections, _is_lit(picture, layer, lines)
    signed = shown is not None and shown.is_signed
    places = np.zeros(len(lines), dtype=int) if shares is None else np.rint(shares * (SHADES - 1)).astype(int)
    paths = _paths(picture.layout, layer)
    flat = lines.neurons * picture.layout.columns[layer - 1].size + lines.sources
    dim = np.zeros(len(lines), dtype=bool) if lit is None else ~lit
    strength = np.abs(2 * places - SHADES + 1) if signed else places
    # Dim ones first, then the weak ones; those of one shade beside each other.
    order = np.lexsort((places, strength, ~dim))
    ends = np.flatnonzero(np.diff(places[order]) | np.diff(dim[order])) + 1
    every = paths.lines(flat[order])
    thin = 1.01 if sum(map(len, picture.lines)) > FEW else 1.8  # a width of 1 takes Qt's slow path
    width = max(thin, 1.01 / picture.camera.zoom)
    was_smooth = bool(painter.renderHints() & QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for begin, end in pairwise((0, *ends.tolist(), len(order))):
        shade = int(places[order[begin]])
        share = shade / (SHADES - 1)
        color = picture.faded("idle", 0.3) if shares is None else picture.connection_color(share, layer)
        if dim[order[begin]]:
            color = mixed(picture.theme.color("canvas"), color, DIMMED)
        pen = QPen(color, width)
        if signed and 2 * shade < SHADES - 1 and sum(map(len, picture.lines)) <= MOST_SMOOTH:
            pen.setDashPattern([6.0, 4.0])  # negative
        painter.setPen(pen)
        painter.drawLines(every[begin:end])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=was_smooth)


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
    lit = [(pick, 3.0) for pick in (*picture.lights, picture.hovered)]
    for pick, width in [*((pick, 4.0) for pick in picture.picks), *lit]:
        if pick is not None and pick.source is not None:
            pen = QPen(picture.theme.color("action" if width == 4.0 else "text"), width)
            painter.strokePath(curve(picture.layout, pick.layer, pick.neuron, pick.source), pen)


def _draw_tiles(painter: QPainter, picture: Picture) -> None:
    theme = picture.theme
    painter.setFont(text_font(7.5))
    for layer, (tile, matrix) in enumerate(zip(picture.layout.tiles, picture.matrices, strict=True), start=1):
        if tile is None:
            continue
        box = QRectF(*tile)
        painter.fillRect(box, theme.color("field"))
        if matrix is not None:
            painter.drawImage(box, matrix)
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        _mark_cell(painter, picture, layer, box)
        painter.setPen(theme.color("muted"))
        below = QRectF(box.center().x() - 130, box.bottom() + 3, 260, 14)
        lines = picture.lines[layer - 1]
        texts = told([lines]), f"{len(lines):,} of {lines.total:,} · {lines.share:.0%}", f"{len(lines):,}"
        least = box.width() + 40
        text = next((text for text in texts if painter.fontMetrics().horizontalAdvance(text) <= least), texts[-1])
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
