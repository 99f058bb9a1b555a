"""Optimizers that go down the gradient at one rate for all weights: SGD, momentum, Nesterov; and Lion, by its sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.optimizers.optimizer import Optimizer, Part, kept, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.activations import Array


def _sgd(p: Array, g: Array, slots: Array, t: int, scratch: Array, learning_rate: float) -> None:  # noqa: ARG001
    step = scratch[0]
    np.multiply(g, learning_rate, out=step)
    np.subtract(p, step, out=p)


def _sgd_parts(p: float, g: float, slots: Sequence[float], t: int, learning_rate: float) -> tuple[Part, ...]:  # noqa: ARG001
    return (Part("step", -learning_rate * g, f"−{learning_rate:g} × g"),)


SGD = Optimizer(
    name="sgd",
    label="SGD",
    doc="Stochastic gradient descent: straight down the gradient of the batch.",
    formula="w <- w - lr * g",
    source="Robbins and Monro, Ann. Math. Statist. 22, 1951, doi:10.1214/aoms/1177729586",
    settings={"learning_rate": rate(0.1)},
    update=_sgd,
    parts=_sgd_parts,
)


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


_MOMENTUM = Setting(0.9, 0.0, 1.0, "How much of the last step's velocity is kept.")


def _momentum_parts(
    p: float,  # noqa: ARG001
    g: float,  # noqa: ARG001
    slots: Sequence[float],
    t: int,  # noqa: ARG001
    learning_rate: float,
    momentum: float,
) -> tuple[Part, ...]:
    u = slots[0]
    return (
        Part("u", u, f"{momentum:g} × u before + g"),
        Part("step", -learning_rate * u, f"−{learning_rate:g} × u"),
    )


MOMENTUM = Optimizer(
    name="momentum",
    label="SGD + momentum",
    doc="Keeps part of the last step's velocity, so that steady gradients add up and wobbling ones cancel.",
    formula="u <- momentum * u + g,  w <- w - lr * u",
    source="Polyak, USSR Comput. Math. Math. Phys. 4, 1964; as in PyTorch's SGD",
    settings={"learning_rate": rate(0.02), "momentum": _MOMENTUM},
    slots=("velocity",),
    update=_momentum,
    parts=_momentum_parts,
)


def _nesterov(
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
    np.multiply(velocity, momentum, out=step)
    np.add(step, g, out=step)
    np.multiply(step, learning_rate, out=step)
    np.subtract(p, step, out=p)


def _nesterov_parts(
    p: float,  # noqa: ARG001
    g: float,
    slots: Sequence[float],
    t: int,  # noqa: ARG001
    learning_rate: float,
    momentum: float,
) -> tuple[Part, ...]:
    u = slots[0]
    ahead = g + momentum * u
    return (
        Part("u", u, f"{momentum:g} × u before + g"),
        Part("ahead", ahead, f"g + {momentum:g} × u"),
        Part("step", -learning_rate * ahead, f"−{learning_rate:g} × ahead"),
    )


NESTEROV = Optimizer(
    name="nesterov",
    label="SGD + Nesterov",
    doc="Momentum that looks one step ahead along its velocity, and so brakes earlier.",
    formula="u <- momentum * u + g,  w <- w - lr * (g + momentum * u)",
    source="Sutskever et al., ICML 2013; as in PyTorch's SGD with nesterov",
    settings={"learning_rate": rate(0.02), "momentum": _MOMENTUM},
    slots=("velocity",),
    update=_nesterov,
    parts=_nesterov_parts,
)


def _lion(  # noqa: PLR0913
    p: Array,
    g: Array,
    slots: Array,
    t: int,  # noqa: ARG001
    scratch: Array,
    learning_rate: float,
    beta1: float,
    beta2: float,
) -> None:
    m, (step, share) = slots[0], scratch
    np.multiply(m, beta1, out=step)
    np.multiply(g, 1.0 - beta1, out=share)
    np.add(step, share, out=step)
    np.sign(step, out=step)
    np.multiply(step, learning_rate, out=step)
    np.subtract(p, step, out=p)
    np.multiply(m, beta2, out=m)
    np.multiply(g, 1.0 - beta2, out=share)
    np.add(m, share, out=m)


def _lion_parts(
    p: float,  # noqa: ARG001
    g: float,
    slots: Sequence[float],
    t: int,  # noqa: ARG001
    learning_rate: float,
    beta1: float,
    beta2: float,
) -> tuple[Part, ...]:
    before = (slots[0] - (1.0 - beta2) * g) / beta2 if beta2 else 0.0
    mixed = beta1 * before + (1.0 - beta1) * g
    return (
        Part("mix", mixed, f"{beta1:g} × m before + {1.0 - beta1:g} × g: its sign alone counts"),
        Part("step", -learning_rate * float(np.sign(mixed)), f"−{learning_rate:g} × sign"),
        Part("m", slots[0], f"{beta2:g} × m before + {1.0 - beta2:g} × g, for the next step"),
    )


LION = Optimizer(
    name="lion",
    label="Lion",
    doc="Only the sign of a mean of gradients counts: every weight moves by the same amount.",
    formula="w <- w - lr * sign(b1 m + (1 - b1) g),  m <- b2 m + (1 - b2) g",
    source="Chen et al., NeurIPS 2023, arXiv:2302.06675",
    settings={
        "learning_rate": rate(0.001),
        "beta1": kept(0.9, "the mean of the gradients, for this step,"),
        "beta2": kept(0.99, "the mean of the gradients, for the steps to come,"),
    },
    slots=("m",),
    update=_lion,
    parts=_lion_parts,
)
