"""Facts of one step that no other test looks at."""

from dataclasses import replace

import numpy as np
import pytest

from bplab import Experiment
from bplab.microscope.facts import largest_gradient
from bplab.microscope.selection import Selection


@pytest.fixture
def record():
    return Experiment.new("iris", hidden=[5, 4]).trainer().run(1)


def changed(record, values):
    """The record with other gradients at some places (layer, neuron, source), counted from 1, 0 and 0."""
    layers = [replace(layer, dW=layer.dW.copy()) for layer in record.layers]
    for (layer, neuron, source), value in values.items():
        layers[layer - 1].dW[neuron, source] = value
    return replace(record, layers=tuple(layers))


@pytest.mark.parametrize("value", [1e3, -1e3, np.inf, -np.inf])
def test_the_largest_gradient_is_found_whatever_its_sign(record, value):
    assert largest_gradient(changed(record, {(2, 3, 4): value})) == Selection(2, 3, 4)


def test_what_is_no_number_is_not_the_largest(record):
    values = {(1, 0, 0): np.nan, (2, 0, 0): np.inf, (2, 3, 4): -np.inf, (3, 1, 2): -7.0}
    found = largest_gradient(changed(record, values))
    assert found in (Selection(2, 0, 0), Selection(2, 3, 4))
    assert largest_gradient(changed(record, {(1, 0, 0): np.nan, (3, 1, 2): -7.0})) == Selection(3, 1, 2)


def test_it_is_the_largest_of_all(record):
    chosen = largest_gradient(record)
    sizes = [np.abs(layer.dW) for layer in record.layers]
    assert sizes[chosen.layer - 1][chosen.neuron, chosen.source] == max(size.max() for size in sizes)
