"""Optimizers, as `bplab.engine.optimizers` declares them. Each returns 0, unless a value is not finite."""

import math

import numpy as np

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
from bplab.engine.compiled.kernels.options import compiled, reducing
from bplab.engine.compiled.kernels.pointers import at
from bplab.engine.compiled.kernels.vectors import lanes, like, load, load_part, sqrt, store, store_part, total


@compiled
def move(optimizer, p, g, slots, rate, t, given, product):  # noqa: C901
    """Move the parameters by one step at this learning rate, `t` counting updates from 1."""
    number, h = p.dtype.type, given[FIRST_HYPER:]
    r = number(rate)
    if optimizer == SGD:
        return _sgd(at(p, 0), at(g, 0), p.size, rate)
    if optimizer == MOMENTUM:
        return _momentum(p, g, slots[0], r, number(h[0]))
    if optimizer == NESTEROV:
        return _nesterov(p, g, slots[0], r, number(h[0]))
    if optimizer == RMSPROP:
        return _rmsprop(p, g, slots[0], slots[1], r, number(h[0]), number(h[1]), number(h[2]))
    if optimizer == ADAGRAD:
        return _adagrad(p, g, slots[0], number(rate / (1.0 + (t - 1) * h[0])), number(h[1]))
    if optimizer == LION:
        return _lion(p, g, slots[0], r, number(h[0]), number(h[1]))
    if optimizer == ADAMW:
        keep = number(1.0 - rate * h[3])
        for i in range(p.size):
            p[i] *= keep
    root = number(1.0 / math.sqrt(1.0 - h[1] ** t))
    b1, b2, eps = number(h[0]), number(h[1]), number(h[2])
    if optimizer == NADAM:
        now, following = momentum_at(t, h[0], h[3]), momentum_at(t + 1, h[0], h[3])
        own, mean = rate * (1.0 - now) / (1.0 - product), rate * following / (1.0 - product * following)
        return _nadam(p, g, slots[0], slots[1], number(own), number(mean), b1, b2, root, eps)
    assert optimizer in (ADAM, ADAMW)
    numbers = rate / (1.0 - h[0] ** t), h[0], h[1], 1.0 / math.sqrt(1.0 - h[1] ** t), h[2]
    return _adam(at(p, 0), at(g, 0), at(slots, 0), at(slots, p.size), p.size, numbers)


@compiled
def momentum_at(t, beta1, momentum_decay):
    """Return NAdam's momentum at update `t`."""
    return beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay))


@compiled
def _sgd(p, g, n, rate):
    step = lanes(p)
    whole = n - n % step
    bad, r = like(p, 0.0), like(p, rate)
    for i in range(0, whole, step):
        x = load(p, i) - r * load(g, i)
        store(p, i, x)
        bad += x - x
    if whole < n:
        rest = n - whole
        x = load_part(p, whole, rest) - r * load_part(g, whole, rest)
        store_part(p, whole, x, rest)
        bad += x - x
    return total(bad)


@reducing
def _momentum(p, g, u, rate, momentum):
    bad = rate - rate
    for i in range(p.size):
        v = momentum * u[i] + g[i]
        u[i] = v
        x = p[i] - rate * v
        p[i] = x
        bad += (x - x) + (v - v)
    return bad


@reducing
def _nesterov(p, g, u, rate, momentum):
    bad = rate - rate
    for i in range(p.size):
        v = momentum * u[i] + g[i]
        u[i] = v
        x = p[i] - rate * (g[i] + momentum * v)
        p[i] = x
        bad += (x - x) + (v - v)
    return bad


@reducing
def _rmsprop(p, g, mean, u, rate, alpha, eps, momentum):
    bad, rest = rate - rate, p.dtype.type(1) - alpha
    for i in range(p.size):
        y = alpha * mean[i] + rest * g[i] * g[i]
        mean[i] = y
        v = momentum * u[i] + g[i] / (np.sqrt(y) + eps)
        u[i] = v
        x = p[i] - rate * v
        p[i] = x
        bad += (x - x) + (y - y) + (v - v)
    return bad


@reducing
def _adagrad(p, g, total, rate, eps):
    bad = rate - rate
    for i in range(p.size):
        y = total[i] + g[i] * g[i]
        total[i] = y
        x = p[i] - rate * g[i] / (np.sqrt(y) + eps)
        p[i] = x
        bad += (x - x) + (y - y)
    return bad


@reducing
def _lion(p, g, m, rate, beta1, beta2):
    bad, one = rate - rate, p.dtype.type(1)
    for i in range(p.size):
        c = beta1 * m[i] + (one - beta1) * g[i]
        y = beta2 * m[i] + (one - beta2) * g[i]
        m[i] = y
        x = p[i] - rate * np.sign(c)
        p[i] = x
        bad += (x - x) + (y - y)
    return bad


@compiled
def _adam(p, g, m, v, n, numbers):
    step = lanes(p)
    whole = n - n % step
    bad = like(p, 0.0)
    for i in range(0, whole, step):
        x, y, z = _adam_vector(load(p, i), load(g, i), load(m, i), load(v, i), numbers)
        store(p, i, x)
        store(m, i, y)
        store(v, i, z)
        bad += (x - x) + (z - z)
    if whole < n:
        i, rest = whole, n - whole
        x, y, z = load_part(p, i, rest), load_part(m, i, rest), load_part(v, i, rest)
        x, y, z = _adam_vector(x, load_part(g, i, rest), y, z, numbers)
        store_part(p, i, x, rest)
        store_part(m, i, y, rest)
        store_part(v, i, z, rest)
        bad += (x - x) + (z - z)
    return total(bad)


@compiled
def _adam_vector(p, g, m, v, numbers):
    """Return parameters and slots after a step; a second slot that is finite has had a finite gradient."""
    rate, beta1, beta2, root, eps = numbers
    m = beta1 * m + (1.0 - beta1) * g
    v = beta2 * v + (1.0 - beta2) * (g * g)
    return p - (rate * m) / (sqrt(v) * root + eps), m, v


@reducing
def _nadam(p, g, m, v, own, mean, beta1, beta2, root, eps):
    bad, one = own - own, p.dtype.type(1)
    r1, r2 = one - beta1, one - beta2
    for i in range(p.size):
        h = g[i]
        x = beta1 * m[i] + r1 * h
        y = beta2 * v[i] + r2 * h * h
        m[i] = x
        v[i] = y
        x = p[i] - (own * h + mean * x) / (np.sqrt(y) * root + eps)
        p[i] = x
        bad += (x - x) + (y - y)
    return bad
