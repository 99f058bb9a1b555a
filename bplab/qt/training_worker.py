"""Trains in a thread of its own, in slices of at most 10 ms, and publishes what the window should see.

Between slices anyone who holds the gate may read or change the experiment: that is the step boundary at which edits
take effect. Published snapshots go into a one-place mailbox that the window empties at its own pace.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from bplab.engine.blas import calculating
from bplab.engine.judge import Judge
from bplab.engine.metrics import Scores
from bplab.engine.network import Network
from bplab.errors import BplabError, DivergedError
from bplab.qt.run_cursor import RunCursor
from bplab.qt.snapshot import Grain, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from bplab.engine.record import StepRecord
    from bplab.engine.trainer import Trainer

MOST_PRODUCTS = 50_000_000  # of a weight and an activation, in the window's thread: a few milliseconds
LONGEST_LOOK_S = 2.0  # that a film waits for a picture to be painted
SLICE_S = 0.020
PUBLISH_INTERVAL_S = 0.020
DRAWING_SHARE = 0.3  # of the time at most: meanwhile training has to fight for the interpreter
LONGEST_WAIT_S = 0.2
HISTORY_INTERVAL_S = 0.1
SCORE_AFTER_MS = 150
FULL_SPEED = math.inf


class Gate:
    """A lock on the experiment that lets the window in before the worker's next slice."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting = 0
        self.is_wanted = False  # by the window, which does not wait for it but comes again

    @contextmanager
    def window_if_free(self) -> Iterator[bool]:
        """Hold the experiment from the window's thread if nobody else does; gives whether that is so."""
        is_free = self._lock.acquire(blocking=False)
        try:
            yield is_free
        finally:
            if is_free:
                self._lock.release()

    @contextmanager
    def window(self) -> Iterator[bool]:
        """Hold the experiment from the window's thread; waits for the end of a slice."""
        self._waiting += 1
        try:
            with self._lock:
                yield True
        finally:
            self._waiting -= 1

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Hold the experiment from the worker's thread, after everyone who waits."""
        while self._waiting or self.is_wanted:
            time.sleep(0.0005)
        with self._lock:
            yield


