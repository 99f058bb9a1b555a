import numpy as np

from bplab.engine.timeline import CHECKPOINTS, Checkpoint, Timeline


def checkpoint(step):
    return Checkpoint(step, 0, 0, step, "sgd", np.zeros(1), np.zeros((0, 1)))


def run_to(steps):
    timeline = Timeline(checkpoint(0))
    for step in range(1, steps + 1):
        if timeline.wants(step):
            timeline.add(checkpoint(step))
    return timeline


def reachable(timeline, newest):
    return sorted({timeline.nearest(step).step for step in range(newest + 1)})


def test_a_long_run_keeps_a_bounded_number_of_checkpoints_evenly_spread():
    kept = reachable(run_to(10_000), 10_000)
    assert CHECKPOINTS / 2 <= len(kept) <= CHECKPOINTS
    assert kept[0] == 0
    assert max(np.diff([*kept, 10_000])) <= 10_000 / (CHECKPOINTS / 4)


def test_the_nearest_checkpoint_is_never_later_than_the_step():
    timeline = run_to(1000)
    assert all(timeline.nearest(step).step <= step for step in range(1000))


def test_the_first_checkpoint_is_never_dropped():
    assert run_to(5000).first.step == 0


def test_truncating_forgets_what_came_after():
    timeline = run_to(200)
    timeline.truncate(50)
    assert max(reachable(timeline, 200)) <= 50


def test_truncating_before_everything_leaves_the_first():
    timeline = Timeline(checkpoint(10))
    timeline.add(checkpoint(20))
    timeline.truncate(5)
    assert timeline.first.step == 10
    assert timeline.nearest(100).step == 10
    assert timeline.nearest(3).step == 10
