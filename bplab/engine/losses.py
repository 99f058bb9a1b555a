"""Losses: what is plotted is what is differentiated.

A loss gives each output's share of each sample's loss; the loss of a batch is the mean over its samples of the
sum of the shares.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bplab.engine.activations import Array


@dataclass(frozen=True)
class Fused:
    """A loss and an output activation taken together, from z, where that is more exact than the chain rule.

    Parameters
    ----------
    share : callable
        ``share(z, Y)`` gives the shares, shape (batch, n_out).
    delta : callable
        ``delta(a, Y, out)`` writes d(sample loss)/dz, shape (batch, n_out).
    """

    share: Callable[[Array, Array], Array]
    delta: Callable[[Array, Array, Array], object]


@dataclass(frozen=True, kw_only=True)
class Loss(Entry):
    """A loss between the output ``a`` and the target ``Y``, both of shape (batch, n_out).

    Parameters
    ----------
    share : callable
        ``share(a, Y)`` gives each output's part of each sample's loss, shape (batch, n_out).
    gradient : callable
        ``gradient(a, Y, out)`` writes d(sample loss)/da.
    outputs : tuple of str
        Output activations that it accepts, the usual one for classes first.
    tasks : tuple of str
        "classes", "numbers" or both.
    one_neuron_a_class : bool
        Whether two classes also get two output neurons.
    fused : mapping of str to Fused
        By output activation.
    """

    share: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array, Array], object]
    outputs: tuple[str, ...]
    tasks: tuple[str, ...]
    one_neuron_a_class: bool = False
    fused: Mapping[str, Fused] = field(default_factory=dict)


def _mse(a: Array, Y: Array) -> Array:
    return np.asarray(np.square(a - Y) / Y.shape[1])


def _mse_gradient(a: Array, Y: Array, out: Array) -> None:
    np.subtract(a, Y, out=out)
    np.multiply(out, 2.0 / Y.shape[1], out=out)


def _half_squared_error(a: Array, Y: Array) -> Array:
    return np.square(a - Y) / 2.0


def _difference(a: Array, Y: Array, out: Array) -> None:
    np.subtract(a, Y, out=out)


def _binary_cross_entropy(a: Array, Y: Array) -> Array:
    return -(_y_log(Y, a) + _y_log(1.0 - Y, 1.0 - a))


def _binary_cross_entropy_gradient(a: Array, Y: Array, out: Array) -> None:
    np.divide(a - Y, a * (1.0 - a), out=out)


def _binary_cross_entropy_from_z(z: Array, Y: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, z) - Y * z)


def _cross_entropy(a: Array, Y: Array) -> Array:
    return -_y_log(Y, a)


def _cross_entropy_gradient(a: Array, Y: Array, out: Array) -> None:
    np.divide(-Y, a, out=out)


def _cross_entropy_from_z(z: Array, Y: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    return np.asarray(Y * (np.log(np.exp(shifted).sum(axis=1, keepdims=True)) - shifted))


def _y_log(Y: Array, a: Array) -> Array:
    """Y log(a), with 0 log(0) = 0."""
    return Y * np.log(np.where(Y > 0, a, 1.0))


_ANY = ("sigmoid", "identity", "tanh", "relu", "leaky_relu", "softmax")

LOSSES: Catalogue[Loss] = Catalogue(
    "loss",
    Loss(
        name="cross_entropy",
        label="cross-entropy",
        doc="How surprised the softmax output is by the right class; natural logarithm, mean over samples.",
        formula="L = -sum_j y_j ln(a_j);  with softmax dL/dz = a - y",
        source="Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4",
        share=_cross_entropy,
        gradient=_cross_entropy_gradient,
        outputs=("softmax",),
        tasks=("classes",),
        one_neuron_a_class=True,
        fused={"softmax": Fused(_cross_entropy_from_z, _difference)},
    ),
    Loss(
        name="binary_cross_entropy",
        label="binary cross-entropy",
        doc="How surprised a sigmoid output is by the right answer, yes or no; mean over samples.",
        formula="L = -sum_j (y_j ln(a_j) + (1 - y_j) ln(1 - a_j));  with sigmoid dL/dz = a - y",
        source="Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2",
        share=_binary_cross_entropy,
        gradient=_binary_cross_entropy_gradient,
        outputs=("sigmoid",),
        tasks=("classes",),
        fused={"sigmoid": Fused(_binary_cross_entropy_from_z, _difference)},
    ),
    Loss(
        name="mse",
        label="mean squared error",
        doc="The squared error, mean over samples and outputs (PyTorch's MSELoss).",
        formula="L = sum_j (a_j - y_j)^2 / n_out,  dL/da_j = 2 (a_j - y_j) / n_out",
        share=_mse,
        gradient=_mse_gradient,
        outputs=_ANY,
        tasks=("numbers", "classes"),
    ),
    Loss(
        name="half_squared_error",
        label="half squared error",
        doc="Half the squared error, summed over outputs, mean over samples: the textbooks' loss.",
        formula="L = sum_j (a_j - y_j)^2 / 2,  dL/da_j = a_j - y_j",
        source="Nielsen, Neural Networks and Deep Learning, 2015, chapter 2",
        share=_half_squared_error,
        gradient=_difference,
        outputs=_ANY,
        tasks=("numbers", "classes"),
    ),
)
