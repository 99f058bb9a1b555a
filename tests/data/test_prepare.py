from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.data.prepare import Preparation, prepare
from bplab.data.sources import SOURCES
from bplab.errors import DataError, SettingError

PLAIN = Preparation(test_fraction=0.0, scaling="none", standardize_target=False)


def classes(*labels):
    X = np.arange(2.0 * len(labels)).reshape(-1, 2)
    return Dataset("some", X, ("a", "b"), Classes(labels, tuple("nyz"[: max(labels) + 1])))


def numbers(*values):
    return Dataset("some", np.arange(float(len(values)))[:, None], ("a",), Numbers(np.array(values)[:, None], ("y",)))


def test_one_hot_has_an_output_per_class():
    data = prepare(classes(0, 2, 1), PLAIN, one_hot=True)
    np.testing.assert_array_equal(data.Y_train, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
    assert data.output_names == data.class_names == ("n", "y", "z")


def test_two_classes_can_share_one_output_named_after_the_second():
    data = prepare(classes(0, 1, 1), PLAIN, one_hot=False)
    np.testing.assert_array_equal(data.Y_train, [[0], [1], [1]])
    assert data.output_names == ("y",)
    assert data.class_names == ("n", "y")


def test_three_classes_cannot_share_one_output():
    with pytest.raises(DataError, match="One output cannot tell the 3 classes of 'some' apart"):
        prepare(classes(0, 1, 2), PLAIN, one_hot=False)


def test_numbers_keep_their_names_and_have_no_classes():
    data = prepare(numbers(1.0, 2.0), PLAIN, one_hot=True)
    assert data.output_names == ("y",)
    assert data.class_names == ()
    np.testing.assert_array_equal(data.Y_train, [[1], [2]])


@pytest.mark.parametrize("name", SOURCES)
def test_arrays_are_read_only_contiguous_float64(name):
    data = prepare(SOURCES[name].make(seed=1), Preparation(), one_hot=True)
    for array in (data.X_train, data.Y_train, data.X_test, data.Y_test):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        assert not array.flags.writeable


@pytest.mark.parametrize("name", SOURCES)
def test_training_and_test_rows_are_the_data_set_once_each(name):
    dataset = SOURCES[name].make(seed=1)
    data = prepare(dataset, Preparation(), one_hot=True)
    rows = np.concatenate([data.train_indices, data.test_indices])
    np.testing.assert_array_equal(np.sort(rows), np.arange(len(dataset.X)))
    np.testing.assert_allclose(data.unscale(data.X_test), dataset.X[data.test_indices], atol=1e-12)


def test_training_features_get_mean_0_and_std_1_from_the_training_rows_alone():
    data = prepare(SOURCES["iris"].make(seed=1), Preparation(), one_hot=True)
    np.testing.assert_allclose(data.X_train.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(data.X_train.std(axis=0), 1.0)
    assert np.abs(data.X_test.mean(axis=0)).max() > 1e-3


def test_targets_that_are_numbers_are_scaled_and_restored():
    # mean 2, std of the population sqrt(((1 - 2)^2 + (3 - 2)^2) / 2) = 1
    data = prepare(numbers(1.0, 3.0), Preparation(test_fraction=0.0), one_hot=False)
    np.testing.assert_array_equal(data.Y_train, [[-1], [1]])
    np.testing.assert_array_equal(data.restore([[0.0], [2.0]]), [[2], [4]])


def test_targets_that_are_classes_are_never_scaled():
    data = prepare(classes(0, 1, 1), Preparation(test_fraction=0.0), one_hot=True)
    np.testing.assert_array_equal(data.restore([0.25, 0.75]), [0.25, 0.75])


def test_switched_off_scaling_changes_nothing():
    dataset = SOURCES["plane"].make(seed=1)
    data = prepare(dataset, PLAIN, one_hot=False)
    np.testing.assert_array_equal(data.X_train, dataset.X)
    np.testing.assert_array_equal(data.Y_train, dataset.target.values)


def test_one_raw_sample_is_prepared_as_a_row_is():
    data = prepare(SOURCES["iris"].make(seed=1), Preparation(), one_hot=True)
    first = data.dataset.X[data.train_indices[0]]
    np.testing.assert_array_equal(data.prepare(first), data.X_train[0])
    np.testing.assert_array_equal(data.prepare(first[None]), data.X_train[:1])


@pytest.mark.parametrize(("raw", "found"), [([1.0], 1), ([[1.0], [2.0]], 1), ([1.0, 2.0, 3.0], 3), (1.0, 1)])
def test_raw_samples_of_another_width_are_refused(raw, found):
    data = prepare(classes(0, 1), PLAIN, one_hot=True)
    with pytest.raises(DataError, match=f"2 values per sample are expected, {found} were given"):
        data.prepare(raw)


# ---- awkward values


@pytest.mark.parametrize("value", [0.0, 0.1, 1e300, -7.0])
def test_constant_feature_becomes_exactly_zero(value):
    dataset = Dataset("some", np.full((3, 1), value), ("a",), Classes([0, 1, 1], ("n", "y")))
    data = prepare(dataset, Preparation(test_fraction=0.0), one_hot=True)
    np.testing.assert_array_equal(data.X_train, np.zeros((3, 1)))
    np.testing.assert_array_equal(data.unscale(data.X_train), dataset.X)


def test_one_row_trains():
    data = prepare(numbers(5.0), Preparation(test_fraction=0.9), one_hot=False)
    assert data.X_train.shape == (1, 1)
    assert data.X_test.shape == (0, 1)


def test_values_whose_spread_overflows_are_refused():
    dataset = Dataset("some", [[-1e308], [1e308]], ("a",), Classes([0, 1], ("n", "y")))
    with pytest.raises(DataError, match="values of 'a' are too large to be standardized"):
        prepare(dataset, Preparation(test_fraction=0.0), one_hot=True)


def test_a_test_value_out_of_all_proportion_is_refused():
    X = np.array([[1e-150], [0.0], [1e200]])
    faults = 0
    for seed in range(20):
        dataset = Dataset("some", X, ("a",), Numbers(np.zeros((3, 1)), ("y",)))
        try:
            data = prepare(dataset, Preparation(test_fraction=0.3, seed=seed), one_hot=False)
            assert 2 not in data.test_indices
        except DataError as error:
            faults += error.message == "A test value is too far from the training values to be scaled."
    assert faults > 0


@pytest.mark.parametrize(
    "choice", [{"test_fraction": 1.0}, {"test_fraction": float("nan")}, {"seed": -1}, {"seed": 0.5}]
)
def test_preparation_outside_its_limits_is_refused(choice):
    with pytest.raises(SettingError):
        Preparation(**choice)


# ---- properties


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=30),
    st.floats(0.0, 0.9),
    st.integers(0, 1000),
)
def test_unscaling_undoes_preparing_for_any_table(X, test_fraction, seed):
    dataset = Dataset("any", X, ("a", "b"), Numbers(np.array(X)[:, :1], ("y",)))
    try:
        data = prepare(dataset, Preparation(test_fraction, seed=seed), one_hot=False)
    except DataError:
        return  # test values out of all proportion
    scale = np.abs(X).max() + data.input_scale.std.max()
    np.testing.assert_allclose(data.unscale(data.X_train), dataset.X[data.train_indices], atol=1e-9 * scale)
    np.testing.assert_allclose(data.restore(data.Y_train), dataset.X[data.train_indices, :1], atol=1e-9 * scale)
