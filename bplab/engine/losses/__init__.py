"""Losses: what is plotted is what is differentiated.

A loss gives each output's share of each sample's loss; the loss of a batch is the mean over its samples of the sum of
the shares. To add one: an entry in a file here, its name in the catalogue below, one test row.
"""

from bplab.catalogue import Catalogue, Choice
from bplab.engine.losses.distance import HALF_SQUARED_ERROR, HUBER, MAE, MSE
from bplab.engine.losses.loss import Criterion, Fused, Loss, mean
from bplab.engine.losses.surprise import BINARY_CROSS_ENTROPY, CROSS_ENTROPY, HINGE

__all__ = ["LOSSES", "Criterion", "Fused", "Loss", "criterion", "mean"]

LOSSES: Catalogue[Loss] = Catalogue(
    "loss", CROSS_ENTROPY, BINARY_CROSS_ENTROPY, HINGE, MSE, HALF_SQUARED_ERROR, MAE, HUBER
)


def criterion(loss: Choice, output: Choice) -> Criterion:
    """Return a loss after an output activation."""
    return Criterion(LOSSES[loss.name], loss, output)
