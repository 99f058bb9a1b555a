from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data.split import split


def test_each_class_is_divided_in_proportion():
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    _, test = split(labels, 0.2, seed=1)
    np.testing.assert_array_equal(np.bincount(labels[test]), [10, 6, 4])


def test_rounding_goes_to_the_class_that_lost_most():
    labels = np.repeat([0, 1], [6, 4])  # of 2 test rows: 1.2 and 0.8
    _, test = split(labels, 0.2, seed=1)
    np.testing.assert_array_equal(np.bincount(labels[test]), [1, 1])


def test_class_with_a_single_sample_trains():
    train, _ = split(np.array([0, 1, 1, 1, 1, 1]), 0.9, seed=1)
    assert 0 in train


def test_nothing_is_tested_when_nothing_is_asked_for():
    train, test = split(np.zeros(5, dtype=np.intp), 0.0, seed=1)
    np.testing.assert_array_equal(train, np.arange(5))
    assert test.shape == (0,)


def test_equal_seeds_give_equal_splits_and_others_do_not():
    labels = np.arange(100) % 2
    np.testing.assert_array_equal(split(labels, 0.2, seed=1)[1], split(labels, 0.2, seed=1)[1])
    assert not np.array_equal(split(labels, 0.2, seed=1)[1], split(labels, 0.2, seed=2)[1])


def test_every_row_is_as_likely_as_another_to_test():
    labels = np.repeat([0, 1], 5)
    times = np.zeros(10)
    for seed in range(2000):
        times[split(labels, 0.2, seed)[1]] += 1
    assert times / 2000 == pytest.approx(0.2, abs=0.04)  # more than four standard deviations of 0.009


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0.0, 0.9), st.integers(0, 1000))
def test_any_split_has_every_row_once_and_every_class_in_training(labels, test_fraction, seed):
    strata = np.array(labels, dtype=np.intp)
    train, test = split(strata, test_fraction, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    assert set(strata[train].tolist()) == set(labels)
    assert len(test) <= round(len(labels) * test_fraction) + 1e-9
