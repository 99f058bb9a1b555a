"""Losses, as `bplab.engine.losses` declares them: the error at the output, the loss, and right answers."""

import math

from bplab.engine.compiled.kernels.activations import through
from bplab.engine.compiled.kernels.codes import (
    ACTIVATION,
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY,
    HALF_SQUARED_ERROR,
    HINGE,
    HUBER,
    LOSS,
    LOSS_SETTING,
    MAE,
    MSE,
    PLACE,
    SIZE,
    THRESHOLD,
    WIDTH,
)
from bplab.engine.compiled.kernels.options import compiled


@compiled
def output_error(chosen, given, layout, activation_settings, z, act, err, targets, shares, batch):
    """Write delta of the output layer; `shares` is what each sample counts for in the mean, `targets` lie in lanes."""
    last, width = layout.shape[1] - 1, chosen[WIDTH]
    n_out, first = layout[SIZE, last], layout[PLACE, last]
    loss, setting, number = chosen[LOSS], act.dtype.type(given[LOSS_SETTING]), act.dtype.type
    fused = loss in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY)
    spread = setting / number(2 if loss == BINARY_CROSS_ENTROPY else n_out)
    for j in range(n_out):
        for s in range(batch):
            i = first + j * width + s
            y, a = targets[j * width + s], act[i]
            if fused:
                err[i] = (a - (y * (number(1) - setting) + spread)) * shares[s]
            else:
                err[i] = _slope(loss, setting, a, y, number(n_out)) * shares[s]
        for s in range(batch, width):
            err[first + j * width + s] = number(0)
    if not fused:
        through(layout[ACTIVATION, last], activation_settings[last], z, act, err, first, n_out, width)


@compiled
def _slope(loss, setting, a, y, n_out):
    zero, one = a - a, n_out / n_out
    if loss == MSE:
        return (one + one) * (a - y) / n_out
    if loss == HALF_SQUARED_ERROR:
        return a - y
    if loss == MAE:
        difference = a - y
        return (one if difference > zero else (-one if difference < zero else difference)) / n_out
    if loss == HUBER:
        return min(max(a - y, -setting), setting) / n_out
    t = (one + one) * y - one
    return -t / n_out if one - t * a > zero else a * zero  # HINGE


@compiled
def loss_of(chosen, given, layout, z, act, targets, s):
    """Return the loss of the sample in lane `s`."""
    last, width = layout.shape[1] - 1, chosen[WIDTH]
    n_out, first = layout[SIZE, last], layout[PLACE, last]
    loss, setting = chosen[LOSS], given[LOSS_SETTING]
    found = 0.0
    surprise = _log_of_sum(z, first + s, n_out, width) if loss == CROSS_ENTROPY else 0.0
    for j in range(n_out):
        i = first + j * width + s
        y, a, v = float(targets[j * width + s]), float(act[i]), float(z[i])
        if loss == CROSS_ENTROPY:
            found += (y * (1.0 - setting) + setting / n_out) * (surprise - v)
        elif loss == BINARY_CROSS_ENTROPY:
            smooth = y * (1.0 - setting) + setting / 2.0
            found += max(v, 0.0) + math.log1p(math.exp(-abs(v))) - smooth * v
        else:
            found += _distance(loss, setting, a, y, n_out)
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
def _log_of_sum(z, first, n_out, width):
    top = float(z[first])
    for j in range(1, n_out):
        top = max(top, float(z[first + j * width]))
    total = 0.0
    for j in range(n_out):
        total += math.exp(float(z[first + j * width]) - top)
    return top + math.log(total)


@compiled
def is_right(chosen, given, layout, act, targets, s):
    """Tell whether the predicted class of the sample in lane `s` is its target's."""
    last, width = layout.shape[1] - 1, chosen[WIDTH]
    n_out, first = layout[SIZE, last], layout[PLACE, last] + s
    if n_out == 1:
        return (act[first] > given[THRESHOLD]) == (targets[s] > 0.5)
    found, right = 0, 0
    for j in range(1, n_out):
        if act[first + j * width] > act[first + found * width]:
            found = j
        if targets[j * width + s] > targets[right * width + s]:
            right = j
    return found == right
