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
from bplab.engine.compiled.kernels.options import compiled, inlined


@inlined
def output_error(chosen, given, layout, activation_settings, z, act, err, targets, shares, batch):
    """Write delta of the output layer; `targets` lie in lanes, `shares` is what each counts for in the mean."""
    last, width = layout.shape[1] - 1, chosen[WIDTH]
    n_out, first, number = layout[SIZE, last], layout[PLACE, last], act.dtype.type
    loss, setting = chosen[LOSS], number(given[LOSS_SETTING])
    for j in range(n_out):
        place = first + j * width
        a, y, e = act[place : place + width], targets[j * width : (j + 1) * width], err[place : place + width]
        if loss == CROSS_ENTROPY:
            _difference(a, y, e, shares, number(1) - setting, setting / number(n_out), number(1))
        elif loss == BINARY_CROSS_ENTROPY:
            _difference(a, y, e, shares, number(1) - setting, setting / number(2), number(1))
        elif loss == MSE:
            _difference(a, y, e, shares, number(1), number(0), number(2.0 / n_out))
        elif loss == HALF_SQUARED_ERROR:
            _difference(a, y, e, shares, number(1), number(0), number(1))
        else:
            for s in range(e.size):
                e[s] = _slope(loss, setting, a[s], y[s]) / number(n_out) * shares[s]
        e[batch:] = number(0)  # lanes without a sample
    if loss not in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY):
        through(layout[ACTIVATION, last], activation_settings[last], z, act, err, first, n_out, width)


@inlined
def _difference(a, y, e, shares, keep, spread, scale):
    for s in range(e.size):
        e[s] = (a[s] - (y[s] * keep + spread)) * (scale * shares[s])


@compiled
def _slope(loss, setting, a, y):
    zero, one = a - a, setting - setting + 1
    if loss == MAE:
        difference = a - y
        return one if difference > zero else (-one if difference < zero else difference)
    if loss == HUBER:
        return min(max(a - y, -setting), setting)
    t = (one + one) * y - one
    return -t if one - t * a > zero else a * zero  # HINGE


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
