"""Many steps of training: the one function that Python calls."""

import numba

from bplab.engine.compiled.kernels.codes import (
    BATCH,
    BROKEN,
    CHUNK,
    CLIPPING,
    CURSOR,
    EPOCH,
    EPOCH_ROWS,
    EPOCH_STRIDE,
    FIRST_HYPER,
    LOSS,
    LOSS_SETTING,
    MAX_NORM,
    NADAM,
    NO_CLIPPING,
    NONE,
    OPTIMIZER,
    PENALTY_1,
    PRODUCT,
    REGULARIZER,
    SEED,
    SIZE,
    STEP,
    STEP_ROWS,
    STEP_STRIDE,
    UPDATES,
    WEIGHT_DECAY,
)
from bplab.engine.compiled.kernels.optimizers import momentum_at, move
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.passes import Memory, clear_padding, gather, go_back, go_forward, width_of
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.rules import clip, decay, limit_weights, penalize
from bplab.engine.compiled.kernels.scoring import evaluate, mean_loss, note_lengths
from bplab.engine.compiled.kernels.shuffle import shuffle
from bplab.engine.compiled.kernels.vectors import lanes, load, store


@compiled
def _weigh(weights, order, cursor, batch, first, shares, size):
    """Write what each lane counts for in the mean over the batch, of which the part in memory begins at `first`."""
    total = 0.0
    for s in range(cursor, cursor + batch):
        total += float(weights[order[s]])
    for s in range(size):
        put(shares, s, float(weights[order[cursor + first + s]]) / total)


@compiled
def _prepare(layout, memory, batch, size):
    """Make memory ready for batches and parts of these sizes: shares, and no sample in the lanes beyond."""
    clear_padding(memory.a, layout[SIZE, 0], size)
    clear_padding(memory.targets, layout[SIZE, layout.shape[1] - 1], size)
    clear_padding(memory.shares, 1, size)
    for s in range(size):
        put(memory.shares, s, 1.0 / batch)


@compiled
def _add(g, part, n):
    """``g += part``."""
    step = lanes(g)
    whole = n - n % step
    for i in range(0, whole, step):
        store(g, i, load(g, i) + load(part, i))
    for i in range(whole, n):
        put(g, i, get(g, i) + get(part, i))


@compiled
def _note_epoch(row, state, p, data, tests, layout, settings, chosen, given, memory):
    row[0], row[1] = state[EPOCH], state[STEP]
    row[2], row[4] = evaluate(p, *data, layout, settings, chosen, given, memory)
    row[3], row[5] = evaluate(p, *tests, layout, settings, chosen, given, memory)


@compiled
def _update(p, g, slots, layout, chosen, given, rate, updates, product):
    """Move the parameters; return whether a value is not finite."""
    broken = chosen[CLIPPING] != NO_CLIPPING and clip(g, chosen, given)
    rule = chosen[REGULARIZER]
    if rule == WEIGHT_DECAY:
        decay(p, layout, p.dtype.type(1.0 - rate * given[PENALTY_1]))
    elif rule != NONE and rule != MAX_NORM:
        penalize(p, g, layout, chosen, given)
    bad = move(chosen[OPTIMIZER], p, g, slots, rate, updates, given, product)
    if rule == MAX_NORM:
        limit_weights(p, layout, p.dtype.type(given[PENALTY_1]))
    return broken or bad != 0


@compiled
def run(  # noqa: C901, PLR0915
    p, slots, X, Y, weights, X_test, Y_test, test_weights, layout, settings, chosen, given, rates,
    state, order, g, part, z, a, delta, targets, shares, step_rows, epoch_rows,
):  # fmt: skip
    """Do one step for each of `rates`, unless a value is not finite: then `state` says so, at the step that failed.

    `state` and `order` hold the position, and are changed with the parameters `p` and the optimizer's `slots`; the
    history is written to `step_rows` and `epoch_rows`.
    """
    n, n_in, n_out = X.shape[0], X.shape[1], Y.shape[1]
    memory = Memory(at(z, 0), at(a, 0), at(delta, 0), at(targets, 0), at(shares, 0))
    product, ready_batch, ready_size = given[PRODUCT], 0, 0
    next_row = (state[STEP] // chosen[STEP_STRIDE] + 1) * chosen[STEP_STRIDE]
    for done in range(rates.size):
        cursor = state[CURSOR]
        batch, is_noted, loss = min(chosen[BATCH], n - cursor), state[STEP] + 1 == next_row, 0.0
        state[UPDATES] += 1
        if chosen[OPTIMIZER] == NADAM:
            product *= momentum_at(state[UPDATES], given[FIRST_HYPER], given[FIRST_HYPER + 3])
        for first in range(0, batch, CHUNK):
            size = min(CHUNK, batch - first)
            if ready_batch != batch or ready_size != size:
                _prepare(layout, memory, batch, size)
                ready_batch, ready_size = batch, size
            if weights.size:
                _weigh(weights, order, cursor, batch, first, memory.shares, size)
            rows = at(order, cursor + first)
            gather(at(X, 0), rows, memory.a, n_in, size)
            gather(at(Y, 0), rows, memory.targets, n_out, size)
            go_forward(at(p, 0), layout, settings, memory, width_of(size, memory.a))
            found = at(part, 0) if first else at(g, 0)
            go_back(at(p, 0), found, layout, settings, chosen[LOSS], given[LOSS_SETTING], memory, at(X, 0), rows, size)
            if first:
                _add(at(g, 0), found, g.size)
            if is_noted:
                loss += mean_loss(layout, chosen, given, memory, size)
        if is_noted:
            row = step_rows[state[STEP_ROWS]]
            row[0], row[1] = next_row, loss
            note_lengths(row, g, layout)
            state[STEP_ROWS] += 1
            next_row += chosen[STEP_STRIDE]
        if _update(p, g, slots, layout, chosen, given, rates[done], state[UPDATES], product):
            state[BROKEN] = 1
            return
        state[STEP] += 1
        state[CURSOR] = cursor + batch
        if cursor + batch == n:
            state[CURSOR] = 0
            state[EPOCH] += 1
            shuffle(order, chosen[SEED], state[EPOCH])
            if chosen[EPOCH_STRIDE] and state[EPOCH] % chosen[EPOCH_STRIDE] == 0:
                row, ready_size = epoch_rows[state[EPOCH_ROWS]], 0
                data, tests = (X, Y, weights), (X_test, Y_test, test_weights)
                _note_epoch(row, state, at(p, 0), data, tests, layout, settings, chosen, given, memory)
                state[EPOCH_ROWS] += 1


def _signature(number):
    """Return what `run` takes, for numbers of one type."""
    one, two, whole = number[::1], number[:, ::1], numba.int64[::1]
    wide, double = numba.float64[:, ::1], numba.float64[::1]
    data = (two, two, one)
    return numba.void(
        one, two, *data, *data, numba.int64[:, ::1], double, whole, double, double,
        *(whole, whole), *(one, one, one, one, one, one, one), wide, wide,
    )  # fmt: skip


def compile_for(dtype):
    """Compile `run` for "float64" or "float32", or load it from the cache."""
    run.compile(_signature(getattr(numba, dtype)))
