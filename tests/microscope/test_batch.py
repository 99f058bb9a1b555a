"""Samples of a batch: own sizes, and how much of them is left in the mean."""

import numpy as np
import pytest

from bplab import Experiment
from bplab.microscope.batch import agreement, gradient_pictures, largest_of_samples, sample_norms
from tests.microscope.build import EVERY_KIND, moments


@EVERY_KIND
def test_sizes_are_those_of_the_samples_own_gradients(kind):
    _, (moment, _) = moments(kind)
    for number, layer in enumerate(moment.record.layers, start=1):
        W, b = layer.layer_gradients()
        by_hand = [np.sqrt((W[i] ** 2).sum() + (b[i] ** 2).sum()) for i in range(len(W))]
        np.testing.assert_allclose(sample_norms(layer), by_hand, rtol=1e-5 if kind == "single" else 1e-12)
        pictures = gradient_pictures(moment.record, np.arange(len(W)), number)
        assert (pictures == W).all()
        assert largest_of_samples(layer) == pytest.approx(np.abs(W).max(), rel=1e-6)
        np.testing.assert_allclose(pictures.mean(axis=0), layer.dW, atol=1e-6 if kind == "single" else 1e-15)


def test_samples_that_are_alike_agree_and_opposite_ones_cancel():
    experiment = Experiment.new("iris", hidden=[3], batch_size=1)
    assert agreement(experiment.trainer().step().layers[0]) == pytest.approx(1.0)
    _, (moment, _) = moments("plain")
    shares = [agreement(layer) for layer in moment.record.layers]
    assert all(0.0 <= share < 1.0 for share in shares)
