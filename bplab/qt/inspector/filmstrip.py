"""The batch as a strip of small pictures: each sample's own gradients of one layer, and first their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from bplab.microscope.batch import gradient_pictures, largest_of_samples
from bplab.qt.canvas.matrix import image_of, strongest_of_blocks
from bplab.qt.inspector.cards import sized
from bplab.qt.theme import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.record import StepRecord
    from bplab.qt.theme import Theme

FRAME_PX, GAP_PX, TEXT_PX = 72, 8, 16


class Filmstrip(QWidget):
    """Shows a picture for each sample of a batch, all on one scale of colours.

    ``chosen`` carries the row of the batch that was picked.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._record: StepRecord | None = None
        self._layer, self._name = 1, str
        self.focused = self.first = 0
        self._pictures: dict[int, QImage] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Gradients of each sample")
        self.setToolTip(
            "Each sample's own gradients of the layer: a row for each neuron, a column for each that it hears from."
            " Click one, or use the arrow keys, to look at that sample."
        )

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self._pictures.clear()
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Ask for the mean and two samples."""
        return QSize(3 * (FRAME_PX + GAP_PX), FRAME_PX // 2 + 2 * TEXT_PX)

    def show_batch(self, record: StepRecord | None, layer: int, name: Callable[[int], str], focused: int) -> None:
        """Show another step, layer or sample; None for no step."""
        if record is not self._record or layer != self._layer:
            self._pictures.clear()
        moved = focused != self.focused
        self._record, self._layer, self._name, self.focused = record, layer, name, focused  # type: ignore[assignment]
        if moved and not self.first <= focused < self.first + self.fitting:
            self.first = focused if focused < self.first else focused - self.fitting + 1
        self.first = max(0, min(self.first, self.count - self.fitting))
        self.setAccessibleDescription(name(focused) if record else "")
        self.update()

    @property
    def count(self) -> int:
        """How many samples the batch has."""
        return len(self._record.indices) if self._record else 0

    @property
    def fitting(self) -> int:
        """How many of them can be seen at once."""
        return max(1, (self.width() - FRAME_PX - 3 * GAP_PX) // (FRAME_PX + GAP_PX))

    def _room(self, place: int) -> QRectF:
        """Return the frame at a place, 0 being the mean."""
        gap = GAP_PX if place else 0
        return QRectF(place * (FRAME_PX + GAP_PX) + gap, 2, FRAME_PX, max(8, self.height() - TEXT_PX - 6))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the mean and the samples that fit."""
        painter = QPainter(self)
        try:
            if self._record is not None:
                self._draw(painter, self._record)
            if self.hasFocus():
                painter.setPen(QPen(self._theme.color("action"), 1))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        finally:
            painter.end()

    def _draw(self, painter: QPainter, record: StepRecord) -> None:
        rows = range(self.first, min(self.count, self.first + self.fitting))
        missing = [row for row in rows if row not in self._pictures]
        high = largest_of_samples(record.layers[self._layer - 1]) or 1.0
        for row, own in zip(missing, gradient_pictures(record, np.array(missing, int), self._layer), strict=True):
            self._pictures[row] = self._picture(own, high)
        mean = self._picture(record.layers[self._layer - 1].dW, high)
        painter.setFont(sized(self.font(), 11))
        self._draw_frame(painter, self._room(0), mean, "mean", "rise")
        for place, row in enumerate(rows, start=1):
            tone = "action" if row == self.focused else "line"
            self._draw_frame(painter, self._room(place), self._pictures[row], self._name(row), tone)

    def _picture(self, values: np.ndarray, high: float) -> QImage:
        seen = np.nan_to_num(strongest_of_blocks(values, FRAME_PX, FRAME_PX))
        return image_of(lookup(self._theme.diverging, 0.5 + 0.5 * np.clip(seen / high, -1.0, 1.0)))

    def _draw_frame(self, painter: QPainter, room: QRectF, picture: QImage, name: str, tone: str) -> None:
        painter.drawImage(room, picture)
        painter.setPen(QPen(self._theme.color(tone), 2.0 if tone != "line" else 1.0))
        painter.drawRect(room)
        painter.setPen(self._theme.color("muted" if tone == "line" else tone))
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, FRAME_PX)
        below = QRectF(room.left(), room.bottom() + 2, FRAME_PX, TEXT_PX)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick a sample."""
        for place in range(1, self.fitting + 1):
            if self._room(place).contains(event.position()):
                self._choose(self.first + place - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to another sample."""
        keys = Qt.Key
        steps = {keys.Key_Left: -1, keys.Key_Right: 1, keys.Key_Home: -self.count, keys.Key_End: self.count}
        if event.key() in steps and self.count:
            self._choose(max(0, min(self.focused + steps[keys(event.key())], self.count - 1)))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Show other samples."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        self.first = max(0, min(self.first - (1 if turned > 0 else -1), self.count - self.fitting))
        self.update()

    def _choose(self, row: int) -> None:
        if row < self.count and row != self.focused:
            self.chosen.emit(row)
