"""The live gradient check: one derivative of a step, found again without the chain rule.

It works on a copy with the weights that the step began with; the network that is being trained is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.gradient_check import numerical_derivative
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.qt.inspector.facts import Moment, update

if TYPE_CHECKING:
    from bplab.qt.selection import Selection

WIDTH = 1e-5
RELATIVE, ABSOLUTE = 1e-5, 1e-9
MOST_PRODUCTS = 300_000_000  # of a weight and an activation: about a tenth of a second
KINK = 0.1  # a slope that jumps by this much within the width of the difference has no derivative there


@dataclass(frozen=True)
class Check:
    """A derivative found twice; `tolerance` is how far apart rounding may bring the two."""

    numerical: float
    backprop: float
    tolerance: float
    at_kink: bool

    @property
    def difference(self) -> float:
        """How far the two are apart."""
        return abs(self.numerical - self.backprop)

    @property
    def agrees(self) -> bool:
        """Whether they are the same but for rounding."""
        return self.difference <= self.tolerance


def is_affordable(moment: Moment) -> bool:
    """Tell whether a check is quick enough for the window's thread."""
    return len(moment.network.parameters) * len(moment.record.X) <= MOST_PRODUCTS


def check(moment: Moment, chosen: Selection) -> Check:
    """Compare backpropagation with a central difference, for a weight, or a bias when a neuron is selected."""
    record, network = moment.record, copy_of(moment)
    loss, index = LOSSES[moment.training.loss.name], place_of(network, chosen)
    came_in = _largest_input(moment, chosen)
    width = WIDTH / came_in  # a large input makes the loss bend more strongly along this weight
    with np.errstate(all="ignore"):
        numerical = numerical_derivative(network, loss, record.X, record.Y, index, width)
        backprop = update(moment, chosen).gradient
        size = max(abs(numerical), abs(backprop))
        tolerance = RELATIVE * size + ABSOLUTE * came_in * max(1.0, abs(record.loss))
        agrees = abs(numerical - backprop) <= tolerance
        at_kink = not agrees and _has_kink(network, record.X, index, width)
    return Check(numerical, backprop, tolerance, at_kink)


def copy_of(moment: Moment) -> Network:
    """Return a new network with the weights that the step began with."""
    network = Network(moment.network.sizes, [layer.choice for layer in moment.network.layers])
    for layer, seen in zip(network.layers, moment.record.layers, strict=True):
        layer.W[:], layer.b[:] = seen.W, seen.b
    return network


def place_of(network: Network, chosen: Selection) -> int:
    """Return where a weight or bias stands in the flat vector of parameters."""
    marks = network.views(np.arange(len(network.parameters), dtype=float))[chosen.layer - 1]
    return int(marks.b[chosen.neuron] if chosen.source is None else marks.W[chosen.neuron, chosen.source])


def _largest_input(moment: Moment, chosen: Selection) -> float:
    if chosen.source is None:
        return 1.0
    largest = float(np.abs(moment.record.layers[chosen.layer - 1].a_prev[:, chosen.source]).max())
    return max(1.0, largest) if np.isfinite(largest) else 1.0


def _has_kink(network: Network, X: np.ndarray, index: int, width: float) -> bool:
    """Tell whether a slope jumps between both ends of the difference, as relu's does at 0."""
    kept = network.parameters[index]
    h = width * max(1.0, abs(float(kept)))
    ends = []
    for moved in (kept - h, kept, kept + h):
        network.parameters[index] = moved
        ends.append(_slopes(network, X))
    network.parameters[index] = kept
    return any(np.ptp(np.array(slopes), axis=0).max() > KINK for slopes in zip(*ends, strict=True))


def _slopes(network: Network, X: np.ndarray) -> list[np.ndarray]:
    found = []
    for layer, (z, a) in zip(network.layers, network.forward(X), strict=True):
        if layer.activation.slope is not None:
            out = np.empty_like(z)
            layer.activation.slope(z, a, out, **layer.choice.values)
            found.append(out)
    return found
