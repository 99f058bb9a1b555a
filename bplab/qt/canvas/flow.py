"""Signals on their way along the connections, while a step is shown slowly: motion only when work happens."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QStyle

from bplab.qt.canvas.painter import curve

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from bplab.microscope.now import Now
    from bplab.qt.canvas.picture import Picture
    from bplab.qt.player import Player

FRAME_MS = 33
LONGEST_S, SHORTEST_S = 0.9, 0.12
MOST_DOTS = 240


class Flow(QObject):
    """How far the signals have come since the present phase or operation began."""

    def __init__(self, player: Player, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._player, self._canvas = player, canvas
        self.is_wanted = is_motion_wanted()
        self._now: Now | None = None
        self._began = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        player.snapshot_taken.connect(self._on_snapshot)

    def set_wanted(self, is_wanted: bool) -> None:
        """Show motion, or none."""
        self.is_wanted = is_wanted
        if not is_wanted:
            self._timer.stop()
        self._canvas.update()

    @property
    def is_moving(self) -> bool:
        """Whether something is on its way."""
        return self._timer.isActive()

    @property
    def share(self) -> float:
        """How far it has come, 0 to 1."""
        return min(1.0, (time.perf_counter() - self._began) / self._duration())

    def _duration(self) -> float:
        rate = self._player.rate if self._player.is_playing else math.inf
        return LONGEST_S / 2 if math.isinf(rate) else max(SHORTEST_S, min(LONGEST_S, 0.9 / rate))

    @Slot()
    def _on_snapshot(self) -> None:
        snapshot = self._player.snapshot
        now = snapshot.now if snapshot is not None else None
        if now == self._now:
            return
        self._now = now
        is_slow = not self._player.is_playing or self._player.rate <= 1.0 / SHORTEST_S
        is_work = now is not None and now.phase is not None
        if self.is_wanted and is_slow and is_work:
            self._began = time.perf_counter()
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        if self.share >= 1.0:
            self._timer.stop()
        self._canvas.update()

    def draw(self, painter: QPainter, picture: Picture) -> None:
        """Draw the dots, each on its connection; at the update, how strongly each one settles."""
        now = picture.scene.now
        if not self.is_moving or now.phase is None or picture.layout.is_dense:
            return
        painter.save()
        camera = picture.camera
        painter.translate(camera.dx, camera.dy)
        painter.scale(camera.zoom, camera.zoom)
        painter.setPen(picture.theme.color("canvas"))
        layer = now.layer
        if now.phase == "forward" and layer is not None:
            self._draw_dots(painter, picture, layer, self.share)
        elif now.phase == "backward" and layer is not None and layer < len(picture.layout.columns) - 1:
            self._draw_dots(painter, picture, layer + 1, 1.0 - self.share)
        elif now.phase == "update":
            self._draw_settling(painter, picture)
        painter.restore()

    def _draw_dots(self, painter: QPainter, picture: Picture, layer: int, share: float) -> None:
        """Dots on their way into a layer, as large as what they carry."""
        record, now = picture.scene.record, picture.scene.now
        if record is None or layer > len(picture.lines):
            return
        lines, seen = picture.lines[layer - 1], record.layers[layer - 1]
        row = min(picture.scene.sample, len(record.X) - 1)
        forward = now.phase == "forward"
        carried = seen.W * seen.a_prev[row] if forward else seen.W * seen.delta[row][:, None]
        sizes = np.nan_to_num(np.abs(carried[lines.neurons, lines.sources]))
        largest = float(sizes.max(initial=0.0)) or 1.0
        painter.setBrush(QColor(picture.theme.classes[0] if forward else picture.theme.classes[1]))
        one = now.operation.neuron if now.operation is not None else None
        for place in np.argsort(-sizes, kind="stable")[:MOST_DOTS].tolist():
            neuron, source = int(lines.neurons[place]), int(lines.sources[place])
            if one is not None and one != (source if forward else neuron):
                continue
            radius = 1.5 + 3.5 * math.sqrt(float(sizes[place]) / largest)
            painter.drawEllipse(curve(picture.layout, layer, neuron, source).pointAtPercent(share), radius, radius)

    def _draw_settling(self, painter: QPainter, picture: Picture) -> None:
        """A ring in the middle of each connection that the update has moved, fading; as large as its step."""
        record = picture.scene.record
        if record is None:
            return
        largest = max(float(np.nan_to_num(np.abs(layer.update_W)).max(initial=0.0)) for layer in record.layers) or 1.0
        for layer, lines in enumerate(picture.lines, start=1):
            steps = record.layers[layer - 1].update_W[lines.neurons, lines.sources]
            for place in np.argsort(-np.abs(steps), kind="stable")[: MOST_DOTS // len(picture.lines)].tolist():
                color = picture.theme.color("rise" if steps[place] > 0 else "fall", 1.0 - self.share)
                painter.setBrush(color)
                radius = 1.0 + 6.0 * math.sqrt(abs(float(steps[place])) / largest)
                neuron, source = int(lines.neurons[place]), int(lines.sources[place])
                painter.drawEllipse(curve(picture.layout, layer, neuron, source).pointAtPercent(0.5), radius, radius)


def is_motion_wanted() -> bool:
    """Tell whether the system asks for motion at all; those who cannot bear it switch it off there."""
    return bool(QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) != 0)
