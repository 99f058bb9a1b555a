"""What the network answers everywhere: a decision surface over two inputs, or the fitted curve over one."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bplab.data.dataset import Classes, Dataset
from bplab.data.telling import most_telling, some_of
from bplab.qt.theme import Theme, lookup, number_font, rgb

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from bplab.data.prepare import PreparedData
    from bplab.engine.network import Network

GRID, LEAST_GRID = 64, 8  # points along each side
MOST_VALUES = 400_000  # of a feature at a place
MOST_PRODUCTS = 1e8  # of the whole grid: more would keep the window from its events
MOST_POINTS = 400
MOST_MEASURED = 50_000  # samples by which the axes are long
AXIS_PX = 52


class PredictionPlot(QWidget):
    """Points of the data set over the network's answer; test samples are hollow."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._data: PreparedData | None = None
        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setMinimumHeight(104)
        self.plot.setAccessibleName("Prediction")
        self.plot.setToolTip(
            "The network's answer for every value of the chosen inputs; hollow points are for testing."
        )
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setZValue(-10)
        self.curve = pg.PlotDataItem()
        self.train, self.test = pg.ScatterPlotItem(), pg.ScatterPlotItem()
        for item in (self.image, self.train, self.test, self.curve):
            self.plot.addItem(item)
        self.features = [QComboBox(), QComboBox()]
        for combo, side in zip(self.features, ("Horizontal", "Vertical"), strict=True):
            combo.setAccessibleName(f"{side} input")
            combo.setToolTip("The input along this axis; the others stay at their mean.")
            combo.setMaximumWidth(100)
            combo.activated.connect(self._on_feature)
        self._network: Network | None = None
        self._middle = np.empty(0)
        self._lay_out()
        self.set_theme(theme)

    def _lay_out(self) -> None:
        heading = QLabel("PREDICTION")
        heading.setProperty("role", "heading")
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(heading)
        top.addSpacing(4)
        top.addStretch()
        for combo in self.features:
            top.addWidget(combo)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.plot, 1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setStyle(tickFont=number_font(7.5))
        self.plot.getAxis("left").setWidth(AXIS_PX)
        self._draw_points()
        self.refresh()

    def set_data(self, data: PreparedData, network: Network) -> None:
        """Show other data."""
        self._network = network
        if data is not self._data:
            self._data = data
            self._middle = data.dataset.X[some_of(data)].mean(axis=0)
            names = list(data.dataset.feature_names)
            for combo, place in zip(self.features, most_telling(data), strict=True):
                combo.clear()
                combo.addItems(names)
                combo.setCurrentIndex(place)
                combo.setVisible(len(names) > 2)
            if len(data.dataset.X) <= MOST_MEASURED:
                self._draw_points()
            else:
                QTimer.singleShot(0, self, self._draw_points)

    def refresh(self) -> None:
        """Ask the network again; only while nobody trains it."""
        if self._data is None or self._network is None:
            return
        if self._is_curve(self._data):
            self._show_curve(self._data, self._network)
        else:
            self._show_surface(self._data, self._network)

    def _on_feature(self) -> None:
        self._draw_points()
        self.refresh()

    def _is_curve(self, data: PreparedData) -> bool:
        return len(data.dataset.feature_names) == 1

    def _columns(self) -> tuple[int, int]:
        return self.features[0].currentIndex(), self.features[1].currentIndex()

    def _places(self, data: PreparedData, rows: np.ndarray) -> np.ndarray:
        dataset, (first, second) = data.dataset, self._columns()
        if self._is_curve(data):
            target = dataset.target
            y = target.labels[rows] if isinstance(target, Classes) else target.values[rows, 0]
            return np.column_stack([dataset.X[rows, 0], y])
        return np.column_stack([dataset.X[rows, first], dataset.X[rows, second]])

    def _draw_points(self) -> None:
        data = self._data
        if data is None:
            return
        n = len(data.dataset.X)
        places = self._places(data, np.arange(0, n, max(1, n // MOST_MEASURED)))
        low, high = places.min(axis=0), places.max(axis=0)
        pad = 0.08 * np.where(high > low, high - low, 1.0)
        self._low, self._high = low - pad, high + pad
        self.plot.setXRange(self._low[0], self._high[0], padding=0)
        self.plot.setYRange(self._low[1], self._high[1], padding=0)
        self._label_axes()
        self._draw_some(self.train, data, data.train_indices, hollow=False)
        if n <= MOST_MEASURED:
            self._draw_test()
        else:  # the frame after: it has had enough to do
            QTimer.singleShot(0, self, self._draw_test)

    def _draw_test(self) -> None:
        if self._data is not None:
            self._draw_some(self.test, self._data, self._data.test_indices, hollow=True)

    def _draw_some(self, item: pg.ScatterPlotItem, data: PreparedData, rows: np.ndarray, hollow: bool) -> None:
        some = rows[:: max(1, len(rows) // MOST_POINTS)]
        shades = [color.rgb() for color in _colors(data.dataset, some, self._theme)]
        kinds = set(shades)  # points of one colour share pen and brush: each is drawn once
        pens = {c: pg.mkPen(QColor(c) if hollow else self._theme.panel, width=1.6 if hollow else 0.8) for c in kinds}
        brushes = {c: pg.mkBrush(self._theme.panel if hollow else QColor(c)) for c in kinds}
        rim, fill = [pens[shade] for shade in shades], [brushes[shade] for shade in shades]
        item.setData(pos=self._places(data, some), size=6.5, pen=rim, brush=fill)

    def _label_axes(self) -> None:
        """Write along the axes what they show, as much of it as there is room for."""
        if self._data is None:
            return
        names, (first, second) = self._data.dataset.feature_names, self._columns()
        vertical = self._data.output_names[0] if self._is_curve(self._data) else names[second]
        for side, name, room in (("bottom", names[first], self.plot.width()), ("left", vertical, self.plot.height())):
            width = max(40, room - AXIS_PX)
            shown = self.plot.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, width)
            self.plot.setLabel(side, html.escape(shown), color=self._theme.muted)
            self.plot.getAxis(side).resizeEvent()  # which puts it into the middle

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the names along the axes for the new size."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._label_axes)  # the plot is resized after this

    def _show_curve(self, data: PreparedData, network: Network) -> None:
        self.image.hide()
        x = np.linspace(self._low[0], self._high[0], 200)
        y = data.restore(network.predict(data.prepare(x[:, None])))[:, -1]
        finite = np.isfinite(y)
        self.curve.setPen(pg.mkPen(self._theme.action, width=2))
        self.curve.setData(x[finite], y[finite])

    def _show_surface(self, data: PreparedData, network: Network) -> None:
        self.curve.setData([], [])
        first, second = self._columns()
        most = min(MOST_PRODUCTS / len(network.parameters), MOST_VALUES / len(self._middle))
        side = int(np.clip(math.sqrt(most), LEAST_GRID, GRID))
        across, up = (np.linspace(self._low[i], self._high[i], side) for i in (0, 1))
        raw = np.tile(self._middle, (side * side, 1))
        grid = np.meshgrid(across, up)
        raw[:, first] = grid[0].ravel()
        if second != first:
            raw[:, second] = grid[1].ravel()
        answer = np.nan_to_num(network.predict(data.prepare(raw)))
        self.image.setImage(shade(data, answer, self._theme).reshape(side, side, 3), autoLevels=False, levels=(0, 255))
        self.image.setRect(QRectF(self._low[0], self._low[1], *(self._high - self._low)))
        self.image.show()


def shade(data: PreparedData, answer: np.ndarray, theme: Theme) -> np.ndarray:
    """Return a colour for each row of the network's outputs, shape (rows, 3) of uint8."""
    if not data.class_names:
        values = data.restore(answer)[:, 0]
        size = max(float(np.abs(data.dataset.target.values).max()), 1e-300)  # type: ignore[union-attr]
        return lookup(theme.diverging, 0.5 + np.clip(values / size, -1, 1) / 2)
    shares = np.clip(answer, 0.0, 1.0)
    if shares.shape[1] == 1:
        shares = np.column_stack([1.0 - shares, shares])
    shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    palette = np.array([rgb(theme.classes[k % len(theme.classes)]) for k in range(shares.shape[1])])
    ground = np.array(rgb(theme.canvas))
    return np.asarray(0.55 * ground + 0.45 * (shares @ palette)).astype(np.uint8)


def _colors(dataset: Dataset, rows: np.ndarray, theme: Theme) -> list[QColor]:
    target = dataset.target
    if isinstance(target, Classes):
        return [QColor(theme.classes[label % len(theme.classes)]) for label in target.labels[rows]]
    if dataset.X.shape[1] == 1:
        return [QColor(theme.muted)] * len(rows)
    values = target.values[rows, 0]
    every = target.values[:: max(1, len(target.values) // MOST_MEASURED), 0]
    size = max(float(np.abs(every).max()), 1e-300)
    return [QColor(*map(int, c)) for c in lookup(theme.diverging, 0.5 + values / size / 2)]
