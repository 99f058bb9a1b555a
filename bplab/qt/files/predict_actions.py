"""Predicting: a sample that is typed or slid, and whole tables."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from bplab.data.tables.files import read_table
from bplab.errors import BplabError
from bplab.experiment.storage import write_atomically
from bplab.exports.predictions import predictions
from bplab.exports.subject import Subject
from bplab.qt.data.actions import TABLES
from bplab.qt.dialogs.predict import PredictDialog

if TYPE_CHECKING:
    from bplab.qt.main_window import MainWindow


class PredictActions(QObject):
    """Asks the network of the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: PredictDialog | None = None

    def sample(self) -> None:
        """Show the window in which a sample is typed or slid."""
        if self.dialog is None:
            window = self._window
            self.dialog = PredictDialog(window.document, window.player, window.theme, window)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.activateWindow()

    def table(self) -> None:
        """Ask for a table, and for where its predictions shall be."""
        window, document = self._window, self._window.document
        folder = str(document.path.parent if document.path else Path.home())
        name, _ = QFileDialog.getOpenFileName(window, "Predict a table", folder, TABLES)
        if not name:
            return
        table = Path(name)
        proposed = str(table.with_name(f"{table.stem}-predicted.csv"))
        out, _ = QFileDialog.getSaveFileName(window, "Save the predictions", proposed, "Tables (*.csv)")
        if out:
            with window.player.exclusive():
                subject = Subject.of(document.experiment)
            job = partial(_predict, subject, table, Path(out))
            document.background.do(job, self._on_done, document.failed.emit)

    def _on_done(self, told: BplabError) -> None:
        self._window.document.noted.emit(told)


def _predict(subject: Subject, table: Path, out: Path) -> BplabError:
    """Write the predictions; return what to say of it."""
    rows = read_table(table)
    write_atomically(out, predictions(subject, rows))
    return BplabError(f"{out.name} holds {rows.n_rows:,} predictions for {table.name}.", f"It is in {out.parent}.")
