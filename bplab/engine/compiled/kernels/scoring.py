"""Rows of the history: losses, accuracies, and the lengths of gradients."""

import math

import numpy as np

from bplab.engine.compiled.kernels.codes import CHUNK, CLASSES, LOSS, LOSS_SETTING, THRESHOLD
from bplab.engine.compiled.kernels.losses import is_right, loss_of
from bplab.engine.compiled.kernels.memory import width_of
from bplab.engine.compiled.kernels.options import compiled
from bplab.engine.compiled.kernels.passes import fetch, go_forward
from bplab.engine.compiled.kernels.pointers import at, get, put
from bplab.engine.compiled.kernels.rules import square


@compiled
def note_step(row, g, net, step, loss):
    """Write a row of the history of steps: step, loss, and the length of each layer's gradient."""
    put(row, 0, step)
    put(row, 1, loss)
    for i in range(1, net.last + 1):
        first = get(net.W, i)
        end = get(net.W, i + 1) if i < net.last else net.n_parameters
        put(row, 1 + i, math.sqrt(square(at(g, first), end - first)))


@compiled
def note_epoch(row, p, data, tests, net, chosen, given, memory):
    """Write loss and accuracy to a row of the history of epochs, from its third place on."""
    loss, accuracy = _evaluate(p, data, net, chosen, given, memory)
    put(row, 2, loss)
    put(row, 4, accuracy)
    loss, accuracy = _evaluate(p, tests, net, chosen, given, memory)
    put(row, 3, loss)
    put(row, 5, accuracy)


@compiled
def mean_loss(net, chosen, given, memory, size):
    """Return what the samples in memory add to the mean loss of their batch."""
    width, n_out = width_of(size, memory.a), get(net.sizes, net.last)
    here, found = get(net.places, net.last) * width, 0.0
    z, a, loss, setting = at(memory.z, here), at(memory.a, here), get(chosen, LOSS), get(given, LOSS_SETTING)
    for s in range(size):
        found += float(get(memory.shares, s)) * loss_of(loss, setting, z, a, memory.targets, n_out, width, s)
    return found


@compiled
def output_overflows(net, memory, size):
    """Tell whether the squares of the output's z overflow: elsewhere every loss is finite."""
    width = width_of(size, memory.a)
    length = square(at(memory.z, get(net.places, net.last) * width), get(net.sizes, net.last) * width)
    return length - length != 0


@compiled
def _evaluate(p, data, net, chosen, given, memory):
    """Return mean loss and accuracy of a whole set of samples."""
    if data.n == 0:
        return math.nan, math.nan
    found, counted, right, order = 0.0, 0.0, 0, np.arange(data.n)
    n_out, loss, setting = get(net.sizes, net.last), get(chosen, LOSS), get(given, LOSS_SETTING)
    for first in range(0, data.n, CHUNK):
        size = min(CHUNK, data.n - first)
        width = width_of(size, p)
        fetch(data, at(order, first), net, memory, size)
        go_forward(p, net, memory, width)
        here = get(net.places, net.last) * width
        z, a = at(memory.z, here), at(memory.a, here)
        for s in range(size):
            share = float(get(data.weights, first + s)) if data.is_weighted else 1.0
            found += share * loss_of(loss, setting, z, a, memory.targets, n_out, width, s)
            counted += share
            right += is_right(get(given, THRESHOLD), a, memory.targets, n_out, width, s)
    return found / counted, right / data.n if get(chosen, CLASSES) else math.nan
