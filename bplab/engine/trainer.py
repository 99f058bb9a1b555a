"""Training: one step, read three ways (whole, phase by phase, many at once), and time travel.

What happens in a step is in `stepper`, what a run remembers in `memory`.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Literal, NoReturn

from bplab.engine.blas import calculating
from bplab.engine.compiled import loader
from bplab.engine.compiled.steps import covers
from bplab.engine.gradient_check import check_gradients
from bplab.engine.judge import Samples
from bplab.engine.memory import Memory
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.record import Phase, StepRecord
from bplab.engine.settings import RunLog, Stretch
from bplab.engine.stepper import NotFiniteError, Stepper
from bplab.engine.timeline import Timeline
from bplab.errors import BplabError, DivergedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bplab.engine.activations import Array
    from bplab.engine.gradient_check import CheckedPart
    from bplab.engine.history import History
    from bplab.engine.metrics import Metrics, Scores
    from bplab.engine.network import Network
    from bplab.engine.settings import Path, Settings
    from bplab.engine.timeline import Checkpoint

__all__ = ["Samples", "Trainer"]

TAKEOVER = 20_000  # steps; shorter runs take a second or two, and are numpy's alone, to the same bits everywhere
_GO_BACK = "Go back to a step at which it was, or reset."
CHECK_EVERY = 64  # steps


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

    Attributes
    ----------
    path : {"auto", "numpy", "compiled"}
        What does the steps. "auto" begins with numpy and goes over to the compiled path when that pays and is ready.
    """

    usual_path: ClassVar[Literal["auto", "numpy", "compiled"]] = "auto"

    def __init__(self, network: Network, settings: Settings, samples: Samples, history: History | None = None) -> None:
        self.network = network
        self.settings = settings
        self.path = self.usual_path
        self._stepper = Stepper(network, samples, settings.optimizer.name)
        self._memory = Memory(self._stepper, settings, history)
        if not len(self.history.epochs):
            self._evaluate()

    @property
    def samples(self) -> Samples:
        """The data, in the network's type."""
        return self._stepper.judge.samples

    @property
    def step_count(self) -> int:
        """Updates done."""
        return self._stepper.step

    @property
    def epoch(self) -> int:
        """Whole passes over the training data done."""
        return self._stepper.epoch

    @property
    def cursor(self) -> int:
        """Samples of the present epoch that were used."""
        return self._stepper.cursor

    @property
    def updates(self) -> int:
        """Updates since the optimizer's slots were empty."""
        return self._stepper.update.updates

    @property
    def learning_rate(self) -> float:
        """The rate of the next step, as the schedule has it."""
        return self._stepper.rate(self._next_stretch())

    @property
    def stop_reason(self) -> str:
        """Why training should stop here, or nothing."""
        return self._stepper.stop_reason

    def step(self) -> StepRecord:
        """Do one step and return all that happened in it.

        Raises
        ------
        DivergedError
            If a value is not finite; the network is then as it was before the step.
        """
        with calculating():
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
        settings = self._memory.log.at(self.step_count).settings if again else self.settings
        with self._using(settings):
            record = self.preview()
        layers = range(1, len(self.network.layers) + 1)
        yield from (Phase("forward", layer, record) for layer in layers)
        yield Phase("loss", None, record)
        yield from (Phase("backward", layer, record) for layer in reversed(layers))
        with self._using(settings):
            record = self.replay(self.step_count + 1) if again else self.step()
        yield Phase("update", None, record)

    def run(self, steps: int, seconds: float = math.inf) -> StepRecord | None:
        """Do `steps` steps, or as many as fit into `seconds`, or until a stop condition is met.

        Returns
        -------
        StepRecord or None
            The last step; None for no steps.

        Raises
        ------
        DivergedError
            If a value is not finite; the network is then in its last finite state.
        """
        deadline, goal = time.perf_counter() + seconds, self.step_count + steps
        if self.path == "auto" and goal > TAKEOVER and covers(self.network, self.settings):
            loader.begin(str(self.network.parameters.dtype))
        with calculating():
            while self.step_count < goal - 1:
                self._fast_steps(goal - 1)
                if self.stop_reason or time.perf_counter() >= deadline:
                    return self._last_record() if self.stop_reason else self._recorded_step()
            return self._recorded_step() if steps > 0 else None

    def preview(self) -> StepRecord:
        """Return the record of the next step without doing it."""
        with calculating():
            return self._stepper.preview(self._next_stretch())

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
        with calculating():
            self._memory.seek(step)

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
        with calculating():
            return self._stepper.record(self._memory.log.at(step - 1))

    def seek_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch of this run, or as far back as can be reached."""
        with calculating():
            self._memory.seek_epoch(epoch)

    @property
    def history(self) -> History:
        """What is remembered of losses and gradients."""
        return self._memory.history

    @property
    def timeline(self) -> Timeline:
        """The checkpoints that `seek` starts from."""
        return self._memory.timeline

    @property
    def newest(self) -> int:
        """The last step that was done, which `seek` can reach."""
        return self._memory.newest

    @property
    def scores_epochs(self) -> bool:
        """Whether losses and accuracies over all the data are noted, for the history, at the ends of epochs."""
        return self._memory.scores_epochs

    @scores_epochs.setter
    def scores_epochs(self, wanted: bool) -> None:
        self._memory.scores_epochs = wanted

    @property
    def log(self) -> tuple[Stretch, ...]:
        """How this run was trained, each stretch with the step from which it held."""
        return self._memory.log.stretches

    @property
    def slots(self) -> dict[str, Array]:
        """What the optimizer remembers, by its name: views of shape (n_parameters,)."""
        update = self._stepper.update
        return dict(zip(OPTIMIZERS[update.slots_of].slots, update.slots, strict=True))

    @property
    def earliest(self) -> int:
        """The first step that `seek` can reach."""
        return self.timeline.first.step

    def restart(self, parameters: Array) -> None:
        """Go back to step 0 with the given initial parameters, shape (n_parameters,), and forget the run."""
        self._stepper.restart(parameters, self.settings.optimizer.name)
        scores_epochs = self.scores_epochs
        self._memory = Memory(self._stepper, self.settings)
        self.scores_epochs = scores_epochs
        self._evaluate()

    def checkpoint(self) -> Checkpoint:
        """Return a copy of everything that training changes."""
        return self._stepper.checkpoint()

    def resume(
        self,
        checkpoint: Checkpoint,
        start: Checkpoint | None = None,
        log: Sequence[Stretch] = (),
        history: History | None = None,
        newest: int = 0,
    ) -> None:
        """Go on from a checkpoint of another run.

        Parameters
        ----------
        checkpoint : Checkpoint
            Where to go on.
        start : Checkpoint, optional
            That run's earliest state, if it can still be replayed.
        log : sequence of Stretch
            How that run was trained.
        history : History, optional
            Its history; default: the present one.
        newest : int
            Its last step, if the checkpoint is of an earlier one.
        """
        self._stepper.restore(checkpoint)
        self._memory = Memory(self._stepper, self.settings, history or self.history)
        self._memory.log = RunLog(list(log) or [Stretch(0, self.settings)])
        self._memory.newest = max(newest, checkpoint.step)
        if start is not None and checkpoint.step > start.step:
            self._memory.timeline = Timeline(start)
            self._memory.timeline.add(checkpoint)

    def scores(self) -> Scores:
        """Return mean loss and accuracy over the whole training and test data, as the network is now."""
        with calculating():
            return self._stepper.judge.scores(self.settings)

    def metrics(self) -> tuple[Metrics | None, Metrics | None]:
        """Return the metrics of the training and of the test data, as the network is now; None for no samples."""
        with calculating():
            return self._stepper.judge.metrics(self.settings)

    def check_gradients(self, advance: Callable[[int], object] = lambda _: None) -> tuple[CheckedPart, ...]:
        """Check backpropagation by central differences, for every parameter, on the batch of the next step.

        It is done in float64 on a copy; dropout switches off what the step would.

        Parameters
        ----------
        advance : callable
            Is told how many parameters were done.

        Raises
        ------
        BplabError
            If the loss is not finite, so that there is nothing to compare.
        """
        with calculating():
            passes = self._stepper.exact_copy(self._next_stretch())
            passes.forward()
            if not math.isfinite(passes.loss()):
                raise BplabError("The loss of the next step is not finite: there is nothing to compare.", _GO_BACK)
            return check_gradients(passes, advance)

    @contextmanager
    def _using(self, settings: Settings) -> Iterator[None]:
        present, self.settings = self.settings, settings
        try:
            yield
        finally:
            self.settings = present

    def _evaluate(self) -> None:
        with calculating():
            self._memory.evaluate(self.settings)

    def _fast_steps(self, goal: int) -> None:
        """Do one step, or more on a path that can, but not beyond step `goal`."""
        memory = self._memory
        if memory.repeats(self.settings):
            memory.again(min(goal, self.newest))
            return
        stretch, steps = self._go_on(), goal - self.step_count
        if stretch.path == "compiled":
            steps = min(steps, memory.steps_unbroken(self.settings))
        try:
            done = self._stepper.advance(stretch, steps, memory.strides())
        except NotFiniteError as error:
            memory.note(error.done)
            self._diverged(error.place, stretch)
        memory.note(done)
        memory.note_step(self.settings, None)

    def _recorded_step(self) -> StepRecord:
        stretch = self._next_stretch() if self._memory.repeats(self.settings) else self._go_on()
        try:
            record = self._stepper.record(stretch)
        except NotFiniteError as error:
            self._diverged(error.place, stretch)
        self._memory.note_step(self.settings, record)
        return record

    def _last_record(self) -> StepRecord:
        """Return the record of the step that was done last, as seen again, and stay after it."""
        return self.replay(self.step_count)

    def _next_stretch(self) -> Stretch:
        """Return what the next step would be done with."""
        log = self._memory.log
        if self._memory.repeats(self.settings):
            return log.at(self.step_count)
        trial = RunLog(list(log.stretches))
        trial.add(self.step_count, self.settings, self._choose_path())
        return trial.last

    def _go_on(self) -> Stretch:
        return self._memory.go_on(self.settings, self._choose_path())

    def _choose_path(self) -> Path:
        """Return what does the next step; a run that has gone over to the compiled path stays on it where it can."""
        is_on_it = self._memory.log.last.path == "compiled"
        is_early = self.step_count < TAKEOVER or self.step_count % CHECK_EVERY
        if self.path == "numpy" or (self.path == "auto" and is_early and not is_on_it):
            return "numpy"
        if not covers(self.network, self.settings):
            return "numpy"
        dtype = str(self.network.parameters.dtype)
        if self.path == "compiled":
            loader.kernel(dtype, wait=True)
            return "compiled"
        ready = loader.is_installed() if is_on_it else loader.is_ready(dtype)
        return "compiled" if ready else "numpy"

    def _diverged(self, place: str, stretch: Stretch) -> NoReturn:
        """Go back to the step before the one that failed, and say where it failed."""
        failed = self.step_count + 1
        self._stepper.restore(self.timeline.nearest(self.step_count))
        self.seek(failed - 1)
        with calculating():
            raise DivergedError(failed, place or self._stepper.fault(stretch))
