"""Where "now" is within a run: between two steps, or at an operation, phase or sample of one that was begun.

No threads and no widgets; the training worker moves it forward and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.microscope.now import Now, Operation, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.engine.record import Phase, PhaseKind, StepRecord
    from bplab.engine.trainer import Trainer
    from bplab.qt.snapshot import Grain


class RunCursor:
    """Moves a trainer by operations, phases, samples, batches and epochs.

    Parameters
    ----------
    trainer : Trainer
    record : StepRecord or None
        The step that was done last, if it is known.

    Attributes
    ----------
    sample : int or None
        The row of the batch that is looked at alone, whose backward pass is then known.
    """

    def __init__(self, trainer: Trainer, record: StepRecord | None) -> None:
        self.trainer = trainer
        self.record = record
        self.sample: int | None = None
        self._phases: Iterator[Phase] = iter(())
        self._seen: list[Phase] = []
        self._place = -1
        self._operation: int | None = None  # its place within the phase; None: the phase is done

    @property
    def now(self) -> Now:
        """Where within a step "now" is."""
        return Now(self.phase, self.layer, self.operation)

    @property
    def operation(self) -> Operation | None:
        """The operation that is done last of a phase that was begun."""
        return None if self._operation is None else self._operations()[self._operation]

    @property
    def phase(self) -> PhaseKind | None:
        """Where within a step "now" is; None between steps."""
        return self._seen[self._place].kind if self._seen else None

    @property
    def layer(self) -> int | None:
        """The layer that goes forward or backward now, from 1."""
        return self._seen[self._place].layer if self._seen and self.sample is None else None

    def step(self, grain: Grain) -> None:
        """Go one operation, phase, sample, batch or epoch forward."""
        if grain == "operation":
            self._next_operation()
        elif grain == "phase" and self.now.is_amid:  # a phase that was begun is finished, that is this phase
            self._operation = None
        elif grain == "phase":
            self._next_phase()
        elif grain == "sample":
            self._next_sample()
        elif self._is_between_steps:
            self._forget_phases()
            self.record = self.trainer.step()
        else:  # a step that was begun is finished, that is this step
            self._finish()
        while grain == "epoch" and self.trainer.cursor:
            self.record = self.trainer.run(1)

    def step_back(self, grain: Grain) -> None:
        """Go one operation, phase, sample, batch or epoch back."""
        trainer, between = self.trainer, self._is_between_steps
        if grain == "operation":
            self._previous_operation()
        elif grain == "phase":
            self._previous_phase()
        elif grain == "sample":
            self._previous_sample()
        elif grain == "batch":
            self.seek(trainer.step_count - (1 if between else 0))
        else:
            trainer.seek_epoch(trainer.epoch if trainer.cursor or not between else trainer.epoch - 1)
            self.seek(trainer.step_count)

    def seek(self, step: int) -> None:
        """Go to the moment after `step`, with its record, or as near as can be reached."""
        self._forget_phases()
        step = max(self.trainer.earliest, min(step, self.trainer.newest))
        if step == self.trainer.earliest:
            self.trainer.seek(step)
            self.record = None
        else:
            self.record = self.trainer.replay(step)

    def run(self, seconds: float) -> None:
        """Train as fast as it goes, for so long."""
        if not self._is_between_steps:
            self._finish()
        self._forget_phases()
        self.record = self.trainer.run(1_000_000, seconds)

    def begin_again(self) -> None:
        """Show the phase of a step that was begun as it is now, with other settings."""
        place, sample, between, operation = self._place, self.sample, self._is_between_steps, self._operation
        self._forget_phases()
        if not between:
            self._see(place + 1)
            assert self.record is not None
            self.sample = None if sample is None else min(sample, len(self.record.indices) - 1)
            self._operation = operation

    def forget(self) -> None:
        """Forget the step that was begun or done last."""
        self._forget_phases()
        self.record = None

    @property
    def _is_between_steps(self) -> bool:
        return self.phase in (None, "update")

    @property
    def _phases_before_update(self) -> int:
        return 2 * len(self.trainer.network.layers) + 1

    def _operations(self) -> tuple[Operation, ...]:
        phase = self.phase
        return () if phase is None else operations(self.trainer.network.sizes, phase, self.layer)

    def _next_operation(self) -> None:
        """Go to the next operation; after the last one of a phase, to the first one of the next."""
        if self.sample is None and self._operation is not None and self._operation + 1 < len(self._operations()):
            self._operation += 1
        else:
            self._next_phase()
            self._operation = 0 if self._operations() else None

    def _previous_operation(self) -> None:
        """Go to the operation before; before the first one of a phase, to the last one of the phase before."""
        count = len(self._operations())
        if self.sample is not None or not count:
            place = -1
        else:
            place = (count - 1 if self._operation is None else self._operation) - 1
        if place >= 0:
            self._operation = place
            return
        self._previous_phase()
        self._operation = len(self._operations()) - 1 if self._operations() else None

    def _next_phase(self) -> None:
        self.sample = self._operation = None
        if self._is_between_steps:
            self._see(1)
            return
        self._place += 1
        if self._place == len(self._seen):
            self._seen.append(next(self._phases))
        self.record = self._seen[self._place].record

    def _next_sample(self) -> None:
        """Go to the next sample of the batch; after the last one, to the update."""
        self._operation = None
        if self._is_between_steps:
            self._see(self._phases_before_update)
            self.sample = 0
        elif self.sample is None:
            while self._place < self._phases_before_update - 1:
                self._next_phase()
            self.sample = 0
        elif self.record is not None and self.sample + 1 < len(self.record.indices):
            self.sample += 1
        else:
            self._next_phase()

    def _previous_phase(self) -> None:
        self.sample = self._operation = None
        if self._is_between_steps:
            self._see_last_step_again()
        elif self._place > 0:
            self._place -= 1
        else:
            self.seek(self.trainer.step_count)

    def _previous_sample(self) -> None:
        self._operation = None
        if self.sample:
            self.sample -= 1
        elif not self._is_between_steps:
            self.seek(self.trainer.step_count)
        elif self._see_last_step_again() and self.record is not None:
            self.sample = len(self.record.indices) - 1

    def _see_last_step_again(self) -> bool:
        """Go back to just before the last update; False if there is none."""
        if self.trainer.step_count <= self.trainer.earliest:
            return False
        self.trainer.seek(self.trainer.step_count - 1)
        self._see(self._phases_before_update, again=True)
        return True

    def _see(self, count: int, again: bool = False) -> None:
        """Begin the next step, or one of the past again, and go to phase number `count`."""
        self._phases = self.trainer.phases(again)
        self._seen = [next(self._phases) for _ in range(count)]
        self._place, self.record, self.sample, self._operation = count - 1, self._seen[-1].record, None, None

    def _finish(self) -> None:
        self._seen.extend(self._phases)
        self.record = self._seen[-1].record
        self._forget_phases()

    def _forget_phases(self) -> None:
        self._phases, self._seen, self._place, self.sample, self._operation = iter(()), [], -1, None, None
