"""One step read three ways, the order of the samples, scores and history."""

import math
from contextlib import suppress

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.metrics import accuracy
from bplab.engine.network import Network
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.randomness import permutation
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.trainer import Samples, Trainer
from bplab.errors import BplabError, DivergedError, SettingError
from tests.engine.build import batch, network, parameters, settings, trainer

EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", list(OPTIMIZERS))


@EVERY_OPTIMIZER
@pytest.mark.parametrize("regularizer", list(REGULARIZERS))
def test_step_phases_and_run_give_the_same_bits(optimizer, regularizer):
    choices = {"optimizer": OPTIMIZERS.choose(optimizer), "regularizer": REGULARIZERS.choose(regularizer)}
    one, two, three = (trainer(**choices) for _ in range(3))
    for _ in range(25):
        one.step()
        list(two.phases())
    three.run(25)
    assert (parameters(one) == parameters(two)).all()
    assert (parameters(one) == parameters(three)).all()
    assert (one.checkpoint().slots == three.checkpoint().slots).all()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_phases_go_forward_then_loss_then_backward_then_update(depth):
    kinds = [(p.kind, p.layer) for p in trainer(hidden=[4] * (depth - 1)).phases()]
    layers = range(1, depth + 1)
    forward, backward = [("forward", i) for i in layers], [("backward", i) for i in reversed(layers)]
    assert kinds == [*forward, ("loss", None), *backward, ("update", None)]


@EVERY_OPTIMIZER
def test_abandoned_phases_and_previews_change_nothing(optimizer):
    t, untouched = (trainer(optimizer=OPTIMIZERS.choose(optimizer)) for _ in range(2))
    for _ in range(3):
        t.run(7)
        untouched.run(7)
        before = t.checkpoint()
        phases = t.phases()
        for _ in range(6):
            next(phases)
            assert (parameters(t) == before.parameters).all()
        t.preview()
        assert (t.checkpoint().slots == before.slots).all()
        assert (t.step_count, t.newest, t.checkpoint().updates) == (before.step, before.step, before.updates)
    assert np.array_equal(t.history.steps, untouched.history.steps)
    assert (parameters(t) == parameters(untouched)).all()


def test_a_preview_is_the_record_of_the_step_that_follows():
    t = trainer(optimizer=OPTIMIZERS.choose("adam"))
    t.run(3)
    preview, record = t.preview(), t.step()
    assert (preview.step, preview.epoch, preview.loss) == (record.step, record.epoch, record.loss)
    for seen, done in zip(preview.layers, record.layers, strict=True):
        assert (seen.update_W == done.update_W).all()
        assert (seen.dW == done.dW).all()


def test_a_preview_of_a_step_that_overflows_does_not_warn():
    t = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308))
    t.network.parameters[:] *= 1e200
    t.preview()
    assert t.step_count == 0


def test_a_step_keeps_the_settings_of_its_first_phase():
    t, other = trainer(), trainer()
    phases = t.phases()
    next(phases)
    later = t.settings = settings(optimizer=OPTIMIZERS.choose("adam", learning_rate=5.0), batch_size=3)
    list(phases)
    other.step()
    assert (parameters(t) == parameters(other)).all()
    assert t.settings is later
    assert len(t.step().indices) == 3


def test_running_no_steps_gives_no_record():
    t = trainer()
    assert t.run(0) is None
    assert t.step_count == 0


def test_running_stops_when_the_time_is_over_but_does_a_step():
    t = trainer()
    record = t.run(1_000_000, seconds=0.0)
    assert 1 <= record.step == t.step_count <= 2


@EVERY_OPTIMIZER
@pytest.mark.parametrize("regularizer", list(REGULARIZERS))
def test_zero_learning_rate_changes_nothing(optimizer, regularizer):
    t = trainer(optimizer=OPTIMIZERS.choose(optimizer, learning_rate=0.0), regularizer=REGULARIZERS.choose(regularizer))
    before = parameters(t)
    t.run(20)
    assert (parameters(t) == before).all()


