import numpy as np
import pytest

from bplab.engine.metrics import accuracy, predicted_classes


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
