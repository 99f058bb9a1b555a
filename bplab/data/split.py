"""Which samples train and which test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.data.dataset import read_only

if TYPE_CHECKING:
    from bplab.data.dataset import Indices


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
