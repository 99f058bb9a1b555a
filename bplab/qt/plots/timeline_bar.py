"""The whole run as a line to drag along: any step of it can be shown again, to the same bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.qt.player import Player

MOST_STEPS = 2**31 - 1  # that a slider can count


class TimelineBar(QWidget):
    """A slider from the earliest to the newest step."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        heading = QLabel("TIMELINE")
        heading.setProperty("role", "heading")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Timeline")
        self.slider.setToolTip("Drag to any step of this run, or use the arrow keys; training goes on from there.")
        self.slider.valueChanged.connect(self._on_value)
        self.text = QLabel()
        self.text.setFont(number_font(9))
        self.text.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(heading)
        row.addWidget(self.slider, 1)
        row.addWidget(self.text)
        player.snapshot_taken.connect(self._on_snapshot)
        self._on_snapshot()

    @Slot()
    def _on_snapshot(self) -> None:
        s = self._player.snapshot
        if s is None or not self._player.is_turn(3, of=4):
            return
        is_possible = self._player.blocked is None and s.newest > s.earliest
        self.slider.setEnabled(is_possible)
        self.text.setText(f"{s.step:,} of {s.newest:,}" if s.newest else "no step yet")
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setRange(min(s.earliest, MOST_STEPS), max(1, min(s.newest, MOST_STEPS)))
                self.slider.setPageStep(max(1, (s.newest - s.earliest) // 20))
                self.slider.setValue(min(s.step, MOST_STEPS))

    @Slot(int)
    def _on_value(self, step: int) -> None:
        self._player.seek(step)
