"""What the worker hands to the window: one frozen value that says everything about a moment of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

    from bplab.engine.metrics import Scores
    from bplab.engine.record import PhaseKind, StepRecord
    from bplab.microscope.now import Now

Grain = Literal["operation", "phase", "sample", "batch", "epoch"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A moment of a run.

    Attributes
    ----------
    generation : int
        Counts designs: a snapshot of another generation does not fit the network any more.
    step, epoch : int
        Updates done, whole passes done.
    earliest, newest : int
        Steps that can be reached by going back and forward.
    now : Now
        Where within a step it is.
    sample : int or None
        The row of the batch at which "now" is, while going from sample to sample.
    record : StepRecord or None
        The step that was done last, or that is being done; None before the first.
    scores : Scores
        Losses and accuracies of the whole data.
    step_history, epoch_history : ndarray
        Copies of `History.steps` and `History.epochs`.
    steps_per_second : float
        Measured while playing, else 0.
    """

    generation: int
    step: int
    epoch: int
    earliest: int
    newest: int
    now: Now
    sample: int | None
    record: StepRecord | None
    scores: Scores
    step_history: np.ndarray
    epoch_history: np.ndarray
    steps_per_second: float

    @property
    def phase(self) -> PhaseKind | None:
        """The phase at which "now" is; None between steps."""
        return self.now.phase

    @property
    def layer(self) -> int | None:
        """The dense layer at which "now" is, from 1."""
        return self.now.layer
