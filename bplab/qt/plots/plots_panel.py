"""The right side of the window: loss, gradient norms, prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.exports.figure import averaged
from bplab.qt.plots.curves import CurvePlot
from bplab.qt.plots.prediction import PredictionPlot
from bplab.qt.plots.timeline_bar import TimelineBar

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent

    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Snapshot
    from bplab.qt.theme import Theme

INTERVAL_MS = 15
CHANGED_MS = 20  # by then the rest of the window is painted
EMPTY = "Press space to train:\nthe curve appears here."


class PlotsPanel(QWidget):
    """Three plots that follow the player, at most ten times a second."""

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document, self._player, self._theme = document, player, theme
        self.loss = CurvePlot("LOSS", EMPTY, theme, log=False)
        self.norms = CurvePlot("GRADIENT NORM", EMPTY, theme, log=True, unit="layer")
        self.prediction = PredictionPlot(theme)
        self.timeline = TimelineBar(player)
        self._turn = self._waiting = 0  # which plot comes next, and how many have to
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(INTERVAL_MS)
        self._late.timeout.connect(self._show_late)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.loss, 3)
        column.addWidget(self.norms, 3)
        column.addWidget(self.prediction, 4)
        column.addWidget(self.timeline)
        for plot, show in ((self.loss, self._show_loss), (self.norms, self._show_norms)):
            plot.step_picked.connect(self._on_step_picked)
            plot.log.toggled.connect(show)
        player.snapshot_taken.connect(self._on_snapshot)
        player.paused.connect(self._show_soon)
        self._changed = QTimer(self)  # a frame of its own: the canvas has one already
        self._changed.setSingleShot(True)
        self._changed.setInterval(CHANGED_MS)
        self._changed.timeout.connect(self._on_spec_changed)
        document.spec_changed.connect(self._changed.start)
        self._on_spec_changed()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        for plot in (self.loss, self.norms, self.prediction):
            plot.set_theme(theme)
        self._on_spec_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._late.stop()
        super().hideEvent(event)

    def _on_spec_changed(self) -> None:
        experiment = self._document.experiment
        self._player.when_free(self._take_data)
        self.prediction.setVisible(experiment.missing is None)  # what stands in for missing data means nothing
        self._show_soon()

    def _take_data(self) -> None:
        experiment = self._document.experiment
        self.prediction.set_data(experiment.data, experiment.network)

    def _on_step_picked(self, step: int) -> None:
        snapshot = self._player.snapshot
        if snapshot is not None:
            self._player.seek(min(max(step, snapshot.earliest), snapshot.newest))

    def _on_snapshot(self) -> None:
        if not self._player.is_playing:
            self._show_soon()
        elif self._player.is_turn(1, of=4):
            self._show_next()

    def _show_soon(self) -> None:
        """Show all that has changed, a plot in a frame: together they would cost more than one."""
        self._waiting = 3
        if not self._late.isActive():
            self._late.start()

    def _show_late(self) -> None:
        self._show_next()
        self._waiting -= 1
        if self._waiting > 0:
            self._late.start()

    def _show_next(self) -> None:
        self._turn = (self._turn + 1) % 3
        (self._show_loss, self._show_norms, self._show_prediction)[self._turn]()

    def _show_loss(self) -> None:
        s, colors = self._player.snapshot, self._theme
        if s is None:
            return
        steps, epochs = averaged(s.step_history), averaged(s.epoch_history)
        curves = [
            ("batch", colors.idle, 1.0, steps[:, 0], steps[:, 1]),
            ("train", colors.classes[0], 2.0, epochs[:, 1], epochs[:, 2]),
        ]
        if len(self._document.experiment.data.X_test):
            curves.append(("test", colors.classes[1], 2.0, epochs[:, 1], epochs[:, 3]))
        self.loss.show_curves(curves, _now(s), smooth=not self._player.is_playing)

    def _show_norms(self) -> None:
        s, colors = self._player.snapshot, self._theme.classes
        if s is None:
            return
        rows = averaged(s.step_history)
        layers = range(1, rows.shape[1] - 1)
        curves = [(f"{n}", colors[(n - 1) % len(colors)], 1.4, rows[:, 0], rows[:, n + 1]) for n in layers]
        self.norms.show_curves(curves, _now(s), smooth=not self._player.is_playing)

    def _show_prediction(self) -> None:
        self._player.when_free(self.prediction.refresh)


def _now(snapshot: Snapshot) -> int | None:
    """Return where to mark the present step: only where the run goes on behind it."""
    return snapshot.step if snapshot.step < snapshot.newest else None
