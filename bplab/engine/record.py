"""What one training step leaves behind to look at: plain read-only arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bplab.engine.regularizers import penalty_of

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.backprop import Backprop
    from bplab.engine.settings import Settings

PhaseKind = Literal["forward", "loss", "backward", "update"]


@dataclass(frozen=True, eq=False)
class LayerRecord:
    """One dense layer during one step; `W` and `b` are those that the forward pass used.

    Attributes
    ----------
    a_prev : ndarray of shape (batch, n_in)
        What came in.
    z, a, delta : ndarray of shape (batch, n_out)
        Pre-activation, activation, and dL/dz of the batch's mean loss.
    pull : ndarray of shape (batch, n_out)
        dL/da of hidden layers, dL/dz of the output layer, for each sample's own loss: what the neuron is asked for,
        with the opposite sign.
    u : ndarray of shape (batch, n_out)
        What went into the activation: the normalized sum, or z itself.
    mask : ndarray of shape (batch, n_out) or None
        What dropout multiplied by.
    W, b, gamma, beta : ndarray
        Shapes (n_out, n_in) and (n_out,); gamma and beta are empty without a normalization.
    dW, db, dgamma, dbeta : ndarray
        Gradients, shapes of W, b, gamma and beta.
    update_W, update_b, update_gamma, update_beta : ndarray
        What the update added to them.
    """

    a_prev: Array
    z: Array
    a: Array
    delta: Array
    pull: Array
    u: Array
    mask: Array | None
    W: Array
    b: Array
    gamma: Array
    beta: Array
    dW: Array
    db: Array
    dgamma: Array
    dbeta: Array
    update_W: Array
    update_b: Array
    update_gamma: Array
    update_beta: Array

    def layer_gradients(self) -> tuple[Array, Array]:
        """Return each sample's own gradients of W, shape (batch, n_out, n_in), and of b, shape (batch, n_out).

        Their mean is the gradient of the batch.
        """
        own = self.delta * len(self.delta)
        return own[:, :, None] * self.a_prev[:, None, :], own

    def sample_gradients(self, j: int, k: int | None) -> Array:
        """Return each sample's own gradient, shape (batch,), of weight ``W[j, k]``, or of ``b[j]`` if k is None.

        Their mean is the gradient of the batch.
        """
        own = self.delta[:, j] * len(self.delta)
        return own if k is None else own * self.a_prev[:, k]


@dataclass(frozen=True, eq=False)
class StepRecord:
    """One step: forward pass, loss, backward pass and update.

    Attributes
    ----------
    step, epoch : int
        Counted after this step: updates done, and whole passes over the training data done.
    settings : Settings
        What the step was done with, which may not be what the next one will be done with.
    indices : ndarray of shape (batch,)
        Rows of the training data; -1 - i for row i of the test data, which is only looked at.
    loss, penalty : float
        Mean loss of the batch, and the regularizer's penalty on the weights.
    learning_rate : float
        The optimizer's, times the factor of the schedule.
    weights : ndarray of shape (batch, 1) or None
        How much each sample counts in the mean; None for all alike.
    shares : ndarray of shape (batch, n_out)
        Each output's part of each sample's loss.
    layers : tuple of LayerRecord
        The dense layers; index 0 is layer 1.
    is_look : bool
        No step was done: a sample was looked at.
    """

    step: int
    epoch: int
    settings: Settings
    indices: np.ndarray
    X: Array
    Y: Array
    loss: float
    penalty: float
    learning_rate: float
    weights: Array | None
    shares: Array
    layers: tuple[LayerRecord, ...]
    is_look: bool = False

    def gradient_norms(self) -> tuple[float, ...]:
        """Return the length of each layer's gradient, all its parameters together."""
        parts = ((r.dW, r.db, r.dgamma, r.dbeta) for r in self.layers)
        return tuple(math.sqrt(sum(np.vdot(part, part) for part in layer)) for layer in parts)


@dataclass(frozen=True, eq=False)
class Phase:
    """A moment within a step.

    ``layer`` is the dense layer, from 1, that goes forward or backward; None for loss and update.
    """

    kind: PhaseKind
    layer: int | None
    record: StepRecord


def record_of(
    passes: Backprop, before: Array, settings: Settings, indices: np.ndarray, counters: tuple[int, int], rate: float
) -> StepRecord:
    """Return the record of a step that has just been done.

    Parameters
    ----------
    passes : Backprop
        As its backward pass left it.
    before : ndarray of shape (n_parameters,)
        The parameters that it used; the network has those after the update.
    counters : tuple of int
        Step and epoch after it.
    rate : float
        The learning rate of its update.
    """
    network, shares = passes.network, passes.shares()
    update = network.parameters - before
    loss, penalty = passes.loss(), penalty_of(settings.regularizer, network.views(before))
    indices, X, Y = indices.copy(), passes.X.copy(), passes.Y.copy()
    for array in (indices, X, Y, shares):
        array.flags.writeable = False
    layers = _layer_records(passes, before, update, X)
    return StepRecord(*counters, settings, indices, X, Y, loss, penalty, rate, passes.weights, shares, layers)


def _layer_records(passes: Backprop, before: Array, update: Array, X: Array) -> tuple[LayerRecord, ...]:
    network, gradient = passes.network, passes.gradient.copy()
    a, z, u, delta = ([array.copy() for array in arrays] for arrays in (passes.a, passes.z, passes.u, passes.delta))
    pull = [array * len(array) for array in (*passes.pull, passes.delta[-1])]
    masks = [None if mask is None else mask.copy() for mask in passes.masks]
    for array in (before, update, gradient, *a, *z, *u, *delta, *pull, *(m for m in masks if m is not None)):
        array.flags.writeable = False
    vectors = zip(*(network.views(vector) for vector in (before, gradient, update)), strict=True)
    return tuple(
        LayerRecord(a[i - 1] if i else X, z[i], a[i], delta[i], pull[i], u[i], masks[i], *old, *own, *change)
        for i, (old, own, change) in enumerate(vectors)
    )
