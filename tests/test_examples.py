"""The experiments that bplab ships."""

import numpy as np
import pytest

from bplab import Experiment, resources
from tests.examples import examples

SHIPPED = sorted(resources.path("examples").glob("*.bplab"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_example_opens_at_its_beginning_and_learns(path):
    experiment = Experiment.open(path)
    trainer = experiment.trainer()
    before = trainer.scores().train_loss
    assert trainer.step_count == 0
    trainer.run(20)
    assert trainer.scores().train_loss < before


def test_what_is_shipped_is_what_the_script_makes():
    made = examples()
    assert sorted(made) == [path.stem for path in SHIPPED]
    for path in SHIPPED:
        shipped = Experiment.open(path)
        assert shipped.spec == made[path.stem].spec
        np.testing.assert_allclose(shipped.network.parameters, made[path.stem].network.parameters, rtol=1e-12)


def test_mazur_gives_the_published_numbers():
    """Matt Mazur, A Step by Step Backpropagation Example, https://mattmazur.com/2015/03/17/."""
    experiment = Experiment.open(resources.path("examples", "mazur-2-2-2.bplab"))
    hidden, output = experiment.network.layers
    record = experiment.trainer().step()
    forward = [layer.a.ravel() for layer in record.layers]
    assert record.loss == pytest.approx(0.298371109, abs=5e-10)
    assert forward[0] == pytest.approx([0.593269992, 0.596884378], abs=5e-10)
    assert forward[1] == pytest.approx([0.75136507, 0.772928465], abs=5e-9)
    assert output.W.ravel() == pytest.approx([0.35891648, 0.408666186, 0.51130127, 0.561370121], abs=5e-10)
    assert hidden.W.ravel() == pytest.approx([0.149780716, 0.19956143, 0.24975114, 0.29950229], abs=5e-9)
    assert (output.W[0, 0], hidden.W[0, 0]) == pytest.approx((0.358916480, 0.149780716), abs=5e-10)


def test_mazur_is_reset_to_the_published_weights():
    experiment = Experiment.open(resources.path("examples", "mazur-2-2-2.bplab"))
    experiment.trainer().run(10)
    experiment.reset()
    assert experiment.trainer().step().loss == pytest.approx(0.298371109, abs=5e-10)
