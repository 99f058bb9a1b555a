"""Any step of a run again, to the same bits: seek, replay, restart, resume."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bplab.engine import timeline
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.engine.settings import RunLog, Stretch
from bplab.engine.timeline import MOST_CHECKPOINTS
from bplab.engine.trainer import Samples, Trainer
from bplab.errors import BplabError
from tests.engine.build import batch, network, parameters, settings, trainer

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


@pytest.fixture(autouse=True, scope="module")
def checkpoints_close_together():
    """Short runs too go back by checkpoints, not from their beginning alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "MOST_SPACING", 4)
        patch.setattr(timeline, "LEAST_SPACING", 1)
        yield


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
    assert max(np.diff(sorted(kept))) <= 3000 / (MOST_CHECKPOINTS / 4)


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


def test_resuming_with_a_log_repeats_every_change_of_settings():
    first, second = trainer(), trainer()
    start, seen = first.checkpoint(), []
    for change in (*CHANGES, {"schedule": SCHEDULES.choose("exponential", gamma=0.9)}):
        first.settings = settings(**change)
        for _ in range(7):
            first.step()
            seen.append(parameters(first))
    second.resume(first.checkpoint(), start, first.log)
    second.settings = first.settings
    for step in (3, 20, 36, 41, 44, 49):
        second.seek(step)
        assert (parameters(second) == seen[step - 1]).all()
    first.run(20)
    second.run(20)
    assert same(first, second)


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


def plan(activation="tanh", normalization="none", **more):
    return LayerPlan(ACTIVATIONS.choose(activation), NORMALIZATIONS.choose(normalization), **more)


def still(**changes):
    return {"optimizer": OPTIMIZERS.choose("sgd", learning_rate=1e-6), **changes}


# What a step depends on beside parameters and slots: running statistics, masks, losses seen, counters.
KINDS = {
    "batch norm": ([plan(normalization="batch_norm"), plan()], {}),
    "layer norm": ([plan(normalization="layer_norm"), plan()], {}),
    "dropout": ([plan(dropout=0.4), plan(dropout=0.2)], {}),
    "skip": ([plan(), plan(skip=1)], {}),
    "reduce on plateau": (
        [plan(), plan()],
        still(schedule=SCHEDULES.choose("reduce_on_plateau", factor=0.7, patience=1, threshold=0.5)),
    ),
    "one cycle": ([plan(), plan()], {"schedule": SCHEDULES.choose("one_cycle", steps=150), "warmup_steps": 20}),
    "nadam": ([plan(), plan()], {"optimizer": OPTIMIZERS.choose("nadam")}),
    "early stopping": ([plan(), plan()], still(stop_patience=3, stop_loss=0.2, stop_accuracy=0.5, stop_epochs=11)),
    "class weights": ([plan(), plan()], {"class_weights": "balanced"}),
    "everything": (
        [plan(normalization="batch_norm", dropout=0.3), plan(normalization="layer_norm", dropout=0.2, skip=1)],
        {
            "optimizer": OPTIMIZERS.choose("nadam"),
            "schedule": SCHEDULES.choose("reduce_on_plateau", factor=0.7, patience=0, threshold=0.5),
            "warmup_steps": 10,
            "regularizer": REGULARIZERS.choose("max_norm", largest=0.6),
            "clipping": CLIPPINGS.choose("norm", largest=0.05),
        },
    ),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def of_kind(kind, dtype="float64"):
    plans, changes = KINDS[kind]
    X, Y = batch(3, 2, 30, one_hot=True)
    net = network([3, 4, 4, 2], [*plans, "identity"], dtype=dtype)
    return Trainer(net, settings(**changes), Samples(X, Y, X[:5], Y[:5], classes=True))


def same_state(one, two):
    assert (one.parameters == two.parameters).all()
    assert (one.slots == two.slots).all()
    assert (one.statistics == two.statistics).all()
    assert one.monitor == two.monitor
    assert (one.step, one.epoch, one.cursor, one.updates) == (two.step, two.epoch, two.cursor, two.updates)


@EVERY_KIND
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_seek_finds_the_same_state_with_every_kind_of_memory(kind, dtype):
    t = of_kind(kind, dtype)
    seen = [t.checkpoint()]
    records = []
    for _ in range(200):
        records.append(t.step())
        seen.append(t.checkpoint())
    for step in (0, 3, 17, 100, 101, 199, 200, 64, 31):
        t.seek(step)
        same_state(t.checkpoint(), seen[step])
        again = t.replay(step + 1) if step < 200 else t.replay(200)
        was = records[again.step - 1]
        assert (again.loss, again.learning_rate) == (was.loss, was.learning_rate)
        assert all((a.update_W == b.update_W).all() for a, b in zip(again.layers, was.layers, strict=True))


@EVERY_KIND
def test_step_phases_and_run_agree_with_every_kind_of_memory(kind):
    one, two, three = (of_kind(kind) for _ in range(3))
    for _ in range(60):
        one.step()
        list(two.phases())
    while three.step_count < 60:  # a stop condition ends a run early
        three.run(60 - three.step_count)
    same_state(one.checkpoint(), two.checkpoint())
    same_state(one.checkpoint(), three.checkpoint())
    assert np.array_equal(one.history.epochs, three.history.epochs)


@EVERY_KIND
def test_resuming_goes_on_with_every_kind_of_memory(kind):
    whole, first, second = (of_kind(kind) for _ in range(3))
    for t, steps in ((whole, 90), (first, 37)):
        for _ in range(steps):
            t.step()
    second.resume(first.checkpoint(), log=first.log)
    for _ in range(53):
        second.step()
    same_state(second.checkpoint(), whole.checkpoint())


def test_the_plateau_was_reached_in_these_runs():
    t = of_kind("reduce on plateau")
    t.run(200)
    assert t.checkpoint().monitor.scale < 0.1


def test_a_run_log_knows_when_each_stretch_began_and_ended():
    one, two, three = (settings(seed=seed) for seed in (1, 2, 3))
    log = RunLog([Stretch(0, one)])
    log.add(10, two, "numpy")
    log.add(30, three, "numpy")
    assert [log.at(step).settings for step in (0, 9, 10, 29, 30, 99)] == [one, one, two, two, three, three]
    assert [log.end_of(stretch) for stretch in log.stretches] == [10, 30, None]
    assert log.last == Stretch(30, three)
    assert log.same_from(30, three)
    assert not log.same_from(29, three)
    log.add(10, three, "numpy")
    assert log.stretches == (Stretch(0, one), Stretch(10, three))


def test_adding_at_the_very_beginning_replaces_everything():
    log = RunLog([Stretch(0, settings())])
    log.add(0, settings(seed=9), "numpy")
    assert log.stretches == (Stretch(0, settings(seed=9)),)
