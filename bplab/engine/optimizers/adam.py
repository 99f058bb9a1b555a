"""Adam and its kin: a mean of the gradients, divided by the size of the recent ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.engine.optimizers.optimizer import Optimizer, Part, eps, kept, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.engine.activations import Array


def _moments(g: Array, slots: Array, t: int, scratch: Array, s: dict[str, float]) -> None:
    """Update m and v, and write sqrt(v / (1 - beta2^t)) + eps into the second scratch row."""
    (m, v), (step, root) = slots, scratch
    np.multiply(m, s["beta1"], out=m)
    np.multiply(g, 1.0 - s["beta1"], out=step)
    np.add(m, step, out=m)
    np.multiply(v, s["beta2"], out=v)
    np.multiply(g, g, out=step)
    np.multiply(step, 1.0 - s["beta2"], out=step)
    np.add(v, step, out=v)
    # Both moments start at 0 and would be too small at first; the powers of beta correct that.
    np.sqrt(v, out=root)
    # A number of Python, not of numpy: it takes the type of the array, and single precision stays quick.
    np.multiply(root, 1.0 / math.sqrt(1.0 - s["beta2"] ** t), out=root)
    np.add(root, s["eps"], out=root)


def _adam(p: Array, g: Array, slots: Array, t: int, scratch: Array, **s: float) -> None:
    _moments(g, slots, t, scratch, s)
    step, root = scratch
    np.divide(slots[0], root, out=step)
    np.multiply(step, s["learning_rate"] / (1.0 - s["beta1"] ** t), out=step)
    np.subtract(p, step, out=p)


def _moment_parts(slots: Sequence[float], t: int, s: dict[str, float]) -> tuple[Part, ...]:
    (m, v), whole = slots, (1.0 - s["beta1"] ** t, 1.0 - s["beta2"] ** t)
    return (
        Part("m", m, f"{s['beta1']:g} × m before + {1.0 - s['beta1']:g} × g"),
        Part("v", v, f"{s['beta2']:g} × v before + {1.0 - s['beta2']:g} × g²"),
        Part("m̂", m / whole[0], f"m / (1 − {s['beta1']:g}^{t}), which began at 0"),
        Part("v̂", v / whole[1], f"v / (1 − {s['beta2']:g}^{t}), which began at 0"),
    )


def _adam_parts(p: float, g: float, slots: Sequence[float], t: int, **s: float) -> tuple[Part, ...]:  # noqa: ARG001
    parts = _moment_parts(slots, t, s)
    step = -s["learning_rate"] * parts[2].value / (math.sqrt(parts[3].value) + s["eps"])
    return (*parts, Part("step", step, f"−{s['learning_rate']:g} × m̂ / (√v̂ + ε)"))


_SETTINGS = {
    "learning_rate": rate(0.02),
    "beta1": kept(0.9, "the mean of the gradients"),
    "beta2": kept(0.999, "the mean of their squares"),
    "eps": eps(1e-8),
}

ADAM = Optimizer(
    name="adam",
    label="Adam",
    doc="Gives every weight a step of its own, from the mean of its gradients and of their squares.",
    formula="m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  "
    "w <- w - lr * m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)",
    source="Kingma and Ba, ICLR 2015, arXiv:1412.6980; as in PyTorch's Adam",
    settings=_SETTINGS,
    slots=("m", "v"),
    update=_adam,
    parts=_adam_parts,
)


def _adamw(p: Array, g: Array, slots: Array, t: int, scratch: Array, **s: float) -> None:
    np.multiply(p, 1.0 - s["learning_rate"] * s["weight_decay"], out=p)
    _adam(p, g, slots, t, scratch, **s)


def _adamw_parts(p: float, g: float, slots: Sequence[float], t: int, **s: float) -> tuple[Part, ...]:
    *parts, adam = _adam_parts(p, g, slots, t, **s)
    decay = -s["learning_rate"] * s["weight_decay"] * p
    words = f"−{s['learning_rate']:g} × {s['weight_decay']:g} × w"
    return (*parts, Part("decay", decay, words), Part("step", decay + adam.value, f"decay {adam.words}"))


ADAMW = Optimizer(
    name="adamw",
    label="AdamW",
    doc="Adam that also shrinks every parameter a little at each step, apart from the gradient.",
    formula="w <- (1 - lr * weight_decay) w, then as Adam",
    source="Loshchilov and Hutter, ICLR 2019, arXiv:1711.05101; as in PyTorch's AdamW",
    settings=_SETTINGS | {"weight_decay": Setting(0.01, 0.0, 100.0, "How strongly every parameter is shrunk.")},
    slots=("m", "v"),
    update=_adamw,
    parts=_adamw_parts,
)


def nadam_momentum(t: int, beta1: float, momentum_decay: float) -> float:
    """Return NAdam's momentum at update `t`."""
    return float(beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay)))


