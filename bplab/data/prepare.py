"""From a data set to what a network sees: split into training and test, scaled, targets as numbers.

Means and standard deviations come from the training rows alone; the test rows must stay unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.catalogue import Setting
from bplab.data.dataset import Classes, Dataset, Floats, Indices, read_only
from bplab.data.features import Input, as_they_are, expand, names_of
from bplab.data.scale import Scale
from bplab.data.split import split
from bplab.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TEST_FRACTION = Setting(0.2, 0.0, 0.9, "The share of the samples that is kept for testing.")
SEED = Setting(1, 0, 2**31 - 1, "Decides which samples are kept for testing.", whole=True)


@dataclass(frozen=True)
class Preparation:
    """What a user chooses about preparing a data set.

    Parameters
    ----------
    test_fraction : float
        The share of the samples kept for testing, 0 to 0.9.
    standardize : bool
        Scale every feature to mean 0 and standard deviation 1.
    standardize_target : bool
        The same for targets that are numbers.
    seed : int
        Decides which samples are kept for testing.
    inputs : tuple of Input
        What the network hears; none for every feature as it is.
    """

    test_fraction: float = 0.2
    standardize: bool = True
    standardize_target: bool = True
    seed: int = 1
    inputs: tuple[Input, ...] = ()

    def __post_init__(self) -> None:
        TEST_FRACTION.check(self.test_fraction, "The test fraction")
        SEED.check(self.seed, "The seed of the split")


@dataclass(frozen=True, eq=False)
class PreparedData:
    """Training and test data in the form that a network sees; every array is read-only.

    Parameters
    ----------
    dataset : Dataset
        Where the data are from.
    X_train, X_test : ndarray of shape (n_train, features) and (n_test, features)
        Inputs.
    Y_train, Y_test : ndarray of shape (n_train, n_out) and (n_test, n_out)
        Targets.
    train_indices, test_indices : ndarray of shape (n_train,) and (n_test,)
        The rows of the data set they are from, ascending.
    feature_names, output_names : tuple of str
        What each input and each output of the network is.
    class_names : tuple of str
        Empty for targets that are numbers.
    input_scale, output_scale : Scale
        From the data set's units to the network's.
    inputs : tuple of Input
        How each input is made from the features of the data set.
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

    def prepare(self, raw: ArrayLike) -> Floats:
        """Return what the network sees of raw features of shape (n, features) or (features,)."""
        features = np.asarray(raw, dtype=np.float64)
        expected = len(self.dataset.feature_names)
        if not 1 <= features.ndim <= 2 or features.shape[-1] != expected:
            found = features.shape[-1] if features.ndim else 1
            raise DataError(f"{expected} values per sample are expected, {found} were given.")
        made = self.input_scale.apply(expand(np.atleast_2d(features), self.inputs))
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
    train, test = split(_strata(dataset), preparation.test_fraction, preparation.seed)
    Y, output_names = _outputs(dataset, one_hot)
    is_classes = isinstance(dataset.target, Classes)
    inputs = preparation.inputs or as_they_are(len(dataset.feature_names))
    X, feature_names = expand(dataset.X, inputs), names_of(inputs, dataset.feature_names)
    input_scale = _scale(X[train], feature_names, preparation.standardize)
    output_scale = _scale(Y[train], output_names, preparation.standardize_target and not is_classes)
    return PreparedData(
        dataset=dataset,
        X_train=_part(input_scale, X, train),
        Y_train=_part(output_scale, Y, train),
        X_test=_part(input_scale, X, test),
        Y_test=_part(output_scale, Y, test),
        train_indices=train,
        test_indices=test,
        feature_names=feature_names,
        output_names=output_names,
        class_names=dataset.target.names if is_classes else (),
        input_scale=input_scale,
        output_scale=output_scale,
        inputs=inputs,
    )


def _strata(dataset: Dataset) -> Indices:
    """Return the group of each sample that the split divides evenly: its class, or one for all."""
    target = dataset.target
    return target.labels if isinstance(target, Classes) else np.zeros(len(target), dtype=np.intp)


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


def _scale(rows: Floats, names: tuple[str, ...], standardize: bool) -> Scale:
    return Scale.fit(rows, names) if standardize else Scale.identity(rows.shape[1])


def _part(scale: Scale, values: Floats, rows: Indices) -> Floats:
    part = np.ascontiguousarray(scale.apply(values[rows]))
    if not np.isfinite(part).all():
        raise DataError("A test value is too far from the training values to be scaled.", "Switch standardizing off.")
    return read_only(part)
