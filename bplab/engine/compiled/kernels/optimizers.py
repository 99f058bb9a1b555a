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
from bplab.engine.compiled.kernels.options import compiled, inlined, reducing


@inlined
def move(optimizer, p, g, slots, rate, t, given, product):  # noqa: C901
    """Move the parameters by one step at this learning rate, `t` counting updates from 1."""
    number, h = p.dtype.type, given[FIRST_HYPER:]
    r = number(rate)
    if optimizer == SGD:
        return _sgd(p, g, r)
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
    return _adam(p, g, slots[0], slots[1], number(rate / (1.0 - h[0] ** t)), b1, b2, root, eps)


@compiled
def momentum_at(t, beta1, momentum_decay):
    """Return NAdam's momentum at update `t`."""
    return beta1 * (1.0 - 0.5 * 0.96 ** (t * momentum_decay))


@reducing
def _sgd(p, g, rate):
    bad = rate - rate
    for i in range(p.size):
        x = p[i] - rate * g[i]
        p[i] = x
        bad += x - x
    return bad


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


@reducing
def _adam(p, g, m, v, rate, beta1, beta2, root, eps):
    bad, one = rate - rate, p.dtype.type(1)
    r1, r2 = one - beta1, one - beta2
    for i in range(p.size):
        h = g[i]
        x = beta1 * m[i] + r1 * h
        y = beta2 * v[i] + r2 * h * h
        m[i] = x
        v[i] = y
        x = p[i] - rate * x / (np.sqrt(y) * root + eps)
        p[i] = x
        bad += (x - x) + (y - y)
    return bad


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
