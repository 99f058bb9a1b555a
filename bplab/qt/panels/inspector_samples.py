"""One bar for each sample of the batch, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bplab.qt.panels.inspector_cards import number
from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW_PX = 16
LABEL_PX = 136
VALUE_PX = 72


class SampleBars(QWidget):
    """Gradients of single samples as bars; ``chosen`` carries the row that was picked."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: Sequence[str] = ()
        self.values: np.ndarray = np.empty(0)
        self._focused = 0
        self._first = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Gradient of each sample")
        self.setToolTip("Click a sample, or use the up and down keys, to see its values on the network.")

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.show_values((), np.empty(0), 0)

    def show_values(self, names: Sequence[str], values: np.ndarray, focused: int) -> None:
        """Show a value for each sample; `focused` is the row whose values the network shows."""
        self._names, self.values, self._focused = names, values, focused
        rows = self._rows_shown()
        if not self._first <= focused < self._first + rows:
            self._first = max(0, focused - rows + 1)
        self._first = min(self._first, max(0, len(values) - rows))
        self.update()

    def _rows_shown(self) -> int:
        return max(1, (self.height() - ROW_PX - 8) // ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw bars and mean."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if len(self.values):
                self._draw(painter)
            else:
                painter.setPen(self._theme.color("muted"))
                text = "Select a connection or a neuron and make a step: one bar for each sample of the batch."
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, text)
        finally:
            painter.end()

    def _draw(self, painter: QPainter) -> None:
        largest = float(np.abs(np.nan_to_num(self.values)).max()) or 1.0
        rows = range(self._first, min(len(self.values), self._first + self._rows_shown()))
        for place, row in enumerate(rows):
            color = "action" if row == self._focused else "muted"
            text = "text" if row == self._focused else "muted"
            self._bar(painter, place * ROW_PX, self._names[row], float(self.values[row]) / largest, color, text)
            self._value(painter, place * ROW_PX, float(self.values[row]))
        bottom = min(self.height() - ROW_PX - 2, len(rows) * ROW_PX + 6)
        mean = float(self.values.mean())
        hidden = len(self.values) - len(rows)
        name = f"mean of {len(self.values)}" if hidden else "mean = gradient"
        self._bar(painter, bottom, name, mean / largest, "rise", "text")
        self._value(painter, bottom, mean)

    def _bar(self, painter: QPainter, y: float, name: str, share: float, color: str, text: str) -> None:
        painter.setFont(self.font())
        painter.setPen(self._theme.color(text))
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        label = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LABEL_PX - 8)
        painter.drawText(QRectF(0, y, LABEL_PX, ROW_PX), left, label)
        half = max(20.0, (self.width() - LABEL_PX - VALUE_PX - 16) / 2)
        middle = LABEL_PX + half
        painter.setPen(self._theme.color("line"))
        painter.drawLine(int(middle), int(y), int(middle), int(y + ROW_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(color))
        length = half * min(1.0, abs(share)) if np.isfinite(share) else half
        start = middle if share >= 0 else middle - length
        painter.drawRoundedRect(QRectF(start, y + 3, max(1.0, length), ROW_PX - 6), 2, 2)

    def _value(self, painter: QPainter, y: float, value: float) -> None:
        painter.setFont(number_font(8.5))
        painter.setPen(self._theme.color("text"))
        room = QRectF(self.width() - VALUE_PX, y, VALUE_PX, ROW_PX)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number(value))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick a sample."""
        self.setFocus()
        self._choose(self._first + int(event.position().y()) // ROW_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next or previous sample."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            self._choose(self._focused + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self.values):
            self.chosen.emit(row)
