"""Any step of a run again, to the same bits: seek, replay, restart, resume."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.settings import Stretch
from bplab.engine.timeline import MOST_CHECKPOINTS
from bplab.errors import BplabError
from tests.engine.build import parameters, settings, trainer

EVERY_OPTIMIZER = pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
SMALL_RATE = OPTIMIZERS.choose("sgd", learning_rate=0.01)
CHANGES = [
    {},
    {"optimizer": OPTIMIZERS.choose("momentum")},
    {"optimizer": OPTIMIZERS.choose("adam")},
    {"optimizer": OPTIMIZERS.choose("adam", learning_rate=0.1), "batch_size": 5},
    {"regularizer": REGULARIZERS.choose("l1", strength=0.01)},
    {"loss": LOSSES.choose("half_squared_error"), "seed": 11},
]


def same(one, two):
    a, b = one.checkpoint(), two.checkpoint()
    counters = [(c.step, c.epoch, c.cursor, c.updates, c.optimizer) for c in (a, b)]
    return counters[0] == counters[1] and (a.parameters == b.parameters).all() and (a.slots == b.slots).all()


@EVERY_OPTIMIZER
def test_seek_finds_the_same_bits(optimizer):
    t = trainer(optimizer=OPTIMIZERS.choose(optimizer))
    seen = {0: t.checkpoint()}
    for step in range(1, 400):
        t.step()
        seen[step] = t.checkpoint()
    for step in (0, 1, 13, 200, 399, 37, 38, 300):
        t.seek(step)
        assert t.step_count == step
        assert (parameters(t) == seen[step].parameters).all()
        assert (t.checkpoint().slots == seen[step].slots).all()
        assert (t.epoch, t.cursor) == (seen[step].epoch, seen[step].cursor)


@EVERY_OPTIMIZER
def test_going_there_again_and_again_finds_the_same_bits(optimizer):
    t, once = (trainer(optimizer=OPTIMIZERS.choose(optimizer)) for _ in range(2))
    t.run(300)
    once.run(101)
    for _ in range(3):
        t.seek(0)
        t.seek(101)
        assert same(t, once)
        t.seek(300)
        t.seek(101)
        assert same(t, once)


def test_seek_crosses_every_change_of_settings():
    t, seen = trainer(), {}
    for change in CHANGES + CHANGES[::-1]:
        t.settings = settings(**change)
        for _ in range(13):
            t.step()
            seen[t.step_count] = parameters(t)
    present = t.settings
    for step in (1, 13, 14, 26, 40, 77, 78, 79, 150, len(seen), 5):
        t.seek(step)
        assert (parameters(t) == seen[step]).all()
        assert t.settings is present


def test_seek_leaves_history_and_newest_step_alone():
    t = trainer()
    t.run(60)
    before = t.history.steps, t.history.epochs
    t.seek(10)
    assert t.newest == 60
    assert np.array_equal(t.history.steps, before[0])
    assert np.array_equal(t.history.epochs, before[1], equal_nan=True)


@pytest.mark.parametrize("step", [-1, 61])
def test_a_step_that_the_run_does_not_have_is_refused(step):
    t = trainer()
    t.run(60)
    with pytest.raises(BplabError, match="cannot be reached.*steps 0 to 60"):
        t.seek(step)
    assert t.step_count == 60


def test_a_long_run_keeps_a_bounded_number_of_checkpoints():
    t = trainer(rows=8, hidden=())
    t.run(3000)
    kept = {t.timeline.nearest(step).step for step in range(3001)}
    assert len(kept) <= MOST_CHECKPOINTS
    assert max(np.diff(sorted(kept))) <= 128


def test_going_on_from_the_past_with_the_same_settings_replays_the_run():
    t, whole = trainer(), trainer()
    t.run(60)
    t.seek(20)
    t.settings = settings()  # equal, not identical
    t.run(10)
    assert t.newest == 60
    t.run(70)
    whole.run(100)
    assert same(t, whole)
    assert np.array_equal(t.history.steps, whole.history.steps)
    assert np.array_equal(t.history.epochs, whole.history.epochs, equal_nan=True)


def test_going_on_from_the_past_with_other_settings_forgets_the_future():
    t = trainer()
    t.run(60)
    t.seek(20)
    t.settings = settings(optimizer=SMALL_RATE)
    assert t.newest == 60
    t.step()
    assert (t.step_count, t.newest) == (21, 21)
    assert t.history.steps[-1, 0] == 21
    assert t.history.epochs[-1, 1] <= 21
    with pytest.raises(BplabError):
        t.seek(60)
    assert [stretch.step for stretch in t.log] == [0, 20]


def test_going_on_before_a_change_of_settings_forgets_what_it_led_to():
    t = trainer()
    t.run(20)
    t.settings = settings(optimizer=SMALL_RATE)
    t.run(20)
    t.seek(10)
    t.settings = settings()
    t.run(30)
    whole = trainer()
    whole.run(40)
    assert same(t, whole)
    assert {stretch.settings.optimizer for stretch in t.log} == {settings().optimizer}


def test_settings_that_no_step_used_are_not_logged():
    t = trainer()
    for change in CHANGES:
        t.settings = settings(**change)
    t.step()
    assert t.log == (Stretch(0, t.settings),)


@EVERY_OPTIMIZER
def test_a_replayed_step_is_shown_as_it_was_and_keeps_the_future(optimizer):
    t = trainer(optimizer=OPTIMIZERS.choose(optimizer))
    records = [t.step() for _ in range(30)]
    t.settings = present = settings(optimizer=SMALL_RATE, batch_size=3)
    records += [t.step() for _ in range(10)]
    end = parameters(t)
    for step in (1, 30, 31, 12, 40):
        again, was = t.replay(step), records[step - 1]
        assert (again.step, again.epoch, again.loss) == (step, was.epoch, was.loss)
        assert (again.indices == was.indices).all()
        assert all((a.update_W == b.update_W).all() for a, b in zip(again.layers, was.layers, strict=True))
        assert (t.step_count, t.newest) == (step, 40)
        assert t.settings is present
    assert (parameters(t) == end).all()


@pytest.mark.parametrize("step", [0, -3, 6])
def test_a_step_that_was_not_done_cannot_be_replayed(step):
    t = trainer()
    t.run(5)
    with pytest.raises(BplabError, match="cannot be shown again"):
        t.replay(step)
    assert t.step_count == 5


@EVERY_OPTIMIZER
def test_restart_goes_back_to_the_start_and_gives_the_same_run(optimizer):
    t, once = (trainer(optimizer=OPTIMIZERS.choose(optimizer)) for _ in range(2))
    start = parameters(t)
    t.run(30)
    t.restart(start)
    assert (parameters(t) == start).all()
    assert (t.step_count, t.epoch, t.cursor, t.newest, len(t.history.steps)) == (0, 0, 0, 0, 0)
    t.run(30)
    once.run(30)
    assert same(t, once)
    assert np.array_equal(t.history.epochs, once.history.epochs, equal_nan=True)


@EVERY_OPTIMIZER
@pytest.mark.parametrize("steps", [1, 4, 50])
def test_resuming_from_a_checkpoint_equals_the_uninterrupted_run(optimizer, steps):
    choice = OPTIMIZERS.choose(optimizer)
    whole, first, second = (trainer(optimizer=choice) for _ in range(3))
    start = first.checkpoint()
    first.run(steps)
    second.resume(first.checkpoint(), start, first.log)
    second.run(50)
    whole.run(steps + 50)
    assert same(second, whole)
    for at in (0, steps, steps + 20):
        second.seek(at)
        whole.seek(at)
        assert same(second, whole)


def test_resuming_without_a_start_reaches_back_to_the_checkpoint():
    first, second = trainer(), trainer()
    first.run(20)
    second.resume(first.checkpoint())
    second.run(5)
    assert (second.earliest, second.newest) == (20, 25)
    with pytest.raises(BplabError, match="steps 20 to 25"):
        second.seek(19)


def test_resuming_at_the_start_is_the_start():
    first, second = trainer(), trainer()
    second.resume(first.checkpoint(), first.checkpoint())
    assert (second.earliest, second.newest, second.step_count) == (0, 0, 0)


ACTIONS = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 9)),
    st.tuples(st.just("step"), st.none()),
    st.tuples(st.just("phases"), st.integers(1, 8)),
    st.tuples(st.just("seek"), st.floats(0, 1)),
    st.tuples(st.just("replay"), st.floats(0, 1)),
    st.tuples(st.just("change"), st.integers(0, len(CHANGES) - 1)),
)


def act(t, kind, value):
    if kind == "run":
        t.run(value)
    elif kind == "step":
        t.step()
    elif kind == "phases":
        for _, _phase in zip(range(value), t.phases(), strict=False):
            pass
    elif kind == "seek":
        t.seek(round(value * t.newest))
    elif kind == "replay" and t.newest:
        t.replay(max(1, round(value * t.newest)))
    elif kind == "change":
        t.settings = settings(**CHANGES[value])


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=25))
def test_whatever_was_done_the_log_repeats_the_run(actions):
    t, again = trainer(rows=13, hidden=(3,)), trainer(rows=13, hidden=(3,))
    for kind, value in actions:
        act(t, kind, value)
    t.seek(t.newest)
    for step in range(t.newest):
        again.settings = next(s.settings for s in reversed(t.log) if s.step <= step)
        again.step()
    assert same(t, again)
    assert np.array_equal(t.history.steps, again.history.steps)


def test_phases_of_a_past_step_are_those_of_its_time_and_keep_the_future():
    t = trainer()
    t.run(10)
    record = t.step()
    t.settings = settings(optimizer=OPTIMIZERS.choose("adam"), loss=LOSSES.choose("half_squared_error"))
    t.run(5)
    t.seek(10)
    phases = list(t.phases(again=True))
    for phase in phases:
        assert (phase.record.layers[0].dW == record.layers[0].dW).all()
        assert phase.record.settings == record.settings
    assert (phases[-1].record.layers[0].update_W == record.layers[0].update_W).all()
    assert (t.step_count, t.newest) == (11, 16)


def test_the_beginning_of_an_epoch_is_found_across_changes_of_the_batch_size():
    t, begins = trainer(), {0: 0}
    for size in (8, 7, 8, 30, 1, 4, 13):
        t.settings = settings(batch_size=size)
        for _ in range(5):
            t.step()
            if not t.cursor:
                begins[t.epoch] = t.step_count
    for epoch, step in reversed(begins.items()):
        t.seek(t.newest)
        t.seek_epoch(epoch)
        assert (t.epoch, t.cursor, t.step_count) == (epoch, 0, step)
