"""A dense layer and what belongs to it: normalization, activation, dropout, and a skip connection, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.engine.normalization import NORMALIZATIONS

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.engine.activations import Activation, Array

NO_NORMALIZATION = NORMALIZATIONS.choose("none")


@dataclass(frozen=True)
class LayerPlan:
    """How a dense layer is made.

    Attributes
    ----------
    activation, normalization : Choice
    dropout : float
        The share of the neurons, 0 to 1, that is switched off at random for each sample of a step; the others are made
        larger by 1 / (1 - dropout), so that prediction needs no change (Srivastava et al., JMLR 15, 2014).
    skip : int
        The layer adds the output of the layer so many layers before it to its own; 0 for none (He et al., CVPR 2016,
        doi:10.1109/CVPR.2016.90).
    """

    activation: Choice
    normalization: Choice = NO_NORMALIZATION
    dropout: float = 0.0
    skip: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether there is an activation alone."""
        return self.normalization.name == "none" and not self.dropout and not self.skip


class Parameters(NamedTuple):
    """One layer's part of a flat vector, all views: `W` of shape (n_out, n_in), the others (n_out,).

    `gamma` and `beta`, the scale and the shift after a normalization, are empty without one.
    """

    W: Array
    b: Array
    gamma: Array
    beta: Array


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense layer ``a = f(a_prev @ W.T + b)``; all arrays are views into the network, see `Parameters`.

    `running_mean` and `running_variance`, shape (n_out,), are empty without batch norm.
    """

    W: Array
    b: Array
    gamma: Array
    beta: Array
    running_mean: Array
    running_variance: Array
    plan: LayerPlan
    activation: Activation

    def __len__(self) -> int:
        return len(self.b)

    @property
    def choice(self) -> Choice:
        """The activation with its settings."""
        return self.plan.activation

    def activate(self, u: Array, out: Array) -> None:
        """Write ``f(u)`` into `out`, both of shape (batch, n_out)."""
        self.activation.value(u, out, **self.choice.values)

    def predict(self, z: Array, skipped: Array | None) -> Array:
        """Return what the layer hands on when it predicts: running statistics, no dropout."""
        a = np.empty_like(z)
        self.activate(self._normalized(z), a)
        return a if skipped is None else a + skipped

    def _normalized(self, z: Array) -> Array:
        choice = self.plan.normalization
        entry, eps = NORMALIZATIONS[choice.name], choice.values.get("eps", 0.0)
        if entry.axis is None:
            return z
        if entry.running:
            mean, variance = self.running_mean, self.running_variance
        else:
            mean, variance = z.mean(axis=entry.axis, keepdims=True), z.var(axis=entry.axis, keepdims=True)
        return np.asarray((z - mean) / np.sqrt(variance + eps) * self.gamma + self.beta)
