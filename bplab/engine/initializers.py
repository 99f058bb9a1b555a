"""Initializers: the weights that training starts from. Biases start at 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array


@dataclass(frozen=True, kw_only=True)
class Initializer(Entry):
    """How the weights of a layer are drawn.

    Parameters
    ----------
    draw : callable
        ``draw(rng, (n_out, n_in), **settings)`` gives weights of that shape.
    """

    draw: Callable[..., Array]


def _xavier_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    limit = np.sqrt(6.0 / sum(shape))
    return rng.uniform(-limit, limit, shape)


def _xavier_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(0.0, np.sqrt(2.0 / sum(shape)), shape)


def _he_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    limit = np.sqrt(6.0 / shape[1])
    return rng.uniform(-limit, limit, shape)


def _he_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(0.0, np.sqrt(2.0 / shape[1]), shape)


def _uniform(rng: np.random.Generator, shape: tuple[int, int], limit: float) -> Array:
    return rng.uniform(-limit, limit, shape)


def _zeros(rng: np.random.Generator, shape: tuple[int, int]) -> Array:  # noqa: ARG001
    return np.zeros(shape)


_GLOROT = "Glorot and Bengio, AISTATS 2010"
_HE = "He et al., ICCV 2015, doi:10.1109/ICCV.2015.123"

INITIALIZERS: Catalogue[Initializer] = Catalogue(
    "initializer",
    Initializer(
        name="xavier_uniform",
        label="Xavier uniform",
        doc="Keeps the size of signals even through tanh and sigmoid layers.",
        formula="W ~ U(-r, r),  r = sqrt(6 / (n_in + n_out))",
        source=_GLOROT,
        draw=_xavier_uniform,
    ),
    Initializer(
        name="xavier_normal",
        label="Xavier normal",
        doc="Like Xavier uniform, drawn from a bell curve.",
        formula="W ~ N(0, 2 / (n_in + n_out))",
        source=_GLOROT,
        draw=_xavier_normal,
    ),
    Initializer(
        name="he_uniform",
        label="He uniform",
        doc="Keeps the size of signals even through relu layers.",
        formula="W ~ U(-r, r),  r = sqrt(6 / n_in)",
        source=_HE,
        draw=_he_uniform,
    ),
    Initializer(
        name="he_normal",
        label="He normal",
        doc="Like He uniform, drawn from a bell curve.",
        formula="W ~ N(0, 2 / n_in)",
        source=_HE,
        draw=_he_normal,
    ),
    Initializer(
        name="uniform",
        label="uniform",
        doc="Every weight drawn evenly between minus and plus a limit.",
        formula="W ~ U(-limit, limit)",
        settings={"limit": Setting(0.5, 0.0, 100.0, "The largest size that a weight starts with.")},
        draw=_uniform,
    ),
    Initializer(
        name="zeros",
        label="zeros",
        doc="Every weight starts at 0: all neurons of a layer then stay alike, which is worth seeing once.",
        formula="W = 0",
        draw=_zeros,
    ),
)
