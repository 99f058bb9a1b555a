"""Classes and numbers: what is predicted, and how good that is, by hand."""

import numpy as np
import pytest

from bplab.engine.metrics import accuracy, class_metrics, number_metrics, predicted_classes


def test_a_single_output_means_class_one_above_a_half():
    a = np.array([[0.49], [0.5], [0.51], [-3.0], [np.nan]])
    assert list(predicted_classes(a)) == [0, 0, 1, 0, 0]


def test_the_highest_of_several_outputs_wins():
    a = np.array([[0.1, 0.7, 0.2], [3.0, -1.0, 2.0], [0.0, 0.0, 1e-9]])
    assert list(predicted_classes(a)) == [1, 0, 2]


def test_the_first_of_equal_outputs_wins():
    assert list(predicted_classes(np.array([[0.5, 0.5]]))) == [0]


@pytest.mark.parametrize(
    ("a", "Y", "share"),
    [
        ([[0.9], [0.2], [0.7], [0.4]], [[1.0], [0.0], [0.0], [0.0]], 0.75),
        ([[0.9, 0.1], [0.2, 0.8]], [[1.0, 0.0], [0.0, 1.0]], 1.0),
        ([[0.9, 0.1], [0.2, 0.8]], [[0.0, 1.0], [1.0, 0.0]], 0.0),
    ],
)
def test_accuracy_is_the_share_of_right_answers(a, Y, share):
    assert accuracy(np.array(a), np.array(Y)) == share


def test_another_threshold_moves_the_single_outputs_classes():
    a = np.array([[-0.1], [0.0], [0.1]])
    assert list(predicted_classes(a, threshold=0.0)) == [0, 0, 1]
    assert accuracy(a, np.array([[0.0], [1.0], [1.0]]), threshold=0.0) == pytest.approx(2 / 3)


# Ten samples: right and predicted class of each.
RIGHT = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
FOUND = [0, 0, 0, 1, 1, 1, 0, 2, 1, 0]


def test_class_metrics_are_those_calculated_by_hand():
    found = class_metrics(np.eye(3)[FOUND], np.eye(3)[RIGHT])
    assert found.accuracy == 0.6
    assert found.confusion.tolist() == [[3, 1, 0], [1, 2, 0], [1, 1, 1]]  # rows are the right classes
    assert found.precision == pytest.approx([3 / 5, 2 / 4, 1 / 1], rel=1e-15)
    assert found.recall == pytest.approx([3 / 4, 2 / 3, 1 / 3], rel=1e-15)
    # 2 p r / (p + r) = 2 hits / (predicted + samples)
    assert found.f1 == pytest.approx([6 / 9, 4 / 7, 2 / 4], rel=1e-15)


def test_a_class_that_is_neither_there_nor_predicted_scores_zero():
    found = class_metrics(np.eye(3)[[0, 1]], np.eye(3)[[0, 0]])
    assert found.confusion.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]
    assert found.precision.tolist() == [1.0, 0.0, 0.0]
    assert found.recall.tolist() == [0.5, 0.0, 0.0]
    assert found.f1 == pytest.approx([2 / 3, 0.0, 0.0])


@pytest.mark.parametrize(("threshold", "confusion"), [(0.5, [[2, 0], [1, 1]]), (0.0, [[1, 1], [0, 2]])])
def test_a_single_output_has_two_classes(threshold, confusion):
    a, Y = np.array([[-0.1], [0.4], [0.3], [0.9]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    found = class_metrics(a, Y, threshold)
    assert found.confusion.tolist() == confusion
    assert found.accuracy == np.trace(confusion) / 4


def test_number_metrics_are_those_calculated_by_hand():
    # Errors 1, -1, 2, 0 and 0, 0, 0, 4; targets around their means 2.5 and 5.
    Y = np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0], [4.0, 5.0]])
    a = Y + np.array([[1.0, 0.0], [-1.0, 0.0], [2.0, 0.0], [0.0, 4.0]])
    found = number_metrics(a, Y)
    assert found.rmse == pytest.approx([np.sqrt(6 / 4), 2.0], rel=1e-15)
    assert found.mae == pytest.approx([1.0, 1.0], rel=1e-15)
    assert found.r2[0] == pytest.approx(1 - 6 / 5, rel=1e-15)
    assert np.isnan(found.r2[1])  # this target never varies


@pytest.mark.parametrize(("a", "r2"), [([1.0, 2.0, 6.0], 1.0), ([3.0, 3.0, 3.0], 0.0)])
def test_r2_is_one_for_the_targets_and_zero_for_their_mean(a, r2):
    Y = np.array([[1.0], [2.0], [6.0]])
    assert number_metrics(np.array(a)[:, None], Y).r2 == pytest.approx([r2], abs=1e-15)
