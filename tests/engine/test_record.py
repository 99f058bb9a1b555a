"""What a step leaves behind: shapes, read-only arrays, and numbers that fit each other."""

import dataclasses

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.gradient_check import gradient
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.record import LayerRecord
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, parameters, settings, trainer

PAIRS = [(loss, output) for loss, entry in LOSSES.items() for output in entry.outputs]


def arrays(record):
    """Every array of a record that is there: without dropout there is no mask, without a normalization no gamma."""
    found = [record.indices, record.X, record.Y, record.shares]
    for seen in record.layers:
        found += [getattr(seen, field.name) for field in dataclasses.fields(LayerRecord)]
    return [array for array in found if array is not None and array.size]


EVERYTHING = LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("batch_norm"), dropout=0.5, skip=1)


def rich(**changes):
    """A trainer whose second layer has all that a layer may have."""
    X, Y = batch(3, 2, 30)
    net = network([3, 5, 5, 2], ["tanh", EVERYTHING, "identity"])
    return Trainer(net, settings(**changes), Samples(X, Y, X[:0], Y[:0], classes=False))


def recorded(loss, output):
    X, Y = batch(3, 3, 12, one_hot=True)
    t = Trainer(
        network([3, 5, 4, 3], ["tanh", "sigmoid", output]),
        settings(loss=LOSSES.choose(loss)),
        Samples(X, Y, X[:0], Y[:0], classes=True),
    )
    return t, t.step()


@pytest.mark.parametrize("made", [trainer, rich])
def test_every_array_is_read_only(made):
    for array in arrays(made().step()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_layer_with_everything_leaves_everything_behind():
    seen = rich().step().layers[1]
    assert all(getattr(seen, field.name).size for field in dataclasses.fields(LayerRecord))


@pytest.mark.parametrize("made", [trainer, rich])
def test_a_record_does_not_change_when_training_goes_on(made):
    t = made(optimizer=OPTIMIZERS.choose("adam"))
    record = t.step()
    before = [array.copy() for array in arrays(record)]
    t.run(20)
    t.step()
    assert all((array == kept).all() for array, kept in zip(arrays(record), before, strict=True))


def test_arrays_have_the_shapes_of_their_layer():
    t = trainer(hidden=(5, 4), batch_size=8)
    for seen, (n_in, n_out) in zip(t.step().layers, [(3, 5), (5, 4), (4, 2)], strict=True):
        assert seen.a_prev.shape == (8, n_in)
        assert {seen.z.shape, seen.a.shape, seen.delta.shape, seen.pull.shape} == {(8, n_out)}
        assert {seen.W.shape, seen.dW.shape, seen.update_W.shape} == {(n_out, n_in)}
        assert {seen.b.shape, seen.db.shape, seen.update_b.shape} == {(n_out,)}


def test_rows_are_those_of_the_indices():
    t = trainer()
    for _ in range(10):
        record = t.step()
        assert (t.samples.X_train[record.indices] == record.X).all()
        assert (t.samples.Y_train[record.indices] == record.Y).all()


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_the_update_is_what_came_after_less_what_was_before(optimizer):
    t = trainer(optimizer=OPTIMIZERS.choose(optimizer))
    for _ in range(5):
        before = t.network.views(parameters(t))
        for seen, old, new in zip(t.step().layers, before, t.network.layers, strict=True):
            assert (seen.W == old.W).all()
            assert (seen.b == old.b).all()
            assert (seen.update_W == new.W - old.W).all()
            assert (seen.update_b == new.b - old.b).all()


def test_scale_and_shift_are_recorded_like_weights():
    t = rich(optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.5))
    old = t.network.views(parameters(t))[1]
    seen, new = t.step().layers[1], t.network.layers[1]
    assert (seen.gamma == old.gamma).all()
    assert (seen.beta == old.beta).all()
    assert (seen.update_gamma == new.gamma - old.gamma).all()
    assert (seen.update_beta == new.beta - old.beta).all()
    assert seen.update_gamma == pytest.approx(-0.5 * seen.dgamma, abs=1e-15)
    assert seen.update_beta == pytest.approx(-0.5 * seen.dbeta, abs=1e-15)


