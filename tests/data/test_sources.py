from __future__ import annotations

import numpy as np
import pytest

from bplab import Experiment
from bplab.data.dataset import Classes, Numbers
from bplab.data.sources import SOURCES

SHAPES = {  # samples, features, outputs
    "circle": (500, 2, 2),
    "xor": (500, 2, 2),
    "gauss": (500, 2, 2),
    "spiral": (500, 2, 2),
    "moons": (500, 2, 2),
    "plane": (500, 2, 1),
    "sine": (500, 1, 1),
    "iris": (150, 4, 3),
    "digits": (1797, 64, 10),
    "rings": (500, 2, 3),
    "checkerboard": (500, 2, 2),
    "blobs": (500, 2, 4),
    "hills": (500, 2, 1),
    "step": (500, 1, 1),
    "polynomial": (500, 1, 1),
    "friedman": (500, 10, 1),
    "parity": (64, 4, 2),
    "majority": (64, 4, 2),
    "all_ones": (64, 4, 2),
    "autoencoder": (64, 8, 8),
    "penguins": (342, 4, 3),
    "wine": (178, 13, 3),
    "breast_cancer": (569, 30, 2),
    "diabetes": (442, 10, 1),
}
SYNTHETIC = [name for name in SOURCES if "samples" in SOURCES[name].settings]


def make(name, seed=1, **settings):
    return SOURCES[name].make(seed=seed, **SOURCES.choose(name, **settings).values)


def values(dataset):
    target = dataset.target
    return target.labels if isinstance(target, Classes) else target.values


def test_menu_order():
    assert list(SOURCES) == list(SHAPES)


@pytest.mark.parametrize("name", SOURCES)
def test_source_has_the_shape_and_task_it_declares(name):
    dataset = make(name)
    assert dataset.name == name
    assert (*dataset.X.shape, len(dataset.target.names)) == SHAPES[name]
    assert isinstance(dataset.target, {"classes": Classes, "numbers": Numbers}[SOURCES[name].task])


@pytest.mark.parametrize("name", SOURCES)
def test_equal_seeds_give_equal_data(name):
    np.testing.assert_array_equal(make(name).X, make(name).X)
    np.testing.assert_array_equal(values(make(name)), values(make(name)))


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_what_it_is(name):
    source = SOURCES[name]
    assert source.label
    assert source.doc.endswith(".")
    assert source.source or source.formula


@pytest.mark.parametrize("name", SYNTHETIC)
def test_another_seed_gives_other_data(name):
    assert not np.array_equal(make(name, 1, noise=0.1).X, make(name, 2, noise=0.1).X)


@pytest.mark.parametrize("name", SYNTHETIC)
@pytest.mark.parametrize("samples", [10, 11, 1000])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_every_setting_gives_finite_data_of_the_size_asked_for(name, samples, noise):
    dataset = make(name, samples=samples, noise=noise)  # a Dataset refuses what is not finite
    assert len(dataset.X) == samples


@pytest.mark.parametrize("name", SYNTHETIC)
def test_defaults_of_the_function_are_those_of_the_menu(name):
    np.testing.assert_array_equal(SOURCES[name].make(seed=1).X, make(name).X)


def test_circle_without_noise_is_a_disc_in_a_ring():
    dataset = make("circle", noise=0.0)
    radius = np.hypot(*dataset.X.T)
    inside = dataset.target.labels == 1
    assert inside.sum() == 250
    assert radius[inside].max() < 2.5
    assert radius[~inside].min() >= 3.5
    assert radius.max() <= 5.0


def test_xor_without_noise_is_same_where_the_signs_agree():
    dataset = make("xor", noise=0.0)
    np.testing.assert_array_equal(dataset.target.labels == 1, dataset.X[:, 0] * dataset.X[:, 1] > 0)
    assert np.abs(dataset.X).min() >= 0.3


def test_gauss_has_the_centres_and_the_variance_it_declares():
    dataset = make("gauss", samples=100_000, noise=0.1)
    for label, centre in enumerate((-2.0, 2.0)):
        points = dataset.X[dataset.target.labels == label]
        np.testing.assert_allclose(points.mean(axis=0), centre, atol=0.03)
        np.testing.assert_allclose(points.var(axis=0), 1.2, atol=0.05)


def test_spiral_arms_are_each_other_turned_by_half_a_circle():
    dataset = make("spiral")
    arms = [dataset.X[dataset.target.labels == label] for label in (0, 1)]
    np.testing.assert_allclose(arms[0], -arms[1], atol=1e-12)


