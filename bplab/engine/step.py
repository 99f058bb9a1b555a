"""One update of the parameters on the readable path: forward, loss, backward, optimizer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.backprop import Backprop
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings


class Step:
    """Does single steps, and keeps what the optimizer remembers between them."""

    def __init__(self, network: Network, optimizer: str) -> None:
        self.network = network
        self._buffers: dict[tuple[Choice, int], Backprop] = {}
        self._scratch: Array = np.empty((2, len(network.parameters)), network.parameters.dtype)
        self._total: Array = np.empty_like(network.parameters)
        self.indices: np.ndarray = np.empty(0, dtype=np.intp)
        self.slots_of = ""
        self.choose(optimizer, anew=True)

    def choose(self, optimizer: str, anew: bool = False) -> None:
        """Give an optimizer that has just been chosen, or begins `anew`, empty slots."""
        if anew or optimizer != self.slots_of:
            shape = len(OPTIMIZERS[optimizer].slots), len(self.network.parameters)
            self.slots_of, self.updates = optimizer, 0
            self.slots: Array = np.zeros(shape, self.network.parameters.dtype)

    def restore(self, optimizer: str, slots: Array, updates: int) -> None:
        """Take over an optimizer's slots (n_slots, n_parameters) and the number of updates that made them."""
        self.slots_of, self.updates = optimizer, updates
        self.slots = slots.astype(self.network.parameters.dtype)

    def forward_backward(
        self, settings: Settings, rows: tuple[Array, Array, Array | None], indices: np.ndarray, step: int
    ) -> None:
        """Forward and backward pass of the rows `indices` of X, Y and the samples' weights, for step number `step`."""
        self.indices = indices
        self.passes = self._backprop(settings, len(indices))
        self.passes.load(*rows[:2], indices, rows[2])
        self.passes.draw_masks(settings.seed, step)
        self.passes.forward()
        self.passes.backward()

    def update(self, settings: Settings, rate: float) -> None:
        """Let the optimizer change the parameters, at this learning rate."""
        choice, p = settings.optimizer, self.network.parameters
        self.choose(choice.name)
        self.updates += 1
        gradient = self._wanted_gradient(settings)
        held = p[self.network.frozen]
        rule, strength = REGULARIZERS[settings.regularizer.name], settings.regularizer.values
        if rule.decay is not None:
            for layer in self.network.layers:
                rule.decay(layer.W, rate, **strength)
        values = choice.values
        values["learning_rate"] = rate
        OPTIMIZERS[choice.name].update(p, gradient, self.slots, self.updates, self._scratch, **values)
        if rule.project is not None:
            for layer in self.network.layers:
                rule.project(layer.W, **strength)
        p[self.network.frozen] = held
        if len(self.network.statistics):
            self._follow_statistics()

    def loss(self) -> float:
        """Return the mean loss of the batch."""
        return self.passes.loss()

    def gradient_norms(self) -> tuple[float, ...]:
        """Return the length of each layer's gradient, all its parameters together."""
        return tuple(math.sqrt(sum(np.vdot(part, part) for part in layer)) for layer in self.passes.gradients)

    def is_finite(self) -> bool:
        """Tell whether parameters, slots and running statistics are finite after the update, as loss and gradient were.

        An infinite slot would go unseen: where Adam's v is infinite, its steps are 0 ever after. So would an infinite
        loss: where a sigmoid is saturated, its gradient is finite.
        """
        vectors = self.network.parameters, self.passes.gradient, self.slots, self.network.statistics
        return all(_finite(vector) for vector in vectors if vector.size) and self._loss_is_finite()

    def _loss_is_finite(self) -> bool:
        z = self.passes.z[-1]
        # Where the squares of z are finite, so is every loss.
        return math.isfinite(np.vdot(z, z)) or math.isfinite(self.passes.loss())

    def fault(self) -> str:
        """Name the first place, in the order of the step, that holds a non-finite value."""
        passes = self.passes
        for number, (z, a) in enumerate(zip(passes.z, passes.a, strict=True), start=1):
            if not np.isfinite(z).all() or not np.isfinite(a).all():
                return f"activation of layer {number}"
        if not math.isfinite(passes.loss()):
            return "loss"
        for number in range(len(passes.delta), 0, -1):
            if not all(np.isfinite(part).all() for part in self.network.views(passes.gradient)[number - 1]):
                return f"gradient of layer {number}"
        for number, layer in enumerate(self.network.views(self.network.parameters), start=1):
            if not all(np.isfinite(part).all() for part in layer):
                return f"weights of layer {number}"
        return "optimizer's memory" if _finite(self.network.statistics) else "running statistics"

    def _backprop(self, settings: Settings, batch: int) -> Backprop:
        key = (settings.loss, batch)
        if key not in self._buffers:
            if len(self._buffers) >= 2:  # a full batch and the smaller last one; an old batch size has gone
                self._buffers.clear()
            self._buffers[key] = Backprop(self.network, settings.loss, batch)
        return self._buffers[key]

    def _wanted_gradient(self, settings: Settings) -> Array:
        """Return the gradient that the optimizer gets: clipped, then with that of the penalty."""
        clipping, choice, frozen = settings.clipping, settings.regularizer, self.network.frozen
        gradient = REGULARIZERS[choice.name].gradient
        if clipping.name == "none" and gradient is None and not frozen.size:
            return self.passes.gradient
        np.copyto(self._total, self.passes.gradient)
        self._total[frozen] = 0.0  # what is not trained has no share in the norm that is clipped
        CLIPPINGS[clipping.name].clip(self._total, **clipping.values)
        if gradient is not None:
            for layer, total in zip(self.network.layers, self.network.views(self._total), strict=True):
                total.W[:] += gradient(layer.W, **choice.values)
            self._total[frozen] = 0.0
        return self._total

    def _follow_statistics(self) -> None:
        """Move the running mean and variance of every batch norm towards those of this batch."""
        batch = len(self.indices)
        for layer, done in zip(self.network.layers, self.passes.normalized, strict=True):
            choice = layer.plan.normalization
            if done is None or not NORMALIZATIONS[choice.name].running or batch < 2:
                continue
            share = choice.values["momentum"]
            layer.running_mean[:] += share * (done.mean[0] - layer.running_mean)
            layer.running_variance[:] += share * (done.variance[0] * batch / (batch - 1) - layer.running_variance)


def _finite(vector: Array) -> bool:
    # The sum of squares is quick, and finite unless something is wrong or merely huge.
    return math.isfinite(np.vdot(vector, vector)) or bool(np.isfinite(vector).all())
