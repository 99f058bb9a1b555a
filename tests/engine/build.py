"""Small networks and data for the tests of the engine."""

from __future__ import annotations

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import loaded
from bplab.engine.initializers import INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.trainer import Samples, Trainer
from bplab.experiment.spec import TrainingSpec


def network(sizes, plans, seed=1, dtype="float64"):
    made = Network(sizes, [ACTIVATIONS.choose(p) if isinstance(p, str) else p for p in plans], dtype)
    made.initialize(INITIALIZERS.choose("xavier_uniform"), seed)
    rng = np.random.default_rng(seed)
    for layer in made.layers:
        layer.b[:] = rng.normal(0.0, 0.3, len(layer.b))
        layer.gamma[:] = rng.uniform(0.5, 1.5, len(layer.gamma))
        layer.beta[:] = rng.normal(0.0, 0.3, len(layer.beta))
    return made


def batch(n_in, n_out, rows=7, seed=2, one_hot=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, n_in))
    Y = np.eye(n_out)[rng.integers(0, n_out, rows)] if one_hot else rng.uniform(0.1, 0.9, (rows, n_out))
    return X, Y


def mean_loss(net, loss, X, Y):
    passes = loaded(net, loss, X, Y)
    with np.errstate(all="ignore"):
        passes.forward()
        return passes.loss()


def settings(**changes):
    usual = {
        "loss": LOSSES.choose("mse"),
        "optimizer": OPTIMIZERS.choose("sgd"),
        "regularizer": REGULARIZERS.choose("none"),
        "batch_size": 8,
        "seed": 3,
    }
    return TrainingSpec(**(usual | changes))


def trainer(rows=30, hidden=(5, 4), **changes):
    X, Y = batch(3, 2, rows)
    net = network([3, *hidden, 2], ["tanh"] * len(hidden) + ["identity"])
    return Trainer(net, settings(**changes), Samples(X, Y, X[:5], Y[:5], classes=False))


def parameters(t):
    return t.network.parameters.copy()
