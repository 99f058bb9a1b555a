"""Optimizers against PyTorch's definitions, written down once more for single numbers."""

import math

import numpy as np
import pytest

from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.optimizers.adam import nadam_product


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


def nesterov(w, gradients, learning_rate, momentum):
    """torch.optim.SGD(momentum=..., nesterov=True): the gradient plus the decayed new buffer."""
    u = None
    for g in gradients:
        u = g if u is None else momentum * u + g
        w -= learning_rate * (g + momentum * u)
    return w


def adamw(w, gradients, learning_rate, beta1, beta2, eps, weight_decay):
    """torch.optim.AdamW: the parameter shrinks first, apart from the moments."""
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        w -= learning_rate * weight_decay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w -= learning_rate * (m / (1 - beta1**t)) / (math.sqrt(v / (1 - beta2**t)) + eps)
    return w


def nadam(w, gradients, learning_rate, beta1, beta2, eps, momentum_decay):
    """torch.optim.NAdam: the momentum of each step and the product of all of them correct the mean."""
    m, v, product = 0.0, 0.0, 1.0
    for t, g in enumerate(gradients, start=1):
        now = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
        following = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
        product *= now
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        root = math.sqrt(v / (1 - beta2**t)) + eps
        w -= learning_rate * (1 - now) / (1 - product) * g / root
        w -= learning_rate * following / (1 - product * following) * m / root
    return w


def rmsprop(w, gradients, learning_rate, alpha, eps, momentum):
    """torch.optim.RMSprop: eps is added to the root, and the momentum keeps whole steps."""
    v = u = 0.0
    for g in gradients:
        v = alpha * v + (1 - alpha) * g * g
        u = momentum * u + g / (math.sqrt(v) + eps)
        w -= learning_rate * u
    return w


def adagrad(w, gradients, learning_rate, lr_decay, eps):
    """torch.optim.Adagrad: the rate falls with the steps done before this one."""
    total = 0.0
    for done, g in enumerate(gradients):
        total += g * g
        w -= learning_rate / (1 + done * lr_decay) * g / (math.sqrt(total) + eps)
    return w


def lion(w, gradients, learning_rate, beta1, beta2):
    """Algorithm 2 of Chen et al.: the sign of one mean moves the weight, another one is kept."""
    m = 0.0
    for g in gradients:
        w -= learning_rate * math.copysign(1.0, beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
    return w


ORACLES = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adam": adam,
    "adamw": adamw,
    "nadam": nadam,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
    "lion": lion,
}
CASES = [(name, {}) for name in OPTIMIZERS] + [
    ("sgd", {"learning_rate": 0.0}),
    ("momentum", {"momentum": 0.0}),
    ("momentum", {"momentum": 1.0, "learning_rate": 0.3}),
    ("nesterov", {"momentum": 0.5, "learning_rate": 0.3}),
    ("adam", {"beta1": 0.0, "beta2": 0.0}),
    ("adam", {"beta1": 0.5, "beta2": 0.9, "eps": 0.1, "learning_rate": 1.5}),
    ("adamw", {"weight_decay": 0.7, "learning_rate": 0.3}),
    ("nadam", {"momentum_decay": 0.9, "beta1": 0.4}),
    ("nadam", {"momentum_decay": 0.0, "eps": 0.1}),
    ("rmsprop", {"momentum": 0.8, "alpha": 0.5, "eps": 0.1}),
    ("adagrad", {"lr_decay": 0.3, "eps": 0.1}),
    ("lion", {"beta1": 0.0, "beta2": 0.5}),
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


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_the_parts_of_a_step_make_the_step(name, settings):
    rng = np.random.default_rng(6)
    values, entry = OPTIMIZERS.choose(name, **settings).values, OPTIMIZERS[name]
    p, slots, scratch = rng.normal(size=4), np.zeros((len(entry.slots), 4)), np.empty((2, 4))
    for t in range(1, 12):
        g, before = rng.normal(size=4), p.copy()
        entry.update(p, g, slots, t, scratch, **values)
        for i in range(4):
            parts = entry.parts(before[i], g[i], slots[:, i].tolist(), t, **values)
            found = {part.symbol: part.value for part in parts}
            assert found["step"] == pytest.approx(p[i] - before[i], rel=1e-9, abs=1e-13)
            assert all(part.words for part in parts)


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


def test_adamw_without_decay_is_adam():
    start, gradients = np.ones(3), np.arange(12.0).reshape(4, 3)
    assert (moved("adamw", start, gradients, weight_decay=0.0) == moved("adam", start, gradients)).all()


def test_nesterovs_first_step_is_longer_than_that_of_momentum():
    assert moved("nesterov", np.zeros(1), [np.ones(1)], learning_rate=0.1, momentum=0.9) == pytest.approx([-0.19])
    assert moved("momentum", np.zeros(1), [np.ones(1)], learning_rate=0.1, momentum=0.9) == pytest.approx([-0.1])


def test_lion_moves_every_weight_by_the_learning_rate_and_leaves_one_without_gradient():
    p = moved("lion", np.zeros(3), [np.array([1e-9, -1e9, 0.0])], learning_rate=0.01)
    assert p.tolist() == [-0.01, 0.01, 0.0]


def test_adagrad_never_takes_a_longer_step_than_before():
    p = [moved("adagrad", np.zeros(1), [np.ones(1)] * n, learning_rate=1.0)[0] for n in range(5)]
    assert np.diff(p) == pytest.approx([-1.0, -1 / math.sqrt(2), -1 / math.sqrt(3), -0.5], rel=1e-9)


@pytest.mark.parametrize("momentum_decay", [0.0, 0.004, 1.0])
def test_nadams_product_is_the_same_in_whatever_order_it_is_asked_for(momentum_decay):
    def plainly(t):
        found = 1.0
        for i in range(1, t + 1):
            found *= 0.3 * (1 - 0.5 * 0.96 ** (i * momentum_decay))
        return found

    for t in (5, 6, 3, 3, 1, 40, 0, 5000, 5001, 7):
        assert nadam_product(t, 0.3, momentum_decay) == plainly(t)
