"""Optimizers, as `bplab.engine.optimizers` declares them."""

import math

from bplab.engine.compiled.kernels.codes import (
    ADAGRAD,
    ADAM,
    ADAMW,
    FIRST_HYPER,
    LION,
    MOMENTUM,
    NADAM,
    NESTEROV,
    RMSPROP,
    SGD,
)
from bplab.engine.compiled.kernels.options import compiled, inlined
from bplab.engine.compiled.kernels.pointers import at, get
from bplab.engine.compiled.kernels.vectors import lanes, like, load, load_part, pick, sqrt, store, store_part, total


@compiled
def move(optimizer, p, g, slots, n, rate, t, given, product):
    """Move n parameters by one step at this learning rate, `t` counting updates from 1.

    Return 0, unless a parameter or a slot is not finite. The gradient is finite if these are.
    """
    if optimizer == SGD:
        return _descend(p, g, n, rate)
    numbers = _numbers(optimizer, rate, t, at(given, FIRST_HYPER), product)
    if optimizer in (MOMENTUM, NESTEROV, ADAGRAD, LION):
        return _sweep(optimizer, p, g, slots, slots, n, numbers)
    return _sweep(optimizer, p, g, slots, at(slots, n), n, numbers)


@compiled
def momentum_at(t, beta1, momentum_decay):
    """Return NAdam's momentum at update `t`."""
    return beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay))


@compiled
def _numbers(optimizer, rate, t, hyper, product):
    """Return the numbers of one step: rates of the mean and of the gradient, hyper-parameters, root, and what is kept.

    Powers are calculated anew in each step: carried along, they would depend on how a run was cut into calls.
    """
    h0, h1, h2, h3 = get(hyper, 0), get(hyper, 1), get(hyper, 2), get(hyper, 3)
    if optimizer == ADAGRAD:
        return rate / (1.0 + (t - 1) * h0), 0.0, h0, h1, h2, 1.0, 1.0
    if optimizer in (MOMENTUM, NESTEROV, RMSPROP, LION):
        return rate, 0.0, h0, h1, h2, 1.0, 1.0
    root = 1.0 / math.sqrt(1.0 - h1**t)
    if optimizer == NADAM:
        now, following = momentum_at(t, h0, h3), momentum_at(t + 1, h0, h3)
        mean, own = rate * following / (1.0 - product * following), rate * (1.0 - now) / (1.0 - product)
        return mean, own, h0, h1, h2, root, 1.0
    assert optimizer in (ADAM, ADAMW)
    return rate / (1.0 - h0**t), 0.0, h0, h1, h2, root, (1.0 - rate * h3) if optimizer == ADAMW else 1.0


@compiled
def _descend(p, g, n, rate):
    """Do gradient descent, which has no slots."""
    step = lanes(p)
    whole, bad = n - n % step, like(p, 0.0)
    for i in range(0, whole, step):
        x = load(p, i) - load(g, i) * rate
        store(p, i, x)
        bad += x - x
    if whole < n:
        x = load_part(p, whole, n - whole) - load_part(g, whole, n - whole) * rate
        store_part(p, whole, x, n - whole)
        bad += x - x
    return total(bad)


@compiled
def _sweep(optimizer, p, g, u, v, n, numbers):
    """Do an optimizer with slots u and v; one that has no v gets u a second time, and leaves it."""
    step = lanes(p)
    whole, bad = n - n % step, like(p, 0.0)
    for i in range(0, whole, step):
        x, y, z = _moved(optimizer, load(p, i), load(g, i), load(u, i), load(v, i), numbers)
        store(p, i, x)
        store(v, i, z)
        store(u, i, y)
        bad += (x - x) + (y - y) + (z - z)
    if whole < n:
        i, rest = whole, n - whole
        x, y, z = load_part(p, i, rest), load_part(u, i, rest), load_part(v, i, rest)
        x, y, z = _moved(optimizer, x, load_part(g, i, rest), y, z, numbers)
        store_part(p, i, x, rest)
        store_part(v, i, z, rest)
        store_part(u, i, y, rest)
        bad += (x - x) + (y - y) + (z - z)
    return total(bad)


@inlined
def _moved(optimizer, x, g, u, v, numbers):
    """Return parameters and both slots after a step."""
    rate, own, h0, h1, h2, root, keep = numbers
    if optimizer in (ADAM, ADAMW):
        u = u * h0 + g * (1.0 - h0)
        v = v * h1 + (g * g) * (1.0 - h1)
        return x * keep - (u * rate) / (sqrt(v) * root + h2), u, v
    if optimizer == NADAM:
        u = u * h0 + g * (1.0 - h0)
        v = v * h1 + (g * g) * (1.0 - h1)
        return x - (g * own + u * rate) / (sqrt(v) * root + h2), u, v
    if optimizer == RMSPROP:
        u = u * h0 + (g * g) * (1.0 - h0)
        v = v * h2 + g / (sqrt(u) + h1)
        return x - v * rate, u, v
    if optimizer == ADAGRAD:
        u = u + g * g
        return x - (g * rate) / (sqrt(u) + h1), u, v
    if optimizer == LION:
        c = u * h0 + g * (1.0 - h0)
        sign = pick(c, 0.0, 1.0, pick(0.0, c, -1.0, c))
        return x - sign * rate, u * h1 + g * (1.0 - h1), v
    u = u * h0 + g
    if optimizer == NESTEROV:
        return x - (u * h0 + g) * rate, u, v
    return x - u * rate, u, v  # MOMENTUM
