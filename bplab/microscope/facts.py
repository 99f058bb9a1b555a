"""The arithmetic behind the inspector: pure functions on a step's record, no widgets and no words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.regularizers import REGULARIZERS
from bplab.microscope.selection import Selection

if TYPE_CHECKING:
    from bplab.engine.network import Network
    from bplab.engine.record import StepRecord
    from bplab.engine.settings import Settings
    from bplab.microscope.now import Now


@dataclass(frozen=True, eq=False)
class Memory:
    """An optimizer's slots, each of shape (n_parameters,), and how many updates made them."""

    slots: tuple[np.ndarray, ...]
    updates: int


@dataclass(frozen=True, eq=False)
class Moment:
    """A step, one sample of its batch, and how far the step has come: what is not computed yet is not known.

    Parameters
    ----------
    sample : int
        Row of the batch.
    now : Now
        Where within the step it is.
    is_done : bool
        Whether the parameters were really changed by this step.
    memory : Memory, optional
        What the optimizer remembers after this step; None where that is not known.
    """

    network: Network
    record: StepRecord
    sample: int
    now: Now
    is_done: bool
    memory: Memory | None = None

    @property
    def training(self) -> Settings:
        """What the step was done with."""
        return self.record.settings

    def knows_activation(self, layer: int) -> bool:
        """Tell whether the forward pass has been at a layer."""
        return self.now.knows_activation(layer)

    def knows_error(self, layer: int) -> bool:
        """Tell whether the backward pass has been at a layer."""
        return self.now.knows_error(layer)

    @property
    def knows_update(self) -> bool:
        """Whether the parameters have been changed."""
        return self.is_done and self.now.knows_update


@dataclass(frozen=True)
class Update:
    """What a step did to one parameter; `penalty` is the regularizer's part of the gradient."""

    before: float
    gradient: float
    penalty: float
    change: float

    @property
    def after(self) -> float:
        """The parameter after the step."""
        return self.before + self.change


@dataclass(frozen=True)
class Term:
    """One term of a sum over a neighbouring layer: ``weight * value`` for its neuron."""

    neuron: int
    weight: float
    value: float

    @property
    def product(self) -> float:
        """What the term adds."""
        return self.weight * self.value


def exists(sizes: tuple[int, ...], chosen: Selection) -> bool:
    """Tell whether a network of these sizes has what is selected."""
    if not 0 <= chosen.layer < len(sizes) or not 0 <= chosen.neuron < sizes[chosen.layer]:
        return False
    return chosen.source is None or (chosen.layer > 0 and 0 <= chosen.source < sizes[chosen.layer - 1])


def fits(network: Network, record: StepRecord) -> bool:
    """Tell whether a record is of a network of this shape."""
    return len(record.layers) == len(network.layers) and all(
        seen.W.shape == layer.W.shape for seen, layer in zip(record.layers, network.layers, strict=True)
    )


def activation(moment: Moment, layer: int, neuron: int) -> float:
    """Return what a neuron, of the input layer (0) too, gives for the sample."""
    record = moment.record
    values = record.layers[layer - 1].a if layer else record.X
    return float(values[moment.sample, neuron])


def error(moment: Moment, layer: int, neuron: int) -> float:
    """Return dL/dz of a neuron for the sample's own loss; the batch's mean holds one part in `batch` of it."""
    return float(moment.record.layers[layer - 1].delta[moment.sample, neuron]) * len(moment.record.indices)


def slope(moment: Moment, layer: int, neuron: int) -> float | None:
    """Return f'(z) of a neuron for the sample; None where every output depends on every z (softmax)."""
    choice = moment.network.layers[layer - 1].choice
    function = ACTIVATIONS[choice.name].slope
    if function is None:
        return None
    seen, row = moment.record.layers[layer - 1], slice(moment.sample, moment.sample + 1)
    out, f = np.empty_like(seen.u[row]), np.empty_like(seen.u)
    with np.errstate(all="ignore"):
        ACTIVATIONS[choice.name].value(seen.u, f, **choice.values)
        function(seen.u[row], f[row], out, **choice.values)
    return float(out[0, neuron])


def is_fused(moment: Moment, layer: int) -> bool:
    """Tell whether a layer's error is ``a - y``: the output, of a loss that is fused with its activation."""
    is_output = layer == len(moment.network.layers)
    return is_output and moment.network.layers[-1].choice.name in LOSSES[moment.training.loss.name].fused


def pull(moment: Moment, layer: int, neuron: int) -> float:
    """Return dL/da of a neuron for the sample: the next layer's sum of w * delta, at the output the loss's slope."""
    if layer < len(moment.record.layers):
        return float(moment.record.layers[layer - 1].pull[moment.sample, neuron])
    return float(_loss_slope(moment)[neuron])


