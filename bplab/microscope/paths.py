"""From one neuron to the loss: every path that its activation takes, with the product of the factors along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.microscope import facts

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection

MOST_KEPT = 4096  # beginnings of paths that are followed further


@dataclass(frozen=True)
class Path:
    """One path.

    Parameters
    ----------
    neurons : tuple of int
        One for each layer, from that of the neuron it begins at to the output.
    product : float
        What it adds to the gradient of the sample's own loss.
    """

    neurons: tuple[int, ...]
    product: float


@dataclass(frozen=True)
class Paths:
    """The paths of one connection or bias to the loss.

    Parameters
    ----------
    listed : tuple of Path
        Those of largest product, the largest first.
    count : int
        How many there are in all.
    gradient : float
        What all of them add up to: the gradient of the sample's own loss.
    is_cut : bool
        Whether weak beginnings were given up on the way, so that a path of middle size may be missing.
    """

    listed: tuple[Path, ...]
    count: int
    gradient: float
    is_cut: bool


def why_not(network: Network, layer: int) -> str:
    """Say why the paths from a dense layer cannot be listed; nothing where they can."""
    for number in range(layer, len(network.layers) + 1):
        plan = network.plans[number - 1]
        if plan.skip:
            return f"Layer {number} has a skip connection: its paths are not listed."
        if plan.normalization.name != "none":
            return f"The normalization of layer {number} ties its neurons together: there are no single paths."
    return ""


def paths_to_loss(moment: Moment, chosen: Selection, most: int = 12) -> Paths:
    """Return the largest paths from a connection, or from a neuron's bias, to the loss of the chosen sample.

    A path is worth ``a_k * f'(z_j) * w * f'(z) * ... * delta`` of the output at its end. `why_not` says where that is
    not the whole story.
    """
    layers, last = moment.record.layers, len(moment.record.layers)
    came = 1.0 if chosen.source is None else facts.activation(moment, chosen.layer - 1, chosen.source)
    ends, products, is_cut = np.array([[chosen.neuron]]), np.array([came]), False
    for number in range(chosen.layer, last):
        slopes = _slopes(moment, number)
        weights = layers[number].W
        products = products * slopes[ends[:, -1]]
        every = products[:, None] * weights[:, ends[:, -1]].T
        places = np.arange(every.size)
        if number + 1 < last and every.size > MOST_KEPT:
            places = np.sort(np.argsort(-np.abs(every), axis=None, kind="stable")[:MOST_KEPT])
            is_cut = True
        begun, neurons = np.divmod(places, every.shape[1])
        ends, products = np.column_stack([ends[begun], neurons]), every.ravel()[places]
    errors = layers[-1].delta[moment.sample] * len(moment.record.indices)
    products = products * errors[ends[:, -1]]
    order = np.argsort(-np.abs(products), kind="stable")[:most]
    listed = tuple(Path(tuple(map(int, ends[i])), float(products[i])) for i in order)
    count = int(np.prod([float(len(layer.b)) for layer in layers[chosen.layer :]], initial=1.0))
    gradient = came * facts.error(moment, chosen.layer, chosen.neuron)
    return Paths(listed, count, gradient, is_cut)


def _slopes(moment: Moment, layer: int) -> np.ndarray:
    """Return how strongly each neuron of a hidden layer passes a small change of z on, dropout included."""
    found = [facts.slope(moment, layer, neuron) for neuron in range(len(moment.record.layers[layer - 1].b))]
    mask = moment.record.layers[layer - 1].mask
    slopes = np.array(found, dtype=float)
    return slopes if mask is None else slopes * mask[moment.sample]
