"""A plot of curves over the steps of a run: axes, legend, values under the cursor, click to go there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bplab.qt.theme import GRID_PX, Theme, number_font

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK_PX = 14  # least distance of two numbers at an axis
TEXT_PX = 11  # their height: one nearer to the end of the axis would be cut off and is left out
MANTISSAS = (  # of the numbers at a logarithmic axis, the most first, and how near two of them come, in decades
    (range(1, 10), math.log10(10 / 9)),
    ((1, 2, 5), math.log10(2)),
    ((1, 3), math.log10(3)),
    ((1,), 1.0),
)
MOST_IN_LEGEND = 3


class Axis(pg.AxisItem):  # type: ignore[misc]
    """The axis of values: on a logarithmic scale only as many ticks as there is room for.

    pyqtgraph writes 1 to 9 of every decade over each other when a plot is low.
    """

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return (spacing, places) of the ticks between `low` and `high`, which are powers of ten if logarithmic."""
        if not self.logMode:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks
        decade_px = size / max(high - low, 1e-9)
        edge = TEXT_PX / 2 / decade_px
        low, high = low + edge, high - edge
        for factors, least in MANTISSAS:
            if least * decade_px >= TICK_PX:
                powers = range(math.floor(low), math.ceil(high) + 1)
                places = [n + math.log10(factor) for n in powers for factor in factors]
                return [(1.0, [place for place in places if low <= place <= high])]
        apart = math.ceil(TICK_PX / decade_px)
        return [(float(apart), [float(n) for n in range(math.ceil(low), math.floor(high) + 1) if n % apart == 0])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return what is written at the ticks."""
        if not self.logMode:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [f"{10.0**value:.4g}" if -4 < value < 5 else f"{10.0**value:.0e}" for value in values]


class CurvePlot(QWidget):
    """Named curves over the steps; ``step_picked`` carries the step that was clicked."""

    step_picked = Signal(int)

    def __init__(self, title: str, empty: str, theme: Theme, log: bool, unit: str = "") -> None:
        super().__init__()
        self._unit = unit  # what the names of the curves count, as in "layer 1"
        self._theme = theme
        self._data: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.curves: dict[str, pg.PlotDataItem] = {}
        self.plot = pg.PlotWidget(axisItems={"left": Axis("left")})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setMinimumHeight(78)
        self.plot.setAccessibleName(title.capitalize())
        self.legend, self.readout, self.empty = QLabel(), QLabel(self.plot), QLabel(empty, self.plot)
        self.log = QCheckBox("log")
        self.log.setAccessibleName(f"Logarithmic {title.lower()}")
        self.log.setToolTip("Show the values on a logarithmic scale.")
        self.log.setChecked(log)
        self.log.toggled.connect(self._on_log)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._now = pg.InfiniteLine(angle=90, movable=False)
        for line in (self._cursor, self._now):
            line.hide()
            self.plot.addItem(line, ignoreBounds=True)
        self._lay_out(title)
        self.plot.scene().sigMouseMoved.connect(self._on_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_clicked)
        self.plot.installEventFilter(self)
        self.set_theme(theme)
        self._on_log(log)

    def _lay_out(self, title: str) -> None:
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        heading.setToolTip("Move over the curve for its values; click to go to that step.")  # not over the curve
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setFont(number_font(8))
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setWordWrap(True)
        self.readout.move(56, 0)
        self.readout.hide()
        self.empty.setProperty("role", "muted")
        self.empty.move(56, 24)
        top = QHBoxLayout()
        top.setSpacing(GRID_PX)
        for widget in (heading, self.legend):
            top.addWidget(widget)
        top.addStretch()
        top.addWidget(self.log)
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
            axis.enableAutoSIPrefix(False)
        self.plot.getAxis("left").setWidth(52)
        self.plot.showGrid(x=False, y=True, alpha=0.15)
        self.readout.setStyleSheet(f"background: {theme.color('panel', 0.8).name(QColor.NameFormat.HexArgb)}")
        self._cursor.setPen(theme.muted)
        self._now.setPen(theme.now)

    def show_curves(
        self, curves: Sequence[tuple[str, str, float, np.ndarray, np.ndarray]], now: int | None, smooth: bool
    ) -> None:
        """Show (name, colour, width, steps, values) for each curve, and a line at step `now`.

        Smooth lines take several times as long, so they are for when the run rests.
        """
        names = [name for name, *_ in curves]
        for name in set(self.curves) - set(names):
            self.plot.removeItem(self.curves.pop(name))
        self._data = {}
        for name, color, width, steps, values in curves:
            if name not in self.curves:
                self.curves[name] = self.plot.plot()
                self.curves[name].setDownsampling(auto=True, method="peak")
            usable = np.isfinite(values) & ((values > 0) | (not self.log.isChecked()))
            self.curves[name].setPen(pg.mkPen(color, width=width))
            self.curves[name].setData(steps[usable], values[usable], antialias=smooth)
            self._data[name] = steps, values
        self._show_legend([(name, color) for name, color, *_ in curves])
        is_empty = not any(len(steps) > 1 for *_, steps, _ in curves)
        self.empty.setVisible(is_empty)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setStyle(showValues=not is_empty, tickLength=0 if is_empty else -5)
        self._now.setVisible(now is not None)
        if now is not None:
            self._now.setValue(now)

    def _show_legend(self, entries: list[tuple[str, str]]) -> None:
        dots = [
            f'<span style="color:{color}">●</span>&nbsp;{self._word(place, name)}'
            for place, (name, color) in enumerate(entries)
        ]
        shown = dots if len(dots) <= MOST_IN_LEGEND else [dots[0], "…", dots[-1]]
        self.legend.setText("&nbsp; ".join(shown))
        self.legend.setToolTip("&nbsp; ".join(dots) if len(shown) < len(dots) else "")

    def values_at(self, step: float) -> str:
        """Return each curve's value at the kept step nearest to `step`."""
        parts = [f"step {max(0, round(step)):,}"]
        for place, (name, (steps, values)) in enumerate(self._data.items()):
            if len(steps):
                parts.append(f"{self._word(place, name)}: {values[int(np.abs(steps - step).argmin())]:.3g}")
        return "  ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)

    def _word(self, place: int, name: str) -> str:
        """Return a curve's name; the first one says what is counted."""
        return name if place or not self._unit else f"{self._unit}\N{NO-BREAK SPACE}{name}"

    def _on_log(self, log: bool) -> None:
        self.plot.setLogMode(y=log)

    def _step_at(self, place: QPointF) -> float | None:
        box = self.plot.getViewBox()
        if not box.sceneBoundingRect().contains(place):
            return None
        return float(box.mapSceneToView(place).x())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the values away when the pointer leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self.readout.hide()
            self._cursor.hide()
        return super().eventFilter(watched, event)

    def _on_moved(self, place: QPointF) -> None:
        step = self._step_at(place)
        self._cursor.setVisible(step is not None)
        self.readout.setText("" if step is None else self.values_at(step))
        self.readout.setVisible(step is not None)
        self.readout.setFixedWidth(max(0, self.plot.width() - self.readout.x()))
        self.readout.adjustSize()
        if step is not None:
            self._cursor.setValue(step)

    def _on_clicked(self, event: object) -> None:
        step = self._step_at(event.scenePos())  # type: ignore[attr-defined]
        if step is not None and self._data:
            self.step_picked.emit(max(0, round(step)))
