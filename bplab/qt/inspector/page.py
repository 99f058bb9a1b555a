"""What the pages of the inspector have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from bplab.experiment.experiment import Experiment
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection
    from bplab.microscope.words import Names
    from bplab.qt.theme import Theme


@dataclass(frozen=True, eq=False)
class Context:
    """What a page speaks of.

    Parameters
    ----------
    moment : Moment or None
        The step that is shown; None before the first.
    picks : tuple of Selection
        What is picked on the canvas, the last one being spoken of.
    is_playing : bool
        Whether training goes on: what takes time waits for a pause.
    has_stopped : bool
        Whether training has stopped because a value was not finite.
    """

    experiment: Experiment
    names: Names
    moment: Moment | None
    picks: tuple[Selection, ...]
    is_playing: bool
    has_stopped: bool

    @property
    def chosen(self) -> Selection | None:
        """What is spoken of."""
        return self.picks[-1] if self.picks else None


class Page(QWidget):
    """A page of the inspector; it is asked to show something only while it is seen.

    ``pointed`` carries what is to be lit on the canvas, a tuple of `Selection`; ``picked`` what is to be picked there.
    """

    label: ClassVar[str]
    tip: ClassVar[str]
    pointed = Signal(object)
    picked = Signal(object)

    def refresh(self, context: Context) -> None:
        """Show the present state."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        raise NotImplementedError
