"""What can be done with what is picked: words, and what comes of it."""

import pytest

from bplab import Experiment
from bplab.microscope.selection import Selection
from bplab.qt.canvas.network_actions import network_actions


@pytest.fixture
def experiment():
    made = Experiment.new("iris", hidden=[4, 3])
    made.trainer().run(5)
    return made


def actions(experiment, *picks, copied=None):
    return {action.text: action for action in network_actions(experiment, picks, copied)}


def do(experiment, text, *picks, copied=None):
    experiment.apply(actions(experiment, *picks, copied=copied)[text].change(experiment.spec))


def possible(experiment, *picks):
    return [text for text, action in actions(experiment, *picks).items() if action.change is not None]


def test_nothing_picked_leaves_nothing_to_do(experiment):
    assert possible(experiment) == []


def test_a_connection_can_be_pruned_and_frozen_and_its_layer_too(experiment):
    assert possible(experiment, Selection(1, 0, 2)) == [
        "Prune connection", "Freeze connection", "Duplicate layer", "Move layer right", "Remove layer", "Freeze layer",
    ]  # fmt: skip


def test_the_words_turn_around_once_it_is_done(experiment):
    pick = Selection(2, 1, 3)
    before = experiment.network.layers[1].W[1, 3]
    do(experiment, "Prune connection", pick)
    do(experiment, "Freeze connection", pick)
    assert {"Bring connection back", "Unfreeze connection"} <= set(possible(experiment, pick))
    assert experiment.network.layers[1].W[1, 3] == 0
    do(experiment, "Bring connection back", pick)
    do(experiment, "Unfreeze connection", pick)
    assert experiment.network.layers[1].W[1, 3] == before


def test_several_neurons_go_at_once_and_the_others_keep_their_weights(experiment):
    kept = experiment.network.layers[0].W[[1, 3]].copy()
    do(experiment, "Remove 2 neurons", Selection(1, 0), Selection(1, 2))
    assert (kept == experiment.network.layers[0].W).all()


def test_several_clones_stand_below_their_originals(experiment):
    first, second = experiment.network.layers[0].W[[0, 2]].copy()
    do(experiment, "Clone 2 neurons", Selection(1, 0), Selection(1, 2))
    W = experiment.network.layers[0].W
    assert (W[[0, 1]] == first).all()
    assert (W[[3, 4]] == second).all()


def test_a_layer_keeps_a_neuron(experiment):
    every = [Selection(2, neuron) for neuron in range(3)]
    assert "Remove 3 neurons" not in possible(experiment, *every)
    assert "Clone 3 neurons" in possible(experiment, *every)


def test_the_ends_follow_the_data(experiment):
    assert possible(experiment, Selection(0, 1)) == []
    assert possible(experiment, Selection(3, 1)) == ["Freeze neuron", "Freeze layer"]


def test_layers_are_moved_duplicated_and_pasted(experiment):
    copied = experiment.spec.network.hidden[0]
    do(experiment, "Move layer right", Selection(1, 0))
    assert experiment.network.sizes == (4, 3, 4, 3)
    do(experiment, "Duplicate layer", Selection(1, 0))
    assert experiment.network.sizes == (4, 3, 3, 4, 3)
    do(experiment, "Paste layer", Selection(0, 0), copied=copied)
    assert experiment.network.sizes == (4, 4, 3, 3, 4, 3)
    do(experiment, "Paste layer", copied=copied)
    assert experiment.network.sizes == (4, 4, 3, 3, 4, 4, 3)


def test_every_action_has_a_key_of_its_own_and_says_what_it_does(experiment):
    found = network_actions(experiment, (Selection(1, 0),))
    keys = [action.key for action in found]
    assert len(set(keys)) == len(keys)
    assert all(action.tip.endswith(".") for action in found)
