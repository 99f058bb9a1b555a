"""The products of a dense layer: forward, the pull on the layer before, and the gradients of biases and weights.

All arguments but sizes are pointers. Eight sums at a time are held in registers: four rows by two vectors of samples,
so that each number that is read serves several products. For the sizes that a lab trains this is no slower than BLAS,
and for small ones many times faster.
"""

from bplab.engine.compiled.kernels.blocks import put_totals
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.vectors import lanes, like, load, load_part, store, store_part, total


@compiled
def forward(W, b, a, z, n_out, n_in, width):
    """``z = W a + b``."""
    step = lanes(W)
    whole, pairs = n_out - n_out % 4, width - width % (2 * step)
    for j in range(0, whole, 4):
        for s in range(0, pairs, 2 * step):
            _eight(at(W, j * n_in), n_in, 1, at(b, j), 1, at(a, s), at(z, j * width + s), n_in, width)
        if pairs < width:
            _four(at(W, j * n_in), n_in, 1, at(b, j), 1, at(a, pairs), at(z, j * width + pairs), n_in, width)
    for j in range(whole, n_out):
        for s in range(0, width, step):
            _one(at(W, j * n_in), 1, at(b, j), 1, at(a, s), at(z, j * width + s), n_in, width)


@compiled
def pull(W, delta, e, n_out, n_in, width):
    """``e = W^T delta``."""
    step = lanes(W)
    whole, pairs = n_in - n_in % 4, width - width % (2 * step)
    for k in range(0, whole, 4):
        for s in range(0, pairs, 2 * step):
            _eight(at(W, k), 1, n_in, W, 0, at(delta, s), at(e, k * width + s), n_out, width)
        if pairs < width:
            _four(at(W, k), 1, n_in, W, 0, at(delta, pairs), at(e, k * width + pairs), n_out, width)
    for k in range(whole, n_in):
        for s in range(0, width, step):
            _one(at(W, k), n_in, W, 0, at(delta, s), at(e, k * width + s), n_out, width)


@compiled
def _start(b, j, biased, model):
    return like(model, get(b, j) if biased else 0.0)


@compiled
def _eight(M, down, along, b, biased, x, y, n, width):
    """``y = b + M x`` for four rows and two vectors of samples; `down` and `along` are the strides of M."""
    step = lanes(M)
    c0, c1, c2, c3 = _start(b, 0, biased, M), _start(b, 1, biased, M), _start(b, 2, biased, M), _start(b, 3, biased, M)
    d0, d1, d2, d3 = c0, c1, c2, c3
    m0, m1, m2, m3 = M, at(M, down), at(M, 2 * down), at(M, 3 * down)
    i, s = 0, 0
    for _ in range(n):
        u, v = load(x, s), load(x, s + step)
        w = like(M, get(m0, i))
        c0 += w * u
        d0 += w * v
        w = like(M, get(m1, i))
        c1 += w * u
        d1 += w * v
        w = like(M, get(m2, i))
        c2 += w * u
        d2 += w * v
        w = like(M, get(m3, i))
        c3 += w * u
        d3 += w * v
        i += along
        s += width
    store(y, 0, c0)
    store(y, step, d0)
    store(y, width, c1)
    store(y, width + step, d1)
    store(y, 2 * width, c2)
    store(y, 2 * width + step, d2)
    store(y, 3 * width, c3)
    store(y, 3 * width + step, d3)


@compiled
def _four(M, down, along, b, biased, x, y, n, width):
    """`_eight` for one vector of samples."""
    c0, c1, c2, c3 = _start(b, 0, biased, M), _start(b, 1, biased, M), _start(b, 2, biased, M), _start(b, 3, biased, M)
    m0, m1, m2, m3 = M, at(M, down), at(M, 2 * down), at(M, 3 * down)
    i, s = 0, 0
    for _ in range(n):
        u = load(x, s)
        c0 += get(m0, i) * u
        c1 += get(m1, i) * u
        c2 += get(m2, i) * u
        c3 += get(m3, i) * u
        i += along
        s += width
    store(y, 0, c0)
    store(y, width, c1)
    store(y, 2 * width, c2)
    store(y, 3 * width, c3)


@compiled
def _one(M, along, b, biased, x, y, n, width):
    """`_eight` for one row and one vector of samples."""
    c = _start(b, 0, biased, M)
    for k in range(n):
        c += get(M, k * along) * load(x, k * width)
    store(y, 0, c)


