"""The window in which data are looked at: table, scatter, histograms, correlations, hardest samples, one sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QModelIndex, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from bplab.microscope.judged import Judged, judged
from bplab.qt.data.look.correlation import CorrelationPicture
from bplab.qt.data.look.histograms import Histograms
from bplab.qt.data.look.scatter import Scatter
from bplab.qt.data.look.table_model import SamplesModel, said_text, target_text
from bplab.qt.data.look.viewer import SampleViewer
from bplab.qt.theme import number_font

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from bplab.data.prepare import PreparedData
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.theme import Theme

HARDEST = 50
INTERVAL_S = 0.25  # between two looks at what the network says, while it trains
VIEWER_PX = 264


class LookWindow(QDialog):
    """Does not keep the other window from being used, and follows it."""

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Look at the data")
        self._document, self._player = document, player
        self._data: PreparedData | None = None
        self._judged: Judged | None = None
        self._row: int | None = None
        self._looked_at = 0.0
        self.model = SamplesModel(theme, self)
        self.table = self._table()
        self.scatter, self.histograms = Scatter(theme), Histograms(theme)
        self.correlation, self.viewer = CorrelationPicture(theme), SampleViewer(theme)
        self.hardest = QListWidget()
        self.hardest.setAccessibleName("Hardest samples")
        self.hardest.setToolTip("The samples with the largest loss, the largest first.")
        self.hardest.setFont(number_font(9))
        self.hardest.itemClicked.connect(lambda item: self.pick(int(item.data(256))))
        self.hardest.itemActivated.connect(lambda item: self.pick(int(item.data(256))))
        self.scatter.picked.connect(self.pick)
        self.viewer.wanted.connect(self._to_microscope)
        self._lay_out()
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(30)
        self._late.timeout.connect(self.refresh)
        document.spec_changed.connect(self._on_change)
        player.snapshot_taken.connect(self._on_change)
        player.paused.connect(self._on_change)

    def _table(self) -> QTableView:
        view = QTableView()
        view.setModel(self.model)
        view.setSortingEnabled(True)
        view.setAccessibleName("All samples")
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.verticalHeader().hide()
        view.setFont(number_font(9))
        view.horizontalHeader().setDefaultSectionSize(88)
        view.sortByColumn(0, view.horizontalHeader().sortIndicatorOrder().AscendingOrder)
        view.clicked.connect(self._on_cell)
        view.activated.connect(self._on_cell)
        return view

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for part, text in (
            (self.table, "Table"),
            (self.scatter, "Scatter"),
            (self.histograms, "Histograms"),
            (self.correlation, "Correlations"),
            (self.hardest, "Hardest samples"),
        ):
            self.tabs.addTab(part, text)
        self.tabs.currentChanged.connect(lambda _: self.refresh())
        self.viewer.setFixedWidth(VIEWER_PX)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.viewer)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addLayout(row)
        self.resize(960, 640)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what holds now."""
        super().showEvent(event)
        self._late.start()

    def _on_change(self, *_: object) -> None:
        if not self.isVisible():
            return
        wait = INTERVAL_S if self._player.is_playing else 0.03
        if not self._late.isActive():
            self._late.setInterval(max(1, round(1000 * (wait - min(wait, time.perf_counter() - self._looked_at)))))
            self._late.start()

    def refresh(self) -> None:
        """Ask the network again, as soon as it is free, and show what it says."""
        if self.isVisible():
            self._player.when_free(self._look)

    def _look(self) -> None:
        self._looked_at = time.perf_counter()
        experiment = self._document.experiment
        if experiment.missing is not None:
            return
        data = experiment.data
        if data is not self._data:
            self._row = None
        self._data = data
        self._judged = judged(experiment.network, data, experiment.spec.training.loss)
        page = self.tabs.currentWidget()
        if page is self.table:
            self.model.show_judged(data, self._judged)
        elif page is self.scatter:
            self.scatter.show_judged(data, self._judged)
        elif page is self.histograms:
            self.histograms.show_data(data)
        elif page is self.correlation:
            self.correlation.show_data(data)
        else:
            self._show_hardest(data, self._judged)
        self.viewer.show_sample(data, self._judged, self._row)

    def _show_hardest(self, data: PreparedData, found: Judged) -> None:
        lines = []
        for place in found.hardest(HARDEST):
            row = int(found.rows[place])
            part = "test " if found.is_test[place] else "train"
            wrong = "  wrong" if found.is_wrong[place] else ""
            said = f"should be {target_text(data, row)}, is {said_text(data, found, place)}"
            lines.append((f"loss {found.loss[place]:<10.4g} sample {row:<6} {part}  {said}{wrong}", row))
        while self.hardest.count() > len(lines):
            self.hardest.takeItem(self.hardest.count() - 1)
        while self.hardest.count() < len(lines):
            self.hardest.addItem(QListWidgetItem())
        for place, (text, row) in enumerate(lines):
            item = self.hardest.item(place)
            item.setText(text)
            item.setData(256, row)

    def _on_cell(self, index: QModelIndex) -> None:
        self.pick(self.model.row_of(index))

    def pick(self, row: int) -> None:
        """Pick a sample of the data set: it is shown here, and goes under the microscope."""
        self._row = row
        self.scatter.choose(row)
        self.table.setCurrentIndex(self.model.index_of(row))
        self.viewer.show_sample(self._data, self._judged, row)
        self._to_microscope(row)

    def _to_microscope(self, row: int) -> None:
        data = self._document.experiment.data
        for rows, is_test in ((data.train_indices, False), (data.test_indices, True)):
            place = int(np.searchsorted(rows, row))
            if place < len(rows) and rows[place] == row:
                self._player.look_at(place, is_test)
                return
