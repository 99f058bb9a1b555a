"""A design brought to life: data, network and trainer that belong together."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.settings import RunLog, Stretch
from bplab.engine.trainer import Trainer
from bplab.errors import SettingError
from bplab.experiment.build import (
    Tables,
    build_network,
    check_loss,
    initialize,
    load_dataset,
    outputs,
    prepared,
    samples_of,
)
from bplab.experiment.moving import Move, Side
from bplab.experiment.naming import layer_keys, neuron_names, places
from bplab.experiment.past import MOST_CHAPTERS, Chapter, begun_again, ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bplab.data.prepare import PreparedData
    from bplab.engine.activations import Array
    from bplab.engine.history import History
    from bplab.engine.network import Network
    from bplab.engine.timeline import Checkpoint
    from bplab.experiment.spec import ExperimentSpec

NONE: Mapping[int, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Run:
    """A spec and what was built from it.

    Attributes
    ----------
    initial : ndarray of shape (n_parameters,)
        The parameters that reset goes to.
    given : ndarray of shape (n_parameters,), optional
        The parameters that the present network began with, where neither the seed nor an edit made them.
    past : tuple of Chapter, optional
        What it was before its network last changed; None when that is not known.
    changed : tuple of (int, float)
        The parameters that were set by hand when its network last changed.
    """

    spec: ExperimentSpec
    data: PreparedData
    network: Network
    trainer: Trainer
    initial: Array
    given: Array | None = None
    past: tuple[Chapter, ...] | None = ()
    changed: tuple[tuple[int, float], ...] = ()

    def values_at(self, places: Iterable[int]) -> dict[int, float]:
        """Return the parameters at these places of the flat vector; of those that it does not have, nothing."""
        vector = self.network.parameters
        return {place: float(vector[place]) for place in places if 0 <= place < len(vector)}

    @property
    def chapters(self) -> tuple[Chapter, ...] | None:
        """Everything from step 0 to the newest step, the present network last; None when that is not known."""
        trainer = self.trainer
        now = Chapter(self.spec.network, trainer.log, trainer.newest, self.given, self.changed)
        if self.past is None:  # until it is reset: then what came before does not count
            return None if trainer.earliest > 0 else (dataclasses.replace(now, given=self.initial, changed=()),)
        if self.past and now.log[0].step < self.past[-1].end:  # it was reset
            *before, last = begun_again((*self.past, now))
            return (*before, dataclasses.replace(now, changed=last.changed))
        return (*self.past, now)


def start(spec: ExperimentSpec, tables: Tables) -> Run:
    """Build everything from a spec, with fresh weights.

    Raises
    ------
    DataError
        If the data are missing or cannot be used.
    SettingError
        If loss, output and target do not go together.
    """
    data = data_of(spec, tables)
    network = build_network(spec, data)
    initialize(network, spec)
    trainer = Trainer(network, spec.training, samples_of(data))
    return Run(spec, data, network, trainer, network.parameters.copy())


def data_of(spec: ExperimentSpec, tables: Tables) -> PreparedData:
    """Return the data of a spec, prepared, and known to go with its loss; errors as `start`."""
    dataset = load_dataset(spec.data, tables)
    check_loss(spec, dataset)
    return prepared(spec, dataset)


def follow(run: Run, spec: ExperimentSpec, tables: Tables, changes: Mapping[int, float] = NONE) -> Run:
    """Return the run after an edit, keeping every weight, slot and number that still has a place.

    Other data, another initializer or another seed start anew; another network goes on; other training settings
    take effect at the next step of the same trainer.

    Parameters
    ----------
    changes : mapping of int to float
        Parameters to be set by hand, by their places in the flat vector of the network after the edit.

    Raises
    ------
    BplabError
        If that is not possible; the run is then as it was.
    """
    if (
        run.spec.data != spec.data
        or _beginning(run.spec) != _beginning(spec)
        or run.data.Y_train.shape[1] != outputs(spec, run.data.dataset)
    ):
        run = start(spec, tables)
        if not changes:
            return run
    check_loss(spec, run.data.dataset)
    network = build_network(spec, run.data)
    _check_changes(spec, network, changes)
    if not changes and _shape(spec, network) == _shape(run.spec, run.network):
        run.trainer.settings = spec.training
        return dataclasses.replace(run, spec=spec)
    return _goes_on(run, spec, network, changes)


def _check_changes(spec: ExperimentSpec, network: Network, changes: Mapping[int, float]) -> None:
    pruned = frozenset(places(spec, network, spec.network.pruned).tolist()) if changes else frozenset()
    for place, value in changes.items():
        if not (0 <= place < len(network.parameters) and math.isfinite(value)):
            raise SettingError(f"A weight cannot be {value:g}.", "Give a finite number.")
        if value and place in pruned:
            raise SettingError("That connection is pruned: its weight stays 0.", "Bring it back first.")


def _shape(spec: ExperimentSpec, network: Network) -> tuple[object, ...]:
    """Return what a network is, and what its parts are named and treated as."""
    design = spec.network
    names = layer_keys(design), [neuron_names(layer) for layer in design.hidden]
    return network.sizes, network.plans, names, design.frozen, design.pruned


def with_weights(run: Run, parameters: Array) -> Run:
    """Return a run of the same design that begins at step 0 with the given parameters, shape (n_parameters,).

    Raises
    ------
    SettingError
        If they are not as many as the network has, or not all finite.
    """
    if parameters.shape != run.initial.shape or not np.isfinite(parameters).all():
        raise SettingError(
            f"The network needs {len(run.initial)} finite parameters, but there are {np.isfinite(parameters).sum()}.",
            "Give as many as it has.",
        )
    network = build_network(run.spec, run.data)
    network.parameters[:] = parameters
    initial = network.parameters.copy()
    trainer = Trainer(network, run.spec.training, samples_of(run.data))
    return Run(run.spec, run.data, network, trainer, initial, given=initial)


def _beginning(spec: ExperimentSpec) -> tuple[object, ...]:
    """Return what decides the initial state of a run, apart from its data and layers."""
    training = spec.training
    return training.initializer, training.bias_initializer, training.seed, spec.network.dtype


def _goes_on(run: Run, spec: ExperimentSpec, network: Network, changes: Mapping[int, float]) -> Run:
    """Return the run with another network, or other weights in it, at the present step."""
    initialize(network, spec)
    move = Move(Side(run.spec, run.network), Side(spec, network))
    initial = move.vector(run.initial, network.parameters, shares=True)
    network.parameters[:] = move.vector(run.network.parameters, network.parameters, shares=True)
    move.statistics()
    move.prune(network.parameters, initial)
    _set(network.parameters, changes)
    before = run.trainer.checkpoint()
    if before.step == 0:  # what is set before the first step is where a reset goes to
        _set(initial, changes)
    trainer = Trainer(network, spec.training, samples_of(run.data), _history(run, before.step, len(network.layers)))
    trainer.resume(_moved_checkpoint(before, trainer.checkpoint(), move), log=_log_from(run, spec, before.step))
    given, past, changed = _past_of(run, spec, before.step, changes)
    return Run(spec, run.data, network, trainer, initial, given, past, changed)


def _moved_checkpoint(before: Checkpoint, empty: Checkpoint, move: Move) -> Checkpoint:
    """Return where training goes on: the same counters, and what the same optimizer remembers."""
    same, slots = before.optimizer == empty.optimizer, empty.slots
    if same:
        for row, old in zip(slots, before.slots, strict=True):
            row[:] = move.vector(old, row)
    counters = {name: getattr(before, name) for name in ("step", "epoch", "cursor", "monitor")}
    return dataclasses.replace(empty, slots=slots, updates=before.updates if same else 0, **counters)


def _set(parameters: Array, changes: Mapping[int, float]) -> None:
    for place, value in changes.items():
        parameters[place] = value


def _past_of(
    run: Run, spec: ExperimentSpec, step: int, changes: Mapping[int, float]
) -> tuple[Array | None, tuple[Chapter, ...] | None, tuple[tuple[int, float], ...]]:
    """Return `given`, `past` and `changed` of a run that goes on at `step` with another network or other weights."""
    chapters = run.chapters
    if chapters is None or len(chapters) > MOST_CHAPTERS:
        return None, None, ()
    now = chapters[-1]
    if now.log[0].step == step and now.network == spec.network:  # weights that are set one after the other
        return now.given, chapters[:-1], tuple((dict(now.changed) | dict(changes)).items())
    return None, (*chapters[:-1], ended(now, step)), tuple(changes.items())


def _history(run: Run, step: int, n_layers: int) -> History | None:
    """Return what another network goes on with; at step 0 nothing, for the first losses are then its own."""
    if step == 0:
        return None
    history = run.trainer.history.resized(n_layers)
    history.truncate(step)
    return history


def _log_from(run: Run, spec: ExperimentSpec, step: int) -> list[Stretch]:
    """Return the log of a run that goes on with another network: its schedule counts on."""
    log = RunLog(list(run.trainer.log))
    log.add(step, spec.training, run.trainer.log[-1].path)
    return [log.last]
