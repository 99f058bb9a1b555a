"""The open experiment: its design on one undo stack, its file, and whether it is saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from bplab.errors import BplabError
from bplab.experiment import writing
from bplab.experiment.lock import Lock
from bplab.experiment.run import NONE
from bplab.experiment.storage import check_unchanged
from bplab.qt.background import Background, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bplab.experiment.experiment import Experiment
    from bplab.experiment.run import Run
    from bplab.experiment.spec import ExperimentSpec
    from bplab.experiment.storage import Stamp
    from bplab.experiment.writing import Contents
    from bplab.qt.player import Player

UNDO_LIMIT = 200
PATIENCE_MS = 200  # for whoever holds the experiment, before the window waits for it
MOST_KEPT = 2**30  # bytes of data, over all that can be undone


class EditCommand(QUndoCommand):
    """The one undo command: the words that the menu shows, the run before, the spec after, weights set by hand.

    It is applied before it is pushed, because an error would get lost in the undo stack.
    """

    def __init__(
        self,
        document: Document,
        text: str,
        after: ExperimentSpec,
        mergeable: bool,
        weights: Mapping[int, float],
        run: Run | None = None,
    ) -> None:
        super().__init__(text)
        self._run = run  # that comes from elsewhere, where the edit is not one of the present run
        self._document = document
        self._mergeable = mergeable
        before = document.experiment.run
        self._before: Run | None = before
        self._after: Run | None = before
        self._before_spec, self._after_spec = before.spec, after
        self._weights, self._weights_before = dict(weights), before.values_at(weights)
        self._after_step = 0
        self._is_applied = False

    def redo(self) -> None:
        """Apply the edit again; when it is pushed, it has been applied already."""
        if self._is_applied:
            self._is_applied = False
        else:
            self._apply()

    def apply(self) -> None:
        """Apply the edit for the first time; BplabError if that is not possible."""
        self._apply()
        self._is_applied = True

    def _apply(self) -> None:
        self._after = self._document.switch(self._after_spec, self._run, self._weights)
        self._after_step = self._after.trainer.step_count

    def undo(self) -> None:
        """Go back; as long as nothing was trained since, every weight comes back too."""
        run = self._document.experiment.run
        untouched = run is self._after and run.trainer.step_count == self._after_step
        self._document.switch(self._before_spec, self._before if untouched else None, self._weights_before)

    def runs(self) -> tuple[Run, ...]:
        """Return what is kept of before and after, so that every weight comes back."""
        return tuple(run for run in (self._before, self._after, self._run) if run is not None)

    def forget(self) -> None:
        """Keep the design alone: going back then begins with fresh weights where they were not kept."""
        self._before = self._after = self._run = None

    def id(self) -> int:
        """Edits of one kind in a row, such as the moves of one slider, become one."""
        return hash(self.text()) % 2**30 if self._mergeable else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a later edit of the same kind."""
        assert isinstance(other, EditCommand)
        self._after_spec, self._after, self._after_step = other._after_spec, other._after, other._after_step
        self._weights |= other._weights
        self._weights_before = other._weights_before | self._weights_before
        return True


