"""A batch, or a part of one, through the network and back.

What a network calculates lies in `Memory`: pointers to lanes, one layer after the other. Layer i begins at
``layout[PLACE, i] * width``, the inputs of the network being layer 0.
"""

from typing import Any, NamedTuple

from bplab.engine.compiled.kernels.activations import activate, through
from bplab.engine.compiled.kernels.blocks import turn
from bplab.engine.compiled.kernels.codes import ACTIVATION, PLACE, SIZE, B, W
from bplab.engine.compiled.kernels.layers import (
    bias_gradient,
    forward,
    pull,
    weight_gradient,
    weight_gradient_of_rows,
)
from bplab.engine.compiled.kernels.losses import is_fused, output_error
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.vectors import lanes

ROWS_FROM = 32  # inputs; from here on the gradient of the first layer is quicker from rows


class Memory(NamedTuple):
    """Pointers: z, a and delta of all layers, targets, and what each lane counts for in the mean over the batch."""

    z: Any
    a: Any
    delta: Any
    targets: Any
    shares: Any


@compiled
def width_of(size, numbers):
    """Return the lanes for `size` samples: whole vectors."""
    step = lanes(numbers)
    return (size + step - 1) // step * step


@compiled
def gather(X, order, lanes_of_X, n, size):
    """Bring rows `order` of X into lanes: squares of rows and columns by `turn`, what is left one by one."""
    step, width = lanes(X), width_of(size, X)
    rows, columns = size - size % step, n - n % step
    for s in range(0, rows, step):
        for k in range(0, columns, step):
            turn(at(X, k), at(order, s), n, at(lanes_of_X, k * width + s), width)
    for s in range(size):
        row = at(X, get(order, s) * n)
        for k in range(columns if s < rows else 0, n):
            put(lanes_of_X, k * width + s, get(row, k))


@compiled
def clear_padding(numbers, n, size):
    """Write 0 to the lanes without a sample."""
    width = width_of(size, numbers)
    for k in range(n):
        for s in range(size, width):
            put(numbers, k * width + s, 0.0)


@compiled
def go_forward(p, layout, settings, memory, width):
    """Calculate z and a of all layers."""
    for i in range(1, layout.shape[1]):
        n_in, n_out, here = layout[SIZE, i - 1], layout[SIZE, i], layout[PLACE, i] * width
        before, z, a = at(memory.a, layout[PLACE, i - 1] * width), at(memory.z, here), at(memory.a, here)
        forward(at(p, layout[W, i]), at(p, layout[B, i]), before, z, n_out, n_in, width)
        activate(layout[ACTIVATION, i], settings[i], z, a, n_out, width)


@compiled
def go_back(p, g, layout, settings, loss, loss_setting, memory, X, order, size):
    """Calculate delta of all layers, and the gradient."""
    width, last = width_of(size, g), layout.shape[1] - 1
    here, n_out = layout[PLACE, last] * width, layout[SIZE, last]
    z, a, delta = at(memory.z, here), at(memory.a, here), at(memory.delta, here)
    output_error(loss, loss_setting, a, delta, memory.targets, memory.shares, n_out, width)
    if not is_fused(loss):
        through(layout[ACTIVATION, last], settings[last], z, a, delta, n_out, width)
    for i in range(last, 0, -1):
        n_in, n_out, before = layout[SIZE, i - 1], layout[SIZE, i], layout[PLACE, i - 1] * width
        delta, z, a = at(memory.delta, layout[PLACE, i] * width), at(memory.z, before), at(memory.a, before)
        dW, db = at(g, layout[W, i]), at(g, layout[B, i])
        bias_gradient(db, delta, n_out, width)
        if i == 1 and n_in >= ROWS_FROM:
            weight_gradient_of_rows(dW, delta, X, order, size, n_out, n_in, width)
        else:
            weight_gradient(dW, delta, a, n_out, n_in, width)
        if i > 1:
            pull(at(p, layout[W, i]), delta, at(memory.delta, before), n_out, n_in, width)
            through(layout[ACTIVATION, i - 1], settings[i - 1], z, a, at(memory.delta, before), n_in, width)
