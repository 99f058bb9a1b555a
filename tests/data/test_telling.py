"""Which inputs tell most of the target."""

from bplab import Experiment
from bplab.data.telling import most_telling, telling


def test_what_an_input_tells_is_a_share():
    shares = telling(Experiment.new("digits").data)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert telling(Experiment.new("plane").data).max() > 0.2


def test_the_two_inputs_that_tell_most_keep_their_order():
    assert most_telling(Experiment.new("iris").data) == (2, 3)
    assert most_telling(Experiment.new("sine").data) == (0, 0)
