"""What the network says of each sample, and looking at one alone."""

import numpy as np
import pytest

from bplab import Experiment
from bplab.engine.looking import can_look, look_at
from bplab.microscope import judged as module
from bplab.microscope.judged import judged


def trained(data="iris", steps=60, **changes):
    experiment = Experiment.new(data, hidden=[5], **changes)
    experiment.trainer().run(steps)
    return experiment


@pytest.mark.parametrize("data", ["iris", "moons", "plane", "digits"])
def test_the_mean_of_the_samples_is_the_loss(data):
    experiment = trained(data)
    found = judged(experiment.network, experiment.data, experiment.spec.training.loss)
    scores = experiment.trainer().scores()
    assert found.loss[~found.is_test].mean() == pytest.approx(scores.train_loss, rel=1e-12)
    assert found.loss[found.is_test].mean() == pytest.approx(scores.test_loss, rel=1e-12)
    if found.predicted is not None:
        assert 1 - found.is_wrong[found.is_test].mean() == pytest.approx(scores.test_accuracy, abs=1e-12)
    assert found.rows.tolist() == list(range(found.of))
    assert found.place(3) == 3


def test_the_hardest_come_first():
    experiment = trained()
    found = judged(experiment.network, experiment.data, experiment.spec.training.loss)
    places = found.hardest(10)
    assert found.loss[places].tolist() == sorted(found.loss.tolist(), reverse=True)[:10]


def test_of_many_samples_some_are_judged_and_repeated_ones_once(monkeypatch):
    monkeypatch.setattr(module, "MOST_PRODUCTS", 2000)
    experiment = trained(prepare={"balance": "over"})
    found = judged(experiment.network, experiment.data, experiment.spec.training.loss)
    assert found.of == 150
    assert len(found.rows) < 75
    assert len(set(found.rows.tolist())) == len(found.rows)
    missing = next(row for row in range(150) if row not in found.rows)
    assert found.place(missing) is None


def test_numbers_are_told_in_their_own_units():
    experiment = trained("plane", steps=3000)
    found = judged(experiment.network, experiment.data, experiment.spec.training.loss)
    values = experiment.data.dataset.target.values
    assert np.corrcoef(found.outputs[:, 0], values[:, 0])[0, 1] > 0.9
    assert not found.is_wrong.any()


def test_looking_at_a_sample_is_its_own_gradient_and_no_step():
    experiment = trained()
    trainer, data = experiment.trainer(), experiment.data
    before = experiment.network.parameters.copy()
    sample = data.X_train[7], data.Y_train[7]
    record = look_at(experiment.network, trainer.settings, sample, 7, (trainer.step_count, trainer.epoch))
    assert record.is_look
    assert (experiment.network.parameters == before).all()
    assert not any(layer.update_W.any() for layer in record.layers)
    # By central differences, on the loss of this sample alone.
    place, eps = experiment.network.layers[0].W.shape[1] + 1, 1e-6
    losses = []
    for sign in (1, -1):
        experiment.network.parameters[place] = before[place] + sign * eps
        found = judged(experiment.network, data, experiment.spec.training.loss)
        losses.append(found.loss[found.place(int(data.train_indices[7]))])
    experiment.network.parameters[:] = before
    assert record.layers[0].dW.ravel()[place] == pytest.approx((losses[0] - losses[1]) / (2 * eps), rel=1e-6)


def test_a_sample_alone_means_nothing_to_batch_normalization():
    assert can_look(trained().network)
    assert not can_look(trained(normalization="batch_norm").network)
