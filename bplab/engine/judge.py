"""The samples that a network is trained and judged by: their weights, and how well it does on them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bplab.engine.class_weights import weights_of_classes, weights_of_samples
from bplab.engine.losses import LOSSES, criterion, mean
from bplab.engine.metrics import Scores, accuracy, metrics_of

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.class_weights import ClassWeights
    from bplab.engine.metrics import Metrics
    from bplab.engine.network import Network
    from bplab.engine.settings import Settings


class Samples(NamedTuple):
    """Training and test data, rows are samples; the test arrays may have no rows."""

    X_train: Array
    Y_train: Array
    X_test: Array
    Y_test: Array
    classes: bool


class Judge:
    """Judges a network by samples, which are kept in the network's type."""

    def __init__(self, network: Network, samples: Samples) -> None:
        dtype = network.parameters.dtype
        X_train, Y_train, X_test, Y_test = (np.require(array, dtype, ["C", "A"]) for array in samples[:4])
        self.network, self.samples = network, Samples(X_train, Y_train, X_test, Y_test, samples.classes)
        self._weights: tuple[ClassWeights, Array | None, Array | None] = ("none", None, None)

    def weights(self, chosen: ClassWeights) -> tuple[Array | None, Array | None]:
        """Return the weights of training and test samples, each of shape (samples, 1), or None for all alike."""
        if self._weights[0] != chosen:
            of_classes = weights_of_classes(self.samples.Y_train, chosen)
            train, test = (weights_of_samples(Y, of_classes) for Y in (self.samples.Y_train, self.samples.Y_test))
            self._weights = (chosen, train, test)
        return self._weights[1:]

    def scores(self, settings: Settings) -> Scores:
        """Return mean loss and accuracy over the whole training and test data, as the network predicts now."""
        s, (train_weights, test_weights) = self.samples, self.weights(settings.class_weights)
        train = self._score(settings, s.X_train, s.Y_train, train_weights)
        test = self._score(settings, s.X_test, s.Y_test, test_weights)
        return Scores(train[0], test[0], train[1], test[1])

    def metrics(self, settings: Settings) -> tuple[Metrics | None, Metrics | None]:
        """Return the metrics of training and test data; None for no samples."""
        s, threshold = self.samples, LOSSES[settings.loss.name].threshold
        pairs = ((s.X_train, s.Y_train), (s.X_test, s.Y_test))
        train, test = (
            metrics_of(self.network.predict(X), Y, s.classes, threshold) if len(X) else None for X, Y in pairs
        )
        return train, test

    def _score(self, settings: Settings, X: Array, Y: Array, weights: Array | None) -> tuple[float, float]:
        if not len(X):
            return math.nan, math.nan
        z, a = self.network.forward(X)[-1]
        judge = criterion(settings.loss, self.network.layers[-1].choice)
        right = accuracy(a, Y, judge.entry.threshold) if self.samples.classes else math.nan
        return mean(judge.shares(z, a, Y), weights), right
