"""Neurons and connections keep their names, and so their weights, through every edit."""

import numpy as np
import pytest

from bplab import BplabError, Experiment
from bplab.errors import SettingError
from bplab.experiment import edits
from bplab.experiment.naming import part_at, places
from bplab.experiment.spec import Part, Pruned
from bplab.experiment.verify import verify


@pytest.fixture
def experiment():
    made = Experiment.new("iris", hidden=[4, 3], optimizer="adam")
    made.trainer().run(30)
    return made


def weights(experiment):
    return [(layer.W.copy(), layer.b.copy()) for layer in experiment.network.layers]


def slots(experiment):
    return experiment.trainer().checkpoint().slots


def place(experiment, layer, neuron, source):
    (found,) = places(experiment.spec, experiment.network, [Part(layer=layer, neuron=neuron, source=source)])
    return int(found)


def pruned(experiment, layer, neuron, source):
    at = place(experiment, layer, neuron, source)
    kept = {"weight": experiment.network.parameters[at], "initial": experiment.run.initial[at]}
    return Pruned(layer=layer, neuron=neuron, source=source, **kept)


def reopened(experiment, tmp_path):
    experiment.save(tmp_path / "x.bplab")
    return Experiment.open(tmp_path / "x.bplab")


def test_any_neuron_can_go_and_the_others_keep_their_weights(experiment):
    (W1, b1), (W2, b2), (W3, b3) = weights(experiment)
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 1))
    left = [0, 2, 3]
    expected = [(W1[left], b1[left]), (W2[:, left], b2), (W3, b3)]
    for (W, b), (W_then, b_then) in zip(weights(experiment), expected, strict=True):
        assert (W_then == W).all()
        assert (b == b_then).all()


def test_what_the_optimizer_remembers_goes_along(experiment):
    before = experiment.network.views(slots(experiment)[0])[1].W.copy()
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 0))
    assert (before[:, 1:] == experiment.network.views(slots(experiment)[0])[1].W).all()


def test_a_layer_keeps_at_least_one_neuron():
    bare = Experiment.new("iris", hidden=[1]).spec
    with pytest.raises(BplabError, match="at least one"):
        edits.remove_neuron(bare, 0, 0)


def test_a_clone_changes_no_prediction(experiment):
    X = experiment.data.X_test
    before = experiment.network.predict(X)
    experiment.apply(edits.clone_neuron(experiment.spec, 0, 2))
    first, second = experiment.network.layers[:2]
    assert (first.W[2] == first.W[3]).all()
    assert (second.W[:, 2] == second.W[:, 3]).all()
    np.testing.assert_allclose(experiment.network.predict(X), before, rtol=1e-12)


def test_a_clone_of_a_clone_still_changes_no_prediction(experiment):
    X = experiment.data.X_test
    before = experiment.network.predict(X)
    for neuron in (1, 2, 1):
        experiment.apply(edits.clone_neuron(experiment.spec, 0, neuron))
    np.testing.assert_allclose(experiment.network.predict(X), before, rtol=1e-12)


def test_neurons_that_are_added_after_one_was_removed_are_new(experiment):
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 1))
    kept = experiment.network.layers[0].W.copy()
    experiment.apply(edits.change_layer(experiment.spec, 0, size=5))
    assert (experiment.network.layers[0].W[:3] == kept).all()
    experiment.apply(edits.change_layer(experiment.spec, 0, size=2))
    assert (kept[:2] == experiment.network.layers[0].W).all()


@pytest.mark.parametrize(("source", "target"), [(0, 1), (1, 0)])
def test_layers_that_change_places_keep_what_belongs_to_their_neurons(experiment, source, target):
    (_, b1), (_, b2), _ = weights(experiment)
    experiment.apply(edits.move_layer(experiment.spec, source, target))
    assert experiment.network.sizes == (4, 3, 4, 3)
    assert (experiment.network.layers[0].b == b2).all()
    assert (experiment.network.layers[1].b == b1).all()


def test_a_skip_connection_that_would_run_backwards_is_removed():
    spec = Experiment.new("iris", hidden=[4, 4, 4], skip=1).spec
    moved = edits.move_layer(spec, 0, 2)
    assert [layer.skip_from for layer in moved.network.hidden] == [None, 2, None]


