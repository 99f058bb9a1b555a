"""Draws the neurons: circles with numbers or small images, dots, folded groups, and an image of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from bplab.microscope.now import so_far
from bplab.microscope.selection import Selection
from bplab.qt.canvas.matrix import image_of
from bplab.qt.canvas.picture import DIMMED, TEXT_RADIUS_PX, Picture, around, draw_arrow, mixed, short, text_font
from bplab.qt.theme import lookup, number_font

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.qt.canvas.layout import Column, Group


def draw_neurons(painter: QPainter, picture: Picture) -> None:
    """Draw every layer."""
    for layer, column in enumerate(picture.layout.columns):
        if column.grid is not None:
            _draw_image(painter, picture, column)
        elif column.radius >= TEXT_RADIUS_PX or _has_images(picture, layer):
            _draw_large(painter, picture, layer)
        else:
            _draw_small(painter, picture, layer)
        for group in column.groups:
            _draw_group(painter, picture, column, group)


def _has_images(picture: Picture, layer: int) -> bool:
    return layer < len(picture.images) and picture.images[layer] is not None


def _draw_large(painter: QPainter, picture: Picture, layer: int) -> None:
    """Circles with their values inside."""
    theme, column = picture.theme, picture.layout.columns[layer]
    x, radius = column.x, column.radius
    values, images = _values(picture, layer), picture.images[layer] if layer < len(picture.images) else None
    painter.setFont(number_font(7.5 if radius >= 14 else 6.5))
    is_lit = _lit(picture, layer)
    for neuron in range(column.first, column.last):
        y = float(column.y[neuron])
        if picture.scene.is_active(layer, neuron):
            _draw_halo(painter, picture, QPointF(x, y), radius + 5)
        rim = _rim(picture, Selection(layer, neuron))
        if not is_lit(neuron):
            rim.setColor(mixed(theme.color("canvas"), rim.color(), DIMMED * 2))
        painter.setPen(rim)
        painter.setBrush(theme.color("field"))
        painter.drawEllipse(QPointF(x, y), radius, radius)
        if images is not None:
            _draw_filled(painter, picture, QPointF(x, y), radius, neuron - column.first, layer)
            painter.setPen(rim)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(x, y), radius, radius)
        elif values is not None and radius >= TEXT_RADIUS_PX:
            painter.setPen(theme.color("text") if is_lit(neuron) else picture.faded("text", 0.4))
            painter.drawText(around(x, y, radius + 4), Qt.AlignmentFlag.AlignCenter, short(values[neuron]))
        if 0 < layer < len(picture.layout.columns) - 1:
            _draw_wish(painter, picture, layer, neuron, QPointF(x + radius + 11, y))
        _draw_lock(painter, picture, layer, neuron, QPointF(x, y + radius))


def _draw_filled(painter: QPainter, picture: Picture, place: QPointF, radius: float, position: int, layer: int) -> None:
    """Fill a neuron with its small image."""
    images = picture.images[layer]
    if images is None or position >= len(images):
        return
    circle = QPainterPath()
    circle.addEllipse(place, radius - 0.5, radius - 0.5)
    painter.save()
    painter.setClipPath(circle, Qt.ClipOperation.IntersectClip)
    painter.drawImage(around(place.x(), place.y(), radius), images[position])
    painter.restore()
    painter.setFont(number_font(7.5 if radius >= 14 else 6.5))


def _draw_small(painter: QPainter, picture: Picture, layer: int) -> None:
    """Dots in the colours of their values: from blue over grey to orange, against the largest of the layer."""
    column, values = picture.layout.columns[layer], _values(picture, layer)
    x, radius, (first, last) = column.x, column.radius, (column.first, column.last)
    if layer == picture.scene.active_layer:
        bar = QRectF(x - radius - 4, column.upper - 4, 2 * radius + 8, column.bottom - column.upper + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(picture.theme.color("now", 0.35))
        painter.drawRoundedRect(bar, radius + 4, radius + 4)
    colors, is_lit = _value_colors(picture, values), _lit(picture, layer)
    for neuron in range(first, last):
        picked = Selection(layer, neuron) in picture.picks
        painter.setPen(_rim(picture, Selection(layer, neuron)) if radius >= 5 or picked else Qt.PenStyle.NoPen)
        fill = picture.theme.color("muted") if colors is None else QColor(*map(int, colors[neuron]))
        painter.setBrush(fill if is_lit(neuron) else mixed(picture.theme.color("canvas"), fill, 2 * DIMMED))
        painter.drawEllipse(QPointF(x, float(column.y[neuron])), radius, radius)


def _draw_image(painter: QPainter, picture: Picture, column: Column) -> None:
    """The inputs as the image that they are, in shades of grey; a frame around the pixels that are picked."""
    assert column.grid is not None
    values, box = picture.scene.pixels(), QRectF(*column.box)
    theme = picture.theme
    if values is None:
        painter.fillRect(box, theme.color("field"))
    else:
        seen = np.nan_to_num(values).reshape(column.grid)
        low, high = float(seen.min()), float(seen.max())
        shares = (seen - low) / ((high - low) or 1.0)
        painter.drawImage(box, image_of(lookup((theme.field, theme.text), shares)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("line"), 1.0))
    painter.drawRect(box)
    for pick, name in [*((pick, "action") for pick in picture.picks), (picture.hovered, "text")]:
        if pick is not None and pick.layer == 0:
            place = QPointF(float(column.right[pick.neuron]), float(column.y[pick.neuron]))
            painter.setPen(QPen(theme.color(name), 2.0))
            painter.drawRect(around(place.x(), place.y(), column.gap / 2))


def _draw_group(painter: QPainter, picture: Picture, column: Column, group: Group) -> None:
    """Folded neurons: a rounded box that says how many they are."""
    theme, half = picture.theme, max(column.radius, 20.0)
    box = QRectF(column.x - half, group.top, 2 * half, group.bottom - group.top)
    painter.setPen(QPen(theme.color("outline"), 1.2))
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(box, 9, 9)
    painter.setPen(theme.color("text"))
    painter.setFont(text_font(7.5))
    painter.drawText(box.adjusted(-8, 0, 8, 0), Qt.AlignmentFlag.AlignCenter, f"+{group.last - group.first:,}")


def _draw_halo(painter: QPainter, picture: Picture, place: QPointF, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(picture.theme.color("now", 0.25))
    painter.drawEllipse(place, radius, radius)


def _rim(picture: Picture, neuron: Selection) -> QPen:
    chosen, under = neuron in picture.picks, neuron == picture.hovered or neuron in picture.lights
    is_active = picture.scene.is_active(neuron.layer, neuron.neuron)
    name = "action" if chosen else "now" if is_active else "muted"
    return QPen(picture.theme.color("text" if under and not chosen else name), 3.0 if chosen or under else 1.6)


def _lit(picture: Picture, layer: int) -> Callable[[int], bool]:
    """Tell which neurons of a layer belong to what the mouse points at."""
    here = picture.hovered
    if here is None:
        return lambda _neuron: True
    if here.source is not None:
        ends = {(here.layer, here.neuron), (here.layer - 1, here.source)}
        return lambda neuron: (layer, neuron) in ends
    near = abs(layer - here.layer) == 1
    return lambda neuron: near or (layer, neuron) == (here.layer, here.neuron)


def _values(picture: Picture, layer: int) -> np.ndarray | None:
    """Return what the neurons of a layer show of the chosen sample, shape (size,); None: it is not known yet."""
    scene, record = picture.scene, picture.scene.record
    if record is None:
        return None
    if layer == scene.now.layer:
        done = so_far(scene.network, record, min(scene.sample, len(record.X) - 1), scene.now)
        if done is not None:
            return done
    if picture.reading.neurons == "error" and layer > 0:
        if not scene.knows_error(layer):
            return None
        rows = record.layers[layer - 1].delta * len(record.indices)
    elif not scene.knows_activation(layer):
        return None
    else:
        rows = record.X if layer == 0 else record.layers[layer - 1].a
    return np.asarray(rows[min(scene.sample, len(rows) - 1)])


def _value_colors(picture: Picture, values: np.ndarray | None) -> np.ndarray | None:
    if values is None:
        return None
    seen = np.nan_to_num(values)
    return lookup(picture.theme.diverging, 0.5 + 0.5 * seen / (float(np.abs(seen).max(initial=0.0)) or 1.0))


def _draw_wish(painter: QPainter, picture: Picture, layer: int, neuron: int, place: QPointF) -> None:
    """An arrow up or down: what this neuron should do for the chosen sample, by length how strongly."""
    record = picture.scene.record
    if record is None or not picture.scene.knows_error(layer):
        return
    pulls = record.layers[layer - 1].pull
    wishes = -pulls[min(picture.scene.sample, len(pulls) - 1)]
    largest = float(np.abs(wishes).max(initial=0.0))
    if largest > 0 and np.isfinite(largest) and abs(wishes[neuron]) > 0.02 * largest:
        room = 2 * picture.layout.columns[layer].radius - 2
        draw_arrow(painter, picture.theme, place, float(wishes[neuron]) / largest, room)


def _draw_lock(painter: QPainter, picture: Picture, layer: int, neuron: int, place: QPointF) -> None:
    """Two bars below a neuron whose bias training leaves alone, as across a connection."""
    marks = picture.scene.marks
    if marks is None or layer == 0 or not marks.frozen[layer - 1].b[neuron]:
        return
    for width, name in ((5.0, "canvas"), (2.0, "text")):
        painter.setPen(QPen(picture.theme.color(name), width))
        for shift in (-2.0, 2.0):
            painter.drawLine(place + QPointF(shift, -4), place + QPointF(shift, 4))
