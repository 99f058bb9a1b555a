"""The batch: a small picture of each sample's gradients, their mean, and how much of them cancels in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bplab.microscope.batch import agreement
from bplab.qt.elided_label import ElidedLabel
from bplab.qt.inspector.filmstrip import Filmstrip
from bplab.qt.inspector.page import Context, Page
from bplab.qt.panels.setting_widgets import QuietCombo

if TYPE_CHECKING:
    from bplab.qt.theme import Theme

NO_STEP = "Make a step (key: full stop) to see the gradients of each sample."
AGREEMENT = (
    "The size of the mean gradient over the mean size of the samples' gradients: 100 % where all samples pull the same"
    " way, 0 % where they cancel."
)


class BatchPage(Page):
    """Which layer, how much its samples agree, and the strip.

    ``sample_chosen`` carries the row of the batch that was picked.
    """

    label = "Batch"
    tip = "A picture of each sample's own gradients, the mean of all, and how much of them cancels in it."
    sample_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context: Context | None = None
        self._layer = 1
        self.layer = QuietCombo("Layer of the pictures", "Whose gradients the pictures show.", self)
        self.layer.activated.connect(self._on_layer)
        self.agreement = ElidedLabel()
        self.strip = Filmstrip(theme)
        self.strip.chosen.connect(self.sample_chosen)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.layer)
        top.addWidget(self.agreement, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.strip, 1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.strip.set_theme(theme)

    def refresh(self, context: Context) -> None:
        """Show the present state."""
        is_new = self._context is None or self._context.chosen != context.chosen
        self._context, moment = context, context.moment
        layers = len(context.experiment.network.layers)
        if self.layer.count() != layers:
            self.layer.clear()
            self.layer.addItems([f"layer {n}" if n < layers else "output layer" for n in range(1, layers + 1)])
        if is_new and context.chosen is not None and context.chosen.layer > 0:
            self._layer = context.chosen.layer
        self._layer = min(self._layer, layers)
        self.layer.setCurrentIndex(self._layer - 1)
        self.layer.setVisible(moment is not None)
        if moment is None:
            self.agreement.say(NO_STEP)
            self.strip.show_batch(None, 1, str, 0)
            return
        if not moment.knows_error(self._layer):
            self.agreement.say(f"Known when the backward pass has come to layer {self._layer}.")
            self.strip.show_batch(None, 1, str, 0)
            return
        record = moment.record
        shares = " · ".join(
            f"layer {n} {agreement(seen):.0%}" for n, seen in enumerate(record.layers, 1) if moment.knows_error(n)
        )
        self.agreement.say(f"Left in the mean of {len(record.indices)} samples: {shares}", AGREEMENT)
        self.strip.show_batch(record, self._layer, lambda row: context.names.sample(record, row), moment.sample)

    def _on_layer(self, place: int) -> None:
        self._layer = place + 1
        if self._context is not None:
            self.refresh(self._context)
