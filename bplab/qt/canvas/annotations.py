"""What is written around a network: names, targets and predictions, the loss, the phase, the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QLinearGradient, QPainter, QPen

from bplab.qt.canvas.picture import Picture, draw_arrow, text_font
from bplab.qt.canvas.scale import SYMBOLS
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord
    from bplab.qt.theme import Theme

OUTPUT_TEXT_PX = 120
LINE_PX = 12
LEGEND_PX = 368
LEGEND_STOPS = 17


def annotate(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Draw everything around the neurons; what belongs to no place of the network stays in `view`."""
    _draw_names(painter, picture)
    _draw_outputs(painter, picture)
    _draw_loss(painter, picture, view)
    _draw_phase(painter, picture, view)
    _draw_legend(painter, picture, view)


def _draw_names(painter: QPainter, picture: Picture) -> None:
    layout, theme = picture.layout, picture.theme
    painter.setFont(text_font(8.5))
    x, radius = layout.x[0], layout.radius[0]
    metrics = painter.fontMetrics()
    if layout.gap(0) >= LINE_PX:
        painter.setPen(theme.color("muted"))
        for y, name in zip(layout.y[0], picture.inputs, strict=False):
            room = QRectF(6, y - 10, x - radius - 14, 20)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(room.width()))
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
    known = record is not None and picture.knows_error(len(layout.x) - 1)
    marks = _marks(picture)
    crowded = layout.gap(-1) < LINE_PX
    for neuron, y in enumerate(layout.y[-1]):
        if crowded and neuron not in marks:
            continue
        wish = 0.0
        if known and record is not None:
            wish = _output_wish(record, picture.sample, neuron)
            if abs(wish) > 0.01:
                draw_arrow(painter, picture.theme, QPointF(x + radius + 16, y), wish, max(12.0, 2 * radius - 2))
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
    """Name, wish and mark, on as many lines as there is room for; the arrow says the wish too."""
    theme, lines = picture.theme, max(1, int(min(4.0, picture.layout.gap(-1) // LINE_PX)))
    name = picture.outputs[neuron] if neuron < len(picture.outputs) else ""
    marks, small = mark.splitlines(), text_font(7.5)
    wishes = wish is not None and abs(wish) > 0.01 and lines > 1
    beside = bool(marks) and 1 + wishes + len(marks) > lines
    below = [] if beside else [(line, "muted") for line in marks]
    if wishes and wish is not None:
        below.insert(0, ("should rise", "rise") if wish > 0 else ("should fall", "fall"))
    y = place.y() - (LINE_PX + 3 if below else LINE_PX / 2 + 1)
    _write(painter, theme, QPointF(place.x(), y), name, text_font(8.5, bold=True), "text", 60 if beside else 0)
    if beside:
        shift = min(OUTPUT_TEXT_PX - 60, painter.fontMetrics().horizontalAdvance(name)) + 8
        _write(painter, theme, QPointF(place.x() + shift, y), ", ".join(marks), small, "muted", shift)
    for number, (line, color) in enumerate(below, start=1):
        _write(painter, theme, QPointF(place.x(), y + 2 + number * LINE_PX), line, small, color)


def _write(
    painter: QPainter, theme: Theme, place: QPointF, text: str, font: QFont, color: str, less: float = 0.0
) -> None:
    """Write one line from a left upper corner, in the room beside the outputs but for `less` pixels."""
    painter.setFont(font)
    painter.setPen(theme.color(color))
    width = OUTPUT_TEXT_PX - less
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(width))
    painter.drawText(QRectF(place.x(), place.y(), width, LINE_PX + 2), Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_loss(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """The loss is a node of the picture: above the outputs, lit while it is computed."""
    record, s, theme = picture.record, picture.snapshot, picture.theme
    now = s is not None and s.phase == "loss"
    known = record is not None and s is not None and s.phase != "forward"
    box = QRectF(_loss_left(picture, view), 30, 124, 30)
    painter.setPen(QPen(theme.color("now" if now else "line"), 2.0 if now else 1.2))
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(box, 15, 15)
    painter.setPen(theme.color("text"))
    painter.setFont(number_font(8.5))
    text = f"loss {record.loss:.4g}" if known and record is not None else "loss –"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _loss_left(picture: Picture, view: QRectF) -> float:
    return min(picture.layout.x[-1] - 62, view.right() - 140)


def _draw_phase(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Say where "now" is, with an arrow in the direction in which the signal goes."""
    s, record = picture.snapshot, picture.record
    if s is not None and record is not None and s.sample is not None:
        text = f"sample {picture.sample + 1} of {len(record.indices)} · its own gradients"
        _write_now(painter, picture, QPointF((view.left() + _loss_left(picture, view)) / 2, 40.0), text)
        return
    if s is None or s.phase not in ("forward", "backward") or s.layer is None:
        return
    theme, last = picture.theme, len(picture.layout.x) - 1
    x, y = min(picture.layout.x[s.layer], _loss_left(picture, view) - 80), 40.0
    _write_now(painter, picture, QPointF(x, y), f"{s.phase} · layer {s.layer} of {last}")
    direction = 1 if s.phase == "forward" else -1
    tip = QPointF(x + 34 * direction, y + 10)
    painter.setPen(QPen(theme.color("now"), 2.0))
    painter.drawLine(QPointF(x - 34 * direction, y + 10), tip)
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() - 5))
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() + 5))


def _write_now(painter: QPainter, picture: Picture, place: QPointF, text: str) -> None:
    painter.setFont(text_font(8.5, bold=True))
    painter.setPen(picture.theme.color("now"))
    painter.drawText(QRectF(place.x() - 120, place.y() - 14, 240, 16), Qt.AlignmentFlag.AlignCenter, text)


def _draw_legend(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """What the colours of connections stand for, in the lower right corner of what can be seen."""
    shown, theme = picture.connections, picture.theme
    room = QRectF(view.right() - LEGEND_PX, view.bottom() - 28, LEGEND_PX - 16, 16)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.setFont(number_font(7.5))
    painter.setPen(theme.color("muted"))
    if shown is None or not picture.knows_connections(len(picture.layout.x) - 1):
        wanted = "updates: after the update" if picture.color_by == "update" else "gradients: after the backward pass"
        painter.drawText(room, right, wanted)
        return
    bar = QRectF(room.right() - 56 - 152, room.y() + 4, 152, 8)
    painter.drawText(room, right, f"{shown.scale.high:.1e}")
    painter.drawText(
        QRectF(room.x(), room.y(), bar.x() - 8 - room.x(), room.height()),
        right,
        f"{SYMBOLS[picture.color_by]}  {shown.scale.low:.1e}",
    )
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for place in np.linspace(0.0, 1.0, LEGEND_STOPS):
        gradient.setColorAt(float(place), picture.connection_color(float(place)))
    painter.fillRect(bar, gradient)
