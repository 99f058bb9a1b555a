"""Many steps of training: the one function that Python calls."""

import numba

from bplab.engine.compiled.kernels.codes import (
    ACTIVATION,
    BATCH,
    BROKEN,
    CHUNK,
    CURSOR,
    EPOCH,
    EPOCH_ROWS,
    EPOCH_STRIDE,
    FIRST_HYPER,
    LOSS,
    LOSS_SETTING,
    NADAM,
    OPTIMIZER,
    PLACE,
    PRODUCT,
    SEED,
    SIZE,
    STEP,
    STEP_ROWS,
    STEP_STRIDE,
    UPDATES,
    B,
    W,
)
from bplab.engine.compiled.kernels.memory import Data, Lanes, Net, clear_padding, width_of
from bplab.engine.compiled.kernels.optimizers import momentum_at, move
from bplab.engine.compiled.kernels.options import compiled, inlined
from bplab.engine.compiled.kernels.passes import fetch, go_back, go_forward
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.rules import after_update, before_update
from bplab.engine.compiled.kernels.scoring import mean_loss, note_epoch, note_step, output_overflows
from bplab.engine.compiled.kernels.shuffle import shuffle
from bplab.engine.compiled.kernels.vectors import lanes, load, store


@compiled
def run(  # noqa: PLR0915
    p, slots, X, Y, weights, X_test, Y_test, test_weights, layout, settings, chosen, given, rates,
    state, order, g, part, z, a, delta, targets, shares, step_rows, epoch_rows,
):  # fmt: skip
    """Do one step for each of `rates`, unless a value is not finite: then `state` says so, at the step that failed.

    `state` and `order` hold the position, and are changed with the parameters `p` and the optimizer's `slots`; the
    history is written to `step_rows` and `epoch_rows`.
    """
    row = layout.shape[1]
    last, W_, b_, places = row - 1, at(layout, W * row), at(layout, B * row), at(layout, PLACE * row)
    net = Net(at(layout, SIZE * row), at(layout, ACTIVATION * row), W_, b_, places, at(settings, 0), last, p.size)
    memory = Lanes(at(z, 0), at(a, 0), at(delta, 0), at(targets, 0), at(shares, 0))
    data = Data(at(X, 0), at(Y, 0), at(weights, 0), X.shape[0], weights.size > 0)
    tests = Data(at(X_test, 0), at(Y_test, 0), at(test_weights, 0), X_test.shape[0], test_weights.size > 0)
    P, G, part_G, slots_, choices, numbers = at(p, 0), at(g, 0), at(part, 0), at(slots, 0), at(chosen, 0), at(given, 0)
    product, ready = given[PRODUCT], (0, 0)
    next_row = (state[STEP] // chosen[STEP_STRIDE] + 1) * chosen[STEP_STRIDE]
    for done in range(rates.size):
        batch, rows, rate = min(chosen[BATCH], data.n - state[CURSOR]), at(order, state[CURSOR]), rates[done]
        is_noted = state[STEP] + 1 == next_row
        loss, ready = _find_gradient(P, G, part_G, net, choices, numbers, memory, data, rows, batch, ready, is_noted)
        if is_noted:
            note_step(at(step_rows, state[STEP_ROWS] * step_rows.shape[1]), G, net, next_row, loss)
            state[STEP_ROWS] += 1
            next_row += chosen[STEP_STRIDE]
        state[UPDATES] += 1
        if chosen[OPTIMIZER] == NADAM:
            product *= momentum_at(state[UPDATES], given[FIRST_HYPER], given[FIRST_HYPER + 3])
        broken = before_update(P, G, net, choices, numbers, rate)
        bad = move(chosen[OPTIMIZER], P, G, slots_, p.size, rate, state[UPDATES], numbers, product)
        after_update(P, net, choices, numbers)
        if broken or bad != 0 or loss - loss != 0:
            state[BROKEN] = 1
            return
        state[STEP] += 1
        state[CURSOR] += batch
        if state[CURSOR] == data.n:
            state[CURSOR] = 0
            state[EPOCH] += 1
            if chosen[SEED] >= 0:
                shuffle(at(order, 0), data.n, chosen[SEED], state[EPOCH])
            if chosen[EPOCH_STRIDE] and state[EPOCH] % chosen[EPOCH_STRIDE] == 0:
                epoch_rows[state[EPOCH_ROWS], 0] = state[EPOCH]
                epoch_rows[state[EPOCH_ROWS], 1] = state[STEP]
                where = at(epoch_rows, state[EPOCH_ROWS] * epoch_rows.shape[1])
                note_epoch(where, P, data, tests, net, choices, numbers, memory)
                state[EPOCH_ROWS] += 1
                ready = (0, 0)


@inlined
def _find_gradient(p, g, part, net, chosen, given, memory, data, rows, batch, ready, is_noted):
    """Write the gradient of a batch; return its loss, if it is noted or may be infinite, and what memory is ready for.

    Parameters
    ----------
    rows : pointer
        Which samples the batch has.
    ready : tuple of int
        The sizes of the batch, and of the part of it, that memory is ready for.
    """
    loss = 0.0
    for first in range(0, batch, CHUNK):
        size = min(CHUNK, batch - first)
        here = at(rows, first)
        if ready != (batch, size):
            _prepare(net, memory, batch, size)
            ready = (batch, size)
        if data.is_weighted:
            _weigh(data.weights, rows, batch, here, memory.shares, size)
        fetch(data, here, net, memory, size)
        go_forward(p, net, memory, width_of(size, p))
        found = part if first else g
        go_back(p, found, net, get(chosen, LOSS), get(given, LOSS_SETTING), memory, data.X, here, size)
        if first:
            _add(g, found, net.n_parameters)
        if is_noted or output_overflows(net, memory, size):
            loss += mean_loss(net, chosen, given, memory, size)
    return loss, ready


@compiled
def _prepare(net, memory, batch, size):
    """Make memory ready for a batch and a part of these sizes: shares, and no sample in the lanes beyond."""
    clear_padding(memory.a, get(net.sizes, 0), size)
    clear_padding(memory.targets, get(net.sizes, net.last), size)
    clear_padding(memory.shares, 1, size)
    for s in range(size):
        put(memory.shares, s, 1.0 / batch)


@compiled
def _weigh(weights, rows, batch, here, shares, size):
    """Write what each lane counts for in the mean over the batch."""
    total = 0.0
    for s in range(batch):
        total += float(get(weights, get(rows, s)))
    for s in range(size):
        put(shares, s, float(get(weights, get(here, s))) / total)


@compiled
def _add(g, part, n):
    """``g += part``."""
    step = lanes(g)
    whole = n - n % step
    for i in range(0, whole, step):
        store(g, i, load(g, i) + load(part, i))
    for i in range(whole, n):
        put(g, i, get(g, i) + get(part, i))


def _signature(number):
    """Return what `run` takes, for numbers of one type; the samples are only read."""
    one, whole = number[::1], numba.int64[::1]
    shown, shown_two = (numba.types.Array(number, dimensions, "C", readonly=True) for dimensions in (1, 2))
    wide, double = numba.float64[:, ::1], numba.float64[::1]
    data = (shown_two, shown_two, shown)
    return numba.void(
        one, number[:, ::1], *data, *data, numba.int64[:, ::1], double, whole, double, double,
        *(whole, whole), *(one, one, one, one, one, one, one), wide, wide,
    )  # fmt: skip


def compile_for(dtype):
    """Compile `run` for "float64" or "float32", or load it from the cache.

    Afterwards it is compiled for nothing else: called with other types it says so, instead of taking many seconds in
    which a window would stand still.
    """
    run.disable_compile(False)
    run.compile(_signature(getattr(numba, dtype)))
    run.disable_compile()
