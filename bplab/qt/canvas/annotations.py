"""What is written around a network: names, targets and predictions, the loss, the phase, the legend, the small map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPen

from bplab.qt.canvas.lines import told
from bplab.qt.canvas.measures import MEASURES
from bplab.qt.canvas.picture import Picture, draw_arrow, text_font
from bplab.qt.canvas.scale import what_is_missing
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord
    from bplab.qt.canvas.scene import Scene
    from bplab.qt.theme import Theme

OUTPUT_TEXT_PX = 120
LINE_PX = 12
LEGEND_PX, LEGEND_HEIGHT_PX = 480, 36
BAR_PX = 152
MAP_PX = 132
LOSS_TOP_PX, LOSS_PX = 6, (148, 44)


def annotate_network(painter: QPainter, picture: Picture) -> None:
    """Draw what belongs to neurons: names, targets and predictions, and what each output should do."""
    _draw_names(painter, picture)
    _draw_outputs(painter, picture)


def annotate(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Draw what keeps its size and its place in the view."""
    _draw_loss(painter, picture, view)
    _draw_phase(painter, picture, view)
    _draw_scale_of_arrows(painter, picture, view)
    _draw_map(painter, picture, view)


def _draw_names(painter: QPainter, picture: Picture) -> None:
    column, theme = picture.layout.columns[0], picture.theme
    if column.grid is not None or column.gap < LINE_PX:
        return
    painter.setFont(text_font(8.5))
    metrics = painter.fontMetrics()
    painter.setPen(theme.color("muted"))
    for neuron in range(column.first, min(column.last, len(picture.scene.inputs))):
        room = QRectF(6, column.y[neuron] - 10, column.x - column.radius - 14, 20)
        text = metrics.elidedText(picture.scene.inputs[neuron], Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def _draw_outputs(painter: QPainter, picture: Picture) -> None:
    """Names of the outputs; target and prediction of the chosen sample; what each output should do."""
    column, record = picture.layout.columns[-1], picture.scene.record
    x, radius = column.x, column.radius
    known = record is not None and picture.scene.knows_error(len(picture.layout.columns) - 1)
    marks, shares = _marks(picture), loss_shares(picture.scene)
    crowded = column.gap < LINE_PX
    for neuron in range(column.first, column.last):
        y = float(column.y[neuron])
        if crowded and neuron not in marks:
            continue
        wish = 0.0
        if known and record is not None:
            wish = _output_wish(record, picture.scene.sample, neuron)
            if abs(wish) > 0.01:
                draw_arrow(painter, picture.theme, QPointF(x + radius + 16, y), wish, max(12.0, 2 * radius - 2))
        _draw_output_text(
            painter, picture, QPointF(x + radius + 32, y), neuron, marks.get(neuron, ""), wish if known else None
        )
        if shares is not None and column.gap >= 4 * LINE_PX and len(shares) > 1:
            _draw_share(painter, picture, QPointF(x - radius, y + radius), neuron, float(shares[neuron]))


def _draw_share(painter: QPainter, picture: Picture, place: QPointF, neuron: int, share: float) -> None:
    """Its share of the loss below an output, in its colour of the bar in the loss's own box."""
    theme, width = picture.theme, 2 * picture.layout.columns[-1].radius
    painter.setFont(number_font(6.5))
    painter.setPen(QColor(theme.classes[neuron % len(theme.classes)]))
    room = QRectF(place.x() - 10, place.y() + 2, width + 20, LINE_PX)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{share:.3g}")


def _output_wish(record: StepRecord, sample: int, neuron: int) -> float:
    pulls = record.layers[-1].pull
    wish = -pulls[min(sample, len(pulls) - 1)]
    largest = float(np.abs(wish).max())
    # Against 1, the strongest wish of a fused pair, so that arrows shrink as the network learns.
    return float(wish[neuron]) / max(1.0, largest) if np.isfinite(largest) else 0.0


def _marks(picture: Picture) -> dict[int, str]:
    record, classes, scene = picture.scene.record, picture.scene.classes, picture.scene
    if record is None or not scene.knows_activation(len(picture.layout.columns) - 1) or not classes:
        return {}
    row = min(scene.sample, len(record.Y) - 1)
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
    theme, lines = picture.theme, max(1, int(min(4.0, picture.layout.columns[-1].gap // LINE_PX)))
    name = picture.scene.outputs[neuron] if neuron < len(picture.scene.outputs) else ""
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
    """The loss is a node of the picture: above the outputs, lit while it is computed, with each output's share."""
    record, theme = picture.scene.record, picture.theme
    now = picture.scene.now.phase == "loss"
    known = picture.scene.now.knows_loss
    box = loss_box(picture, view)
    painter.setPen(QPen(theme.color("now" if now else "line"), 2.0 if now else 1.2))
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(box, 12, 12)
    shares = loss_shares(picture.scene)
    if shares is not None:
        _draw_shares(painter, picture, box, shares)
        box = box.adjusted(0, 0, 0, -18)
    painter.setPen(theme.color("text"))
    painter.setFont(number_font(8.5))
    text = f"loss {record.loss:.4g}" if known and record is not None else "loss –"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def loss_shares(scene: Scene) -> np.ndarray | None:
    """Return each output's share of the loss of the chosen sample, as far as it has come, shape (n_out,)."""
    record, now = scene.record, scene.now
    if record is None or not (now.knows_loss or now.phase == "loss"):
        return None
    shares = np.array(record.shares[min(scene.sample, len(record.shares) - 1)])
    if now.operation is not None and now.operation.kind == "share" and now.operation.neuron is not None:
        shares[now.operation.neuron + 1 :] = 0.0
    return shares


def _draw_shares(painter: QPainter, picture: Picture, box: QRectF, shares: np.ndarray) -> None:
    """What this sample adds to the loss, as a bar: one piece for each output, in its colour."""
    theme, total = picture.theme, float(shares.sum())
    painter.setFont(number_font(7.0))
    painter.setPen(theme.color("muted"))
    place = QRectF(box.left(), box.top() + 19, box.width(), 14)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"this sample {total:.3g}")
    sizes = np.nan_to_num(np.abs(shares), posinf=0.0, neginf=0.0)
    if sizes.sum() <= 0:
        return
    left, width = box.left() + 14, box.width() - 28
    painter.setPen(Qt.PenStyle.NoPen)
    for output, share in enumerate((sizes / sizes.sum() * width).tolist()):
        painter.fillRect(QRectF(left, box.bottom() - 9, share, 4), QColor(theme.classes[output % len(theme.classes)]))
        left += share


def loss_box(picture: Picture, view: QRectF) -> QRectF:
    """Return where the loss stands in the view."""
    return QRectF(_loss_left(picture, view), LOSS_TOP_PX, *LOSS_PX)


def _loss_left(picture: Picture, view: QRectF) -> float:
    x, _ = picture.camera.to_view(picture.layout.columns[-1].x, 0.0)
    return max(view.left() + 16, min(x - LOSS_PX[0] / 2, view.right() - LOSS_PX[0] - 16))


def _draw_phase(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Say where "now" is, with an arrow in the direction in which the signal goes."""
    s, record = picture.scene.snapshot, picture.scene.record
    if s is not None and record is not None and s.sample is not None:
        text = f"sample {picture.scene.sample + 1} of {len(record.indices)} · its own gradients"
        _write_now(painter, picture, QPointF((view.left() + _loss_left(picture, view)) / 2, 24.0), text)
        return
    if s is None or s.phase not in ("forward", "backward") or s.layer is None:
        return
    theme, last = picture.theme, len(picture.layout.columns) - 1
    place, _ = picture.camera.to_view(picture.layout.columns[min(s.layer, last)].x, 0.0)
    x, y = max(view.left() + 268, min(place, _loss_left(picture, view) - 80)), 24.0
    _write_now(painter, picture, QPointF(x, y), f"{s.phase} · layer {s.layer} of {last}")
    direction = 1 if s.phase == "forward" else -1
    tip = QPointF(x + 34 * direction, y + 10)
    painter.setPen(QPen(theme.color("now"), 2.0))
    painter.drawLine(QPointF(x - 34 * direction, y + 10), tip)
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() - 5))
    painter.drawLine(tip, QPointF(tip.x() - 7 * direction, tip.y() + 5))


def _draw_scale_of_arrows(painter: QPainter, picture: Picture, view: QRectF) -> None:
    """Say how long an arrow is for which wish; the output's have a scale of their own, so that they shrink."""
    record, last = picture.scene.record, len(picture.layout.columns) - 1
    if record is None or not picture.scene.knows_error(last) or not picture.is_on_screen:
        return
    pulls = record.layers[-1].pull[min(picture.scene.sample, len(record.X) - 1)]
    largest = max(1.0, float(np.nan_to_num(np.abs(pulls)).max()))
    painter.setFont(text_font(7.5))
    painter.setPen(picture.theme.color("muted"))
    text = f"longest arrow: {largest:.3g} at the outputs,\nthe largest wish of its layer elsewhere"
    painter.drawText(QRectF(view.left() + 16, view.top() + 8, 240, 28), Qt.AlignmentFlag.AlignLeft, text)


def _write_now(painter: QPainter, picture: Picture, place: QPointF, text: str) -> None:
    painter.setFont(text_font(8.5, bold=True))
    painter.setPen(picture.theme.color("now"))
    painter.drawText(QRectF(place.x() - 120, place.y() - 14, 240, 16), Qt.AlignmentFlag.AlignCenter, text)


def draw_legend(painter: QPainter, picture: Picture, corner: QPointF) -> None:
    """What the colours of connections stand for and how many have which, with its lower right corner there."""
    shown, theme = picture.connections, picture.theme
    room = QRectF(corner.x() - LEGEND_PX, corner.y() - LEGEND_HEIGHT_PX, LEGEND_PX, LEGEND_HEIGHT_PX)
    low, right = Qt.AlignmentFlag.AlignBottom, Qt.AlignmentFlag.AlignRight
    painter.setFont(text_font(7.5))
    painter.setPen(theme.color("muted"))
    if shown is None or not any(shown.is_known):
        painter.drawText(room, low | right, what_is_missing(MEASURES[picture.reading.color_by]))
        return
    count = "" if all(tile is None for tile in picture.layout.tiles) and _shows_all(picture) else told(picture.lines)
    unit = f"{shown.unit}   " if shown.unit else ""
    bar = QRectF(room.right() - 56 - BAR_PX, room.bottom() - 10, BAR_PX, 8)
    painter.setFont(number_font(7.5))
    scale = _scale_text(picture)
    painter.drawText(room.adjusted(0, 0, 0, 1), low | right, scale[1])
    before = QRectF(room.x(), room.bottom() - 14, bar.x() - 8 - room.x(), 15)
    painter.drawText(before, low | right, f"{shown.symbol}  {scale[0]}")
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    stops = picture.stops
    for place in range(len(stops)):
        gradient.setColorAt(place / (len(stops) - 1), QColor(stops[place]))
    painter.fillRect(bar, gradient)
    counts = shown.histogram()
    for place, share in enumerate(np.sqrt(counts)):
        height = 16.0 * float(share)
        painter.fillRect(QRectF(bar.x() + place * 4, bar.y() - 1 - height, 3, height), theme.color("muted", 0.55))
    painter.setFont(text_font(7.5))
    painter.drawText(before.adjusted(0, -14, 0, -14), low | right, count or unit.strip())


def _shows_all(picture: Picture) -> bool:
    return all(len(part) == part.total for part in picture.lines)


def _scale_text(picture: Picture) -> tuple[str, str]:
    """What stands at the ends of the legend."""
    shown = picture.connections
    assert shown is not None
    if picture.reading.is_per_layer:
        return ("−max", "max") if shown.is_signed else ("0" if picture.reading.scale == "linear" else "max/1000", "max")
    return f"{shown.scales[0].low:.2g}", f"{shown.scales[0].high:.2g}"


def map_box(picture: Picture, view: QRectF) -> QRectF | None:
    """Return where the small map of the whole picture is, if the view shows only a part of it."""
    layout, zoom = picture.layout, picture.camera.zoom
    if layout.width * zoom <= view.width() + 1 and layout.height * zoom <= view.height() + 1:
        return None
    scale = MAP_PX / max(layout.width, layout.height)
    return QRectF(view.left() + 12, view.top() + 12, layout.width * scale, layout.height * scale)


def _draw_map(painter: QPainter, picture: Picture, view: QRectF) -> None:
    box = map_box(picture, view)
    if box is None:
        return
    layout, theme, camera = picture.layout, picture.theme, picture.camera
    scale = box.width() / layout.width
    painter.setPen(QPen(theme.color("outline"), 1.0))
    painter.setBrush(theme.color("panel", 0.92))
    painter.drawRect(box)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("muted"))
    for column in layout.columns:
        half = max(1.0, column.radius * scale)
        if column.grid is not None:
            half = column.box.width / 2 * scale
        top, bottom = column.upper * scale, column.bottom * scale
        painter.drawRect(QRectF(box.x() + column.x * scale - half, box.y() + top, 2 * half, max(2.0, bottom - top)))
    left, top = camera.to_picture(view.left(), view.top())
    seen = QRectF(
        box.x() + left * scale,
        box.y() + top * scale,
        view.width() / camera.zoom * scale,
        view.height() / camera.zoom * scale,
    )
    painter.setPen(QPen(theme.color("action"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(seen & box)
