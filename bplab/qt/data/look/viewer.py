"""One sample: its picture or its features, what it should be, what the network says, and its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from bplab.data.images import image_shape
from bplab.qt.data.look.table_model import said_text, target_text
from bplab.qt.dialogs.predict import OutputBars
from bplab.qt.panels.setting_widgets import heading
from bplab.qt.theme import lookup, number_font

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.microscope.judged import Judged
    from bplab.qt.theme import Theme

MOST_LINES = 400


class SampleViewer(QWidget):
    """Shows the sample that was picked.

    Signals
    -------
    wanted : int
        The sample is to go under the microscope.
    """

    wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: int | None = None
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.picture = _Image(theme)
        self.features = QPlainTextEdit()
        self.features.setReadOnly(True)
        self.features.setAccessibleName("Features of the sample")
        self.features.setFont(number_font(9))
        self.outputs = OutputBars(theme)
        self.again = QPushButton("Under the microscope")
        self.again.setToolTip("Show it in the network: forward, loss and backward of this sample alone, no step.")
        self.again.setAutoDefault(False)
        self.again.clicked.connect(lambda: self.row is not None and self.wanted.emit(self.row))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(heading("SAMPLE"))
        column.addWidget(self.title)
        column.addWidget(self.picture)
        column.addWidget(self.features, 100)
        column.addWidget(self.outputs)
        column.addWidget(self.again)
        column.addStretch(1)  # where no sample is picked
        self.show_sample(None, None, None)

    def show_sample(self, data: PreparedData | None, judged: Judged | None, row: int | None) -> None:
        """Show a sample of the data set, or that none is picked."""
        self.row = row
        place = None if judged is None or row is None else judged.place(row)
        for part in (self.features, self.outputs, self.again):
            part.setVisible(place is not None)
        self.picture.setVisible(False)
        if data is None or judged is None or row is None or place is None:
            self.title.setText("Click a sample in the table, the scatter or the list: it goes under the microscope.")
            return
        part_of = "for testing" if judged.is_test[place] else "for training"
        verdict = " — wrong" if judged.is_wrong[place] else ""
        self.title.setText(
            f"sample {row}, {part_of}\nshould be {target_text(data, row)}\nthe network says "
            f"{said_text(data, judged, place)}{verdict}\nloss {judged.loss[place]:.4g}"
        )
        shape = image_shape(data.dataset.feature_names)
        values = data.dataset.X[row]
        self.picture.setVisible(shape is not None)
        if shape is not None:
            self.picture.show_pixels(values.reshape(shape), float(data.dataset.X[judged.rows[:200]].max()))
        pairs = zip(data.dataset.feature_names[:MOST_LINES], values.tolist(), strict=False)
        text = "\n".join(f"{name}  {value:.5g}" for name, value in pairs)
        if text != self.features.toPlainText():
            self.features.setPlainText(text)
        self.outputs.show_outputs(data, judged.outputs[place])


class _Image(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._image = QImage()
        self.setMinimumHeight(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Picture of the sample")

    def show_pixels(self, pixels: np.ndarray, most: float) -> None:
        self._image = image_of(pixels, most, self._theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if self._image.isNull():
            return
        painter = QPainter(self)
        try:
            side = min(self.width() / self._image.width(), self.height() / self._image.height())
            width, height = side * self._image.width(), side * self._image.height()
            painter.drawImage(QRectF((self.width() - width) / 2, 0, width, height), self._image)
        finally:
            painter.end()


def image_of(pixels: np.ndarray, most: float, theme: Theme) -> QImage:
    """Return values of shape (rows, columns), from 0 to `most`, as a picture: from paper to ink."""
    shades = lookup((theme.canvas, theme.text), np.clip(pixels / max(most, 1e-300), 0.0, 1.0))
    rgb = np.ascontiguousarray(shades.astype(np.uint8))
    height, width = pixels.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
