"""Every edit of a design is a pure function from spec to spec."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from bplab.data.dataset import Classes, Dataset
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.errors import SettingError
from bplab.experiment.faults import faults
from bplab.experiment.naming import is_there, neuron_names
from bplab.experiment.spec import DataSpec, ExperimentSpec, LayerSpec, Part, Pruned, Spec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bplab.catalogue import Choice

S = TypeVar("S", bound=Spec)


def replace(spec: S, **changes: Any) -> S:
    """Return `spec` with some fields changed, checked like any other.

    Raises
    ------
    SettingError
        If a value is outside its limits.
    """
    fields = {name: getattr(spec, name) for name in type(spec).model_fields}
    try:
        return type(spec).model_validate(fields | changes)
    except ValidationError as error:
        raise SettingError(f"That is not possible: {faults(error)}.") from None


def add_layer(spec: ExperimentSpec, position: int, size: int = 4) -> ExperimentSpec:
    """Insert a hidden layer so that it becomes number `position` (from 0), with its neighbour's activation."""
    hidden = spec.network.hidden
    neighbour = hidden[min(position, len(hidden) - 1)].activation if hidden else ACTIVATIONS.choose("tanh")
    return _insert(spec, position, LayerSpec(key=_next_key(spec), size=size, activation=neighbour))


def paste_layer(spec: ExperimentSpec, position: int, layer: LayerSpec) -> ExperimentSpec:
    """Insert a layer like `layer`, of whatever experiment, with weights of its own."""
    made = replace(layer, key=_next_key(spec), neurons=(), copies=(), skip_from=None)
    return _insert(spec, position, made)


def duplicate_layer(spec: ExperimentSpec, position: int) -> ExperimentSpec:
    """Insert a layer like the hidden layer number `position` (from 0) after it, with weights of its own."""
    return paste_layer(spec, position + 1, _layer(spec, position))


def remove_layer(spec: ExperimentSpec, position: int) -> ExperimentSpec:
    """Remove the hidden layer number `position` (from 0), and the skip connections that begin at it."""
    hidden, gone = spec.network.hidden, _layer(spec, position).key
    left = hidden[:position] + hidden[position + 1 :]
    kept = (replace(layer, skip_from=None) if layer.skip_from == gone else layer for layer in left)
    return _with_hidden(spec, tuple(kept))


def move_layer(spec: ExperimentSpec, position: int, target: int) -> ExperimentSpec:
    """Let the hidden layer number `position` (from 0) become number `target`.

    Skip connections that would run backwards are removed.
    """
    hidden, moved = list(spec.network.hidden), _layer(spec, position)
    hidden.remove(moved)
    hidden.insert(target, moved)
    keys = [0, *(layer.key for layer in hidden)]
    kept = (
        layer if layer.skip_from is None or layer.skip_from in keys[:number] else replace(layer, skip_from=None)
        for number, layer in enumerate(hidden, start=1)
    )
    return _with_hidden(spec, tuple(kept))


def change_layer(spec: ExperimentSpec, position: int, **changes: Any) -> ExperimentSpec:
    """Change anything of the hidden layer number `position` (from 0)."""
    hidden, layer = list(spec.network.hidden), _layer(spec, position)
    if layer.neurons and "size" in changes and "neurons" not in changes:
        changes |= {"neurons": _resized(layer.neurons, changes["size"])}
    hidden[position] = replace(layer, **changes)
    return _with_hidden(spec, tuple(hidden))


def remove_neuron(spec: ExperimentSpec, position: int, neuron: int) -> ExperimentSpec:
    """Remove one neuron (from 0) of the hidden layer number `position` (from 0); the others keep their weights."""
    layer = _layer(spec, position)
    names = _names_with(layer, position, neuron)
    if len(names) == 1:
        raise SettingError("A layer needs at least one neuron.", "Remove the layer.")
    return change_layer(spec, position, size=layer.size - 1, neurons=names[:neuron] + names[neuron + 1 :])


def clone_neuron(spec: ExperimentSpec, position: int, neuron: int) -> ExperimentSpec:
    """Put a copy of a neuron (from 0) after it; both halve what they tell the next layer, so that its sums stay."""
    layer = _layer(spec, position)
    names = _names_with(layer, position, neuron)
    copy = max(*names, *(made for made, _ in layer.copies), 0) + 1
    neurons = (*names[: neuron + 1], copy, *names[neuron + 1 :])
    return change_layer(
        spec, position, size=layer.size + 1, neurons=neurons, copies=(*layer.copies, (copy, names[neuron]))
    )


def freeze(spec: ExperimentSpec, parts: Iterable[Part]) -> ExperimentSpec:
    """Let training leave these parts as they are."""
    return _with_parts(spec, "frozen", parts)


def unfreeze(spec: ExperimentSpec, parts: Iterable[Part]) -> ExperimentSpec:
    """Let training change these parts again."""
    return _without_parts(spec, "frozen", parts)


def prune(spec: ExperimentSpec, parts: Iterable[Pruned]) -> ExperimentSpec:
    """Take connections out: their weights become 0 and stay so."""
    return _with_parts(spec, "pruned", parts)


def bring_back(spec: ExperimentSpec, parts: Iterable[Part]) -> ExperimentSpec:
    """Put connections in again that were taken out, with the weights that they had."""
    return _without_parts(spec, "pruned", parts)


