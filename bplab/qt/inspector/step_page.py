"""Why this step: the loss around it, and what other learning rates would have come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.microscope.check import is_affordable
from bplab.microscope.landscape import POINTS, along_step, along_weight, is_exact, over_two
from bplab.microscope.words import subscript
from bplab.qt.inspector.landscape_view import Landscape, LandscapeView
from bplab.qt.inspector.page import Context, Page

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord
    from bplab.microscope.facts import Moment
    from bplab.microscope.landscape import Curve
    from bplab.microscope.selection import Selection
    from bplab.qt.theme import Theme

MOST_PASSES = 60  # how much more than the check of one gradient the curves take
WAITS = "The loss around a step is worked out when training pauses."
NO_STEP = "Make a step (key: full stop) to see the loss around it."
TOO_LARGE = "This network is too large to work out the loss around a step in a moment."
NOT_KNOWN = "Known when the backward pass is done."
INPUT = "An input is never changed."


class StepPage(Page):
    """The loss along the selected weight, over two of them, and along the step."""

    label = "Why this step"
    tip = "The loss along the selected weight, with the tangent and the step; and with other learning rates."

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = LandscapeView(theme)
        self.view.rate_tried.connect(self._try)
        self._moment: Moment | None = None
        self._known: tuple[StepRecord, tuple[Selection, ...], Landscape] | None = None
        self._context: Context | None = None
        self._late = QTimer(self)  # the step itself is painted first
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._work_out)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self.view.set_theme(theme)

    def refresh(self, context: Context) -> None:
        """Show the present state."""
        moment, picks = context.moment, _weights(context.picks)[-2:]
        self._moment = None
        why_not = self._why_not(context)
        if why_not or moment is None:
            self.view.show_landscape(Landscape(note=why_not))
            return
        self._moment = moment
        known, self._context = self._known, context
        if known is None or known[0] is not moment.record or known[1] != picks:
            self._late.start()
        else:
            self.view.show_landscape(known[2])

    def _work_out(self) -> None:
        context, known = self._context, self._known
        if context is None or context.moment is None or context.moment is not self._moment:
            return
        moment, picks = context.moment, _weights(context.picks)[-2:]
        step = known[2].step if known is not None and known[0] is moment.record else None
        with np.errstate(all="ignore"):
            found = _landscape(context, moment, picks, step)
        self._known = (moment.record, picks, found)
        self.view.show_landscape(found)

    def _why_not(self, context: Context) -> str:
        moment = context.moment
        if moment is None:
            return NO_STEP
        if context.is_playing:
            return WAITS
        if not moment.knows_error(1):
            return NOT_KNOWN
        return "" if is_affordable(moment, MOST_PASSES) else TOO_LARGE

    def _try(self, rate: float) -> None:
        if self._moment is not None:
            end = max(4.0 * self._moment.record.learning_rate, 1.25 * rate)
            curve = along_step(self._moment, np.linspace(0.0, end, POINTS))
            self.view.show_trial(rate, float(along_step(self._moment, np.array([rate])).loss[0]), curve)


def _weights(picks: tuple[Selection, ...]) -> tuple[Selection, ...]:
    return tuple(pick for pick in picks if pick.layer > 0)


def _landscape(context: Context, moment: Moment, picks: tuple[Selection, ...], step: Curve | None) -> Landscape:
    about = "" if is_exact(moment) else "The regularizer's own decay is scaled with the learning rate: nearly right."
    whole = step if step is not None else along_step(moment)
    note = INPUT if context.picks and not picks else about
    if not picks:
        return Landscape(step=whole, note=note)
    if len(picks) == 1:
        return Landscape(_symbol(picks[0]), along_weight(moment, picks[0]), step=whole, note=note)
    across, up, losses = over_two(moment, picks[0], picks[1])
    names = [f"{_symbol(pick)} of layer {pick.layer}" for pick in picks]
    return Landscape(names[0], across, up, names[1], losses, whole, note)


def _symbol(pick: Selection) -> str:
    if pick.source is None:
        return f"b{subscript(pick.neuron)}"
    return f"w{subscript(pick.neuron, pick.source)}"
