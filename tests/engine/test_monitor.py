"""What training does when it sees its own loss: reduce the rate on a plateau, and stop."""

import math

import numpy as np
import pytest

from bplab.engine.losses import LOSSES
from bplab.engine.metrics import Scores
from bplab.engine.monitor import Monitor, after_epoch, begun, stop, watches
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.engine.settings import Stretch
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, parameters, settings, trainer

STILL = OPTIMIZERS.choose("sgd", learning_rate=0.0)


def scores(train_loss, test_loss=math.nan, train_accuracy=math.nan, test_accuracy=math.nan):
    return Scores(train_loss, test_loss, train_accuracy, test_accuracy)


def seen(losses, **changes):
    """The monitor after each of the epochs with these training losses."""
    found, chosen = [Monitor()], settings(**changes)
    for loss in losses:
        found.append(after_epoch(found[-1], chosen, scores(loss)))
    return found[1:]


def plateau(**changes):
    return {"schedule": SCHEDULES.choose("reduce_on_plateau", **changes)}


def test_the_rate_falls_after_more_epochs_than_patience_without_a_better_loss():
    # 1 is the best; then 1.1, 1.0 and 1.2 bring none: more than 2. Then it takes three more.
    found = seen([1.0, 1.1, 1.0, 1.2, 1.3, 1.3, 1.3, 0.9, 0.9], **plateau(factor=0.5, patience=2))
    assert [m.scale for m in found] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert [m.bad for m in found] == [0, 1, 2, 0, 1, 2, 0, 0, 1]
    assert [m.best for m in found] == [1.0] * 7 + [0.9] * 2


def test_without_patience_the_first_epoch_that_is_not_better_counts():
    assert [m.scale for m in seen([1.0, 0.9, 0.9, 0.8], **plateau(factor=0.1, patience=0))] == [1, 1, 0.1, 0.1]


def test_a_loss_counts_as_better_only_below_the_threshold():
    found = seen([1.0, 0.91, 0.9, 0.89, 0.85], **plateau(factor=0.5, patience=100, threshold=0.1))
    assert [m.best for m in found] == [1.0, 1.0, 1.0, 0.89, 0.89]


def test_other_schedules_do_not_touch_the_rate():
    assert {m.scale for m in seen([1.0] * 50)} == {1.0}


def test_the_loss_and_accuracy_watched_are_those_of_the_test_data_where_there_are_any():
    with_test = after_epoch(Monitor(), settings(), scores(1.0, 2.0, 0.5, 0.25))
    without = after_epoch(Monitor(), settings(), scores(1.0, train_accuracy=0.5))
    assert (with_test.loss, with_test.accuracy) == (2.0, 0.25)
    assert (without.loss, without.accuracy) == (1.0, 0.5)


def test_epochs_are_waited_since_the_lowest_loss():
    found = seen([3.0, 2.0, 2.0, 2.5, 1.0, 1.0])
    assert [m.waited for m in found] == [0, 0, 1, 2, 0, 1]
    assert [m.lowest for m in found] == [3, 2, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({}, False),
        ({"stop_epochs": 5}, False),
        ({"stop_loss": 0.0}, True),
        ({"stop_accuracy": 0.9}, True),
        ({"stop_patience": 3}, True),
        (plateau(), True),
    ],
)
def test_losses_are_looked_at_only_where_something_depends_on_them(changes, watched):
    assert watches(settings(**changes)) is watched


def test_a_schedule_chosen_anew_forgets_its_plateau_but_not_the_lowest_loss():
    before = Monitor(origin=0.0, best=1.0, bad=3.0, scale=0.5, lowest=0.9, waited=4.0, loss=1.0, accuracy=0.5)
    same, anew = (begun(before, Stretch(20, settings(), origin=origin)) for origin in (0, 20))
    assert same is before
    assert anew == before._replace(origin=20.0, best=math.inf, bad=0.0, scale=1.0)


@pytest.mark.parametrize(
    ("changes", "now", "epoch", "reason"),
    [
        ({}, Monitor(loss=0.0, accuracy=1.0), 7, ""),
        ({"stop_epochs": 7}, Monitor(), 7, "7 epochs are done."),
        ({"stop_epochs": 7}, Monitor(), 6, ""),
        ({"stop_epochs": 7}, Monitor(met_epochs=7), 8, ""),
        ({"stop_epochs": 7}, Monitor(), 8, "8 epochs are done."),  # it was set late
        ({"stop_epochs": 9}, Monitor(met_epochs=7), 9, "9 epochs are done."),
        ({"stop_loss": 0.5}, Monitor(loss=0.25), 1, "The loss, 0.25, has reached 0.5."),
        ({"stop_loss": 0.5}, Monitor(loss=0.5), 1, "The loss, 0.5, has reached 0.5."),
        ({"stop_loss": 0.5}, Monitor(loss=0.51), 1, ""),
        ({"stop_loss": 0.5}, Monitor(loss=0.4, met_loss=0.5), 1, ""),
        ({"stop_loss": 0.45}, Monitor(loss=0.4, met_loss=0.5), 1, "The loss, 0.4, has reached 0.45."),
        ({"stop_accuracy": 0.9}, Monitor(accuracy=0.95), 1, "The accuracy, 95.0%, has reached 90.0%."),
        ({"stop_accuracy": 0.9}, Monitor(accuracy=0.95, met_accuracy=0.9), 1, ""),
        ({"stop_accuracy": 0.9}, Monitor(accuracy=0.89), 1, ""),
        ({"stop_accuracy": 0.9}, Monitor(accuracy=math.nan), 1, ""),
        (
            {"stop_patience": 3},
            Monitor(waited=3, lowest=0.125),
            9,
            "The loss has not fallen for 3 epochs; its lowest was 0.125.",
        ),
        ({"stop_patience": 3}, Monitor(waited=2), 9, ""),
        (
            {"stop_patience": 3},
            Monitor(waited=4, lowest=0.125),
            9,
            "The loss has not fallen for 4 epochs; its lowest was 0.125.",
        ),
    ],
)
def test_training_stops_when_a_condition_is_met_says_which_and_can_go_on(changes, now, epoch, reason):
    after, said = stop(now, settings(**changes), epoch)
    assert said == reason
    assert stop(after, settings(**changes), epoch)[1] == ""
    if not reason:
        assert after is now


