"""The arithmetic of the chain-rule card: pure functions on a step's record, no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import numerical_derivative
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network

if TYPE_CHECKING:
    from bplab.engine.record import StepRecord
    from bplab.qt.selection import Selection

AGREEMENT = 1e-6  # central differences are good to about 1e-9 of the loss; a wrong gradient is off by far more


@dataclass(frozen=True)
class Factor:
    """One factor of a product: its symbol, its value, and what it is."""

    symbol: str
    value: float
    meaning: str
    role: str


def sample_error(record: StepRecord, layer: int, neuron: int, sample: int) -> float:
    """Return dL/dz of one neuron for one sample's own loss."""
    return float(record.layers[layer - 1].delta[sample, neuron]) * len(record.indices)


def slope(network: Network, record: StepRecord, layer: int, neuron: int, sample: int) -> float | None:
    """Return f'(z) of one neuron for one sample; None where the activation has no slope of its own (softmax)."""
    choice = network.layers[layer - 1].choice
    function = ACTIVATIONS[choice.name].slope
    if function is None:
        return None
    seen, out = record.layers[layer - 1], np.empty_like(record.layers[layer - 1].z)
    with np.errstate(all="ignore"):
        function(seen.z, seen.a, out, **choice.values)
    return float(out[sample, neuron])


def connection_factors(network: Network, record: StepRecord, chosen: Selection, sample: int, loss: str) -> list[Factor]:
    """Return gradient, what came in, error, and what the error is made of, for one sample of a connection."""
    assert chosen.source is not None
    layer, j = chosen.layer, chosen.neuron
    came_in = float(record.layers[layer - 1].a_prev[sample, chosen.source])
    error = sample_error(record, layer, j, sample)
    factors = [
        Factor("∂L/∂w", came_in * error, "its gradient", "now"),
        Factor("a", came_in, "what came in", "action"),
        Factor("δ", error, "error at its target", "fall"),
    ]
    return factors + error_factors(network, record, layer, j, sample, loss)


def error_factors(network: Network, record: StepRecord, layer: int, j: int, sample: int, loss: str) -> list[Factor]:
    """Return what a neuron's error is made of: the product, or the difference of a fused loss and output."""
    steepness = slope(network, record, layer, j, sample)
    seen = record.layers[layer - 1]
    if layer == len(network.layers):
        if network.layers[-1].choice.name in LOSSES[loss].fused:
            return [
                Factor("a", float(seen.a[sample, j]), "the output", "text"),
                Factor("y", float(record.Y[sample, j]), "the target", "rise"),
            ]
        gradient = np.empty_like(seen.a)
        LOSSES[loss].gradient(seen.a, record.Y, gradient)
        asked = Factor("∂L/∂a", float(gradient[sample, j]), "how the loss feels the output", "rise")
    else:
        asked = Factor("Σ w δ", float(seen.pull[sample, j]), "asked by the next layer", "rise")
    return [asked] if steepness is None else [asked, Factor("f′(z)", steepness, "slope of its activation", "text")]


def sum_terms(record: StepRecord, layer: int, neuron: int, sample: int) -> list[tuple[int, float, float]]:
    """Return the terms of a neuron's sum, (source, weight, activation), the largest products first."""
    seen = record.layers[layer - 1]
    products = np.abs(seen.W[neuron] * seen.a_prev[sample])
    order = np.argsort(-products, kind="stable")
    return [(int(k), float(seen.W[neuron, k]), float(seen.a_prev[sample, k])) for k in order]


def requests(record: StepRecord, layer: int, neuron: int, sample: int) -> list[tuple[int, float]]:
    """Return who in the next layer asks for how much, (neuron, w * delta), the largest first; empty at the output."""
    if layer >= len(record.layers):
        return []
    after = record.layers[layer]
    asked = after.W[:, neuron] * after.delta[sample] * len(record.indices)
    return [(int(i), float(asked[i])) for i in np.argsort(-np.abs(asked), kind="stable")]


def finite_difference(network: Network, record: StepRecord, chosen: Selection, loss: str) -> float:
    """Return the batch's gradient of a connection or bias by central differences, on a copy of the step's network."""
    copy = Network(network.sizes, [layer.choice for layer in network.layers])
    for layer, seen in zip(copy.layers, record.layers, strict=True):
        layer.W[:], layer.b[:] = seen.W, seen.b
    start = sum(len(layer) * (layer.W.shape[1] + 1) for layer in copy.layers[: chosen.layer - 1])
    W = copy.layers[chosen.layer - 1].W
    place = W.size + chosen.neuron if chosen.source is None else chosen.neuron * W.shape[1] + chosen.source
    return numerical_derivative(copy, LOSSES[loss], record.X, record.Y, start + place)


def batch_gradient(record: StepRecord, chosen: Selection) -> float:
    """Return the batch's gradient of a connection, or of the bias of a neuron."""
    seen = record.layers[chosen.layer - 1]
    return float(seen.db[chosen.neuron] if chosen.source is None else seen.dW[chosen.neuron, chosen.source])


def agrees(difference: float, gradient: float) -> bool:
    """Tell whether a finite difference confirms a gradient."""
    return abs(difference - gradient) <= AGREEMENT * max(1.0, abs(gradient))
