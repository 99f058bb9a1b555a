"""Regularizers: penalty and gradient belong together, and biases are left alone."""

import numpy as np
import pytest

from bplab.engine.clipping import CLIPPINGS
from bplab.engine.layer import Parameters
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS, penalty_of
from tests.engine.build import trainer

W = np.array([[0.5, -0.3], [1.2, -2.0]])


PENALTIES = [
    ("l1", {"strength": 0.1}, 0.1 * 4.0),
    ("l2", {"strength": 0.1}, 0.05 * 5.78),
    ("l1_l2", {"l1": 0.1, "l2": 0.2}, 0.1 * 4.0 + 0.1 * 5.78),
]
DOES = {
    "none": set(),
    "l1": {"value", "gradient"},
    "l2": {"value", "gradient"},
    "l1_l2": {"value", "gradient"},
    "weight_decay": {"decay"},
    "max_norm": {"project"},
}


@pytest.mark.parametrize("name", REGULARIZERS)
def test_a_regularizer_has_only_what_it_does(name):
    parts = ("value", "gradient", "decay", "project")
    assert {part for part in parts if getattr(REGULARIZERS[name], part) is not None} == DOES[name]


@pytest.mark.parametrize(("name", "settings", "expected"), PENALTIES)
def test_the_penalty_is_that_of_the_formula(name, settings, expected):
    assert REGULARIZERS[name].value(W, **settings) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("name", "expected"), [("none", 0.0), ("weight_decay", 0.0), ("max_norm", 0.0), ("l1", 8e-4)])
def test_the_penalty_of_a_network_is_the_sum_over_its_layers(name, expected):
    layers = [Parameters(W, *[np.full(2, 9.0)] * 3)] * 2
    assert penalty_of(REGULARIZERS.choose(name), layers) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("name", "settings"), [case[:2] for case in PENALTIES])
def test_the_gradient_equals_central_differences(name, settings):
    entry, values, h = REGULARIZERS[name], REGULARIZERS.choose(name, **settings).values, 1e-5
    found = entry.gradient(W, **values)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += h
        down[place] -= h
        slope = (entry.value(up, **values) - entry.value(down, **values)) / (2 * h)
        assert found[place] == pytest.approx(slope, rel=1e-6, abs=1e-12)


def test_decay_shrinks_every_weight_by_rate_times_strength():
    shrunk = W.copy()
    REGULARIZERS["weight_decay"].decay(shrunk, 0.1, strength=0.5)
    assert shrunk == pytest.approx(W * 0.95, rel=1e-15)


def test_max_norm_shortens_the_weights_of_a_neuron_together_and_leaves_short_ones():
    held = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    REGULARIZERS["max_norm"].project(held, largest=1.0)
    assert held == pytest.approx(np.array([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]]), rel=1e-15)


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


def test_weight_decay_shrinks_weights_before_the_step_and_follows_the_schedule():
    choices = {"optimizer": OPTIMIZERS.choose("sgd", learning_rate=0.4), "warmup_steps": 4}
    t = trainer(regularizer=REGULARIZERS.choose("weight_decay", strength=0.5), **choices)
    record = t.step()
    assert record.learning_rate == 0.1
    for seen in record.layers:
        assert seen.update_W == pytest.approx(-0.05 * seen.W - 0.1 * seen.dW, abs=1e-15)
        assert seen.update_b == pytest.approx(-0.1 * seen.db, abs=1e-15)


def test_weight_decay_with_adam_is_adamw_for_the_weights():
    values = {"learning_rate": 0.03}
    decayed = trainer(
        optimizer=OPTIMIZERS.choose("adam", **values), regularizer=REGULARIZERS.choose("weight_decay", strength=0.2)
    )
    adamw = trainer(optimizer=OPTIMIZERS.choose("adamw", weight_decay=0.2, **values))
    for one, other in zip(decayed.step().layers, adamw.step().layers, strict=True):
        assert (one.update_W == other.update_W).all()
        assert (one.update_b != other.update_b).any()


def test_max_norm_holds_after_every_step():
    t = trainer(
        optimizer=OPTIMIZERS.choose("sgd", learning_rate=2.0), regularizer=REGULARIZERS.choose("max_norm", largest=0.5)
    )
    for _ in range(20):
        t.step()
        lengths = [np.linalg.norm(layer.W, axis=1) for layer in t.network.layers]
        assert max(length.max() for length in lengths) <= 0.5 + 1e-12
    assert max(length.max() for length in lengths) > 0.49
    assert max(np.abs(layer.b).max() for layer in t.network.layers) > 0.1


def test_the_penalty_joins_after_the_gradient_was_clipped():
    t = trainer(
        optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0),
        regularizer=REGULARIZERS.choose("l2", strength=1.0),
        clipping=CLIPPINGS.choose("value", largest=1e-9),
    )
    for seen in t.step().layers:
        assert seen.update_W == pytest.approx(-seen.W, abs=1.1e-9)
        assert np.abs(seen.update_b).max() <= 1.1e-9
