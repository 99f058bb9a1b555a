"""What one training step leaves behind to look at: plain read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.activations import Array
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
    dW, db : ndarray
        Gradients, shapes of W (n_out, n_in) and b (n_out,).
    update_W, update_b : ndarray
        What the optimizer added to W and b.
    """

    a_prev: Array
    z: Array
    a: Array
    delta: Array
    pull: Array
    W: Array
    b: Array
    dW: Array
    db: Array
    update_W: Array
    update_b: Array

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
        Rows of the training data.
    loss, penalty : float
        Mean loss of the batch, and the regularizer's penalty on the weights.
    shares : ndarray of shape (batch, n_out)
        Each output's part of each sample's loss.
    layers : tuple of LayerRecord
        The dense layers; index 0 is layer 1.
    """

    step: int
    epoch: int
    settings: Settings
    indices: np.ndarray
    X: Array
    Y: Array
    loss: float
    penalty: float
    shares: Array
    layers: tuple[LayerRecord, ...]

    def gradient_norms(self) -> tuple[float, ...]:
        """Return the length of each layer's gradient, weights and biases together."""
        return tuple(float(np.sqrt(np.vdot(r.dW, r.dW) + np.vdot(r.db, r.db))) for r in self.layers)


@dataclass(frozen=True, eq=False)
class Phase:
    """A moment within a step.

    ``layer`` is the dense layer, from 1, that goes forward or backward; None for loss and update.
    """

    kind: PhaseKind
    layer: int | None
    record: StepRecord
