"""Forward and backward pass of one batch, in buffers that are used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bplab.engine.activations import Array
    from bplab.engine.losses import Loss
    from bplab.engine.network import Network


class Backprop:
    """The forward and backward pass of batches of one size.

    Parameters
    ----------
    network : Network
        Its parameters are read, never changed.
    loss : Loss
        What is differentiated.
    batch : int
        Samples in a batch.

    Attributes
    ----------
    z, a, delta : list of ndarray of shape (batch, n_out)
        One for each dense layer; delta is dL/dz, L being the mean over the batch.
    pull : list of ndarray of shape (batch, n_out)
        dL/da of the hidden layers; the output layer's is left out.
    gradient : ndarray of shape (n_parameters,)
        dL/dW and dL/db, laid out like the network's parameters.
    """

    def __init__(self, network: Network, loss: Loss, batch: int) -> None:
        self.network = network
        self.loss = loss
        self.X: Array = np.empty((batch, network.sizes[0]))
        self.Y: Array = np.empty((batch, network.sizes[-1]))
        self.z: list[Array] = [np.empty((batch, n)) for n in network.sizes[1:]]
        self.a: list[Array] = [np.empty_like(z) for z in self.z]
        self.delta: list[Array] = [np.empty_like(z) for z in self.z]
        self.pull: list[Array] = [np.empty_like(z) for z in self.z[:-1]]
        self.gradient: Array = np.empty_like(network.parameters)
        self._gradients = network.views(self.gradient)
        self._fused = loss.fused.get(network.layers[-1].choice.name)

    def load(self, X: Array, Y: Array, indices: np.ndarray) -> None:
        """Take the rows `indices` of X (samples, n_in) and Y (samples, n_out) as the batch."""
        X.take(indices, axis=0, out=self.X, mode="clip")
        Y.take(indices, axis=0, out=self.Y, mode="clip")

    def forward(self) -> None:
        """Layer by layer, left to right: ``z = a_prev @ W.T + b``, ``a = f(z)``."""
        a_prev = self.X
        for layer, z, a in zip(self.network.layers, self.z, self.a, strict=True):
            np.dot(a_prev, layer.W.T, out=z)
            np.add(z, layer.b, out=z)
            layer.activate(z, a)
            a_prev = a

    def shares(self) -> Array:
        """Each output's part of each sample's loss, shape (batch, n_out)."""
        if self._fused is not None:
            return self._fused.share(self.z[-1], self.Y)
        return self.loss.share(self.a[-1], self.Y)

    def backward(self) -> None:
        """Layer by layer, right to left: delta, then ``dW = delta.T @ a_prev`` and ``db``, then ``delta @ W``."""
        self._output_error()
        for i in reversed(range(len(self.z))):
            delta, (dW, db) = self.delta[i], self._gradients[i]
            np.dot(delta.T, self.a[i - 1] if i else self.X, out=dW)
            np.add.reduce(delta, axis=0, out=db)
            if i:
                layer = self.network.layers[i - 1]
                np.dot(delta, self.network.layers[i].W, out=self.pull[i - 1])
                layer.activation.backward(
                    self.z[i - 1], self.a[i - 1], self.pull[i - 1], self.delta[i - 1], **layer.choice.values
                )

    def _output_error(self) -> None:
        layer, z, a, delta = self.network.layers[-1], self.z[-1], self.a[-1], self.delta[-1]
        if self._fused is not None:
            self._fused.delta(a, self.Y, delta)
        else:
            gradient = np.empty_like(a)
            self.loss.gradient(a, self.Y, gradient)
            layer.activation.backward(z, a, gradient, delta, **layer.choice.values)
        np.multiply(delta, 1.0 / len(delta), out=delta)


def mean_loss(network: Network, loss: Loss, X: Array, Y: Array) -> float:
    """Return the mean loss of the network over the rows of X (samples, n_in) and Y (samples, n_out)."""
    z, a = network.forward(X)[-1]
    fused = loss.fused.get(network.layers[-1].choice.name)
    with np.errstate(all="ignore"):
        shares = fused.share(z, Y) if fused is not None else loss.share(a, Y)
    return float(shares.sum() / len(Y))
