"""The bottom of the window: the chain rule of what is selected, and its gradient sample by sample.

What is said is made in `story` and `overview`, without widgets; here it is shown, and no more often than can be read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from bplab.microscope import facts
from bplab.microscope.check import check, is_affordable
from bplab.microscope.facts import Moment
from bplab.microscope.words import Names
from bplab.qt.inspector import overview
from bplab.qt.inspector.cards import Cards, Rows
from bplab.qt.inspector.samples import SampleBars
from bplab.qt.inspector.story import Story, story, story_without_step
from bplab.qt.panels.setting_widgets import heading
from bplab.qt.theme import GRID_PX, Theme

if TYPE_CHECKING:
    from bplab.engine.gradient_check import Derivative
    from bplab.engine.record import StepRecord
    from bplab.microscope.selection import Selection
    from bplab.qt.document import Document
    from bplab.qt.player import Player

INTERVAL_MS = 80
LEAST_HEIGHT_PX = 26 * GRID_PX


class Inspector(QWidget):
    """Explains the selected connection or neuron with the numbers of the present step.

    ``sample_chosen`` carries the row of the batch whose values are shown.
    """

    sample_chosen = Signal(int)

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName("Chain rule")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self._document, self._player, self._theme = document, player, theme
        self.selection: Selection | None = None
        self._sample = 0
        self._shown_at = 0.0
        self._checked: tuple[StepRecord, Selection, Derivative] | None = None
        self.story = Story()
        self.title, self.sentence, self.range = QLabel(), QLabel(), QLabel()
        self.cards, self.lines, self.bars = Cards(theme), Rows(theme), SampleBars(theme)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(INTERVAL_MS)
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        for part in (self.cards, self.lines, self.bars):
            part.set_theme(theme)
        self.title.setStyleSheet(f"color: {theme.action}; font-weight: 600")

    @Slot(object)
    def select(self, selection: Selection | None) -> None:
        """Explain something else."""
        self.selection = selection
        self._show()

    @Slot(int)
    def set_sample(self, row: int) -> None:
        """Show the values of another sample of the batch."""
        self._sample = max(0, row)
        self._show()

    def _connect(self) -> None:
        self._late.timeout.connect(self._show)
        self.bars.chosen.connect(self._on_chosen)
        self.bars.scrolled.connect(self._show_range)
        self._player.snapshot_taken.connect(self._on_snapshot)
        self._player.started.connect(self._show)
        self._player.paused.connect(self._show)
        self._document.spec_changed.connect(self._on_spec_changed)

    def _lay_out(self) -> None:
        for label in (self.title, self.sentence, self.range):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("role", "muted")
        self.range.setProperty("role", "muted")
        self.range.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sentence.setWordWrap(True)
        divider = QFrame()
        divider.setObjectName("divider")
        divider.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(_column(_top("CHAIN RULE", self.title), self.sentence, self.cards, self.lines), 5)
        row.addWidget(divider)
        right = _column(_top("PER SAMPLE, THEN AVERAGED", self.range))
        right.insertWidget(1, self.bars, 1)
        right.setStretch(2, 0)
        row.addLayout(right, 2)

    @Slot(int)
    def _on_chosen(self, row: int) -> None:
        self.set_sample(row)
        self.sample_chosen.emit(row)

    @Slot()
    def _on_spec_changed(self) -> None:
        if self.selection and not facts.exists(self._document.experiment.network.sizes, self.selection):
            self.selection = None
        self._show()

    @Slot()
    def _on_snapshot(self) -> None:
        if not self._player.is_turn(3, of=4):
            return
        snapshot = self._player.snapshot
        if snapshot is not None and snapshot.sample is not None and snapshot.sample != self._sample:
            self._sample = snapshot.sample
            self.sample_chosen.emit(snapshot.sample)
        if not self._player.is_playing or time.perf_counter() - self._shown_at >= INTERVAL_MS / 1000:
            self._show()

    @Slot()
    def _show(self) -> None:
        self._late.stop()
        self._shown_at = time.perf_counter()
        moment = self._moment()
        self.story = told = self._told(moment)
        self.title.setText(told.title)
        self.sentence.setText(told.sentence)
        self.sentence.setVisible(bool(told.sentence))
        self.cards.show_items(told.cards)
        self.lines.show_rows(told.rows)
        self.bars.show_bars(told.bars, moment.sample if moment else 0, told.no_bars)

    def _told(self, moment: Moment | None) -> Story:
        network, chosen = self._document.experiment.network, self.selection
        if chosen is None or not facts.exists(network.sizes, chosen):
            return Story(overview.title(moment), overview.sentence(moment, network), rows=overview.rows())
        names = Names(self._document.experiment.data, len(network.layers))
        if moment is None:
            return story_without_step(network, names, chosen)
        return story(moment, names, chosen, self._check)

    def _moment(self) -> Moment | None:
        snapshot, network = self._player.snapshot, self._document.experiment.network
        record = snapshot.record if snapshot else None
        if snapshot is None or record is None or not facts.fits(network, record):
            return None
        sample = min(self._sample, len(record.indices) - 1)
        is_done = record.step == snapshot.step
        return Moment(network, record, sample, snapshot.now, is_done)

    def _check(self, moment: Moment, chosen: Selection) -> Derivative | None:
        """Derivative a gradient, once for each step and selection and never while playing."""
        if self._player.is_playing or not is_affordable(moment):
            return None
        if self._checked is None or self._checked[0] is not moment.record or self._checked[1] != chosen:
            self._checked = (moment.record, chosen, check(moment, chosen))
        return self._checked[2]

    @Slot()
    def _show_range(self) -> None:
        self.range.setText(self.bars.range_text())


def _top(text: str, label: QLabel) -> QHBoxLayout:
    """Return a heading and a label that takes the rest of the line, and never asks for more than that."""
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout()
    row.setSpacing(3 * GRID_PX)
    row.addWidget(heading(text))
    row.addWidget(label, 1)
    return row


def _column(top: QBoxLayout, *parts: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(2 * GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
    column.setSpacing(GRID_PX)
    column.addLayout(top)
    for part in parts:
        column.addWidget(part)
    column.addStretch()
    return column
