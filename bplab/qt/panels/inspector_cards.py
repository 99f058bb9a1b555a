"""Cards with a symbol, a live number and what it is, joined to a product."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.qt.panels.inspector_facts import Factor

CARD_PX = (132, 72)
SIGN_PX = 22


class Cards(QWidget):
    """A row of factors; ``texts`` is what stands between them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.factors: Sequence[Factor] = ()
        self.known: set[int] | None = None
        self._signs: Sequence[str] = ()
        self.setAccessibleName("Factors of the gradient")
        self.setMinimumHeight(CARD_PX[1] + 2)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.factors = ()
        self.hide()

    def show_product(self, factors: Sequence[Factor], known: set[int] | None, minus: bool) -> None:
        """Show first = second x third, and what the third is made of; `known` are the ones already computed."""
        last = "(" if minus else "= a × ("
        signs = ["=", "×", last if not minus else "δ =", "−" if minus else "×"]
        self._put(factors, signs, known)

    def show_values(self, factors: Sequence[Factor], known: set[int] | None) -> None:
        """Show values side by side."""
        self._put(factors, ["→"] * (len(factors) - 1), known)

    def _put(self, factors: Sequence[Factor], signs: Sequence[str], known: set[int] | None) -> None:
        self.factors, self.known = factors, known
        self._signs = ["δ =" if sign == "= a × (" else sign for sign in signs]
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for one row of cards."""
        return QSize(5 * (CARD_PX[0] + 40), CARD_PX[1] + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the cards."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            gaps = [34 if len(sign) > 1 else SIGN_PX for sign in self._signs]
            width = min(CARD_PX[0], (self.width() - sum(gaps) - 2) / max(1, len(self.factors)))
            x = 1.0
            for place, factor in enumerate(self.factors):
                self._card(
                    painter, QRectF(x, 1, width, CARD_PX[1] - 1), factor, self.known is None or place in self.known
                )
                x += width
                if place < len(self.factors) - 1:
                    self._sign(painter, QRectF(x, 1, gaps[place], CARD_PX[1]), self._signs[place])
                    x += gaps[place]
        finally:
            painter.end()

    def _card(self, painter: QPainter, room: QRectF, factor: Factor, known: bool) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.color(factor.role if factor.role != "text" else "muted"), 1.4))
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(room, 8, 8)
        symbol = QFont(self.font())
        symbol.setPixelSize(14)
        symbol.setBold(True)
        third = room.height() / 3
        center = Qt.AlignmentFlag.AlignCenter
        painter.setFont(symbol)
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(room.x(), room.y() + 2, room.width(), third), center, factor.symbol)
        painter.setFont(number_font(12))
        painter.setPen(theme.color(factor.role))
        text = number(factor.value) if known else "–"
        painter.drawText(QRectF(room.x(), room.y() + third - 1, room.width(), third), center, text)
        small = QFont(self.font())
        small.setPixelSize(10)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        meaning = painter.fontMetrics().elidedText(factor.meaning, Qt.TextElideMode.ElideRight, int(room.width()) - 6)
        painter.drawText(QRectF(room.x(), room.bottom() - third, room.width(), third), center, meaning)

    def _sign(self, painter: QPainter, room: QRectF, sign: str) -> None:
        painter.setPen(self._theme.color("muted"))
        font = QFont(self.font())
        font.setPixelSize(15)
        painter.setFont(font)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, sign)


def number(value: float) -> str:
    """Return a number with its sign in a width that does not change."""
    if not math.isfinite(value):
        return str(value)
    return f"{value:+.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:+.1e}"
