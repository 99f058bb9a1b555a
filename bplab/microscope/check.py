"""The live gradient check: one derivative of a step, found again without the chain rule.

It works on a copy with the weights that the step began with; the network that is being trained is never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.gradient_check import Derivative, derivative, loaded
from bplab.engine.network import Network
from bplab.microscope.facts import Moment, update

if TYPE_CHECKING:
    from bplab.engine.backprop import Backprop
    from bplab.microscope.selection import Selection

MOST_PRODUCTS = 300_000_000  # of a weight and an activation: about a tenth of a second


def is_affordable(moment: Moment, checks: int = 1) -> bool:
    """Tell whether so many checks are quick enough for the window's thread."""
    return len(moment.network.parameters) * len(moment.record.X) * checks <= MOST_PRODUCTS


def check(moment: Moment, chosen: Selection) -> Derivative:
    """Compare backpropagation with a central difference, for a weight, or a bias when a neuron is selected."""
    passes = copy_of(moment)
    return derivative(passes, place_of(passes.network, chosen), update(moment, chosen).gradient)


def copy_of(moment: Moment) -> Backprop:
    """Return the passes of a new network, in float64, with the weights and the batch that the step began with."""
    network, record = Network(moment.network.sizes, moment.network.plans), moment.record
    for layer, seen in zip(network.layers, record.layers, strict=True):
        layer.W[:], layer.b[:], layer.gamma[:], layer.beta[:] = seen.W, seen.b, seen.gamma, seen.beta
    passes = loaded(network, moment.training.loss, record.X, record.Y)
    passes.masks = [seen.mask for seen in record.layers]
    passes.weights = record.weights
    return passes


def place_of(network: Network, chosen: Selection) -> int:
    """Return where a weight or bias stands in the flat vector of parameters."""
    marks = network.views(np.arange(len(network.parameters), dtype=float))[chosen.layer - 1]
    return int(marks.b[chosen.neuron] if chosen.source is None else marks.W[chosen.neuron, chosen.source])
