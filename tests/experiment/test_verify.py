"""Every run can be done again from its file: through every edit, to the same bits."""

import numpy as np
import pytest

from bplab import BplabError, Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.experiment import edits
from bplab.experiment.verify import TOLERANCE, verify


def trained(steps=60, **settings):
    experiment = Experiment.new("iris", hidden=[5, 4], **settings)
    experiment.trainer().run(steps)
    return experiment


def training(experiment, **changes):
    spec = experiment.spec
    experiment.apply(edits.replace(spec, training=edits.replace(spec.training, **changes)))


def reopened(experiment, tmp_path):
    experiment.save(tmp_path / "x.bplab")
    return Experiment.open(tmp_path / "x.bplab")


def many_edits(experiment):
    """Every kind of edit, with training between them."""
    trainer = experiment.trainer()
    trainer.run(20)
    training(experiment, optimizer=OPTIMIZERS.choose("adam"), batch_size=7)
    trainer.run(33)
    experiment.apply(edits.add_layer(experiment.spec, 1, 6))
    experiment.apply(edits.change_layer(experiment.spec, 0, size=3))
    experiment.trainer().run(40)
    experiment.apply(edits.remove_layer(experiment.spec, 2))
    experiment.trainer().run(150)
    experiment.trainer().seek(experiment.trainer().newest - 60)
    experiment.apply(edits.change_layer(experiment.spec, 0, activation=ACTIVATIONS.choose("relu")))
    training(experiment, optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.2))
    experiment.trainer().run(31)


def test_a_run_is_repeated_to_the_same_bits(tmp_path):
    found = verify(reopened(trained(133, optimizer="adam"), tmp_path))
    assert found.is_repeated
    assert (found.parameters, found.losses, found.tolerance) == (0, 0, 0)
    assert (found.steps, found.chapters, found.given, found.environment) == (133, 1, False, ())
    assert found.compared > 133


def test_a_run_is_repeated_through_all_its_edits(tmp_path):
    experiment = trained()
    many_edits(experiment)
    found = verify(reopened(experiment, tmp_path))
    assert found.is_repeated
    assert (found.steps, found.chapters) == (274, 5)


def test_what_goes_on_after_opening_is_repeated_too(tmp_path):
    experiment = trained()
    many_edits(experiment)
    again = reopened(experiment, tmp_path)
    many_edits(again)
    assert verify(reopened(again, tmp_path)).is_repeated


def test_a_reset_after_edits_is_repeated_from_step_0(tmp_path):
    experiment = trained()
    many_edits(experiment)
    experiment.reset()
    experiment.trainer().run(25)
    found = verify(reopened(experiment, tmp_path))
    assert found.is_repeated
    assert found.steps == 25


def test_an_edit_before_the_newest_step_forgets_what_came_after_it(tmp_path):
    experiment = trained(100)
    experiment.trainer().seek(40)
    experiment.apply(edits.add_layer(experiment.spec, 0))
    assert experiment.trainer().history.steps[-1, 0] == 40
    experiment.trainer().run(10)
    assert verify(reopened(experiment, tmp_path)).is_repeated


def test_a_run_is_repeated_that_was_saved_before_its_newest_step(tmp_path):
    experiment = trained(100)
    experiment.trainer().seek(40)
    again = reopened(experiment, tmp_path)
    assert again.trainer().step_count == 40
    assert verify(again).is_repeated


def test_given_weights_are_where_the_run_begins(tmp_path):
    experiment = trained()
    experiment.load_weights(np.linspace(-1, 1, len(experiment.network.parameters)))
    many_edits(experiment)
    found = verify(reopened(experiment, tmp_path))
    assert found.is_repeated
    assert found.given


def test_weights_that_were_tampered_with_are_found(tmp_path):
    experiment = reopened(trained(), tmp_path)
    experiment.network.parameters[3] += 1e-9
    found = verify(experiment)
    assert not found.is_repeated
    assert found.parameters == pytest.approx(1e-9 / max(1, np.abs(experiment.network.parameters).max()), rel=1e-6)
    assert found.losses == 0


def test_losses_that_were_tampered_with_are_found(tmp_path):
    experiment = reopened(trained(), tmp_path)
    history = experiment.trainer().history
    tables = history.tables()
    tables["epochs"][2, 3] *= 1.001
    history.load(tables)
    assert not verify(experiment).is_repeated
    tables = history.tables()
    history.load(tables | {"steps": np.delete(tables["steps"], 5, axis=0)})
    assert verify(experiment).losses == np.inf


def test_another_environment_is_named_and_tolerated(tmp_path):
    experiment = reopened(trained(), tmp_path)
    experiment.environments = ({**experiment.environments[0], "numpy": "1.0"},)
    experiment.network.parameters[3] += 1e-9
    found = verify(experiment)
    assert found.is_repeated
    assert found.tolerance == TOLERANCE
    assert found.environment[0].startswith("numpy 1.0 and ")


def test_each_environment_that_a_run_was_trained_in_is_kept(tmp_path):
    experiment = reopened(trained(), tmp_path)
    experiment.environments = ({"numpy": "1.0"},)
    again = reopened(experiment, tmp_path)
    assert [known["numpy"] for known in again.environments] == ["1.0", np.__version__]
    again.reset()
    assert again.environments == ()


def test_a_past_that_is_not_known_cannot_be_repeated_until_the_run_is_reset(tmp_path):
    experiment = trained()
    many_edits(experiment)
    experiment.run = type(experiment.run)(**vars(experiment.run) | {"past": None})
    again = reopened(experiment, tmp_path)
    with pytest.raises(BplabError, match="What happened before step 274"):
        verify(again)
    again.reset()
    again.trainer().run(12)
    found = verify(reopened(again, tmp_path))
    assert found.is_repeated
    assert found.given


def test_progress_is_told_in_steps():
    told = []
    verify(trained(133), told.append)
    assert sum(told) == 133


def test_layers_that_change_places_take_their_weights_along():
    experiment = Experiment.new("iris", hidden=[4, 4])
    first, second = experiment.spec.network.hidden
    before = experiment.network.layers[1].b.copy()
    experiment.network.layers[1].b[:] = before = np.arange(4.0)
    experiment.apply(edits.change_network(experiment.spec, hidden=(second, first)))
    assert (experiment.network.layers[0].b == before).all()
