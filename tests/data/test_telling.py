"""Which inputs tell most of the target."""

import dataclasses

import numpy as np

from bplab import Experiment
from bplab.data.dataset import Classes, Dataset
from bplab.data.prepare import Preparation, prepare
from bplab.data.telling import most_telling, telling


def test_what_an_input_tells_is_a_share():
    shares = telling(Experiment.new("digits").data)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert telling(Experiment.new("plane").data).max() > 0.2


def test_the_two_inputs_that_tell_most_keep_their_order():
    assert most_telling(Experiment.new("iris").data) == (2, 3)
    assert most_telling(Experiment.new("sine").data) == (0, 0)


def test_an_input_that_says_the_same_is_passed_over():
    rng = np.random.default_rng(1)
    first = rng.normal(size=60)
    X = np.column_stack([first, -2 * first + 1, rng.normal(size=60), np.ones(60)])
    dataset = Dataset("d", X, ("a", "not a", "b", "same"), Classes((first > 0).astype(int), ("n", "y")))
    data = prepare(dataset, Preparation(), one_hot=True)
    first, second = most_telling(data)
    assert second == 2
    assert first in (0, 1)
    alike = dataclasses.replace(dataset, X=X[:, :2], feature_names=("a", "not a"))
    assert most_telling(prepare(alike, Preparation(), one_hot=True)) == (0, 1)
