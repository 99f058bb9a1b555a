"""Every edit is a pure function from spec to spec."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.errors import BplabError, SettingError
from bplab.experiment import edits
from bplab.experiment.experiment import Experiment

SPEC = Experiment.new("iris", hidden=[6, 5]).spec


def sizes(spec):
    return [layer.size for layer in spec.network.hidden]


def with_data(spec, name):
    data = edits.replace(spec.data, source=name)
    before, after = (Experiment.new(source).data.dataset for source in (spec.data.source.name, name))
    return edits.change_data(spec, data, before, after)


def test_an_edit_leaves_the_spec_before_it_as_it_was():
    before = SPEC.model_dump_json()
    edits.add_layer(SPEC, 1)
    edits.change_layer(SPEC, 0, size=9)
    edits.change_training(SPEC, batch_size=3)
    assert SPEC.model_dump_json() == before


@pytest.mark.parametrize(("position", "expected"), [(0, [4, 6, 5]), (1, [6, 4, 5]), (2, [6, 5, 4])])
def test_a_layer_is_added_where_it_is_asked_for(position, expected):
    assert sizes(edits.add_layer(SPEC, position)) == expected


def test_a_new_layer_has_its_neighbours_activation():
    spec = edits.change_layer(SPEC, 1, activation="relu")
    assert edits.add_layer(spec, 2).network.hidden[2].activation.name == "relu"
    assert edits.add_layer(spec, 0).network.hidden[0].activation.name == "tanh"


def test_a_network_without_hidden_layers_can_get_one():
    bare = edits.remove_layer(edits.remove_layer(SPEC, 0), 0)
    assert sizes(bare) == []
    assert sizes(edits.add_layer(bare, 0, size=3)) == [3]


def test_removing_what_was_added_gives_the_same_spec():
    assert edits.remove_layer(edits.add_layer(SPEC, 1), 1) == SPEC


@given(st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 5)), max_size=12))
def test_layers_never_share_a_key(changes):
    spec = SPEC
    for change, place in changes:
        count = len(spec.network.hidden)
        if change == "add":
            spec = edits.add_layer(spec, min(place, count))
        elif count:
            spec = edits.remove_layer(spec, min(place, count - 1))
        keys = [layer.key for layer in spec.network.hidden]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("size", [0, -1, 4097, 2.5, "many", float("nan")])
def test_a_size_outside_its_limits_is_refused(size):
    with pytest.raises(SettingError, match="size"):
        edits.change_layer(SPEC, 0, size=size)


@pytest.mark.parametrize(
    "changes",
    [{"batch_size": 0}, {"seed": -1}, {"seed": 2**31}, {"optimizer": "sdg"}, {"loss": "msee"}, {"speed": 1}],
    ids=str,
)
def test_a_training_that_is_not_possible_is_refused(changes):
    with pytest.raises(SettingError, match=next(iter(changes))):
        edits.change_training(SPEC, **changes)


def test_another_loss_frees_an_output_it_cannot_follow():
    spec = edits.change_output(edits.change_training(SPEC, loss="mse"), ACTIVATIONS.choose("sigmoid"))
    assert edits.change_training(spec, loss="cross_entropy").network.output_activation is None
    kept = edits.change_training(spec, loss="half_squared_error").network.output_activation
    assert kept == ACTIVATIONS.choose("sigmoid")


@pytest.mark.parametrize(
    ("before", "after", "loss"), [("iris", "sine", "mse"), ("circle", "iris", "cross_entropy"), ("xor", "plane", "mse")]
)
def test_other_data_bring_a_loss_when_the_present_one_does_not_suit_them(before, after, loss):
    assert with_data(Experiment.new(before).spec, after).training.loss.name == loss


def test_a_loss_that_suits_the_new_data_is_kept():
    spec = edits.change_training(SPEC, loss="half_squared_error")
    assert with_data(spec, "sine").training.loss.name == "half_squared_error"


def test_other_data_keep_the_hidden_layers():
    assert with_data(SPEC, "spiral").network.hidden == SPEC.network.hidden


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("data", ["circle", "iris", "sine"])
def test_a_loss_fits_exactly_when_a_run_accepts_it(name, data):
    dataset = Experiment.new(data).data.dataset
    try:
        Experiment.new(data, loss=name)
    except BplabError:
        accepted = False
    else:
        accepted = True
    assert edits.fits(LOSSES.choose(name), dataset) == accepted


@pytest.mark.parametrize(("name", "kept"), [("xor", True), ("iris", False)])
def test_chosen_inputs_stay_where_the_features_do(name, kept):
    spec = Experiment.new("circle", inputs="x1,x2^2").spec
    data = edits.replace(spec.data, source=name)
    before, after = (Experiment.new(source).data.dataset for source in ("circle", name))
    assert bool(edits.change_data(spec, data, before, after).data.inputs) == kept


@pytest.mark.parametrize(
    "change",
    [
        lambda spec: edits.change_layer(spec, 2, size=3),
        lambda spec: edits.remove_layer(spec, 7),
        lambda spec: edits.move_layer(spec, -1, 0),
        lambda spec: edits.duplicate_layer(spec, 2),
        lambda spec: edits.clone_neuron(spec, 2, 0),
        lambda spec: edits.clone_neuron(spec, 1, 4),
        lambda spec: edits.remove_neuron(spec, 1, 4),
        lambda spec: edits.remove_neuron(spec, 2, 0),
    ],
)
def test_a_layer_that_is_not_there_is_named(change):
    with pytest.raises(SettingError, match="There is no (hidden layer|neuron)"):
        change(Experiment.new("iris", hidden=[5, 4]).spec)
