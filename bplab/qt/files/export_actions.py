"""File > Export: where to, what is replaced, and the work itself beside the window."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from bplab.exports.export import save
from bplab.exports.subject import Subject
from bplab.qt.files import questions

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from bplab.engine.record import StepRecord
    from bplab.experiment.experiment import Experiment
    from bplab.exports.export import Export
    from bplab.qt.document import Document

    Files = dict[Path, bytes]


class ExportActions(QObject):
    """Exports the one document of a window; training goes on meanwhile.

    Signals
    -------
    exported : tuple of Path
        These files have been written.
    failed : BplabError
        Nothing was written, or not all.
    """

    exported = Signal(object)
    failed = Signal(object)

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window

    def export(self, entry: Export) -> None:
        """Ask where to, then write the experiment as it is now."""
        missing = self._document.experiment.missing
        if missing is not None:
            self.failed.emit(missing)
            return
        title, kind = f"Export: {entry.label}", f"{entry.label} (*{entry.suffix})"
        name, _ = QFileDialog.getSaveFileName(self._window, title, self._proposed(entry), kind)
        if not name:
            return
        path = Path(name)
        job = partial(entry.files, self._subject(), path)
        self._document.background.do(job, partial(self._write, path), self.failed.emit)

    def _subject(self) -> Subject:
        experiment, player = self._document.experiment, self._document.player
        with player.exclusive():
            record = player.snapshot.record if player.snapshot else None
            return Subject.of(experiment, record if record and _fits(record, experiment) else None)

    def _write(self, chosen: Path, files: Files) -> None:
        """Write what has been made; the dialog has asked about the chosen name alone."""
        others = [path for path in files if path != chosen and path.exists()]
        if all(questions.ask_to_replace(self._window, path) for path in others):
            done = partial(self._on_saved, tuple(files))
            self._document.background.do(partial(save, files), done, self.failed.emit)

    def _on_saved(self, paths: tuple[Path, ...], _: object) -> None:
        self.exported.emit(paths)

    def _proposed(self, entry: Export) -> str:
        path = self._document.path
        folder = path.parent if path else Path.home()
        stem = path.stem if path else self._document.experiment.data.dataset.name
        return str(folder / f"{stem}{entry.ending}")


def _fits(record: StepRecord, experiment: Experiment) -> bool:
    """Tell whether a step was made by a network of this size."""
    seen = [layer.W.shape for layer in record.layers]
    return seen == [layer.W.shape for layer in experiment.network.layers]
