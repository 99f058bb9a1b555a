"""A sum as a waterfall: each term begins where the one before has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bplab.microscope.words import number
from bplab.qt.inspector.cards import sized
from bplab.qt.inspector.terms import Waterfall
from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from bplab.qt.inspector.terms import Bar

ROW_PX, LEAST_ROW_PX = 19, 13
LABEL_PX, FACTORS_PX, VALUE_PX = 0.26, 0.24, 84  # shares of the width, and pixels
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class WaterfallView(QWidget):
    """Shows the terms of a sum.

    ``pointed`` carries what a term is on the canvas, a tuple of `Selection`, empty where the mouse has left;
    ``chosen`` the first of them when it is clicked.
    """

    pointed = Signal(object)
    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.waterfall = Waterfall()
        self.row = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Sum, term by term")
        self.setToolTip("Point at a term, or use the arrow keys, to see its place on the network; click to pick it.")

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Ask for a few rows."""
        return QSize(420, 6 * LEAST_ROW_PX)

    def show_waterfall(self, shown: Waterfall) -> None:
        """Show other terms."""
        self.waterfall = shown
        self.row = min(self.row, len(shown.bars) - 1)
        terms = "; ".join(f"{bar.label} {bar.factors} {number(bar.value)}" for bar in shown.bars)
        self.setAccessibleDescription(f"{shown.title}: {terms}; {shown.total} {number(shown.value)} {shown.note}")
        self.update()

    def _height(self) -> float:
        rows = len(self.waterfall.bars) + 1
        return min(ROW_PX, max(LEAST_ROW_PX, (self.height() - 2) / max(rows, 1)))

    def _point(self, row: int) -> None:
        if row == self.row:
            return
        self.row = row
        self.pointed.emit(self.waterfall.bars[row].places if row >= 0 else ())
        self.update()

    def _row_at(self, y: float) -> int:
        row = int(y / self._height())
        return row if 0 <= row < len(self.waterfall.bars) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what the term under the mouse stands for."""
        self._point(self._row_at(event.position().y()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick it."""
        self._choose(self._row_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        super().leaveEvent(event)
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from term to term; Enter picks."""
        last = len(self.waterfall.bars) - 1
        if event.key() == Qt.Key.Key_Up:
            self._point(max(0, self.row - 1))
        elif event.key() == Qt.Key.Key_Down:
            self._point(min(last, self.row + 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.row)
        else:
            super().keyPressEvent(event)

    def _choose(self, row: int) -> None:
        if row >= 0 and self.waterfall.bars[row].places:
            self.chosen.emit(self.waterfall.bars[row].places[0])

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw terms and total."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.waterfall.bars:
                self._draw(painter, self.waterfall)
            else:
                painter.setPen(self._theme.color("muted"))
                room = QRectF(self.rect()).adjusted(0, 2, 0, 0)
                painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, self.waterfall.note)
            if self.hasFocus():
                painter.setPen(QPen(self._theme.color("action"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, shown: Waterfall) -> None:
        height = self._height()
        left = (LABEL_PX + FACTORS_PX) * self.width()
        room = QRectF(left, 0, self.width() - left - VALUE_PX - 8, height)
        ends = np.cumsum([0.0, *(bar.value for bar in shown.bars)])
        with np.errstate(all="ignore"):
            low, high = min(0.0, float(np.min(ends))), max(0.0, float(np.max(ends)))
        span = high - low if np.isfinite(high - low) and high > low else 1.0

        def x(value: float) -> float:
            share = (value - low) / span
            return room.left() + (min(max(share, 0.0), 1.0) if np.isfinite(share) else 0.0) * room.width()

        bottom = (len(shown.bars) + 1) * height
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawLine(QPointF(x(0.0), 0), QPointF(x(0.0), bottom))
        for row, bar in enumerate(shown.bars):
            color = QColor(self._theme.diverging[0 if bar.value < 0 else -1])
            self._draw_row(painter, row * height, height, bar, row == self.row, bool(bar.places))
            self._draw_bar(painter, x(float(ends[row])), x(float(ends[row + 1])), row * height, height, color)
        y = len(shown.bars) * height
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        self._write(painter, QRectF(4, y, left, height), shown.total, "text", bold=True)
        self._draw_bar(painter, x(0.0), x(shown.value), y, height, self._theme.color("action"))
        self._write_number(painter, y, height, shown.value, "text")

    def _draw_row(self, painter: QPainter, y: float, height: float, bar: Bar, lit: bool, leads: bool) -> None:
        if lit:
            painter.fillRect(QRectF(0, y, self.width(), height), self._theme.color("action", 0.14))
        label, factors = LABEL_PX * self.width(), FACTORS_PX * self.width()
        self._write(painter, QRectF(4, y, label - 8, height), bar.label, "text" if leads else "muted")
        self._write(painter, QRectF(label, y, factors - 12, height), bar.factors, "muted", numbers=True)
        self._write_number(painter, y, height, bar.value, "text")

    def _draw_bar(self, painter: QPainter, start: float, end: float, y: float, height: float, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        left = min(start, end)
        painter.drawRoundedRect(QRectF(left, y + 3, max(2.0, abs(end - start)), height - 6), 2, 2)

    def _write(
        self, painter: QPainter, room: QRectF, text: str, color: str, bold: bool = False, numbers: bool = False
    ) -> None:
        font = sized(number_font(9) if numbers else self.font(), 11 if numbers else 12, bold=bold)
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room.width()))
        painter.drawText(room, _LEFT, shown)

    def _write_number(self, painter: QPainter, y: float, height: float, value: float, color: str) -> None:
        painter.setFont(sized(number_font(9), 12))
        painter.setPen(self._theme.color(color))
        painter.drawText(QRectF(self.width() - VALUE_PX, y, VALUE_PX - 4, height), _RIGHT, number(value))
