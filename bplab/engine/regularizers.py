"""Regularizers: what keeps the weights (never the biases) small.

A penalty's gradient joins that of the loss when the weights are updated, after clipping; the gradients that a step
shows are those of the loss alone. Decoupled decay and max-norm change the weights themselves, before or after the
optimizer's step. Dropout belongs to a layer, see `layer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bplab.catalogue import Choice
    from bplab.engine.activations import Array
    from bplab.engine.layer import Parameters


@dataclass(frozen=True, kw_only=True)
class Regularizer(Entry):
    """A rule that keeps weights small; what it does not have is None.

    Parameters
    ----------
    value : callable, optional
        ``value(W, **settings)`` gives the penalty R(W) for one layer's weights.
    gradient : callable, optional
        ``gradient(W, **settings)`` gives dR/dW, shape of W.
    decay : callable, optional
        ``decay(W, learning_rate, **settings)`` shrinks W in place, before the optimizer's step.
    project : callable, optional
        ``project(W, **settings)`` brings W back within limits in place, after the optimizer's step.
    """

    value: Callable[..., float] | None = None
    gradient: Callable[..., Array] | None = None
    decay: Callable[..., None] | None = None
    project: Callable[..., None] | None = None


def _l1(W: Array, strength: float) -> float:
    return strength * float(np.abs(W).sum())


def _l1_gradient(W: Array, strength: float) -> Array:
    return strength * np.sign(W)


def _l2(W: Array, strength: float) -> float:
    return strength / 2.0 * float(np.square(W).sum())


def _l2_gradient(W: Array, strength: float) -> Array:
    return strength * W


def _l1_l2(W: Array, l1: float, l2: float) -> float:
    return _l1(W, l1) + _l2(W, l2)


def _l1_l2_gradient(W: Array, l1: float, l2: float) -> Array:
    return _l1_gradient(W, l1) + _l2_gradient(W, l2)


def _weight_decay(W: Array, learning_rate: float, strength: float) -> None:
    np.multiply(W, 1.0 - learning_rate * strength, out=W)


def _max_norm(W: Array, largest: float) -> None:
    norms = np.sqrt(np.square(W).sum(axis=1, keepdims=True))
    np.multiply(W, largest / np.maximum(norms, largest), out=W)


_STRENGTH = {"strength": Setting(0.0001, 0.0, 100.0, "How strongly large weights are pulled towards 0.")}

REGULARIZERS: Catalogue[Regularizer] = Catalogue(
    "regularizer",
    Regularizer(
        name="none",
        label="none",
        doc="The loss alone decides.",
        formula="R(W) = 0",
    ),
    Regularizer(
        name="l2",
        label="L2",
        doc="Pulls every weight towards 0 in proportion to its size.",
        formula="R(W) = strength / 2 * sum W^2,  dR/dW = strength * W",
        source="Krogh and Hertz, A Simple Weight Decay Can Improve Generalization, NIPS 1991",
        settings=_STRENGTH,
        value=_l2,
        gradient=_l2_gradient,
    ),
    Regularizer(
        name="l1",
        label="L1",
        doc="Pulls every weight towards 0 by the same amount, so that many become 0.",
        formula="R(W) = strength * sum |W|,  dR/dW = strength * sign(W); at 0 it is taken as 0",
        source="Tibshirani, J. R. Stat. Soc. B 58, 1996, doi:10.1111/j.2517-6161.1996.tb02080.x",
        settings=_STRENGTH,
        value=_l1,
        gradient=_l1_gradient,
    ),
    Regularizer(
        name="l1_l2",
        label="L1 and L2",
        doc="Both pulls at once: an elastic net.",
        formula="R(W) = l1 * sum |W| + l2 / 2 * sum W^2",
        source="Zou and Hastie, J. R. Stat. Soc. B 67, 2005, doi:10.1111/j.1467-9868.2005.00503.x",
        settings={
            "l1": Setting(0.0001, 0.0, 100.0, "How strongly weights are pulled towards 0, whatever their size."),
            "l2": Setting(0.0001, 0.0, 100.0, "How strongly they are pulled in proportion to their size."),
        },
        value=_l1_l2,
        gradient=_l1_l2_gradient,
    ),
    Regularizer(
        name="weight_decay",
        label="weight decay",
        doc="Shrinks every weight a little at each step, apart from the gradient and the optimizer.",
        formula="W <- (1 - lr * strength) W, before the optimizer's step",
        source="Loshchilov and Hutter, ICLR 2019, arXiv:1711.05101",
        settings={"strength": Setting(0.01, 0.0, 100.0, "How strongly every weight is shrunk.")},
        decay=_weight_decay,
    ),
    Regularizer(
        name="max_norm",
        label="max-norm",
        doc="Keeps the weights that enter a neuron, taken together, within a largest length.",
        formula="W[j] <- W[j] * min(1, largest / |W[j]|), after the optimizer's step",
        source="Srivastava et al., JMLR 15, 2014",
        settings={"largest": Setting(3.0, 1e-6, 1e6, "The greatest length of the weights that enter a neuron.")},
        project=_max_norm,
    ),
)


def penalty_of(choice: Choice, layers: Sequence[Parameters]) -> float:
    """Return what a regularizer adds to the loss, over the weights of all layers."""
    value = REGULARIZERS[choice.name].value
    return 0.0 if value is None else sum(value(layer.W, **choice.values) for layer in layers)
