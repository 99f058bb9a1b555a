"""Weights from a file of another program, and how they get into an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.activations import ACTIVATIONS
from bplab.errors import FileError
from bplab.experiment import run as runs
from bplab.experiment.edits import replace
from bplab.experiment.spec import LayerSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bplab.catalogue import Choice
    from bplab.experiment.experiment import Experiment
    from bplab.experiment.run import Run
    from bplab.experiment.spec import ExperimentSpec

LARGEST_FILE = 512 * 2**20  # bytes
LARGEST_LAYER = 4096  # neurons
MOST_LAYERS = 65


@dataclass(frozen=True, eq=False)
class FoundLayer:
    """One dense layer of a file.

    Attributes
    ----------
    name : str
        What the file calls it.
    W, b : ndarray
        Shapes (n_out, n_in) and (n_out,), float64.
    activation : Choice, optional
        None where the file does not tell.
    """

    name: str
    W: np.ndarray
    b: np.ndarray
    activation: Choice | None = None


@dataclass(frozen=True, eq=False)
class FoundNetwork:
    """Dense layers one after the other, and what of the file could not be taken over, in sentences."""

    name: str
    layers: tuple[FoundLayer, ...]
    notes: tuple[str, ...] = ()


def read_weights(path: Path) -> FoundNetwork:
    """Return the dense layers in a safetensors or ONNX file.

    Raises
    ------
    FileError
        Saying what is wrong with it.
    MissingPackageError
        If the package that reads it is not installed.
    """
    from bplab.experiment.storage import read_bytes
    from bplab.imports import onnx_model, state_dict

    suffix = path.suffix.lower()
    if suffix in (".pt", ".pth", ".bin", ".pkl"):
        raise FileError(
            f"{path.name} is a pickle, which can run any code when it is opened.",
            "Save it in PyTorch with: safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')",
        )
    readers = {".safetensors": state_dict.read, ".onnx": onnx_model.read}
    if suffix not in readers:
        raise FileError(f"{path.name} is neither a safetensors nor an ONNX file.", "Choose one of these.")
    found = readers[suffix](read_bytes(path, LARGEST_FILE), path.name)
    for layer in found.layers:
        _check_layer(path.name, layer)
    return found


def begin_with(experiment: Experiment, found: FoundNetwork) -> Run:
    """Return the experiment's run from step 0 with the weights that were found.

    Hidden layers of other sizes or activations become those of the file; data, loss and training stay.

    Raises
    ------
    FileError
        If inputs or outputs are not as many.
    """
    _check_ends(experiment, found)
    spec = _design(experiment.spec, found)
    run = runs.start(spec, experiment.tables)
    vector = run.network.parameters.copy()
    for part, layer in zip(run.network.views(vector), found.layers, strict=True):
        part.W[:], part.b[:] = layer.W, layer.b
    if not np.isfinite(vector).all():
        raise FileError(
            f"{found.name} holds weights that are not finite in {spec.network.dtype}.", "Choose another file."
        )
    return runs.with_weights(run, vector)


def _check_layer(name: str, layer: FoundLayer) -> None:
    n_out, n_in = layer.W.shape
    if layer.b.shape != (n_out,):
        raise FileError(f"{name}: the bias of '{layer.name}' has {layer.b.size} values for {n_out} neurons.", "")
    if not 1 <= n_out <= LARGEST_LAYER or n_in < 1:
        raise FileError(f"{name}: '{layer.name}' has {n_out} neurons.", f"A layer has 1 to {LARGEST_LAYER} of them.")
    if not (np.isfinite(layer.W).all() and np.isfinite(layer.b).all()):
        raise FileError(f"{name}: the weights of '{layer.name}' are not all finite.", "Choose another file.")


def _check_ends(experiment: Experiment, found: FoundNetwork) -> None:
    sizes, first, last = experiment.network.sizes, found.layers[0], found.layers[-1]
    if first.W.shape[1] != sizes[0]:
        raise FileError(
            f"{found.name}: layer 1 hears {first.W.shape[1]} inputs, the data have {sizes[0]}.",
            "Choose the data and inputs that the network was trained with.",
        )
    if len(last.W) != sizes[-1]:
        raise FileError(
            f"{found.name}: the output layer has {len(last.W)} neurons, the data and the loss need {sizes[-1]}.",
            "Choose the data and the loss that the network was trained with.",
        )


def _design(spec: ExperimentSpec, found: FoundNetwork) -> ExperimentSpec:
    """Return the design with the hidden layers of the file; layers that are the same already stay as they are."""
    hidden, old = [], spec.network.hidden
    for number, layer in enumerate(found.layers[:-1], start=1):
        before = old[number - 1] if number <= len(old) else None
        activation = layer.activation or (before or (old or [None])[-1] or _usual()).activation
        if before is not None and before.size == len(layer.W) and before.activation == activation and _is_plain(before):
            hidden.append(replace(before, key=number))
        else:
            hidden.append(LayerSpec(key=number, size=len(layer.W), activation=activation))
    if tuple(hidden) == tuple(replace(layer, key=number) for number, layer in enumerate(old, start=1)):
        return spec  # parts keep the names by which they are frozen
    return replace(spec, network=replace(spec.network, hidden=tuple(hidden), frozen=(), pruned=()))


def _is_plain(layer: LayerSpec) -> bool:
    return layer.normalization.name == "none" and layer.skip_from is None


def _usual() -> LayerSpec:
    return LayerSpec(key=1, size=1, activation=ACTIVATIONS.choose("tanh"))


def notes_of(experiment: Experiment, found: FoundNetwork) -> Sequence[str]:
    """Return what the user should know of weights that were taken over."""
    told, own = found.layers[-1].activation, experiment.network.layers[-1].choice
    notes = list(found.notes)
    if told is not None and told != own:
        notes.append(f"It ends with {told.name}; the output layer stays {own.name}, which goes with the loss.")
    if all(layer.activation is None for layer in found.layers):
        notes.append("It does not tell activations: check that those of the layers are right.")
    return notes
