"""Why this step: the loss along the selected weight with its tangent, and what other learning rates would come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from bplab.qt.canvas.matrix import image_of
from bplab.qt.elided_label import ElidedLabel
from bplab.qt.inspector.cards import sized
from bplab.qt.theme import Theme, lookup, number_font

if TYPE_CHECKING:
    from bplab.microscope.landscape import Curve

NOTCHES = 60  # of the slider: a hundredth of the rate to a hundred times it
EDGE_PX = (58, 8, 18, 30)  # left, top, right, bottom of a plot


@dataclass(frozen=True, eq=False)
class Landscape:
    """What there is to be shown: the curve of a weight, the map of two, and the curve of the step."""

    symbol: str = ""
    weight: Curve | None = None
    second: Curve | None = None
    second_symbol: str = ""
    losses: np.ndarray | None = None
    step: Curve | None = None
    note: str = ""


class LandscapeView(QWidget):
    """Two plots and a slider.

    ``rate_tried`` carries the learning rate that the slider stands at; the answer comes by `show_trial`.
    """

    rate_tried = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.landscape = Landscape()
        self.plots = [LossPlot(theme, "along"), LossPlot(theme, "rates")]
        self.trial: tuple[float, float] | None = None
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-NOTCHES, NOTCHES)
        self.slider.setAccessibleName("Learning rate to try")
        self.slider.setToolTip("What if this step had been taken with another learning rate? Nothing is changed by it.")
        self.slider.valueChanged.connect(self._on_slider)
        self.answer = ElidedLabel()
        what_if = QHBoxLayout()
        title = QLabel("WHAT IF")
        title.setProperty("role", "heading")
        what_if.addWidget(title)
        self.slider.setMinimumWidth(56)
        what_if.addWidget(self.slider, 1)
        what_if.addWidget(self.answer, 2)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.plots[1], 1)
        right.addLayout(what_if)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.plots[0], 1)
        row.addLayout(right, 1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        for plot in self.plots:
            plot.set_theme(theme)

    def show_landscape(self, shown: Landscape) -> None:
        """Show another step or weight; the slider goes back to the rate of the step."""
        is_other = self.landscape.step is not shown.step
        self.landscape = shown
        if is_other:
            self.slider.blockSignals(True)
            self.slider.setValue(0)
            self.slider.blockSignals(False)
            self.trial = None
        for plot in self.plots:
            plot.show_landscape(shown, self.trial)
        self.slider.setEnabled(shown.step is not None)
        self._say()

    def show_trial(self, rate: float, loss: float, step: Curve) -> None:
        """Show what the loss would have come to at another learning rate, on a curve that goes so far."""
        self.trial = (rate, loss)
        self.plots[1].show_landscape(replace(self.landscape, step=step), self.trial)
        self._say()

    def _on_slider(self, place: int) -> None:
        step = self.landscape.step
        if step is not None:
            self.rate_tried.emit(step.step * 10.0 ** (2.0 * place / NOTCHES))

    def _say(self) -> None:
        step = self.landscape.step
        if step is None:
            self.answer.say("")
            return
        if self.trial is None:
            text = f"at {step.step:.3g}: {step.loss_before:.4g} → {step.loss_after:.4g}"
        else:
            rate, loss = self.trial
            text = f"at {rate:.3g}: {step.loss_before:.4g} → {loss:.4g}"
        self.answer.say(text, f"{text}: the loss of this batch before and after the step; nothing has been changed.")


class LossPlot(QWidget):
    """The loss along one line, or over two weights."""

    def __init__(self, theme: Theme, kind: str) -> None:
        super().__init__()
        self._theme, self._kind = theme, kind
        self._shown = Landscape()
        self._trial: tuple[float, float] | None = None
        self.setAccessibleName("Loss along the selected weight" if kind == "along" else "Loss for other learning rates")
        self.setToolTip(
            "The loss of this batch if only this weight were another; dashed the tangent, an arrow the step."
            if kind == "along"
            else "The loss of this batch after the step, for other learning rates; dashed what the gradient promises."
        )

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Ask for a small plot."""
        return QSize(220, 96)

    def show_landscape(self, shown: Landscape, trial: tuple[float, float] | None) -> None:
        """Show other curves."""
        self._shown, self._trial = shown, trial
        curve = shown.weight if self._kind == "along" else shown.step
        if curve is not None:
            said = f"slope {curve.slope:.4g}, step {curve.step:.4g}, loss {curve.loss_before:.4g}"
            self.setAccessibleDescription(f"{said}, then {curve.loss_after:.4g}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the curve, its tangent and the step."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left, top, right, bottom = EDGE_PX
            room = QRectF(self.rect()).adjusted(left, top, -right, -bottom)
            curve = self._shown.weight if self._kind == "along" else self._shown.step
            if curve is None:
                painter.setPen(self._theme.color("muted"))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, self._empty())
            elif self._kind == "along" and self._shown.losses is not None and self._shown.second is not None:
                self._draw_map(painter, room, curve, self._shown.second, self._shown.losses)
            else:
                self._draw_curve(painter, room, curve)
        finally:
            painter.end()

    def _empty(self) -> str:
        if self._shown.note:
            return self._shown.note if self._kind == "along" else ""
        return "Pick a connection, or a neuron for its bias; two for a map." if self._kind == "along" else ""

    def _draw_curve(self, painter: QPainter, room: QRectF, curve: Curve) -> None:
        theme, finite = self._theme, np.isfinite(curve.loss)
        if not finite.any():
            return
        low, high = _range(curve)

        def place(x: float, loss: float) -> QPointF:
            across = (x - curve.x[0]) / (curve.x[-1] - curve.x[0] or 1.0)
            up = (loss - low) / (high - low)
            return QPointF(room.left() + across * room.width(), room.bottom() - up * room.height())

        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.drawLine(room.bottomLeft(), room.topLeft())
        name = self._shown.symbol if self._kind == "along" else "learning rate"
        self._label(painter, room, (curve.x[0], curve.x[-1]), (low, high), name)
        painter.save()
        painter.setClipRect(room.adjusted(-6, -6, 6, 6))
        painter.setPen(QPen(theme.color("muted"), 1.4, Qt.PenStyle.DashLine))
        ends = (float(curve.x[0]), float(curve.x[-1]))
        painter.drawLine(place(ends[0], curve.tangent(ends[0])), place(ends[1], curve.tangent(ends[1])))
        painter.setPen(QPen(QColor(theme.classes[0]), 2.0))
        points = [place(float(x), float(y)) for x, y in zip(curve.x[finite], curve.loss[finite], strict=True)]
        painter.drawPolyline(QPolygonF(points))
        before, after = place(curve.at, curve.loss_before), place(curve.at + curve.step, curve.loss_after)
        _arrow(painter, before, QPointF(after.x(), before.y()), theme.color("action"))
        self._dot(painter, before, theme.color("text"))
        if np.isfinite(curve.loss_after):
            self._dot(painter, after, theme.color("action"))
        if self._kind == "rates" and self._trial is not None and np.isfinite(self._trial[1]):
            self._dot(painter, place(*self._trial), QColor(theme.classes[4]))
        painter.restore()

    def _draw_map(self, painter: QPainter, room: QRectF, across: Curve, up: Curve, losses: np.ndarray) -> None:
        seen = np.where(np.isfinite(losses), losses, np.nan)
        low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
        shares = np.nan_to_num((seen - low) / ((high - low) or 1.0), nan=1.0)
        levels = np.floor(shares * 12) / 12  # steps of colour are contour lines
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
        painter.drawImage(room, image_of(lookup(self._theme.sequential, levels[::-1])))

        def place(x: float, y: float) -> QPointF:
            right = (x - across.x[0]) / (across.x[-1] - across.x[0])
            high_up = (y - up.x[0]) / (up.x[-1] - up.x[0])
            return QPointF(room.left() + right * room.width(), room.bottom() - high_up * room.height())

        here, there = place(across.at, up.at), place(across.at + across.step, up.at + up.step)
        _arrow(painter, here, there, self._theme.color("text"))
        self._dot(painter, here, self._theme.color("text"))
        self._label(painter, room, (across.x[0], across.x[-1]), (up.x[0], up.x[-1]), self._shown.symbol)
        painter.setPen(self._theme.color("muted"))
        painter.save()
        painter.translate(EDGE_PX[0] - 20, room.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-60, -8, 120, 16), Qt.AlignmentFlag.AlignCenter, self._shown.second_symbol)
        painter.restore()

    def _label(
        self, painter: QPainter, room: QRectF, x: tuple[float, float], y: tuple[float, float], name: str
    ) -> None:
        painter.setFont(sized(number_font(9), 11))
        painter.setPen(self._theme.color("muted"))
        right, below = Qt.AlignmentFlag.AlignRight, QRectF(room.left(), room.bottom() + 2, room.width(), 14)
        for value, top in ((y[1], room.top() - 4), (y[0], room.bottom() - 12)):
            painter.drawText(QRectF(0, top, EDGE_PX[0] - 6, 14), right, f"{value:.3g}")
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{x[0]:.3g}")
        painter.drawText(below, right, f"{x[1]:.3g}")
        painter.setFont(sized(self.font(), 11))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, name)
        if self._kind == "rates" or self._shown.losses is None:
            middle = QRectF(0, room.center().y() - 8, EDGE_PX[0] - 6, 16)
            painter.drawText(middle, right, "loss")

    def _dot(self, painter: QPainter, place: QPointF, color: QColor) -> None:
        painter.setPen(QPen(self._theme.color("panel"), 1.5))
        painter.setBrush(color)
        painter.drawEllipse(place, 4.5, 4.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _range(curve: Curve) -> tuple[float, float]:
    """Return the losses at the lower and upper edge; one that runs away does not flatten the rest."""
    finite = curve.loss[np.isfinite(curve.loss)]
    ends = [curve.loss_before, *([curve.loss_after] if np.isfinite(curve.loss_after) else [])]
    low = min(float(finite.min()), *ends)
    high = max(float(np.quantile(finite, 0.9)), *(min(end, 10.0 * abs(curve.loss_before) + 1.0) for end in ends))
    pad = 0.08 * (high - low) or 0.1 * max(abs(high), 1e-12)
    return low - pad, high + pad


def _arrow(painter: QPainter, start: QPointF, end: QPointF, color: QColor) -> None:
    painter.setPen(QPen(color, 2.0))
    painter.drawLine(start, end)
    along = end - start
    length = float(np.hypot(along.x(), along.y()))
    if length > 5.0:
        unit = along / length
        side = QPointF(-unit.y(), unit.x())
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([end, end - unit * 7 + side * 3.5, end - unit * 7 - side * 3.5]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
