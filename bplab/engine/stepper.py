"""Moves a network by steps: batches in their order, schedule, update. It knows the present, not the past.

Nothing here depends on the clock or on the machine's number of cores: the order of the samples follows from the seed
and the epoch, so that equal settings give equal bits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine import monitor as watching
from bplab.engine.backprop import Backprop
from bplab.engine.compiled import loader
from bplab.engine.compiled.steps import CompiledSteps, Position, data_of
from bplab.engine.judge import Judge, Samples
from bplab.engine.monitor import Monitor
from bplab.engine.network import Network
from bplab.engine.randomness import permutation
from bplab.engine.record import StepRecord, record_of
from bplab.engine.schedules import factor
from bplab.engine.step import Step
from bplab.engine.timeline import Checkpoint

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.compiled.steps import Outcome
    from bplab.engine.settings import Settings, Stretch

LONGEST_CALL_S = 0.004  # of the compiled code, which cannot be interrupted


class NotFiniteError(Exception):
    """A step ended in a value that is not finite.

    ``place`` says where, if it is known; ``done`` holds what the steps before it left for the history.
    """

    def __init__(self, place: str, done: Outcome | None = None) -> None:
        super().__init__(place)
        self.place, self.done = place, done


class Stepper:
    """The present state of training: position, parameters, optimizer, monitor."""

    def __init__(self, network: Network, samples: Samples, optimizer: str) -> None:
        self.network, self.judge = network, Judge(network, samples)
        self.update = Step(network, optimizer)
        self.step = self.epoch = self.cursor = 0
        self.monitor = Monitor()
        self.stop_reason = ""
        self._compiled: CompiledSteps | None = None
        self._pace = LONGEST_CALL_S  # seconds a step of the compiled path, as last seen
        self._order: tuple[tuple[int, int], np.ndarray] = ((-1, -1), np.empty(0, dtype=np.intp))

    def advance(self, stretch: Stretch, steps: int = 1, strides: tuple[int, int] = (0, 0)) -> Outcome | None:
        """Do steps as a stretch says: one, or on the compiled path up to `steps`, but none beyond an epoch that counts.

        Returns
        -------
        Outcome or None
            With rows for the history, every so many steps and epochs; None where there are none.

        Raises
        ------
        NotFiniteError
            If a value is not finite; the state is then that of the failed step.
        """
        compiled, self.stop_reason = self._compiled_for(stretch), ""
        if compiled is not None:
            return self._advance_compiled(compiled, stretch, steps, strides)
        self._begin(stretch)
        self.update.update(stretch.settings, self.rate(stretch))
        self._end(stretch)
        return None

    def record(self, stretch: Stretch) -> StepRecord:
        """Do one step, as `advance` does, and return all that happened in it."""
        compiled, self.stop_reason = self._compiled_for(stretch), ""
        if compiled is None:
            record = self._recorded(stretch)
            self._end(stretch)
            return record
        # What is shown of the step is the readable path's; the update is the compiled one's, to the same bits as ever.
        self._begin(stretch)
        passes, indices, before = self.update.passes, self.update.indices.copy(), self.network.parameters.copy()
        rate, counters = self.rate(stretch), self._position_after(len(indices))[:2]
        self._advance_compiled(compiled, stretch, 1, (0, 0))
        return record_of(passes, before, stretch.settings, indices, counters, rate)

    def preview(self, stretch: Stretch) -> StepRecord:
        """Return the record of the step that would follow, finite or not; the state stays as it is."""
        present, reason = self.checkpoint(), self.stop_reason
        record = self._recorded(stretch)
        self.restore(present)
        self.stop_reason = reason
        return record

    def rate(self, stretch: Stretch) -> float:
        """Return the learning rate of the next step."""
        s = stretch.settings
        given = s.optimizer.values["learning_rate"]
        scale = watching.begun(self.monitor, stretch).scale
        return float(given * factor(s.schedule, s.warmup_steps, self.step - stretch.origin) * scale)

    def order(self, settings: Settings) -> np.ndarray:
        """Return the order of the samples in the present epoch, shape (samples,)."""
        key, n = (_order_of(settings), self.epoch), len(self.judge.samples.X_train)
        if self._order[0] != key:
            self._order = key, permutation(settings.seed, self.epoch, n) if settings.shuffle else np.arange(n)
        return self._order[1]

    def restart(self, parameters: Array, optimizer: str) -> None:
        """Go back to step 0 with the given parameters, shape (n_parameters,)."""
        self.network.parameters[:] = parameters
        self.network.reset_statistics()
        self.update.choose(optimizer, anew=True)
        self.step = self.epoch = self.cursor = 0
        self.monitor, self.stop_reason = Monitor(), ""

    def checkpoint(self) -> Checkpoint:
        """Return a copy of everything that training changes."""
        update, network = self.update, self.network
        vectors = network.parameters.copy(), update.slots.copy(), network.statistics.copy()
        return Checkpoint(self.step, self.epoch, self.cursor, update.updates, update.slots_of, *vectors, self.monitor)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to a checkpoint."""
        self.network.parameters[:] = checkpoint.parameters
        self.network.statistics[:] = checkpoint.statistics
        self.update.restore(checkpoint.optimizer, checkpoint.slots, checkpoint.updates)
        self.step, self.epoch, self.cursor = checkpoint.step, checkpoint.epoch, checkpoint.cursor
        self.monitor, self.stop_reason = checkpoint.monitor, ""

    def exact_copy(self, stretch: Stretch) -> Backprop:
        """Return the passes of a copy of the network, in float64, with the batch of the next step."""
        s, own = stretch.settings, self.network
        network = Network(own.sizes, own.plans)
        network.parameters[:] = own.parameters
        indices = self.order(s)[self.cursor : self.cursor + s.batch_size]
        passes = Backprop(network, s.loss, len(indices))
        weights = self.judge.weights(s.class_weights)[0]
        rows = self.judge.samples.X_train.astype(np.float64), self.judge.samples.Y_train.astype(np.float64)
        passes.load(*rows, indices, None if weights is None else weights.astype(np.float64))
        passes.draw_masks(s.seed, self.step)
        return passes

    def fault(self, stretch: Stretch) -> str:
        """Name the place of the next step, on the readable path, that is not finite."""
        present = self.checkpoint()
        self._begin(stretch)
        self.update.update(stretch.settings, self.rate(stretch))
        place = self.update.fault()
        self.restore(present)
        return place

    def _compiled_for(self, stretch: Stretch) -> CompiledSteps | None:
        if stretch.path != "compiled" or not loader.is_installed():
            return None
        if self._compiled is None:
            run = loader.kernel(str(self.network.parameters.dtype), wait=True)
            assert run is not None
            self._compiled = CompiledSteps(run, self.network)
        return self._compiled

    def _advance_compiled(
        self, compiled: CompiledSteps, stretch: Stretch, steps: int, strides: tuple[int, int]
    ) -> Outcome:
        s, began = stretch.settings, time.perf_counter()
        watched = watching.watches(s) or s.stop_epochs is not None
        if watched:
            steps = min(steps, self.steps_left(s))
        steps = max(1, min(steps, int(LONGEST_CALL_S / self._pace)))
        self.update.choose(s.optimizer.name)
        position, order = Position(self.step, self.epoch, self.cursor, self.update.updates), self.order(s)
        rates = self._rates(stretch, steps)
        out = compiled.advance(s, data_of(self.judge, s), self.update, position, order, rates, strides)
        self.step, self.epoch, self.cursor, self.update.updates = out.position
        self._order = (_order_of(s), self.epoch), order
        done = max(1, self.step - position.step)
        self._pace = max(1e-8, (time.perf_counter() - began) / done)
        if out.broken:
            raise NotFiniteError("", out)
        self.monitor = watching.begun(self.monitor, stretch)
        if watched and self.cursor == 0:
            self.end_epoch(s)
        return out

    def _rates(self, stretch: Stretch, steps: int) -> Array:
        """Return the learning rates of the next steps, shape (steps,)."""
        s = stretch.settings
        if s.schedule.name == "constant" and self.step - stretch.origin >= s.warmup_steps:
            return np.full(steps, self.rate(stretch))
        scale = watching.begun(self.monitor, stretch).scale
        given, first = s.optimizer.values["learning_rate"], self.step - stretch.origin
        return np.array([given * factor(s.schedule, s.warmup_steps, first + i) * scale for i in range(steps)])

    def steps_left(self, settings: Settings) -> int:
        """Return how many steps there are to the end of the present epoch."""
        return -(-(len(self.judge.samples.X_train) - self.cursor) // settings.batch_size)

    def _begin(self, stretch: Stretch) -> None:
        """Forward and backward pass of the next batch."""
        s = stretch.settings
        indices = self.order(s)[self.cursor : self.cursor + s.batch_size]
        rows = self.judge.samples.X_train, self.judge.samples.Y_train, self.judge.weights(s.class_weights)[0]
        self.update.forward_backward(s, rows, indices, self.step)

    def _recorded(self, stretch: Stretch) -> StepRecord:
        self._begin(stretch)
        before, rate = self.network.parameters.copy(), self.rate(stretch)
        self.update.update(stretch.settings, rate)
        indices, counters = self.update.indices, self._position_after(len(self.update.indices))[:2]
        return record_of(self.update.passes, before, stretch.settings, indices, counters, rate)

    def _end(self, stretch: Stretch) -> None:
        if not self.update.is_finite():
            raise NotFiniteError(self.update.fault())
        self.monitor = watching.begun(self.monitor, stretch)
        self.step, self.epoch, self.cursor = self._position_after(len(self.update.indices))
        if self.cursor == 0:
            self.end_epoch(stretch.settings)

    def end_epoch(self, settings: Settings) -> None:
        """Look at the losses, where something depends on them."""
        if watching.watches(settings):
            self.monitor = watching.after_epoch(self.monitor, settings, self.judge.scores(settings))
        self.monitor, self.stop_reason = watching.stop(self.monitor, settings, self.epoch)

    def _position_after(self, used: int) -> tuple[int, int, int]:
        """Return step, epoch and cursor after a step with so many samples."""
        used, size = self.cursor + used, len(self.judge.samples.X_train)
        return self.step + 1, self.epoch + used // size, used % size


def _order_of(settings: Settings) -> int:
    """Return what the order of the samples follows from: the seed, or -1 where they are not shuffled."""
    return settings.seed if settings.shuffle else -1
