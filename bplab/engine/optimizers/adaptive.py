"""Optimizers that give every weight a rate of its own, by the size of its past gradients: Adagrad and RMSprop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.optimizers.optimizer import Optimizer, Part, eps, kept, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.activations import Array


def _adagrad(p: Array, g: Array, slots: Array, t: int, scratch: Array, **s: float) -> None:
    total, (step, root) = slots[0], scratch
    np.multiply(g, g, out=step)
    np.add(total, step, out=total)
    np.sqrt(total, out=root)
    np.add(root, s["eps"], out=root)
    np.divide(g, root, out=step)
    np.multiply(step, s["learning_rate"] / (1.0 + (t - 1) * s["lr_decay"]), out=step)
    np.subtract(p, step, out=p)


def _adagrad_parts(p: float, g: float, slots: Sequence[float], t: int, **s: float) -> tuple[Part, ...]:  # noqa: ARG001
    own = s["learning_rate"] / (1.0 + (t - 1) * s["lr_decay"])
    return (
        Part("s", slots[0], "sum of all g² so far"),
        Part("rate", own, "learning rate, as far as it has decayed"),
        Part("step", -own * g / (math.sqrt(slots[0]) + s["eps"]), "−rate × g / (√s + ε)"),
    )


ADAGRAD = Optimizer(
    name="adagrad",
    label="Adagrad",
    doc="Divides each weight's step by the size of all its gradients so far: steps only ever get smaller.",
    formula="s <- s + g^2,  w <- w - lr / (1 + (t - 1) lr_decay) * g / (sqrt(s) + eps)",
    source="Duchi et al., JMLR 12, 2011; as in PyTorch's Adagrad",
    settings={
        "learning_rate": rate(0.05),
        "lr_decay": Setting(0.0, 0.0, 1.0, "How fast the learning rate falls with the number of steps."),
        "eps": eps(1e-10),
    },
    slots=("sum of squares",),
    update=_adagrad,
    parts=_adagrad_parts,
)


def _rmsprop(p: Array, g: Array, slots: Array, t: int, scratch: Array, **s: float) -> None:  # noqa: ARG001
    (mean, velocity), (step, root) = slots, scratch
    np.multiply(mean, s["alpha"], out=mean)
    np.multiply(g, g, out=step)
    np.multiply(step, 1.0 - s["alpha"], out=step)
    np.add(mean, step, out=mean)
    np.sqrt(mean, out=root)
    np.add(root, s["eps"], out=root)
    np.divide(g, root, out=step)
    np.multiply(velocity, s["momentum"], out=velocity)
    np.add(velocity, step, out=velocity)
    np.multiply(velocity, s["learning_rate"], out=step)
    np.subtract(p, step, out=p)


def _rmsprop_parts(p: float, g: float, slots: Sequence[float], t: int, **s: float) -> tuple[Part, ...]:  # noqa: ARG001
    v, u = slots
    return (
        Part("v", v, f"{s['alpha']:g} × v before + {1.0 - s['alpha']:g} × g²"),
        Part("u", u, f"{s['momentum']:g} × u before + g / (√v + ε)"),
        Part("step", -s["learning_rate"] * u, f"−{s['learning_rate']:g} × u"),
    )


RMSPROP = Optimizer(
    name="rmsprop",
    label="RMSprop",
    doc="Divides each weight's step by the size of its recent gradients.",
    formula="v <- alpha v + (1 - alpha) g^2,  u <- momentum u + g / (sqrt(v) + eps),  w <- w - lr * u",
    source="Hinton, Neural Networks for Machine Learning, lecture 6e, 2012; as in PyTorch's RMSprop",
    settings={
        "learning_rate": rate(0.005),
        "alpha": kept(0.99, "the mean of the squared gradients"),
        "eps": eps(1e-8),
        "momentum": Setting(0.0, 0.0, 1.0, "How much of the last step's velocity is kept."),
    },
    slots=("v", "velocity"),
    update=_rmsprop,
    parts=_rmsprop_parts,
)
