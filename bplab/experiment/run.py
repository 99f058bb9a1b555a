"""A design brought to life: data, network and trainer that belong together."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bplab.catalogue import Choice
from bplab.data.dataset import Classes, Dataset
from bplab.data.prepare import Preparation, PreparedData, prepare
from bplab.data.sources import SOURCES
from bplab.data.table import parse_table
from bplab.engine.activations import ACTIVATIONS, Array
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network, transplant
from bplab.engine.settings import RunLog, Stretch
from bplab.engine.trainer import Samples, Trainer
from bplab.errors import DataError, SettingError
from bplab.experiment.edits import fits, usual_loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.experiment.spec import DataSpec, ExperimentSpec, LayerSpec, TableSource

Tables = Mapping[str, bytes]
LARGEST_NETWORK = 200_000_000  # parameters: 1.6 GB, and as much again for the gradient


@dataclass(frozen=True, eq=False)
class Run:
    """A spec and what was built from it; `initial` are the parameters, shape (n_parameters,), that reset goes to."""

    spec: ExperimentSpec
    data: PreparedData
    network: Network
    trainer: Trainer
    initial: Array


def start(spec: ExperimentSpec, tables: Tables) -> Run:
    """Build everything from a spec, with fresh weights.

    Raises
    ------
    DataError
        If the data are missing or cannot be used.
    SettingError
        If loss, output and target do not go together.
    """
    dataset = load_dataset(spec.data, tables)
    _check_loss(spec, dataset)
    data = _prepared(spec, dataset)
    network = build_network(spec, data)
    _initialize(network, spec)
    trainer = Trainer(network, spec.training, _samples(data))
    return Run(spec, data, network, trainer, network.parameters.copy())


def follow(run: Run, spec: ExperimentSpec, tables: Tables) -> Run:
    """Return the run after an edit, keeping every weight, slot and number that still has a place.

    Other data, another initializer or another seed start anew; another network goes on; other training settings
    take effect at the next step of the same trainer.
    """
    old, new = run.spec, spec
    if (
        old.data != new.data
        or _beginning(old) != _beginning(new)
        or run.data.Y_train.shape[1] != _outputs(spec, run.data.dataset)
    ):
        return start(spec, tables)
    _check_loss(spec, run.data.dataset)
    network = build_network(spec, run.data)
    if network.sizes == run.network.sizes and network.plans == run.network.plans:
        run.trainer.settings = spec.training
        return dataclasses.replace(run, spec=spec)
    return _transplanted(run, spec, network)


def load_dataset(data: DataSpec, tables: Tables) -> Dataset:
    """Return the raw data that a spec stands for; `tables` holds the bytes of tables by their SHA-256."""
    source = data.source
    if isinstance(source, Choice):
        return _make(source, data.seed)
    if source.sha256 not in tables:
        raise DataError(f"The data file {source.path} is missing.", "Put it back, or choose other data.")
    return _parse(source, tables[source.sha256])


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=8)
def _make(source: Choice, seed: int) -> Dataset:
    return SOURCES[source.name].make(seed=seed, **source.values)


@lru_cache(maxsize=4)
def _parse(source: TableSource, content: bytes) -> Dataset:
    name = source.path.replace("\\", "/").rsplit("/", 1)[-1]
    return parse_table(name, content).dataset(source.targets, source.kind)


def build_network(spec: ExperimentSpec, data: PreparedData) -> Network:
    """Return the network of a spec, all parameters 0: inputs follow the features, outputs the target."""
    sizes = [len(data.feature_names), *(layer.size for layer in spec.network.hidden), data.Y_train.shape[1]]
    if sum(n_in * n_out for n_in, n_out in itertools.pairwise(sizes)) > LARGEST_NETWORK:
        raise SettingError("That network has more connections than fit into memory.", "Make its layers smaller.")
    output = _output_activation(spec, data.dataset)
    return Network(sizes, [*_plans(spec.network.hidden), LayerPlan(output)], spec.network.dtype)


def _plans(hidden: tuple[LayerSpec, ...]) -> Iterator[LayerPlan]:
    keys = [0, *(layer.key for layer in hidden)]
    for number, layer in enumerate(hidden, start=1):
        if layer.skip_from is not None and layer.skip_from not in keys[:number]:
            raise SettingError(
                f"The skip connection to layer {number} begins at no layer before it.", "Choose another, or remove it."
            )
        skip = 0 if layer.skip_from is None else number - keys.index(layer.skip_from)
        yield LayerPlan(layer.activation, layer.normalization, layer.dropout, skip)


def _initialize(network: Network, spec: ExperimentSpec) -> None:
    training = spec.training
    network.initialize(training.initializer, training.seed, training.bias_initializer)


def _beginning(spec: ExperimentSpec) -> tuple[object, ...]:
    """Return what decides the initial state of a run, apart from its data and layers."""
    training = spec.training
    return training.initializer, training.bias_initializer, training.seed, spec.network.dtype


def _prepared(spec: ExperimentSpec, dataset: Dataset) -> PreparedData:
    fields = {field.name: getattr(spec.data, field.name) for field in dataclasses.fields(Preparation)}
    return prepare(dataset, Preparation(**fields), one_hot=_outputs(spec, dataset) > 1)


def _check_loss(spec: ExperimentSpec, dataset: Dataset) -> None:
    loss = spec.training.loss
    if not fits(loss, dataset):
        kind = f"{len(dataset.target.names)} classes" if isinstance(dataset.target, Classes) else "numbers"
        raise SettingError(
            f"The loss '{loss.name}' cannot judge a target of {kind}.", f"Use '{usual_loss(dataset).name}'."
        )
    _check_class_weights(spec, dataset)
    if spec.training.stop_accuracy is not None and not isinstance(dataset.target, Classes):
        raise SettingError("A target of numbers has no accuracy to stop at.", "Use a loss to stop at.")


def _check_class_weights(spec: ExperimentSpec, dataset: Dataset) -> None:
    weights = spec.training.class_weights
    if weights == "none":
        return
    if not isinstance(dataset.target, Classes):
        raise SettingError("Class weights need a target of classes.", "Set them to 'none'.")
    if weights != "balanced" and len(weights) != len(dataset.target.names):
        raise SettingError(
            f"There are {len(weights)} class weights for {len(dataset.target.names)} classes.",
            f"Give one for each of: {', '.join(dataset.target.names)[:200]}.",
        )


def _outputs(spec: ExperimentSpec, dataset: Dataset) -> int:
    """Return how many output neurons loss and target ask for."""
    if not isinstance(dataset.target, Classes):
        return len(dataset.target.names)
    count = len(dataset.target.names)
    return count if count > 2 or LOSSES[spec.training.loss.name].one_neuron_a_class else 1


def _output_activation(spec: ExperimentSpec, dataset: Dataset) -> Choice:
    loss, chosen = LOSSES[spec.training.loss.name], spec.network.output_activation
    if chosen is None:
        return ACTIVATIONS.choose(loss.outputs[0] if isinstance(dataset.target, Classes) else "identity")
    if chosen.name not in loss.outputs:
        raise SettingError(
            f"The loss '{loss.name}' cannot follow a '{chosen.name}' output.",
            f"Use one of: {', '.join(loss.outputs)}.",
        )
    return chosen


def _samples(data: PreparedData) -> Samples:
    return Samples(data.X_train, data.Y_train, data.X_test, data.Y_test, bool(data.class_names))


def _transplanted(run: Run, spec: ExperimentSpec, network: Network) -> Run:
    _initialize(network, spec)
    initial = _moved(run, spec, network, run.initial, network.parameters)
    network.parameters[:] = _moved(run, spec, network, run.network.parameters, network.parameters)
    _move_statistics(run, spec, network)
    before = run.trainer.checkpoint()
    trainer = Trainer(network, spec.training, _samples(run.data), run.trainer.history.resized(len(network.layers)))
    empty = trainer.checkpoint()
    slots = empty.slots
    if before.optimizer == empty.optimizer:
        for row, old in zip(slots, before.slots, strict=True):
            row[:] = _moved(run, spec, network, old, row)
    counters = {name: getattr(before, name) for name in ("step", "epoch", "cursor", "updates", "optimizer")}
    updates = before.updates if before.optimizer == empty.optimizer else 0
    counters |= {"updates": updates, "optimizer": empty.optimizer, "monitor": before.monitor}
    trainer.resume(dataclasses.replace(empty, slots=slots, **counters), log=_log_from(run, spec, before.step))
    return Run(spec, run.data, network, trainer, initial)


def _log_from(run: Run, spec: ExperimentSpec, step: int) -> list[Stretch]:
    """Return the log of a run that goes on with another network: its schedule counts on."""
    log = RunLog(list(run.trainer.log))
    log.add(step, spec.training, run.trainer.log[-1].path)
    return [log.last]


def _move_statistics(run: Run, spec: ExperimentSpec, network: Network) -> None:
    """Keep the running statistics of every batch norm that is still there."""
    keys_before, keys_after = _keys(run.spec)[1:], _keys(spec)[1:]
    for key, layer in zip(keys_after, network.layers, strict=True):
        if key in keys_before:
            old = run.network.layers[keys_before.index(key)]
            kept = min(len(old.running_mean), len(layer.running_mean))
            layer.running_mean[:kept] = old.running_mean[:kept]
            layer.running_variance[:kept] = old.running_variance[:kept]


def _moved(run: Run, spec: ExperimentSpec, network: Network, old: Array, fresh: Array) -> Array:
    """Return the flat vector `fresh` with everything of `old`, of the run's network, that still has a place."""
    result = fresh.copy()
    keys_before, keys_after = _keys(run.spec), _keys(spec)
    before, after = run.network.views(old), network.views(result)
    for number, key in enumerate(keys_after[1:], start=1):
        if key in keys_before:
            was = keys_before.index(key)
            transplant(before[was - 1], after[number - 1], keys_before[was - 1] == keys_after[number - 1])
    return result


def _keys(spec: ExperimentSpec) -> list[int]:
    """Name every layer for good: input 0, hidden layers by their keys, output -1."""
    return [0, *(layer.key for layer in spec.network.hidden), -1]
