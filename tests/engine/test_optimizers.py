"""Optimizers against PyTorch's definitions, written down once more for single numbers."""

import math

import numpy as np
import pytest

from bplab.engine.optimizers import OPTIMIZERS


def sgd(w, gradients, learning_rate):
    for g in gradients:
        w -= learning_rate * g
    return w


def momentum(w, gradients, learning_rate, momentum):
    """torch.optim.SGD(momentum=...), dampening 0: the first buffer is the first gradient."""
    u = None
    for g in gradients:
        u = g if u is None else momentum * u + g
        w -= learning_rate * u
    return w


def adam(w, gradients, learning_rate, beta1, beta2, eps):
    """torch.optim.Adam: eps is added after the bias correction of the root."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w -= learning_rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
    return w


ORACLES = {"sgd": sgd, "momentum": momentum, "adam": adam}
CASES = [
    ("sgd", {}),
    ("sgd", {"learning_rate": 0.0}),
    ("momentum", {}),
    ("momentum", {"momentum": 0.0}),
    ("momentum", {"momentum": 1.0, "learning_rate": 0.3}),
    ("adam", {}),
    ("adam", {"beta1": 0.0, "beta2": 0.0}),
    ("adam", {"beta1": 0.5, "beta2": 0.9, "eps": 0.1, "learning_rate": 1.5}),
]


def moved(name, p, gradients, **settings):
    values, entry, p = OPTIMIZERS.choose(name, **settings).values, OPTIMIZERS[name], p.copy()
    slots, scratch = np.zeros((len(entry.slots), len(p))), np.full((2, len(p)), np.nan)
    for t, g in enumerate(gradients, start=1):
        entry.update(p, g.copy(), slots, t, scratch, **values)
    return p


def test_every_optimizer_has_an_oracle():
    assert set(ORACLES) == set(OPTIMIZERS)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_thirty_steps_follow_the_definition(name, settings):
    rng = np.random.default_rng(5)
    start, gradients = rng.normal(size=6), rng.normal(size=(30, 6)) * 10.0 ** rng.integers(-4, 3, (30, 6))
    values = OPTIMIZERS.choose(name, **settings).values
    expected = [ORACLES[name](start[i], gradients[:, i].tolist(), **values) for i in range(6)]
    assert moved(name, start, gradients, **settings) == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_the_gradient_is_left_as_it_was(name):
    g, entry = np.array([1.0, -2.0]), OPTIMIZERS[name]
    entry.update(np.zeros(2), g, np.zeros((len(entry.slots), 2)), 1, np.empty((2, 2)), **OPTIMIZERS.choose(name).values)
    assert list(g) == [1.0, -2.0]


def test_momentum_of_zero_is_plain_descent():
    start, gradients = np.ones(3), np.arange(12.0).reshape(4, 3)
    plain = moved("sgd", start, gradients, learning_rate=0.1)
    assert (moved("momentum", start, gradients, learning_rate=0.1, momentum=0.0) == plain).all()


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    p = moved("adam", np.zeros(3), [np.array([1e-3, -5.0, 1e6])], learning_rate=0.01)
    assert p == pytest.approx([-0.01, 0.01, -0.01], rel=1e-4)
