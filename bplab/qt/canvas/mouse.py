"""What the mouse does on the canvas: pick, frame, pan, and pull a layer longer or shorter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPen

from bplab.experiment import edits
from bplab.qt.canvas.annotations import map_box
from bplab.qt.canvas.layout import Box
from bplab.qt.canvas.pointing import group_at, neurons_in

if TYPE_CHECKING:
    from bplab.qt.canvas.canvas import Canvas
    from bplab.qt.theme import Theme

MOVED_PX = 4.0  # less than that is a click
EDGE_PX = 14.0  # below a layer, where it can be pulled
PULL_PX = 24.0  # for each neuron


class Mouse:
    """Keeps what was begun with a button down, and what of it is drawn."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._doing = ""  # "frame", "pan", "map", "pull" or nothing
        self._from, self._at = QPointF(), QPointF()
        self._layer = self._size = 0

    def press(self, event: QMouseEvent) -> None:
        """Pick, or begin to frame, pan or pull."""
        canvas, place = self._canvas, event.position()
        self._from = self._at = place
        if event.button() == Qt.MouseButton.MiddleButton:
            self._doing = "pan"
        elif event.button() == Qt.MouseButton.RightButton:
            found = canvas.part_at(place)
            if found not in canvas.picks:
                canvas.select(found)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press_left(event)

    def _press_left(self, event: QMouseEvent) -> None:
        canvas, place = self._canvas, event.position()
        box = map_box(canvas.picture(), QRectF(canvas.rect()))
        if box is not None and box.contains(place):
            self._doing = "map"
            self._go_to(place, box)
            return
        group = group_at(canvas.layout_now, *canvas.camera.to_picture(place.x(), place.y()))
        if group is not None:
            canvas.turn_fold(group[0])
            return
        found = canvas.part_at(place)
        edge = self._edge(place) if found is None else None
        if edge is not None:
            self._doing, self._layer = "pull", edge
            self._size = canvas.document.spec.network.hidden[edge - 1].size
        elif found is None:
            self._doing = "frame"
        elif event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            canvas.toggle(found)
        else:
            canvas.select(found)

    def move(self, event: QMouseEvent) -> None:
        """Go on with what was begun, or light up what is there."""
        canvas, place = self._canvas, event.position()
        if self._doing == "pan":
            canvas.pan(place.x() - self._at.x(), place.y() - self._at.y())
        elif self._doing == "map":
            box = map_box(canvas.picture(), QRectF(canvas.rect()))
            if box is not None:
                self._go_to(place, box)
        elif self._doing == "pull":
            self._pull(place)
        elif self._doing == "frame":
            canvas.update()
        else:
            canvas.hover(place)
            is_edge = canvas.part_at(place) is None and self._edge(place) is not None
            canvas.setCursor(Qt.CursorShape.SizeVerCursor if is_edge else Qt.CursorShape.ArrowCursor)
        self._at = place

    def release(self, event: QMouseEvent) -> None:
        """Pick what was framed; a click beside everything picks nothing."""
        canvas, doing = self._canvas, self._doing
        self._doing, self._at = "", event.position()
        if doing != "frame":
            return
        if (self._at - self._from).manhattanLength() < MOVED_PX:
            canvas.select(None)
            return
        left, top = canvas.camera.to_picture(min(self._from.x(), self._at.x()), min(self._from.y(), self._at.y()))
        right, bottom = canvas.camera.to_picture(max(self._from.x(), self._at.x()), max(self._from.y(), self._at.y()))
        found = neurons_in(canvas.layout_now, Box(left, top, right - left, bottom - top))
        is_more = event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
        kept = tuple(pick for pick in canvas.picks if pick not in found) if is_more else ()
        canvas.pick((*kept, *found))
        canvas.update()

    def draw(self, painter: QPainter, theme: Theme) -> None:
        """Draw the frame, and the edge of the layer that can be pulled."""
        if self._doing == "frame" and (self._at - self._from).manhattanLength() >= MOVED_PX:
            painter.setPen(QPen(theme.color("action"), 1.0, Qt.PenStyle.DashLine))
            painter.setBrush(theme.color("action", 0.12))
            painter.drawRect(QRectF(self._from, self._at).normalized())
        layer = self._layer if self._doing == "pull" else self._edge(self._at)
        if layer is not None and self._canvas.underMouse():
            column = self._canvas.layout_now.columns[layer]
            x, y = self._canvas.camera.to_view(column.x, column.bottom + 8)
            painter.setPen(QPen(theme.color("action"), 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(x - 10, y), QPointF(x + 10, y))

    def _go_to(self, place: QPointF, box: QRectF) -> None:
        """Bring the place of the small map into the middle of the view."""
        canvas = self._canvas
        scale = canvas.layout_now.width / box.width()
        x, y = canvas.camera.to_view((place.x() - box.x()) * scale, (place.y() - box.y()) * scale)
        canvas.pan(canvas.width() / 2 - x, canvas.height() / 2 - y)

    def _edge(self, place: QPointF) -> int | None:
        """Return the hidden layer whose lower edge is there, if any."""
        canvas = self._canvas
        layer = canvas.layer_at(place)
        if not 1 <= layer < canvas.last_layer:
            return None
        column = canvas.layout_now.columns[layer]
        x, y = canvas.camera.to_view(column.x, column.bottom)
        return layer if abs(place.x() - x) <= 16 and 2 <= place.y() - y <= EDGE_PX else None

    def _pull(self, place: QPointF) -> None:
        """Give the layer as many neurons as it was pulled long for."""
        canvas, position = self._canvas, self._layer - 1
        hidden = canvas.document.spec.network.hidden
        if position >= len(hidden):
            self._doing = ""
            return
        size = min(max(self._size + round((place.y() - self._from.y()) / PULL_PX), 1), 4096)
        if size != hidden[position].size:
            text = f"Pull layer {self._layer} to another size"
            canvas.document.edit(text, lambda spec: edits.change_layer(spec, position, size=size), mergeable=True)
