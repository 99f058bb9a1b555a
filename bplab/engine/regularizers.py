"""Regularizers: a penalty on the size of the weights (never of the biases), added to the loss in the update.

The gradients of a step are those of the loss alone; the penalty's gradient joins them when the weights are updated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array


@dataclass(frozen=True, kw_only=True)
class Regularizer(Entry):
    """A penalty R(W) added to the loss.

    Parameters
    ----------
    value : callable
        ``value(W, **settings)`` gives R(W) for one layer's weights.
    gradient : callable
        ``gradient(W, **settings)`` gives dR/dW, shape of W.
    """

    value: Callable[..., float]
    gradient: Callable[..., Array]


def _none(W: Array) -> float:  # noqa: ARG001
    return 0.0


def _l1(W: Array, strength: float) -> float:
    return strength * float(np.abs(W).sum())


def _l1_gradient(W: Array, strength: float) -> Array:
    return strength * np.sign(W)


def _l2(W: Array, strength: float) -> float:
    return strength / 2.0 * float(np.square(W).sum())


def _l2_gradient(W: Array, strength: float) -> Array:
    return strength * W


_STRENGTH = {"strength": Setting(0.0001, 0.0, 100.0, "How strongly large weights are pulled towards 0.")}

REGULARIZERS: Catalogue[Regularizer] = Catalogue(
    "regularizer",
    Regularizer(
        name="none",
        label="none",
        doc="The loss alone decides.",
        formula="R(W) = 0",
        value=_none,
        gradient=np.zeros_like,
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
)
