"""A plot of curves over the steps of a run: axes, legend, values under the cursor, click to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from collections.abc import Sequence


class CurvePlot(QWidget):
    """Named curves over the steps; ``step_picked`` carries the step that was clicked."""

    step_picked = Signal(int)

    def __init__(self, title: str, empty: str, theme: Theme, log: bool) -> None:
        super().__init__()
        self._theme = theme
        self._data: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.curves: dict[str, pg.PlotDataItem] = {}
        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setMinimumHeight(90)
        self.plot.setAccessibleName(title.capitalize())
        self.plot.setToolTip("Move over the curve for its values; click to go to that step.")
        self.legend, self.readout, self.empty = QLabel(), QLabel(), QLabel(empty, self.plot)
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
        self.set_theme(theme)
        self._on_log(log)

    def _lay_out(self, title: str) -> None:
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.readout.setFont(number_font(8))
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.empty.setProperty("role", "muted")
        self.empty.move(56, 24)
        top = QHBoxLayout()
        for widget in (heading, self.legend):
            top.addWidget(widget)
        top.addStretch()
        top.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        column.addWidget(self.readout)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.setStyle(tickFont=number_font(7.5), maxTextLevel=0 if side == "left" else 1)
        self.plot.getAxis("left").setWidth(52)
        self.plot.showGrid(x=False, y=True, alpha=0.15)
        self._cursor.setPen(theme.muted)
        self._now.setPen(theme.now)

    def show_curves(self, curves: Sequence[tuple[str, str, float, np.ndarray, np.ndarray]], now: int | None) -> None:
        """Show (name, colour, width, steps, values) for each curve, and a line at step `now`."""
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
            self.curves[name].setData(steps[usable], values[usable])
            self._data[name] = steps, values
        dots = "&nbsp;&nbsp;".join(f'<span style="color:{color}">●</span> {name}' for name, color, *_ in curves)
        self.legend.setText(dots)
        self.empty.setVisible(not any(len(steps) > 1 for *_, steps, _ in curves))
        self._now.setVisible(now is not None)
        if now is not None:
            self._now.setValue(now)

    def values_at(self, step: float) -> str:
        """Return each curve's value at the kept step nearest to `step`."""
        parts = [f"step {max(0, round(step)):,}"]
        for name, (steps, values) in self._data.items():
            if len(steps):
                parts.append(f"{name} {values[int(np.abs(steps - step).argmin())]:.4g}")
        return "  ".join(parts)

    def _on_log(self, log: bool) -> None:
        self.plot.setLogMode(y=log)

    def _step_at(self, place: QPointF) -> float | None:
        box = self.plot.getViewBox()
        if not box.sceneBoundingRect().contains(place):
            return None
        return float(box.mapSceneToView(place).x())

    def _on_moved(self, place: QPointF) -> None:
        step = self._step_at(place)
        self._cursor.setVisible(step is not None)
        self.readout.setText("" if step is None else self.values_at(step))
        if step is not None:
            self._cursor.setValue(step)

    def _on_clicked(self, event: object) -> None:
        step = self._step_at(event.scenePos())  # type: ignore[attr-defined]
        if step is not None and self._data:
            self.step_picked.emit(max(0, round(step)))
