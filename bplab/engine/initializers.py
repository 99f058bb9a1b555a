"""Initializers: the weights and biases that training starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
        ``draw(rng, (n_out, n_in), **settings)`` gives weights of that shape; one for biases is given (n_out,).
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


def _lecun_uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    limit = np.sqrt(3.0 / shape[1])
    return rng.uniform(-limit, limit, shape)


def _lecun_normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(0.0, np.sqrt(1.0 / shape[1]), shape)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, int], gain: float) -> Array:
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q *= np.sign(np.diag(r))  # makes every rotation equally likely
    return gain * (q if q.shape == shape else q.T)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], limit: float) -> Array:
    return rng.uniform(-limit, limit, shape)


def _normal(rng: np.random.Generator, shape: tuple[int, ...], std: float) -> Array:
    return rng.normal(0.0, std, shape)


def _zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:  # noqa: ARG001
    return np.zeros(shape)


def _constant(rng: np.random.Generator, shape: tuple[int, ...], value: float) -> Array:  # noqa: ARG001
    return np.full(shape, value)


def _playground(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(-0.5, 0.5, shape)


_GLOROT = "Glorot and Bengio, AISTATS 2010"
_HE = "He et al., ICCV 2015, doi:10.1109/ICCV.2015.123"
_LECUN = "LeCun et al., Efficient BackProp, 1998, doi:10.1007/3-540-49430-8_2"
_VALUE = {"value": Setting(0.1, -100.0, 100.0, "The number that all of them start with.")}
_LIMIT = {"limit": Setting(0.5, 0.0, 100.0, "The largest size that any of them starts with.")}
_STD = {"std": Setting(0.1, 0.0, 100.0, "The standard deviation of the bell curve.")}


def _entry(name: str, label: str, doc: str, formula: str, draw: Callable[..., Array], **more: Any) -> Initializer:
    return Initializer(name=name, label=label, doc=doc, formula=formula, draw=draw, **more)


INITIALIZERS: Catalogue[Initializer] = Catalogue(
    "initializer",
    _entry(
        "xavier_uniform",
        "Xavier uniform",
        "Keeps the size of signals even through tanh and sigmoid layers.",
        "W ~ U(-r, r),  r = sqrt(6 / (n_in + n_out))",
        _xavier_uniform,
        source=_GLOROT,
    ),
    _entry(
        "xavier_normal",
        "Xavier normal",
        "Like Xavier uniform, drawn from a bell curve.",
        "W ~ N(0, 2 / (n_in + n_out))",
        _xavier_normal,
        source=_GLOROT,
    ),
    _entry(
        "he_uniform",
        "He uniform",
        "Keeps the size of signals even through relu layers.",
        "W ~ U(-r, r),  r = sqrt(6 / n_in)",
        _he_uniform,
        source=_HE,
    ),
    _entry(
        "he_normal",
        "He normal",
        "Like He uniform, drawn from a bell curve.",
        "W ~ N(0, 2 / n_in)",
        _he_normal,
        source=_HE,
    ),
    _entry(
        "lecun_uniform",
        "LeCun uniform",
        "Gives every neuron a sum of the size of its inputs.",
        "W ~ U(-r, r),  r = sqrt(3 / n_in)",
        _lecun_uniform,
        source=_LECUN,
    ),
    _entry(
        "lecun_normal",
        "LeCun normal",
        "Like LeCun uniform, drawn from a bell curve; what selu layers need.",
        "W ~ N(0, 1 / n_in)",
        _lecun_normal,
        source=_LECUN,
    ),
    _entry(
        "orthogonal",
        "orthogonal",
        "A random rotation: signals keep their length and their angles.",
        "W = gain * Q,  Q Q^T = 1 (or Q^T Q = 1)",
        _orthogonal,
        source="Saxe et al., ICLR 2014, arXiv:1312.6120",
        settings={"gain": Setting(1.0, 0.0, 100.0, "What the rotation is multiplied by.")},
    ),
    _entry(
        "playground",
        "Playground",
        "What TensorFlow Playground starts with, together with biases of 0.1.",
        "W ~ U(-0.5, 0.5)",
        _playground,
        source="TensorFlow Playground, nn.ts",
    ),
    _entry(
        "uniform",
        "uniform",
        "Every weight drawn evenly between minus and plus a limit.",
        "W ~ U(-limit, limit)",
        _uniform,
        settings=_LIMIT,
    ),
    _entry(
        "normal", "normal", "Every weight drawn from the same bell curve.", "W ~ N(0, std^2)", _normal, settings=_STD
    ),
    _entry(
        "constant",
        "constant",
        "Every weight starts with the same number: all neurons of a layer then stay alike.",
        "W = value",
        _constant,
        settings=_VALUE,
    ),
    _entry(
        "zeros",
        "zeros",
        "Every weight starts at 0: all neurons of a layer then stay alike, which is worth seeing once.",
        "W = 0",
        _zeros,
    ),
)

BIAS_INITIALIZERS: Catalogue[Initializer] = Catalogue(
    "bias initializer",
    _entry("zeros", "zeros", "Every bias starts at 0.", "b = 0", _zeros),
    _entry("constant", "constant", "Every bias starts with the same number.", "b = value", _constant, settings=_VALUE),
    _entry("uniform", "uniform", "Every bias drawn evenly.", "b ~ U(-limit, limit)", _uniform, settings=_LIMIT),
    _entry("normal", "normal", "Every bias drawn from a bell curve.", "b ~ N(0, std^2)", _normal, settings=_STD),
)
