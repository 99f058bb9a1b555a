"""From a design to what it is made of: data, and a network of the right sizes."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from bplab.catalogue import Choice
from bplab.data.dataset import Classes, Dataset
from bplab.data.prepare import Preparation, PreparedData, prepare
from bplab.data.sources import SOURCES
from bplab.data.tables.table import parse_table
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.trainer import Samples
from bplab.errors import DataError, SettingError
from bplab.experiment.edits import fits, usual_loss
from bplab.experiment.naming import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bplab.data.tables.table import Report
    from bplab.experiment.spec import DataSpec, ExperimentSpec, LayerSpec, TableSource

Tables = Mapping[str, bytes]
MOST_READ, MOST_BYTES = 4, 2**28  # tables, and bytes of them, that are kept as read
_read: dict[TableSource, tuple[Dataset, Report]] = {}
LARGEST_NETWORK = 200_000_000  # parameters: 1.6 GB, and as much again for the gradient


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


def prepared(spec: ExperimentSpec, dataset: Dataset) -> PreparedData:
    """Return the data as the network of a spec sees them."""
    fields = {field.name: getattr(spec.data, field.name) for field in dataclasses.fields(Preparation)}
    return prepare(dataset, Preparation(**fields), one_hot=outputs(spec, dataset) > 1)


def sizes_of(spec: ExperimentSpec, data: PreparedData) -> list[int]:
    """Return how many neurons each layer has: inputs follow the features, outputs the target.

    Raises
    ------
    SettingError
        If no memory could hold the network.
    """
    sizes = [len(data.feature_names), *(layer.size for layer in spec.network.hidden), data.Y_train.shape[1]]
    if sum(n_in * n_out for n_in, n_out in itertools.pairwise(sizes)) > LARGEST_NETWORK:
        raise SettingError("That network has more connections than fit into memory.", "Make its layers smaller.")
    return sizes


def build_network(spec: ExperimentSpec, data: PreparedData) -> Network:
    """Return the network of a spec, all parameters 0."""
    sizes = sizes_of(spec, data)
    output = _output_activation(spec, data.dataset)
    network = Network(sizes, [*_plans(spec.network.hidden), LayerPlan(output)], spec.network.dtype)
    network.frozen = places(spec, network, (*spec.network.frozen, *spec.network.pruned))
    return network


def initialize(network: Network, spec: ExperimentSpec) -> None:
    """Draw the parameters that a run of this spec begins with."""
    training = spec.training
    network.initialize(training.initializer, training.seed, training.bias_initializer)
    network.parameters[places(spec, network, spec.network.pruned)] = 0.0


def samples_of(data: PreparedData) -> Samples:
    """Return prepared data as a trainer takes them."""
    return Samples(data.X_train, data.Y_train, data.X_test, data.Y_test, bool(data.class_names))


def outputs(spec: ExperimentSpec, dataset: Dataset) -> int:
    """Return how many output neurons loss and target ask for."""
    if not isinstance(dataset.target, Classes):
        return len(dataset.target.names)
    count = len(dataset.target.names)
    return count if count > 2 or LOSSES[spec.training.loss.name].one_neuron_a_class else 1


def check_loss(spec: ExperimentSpec, dataset: Dataset) -> None:
    """Refuse a loss, class weights or a stop condition that do not go with the target."""
    loss = spec.training.loss
    if not fits(loss, dataset):
        kind = f"{len(dataset.target.names)} classes" if isinstance(dataset.target, Classes) else "numbers"
        raise SettingError(
            f"The loss '{loss.name}' cannot judge a target of {kind}.", f"Use '{usual_loss(dataset).name}'."
        )
    _check_class_weights(spec, dataset)
    if spec.training.stop_accuracy is not None and not isinstance(dataset.target, Classes):
        raise SettingError("A target of numbers has no accuracy to stop at.", "Use a loss to stop at.")


@lru_cache(maxsize=8)
def _make(source: Choice, seed: int) -> Dataset:
    return SOURCES[source.name].make(seed=seed, **source.values)


def remember(source: TableSource, dataset: Dataset, report: Report) -> None:
    """Keep what a table has become, so that it is not read again."""
    _read.pop(source, None)
    _read[source] = dataset, report
    while len(_read) > 1 and (len(_read) > MOST_READ or sum(kept.X.nbytes for kept, _ in _read.values()) > MOST_BYTES):
        del _read[next(iter(_read))]


def _parse(source: TableSource, content: bytes) -> Dataset:
    if source not in _read:
        remember(source, *_read_table(source, content))
    return _read[source][0]


def report_of(source: TableSource, tables: Tables) -> Report:
    """Return what became of the rows of a table whose bytes are there."""
    _parse(source, tables[source.sha256])
    return _read[source][1]


def _read_table(source: TableSource, content: bytes) -> tuple[Dataset, Report]:
    name = source.path.replace("\\", "/").rsplit("/", 1)[-1]
    table = parse_table(name, content, source.reading)
    return table.imported(source.columns or table.strict(source.targets, source.kind))


def _plans(hidden: tuple[LayerSpec, ...]) -> Iterator[LayerPlan]:
    keys = [0, *(layer.key for layer in hidden)]
    for number, layer in enumerate(hidden, start=1):
        if layer.skip_from is not None and layer.skip_from not in keys[:number]:
            raise SettingError(
                f"The skip connection to layer {number} begins at no layer before it.", "Choose another, or remove it."
            )
        skip = 0 if layer.skip_from is None else number - keys.index(layer.skip_from)
        yield LayerPlan(layer.activation, layer.normalization, layer.dropout, skip)


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
