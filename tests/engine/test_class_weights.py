"""Class weights: balanced and given, in loss, gradient and scores."""

import numpy as np
import pytest

from bplab.engine.class_weights import weights_of_classes, weights_of_samples
from bplab.engine.gradient_check import gradient
from bplab.engine.losses import LOSSES
from bplab.engine.trainer import Samples, Trainer
from tests.engine.build import network, settings

Y = np.eye(3)[[0, 0, 0, 0, 0, 0, 1, 1, 2, 0]]


def test_all_samples_count_alike_without_weights():
    assert weights_of_classes(Y, "none") is None
    assert weights_of_samples(Y, None) is None


def test_balanced_weights_give_every_class_the_same_total():
    weights = weights_of_classes(Y, "balanced")
    assert weights == pytest.approx([10 / 21, 10 / 6, 10 / 3], rel=1e-15)  # 10 samples, 3 classes of 7, 2 and 1
    assert weights * Y.sum(axis=0) == pytest.approx([10 / 3] * 3)


def test_a_class_without_samples_counts_as_if_it_had_one():
    assert weights_of_classes(np.eye(3)[[0, 0, 1]], "balanced").tolist() == [0.5, 1.0, 1.0]


def test_a_single_output_has_two_classes():
    single = np.array([[0.0], [0.0], [0.0], [1.0]])
    assert weights_of_classes(single, "balanced") == pytest.approx([4 / 6, 4 / 2])
    assert weights_of_samples(single, np.array([5.0, 7.0])).tolist() == [[5.0], [5.0], [5.0], [7.0]]


def test_a_single_output_has_two_classes_even_where_the_data_have_one():
    assert weights_of_classes(np.zeros((4, 1)), "balanced").tolist() == [4 / (2 * 4), 4 / (2 * 1)]


def test_given_weights_are_those_of_the_samples_classes():
    of_classes = weights_of_classes(Y, (1.0, 2.5, 4.0))
    assert of_classes.tolist() == [1.0, 2.5, 4.0]
    assert weights_of_samples(Y, of_classes)[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 2.5, 2.5, 4, 1]


def test_weights_have_the_type_of_the_data():
    assert weights_of_samples(Y.astype(np.float32), np.array([1.0, 2.0, 3.0])).dtype == np.float32


def weighted(class_weights, batch_size=10):
    X = np.random.default_rng(4).normal(size=(10, 3))
    net = network([3, 4, 3], ["tanh", "softmax"])
    chosen = settings(loss=LOSSES.choose("cross_entropy"), class_weights=class_weights, batch_size=batch_size)
    return Trainer(net, chosen, Samples(X, Y, X[:4], Y[4:8], classes=True))


def test_the_loss_of_a_step_is_the_weighted_mean_of_its_samples():
    record = weighted((1.0, 2.5, 4.0)).step()
    own, of_samples = record.shares.sum(axis=1), np.array([1.0, 2.5, 4.0])[record.Y.argmax(axis=1)]
    assert (record.weights[:, 0] == of_samples).all()
    assert record.loss == pytest.approx((of_samples * own).sum() / of_samples.sum(), rel=1e-14)


def test_the_gradient_is_the_weighted_mean_of_those_of_the_samples():
    t = weighted((1.0, 2.5, 4.0), batch_size=4)
    loss, net = t.settings.loss, network([3, 4, 3], ["tanh", "softmax"])
    record = t.step()
    own = [gradient(net, loss, record.X[[i]], record.Y[[i]]) for i in range(4)]
    expected = net.views((record.weights * own).sum(axis=0) / record.weights.sum())
    for seen, wanted in zip(record.layers, expected, strict=True):
        assert seen.dW == pytest.approx(wanted.W, abs=1e-14)
        assert seen.db == pytest.approx(wanted.b, abs=1e-14)


def test_equal_weights_change_nothing():
    plain, alike = weighted("none"), weighted((3.0, 3.0, 3.0))
    for one, other in zip(plain.step().layers, alike.step().layers, strict=True):
        assert one.dW == pytest.approx(other.dW, abs=1e-15)
    assert plain.scores() == pytest.approx(alike.scores(), rel=1e-14)


def test_scores_of_test_data_use_the_weights_of_the_training_data():
    t = weighted("balanced")
    a = t.network.predict(t.samples.X_test)
    of_samples = np.array([10 / 21, 10 / 6, 10 / 3])[t.samples.Y_test.argmax(axis=1)]
    surprise = -np.log(a[t.samples.Y_test == 1])
    assert t.scores().test_loss == pytest.approx((of_samples * surprise).sum() / of_samples.sum(), rel=1e-13)


def test_other_weights_take_effect_at_the_next_step():
    t = weighted("none")
    assert t.step().weights is None
    t.settings = weighted("balanced").settings
    assert t.step().weights.max() == pytest.approx(10 / 3)
    t.settings = weighted((1.0, 1.0, 9.0)).settings
    assert t.step().weights.max() == 9.0