def nadam_product(t: int, beta1: float, momentum_decay: float) -> float:
    """Return the product of NAdam's momentum over the updates 1 to `t`, as if its settings had always held."""
    key = (beta1, momentum_decay)
    done, product = _PRODUCTS.get(key, (0, 1.0))
    if done > t:
        done, product = 0, 1.0
    while done < t and product > 0.0:
        done += 1
        product *= nadam_momentum(done, beta1, momentum_decay)
    _PRODUCTS[key] = (done, product) if product > 0.0 else (0, 1.0)
    return product


_PRODUCTS: dict[tuple[float, float], tuple[int, float]] = {}  # how far a product was followed, to go on from there


def _nadam(p: Array, g: Array, slots: Array, t: int, scratch: Array, **s: float) -> None:
    _moments(g, slots, t, scratch, s)
    step, root = scratch
    decay = s["beta1"], s["momentum_decay"]
    product, now, following = nadam_product(t, *decay), nadam_momentum(t, *decay), nadam_momentum(t + 1, *decay)
    np.divide(g, root, out=step)
    np.multiply(step, s["learning_rate"] * (1.0 - now) / (1.0 - product), out=step)
    np.subtract(p, step, out=p)
    np.divide(slots[0], root, out=step)
    np.multiply(step, s["learning_rate"] * following / (1.0 - product * following), out=step)
    np.subtract(p, step, out=p)


def _nadam_parts(p: float, g: float, slots: Sequence[float], t: int, **s: float) -> tuple[Part, ...]:  # noqa: ARG001
    parts = _moment_parts(slots, t, s)
    decay = s["beta1"], s["momentum_decay"]
    product, now, following = nadam_product(t, *decay), nadam_momentum(t, *decay), nadam_momentum(t + 1, *decay)
    ahead = (1.0 - now) / (1.0 - product) * g + following / (1.0 - product * following) * slots[0]
    step = -s["learning_rate"] * ahead / (math.sqrt(parts[3].value) + s["eps"])
    return (
        parts[0],
        parts[1],
        Part("ahead", ahead, f"g and m, with momentum {now:.3g} now and {following:.3g} next, corrected"),
        parts[3],
        Part("step", step, f"−{s['learning_rate']:g} × ahead / (√v̂ + ε)"),
    )


NADAM = Optimizer(
    name="nadam",
    label="NAdam",
    doc="Adam with Nesterov's look ahead, its momentum growing from half of beta 1.",
    formula="mu_t = b1 (1 - 0.96^(t psi) / 2),  m and v as Adam,  w <- w - lr * ((1 - mu_t) g / (1 - prod mu) "
    "+ mu_(t+1) m / (1 - prod mu * mu_(t+1))) / (sqrt(v / (1 - b2^t)) + eps)",
    source="Dozat, ICLR workshop, 2016; as in PyTorch's NAdam",
    settings=_SETTINGS | {"momentum_decay": Setting(0.004, 0.0, 1.0, "How fast its momentum grows to beta 1.")},
    slots=("m", "v"),
    update=_nadam,
    parts=_nadam_parts,
)