def test_every_sample_is_used_once_an_epoch_in_a_new_order():
    t = trainer(rows=30, batch_size=8)
    epochs = [[t.step().indices for _ in range(4)] for _ in range(2)]
    first, second = (np.concatenate(e) for e in epochs)
    assert [len(b) for b in epochs[0]] == [8, 8, 8, 6]
    assert sorted(first) == sorted(second) == list(range(30))
    assert list(first) != list(second)
    assert t.epoch == 2


def test_the_same_seed_gives_the_same_history():
    one, two = trainer(), trainer()
    one.run(100)
    for _ in range(100):
        two.step()
    assert np.array_equal(one.history.steps, two.history.steps)
    assert np.array_equal(one.history.epochs, two.history.epochs, equal_nan=True)


def test_history_stays_bounded():
    t = trainer(rows=8, hidden=(2,), batch_size=8)
    t.run(20_000)
    assert len(t.history.steps) < 16_000
    assert len(t.history.epochs) < 6_000


def test_a_smaller_last_batch_is_averaged_over_its_own_size():
    t = trainer(rows=10, batch_size=8, hidden=())
    t.step()
    last = t.step()
    (seen,) = last.layers
    assert len(last.indices) == 2
    error = seen.a - last.Y
    assert last.loss == pytest.approx((error**2).sum() / 2 / 2, rel=1e-14)
    assert seen.dW == pytest.approx(error.T @ last.X / 2, rel=1e-12)
    assert seen.pull == pytest.approx(error, rel=1e-14)
    for one, of_samples in zip((seen.dW, seen.db), seen.layer_gradients(), strict=True):
        assert of_samples.mean(axis=0) == pytest.approx(one, rel=1e-12)
    assert seen.sample_gradients(1, 2).mean() == pytest.approx(seen.dW[1, 2], rel=1e-12)


def test_a_batch_larger_than_the_data_is_the_data():
    t = trainer(rows=6, batch_size=100)
    assert sorted(t.step().indices) == list(range(6))
    assert (t.epoch, t.cursor) == (1, 0)


def test_a_batch_size_changed_within_an_epoch_still_uses_every_sample_once():
    t = trainer(rows=30, batch_size=8)
    seen = list(t.step().indices)
    t.settings = settings(batch_size=5)
    while t.cursor:
        seen.extend(t.step().indices)
    assert sorted(seen) == list(range(30))


def test_another_seed_takes_the_samples_in_another_order():
    assert list(trainer(seed=1).step().indices) != list(trainer(seed=2).step().indices)


def test_an_optimizer_remembers_from_step_to_step_and_forgets_when_another_is_chosen():
    choice = OPTIMIZERS.choose("momentum", learning_rate=0.1, momentum=0.5)
    t = trainer(optimizer=choice)
    first, second = (t.step().layers[0] for _ in range(2))
    assert second.update_W == pytest.approx(-0.1 * (0.5 * first.dW + second.dW), abs=1e-15)
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd"))
    t.step()
    t.settings = settings(optimizer=choice)
    anew = t.step().layers[0]
    assert anew.update_W == pytest.approx(-0.1 * anew.dW, abs=1e-15)
    assert t.checkpoint().updates == 1


def test_other_settings_of_an_optimizer_keep_what_it_remembers():
    t = trainer(optimizer=OPTIMIZERS.choose("momentum", learning_rate=0.1, momentum=0.5))
    first = t.step().layers[0]
    t.settings = settings(optimizer=OPTIMIZERS.choose("momentum", learning_rate=0.3, momentum=0.9))
    second = t.step().layers[0]
    assert second.update_W == pytest.approx(-0.3 * (0.9 * first.dW + second.dW), abs=1e-15)


def test_another_seed_takes_effect_at_the_next_step():
    t = trainer(rows=30, seed=1)
    assert list(t.step().indices) == list(permutation(1, 0, 30)[:8])
    t.settings = settings(seed=2)
    assert list(t.step().indices) == list(permutation(2, 0, 30)[8:16])


