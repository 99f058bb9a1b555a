"""Every edit of a design is a pure function from spec to spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from bplab.data.dataset import Classes, Dataset
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.errors import SettingError
from bplab.experiment.spec import DataSpec, ExperimentSpec, LayerSpec, Spec, faults

if TYPE_CHECKING:
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
    key = max((layer.key for layer in hidden), default=0) + 1
    layer = LayerSpec(key=key, size=size, activation=neighbour)
    return _with_hidden(spec, (*hidden[:position], layer, *hidden[position:]))


def remove_layer(spec: ExperimentSpec, position: int) -> ExperimentSpec:
    """Remove the hidden layer number `position` (from 0), and the skip connections that begin at it."""
    hidden, gone = spec.network.hidden, spec.network.hidden[position].key
    left = hidden[:position] + hidden[position + 1 :]
    kept = (replace(layer, skip_from=None) if layer.skip_from == gone else layer for layer in left)
    return _with_hidden(spec, tuple(kept))


def change_layer(spec: ExperimentSpec, position: int, **changes: Any) -> ExperimentSpec:
    """Change anything of the hidden layer number `position` (from 0)."""
    hidden = list(spec.network.hidden)
    hidden[position] = replace(hidden[position], **changes)
    return _with_hidden(spec, tuple(hidden))


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

    The usual loss becomes the usual one again; one that was chosen stays where it suits the new target.
    """
    chosen = spec.training.loss != usual_loss(before)
    loss = spec.training.loss if chosen and fits(spec.training.loss, dataset) else usual_loss(dataset)
    network = spec.network
    if loss != spec.training.loss or isinstance(dataset.target, Classes):
        network = replace(network, output_activation=None)
    changes: dict[str, object] = {"loss": loss}
    if before.target != dataset.target:
        changes |= {"class_weights": "none", "stop_accuracy": None}
    return replace(spec, data=data, network=network, training=replace(spec.training, **changes))


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


def _with_hidden(spec: ExperimentSpec, hidden: tuple[LayerSpec, ...]) -> ExperimentSpec:
    return replace(spec, network=replace(spec.network, hidden=hidden))
