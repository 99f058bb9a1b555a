"""Which samples train and which test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import Classes, read_only
from bplab.errors import DataError

if TYPE_CHECKING:
    from bplab.data.dataset import Dataset, Indices
    from bplab.data.prepare import Preparation

SPLITS: dict[str, tuple[str, str]] = {
    "stratified": ("by chance, classes alike", "Drawn by the seed, the same share of each class."),
    "random": ("by chance", "Drawn by the seed from all samples, whatever their class."),
    "in_order": ("the last ones", "The last samples test: for what was measured one after the other."),
    "k_fold": ("one of several folds", "All samples are dealt to folds, one of which tests: take each in turn."),
    "by_column": ("as a column says", "The table has a column that says which rows are for testing."),
}


def divide(dataset: Dataset, chosen: Preparation) -> tuple[Indices, Indices]:
    """Return the rows for training and for testing as a user has chosen, both ascending and read-only.

    Raises
    ------
    DataError
        If a column should say it and none does, there are more folds than samples, or none is left for training.

    Returns
    -------
    train, test : ndarray of shape (n_train,) and (n_test,)
    """
    n, target = len(dataset.X), dataset.target
    one = np.zeros(n, dtype=np.intp)
    if chosen.split == "stratified":
        strata = target.labels if isinstance(target, Classes) else one
        return split(strata, chosen.test_fraction, chosen.seed)
    if chosen.split == "random":
        return split(one, chosen.test_fraction, chosen.seed)
    if chosen.split == "in_order":
        is_test = np.arange(n) >= n - min(n - 1, round(n * chosen.test_fraction))
    elif chosen.split == "k_fold":
        is_test = _fold_of(dataset, chosen) == chosen.fold - 1
    else:
        is_test = _said(dataset)
    if is_test.all():
        raise DataError(f"No sample of '{dataset.name}' is left for training.", "Keep fewer for testing.")
    return read_only(np.flatnonzero(~is_test)), read_only(np.flatnonzero(is_test))


def _fold_of(dataset: Dataset, chosen: Preparation) -> Indices:
    """Return the fold of each sample, from 0: dealt like cards, one class after the other."""
    n, target = len(dataset.X), dataset.target
    if n < chosen.folds:
        raise DataError(f"{n} samples cannot be dealt to {chosen.folds} folds.", "Choose fewer folds.")
    shuffled = np.random.default_rng(chosen.seed).permutation(n)
    if isinstance(target, Classes):
        shuffled = shuffled[np.argsort(target.labels[shuffled], kind="stable")]
    folds = np.empty(n, dtype=np.intp)
    folds[shuffled] = np.arange(n) % chosen.folds
    return folds


def _said(dataset: Dataset) -> np.ndarray:
    if dataset.is_test is None:
        raise DataError(
            f"'{dataset.name}' does not say which samples are for testing.",
            "Import the table with a column for it, or split otherwise.",
        )
    return dataset.is_test


def split(strata: Indices, test_fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Return the rows for training and for testing, both ascending and read-only.

    Each stratum (a class) is divided in the same proportion, and keeps at least one row for training.

    Parameters
    ----------
    strata : ndarray of shape (samples,)
        The stratum of each sample, from 0.
    test_fraction : float
        0 to below 1.
    seed : int
        Equal seeds give equal splits.

    Returns
    -------
    train, test : ndarray of shape (n_train,) and (n_test,)
    """
    counts = np.bincount(strata)
    shuffled = np.random.default_rng(seed).permutation(len(strata))
    grouped = shuffled[np.argsort(strata[shuffled], kind="stable")]
    place_in_group = np.arange(len(strata)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_test = place_in_group < np.repeat(_test_counts(counts, test_fraction), counts)
    return _ascending(grouped[~is_test]), _ascending(grouped[is_test])


def _test_counts(counts: Indices, fraction: float) -> Indices:
    """Return how many of each stratum test: rounded down, then one more where most was rounded away."""
    quotas = counts * fraction
    taken: Indices = np.floor(quotas).astype(np.intp)
    missing = round(float(quotas.sum())) - int(taken.sum())
    by_loss = np.argsort(taken - quotas, kind="stable")
    can_give = by_loss[taken[by_loss] < counts[by_loss] - 1]
    taken[can_give[:missing]] += 1
    return taken


def _ascending(rows: Indices) -> Indices:
    return read_only(np.sort(rows))
