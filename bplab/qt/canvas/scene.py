"""What there is to be shown of an experiment at one moment, however it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bplab.experiment.naming import places
from bplab.microscope.now import Now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bplab.engine.activations import Array
    from bplab.engine.layer import Parameters
    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord
    from bplab.experiment.spec import ExperimentSpec
    from bplab.qt.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Marks:
    """Which parameters training leaves as they are, and which connections were taken out, as booleans per layer."""

    frozen: tuple[Parameters, ...]
    pruned: tuple[Parameters, ...]


def marks_of(spec: ExperimentSpec, network: Network) -> Marks | None:
    """Return what is frozen and pruned, or None where nothing is."""
    if not len(network.frozen):
        return None
    frozen, pruned = (np.zeros(len(network.parameters), dtype=bool) for _ in range(2))
    pruned[places(spec, network, spec.network.pruned)] = True
    frozen[network.frozen] = True
    frozen &= ~pruned
    return Marks(network.views(frozen), network.views(pruned))


@dataclass(frozen=True, eq=False)
class Scene:
    """A network with the moment of its run that is looked at.

    Parameters
    ----------
    sample : int
        The row of the batch whose values are shown.
    slots : mapping of str to ndarray
        What the optimizer remembers, by name.
    marks : Marks, optional
        What is frozen and pruned.
    inputs, outputs, classes : sequence of str
        What the neurons at the ends stand for.
    unscale : callable, optional
        From inputs to what they were before they were scaled.
    """

    network: Network
    snapshot: Snapshot | None
    sample: int = 0
    slots: Mapping[str, Array] = field(default_factory=dict)
    marks: Marks | None = None
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()
    classes: Sequence[str] = ()
    unscale: Callable[[Array], Array] | None = None

    @property
    def now(self) -> Now:
        """Where within a step it is."""
        return self.snapshot.now if self.snapshot else Now()

    @property
    def record(self) -> StepRecord | None:
        """The step that is shown."""
        return self.snapshot.record if self.snapshot else None

    def pixels(self) -> Array | None:
        """Return the inputs of the chosen sample as they were measured, shape (n_in,)."""
        record = self.record
        if record is None:
            return None
        row = record.X[min(self.sample, len(record.X) - 1)]
        return np.asarray(row if self.unscale is None else self.unscale(row[None])[0])

    @property
    def alone(self) -> int | None:
        """The row of the batch whose own gradients are shown, while going from sample to sample."""
        return self.sample if self.snapshot is not None and self.snapshot.sample is not None else None

    @property
    def active_layer(self) -> int | None:
        """The layer at which "now" is."""
        return self.snapshot.layer if self.snapshot else None

    def is_active(self, layer: int, neuron: int) -> bool:
        """Whether a neuron takes part in what happens now."""
        now = self.now
        if now.operation is None or now.operation.neuron is None:
            return layer == now.layer
        place = {"term": -1, "request": 1}.get(now.operation.kind)
        if place is None:
            return (layer, neuron) == (len(self.network.layers), now.operation.neuron)
        return layer == now.layer or (layer - place, neuron) == (now.layer, now.operation.neuron)

    def knows_activation(self, layer: int) -> bool:
        """Whether the forward pass has come to this layer, 0 being the input."""
        return self.now.knows_activation(layer)

    def knows_error(self, layer: int) -> bool:
        """Whether the backward pass has come to this dense layer, from 1."""
        return self.snapshot is not None and self.now.knows_error(layer)

    @property
    def knows_update(self) -> bool:
        """Whether the update of the step that is shown has been made."""
        return self.now.knows_update
