"""Every gradient against central differences and against an independent automatic differentiation."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.backprop import Backprop, mean_loss
from bplab.engine.gradient_check import gradient, numerical_gradient
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, settings

VALUES = {
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "sigmoid": lambda z: 1.0 / (1.0 + anp.exp(-z)),
    "identity": lambda z: z,
    "softmax": lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True),
}
TOTALS = {
    "mse": lambda a, Y: anp.mean((a - Y) ** 2),
    "half_squared_error": lambda a, Y: anp.sum((a - Y) ** 2) / 2 / len(Y),
    "cross_entropy": lambda a, Y: -anp.sum(Y * anp.log(a)) / len(Y),
    "binary_cross_entropy": lambda a, Y: -anp.sum(Y * anp.log(a) + (1 - Y) * anp.log(1 - a)) / len(Y),
}
HIDDEN = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]
KINKED = ("relu", "leaky_relu")
PAIRS = [(loss, output) for loss, entry in LOSSES.items() for output in entry.outputs]


def independent_loss(vector, net, X, Y, loss):
    a, start = X, 0
    for layer in net.layers:
        n_out, n_in = layer.W.shape
        W = vector[start : start + n_out * n_in].reshape(n_out, n_in)
        start += n_out * n_in
        z = anp.dot(a, W.T) + vector[start : start + n_out]
        start += n_out
        a = VALUES[layer.choice.name](z)
    return TOTALS[loss](a, Y)


def case(hidden, depth, loss, output):
    net = network([3, *[4] * depth, 3], [hidden] * depth + [output], seed=depth)
    X, Y = batch(3, 3, one_hot=loss == "cross_entropy")
    return net, X, Y


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_backprop_equals_automatic_differentiation(loss, output, hidden, depth):
    net, X, Y = case(hidden, depth, loss, output)
    expected = grad(independent_loss)(net.parameters.copy(), net, X, Y, loss)
    found = gradient(net, LOSSES[loss], X, Y)
    assert np.linalg.norm(found - expected) <= 1e-12 * np.linalg.norm(expected)


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_backprop_equals_central_differences(loss, output, hidden, depth):
    net, X, Y = case(hidden, depth, loss, output)
    before = net.parameters.copy()
    if hidden in KINKED or output in KINKED:
        assert min(np.abs(z).min() for z, _ in net.forward(X)) > 1e-4  # no kink within the width of the difference
    numerical = numerical_gradient(net, LOSSES[loss], X, Y)
    assert np.abs(gradient(net, LOSSES[loss], X, Y) - numerical).max() < 1e-8
    assert (net.parameters == before).all()


@pytest.mark.parametrize(("loss", "output"), [(loss, out) for loss, out in PAIRS if out in LOSSES[loss].fused])
def test_a_fused_pair_equals_the_chain_rule(loss, output):
    net, X, Y = case("tanh", 1, loss, output)
    passes = Backprop(net, LOSSES[loss], len(X))
    passes.load(X, Y, np.arange(len(X)))
    passes.forward()
    passes.backward()
    through_a, delta = np.empty_like(Y), np.empty_like(Y)
    LOSSES[loss].gradient(passes.a[-1], Y, through_a)
    ACTIVATIONS[output].backward(passes.z[-1], passes.a[-1], through_a, delta)
    assert np.allclose(delta / len(Y), passes.delta[-1], atol=1e-12)
    assert np.allclose(LOSSES[loss].share(passes.a[-1], Y), passes.shares(), atol=1e-12)


@pytest.mark.parametrize(("loss", "output"), [(loss, out) for loss, out in PAIRS if out in LOSSES[loss].fused])
def test_a_fused_pair_learns_from_a_saturated_wrong_answer(loss, output):
    net = Network([1, 2], [ACTIVATIONS.choose(output)])
    net.layers[0].W[:] = [[-1000.0], [1000.0]]
    X, Y = np.array([[1.0]]), np.array([[1.0, 0.0]])
    assert gradient(net, LOSSES[loss], X, Y).tolist() == [-1.0, 1.0, -1.0, 1.0]
    assert mean_loss(net, LOSSES[loss], X, Y) == 2000.0


def mazur():
    """Matt Mazur, A Step by Step Backpropagation Example (2015): w1 to w4, b1 twice, w5 to w8, b2 twice."""
    net = Network([2, 2, 2], [ACTIVATIONS.choose("sigmoid")] * 2)
    net.parameters[:] = [0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60]
    X, Y, none = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]]), np.empty((0, 2))
    choices = {
        "loss": LOSSES.choose("half_squared_error"),
        "optimizer": OPTIMIZERS.choose("sgd", learning_rate=0.5),
    }
    return Trainer(net, settings(**choices), Samples(X, Y, none, none, classes=False))


def test_mazurs_published_example_to_nine_digits():
    t = mazur()
    record = t.step()
    hidden, output = record.layers
    assert hidden.z[0] == pytest.approx([0.3775, 0.3925], abs=5e-10)
    assert hidden.a[0] == pytest.approx([0.593269992, 0.596884378], abs=5e-10)
    assert output.a[0] == pytest.approx([0.751365070, 0.772928465], abs=5e-10)
    assert record.shares[0] == pytest.approx([0.274811083, 0.023560026], abs=5e-10)
    assert record.loss == pytest.approx(0.298371109, abs=5e-10)
    first, second = t.network.layers
    assert first.W.ravel() == pytest.approx([0.149780716, 0.199561432, 0.249751144, 0.299502287], abs=5e-10)
    assert second.W.ravel() == pytest.approx([0.358916480, 0.408666186, 0.511301270, 0.561370121], abs=5e-10)


def test_mazurs_error_after_ten_thousand_steps_nearly_vanishes():
    # Mazur reports 0.0000351085 with biases that never move; here they learn too, and the error is smaller.
    t = mazur()
    t.run(10_000)
    assert t.scores().train_loss < 0.0000351085
