"""Each rule finds its disease in a network that was made ill in that way, and is silent on healthy ones."""

import numpy as np
import pytest

from bplab import Experiment
from bplab.data.sources import SOURCES
from bplab.errors import DivergedError
from bplab.experiment import edits
from bplab.microscope.health import RULES, check_up, patient_of


def examined(experiment, steps):
    trainer, record, has_stopped = experiment.trainer(), None, False
    try:
        record = trainer.run(steps)
    except DivergedError:
        has_stopped = True
    return check_up(patient_of(trainer, record, has_stopped))


def names(found):
    return {finding.name for finding in found}


def dead():
    experiment = Experiment.new("iris", hidden=[6, 4], activation="relu")
    experiment.network.layers[0].b[[1, 4]] = -100.0
    return experiment, 5, "Dead relus", "layer 1, neurons 2, 5"


def saturated():
    experiment = Experiment.new("iris", hidden=[6, 4], learning_rate=1e-4)
    experiment.network.layers[1].W[:] *= 400.0
    return experiment, 5, "Saturation", "layer 2"


def symmetric():
    return Experiment.new("iris", hidden=[4], initializer="zeros"), 5, "Symmetric start", "layer 1"


def vanishing():
    return Experiment.new("iris", hidden=[5] * 8, activation="sigmoid"), 3, "Vanishing gradient", "layers 1 to "


def exploding():
    experiment = Experiment.new("iris", hidden=[20] * 6, activation="relu", learning_rate=1e-12)
    for layer in experiment.network.layers[1:]:
        layer.W[:] *= 20.0
    return experiment, 2, "Exploding gradient", "layer 1"


def rate_too_large():
    experiment = Experiment.new("iris", hidden=[6], learning_rate=30.0, batch_size=8)  # ill from any start: 12 of 12
    return experiment, 400, "Learning rate too large", "training loss"


def too_small():
    return Experiment.new("iris", hidden=[6], learning_rate=1e-8), 40, "Updates too small", "layer 1"


def too_large():
    return Experiment.new("iris", hidden=[6], learning_rate=50.0), 2, "Updates too large", "layer"


def overfitting():
    experiment = Experiment.new("gauss", hidden=[40, 40], optimizer="adam", batch_size=8)
    spec, before = experiment.spec, experiment.data.dataset
    source = SOURCES.choose("gauss", samples=40, noise=1.0)
    data = spec.data.model_copy(update={"source": source, "test_fraction": 0.5})
    experiment.apply(edits.change_data(spec, data, before, before))
    return experiment, 1500, "Overfitting", "since epoch"


def not_finite():
    return Experiment.new("plane", hidden=[6], learning_rate=1e300), 40, "Not finite", "step "


ILL = (dead, saturated, symmetric, vanishing, exploding, rate_too_large, too_small, too_large, overfitting, not_finite)


@pytest.mark.parametrize("make", ILL, ids=lambda make: make.__name__)
def test_a_disease_is_found_where_it_is(make):
    experiment, steps, name, place = make()
    found = [finding for finding in examined(experiment, steps) if finding.name == name]
    assert found, names(examined(experiment, 1))
    assert found[0].place.startswith(place)
    assert found[0].why.endswith(".")
    assert found[0].advice.endswith(".")


def test_every_rule_has_a_patient():
    assert len(ILL) == len(RULES) + 1  # updates may be too large or too small


HEALTHY = {
    "circle": {},
    "xor": {"hidden": [4, 4], "activation": "leaky_relu"},
    "gauss": {"hidden": [4], "activation": "sigmoid"},
    "spiral": {"hidden": [8, 8], "optimizer": "adam"},
    "moons": {"hidden": [6], "optimizer": "momentum"},
    "plane": {},
    "sine": {"hidden": [8, 8]},
    "iris": {"hidden": [6, 5]},
    "digits": {"hidden": [32], "activation": "relu", "optimizer": "adam", "learning_rate": 0.002},
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("data", HEALTHY)
def test_healthy_networks_are_left_in_peace(data, seed):
    experiment = Experiment.new(data, seed=seed, **HEALTHY[data])
    for steps in (1, 40, 400):
        assert names(examined(experiment, steps)) == set()


def test_the_first_value_that_is_not_finite_is_named_and_reached():
    experiment = not_finite()[0]
    trainer = experiment.trainer()
    with pytest.raises(DivergedError):
        trainer.run(40)
    (found,) = [f for f in check_up(patient_of(trainer, None, True)) if f.name == "Not finite"]
    assert found.step == trainer.step_count
    record = trainer.preview()
    what = found.place.split(": ")[1].split(" of layer")[0]
    seen = record.layers[found.selection.layer - 1]
    values = {"sum z": seen.z, "activation": seen.a, "error": seen.delta}
    if what in values:
        assert not np.isfinite(values[what][found.sample, found.selection.neuron])
    assert np.isfinite(trainer.network.parameters).all()
