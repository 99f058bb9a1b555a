"""A batch, or a part of one, through the network and back."""

from bplab.engine.compiled.kernels.activations import activate, through
from bplab.engine.compiled.kernels.blocks import turn
from bplab.engine.compiled.kernels.layers import (
    bias_gradient,
    forward,
    pull,
    weight_gradient,
    weight_gradient_of_rows,
)
from bplab.engine.compiled.kernels.losses import is_fused, output_error
from bplab.engine.compiled.kernels.memory import width_of
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.vectors import lanes

ROWS_FROM = 32  # inputs; from here on the gradient of the first layer is quicker from rows


@compiled
def fetch(data, order, net, memory, size):
    """Bring inputs and targets of `size` samples into lanes."""
    _gather(data.X, order, memory.a, get(net.sizes, 0), size)
    _gather(data.Y, order, memory.targets, get(net.sizes, net.last), size)


@compiled
def _gather(rows, order, target, n, size):
    """Write row ``order[s]`` to lane s: squares of rows and columns by `turn`, what is left one by one."""
    step, width = lanes(rows), width_of(size, rows)
    whole, columns = size - size % step, n - n % step
    for s in range(0, whole, step):
        for k in range(0, columns, step):
            turn(at(rows, k), at(order, s), n, at(target, k * width + s), width)
    for k in range(n):
        for s in range(whole if k < columns else 0, size):
            put(target, k * width + s, get(rows, get(order, s) * n + k))


@compiled
def go_forward(p, net, memory, width):
    """Calculate z and a of all layers."""
    for i in range(1, net.last + 1):
        n_in, n_out, here = get(net.sizes, i - 1), get(net.sizes, i), get(net.places, i) * width
        before, z, a = at(memory.a, get(net.places, i - 1) * width), at(memory.z, here), at(memory.a, here)
        forward(at(p, get(net.W, i)), at(p, get(net.b, i)), before, z, n_out, n_in, width)
        activate(get(net.activations, i), get(net.settings, i), z, a, n_out, width)


@compiled
def go_back(p, g, net, loss, loss_setting, memory, X, order, size):
    """Calculate delta of all layers, and the gradient."""
    width, last = width_of(size, g), net.last
    here, n_out = get(net.places, last) * width, get(net.sizes, last)
    output_error(loss, loss_setting, at(memory.a, here), at(memory.delta, here), memory, n_out, width)
    if not is_fused(loss):
        _through(net, last, memory, width)
    for i in range(last, 0, -1):
        n_in, n_out = get(net.sizes, i - 1), get(net.sizes, i)
        before, delta = get(net.places, i - 1) * width, at(memory.delta, get(net.places, i) * width)
        dW = at(g, get(net.W, i))
        bias_gradient(at(g, get(net.b, i)), delta, n_out, width)
        if i == 1 and n_in >= ROWS_FROM:
            weight_gradient_of_rows(dW, delta, X, order, size, n_out, n_in, width)
        else:
            weight_gradient(dW, delta, at(memory.a, before), n_out, n_in, width)
        if i > 1:
            pull(at(p, get(net.W, i)), delta, at(memory.delta, before), n_out, n_in, width)
            _through(net, i - 1, memory, width)


@compiled
def _through(net, i, memory, width):
    """Make ``dL/da`` of layer i its delta."""
    here, n = get(net.places, i) * width, get(net.sizes, i)
    z, a, e = at(memory.z, here), at(memory.a, here), at(memory.delta, here)
    through(get(net.activations, i), get(net.settings, i), z, a, e, n, width)
