"""New, open, save, save as, reload, close: what the File menu does, and what has to be asked before."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from bplab.errors import BplabError, FileError
from bplab.experiment import reading
from bplab.experiment.environment import differences, environment
from bplab.experiment.experiment import Experiment
from bplab.experiment.storage import ChangedError, Stamp, check_unchanged
from bplab.qt.files import questions
from bplab.qt.files.recent import forget_recent, note_recent

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from bplab.experiment.recovery import Copy
    from bplab.qt.document import Document

SUFFIX = ".bplab"
FILE_FILTER = f"bplab experiments (*{SUFFIX})"


class FileActions(QObject):
    """Acts on the one document of a window; nothing that fails changes what is on the screen."""

    def __init__(self, document: Document, window: QWidget) -> None:
        super().__init__(window)
        self._document, self._window = document, window
        self._then: Callable[[], object] | None = None  # what waits for a save
        self._newest_request = 0
        document.saved.connect(self._on_saved)
        document.failed.connect(self._on_failed)

    def new(self) -> None:
        """Begin anew with a small example."""
        self.leave(lambda: self._document.replace(Experiment.new("circle"), None))

    def open(self, path: Path | None = None) -> None:
        """Open a file, asking for its name if none is given."""
        if path is None:
            name, _ = QFileDialog.getOpenFileName(self._window, "Open experiment", self._folder(), FILE_FILTER)
            path = Path(name) if name else None
        if path is not None:
            self._read(path, partial(self._show, path))

    def note_opened(self, path: Path) -> None:
        """Remember the file that is shown now, and say what there is to say of it."""
        note_recent(path)
        if self._document.owner:
            self._document.noted.emit(_taken(path, self._document.owner))
        elif elsewhere := other_environment(self._document.experiment):
            self._document.noted.emit(elsewhere)

    def open_example(self, path: Path) -> None:
        """Open one of the examples that bplab ships, as a new experiment without a file."""
        self._read(path, lambda found: self.leave(lambda: self._document.replace(found[0], None)))

    def recover(self, copy: Copy) -> None:
        """Open a copy of unsaved work that was left behind."""
        self._read(copy.file, partial(self._show_recovered, copy))

    def reload(self) -> None:
        """Open the document's file again; what was changed here is lost."""
        path = self._document.path
        if path is not None:
            self._read(path, lambda found: self._document.replace(found[0], path, found[1]))

    def save(self, overwrite: bool = False) -> None:
        """Save to the experiment's file, asking for one if it has none, or if somebody else has it open."""
        if self._document.path is None or self._document.owner:
            self.save_as()
        else:
            self._document.save(self._document.path, overwrite)

    def save_as(self) -> None:
        """Save to another file."""
        name, _ = QFileDialog.getSaveFileName(self._window, "Save experiment", self._proposed(), FILE_FILTER)
        path = Path(name) if name else None
        if path is not None and path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
            if path.exists() and not questions.ask_to_replace(self._window, path):
                path = None  # the dialog has asked about the name as it was typed
        if path is None:
            self._then = None
            return
        own = path == self._document.path
        if own and self._document.owner:
            self._document.failed.emit(_taken(path, self._document.owner))
            return
        self._document.save(path, overwrite=own)

    def leave(self, then: Callable[[], object]) -> None:
        """Do something that ends with another document, or none, once it is clear what becomes of unsaved work."""
        self._document.player.pause()
        if self._document.is_saving:
            self._then = partial(self.leave, then)
        elif self._document.is_saved:
            then()
        else:
            answer = questions.ask_to_save(self._window, self._document.name)
            if answer == "discard":
                then()
            elif answer == "save":
                self._then = partial(self.leave, then)
                self.save()

    def _read(self, path: Path, then: Callable[[tuple[Experiment, Stamp | None]], object]) -> None:
        self._newest_request += 1
        request = self._newest_request

        def show(found: tuple[Experiment, Stamp | None]) -> None:
            if request == self._newest_request:  # else another file has been asked for meanwhile
                then(found)

        self._document.background.do(partial(reading.read_with_stamp, path), show, partial(self._on_unreadable, path))

    def _on_unreadable(self, path: Path, error: BplabError) -> None:
        if not path.exists():
            forget_recent(path)
        self._document.failed.emit(error)

    def _show(self, path: Path, found: tuple[Experiment, Stamp | None]) -> None:
        experiment, stamp = found

        def show() -> None:
            self._document.replace(experiment, path, stamp)
            self.note_opened(path)

        self.leave(show)

    def _show_recovered(self, copy: Copy, found: tuple[Experiment, Stamp | None]) -> None:
        about = copy.about
        path, stamp = Path(about.path) if about.path else None, Stamp(*about.original) if about.original else None

        def show() -> None:
            self._document.replace(found[0], path, stamp)
            self._document.mark_unsaved()
            self._document.recovered.emit(copy)
            if path and stamp:
                try:
                    check_unchanged(path, stamp)
                except ChangedError as error:
                    self._document.noted.emit(error)

        self.leave(show)

    def _on_saved(self) -> None:
        if self._document.path is not None:
            note_recent(self._document.path)
        then, self._then = self._then, None
        if then is not None:
            then()

    def _on_failed(self, error: BplabError) -> None:
        then, self._then = self._then, None
        path = self._document.path
        if not isinstance(error, ChangedError) or path is None or self._document.is_saving:
            return
        answer = questions.ask_about_change(self._window, path)
        if answer in ("overwrite", "save as"):
            self._then = then
        if answer == "overwrite":
            self.save(overwrite=True)
        elif answer == "save as":
            self.save_as()
        elif answer == "reload":
            self.reload()

    def _proposed(self) -> str:
        name = f"{self._document.experiment.data.dataset.name}{SUFFIX}"
        return str(self._document.path or Path.home() / name)

    def _folder(self) -> str:
        return str(self._document.path.parent if self._document.path else Path.home())


def other_environment(experiment: Experiment) -> BplabError | None:
    """Return what to say of a run that was trained where numbers come out otherwise; None where there is nothing."""
    if not experiment.trainer().newest:
        return None
    known = dict.fromkeys(line for there in experiment.environments for line in differences(there, environment()))
    if not known:
        return None
    return BplabError(
        f"This run goes on, but not bit for bit: it was trained elsewhere ({'; '.join(known)}).",
        "The numbers may differ in their last digits.",
    )


def _taken(path: Path, owner: str) -> FileError:
    return FileError(f"{path.name} is open elsewhere: {owner}.", "It is read-only here; save under another name.")
