"""Check-up: what ails the network, why, where, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from bplab.microscope.health import check_up, patient_of, update_ratio
from bplab.microscope.health.gradients import UPDATE_RATIOS
from bplab.qt.elided_label import ElidedLabel
from bplab.qt.inspector.page import Context, Page

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord
    from bplab.microscope.health import Finding
    from bplab.qt.theme import Theme

HEALTHY = "Nothing ails this network: no dead or saturated neurons, gradients and updates of a healthy size."
NO_STEP = "Make some steps: the check-up looks at neurons, gradients, updates and losses."
RATIOS = (
    f"The size of the last update over that of the weights; about {UPDATE_RATIOS[0]:g} to {UPDATE_RATIOS[1]:g} is"
    " healthy, more at the very beginning."
)
MOST_PRODUCTS = 40_000_000  # of a weight and an activation, while training


class HealthPage(Page):
    """The findings, each with a button that goes there.

    ``wanted`` carries the `Finding` to go to; ``counted`` how many there are.
    """

    label = "Health"
    tip = "What ails the network, where, why, and what to try."
    wanted = Signal(object)
    counted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings: tuple[Finding, ...] = ()
        self._examined: tuple[StepRecord | None, Network, bool] | None = None
        self._listed: tuple[str, tuple[Finding, ...]] | None = None
        self.ratios = ElidedLabel()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(6)
        content = QWidget()
        content.setLayout(self._list)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(area, 1)
        column.addWidget(self.ratios)
        self._show(NO_STEP)

    def set_theme(self, theme: Theme) -> None:
        """Nothing is drawn here but what the style sheet draws."""

    def refresh(self, context: Context) -> None:
        """Examine the present state."""
        record = context.moment.record if context.moment else None
        network, seen = context.experiment.network, self._examined
        if seen is not None and seen[0] is record and seen[1] is network and seen[2] == context.has_stopped:
            self.counted.emit(len(self.findings))
            return
        if context.is_playing and len(network.parameters) * 512 > MOST_PRODUCTS:
            self._show("A network of this size is examined when training pauses.")
            return
        self._examined = record, network, context.has_stopped
        patient = patient_of(context.experiment.trainer(), record, context.has_stopped)
        self.findings = check_up(patient)
        self._show("" if self.findings else HEALTHY if record is not None else NO_STEP)
        self.counted.emit(len(self.findings))
        self._show_ratios(record)

    def _show_ratios(self, record: StepRecord | None) -> None:
        if record is None:
            self.ratios.say("")
            return
        shown = []
        for number, layer in enumerate(record.layers, start=1):
            ratio = update_ratio(layer)
            outside = np.isfinite(ratio) and not UPDATE_RATIOS[0] <= ratio <= UPDATE_RATIOS[1]
            arrow = ("" if not outside else " ↓" if ratio < UPDATE_RATIOS[0] else " ↑") if ratio else ""
            shown.append(f"layer {number} {ratio:.1e}{arrow}")
        self.ratios.say(f"Update / weight (usual: 1e-4 to 1e-2): {' · '.join(shown)}", RATIOS)

    def _show(self, sentence: str) -> None:
        shown = sentence, () if sentence else self.findings
        if shown == self._listed:  # while it trains, the same is found many times a second
            return
        self._listed = shown
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
                old.deleteLater()
        if sentence:
            self._list.addWidget(_text(sentence, "muted"))
        for finding in self.findings if not sentence else ():
            self._list.addWidget(self._row(finding))
        self._list.addStretch()

    def _row(self, finding: Finding) -> QFrame:
        frame = QFrame()
        frame.setObjectName("message")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(_text(f"{finding.name} · {finding.place}", "strong"))
        words.addWidget(_text(f"{finding.why} {finding.advice}", "muted"))
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 4, 6, 4)
        row.addLayout(words, 1)
        if finding.selection is not None or finding.step is not None:
            button = QPushButton("Go there" if finding.step is None else f"Go to step {finding.step:,}")
            button.setAccessibleName(f"{button.text()}: {finding.name}")
            button.setToolTip("Shows it on the network" + (", just before it happened." if finding.step else "."))
            button.clicked.connect(lambda: self.wanted.emit(finding))
            row.addWidget(button)
        return frame


def _text(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
