"""Paths to the loss add up to the gradient that backpropagation found."""

import itertools

import numpy as np
import pytest

from bplab import Experiment
from bplab.microscope import facts, paths
from bplab.microscope.facts import Moment
from bplab.microscope.now import Now
from bplab.microscope.paths import paths_to_loss, why_not
from bplab.microscope.selection import Selection
from tests.microscope.build import moments

PLAIN = ("plain", "momentum", "dropout", "weights", "smoothing", "hinge", "mse", "single")


@pytest.mark.parametrize("kind", PLAIN)
def test_all_paths_add_up_to_the_gradient(kind):
    experiment, found = moments(kind)
    for moment, (layer, size) in itertools.product(found, enumerate(experiment.network.sizes[1:], start=1)):
        assert not why_not(experiment.network, layer)
        for neuron, source in itertools.product(range(size), (None, 0, 2)):
            chosen = Selection(layer, neuron, source)
            done = paths_to_loss(moment, chosen, most=10_000)
            assert done.count == len(done.listed) == np.prod(experiment.network.sizes[layer + 1 :], initial=1)
            assert not done.is_cut
            own = moment.record.layers[layer - 1].sample_gradients(neuron, source)[moment.sample]
            assert done.gradient == pytest.approx(own, rel=1e-5 if kind == "single" else 1e-12)
            total = sum(path.product for path in done.listed)
            assert total == pytest.approx(own, rel=1e-4, abs=1e-6 if kind == "single" else 1e-15)


def test_a_path_is_the_product_of_its_factors():
    _, (moment, _) = moments("plain")
    best = paths_to_loss(moment, Selection(1, 2, 1)).listed[0]
    product, layers = facts.activation(moment, 0, 1), moment.record.layers
    for number, (here, there) in enumerate(itertools.pairwise(best.neurons), start=1):
        product *= facts.slope(moment, number, here) * layers[number].W[there, here]
    product *= facts.error(moment, len(layers), best.neurons[-1])
    assert best.product == pytest.approx(product, rel=1e-12)


def test_many_paths_are_cut_and_it_is_said():
    experiment = Experiment.new("iris", hidden=[20] * 5, batch_size=4)
    moment = Moment(experiment.network, experiment.trainer().step(), 0, Now(), True)
    done = paths_to_loss(moment, Selection(1, 0, 0))
    assert done.count == 20**4 * 3
    assert done.is_cut
    assert len(done.listed) == 12
    sizes = [abs(path.product) for path in done.listed]
    assert sizes == sorted(sizes, reverse=True)


def test_the_largest_path_survives_the_cut(monkeypatch):
    _, (moment, _) = moments("plain")
    every = paths_to_loss(moment, Selection(1, 0, 0), most=10_000)
    monkeypatch.setattr(paths, "MOST_KEPT", 3)
    cut = paths_to_loss(moment, Selection(1, 0, 0))
    assert cut.is_cut
    assert set(cut.listed) <= set(every.listed)
    assert cut.gradient == every.gradient


def test_where_there_are_no_single_paths_the_reason_is_said():
    assert "skip" in why_not(moments("skip")[0].network, 1)
    assert "normalization" in why_not(moments("layer norm")[0].network, 2)
    assert not why_not(moments("skip")[0].network, 3)
