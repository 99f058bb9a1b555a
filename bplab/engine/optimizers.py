"""Optimizers: how a gradient becomes a step. PyTorch's definitions and defaults.

An optimizer works on flat vectors of all parameters. What it remembers between steps are its slots, one row each.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Catalogue, Entry, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.engine.activations import Array


@dataclass(frozen=True, kw_only=True)
class Optimizer(Entry):
    """A rule that moves the parameters.

    Parameters
    ----------
    slots : tuple of str
        Names of what it remembers between steps.
    update : callable
        ``update(p, g, slots, t, scratch, **settings)`` changes the parameters `p`, shape (n,), in place. `g` is the
        gradient, `slots` has shape (number of slots, n), `t` counts updates from 1, `scratch` is two rows of n.
    """

    slots: tuple[str, ...] = ()
    update: Callable[..., None]


def _sgd(p: Array, g: Array, slots: Array, t: int, scratch: Array, learning_rate: float) -> None:  # noqa: ARG001
    step = scratch[0]
    np.multiply(g, learning_rate, out=step)
    np.subtract(p, step, out=p)


def _momentum(
    p: Array,
    g: Array,
    slots: Array,
    t: int,  # noqa: ARG001
    scratch: Array,
    learning_rate: float,
    momentum: float,
) -> None:
    velocity, step = slots[0], scratch[0]
    np.multiply(velocity, momentum, out=velocity)
    np.add(velocity, g, out=velocity)
    np.multiply(velocity, learning_rate, out=step)
    np.subtract(p, step, out=p)


def _adam(  # noqa: PLR0913
    p: Array,
    g: Array,
    slots: Array,
    t: int,
    scratch: Array,
    learning_rate: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> None:
    m, v = slots
    step, root = scratch
    np.multiply(m, beta1, out=m)
    np.multiply(g, 1.0 - beta1, out=step)
    np.add(m, step, out=m)
    np.multiply(v, beta2, out=v)
    np.multiply(g, g, out=step)
    np.multiply(step, 1.0 - beta2, out=step)
    np.add(v, step, out=v)
    # Both moments start at 0 and would be too small at first; the powers of beta correct that.
    np.sqrt(v, out=root)
    np.multiply(root, 1.0 / np.sqrt(1.0 - beta2**t), out=root)
    np.add(root, eps, out=root)
    np.divide(m, root, out=step)
    np.multiply(step, learning_rate / (1.0 - beta1**t), out=step)
    np.subtract(p, step, out=p)


def _rate(default: float) -> Setting:
    return Setting(default, 0.0, sys.float_info.max, "How far each step goes along the gradient.")


_MOMENTUM = Setting(0.9, 0.0, 1.0, "How much of the last step's velocity is kept.")

OPTIMIZERS: Catalogue[Optimizer] = Catalogue(
    "optimizer",
    Optimizer(
        name="sgd",
        label="SGD",
        doc="Stochastic gradient descent: straight down the gradient of the batch.",
        formula="w <- w - lr * g",
        source="Robbins and Monro, Ann. Math. Statist. 22, 1951, doi:10.1214/aoms/1177729586",
        settings={"learning_rate": _rate(0.1)},
        update=_sgd,
    ),
    Optimizer(
        name="momentum",
        label="SGD + momentum",
        doc="Keeps part of the last step's velocity, so that steady gradients add up and wobbling ones cancel.",
        formula="u <- momentum * u + g,  w <- w - lr * u",
        source="Polyak, USSR Comput. Math. Math. Phys. 4, 1964; as in PyTorch's SGD",
        settings={"learning_rate": _rate(0.02), "momentum": _MOMENTUM},
        slots=("velocity",),
        update=_momentum,
    ),
    Optimizer(
        name="adam",
        label="Adam",
        doc="Gives every weight a step of its own, from the mean of its gradients and of their squares.",
        formula="m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  "
        "w <- w - lr * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)",
        source="Kingma and Ba, ICLR 2015, arXiv:1412.6980; as in PyTorch's Adam",
        settings={
            "learning_rate": _rate(0.02),
            "beta1": Setting(0.9, 0.0, 0.999999, "How much of the mean of the gradients is kept."),
            "beta2": Setting(0.999, 0.0, 0.999999, "How much of the mean of their squares is kept."),
            "eps": Setting(1e-8, 0.0, 1.0, "Keeps the division from blowing up where gradients are tiny."),
        },
        slots=("m", "v"),
        update=_adam,
    ),
)
