"""Forward and backward pass of one batch, in buffers that are used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bplab.engine import normalization as norms
from bplab.engine.losses import criterion, mean
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.randomness import DROPOUT, start, uniforms

if TYPE_CHECKING:
    from bplab.catalogue import Choice
    from bplab.engine.activations import Array
    from bplab.engine.layer import Layer, Parameters
    from bplab.engine.network import Network


class Backprop:
    """The forward and backward pass of batches of one size, as in training.

    Parameters
    ----------
    network : Network
        Its parameters are read, never changed.
    loss : Choice
        What is differentiated.
    batch : int
        Samples in a batch.

    Attributes
    ----------
    z, u, a, delta : list of ndarray of shape (batch, n_out)
        One for each dense layer: the sum, what goes into the activation (the normalized sum, or z itself), what the
        layer hands on, and dL/dz, L being the mean over the batch.
    pull : list of ndarray of shape (batch, n_out)
        dL/da of the hidden layers; the output layer's is left out.
    masks : list of ndarray of shape (batch, n_out) or None
        What dropout multiplies by: 0, or 1 / (1 - dropout).
    weights : ndarray of shape (batch, 1) or None
        How much each sample counts.
    gradient : ndarray of shape (n_parameters,)
        dL/dparameters, laid out like the network's parameters.
    gradients : tuple of Parameters
        The same, layer by layer.
    """

    def __init__(self, network: Network, loss: Choice, batch: int) -> None:
        dtype = network.parameters.dtype
        self.network = network
        self.criterion = criterion(loss, network.layers[-1].choice)
        self.X: Array = np.empty((batch, network.sizes[0]), dtype)
        self.Y: Array = np.empty((batch, network.sizes[-1]), dtype)
        self.z: list[Array] = [np.empty((batch, n), dtype) for n in network.sizes[1:]]
        plans = list(zip(self.z, network.plans, strict=True))
        self.u: list[Array] = [z if plan.normalization.name == "none" else np.empty_like(z) for z, plan in plans]
        self.activated: list[Array] = [np.empty_like(z) for z in self.z]
        self.a: list[Array] = [
            np.empty_like(f) if plan.dropout or plan.skip else f
            for f, plan in zip(self.activated, network.plans, strict=True)
        ]
        self.delta: list[Array] = [np.empty_like(z) for z in self.z]
        self.pull: list[Array] = [np.empty_like(z) for z in self.z[:-1]]
        self.masks: list[Array | None] = [None] * len(self.z)
        self.normalized: list[norms.Normalized | None] = [None] * len(self.z)
        self.weights: Array | None = None
        self.gradient: Array = np.empty_like(network.parameters)
        self.gradients = network.views(self.gradient)
        self._heard_by = [
            [m for m, plan in enumerate(network.plans) if plan.skip and m - plan.skip == i] for i in range(len(self.z))
        ]

    def load(self, X: Array, Y: Array, indices: np.ndarray, weights: Array | None = None) -> None:
        """Take the rows `indices` of X (samples, n_in), Y (samples, n_out) and weights (samples, 1) as the batch."""
        X.take(indices, axis=0, out=self.X, mode="clip")
        Y.take(indices, axis=0, out=self.Y, mode="clip")
        self.weights = None if weights is None else weights[indices]

    def draw_masks(self, seed: int, step: int) -> None:
        """Decide which neurons dropout switches off in step number `step`."""
        for i, plan in enumerate(self.network.plans):
            if plan.dropout:
                z = self.z[i]
                state = start(seed, DROPOUT + i, step)
                kept = uniforms(state, z.size).reshape(z.shape) >= plan.dropout
                self.masks[i] = (kept / (1.0 - plan.dropout)).astype(z.dtype)

    def forward(self) -> None:
        """Layer by layer, left to right: ``z = a_prev @ W.T + b``, ``a = f(z)``."""
        a_prev = self.X
        for i, layer in enumerate(self.network.layers):
            z = self.z[i]
            np.dot(a_prev, layer.W.T, out=z)
            np.add(z, layer.b, out=z)
            if self.u[i] is not z:
                self._normalize(i, layer)
            layer.activate(self.u[i], self.activated[i])
            a_prev = self.a[i]
            if a_prev is not self.activated[i]:
                self._hand_on(i, layer.plan.skip)

    def shares(self) -> Array:
        """Each output's part of each sample's loss, shape (batch, n_out)."""
        return self.criterion.shares(self.z[-1], self.a[-1], self.Y)

    def loss(self) -> float:
        """The mean loss of the batch."""
        return mean(self.shares(), self.weights)

    def backward(self) -> None:
        """Layer by layer, right to left: delta, then ``dW = delta.T @ a_prev`` and ``db``, then ``delta @ W``."""
        self._output_error()
        layers = self.network.layers
        for i in reversed(range(len(self.z))):
            if i < len(layers) - 1:
                self._pull_back(i, layers[i])
            delta, gradients = self.delta[i], self.gradients[i]
            np.dot(delta.T, self.a[i - 1] if i else self.X, out=gradients.W)
            np.add.reduce(delta, axis=0, out=gradients.b)
            if i:
                pull = self.pull[i - 1]
                np.dot(delta, layers[i].W, out=pull)
                for hearer in self._heard_by[i - 1]:  # a skip connection hands its layer's whole pull back
                    np.add(pull, self.pull[hearer], out=pull)

    def _normalize(self, i: int, layer: Layer) -> None:
        choice, u = layer.plan.normalization, self.u[i]
        axis = NORMALIZATIONS[choice.name].axis
        assert axis is not None
        self.normalized[i] = done = norms.normalize(self.z[i], axis, choice.values["eps"])
        np.multiply(done.x, layer.gamma, out=u)
        np.add(u, layer.beta, out=u)

    def _hand_on(self, i: int, skip: int) -> None:
        a, mask = self.a[i], self.masks[i]
        if mask is None:
            np.copyto(a, self.activated[i])
        else:
            np.multiply(self.activated[i], mask, out=a)
        if skip:
            np.add(a, self.a[i - skip] if i >= skip else self.X, out=a)

    def _output_error(self) -> None:
        delta = self.delta[-1]
        self.criterion.delta(self.z[-1], self.a[-1], self.Y, delta)
        if self.weights is None:
            np.multiply(delta, 1.0 / len(delta), out=delta)
        else:
            np.multiply(delta, self.weights / self.weights.sum(), out=delta)

    def _pull_back(self, i: int, layer: Layer) -> None:
        """From dL/da of a hidden layer to its delta: through dropout, activation and normalization."""
        grad, mask, delta = self.pull[i], self.masks[i], self.delta[i]
        if mask is not None:
            grad = grad * mask
        layer.activation.backward(self.u[i], self.activated[i], grad, delta, **layer.choice.values)
        done = self.normalized[i]
        if done is not None:
            self._through_normalization(layer, done, delta, self.gradients[i])

    def _through_normalization(self, layer: Layer, done: norms.Normalized, delta: Array, own: Parameters) -> None:
        np.sum(delta * done.x, axis=0, out=own.gamma)
        np.add.reduce(delta, axis=0, out=own.beta)
        axis = NORMALIZATIONS[layer.plan.normalization.name].axis
        assert axis is not None
        norms.pull_back(done, delta.copy(), layer.gamma, axis, delta)
