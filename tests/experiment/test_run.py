"""Edits keep what has a place, refuse what is not allowed, and defaults are good."""

import numpy as np
import pytest

from bplab import BplabError, Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.experiment import edits


def trained(**settings):
    experiment = Experiment.new("iris", hidden=[6, 5], **settings)
    experiment.trainer().run(40)
    return experiment


def weights(experiment):
    return [(layer.W.copy(), layer.b.copy()) for layer in experiment.network.layers]


def test_adding_a_neuron_keeps_all_other_weights():
    experiment = trained(optimizer="adam")
    before, slots = weights(experiment), experiment.trainer().checkpoint().slots
    experiment.apply(edits.change_layer(experiment.spec, 0, size=7))
    after = weights(experiment)
    assert (after[0][0][:6] == before[0][0]).all()
    assert (after[1][0][:, :6] == before[1][0]).all()
    assert (after[2][0] == before[2][0]).all()
    assert experiment.trainer().step_count == 40
    new = experiment.network.views(experiment.trainer().checkpoint().slots[0])
    assert (new[0].W[:6] == slots[0][:24].reshape(6, 4)).all()


def test_removing_a_layer_keeps_the_others():
    experiment = trained()
    before = weights(experiment)
    experiment.apply(edits.remove_layer(experiment.spec, 1))
    after = weights(experiment)
    assert experiment.network.sizes == (4, 6, 3)
    assert (after[0][0] == before[0][0]).all()
    assert (after[1][1] == before[2][1]).all()


def test_adding_a_layer_first_keeps_the_layers_behind_it():
    experiment = trained()
    before = weights(experiment)
    experiment.apply(edits.add_layer(experiment.spec, 0))
    after = weights(experiment)
    assert experiment.network.sizes == (4, 4, 6, 5, 3)
    assert (after[2][0] == before[1][0]).all()
    assert len(experiment.trainer().step().layers) == 4


def test_other_data_start_anew_with_their_usual_loss():
    experiment = trained()
    for name, sizes, loss in (
        ("sine", (1, 6, 5, 1), "mse"),
        ("xor", (2, 6, 5, 1), "binary_cross_entropy"),
        ("digits", (64, 6, 5, 10), "cross_entropy"),
    ):
        data = edits.replace(experiment.spec.data, source=name)
        before, after = experiment.data.dataset, experiment.dataset(data)
        experiment.apply(edits.change_data(experiment.spec, data, before, after))
        assert (experiment.network.sizes, experiment.spec.training.loss.name) == (sizes, loss)
        assert experiment.trainer().step_count == 0


def test_training_settings_take_effect_at_the_next_step():
    experiment = trained()
    trainer = experiment.trainer()
    experiment.apply(edits.change_training(experiment.spec, optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.0)))
    before = experiment.network.parameters.copy()
    assert experiment.trainer() is trainer
    trainer.run(5)
    assert (experiment.network.parameters == before).all()


def test_illegal_combinations_are_refused_with_a_reason():
    experiment = Experiment.new("sine")
    with pytest.raises(BplabError, match="cannot judge"):
        experiment.apply(edits.change_training(experiment.spec, loss=LOSSES.choose("cross_entropy")))
    iris = Experiment.new("iris")
    with pytest.raises(BplabError, match="cannot follow"):
        iris.apply(edits.change_output(iris.spec, ACTIVATIONS.choose("tanh")))
    with pytest.raises(BplabError):
        edits.change_layer(iris.spec, 0, size=0)
    with pytest.raises(BplabError):
        Experiment.new("iris", learning_rate=-1.0)
    with pytest.raises(BplabError, match="Did you mean 'spiral'"):
        Experiment.new("spirall")


def test_two_classes_have_one_output_or_two():
    assert Experiment.new("circle").network.sizes[-1] == 1
    assert Experiment.new("circle", loss="cross_entropy").network.sizes[-1] == 2


def test_defaults_learn_iris():
    scores = []
    for seed in range(1, 6):
        experiment = Experiment.new("iris", hidden=[8], activation="tanh", seed=seed)
        experiment.trainer().run(100 * 12)
        scores.append(experiment.trainer().scores().test_accuracy)
    assert np.mean(scores) >= 0.93


def test_defaults_learn_the_spiral():
    experiment = Experiment.new("spiral", hidden=[8, 8], activation="tanh", optimizer="adam")
    experiment.trainer().run(400 * 40)
    assert experiment.trainer().scores().train_accuracy >= 0.97


def test_defaults_learn_the_digits():
    experiment = Experiment.new("digits", hidden=[32], activation="relu", optimizer="adam")
    experiment.trainer().run(30 * 144)
    assert experiment.trainer().scores().test_accuracy >= 0.95
