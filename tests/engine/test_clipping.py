"""Clipping: what a gradient becomes, by hand, and where in a step it happens."""

import numpy as np
import pytest

from bplab.engine.clipping import CLIPPINGS
from bplab.engine.optimizers import OPTIMIZERS
from tests.engine.build import trainer


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("none", {}, [3.0, -4.0, 0.0]),
        ("norm", {"largest": 1.0}, [0.6, -0.8, 0.0]),
        ("norm", {"largest": 2.5}, [1.5, -2.0, 0.0]),
        ("norm", {"largest": 5.1}, [3.0, -4.0, 0.0]),
        ("value", {"largest": 3.5}, [3.0, -3.5, 0.0]),
        ("value", {"largest": 0.1}, [0.1, -0.1, 0.0]),
        ("value", {"largest": 9.0}, [3.0, -4.0, 0.0]),
    ],
)
def test_a_gradient_is_cut_as_the_formula_says(name, settings, expected):
    g = np.array([3.0, -4.0, 0.0])
    CLIPPINGS[name].clip(g, **CLIPPINGS.choose(name, **settings).values)
    assert g == pytest.approx(expected, rel=1e-6)


def test_a_gradient_of_zeros_stays():
    for name in CLIPPINGS:
        g = np.zeros(3)
        CLIPPINGS[name].clip(g, **CLIPPINGS.choose(name).values)
        assert not g.any()


def test_the_length_is_that_of_all_parameters_together_and_the_direction_stays():
    choice = CLIPPINGS.choose("norm", largest=0.01)
    record = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0), clipping=choice).step()
    update = np.concatenate([part.ravel() for seen in record.layers for part in (seen.update_W, seen.update_b)])
    shown = np.concatenate([part.ravel() for seen in record.layers for part in (seen.dW, seen.db)])
    assert np.linalg.norm(update) == pytest.approx(0.01, rel=1e-4)
    assert update / np.linalg.norm(update) == pytest.approx(-shown / np.linalg.norm(shown), abs=1e-12)


def test_each_part_of_the_step_is_cut_off():
    choice = CLIPPINGS.choose("value", largest=0.01)
    record = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0), clipping=choice).step()
    for seen in record.layers:
        assert seen.update_W == pytest.approx(-np.clip(seen.dW, -0.01, 0.01), abs=1e-15)
        assert seen.update_b == pytest.approx(-np.clip(seen.db, -0.01, 0.01), abs=1e-15)
    assert max(np.abs(seen.dW).max() for seen in record.layers) > 0.01


@pytest.mark.parametrize("name", CLIPPINGS)
def test_the_recorded_gradient_is_the_whole_one(name):
    settings = {} if name == "none" else {"largest": 1e-6}
    plain, clipped = trainer(), trainer(clipping=CLIPPINGS.choose(name, **settings))
    for one, other in zip(plain.step().layers, clipped.step().layers, strict=True):
        assert (one.dW == other.dW).all()
        assert (one.db == other.db).all()
