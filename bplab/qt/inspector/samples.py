"""One bar for each sample of the batch, and their mean."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from bplab.microscope.words import Bars, number
from bplab.qt.theme import Theme, number_font

ROW_PX = 15
MEAN_PX = 24
LABEL_PX = 168
VALUE_PX = 80
LEAST_BAR_PX = 56
EDGE_PX = 4
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class SampleBars(QWidget):
    """Gradients of single samples as bars from a common zero line.

    ``chosen`` carries the row of the batch that was picked, ``scrolled`` tells that other rows are shown.
    """

    chosen = Signal(int)
    scrolled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.bars: Bars | None = None
        self._is_sorted = False
        self._order: np.ndarray = np.empty(0, dtype=int)
        self.focused = 0
        self.first = 0
        self._sentence = ""
        self._turned = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Gradient of each sample")
        self.setToolTip("Click a sample, or use the arrow keys, to see its values on the network and on the cards.")

    def minimumSizeHint(self) -> QSize:
        """Ask for names, bars and values side by side, and one row with the mean."""
        return QSize(LABEL_PX + LEAST_BAR_PX + 16 + VALUE_PX, ROW_PX + MEAN_PX + 2 * EDGE_PX)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def show_bars(self, bars: Bars | None, focused: int, sentence: str = "") -> None:
        """Show a value for each sample; `focused` is the row whose values the network shows.

        Parameters
        ----------
        sentence : str
            What to say where there are no bars.
        """
        moved = focused != self.focused
        self.bars, self.focused, self._sentence = bars, focused, sentence
        self._arrange()
        if moved:
            self._bring_into_view(self._place_of(focused))
        self._scroll_to(self.first)
        described = f"{bars.name(focused)} {number(float(bars.values[focused]))}" if bars else sentence
        self.setAccessibleDescription(described)
        self.update()

    def set_sorted(self, is_sorted: bool) -> None:
        """Show those that pull the weight up first and those that pull it down last, or all as in the batch."""
        self._is_sorted = is_sorted
        self._arrange()
        self._bring_into_view(self._place_of(self.focused))
        self.update()

    def _arrange(self) -> None:
        values = self.values
        self._order = np.argsort(values, kind="stable") if self._is_sorted else np.arange(len(values))

    def _place_of(self, row: int) -> int:
        """Return at which place a row of the batch stands."""
        found = np.flatnonzero(self._order == row)
        return int(found[0]) if len(found) else 0

    @property
    def values(self) -> np.ndarray:
        """One value for each sample; empty where there are no bars."""
        return self.bars.values if self.bars else np.empty(0)

    @property
    def count(self) -> int:
        """How many samples there are."""
        return len(self.values)

    @property
    def fitting(self) -> int:
        """How many of them can be seen at once."""
        return max(1, (self.height() - MEAN_PX - 2 * EDGE_PX) // ROW_PX)

    def range_text(self) -> str:
        """Return how many pull up and how many down, and which are seen, where it is not all of them."""
        if not self.count:
            return ""
        up, down = int((self.values < 0).sum()), int((self.values > 0).sum())
        pulls = f"{up} pull up, {down} down"
        if self.count <= self.fitting:
            return pulls
        return f"{pulls} · {self.first + 1} to {min(self.count, self.first + self.fitting)} of {self.count}"

    def _bring_into_view(self, row: int) -> None:
        if not self.first <= row < self.first + self.fitting:
            self._scroll_to(row if row < self.first else row - self.fitting + 1)

    def _scroll_to(self, first: int) -> None:
        self.first = max(0, min(first, self.count - self.fitting))
        self.scrolled.emit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the rows within the widget."""
        super().resizeEvent(event)
        self._scroll_to(self.first)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Show other samples; a fine touchpad's small turns add up."""
        self._turned += event.angleDelta().y()
        rows = int(self._turned / 40)
        self._turned -= rows * 40
        self._scroll_to(self.first - rows)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick a sample."""
        place = int(event.position().y() - EDGE_PX) // ROW_PX
        if 0 <= place < self.fitting:
            self._choose(self.first + place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to another sample."""
        keys, page = Qt.Key, self.fitting
        steps = {keys.Key_Up: -1, keys.Key_Left: -1, keys.Key_Down: 1, keys.Key_Right: 1}
        steps |= {keys.Key_PageUp: -page, keys.Key_PageDown: page, keys.Key_Home: -self.count, keys.Key_End: self.count}
        if event.key() in steps and self.count:
            place = self._place_of(self.focused) + steps[keys(event.key())]
            self._choose(max(0, min(place, self.count - 1)))
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        if place < self.count and self._order[place] != self.focused:
            self.chosen.emit(int(self._order[place]))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw bars and mean."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.bars is None:
                painter.setPen(self._theme.color("muted"))
                room = QRectF(self.rect()).adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, 0)
                painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, self._sentence)
            else:
                self._draw(painter, self.bars)
            if self.hasFocus():
                painter.setPen(QPen(self._theme.color("action"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, bars: Bars) -> None:
        largest = _largest(bars.values)
        rows = range(self.first, min(self.count, self.first + self.fitting))
        bottom = EDGE_PX + len(rows) * ROW_PX + (MEAN_PX - ROW_PX)
        painter.setPen(QPen(self._theme.color("line"), 1))
        middle = int(self._middle()) + 0.5
        painter.drawLine(int(middle), EDGE_PX, int(middle), bottom + ROW_PX)
        for place, row in enumerate(self._order[rows.start : rows.stop].tolist()):
            value, y = float(bars.values[row]), EDGE_PX + place * ROW_PX
            is_focused = row == self.focused
            tones = ("action", "action") if is_focused else ("muted", "idle")
            self._draw_row(painter, y, bars.name(row), value, value / largest, tones)
        name = "mean = batch gradient"
        self._draw_row(painter, bottom, name, bars.mean, bars.mean / largest, ("rise", "rise"), bold=True)

    def _draw_row(
        self,
        painter: QPainter,
        y: int,
        name: str,
        value: float,
        share: float,
        tones: tuple[str, str],
        bold: bool = False,
    ) -> None:
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self._theme.color(tones[0]))
        label = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, LABEL_PX - 12)
        painter.drawText(QRectF(EDGE_PX, y, LABEL_PX, ROW_PX), _LEFT, label)
        self._draw_bar(painter, y, share, tones[1])
        digits = number_font(9)
        digits.setPixelSize(12)
        painter.setFont(digits)
        painter.setPen(self._theme.color("muted" if tones[0] == "muted" else "text"))
        painter.drawText(QRectF(self.width() - VALUE_PX, y, VALUE_PX, ROW_PX), _LEFT, number(value))

    def _draw_bar(self, painter: QPainter, y: int, share: float, tone: str) -> None:
        bounded = max(-1.0, min(1.0, share)) if math.isfinite(share) else math.copysign(1.0, share)
        length = max(1.0, abs(bounded) * self._half())
        start = self._middle() - (length if bounded < 0 else 0.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(tone))
        painter.drawRoundedRect(QRectF(start, y + 3, length, ROW_PX - 6), 2, 2)

    def _half(self) -> float:
        return max(16.0, (self.width() - LABEL_PX - VALUE_PX - 16) / 2)

    def _middle(self) -> float:
        return LABEL_PX + self._half()


def _largest(values: np.ndarray) -> float:
    """Return the length of the longest bar; 1 where none has one."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0