@compiled
def bias_gradient(db, delta, n_out, width):
    """``db = sum of delta over the samples``."""
    step = lanes(delta)
    for j in range(n_out):
        c = load(delta, j * width)
        for s in range(step, width, step):
            c += load(delta, j * width + s)
        put(db, j, total(c))


@compiled
def weight_gradient(dW, delta, a, n_out, n_in, width):
    """``dW = delta a^T``: two neurons by four inputs at a time, summed over lanes at the end."""
    whole = n_in - n_in % 4
    for j in range(0, n_out - 1, 2):
        first, second = at(delta, j * width), at(delta, (j + 1) * width)
        for k in range(0, whole, 4):
            _eight_sums(at(dW, j * n_in + k), n_in, first, second, at(a, k * width), width)
        for k in range(whole, n_in):
            put(dW, j * n_in + k, _sum(first, at(a, k * width), width))
            put(dW, (j + 1) * n_in + k, _sum(second, at(a, k * width), width))
    if n_out % 2:
        last = n_out - 1
        for k in range(n_in):
            put(dW, last * n_in + k, _sum(at(delta, last * width), at(a, k * width), width))


@compiled
def _eight_sums(dW, n_in, first, second, a, width):
    c0 = like(dW, 0.0)
    c1, c2, c3, d0, d1, d2, d3 = c0, c0, c0, c0, c0, c0, c0
    a1, a2, a3 = at(a, width), at(a, 2 * width), at(a, 3 * width)
    for s in range(0, width, lanes(dW)):
        u, v = load(first, s), load(second, s)
        x = load(a, s)
        c0 += u * x
        d0 += v * x
        x = load(a1, s)
        c1 += u * x
        d1 += v * x
        x = load(a2, s)
        c2 += u * x
        d2 += v * x
        x = load(a3, s)
        c3 += u * x
        d3 += v * x
    put_totals(dW, 0, c0, c1, c2, c3)
    put_totals(dW, n_in, d0, d1, d2, d3)


@compiled
def _sum(delta, a, width):
    c = like(delta, 0.0)
    for s in range(0, width, lanes(delta)):
        c += load(delta, s) * load(a, s)
    return total(c)


@compiled
def weight_gradient_of_rows(dW, delta, X, order, batch, n_out, n_in, width):
    """`weight_gradient` of the first layer, from rows of the inputs: weights are lanes, so no sums over lanes."""
    step = lanes(dW)
    for k in range(0, n_in, 2 * step):
        here = min(2 * step, n_in - k)
        for j in range(0, n_out, 4):
            rows = min(4, n_out - j)
            _rows_tile(at(dW, j * n_in + k), at(delta, j * width), at(X, k), order, batch, rows, here, n_in, width)


@compiled
def _rows_tile(dW, delta, X, order, batch, rows, here, n_in, width):
    """Up to four neurons by two vectors of inputs; beyond the last neuron the last one is done again, in vain."""
    step = lanes(dW)
    near, far = min(here, step), max(here - step, 0)
    e1 = at(delta, min(1, rows - 1) * width)
    e2 = at(delta, min(2, rows - 1) * width)
    e3 = at(delta, min(3, rows - 1) * width)
    c0 = like(dW, 0.0)
    c1, c2, c3, d0, d1, d2, d3 = c0, c0, c0, c0, c0, c0, c0
    for s in range(batch):
        row = get(order, s) * n_in
        u, v = load_part(X, row, near), load_part(X, row + near, far)
        w = like(dW, get(delta, s))
        c0 += w * u
        d0 += w * v
        w = like(dW, get(e1, s))
        c1 += w * u
        d1 += w * v
        w = like(dW, get(e2, s))
        c2 += w * u
        d2 += w * v
        w = like(dW, get(e3, s))
        c3 += w * u
        d3 += w * v
    _put_row(dW, c0, d0, near, far)
    if rows > 1:
        _put_row(at(dW, n_in), c1, d1, near, far)
    if rows > 2:
        _put_row(at(dW, 2 * n_in), c2, d2, near, far)
    if rows > 3:
        _put_row(at(dW, 3 * n_in), c3, d3, near, far)


@compiled
def _put_row(dW, c, d, near, far):
    store_part(dW, 0, c, near)
    store_part(dW, near, d, far)
