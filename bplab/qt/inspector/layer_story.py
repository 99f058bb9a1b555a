"""What the inspector says of a whole layer: the chain rule in matrices, and the sizes of its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.microscope.batch import agreement, sample_norms
from bplab.microscope.facts import is_fused
from bplab.microscope.health import update_ratio
from bplab.microscope.words import Bars, Factor, Names, Row, number
from bplab.qt.inspector.story import Story

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.microscope.facts import Moment
    from bplab.microscope.selection import Selection


def whole_layer(network: Network, picks: tuple[Selection, ...]) -> int | None:
    """Return the dense layer whose neurons are all picked, and nothing else; None where that is not so."""
    layers = {pick.layer for pick in picks}
    if len(layers) != 1 or len(picks) < 2 or any(pick.is_connection for pick in picks):
        return None
    (layer,) = layers
    return layer if layer > 0 and len(set(picks)) == network.sizes[layer] else None


def layer_story(moment: Moment, names: Names, layer: int) -> Story:
    """Return what there is to say of a layer; lengths are those of the vectors of the chosen sample."""
    title = (
        f"{'output layer' if layer == names.layers else f'layer {layer}'}, all {moment.network.sizes[layer]} neurons"
    )
    formula = Row("FORMULA", (_formula(moment, layer),))
    if not moment.knows_error(layer):
        return Story(title, f"Known when the backward pass has come to layer {layer}.", rows=(formula,))
    seen, row, batch = moment.record.layers[layer - 1], moment.sample, len(moment.record.indices)
    came, delta = _length(seen.a_prev[row]), _length(seen.delta[row]) * batch
    cards: tuple[Factor | str, ...] = (
        Factor("|∂L/∂W|", came * delta, "this sample's", "gradient", "The length of the gradient of all its weights."),
        "=",
        Factor("|a|", came, "what came in", "input", "The length of the vector of activations that came in."),
        "×",
        Factor("|δ|", delta, "its error", "error", "The length of the vector of its errors dL/dz."),
    )
    if layer < names.layers:
        after, pull = moment.record.layers[layer], seen.pull[row]
        passed = _length(after.delta[row]) * batch
        tips = ("The length of the next layer's errors.", "The same after they came back through the weights.")
        cards = (
            *cards,
            "   from",
            Factor("|δ next|", passed, "next layer's error", "error", tips[0]),
            "→",
            Factor("|Wᵀ δ next|", _length(pull), "asked for", "pull", tips[1]),
        )
    size = f"size {number(_length(seen.dW))}, {agreement(seen):.0%} of the samples' is left in their mean"
    ratio = f"update / weight = {update_ratio(seen):.2e}" if moment.knows_update else "comes after the backward pass"
    rows = (formula, Row("GRADIENT", (size,)), Row("UPDATE", (ratio,)))
    mean = float(np.hypot(_length(seen.dW), _length(seen.db)))
    bars = Bars(sample_norms(seen), lambda sample: names.sample(moment.record, sample), mean)
    return Story(title, "", cards, rows, bars)


def _formula(moment: Moment, layer: int) -> str:
    label = ACTIVATIONS[moment.network.layers[layer - 1].choice.name].label
    gradient = "∂L/∂W = mean of δ aᵀ,  ∂L/∂b = mean of δ"
    if layer == len(moment.network.layers):
        return f"{gradient},  δ = {'a − y' if is_fused(moment, layer) else f'∂L/∂a ⊙ {label}′(z)'}"
    return f"{gradient},  δ = (Wᵀ δ of layer {layer + 1}) ⊙ {label}′(z)"


def _length(values: np.ndarray) -> float:
    return float(np.linalg.norm(values))
