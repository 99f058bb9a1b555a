"""A new sample, typed or slid into place: the outputs move with it, and with the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bplab.data.telling import some_of
from bplab.microscope.words import number, short
from bplab.qt.panels.setting_widgets import Limits, NumberEdit, QuietSlider
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.theme import Theme

NOTCHES = 1000
ROW_PX = 22
MOST_ROWS = 100
LARGEST = 1e300


class PredictDialog(QDialog):
    """Does not keep the window from being used meanwhile."""

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Predict a sample")
        self._document, self._player = document, player
        self._data: PreparedData | None = None
        self.values: np.ndarray = np.empty(0)
        self.sliders: list[QuietSlider] = []
        self.edits: list[NumberEdit] = []
        self._rows = QGridLayout()
        self._rows.setSpacing(6)
        content = QWidget()
        content.setLayout(self._rows)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.outputs = OutputBars(theme)
        self.sample = QPushButton("Take a sample of the data")
        self.sample.setToolTip("Begin with the values of a sample, another one each time.")
        self.sample.clicked.connect(self._take_sample)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        self._lay_out(area, self.sample, close)
        self._next = 0
        document.spec_changed.connect(self.refresh)
        player.snapshot_taken.connect(self._on_snapshot)
        self.refresh()

    def _lay_out(self, area: QScrollArea, *buttons: QPushButton) -> None:
        row = QHBoxLayout()
        for button in buttons:
            button.setAutoDefault(False)  # Return takes a number that was typed
            row.addWidget(button)
        row.insertStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(area, 1)
        column.addWidget(self.outputs)
        column.addLayout(row)
        self.resize(520, 460)

    def refresh(self) -> None:
        """Show the inputs of the present data, and what the network says."""
        data = self._document.experiment.data
        if data is not self._data:
            self._data = data
            self._make_rows(data)
        self._predict()

    def _make_rows(self, data: PreparedData) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.blockSignals(True)  # a slider that is still held would speak of a value that is no longer there
                old.deleteLater()
        self.sliders, self.edits = [], []
        X = data.dataset.X[some_of(data)]
        self._low, self._high = X.min(axis=0), X.max(axis=0)
        self.values = np.median(X, axis=0)
        names = data.dataset.feature_names
        for place, name in enumerate(names[:MOST_ROWS]):
            label = QLabel(short(name))
            label.setTextFormat(Qt.TextFormat.PlainText)
            slider = QuietSlider(f"Value of {short(name)}", "From the smallest to the largest of the data.", 0, NOTCHES)
            limits = Limits(-LARGEST, LARGEST, whole=False, doc="Any number may be typed, outside of the data too.")
            edit = NumberEdit(f"value of {short(name)}", limits)
            edit.refused.connect(self._document.failed)
            edit.setFixedWidth(96)
            slider.valueChanged.connect(lambda notch, place=place: self._on_slider(place, notch))
            edit.edited.connect(lambda value, place=place: self._on_edit(place, value))
            for column, widget in enumerate((label, slider, edit)):
                self._rows.addWidget(widget, place, column)
            self.sliders.append(slider)
            self.edits.append(edit)
        if len(names) > MOST_ROWS:
            more = QLabel(f"{len(names) - MOST_ROWS:,} more inputs stay as they are in the sample.")
            more.setProperty("role", "muted")
            self._rows.addWidget(more, MOST_ROWS, 0, 1, 3)
        spare = len(self.edits) + (len(names) > MOST_ROWS)
        for place in range(self._rows.rowCount() + 1):
            self._rows.setRowStretch(place, int(place == spare))
        self._show_values()

    def _show_values(self) -> None:
        for place, value in enumerate(self.values[: len(self.sliders)].tolist()):
            span = self._high[place] - self._low[place]
            share = (value - self._low[place]) / span if span > 0 else 0.5
            self.sliders[place].blockSignals(True)
            self.sliders[place].setValue(round(min(max(share, 0.0), 1.0) * NOTCHES))
            self.sliders[place].blockSignals(False)
            self.edits[place].show_value(value)

    def _on_slider(self, place: int, notch: int) -> None:
        self.set_value(place, float(self._low[place] + (self._high[place] - self._low[place]) * notch / NOTCHES))

    def _on_edit(self, place: int, value: float) -> None:
        self.set_value(place, value)

    def set_value(self, place: int, value: float) -> None:
        """Give the sample another value, and ask the network again."""
        self.values[place] = value
        self._show_values()
        self._predict()

    def _take_sample(self) -> None:
        if self._data is not None:
            self.values = np.array(self._data.dataset.X[self._next % len(self._data.dataset.X)])
            self._next += 37
            self._show_values()
            self._predict()

    def _on_snapshot(self) -> None:
        is_same = self._data is self._document.experiment.data  # else it is told of the others in a moment
        if is_same and self.isVisible() and self._player.is_turn(3, of=4):
            self._predict()

    def _predict(self) -> None:
        data = self._data
        if data is None or self._document.experiment.missing is not None:
            return
        with np.errstate(all="ignore"):
            answer = self._document.experiment.network.predict(data.prepare(self.values[None, :]))
        self.outputs.show_outputs(data, np.asarray(data.restore(answer)[0]))


class OutputBars(QWidget):
    """One bar for each output, and which of them is the prediction."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._data: PreparedData | None = None
        self.values: np.ndarray = np.empty(0)
        self.setAccessibleName("Outputs")

    def sizeHint(self) -> QSize:
        """Ask for a row for each output, of many for some."""
        return QSize(400, ROW_PX * min(12, max(1, len(self.values))))

    def show_outputs(self, data: PreparedData, values: np.ndarray) -> None:
        """Show other numbers."""
        grown = len(values) != len(self.values)
        self._data, self.values = data, values
        self.setMinimumHeight(self.sizeHint().height())
        if grown:
            self.updateGeometry()
        parts = (f"{name} {number(float(value))}" for name, value in zip(data.output_names, values, strict=True))
        self.setAccessibleDescription("; ".join(parts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw names, bars and numbers."""
        if self._data is None:
            return
        painter, theme, data = QPainter(self), self._theme, self._data
        try:
            best = int(np.argmax(self.values)) if data.class_names and len(self.values) > 1 else -1
            largest = 1.0 if data.class_names else float(np.nan_to_num(np.abs(self.values)).max(initial=0.0)) or 1.0
            height = min(ROW_PX, self.height() / max(1, len(self.values)))
            room = self.width() - 260
            for place, value in enumerate(np.nan_to_num(self.values).tolist()):
                y = place * height
                painter.setFont(self.font())
                painter.setPen(theme.color("text" if place == best else "muted"))
                painter.drawText(
                    QRectF(0, y, 150, height), Qt.AlignmentFlag.AlignVCenter, short(data.output_names[place])
                )
                painter.fillRect(
                    QRectF(156, y + 4, max(1.0, min(1.0, abs(value) / largest) * room), height - 8),
                    theme.color("action" if place == best or best < 0 else "idle"),
                )
                painter.setFont(number_font(9))
                painter.drawText(QRectF(self.width() - 96, y, 96, height), Qt.AlignmentFlag.AlignVCenter, number(value))
        finally:
            painter.end()
