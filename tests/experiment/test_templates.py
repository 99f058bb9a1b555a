"""Networks to begin with."""

import pytest

from bplab import Experiment
from bplab.experiment.templates import TEMPLATES, apply_template

SIZES = {
    "perceptron": (4, 3),
    "xor_net": (4, 2, 3),
    "deep_narrow": (4, *[4] * 8, 3),
    "wide_shallow": (4, 64, 3),
    "residual": (4, *[8] * 8, 3),
    "autoencoder": (4, 4, 3, 4, 3),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_a_network_that_trains(name):
    experiment = Experiment.new("iris", hidden=[5])
    before = experiment.spec
    experiment.apply(apply_template(before, name, 4))
    assert experiment.network.sizes == SIZES[name]
    assert not {layer.key for layer in experiment.spec.network.hidden} & {1}
    experiment.trainer().run(3)
    experiment.apply(before)
    assert experiment.network.sizes == (4, 5, 3)


def test_the_residual_template_skips_from_each_layer_to_the_next():
    experiment = Experiment.new("iris")
    experiment.apply(apply_template(experiment.spec, "residual", 4))
    assert [plan.skip for plan in experiment.network.plans] == [0, *[1] * 7, 0]


def test_a_template_fits_any_number_of_inputs():
    spec = Experiment.new("digits").spec
    assert [layer.size for layer in apply_template(spec, "autoencoder", 64).network.hidden] == [64, 3, 64]
    assert max(layer.size for layer in apply_template(spec, "autoencoder", 10_000).network.hidden) == 4096
