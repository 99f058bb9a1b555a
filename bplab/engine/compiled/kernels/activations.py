"""Activations and their slopes, as `bplab.engine.activations` declares them."""

import math

import numpy as np

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
from bplab.engine.compiled.kernels.functions import exp, tanh
from bplab.engine.compiled.kernels.options import compiled, inlined

ROOT_HALF, BELL = math.sqrt(0.5), 1.0 / math.sqrt(2.0 * math.pi)


@inlined
def activate(kind, setting, z, act, first, n_out, width):  # noqa: C901, PLR0915
    """``a = f(z)`` for `n_out` neurons from place `first` on."""
    x, y = z[first : first + n_out * width], act[first : first + n_out * width]
    one, zero, s = z.dtype.type(1), z.dtype.type(0), z.dtype.type(setting)
    if kind == TANH:
        for i in range(x.size):
            y[i] = tanh(x[i])
    elif kind == RELU:
        for i in range(x.size):
            y[i] = zero if x[i] <= zero else x[i]
    elif kind == SIGMOID:
        for i in range(x.size):
            y[i] = one / (one + exp(-x[i]))
    elif kind == IDENTITY:
        for i in range(x.size):
            y[i] = x[i]
    elif kind == LEAKY_RELU:
        for i in range(x.size):
            y[i] = x[i] if x[i] > zero else s * x[i]
    elif kind == SOFTMAX:
        _softmax(x, y, n_out, width)
    elif kind == ELU:
        for i in range(x.size):
            y[i] = x[i] if x[i] > zero else s * z.dtype.type(math.expm1(x[i]))
    elif kind == SELU:
        alpha, scale = z.dtype.type(SELU_ALPHA), z.dtype.type(SELU_SCALE)
        for i in range(x.size):
            y[i] = scale * (x[i] if x[i] > zero else alpha * z.dtype.type(math.expm1(x[i])))
    elif kind == GELU:
        for i in range(x.size):
            y[i] = x[i] * z.dtype.type(0.5 * (1.0 + math.erf(x[i] * ROOT_HALF)))
    elif kind == SILU:
        for i in range(x.size):
            y[i] = x[i] / (one + exp(-x[i]))
    elif kind == SOFTPLUS:
        for i in range(x.size):
            y[i] = max(x[i], zero) + z.dtype.type(math.log1p(math.exp(-abs(x[i]))))
    elif kind == SOFTSIGN:
        for i in range(x.size):
            y[i] = x[i] / (one + abs(x[i]))
    elif kind == SINE:
        for i in range(x.size):
            y[i] = math.sin(x[i])
    elif kind == HARDTANH:
        for i in range(x.size):
            y[i] = min(max(x[i], -one), one)


@inlined
def through(kind, setting, z, act, err, first, n_out, width):  # noqa: C901, PLR0915
    """``dL/dz = dL/da f'(z)``, in place in `err`."""
    x, y = z[first : first + n_out * width], act[first : first + n_out * width]
    e = err[first : first + n_out * width]
    one, zero, s = z.dtype.type(1), z.dtype.type(0), z.dtype.type(setting)
    if kind == TANH:
        for i in range(e.size):
            e[i] *= one - y[i] * y[i]
    elif kind == RELU:
        for i in range(e.size):
            e[i] = e[i] if x[i] > zero else e[i] * zero
    elif kind == SIGMOID:
        for i in range(e.size):
            e[i] *= y[i] * (one - y[i])
    elif kind == LEAKY_RELU:
        for i in range(e.size):
            e[i] *= one if x[i] > zero else s
    elif kind == SOFTMAX:
        _through_softmax(y, e, n_out, width)
    elif kind == ELU:
        for i in range(e.size):
            e[i] *= one if x[i] > zero else s * exp(x[i])
    elif kind == SELU:
        alpha, scale = z.dtype.type(SELU_ALPHA), z.dtype.type(SELU_SCALE)
        for i in range(e.size):
            e[i] *= scale * (one if x[i] > zero else alpha * exp(x[i]))
    elif kind == GELU:
        for i in range(e.size):
            v = x[i]
            e[i] *= z.dtype.type(0.5 * (1.0 + math.erf(v * ROOT_HALF)) + v * math.exp(-0.5 * v * v) * BELL)
    elif kind == SILU:
        for i in range(e.size):
            share = one / (one + exp(-x[i]))
            e[i] *= share + y[i] * (one - share)
    elif kind == SOFTPLUS:
        for i in range(e.size):
            e[i] *= one / (one + exp(-x[i]))
    elif kind == SOFTSIGN:
        for i in range(e.size):
            d = one + abs(x[i])
            e[i] *= one / (d * d)
    elif kind == SINE:
        for i in range(e.size):
            e[i] *= z.dtype.type(math.cos(x[i]))
    elif kind == HARDTANH:
        for i in range(e.size):
            e[i] = e[i] if -one < x[i] < one else e[i] * zero


@compiled
def _softmax(x, y, n_out, width):
    top, total = x[:width].copy(), np.zeros_like(x[:width])
    for j in range(1, n_out):
        row = x[j * width : (j + 1) * width]
        for s in range(row.size):
            top[s] = max(top[s], row[s])
    for j in range(n_out):
        row, out = x[j * width : (j + 1) * width], y[j * width : (j + 1) * width]
        for s in range(out.size):
            e = exp(row[s] - top[s])
            out[s] = e
            total[s] += e
    for s in range(total.size):
        total[s] = total.dtype.type(1) / total[s]
    for j in range(n_out):
        out = y[j * width : (j + 1) * width]
        for s in range(out.size):
            out[s] *= total[s]


@compiled
def _through_softmax(y, e, n_out, width):
    mean = np.zeros_like(y[:width])
    for j in range(n_out):
        a, error = y[j * width : (j + 1) * width], e[j * width : (j + 1) * width]
        for s in range(mean.size):
            mean[s] += a[s] * error[s]
    for j in range(n_out):
        a, error = y[j * width : (j + 1) * width], e[j * width : (j + 1) * width]
        for s in range(mean.size):
            error[s] = a[s] * (error[s] - mean[s])
