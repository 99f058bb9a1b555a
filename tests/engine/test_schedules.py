"""Schedules at steps that are known, and their beginning and end."""

import math

import pytest

from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.schedules import SCHEDULES, factor
from tests.engine.build import settings, trainer

ONE_CYCLE = {"steps": 101, "rise": 0.5, "start_divisor": 10.0, "end_divisor": 100.0}  # its top is step 49.5
KNOWN = [
    ("constant", {}, {0: 1.0, 10**9: 1.0}),
    ("step", {"every": 10, "gamma": 0.5}, {0: 1.0, 9: 1.0, 10: 0.5, 19: 0.5, 20: 0.25, 100: 0.5**10}),
    ("step", {"every": 1, "gamma": 0.0}, {0: 1.0, 1: 0.0, 50: 0.0}),
    ("exponential", {"gamma": 0.9}, {0: 1.0, 1: 0.9, 2: 0.81, 10: 0.9**10}),
    ("cosine", {"steps": 100}, {0: 1.0, 25: (1 + math.sqrt(0.5)) / 2, 50: 0.5, 100: 0.0, 101: 0.0, 10**9: 0.0}),
    ("cosine", {"steps": 60, "lowest": 0.2}, {0: 1.0, 20: 0.2 + 0.8 * 0.75, 30: 0.6, 60: 0.2, 200: 0.2}),
    ("cosine", {"steps": 1}, {0: 1.0, 1: 0.0}),
    # Half a wave down from the top to 1 / 1000 in 50.5 steps.
    ("one_cycle", ONE_CYCLE, {0: 0.1, 100: 0.001, 101: 0.001, 10**9: 0.001}),
    ("one_cycle", ONE_CYCLE | {"steps": 100}, {0: 0.1, 49: 1.0, 99: 0.001}),
    ("one_cycle", {"steps": 40, "rise": 0.275}, {0: 0.04, 5: 0.52, 10: 1.0, 39: 4e-6}),
    ("reduce_on_plateau", {}, {0: 1.0, 10**6: 1.0}),
]


@pytest.mark.parametrize(("name", "chosen", "known"), KNOWN)
def test_the_factor_at_a_known_step_is_that_of_the_definition(name, chosen, known):
    choice = SCHEDULES.choose(name, **chosen)
    assert {t: factor(choice, 0, t) for t in known} == pytest.approx(known, rel=1e-12, abs=1e-15)


def test_every_schedule_is_known_at_some_steps():
    assert {name for name, _, _ in KNOWN} == set(SCHEDULES)


def test_only_reduce_on_plateau_watches_the_loss():
    assert [name for name, entry in SCHEDULES.items() if entry.watches_loss] == ["reduce_on_plateau"]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_warm_up_grows_in_equal_parts_and_then_the_schedule_begins(name):
    choice = SCHEDULES.choose(name)
    assert [factor(choice, 5, t) for t in range(5)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert [factor(choice, 5, t + 5) for t in (0, 1, 300, 5000)] == [factor(choice, 0, t) for t in (0, 1, 300, 5000)]


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_factor_is_ever_negative_or_above_one(name):
    choice = SCHEDULES.choose(name)
    factors = [factor(choice, 7, t) for t in range(3000)]
    assert min(factors) >= 0.0
    assert max(factors) <= 1.0


@pytest.mark.parametrize("steps", [10, 11, 1000])
@pytest.mark.parametrize("rise", [0.2, 0.9])
def test_one_cycle_rises_to_one_step_and_falls_from_there(steps, rise):
    choice = SCHEDULES.choose("one_cycle", steps=steps, rise=rise)
    factors = [factor(choice, 0, t) for t in range(steps)]
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert abs(top - (rise * steps - 1)) < 1


def test_the_trainers_rate_is_the_optimizers_times_the_factor():
    t = trainer(
        optimizer=OPTIMIZERS.choose("sgd", learning_rate=0.5),
        schedule=SCHEDULES.choose("step", every=2, gamma=0.1),
        warmup_steps=2,
    )
    rates = [t.step().learning_rate for _ in range(7)]
    assert rates == pytest.approx([0.25, 0.5, 0.5, 0.5, 0.05, 0.05, 0.005])
    assert t.learning_rate == pytest.approx(0.005)


def test_a_schedule_chosen_in_between_begins_there_and_another_rate_does_not_begin_it_anew():
    decay = {"schedule": SCHEDULES.choose("exponential", gamma=0.5)}
    t = trainer(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0))
    t.run(10)
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0), **decay)
    assert t.learning_rate == 1.0
    assert [t.step().learning_rate for _ in range(3)] == [1.0, 0.5, 0.25]
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=8.0), **decay)
    assert [t.step().learning_rate for _ in range(2)] == [1.0, 0.5]
    t.settings = settings(optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0), **decay, warmup_steps=1)
    assert [t.step().learning_rate for _ in range(3)] == [1.0, 1.0, 0.5]
    assert [stretch.origin for stretch in t.log] == [0, 10, 10, 15]
