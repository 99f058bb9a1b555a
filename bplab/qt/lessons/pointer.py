"""A ring around what a lesson speaks of; the mouse goes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from bplab.qt.theme import Theme

MARGIN_PX, WIDTH_PX = 4, 3


class Pointer(QWidget):
    """Lies over the whole window."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._window, self._theme = parent, theme
        self._shown = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("What the lesson points at")
        self.hide()

    @property
    def shown(self) -> QRect:
        """Where it points, in the window's coordinates."""
        return self._shown

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def point_at(self, place: QRect | None) -> None:
        """Point at a place of the window, or at nothing."""
        if place is None or place.isEmpty():
            self._shown = QRect()
            self.hide()
            return
        if place != self._shown:
            self._shown = place
            around = place.adjusted(*(side * (MARGIN_PX + WIDTH_PX) for side in (-1, -1, 1, 1)))
            self.setGeometry(around & self._window.rect())
            self.update()
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the ring."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("action"), WIDTH_PX))
            half = WIDTH_PX / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 9, 9)
        finally:
            painter.end()
