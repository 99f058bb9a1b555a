"""New, open, save, save as, reload, close: what the File menu does, and what has to be asked before."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from bplab.errors import BplabError, DamagedError, FileError, MissingDataError
from bplab.experiment import reading
from bplab.experiment.environment import differences, environment
from bplab.experiment.experiment import Experiment
from bplab.experiment.storage import ChangedError, Stamp, check_unchanged, read_bytes
from bplab.qt.files import questions
from bplab.qt.files.recent import forget_recent, note_recent

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from bplab.experiment.recovery import Copy
    from bplab.qt.document import Document

    Found = tuple[Experiment, Stamp | None]

SUFFIX = ".bplab"
FILE_FILTER = f"bplab experiments (*{SUFFIX})"


class FileActions(QObject):
    """Acts on the one document of a window; nothing that fails changes what is on the screen.

    Signals
    -------
    offered : BplabError, str, callable
        A file cannot be opened as it is, but there is something that can be done: its words, and how.
    saving :
        What is typed right now should be taken: it is about to be saved.
    """

    offered = Signal(object, str, object)
    saving = Signal()

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
        self._remember(partial(note_recent, path))
        missing = self._document.experiment.missing
        if missing is not None:
            self.offered.emit(
                missing, f"Locate {missing.name}…", partial(self._locate, path, partial(self._show, path), missing)
            )
        elif self._document.owner:
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
        self.saving.emit()
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

    def _read(
        self, path: Path, then: Callable[[Found], object], weights: bool = True, tables: tuple[bytes, ...] = ()
    ) -> None:
        self._newest_request += 1
        request = self._newest_request

        def show(found: Found) -> None:
            if request == self._newest_request:  # else another file has been asked for meanwhile
                then(found)

        job = partial(reading.read_with_stamp, path, weights, tables, blind=True)
        self._document.background.do(job, show, partial(self._on_unreadable, path, then))

    def _on_unreadable(self, path: Path, then: Callable[[Found], object], error: BplabError) -> None:
        if not path.exists():
            self._remember(partial(forget_recent, path))
        if isinstance(error, DamagedError):
            self.offered.emit(error, "Open the design without its weights", partial(self._read_design, path))
        elif isinstance(error, MissingDataError):
            self.offered.emit(error, f"Locate {error.name}…", partial(self._locate, path, then, error))
        else:
            self._document.failed.emit(error)

    def _read_design(self, path: Path) -> None:
        """Show the design as an experiment without a file, so that the damaged one is not overwritten by mistake."""
        self._read(path, lambda found: self.leave(lambda: self._show_design(found[0])), weights=False)

    def _show_design(self, experiment: Experiment) -> None:
        self._document.replace(experiment, None)
        self._document.mark_unsaved()

    def _locate(self, path: Path, then: Callable[[Found], object], error: MissingDataError) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, f"Where is {error.name}?", str(path.parent))
        if name:
            try:
                self._read(path, then, tables=(read_bytes(Path(name), reading.LARGEST_FILE),))
            except BplabError as problem:
                self._document.failed.emit(problem)

    def _show(self, path: Path, found: Found) -> None:
        experiment, stamp = found

        def show() -> None:
            self._document.replace(experiment, path, stamp)
            self.note_opened(path)

        self.leave(show)

    def _show_recovered(self, copy: Copy, found: Found) -> None:
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

    def _remember(self, change: Callable[[], object]) -> None:
        """Change the list of recent files beside the window: a disk may take its time."""
        self._document.background.do(change, failed=self._document.failed.emit)

    def _on_saved(self) -> None:
        if self._document.path is not None:
            self._remember(partial(note_recent, self._document.path))
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
