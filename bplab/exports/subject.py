"""What is exported: an experiment at one moment, copied so that training may go on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.data.features import as_they_are
from bplab.engine.judge import Judge, Samples
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.data.dataset import Floats
    from bplab.data.features import Input
    from bplab.data.prepare import PreparedData
    from bplab.data.scale import Scale
    from bplab.engine.activations import Array
    from bplab.engine.layer import Layer
    from bplab.engine.record import StepRecord
    from bplab.experiment.experiment import Experiment
    from bplab.experiment.run import Run
    from bplab.experiment.spec import ExperimentSpec


@dataclass(frozen=True, eq=False)
class Part:
    """One dense layer as exported files name it: ``layer1``, ``layer2``, ..., and the last one ``output``.

    Attributes
    ----------
    number : int
        From 1.
    is_last : bool
    n_in : int
        How many values come in.
    layer : Layer
        Its weights and its plan.
    """

    number: int
    is_last: bool
    n_in: int
    layer: Layer

    @property
    def name(self) -> str:
        """The name of the layer."""
        return "output" if self.is_last else f"layer{self.number}"

    @property
    def normalization(self) -> str:
        """The name of the kind of normalization, "none" for none."""
        return self.layer.plan.normalization.name

    def tensors(self) -> dict[str, Array]:
        """Return the layer's arrays by the names that PyTorch gives them."""
        found = {f"{self.name}.weight": self.layer.W, f"{self.name}.bias": self.layer.b}
        if self.normalization != "none":
            found |= {f"norm{self.number}.weight": self.layer.gamma, f"norm{self.number}.bias": self.layer.beta}
        if len(self.layer.running_mean):
            found[f"norm{self.number}.running_mean"] = self.layer.running_mean
            found[f"norm{self.number}.running_var"] = self.layer.running_variance
        return found


@dataclass(frozen=True, eq=False)
class Subject:
    """An experiment at one moment.

    Attributes
    ----------
    steps, epochs : ndarray
        The tables of its history, see `bplab.engine.history.History`.
    step, epoch : int
        How far it has come.
    record : StepRecord or None
        The last step, where it is known.
    """

    spec: ExperimentSpec
    data: PreparedData
    network: Network
    steps: Floats
    epochs: Floats
    step: int
    epoch: int
    record: StepRecord | None = None

    @classmethod
    def of(cls, experiment: Experiment, record: StepRecord | None = None) -> Subject:
        """Return the experiment as it is now; nobody may train it meanwhile."""
        return cls.of_run(experiment.run, record)

    @classmethod
    def of_run(cls, run: Run, record: StepRecord | None = None) -> Subject:
        """Return a run as it is now; nobody may train it meanwhile."""
        live, trainer = run.network, run.trainer
        network = Network(live.sizes, live.plans, str(live.parameters.dtype))
        network.parameters[:], network.statistics[:] = live.parameters, live.statistics
        history = trainer.history
        counters = trainer.step_count, trainer.epoch
        return cls(run.spec, run.data, network, history.steps, history.epochs, *counters, record)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The dense layers."""
        last, sizes = len(self.network.layers), self.network.sizes
        layers = enumerate(self.network.layers, start=1)
        return tuple(Part(number, number == last, sizes[number - 1], layer) for number, layer in layers)

    @property
    def dtype(self) -> str:
        """In which the network calculates: "float64" or "float32"."""
        return str(self.network.parameters.dtype)

    @property
    def made_inputs(self) -> tuple[Input, ...]:
        """How the inputs are made from the features; none where they are the features themselves."""
        inputs = self.data.inputs
        return () if inputs == as_they_are(len(self.data.dataset.feature_names)) else inputs

    @property
    def threshold(self) -> float:
        """What a single output is above for the second of two classes."""
        return LOSSES[self.spec.training.loss.name].threshold

    @property
    def judge(self) -> Judge:
        """What tells how well the network does."""
        data = self.data
        parts = data.X_train, data.Y_train, data.X_test, data.Y_test
        return Judge(self.network, Samples(*parts, classes=bool(data.class_names)))

    def scales(self) -> Iterator[tuple[str, Scale]]:
        """Give "input" and "output" with their standardization, where there is any."""
        for name, scale in (("input", self.data.input_scale), ("output", self.data.output_scale)):
            if scale.mean.any() or (scale.std != 1.0).any():
                yield name, scale

    def tensors(self) -> dict[str, Array]:
        """Return everything that prediction needs by name, standardization included; every array is contiguous."""
        found = {f"{name}_{kind}": getattr(scale, kind) for name, scale in self.scales() for kind in ("mean", "std")}
        for part in self.parts:
            found |= part.tensors()
        return {name: np.ascontiguousarray(array) for name, array in found.items()}

    def predict(self, raw: Floats) -> Floats:
        """Return the outputs, shape (n, n_out), in the target's units, for raw inputs of shape (n, features)."""
        return self.data.restore(self.network.predict(self.data.prepare(raw)))
