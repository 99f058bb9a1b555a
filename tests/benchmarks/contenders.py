"""Libraries that train the same network on the same data, each in the fastest way it offers for one thread.

A contender is made for a workload, does whole epochs, each in a new order, and gives its weights back. Where it is not
installed, or does not train such a network, making it raises one of `UNABLE`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.trainer import Samples, Trainer
from bplab.errors import BplabError
from bplab.experiment.spec import TrainingSpec

UNABLE = (ImportError, NotImplementedError, BplabError)
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


class Bplab:
    """`Trainer.run` as it is, history and checkpoints included, but without the losses over all the data."""

    path = "numpy"

    def __init__(self, workload):
        self.steps = workload.steps
        output = "softmax" if workload.classes else "identity"
        names = [workload.activation] * (len(workload.sizes) - 2) + [output]
        self.network = Network(workload.sizes, [ACTIVATIONS.choose(name) for name in names], workload.dtype)
        for layer, (W, b) in zip(self.network.layers, workload.weights(), strict=True):
            layer.W[:], layer.b[:] = W, b
        X, Y = workload.data()
        samples = Samples(X, Y, X[:0], Y[:0], classes=workload.classes)
        self.trainer = Trainer(self.network, _settings(workload), samples)
        self.trainer.path = self.path
        self.trainer.scores_epochs = False  # the others do not score whole epochs either

    def run(self, epochs):
        self.trainer.run(epochs * self.steps)

    def weights(self):
        return [(layer.W, layer.b) for layer in self.network.layers]


def _settings(workload):
    return TrainingSpec(
        loss=LOSSES.choose("cross_entropy" if workload.classes else "mse"),
        optimizer=OPTIMIZERS.choose(workload.optimizer, learning_rate=workload.learning_rate),
        batch_size=workload.batch,
    )


class Compiled(Bplab):
    """The compiled path, once it is ready."""

    path = "compiled"


class Torch:
    """Eager PyTorch; the whole data set is put in order at once, and optimizers are fused: that is its fastest."""

    def __init__(self, workload):
        import torch

        torch.set_num_threads(1)
        self.torch, self.batch = torch, workload.batch
        X, Y = workload.data()
        self.X, self.Y = torch.tensor(X), torch.tensor(Y.argmax(axis=1) if workload.classes else Y)
        self.dense = [self._dense(W, b) for W, b in workload.weights()]
        between = torch.nn.Tanh if workload.activation == "tanh" else torch.nn.ReLU
        hidden = [part for dense in self.dense[:-1] for part in (dense, between())]
        self.model = torch.nn.Sequential(*hidden, self.dense[-1])
        self.loss = torch.nn.CrossEntropyLoss() if workload.classes else torch.nn.MSELoss()
        kind = torch.optim.Adam if workload.optimizer == "adam" else torch.optim.SGD
        self.optimizer = kind(self.model.parameters(), lr=workload.learning_rate, fused=True)

    def _dense(self, W, b):
        made = self.torch.nn.Linear(*W.shape[::-1])
        made.weight, made.bias = (self.torch.nn.Parameter(self.torch.tensor(array)) for array in (W, b))
        return made

    def run(self, epochs):
        for _ in range(epochs):
            order = self.torch.randperm(len(self.X))
            for X, Y in zip(self.X[order].split(self.batch), self.Y[order].split(self.batch), strict=True):
                self.optimizer.zero_grad()
                self.loss(self.model(X), Y).backward()
                self.optimizer.step()

    def weights(self):
        return [(dense.weight.detach().numpy(), dense.bias.detach().numpy()) for dense in self.dense]


class Jax:
    """JAX: a whole epoch is one compiled call, a scan over its batches; numpy draws the order, which is faster."""

    def __init__(self, workload):
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.workload = jax, workload
        self.rng = np.random.default_rng(2)
        self.X, self.Y = (jax.numpy.asarray(array) for array in workload.data())
        parameters = jax.tree.map(jax.numpy.asarray, workload.weights())
        zeros = jax.tree.map(jax.numpy.zeros_like, parameters)
        self.state = parameters, zeros, jax.tree.map(jax.numpy.copy, zeros), jax.numpy.zeros((), workload.dtype)
        self.epoch = jax.jit(self._epoch, donate_argnums=0)

    def run(self, epochs):
        for _ in range(epochs):
            self.state = self.epoch(self.state, self.rng.permutation(len(self.X)), self.X, self.Y)
        self.jax.block_until_ready(self.state)

    def weights(self):
        return self.state[0]

    def _epoch(self, state, order, X, Y):
        rows = (self.workload.steps, self.workload.batch, -1)
        batches = X[order].reshape(rows), Y[order].reshape(rows)
        return self.jax.lax.scan(self._step, state, batches)[0]

    def _step(self, state, batch):
        gradient = self.jax.grad(self._loss)(state[0], *batch)
        update = self._adam if self.workload.optimizer == "adam" else self._sgd
        return update(state, gradient), None

    def _loss(self, parameters, a, Y):
        activation = getattr(self.jax.nn, self.workload.activation)
        for W, b in parameters[:-1]:
            a = activation(a @ W.T + b)
        z = a @ parameters[-1][0].T + parameters[-1][1]
        if self.workload.classes:
            return -(Y * self.jax.nn.log_softmax(z)).sum() / len(Y)
        return ((z - Y) ** 2).mean()

    def _sgd(self, state, gradient):
        parameters, *others = state
        return self.jax.tree.map(lambda p, g: p - self.workload.learning_rate * g, parameters, gradient), *others

    def _adam(self, state, gradient):
        parameters, m, v, t = state
        tree, t = self.jax.tree.map, t + 1
        m = tree(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, gradient)
        v = tree(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, gradient)
        rate, root = self.workload.learning_rate / (1 - BETA1**t), 1 / self.jax.numpy.sqrt(1 - BETA2**t)
        moved = tree(lambda p, m, v: p - rate * m / (self.jax.numpy.sqrt(v) * root + EPS), parameters, m, v)
        return moved, m, v, t


class ScikitLearn:
    """scikit-learn: one `partial_fit` is an epoch in batches, in a new order."""

    def __init__(self, workload):
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        X, Y = workload.data()
        self.X, self.Y = X, Y.argmax(axis=1) if workload.classes else Y.ravel()
        self.classes = {"classes": np.arange(workload.sizes[-1])} if workload.classes else {}
        self.model = (MLPClassifier if workload.classes else MLPRegressor)(
            hidden_layer_sizes=workload.sizes[1:-1],
            activation=workload.activation,
            solver=workload.optimizer,
            # Its squared error is half of the MSE.
            learning_rate_init=workload.learning_rate * (1.0 if workload.classes else 2.0),
            batch_size=workload.batch,
            alpha=0.0,
            momentum=0.0,
            random_state=0,
        )
        self.run(1)
        for (W, b), coefficients, intercepts in zip(
            workload.weights(), self.model.coefs_, self.model.intercepts_, strict=True
        ):
            coefficients[:], intercepts[:] = W.T, b
        del self.model._optimizer  # the moments of the epoch that only made the arrays

    def run(self, epochs):
        for _ in range(epochs):
            self.model.partial_fit(self.X, self.Y, **self.classes)

    def weights(self):
        return [(W.T, b) for W, b in zip(self.model.coefs_, self.model.intercepts_, strict=True)]


class Playground:
    """TensorFlow Playground's way, on Node: see playground.js. Tanh and squared errors only."""

    def __init__(self, workload):
        node = shutil.which("node")
        if node is None:
            raise ImportError("Node is not installed.")
        if workload.classes or workload.activation != "tanh" or workload.optimizer != "sgd":
            raise NotImplementedError
        script = Path(__file__).with_name("playground.js")
        self.node = subprocess.Popen([node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        X, Y = workload.data()
        weights = [(W.tolist(), b.tolist()) for W, b in workload.weights()]
        # Its squared error is half of the MSE.
        how = {"batch": workload.batch, "rate": 2.0 * workload.learning_rate}
        self._ask({"X": X.tolist(), "Y": Y.tolist(), "weights": weights, **how})

    def run(self, epochs):
        self._ask({"epochs": epochs})

    def weights(self):
        return [(np.array(W), np.array(b)) for W, b in self._ask({})]

    def close(self):
        self.node.stdin.close()
        self.node.wait()

    def _ask(self, what):
        self.node.stdin.write(json.dumps(what) + "\n")
        self.node.stdin.flush()
        return json.loads(self.node.stdout.readline())


OWN = {"compiled": Compiled, "numpy": Bplab}
PEERS = {"PyTorch": Torch, "JAX": Jax, "sklearn": ScikitLearn, "Playground": Playground}
