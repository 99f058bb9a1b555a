"""Central differences: the gradient found without the chain rule, to check it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.backprop import Backprop, mean_loss

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.losses import Loss
    from bplab.engine.network import Network


def gradient(network: Network, loss: Loss, X: Array, Y: Array) -> Array:
    """Return dL/dparameters by backpropagation, shape (n_parameters,)."""
    passes = Backprop(network, loss, len(X))
    passes.load(X, Y, np.arange(len(X)))
    with np.errstate(all="ignore"):
        passes.forward()
        passes.backward()
    return passes.gradient


def numerical_derivative(network: Network, loss: Loss, X: Array, Y: Array, index: int, width: float = 1e-5) -> float:
    """Return dL/dparameters[index] as ``(L(p + h) - L(p - h)) / 2h``, leaving the network as it was.

    ``h = width * max(1, |p|)``: the error of the formula falls with h squared while rounding grows as h shrinks; at
    1e-5 both are about 1e-10.
    """
    p, kept = network.parameters, network.parameters[index]
    h = width * max(1.0, abs(float(kept)))
    try:
        p[index] = kept + h
        above, right = mean_loss(network, loss, X, Y), float(p[index])
        p[index] = kept - h
        below, left = mean_loss(network, loss, X, Y), float(p[index])
    finally:
        p[index] = kept
    return (above - below) / (right - left)


def numerical_gradient(network: Network, loss: Loss, X: Array, Y: Array) -> Array:
    """Return dL/dparameters by central differences, shape (n_parameters,)."""
    return np.array([numerical_derivative(network, loss, X, Y, i) for i in range(len(network.parameters))])
