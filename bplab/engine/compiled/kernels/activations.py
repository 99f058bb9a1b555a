"""Activations and their slopes, as `bplab.engine.activations` declares them."""

import math

from bplab.engine.activations.rectifying import SELU_ALPHA, SELU_SCALE
from bplab.engine.compiled.kernels.codes import (
    ELU,
    GELU,
    HARDTANH,
    IDENTITY,
    LEAKY_RELU,
    RELU,
    SELU,
    SIGMOID,
    SILU,
    SINE,
    SOFTMAX,
    SOFTPLUS,
    SOFTSIGN,
    TANH,
)
from bplab.engine.compiled.kernels.functions import exp, expm1, tanh
from bplab.engine.compiled.kernels.options import compiled, inlined
from bplab.engine.compiled.kernels.pointers import get, put
from bplab.engine.compiled.kernels.vectors import at_least, at_most, lanes, like, load, pick, store

ROOT_HALF, BELL = math.sqrt(0.5), 1.0 / math.sqrt(2.0 * math.pi)


@compiled
def activate(kind, setting, z, a, n_out, width):
    """``a = f(z)`` for `n_out` neurons."""
    n = n_out * width
    if kind == SOFTMAX:
        _softmax(z, a, n, width)
    elif kind in (SINE, GELU):
        for i in range(n):
            put(a, i, _single_value(kind, get(z, i)))
    elif kind == SOFTPLUS:
        for i in range(n):
            x = float(get(z, i))
            put(a, i, max(x, 0.0) + math.log1p(math.exp(-abs(x))))
    elif kind == TANH:
        _activate_all(TANH, setting, z, a, n)
    elif kind == RELU:
        _activate_all(RELU, setting, z, a, n)
    else:
        _activate_all(kind, setting, z, a, n)


@compiled
def through(kind, setting, z, a, e, n_out, width):
    """``dL/dz = dL/da f'(z)``, in place in `e`."""
    n = n_out * width
    if kind == SOFTMAX:
        _through_softmax(a, e, n, width)
    elif kind in (SINE, GELU):
        for i in range(n):
            put(e, i, get(e, i) * _single_slope(kind, get(z, i)))
    elif kind == TANH:
        _through_all(TANH, setting, z, a, e, n)
    elif kind == RELU:
        _through_all(RELU, setting, z, a, e, n)
    elif kind != IDENTITY:
        _through_all(kind, setting, z, a, e, n)


@inlined
def _activate_all(kind, setting, z, a, n):
    """Go over all vectors; inlined with a kind that is known beforehand, it is a loop for that one alone."""
    for i in range(0, n, lanes(z)):
        store(a, i, _value(kind, setting, load(z, i)))


@inlined
def _through_all(kind, setting, z, a, e, n):
    for i in range(0, n, lanes(z)):
        store(e, i, _chain(kind, setting, load(z, i), load(a, i), load(e, i)))


@inlined
def _value(kind, setting, x):  # noqa: C901
    """Return f(x)."""
    if kind == TANH:
        return tanh(x)
    if kind == RELU:
        return at_least(x, 0.0)
    if kind == SIGMOID:
        return _share(x)
    if kind == LEAKY_RELU:
        return pick(x, 0.0, x, x * setting)
    if kind == ELU:
        return pick(x, 0.0, x, expm1(x) * setting)
    if kind == SELU:
        return pick(x, 0.0, x, expm1(x) * SELU_ALPHA) * SELU_SCALE
    if kind == SILU:
        return x / (exp(0.0 - x) + 1.0)
    if kind == SOFTSIGN:
        return x / (_size(x) + 1.0)
    if kind == HARDTANH:
        return at_most(at_least(x, -1.0), 1.0)
    return x  # IDENTITY


@inlined
def _chain(kind, setting, x, y, e):  # noqa: C901
    """Return ``e f'(x)``, given also ``y = f(x)``; what is not a number stays so, even where the slope is 0."""
    if kind == TANH:
        return e * (1.0 - y * y)
    if kind == RELU:
        return pick(x, 0.0, e, e * 0.0)
    if kind == SIGMOID:
        return e * (y * (1.0 - y))
    if kind == LEAKY_RELU:
        return pick(x, 0.0, e, e * setting)
    if kind == ELU:
        return pick(x, 0.0, e, e * (exp(x) * setting))
    if kind == SELU:
        return pick(x, 0.0, e, e * (exp(x) * SELU_ALPHA)) * SELU_SCALE
    if kind == SILU:
        share = _share(x)
        return e * (share + y * (1.0 - share))
    if kind == SOFTPLUS:
        return e * _share(x)
    if kind == SOFTSIGN:
        d = _size(x) + 1.0
        return e / (d * d)
    return pick(1.0, _size(x), e, e * 0.0)  # HARDTANH


@inlined
def _share(x):
    """Return the logistic function of x."""
    return 1.0 / (exp(0.0 - x) + 1.0)


@inlined
def _size(x):
    return at_least(x, 0.0 - x)


@compiled
def _single_value(kind, x):
    if kind == SINE:
        return math.sin(x)
    return x * (0.5 * (1.0 + math.erf(x * ROOT_HALF)))  # GELU


@compiled
def _single_slope(kind, x):
    if kind == SINE:
        return math.cos(x)
    return 0.5 * (1.0 + math.erf(x * ROOT_HALF)) + x * math.exp(-0.5 * x * x) * BELL  # GELU


@compiled
def _softmax(z, a, n, width):
    for s in range(0, width, lanes(z)):
        top = load(z, s)
        for i in range(s + width, n, width):
            top = at_least(load(z, i), top)
        total = like(z, 0.0)
        for i in range(s, n, width):
            e = exp(load(z, i) - top)
            total += e
            store(a, i, e)
        total = 1.0 / total
        for i in range(s, n, width):
            store(a, i, load(a, i) * total)


@compiled
def _through_softmax(a, e, n, width):
    for s in range(0, width, lanes(a)):
        mean = like(a, 0.0)
        for i in range(s, n, width):
            mean += load(a, i) * load(e, i)
        for i in range(s, n, width):
            store(e, i, load(a, i) * (load(e, i) - mean))
