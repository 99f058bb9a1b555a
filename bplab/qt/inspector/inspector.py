"""The bottom of the window: what is selected under the microscope, and its gradient sample by sample.

What is said is made in `story`, `terms` and `overview`, without widgets; each page shows it, and no more often than
can be read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bplab.errors import DivergedError
from bplab.microscope import facts
from bplab.microscope.facts import Memory, Moment
from bplab.microscope.words import Names
from bplab.qt.elided_label import ElidedLabel
from bplab.qt.inspector import overview
from bplab.qt.inspector.batch_page import BatchPage
from bplab.qt.inspector.chain_page import ChainPage
from bplab.qt.inspector.health_page import HealthPage
from bplab.qt.inspector.page import Context, Page
from bplab.qt.inspector.samples import SampleBars
from bplab.qt.inspector.step_page import StepPage
from bplab.qt.inspector.terms_page import TermsPage
from bplab.qt.panels.setting_widgets import heading
from bplab.qt.theme import GRID_PX, Theme

if TYPE_CHECKING:
    from bplab.microscope.health import Finding
    from bplab.microscope.selection import Selection
    from bplab.qt.document import Document
    from bplab.qt.inspector.story import Story
    from bplab.qt.player import Player

INTERVAL_MS = 80
LEAST_HEIGHT_PX = 26 * GRID_PX
PULLS = "A step goes against the gradient: a sample whose gradient is negative pulls the weight up, and the other way."


class Inspector(QWidget):
    """Explains the selected connection or neuron with the numbers of the present step.

    ``sample_chosen`` carries the row of the batch whose values are shown, ``picked`` what is to be picked on the
    canvas, ``pointed`` what is to be lit there, ``happening`` a sentence of what happens now.
    """

    sample_chosen = Signal(int)
    picked = Signal(object)
    pointed = Signal(object)
    happening = Signal(str)

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName("Microscope")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self._document, self._player = document, player
        self.picks: tuple[Selection, ...] = ()
        self._sample = 0
        self._shown_at = 0.0
        self._has_stopped = False
        self.chain, self.terms, self.step = ChainPage(theme), TermsPage(theme), StepPage(theme)
        self.batch, self.health = BatchPage(theme), HealthPage()
        self.cards, self.lines, self.sentence = self.chain.cards, self.chain.lines, self.chain.sentence
        self.pages: tuple[Page, ...] = (self.chain, self.terms, self.step, self.batch, self.health)
        self.title, self.range = ElidedLabel("strong"), ElidedLabel()
        self.bars = SampleBars(theme)
        self.sorted = QPushButton("Sort")
        self._stack = QStackedWidget()
        self.tabs = [self._tab(page) for page in self.pages]
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(INTERVAL_MS)
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self.open(self.chain)

    @property
    def selection(self) -> Selection | None:
        """What is spoken of."""
        return self.picks[-1] if self.picks else None

    @property
    def story(self) -> Story:
        """What the chain rule says."""
        return self.chain.story

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        for page in self.pages:
            page.set_theme(theme)
        self.bars.set_theme(theme)
        self.title.setStyleSheet(f"color: {theme.action}; font-weight: 600")
        self._show()

    def open(self, page: Page) -> None:
        """Turn to a page."""
        self._stack.setCurrentWidget(page)
        self.tabs[self.pages.index(page)].setChecked(True)
        self._show()

    @property
    def page(self) -> Page:
        """The page that is open."""
        page = self._stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def show_sample(self, row: int) -> None:
        """Look at another sample of the batch, here and on the canvas."""
        self._on_chosen(row)

    @Slot(object)
    def select(self, picks: tuple[Selection, ...]) -> None:
        """Explain something else: the last of what is picked."""
        self.picks = picks
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
        self.batch.sample_chosen.connect(self._on_chosen)
        self.health.wanted.connect(self._go_to)
        self.health.counted.connect(self._count)
        self.sorted.toggled.connect(self.bars.set_sorted)
        for page in self.pages:
            page.pointed.connect(self.pointed)
            page.picked.connect(self.picked)
        self._player.snapshot_taken.connect(self._on_snapshot)
        self._player.started.connect(self._on_started)
        self._player.paused.connect(self._show)
        self._player.failed.connect(self._on_failed)
        self._document.spec_changed.connect(self._on_spec_changed)

    def _tab(self, page: Page) -> QPushButton:
        button = QPushButton(page.label)
        button.setObjectName("page")
        button.setCheckable(True)
        button.setToolTip(page.tip)
        button.clicked.connect(lambda: self.open(page))
        self._stack.addWidget(page)
        return button

    def _lay_out(self) -> None:
        self.range.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sorted.setObjectName("small")
        self.sorted.setCheckable(True)
        self.sorted.setAccessibleName("Sort the samples by their gradient")
        self.sorted.setToolTip("By size of their gradient, those that pull the weight up first; else as in the batch.")
        group = QButtonGroup(self)
        top = QHBoxLayout()
        top.setSpacing(2)
        for tab in self.tabs:
            group.addButton(tab)
            top.addWidget(tab)
        top.addSpacing(2 * GRID_PX)
        top.addWidget(self.title, 1)
        bars_top = QHBoxLayout()
        bars_top.addWidget(heading("PER SAMPLE, THEN AVERAGED"))
        bars_top.addWidget(self.range, 1)
        bars_top.addWidget(self.sorted)
        divider = QFrame()
        divider.setObjectName("divider")
        divider.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(_column(top, self._stack), 5)
        row.addWidget(divider)
        row.addLayout(_column(bars_top, self.bars), 2)

    @Slot(int)
    def _on_chosen(self, row: int) -> None:
        self.set_sample(row)
        self.sample_chosen.emit(row)

    @Slot()
    def _on_spec_changed(self) -> None:
        sizes = self._document.experiment.network.sizes
        self.picks = tuple(pick for pick in self.picks if facts.exists(sizes, pick))
        self._count(0)  # what was found was found in another network
        self._show()

    @Slot()
    def _on_started(self) -> None:
        self._has_stopped = False
        self._show()

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        if isinstance(error, DivergedError):
            self._has_stopped = True
            self._late.start()

    @Slot(int)
    def _count(self, findings: int) -> None:
        label = HealthPage.label
        self.tabs[self.pages.index(self.health)].setText(f"{label} · {findings}" if findings else label)

    @Slot(object)
    def _go_to(self, finding: Finding) -> None:
        if finding.step is not None:
            self._player.seek(finding.step)
        if finding.selection is not None:
            self.picked.emit(finding.selection)
        if finding.sample is not None:
            self._on_chosen(finding.sample)

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
        with np.errstate(all="ignore"):  # a step that went wrong may hold any number
            self._show_page(self._context())

    def _show_page(self, context: Context) -> None:
        page = self.page
        if page is self.health:
            with self._player.exclusive():
                page.refresh(context)
        else:
            page.refresh(context)
        self.happening.emit(overview.sentence(context.moment, context.experiment.network, context.is_playing))
        told = self.chain.story if page is self.chain else self.chain.told(context)
        self.title.say(told.title)
        self.bars.show_bars(told.bars, context.moment.sample if context.moment else 0, told.no_bars)

    def _context(self) -> Context:
        experiment, moment = self._document.experiment, self._moment()
        names = Names(experiment.data, len(experiment.network.layers))
        return Context(experiment, names, moment, self.picks, self._player.is_playing, self._has_stopped)

    def _moment(self) -> Moment | None:
        snapshot, network = self._player.snapshot, self._document.experiment.network
        record = snapshot.record if snapshot else None
        if snapshot is None or record is None or not facts.fits(network, record):
            return None
        sample = min(self._sample, len(record.indices) - 1)
        is_done = record.step == snapshot.step and not record.is_look
        memory = None
        if is_done and not self._player.is_playing:
            trainer = self._document.experiment.trainer()
            memory = Memory(tuple(trainer.slots.values()), trainer.updates)
        return Moment(network, record, sample, snapshot.now, is_done, memory)

    @Slot()
    def _show_range(self) -> None:
        self.range.say(self.bars.range_text(), PULLS)


def _column(top: QHBoxLayout, content: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(2 * GRID_PX, GRID_PX, 2 * GRID_PX, GRID_PX)
    column.setSpacing(GRID_PX)
    column.addLayout(top)
    column.addWidget(content, 1)
    return column
