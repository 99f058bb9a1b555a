"""Losses, as `bplab.engine.losses` declares them: the error at the output, the loss, and right answers.

`z`, `a`, `delta` and `targets` are pointers to lanes of the output layer.
"""

import math

from bplab.engine.compiled.kernels.codes import (
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY,
    HALF_SQUARED_ERROR,
    HINGE,
    HUBER,
    MAE,
    MSE,
)
from bplab.engine.compiled.kernels.options import compiled, inlined
from bplab.engine.compiled.kernels.pointers import get
from bplab.engine.compiled.kernels.vectors import at_least, at_most, lanes, load, pick, store


@compiled
def output_error(loss, setting, a, delta, memory, n_out, width):
    """Write the slope of the loss for the output, or for z where output and loss are a fused pair (see `is_fused`).

    A lane without a sample has a share of 0.
    """
    for j in range(n_out):
        for s in range(0, width, lanes(a)):
            i = j * width + s
            slope = _slope(loss, setting, load(a, i), load(memory.targets, i), n_out)
            store(delta, i, slope * load(memory.shares, s))


@compiled
def is_fused(loss):
    """Tell whether `output_error` has passed through the activation already."""
    return loss in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY)


@inlined
def _slope(loss, setting, a, y, n_out):
    if loss == CROSS_ENTROPY:
        return a - (y * (1.0 - setting) + setting / n_out)
    if loss == BINARY_CROSS_ENTROPY:
        return a - (y * (1.0 - setting) + setting / 2.0)
    if loss == MSE:
        return (a - y) * (2.0 / n_out)
    if loss == HALF_SQUARED_ERROR:
        return a - y
    if loss == MAE:
        difference = a - y
        return pick(difference, 0.0, 1.0, pick(0.0, difference, -1.0, difference)) * (1.0 / n_out)
    if loss == HUBER:
        return at_most(at_least(a - y, -setting), setting) * (1.0 / n_out)
    t = y * 2.0 - 1.0
    return pick(1.0 - t * a, 0.0, 0.0 - t, a * 0.0) * (1.0 / n_out)  # HINGE


@compiled
def loss_of(loss, setting, z, a, targets, n_out, width, s):
    """Return the loss of the sample in lane `s`."""
    found = 0.0
    surprise = _log_of_sum(z, n_out, width, s) if loss == CROSS_ENTROPY else 0.0
    for i in range(s, n_out * width, width):
        y, v = float(get(targets, i)), float(get(z, i))
        if loss == CROSS_ENTROPY:
            found += (y * (1.0 - setting) + setting / n_out) * (surprise - v)
        elif loss == BINARY_CROSS_ENTROPY:
            smooth = y * (1.0 - setting) + setting / 2.0
            found += max(v, 0.0) + math.log1p(math.exp(-abs(v))) - smooth * v
        else:
            found += _distance(loss, setting, float(get(a, i)), y, n_out)
    return found


@compiled
def _distance(loss, setting, a, y, n_out):
    difference = a - y
    if loss == MSE:
        return difference * difference / n_out
    if loss == HALF_SQUARED_ERROR:
        return difference * difference / 2.0
    if loss == MAE:
        return abs(difference) / n_out
    if loss == HUBER:
        near = min(abs(difference), setting)
        return (0.5 * near * near + setting * (abs(difference) - near)) / n_out
    assert loss == HINGE
    return max(0.0, 1.0 - (2.0 * y - 1.0) * a) / n_out


@compiled
def _log_of_sum(z, n_out, width, s):
    top = float(get(z, s))
    for i in range(s + width, n_out * width, width):
        top = max(top, float(get(z, i)))
    total = 0.0
    for i in range(s, n_out * width, width):
        total += math.exp(float(get(z, i)) - top)
    return top + math.log(total)


@compiled
def is_right(threshold, a, targets, n_out, width, s):
    """Tell whether the predicted class of the sample in lane `s` is its target's."""
    if n_out == 1:
        return (get(a, s) > threshold) == (get(targets, s) > 0.5)
    found, right = s, s
    for i in range(s + width, n_out * width, width):
        if get(a, i) > get(a, found):
            found = i
        if get(targets, i) > get(targets, right):
            right = i
    return found == right
