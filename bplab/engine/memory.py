"""What a run remembers: its log, its history and its checkpoints; and going back to any step of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.engine.history import History
from bplab.engine.settings import RunLog, Stretch
from bplab.engine.timeline import Timeline

if TYPE_CHECKING:
    from bplab.engine.compiled.steps import Outcome
    from bplab.engine.record import StepRecord
    from bplab.engine.settings import Path, Settings
    from bplab.engine.stepper import Stepper


class Memory:
    """The past of one run.

    Parameters
    ----------
    stepper : Stepper
        The present; going back changes it.
    settings : Settings
        Those of the first step.
    history : History, optional
        To go on with the history of an earlier run.

    Attributes
    ----------
    newest : int
        The last step that was done; the present may be before it.
    scores_epochs : bool
        Whether losses and accuracies over all the data are noted at the ends of epochs.
    """

    def __init__(self, stepper: Stepper, settings: Settings, history: History | None = None) -> None:
        self._stepper = stepper
        self.history = history or History(len(stepper.network.layers))
        self.log = RunLog([Stretch(stepper.step, settings)])
        self.timeline = Timeline(stepper.checkpoint())
        self.newest = stepper.step
        self.scores_epochs = True

    def repeats(self, settings: Settings) -> bool:
        """Tell whether the next step is one of the past that would come out as it was."""
        return self._stepper.step < self.newest and self.log.same_from(self._stepper.step, settings)

    def go_on(self, settings: Settings, path: Path) -> Stretch:
        """Return what a new step is done with; a future that is now another one is forgotten."""
        last, step = self.log.last, self._stepper.step
        if step < self.newest:
            self.newest = step
            self.history.truncate(step)
            self.timeline.truncate(step)
            self.log.add(step, settings, path)
        elif last.path != path or (last.settings is not settings and last.settings != settings):
            self.log.add(step, settings, path)
        return self.log.last

    def strides(self) -> tuple[int, int]:
        """Return how many steps, and epochs, apart rows of the history are wanted."""
        steps, epochs = self.history.strides(self._stepper.step, self._stepper.epoch)
        return steps, epochs if self.scores_epochs else 0

    def steps_unbroken(self, settings: Settings) -> int:
        """Return how many steps can be done at once: to the next checkpoint, and while rows are kept as they are."""
        stepper, history = self._stepper, self.history
        per_epoch = -(-len(stepper.judge.samples.X_train) // settings.batch_size)
        in_epochs = stepper.steps_left(settings) + (history.epochs_until_thinner(stepper.epoch) - 1) * per_epoch
        in_steps = min(self.timeline.next_wanted - stepper.step, history.steps_until_thinner(stepper.step))
        return max(1, min(in_steps, in_epochs))

    def note(self, done: Outcome | None) -> None:
        """Remember several steps that were done at once."""
        if done is not None:
            self.newest = self._stepper.step
            self.history.add_rows(done.step_rows, done.epoch_rows)
            self._keep_checkpoint()

    def note_step(self, settings: Settings, record: StepRecord | None) -> None:
        """Remember a step that was done; its record saves reckoning some things again."""
        stepper = self._stepper
        if stepper.step <= self.newest:
            return
        self.newest = stepper.step
        if self.history.wants_step(stepper.step):
            seen = record or stepper.update
            loss = record.loss if record else stepper.update.loss()
            self.history.add_step(stepper.step, loss, seen.gradient_norms())
        if stepper.cursor == 0 and self.scores_epochs and self.history.wants_epoch(stepper.epoch):
            self.evaluate(settings)
        self._keep_checkpoint()

    def evaluate(self, settings: Settings) -> None:
        """Note losses and accuracies over all the data."""
        stepper = self._stepper
        self.history.add_epoch(stepper.epoch, stepper.step, stepper.judge.scores(settings))

    def seek(self, step: int) -> None:
        """Go to any step from the first checkpoint to `newest`, to the same bits."""
        near = self.timeline.nearest(step)
        if not near.step <= self._stepper.step <= step:
            self._stepper.restore(near)
        while self._stepper.step < step:
            self.again(step)

    def seek_epoch(self, epoch: int) -> None:
        """Go to the beginning of an epoch, or as far back as can be reached."""
        self._stepper.restore(self.timeline.nearest_epoch(epoch))
        while self._stepper.epoch < epoch and self._stepper.step < self.newest:
            left = self._stepper.steps_left(self.log.at(self._stepper.step).settings)
            self.again(min(self.newest, self._stepper.step + left))

    def again(self, goal: int) -> None:
        """Do steps of the past again, as they were; none beyond `goal`."""
        stretch = self.log.at(self._stepper.step)
        end = self.log.end_of(stretch)
        self._stepper.advance(stretch, min(goal, goal if end is None else end) - self._stepper.step)

    def _keep_checkpoint(self) -> None:
        if self._stepper.step >= self.timeline.next_wanted:
            self.timeline.add(self._stepper.checkpoint())
