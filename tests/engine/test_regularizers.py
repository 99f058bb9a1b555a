"""Regularizers: penalty and gradient belong together, and biases are left alone."""

import numpy as np
import pytest

from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from tests.engine.build import trainer

W = np.array([[0.5, -0.3], [1.2, -2.0]])


@pytest.mark.parametrize(("name", "expected"), [("none", 0.0), ("l1", 0.1 * 4.0), ("l2", 0.05 * 5.78)])
def test_the_penalty_is_that_of_the_formula(name, expected):
    settings = {} if name == "none" else {"strength": 0.1}
    assert REGULARIZERS[name].value(W, **settings) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", list(REGULARIZERS))
def test_the_gradient_equals_central_differences(name):
    entry, values, h = REGULARIZERS[name], REGULARIZERS.choose(name).values, 1e-5
    found = entry.gradient(W, **values)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += h
        down[place] -= h
        slope = (entry.value(up, **values) - entry.value(down, **values)) / (2 * h)
        assert found[place] == pytest.approx(slope, rel=1e-6, abs=1e-12)


def test_the_gradient_of_l1_at_zero_is_zero():
    assert REGULARIZERS["l1"].gradient(np.zeros((1, 1)), strength=1.0) == 0.0


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_the_update_adds_the_penalty_to_weights_only(name):
    t = trainer(
        optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.1), regularizer=REGULARIZERS.choose(name, strength=0.5)
    )
    record = t.step()
    gradient = REGULARIZERS[name].gradient
    for seen in record.layers:
        assert seen.update_W == pytest.approx(-0.1 * (seen.dW + gradient(seen.W, strength=0.5)), abs=1e-15)
        assert seen.update_b == pytest.approx(-0.1 * seen.db, abs=1e-15)
    assert record.penalty == pytest.approx(
        sum(REGULARIZERS[name].value(seen.W, strength=0.5) for seen in record.layers)
    )


def test_the_recorded_gradient_is_that_of_the_loss_alone():
    plain, held = trainer().step(), trainer(regularizer=REGULARIZERS.choose("l2", strength=1.0)).step()
    for one, other in zip(plain.layers, held.layers, strict=True):
        assert (one.dW == other.dW).all()
    assert (plain.penalty, plain.loss) == (0.0, held.loss)