def test_a_duplicate_has_weights_of_its_own(experiment):
    experiment.apply(edits.duplicate_layer(experiment.spec, 0))
    assert experiment.network.sizes == (4, 4, 4, 3, 3)
    assert len({layer.key for layer in experiment.spec.network.hidden}) == 3


@pytest.mark.parametrize(
    ("part", "count"),
    [
        (Part(layer=1, neuron=2, source=3), 1),
        (Part(layer=1, neuron=2, source=0), 1),
        (Part(layer=1, neuron=2), 5),
        (Part(layer=1), 20),
        (Part(layer=-1, neuron=3), 4),
    ],
    ids=["connection", "bias", "neuron", "layer", "output neuron"],
)
def test_what_is_frozen_stays_until_it_is_free_again(experiment, part, count):
    experiment.apply(edits.freeze(experiment.spec, [part]))
    frozen = experiment.network.frozen
    assert len(frozen) == count
    before = experiment.network.parameters.copy()
    experiment.trainer().run(20)
    changed = experiment.network.parameters != before
    assert not changed[frozen].any()
    assert np.delete(changed, frozen).all()
    experiment.apply(edits.unfreeze(experiment.spec, [part]))
    experiment.trainer().run(1)
    assert (experiment.network.parameters[frozen] != before[frozen]).all()


def test_a_pruned_connection_is_0_until_it_is_brought_back_with_its_weight(experiment):
    at = place(experiment, 1, 2, 3)
    weight, initial = experiment.network.parameters[at], experiment.run.initial[at]
    part = pruned(experiment, 1, 2, 3)
    experiment.apply(edits.prune(experiment.spec, [part]))
    experiment.trainer().run(10)
    assert experiment.network.parameters[at] == 0
    experiment.reset()
    experiment.trainer().run(10)
    assert experiment.network.parameters[at] == 0
    experiment.apply(edits.bring_back(experiment.spec, [part]))
    assert experiment.network.parameters[at] == weight
    experiment.trainer().run(10)
    assert experiment.network.parameters[at] != weight
    experiment.reset()
    assert experiment.network.parameters[at] == initial


def test_a_new_seed_leaves_pruned_what_is_pruned(experiment):
    experiment.apply(edits.prune(experiment.spec, [pruned(experiment, 1, 2, 3)]))
    experiment.apply(edits.change_training(experiment.spec, seed=77))
    assert experiment.network.parameters[place(experiment, 1, 2, 3)] == 0
    assert experiment.run.initial[place(experiment, 1, 2, 3)] == 0


def test_what_was_frozen_or_pruned_follows_its_neuron_and_goes_with_it(experiment):
    experiment.apply(edits.prune(experiment.spec, [pruned(experiment, 2, 3, 4)]))
    experiment.apply(edits.freeze(experiment.spec, [Part(layer=1, neuron=4)]))
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 0))
    assert experiment.network.layers[1].W[2, 2] == 0
    before = experiment.network.layers[0].W.copy()
    experiment.trainer().run(5)
    assert (before == experiment.network.layers[0].W).all(axis=1).tolist() == [False, False, True]
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 2))
    assert experiment.spec.network.frozen == experiment.spec.network.pruned == ()


def test_a_connection_to_a_layer_that_hears_from_another_one_now_is_no_longer_frozen(experiment):
    parts = [Part(layer=2, neuron=1, source=1), Part(layer=2, neuron=1, source=0)]
    spec = edits.add_layer(edits.freeze(experiment.spec, parts), 1)
    assert spec.network.frozen == (parts[1],)


def test_parts_that_are_not_there_are_refused(experiment):
    for part in (Part(layer=9), Part(layer=1, neuron=5), Part(layer=1, neuron=1, source=5)):
        with pytest.raises(BplabError, match=r"no (layer|neuron)"):
            experiment.apply(edits.freeze(experiment.spec, [part]))
    assert experiment.spec.network.frozen == ()


