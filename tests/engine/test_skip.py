"""Skip connections: around one layer or several, and from the input."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import check_gradients, loaded
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from tests.engine.build import batch, network


def skipping(layers, activation="tanh"):
    return LayerPlan(ACTIVATIONS.choose(activation), skip=layers)


CASES = {
    "around one layer": ([3, 4, 4, 2], [0, 1, 0]),
    "from the input": ([3, 3, 4, 2], [1, 0, 0]),
    "around two layers": ([3, 4, 5, 4, 2], [0, 0, 2, 0]),
    "around three layers, from the input": ([3, 4, 5, 3, 2], [0, 0, 3, 0]),
    "one after another": ([3, 4, 4, 4, 2], [0, 1, 1, 0]),
    "two from the same layer": ([3, 4, 4, 4, 2], [0, 1, 2, 0]),
    "one within another": ([3, 3, 3, 3, 2], [1, 2, 3, 0]),
}
EVERY_CASE = pytest.mark.parametrize(("sizes", "skips"), CASES.values(), ids=list(CASES))


def made(sizes, skips, seed=1):
    return network(sizes, [*(skipping(skip) for skip in skips[:-1]), "identity"], seed)


@EVERY_CASE
def test_a_layer_adds_what_the_skipped_one_handed_on(sizes, skips):
    net, (X, Y) = made(sizes, skips), batch(3, 2)
    outputs = [X]
    for number, (layer, skip) in enumerate(zip(net.layers, skips, strict=True), start=1):
        z = outputs[-1] @ layer.W.T + layer.b
        a = np.tanh(z) if number < len(skips) else z
        outputs.append(a + outputs[number - skip] if skip else a)
    assert net.predict(X) == pytest.approx(outputs[-1], abs=1e-14)
    passes = loaded(net, LOSSES.choose("mse"), X, Y)
    passes.forward()
    for a, expected in zip(passes.a, outputs[1:], strict=True):
        assert a == pytest.approx(expected, abs=1e-14)


@EVERY_CASE
def test_the_pull_goes_back_over_every_connection(sizes, skips):
    net, (X, Y) = made(sizes, skips), batch(3, 2)
    assert not [part.failed for part in check_gradients(loaded(net, LOSSES.choose("mse"), X, Y)) if part.failed]


def test_a_layer_before_a_skip_hears_from_both_ways_by_hand():
    # x = 2 -> a1 = 3 x = 6 -> a2 = 0.5 a1 + a1 = 9 -> a3 = a2; L = (9 - 8)^2, dL/da3 = 2.
    net = network([1, 1, 1, 1], [skipping(0, "identity"), skipping(1, "identity"), "identity"])
    net.parameters[:] = [3.0, 0.0, 0.5, 0.0, 1.0, 0.0]
    passes = loaded(net, LOSSES.choose("mse"), np.array([[2.0]]), np.array([[8.0]]))
    passes.forward()
    passes.backward()
    assert [a.item() for a in passes.a] == [6.0, 9.0, 9.0]
    # dW3 = 2 * 9; dW2 = 2 * 6; delta1 = 2 * 0.5 + 2 = 3, dW1 = 3 * 2.
    assert passes.gradient.tolist() == [6.0, 3.0, 12.0, 2.0, 18.0, 2.0]


def test_skips_keep_the_gradient_of_a_deep_network_alive():
    X, Y = batch(8, 8, 20)
    norms = {}
    for skip in (0, 1):
        net = network([8] * 31, [skipping(skip, "sigmoid")] * 29 + ["identity"])
        passes = loaded(net, LOSSES.choose("mse"), X, Y)
        passes.forward()
        passes.backward()
        first, *_, last = net.views(passes.gradient)
        norms[skip] = np.linalg.norm(first.W) / np.linalg.norm(last.W)
    assert norms[0] < 1e-12
    assert norms[1] > 1e-3
