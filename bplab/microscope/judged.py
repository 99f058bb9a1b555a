"""What the network says of the samples of a data set, and what each adds to the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.losses import LOSSES, criterion
from bplab.engine.metrics import predicted_classes

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.data.dataset import Floats, Indices
    from bplab.data.prepare import PreparedData
    from bplab.engine.network import Network

MOST_PRODUCTS = 40_000_000  # of a weight and an activation: some milliseconds


@dataclass(frozen=True, eq=False)
class Judged:
    """Samples with what the network says of them.

    Attributes
    ----------
    rows : ndarray of shape (n,)
        Where they are in the data set, ascending within each part.
    is_test : ndarray of bool, shape (n,)
    outputs : ndarray of shape (n, n_out)
        Classes: as the network gives them; numbers: in the target's units.
    loss : ndarray of shape (n,)
        What each adds to the mean, before class weights.
    predicted : ndarray of shape (n,) or None
        The class that the network says; None for numbers.
    is_wrong : ndarray of bool, shape (n,)
        Whether that is not its class; never for numbers.
    of : int
        How many samples there are in all.
    """

    rows: Indices
    is_test: np.ndarray
    outputs: Floats
    loss: Floats
    predicted: Indices | None
    is_wrong: np.ndarray
    of: int

    def place(self, row: int) -> int | None:
        """Return where a sample of the data set is among these; None if it is not."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def hardest(self, count: int) -> list[int]:
        """Return the places of those with the largest loss, the largest first."""
        finite = np.nan_to_num(self.loss, nan=np.inf, posinf=np.inf)
        return [int(place) for place in np.argsort(-finite, kind="stable")[:count]]


def judged(network: Network, data: PreparedData, loss: Choice) -> Judged:
    """Return what the network says of all samples or, where that would take long, of some, evenly spread."""
    parts = ((data.X_train, data.Y_train, data.train_indices), (data.X_test, data.Y_test, data.test_indices))
    total = sum(len(rows) for _, _, rows in parts)
    stride = max(1, total * len(network.parameters) // MOST_PRODUCTS)
    X, Y, rows = (np.concatenate([part[place][::stride] for part in parts]) for place in range(3))
    rows, first = np.unique(rows, return_index=True)  # a row that is repeated for balance is there once
    X, Y = X[first], Y[first]
    is_test = np.isin(rows, data.test_indices)
    with np.errstate(all="ignore"):
        z, a = network.forward(np.asarray(X, network.parameters.dtype))[-1]
        shares = criterion(loss, network.layers[-1].choice).shares(z, a, np.asarray(Y, a.dtype))
        outputs = np.asarray(a, np.float64) if data.class_names else data.restore(a)
    predicted = predicted_classes(a, LOSSES[loss.name].threshold) if data.class_names else None
    is_wrong = np.zeros(len(rows), dtype=bool) if predicted is None else predicted != predicted_classes(Y)
    return Judged(rows, is_test, outputs, np.asarray(shares.sum(axis=1), np.float64), predicted, is_wrong, total)
