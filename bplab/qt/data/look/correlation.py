"""How features and target go together: a square for each two, by their correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from bplab.data.facts import correlations
from bplab.qt.theme import lookup, number_font

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.qt.theme import Theme

MOST = 40  # columns
LABEL_PX, FOOT_PX, TEXT_FROM_PX = 128, 24, 30


class CorrelationPicture(QWidget):
    """Hovering reads two names and their correlation."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data: PreparedData | None = None
        self._names: tuple[str, ...] = ()
        self._values = np.empty((0, 0))
        self._hovered: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Correlations")
        self.setToolTip("Pearson's r of each two columns; a class counts as 1 where it is the sample's, else 0.")

    def show_data(self, data: PreparedData) -> None:
        """Show other data."""
        if data is not self._data:
            self._data = data
            self._names, self._values = correlations(data.dataset, MOST)
            self._hovered = None
            self.update()

    def _square(self) -> QRectF:
        side = min(self.width() - LABEL_PX, self.height() - FOOT_PX) - 8.0
        return QRectF(LABEL_PX, 4, max(side, 1.0), max(side, 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the squares, the names beside them, and what is hovered below."""
        n = len(self._names)
        if not n:
            return
        painter, square = QPainter(self), self._square()
        cell = square.width() / n
        shades = lookup(self._theme.diverging, 0.5 + self._values / 2)
        try:
            painter.setFont(number_font(8))
            for i in range(n):
                for j in range(n):
                    room = QRectF(square.left() + j * cell, square.top() + i * cell, cell, cell)
                    painter.fillRect(room.adjusted(0, 0, -1, -1), QColor(*map(int, shades[i, j])))
                    if cell >= TEXT_FROM_PX:
                        light = float(shades[i, j] @ [0.299, 0.587, 0.114])
                        painter.setPen(QColor("#101318" if light > 140 else "#ffffff"))
                        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{self._values[i, j]:.2f}")
            self._draw_names(painter, square, cell)
            painter.setPen(self._theme.color("text"))
            foot = QRectF(8, square.bottom() + 4, self.width() - 16, 18)
            painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, self.hovered_text())
        finally:
            painter.end()

    def _draw_names(self, painter: QPainter, square: QRectF, cell: float) -> None:
        if cell < 9:
            return
        painter.setPen(self._theme.color("muted"))
        for i, name in enumerate(self._names):
            room = QRectF(4, square.top() + i * cell, LABEL_PX - 12, cell)
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, LABEL_PX - 12)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def hovered_text(self) -> str:
        """Return what is said of the square under the mouse."""
        if self._hovered is None:
            return "Point at a square."
        i, j = self._hovered
        return f"{self._names[i]} and {self._names[j]}: r = {self._values[i, j]:.3f}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the square under the mouse."""
        self._hovered = self._at(event.position())
        self.update()

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        square = self._square()
        if not len(self._names) or not square.contains(point):
            return None
        cell = square.width() / len(self._names)
        last = len(self._names) - 1
        i, j = int((point.y() - square.top()) / cell), int((point.x() - square.left()) / cell)
        return min(i, last), min(j, last)