def centred_pull(moment: Moment, neuron: int) -> float:
    """Return ``g_j - sum_i a_i g_i`` with ``g = dL/da``: softmax's error is a_j times this."""
    gradient = _loss_slope(moment)
    a = moment.record.layers[-1].a[moment.sample]
    return float(gradient[neuron] - (a * gradient).sum())


def _loss_slope(moment: Moment) -> np.ndarray:
    row = slice(moment.sample, moment.sample + 1)
    a, Y = moment.record.layers[-1].a[row], moment.record.Y[row]
    out = np.empty_like(a)
    with np.errstate(all="ignore"):
        loss = moment.training.loss
        LOSSES[loss.name].gradient(a, Y, out, **loss.values)
    return np.asarray(out[0])


def sum_terms(moment: Moment, layer: int, neuron: int) -> list[Term]:
    """Return the terms ``w * a`` of a neuron's weighted sum for the sample, the largest first."""
    seen = moment.record.layers[layer - 1]
    return _terms(seen.W[neuron], seen.a_prev[moment.sample])


def requests(moment: Moment, layer: int, neuron: int) -> list[Term]:
    """Return what each neuron of the next layer asks for, ``w * delta``, the largest first; none at the output."""
    if layer >= len(moment.record.layers):
        return []
    after = moment.record.layers[layer]
    return _terms(after.W[:, neuron], after.delta[moment.sample] * len(moment.record.indices))


def skip_requests(moment: Moment, layer: int, neuron: int) -> list[tuple[int, float]]:
    """Return what reaches a neuron through skip connections: each later layer that adds its output, and dL/da there."""
    plans, seen = moment.network.plans, moment.record.layers
    later = (number for number, plan in enumerate(plans, start=1) if plan.skip and number - plan.skip == layer)
    return [(number, float(seen[number - 1].pull[moment.sample, neuron])) for number in later]


def mask(moment: Moment, layer: int, neuron: int) -> float | None:
    """Return what dropout multiplied a neuron by for the sample; None without dropout."""
    drawn = moment.record.layers[layer - 1].mask
    return None if drawn is None else float(drawn[moment.sample, neuron])


def weight_of_sample(moment: Moment) -> float | None:
    """Return how many times the sample counts, compared with the mean over the batch; None if all count alike."""
    weights = moment.record.weights
    return None if weights is None else float(weights[moment.sample, 0] / weights.mean())


def target(moment: Moment, neuron: int) -> float:
    """Return the target of an output for the sample, smoothed where the loss smooths it."""
    y, loss = float(moment.record.Y[moment.sample, neuron]), moment.training.loss
    smoothing = loss.values.get("label_smoothing", 0.0)
    choices = 2 if loss.name == "binary_cross_entropy" else moment.record.Y.shape[1]
    return y * (1.0 - smoothing) + smoothing / choices


def largest_gradient(record: StepRecord) -> Selection:
    """Return the connection whose gradient, averaged over the batch, is the largest."""
    found = [_largest(layer.dW) for layer in record.layers]
    layer = int(np.argmax([size for size, _ in found]))
    neuron, source = divmod(found[layer][1], record.layers[layer].dW.shape[1])
    return Selection(layer + 1, neuron, source)


def _largest(values: np.ndarray) -> tuple[float, int]:
    """Return the size and the flat place of the largest value, of those that are numbers; without a copy of all."""
    flat = values.ravel()
    if np.isnan(flat[flat.argmax()]):  # which is then the first that is no number
        flat = np.nan_to_num(flat)
    place = max(int(flat.argmax()), int(flat.argmin()), key=lambda at: abs(flat[at]))
    return abs(float(flat[place])), place


def _terms(weights: np.ndarray, values: np.ndarray) -> list[Term]:
    with np.errstate(all="ignore"):
        order = np.argsort(-np.abs(weights * values), kind="stable")
    return [Term(int(k), float(weights[k]), float(values[k])) for k in order]


def update(moment: Moment, chosen: Selection) -> Update:
    """Return what the step did to a connection's weight, or to a neuron's bias."""
    seen, j, k = moment.record.layers[chosen.layer - 1], chosen.neuron, chosen.source
    if k is None:
        return Update(float(seen.b[j]), float(seen.db[j]), 0.0, float(seen.update_b[j]))
    choice = moment.training.regularizer
    gradient = REGULARIZERS[choice.name].gradient
    penalty = 0.0 if gradient is None else float(gradient(seen.W[j : j + 1, k : k + 1], **choice.values)[0, 0])
    return Update(float(seen.W[j, k]), float(seen.dW[j, k]), penalty, float(seen.update_W[j, k]))
