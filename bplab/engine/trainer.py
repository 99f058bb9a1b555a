"""Training: one step, read three ways (whole, phase by phase, many at once), and time travel.

What happens in a step is in `stepper`; here is what a run remembers: its log, its history and its checkpoints.
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
from bplab.engine.history import History
from bplab.engine.judge import Samples
from bplab.engine.record import Phase, StepRecord
from bplab.engine.settings import RunLog, Stretch
from bplab.engine.stepper import NotFiniteError, Stepper
from bplab.engine.timeline import Checkpoint, Timeline
from bplab.errors import BplabError, DivergedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bplab.engine.activations import Array
    from bplab.engine.compiled.steps import Outcome
    from bplab.engine.gradient_check import CheckedPart
    from bplab.engine.metrics import Metrics, Scores
    from bplab.engine.network import Network
    from bplab.engine.settings import Path, Settings

__all__ = ["Samples", "Trainer"]

TAKEOVER = 1000  # steps; shorter runs are over before the compiled code is loaded
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
    scores_epochs : bool
        Whether losses and accuracies over all the data are noted at the ends of epochs, for the history.
    """

    usual_path: ClassVar[Literal["auto", "numpy", "compiled"]] = "auto"

    def __init__(self, network: Network, settings: Settings, samples: Samples, history: History | None = None) -> None:
        self.network = network
        self.settings = settings
        self.history = history or History(len(network.layers))
        self.path = self.usual_path
        self.scores_epochs = True
        self._stepper = Stepper(network, samples, settings.optimizer.name)
        self._log = RunLog([Stretch(0, settings)])
        self.newest = 0
        self.timeline = Timeline(self.checkpoint())
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
        settings = self._log.at(self.step_count).settings if again else self.settings
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
        near = self.timeline.nearest(step)
        if not near.step <= self.step_count <= step:
            self._stepper.restore(near)
        with calculating():
            while self.step_count < step:
                self._again(step)

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
            return self._stepper.record(self._log.at(step - 1))

    def seek_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch of this run, or as far back as can be reached."""
        self._stepper.restore(self.timeline.nearest_epoch(epoch))
        with calculating():
            while self.epoch < epoch and self.step_count < self.newest:
                self._again(self.newest, in_epoch=True)

    @property
    def log(self) -> tuple[Stretch, ...]:
        """How this run was trained, each stretch with the step from which it held."""
        return self._log.stretches

    @property
    def earliest(self) -> int:
        """The first step that `seek` can reach."""
        return self.timeline.first.step

    def restart(self, parameters: Array) -> None:
        """Go back to step 0 with the given initial parameters, shape (n_parameters,), and forget the run."""
        self._stepper.restart(parameters, self.settings.optimizer.name)
        self.newest = 0
        self._log = RunLog([Stretch(0, self.settings)])
        self.history = History(len(self.network.layers))
        self.timeline = Timeline(self.checkpoint())
        self._evaluate()

    def checkpoint(self) -> Checkpoint:
        """Return a copy of everything that training changes."""
        return self._stepper.checkpoint()

    def resume(self, checkpoint: Checkpoint, start: Checkpoint | None = None, log: Sequence[Stretch] = ()) -> None:
        """Go on from a checkpoint of another run.

        Call it after the history has been loaded: nothing is evaluated.

        Parameters
        ----------
        checkpoint : Checkpoint
            Where to go on.
        start : Checkpoint, optional
            That run's earliest state, if it can still be replayed.
        log : sequence of Stretch
            How that run was trained.
        """
        self._stepper.restore(checkpoint)
        self.newest = self.step_count
        self._log = RunLog(list(log) or [Stretch(0, self.settings)])
        self.timeline = Timeline(start or self.checkpoint())
        if start is not None and checkpoint.step > start.step:
            self.timeline.add(self.checkpoint())

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
        """
        with calculating():
            return check_gradients(self._stepper.exact_copy(self._next_stretch()), advance)

    @contextmanager
    def _using(self, settings: Settings) -> Iterator[None]:
        present, self.settings = self.settings, settings
        try:
            yield
        finally:
            self.settings = present

    def _evaluate(self) -> None:
        self.history.add_epoch(self.epoch, self.step_count, self.scores())

    def _fast_steps(self, goal: int) -> None:
        """Do one step, or more on a path that can, but not beyond step `goal`."""
        stretch = self._go_on()
        self._stepper.stop_reason = ""
        if self.step_count < self.newest:
            self._again(min(goal, self.newest))
            return
        steps, strides = goal - self.step_count, self.history.strides(self.step_count, self.epoch)
        strides = strides if self.scores_epochs else (strides[0], 0)
        if stretch.path == "compiled":
            steps = min(steps, self._steps_unbroken())
        try:
            done = self._stepper.advance(stretch, steps, strides)
        except NotFiniteError as error:
            self._note(error.done)
            self._diverged(error.place, stretch)
        if done is None:
            self._remember(None)
        else:
            self._note(done)
            self._keep_checkpoint()

    def _note(self, done: Outcome | None) -> None:
        """Take over what several steps at once left for the history."""
        if done is not None:
            self.newest = self.step_count
            self.history.add_rows(done.step_rows, done.epoch_rows)

    def _steps_unbroken(self) -> int:
        """Return how many steps can be done at once: to the next checkpoint, and while rows are kept as they are."""
        stepper, history = self._stepper, self.history
        to_checkpoint = self.timeline.next_wanted - self.step_count
        per_epoch = -(-len(self.samples.X_train) // self.settings.batch_size)
        in_epochs = stepper.steps_left(self.settings) + (history.epochs_until_thinner(self.epoch) - 1) * per_epoch
        return max(1, min(to_checkpoint, history.steps_until_thinner(self.step_count), in_epochs))

    def _again(self, goal: int, in_epoch: bool = False) -> None:
        """Do steps of the past again, as they were; none beyond `goal`, nor on wish beyond the present epoch."""
        stretch = self._log.at(self.step_count)
        end = self._log.end_of(stretch)
        steps = min(goal, goal if end is None else end) - self.step_count
        self._stepper.advance(stretch, min(steps, self._stepper.steps_left(stretch.settings)) if in_epoch else steps)

    def _recorded_step(self) -> StepRecord:
        stretch = self._go_on()
        self._stepper.stop_reason = ""
        try:
            record = self._stepper.record(stretch)
        except NotFiniteError as error:
            self._diverged(error.place, stretch)
        self._remember(record)
        return record

    def _last_record(self) -> StepRecord:
        """Return the record of the step that was done last, as seen again, and stay after it."""
        reason = self.stop_reason
        record = self.replay(self.step_count)
        self._stepper.stop_reason = reason
        return record

    def _next_stretch(self) -> Stretch:
        """Return what the next step would be done with."""
        if self._repeats():
            return self._log.at(self.step_count)
        trial = RunLog(list(self._log.stretches))
        trial.add(self.step_count, self.settings, self._choose_path())
        return trial.last

    def _repeats(self) -> bool:
        """Tell whether the next step is one of the past that would come out as it was."""
        return self.step_count < self.newest and self._log.same_from(self.step_count, self.settings)

    def _go_on(self) -> Stretch:
        """Before a new step: what lies ahead of a past that is now continued differently is forgotten."""
        if self._repeats():
            return self._log.at(self.step_count)
        path, last = self._choose_path(), self._log.last
        if self.step_count < self.newest:
            self._forget_after(self.step_count)
            self._log.add(self.step_count, self.settings, path)
        elif last.path != path or (last.settings is not self.settings and last.settings != self.settings):
            self._log.add(self.step_count, self.settings, path)
        return self._log.last

    def _choose_path(self) -> Path:
        """Return what does the next step; a run that has gone over to the compiled path stays on it where it can."""
        if self.path == "numpy" or not covers(self.network, self.settings):
            return "numpy"
        dtype = str(self.network.parameters.dtype)
        if self.path == "compiled":
            loader.kernel(dtype, wait=True)
            return "compiled"
        if self._log.last.path == "compiled" and loader.is_installed():
            return "compiled"
        if self.step_count < TAKEOVER or self.step_count % CHECK_EVERY:
            return "numpy"
        return "numpy" if loader.kernel(dtype) is None else "compiled"

    def _forget_after(self, step: int) -> None:
        self.newest = step
        self.history.truncate(step)
        self.timeline.truncate(step)

    def _remember(self, record: StepRecord | None) -> None:
        if self.step_count <= self.newest:
            return
        self.newest = self.step_count
        if self.history.wants_step(self.step_count):
            update = self._stepper.update
            loss, norms = (record.loss, record.gradient_norms()) if record else (update.loss(), update.gradient_norms())
            self.history.add_step(self.step_count, loss, norms)
        if self.cursor == 0 and self.scores_epochs and self.history.wants_epoch(self.epoch):
            self._evaluate()
        self._keep_checkpoint()

    def _keep_checkpoint(self) -> None:
        if self.step_count >= self.timeline.next_wanted:
            self.timeline.add(self.checkpoint())

    def _diverged(self, place: str, stretch: Stretch) -> NoReturn:
        """Go back to the step before the one that failed, and say where it failed."""
        failed = self.step_count + 1
        self._stepper.restore(self.timeline.nearest(self.step_count))
        self.seek(failed - 1)
        with calculating():
            raise DivergedError(failed, place or self._stepper.fault(stretch))