class Document(QObject):
    """Holds the experiment; every change of the design goes through `edit`.

    Signals
    -------
    spec_changed : ExperimentSpec, ExperimentSpec
        Before and after, for edits, undo, redo, new and open alike.
    state_changed :
        Path or saved state changed.
    replaced :
        Another experiment is shown.
    recovered : Copy
        It is the one in this copy of unsaved work.
    saved :
        What was there when saving began is on the disk.
    failed : BplabError
        Something that was asked for could not be done; nothing has changed.
    noted : BplabError
        Something that the user should know.
    """

    spec_changed = Signal(object, object)
    state_changed = Signal()
    replaced = Signal()
    recovered = Signal(object)
    saved = Signal()
    failed = Signal(object)
    noted = Signal(object)

    def __init__(self, experiment: Experiment, player: Player, path: Path | None = None) -> None:
        super().__init__()
        self.experiment = experiment
        self.player = player
        self.background = Background(self)
        self.path = path
        self.stamp: Stamp | None = None
        self.lock: Lock | None = None
        self.is_saving = False
        self._asked: tuple[Path, Stamp | None] | None = None  # for a save that has not begun
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)
        self.undo_stack.cleanChanged.connect(self.state_changed)
        self._saved_step = experiment.trainer().step_count
        self._take_lock()
        player.adopt(experiment)

    @property
    def spec(self) -> ExperimentSpec:
        """The present design."""
        return self.experiment.spec

    @property
    def is_saved(self) -> bool:
        """Whether closing now would lose nothing."""
        step = self.experiment.trainer().step_count
        return not self.is_saving and self.undo_stack.isClean() and step == self._saved_step

    @property
    def name(self) -> str:
        """What a title calls it."""
        return self.path.name if self.path else "Untitled"

    @property
    def owner(self) -> str:
        """Who else has the file open, so that it is read-only here; nothing where nobody does."""
        return self.lock.owner if self.lock else ""

    def edit(
        self,
        text: str,
        change: Callable[[ExperimentSpec], ExperimentSpec],
        mergeable: bool = False,
        weights: Mapping[int, float] = NONE,
    ) -> bool:
        """Change the design by a pure function; an error is reported and changes nothing.

        Parameters
        ----------
        text : str
            What the undo menu shows, such as "Add layer".
        change : callable
            From spec to spec.
        mergeable : bool
            Whether edits of the same text in a row are undone as one.
        weights : mapping of int to float
            Parameters to set by hand, by their places in the flat vector of the present network.
        """
        before = self.spec
        try:
            after = change(before)
            if after != before or weights != self.experiment.run.values_at(weights):
                command = EditCommand(self, text, after, mergeable, weights)
                command.apply()
                self._push(command)
        except BplabError as error:
            self.failed.emit(error)
            self.spec_changed.emit(before, before)  # so that a control shows again what holds
            return False
        return True

    def begin_with(self, text: str, run: Run) -> None:
        """Show another run of the same data, such as one with weights from elsewhere; an edit like any other."""
        command = EditCommand(self, text, run.spec, False, NONE, run)
        command.apply()
        self._push(command)

    def _push(self, command: EditCommand) -> None:
        """Put a command on the stack; of the oldest the data are given up where together they are too large."""
        self.undo_stack.push(command)
        sizes: dict[int, int] = {}
        for place in range(self.undo_stack.count() - 1, -1, -1):
            kept = self.undo_stack.command(place)
            if isinstance(kept, EditCommand):
                sizes |= {id(run.data): _size_of(run) for run in kept.runs()}
                if sum(sizes.values()) > MOST_KEPT:
                    kept.forget()

    def switch(self, spec: ExperimentSpec, run: Run | None = None, weights: Mapping[int, float] = NONE) -> Run:
        """Make `spec` the design, in place or, where a run is given, by going back to that run as it was left."""
        before, trainer = self.spec, self.experiment.trainer()
        with self.player.exclusive():
            if run is None:
                self.experiment.apply(spec, weights)
            else:
                self.experiment.run = run
                run.trainer.settings = spec.training
        self.player.adopt(self.experiment, keep_record=self.experiment.trainer() is trainer)
        self.spec_changed.emit(before, spec)
        self.state_changed.emit()
        return self.experiment.run

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights."""
        self.player.pause()
        try:
            with self.player.exclusive():
                self.experiment.reset()
        except BplabError as error:
            self.failed.emit(error)
            return
        self.player.adopt(self.experiment)
        self.state_changed.emit()

    def replace(self, experiment: Experiment, path: Path | None, stamp: Stamp | None = None) -> None:
        """Show another experiment; `stamp` is that of its file, where that was read."""
        self._begin_save()
        before = self.spec
        self.player.pause()
        with self.player.exclusive():
            self.experiment = experiment
        self.path, self.stamp = path, stamp
        self._take_lock()
        self.undo_stack.clear()
        self._saved_step = experiment.trainer().step_count
        self.player.adopt(experiment)
        self.replaced.emit()
        self.spec_changed.emit(before, self.spec)
        self.state_changed.emit()

    def mark_saved(self) -> None:
        """Take the present state as saved."""
        self._saved_step = self.experiment.trainer().step_count
        self.undo_stack.setClean()
        self.state_changed.emit()

    def mark_unsaved(self) -> None:
        """Take the present state as one that no file holds."""
        self._saved_step = -1
        self.state_changed.emit()

    def save(self, path: Path, overwrite: bool = False) -> None:
        """Write the present state, taken at the next step boundary; `saved` or `failed` follows.

        Parameters
        ----------
        overwrite : bool
            Write also where another program has changed the file meanwhile; otherwise that fails with `ChangedError`.
        """
        self._begin_save()
        self.is_saving = True
        self._asked = path, self.stamp if path == self.path and not overwrite else None
        self.player.when_free(self._begin_save, PATIENCE_MS)
        self.state_changed.emit()

    def _begin_save(self) -> None:
        """Write what was asked for, if it was not begun yet."""
        if self._asked is None:
            return
        (path, known), self._asked = self._asked, None
        try:
            with self.player.exclusive():
                contents, step = writing.take(self.experiment), self.experiment.trainer().step_count
        except Exception as error:  # no memory for a copy, say: what is not being written must not say so for ever
            self._on_save_failed(unexpected(error))
            raise
        self.undo_stack.setClean()  # at once, so that later edits are not merged into the last saved one
        job = partial(_write, contents, path, known)
        self.background.do(job, partial(self._on_saved, path, step), self._on_save_failed)
        self.state_changed.emit()

    def close(self) -> None:
        """Finish what is being written, and give the file up."""
        try:
            self._begin_save()
        finally:
            self.background.close()
            self.is_saving = False
            if self.lock:
                self.lock.release()

    def _on_saved(self, path: Path, step: int, stamp: Stamp) -> None:
        self.is_saving = False
        moved = path != self.path
        self.path, self.stamp, self._saved_step = path, stamp, step
        if moved:
            self._take_lock()
        self.state_changed.emit()
        self.saved.emit()

    def _on_save_failed(self, error: BplabError) -> None:
        self.is_saving = False
        self.undo_stack.resetClean()
        self.state_changed.emit()
        self.failed.emit(error)

    def _take_lock(self) -> None:
        if self.lock:
            self.lock.release()
        self.lock = Lock(self.path) if self.path else None
        if self.lock:
            self.lock.acquire()


def _size_of(run: Run) -> int:
    """Return how many bytes the data of a run take, about."""
    data = run.data
    return sum(part.nbytes for part in (data.dataset.X, data.X_train, data.X_test))


def _write(contents: Contents, path: Path, known: Stamp | None) -> Stamp:
    if known is not None:
        check_unchanged(path, known)
    return writing.write(contents, path)