def test_a_layer_with_everything_hands_on_what_its_parts_make():
    record = rich().step()
    seen, X = record.layers[1], record.layers[0].a
    z = X @ seen.W.T + seen.b
    u = seen.gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) + seen.beta
    assert seen.z == pytest.approx(z, abs=1e-14)
    assert seen.u == pytest.approx(u, abs=1e-13)
    assert seen.a == pytest.approx(np.tanh(seen.u) * seen.mask + X, abs=1e-14)
    plain = record.layers[0]
    assert (plain.u == plain.z).all()
    assert plain.mask is None


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_the_numbers_of_a_layer_follow_from_each_other(loss, output):
    t, record = recorded(loss, output)
    a_prev = record.X
    for seen, layer in zip(record.layers, t.network.layers, strict=True):
        a = np.empty_like(seen.z)
        layer.activate(seen.z, a)
        assert (seen.a_prev == a_prev).all()
        assert seen.z == pytest.approx(seen.a_prev @ seen.W.T + seen.b, abs=1e-14)
        assert (seen.a == a).all()
        assert seen.dW == pytest.approx(seen.delta.T @ seen.a_prev, abs=1e-14)
        assert seen.db == pytest.approx(seen.delta.sum(axis=0), abs=1e-14)
        a_prev = seen.a
    assert record.loss == pytest.approx(record.shares.sum() / len(record.X), rel=1e-15)


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_a_hidden_neuron_is_asked_for_the_weighted_sum_of_what_the_next_layer_asks(loss, output):
    _, record = recorded(loss, output)
    rows = len(record.X)
    for seen, after in zip(record.layers, record.layers[1:], strict=False):
        assert seen.pull == pytest.approx(rows * (after.delta @ after.W), abs=1e-13)
    last = record.layers[-1]
    assert last.pull == pytest.approx(rows * last.delta, abs=1e-15)


@pytest.mark.parametrize(("loss", "output"), PAIRS)
def test_sample_gradients_average_to_the_batch_gradient(loss, output):
    _, record = recorded(loss, output)
    for seen in record.layers:
        for j in range(len(seen.b)):
            assert seen.sample_gradients(j, None).mean() == pytest.approx(seen.db[j], abs=1e-12)
            for k in range(seen.W.shape[1]):
                assert seen.sample_gradients(j, k).mean() == pytest.approx(seen.dW[j, k], abs=1e-12)


def test_a_sample_gradient_is_the_gradient_of_that_sample_alone():
    t = trainer()
    record, start = t.step(), trainer().network.parameters.copy()
    for i, index in enumerate(record.indices):
        X, Y = t.samples.X_train[[index]], t.samples.Y_train[[index]]
        t.network.parameters[:] = start
        alone = t.network.views(gradient(t.network, t.settings.loss, X, Y))
        dW = [seen.layer_gradients()[0][i] for seen in record.layers]
        for seen, single, own in zip(record.layers, alone, dW, strict=True):
            assert seen.sample_gradients(0, 1)[i] == pytest.approx(single.W[0, 1], abs=1e-14)
            assert seen.sample_gradients(1, None)[i] == pytest.approx(single.b[1], abs=1e-14)
            assert own == pytest.approx(single.W, abs=1e-14)


def test_gradient_norms_are_lengths_of_weights_and_biases_together():
    record = trainer().step()
    expected = [np.sqrt((seen.dW**2).sum() + (seen.db**2).sum()) for seen in record.layers]
    assert record.gradient_norms() == pytest.approx(expected, rel=1e-14)


def test_gradient_norms_include_scale_and_shift():
    seen = (record := rich().step()).layers[1]
    parts = np.concatenate([part.ravel() for part in (seen.dW, seen.db, seen.dgamma, seen.dbeta)])
    assert record.gradient_norms()[1] == pytest.approx(np.linalg.norm(parts), rel=1e-14)


def test_a_record_knows_the_rate_of_its_schedule():
    t = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.5), warmup_steps=2)
    assert t.learning_rate == 0.25
    assert [t.step().learning_rate for _ in range(3)] == [0.25, 0.5, 0.5]
