"""From a data set to what a network sees: split into training and test, scaled, targets as numbers.

Means and standard deviations come from the training rows alone; the test rows must stay unknown.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.data.dataset import Classes, Dataset, Floats, Indices, read_only
from bplab.data.features import Input, as_they_are, expand, names_of
from bplab.data.rows import balanced, part_of, with_noise
from bplab.data.scale import Scale, parts
from bplab.data.split import divide
from bplab.errors import DataError, SettingError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TEST_FRACTION = Setting(0.2, 0.0, 0.9, "The share of the samples that is kept for testing.")
SEED = Setting(1, 0, 2**31 - 1, "Decides which samples are kept for testing.", whole=True)
BALANCES: dict[str, tuple[str, str]] = {
    "none": ("as they are", "Each training sample is there once."),
    "over": ("repeat rare ones", "Samples of rarer classes are repeated until all classes train with as many."),
    "under": ("leave some out", "Of the larger classes some are left out, drawn by the seed, until all are as many."),
}


@dataclass(frozen=True)
class Preparation:
    """What a user chooses about preparing a data set.

    Parameters
    ----------
    split : str
        One of `SPLITS`.
    test_fraction : float
        The share of the samples kept for testing, 0 to 0.9; not for folds, and not where a column says it.
    folds, fold : int
        How many folds, and which of them, from 1, tests.
    scaling : str
        One of `SCALINGS`, for the inputs.
    standardize_target : bool
        Scale targets that are numbers to mean 0 and standard deviation 1.
    balance : str
        One of `BALANCES`, for targets that are classes.
    label_noise : float
        The share of the training samples that get another class by chance; to numbers, normal noise of that share of
        their standard deviation is added.
    most_samples : int, optional
        Use only so many samples, drawn by the seed.
    seed : int
        Decides everything that is drawn.
    inputs : tuple of Input
        What the network hears; none for every feature as it is.
    """

    split: str = "stratified"
    test_fraction: float = 0.2
    folds: int = 5
    fold: int = 1
    scaling: str = "standardize"
    standardize_target: bool = True
    balance: str = "none"
    label_noise: float = 0.0
    most_samples: int | None = None
    seed: int = 1
    inputs: tuple[Input, ...] = ()

    def __post_init__(self) -> None:
        TEST_FRACTION.check(self.test_fraction, "The test fraction")
        SEED.check(self.seed, "The seed of the split")
        if self.fold > self.folds:
            raise SettingError(f"There is no fold {self.fold} of {self.folds}.", "Choose one of them.")


@dataclass(frozen=True, eq=False)
class PreparedData:
    """Training and test data in the form that a network sees; every array is read-only.

    Parameters
    ----------
    dataset : Dataset
        Where the data are from, its missing values filled.
    X_train, X_test : ndarray of shape (n_train, features) and (n_test, features)
        Inputs.
    Y_train, Y_test : ndarray of shape (n_train, n_out) and (n_test, n_out)
        Targets.
    train_indices, test_indices : ndarray of shape (n_train,) and (n_test,)
        The rows of `dataset` they are from, ascending; a row that is repeated for balance, again and again.
    feature_names, output_names : tuple of str
        What each input and each output of the network is.
    class_names : tuple of str
        Empty for targets that are numbers.
    input_scale, output_scale : Scale
        From the data set's units to the network's.
    inputs : tuple of Input
        How each input is made from the features of the data set.
    fill : ndarray of shape (features,)
        What a missing value of each feature becomes; NaN where none may be missing.
    """

    dataset: Dataset
    X_train: Floats
    Y_train: Floats
    X_test: Floats
    Y_test: Floats
    train_indices: Indices
    test_indices: Indices
    feature_names: tuple[str, ...]
    output_names: tuple[str, ...]
    class_names: tuple[str, ...]
    input_scale: Scale
    output_scale: Scale
    inputs: tuple[Input, ...]
    fill: Floats

    def prepare(self, raw: ArrayLike) -> Floats:
        """Return what the network sees of raw features of shape (n, features) or (features,)."""
        features = np.asarray(raw, dtype=np.float64)
        expected = len(self.dataset.feature_names)
        if not 1 <= features.ndim <= 2 or features.shape[-1] != expected:
            found = features.shape[-1] if features.ndim else 1
            raise DataError(f"{expected} values per sample are expected, {found} were given.")
        made = self.input_scale.apply(expand(filled(np.atleast_2d(features), self.fill), self.inputs))
        return made if features.ndim == 2 else made[0]

    def unscale(self, X: ArrayLike) -> Floats:
        """Return the inputs, before they were scaled, of which the network sees `X`, shape (n, inputs)."""
        return self.input_scale.undo(X)

    def restore(self, Y: ArrayLike) -> Floats:
        """Return outputs of shape (n, n_out) or (n_out,) in the target's units; those of classes as they are."""
        return self.output_scale.undo(Y)


