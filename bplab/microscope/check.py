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
    from bplab.engine.gradient_check import CheckedPart
    from bplab.microscope.selection import Selection

ROW = "{:>5}  {:<6}{:>11}{:>11}{:>9}{:>9}   {:<12}"
SHOWN = 5  # places of each kind
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


def has_passed(parts: tuple[CheckedPart, ...]) -> bool:
    """Tell whether no gradient is wrong."""
    return not any(part.failed for part in parts)


def in_words(parts: tuple[CheckedPart, ...]) -> str:
    """Return a table of what a check of every gradient has found."""
    lines = [ROW.format("layer", "part", "parameters", "difference", "skipped", "wrong", "").rstrip()]
    for part in parts:
        numbers = part.count, f"{part.largest_difference:.1e}", len(part.skipped), len(part.failed)
        lines.append(ROW.format(part.layer, part.symbol, *numbers, "WRONG" if part.failed else "right").rstrip())
    for part in parts:
        lines += [f"wrong: layer {part.layer}, {part.symbol}{_place(place)}" for place in part.failed[:SHOWN]]
    for part in parts:
        lines += [
            f"skipped: layer {part.layer}, {part.symbol}{_place(place)}: {reason} has a kink there"
            for place, reason in part.skipped[:SHOWN]
        ]
    count = sum(part.count - len(part.skipped) for part in parts)
    lines.append(f"{count} gradients compared: {'all right' if has_passed(parts) else 'NOT all right'}")
    return "\n".join(lines)


def _place(place: tuple[int, ...]) -> str:
    return f"[{', '.join(str(i + 1) for i in place)}]"
