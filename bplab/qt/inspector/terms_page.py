"""Sums term by term: the forward sum, who asks, and the paths to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from bplab.qt.elided_label import ElidedLabel
from bplab.qt.inspector.page import Context, Page
from bplab.qt.inspector.terms import KINDS, Waterfall, kinds_for, waterfall
from bplab.qt.inspector.waterfall_view import WaterfallView

if TYPE_CHECKING:
    from bplab.qt.inspector.terms import Kind
    from bplab.qt.theme import Theme

NOTHING = "Pick a neuron to see who asks it to move and what makes its sum, a connection for its paths to the loss."
INPUT = "An input hears from nobody, and nobody can ask it to change."
NO_STEP = "Make a step (key: full stop) to see who asks for what."


class TermsPage(Page):
    """A waterfall, and buttons for what it shows."""

    label = "Term by term"
    tip = "Sums taken apart: what makes a neuron's sum, who asks it for how much, which paths make a gradient."

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind: Kind = "asked"
        self._context: Context | None = None
        self.buttons = {kind: self._button(kind, *said) for kind, said in KINDS.items()}
        self.title = ElidedLabel()
        self.view = WaterfallView(theme)
        self.view.pointed.connect(self.pointed)
        self.view.chosen.connect(self.picked)
        top = QHBoxLayout()
        top.setSpacing(4)
        for button in self.buttons.values():
            top.addWidget(button)
        top.addSpacing(12)
        top.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.view, 1)

    def _button(self, kind: Kind, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName("small")
        button.setCheckable(True)
        button.setToolTip(tip)
        button.clicked.connect(lambda: self.choose(kind))
        return button

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.view.set_theme(theme)

    def choose(self, kind: Kind) -> None:
        """Take something else apart."""
        self.kind = kind
        if self._context is not None:
            self.refresh(self._context)

    def refresh(self, context: Context) -> None:
        """Show the present state."""
        self._context = context
        possible = kinds_for(context.chosen)
        kind = self.kind if self.kind in possible or not possible else possible[0]
        for name, button in self.buttons.items():
            button.setVisible(name in possible)
            button.setChecked(name == kind)
        shown = self._shown(context, kind)
        self.title.say(". ".join(text for text in (shown.title, shown.note if shown.bars else "") if text))
        self.view.show_waterfall(shown)

    def _shown(self, context: Context, kind: Kind) -> Waterfall:
        if context.chosen is None:
            return Waterfall(note=NOTHING)
        if context.chosen.layer == 0:
            return Waterfall(note=INPUT)
        if context.moment is None:
            return Waterfall(note=NO_STEP)
        return waterfall(context.moment, context.names, context.chosen, kind)
