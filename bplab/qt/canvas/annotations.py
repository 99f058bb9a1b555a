"""What is written around a network: names, targets and predictions, the loss, the phase, the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from bplab.qt.canvas.picture import TEXT_RADIUS_PX, Picture, draw_arrow, text_font
from bplab.qt.canvas.scale import SYMBOLS
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord

OUTPUT_TEXT_PX = 120


def annotate(painter: QPainter, picture: Picture, size: QRectF) -> None:
    """Draw everything around the neurons."""
    _draw_names(painter, picture)
    _draw_outputs(painter, picture)
    _draw_loss(painter, picture, size)
    _draw_phase(painter, picture, size)
    _draw_legend(painter, picture, size)


def _draw_names(painter: QPainter, picture: Picture) -> None:
    layout, theme = picture.layout, picture.theme
    painter.setFont(text_font(8.5))
    x, radius = layout.x[0], layout.radius[0]
    metrics = painter.fontMetrics()
    if radius * 2 + 2 >= 10:
        painter.setPen(theme.color("muted"))
        for y, name in zip(layout.y[0], picture.inputs, strict=False):
            room = QRectF(6, y - 10, x - radius - 14, 20)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    painter.setPen(theme.color("muted"))
    for i, (size, rows) in enumerate(zip(picture.network.sizes, layout.y, strict=True)):
        if size > len(rows):
            room = QRectF(layout.x[i] - 60, rows[-1] + layout.radius[i] + 2, 120, 16)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{len(rows)} of {size} shown")


def _draw_outputs(painter: QPainter, picture: Picture) -> None:
    """Names of the outputs; target and prediction of the chosen sample; what each output should do."""
    layout, record = picture.layout, picture.record
    x, radius = layout.x[-1], layout.radius[-1]
    if radius * 2 + 2 < 10:
        return
    known = record is not None and picture.knows_error(len(layout.x) - 1)
    marks = _marks(picture)
    for neuron, y in enumerate(layout.y[-1]):
        wish = 0.0
        if known and record is not None:
            wish = _output_wish(record, picture.sample, neuron)
            if abs(wish) > 0.01:
                draw_arrow(painter, picture.theme, QPointF(x + radius + 16, y), wish)
        _draw_output_text(
            painter, picture, QPointF(x + radius + 32, y), neuron, marks.get(neuron, ""), wish if known else None
        )


def _output_wish(record: StepRecord, sample: int, neuron: int) -> float:
    pulls = record.layers[-1].pull
    wish = -pulls[min(sample, len(pulls) - 1)]
    largest = float(np.abs(wish).max())
    # Against 1, the strongest wish of a fused pair, so that arrows shrink as the network learns.
    return float(wish[neuron]) / max(1.0, largest) if np.isfinite(largest) else 0.0


def _marks(picture: Picture) -> dict[int, str]:
    record, classes = picture.record, picture.classes
    if record is None or not picture.knows_activation(len(picture.layout.x) - 1) or not classes:
        return {}
    row = min(picture.sample, len(record.Y) - 1)
    if record.Y.shape[1] == 1:
        target, guess = classes[int(record.Y[row, 0] > 0.5)], classes[int(record.layers[-1].a[row, 0] > 0.5)]
        return {0: f"target: {target}\nsays: {guess}"}
    target_at, guess_at = int(record.Y[row].argmax()), int(record.layers[-1].a[row].argmax())
    if target_at == guess_at:
        return {target_at: "target, predicted"}
    return {target_at: "target", guess_at: "predicted"}


def _draw_output_text(
    painter: QPainter, picture: Picture, place: QPointF, neuron: int, mark: str, wish: float | None
) -> None:
    theme = picture.theme
    name = picture.outputs[neuron] if neuron < len(picture.outputs) else ""
    painter.setFont(text_font(8.5, bold=True))
    painter.setPen(theme.color("text"))
    small = picture.layout.radius[-1] < TEXT_RADIUS_PX
    top = 8 if small or not (mark or wish is not None) else 17
    metrics = painter.fontMetrics()
    width = OUTPUT_TEXT_PX
    painter.drawText(
        QRectF(place.x(), place.y() - top, width, 16),
        Qt.AlignmentFlag.AlignVCenter,
        metrics.elidedText(name, Qt.TextElideMode.ElideRight, width - (60 if small and mark else 0)),
    )
    painter.setFont(text_font(7.5))
    if small:
        painter.setPen(theme.color("muted"))
        offset = metrics.horizontalAdvance(name) + 8
        painter.drawText(
            QRectF(place.x() + offset, place.y() - 8, width - offset, 16), Qt.AlignmentFlag.AlignVCenter, mark
        )
        return
    if wish is not None and abs(wish) > 0.01:
        painter.setPen(theme.color("rise" if wish > 0 else "fall"))
        painter.drawText(
            QRectF(place.x(), place.y() - 2, width, 14),
            Qt.AlignmentFlag.AlignVCenter,
            "should rise" if wish > 0 else "should fall",
        )
    painter.setPen(theme.color("muted"))
    line_top = place.y() + (11 if wish is not None and abs(wish) > 0.01 else -2)
    for line in mark.splitlines():
        text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(place.x(), line_top, width, 14), Qt.AlignmentFlag.AlignVCenter, text)
        line_top += 13


def _draw_loss(painter: QPainter, picture: Picture, size: QRectF) -> None:
    """The loss is a node of the picture: above the outputs, lit while it is computed."""
    record, s, theme = picture.record, picture.snapshot, picture.theme
    now = s is not None and s.phase == "loss"
    known = record is not None and s is not None and s.phase != "forward"
    box = QRectF(_loss_left(picture, size), 30, 124, 30)
    painter.setPen(QPen(theme.color("now" if now else "line"), 2.0 if now else 1.2))
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(box, 15, 15)
    painter.setPen(theme.color("text"))
    painter.setFont(number_font(8.5))
    text = f"loss {record.loss:.4g}" if known and record is not None else "loss –"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _loss_left(picture: Picture, size: QRectF) -> float:
    return min(picture.layout.x[-1] - 62, size.width() - 140)


def _draw_phase(painter: QPainter, picture: Picture, size: QRectF) -> None:
    """Say where "now" is, with an arrow in the direction in which the signal goes."""
    s = picture.snapshot
    if s is None or s.phase not in ("forward", "backward") or s.layer is None:
        return
    theme, last = picture.theme, len(picture.layout.x) - 1
    x, y = min(picture.layout.x[s.layer], _loss_left(picture, size) - 80), 40.0
    painter.setFont(text_font(8.5, bold=True))
    painter.setPen(theme.color("now"))
    painter.drawText(
        QRectF(x - 90, y - 14, 180, 16), Qt.AlignmentFlag.AlignCenter, f"{s.phase} · layer {s.layer} of {last}"
    )
    direction = 1 if s.phase == "forward" else -1
    tip = QPointF(x + 34 * direction, y + 10)
    painter.setPen(QPen(theme.color("now"), 2.0))
    painter.drawLine(QPointF(x - 34 * direction, y + 10), tip)
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() - 5))
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() + 5))


def _draw_legend(painter: QPainter, picture: Picture, size: QRectF) -> None:
    shown, theme = picture.connections, picture.theme
    bar = QRectF(size.width() - 232, size.height() - 20, 152, 8)
    painter.setFont(number_font(7.5))
    painter.setPen(theme.color("muted"))
    if shown is None:
        room = QRectF(size.width() - 420, size.height() - 26, 408, 18)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "gradients: after the first step"
        )
        return
    painter.drawText(
        QRectF(bar.x(), bar.y() - 19, bar.width(), 16), Qt.AlignmentFlag.AlignCenter, SYMBOLS[picture.color_by]
    )
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(bar.x() - 78, bar.y() - 5, 70, 18), right, f"{shown.scale.low:.1e}")
    painter.drawText(
        QRectF(bar.right() + 8, bar.y() - 5, 70, 18), Qt.AlignmentFlag.AlignVCenter, f"{shown.scale.high:.1e}"
    )
    stops = theme.diverging if shown.scale.signed else theme.sequential
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for place, color in zip(np.linspace(0.0, 1.0, len(stops)), stops, strict=True):
        gradient.setColorAt(float(place), QColor(color))
    painter.fillRect(bar, gradient)
