"""Many steps of training: the one function that Python calls."""

import math

import numba
import numpy as np

from bplab.engine.compiled.kernels.activations import activate, through
from bplab.engine.compiled.kernels.codes import (
    ACTIVATION,
    BATCH,
    BLAS_FROM,
    BROKEN,
    BY_NORM,
    BY_VALUE,
    CLASSES,
    CLIP,
    CLIPPING,
    CURSOR,
    EPOCH,
    EPOCH_ROWS,
    EPOCH_STRIDE,
    FIRST_HYPER,
    L1,
    L1_L2,
    L2,
    MAX_NORM,
    NADAM,
    NO_CLIPPING,
    NONE,
    OPTIMIZER,
    PENALTY_1,
    PENALTY_2,
    PLACE,
    PRODUCT,
    REGULARIZER,
    SEED,
    SIZE,
    STEP,
    STEP_ROWS,
    STEP_STRIDE,
    UPDATES,
    WEIGHT_DECAY,
    WIDTH,
    B,
    W,
)
from bplab.engine.compiled.kernels.layers import (
    backward_large,
    bias_gradient,
    forward,
    forward_large,
    pull,
    weight_gradient,
)
from bplab.engine.compiled.kernels.losses import is_right, loss_of, output_error
from bplab.engine.compiled.kernels.optimizers import momentum_at, move
from bplab.engine.compiled.kernels.options import compiled, inlined, reducing
from bplab.engine.compiled.kernels.shuffle import shuffle


@inlined
def _gather(X, Y, order, at, batch, layout, chosen, act, targets, rows):
    """Bring a batch into lanes; a large first layer reads its inputs as they are, in `rows`."""
    width, n_in = chosen[WIDTH], layout[SIZE, 0]
    if n_in * layout[SIZE, 1] * width >= chosen[BLAS_FROM]:
        for s in range(batch):
            rows[s, :] = X[order[at + s]]
    else:
        for s in range(batch):
            r = order[at + s]
            for k in range(n_in):
                act[k * width + s] = X[r, k]
    for s in range(batch):
        r = order[at + s]
        for j in range(Y.shape[1]):
            targets[j * width + s] = Y[r, j]


@inlined
def _forward(p, layout, settings, chosen, z, act, rows):
    width = chosen[WIDTH]
    for i in range(1, layout.shape[1]):
        n_in, n_out = layout[SIZE, i - 1], layout[SIZE, i]
        w, b, a, out = layout[W, i], layout[B, i], layout[PLACE, i - 1], layout[PLACE, i]
        if n_in * n_out * width >= chosen[BLAS_FROM]:
            forward_large(p, w, b, rows, act, a, z, out, n_out, n_in, width, i == 1)
        else:
            forward(p, w, b, act, a, z, out, n_out, n_in, width)
        activate(layout[ACTIVATION, i], settings[i], z, act, out, n_out, width)


@inlined
def _backward(p, g, layout, settings, chosen, z, act, err, rows):
    width = chosen[WIDTH]
    for i in range(layout.shape[1] - 1, 0, -1):
        n_in, n_out = layout[SIZE, i - 1], layout[SIZE, i]
        w, a, d = layout[W, i], layout[PLACE, i - 1], layout[PLACE, i]
        bias_gradient(g, layout[B, i], err, d, n_out, width)
        if n_in * n_out * width >= chosen[BLAS_FROM]:
            backward_large(p, g, w, rows, act, a, err, d, n_out, n_in, width, i == 1)
        else:
            weight_gradient(g, w, err, d, act, a, n_out, n_in, width)
            if i > 1:
                pull(p, w, err, d, a, n_out, n_in, width)
        if i > 1:
            through(layout[ACTIVATION, i - 1], settings[i - 1], z, act, err, a, n_in, width)


@reducing
def _square(g, first, last):
    part, found = g[first:last], g.dtype.type(0)
    for i in range(part.size):
        found += part[i] * part[i]
    return found


@compiled
def _clip(g, chosen, given):
    """Cut the gradient down; return whether it is not finite, which cutting might hide."""
    length = math.sqrt(_square(g, 0, g.size))
    if chosen[CLIPPING] == BY_NORM:
        scale = given[CLIP] / (length + 1e-6)
        if scale < 1.0:
            for i in range(g.size):
                g[i] *= g.dtype.type(scale)
    elif chosen[CLIPPING] == BY_VALUE:
        limit = g.dtype.type(given[CLIP])
        for i in range(g.size):
            g[i] = min(max(g[i], -limit), limit)
    return length - length != 0.0


@compiled
def _penalize(p, g, layout, chosen, given):
    rule, number = chosen[REGULARIZER], g.dtype.type
    l1 = number(given[PENALTY_1]) if rule in (L1, L1_L2) else number(0)
    l2 = number(given[PENALTY_1 if rule == L2 else PENALTY_2]) if rule in (L2, L1_L2) else number(0)
    for layer in range(1, layout.shape[1]):
        for i in range(layout[W, layer], layout[B, layer]):
            g[i] += l1 * np.sign(p[i]) + l2 * p[i]


@compiled
def _decay(p, layout, keep):
    for layer in range(1, layout.shape[1]):
        for i in range(layout[W, layer], layout[B, layer]):
            p[i] *= keep


@compiled
def _limit(p, layout, largest):
    """Keep the weights that enter a neuron within a length."""
    for layer in range(1, layout.shape[1]):
        n_in = layout[SIZE, layer - 1]
        for first in range(layout[W, layer], layout[B, layer], n_in):
            length = p.dtype.type(math.sqrt(_square(p, first, first + n_in)))
            if length > largest:
                for i in range(first, first + n_in):
                    p[i] *= largest / length


