"""Losses by themselves: values by hand, and what they say about extreme outputs."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES, mean
from tests.engine.build import batch, mean_loss, network

A = np.array([[0.2, 0.8], [0.6, 0.4]])
Y = np.array([[0.0, 1.0], [1.0, 0.0]])


BY_HAND = [
    ("mse", {}, (0.04 + 0.04 + 0.16 + 0.16) / 4),
    ("half_squared_error", {}, (0.08 / 2 + 0.32 / 2) / 2),
    ("mae", {}, (0.2 + 0.2 + 0.4 + 0.4) / 4),
    ("huber", {}, (0.02 + 0.02 + 0.08 + 0.08) / 4),  # every error is below 1: half its square
    ("huber", {"delta": 0.3}, (0.02 + 0.02 + 0.3 * (0.4 - 0.15) * 2) / 4),
    # 1 - t a: 1 + 0.2, 1 - 0.8, 1 - 0.6, 1 + 0.4
    ("hinge", {}, (1.2 + 0.2 + 0.4 + 1.4) / 4),
    ("cross_entropy", {}, -(np.log(0.8) + np.log(0.6)) / 2),
    # Targets 0.05 and 0.95 in place of 0 and 1.
    (
        "cross_entropy",
        {"label_smoothing": 0.1},
        -(0.05 * np.log(0.2) + 0.95 * np.log(0.8) + 0.95 * np.log(0.6) + 0.05 * np.log(0.4)) / 2,
    ),
    ("binary_cross_entropy", {}, -(2 * np.log(0.8) + 2 * np.log(0.6)) / 2),
    (
        "binary_cross_entropy",
        {"label_smoothing": 0.1},
        -2 * (0.95 * np.log(0.8) + 0.05 * np.log(0.2) + 0.95 * np.log(0.6) + 0.05 * np.log(0.4)) / 2,
    ),
]


def values_of(name, **settings):
    return LOSSES.choose(name, **settings).values


def test_every_loss_is_calculated_by_hand():
    assert {name for name, _, _ in BY_HAND} == set(LOSSES)


@pytest.mark.parametrize(("name", "settings", "expected"), BY_HAND)
def test_the_mean_over_samples_of_the_shares_is_the_loss_by_hand(name, settings, expected):
    shares = LOSSES[name].share(A, Y, **values_of(name, **settings))
    assert shares.shape == A.shape
    assert shares.sum() / len(A) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("name", "settings"), [case[:2] for case in BY_HAND])
def test_gradients_equal_central_differences(name, settings):
    entry, values, h, found = LOSSES[name], values_of(name, **settings), 1e-6, np.empty_like(A)
    entry.gradient(A, Y, found, **values)
    difference = (entry.share(A + h, Y, **values) - entry.share(A - h, Y, **values)) / (2 * h)
    assert found == pytest.approx(difference, abs=1e-8)


def test_the_gradient_of_the_absolute_error_at_zero_is_zero():
    out = np.empty((1, 2))
    LOSSES["mae"].gradient(np.array([[0.5, 2.0]]), np.array([[0.5, 1.0]]), out)
    assert out.tolist() == [[0.0, 0.5]]


def test_the_hinge_leaves_an_output_alone_that_is_right_by_one():
    a, target, out = np.array([[1.0, -1.0], [3.0, -7.0]]), np.array([[1.0, 0.0]] * 2), np.empty((2, 2))
    LOSSES["hinge"].gradient(a, target, out)
    assert not out.any()
    assert not LOSSES["hinge"].share(a, target).any()


def test_huber_pulls_no_harder_than_delta():
    out = np.empty((1, 3))
    LOSSES["huber"].gradient(np.array([[1e9, -1e9, 0.1]]), np.zeros((1, 3)), out, delta=0.6)
    assert out[0] == pytest.approx([0.2, -0.2, 0.1 / 3], rel=1e-14)


def test_huber_with_a_large_delta_is_half_the_squared_error():
    assert LOSSES["huber"].share(A, Y, delta=1e6) == pytest.approx(LOSSES["mse"].share(A, Y) / 2, rel=1e-14)


def test_smoothed_labels_are_never_learned_with_certainty():
    z, target, delta = np.array([[0.0, np.log(19.0)]]), np.array([[0.0, 1.0]]), np.empty((1, 2))
    a = np.array([[0.05, 0.95]])  # softmax of z
    for name in ("cross_entropy", "binary_cross_entropy"):
        fused = next(iter(LOSSES[name].fused.values()))
        fused.delta(a, target, delta, label_smoothing=0.1)
        assert delta[0] == pytest.approx([0.0, 0.0], abs=1e-15)
    assert LOSSES["cross_entropy"].fused["softmax"].share(z, target, label_smoothing=0.1).sum() == pytest.approx(
        -0.05 * np.log(0.05) - 0.95 * np.log(0.95), rel=1e-14
    )


def test_a_single_output_is_smoothed_between_two_classes():
    delta, a = np.empty((2, 1)), np.array([[0.9], [0.1]])
    LOSSES["binary_cross_entropy"].fused["sigmoid"].delta(a, np.array([[1.0], [0.0]]), delta, label_smoothing=0.2)
    assert np.abs(delta).max() <= 1e-15


@pytest.mark.parametrize(("name", "threshold"), [(name, 0.0 if name == "hinge" else 0.5) for name in LOSSES])
def test_a_single_output_means_class_one_above_the_middle_of_its_targets(name, threshold):
    assert LOSSES[name].threshold == threshold


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
    assert fused.share(z, target, **values_of(name)).sum() == 2000.0
    fused.delta(a, target, delta, **values_of(name))
    assert list(delta[0]) == [-1.0, 1.0]


@pytest.mark.parametrize(("name", "output"), [("mse", "tanh"), ("cross_entropy", "softmax")])
def test_the_loss_of_a_batch_is_the_mean_of_the_losses_of_its_samples(name, output):
    net, loss, (X, T) = network([3, 4, 3], ["tanh", output]), LOSSES.choose(name), batch(3, 3, one_hot=True)
    each = [mean_loss(net, loss, X[i : i + 1], T[i : i + 1]) for i in range(len(X))]
    assert mean_loss(net, loss, X, T) == pytest.approx(np.mean(each), rel=1e-14)


def test_weighted_samples_count_by_their_weight():
    shares = np.array([[1.0, 2.0], [10.0, 20.0]])
    assert mean(shares, None) == 16.5
    assert mean(shares, np.array([[3.0], [1.0]])) == (3 * 3.0 + 30.0) / 4
