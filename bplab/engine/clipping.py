"""Clipping: a gradient that is too large is cut down before the optimizer sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array


@dataclass(frozen=True, kw_only=True)
class Clipping(Entry):
    """A limit on the gradient of the loss.

    Parameters
    ----------
    clip : callable
        ``clip(g, **settings)`` changes the gradient `g`, shape (n_parameters,), in place.
    """

    clip: Callable[..., None]


def _none(g: Array) -> None:
    """Leave the gradient as it is."""


def _by_norm(g: Array, largest: float) -> None:
    scale = largest / (math.sqrt(np.vdot(g, g)) + 1e-6)
    if scale < 1.0:
        np.multiply(g, scale, out=g)


def _by_value(g: Array, largest: float) -> None:
    np.clip(g, -largest, largest, out=g)


CLIPPINGS: Catalogue[Clipping] = Catalogue(
    "clipping",
    Clipping(name="none", label="none", doc="Gradients are used as they are.", formula="g <- g", clip=_none),
    Clipping(
        name="norm",
        label="by norm",
        doc="Shortens the gradient of all parameters together to a largest length; its direction stays.",
        formula="g <- g * min(1, largest / (|g| + 1e-6))",
        source="Pascanu et al., ICML 2013, arXiv:1211.5063; as PyTorch's clip_grad_norm_",
        settings={"largest": Setting(1.0, 1e-9, 1e9, "The greatest length of the gradient.")},
        clip=_by_norm,
    ),
    Clipping(
        name="value",
        label="by value",
        doc="Cuts each part of the gradient off at a largest size; its direction may change.",
        formula="g <- min(largest, max(-largest, g))",
        source="Mikolov, PhD thesis, Brno, 2012; as PyTorch's clip_grad_value_",
        settings={"largest": Setting(1.0, 1e-9, 1e9, "The greatest size of each part of the gradient.")},
        clip=_by_value,
    ),
)
