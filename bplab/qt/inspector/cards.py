"""Cards with a symbol, a live number and what it is, joined by signs to a formula; and lines of numbers below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bplab.microscope.words import NUMBER_CHARACTERS, Factor, Kind, Row, number
from bplab.qt.plain_tip import plain_tip
from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.microscope.selection import Selection

CARD_PX = (92, 160, 80)  # narrowest, widest, height
SIGN_PX = 20
LOW_PX, LINE_GAP_PX = 60, 4  # height of a card when there are two lines, and between them
NARROW_PX = 112  # a card that is not wider has smaller numbers
LABEL_PX = 80
ROW_PX = (18, 22)  # of many rows, of few
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


class Cards(QWidget):
    """A formula: cards, and between them the signs that join them.

    ``pointed`` carries what the card under the mouse is on the canvas: a tuple of `Selection`, empty for none.
    """

    pointed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.items: Sequence[Factor | str] = ()
        self._height = CARD_PX[2]
        self._under: Factor | None = None
        self._lit: Selection | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Formula with numbers")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(CARD_PX[2])

    @property
    def factors(self) -> list[Factor]:
        """The cards alone."""
        return [item for item in self.items if isinstance(item, Factor)]

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def show_items(self, items: Sequence[Factor | str]) -> None:
        """Show a formula."""
        self.items = items
        parts = (i if isinstance(i, str) else f"{i.symbol} {number(i.value)} ({i.meaning})" for i in items)
        self.setAccessibleDescription(" ".join(parts))
        self.setVisible(bool(items))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two lines where one has become too short."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._height = CARD_PX[2] if len(self._lines()) == 1 else LOW_PX
        self.setFixedHeight(CARD_PX[2] if self._height == CARD_PX[2] else 2 * LOW_PX + LINE_GAP_PX)

    def _lines(self) -> list[Sequence[Factor | str]]:
        """Break a formula that is too long before its last "="; that of most layers fits."""
        items, narrowest = self.items, sum(self._least(item) for item in self.items)
        breaks = [place for place, item in enumerate(items) if isinstance(item, str) and item.startswith("= ")]
        return [items[: breaks[-1]], items[breaks[-1] :]] if breaks and narrowest > self.width() else [items]

    def _least(self, item: Factor | str) -> float:
        return self._sign_width(item) if isinstance(item, str) else CARD_PX[0]

    def minimumSizeHint(self) -> QSize:
        """Ask for the narrowest five cards, and their signs."""
        return QSize(5 * CARD_PX[0] + 5 * SIGN_PX, CARD_PX[2])

    def rooms(self) -> list[QRectF]:
        """Return where each item stands."""
        lines = self._lines()
        wide = min(map(self._card_width, lines))
        rooms = []
        for number_of_line, line in enumerate(lines):
            x, y = 0.0, number_of_line * (self._height + LINE_GAP_PX)
            for item in line:
                width = self._sign_width(item) if isinstance(item, str) else wide
                rooms.append(QRectF(x, y, width, self._height))
                x += width
        return rooms

    def _card_width(self, line: Sequence[Factor | str]) -> float:
        signs = sum(self._sign_width(item) for item in line if isinstance(item, str))
        cards = sum(isinstance(item, Factor) for item in line)
        return float(int(min(CARD_PX[1], max(CARD_PX[0], (self.width() - signs) / max(1, cards)))))

    def event(self, event: QEvent) -> bool:
        """Say what the card under the pointer is."""
        if isinstance(event, QHelpEvent):
            for room, item in zip(self.rooms(), self.items, strict=True):
                if isinstance(item, Factor) and room.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), plain_tip(item.tip), self)
            return True
        return super().event(event)

    def light(self, place: Selection | None) -> None:
        """Light up the cards that stand for what is under the mouse on the canvas."""
        if place != self._lit:
            self._lit = place
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up on the canvas what the card under the mouse stands for."""
        rooms = zip(self.rooms(), self.items, strict=True)
        under = [i for room, i in rooms if isinstance(i, Factor) and room.contains(event.position())]
        self._point(under[0] if under else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Light up nothing."""
        super().leaveEvent(event)
        self._point(None)

    def _point(self, under: Factor | None) -> None:
        if under is not self._under:
            self._under = under
            self.pointed.emit((under.place,) if under is not None and under.place is not None else ())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the formula."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for room, item in zip(self.rooms(), self.items, strict=True):
                if isinstance(item, Factor):
                    self._draw_card(painter, room.adjusted(0.75, 0.75, -0.75, -0.75), item)
                else:
                    self._draw_text(painter, room, item, sized(self.font(), 15), "muted")
        finally:
            painter.end()

    def _draw_card(self, painter: QPainter, room: QRectF, factor: Factor) -> None:
        rim = self._rim(factor.kind)
        is_lit = factor.place is not None and factor.place == self._lit
        painter.setPen(QPen(rim, 3.0 if is_lit else 1.5))
        painter.setBrush(self._theme.color("field"))
        painter.drawRoundedRect(room, 8, 8)
        rim.setAlphaF(0.07)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(rim)
        painter.drawRoundedRect(room, 8, 8)
        across = room.width()
        symbol, meaning = sized(self.font(), 14, bold=True), sized(self.font(), 11)
        top, middle, bottom = (4, 25, 47) if self._height == CARD_PX[2] else (1, 19, 38)
        self._draw_text(painter, QRectF(room.x(), room.y() + top, across, 20), factor.symbol, symbol, "text")
        self._draw_number(painter, QRectF(room.x(), room.y() + middle, across, 22), factor)
        below = QRectF(room.x() + 2, room.y() + bottom, across - 4, room.height() - bottom - 2)
        self._draw_text(painter, below, factor.meaning, meaning, "muted", _WRAPPED)

    def _draw_number(self, painter: QPainter, room: QRectF, factor: Factor) -> None:
        """The sign always stands at the same place, so that numbers do not jump while they change."""
        narrow = room.width() <= NARROW_PX
        font = sized(number_font(12), 13 if narrow else 15)
        if factor.value is None:
            self._draw_text(painter, room, number(None), font, "muted")
            return
        character = QFontMetricsF(font).horizontalAdvance("0")
        left = room.center().x() - (NUMBER_CHARACTERS - (0 if narrow else 2)) / 2 * character
        place = QRectF(left, room.y(), room.right() - left, room.height())
        self._draw_text(painter, place, number(factor.value), font, "text", _LEFT)

    def _draw_text(
        self, painter: QPainter, room: QRectF, text: str, font: QFont, color: str, how: int = _CENTRE
    ) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        painter.drawText(room, how, text)

    def _rim(self, kind: Kind) -> QColor:
        classes = self._theme.classes
        rims = {"gradient": classes[4], "input": classes[0], "error": classes[3], "pull": classes[5]}
        return QColor(rims.get(kind, self._theme.muted))

    def _sign_width(self, sign: str) -> float:
        if sign == ")":
            return SIGN_PX / 2
        return max(float(SIGN_PX), QFontMetricsF(sized(self.font(), 15)).horizontalAdvance(sign) + 4)


class Rows(QWidget):
    """Lines of live numbers, each with what it is in front of it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: Sequence[Row] = ()
        self.setAccessibleName("Sum, update and gradient check")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show lines."""
        if len(rows) != len(self.rows):
            self.setFixedHeight(len(rows) * _row_height(rows))
        self.rows = rows
        self.setAccessibleDescription(self.text())
        self.setVisible(bool(rows))
        self.update()

    def text(self) -> str:
        """Return everything that the lines say, in full."""
        return "\n".join(f"{row.label}  {row.texts[0]}" for row in self.rows)

    def shown(self, row: Row) -> str:
        """Return the longest of a row's texts that fits."""
        metrics, room = QFontMetricsF(self._number_font()), self.width() - LABEL_PX
        fitting = (text for text in row.texts if metrics.horizontalAdvance(text) <= room)
        return next(fitting, metrics.elidedText(row.texts[-1], Qt.TextElideMode.ElideRight, room))

    def event(self, event: QEvent) -> bool:
        """Say more about the row under the pointer."""
        if isinstance(event, QHelpEvent):
            place = event.pos().y() // _row_height(self.rows)
            if place < len(self.rows):
                row = self.rows[place]
                QToolTip.showText(event.globalPos(), plain_tip(row.tip or row.texts[0]), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the lines."""
        painter = QPainter(self)
        try:
            height = _row_height(self.rows)
            for place, row in enumerate(self.rows):
                y = place * height
                painter.setFont(sized(self.font(), 11, bold=True))
                painter.setPen(self._theme.color("muted"))
                painter.drawText(QRectF(0, y, LABEL_PX, height), _LEFT, row.label)
                painter.setFont(self._number_font())
                painter.setPen(self._theme.color(row.tone))
                painter.drawText(QRectF(LABEL_PX, y, self.width() - LABEL_PX, height), _LEFT, self.shown(row))
        finally:
            painter.end()

    def _number_font(self) -> QFont:
        return sized(number_font(9), 12)


def _row_height(rows: Sequence[Row]) -> int:
    return ROW_PX[0] if len(rows) > 3 else ROW_PX[1]


def sized(font: QFont, pixels: int, bold: bool = False) -> QFont:
    """Return a font in a size of pixels."""
    sized = QFont(font)
    sized.setPixelSize(pixels)
    sized.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return sized
