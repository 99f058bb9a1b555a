"""What the training benchmark trains: the workloads, their data and their initial weights, equal for every library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ACTIVATION = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0.0)}


@dataclass(frozen=True)
class Workload:
    """A network and how it is trained: softmax and cross-entropy for classes, identity and MSE for numbers.

    The hidden layers all have one activation. Every batch is full: `batch` divides `samples`.
    """

    name: str
    sizes: tuple[int, ...]
    activation: str
    classes: bool
    optimizer: str
    learning_rate: float
    batch: int
    samples: int
    dtype: str = "float64"
    warm_up_steps: int = 500  # long enough for a history that is thinned out, where steps are short

    def __str__(self):
        loss = "softmax + CE" if self.classes else "MSE"
        how = f"{self.activation}, {loss}, {self.optimizer}, batch {self.batch}, {self.samples} samples, {self.dtype}"
        return f"{self.name}  {_shape(self.sizes)} {how}"

    @property
    def steps(self):
        """Steps in an epoch."""
        return self.samples // self.batch

    def epochs(self, steps):
        """Whole epochs that have at least so many steps."""
        return -(-steps // self.steps)

    def data(self):
        """Inputs, and targets that can be learned in part: the rest is noise, so that no gradient dies out."""
        rng = np.random.default_rng(0)
        X = rng.normal(size=(self.samples, self.sizes[0]))
        hidden = X @ rng.normal(size=(self.sizes[0], self.sizes[-1])) / np.sqrt(self.sizes[0])
        noisy = np.sin(2.0 * hidden) + rng.normal(0.0, 0.3, hidden.shape)
        Y = np.eye(self.sizes[-1])[noisy.argmax(axis=1)] if self.classes else noisy
        return X.astype(self.dtype), Y.astype(self.dtype)

    def weights(self):
        """Initial W, shape (n_out, n_in), and b, shape (n_out,), of each layer."""
        rng = np.random.default_rng(1)
        pairs = zip(self.sizes, self.sizes[1:], strict=False)
        drawn = [(rng.normal(0.0, 1.0 / np.sqrt(n_in), (n_out, n_in)), np.zeros(n_out)) for n_in, n_out in pairs]
        return [(W.astype(self.dtype), b.astype(self.dtype)) for W, b in drawn]

    def loss(self, weights):
        """Mean loss over all samples with the given weights: one yardstick for all libraries."""
        a, Y = self.data()
        for W, b in weights[:-1]:
            a = ACTIVATION[self.activation](a @ np.asarray(W).T + b)
        z = a @ np.asarray(weights[-1][0]).T + weights[-1][1]
        if not self.classes:
            return float(np.square(z - Y).mean())
        z = z - z.max(axis=1, keepdims=True)
        return float((Y * (np.log(np.exp(z).sum(axis=1, keepdims=True)) - z)).sum() / len(Y))


def _shape(sizes):
    """Write 7-8x6-1 for six hidden layers of eight."""
    first, *hidden, last = sizes
    alike = len(hidden) > 2 and len(set(hidden)) == 1
    return "-".join(map(str, [first, f"{hidden[0]}x{len(hidden)}" if alike else "-".join(map(str, hidden)), last]))


WORKLOADS = (
    Workload("T1", (2, 4, 2, 1), "tanh", False, "sgd", 0.03, 10, 250, warm_up_steps=10_000),
    Workload("T2", (7, *[8] * 6, 1), "tanh", False, "sgd", 0.01, 10, 250, warm_up_steps=10_000),
    Workload("T3", (4, 16, 3), "relu", True, "adam", 0.001, 16, 144, warm_up_steps=10_000),
    Workload("T4", (64, 64, 32, 10), "relu", True, "adam", 0.0003, 32, 1792),
    Workload("T5", (784, 128, 64, 10), "relu", True, "adam", 0.0001, 64, 6400, "float32"),
)


def _grown(name, hidden, batch):
    return Workload(name, (32, *hidden, 10), "relu", True, "adam", 0.0001, batch, 1024)


GROWTH = {
    "width": [_grown(str(n), (n, n), 32) for n in (8, 16, 32, 64, 128, 256, 512, 1024)],
    "depth": [_grown(str(n), [16] * n, 32) for n in (1, 2, 4, 8, 16, 32)],
    "batch": [_grown(str(n), (32, 32), n) for n in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)],
}