def change_network(spec: ExperimentSpec, **changes: Any) -> ExperimentSpec:
    """Change fields of the network that are not those of one layer."""
    return replace(spec, network=replace(spec.network, **changes))


def change_output(spec: ExperimentSpec, activation: Choice | None) -> ExperimentSpec:
    """Choose the output activation; None for what suits loss and target."""
    return change_network(spec, output_activation=activation)


def change_training(spec: ExperimentSpec, **changes: Any) -> ExperimentSpec:
    """Change fields of the training; an output activation that another loss cannot take goes back to automatic."""
    training = replace(spec.training, **changes)
    network, chosen = spec.network, spec.network.output_activation
    if chosen is not None and chosen.name not in LOSSES[training.loss.name].outputs:
        network = replace(network, output_activation=None)
    return replace(spec, training=training, network=network)


def change_data(spec: ExperimentSpec, data: DataSpec, before: Dataset, dataset: Dataset) -> ExperimentSpec:
    """Choose other data, or prepare them otherwise; `before` and `dataset` are what the old and the new stand for.

    Inputs that were chosen stay only where the features do.
    The usual loss becomes the usual one again; one that was chosen stays where it suits the new target.
    """
    chosen = spec.training.loss != usual_loss(before)
    loss = spec.training.loss if chosen and fits(spec.training.loss, dataset) else usual_loss(dataset)
    network = spec.network
    if loss != spec.training.loss or isinstance(dataset.target, Classes):
        network = replace(network, output_activation=None)
    changes: dict[str, object] = {"loss": loss}
    if _kind(before) != _kind(dataset):
        changes |= {"class_weights": "none", "stop_accuracy": None}
    if before.feature_names != dataset.feature_names:
        data = replace(data, inputs=())
    if data.split == "by_column" and dataset.is_test is None:
        data = replace(data, split="stratified")
    if data.balance != "none" and not isinstance(dataset.target, Classes):
        data = replace(data, balance="none")
    return replace(spec, data=data, network=network, training=replace(spec.training, **changes))


def _kind(dataset: Dataset) -> tuple[object, ...]:
    """Return what tells one target from another: classes or numbers, and their names."""
    return type(dataset.target), dataset.target.names


def usual_loss(dataset: Dataset) -> Choice:
    """Return the loss for a target when none is asked for: cross-entropy for classes, mse for numbers."""
    if not isinstance(dataset.target, Classes):
        return LOSSES.choose("mse")
    return LOSSES.choose("binary_cross_entropy" if len(dataset.target.names) == 2 else "cross_entropy")


def fits(loss: Choice, dataset: Dataset) -> bool:
    """Tell whether a loss can judge this target."""
    task = "classes" if isinstance(dataset.target, Classes) else "numbers"
    two_only = loss.name == "binary_cross_entropy"
    too_many = isinstance(dataset.target, Classes) and two_only and len(dataset.target.names) > 2
    return task in LOSSES[loss.name].tasks and not too_many


def _with_parts(spec: ExperimentSpec, field: str, parts: Iterable[Part]) -> ExperimentSpec:
    known = {part.name: part for part in (*getattr(spec.network, field), *parts)}
    return change_network(spec, **{field: tuple(known.values())})


def _without_parts(spec: ExperimentSpec, field: str, parts: Iterable[Part]) -> ExperimentSpec:
    names = {part.name for part in parts}
    return change_network(spec, **{field: tuple(p for p in getattr(spec.network, field) if p.name not in names)})


def _layer(spec: ExperimentSpec, position: int) -> LayerSpec:
    hidden = spec.network.hidden
    if not 0 <= position < len(hidden):
        raise SettingError(f"There is no hidden layer {position + 1}.", f"The network has {len(hidden)} of them.")
    return hidden[position]


def _names_with(layer: LayerSpec, position: int, neuron: int) -> tuple[int, ...]:
    """Return the names of a layer's neurons, if it has that one."""
    if not 0 <= neuron < layer.size:
        raise SettingError(f"There is no neuron {neuron + 1} in layer {position + 1}.", f"It has {layer.size} of them.")
    return neuron_names(layer)


def _insert(spec: ExperimentSpec, position: int, layer: LayerSpec) -> ExperimentSpec:
    hidden = spec.network.hidden
    return _with_hidden(spec, (*hidden[:position], layer, *hidden[position:]))


def _next_key(spec: ExperimentSpec) -> int:
    return max((layer.key for layer in spec.network.hidden), default=0) + 1


def _resized(names: tuple[int, ...], size: int) -> tuple[int, ...]:
    new = itertools.count(max(names) + 1)
    return (*names[:size], *itertools.islice(new, max(0, size - len(names))))


def _with_hidden(spec: ExperimentSpec, hidden: tuple[LayerSpec, ...]) -> ExperimentSpec:
    """Return the spec with other hidden layers; what was frozen or pruned and is no longer there is forgotten."""
    before = spec.network
    after = replace(before, hidden=hidden, frozen=(), pruned=())
    there = {
        name: tuple(part for part in getattr(before, name) if is_there(part, before, after))
        for name in ("frozen", "pruned")
    }
    return replace(spec, network=replace(after, **there))
