"""The bottom of the window: the chain rule of what is selected, and its gradient sample by sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from bplab.data.dataset import Classes
from bplab.qt.panels import inspector_facts as facts
from bplab.qt.panels.inspector_cards import Cards
from bplab.qt.panels.inspector_samples import SampleBars
from bplab.qt.panels.setting_widgets import heading
from bplab.qt.theme import Theme, number_font

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.selection import Selection

INTERVAL_MS = 80
MOST_TERMS = 4
NOTHING = "Click a connection for its weight, gradient and update; a neuron for its sum, activation and error."
NO_STEP = "Make a step (key: full stop) to see its gradient."


class Inspector(QWidget):
    """Explains the selected connection or neuron with the numbers of the present step.

    ``sample_chosen`` carries the row of the batch whose values are shown.
    """

    sample_chosen = Signal(int)

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(192)
        self._document, self._player, self._theme = document, player, theme
        self.selection: Selection | None = None
        self._sample = 0
        self._shown_at = 0.0
        self.cards = Cards(theme)
        self.bars = SampleBars(theme)
        self.title, self.sentence, self.lines = QLabel(), QLabel(), QLabel()
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(INTERVAL_MS)
        self._late.timeout.connect(self._show)
        self._lay_out()
        self.set_theme(theme)
        self.bars.chosen.connect(self._on_sample)
        player.snapshot_taken.connect(self._on_snapshot)
        player.paused.connect(self._show)
        document.spec_changed.connect(self._on_spec_changed)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.cards.set_theme(theme)
        self.bars.set_theme(theme)
        self.title.setStyleSheet(f"color: {theme.action}; font-weight: 600")
        self._show()

    def select(self, selection: Selection | None) -> None:
        """Explain something else."""
        self.selection = selection
        self._show()

    def set_sample(self, row: int) -> None:
        """Show the values of another sample of the batch."""
        self._sample = row
        self._show()

    def _lay_out(self) -> None:
        for label in (self.title, self.sentence, self.lines):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("role", "muted")
        self.sentence.setWordWrap(True)
        self.lines.setFont(number_font(9.5))
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = QHBoxLayout()
        top.setSpacing(24)
        top.addWidget(heading("CHAIN RULE"))
        top.addWidget(self.title)
        top.addStretch()
        left = QVBoxLayout()
        left.setContentsMargins(16, 12, 16, 12)
        left.setSpacing(8)
        left.addLayout(top)
        for widget in (self.cards, self.sentence, self.lines):
            left.addWidget(widget)
        left.addStretch()
        right = QVBoxLayout()
        right.setContentsMargins(16, 12, 16, 8)
        right.addWidget(heading("PER SAMPLE, THEN AVERAGED OVER THE BATCH"))
        right.addWidget(self.bars, 1)
        line = QFrame()
        line.setObjectName("divider")
        line.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(left, 5)
        row.addWidget(line)
        row.addLayout(right, 3)

    def _on_sample(self, row: int) -> None:
        self.set_sample(row)
        self.sample_chosen.emit(row)

    def _on_spec_changed(self) -> None:
        sizes, chosen = self._document.experiment.network.sizes, self.selection
        if chosen is not None:
            in_layer = chosen.layer < len(sizes) and chosen.neuron < sizes[chosen.layer]
            if not in_layer or (chosen.source is not None and chosen.source >= sizes[chosen.layer - 1]):
                self.selection = None
        self._show()

    def _on_snapshot(self) -> None:
        if time.perf_counter() - self._shown_at >= INTERVAL_MS / 1000:
            self._show()
        elif not self._late.isActive():
            self._late.start()

    def _show(self) -> None:
        self._shown_at = time.perf_counter()
        chosen, record = self.selection, self._record()
        self.title.setText(self._name(chosen) if chosen else "")
        self.cards.clear()
        self.bars.clear()
        self.lines.setText("")
        if chosen is None:
            self._say(NOTHING)
        elif chosen.layer == 0:
            self._show_input(chosen, record)
        elif record is None:
            self._say(f"{self._present(chosen)} {NO_STEP}")
        else:
            self._sample = min(self._sample, len(record.indices) - 1)
            self._say("")
            (self._show_neuron if chosen.source is None else self._show_connection)(chosen, record)
            if self._error_known(chosen.layer):
                self._show_bars(chosen, record)

    def _record(self) -> StepRecord | None:
        snapshot = self._player.snapshot
        record = snapshot.record if snapshot else None
        fits = record is not None and len(record.layers) == len(self._document.experiment.network.layers)
        return record if fits else None

    def _say(self, text: str) -> None:
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))

    def _error_known(self, layer: int) -> bool:
        s = self._player.snapshot
        if s is None or s.phase in ("forward", "loss"):
            return False
        return s.phase != "backward" or layer >= (s.layer or 0)

    def _updated(self) -> bool:
        s = self._player.snapshot
        return s is not None and s.phase in (None, "update")

    def _neuron_name(self, layer: int, neuron: int) -> str:
        data, last = self._document.experiment.data, len(self._document.experiment.network.layers)
        if layer == 0:
            return f"input {data.feature_names[neuron]}"
        return f"output {data.output_names[neuron]}" if layer == last else f"layer {layer}, neuron {neuron + 1}"

    def _name(self, chosen: Selection) -> str:
        target = self._neuron_name(chosen.layer, chosen.neuron)
        if chosen.source is None:
            return target
        return f"{self._neuron_name(chosen.layer - 1, chosen.source)}  →  {target}"

    def _present(self, chosen: Selection) -> str:
        layer = self._document.experiment.network.layers[chosen.layer - 1]
        if chosen.source is None:
            return f"Bias {layer.b[chosen.neuron]:+.4g}."
        return f"Weight {layer.W[chosen.neuron, chosen.source]:+.4g}."

    def _show_input(self, chosen: Selection, record: StepRecord | None) -> None:
        self._say("The input is given by the sample: training changes weights and biases, never inputs.")
        if record is not None:
            row = record.X[min(self._sample, len(record.X) - 1)]
            raw = self._document.experiment.data.unprepare(row[None, :])[0, chosen.neuron]
            self.lines.setText(f"value {raw:.4g}, prepared {row[chosen.neuron]:+.4f}")

    def _show_connection(self, chosen: Selection, record: StepRecord) -> None:
        network, loss = self._document.experiment.network, self._document.spec.training.loss.name
        found = facts.connection_factors(network, record, chosen, self._sample, loss)
        known = self._error_known(chosen.layer)
        fused = found[-1].symbol == "y"
        self.cards.show_product(found, known={1} if not known else None, minus=fused)
        self._show_update(chosen, record, known)

    def _show_neuron(self, chosen: Selection, record: StepRecord) -> None:
        seen, j, s = record.layers[chosen.layer - 1], chosen.neuron, self._sample
        terms = facts.sum_terms(record, chosen.layer, j, s)
        shown = "  ".join(f"{w:+.3f}×{a:+.3f}" for _, w, a in terms[:MOST_TERMS])
        more = f"  and {len(terms) - MOST_TERMS} more" if len(terms) > MOST_TERMS else ""
        known = self._error_known(chosen.layer)
        error = facts.sample_error(record, chosen.layer, j, s)
        self.cards.show_values(
            [
                facts.Factor("z", float(seen.z[s, j]), "weighted sum and bias", "action"),
                facts.Factor("a = f(z)", float(seen.a[s, j]), "activation", "text"),
                facts.Factor("δ = ∂L/∂z", error, "error of this sample", "fall"),
            ],
            known=None if known else {0, 1},
        )
        lines = [f"z = {seen.b[j]:+.3f} (bias)  {shown}{more}  = {seen.z[s, j]:+.4f}"]
        asked = facts.requests(record, chosen.layer, j, s) if known else []
        if asked:
            named = ", ".join(f"{self._neuron_name(chosen.layer + 1, i)}: {-v:+.4f}" for i, v in asked[:MOST_TERMS])
            lines.append(f"asked to change by  {named}")
        self.lines.setText("\n".join(lines))

    def _show_update(self, chosen: Selection, record: StepRecord, known: bool) -> None:
        seen, j, k = record.layers[chosen.layer - 1], chosen.neuron, chosen.source
        w, gradient = float(seen.W[j, k]), facts.batch_gradient(record, chosen)
        lines = [f"weight {w:+.4f}"]
        if known:
            lines = [f"mean over the batch  ∂L/∂w = {gradient:+.6f}"]
        if known and self._updated():
            lines.append(self._update_line(w, gradient, float(seen.update_W[j, k])))
        if known and not self._player.is_playing:
            lines.append(self._check_line(chosen, record, gradient))
        self.lines.setText("\n".join(lines))

    def _update_line(self, w: float, gradient: float, update: float) -> str:
        training = self._document.spec.training
        rate = training.optimizer.values["learning_rate"]
        if training.optimizer.name == "sgd" and training.regularizer.name == "none":
            return f"w ← w − η · ∂L/∂w = {w:+.4f} − {rate:g} × ({gradient:+.4f}) = {w + update:+.4f}"
        return f"w ← w + step ({training.optimizer.name}) = {w:+.4f} {update:+.6f} = {w + update:+.4f}"

    def _check_line(self, chosen: Selection, record: StepRecord, gradient: float) -> str:
        loss = self._document.spec.training.loss.name
        found = facts.finite_difference(self._document.experiment.network, record, chosen, loss)
        mark = "✓" if facts.agrees(found, gradient) else "✗"
        return f"Gradient check {mark} finite difference {found:+.6f}, difference {abs(found - gradient):.0e}"

    def _show_bars(self, chosen: Selection, record: StepRecord) -> None:
        values = record.layers[chosen.layer - 1].sample_gradients(chosen.neuron, chosen.source)
        data = self._document.experiment.data
        rows = data.train_indices[record.indices]
        target = data.dataset.target
        names = [
            f"sample {row} {target.names[target.labels[row]]}" if isinstance(target, Classes) else f"sample {row}"
            for row in rows
        ]
        self.bars.show_values(names, values, self._sample)
