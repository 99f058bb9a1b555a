"""Initializers: size and spread of what they draw."""

import numpy as np
import pytest

from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from tests.engine.build import network

SHAPE = (300, 200)  # n_out, n_in
DEVIATIONS = {
    "xavier_uniform": np.sqrt(2 / 500),
    "xavier_normal": np.sqrt(2 / 500),
    "he_uniform": np.sqrt(2 / 200),
    "he_normal": np.sqrt(2 / 200),
    "lecun_uniform": np.sqrt(1 / 200),
    "lecun_normal": np.sqrt(1 / 200),
    "orthogonal": np.sqrt(1 / 300),  # 200 columns of length 1 in 300 rows
    "playground": 0.5 / np.sqrt(3),
    "uniform": 0.5 / np.sqrt(3),
    "normal": 0.1,
    "constant": 0.0,
    "zeros": 0.0,
}
MEANS = {"constant": 0.1}
LIMITS = {
    "xavier_uniform": np.sqrt(6 / 500),
    "he_uniform": np.sqrt(6 / 200),
    "lecun_uniform": np.sqrt(3 / 200),
    "playground": 0.5,
    "uniform": 0.5,
}


def drawn(name, seed=1, shape=SHAPE, catalogue=INITIALIZERS, **settings):
    return catalogue[name].draw(np.random.default_rng(seed), shape, **catalogue.choose(name, **settings).values)


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_weights_have_the_shape_mean_and_deviation_of_the_definition(name):
    W = drawn(name)
    assert W.shape == SHAPE
    assert W.mean() == pytest.approx(MEANS.get(name, 0.0), abs=5 * DEVIATIONS[name] / np.sqrt(W.size) + 1e-15)
    assert W.std() == pytest.approx(DEVIATIONS[name], rel=0.02, abs=1e-15)


@pytest.mark.parametrize("name", list(LIMITS))
def test_uniform_weights_fill_their_range_and_stay_in_it(name):
    largest = np.abs(drawn(name)).max()
    assert 0.99 * LIMITS[name] < largest <= LIMITS[name]


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_the_same_seed_draws_the_same_weights(name):
    assert (drawn(name) == drawn(name)).all()


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if DEVIATIONS[name]])
def test_another_seed_draws_others(name):
    assert not (drawn(name) == drawn(name, seed=2)).any()


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1)])
def test_orthogonal_weights_keep_lengths_and_angles(shape):
    W = drawn("orthogonal", shape=shape, gain=2.0)
    square = W @ W.T if shape[0] <= shape[1] else W.T @ W
    assert square == pytest.approx(4.0 * np.eye(min(shape)), abs=1e-13)


def test_orthogonal_weights_point_in_every_direction_alike():
    W = np.stack([drawn("orthogonal", seed, (2, 2)) for seed in range(2000)])
    angle = np.arctan2(W[:, 0, 1], W[:, 0, 0])
    assert np.histogram(angle, 8, (-np.pi, np.pi))[0] == pytest.approx(250, abs=80)
    assert (np.linalg.det(W) > 0).mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize(
    ("name", "settings", "mean", "deviation"),
    [
        ("zeros", {}, 0.0, 0.0),
        ("constant", {"value": -0.3}, -0.3, 0.0),
        ("uniform", {"limit": 0.2}, 0.0, 0.2 / np.sqrt(3)),
        ("normal", {"std": 0.7}, 0.0, 0.7),
    ],
)
def test_biases_have_the_mean_and_deviation_of_the_definition(name, settings, mean, deviation):
    assert {"zeros", "constant", "uniform", "normal"} == set(BIAS_INITIALIZERS)
    b = drawn(name, shape=(20_000,), catalogue=BIAS_INITIALIZERS, **settings)
    assert b.shape == (20_000,)
    assert b.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(20_000) + 1e-15)
    assert b.std() == pytest.approx(deviation, rel=0.03, abs=1e-15)


def test_another_choice_of_biases_leaves_the_weights_as_they_are():
    one, two = network([3, 4, 2], ["tanh", "identity"]), network([3, 4, 2], ["tanh", "identity"])
    one.initialize(INITIALIZERS.choose("he_normal"), 7)
    two.initialize(INITIALIZERS.choose("he_normal"), 7, BIAS_INITIALIZERS.choose("normal", std=1.0))
    for plain, drawn_too in zip(one.layers, two.layers, strict=True):
        assert (plain.W == drawn_too.W).all()
        assert (plain.b == 0.0).all()
        assert (drawn_too.b != 0.0).all()
