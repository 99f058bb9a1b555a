"""The numbers that a lesson can speak of; layers, neurons, inputs and outputs count from 1, as they do in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.microscope.health import check_up, patient_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.record import LayerRecord, StepRecord
    from bplab.experiment.experiment import Experiment
    from bplab.microscope.now import Now


class Figures:
    """Numbers of an experiment at a moment, by the names in `names`.

    Parameters
    ----------
    record : StepRecord or None
        The step that is shown; asking for its numbers without one is a LookupError.
    sample : int
        The row of the batch that is looked at, from 0.
    """

    def __init__(self, experiment: Experiment, record: StepRecord | None, now: Now, sample: int = 0) -> None:
        self._experiment, self._record, self._now, self._sample = experiment, record, now, sample
        self.names: dict[str, Callable[..., Any]] = {
            "a": lambda layer, j: self._of(layer, "a", j) if layer else self._x(j),
            "accuracy": lambda: experiment.trainer().scores().train_accuracy,
            "b": lambda layer, j: float(self._layer(layer).b[self._place(j)]),
            "batch": lambda: len(self._known().indices),
            "batch_size": lambda: experiment.spec.training.batch_size,
            "bstep": lambda layer, j: float(self._layer(layer).update_b[self._place(j)]),
            "db": lambda layer, j: float(self._layer(layer).db[self._place(j)]),
            "delta": lambda layer, j: self._of(layer, "delta", j) * len(self._known().indices),
            "dw": lambda layer, j, k: self._matrix(layer, "dW", j, k),
            "dw_sample": self._dw_sample,
            "epoch": lambda: experiment.trainer().epoch,
            "finding": self._finding,
            "layer": lambda: now.layer or 0,
            "layers": lambda: len(experiment.network.layers),
            "loss": lambda: self._known().loss,
            "neurons": lambda layer: experiment.network.sizes[layer],
            "norm": lambda layer: self._known().gradient_norms()[self._place(layer)],
            "operation": lambda: now.operation.kind if now.operation else "",
            "phase": lambda: now.phase or "",
            "predicted": lambda: int(self._known().layers[-1].a[sample].argmax()) + 1,
            "rate": lambda: self._rate(),
            "same": self._same,
            "sample_loss": lambda: float(self._known().shares[sample].sum()),
            "share": lambda j: float(self._known().shares[sample, self._place(j)]),
            "slope": lambda layer, j: self._slope(layer, j),
            "step": lambda: experiment.trainer().step_count,
            "target": lambda: int(self._known().Y[sample].argmax()) + 1,
            "test_loss": lambda: experiment.trainer().scores().test_loss,
            "train_loss": lambda: experiment.trainer().scores().train_loss,
            "w": lambda layer, j, k: self._matrix(layer, "W", j, k),
            "w_now": lambda layer, j, k: float(
                experiment.network.layers[self._place(layer)].W[self._place(j), self._place(k)]
            ),
            "wish": lambda layer, j: -self._of(layer, "pull", j),
            "wstep": lambda layer, j, k: self._matrix(layer, "update_W", j, k),
            "x": self._x,
            "y": lambda j: float(self._known().Y[sample, self._place(j)]),
            "z": lambda layer, j: self._of(layer, "z", j),
        }

    def _known(self) -> StepRecord:
        if self._record is None:
            raise LookupError("no step has been made")
        return self._record

    def _place(self, number: int) -> int:
        """Return a place from 0; what counts from 1 is never below."""
        if not isinstance(number, int) or number < 1:
            raise LookupError(f"{number} does not count from 1")
        return number - 1

    def _layer(self, layer: int) -> LayerRecord:
        return self._known().layers[self._place(layer)]

    def _of(self, layer: int, what: str, j: int) -> float:
        return float(getattr(self._layer(layer), what)[self._sample, self._place(j)])

    def _matrix(self, layer: int, what: str, j: int, k: int) -> float:
        return float(getattr(self._layer(layer), what)[self._place(j), self._place(k)])

    def _x(self, k: int) -> float:
        return float(self._known().X[self._sample, self._place(k)])

    def _dw_sample(self, layer: int, j: int, k: int, number: int) -> float:
        gradients = self._layer(layer).sample_gradients(self._place(j), self._place(k))
        return float(gradients[self._place(number)])

    def _slope(self, layer: int, j: int) -> float:
        own = self._experiment.network.layers[self._place(layer)]
        row = self._layer(layer).u[self._sample : self._sample + 1]
        a, out = np.empty_like(row), np.empty_like(row)
        own.activation.value(row, a, **own.choice.values)
        if own.activation.slope is None:
            raise LookupError(f"{own.activation.label} has no single slope")
        own.activation.slope(row, a, out, **own.choice.values)
        return float(out[0, self._place(j)])

    def _rate(self) -> float:
        return float(self._experiment.spec.training.optimizer.values.get("learning_rate", math.nan))

    def _same(self, layer: int) -> bool:
        """Whether all neurons of a layer are twins: the same weights into each."""
        W = self._experiment.network.layers[self._place(layer)].W
        return bool((W[0] == W).all())

    def _finding(self, name: str) -> int:
        """How many findings of that name a check-up has."""
        found = check_up(patient_of(self._experiment.trainer(), self._record))
        return sum(finding.name.lower() == name.lower() for finding in found)


NAMES = frozenset(Figures(None, None, None).names)  # type: ignore[arg-type]
WINDOW_NAMES = frozenset({"page", "playing", "selected", "grain", "trial"})  # what only a window knows
