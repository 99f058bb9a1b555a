"""A layered network whose whole state is one flat vector of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.engine.activations import ACTIVATIONS, Activation, Array
from bplab.engine.initializers import INITIALIZERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.catalogue import Choice


class Parameters(NamedTuple):
    """One layer's part of a flat vector: `W` of shape (n_out, n_in) and `b` of shape (n_out,), both views."""

    W: Array
    b: Array


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense layer ``a = f(a_prev @ W.T + b)``; `W` (n_out, n_in) and `b` (n_out,) are views into the network."""

    W: Array
    b: Array
    choice: Choice
    activation: Activation

    def __len__(self) -> int:
        return len(self.b)

    def activate(self, z: Array, out: Array) -> None:
        """Write ``f(z)`` into `out`, both of shape (batch, n_out)."""
        self.activation.value(z, out, **self.choice.values)


class Network:
    """Dense layers over an input of `sizes[0]` values.

    Parameters
    ----------
    sizes : sequence of int
        Neurons of the input layer, then of each dense layer.
    activations : sequence of Choice
        One for each dense layer.

    Attributes
    ----------
    parameters : ndarray of shape (n_parameters,)
        Everything that training changes: W row by row, then b, layer by layer.
    layers : tuple of Layer
        The dense layers; index 0 is layer 1 of the picture.
    """

    def __init__(self, sizes: Sequence[int], activations: Sequence[Choice]) -> None:
        self.sizes = tuple(sizes)
        pairs = zip(self.sizes, self.sizes[1:], strict=False)
        self.parameters: Array = np.zeros(sum(n_out * (n_in + 1) for n_in, n_out in pairs))
        self.layers = tuple(
            Layer(W, b, choice, ACTIVATIONS[choice.name])
            for (W, b), choice in zip(self.views(self.parameters), activations, strict=True)
        )

    def views(self, vector: Array) -> tuple[Parameters, ...]:
        """Return each layer's part of a flat vector of shape (n_parameters,), without copying."""
        parts, start = [], 0
        for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False):
            middle = start + n_out * n_in
            parts.append(Parameters(vector[start:middle].reshape(n_out, n_in), vector[middle : middle + n_out]))
            start = middle + n_out
        return tuple(parts)

    def initialize(self, initializer: Choice, seed: int) -> None:
        """Draw all weights from `seed` and set the biases to 0."""
        rng = np.random.default_rng([seed, 0])
        entry = INITIALIZERS[initializer.name]
        for layer in self.layers:
            layer.W[:] = entry.draw(rng, layer.W.shape, **initializer.values)
            layer.b[:] = 0.0

    def forward(self, X: Array) -> list[tuple[Array, Array]]:
        """Return z and a of every layer for inputs of shape (batch, n_in)."""
        result: list[tuple[Array, Array]] = []
        a: Array = np.asarray(X, dtype=self.parameters.dtype)
        with np.errstate(all="ignore"):
            for layer in self.layers:
                z = a @ layer.W.T + layer.b
                a = np.empty_like(z)
                layer.activate(z, a)
                result.append((z, a))
        return result

    def predict(self, X: Array) -> Array:
        """Return the output, shape (batch, n_out), for prepared inputs of shape (batch, n_in)."""
        return self.forward(X)[-1][1]


def transplant(old: Parameters, new: Parameters, shared_inputs: bool) -> None:
    """Copy every weight of `old` that still has a place in `new`; the others stay as they are.

    Parameters
    ----------
    shared_inputs : bool
        Whether both layers hear from the same layer; if not, only the biases have a place.
    """
    n_out = min(len(old.b), len(new.b))
    new.b[:n_out] = old.b[:n_out]
    if shared_inputs:
        n_in = min(old.W.shape[1], new.W.shape[1])
        new.W[:n_out, :n_in] = old.W[:n_out, :n_in]
