"""The few icons of the transport bar, drawn in a colour of the theme.

An icon font would cost an eighth of a second at every start.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

IconName = Literal["play", "pause", "next", "previous", "restart"]
SIDE_PX = 48


def icon(name: IconName, color: str) -> QIcon:
    """Return the icon of that name in a colour, "#rrggbb"."""
    pixmap = QPixmap(SIDE_PX, SIDE_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        _draw(painter, name, QColor(color))
    finally:
        painter.end()
    return QIcon(pixmap)


def _draw(painter: QPainter, name: IconName, color: QColor) -> None:
    if name == "play":
        _triangle(painter, 14, 40)
    elif name == "pause":
        painter.drawRoundedRect(QRectF(12, 9, 8, 30), 2, 2)
        painter.drawRoundedRect(QRectF(28, 9, 8, 30), 2, 2)
    elif name == "next":
        _triangle(painter, 11, 33)
        painter.drawRoundedRect(QRectF(34, 11, 5, 26), 1, 1)
    elif name == "previous":
        _triangle(painter, 37, 15)
        painter.drawRoundedRect(QRectF(9, 11, 5, 26), 1, 1)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 4.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(QRectF(11, 12, 26, 26), 130 * 16, -310 * 16)  # clockwise, all but the upper left
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([QPointF(8, 8), QPointF(22, 10), QPointF(12, 21)]))


def _triangle(painter: QPainter, base: float, tip: float) -> None:
    painter.drawPolygon(QPolygonF([QPointF(base, 10), QPointF(tip, 24), QPointF(base, 38)]))
