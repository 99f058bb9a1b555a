"""Losses for classes: the cross-entropies, and the hinge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.losses.loss import Fused, Loss

if TYPE_CHECKING:
    from bplab.engine.activations import Array


def _y_log(Y: Array, a: Array) -> Array:
    """Y log(a), with 0 log(0) = 0."""
    return Y * np.log(np.where(Y > 0, a, 1.0))


def _smooth(Y: Array, label_smoothing: float, n: int) -> Array:
    """Give all `n` classes an equal part of a share of every target."""
    return Y * (1.0 - label_smoothing) + label_smoothing / n if label_smoothing else Y


def _cross_entropy(a: Array, Y: Array, label_smoothing: float) -> Array:
    return -_y_log(_smooth(Y, label_smoothing, Y.shape[1]), a)


def _cross_entropy_gradient(a: Array, Y: Array, out: Array, label_smoothing: float) -> None:
    np.divide(-_smooth(Y, label_smoothing, Y.shape[1]), a, out=out)


def _cross_entropy_from_z(z: Array, Y: Array, label_smoothing: float) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    surprise = np.log(np.exp(shifted).sum(axis=1, keepdims=True)) - shifted
    return np.asarray(_smooth(Y, label_smoothing, Y.shape[1]) * surprise)


def _cross_entropy_delta(a: Array, Y: Array, out: Array, label_smoothing: float) -> None:
    np.subtract(a, _smooth(Y, label_smoothing, Y.shape[1]), out=out)


_SMOOTHING = {
    "label_smoothing": Setting(
        0.0, 0.0, 0.999, "The share of each target that is spread over all classes, so that no answer is quite certain."
    )
}

CROSS_ENTROPY = Loss(
    name="cross_entropy",
    label="cross-entropy",
    doc="How surprised the softmax output is by the right class; natural logarithm, mean over samples.",
    formula="L = -sum_j y_j ln(a_j);  with softmax dL/dz = a - y",
    source="Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4; as PyTorch's CrossEntropyLoss",
    settings=_SMOOTHING,
    share=_cross_entropy,
    gradient=_cross_entropy_gradient,
    outputs=("softmax",),
    tasks=("classes",),
    one_neuron_a_class=True,
    fused={"softmax": Fused(_cross_entropy_from_z, _cross_entropy_delta)},
)


def _binary_cross_entropy(a: Array, Y: Array, label_smoothing: float) -> Array:
    T = _smooth(Y, label_smoothing, 2)
    return -(_y_log(T, a) + _y_log(1.0 - T, 1.0 - a))


def _binary_cross_entropy_gradient(a: Array, Y: Array, out: Array, label_smoothing: float) -> None:
    np.divide(a - _smooth(Y, label_smoothing, 2), a * (1.0 - a), out=out)


def _binary_cross_entropy_from_z(z: Array, Y: Array, label_smoothing: float) -> Array:
    return np.asarray(np.logaddexp(0.0, z) - _smooth(Y, label_smoothing, 2) * z)


def _binary_cross_entropy_delta(a: Array, Y: Array, out: Array, label_smoothing: float) -> None:
    np.subtract(a, _smooth(Y, label_smoothing, 2), out=out)


BINARY_CROSS_ENTROPY = Loss(
    name="binary_cross_entropy",
    label="binary cross-entropy",
    doc="How surprised a sigmoid output is by the right answer, yes or no; mean over samples.",
    formula="L = -sum_j (y_j ln(a_j) + (1 - y_j) ln(1 - a_j));  with sigmoid dL/dz = a - y",
    source="Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2; "
    "for one output as PyTorch's BCEWithLogitsLoss",
    settings=_SMOOTHING,
    share=_binary_cross_entropy,
    gradient=_binary_cross_entropy_gradient,
    outputs=("sigmoid",),
    tasks=("classes",),
    fused={"sigmoid": Fused(_binary_cross_entropy_from_z, _binary_cross_entropy_delta)},
)


def _margin(a: Array, Y: Array) -> Array:
    """How much is missing from 1 on the right side: 1 - t a, with t = 1 for the class and -1 otherwise."""
    return np.asarray(1.0 - (2.0 * Y - 1.0) * a)


def _hinge(a: Array, Y: Array) -> Array:
    return np.asarray(np.maximum(0.0, _margin(a, Y)) / Y.shape[1])


def _hinge_gradient(a: Array, Y: Array, out: Array) -> None:
    np.multiply(1.0 - 2.0 * Y, _margin(a, Y) > 0, out=out)
    np.multiply(out, 1.0 / Y.shape[1], out=out)


HINGE = Loss(
    name="hinge",
    label="hinge",
    doc="Asks every output to be on the right side by at least 1, and then leaves it alone; mean over outputs.",
    formula="L = sum_j max(0, 1 - t_j a_j) / n_out,  t = 1 for the class and -1 otherwise; slope 0 at the corner",
    source="Cortes and Vapnik, Machine Learning 20, 1995, doi:10.1007/BF00994018; as Keras' Hinge",
    share=_hinge,
    gradient=_hinge_gradient,
    outputs=("identity", "tanh", "hardtanh", "softsign"),
    tasks=("classes",),
    threshold=0.0,
    kink=_margin,
)