class TrainingWorker(QObject):
    """Lives in the training thread; called through signals alone.

    ``published`` tells that the mailbox is no longer empty; ``finished_playing`` that training stopped by itself,
    ``failed`` why.
    """

    published = Signal()
    finished_playing = Signal()
    failed = Signal(object)

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate
        self._mailbox: Snapshot | None = None
        self._mailbox_lock = threading.Lock()
        self._cursor: RunCursor | None = None
        self._generation = self._era = 0
        self._playing = self._is_blind = self._is_film = False
        self._sought = 0
        self._rate = FULL_SPEED
        self._grain: Grain = "batch"
        self._timer: QTimer | None = None
        self._score_timer: QTimer | None = None
        self._published_at = self._shown_at = self._history_at = 0.0
        self._histories: tuple[np.ndarray, np.ndarray] | None = None
        self._due = 0.0
        self._speed = 0.0

    @property
    def trainer(self) -> Trainer | None:
        """What is trained; only while the gate is held."""
        return self._cursor.trainer if self._cursor is not None else None

    def take(self) -> Snapshot | None:
        """Empty the mailbox; may be called from any thread."""
        with self._mailbox_lock:
            snapshot, self._mailbox = self._mailbox, None
        return snapshot

    def note_shown(self) -> None:
        """Tell that the window has drawn what was published; may be called from any thread."""
        if self._shown_at < self._published_at:
            self._shown_at = time.perf_counter()

    def halt(self) -> None:
        """Begin no other slice; may be called from any thread, where a queued `pause` would come too late."""
        self._playing = False

    def adopt(
        self, trainer: Trainer, generation: int, era: int, record: StepRecord | None, is_blind: bool = False
    ) -> None:
        """Train this from now on; only while the gate is held. Without data, the last known scores are shown.

        Steps that were asked for in another `era`, that is, of a run that is no longer shown, are not done.
        """
        self._generation, self._era, self._histories, self._is_blind = generation, era, None, is_blind
        if self._cursor is not None and self._cursor.trainer is trainer and record is not None:
            self._cursor.begin_again()
        else:
            self._cursor = RunCursor(trainer, record)

    @Slot()
    def open(self) -> None:
        """Begin; called in the worker's thread."""
        self._timer = QTimer()
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._slice)
        self._score_timer = QTimer()
        self._score_timer.setSingleShot(True)
        self._score_timer.setInterval(SCORE_AFTER_MS)
        self._score_timer.timeout.connect(self._score)

    @Slot()
    def close(self) -> None:
        """End; called in the worker's thread, before it quits."""
        if self._timer is not None and self._score_timer is not None:
            self._timer.stop()
            self._score_timer.stop()
            self._timer = self._score_timer = None

    @Slot(float, str, bool)
    def play(self, rate: float, grain: Grain, is_film: bool = False) -> None:
        """Train until paused, or as a film to the end of a step: at `rate` grains a second, or as fast as it goes."""
        self._playing, self._rate, self._grain, self._is_film = True, rate, grain, is_film
        self._due = time.perf_counter()
        if self._timer is not None:
            self._timer.setInterval(0 if math.isinf(rate) else 4)
            self._timer.start()

    @Slot()
    def pause(self) -> None:
        """Stop after the present slice."""
        self._stop()
        self._publish()

    @Slot(str, int)
    def step(self, grain: Grain, era: int) -> None:
        """Go one phase, sample, batch or epoch forward."""
        self._guarded(lambda cursor: cursor.step(grain), era)

    @Slot(str, int)
    def step_back(self, grain: Grain, era: int) -> None:
        """Go one phase, sample, batch or epoch back."""
        self._guarded(lambda cursor: cursor.step_back(grain), era)

    def note_seek(self, step: int) -> None:
        """Tell which step will be sought last; may be called from any thread, while earlier ones still wait."""
        self._sought = step

    @Slot(int, int)
    def seek(self, step: int, era: int) -> None:
        """Go to any step that can be reached, unless another one is wanted by now: a timeline is dragged quickly."""
        if step == self._sought:
            self._guarded(lambda cursor: cursor.seek(step), era)

    @Slot()
    def refresh(self) -> None:
        """Publish the present state."""
        self._publish()

    def _guarded(self, action: Callable[[RunCursor], None], era: int) -> None:
        try:
            with self._gate.worker():
                if self._cursor is not None and era == self._era:
                    action(self._cursor)
        except DivergedError as error:
            self._diverged(error)
        except BplabError as error:
            self.failed.emit(error)
        self._publish()

    def _slice(self) -> None:
        try:
            with self._gate.worker():
                cursor = self._cursor
                if not self._playing or cursor is None:  # asked for while this waited for the window
                    return
                before, moment = cursor.trainer.step_count, cursor.now
                self._play_slice(cursor)
                reason = cursor.trainer.stop_reason if cursor.trainer.step_count > before else ""
                is_over = self._is_film and cursor.trainer.step_count > before
        except DivergedError as error:
            self._diverged(error)
            return
        if reason:
            self._end()
            self.failed.emit(BplabError(f"Training has stopped: {reason}", "Play goes on beyond that."))
            return
        if is_over:
            self._end()
        elif self._is_publishing_due() or (self._is_film and cursor.now != moment):
            self._publish()

    def _is_publishing_due(self) -> bool:
        """Whether the window has drawn what it was shown, and had time for other things since."""
        now = time.perf_counter()
        if self._shown_at < self._published_at:
            return now - self._published_at > LONGEST_WAIT_S
        drawing = self._shown_at - self._published_at
        return now - self._published_at >= max(PUBLISH_INTERVAL_S, drawing / DRAWING_SHARE)

    def _play_slice(self, cursor: RunCursor) -> None:
        if not math.isinf(self._rate):
            now = time.perf_counter()
            is_seen = self._shown_at >= self._published_at or now - self._published_at > LONGEST_LOOK_S
            if now >= self._due and (is_seen or not self._is_film):  # no picture of a film is left out
                self._due = max(self._due + 1.0 / self._rate, now - 0.1)
                cursor.step(self._grain)
            return
        began, before = time.perf_counter(), cursor.trainer.step_count
        cursor.run(SLICE_S)
        took = time.perf_counter() - began
        speed = (cursor.trainer.step_count - before) / took
        self._speed = speed if not self._speed else 0.95 * self._speed + 0.05 * speed

    def _diverged(self, error: DivergedError) -> None:
        if self._cursor is not None:
            self._cursor.forget()
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        """Training ends by itself."""
        self._stop()
        self._publish()
        self.finished_playing.emit()

    def _stop(self) -> None:
        self._playing, self._speed = False, 0.0
        if self._timer is not None:
            self._timer.stop()

    def _publish(self) -> None:
        """Publish the present state; losses that take long to work out follow, when the window has painted."""
        with self._gate.worker():
            snapshot = self.snapshot(is_quick=True)
            is_exact = self._cursor is None or not self._lacks_scores(self._cursor.trainer)
        if snapshot is None:
            return
        self._post(snapshot)
        if not is_exact and self._score_timer is not None:
            self._score_timer.start()

    @Slot()
    def _score(self) -> None:
        """Work out the present losses on a copy, while nobody has to wait for them, and publish them."""
        with self._gate.worker():
            cursor = self._cursor
            if cursor is None or not self._lacks_scores(cursor.trainer):
                return
            judge, settings, step = _judge_of(cursor.trainer), cursor.trainer.settings, cursor.trainer.step_count
        with calculating():
            scores = judge.scores(settings)
        with self._gate.worker():
            is_same = self._cursor is cursor and cursor.trainer.step_count == step and not self._playing
            snapshot = self.snapshot(is_quick=True) if is_same else None
        if snapshot is not None:
            self._post(replace(snapshot, scores=scores))

    def _lacks_scores(self, trainer: Trainer) -> bool:
        """Tell whether the present losses are neither known nor quick to find."""
        if self._playing or self._is_blind or not self._is_slow(trainer):
            return False
        epochs = trainer.history.epochs
        return not len(epochs) or epochs[-1, 1] != trainer.step_count

    @staticmethod
    def _is_slow(trainer: Trainer) -> bool:
        """Tell whether working out the losses of all samples takes a frame."""
        products = len(trainer.network.parameters) * (len(trainer.samples.X_train) + len(trainer.samples.X_test))
        return products > MOST_PRODUCTS

    def _post(self, snapshot: Snapshot) -> None:
        self._published_at = time.perf_counter()
        with self._mailbox_lock:
            was_empty, self._mailbox = self._mailbox is None, snapshot
        if was_empty:
            self.published.emit()

    def snapshot(self, is_quick: bool = False) -> Snapshot | None:
        """Return the present state; only while the gate is held.

        Parameters
        ----------
        is_quick : bool
            Whether the losses last noted will do, where working them out would take a frame.
        """
        cursor = self._cursor
        if cursor is None:
            return None
        trainer = cursor.trainer
        steps, epochs = self._history(trainer)
        are_known = self._playing or self._is_blind or (is_quick and self._is_slow(trainer))
        scores = Scores(*epochs[-1, 2:]) if are_known and len(epochs) else trainer.scores()
        return Snapshot(
            generation=self._generation,
            step=trainer.step_count,
            epoch=trainer.epoch,
            earliest=trainer.earliest,
            newest=trainer.newest,
            now=cursor.now,
            sample=cursor.sample,
            record=cursor.record,
            scores=scores,
            step_history=steps,
            epoch_history=epochs,
            steps_per_second=self._speed,
        )

    def _history(self, trainer: Trainer) -> tuple[np.ndarray, np.ndarray]:
        now = time.perf_counter()
        if not self._playing or self._histories is None or now - self._history_at > HISTORY_INTERVAL_S:
            self._histories = trainer.history.steps, trainer.history.epochs
            self._history_at = now
        return self._histories


def _judge_of(trainer: Trainer) -> Judge:
    """Return what works out losses, of a copy of the network."""
    own = trainer.network
    network = Network(own.sizes, own.plans, str(own.parameters.dtype))
    network.parameters[:], network.statistics[:] = own.parameters, own.statistics
    return Judge(network, trainer.samples)
