"""Training: one step, read three ways (whole, phase by phase, many at once), and time travel.

Nothing here depends on the clock or on the machine's number of cores: the order of the samples follows from the seed
and the epoch, and BLAS is held to one thread, so that equal settings give equal bits.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from bplab.engine.history import History
from bplab.engine.metrics import Scores, accuracy
from bplab.engine.record import Phase, StepRecord
from bplab.engine.step import Step
from bplab.engine.timeline import Checkpoint, Timeline
from bplab.errors import BplabError, DivergedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings


class Samples(NamedTuple):
    """Training and test data, rows are samples; the test arrays may have no rows."""

    X_train: Array
    Y_train: Array
    X_test: Array
    Y_test: Array
    classes: bool


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager[object]:
    """Hold BLAS to one thread: for small products it is faster, and results do not depend on the machine."""
    limiter: AbstractContextManager[object] = _blas().limit(limits=1, user_api="blas")
    return limiter


class Trainer:
    """Trains a network in place.

    Parameters
    ----------
    network : Network
        The network; its parameters always show the present state.
    settings : Settings
        May be replaced at any time by assigning ``trainer.settings``; it takes effect at the next step.
    samples : Samples
        The data; at least one training row.
    history : History, optional
        To go on with the history of an earlier run.
    """

    def __init__(self, network: Network, settings: Settings, samples: Samples, history: History | None = None) -> None:
        self.network = network
        self.samples = samples
        self.history = history or History(len(network.layers))
        self._step = Step(network, settings)
        self._log: list[tuple[int, Settings]] = [(0, settings)]
        self._order: tuple[tuple[int, int], np.ndarray] | None = None
        self.step_count = self.epoch = self.cursor = self.newest = 0
        self.timeline = Timeline(self.checkpoint())
        if not len(self.history.epochs):
            self._evaluate()

    @property
    def settings(self) -> Settings:
        """What the next step will use."""
        return self._step.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self._step.settings = settings

    def step(self) -> StepRecord:
        """Do one step and return all that happened in it.

        Raises
        ------
        DivergedError
            If a value is not finite; the network is then as it was before the step.
        """
        with one_blas_thread(), np.errstate(all="ignore"):
            return self._recorded_step()

    def phases(self, again: bool = False) -> Iterator[Phase]:
        """Do one step phase by phase; the parameters change just before the last phase, "update", is yielded.

        A step whose phases are not all asked for leaves the network unchanged. The whole step uses the settings that
        held at its first phase.

        Parameters
        ----------
        again : bool
            Show a step of the past as it was, with the settings of its time.
        """
        settings = self._logged(self.step_count) if again else self.settings
        with self._keeping_settings():
            self._step.settings = settings
            record = self.preview()
        layers = range(1, len(self.network.layers) + 1)
        yield from (Phase("forward", layer, record) for layer in layers)
        yield Phase("loss", None, record)
        yield from (Phase("backward", layer, record) for layer in reversed(layers))
        with self._keeping_settings():
            self._step.settings = settings
            record = self.replay(self.step_count + 1) if again else self.step()
        yield Phase("update", None, record)

    def run(self, steps: int, seconds: float = math.inf) -> StepRecord | None:
        """Do `steps` steps, or as many as fit into `seconds`, and return the last one; None for no steps.

        Raises
        ------
        DivergedError
            If a value is not finite; the network is then in its last finite state.
        """
        deadline = time.perf_counter() + seconds
        with one_blas_thread(), np.errstate(all="ignore"):
            for _ in range(steps - 1):
                self._fast_step()
                if time.perf_counter() >= deadline:
                    break
            return self._recorded_step() if steps > 0 else None

    def preview(self) -> StepRecord:
        """Return the record of the next step without doing it."""
        before = self.checkpoint()
        with one_blas_thread(), np.errstate(all="ignore"):
            self._begin()
            record = self._step.record(*self._position_after())
        self._restore(before)
        return record

    def seek(self, step: int) -> None:
        """Go to any step of this run between `earliest` and `newest`, to the same bits.

        Raises
        ------
        BplabError
            If the run has no such step.
        """
        if not self.earliest <= step <= self.newest:
            raise BplabError(
                f"Step {step} cannot be reached.", f"This run can go to steps {self.earliest} to {self.newest}."
            )
        near = self.timeline.nearest(step)
        if not near.step <= self.step_count <= step:
            self._restore(near)
        with self._keeping_settings(), one_blas_thread(), np.errstate(all="ignore"):
            while self.step_count < step:
                self._step.settings = self._logged(self.step_count)
                self._advance()

    def replay(self, step: int) -> StepRecord:
        """Go to a step of this run, as `seek` does, and return its record, made with the settings that it used.

        Raises
        ------
        BplabError
            If the run has no such step, or nothing before it to start from.
        """
        if not self.earliest < step <= self.newest:
            raise BplabError(
                f"Step {step} cannot be shown again.",
                f"This run can show the steps after {self.earliest}, up to {self.newest}.",
            )
        self.seek(step - 1)
        with self._keeping_settings(), one_blas_thread(), np.errstate(all="ignore"):
            self._step.settings = self._logged(step - 1)
            return self._advance_recorded()

    def seek_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch of this run, or as far back as can be reached."""
        self._restore(self.timeline.nearest_epoch(epoch))
        with self._keeping_settings(), one_blas_thread(), np.errstate(all="ignore"):
            while self.epoch < epoch and self.step_count < self.newest:
                self._step.settings = self._logged(self.step_count)
                self._advance()

    @property
    def log(self) -> tuple[tuple[int, Settings], ...]:
        """The settings of this run, each with the step from which they held."""
        return tuple(self._log)

    @property
    def earliest(self) -> int:
        """The first step that `seek` can reach."""
        return self.timeline.first.step

    def restart(self, parameters: Array) -> None:
        """Go back to step 0 with the given initial parameters, shape (n_parameters,), and forget the run."""
        self.network.parameters[:] = parameters
        self._step.forget()
        self.step_count = self.epoch = self.cursor = self.newest = 0
        self._log = [(0, self.settings)]
        self.history = History(len(self.network.layers))
        self.timeline = Timeline(self.checkpoint())
        self._evaluate()

    def checkpoint(self) -> Checkpoint:
        """Return a copy of everything that training changes."""
        step = self._step
        parameters, slots = self.network.parameters.copy(), step.slots.copy()
        return Checkpoint(self.step_count, self.epoch, self.cursor, step.updates, step.slots_of, parameters, slots)

    def resume(
        self, checkpoint: Checkpoint, start: Checkpoint | None = None, log: Sequence[tuple[int, Settings]] = ()
    ) -> None:
        """Go on from a checkpoint of another run.

        Call it after the history has been loaded: nothing is evaluated.

        Parameters
        ----------
        checkpoint : Checkpoint
            Where to go on.
        start : Checkpoint, optional
            That run's earliest state, if it can still be replayed.
        log : sequence of (int, Settings)
            That run's settings, each with the step from which they held.
        """
        self._restore(checkpoint)
        self.newest = self.step_count
        self._log = list(log) or [(0, self.settings)]
        self.timeline = Timeline(start or self.checkpoint())
        if start is not None and checkpoint.step > start.step:
            self.timeline.add(self.checkpoint())

    def scores(self) -> Scores:
        """Return mean loss and accuracy over the whole training and test data, as the network is now."""
        s = self.samples
        with one_blas_thread(), np.errstate(all="ignore"):
            train, test = self._score(s.X_train, s.Y_train), self._score(s.X_test, s.Y_test)
        return Scores(train[0], test[0], train[1], test[1])

    @contextmanager
    def _keeping_settings(self) -> Iterator[None]:
        present = self.settings
        try:
            yield
        finally:
            self._step.settings = present

    def _score(self, X: Array, Y: Array) -> tuple[float, float]:
        if not len(X):
            return math.nan, math.nan
        z, a = self.network.forward(X)[-1]
        shares = self._step.shares(z, a, Y)
        return float(shares.sum() / len(Y)), accuracy(a, Y) if self.samples.classes else math.nan

    def _evaluate(self) -> None:
        self.history.add_epoch(self.epoch, self.step_count, self.scores())

    def _fast_step(self) -> None:
        self._go_on()
        self._advance()
        self._remember(None)

    def _recorded_step(self) -> StepRecord:
        self._go_on()
        record = self._advance_recorded()
        self._remember(record)
        return record

    def _advance_recorded(self) -> StepRecord:
        self._begin()
        record = self._step.record(*self._position_after())
        self._end()
        return record

    def _advance(self) -> None:
        self._begin()
        self._step.update()
        self._end()

    def _begin(self) -> None:
        """Forward and backward pass of the next batch."""
        order = self._permutation()
        indices = order[self.cursor : self.cursor + self.settings.batch_size]
        self._step.forward_backward(self.samples.X_train, self.samples.Y_train, indices)

    def _end(self) -> None:
        if not self._step.is_finite():
            self._diverged()
        self.step_count, self.epoch, self.cursor = self._position_after(cursor=True)

    def _position_after(self, cursor: bool = False) -> tuple[int, ...]:
        """Counters after the step that is being done: step, epoch and, on wish, cursor."""
        used, size = self.cursor + len(self._step.indices), len(self.samples.X_train)
        after = (self.step_count + 1, self.epoch + used // size, used % size)
        return after if cursor else after[:2]

    def _permutation(self) -> np.ndarray:
        key = (self.settings.seed, self.epoch)
        if self._order is None or self._order[0] != key:
            rng = np.random.default_rng([*key, 1])
            self._order = key, rng.permutation(len(self.samples.X_train))
        return self._order[1]

    def _go_on(self) -> None:
        """Before a new step: what lies ahead of a past that is now continued differently is forgotten."""
        if self._log[-1][1] is not self.settings or self.step_count < self.newest:
            ahead = [self._logged(self.step_count), *(s for at, s in self._log if at > self.step_count)]
            if any(s != self.settings for s in ahead):
                self._forget_after(self.step_count)
                self._log.append((self.step_count, self.settings))

    def _forget_after(self, step: int) -> None:
        self.newest = step
        self._log = [entry for entry in self._log if entry[0] < step]
        self.history.truncate(step)
        self.timeline.truncate(step)

    def _logged(self, step: int) -> Settings:
        """Return the settings that the step after `step` used."""
        return next(s for at, s in reversed(self._log) if at <= step)

    def _remember(self, record: StepRecord | None) -> None:
        if self.step_count <= self.newest:
            return
        self.newest = self.step_count
        if self.history.wants_step(self.step_count):
            loss = record.loss if record else self._step.loss()
            self.history.add_step(self.step_count, loss, self._step.gradient_norms())
        if self.cursor == 0 and self.history.wants_epoch(self.epoch):
            self._evaluate()
        if self.timeline.wants(self.step_count):
            self.timeline.add(self.checkpoint())

    def _diverged(self) -> None:
        """Find where the first non-finite value arose, go back to the step before, and say so."""
        failed = self.step_count + 1
        place = self._step.fault()
        self._restore(self.timeline.nearest(self.step_count))
        self.seek(failed - 1)
        raise DivergedError(failed, place)

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.network.parameters[:] = checkpoint.parameters
        self._step.restore(checkpoint.optimizer, checkpoint.slots, checkpoint.updates)
        self.step_count, self.epoch, self.cursor = checkpoint.step, checkpoint.epoch, checkpoint.cursor