@compiled
def _evaluate(p, X, Y, weights, layout, settings, chosen, given, z, act, targets, rows):
    """Return mean loss and accuracy of a whole set of samples."""
    if X.shape[0] == 0:
        return math.nan, math.nan
    order, batch = np.arange(X.shape[0]), chosen[BATCH]
    loss, counted, right = 0.0, 0.0, 0
    for at in range(0, X.shape[0], batch):
        size = min(batch, X.shape[0] - at)
        _gather(X, Y, order, at, size, layout, chosen, act, targets, rows)
        _forward(p, layout, settings, chosen, z, act, rows)
        for s in range(size):
            share = float(weights[at + s]) if weights.size else 1.0
            loss += share * loss_of(chosen, given, layout, z, act, targets, s)
            counted += share
            right += is_right(chosen, given, layout, act, targets, s)
    return loss / counted, right / X.shape[0] if chosen[CLASSES] else math.nan


@inlined
def _share(order, at, batch, weights, shares):
    """Write what each lane counts for in the mean over the batch; a lane without a sample counts for nothing."""
    shares[batch:] = 0
    if weights.size == 0:
        shares[:batch] = 1.0 / batch
        return
    total = 0.0
    for s in range(batch):
        total += float(weights[order[at + s]])
    for s in range(batch):
        shares[s] = float(weights[order[at + s]]) / total


@compiled
def _note(row, g, layout, chosen, given, z, act, targets, shares, batch, step):
    """Fill a row of the history: step, loss of the batch, and the length of each layer's gradient."""
    row[0], row[1] = step, 0.0
    for s in range(batch):
        row[1] += float(shares[s]) * loss_of(chosen, given, layout, z, act, targets, s)
    for i in range(1, layout.shape[1]):
        last = layout[W, i + 1] if i + 1 < layout.shape[1] else g.size
        row[1 + i] = math.sqrt(_square(g, layout[W, i], last))


@compiled
def run(  # noqa: C901, PLR0915
    p, g, slots, X, Y, weights, X_test, Y_test, test_weights, layout, settings, chosen, given, rates,
    state, order, z, act, err, targets, rows, shares, step_rows, epoch_rows,
):  # fmt: skip
    """Do one step for each of `rates`, unless a value is not finite: then `state` says so, at the step that failed.

    `state` and `order` hold the position, and are changed with the parameters `p` and the optimizer's `slots`; the
    history is written to `step_rows` and `epoch_rows`.
    """
    n, product = X.shape[0], given[PRODUCT]
    for done in range(rates.size):
        at = state[CURSOR]
        batch, rate = min(chosen[BATCH], n - at), rates[done]
        state[UPDATES] += 1
        if chosen[OPTIMIZER] == NADAM:
            product *= momentum_at(state[UPDATES], given[FIRST_HYPER], given[FIRST_HYPER + 3])
        _gather(X, Y, order, at, batch, layout, chosen, act, targets, rows)
        if weights.size or done == 0 or at == 0 or at + batch == n:  # else they are as they were
            _share(order, at, batch, weights, shares)
        _forward(p, layout, settings, chosen, z, act, rows)
        output_error(chosen, given, layout, settings, z, act, err, targets, shares, batch)
        _backward(p, g, layout, settings, chosen, z, act, err, rows)
        if (state[STEP] + 1) % chosen[STEP_STRIDE] == 0:
            row = step_rows[state[STEP_ROWS]]
            _note(row, g, layout, chosen, given, z, act, targets, shares, batch, state[STEP] + 1)
            state[STEP_ROWS] += 1
        broken = chosen[CLIPPING] != NO_CLIPPING and _clip(g, chosen, given)
        rule = chosen[REGULARIZER]
        if rule == WEIGHT_DECAY:
            _decay(p, layout, p.dtype.type(1.0 - rate * given[PENALTY_1]))
        elif rule != NONE and rule != MAX_NORM:
            _penalize(p, g, layout, chosen, given)
        bad = move(chosen[OPTIMIZER], p, g, slots, rate, state[UPDATES], given, product)
        if rule == MAX_NORM:
            _limit(p, layout, p.dtype.type(given[PENALTY_1]))
        if broken or bad != 0:
            state[BROKEN] = 1
            return
        state[STEP] += 1
        state[CURSOR] = at + batch
        if at + batch == n:
            state[CURSOR] = 0
            state[EPOCH] += 1
            shuffle(order, chosen[SEED], state[EPOCH])
            if chosen[EPOCH_STRIDE] and state[EPOCH] % chosen[EPOCH_STRIDE] == 0:
                row = epoch_rows[state[EPOCH_ROWS]]
                row[0], row[1] = state[EPOCH], state[STEP]
                row[2], row[4] = _evaluate(p, X, Y, weights, layout, settings, chosen, given, z, act, targets, rows)
                row[3], row[5] = _evaluate(
                    p, X_test, Y_test, test_weights, layout, settings, chosen, given, z, act, targets, rows
                )
                state[EPOCH_ROWS] += 1


def _signature(number):
    """Return what `run` takes, for numbers of one type."""
    one, two, whole = number[::1], number[:, ::1], numba.int64[::1]
    wide, double = numba.float64[:, ::1], numba.float64[::1]
    data = (two, two, one)
    return numba.void(
        *(one, one, two), *data, *data, numba.int64[:, ::1], double, whole, double, double,
        *(whole, whole), *(one, one, one, one), two, one, wide, wide,
    )  # fmt: skip


def compile_for(dtype):
    """Compile `run` for "float64" or "float32", or load it from the cache."""
    run.compile(_signature(getattr(numba, dtype)))