def prepare(dataset: Dataset, preparation: Preparation, one_hot: bool) -> PreparedData:
    """Return `dataset` split and scaled as `preparation` says.

    Parameters
    ----------
    dataset : Dataset
        Samples with targets.
    preparation : Preparation
        The user's choice.
    one_hot : bool
        For classes: one output per class. Otherwise one output that is 1 for the second of two classes.

    Raises
    ------
    DataError
        If one output is asked to tell other than two classes apart, or values are too large to scale.
    """
    dataset = _some(dataset, preparation)
    train, test = divide(dataset, preparation)
    dataset, fill = _without_gaps(dataset, train)
    labelled = with_noise(dataset, train, preparation.label_noise, preparation.seed)
    train = balanced(dataset, train, preparation.balance, preparation.seed)
    Y, output_names = _outputs(labelled, one_hot)
    is_classes = isinstance(dataset.target, Classes)
    inputs = preparation.inputs or as_they_are(len(dataset.feature_names))
    X, feature_names = expand(dataset.X, inputs), names_of(inputs, dataset.feature_names)
    X_train, Y_train = X[train], Y[train]
    input_scale = _scale(X_train, feature_names, preparation.scaling)
    target_scaling = "standardize" if preparation.standardize_target and not is_classes else "none"
    output_scale = _scale(Y_train, output_names, target_scaling)
    return PreparedData(
        dataset=dataset,
        X_train=_part(input_scale, X_train),
        Y_train=_part(output_scale, Y_train),
        X_test=_part(input_scale, X[test]),
        Y_test=_part(output_scale, Y[test]),
        train_indices=train,
        test_indices=test,
        feature_names=feature_names,
        output_names=output_names,
        class_names=dataset.target.names if is_classes else (),
        input_scale=input_scale,
        output_scale=output_scale,
        inputs=inputs,
        fill=fill,
    )


def _some(dataset: Dataset, chosen: Preparation) -> Dataset:
    """Return as many samples as are wanted, drawn by the seed, in their order."""
    n = len(dataset.X)
    if chosen.most_samples is None or chosen.most_samples >= n:
        return dataset
    return part_of(dataset, np.sort(np.random.default_rng(chosen.seed).permutation(n)[: chosen.most_samples]))


def _without_gaps(dataset: Dataset, train: Indices) -> tuple[Dataset, Floats]:
    """Return the data set with its missing values filled, and what fills those of each feature, shape (features,)."""
    fill = np.full(len(dataset.feature_names), np.nan)
    if not any(dataset.fills):
        return dataset, fill
    for place, how in enumerate(dataset.fills):
        if how:
            there = dataset.X[train, place]
            there = there[~np.isnan(there)]
            if not len(there):
                name = dataset.feature_names[place]
                raise DataError(f"No training sample has a value of '{name}'.", "Ignore the column.")
            fill[place] = there.mean() if how == "mean" else np.median(there)
    return dataclasses.replace(dataset, X=filled(dataset.X, fill), fills=()), fill


def filled(X: Floats, fill: Floats) -> Floats:
    """Return `X`, shape (samples, features), with `fill`, shape (features,), where a value is missing."""
    return np.where(np.isnan(X), fill, X) if not np.isnan(fill).all() else X


def _outputs(dataset: Dataset, one_hot: bool) -> tuple[Floats, tuple[str, ...]]:
    target = dataset.target
    if not isinstance(target, Classes):
        return target.values, target.names
    if one_hot:
        return np.eye(len(target.names))[target.labels], target.names
    if len(target.names) != 2:
        message = f"One output cannot tell the {len(target.names)} classes of '{dataset.name}' apart."
        raise DataError(message, "Use one output per class, with softmax and cross-entropy.")
    return target.labels[:, None].astype(np.float64), target.names[1:]


def _scale(rows: Floats, names: tuple[str, ...], how: str) -> Scale:
    return Scale.identity(rows.shape[1]) if how == "none" else Scale.fit(rows, names, how)


def _part(scale: Scale, rows: Floats) -> Floats:
    part = np.ascontiguousarray(scale.scaled(rows))
    if not all(np.isfinite(some).all() for some in parts(part)):
        raise DataError("A test value is too far from the training values to be scaled.", "Switch standardizing off.")
    return read_only(part)
