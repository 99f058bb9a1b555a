"""What is drawn becomes the data of the experiment: the network keeps its weights, and goes on learning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from bplab.data.drawn import NAME, REACH, Drawing
from bplab.data.tables.reading import Reading
from bplab.errors import BplabError
from bplab.experiment import edits
from bplab.experiment import run as runs
from bplab.experiment.wishes import table_source
from bplab.qt.plots.prediction import shade

if TYPE_CHECKING:
    from bplab.experiment.run import Run
    from bplab.experiment.spec import TableSource
    from bplab.qt.document import Document
    from bplab.qt.player import Player
    from bplab.qt.theme import Theme

GRID = 48
PLAIN = Reading("utf-8", ",", ".", True, "", (), quote='"')
INTERVAL_MS = 120


class DrawnChanges(QObject):
    """Between the plane and the document.

    Signals
    -------
    changed :
        The data are others now.
    asked :
        The network has said something else: `ground` and `curve` are new.

    Attributes
    ----------
    ground : QImage or None
        What the network says everywhere in the plane, in colours.
    curve : ndarray of shape (n, 2) or None
        What it says of each x, for a curve.
    """

    changed = Signal()
    asked = Signal()

    def __init__(self, document: Document, player: Player, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._player, self._theme = document, player, theme
        self.ground: QImage | None = None
        self.curve: np.ndarray | None = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(INTERVAL_MS)
        self._late.timeout.connect(lambda: player.when_free(self._ask))
        document.spec_changed.connect(self._on_spec_changed)
        player.snapshot_taken.connect(lambda _: self._late.isActive() or self._late.start())
        self._seen: object = None

    def undo(self) -> None:
        """Take the last edit back."""
        self._document.undo_stack.undo()

    def redo(self) -> None:
        """Make it again."""
        self._document.undo_stack.redo()

    def drawing(self) -> Drawing | None:
        """Return the present data as a drawing; None where they are none."""
        experiment = self._document.experiment
        if experiment.missing is not None:
            return None
        return Drawing.of(experiment.dataset(experiment.spec.data))

    def take(self, drawing: Drawing, what: str) -> None:
        """Make a drawing the data; an edit like any other."""
        document, experiment = self._document, self._document.experiment
        content = drawing.table()
        source: TableSource = table_source(Path(NAME), content, PLAIN, drawing.columns)
        experiment.tables[source.sha256] = content
        try:
            data = edits.replace(experiment.spec.data, source=source)
            spec = edits.change_data(experiment.spec, data, experiment.data.dataset, experiment.dataset(data))
            if spec != experiment.spec:
                document.begin_with(what, self._run_of(runs.start(spec, experiment.tables)))
        except BplabError as error:
            document.failed.emit(error)

    def _run_of(self, run: Run) -> Run:
        """Return the run with the weights that the network has, where it is still the same one."""
        with self._player.exclusive():
            network = self._document.experiment.network
            if network.sizes == run.network.sizes and network.plans == run.network.plans:
                return runs.with_weights(run, network.parameters.copy())
        return run

    def _on_spec_changed(self, *_: object) -> None:
        data = self._document.experiment.data
        if data is not self._seen:
            self._seen = data
            self.ground = self.curve = None
            self.changed.emit()
        self._late.start()

    def _ask(self) -> None:
        experiment = self._document.experiment
        data, network = experiment.data, experiment.network
        self.ground = self.curve = None
        across = np.linspace(-REACH, REACH, GRID)
        n = 0 if experiment.missing is not None else len(data.dataset.feature_names)
        with np.errstate(all="ignore"):
            if n == 1 and not data.class_names:
                says = data.restore(network.predict(data.prepare(across[:, None])))[:, 0]
                self.curve = np.column_stack([across, np.nan_to_num(says)])
            elif n == 2:
                x, y = (part.ravel() for part in np.meshgrid(across, -across))
                answer = np.nan_to_num(network.predict(data.prepare(np.column_stack([x, y]))))
                shades = np.ascontiguousarray(shade(data, answer, self._theme), dtype=np.uint8)
                self.ground = QImage(shades.data, GRID, GRID, 3 * GRID, QImage.Format.Format_RGB888).copy()
        self.asked.emit()
