"""A small field on the canvas in which a weight or bias is typed in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QFocusEvent, QKeyEvent

WIDTH_PX, HEIGHT_PX = 96, 26


class ValueEditor(QLineEdit):
    """Return takes what was typed; Escape, or going elsewhere, leaves everything as it was."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        self._take: Callable[[str], object] | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedSize(WIDTH_PX, HEIGHT_PX)
        self.returnPressed.connect(self._done)
        self.hide()

    def ask(self, place: QPointF, name: str, value: float, take: Callable[[str], object]) -> None:
        """Show the present value at a place of the parent; `take` is told the text."""
        room = self._ground.rect()
        x = min(max(round(place.x() - WIDTH_PX / 2), 0), room.width() - WIDTH_PX)
        y = min(max(round(place.y() - HEIGHT_PX / 2), 0), room.height() - HEIGHT_PX)
        self._take = take
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: Return sets it, Escape leaves it as it is.")
        self.setText(repr(value))
        self.move(x, y)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus()

    def _done(self) -> None:
        take, text = self._take, self.text()
        self._leave()
        if take is not None:
            take(text)

    def _leave(self) -> None:
        self._take = None
        if self.isVisible():
            self.hide()
            self._ground.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave when something else is clicked."""
        super().focusOutEvent(event)
        self._take = None
        self.hide()
