"""Rows of the history: losses, accuracies, and the lengths of gradients."""

import math

import numpy as np

from bplab.engine.compiled.kernels.codes import CHUNK, CLASSES, LOSS, LOSS_SETTING, PLACE, SIZE, THRESHOLD, W
from bplab.engine.compiled.kernels.losses import is_right, loss_of
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.passes import gather, go_forward, width_of
from bplab.engine.compiled.kernels.pointers import at, get
from bplab.engine.compiled.kernels.rules import square


@compiled
def mean_loss(layout, chosen, given, memory, size):
    """Return what the samples in memory add to the mean loss of their batch."""
    last, width = layout.shape[1] - 1, width_of(size, memory.a)
    n_out, here = layout[SIZE, last], layout[PLACE, last] * width
    z, a, found = at(memory.z, here), at(memory.a, here), 0.0
    for s in range(size):
        loss = loss_of(chosen[LOSS], given[LOSS_SETTING], z, a, memory.targets, n_out, width, s)
        found += float(get(memory.shares, s)) * loss
    return found


@compiled
def note_lengths(row, g, layout):
    """Write the length of each layer's gradient to a row, from its third place on."""
    for i in range(1, layout.shape[1]):
        last = layout[W, i + 1] if i + 1 < layout.shape[1] else g.size
        row[1 + i] = math.sqrt(square(g, layout[W, i], last))


@compiled
def evaluate(p, X, Y, weights, layout, settings, chosen, given, memory):
    """Return mean loss and accuracy of a whole set of samples."""
    n, last = X.shape[0], layout.shape[1] - 1
    n_out, loss, counted, right = layout[SIZE, last], 0.0, 0.0, 0
    if n == 0:
        return math.nan, math.nan
    order = np.arange(n)
    for first in range(0, n, CHUNK):
        size = min(CHUNK, n - first)
        width = width_of(size, p)
        gather(at(X, 0), at(order, first), memory.a, layout[SIZE, 0], size)
        gather(at(Y, 0), at(order, first), memory.targets, n_out, size)
        go_forward(p, layout, settings, memory, width)
        z, a = at(memory.z, layout[PLACE, last] * width), at(memory.a, layout[PLACE, last] * width)
        for s in range(size):
            share = float(weights[first + s]) if weights.size else 1.0
            loss += share * loss_of(chosen[LOSS], given[LOSS_SETTING], z, a, memory.targets, n_out, width, s)
            counted += share
            right += is_right(given[THRESHOLD], a, memory.targets, n_out, width, s)
    return loss / counted, right / n if chosen[CLASSES] else math.nan
