"""The parts of an update add up to what the engine did, whatever the optimizer and the regularizer."""

import pytest

from bplab import Experiment
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.microscope import facts
from bplab.microscope.facts import Memory, Moment
from bplab.microscope.now import Now
from bplab.microscope.selection import Selection
from bplab.microscope.update import made_of


def step_of(**training):
    experiment = Experiment.new("iris", hidden=[5, 4], **training)
    trainer = experiment.trainer()
    trainer.run(6)
    record = trainer.step()
    memory = Memory(tuple(trainer.slots.values()), trainer.updates)
    return Moment(experiment.network, record, 0, Now(), True, memory)


PLACES = (Selection(1, 2, 1), Selection(2, 1), Selection(3, 0, 3))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("clipping", ["none", "norm:largest=0.01", "value:largest=0.001"])
def test_the_parts_are_the_whole_update(optimizer, clipping):
    moment = step_of(optimizer=optimizer, clipping=clipping, regularizer="l2", warmup_steps=30)
    for chosen in PLACES:
        made, done = made_of(moment, chosen), facts.update(moment, chosen)
        step = next(part.value for part in made.parts if part.symbol == "step")
        assert step == pytest.approx(done.change, rel=1e-7, abs=1e-14)
        assert made.others == pytest.approx(0.0, abs=1e-9)
        assert made.is_clipped == (clipping != "none" and abs(made.gradient) < abs(done.gradient))


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_what_else_moves_a_weight_is_told_apart(regularizer):
    moment = step_of(optimizer="adam", regularizer=regularizer)
    for chosen in PLACES:
        made, done = made_of(moment, chosen), facts.update(moment, chosen)
        step = next(part.value for part in made.parts if part.symbol == "step")
        assert step + made.others == pytest.approx(done.change, rel=1e-9, abs=1e-14)
        if chosen.source is None:
            assert made.penalty == 0.0


def test_without_the_memory_nothing_is_made_up():
    moment = step_of(optimizer="adam")
    assert made_of(Moment(moment.network, moment.record, 0, Now(), True), PLACES[0]) is None
