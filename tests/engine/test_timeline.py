"""Checkpoints: how many are kept, and which is the nearest."""

from dataclasses import replace

import numpy as np

from bplab.engine.monitor import Monitor
from bplab.engine.timeline import MOST_BYTES, MOST_CHECKPOINTS, Checkpoint, Timeline, first_spacing


def checkpoint(step, size=1):
    return Checkpoint(step, 0, 0, step, "sgd", np.zeros(size), np.zeros((0, size)), np.zeros(0), Monitor())


def run_to(steps):
    timeline = Timeline(checkpoint(0))
    for step in range(1, steps + 1):
        if step >= timeline.next_wanted:
            timeline.add(checkpoint(step))
    return timeline


def reachable(timeline, newest):
    return sorted({timeline.nearest(step).step for step in range(newest + 1)})


def test_a_long_run_keeps_a_bounded_number_of_checkpoints_evenly_spread():
    kept = reachable(run_to(100_000), 100_000)
    assert MOST_CHECKPOINTS / 2 <= len(kept) <= MOST_CHECKPOINTS
    assert kept[0] == 0
    assert max(np.diff([*kept, 100_000])) <= 100_000 / (MOST_CHECKPOINTS / 4)


def test_a_large_network_keeps_fewer_checkpoints():
    assert Timeline(checkpoint(0, MOST_BYTES // 8 // 20)).most == 20


def test_the_nearest_checkpoint_is_never_later_than_the_step():
    timeline = run_to(1000)
    assert all(step - first_spacing(1) < timeline.nearest(step).step <= step for step in range(1000))


def test_the_nearest_checkpoint_of_an_epoch_is_not_within_it():
    first, end, within = (
        replace(checkpoint(step), epoch=e, cursor=c) for step, e, c in ((0, 0, 0), (4, 1, 0), (5, 1, 1))
    )
    timeline = Timeline(first)
    timeline.add(end)
    timeline.add(within)
    assert [timeline.nearest_epoch(epoch).step for epoch in (0, 1, 2)] == [0, 4, 5]


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


def test_the_first_checkpoints_are_closer_where_a_step_takes_longer():
    assert [first_spacing(size) for size in (0, 20, 1024, 8192, 10**6)] == [64, 64, 64, 32, 16]
