"""The products of a dense layer: forward, the pull on the layer before, and the gradients.

Small ones by vectors of samples, four neurons at a time; large ones by BLAS.
"""

import numpy as np

from bplab.engine.compiled.kernels.lanes import fma, get, lanes, load, splat, store, total
from bplab.engine.compiled.kernels.options import inlined


@inlined
def forward(p, w, b, act, a, z, out, n_out, n_in, width):
    """``z = W a + b``: `w`, `b`, `a`, `out` are places in `p`, `p`, `act` and `z`."""
    step, j = lanes(act), 0
    while j + 4 <= n_out:
        for s in range(0, width, step):
            c0, c1 = splat(get(p, b + j)), splat(get(p, b + j + 1))
            c2, c3 = splat(get(p, b + j + 2)), splat(get(p, b + j + 3))
            for k in range(n_in):
                v, i = load(act, a + k * width + s), w + j * n_in + k
                c0, c1 = fma(splat(get(p, i)), v, c0), fma(splat(get(p, i + n_in)), v, c1)
                c2, c3 = fma(splat(get(p, i + 2 * n_in)), v, c2), fma(splat(get(p, i + 3 * n_in)), v, c3)
            o = out + j * width + s
            store(z, o, c0)
            store(z, o + width, c1)
            store(z, o + 2 * width, c2)
            store(z, o + 3 * width, c3)
        j += 4
    while j < n_out:
        for s in range(0, width, step):
            c = splat(get(p, b + j))
            for k in range(n_in):
                c = fma(splat(get(p, w + j * n_in + k)), load(act, a + k * width + s), c)
            store(z, out + j * width + s, c)
        j += 1


@inlined
def pull(p, w, err, d, out, n_out, n_in, width):
    """``W^T delta``, from place `d` to place `out` of `err`."""
    step, k = lanes(err), 0
    zero = splat(err.dtype.type(0))
    while k + 4 <= n_in:
        for s in range(0, width, step):
            c0, c1, c2, c3 = zero, zero, zero, zero
            for j in range(n_out):
                v, i = load(err, d + j * width + s), w + j * n_in + k
                c0, c1 = fma(splat(get(p, i)), v, c0), fma(splat(get(p, i + 1)), v, c1)
                c2, c3 = fma(splat(get(p, i + 2)), v, c2), fma(splat(get(p, i + 3)), v, c3)
            o = out + k * width + s
            store(err, o, c0)
            store(err, o + width, c1)
            store(err, o + 2 * width, c2)
            store(err, o + 3 * width, c3)
        k += 4
    while k < n_in:
        for s in range(0, width, step):
            c = zero
            for j in range(n_out):
                c = fma(splat(get(p, w + j * n_in + k)), load(err, d + j * width + s), c)
            store(err, out + k * width + s, c)
        k += 1


@inlined
def bias_gradient(g, b, err, d, n_out, width):
    """``db = sum of delta over the samples``."""
    step, one = lanes(err), splat(err.dtype.type(1))
    for j in range(n_out):
        c = splat(err.dtype.type(0))
        for s in range(0, width, step):
            c = fma(load(err, d + j * width + s), one, c)
        g[b + j] = total(c)


@inlined
def weight_gradient(g, w, err, d, act, a, n_out, n_in, width):
    """``dW = delta a^T``."""
    step = lanes(err)
    zero = splat(err.dtype.type(0))
    for j in range(n_out):
        k = 0
        while k + 4 <= n_in:
            c0, c1, c2, c3 = zero, zero, zero, zero
            for s in range(0, width, step):
                v, i = load(err, d + j * width + s), a + k * width + s
                c0, c1 = fma(v, load(act, i), c0), fma(v, load(act, i + width), c1)
                c2, c3 = fma(v, load(act, i + 2 * width), c2), fma(v, load(act, i + 3 * width), c3)
            i = w + j * n_in + k
            g[i], g[i + 1], g[i + 2], g[i + 3] = total(c0), total(c1), total(c2), total(c3)
            k += 4
        while k < n_in:
            c = zero
            for s in range(0, width, step):
                c = fma(load(err, d + j * width + s), load(act, a + k * width + s), c)
            g[w + j * n_in + k] = total(c)
            k += 1


@inlined
def forward_large(p, w, b, rows, act, a, z, out, n_out, n_in, width, first):
    """`forward` by BLAS; the first layer reads the inputs as they came, sample by sample."""
    weights = p[w : w + n_out * n_in].reshape(n_out, n_in)
    result = z[out : out + n_out * width].reshape(n_out, width)
    if first:
        np.dot(weights, rows.T, result)
    else:
        np.dot(weights, act[a : a + n_in * width].reshape(n_in, width), result)
    for j in range(n_out):
        bias, row = p[b + j], z[out + j * width : out + (j + 1) * width]
        for s in range(row.size):
            row[s] += bias


@inlined
def backward_large(p, g, w, rows, act, a, err, d, n_out, n_in, width, first):
    """`weight_gradient`, and but for the first layer `pull`, by BLAS."""
    gradient = g[w : w + n_out * n_in].reshape(n_out, n_in)
    delta = err[d : d + n_out * width].reshape(n_out, width)
    if first:
        np.dot(delta, rows, gradient)
    else:
        before = act[a : a + n_in * width].reshape(n_in, width)
        np.dot(delta, before.T, gradient)
        weights = p[w : w + n_out * n_in].reshape(n_out, n_in)
        np.dot(weights.T, delta, err[a : a + n_in * width].reshape(n_in, width))
