"""Batch norm and layer norm: what they make of the sums, and the running statistics."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.backprop import Backprop
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.normalization import NORMALIZATIONS, normalize
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, parameters, settings

IDENTITY = ACTIVATIONS.choose("identity")


def plan(name, activation="identity", **values):
    return LayerPlan(ACTIVATIONS.choose(activation), NORMALIZATIONS.choose(name, **values))


def trained(name, rows=30, **changes):
    X, Y = batch(3, 2, rows)
    net = network([3, 4, 2], [plan(name, "tanh"), "identity"])
    return Trainer(net, settings(**changes), Samples(X, Y, X[:0], Y[:0], classes=False))


def by_hand(name):
    """One neuron pair on three samples; the sums are those of the input: 1, 3, 5 and 2, 2, 8."""
    net = Network([2, 2, 1], [plan(name, eps=1e-12), IDENTITY])
    net.layers[0].W[:] = np.eye(2)
    net.layers[0].gamma[:], net.layers[0].beta[:] = [2.0, 1.0], [0.0, 10.0]
    passes = Backprop(net, LOSSES.choose("mse"), 3)
    passes.load(np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 8.0]]), np.zeros((3, 1)), np.arange(3))
    passes.forward()
    return net, passes


def test_batch_norm_is_that_of_the_formula():
    _, passes = by_hand("batch_norm")
    # Means 3 and 4, variances 8/3 and 8, of the batch.
    first, second = np.array([-2.0, 0.0, 2.0]) / np.sqrt(8 / 3), np.array([-2.0, -2.0, 4.0]) / np.sqrt(8)
    assert passes.u[0] == pytest.approx(np.stack([2 * first, second + 10], axis=1), rel=1e-11)


def test_layer_norm_is_that_of_the_formula():
    _, passes = by_hand("layer_norm")
    # Of two numbers the smaller becomes -1 and the larger 1.
    assert passes.u[0] == pytest.approx(np.array([[-2.0, 11.0], [2.0, 9.0], [-2.0, 11.0]]), rel=1e-10)


@pytest.mark.parametrize("axis", [0, 1])
def test_normalized_sums_have_mean_zero_and_variance_one(axis):
    z = np.random.default_rng(1).normal(5.0, 30.0, (40, 7))
    done = normalize(z, axis, 1e-12)
    assert done.x.mean(axis=axis) == pytest.approx(0.0, abs=1e-13)
    assert done.x.var(axis=axis) == pytest.approx(1.0, rel=1e-12)
    assert done.mean.ravel() == pytest.approx(z.mean(axis=axis), rel=1e-14)
    assert done.variance.ravel() == pytest.approx(z.var(axis=axis), rel=1e-13)


@pytest.mark.parametrize("axis", [0, 1])
def test_equal_sums_become_zeros(axis):
    assert not normalize(np.full((3, 3), 7.0), axis, 1e-5).x.any()


@pytest.mark.parametrize("made", [Network, network], ids=["new", "initialized"])
def test_running_statistics_start_as_those_of_a_standard_normal(made):
    layer = made([3, 4, 2], [plan("batch_norm"), IDENTITY]).layers[0]
    assert layer.running_mean.tolist() == [0.0] * 4
    assert layer.running_variance.tolist() == [1.0] * 4


def test_running_statistics_move_a_tenth_towards_those_of_each_batch():
    t = trained("batch_norm", rows=20)
    layer, mean, variance = t.network.layers[0], np.zeros(4), np.ones(4)
    for _ in range(7):
        z = t.step().layers[0].z
        mean = 0.9 * mean + 0.1 * z.mean(axis=0)
        variance = 0.9 * variance + 0.1 * z.var(axis=0, ddof=1)  # unbiased, as in PyTorch
        assert layer.running_mean == pytest.approx(mean, abs=1e-14)
        assert layer.running_variance == pytest.approx(variance, abs=1e-14)


@pytest.mark.parametrize("momentum", [0.0, 1.0])
def test_running_statistics_move_as_far_as_momentum_says(momentum):
    X, Y = batch(3, 2, 30)
    net = network([3, 4, 2], [plan("batch_norm", momentum=momentum), "identity"])
    z = Trainer(net, settings(), Samples(X, Y, X[:0], Y[:0], classes=False)).step().layers[0].z
    assert net.layers[0].running_mean == pytest.approx(momentum * z.mean(axis=0), abs=1e-14)
    assert net.layers[0].running_variance == pytest.approx(z.var(axis=0, ddof=1) if momentum else np.ones(4), rel=1e-13)


def test_a_batch_of_one_hands_on_the_shift_alone_and_leaves_the_running_statistics():
    t = trained("batch_norm", batch_size=1)
    beta = t.network.layers[0].beta.copy()
    seen = t.step().layers[0]
    assert (seen.u == beta).all()
    assert not seen.dW.any()
    assert not seen.dgamma.any()
    assert t.network.layers[0].running_mean.tolist() == [0.0] * 4
    assert t.network.layers[0].running_variance.tolist() == [1.0] * 4


def test_a_last_batch_of_one_goes_on():
    t = trained("batch_norm", rows=9, batch_size=8)
    t.run(20)
    assert np.isfinite(parameters(t)).all()
    assert np.isfinite(t.network.statistics).all()


def test_prediction_uses_the_running_statistics_whatever_the_batch():
    t = trained("batch_norm")
    t.run(50)
    net, X = t.network, t.samples.X_train
    first, last = net.layers
    z = X @ first.W.T + first.b
    u = first.gamma * (z - first.running_mean) / np.sqrt(first.running_variance + 1e-5) + first.beta
    assert net.predict(X) == pytest.approx(np.tanh(u) @ last.W.T + last.b, abs=1e-14)
    assert net.predict(X)[:1] == pytest.approx(net.predict(X[:1]), abs=1e-14)


def test_prediction_with_layer_norm_is_the_forward_pass_of_training():
    t = trained("layer_norm", batch_size=30)
    expected = t.network.predict(t.samples.X_train)
    record = t.step()
    assert record.layers[-1].a == pytest.approx(expected[record.indices], abs=1e-14)
    assert len(t.network.statistics) == 0


def test_evaluating_does_not_move_the_running_statistics():
    t = trained("batch_norm")
    t.run(10)
    before = t.network.statistics.copy()
    t.scores()
    t.network.predict(t.samples.X_train)
    t.preview()
    assert (t.network.statistics == before).all()


def test_restarting_forgets_the_running_statistics():
    t = trained("batch_norm")
    start = parameters(t)
    t.run(10)
    t.restart(start)
    assert t.network.layers[0].running_mean.tolist() == [0.0] * 4
    assert t.network.layers[0].running_variance.tolist() == [1.0] * 4


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_the_size_of_the_weights_before_a_normalization_does_not_matter(name):
    net, (X, _) = network([3, 4, 2], [plan(name, eps=1e-12), "identity"]), batch(3, 2)
    passes = Backprop(net, LOSSES.choose("mse"), len(X))
    passes.load(X, np.zeros((len(X), 2)), np.arange(len(X)))
    net.layers[0].b[:] = 0.0
    passes.forward()
    before = passes.a[-1].copy()
    net.layers[0].W[:] *= 8.0
    passes.forward()
    assert passes.a[-1] == pytest.approx(before, abs=1e-10)


@pytest.mark.parametrize("name", ["batch_norm", "layer_norm"])
def test_a_network_with_a_normalization_learns(name):
    t = trained(name, optimizer=OPTIMIZERS.choose("adam"))
    t.run(1500)
    assert t.history.steps[-1, 1] < t.history.steps[0, 1] / 5
