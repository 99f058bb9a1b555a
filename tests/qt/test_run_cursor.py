"""Where "now" is: by phases, samples, batches and epochs, forward and back."""

import random

import numpy as np
import pytest

from bplab import Experiment
from bplab.experiment import edits
from bplab.qt.run_cursor import RunCursor

GRAINS = ("operation", "phase", "sample", "batch", "epoch")


@pytest.fixture
def experiment():
    return Experiment.new("iris", hidden=[4, 3], batch_size=5)  # 120 training samples: 24 steps an epoch


@pytest.fixture
def cursor(experiment):
    return RunCursor(experiment.trainer(), None)


def where(cursor):
    return cursor.trainer.step_count, cursor.phase, cursor.layer, cursor.sample


def test_samples_of_a_batch_come_one_by_one_and_then_the_update(cursor):
    for sample in range(5):
        cursor.step("sample")
        assert where(cursor) == (0, "backward", None, sample)
    cursor.step("sample")
    assert where(cursor) == (1, "update", None, None)
    cursor.step("sample")
    assert where(cursor) == (1, "backward", None, 0)


def test_samples_begin_where_the_phases_are(cursor):
    cursor.step("phase")
    cursor.step("sample")
    assert where(cursor) == (0, "backward", None, 0)
    cursor.step("phase")
    assert where(cursor) == (1, "update", None, None)


def test_samples_go_back_over_the_update(cursor):
    cursor.step("batch")
    before = cursor.trainer.network.parameters.copy()
    cursor.step_back("sample")
    assert where(cursor) == (0, "backward", None, 4)
    cursor.step_back("sample")
    assert where(cursor) == (0, "backward", None, 3)
    for _ in range(4):
        cursor.step_back("sample")
    assert where(cursor) == (0, None, None, None)
    cursor.step("batch")
    assert (cursor.trainer.network.parameters == before).all()


def test_at_the_beginning_there_is_no_way_back(cursor):
    for grain in GRAINS:
        cursor.step_back(grain)
        assert where(cursor) == (0, None, None, None)


def test_a_batch_after_an_update_by_phases_is_a_new_step(cursor):
    for _ in range(8):
        cursor.step("phase")
    assert where(cursor) == (1, "update", None, None)
    cursor.step("batch")
    assert where(cursor) == (2, None, None, None)


def test_a_batch_finishes_the_step_that_was_begun(cursor):
    for grain in ("phase", "sample"):
        done = cursor.trainer.step_count
        cursor.step(grain)
        cursor.step("batch")
        assert cursor.trainer.step_count == done + 1


def test_an_epoch_after_its_last_update_by_phases_is_a_whole_one(cursor):
    cursor.step("epoch")
    cursor.step_back("phase")
    cursor.step("phase")
    assert where(cursor) == (24, "update", None, None)
    cursor.step("epoch")
    assert cursor.trainer.step_count == 48


@pytest.mark.parametrize("begun", ["phase", "sample"])
def test_another_setting_shows_the_same_moment_of_the_step_anew(experiment, cursor, begun):
    for _ in range(3):
        cursor.step(begun)
    here = where(cursor)
    experiment.apply(edits.change_training(experiment.spec, batch_size=7))
    cursor.begin_again()
    assert where(cursor) == here
    assert len(cursor.record.indices) == 7
    cursor.step("batch")
    assert cursor.trainer.step_count == 1
    assert len(cursor.record.indices) == 7


def test_a_smaller_batch_keeps_the_sample_within_it(experiment, cursor):
    for _ in range(5):
        cursor.step("sample")
    experiment.apply(edits.change_training(experiment.spec, batch_size=2))
    cursor.begin_again()
    assert where(cursor) == (0, "backward", None, 1)


@pytest.mark.parametrize("grain", GRAINS)
def test_going_back_after_another_setting_shows_the_step_as_it_was(experiment, cursor, grain):
    states = [cursor.trainer.network.parameters.copy()]
    for _ in range(30):
        cursor.step("batch")
        states.append(cursor.trainer.network.parameters.copy())
    losses = cursor.record.loss
    rate = experiment.spec.training.optimizer.values["learning_rate"]
    optimizer = experiment.spec.training.optimizer
    faster = type(optimizer)(
        optimizer.name, tuple((k, 10 * rate if k == "learning_rate" else v) for k, v in optimizer.settings)
    )
    experiment.apply(edits.change_training(experiment.spec, optimizer=faster, batch_size=9))
    cursor.begin_again()
    cursor.step_back(grain)
    assert (cursor.trainer.network.parameters == states[cursor.trainer.step_count]).all()
    if grain in ("phase", "sample"):
        assert cursor.record.loss == losses
        assert len(cursor.record.indices) == 5
    if grain == "epoch":
        assert cursor.trainer.step_count == 24


def test_going_on_as_fast_as_it_goes_finishes_the_step_that_was_begun(experiment, cursor):
    other = Experiment.new("iris", hidden=[4, 3], batch_size=5)
    cursor.step("phase")
    cursor.run(0.0)
    steps = cursor.trainer.step_count
    assert steps >= 2
    other.trainer().run(steps)
    assert np.array_equal(other.network.parameters, cursor.trainer.network.parameters)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_thousand_steps_to_and_fro_at_random_grains_return_to_the_same_bits(optimizer):
    experiment = Experiment.new("iris", hidden=[4, 3], batch_size=30, optimizer=optimizer)
    trainer, rng = experiment.trainer(), random.Random(7)
    cursor, known = RunCursor(trainer, None), {0: experiment.network.parameters.copy()}
    for step in range(1, 41):
        trainer.step()
        known[step] = experiment.network.parameters.copy()
    cursor.seek(20)
    for _ in range(1000):
        go = cursor.step if rng.random() < 0.5 else cursor.step_back
        go(rng.choice(GRAINS))
        step = trainer.step_count
        if step in known:
            assert (experiment.network.parameters == known[step]).all()
        else:
            known[step] = experiment.network.parameters.copy()
    cursor.seek(40)
    assert (experiment.network.parameters == known[40]).all()
