"""A small picture of a data set, to be clicked."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from bplab.data.dataset import Classes, Dataset
from bplab.data.sources import SOURCES
from bplab.qt.theme import Theme, lookup

MOST_POINTS = 120


class Thumbnail(QAbstractButton):
    """A data set's scatter of two features, framed when it is the one in use."""

    def __init__(self, name: str, tip: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._theme = name, theme
        self._dataset: Dataset | None = None
        self._drawn: tuple[tuple[Dataset, str, float], QPixmap] | None = None
        self.setCheckable(True)
        self.setAccessibleName(f"Data set {name}")
        self.setToolTip(tip)
        self.setFixedSize(72, 70)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def rename(self, name: str) -> None:
        """Show another name."""
        self._name = name
        self.setAccessibleName(f"Data set {name}")
        self.update()

    def show_dataset(self, dataset: Dataset | None, in_use: bool) -> None:
        """Show this data set, or keep what is shown."""
        self._dataset = dataset or self._dataset
        self.setChecked(in_use)
        self.update()

    def nextCheckState(self) -> None:
        """Stay as it is: the document decides which one is in use."""

    def load(self) -> None:
        """Make the usual data set of this name, unless there is something to show."""
        if self._dataset is None and self._name in SOURCES:
            self._dataset = SOURCES[self._name].make(seed=1, **SOURCES.choose(self._name).values)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw frame, points and name."""
        theme = self._theme
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            framed = self.isChecked() or self.hasFocus() or self.underMouse()
            painter.setPen(QPen(theme.color("action" if framed else "line"), 2 if self.isChecked() else 1))
            painter.setBrush(theme.color("canvas"))
            frame = QRectF(1, 1, self.width() - 2, 50)
            painter.drawRoundedRect(frame, 6, 6)
            if self._dataset is not None:
                painter.drawPixmap(0, 0, self._picture_of(self._dataset, frame.adjusted(6, 5, -6, -5)))
            painter.setPen(theme.color("text" if self.isChecked() else "muted"))
            name = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, self.width())
            painter.drawText(QRectF(0, 52, self.width(), 17), Qt.AlignmentFlag.AlignCenter, name)
        finally:
            painter.end()

    def _picture_of(self, dataset: Dataset, room: QRectF) -> QPixmap:
        """Return the points, drawn once: the whole window is painted more often than a data set changes."""
        key = dataset, self._theme.name, self.devicePixelRatioF()
        if self._drawn is None or self._drawn[0] != key:
            picture = QPixmap(self.size() * self.devicePixelRatioF())
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            try:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw_data(painter, dataset, room)
            finally:
                painter.end()
            self._drawn = key, picture
        return self._drawn[1]

    def _draw_data(self, painter: QPainter, dataset: Dataset, room: QRectF) -> None:
        if dataset.X.shape[1] == 64 and dataset.name == "digits":
            _draw_digit(painter, dataset.X[0], room, self._theme)
            return
        chosen = np.linspace(0, len(dataset.X) - 1, min(MOST_POINTS, len(dataset.X))).astype(int)
        points = _two_columns(dataset, chosen)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        places = (points - low) / np.where(span > 0, span, 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        for (x, y), color in zip(places, _colors(dataset, chosen, self._theme), strict=True):
            painter.setBrush(color)
            painter.drawEllipse(QPointF(room.left() + x * room.width(), room.bottom() - y * room.height()), 1.6, 1.6)


def _two_columns(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return what is drawn: the last two features spread most, or feature and target."""
    X, target = dataset.X[rows], dataset.target
    if X.shape[1] == 1:
        second = target.labels[rows] if isinstance(target, Classes) else target.values[rows, 0]
        return np.column_stack([X[:, 0], second])
    if X.shape[1] == 2:
        return np.asarray(X)
    widest = np.sort(np.argsort(X.std(axis=0))[-2:])
    return np.asarray(X[:, widest])


def _colors(dataset: Dataset, chosen: np.ndarray, theme: Theme) -> list[QColor]:
    target = dataset.target
    if isinstance(target, Classes):
        return [QColor(theme.classes[label % len(theme.classes)]) for label in target.labels[chosen]]
    values = target.values[chosen, 0]
    size = max(float(np.abs(values).max()), 1e-300)
    return [QColor(*map(int, rgb)) for rgb in lookup(theme.diverging, 0.5 + values / size / 2)]


def _draw_digit(painter: QPainter, pixels: np.ndarray, room: QRectF, theme: Theme) -> None:
    shares = np.ascontiguousarray((pixels.reshape(8, 8) / 16.0 * 255).astype(np.uint8))
    mask = QImage(shares.data, 8, 8, 8, QImage.Format.Format_Alpha8).copy()
    ink = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    ink.fill(theme.color("text"))
    on_ink = QPainter(ink)
    on_ink.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    on_ink.drawImage(0, 0, mask)
    on_ink.end()
    side = room.height()
    painter.drawImage(QRectF(room.center().x() - side / 2, room.top(), side, side), ink)
