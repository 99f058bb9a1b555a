"""Initializers: size and spread of what they draw."""

import numpy as np
import pytest

from bplab.engine.initializers import INITIALIZERS

SHAPE = (300, 200)  # n_out, n_in
DEVIATIONS = {
    "xavier_uniform": np.sqrt(2 / 500),
    "xavier_normal": np.sqrt(2 / 500),
    "he_uniform": np.sqrt(2 / 200),
    "he_normal": np.sqrt(2 / 200),
    "uniform": 0.5 / np.sqrt(3),
    "zeros": 0.0,
}
LIMITS = {"xavier_uniform": np.sqrt(6 / 500), "he_uniform": np.sqrt(6 / 200), "uniform": 0.5}


def drawn(name, seed=1):
    return INITIALIZERS[name].draw(np.random.default_rng(seed), SHAPE, **INITIALIZERS.choose(name).values)


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_weights_have_the_shape_mean_and_deviation_of_the_definition(name):
    W = drawn(name)
    assert W.shape == SHAPE
    assert W.mean() == pytest.approx(0.0, abs=5 * DEVIATIONS[name] / np.sqrt(W.size))
    assert W.std() == pytest.approx(DEVIATIONS[name], rel=0.02)


@pytest.mark.parametrize("name", list(LIMITS))
def test_uniform_weights_fill_their_range_and_stay_in_it(name):
    largest = np.abs(drawn(name)).max()
    assert 0.99 * LIMITS[name] < largest <= LIMITS[name]


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_the_same_seed_draws_the_same_weights(name):
    assert (drawn(name) == drawn(name)).all()


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])
def test_another_seed_draws_others(name):
    assert not (drawn(name) == drawn(name, seed=2)).any()