def test_moons_are_half_circles_around_their_centres():
    dataset = make("moons", noise=0.0)
    centre = np.array([[0.0, 0.0], [1.0, 0.5]])[dataset.target.labels]
    np.testing.assert_allclose(np.hypot(*(dataset.X - centre).T), 1.0)


def test_plane_without_noise_is_a_tenth_of_the_sum():
    dataset = make("plane", noise=0.0)
    np.testing.assert_allclose(dataset.target.values[:, 0], dataset.X.sum(axis=1) / 10.0)


def test_sine_without_noise_is_the_sine():
    dataset = make("sine", noise=0.0)
    np.testing.assert_array_equal(dataset.target.values, np.sin(dataset.X))


def test_iris_is_fishers():
    dataset = make("iris")
    assert dataset.feature_names == ("sepal length", "sepal width", "petal length", "petal width")
    assert dataset.target.names == ("setosa", "versicolor", "virginica")
    np.testing.assert_array_equal(np.bincount(dataset.target.labels), [50, 50, 50])
    # sums of the columns of Fisher (1936); 35th and 38th flower as in the paper
    np.testing.assert_allclose(dataset.X.sum(axis=0), [876.5, 458.6, 563.7, 179.9])
    np.testing.assert_array_equal(dataset.X[[34, 37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]])


def test_digits_are_pixels_from_paper_to_ink():
    dataset = make("digits")
    assert dataset.feature_names[:9] == (*(f"p0_{column}" for column in range(8)), "p1_0")
    assert dataset.target.names == tuple("0123456789")
    assert (dataset.X.min(), dataset.X.max()) == (0.0, 16.0)
    np.testing.assert_array_equal(dataset.target.labels[:10], range(10))


def test_rings_blobs_and_fields_are_where_they_should_be():
    rings = make("rings", noise=0.0, classes=4)
    np.testing.assert_allclose(np.hypot(*rings.X.T), 1.0 + rings.target.labels)
    blobs = make("blobs", noise=0.01, classes=5)
    angle = np.arctan2(blobs.X[:, 1], blobs.X[:, 0]) % (2 * np.pi)
    assert (np.rint(angle * 5 / (2 * np.pi)) % 5 == blobs.target.labels).all()
    board = make("checkerboard", fields=6)
    assert ((np.floor(board.X[:, 0]) + np.floor(board.X[:, 1])) % 2 == board.target.labels).all()
    assert board.X.max() > 5.9


def test_curves_and_surfaces_follow_their_formulas():
    step, bends = make("step", noise=0.0), make("polynomial", noise=0.0)
    assert (step.target.values == np.where(step.X < 0, -1, 1)).all()
    np.testing.assert_allclose(bends.target.values, bends.X**3 / 9 - bends.X)
    hills = make("hills", noise=0.0)
    top = np.linalg.norm(hills.X - [-4, 2.5], axis=1)
    near = top < 1.0
    np.testing.assert_allclose(hills.target.values[near, 0], 1 - top[near] / 2)
    assert hills.target.values.min() < -0.8
    x = make("friedman", noise=0.0).X.T
    wanted = 10 * np.sin(np.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4]
    np.testing.assert_allclose(make("friedman", noise=0.0).target.values[:, 0], wanted)


def test_boolean_functions_are_whole_truth_tables():
    for name, rule in (("parity", lambda n: n % 2), ("majority", lambda n: n > 2.5), ("all_ones", lambda n: n == 5)):
        found = make(name, bits=5, repeats=2)
        assert len(np.unique(found.X, axis=0)) == 32
        assert (found.target.labels == [int(rule(n)) for n in found.X.sum(axis=1)]).all()
    code = make("autoencoder", size=5, repeats=3)
    assert (code.target.values == code.X).all()
    assert (code.X.sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", ["penguins", "wine", "breast_cancer", "diabetes"])
def test_the_networks_usual_settings_learn_what_is_shipped(name):
    experiment = Experiment.new(name, hidden=[8], optimizer="adam", learning_rate=0.01)
    trainer = experiment.trainer()
    before = trainer.scores()
    trainer.run(600)
    after = trainer.scores()
    assert after.test_loss < 0.7 * before.test_loss
    if name != "diabetes":
        assert after.test_accuracy > 0.9


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "spiral", "moons"])
@pytest.mark.parametrize("balance", [0.02, 0.2, 0.5, 0.9])
def test_classes_can_be_uneven(name, balance):
    labels = make(name, samples=400, balance=balance).target.labels
    assert len(labels) == 400
    share = (labels == 0).mean()
    assert share == pytest.approx(balance, abs=0.005 if balance != 0.5 else 0.08)
