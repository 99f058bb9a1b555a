"""Labels that take the room there is, and end in dots where their text does not fit; the tooltip has all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget


class ElidedLabel(QLabel):
    """Shows plain text on one line; `full_text` is what it says."""

    def __init__(self, role: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.full_text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._tip = ""

    def say(self, text: str, tip: str = "") -> None:
        """Show a text, and a tooltip in place of the whole of it."""
        if (text, tip) != (self.full_text, self._tip):  # some say the same many times a second
            self.full_text, self._tip = text, tip
            self.setAccessibleName(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as fits now."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self.full_text, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._tip or (self.full_text if shown != self.full_text else ""))


class TwoLines(ElidedLabel):
    """The same on two lines, at a height that stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("muted", parent)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 2)

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), QRect(0, 0, max(self.contentsRect().width() - 1, 1), 10_000)
        words, count = self.full_text.split(), len(self.full_text.split())
        flags = int(Qt.TextFlag.TextWordWrap)
        while count and metrics.boundingRect(room, flags, _joined(words, count)).height() > self.height():
            count -= 1
        shown = _joined(words, count)
        self.setText(shown)
        self.setToolTip(self._tip or (self.full_text if count < len(words) else ""))


def _joined(words: list[str], count: int) -> str:
    return " ".join(words[:count]) + ("" if count == len(words) else " …")
