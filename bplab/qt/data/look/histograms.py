"""How the values of each feature are spread, by class; before them how many samples each class has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from bplab.data.dataset import Classes
from bplab.data.facts import class_counts, spread
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.data.facts import Spread
    from bplab.data.prepare import PreparedData
    from bplab.qt.theme import Theme

CELL = QSize(216, 136)
MOST = 64


class Histograms(QScrollArea):
    """As many beside each other as there is room for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = _Picture(theme)
        self.setWidget(self.picture)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_data(self, data: PreparedData) -> None:
        """Show other data."""
        self.picture.show_data(data)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many beside each other as fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width()
        self.picture.resize(width, self.picture.height_for(width))


class _Picture(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._data: PreparedData | None = None
        self._spreads: list[Spread] = []
        self.setAccessibleName("Histograms")
        self.setToolTip("How the values of each feature are spread, each class in its colour.")

    def show_data(self, data: PreparedData) -> None:
        if data is not self._data:
            self._data = data
            count = min(MOST, len(data.dataset.feature_names))
            self._spreads = [spread(data.dataset, column) for column in range(count)]
            self.update()

    def _across(self, width: int) -> int:
        return max(1, width // CELL.width())

    def height_for(self, width: int) -> int:
        cells = 1 + len(self._spreads)
        return -(-cells // self._across(width)) * CELL.height()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._data is None:
            return
        across = self._across(self.width())
        width = self.width() / across
        painter = QPainter(self)
        try:
            for place in range(1 + len(self._spreads)):
                row, column = divmod(place, across)
                room = QRectF(column * width, row * CELL.height(), width, CELL.height()).adjusted(8, 8, -8, -8)
                if self.visibleRegion().intersects(room.toRect()):
                    self._draw(painter, room, place - 1)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, room: QRectF, column: int) -> None:
        data, theme = self._data, self._theme
        assert data is not None
        names = data.dataset.feature_names
        title = names[column] if column >= 0 else ("samples of each class" if data.class_names else "samples")
        painter.setPen(theme.color("text"))
        head = QRectF(room.left(), room.top(), room.width(), 18)
        painter.drawText(head, painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, int(room.width())))
        body = room.adjusted(0, 22, 0, -16)
        painter.fillRect(body, theme.color("canvas"))
        if column < 0:
            self._draw_counts(painter, body)
            return
        found = self._spreads[column]
        self._draw_bars(painter, body, found.counts)
        painter.setFont(number_font(8))
        painter.setPen(theme.color("muted"))
        foot = QRectF(room.left(), body.bottom() + 1, room.width(), 15)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"{found.edges[0]:.4g}")
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"{found.edges[-1]:.4g}")
        painter.setFont(self.font())

    def _draw_bars(self, painter: QPainter, body: QRectF, counts: object) -> None:
        theme, rows = self._theme, counts.tolist()  # type: ignore[attr-defined]
        most = max(1, max(map(sum, zip(*rows, strict=True))))
        width = body.width() / len(rows[0])
        for place, bin_counts in enumerate(zip(*rows, strict=True)):
            top = body.bottom()
            for label, count in enumerate(bin_counts):
                height = body.height() * count / most
                color = theme.classes[label % len(theme.classes)] if len(rows) > 1 else theme.action
                painter.fillRect(QRectF(body.left() + place * width, top - height, width - 1, height), color)
                top -= height

    def _draw_counts(self, painter: QPainter, body: QRectF) -> None:
        data, theme = self._data, self._theme
        assert data is not None
        counts, target = class_counts(data.dataset).tolist(), data.dataset.target
        names = target.names if isinstance(target, Classes) else ("all",)
        height = min(20.0, body.height() / len(counts))
        painter.setFont(number_font(8))
        for label, (name, count) in enumerate(zip(names, counts, strict=True)):
            bar = QRectF(body.left(), body.top() + label * height, body.width() * count / max(1, *counts), height - 2)
            painter.fillRect(bar, theme.color("line"))
            painter.fillRect(QRectF(bar.left(), bar.top(), 4, bar.height()), theme.classes[label % len(theme.classes)])
            if height >= 11:
                painter.setPen(theme.color("text"))
                text = f"{name} {count:,}" if isinstance(target, Classes) else f"{count:,}"
                line = QRectF(body.left() + 8, bar.top(), body.width() - 8, bar.height())
                text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(line.width()))
                painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setFont(self.font())