def test_another_setting_of_the_loss_takes_effect_at_the_next_step():
    t = trainer(rows=8, loss=LOSSES.choose("huber", delta=1e-3), optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.0))
    assert np.abs(t.step().layers[-1].delta).max() <= 1e-3
    t.settings = settings(loss=LOSSES.choose("huber", delta=10.0))
    assert np.abs(t.step().layers[-1].delta).max() > 1e-2


def test_accuracy_uses_the_threshold_of_the_loss():
    X = np.array([[-0.4], [-0.1], [0.1], [0.4], [0.8]])
    Y = (X > 0).astype(float)
    net = Network([1, 1], [ACTIVATIONS.choose("identity")])
    net.parameters[:] = [1.0, 0.0]
    accuracies = [
        Trainer(net, settings(loss=LOSSES.choose(loss)), Samples(X, Y, X[:3], Y[:3], classes=True)).scores()[2:]
        for loss in ("hinge", "mse")
    ]
    assert accuracies == [(1.0, 1.0), (3 / 5, 2 / 3)]


def test_scores_are_those_of_the_whole_data():
    X, Y = batch(3, 3, 20, one_hot=True)
    net = network([3, 4, 3], ["tanh", "softmax"])
    t = Trainer(net, settings(loss=LOSSES.choose("cross_entropy")), Samples(X, Y, X[:7], Y[:7], classes=True))
    a = net.predict(X)
    assert t.scores() == pytest.approx(
        (
            -np.log(a[Y == 1]).mean(),
            -np.log(a[:7][Y[:7] == 1]).mean(),
            accuracy(a, Y),
            accuracy(a[:7], Y[:7]),
        ),
        rel=1e-12,
    )


def test_scores_that_do_not_apply_are_nan():
    X, Y = batch(3, 2)
    t = Trainer(network([3, 2], ["identity"]), settings(), Samples(X, Y, X[:0], Y[:0], classes=False))
    train, *others = t.scores()
    assert train > 0
    assert all(math.isnan(score) for score in others)


def test_every_epoch_is_evaluated_from_the_start_on():
    t = trainer(rows=30, batch_size=8)
    t.run(8)
    assert t.history.epochs[:, :2].tolist() == [[0, 0], [1, 4], [2, 8]]
    assert t.history.epochs[-1, 2] == t.scores().train_loss


def test_an_earlier_history_is_continued_and_not_evaluated_again():
    first = trainer()
    first.run(10)
    t = Trainer(first.network, settings(), first.samples, first.history)
    assert t.history is first.history
    assert len(t.history.epochs) == 3  # the start, and two epochs of four steps


def test_the_history_of_steps_is_that_of_the_records():
    t = trainer()
    records = [t.step() for _ in range(10)]
    expected = [[r.step, r.loss, *r.gradient_norms()] for r in records]
    assert t.history.steps == pytest.approx(np.array(expected), rel=1e-14)


def test_a_straight_line_is_learned_exactly():
    X = np.linspace(-1, 1, 20).reshape(-1, 1)
    net = Network([1, 1], [ACTIVATIONS.choose("identity")])
    t = Trainer(net, settings(batch_size=20), Samples(X, 3 * X - 2, X, 3 * X - 2, classes=False))
    t.run(1000)
    assert net.parameters == pytest.approx([3.0, -2.0], abs=1e-12)


def test_a_preview_keeps_the_reason_why_training_stopped():
    t = trainer(rows=16, batch_size=8, stop_epochs=1)
    t.run(10)
    t.preview()
    assert t.stop_reason == "1 epochs are done."


@pytest.mark.parametrize("go", ["seek", "replay"])
def test_seeking_beyond_a_stop_leaves_no_reason_to_stop(go):
    t = trainer(rows=30, batch_size=8, stop_epochs=5)
    for _ in range(30):
        t.step()
    t.seek(0)
    getattr(t, go)(22)
    assert t.stop_reason == ""


