"""The transport bar: reset, back, play, step; what a step is, how fast; where the run is; where "now" is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from bplab.qt.icons import icon
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.snapshot import Grain, Snapshot
    from bplab.qt.theme import Theme

GRAINS: tuple[tuple[Grain, str], ...] = (
    ("operation", "One product, bias, activation or error: a stroke of the pen, in all neurons of a layer at once."),
    ("phase", "One layer forward, the loss, one layer backward, or the update."),
    ("sample", "One sample of the batch: forward and backward; after the last one, the update."),
    ("batch", "One whole step: one update of the weights."),
    ("epoch", "All training samples once."),
)
SPEEDS = (1, 2, 5, 10, 25, 60, 200, math.inf)  # grains a second
READOUTS = {
    "Epoch": "99,999",
    "Step": "999,999",
    "Train loss": "9.99e-99",
    "Test loss": "9.99e-99",
    "Accuracy": "100.0%",
}
PHASES = ("forward", "loss", "backward", "update")


class TransportBar(QWidget):
    """Buttons and readouts above everything else."""

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._player = player
        self.reset_button = self._button(
            "Reset", "Go back to step 0 and the same initial weights. (Ctrl+R)", document.reset
        )
        self.back_button = self._button("Step back", "Go one step back. (,)", player.step_back)
        self.play_button = self._button("Play", "Train; press again to pause. (Space)", player.toggle)
        self.step_button = self._button("Step", "Go one step forward. (.)", player.step)
        self.play_button.setObjectName("play")
        self.play_button.setFixedWidth(56)
        self.grain_buttons = {grain: self._grain_button(grain, tip) for grain, tip in GRAINS}
        self.speed = self._speed_slider()
        self.readouts = {name: QLabel("–") for name in READOUTS}
        self.rail = {phase: self._rail_label(phase) for phase in PHASES}
        buttons = (self.reset_button, self.back_button, self.play_button, self.step_button)
        self._tips = {button: button.toolTip() for button in buttons}
        self._lay_out()
        self.set_theme(theme)
        player.snapshot_taken.connect(self._on_snapshot)
        player.started.connect(self._show_playing)
        player.paused.connect(self._show_playing)
        if player.snapshot:
            self._on_snapshot(player.snapshot)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in other colours."""
        self._theme = theme
        self.reset_button.setIcon(icon("restart", theme.text))
        self.back_button.setIcon(icon("previous", theme.text))
        self.step_button.setIcon(icon("next", theme.text))
        self._show_playing()

    def choose_grain(self, grain: Grain) -> None:
        """Make one step a phase, a batch or an epoch."""
        self.grain_buttons[grain].setChecked(True)
        self._player.set_grain(grain)

    def choose_speed(self, rate: float) -> None:
        """Play at most so many grains a second."""
        self.speed.setValue(max(place for place, speed in enumerate(SPEEDS) if place == 0 or speed <= rate))

    def _button(self, name: str, tip: str, on_click: object) -> QPushButton:
        button = QPushButton(self)
        button.setFixedSize(40, 40)
        button.setIconSize(QSize(24, 24))
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.clicked.connect(lambda: on_click())  # type: ignore[operator]
        return button

    def _grain_button(self, grain: Grain, tip: str) -> QPushButton:
        button = QPushButton(grain.capitalize(), self)
        button.setObjectName("grain")
        button.setCheckable(True)
        button.setAccessibleName(f"Step by {grain}")
        button.setToolTip(tip)
        button.setChecked(grain == self._player.grain)
        button.clicked.connect(lambda: self.choose_grain(grain))
        return button

    def _speed_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, len(SPEEDS) - 1)
        slider.setValue(len(SPEEDS) - 1)
        slider.setPageStep(1)
        slider.setFixedWidth(88)
        slider.setAccessibleName("Speed")
        slider.setToolTip(
            "How many steps (of the chosen kind) a second are played; at the right end as many as possible."
        )
        slider.valueChanged.connect(self._on_speed)
        return slider

    def _rail_label(self, phase: str) -> QLabel:
        label = QLabel(phase.capitalize(), self)
        label.setProperty("role", "phase")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setFixedSize(64, 28)
        return label

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(4)
        for button in (self.reset_button, self.back_button, self.play_button, self.step_button):
            row.addWidget(button)
        row.addSpacing(8)
        row.addLayout(self._grains())
        row.addSpacing(8)
        self._speed_text = QLabel("SPEED · full")
        self._speed_text.setFixedWidth(88)
        row.addLayout(_under(self._speed_text, self.speed))
        row.addSpacing(8)
        widths = QFontMetrics(number_font(11))
        for name, value in self.readouts.items():
            value.setProperty("role", "number")
            value.setAccessibleName(name)
            value.setMinimumWidth(widths.horizontalAdvance(READOUTS[name]))
            row.addLayout(_under(QLabel(name.upper()), value))
            row.addSpacing(6)
        row.addStretch()
        for label in self.rail.values():
            row.addWidget(label)

    def _grains(self) -> QVBoxLayout:
        self._group = QButtonGroup(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in self.grain_buttons.values():
            self._group.addButton(button)
            buttons.addWidget(button)
        return _under(QLabel("STEP BY"), buttons)

    def _on_speed(self, place: int) -> None:
        rate = SPEEDS[place]
        self._speed_text.setText("SPEED · full" if math.isinf(rate) else f"SPEED · {rate:g} / s")
        self._player.set_rate(rate)

    def _show_playing(self) -> None:
        playing = self._player.is_playing
        self.play_button.setIcon(icon("pause" if playing else "play", self._theme.on_action))
        self.play_button.setAccessibleName("Pause" if playing else "Play")

    def _allow(self, is_possible: bool) -> None:
        """Leave nothing to press where there are no data to train with, and say why."""
        why = "" if self._player.blocked is None else f"{self._player.blocked.message} {self._player.blocked.hint}"
        for button, tip in self._tips.items():
            button.setEnabled(is_possible and (button is not self.back_button or button.isEnabled()))
            button.setToolTip(why or tip)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if not self._player.is_turn(3, of=4):
            return
        scores = snapshot.scores
        accuracy = scores.train_accuracy if math.isnan(scores.test_accuracy) else scores.test_accuracy
        texts = (
            f"{snapshot.epoch:,}",
            f"{snapshot.step:,}",
            _number(scores.train_loss),
            _number(scores.test_loss),
            "–" if math.isnan(accuracy) else f"{accuracy:.1%}",
        )
        for label, text in zip(self.readouts.values(), texts, strict=True):
            label.setText(text)
        which = "training" if math.isnan(scores.test_accuracy) else "test"
        self.readouts["Accuracy"].setToolTip(f"Share of the {which} samples whose class is predicted right.")
        is_possible = self._player.blocked is None
        self.back_button.setEnabled(is_possible and (snapshot.step > snapshot.earliest or snapshot.phase is not None))
        self._allow(is_possible)
        for phase, label in self.rail.items():
            _set_now(label, phase == snapshot.phase)


def _set_now(label: QLabel, now: bool) -> None:
    if label.property("now") != now:
        label.setProperty("now", now)
        label.style().unpolish(label)
        label.style().polish(label)


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 else f"{value:.2e}"


def _under(heading: QLabel, content: QWidget | QHBoxLayout) -> QVBoxLayout:
    heading.setProperty("role", "heading")
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addWidget(heading)
    if isinstance(content, QWidget):
        column.addWidget(content)
    else:
        column.addLayout(content)
    return column
