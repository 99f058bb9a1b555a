"""Any two features against each other: classes by colour, test samples hollow, wrong ones with a cross."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bplab.data.dataset import Classes
from bplab.data.telling import most_telling
from bplab.qt.theme import lookup, number_font

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.microscope.judged import Judged
    from bplab.qt.theme import Theme

MOST_POINTS = 3000
NEAR_PX = 16
SIZE_PX = 8


class Scatter(QWidget):
    """A click picks the nearest sample.

    Signals
    -------
    picked : int
        A sample of the data set.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data: PreparedData | None = None
        self._judged: Judged | None = None
        self._shown = np.empty(0, dtype=np.intp)  # places among those that are judged
        self._places = np.empty((0, 2))
        self._chosen: int | None = None
        self._make()
        self._lay_out()

    def _make(self) -> None:
        self.features = [QComboBox(), QComboBox()]
        for combo, side in zip(self.features, ("Horizontal", "Vertical"), strict=True):
            combo.setAccessibleName(f"{side} feature")
            combo.setToolTip("The feature along this axis.")
            combo.activated.connect(self._on_feature)
        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setAccessibleName("Samples by two features")
        self.plot.setToolTip("Click a sample. Filled ones train, hollow ones test; crosses are wrong predictions.")
        self.points, self.crosses, self.ring = (pg.ScatterPlotItem() for _ in range(3))
        for item in (self.points, self.crosses, self.ring):
            self.plot.addItem(item)
        self.plot.scene().sigMouseClicked.connect(self._on_click)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.PlainText)
        self.legend.setProperty("role", "muted")
        self._dress()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for text, combo in zip(("across", "up"), self.features, strict=True):
            label = QLabel(text)
            label.setProperty("role", "muted")
            row.addWidget(label)
            row.addWidget(combo, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        column.addWidget(self.legend)

    def _dress(self) -> None:
        self.plot.setBackground(self._theme.canvas)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(self._theme.line)
            axis.setTextPen(self._theme.muted)
            axis.setStyle(tickFont=number_font(8))

    def show_judged(self, data: PreparedData, judged: Judged) -> None:
        """Show other samples, or what the network says of them now."""
        is_other = data is not self._data or self._judged is None or len(self._judged.rows) != len(judged.rows)
        self._judged = judged
        if is_other:
            self._data = data
            names = list(data.dataset.feature_names)
            for combo, place in zip(self.features, most_telling(data), strict=True):
                combo.clear()
                combo.addItems(names)
                combo.setCurrentIndex(place)
            self._on_feature()
        self._mark()

    def choose(self, row: int | None) -> None:
        """Mark a sample of the data set."""
        self._chosen = row
        place = None if row is None or self._judged is None else self._judged.place(row)
        if place is None or self._data is None:
            self.ring.setData([], [])
            return
        first, second = (combo.currentIndex() for combo in self.features)
        x, y = self._data.dataset.X[row, [first, second]]
        self.ring.setData([x], [y], size=18, pen=pg.mkPen(self._theme.now, width=2.5), brush=None)

    def _on_feature(self) -> None:
        data, judged = self._data, self._judged
        if data is None or judged is None:
            return
        n = len(judged.rows)
        self._shown = np.arange(0, n, max(1, n // MOST_POINTS))
        rows = judged.rows[self._shown]
        first, second = (combo.currentIndex() for combo in self.features)
        self._places = data.dataset.X[rows][:, [first, second]]
        colors = self._colors(data, rows)
        pens = {shade: (pg.mkPen(shade, width=1.8), pg.mkPen(self._theme.canvas, width=0.8)) for shade in set(colors)}
        hollow, filled = pg.mkBrush(self._theme.canvas), {shade: pg.mkBrush(shade) for shade in set(colors)}
        tests = judged.is_test[self._shown].tolist()
        self.points.setData(
            pos=self._places,
            size=SIZE_PX,
            pen=[pens[shade][0 if test else 1] for shade, test in zip(colors, tests, strict=True)],
            brush=[hollow if test else filled[shade] for shade, test in zip(colors, tests, strict=True)],
        )
        for side, place in (("bottom", first), ("left", second)):
            self.plot.setLabel(side, html.escape(data.dataset.feature_names[place][:60]), color=self._theme.muted)
        self.plot.autoRange()
        self._mark()
        self.choose(self._chosen)

    def _mark(self) -> None:
        data, judged = self._data, self._judged
        if data is None or judged is None or not len(self._shown):
            return
        wrong = judged.is_wrong[self._shown]
        pen = pg.mkPen(self._theme.fall, width=2)
        self.crosses.setData(pos=self._places[wrong], symbol="x", size=SIZE_PX + 4, pen=pen, brush=None)
        counts = f"{len(self._shown):,} of {judged.of:,} samples · filled: train, hollow: test"
        wrongs = f" · {int(judged.is_wrong.sum()):,} wrong (crosses)" if judged.predicted is not None else ""
        self.legend.setText(counts + wrongs)

    def _colors(self, data: PreparedData, rows: np.ndarray) -> list[str]:
        target, theme = data.dataset.target, self._theme
        if isinstance(target, Classes):
            return [theme.classes[label % len(theme.classes)] for label in target.labels[rows].tolist()]
        values = target.values[rows, 0]
        size = max(float(np.abs(target.values[:, 0]).max()), 1e-300)
        shades = lookup(theme.diverging, 0.5 + values / size / 2)
        return ["#{:02x}{:02x}{:02x}".format(*map(int, shade)) for shade in shades]

    def _on_click(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        if not len(self._places) or self._judged is None:
            return
        box = self.plot.getPlotItem().vb
        at = box.mapSceneToView(event.scenePos())
        width, height = box.viewPixelSize()
        gaps = (self._places - [at.x(), at.y()]) / [width, height]
        far = np.hypot(gaps[:, 0], gaps[:, 1])
        nearest = int(far.argmin())
        if far[nearest] <= NEAR_PX:
            self.picked.emit(int(self._judged.rows[self._shown[nearest]]))
