"""Play, pause, step, step back, seek, reset: all that views and tests see of training."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaObject, QObject, Qt, QThread, QTimer, Signal, Slot

from bplab.engine.looking import can_look, look_at
from bplab.microscope.now import Now
from bplab.qt.training_worker import FULL_SPEED, Gate, TrainingWorker

SERVE_MS = 2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bplab.errors import BplabError
    from bplab.experiment.experiment import Experiment
    from bplab.qt.snapshot import Grain, Snapshot


class Player(QObject):
    """Drives the one training thread from the window's thread.

    Signals
    -------
    snapshot_taken : Snapshot
        A new moment of the run, at most about 60 times a second.
    started, paused :
        Playing began or ended.
    failed : BplabError
        Training stopped by itself, or a request could not be met.
    """

    snapshot_taken = Signal(object)
    started = Signal()
    paused = Signal()
    failed = Signal(object)

    _play_wanted = Signal(float, str, bool)
    _pause_wanted = Signal()
    _step_wanted = Signal(str, int)
    _step_back_wanted = Signal(str, int)
    _seek_wanted = Signal(int, int)
    _refresh_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.snapshot: Snapshot | None = None
        self.grain: Grain = "phase"
        self.rate = FULL_SPEED
        self.is_playing = self._is_film = False
        self.blocked: BplabError | None = None  # why there is nothing to train with
        self._turn = 0
        self._generation = self._era = 0
        self._gate = Gate()
        self._worker = TrainingWorker(self._gate)
        self._thread = QThread()
        self._worker.moveToThread(self._thread)
        self._connect()
        self._waiting: dict[Callable[[], object], float] = {}  # and until when
        self._serve_timer = QTimer(self)
        self._serve_timer.setSingleShot(True)
        self._serve_timer.setInterval(SERVE_MS)
        self._serve_timer.timeout.connect(self._serve)
        self._thread.start()

    def _connect(self) -> None:
        worker = self._worker
        self._thread.started.connect(worker.open)
        self._play_wanted.connect(worker.play)
        self._pause_wanted.connect(worker.pause)
        self._step_wanted.connect(worker.step)
        self._step_back_wanted.connect(worker.step_back)
        self._seek_wanted.connect(worker.seek)
        self._refresh_wanted.connect(worker.refresh)
        worker.published.connect(self._on_published)
        worker.failed.connect(self.failed)
        worker.finished_playing.connect(self._on_finished_playing)

    def adopt(self, experiment: Experiment, keep_record: bool = False) -> None:
        """Train this experiment from now on, and show its present state at once.

        Parameters
        ----------
        keep_record : bool
            Whether the last step still fits the network.
        """
        self.blocked = experiment.missing
        with self.exclusive():
            record = self.snapshot.record if keep_record and self.snapshot else None
            self._generation += 1
            self._era += not keep_record
            self._worker.adopt(experiment.trainer(), self._generation, self._era, record, self.blocked is not None)
            snapshot = self._worker.snapshot(is_quick=True)
        self._show(snapshot)
        self.refresh()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the experiment at a step boundary, to read or change it."""
        with self._gate.window():
            yield

    def when_free(self, act: Callable[[], object], within_ms: float = math.inf) -> None:
        """Call `act` holding the experiment as soon as nobody has to wait for it: at once, or a little later.

        Parameters
        ----------
        within_ms : float
            After that time, wait for whoever holds the experiment.
        """
        self._waiting[act] = time.perf_counter() + within_ms / 1000
        self._serve()

    def _serve(self) -> None:
        is_late = time.perf_counter() >= min(self._waiting.values(), default=math.inf)
        with self._gate.window() if is_late else self._gate.window_if_free() as is_free:
            if is_free:
                self._gate.is_wanted = False
                waiting, self._waiting = self._waiting, {}
                with ExitStack() as stack:  # which does all of them, whatever one raises
                    for act in reversed(waiting):
                        stack.callback(act)
        if self._waiting:
            self._gate.is_wanted = True
            self._serve_timer.start()

    @Slot()
    def play(self) -> None:
        """Train until paused."""
        if not self.is_playing and self._is_possible():
            self._play(is_film=False)

    def play_one_step(self) -> None:
        """Play to the end of the step that was begun, or of the next one, at the chosen grain and pace."""
        self.pause()
        if self._is_possible():
            self._play(is_film=True)

    def _play(self, is_film: bool) -> None:
        self.is_playing, self._is_film = True, is_film
        self._play_wanted.emit(self.rate, self.grain, is_film)
        self.started.emit()

    @Slot()
    def pause(self) -> None:
        """Stop training at the next step boundary."""
        if self.is_playing:
            self.is_playing = False
            self._worker.halt()
            self._pause_wanted.emit()
            self.paused.emit()

    @Slot()
    def toggle(self) -> None:
        """Play, or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    @Slot()
    def step(self) -> None:
        """Go one grain forward."""
        self.pause()
        if self._is_possible():
            self._step_wanted.emit(self.grain, self._era)

    @Slot()
    def step_back(self) -> None:
        """Go one grain back."""
        self.pause()
        if self._is_possible():
            self._step_back_wanted.emit(self.grain, self._era)

    def seek(self, step: int) -> None:
        """Go to any step from `snapshot.earliest` to `snapshot.newest`."""
        self.pause()
        if self._is_possible():
            self._worker.note_seek(step)
            self._seek_wanted.emit(step, self._era)

    def _is_possible(self) -> bool:
        """Whether there are data to train with; says so if not."""
        if self.blocked is not None:
            self.failed.emit(self.blocked)
        return self.blocked is None

    def set_grain(self, grain: Grain) -> None:
        """Choose what one step is."""
        self.grain = grain
        self._replay()

    def set_rate(self, rate: float) -> None:
        """Choose the speed of playing: grains a second, infinite for as fast as it goes."""
        self.rate = rate if rate > 0 else math.inf
        self._replay()

    def look_at(self, place: int, is_test: bool) -> bool:
        """Show a sample of the training or the test data, by its place there, with the present weights.

        Returns
        -------
        bool
            False where a sample alone means nothing, or none is there.
        """
        self.pause()
        with self.exclusive():
            trainer, snapshot = self._worker.trainer, self.snapshot
            if trainer is None or snapshot is None or self.blocked is not None or not can_look(trainer.network):
                return False
            s = trainer.samples
            X, Y = (s.X_test, s.Y_test) if is_test else (s.X_train, s.Y_train)
            counters = trainer.step_count, trainer.epoch
            index = -1 - place if is_test else place
            record = look_at(trainer.network, trainer.settings, (X[place], Y[place]), index, counters)
        self._show(replace(snapshot, record=record, now=Now(), sample=0, step=counters[0], epoch=counters[1]))
        return True

    def note_drawn(self) -> None:
        """Tell that the window has painted what it was shown."""
        self._worker.note_shown()

    def refresh(self) -> None:
        """Ask for a snapshot of the present state."""
        self._refresh_wanted.emit()

    def close(self) -> None:
        """Stop the thread; returns when it has ended."""
        self._serve_timer.stop()
        self._waiting, self._gate.is_wanted = {}, False
        if self._thread.isRunning():
            QMetaObject.invokeMethod(self._worker, "close", Qt.ConnectionType.BlockingQueuedConnection)
            self._thread.quit()
            self._thread.wait()

    @property
    def is_running(self) -> bool:
        """Whether the training thread is there."""
        return self._thread.isRunning()

    def _replay(self) -> None:
        if self.is_playing:
            self._play_wanted.emit(self.rate, self.grain, self._is_film)

    @Slot()
    def _on_published(self) -> None:
        snapshot = self._worker.take()
        if snapshot is not None and snapshot.generation == self._generation:
            self._show(self._with_look(snapshot))

    def _with_look(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot with the sample that is looked at, as long as nothing has moved."""
        shown = self.snapshot
        looks = shown is not None and shown.record is not None and shown.record.is_look
        if (
            shown is None
            or not looks
            or (snapshot.step, snapshot.now, snapshot.generation)
            != (
                shown.step,
                Now(),
                shown.generation,
            )
        ):
            return snapshot
        return replace(snapshot, record=shown.record, sample=shown.sample)

    @Slot()
    def _on_finished_playing(self) -> None:
        if self.is_playing:
            self.is_playing = False
            self.paused.emit()

    def is_turn(self, turn: int, of: int) -> bool:
        """Tell whether a view that draws in one of so many turns should draw this snapshot.

        While playing, canvas and plots take turns, so that no single frame keeps the window from its events.
        """
        return not self.is_playing or self._turn % of == turn

    def _show(self, snapshot: Snapshot | None) -> None:
        self._turn += 1
        self.snapshot = snapshot
        self.snapshot_taken.emit(snapshot)
