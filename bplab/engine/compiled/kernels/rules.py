"""What changes the gradient or the parameters beside the optimizer: clipping, and regularizers."""

import math

import numpy as np

from bplab.engine.compiled.kernels.codes import (
    BY_NORM,
    BY_VALUE,
    CLIP,
    CLIPPING,
    L1,
    L1_L2,
    L2,
    PENALTY_1,
    PENALTY_2,
    REGULARIZER,
    SIZE,
    B,
    W,
)
from bplab.engine.compiled.kernels.options import compiled, reducing


@reducing
def square(g, first, last):
    """Return the sum of the squares of some numbers of g."""
    part, found = g[first:last], g.dtype.type(0)
    for i in range(part.size):
        found += part[i] * part[i]
    return found


@compiled
def clip(g, chosen, given):
    """Cut the gradient down; return whether it is not finite, which cutting might hide."""
    length = math.sqrt(square(g, 0, g.size))
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
def penalize(p, g, layout, chosen, given):
    """Add the slope of a penalty on weights to the gradient."""
    rule, number = chosen[REGULARIZER], g.dtype.type
    l1 = number(given[PENALTY_1]) if rule in (L1, L1_L2) else number(0)
    l2 = number(given[PENALTY_1 if rule == L2 else PENALTY_2]) if rule in (L2, L1_L2) else number(0)
    for layer in range(1, layout.shape[1]):
        for i in range(layout[W, layer], layout[B, layer]):
            g[i] += l1 * np.sign(p[i]) + l2 * p[i]


@compiled
def decay(p, layout, keep):
    """Make all weights smaller."""
    for layer in range(1, layout.shape[1]):
        for i in range(layout[W, layer], layout[B, layer]):
            p[i] *= keep


@compiled
def limit_weights(p, layout, largest):
    """Keep the weights that enter a neuron within a length."""
    for layer in range(1, layout.shape[1]):
        n_in = layout[SIZE, layer - 1]
        for first in range(layout[W, layer], layout[B, layer], n_in):
            length = p.dtype.type(math.sqrt(square(p, first, first + n_in)))
            if length > largest:
                for i in range(first, first + n_in):
                    p[i] *= largest / length
