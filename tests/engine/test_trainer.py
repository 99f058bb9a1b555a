"""One step read three ways, records, time travel, divergence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import BplabError, DivergedError
from tests.engine.build import batch, network, settings, trainer

EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", list(OPTIMIZERS))


def parameters(t):
    return t.network.parameters.copy()


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


def test_phases_go_forward_then_loss_then_backward_then_update():
    kinds = [(p.kind, p.layer) for p in trainer().phases()]
    forward, backward = [("forward", i) for i in (1, 2, 3)], [("backward", i) for i in (3, 2, 1)]
    assert kinds == [*forward, ("loss", None), *backward, ("update", None)]


def test_abandoned_phases_change_nothing():
    t = trainer()
    before = parameters(t)
    phases = t.phases()
    for _ in range(6):
        next(phases)
    assert (parameters(t) == before).all()
    assert t.step_count == 0


def test_record_is_read_only_and_consistent():
    t = trainer()
    before = parameters(t)
    record = t.step()
    assert record.step == 1
    assert (t.samples.X_train[record.indices] == record.X).all()
    for seen, layer in zip(record.layers, t.network.layers, strict=True):
        assert np.allclose(seen.z, seen.a_prev @ seen.W.T + seen.b)
        assert np.allclose(seen.dW, seen.delta.T @ seen.a_prev, atol=1e-15)
        assert np.allclose(seen.W + seen.update_W, layer.W, atol=1e-15)
        for array in (seen.z, seen.a, seen.delta, seen.dW, seen.db, seen.W, seen.pull):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    assert not (parameters(t) == before).all()


def test_sample_gradients_average_to_the_batch_gradient():
    record = trainer().step()
    for seen in record.layers:
        for j in range(len(seen.b)):
            assert seen.sample_gradients(j, None).mean() == pytest.approx(seen.db[j], abs=1e-12)
            assert seen.sample_gradients(j, 0).mean() == pytest.approx(seen.dW[j, 0], abs=1e-12)


def test_every_sample_is_used_once_an_epoch_in_a_new_order():
    t = trainer(rows=30, batch_size=8)
    epochs = [[t.step().indices for _ in range(4)] for _ in range(2)]
    first, second = (np.concatenate(e) for e in epochs)
    assert [len(b) for b in epochs[0]] == [8, 8, 8, 6]
    assert sorted(first) == sorted(second) == list(range(30))
    assert list(first) != list(second)
    assert t.epoch == 2


@EVERY_OPTIMIZER
def test_seek_finds_the_same_bits(optimizer):
    t = trainer(optimizer=OPTIMIZERS.choose(optimizer))
    seen = {0: parameters(t)}
    for step in range(1, 400):
        t.step()
        seen[step] = parameters(t)
    for step in (0, 1, 13, 200, 399, 37):
        t.seek(step)
        assert (parameters(t) == seen[step]).all()


def test_seek_crosses_a_change_of_optimizer():
    t = trainer(optimizer=OPTIMIZERS.choose("adam"))
    t.run(50)
    t.settings = settings(optimizer=OPTIMIZERS.choose("momentum"))
    t.run(50)
    end = parameters(t)
    t.seek(20)
    t.seek(100)
    assert (parameters(t) == end).all()


def test_going_on_from_the_past_with_other_settings_forgets_the_future():
    t = trainer()
    t.run(60)
    t.seek(20)
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.01))
    t.step()
    assert (t.step_count, t.newest) == (21, 21)
    with pytest.raises(BplabError):
        t.seek(60)
    assert t.history.steps[-1, 0] == 21


def test_going_on_from_the_past_with_the_same_settings_replays():
    t = trainer()
    t.run(60)
    end = parameters(t)
    t.seek(20)
    t.run(40)
    assert (parameters(t) == end).all()


def test_restart_goes_back_to_the_start():
    t = trainer()
    start = parameters(t)
    t.run(30)
    t.restart(start)
    assert (parameters(t) == start).all()
    assert (t.step_count, t.epoch, len(t.history.steps)) == (0, 0, 0)


def test_zero_learning_rate_changes_nothing():
    t = trainer(optimizer=OPTIMIZERS.choose("adam", learning_rate=0.0))
    before = parameters(t)
    t.run(20)
    assert (parameters(t) == before).all()


def test_huge_learning_rate_stops_at_the_last_finite_step():
    t = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1e308))
    with pytest.raises(DivergedError) as caught:
        t.run(100)
    assert caught.value.place
    assert t.step_count == caught.value.step - 1
    assert np.isfinite(parameters(t)).all()
    with pytest.raises(DivergedError):
        t.step()
    assert np.isfinite(parameters(t)).all()


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(1e-3, 1e300),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    strength=st.floats(0.0, 100.0),
    seed=st.integers(0, 1000),
)
def test_wild_settings_never_leave_a_non_finite_parameter(rate, optimizer, strength, seed):
    t = trainer(
        optimizer=OPTIMIZERS.choose(optimizer, learning_rate=rate),
        regularizer=REGULARIZERS.choose("l2", strength=strength),
        seed=seed,
    )
    try:
        t.run(40)
    except DivergedError as error:
        assert t.step_count == error.step - 1
    assert np.isfinite(parameters(t)).all()


def test_permuting_hidden_neurons_changes_no_output():
    net = network([3, 5, 2], ["tanh", "identity"])
    X, _ = batch(3, 2)
    before = net.predict(X)
    order = [4, 2, 0, 1, 3]
    first, second = net.layers
    first.W[:], first.b[:], second.W[:] = first.W[order], first.b[order], second.W[:, order]
    assert np.allclose(net.predict(X), before, atol=1e-14)


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


def test_adam_follows_its_definition():
    rng = np.random.default_rng(0)
    p, slots, scratch = rng.normal(size=4), np.zeros((2, 4)), np.empty((2, 4))
    expected, m, v = p.copy(), np.zeros(4), np.zeros(4)
    for t in range(1, 6):
        g = rng.normal(size=4)
        OPTIMIZERS["adam"].update(p, g, slots, t, scratch, **OPTIMIZERS.choose("adam").values)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected -= 0.02 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert p == pytest.approx(expected, abs=1e-14)


def test_momentum_follows_its_definition():
    p, slots, scratch = np.ones(2), np.zeros((1, 2)), np.empty((2, 2))
    for t in (1, 2):
        OPTIMIZERS["momentum"].update(p, np.ones(2), slots, t, scratch, learning_rate=0.1, momentum=0.5)
    assert p == pytest.approx([1 - 0.1 - 0.15] * 2)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_penalty_gradient_equals_central_differences(name):
    entry, W, h = REGULARIZERS[name], np.array([[0.5, -0.3], [1.2, -2.0]]), 1e-6
    found = entry.gradient(W, strength=0.1)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += h
        down[place] -= h
        slope = (entry.value(up, strength=0.1) - entry.value(down, strength=0.1)) / (2 * h)
        assert found[place] == pytest.approx(slope, abs=1e-8)