def stopped(t, reason, beyond=20):
    """Run until it stops, and again beyond: a condition stops once."""
    record = t.run(10_000)
    assert reason in t.stop_reason
    assert record.step == t.step_count < 10_000
    assert t.cursor == 0
    at = t.step_count
    t.run(beyond)
    assert (t.step_count, t.stop_reason) == (at + beyond, "")
    return at


def test_a_number_of_epochs_stops_once():
    assert stopped(trainer(rows=30, batch_size=8, stop_epochs=5), "5 epochs are done") == 20


def test_a_target_loss_stops_once():
    # At a small rate the loss falls at every epoch and crosses the target once.
    t = trainer(rows=30, stop_loss=0.05, optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.02))
    at = stopped(t, "has reached 0.05")
    before, after = (row[3] for row in t.history.epochs if row[1] in (at - 4, at))
    assert after <= 0.05 < before


def test_patience_stops_and_begins_anew():
    t = trainer(optimizer=STILL, stop_patience=3)
    assert stopped(t, "has not fallen for 3 epochs", beyond=10) == 4 * 4  # the first epoch sets the mark
    t.run(10_000)
    assert t.step_count == 7 * 4  # and again, after as many epochs


def test_a_target_accuracy_stops_once():
    X, _ = batch(3, 2, 40)
    Y = np.eye(2)[(X[:, 0] > 0).astype(int)]
    chosen = settings(loss=LOSSES.choose("cross_entropy"), stop_accuracy=0.95)
    t = Trainer(network([3, 4, 2], ["tanh", "softmax"]), chosen, Samples(X, Y, X[:0], Y[:0], classes=True))
    stopped(t, "has reached 95.0%")
    assert t.scores().train_accuracy >= 0.9


def test_a_run_that_stops_does_the_same_steps_as_one_that_does_not():
    t, free = trainer(stop_epochs=3), trainer()
    record = t.run(100)
    free.run(11)
    expected = free.step()
    assert (record.step, record.loss) == (expected.step, expected.loss)
    assert (record.layers[0].update_W == expected.layers[0].update_W).all()
    assert (parameters(t) == parameters(free)).all()
    assert np.array_equal(t.history.steps, free.history.steps)


def test_single_steps_and_phases_also_say_that_a_condition_is_met():
    t = trainer(rows=16, batch_size=8, stop_epochs=1)
    t.step()
    assert t.stop_reason == ""
    t.step()
    assert t.stop_reason == "1 epochs are done."
    t.settings = settings(stop_epochs=2)
    t.step()
    assert t.stop_reason == ""
    list(t.phases())
    assert t.stop_reason == "2 epochs are done."


def test_a_step_that_is_asked_for_as_the_last_may_be_the_one_that_stops():
    t = trainer(rows=16, batch_size=8, stop_epochs=1)
    assert t.run(2).step == 2
    assert t.stop_reason == "1 epochs are done."


def test_restarting_forgets_why_training_stopped():
    t = trainer(rows=16, batch_size=8, stop_epochs=1)
    start = parameters(t)
    t.run(10)
    t.restart(start)
    assert (t.stop_reason, t.step_count) == ("", 0)


def test_a_plateau_reduces_the_rate_of_the_steps_that_follow_until_another_schedule_begins():
    crawl = OPTIMIZERS.choose("sgd", learning_rate=1e-9)
    halved, quartered = (settings(optimizer=crawl, **plateau(factor=f, patience=1)) for f in (0.5, 0.25))
    t = trainer(rows=16, batch_size=8)
    rates = []
    for chosen in (halved, quartered):
        t.settings = chosen
        for _ in range(5):
            t.run(4)  # two epochs of two steps; the first epoch of a schedule sets the mark, two more make a fall
            rates.append(t.learning_rate)
    falls = [1.0, 0.5, 0.25, 0.125, 0.0625]
    assert rates[:5] == pytest.approx([1e-9 * r for r in falls], rel=1e-12, abs=0)
    assert rates[5:] == pytest.approx([1e-9 * r * r for r in falls], rel=1e-12, abs=0)
