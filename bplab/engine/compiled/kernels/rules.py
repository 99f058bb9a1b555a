"""What changes the gradient or the parameters beside the optimizer: clipping, and regularizers."""

import math

from bplab.engine.compiled.kernels.codes import (
    BY_NORM,
    BY_VALUE,
    CLIP,
    CLIPPING,
    L1,
    L1_L2,
    L2,
    MAX_NORM,
    NO_CLIPPING,
    NONE,
    PENALTY_1,
    PENALTY_2,
    REGULARIZER,
    WEIGHT_DECAY,
)
from bplab.engine.compiled.kernels.options import compiled, inlined, reducing
from bplab.engine.compiled.kernels.pointers import at, get, put


@reducing
def square(g, n):
    """Return the sum of the squares of n numbers."""
    found = get(g, 0) * 0
    for i in range(n):
        found += get(g, i) * get(g, i)
    return found


@inlined
def before_update(p, g, net, chosen, given, rate):
    """Clip the gradient, decay or penalize weights; return whether clipping met a value that is not finite."""
    broken = get(chosen, CLIPPING) != NO_CLIPPING and _clip(g, net.n_parameters, chosen, given)
    rule = get(chosen, REGULARIZER)
    if rule == WEIGHT_DECAY:
        _decay(p, net, 1.0 - rate * get(given, PENALTY_1))
    elif rule != NONE and rule != MAX_NORM:
        _penalize(p, g, net, rule, get(given, PENALTY_1), get(given, PENALTY_2))
    return broken


@inlined
def after_update(p, net, chosen, given):
    """Keep the weights that enter a neuron within a length, if that is chosen."""
    if get(chosen, REGULARIZER) != MAX_NORM:
        return
    largest = get(given, PENALTY_1)
    for layer in range(1, net.last + 1):
        n_in = get(net.sizes, layer - 1)
        for j in range(get(net.sizes, layer)):
            weights = at(p, get(net.W, layer) + j * n_in)
            length = math.sqrt(square(weights, n_in))
            if length > largest:
                _scale(weights, n_in, largest / length)


@compiled
def _clip(g, n, chosen, given):
    """Cut the gradient down; return whether it is not finite, which cutting might hide."""
    length, limit = math.sqrt(square(g, n)), get(given, CLIP)
    if get(chosen, CLIPPING) == BY_NORM and limit / (length + 1e-6) < 1.0:
        _scale(g, n, limit / (length + 1e-6))
    elif get(chosen, CLIPPING) == BY_VALUE:
        for i in range(n):
            put(g, i, min(max(get(g, i), -limit), limit))
    return length - length != 0.0


@compiled
def _scale(numbers, n, factor):
    for i in range(n):
        put(numbers, i, get(numbers, i) * factor)


@compiled
def _penalize(p, g, net, rule, first, second):
    """Add the slope of a penalty on weights to the gradient."""
    l1 = first if rule in (L1, L1_L2) else 0.0
    l2 = first if rule == L2 else (second if rule == L1_L2 else 0.0)
    for layer in range(1, net.last + 1):
        for i in range(get(net.W, layer), get(net.b, layer)):
            w = get(p, i)
            sign = 1.0 if w > 0 else (-1.0 if w < 0 else w)
            put(g, i, get(g, i) + (l1 * sign + l2 * w))


@compiled
def _decay(p, net, keep):
    for layer in range(1, net.last + 1):
        first = get(net.W, layer)
        _scale(at(p, first), get(net.b, layer) - first, keep)
