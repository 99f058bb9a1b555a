"""What is frozen stays as it is, whatever the rest of training does."""

import numpy as np
import pytest

from bplab.engine.clipping import CLIPPINGS
from bplab.engine.compiled.steps import covers
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from tests.engine.build import parameters, trainer

FROZEN = np.array([0, 3, 17, 30])


def run(frozen, **changes):
    made = trainer(**changes)
    made.network.frozen = np.asarray(frozen, dtype=np.intp)
    before = parameters(made).copy()
    made.run(40)
    return before, parameters(made)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_frozen_parameters_keep_every_bit_and_the_others_learn(optimizer, regularizer):
    before, after = run(FROZEN, optimizer=OPTIMIZERS.choose(optimizer), regularizer=REGULARIZERS.choose(regularizer))
    changed = before != after
    assert not changed[FROZEN].any()
    assert np.delete(changed, FROZEN).mean() > 0.9


def test_nothing_frozen_is_as_ever():
    plain = trainer()
    plain.run(40)
    assert (run([])[1] == parameters(plain)).all()


def test_what_is_frozen_has_no_share_in_the_norm_that_is_clipped():
    """With all but one parameter frozen, the whole clipped length is that one's: its step is rate times length."""
    made = trainer(
        clipping=CLIPPINGS.choose("norm", largest=1e-6), optimizer=OPTIMIZERS.choose("sgd", learning_rate=1.0)
    )
    count = len(parameters(made))
    made.network.frozen = np.arange(1, count)
    before = parameters(made).copy()
    made.step()
    assert abs(parameters(made)[0] - before[0]) == pytest.approx(1e-6, rel=1e-3)


def test_the_gradient_of_what_is_frozen_is_still_seen():
    made = trainer()
    made.network.frozen = FROZEN
    record = made.step()
    assert record.layers[0].dW.ravel()[0] != 0
    assert record.layers[0].update_W.ravel()[0] == 0


def test_the_compiled_path_leaves_a_network_with_frozen_parts_to_the_readable_one():
    made = trainer()
    assert covers(made.network, made.settings)
    made.network.frozen = FROZEN
    assert not covers(made.network, made.settings)
