from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.data.prepare import BALANCES, Preparation, prepare
from bplab.data.scale import SCALINGS
from bplab.data.sources import SOURCES
from bplab.data.split import SPLITS
from bplab.errors import DataError, SettingError
from bplab.experiment.spec import DataSpec

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


# ---- splits


def numbered(n=60, classes=3):
    rng = np.random.default_rng(2)
    return Dataset("d", rng.normal(size=(n, 2)), ("a", "b"), Classes(np.arange(n) % classes, tuple("xyz"[:classes])))


def test_every_split_and_scaling_is_described():
    spec = DataSpec.model_fields
    for field, described in (("split", SPLITS), ("scaling", SCALINGS), ("balance", BALANCES)):
        assert set(get_args(spec[field].annotation)) == set(described)


def test_every_sample_tests_in_one_fold():
    seen = []
    for fold in range(1, 8):
        data = prepare(numbered(), Preparation(split="k_fold", folds=7, fold=fold), one_hot=True)
        seen += data.test_indices.tolist()
        counts = np.bincount(data.dataset.target.labels[data.test_indices], minlength=3)
        assert counts.max() - counts.min() <= 1
        assert len(data.test_indices) in (8, 9)
    assert sorted(seen) == list(range(60))


def test_the_last_samples_test_in_order():
    data = prepare(numbered(), Preparation(split="in_order", test_fraction=0.25), one_hot=True)
    assert data.test_indices.tolist() == list(range(45, 60))


def test_a_random_split_does_not_look_at_classes():
    labels = numbered().target.labels
    tests = [prepare(numbered(), Preparation(split="random", seed=seed), one_hot=True) for seed in range(10)]
    counts = {tuple(np.bincount(labels[data.test_indices], minlength=3).tolist()) for data in tests}
    assert len(counts) > 3


def test_a_column_says_which_samples_test():
    marked = dataclasses.replace(numbered(), is_test=np.arange(60) % 4 == 0)
    data = prepare(marked, Preparation(split="by_column"), one_hot=True)
    assert data.test_indices.tolist() == list(range(0, 60, 4))


@pytest.mark.parametrize(
    ("dataset", "chosen", "message"),
    [
        (numbered(), {"split": "by_column"}, "does not say which samples are for testing"),
        (numbered(4), {"split": "k_fold"}, "4 samples cannot be dealt to 5 folds"),
        (dataclasses.replace(numbered(), is_test=np.ones(60, bool)), {"split": "by_column"}, "is left for training"),
    ],
)
def test_a_split_that_cannot_be_is_refused(dataset, chosen, message):
    with pytest.raises(DataError, match=message):
        prepare(dataset, Preparation(**chosen), one_hot=True)


def test_there_is_no_fold_beyond_the_last():
    with pytest.raises(SettingError, match="no fold 6 of 5"):
        Preparation(split="k_fold", fold=6)


# ---- scalings


def test_min_max_and_robust_are_fitted_on_the_training_rows_alone():
    rng = np.random.default_rng(4)
    dataset = dataclasses.replace(numbered(), X=rng.lognormal(size=(60, 2)))
    found = {how: prepare(dataset, Preparation(scaling=how), one_hot=True) for how in SCALINGS}
    raw = dataset.X[found["none"].train_indices]
    np.testing.assert_array_equal(found["none"].X_train, raw)
    np.testing.assert_allclose(found["min_max"].X_train.min(axis=0), 0)
    np.testing.assert_allclose(found["min_max"].X_train.max(axis=0), 1)
    np.testing.assert_allclose(np.median(found["robust"].X_train, axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(np.ptp(np.quantile(found["robust"].X_train, [0.25, 0.75], axis=0), axis=0), 1)
    for data in found.values():
        np.testing.assert_allclose(data.prepare(dataset.X[data.test_indices]), data.X_test)


# ---- what is drawn: some samples, balance, wrong targets


def test_only_so_many_samples_are_used():
    data = prepare(numbered(), Preparation(most_samples=20), one_hot=True)
    assert len(data.X_train) + len(data.X_test) == len(data.dataset.X) == 20
    assert len(prepare(numbered(), Preparation(most_samples=1000), one_hot=True).dataset.X) == 60


@pytest.mark.parametrize(("how", "counts"), [("over", [40, 40]), ("under", [8, 8]), ("none", [40, 8])])
def test_rare_classes_are_balanced_in_training_alone(how, counts):
    labels = np.array([0] * 50 + [1] * 10)
    dataset = Dataset("d", np.arange(60.0)[:, None], ("a",), Classes(labels, ("x", "y")))
    data = prepare(dataset, Preparation(balance=how), one_hot=True)
    assert np.bincount(labels[data.train_indices]).tolist() == counts
    assert np.bincount(labels[data.test_indices]).tolist() == [10, 2]
    assert (np.diff(data.train_indices) >= 0).all()
    assert not set(data.train_indices.tolist()) & set(data.test_indices.tolist())


def test_numbers_have_no_balance():
    dataset = Dataset("d", np.arange(9.0)[:, None], ("a",), Numbers(np.arange(9.0)[:, None], ("y",)))
    with pytest.raises(DataError, match="no classes to balance"):
        prepare(dataset, Preparation(balance="over"), one_hot=False)


def test_a_share_of_the_training_labels_is_wrong():
    data = prepare(numbered(300), Preparation(label_noise=0.25), one_hot=True)
    right = data.dataset.target.labels
    assert (data.Y_train.argmax(axis=1) != right[data.train_indices]).mean() == 0.25
    assert (data.Y_test.argmax(axis=1) == right[data.test_indices]).all()


def test_noise_of_numbers_is_a_share_of_their_deviation():
    values = np.random.default_rng(1).normal(3, 5, size=(4000, 1))
    dataset = Dataset("d", np.arange(4000.0)[:, None], ("a",), Numbers(values, ("y",)))
    data = prepare(dataset, Preparation(label_noise=0.5, standardize_target=False), one_hot=False)
    off = data.Y_train - values[data.train_indices]
    assert off.std() == pytest.approx(2.5, rel=0.05)
    np.testing.assert_array_equal(data.Y_test, values[data.test_indices])


# ---- missing values


@pytest.mark.parametrize(("how", "value"), [("mean", 3.0), ("median", 2.0)])
def test_gaps_are_filled_from_the_training_rows_alone(how, value):
    X = np.array([[1.0], [2.0], [6.0], [np.nan], [100.0]])
    marks = np.array([False, False, False, False, True])
    dataset = Dataset("d", X, ("a",), Classes([0, 1, 0, 1, 0], ("x", "y")), fills=(how,), is_test=marks)
    data = prepare(dataset, Preparation(split="by_column", scaling="none"), one_hot=True)
    assert data.X_train[:, 0].tolist() == [1, 2, 6, value]
    assert data.fill.tolist() == [value]
    assert data.prepare([[np.nan], [7.0]]).tolist() == [[value], [7.0]]
    assert not np.isnan(data.dataset.X).any()


def test_a_column_without_a_value_to_fill_with_is_refused():
    X = np.array([[np.nan], [np.nan], [1.0]])
    dataset = Dataset("d", X, ("a",), Classes([0, 1, 0], ("x", "y")), fills=("mean",), is_test=X[:, 0] == 1)
    with pytest.raises(DataError, match="No training sample has a value of 'a'"):
        prepare(dataset, Preparation(split="by_column"), one_hot=True)
    with pytest.raises(DataError, match="'a' has a value that is not finite"):
        Dataset("d", X, ("a",), Classes([0, 1, 0], ("x", "y")))
