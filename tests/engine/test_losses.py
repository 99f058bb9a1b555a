"""Losses by themselves: values by hand, and what they say about extreme outputs."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.backprop import mean_loss
from bplab.engine.losses import LOSSES
from tests.engine.build import batch, network

A = np.array([[0.2, 0.8], [0.6, 0.4]])
Y = np.array([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", (0.04 + 0.04 + 0.16 + 0.16) / 4),
        ("half_squared_error", (0.08 / 2 + 0.32 / 2) / 2),
        ("cross_entropy", -(np.log(0.8) + np.log(0.6)) / 2),
        ("binary_cross_entropy", -(2 * np.log(0.8) + 2 * np.log(0.6)) / 2),
    ],
)
def test_the_mean_over_samples_of_the_shares_is_the_loss_by_hand(name, expected):
    shares = LOSSES[name].share(A, Y)
    assert shares.shape == A.shape
    assert shares.sum() / len(A) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", list(LOSSES))
def test_gradients_equal_central_differences(name):
    h, found = 1e-6, np.empty_like(A)
    LOSSES[name].gradient(A, Y, found)
    difference = (LOSSES[name].share(A + h, Y) - LOSSES[name].share(A - h, Y)) / (2 * h)
    assert found == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_declared_output_and_fused_pair_is_an_activation(name):
    entry = LOSSES[name]
    assert set(entry.outputs) <= set(ACTIVATIONS)
    assert set(entry.fused) <= set(entry.outputs)
    assert set(entry.tasks) <= {"classes", "numbers"}


@pytest.mark.parametrize(("name", "output"), [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")])
def test_a_fused_pair_stays_finite_where_the_logarithm_would_not(name, output):
    z, target, delta = np.array([[-1000.0, 1000.0]]), np.array([[1.0, 0.0]]), np.empty((1, 2))
    fused, a = LOSSES[name].fused[output], np.array([[0.0, 1.0]])
    assert fused.share(z, target).sum() == 2000.0
    fused.delta(a, target, delta)
    assert list(delta[0]) == [-1.0, 1.0]


@pytest.mark.parametrize(("name", "output"), [("mse", "tanh"), ("cross_entropy", "softmax")])
def test_the_loss_of_a_batch_is_the_mean_of_the_losses_of_its_samples(name, output):
    net, (X, T) = network([3, 4, 3], ["tanh", output]), batch(3, 3, one_hot=True)
    each = [mean_loss(net, LOSSES[name], X[i : i + 1], T[i : i + 1]) for i in range(len(X))]
    assert mean_loss(net, LOSSES[name], X, T) == pytest.approx(np.mean(each), rel=1e-14)
