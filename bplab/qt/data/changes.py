"""Every change of the data: at once where they are few, beside the window where there are many."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bplab.catalogue import Choice
from bplab.experiment import edits
from bplab.experiment import run as runs

if TYPE_CHECKING:
    from bplab.errors import BplabError
    from bplab.experiment.run import Run
    from bplab.experiment.spec import DataSpec, ExperimentSpec
    from bplab.qt.document import Document

MANY_VALUES = 200_000  # in a table; fewer are prepared within a frame


class DataChanges(QObject):
    """Changes the data of the document, as edits that can be undone.

    Signals
    -------
    began, ended :
        Data are being prepared beside the window.
    """

    began = Signal()
    ended = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._ticket = 0

    def change(self, text: str, mergeable: bool = False, **changes: Any) -> None:
        """Change fields of the spec's data; an error is reported, and nothing has changed."""
        self._ticket += 1
        source = changes.get("source", self._document.spec.data.source)
        if isinstance(source, Choice) or self._values_of(changes) < MANY_VALUES:
            self._document.edit(text, lambda spec: self._changed(spec, changes), mergeable)
            return
        document, spec = self._document, self._document.spec
        job = partial(self._run_of, spec, changes)
        self.began.emit()
        document.background.do(job, partial(self._take, text, spec, changes, self._ticket), self._fail)

    def _values_of(self, changes: dict[str, Any]) -> int:
        experiment = self._document.experiment
        if "source" in changes:
            return MANY_VALUES if len(experiment.tables.get(changes["source"].sha256, b"")) > MANY_VALUES else 0
        return int(experiment.data.dataset.X.size)

    def _changed(self, spec: ExperimentSpec, changes: dict[str, Any]) -> ExperimentSpec:
        experiment = self._document.experiment
        data: DataSpec = edits.replace(spec.data, **changes)
        return edits.change_data(spec, data, experiment.data.dataset, experiment.dataset(data))

    def _run_of(self, spec: ExperimentSpec, changes: dict[str, Any]) -> Run:
        return runs.start(self._changed(spec, changes), self._document.experiment.tables)

    def _take(self, text: str, before: ExperimentSpec, changes: dict[str, Any], ticket: int, run: Run) -> None:
        self.ended.emit()
        if ticket != self._ticket:
            return
        if before is not self._document.spec:  # something else was edited meanwhile
            self.change(text, **changes)
            return
        self._document.begin_with(text, run)

    def _fail(self, error: BplabError) -> None:
        self.ended.emit()
        self._document.failed.emit(error)
        self._document.spec_changed.emit(self._document.spec, self._document.spec)
