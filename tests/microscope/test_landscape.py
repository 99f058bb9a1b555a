"""The loss around a step is the engine's loss, tangent and step are the engine's gradient and update."""

import numpy as np
import pytest

from bplab import Experiment
from bplab.engine.gradient_check import loaded
from bplab.engine.optimizers import OPTIMIZERS
from bplab.experiment import edits
from bplab.microscope.facts import Moment
from bplab.microscope.landscape import along_step, along_weight, is_exact, over_two, wanted_gradient
from bplab.microscope.now import Now
from bplab.microscope.selection import Selection
from tests.microscope.build import EVERY_KIND, moments


@EVERY_KIND
def test_the_curve_of_a_weight_touches_its_tangent_at_the_loss_of_the_step(kind):
    _, (moment, _) = moments(kind)
    for chosen in (Selection(1, 2, 1), Selection(2, 0), Selection(3, 1, 4)):
        curve = along_weight(moment, chosen)
        near = 1e-3 if kind == "single" else 1e-9
        assert curve.loss_before == pytest.approx(moment.record.loss, rel=near)
        seen = moment.record.layers[chosen.layer - 1]
        at = seen.b[chosen.neuron] if chosen.source is None else seen.W[chosen.neuron, chosen.source]
        assert curve.at == at
        close = np.abs(curve.x - curve.at) <= 0.05
        for x, loss in zip(curve.x[close], curve.loss[close], strict=True):
            assert loss == pytest.approx(curve.tangent(x), abs=0.02)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_another_rate_is_what_the_step_would_have_come_to(optimizer):
    experiment = Experiment.new("iris", hidden=[5, 5])
    experiment.apply(edits.change_training(experiment.spec, optimizer=OPTIMIZERS.choose(optimizer)))
    trainer = experiment.trainer()
    trainer.run(7)
    before = trainer.checkpoint()
    moment = Moment(experiment.network, trainer.step(), 0, Now(), True)
    assert is_exact(moment)
    rate = moment.record.learning_rate
    curve = along_step(moment, np.array([rate / 3, rate, 2 * rate]))
    for x, loss in zip(curve.x, curve.loss, strict=True):
        trainer.resume(before)
        choice = OPTIMIZERS.choose(optimizer, learning_rate=float(x))
        trainer.settings = trainer.settings.model_copy(update={"optimizer": choice})
        trainer.step()
        passes = loaded(experiment.network, moment.training.loss, moment.record.X, moment.record.Y)
        passes.forward()
        assert loss == pytest.approx(passes.loss(), rel=1e-9)
    assert curve.loss_after == curve.loss[1]
    assert curve.loss_before == pytest.approx(moment.record.loss, rel=1e-12)


def test_the_tangent_along_the_step_of_sgd_is_minus_the_square_of_the_gradient():
    _, (moment, _) = moments("plain")
    norms = moment.record.gradient_norms()
    assert along_step(moment).slope == pytest.approx(-sum(norm**2 for norm in norms), rel=1e-9)


def test_over_two_weights_crosses_the_curves_of_each():
    _, (moment, _) = moments("plain")
    across, up, losses = over_two(moment, Selection(1, 0, 0), Selection(2, 1, 1), side=41)
    np.testing.assert_allclose(losses[20], across.loss, rtol=1e-12)
    np.testing.assert_allclose(losses[:, 20], up.loss, rtol=1e-12)


def test_what_the_optimizer_gets_is_clipped_first():
    experiment = Experiment.new("iris", hidden=[5], clipping="norm:largest=0.001")
    moment = Moment(experiment.network, experiment.trainer().step(), 0, Now(), True)
    norm = np.sqrt(sum(size**2 for size in moment.record.gradient_norms()))
    gradient, penalty = wanted_gradient(moment, Selection(1, 1, 1))
    assert penalty == 0.0
    assert gradient == pytest.approx(moment.record.layers[0].dW[1, 1] * 0.001 / norm, rel=1e-4)
