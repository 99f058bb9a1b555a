from __future__ import annotations

import numpy as np
import pytest

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.errors import DataError


def small(X=((1.0, 2.0), (3.0, 4.0)), names=("a", "b"), target=None):
    return Dataset("small", X, names, target or Classes([0, 1], ("no", "yes")))


def test_arrays_become_read_only_copies_of_float64():
    mine = np.array([[1, 2], [3, 4]])
    dataset = small(mine)
    mine[0, 0] = 9
    assert dataset.X.dtype == np.float64
    assert dataset.X[0, 0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        dataset.X[0, 0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        dataset.target.labels[0] = 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: small(np.empty((0, 2)), target=Classes([], ("no", "yes"))), "The data set 'small' has no samples."),
        (lambda: small(target=Classes([0], ("no",))), "The data set 'small' has 2 samples and 1 targets."),
        (lambda: small([[1.0, np.nan], [3.0, 4.0]]), "The feature 'b' has a value that is not finite."),
        (lambda: small([1.0, 2.0]), "The feature values are not a table of rows and columns."),
        (lambda: small(np.empty((2, 0)), ()), "There is no feature."),
        (lambda: small(names=("a",)), "There are 2 feature columns and 1 names."),
        (lambda: Numbers([[np.inf]], ("y",)), "The target 'y' has a value that is not finite."),
        (lambda: Classes([0, 2], ("no", "yes")), "A sample's class is outside 0 to 1."),
        (lambda: Classes([-1], ("no", "yes")), "A sample's class is outside 0 to 1."),
        (lambda: Classes([[0]], ("no",)), "The classes of the samples are not one column."),
    ],
)
def test_what_is_no_data_set_is_refused(make, message):
    with pytest.raises(DataError) as caught:
        make()
    assert caught.value.message == message
