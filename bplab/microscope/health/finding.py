"""What a check-up looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord
    from bplab.engine.settings import Settings
    from bplab.engine.trainer import Trainer
    from bplab.microscope.selection import Selection


MOST_SAMPLES = 512  # that neurons are looked at by


@dataclass(frozen=True)
class Finding:
    """A disease, and where it is.

    Parameters
    ----------
    name : str
        The disease, such as "Dead relus".
    place : str
        Where: layer, neurons.
    why : str
        One sentence of what happens and why.
    advice : str
        What to try.
    selection : Selection, optional
        What to look at.
    step : int, optional
        The step to go to, just before it happened.
    sample : int, optional
        The row of the batch that shows it.
    """

    name: str
    place: str
    why: str
    advice: str
    selection: Selection | None = None
    step: int | None = None
    sample: int | None = None


@dataclass(frozen=True, eq=False)
class Patient:
    """A network in training, at one moment.

    Parameters
    ----------
    record : StepRecord or None
        The last step.
    X : ndarray of shape (samples, n_in)
        Training data to look at the neurons by; a part of them is enough.
    step_history, epoch_history : ndarray
        As in `History`: step, loss, gradient norms of the layers; epoch, step, losses and accuracies.
    next_step : callable
        Returns the record of the step that would follow, finite or not.
    has_stopped : bool
        Whether training has stopped because a value was not finite.
    """

    network: Network
    settings: Settings
    step: int
    record: StepRecord | None
    X: Array
    step_history: np.ndarray
    epoch_history: np.ndarray
    next_step: Callable[[], StepRecord]
    has_stopped: bool = False

    @cached_property
    def activations(self) -> list[tuple[Array, Array]]:
        """What goes into the activation, and what comes out, of each dense layer, each of shape (samples, n_out)."""
        with np.errstate(all="ignore"):
            return [(z, a) for z, a in self.network.forward(self.X)]

    def slopes(self, layer: int) -> Array | None:
        """Return f'(z) of a hidden layer for the samples, shape (samples, n_out); None where it has no single slope."""
        plan = self.network.plans[layer - 1]
        choice = self.network.layers[layer - 1].choice
        function = ACTIVATIONS[choice.name].slope
        if function is None or plan.skip or plan.normalization.name != "none":
            return None
        z, a = self.activations[layer - 1]
        out = np.empty_like(z)
        with np.errstate(all="ignore"):
            function(z, a, out, **choice.values)
        return out

    @property
    def hidden(self) -> range:
        """The numbers of the hidden layers."""
        return range(1, len(self.network.layers))


def patient_of(trainer: Trainer, record: StepRecord | None, has_stopped: bool = False) -> Patient:
    """Return a run at its present step; `record` is its last one, where that is known."""
    X = trainer.samples.X_train
    return Patient(
        network=trainer.network,
        settings=trainer.settings,
        step=trainer.step_count,
        record=record,
        X=X[:: max(1, len(X) // MOST_SAMPLES)],
        step_history=_until(trainer.history.steps, 0, trainer.step_count),
        epoch_history=_until(trainer.history.epochs, 1, trainer.step_count),
        next_step=trainer.preview,
        has_stopped=has_stopped,
    )


def _until(rows: np.ndarray, column: int, step: int) -> np.ndarray:
    """Leave out what came after the present step, where the run has gone on behind it."""
    return np.asarray(rows[rows[:, column] <= step])


def listed(neurons: np.ndarray, most: int = 6) -> str:
    """Return neuron numbers, from 0, in words that count from 1."""
    shown = ", ".join(str(int(neuron) + 1) for neuron in neurons[:most])
    return f"{shown} and {len(neurons) - most} more" if len(neurons) > most else shown
