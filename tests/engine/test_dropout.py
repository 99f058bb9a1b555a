"""Dropout: which neurons are off, by how much the others grow, and that prediction knows nothing of it."""

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.backprop import Backprop
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import batch, network, settings


def dropped(share, activation="tanh"):
    return LayerPlan(ACTIVATIONS.choose(activation), dropout=share)


def trained(share=0.5, hidden=40, **changes):
    X, Y = batch(3, 2, 30)
    net = network([3, hidden, hidden, 2], [dropped(share), dropped(share), "identity"])
    return Trainer(net, settings(**changes), Samples(X, Y, X[:0], Y[:0], classes=False))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_the_share_of_the_neurons_is_off_and_the_others_are_larger(share):
    net = network([3, 200, 2], [dropped(share), "identity"])
    passes = Backprop(net, LOSSES.choose("mse"), 100)
    passes.draw_masks(seed=1, step=0)
    mask = passes.masks[0]
    assert set(np.unique(mask)) == {0.0, 1.0 / (1.0 - share)}
    assert (mask == 0.0).mean() == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / mask.size))
    assert mask.mean() == pytest.approx(1.0, abs=0.1)


def test_activations_and_pulls_go_through_the_mask():
    seen, after, _ = trained().step().layers
    assert seen.a == pytest.approx(np.tanh(seen.z) * seen.mask, abs=1e-15)
    assert seen.delta == pytest.approx((after.delta @ after.W) * seen.mask * (1 - np.tanh(seen.z) ** 2), abs=1e-15)


def test_weights_of_a_neuron_that_is_off_do_not_move_for_its_sample():
    seen = trained(batch_size=1).step().layers[0]
    off = seen.mask[0] == 0.0
    assert 0 < off.sum() < len(off)
    assert not seen.dW[off].any()
    assert seen.dW[~off].any(axis=1).all()


def test_layers_samples_and_steps_have_masks_of_their_own():
    t = trained()
    first, second = (record.layers for record in (t.step(), t.step()))
    assert (first[0].mask != first[1].mask).any()
    assert (first[0].mask[0] != first[0].mask[1]).any()
    assert (first[0].mask != second[0].mask).any()


def test_the_same_step_has_the_same_mask_and_another_seed_another():
    one, two, other = trained(), trained(), trained(seed=4)
    for t in (one, two, other):
        t.run(4)
    mask = one.step().layers[0].mask
    assert (two.preview().layers[0].mask == mask).all()
    assert (two.step().layers[0].mask == mask).all()
    assert (other.step().layers[0].mask != mask).any()
    one.run(30)
    assert (one.replay(5).layers[0].mask == mask).all()


def test_prediction_uses_every_neuron():
    t = trained()
    t.run(5)
    first, second, last = t.network.layers
    a = np.tanh(np.tanh(t.samples.X_train @ first.W.T + first.b) @ second.W.T + second.b)
    assert t.network.predict(t.samples.X_train) == pytest.approx(a @ last.W.T + last.b, abs=1e-13)


def test_the_mean_over_many_masks_is_the_prediction_of_a_linear_layer():
    net, (X, Y) = network([3, 8, 2], [dropped(0.5, "identity"), "identity"]), batch(3, 2, 1)
    passes, outputs = Backprop(net, LOSSES.choose("mse"), 1), []
    passes.load(X, Y, np.arange(1))
    for step in range(20_000):
        passes.draw_masks(1, step)
        passes.forward()
        outputs.append(passes.a[-1][0].copy())
    error = np.std(outputs, axis=0) / np.sqrt(len(outputs))
    assert (np.abs(np.mean(outputs, axis=0) - net.predict(X)[0]) < 5 * error).all()


def test_a_share_of_zero_drops_nothing():
    t = trained(share=0.0)
    assert [seen.mask for seen in t.step().layers] == [None, None, None]