@pytest.mark.parametrize("epochs", [4, 5])  # the step of the stop, 16 or 20, is a checkpoint, or not
def test_the_reason_to_stop_of_a_step_does_not_depend_on_how_one_got_there(epochs):
    t = trainer(rows=30, batch_size=8, stop_epochs=epochs)
    t.run(100)
    reason, at = t.stop_reason, t.step_count
    t.settings = settings()
    t.seek(at - 3)
    t.seek(at)
    assert t.stop_reason == reason


def test_running_statistics_that_are_not_finite_stop_training():
    X, Y = batch(3, 2, 30)
    plan = LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("batch_norm"))
    t = Trainer(network([3, 4, 2], [plan, "identity"]), settings(), Samples(X * 1e200, Y, X[:0], Y[:0], classes=False))
    with suppress(DivergedError):
        t.run(10)
    assert np.isfinite(t.network.statistics).all()


@pytest.mark.parametrize("share", [1.0, 1.5, -0.5])
def test_a_dropout_that_leaves_nothing_is_refused(share):
    with pytest.raises(SettingError):
        Network([3, 4, 2], [LayerPlan(ACTIVATIONS.choose("tanh"), dropout=share), ACTIVATIONS.choose("identity")])


@pytest.mark.parametrize(("loss", "output"), [("binary_cross_entropy", "sigmoid"), ("mse", "identity")])
def test_an_infinite_loss_stops_training_though_every_gradient_is_finite(loss, output):
    X, Y = batch(3, 1, 30)
    net = network([3, 4, 1], ["tanh", output])
    net.layers[1].W[:] = 1e308
    t = Trainer(net, settings(loss=LOSSES.choose(loss)), Samples(X, Y, X[:0], Y[:0], classes=False))
    with pytest.raises(DivergedError) as caught:
        t.run(3)
    assert caught.value.step == 1
    assert np.isfinite(parameters(t)).all()


def test_metrics_are_those_of_training_and_of_test_data():
    X, Y = batch(3, 2, 40, one_hot=True)
    chosen = settings(loss=LOSSES.choose("cross_entropy"))
    t = Trainer(network([3, 4, 2], ["tanh", "softmax"]), chosen, Samples(X, Y, X[:9], Y[:9], classes=True))
    train, test = t.metrics()
    assert (train.confusion.sum(), test.confusion.sum()) == (40, 9)
    assert train.accuracy == t.scores().train_accuracy
    train, test = trainer(rows=30).metrics()
    assert train.rmse.shape == test.r2.shape == (2,)
    no_test = Trainer(network([3, 2], ["identity"]), settings(), Samples(X, Y, X[:0], Y[:0], classes=False))
    assert no_test.metrics()[1] is None


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_every_gradient_of_the_next_step_is_checked_on_a_copy(dtype, weights):
    X, Y = batch(3, 2, 40, one_hot=True)
    plan = LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose("layer_norm"), dropout=0.3)
    chosen = settings(loss=LOSSES.choose("cross_entropy"), class_weights=weights)
    net = network([3, 4, 2], [plan, "softmax"], dtype=dtype)
    t = Trainer(net, chosen, Samples(X, Y, X[:0], Y[:0], classes=True))
    t.run(5)
    before, told = parameters(t), []
    parts = t.check_gradients(told.append)
    assert [(part.layer, part.symbol) for part in parts] == [
        *((1, symbol) for symbol in ("W", "b", "gamma", "beta")),
        *((2, symbol) for symbol in ("W", "b")),
    ]
    assert not any(part.failed for part in parts)
    assert sum(told) == len(before)
    assert (parameters(t) == before).all()


def test_gradients_of_an_infinite_loss_are_not_compared():
    t = trainer()
    t.network.parameters[:] = 1e200
    with pytest.raises(BplabError, match="nothing to compare"):
        t.check_gradients()
