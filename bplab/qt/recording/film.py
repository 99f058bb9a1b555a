"""The frames of a run: the network at evenly spaced steps, each with its true gradients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from bplab.errors import BplabError
from bplab.experiment.reading import from_bytes
from bplab.experiment.verify import repeated
from bplab.experiment.writing import take, to_bytes
from bplab.exports.subject import Subject
from bplab.qt.canvas.picture import text_font
from bplab.qt.canvas.reading import Reading
from bplab.qt.exports import still as stills
from bplab.qt.exports.network_picture import still_of
from bplab.qt.exports.still import usual_size
from bplab.qt.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.experiment.experiment import Experiment
    from bplab.experiment.run import Run
    from bplab.experiment.writing import Contents
    from bplab.qt.canvas.layout import Wish
    from bplab.qt.theme import Theme

MOST_FRAMES = 600


@dataclass(frozen=True, eq=False)
class Film:
    """What is filmed, and how.

    Parameters
    ----------
    contents : Contents
        The experiment, copied: training may go on meanwhile.
    first, last : int
        Steps.
    count : int
        Frames at most; where there are fewer steps, one for each.
    fps : int
        Frames a second.
    """

    contents: Contents
    first: int
    last: int
    count: int
    fps: int = 12
    reading: Reading | None = None
    theme: Theme = DARK
    size: QSize | None = None
    wish: Wish | None = None

    @classmethod
    def of(cls, experiment: Experiment, count: int, fps: int = 12) -> Film:
        """Return a film of the whole run, in the usual form; nobody may train it while it is copied."""
        return cls(take(experiment), 0, experiment.trainer().newest, count, fps)

    @property
    def steps(self) -> list[int]:
        """The steps that have a frame."""
        return sorted({round(step) for step in np.linspace(self.first, self.last, self.count)})

    def frames(self) -> Iterator[QImage]:
        """Do the run again, through every change of the network, and draw each frame.

        Raises
        ------
        BplabError
            If there is nothing to film, or it is not known how the run began.
        """
        if not self.last:
            raise BplabError("There is nothing to film yet: no step has been done.", "Train first.")
        experiment = from_bytes(to_bytes(self.contents), Path("film.bplab"))
        size = self.size or usual_size(experiment.network.sizes)
        chapters, wanted = experiment.run.chapters, self.steps
        if chapters is None:
            raise BplabError(
                "The run cannot be done again: it is not known how it began.", "Reset it, train anew, and record that."
            )
        for run in repeated(experiment.run, chapters, experiment.tables):
            while wanted and wanted[0] <= run.trainer.newest:
                yield self._frame(run, wanted.pop(0), size)
            run.trainer.seek(run.trainer.newest)

    def _frame(self, run: Run, step: int, size: QSize) -> QImage:
        trainer = run.trainer
        trainer.seek(step)
        record = trainer.replay(step) if step > trainer.earliest else None
        still = still_of(Subject.of_run(run, record), self.theme)
        still = replace(still, reading=self.reading or Reading(), size=size, wish=self.wish or still.wish)
        picture = stills.image(still)
        _write(picture, f"step {step:,} · epoch {trainer.epoch:,}", self.theme)
        return picture


def _write(picture: QImage, text: str, theme: Theme) -> None:
    painter = QPainter(picture)
    try:
        painter.setFont(text_font(9, bold=True))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(16, 12, 320, 20), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    finally:
        painter.end()
