"""Numbers that describe a data set."""

import numpy as np
import pytest

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.data.drawn import CLASSES, MOST_POINTS, REACH, Drawing, along
from bplab.data.facts import class_counts, correlations, remarks, spread
from bplab.data.sources import SOURCES
from bplab.data.tables.table import parse_table

IRIS = SOURCES["iris"].make(seed=1)
PLANE = SOURCES["plane"].make(seed=1, samples=200)


def test_every_value_is_in_one_bin_of_its_class():
    found = spread(IRIS, 2)
    assert found.counts.sum(axis=1).tolist() == [50, 50, 50]
    assert (found.edges[0], found.edges[-1]) == (1.0, 6.9)
    assert spread(PLANE, 0).counts.shape[0] == 1
    assert class_counts(IRIS).tolist() == [50, 50, 50]
    assert class_counts(PLANE).tolist() == [200]


def test_correlations_are_those_of_numpy():
    names, values = correlations(IRIS, 40)
    assert names[-3:] == ("is setosa", "is versicolor", "is virginica")
    one_hot = np.eye(3)[IRIS.target.labels]
    np.testing.assert_allclose(values, np.corrcoef(np.column_stack([IRIS.X, one_hot]).T), atol=1e-12)
    names, values = correlations(PLANE, 40)
    assert len(names) == 3
    np.testing.assert_allclose(values, np.corrcoef(np.column_stack([PLANE.X, PLANE.target.values]).T), atol=1e-12)


def test_a_constant_or_huge_column_does_no_harm():
    X = np.column_stack([np.ones(10), np.arange(10.0) * 1e300])
    _, values = correlations(Dataset("d", X, ("a", "b"), Numbers(np.arange(10.0)[:, None], ("y",))), 40)
    assert values[0, 1] == 0
    assert values[1, 2] == pytest.approx(1)
    assert np.isfinite(values).all()


def test_two_classes_are_one_column_and_of_many_features_some_are_taken():
    X = np.random.default_rng(1).normal(size=(30, 50))
    two = Dataset("d", X, tuple(map(str, range(50))), Classes(np.arange(30) % 2, ("n", "y")))
    names, values = correlations(two, 12)
    assert len(names) == 12
    assert names[-1] == "is y"
    assert values.shape == (12, 12)


# ---- drawings


def test_points_are_drawn_erased_and_moved():
    drawing = Drawing.empty().added(np.array([[0.0, 0.0], [1.0, 1.0], [99.0, -99.0]]), 0)
    assert drawing.points[-1].tolist() == [REACH, -REACH]
    assert drawing.fault == "Draw points of at least two classes."
    both = drawing.added(np.array([[2.0, 2.0]]), 1)
    assert both.fault == ""
    assert both.near(np.array([1.1, 1.0]), 0.5).tolist() == [1]
    assert both.moved(np.array([1]), np.array([0.5, -1.0])).points[1].tolist() == [1.5, 0.0]
    assert both.erased(np.array([0.0, 0.0]), 1.5).labels.tolist() == [0, 1]
    assert drawing.points.shape == (3, 2)  # a value: what is drawn later does not change it


def test_there_are_never_more_points_than_there_is_room_for():
    full = Drawing.empty().added(np.zeros((MOST_POINTS + 5, 2)), 0)
    assert len(full.points) == MOST_POINTS
    assert len(full.added(np.zeros((1, 2)), 1).points) == MOST_POINTS


def test_a_drawing_is_a_table_and_comes_back():
    rng = np.random.default_rng(1)
    drawing = Drawing.empty().added(rng.uniform(-5, 5, (20, 2)), 0).added(rng.uniform(-5, 5, (20, 2)), 1)
    table = parse_table("drawn.csv", drawing.table())
    data, report = table.imported(drawing.columns)
    assert report.used == 40
    assert data.target.names == CLASSES[:2]
    again = Drawing.of(data)
    np.testing.assert_allclose(again.points, drawing.points, atol=6e-4)
    assert again.labels.tolist() == drawing.labels.tolist()
    curve = Drawing.empty(is_curve=True).added(rng.uniform(-5, 5, (9, 2)), 3)
    data, _ = parse_table("drawn.csv", curve.table()).imported(curve.columns)
    assert Drawing.of(data).is_curve
    assert curve.fault == ""


def test_what_cannot_be_drawn_is_none():
    assert Drawing.of(IRIS) is None
    assert Drawing.of(PLANE) is None
    assert Drawing.of(SOURCES["moons"].make(seed=1)) is not None
    assert Drawing.of(SOURCES["sine"].make(seed=1)).is_curve


def test_a_stroke_leaves_points_evenly():
    points = along(np.array([0.0, 0.0]), np.array([1.0, 0.0]), 0.3)
    np.testing.assert_allclose(points, [[0.3, 0], [0.6, 0], [0.9, 0]])
    assert len(along(np.zeros(2), np.zeros(2), 0.1)) == 0


@pytest.mark.parametrize(
    ("X", "target", "said"),
    [
        (np.arange(40.0)[:, None], Classes(np.arange(40) % 2, ("n", "y")), ()),
        (np.arange(40.0)[:, None], Numbers(np.arange(40.0)[:, None], ("y",)), ()),
        (np.arange(4.0)[:, None], Classes([0, 1, 0, 1], ("n", "y")), ("There are only 4 samples.",)),
        (np.ones((40, 1)), Classes(np.arange(40) % 2, ("n", "y")), ("Input a has the same value in every row.",)),
        (
            np.arange(40.0)[:, None],
            Classes([1, 2] + [0] * 38, ("n", "y", "z")),
            ("Classes y, z have one sample alone, which is for training.",),
        ),
        (
            np.arange(90.0)[:, None],
            Classes([1, 1] + [0] * 88, ("n", "y")),
            ("The classes are uneven: 2 to 88 samples.",),
        ),
        (
            np.arange(40.0)[:, None],
            Numbers(np.ones((40, 1)), ("y",)),
            ("Target y has the same value in every row.",),
        ),
    ],
)
def test_what_is_unusual_is_remarked(X, target, said):
    assert remarks(Dataset("d", X, ("a",), target)) == said
