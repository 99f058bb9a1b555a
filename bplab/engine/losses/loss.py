"""What a loss declares, and a loss and an output activation taken together."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Choice, Entry
from bplab.engine.activations import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bplab.engine.activations import Array


@dataclass(frozen=True)
class Fused:
    """A loss and an output activation taken together, from z, where that is more exact than the chain rule.

    Parameters
    ----------
    share : callable
        ``share(z, Y, **settings)`` gives the shares, shape (batch, n_out).
    delta : callable
        ``delta(a, Y, out, **settings)`` writes d(sample loss)/dz, shape (batch, n_out).
    """

    share: Callable[..., Array]
    delta: Callable[..., object]


@dataclass(frozen=True, kw_only=True)
class Loss(Entry):
    """A loss between the output ``a`` and the target ``Y``, both of shape (batch, n_out).

    Parameters
    ----------
    share : callable
        ``share(a, Y, **settings)`` gives each output's part of each sample's loss, shape (batch, n_out).
    gradient : callable
        ``gradient(a, Y, out, **settings)`` writes d(sample loss)/da.
    outputs : tuple of str
        Output activations that it accepts, the usual one for classes first.
    tasks : tuple of str
        "classes", "numbers" or both.
    one_neuron_a_class : bool
        Whether two classes also get two output neurons.
    threshold : float
        What a single output is above for class 1.
    kink : callable, optional
        ``kink(a, Y)`` is an array, shape (batch, n_out), in which a change of sign marks a jump of the derivative.
    fused : mapping of str to Fused
        By output activation.
    """

    share: Callable[..., Array]
    gradient: Callable[..., object]
    outputs: tuple[str, ...]
    tasks: tuple[str, ...] = ("numbers", "classes")
    one_neuron_a_class: bool = False
    threshold: float = 0.5
    kink: Callable[[Array, Array], Array] | None = None
    fused: Mapping[str, Fused] = field(default_factory=lambda: MappingProxyType({}))


class Criterion:
    """A loss after an output activation: fused where there is such a pair, by the chain rule elsewhere.

    Parameters
    ----------
    entry : Loss
    loss, output : Choice
        The loss and the activation of the output layer, with their settings.
    """

    def __init__(self, entry: Loss, loss: Choice, output: Choice) -> None:
        self.entry, self.loss = entry, loss
        self.fused = entry.fused.get(output.name)
        self._values, self._output = loss.values, output
        self._activation = ACTIVATIONS[output.name]

    def shares(self, z: Array, a: Array, Y: Array) -> Array:
        """Return each output's part of each sample's loss; all of shape (samples, n_out)."""
        if self.fused is not None:
            return self.fused.share(z, Y, **self._values)
        return self.entry.share(a, Y, **self._values)

    def delta(self, z: Array, a: Array, Y: Array, out: Array) -> None:
        """Write d(sample loss)/dz into `out`; all of shape (samples, n_out)."""
        if self.fused is not None:
            self.fused.delta(a, Y, out, **self._values)
        else:
            gradient = np.empty_like(a)
            self.entry.gradient(a, Y, gradient, **self._values)
            self._activation.backward(z, a, gradient, out, **self._output.values)


def mean(shares: Array, weights: Array | None) -> float:
    """Return the mean over samples of the sums of their shares, weighted where `weights`, (samples, 1), are given."""
    if weights is None:
        return float(shares.sum() / len(shares))
    return float((shares * weights).sum() / weights.sum())