def test_a_weight_set_by_hand_is_exact_and_training_goes_on(experiment):
    at = place(experiment, 1, 2, 3)
    others = np.delete(experiment.network.parameters, at)
    before = slots(experiment)
    experiment.apply(experiment.spec, {at: 0.25})
    assert experiment.network.parameters[at] == 0.25
    assert (np.delete(experiment.network.parameters, at) == others).all()
    assert (slots(experiment) == before).all()
    assert experiment.trainer().step_count == 30


def test_a_weight_set_before_the_first_step_is_one_that_reset_goes_to():
    experiment = Experiment.new("iris", hidden=[4])
    experiment.apply(experiment.spec, {0: 0.25})
    experiment.trainer().run(5)
    experiment.apply(experiment.spec, {1: 0.5})
    experiment.reset()
    assert experiment.network.parameters[0] == 0.25
    assert experiment.network.parameters[1] != 0.5


@pytest.mark.parametrize("changes", [{0: float("nan")}, {0: float("inf")}, {10**6: 1.0}, {-1: 1.0}], ids=str)
def test_a_weight_that_cannot_be_is_refused(experiment, changes):
    before = experiment.run
    with pytest.raises(BplabError):
        experiment.apply(experiment.spec, changes)
    assert experiment.run is before


def test_weights_set_one_after_the_other_are_one_part_of_the_past(experiment):
    for number in range(5):
        experiment.apply(experiment.spec, {number: 0.1 * number})
    assert len(experiment.run.chapters) == 2
    assert dict(experiment.run.changed)[4] == 0.4


def test_a_schedule_counts_on_through_edits_one_after_the_other():
    experiment = Experiment.new("iris", hidden=[4], schedule="exponential")
    experiment.trainer().run(100)
    rate = experiment.trainer().learning_rate
    for place in (0, 1):
        experiment.apply(experiment.spec, {place: 0.5})
    experiment.apply(edits.add_layer(experiment.spec, 1))
    experiment.apply(edits.change_training(experiment.spec, batch_size=3))
    assert experiment.trainer().learning_rate == rate


def everything(experiment):
    """Each kind of edit, with training between them."""
    train = experiment.trainer
    experiment.apply(edits.clone_neuron(experiment.spec, 0, 1))
    train().run(11)
    experiment.apply(experiment.spec, {3: 0.5, 7: -0.25})
    train().run(11)
    experiment.apply(edits.prune(experiment.spec, [pruned(experiment, 2, 1, 2)]))
    train().run(11)
    experiment.apply(edits.freeze(experiment.spec, [Part(layer=-1)]))
    experiment.apply(edits.remove_neuron(experiment.spec, 0, 0))
    train().run(11)
    experiment.apply(edits.move_layer(experiment.spec, 0, 1))
    train().run(11)
    experiment.apply(edits.bring_back(experiment.spec, experiment.spec.network.pruned))
    train().run(11)


def test_every_kind_of_edit_is_repeated_from_the_file(experiment, tmp_path):
    everything(experiment)
    again = reopened(experiment, tmp_path)
    assert again.spec == experiment.spec
    assert (again.network.parameters == experiment.network.parameters).all()
    assert verify(again).is_repeated


def test_every_kind_of_edit_is_repeated_after_a_reset(tmp_path):
    experiment = Experiment.new("iris", hidden=[4, 3])
    experiment.apply(experiment.spec, {2: 1.5})
    experiment.trainer().run(5)
    everything(experiment)
    experiment.reset()
    experiment.trainer().run(20)
    again = reopened(experiment, tmp_path)
    assert verify(again).is_repeated
    everything_after = again.run.chapters
    assert everything_after is not None
    assert everything_after[-1].end == 20


def test_a_pruned_connection_gets_no_weight_by_hand():
    experiment = Experiment.new("iris", hidden=[3])
    part = part_at(experiment.spec, experiment.network.sizes, 1, 0, 1)
    (place,) = places(experiment.spec, experiment.network, [part])
    pruned = Pruned(layer=part.layer, neuron=part.neuron, source=part.source, weight=0.5, initial=0.5)
    experiment.apply(edits.prune(experiment.spec, [pruned]))
    with pytest.raises(SettingError, match="Bring it back first"):
        experiment.apply(experiment.spec, {int(place): 0.25})
    assert experiment.network.parameters[place] == 0
