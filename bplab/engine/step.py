"""One update of the parameters: forward, loss, backward, optimizer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.backprop import Backprop
from bplab.engine.losses import LOSSES, Loss
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.record import LayerRecord, StepRecord
from bplab.engine.regularizers import REGULARIZERS

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings


class Step:
    """Does single steps, and keeps what the optimizer remembers between them."""

    def __init__(self, network: Network, settings: Settings) -> None:
        self.network = network
        self.settings = settings  # what the next step will use
        self._buffers: dict[tuple[str, int], Backprop] = {}
        self._scratch: Array = np.empty((2, len(network.parameters)))
        self._total: Array = np.empty_like(network.parameters)
        self.indices: np.ndarray = np.empty(0, dtype=np.intp)
        self.forget()

    def forget(self) -> None:
        """Empty the slots of the present optimizer."""
        self.slots_of = self.settings.optimizer.name
        slots = OPTIMIZERS[self.settings.optimizer.name].slots
        self.slots: Array = np.zeros((len(slots), len(self.network.parameters)))
        self.updates = 0

    def restore(self, optimizer: str, slots: Array, updates: int) -> None:
        """Take over an optimizer's slots (n_slots, n_parameters) and the number of updates that made them."""
        self.slots_of, self.slots, self.updates = optimizer, slots.copy(), updates

    def forward_backward(self, X: Array, Y: Array, indices: np.ndarray) -> None:
        """Forward and backward pass of the rows `indices` of X (samples, n_in) and Y (samples, n_out)."""
        self.indices = indices
        self._passes = self._backprop(len(indices))
        self._passes.load(X, Y, indices)
        self._passes.forward()
        self._passes.backward()

    def update(self) -> None:
        """Let the optimizer change the parameters; one that has just been chosen starts with empty slots."""
        choice = self.settings.optimizer
        if choice.name != self.slots_of:
            self.forget()
        self.updates += 1
        entry = OPTIMIZERS[choice.name]
        gradient = self._with_penalty()
        entry.update(self.network.parameters, gradient, self.slots, self.updates, self._scratch, **choice.values)

    def record(self, step: int, epoch: int) -> StepRecord:
        """Update, and return the record of the whole step; `step` and `epoch` are the counters after it."""
        before = self.network.parameters.copy()
        penalty, loss, shares = self._penalty(), self.loss(), self._passes.shares()
        self.update()
        layers = self._layer_records(before, self.network.parameters - before)
        passes = self._passes
        indices, X, Y = self.indices.copy(), passes.X.copy(), passes.Y.copy()
        for array in (indices, X, Y, shares):
            array.flags.writeable = False
        return StepRecord(step, epoch, self.settings, indices, X, Y, loss, penalty, shares, layers)

    def loss(self) -> float:
        """The mean loss of the batch."""
        return float(self._passes.shares().sum() / len(self.indices))

    def shares(self, z: Array, a: Array, Y: Array) -> Array:
        """Each output's part of the loss for outputs z, a and targets Y, all of shape (samples, n_out)."""
        loss = self._loss_entry()
        fused = loss.fused.get(self.network.layers[-1].choice.name)
        return fused.share(z, Y) if fused is not None else loss.share(a, Y)

    def gradient_norms(self) -> tuple[float, ...]:
        """Return the length of each layer's gradient, weights and biases together."""
        views = self.network.views(self._passes.gradient)
        return tuple(math.sqrt(np.vdot(W, W) + np.vdot(b, b)) for W, b in views)

    def is_finite(self) -> bool:
        """Tell whether parameters and the optimizer's slots are finite after the update, and every gradient was.

        An infinite slot would go unseen: where Adam's v is infinite, its steps are 0 ever after.
        """
        return _finite(self.network.parameters) and _finite(self._passes.gradient) and _finite(self.slots)

    def fault(self) -> str:
        """Name the first place, in the order of the step, that holds a non-finite value."""
        passes = self._passes
        for number, (z, a) in enumerate(zip(passes.z, passes.a, strict=True), start=1):
            if not np.isfinite(z).all() or not np.isfinite(a).all():
                return f"activation of layer {number}"
        if not np.isfinite(passes.shares()).all():
            return "loss"
        for number in range(len(passes.delta), 0, -1):
            dW, db = self.network.views(passes.gradient)[number - 1]
            if not np.isfinite(dW).all() or not np.isfinite(db).all():
                return f"gradient of layer {number}"
        for number, layer in enumerate(self.network.layers, start=1):
            if not np.isfinite(layer.W).all() or not np.isfinite(layer.b).all():
                return f"weights of layer {number}"
        return "optimizer's memory"

    def _loss_entry(self) -> Loss:
        return LOSSES[self.settings.loss.name]

    def _backprop(self, batch: int) -> Backprop:
        key = (self.settings.loss.name, batch)
        if key not in self._buffers:
            if len(self._buffers) >= 2:  # a full batch and the smaller last one; an old batch size has gone
                self._buffers.clear()
            self._buffers[key] = Backprop(self.network, self._loss_entry(), batch)
        return self._buffers[key]

    def _with_penalty(self) -> Array:
        choice = self.settings.regularizer
        if choice.name == "none":
            return self._passes.gradient
        np.copyto(self._total, self._passes.gradient)
        gradient = REGULARIZERS[choice.name].gradient
        for layer, total in zip(self.network.layers, self.network.views(self._total), strict=True):
            total.W[:] += gradient(layer.W, **choice.values)
        return self._total

    def _penalty(self) -> float:
        choice = self.settings.regularizer
        value = REGULARIZERS[choice.name].value
        return sum(value(layer.W, **choice.values) for layer in self.network.layers)

    def _layer_records(self, before: Array, update: Array) -> tuple[LayerRecord, ...]:
        passes, network = self._passes, self.network
        gradient = passes.gradient.copy()
        activations = [array.copy() for array in (passes.X, *passes.a)]
        z, delta = [array.copy() for array in passes.z], [array.copy() for array in passes.delta]
        pull = [array * len(array) for array in (*passes.pull, passes.delta[-1])]
        for array in (before, update, gradient, *activations, *z, *delta, *pull):
            array.flags.writeable = False
        vectors = zip(*(network.views(vector) for vector in (before, gradient, update)), strict=True)
        return tuple(
            LayerRecord(activations[i], z[i], activations[i + 1], delta[i], pull[i], *old, *dparameters, *change)
            for i, (old, dparameters, change) in enumerate(vectors)
        )


def _finite(vector: Array) -> bool:
    # The sum of squares is quick, and finite unless something is wrong or merely huge.
    return math.isfinite(np.vdot(vector, vector)) or bool(np.isfinite(vector).all())
