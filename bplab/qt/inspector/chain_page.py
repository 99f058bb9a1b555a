"""The chain rule of what is selected: in symbols, with live numbers, and what the update made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from bplab.microscope import facts
from bplab.microscope.check import check, is_affordable
from bplab.qt.inspector import overview
from bplab.qt.inspector.cards import Cards, Rows
from bplab.qt.inspector.layer_story import layer_story, whole_layer
from bplab.qt.inspector.page import Context, Page
from bplab.qt.inspector.story import Story, story, story_without_step
from bplab.qt.theme import GRID_PX

if TYPE_CHECKING:
    from bplab.engine.gradient_check import Derivative
    from bplab.engine.record import StepRecord
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection
    from bplab.qt.theme import Theme


class ChainPage(Page):
    """Sentence, cards and lines."""

    label = "Chain rule"
    tip = "The gradient of what is selected: the formula, this step's numbers, the update and the gradient check."

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence, self.cards, self.lines = QLabel(), Cards(theme), Rows(theme)
        self.story = Story()
        self._checked: tuple[StepRecord, Selection, Derivative] | None = None
        self._is_playing = False
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("role", "muted")
        self.sentence.setWordWrap(True)
        self.cards.pointed.connect(self.pointed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        for part in (self.sentence, self.cards, self.lines):
            column.addWidget(part)
        column.addStretch()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.cards.set_theme(theme)
        self.lines.set_theme(theme)

    def refresh(self, context: Context) -> None:
        """Show the present state."""
        self._is_playing = context.is_playing
        self.story = told = self.told(context)
        self.sentence.setText(told.sentence)
        self.sentence.setVisible(bool(told.sentence))
        self.cards.show_items(told.cards)
        self.lines.show_rows(told.rows)

    def told(self, context: Context) -> Story:
        """Return what there is to say."""
        network, chosen, moment = context.experiment.network, context.chosen, context.moment
        if chosen is None or not facts.exists(network.sizes, chosen):
            return Story(overview.title(moment), rows=overview.rows(moment, context.names))
        layer = whole_layer(network, context.picks)
        if layer is not None and moment is not None:
            return layer_story(moment, context.names, layer)
        if moment is None:
            return story_without_step(network, context.names, chosen)
        return story(moment, context.names, chosen, self._check)

    def _check(self, moment: Moment, chosen: Selection) -> Derivative | None:
        """Check a gradient, once for each step and selection and never while playing."""
        if self._is_playing or not is_affordable(moment):
            return None
        if self._checked is None or self._checked[0] is not moment.record or self._checked[1] != chosen:
            self._checked = (moment.record, chosen, check(moment, chosen))
        return self._checked[2]
