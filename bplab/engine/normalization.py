"""Normalization of the sums of a layer, between the weights and the activation.

Both kinds do the same: mean 0 and variance 1 along one axis, then a scale gamma and a shift beta for each neuron, which
are trained. Over the batch (axis 0), or over the neurons of the layer (axis 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from bplab.engine.activations import Array


@dataclass(frozen=True, kw_only=True)
class Normalization(Entry):
    """A way to normalize; `axis` is None for none. With `running`, the statistics of batches are kept for prediction.

    A running mean moves by `momentum` of the way at each step; the running variance is the unbiased one, as in PyTorch,
    and a batch of one sample, which has none, leaves both as they are.
    """

    axis: int | None = None
    running: bool = False


class Normalized(NamedTuple):
    """What the backward pass needs: x = (z - mean) / sqrt(variance + eps), and 1 / sqrt(variance + eps)."""

    x: Array
    inverse: Array
    mean: Array
    variance: Array


def normalize(z: Array, axis: int, eps: float) -> Normalized:
    """Return z, shape (batch, n_out), with mean 0 and variance 1 along `axis`."""
    mean = z.mean(axis=axis, keepdims=True)
    centred = z - mean
    variance = np.square(centred).mean(axis=axis, keepdims=True)
    inverse = 1.0 / np.sqrt(variance + eps)
    return Normalized(centred * inverse, inverse, mean, variance)


def pull_back(done: Normalized, grad: Array, gamma: Array, axis: int, out: Array) -> None:
    """Write dL/dz into `out`, given ``grad = dL/du`` for ``u = gamma x + beta``, all of shape (batch, n_out).

    ``dL/dz = (h - mean(h) - x mean(h x)) / sqrt(variance + eps)`` with ``h = gamma grad``, means along `axis`: moving
    one z also moves mean and variance, which all the others share.
    """
    h = grad * gamma
    shared = h.mean(axis=axis, keepdims=True) + done.x * (h * done.x).mean(axis=axis, keepdims=True)
    np.multiply(h - shared, done.inverse, out=out)


_EPS = Setting(1e-5, 1e-12, 1.0, "Keeps the division from blowing up where the variance is tiny.")

NORMALIZATIONS: Catalogue[Normalization] = Catalogue(
    "normalization",
    Normalization(name="none", label="none", doc="The sums go into the activation as they are.", formula="u = z"),
    Normalization(
        name="batch_norm",
        label="batch norm",
        doc="Gives every neuron's sum mean 0 and variance 1 over the batch; prediction uses running values of both.",
        formula="u = gamma (z - mean) / sqrt(variance + eps) + beta, over the samples of the batch",
        source="Ioffe and Szegedy, ICML 2015, arXiv:1502.03167; as in PyTorch's BatchNorm1d",
        settings={
            "eps": _EPS,
            "momentum": Setting(0.1, 0.0, 1.0, "How far the running values move towards those of the batch."),
        },
        axis=0,
        running=True,
    ),
    Normalization(
        name="layer_norm",
        label="layer norm",
        doc="Gives the sums of a layer mean 0 and variance 1 for each sample.",
        formula="u = gamma (z - mean) / sqrt(variance + eps) + beta, over the neurons of the layer",
        source="Ba et al., 2016, arXiv:1607.06450; as in PyTorch's LayerNorm",
        settings={"eps": _EPS},
        axis=1,
    ),
)
