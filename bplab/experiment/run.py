"""A design brought to life: data, network and trainer that belong together."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.network import Network, transplant
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
from bplab.experiment.past import MOST_CHAPTERS, Chapter, begun_again, ended

if TYPE_CHECKING:
    from bplab.data.prepare import PreparedData
    from bplab.engine.activations import Array
    from bplab.engine.history import History
    from bplab.experiment.spec import ExperimentSpec


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
    """

    spec: ExperimentSpec
    data: PreparedData
    network: Network
    trainer: Trainer
    initial: Array
    given: Array | None = None
    past: tuple[Chapter, ...] | None = ()

    @property
    def chapters(self) -> tuple[Chapter, ...] | None:
        """Everything from step 0 to the newest step, the present network last; None when that is not known."""
        log, past, given = self.trainer.log, self.past, self.given
        if past is None:
            if self.trainer.earliest > 0:
                return None
            past, given = (), self.initial  # it was reset: what came before does not count
        elif past and log[0].step < past[-1].end:
            past = begun_again(past)
        return (*past, Chapter(self.spec.network, log, self.trainer.newest, given))


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
    check_loss(spec, dataset)
    data = prepared(spec, dataset)
    network = build_network(spec, data)
    initialize(network, spec)
    trainer = Trainer(network, spec.training, samples_of(data))
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
        or run.data.Y_train.shape[1] != outputs(spec, run.data.dataset)
    ):
        return start(spec, tables)
    check_loss(spec, run.data.dataset)
    network = build_network(spec, run.data)
    if network.sizes == run.network.sizes and network.plans == run.network.plans and _keys(old) == _keys(new):
        run.trainer.settings = spec.training
        return dataclasses.replace(run, spec=spec)
    return _transplanted(run, spec, network)


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


def _transplanted(run: Run, spec: ExperimentSpec, network: Network) -> Run:
    initialize(network, spec)
    initial = _moved(run, spec, network, run.initial, network.parameters)
    network.parameters[:] = _moved(run, spec, network, run.network.parameters, network.parameters)
    _move_statistics(run, spec, network)
    before = run.trainer.checkpoint()
    trainer = Trainer(network, spec.training, samples_of(run.data), _history(run, before.step, len(network.layers)))
    empty = trainer.checkpoint()
    slots = empty.slots
    if before.optimizer == empty.optimizer:
        for row, old in zip(slots, before.slots, strict=True):
            row[:] = _moved(run, spec, network, old, row)
    counters = {name: getattr(before, name) for name in ("step", "epoch", "cursor", "updates", "optimizer")}
    updates = before.updates if before.optimizer == empty.optimizer else 0
    counters |= {"updates": updates, "optimizer": empty.optimizer, "monitor": before.monitor}
    trainer.resume(dataclasses.replace(empty, slots=slots, **counters), log=_log_from(run, spec, before.step))
    past = run.chapters
    if past is not None:
        past = (*past[:-1], ended(past[-1], before.step)) if len(past) <= MOST_CHAPTERS else None
    return Run(spec, run.data, network, trainer, initial, past=past)


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
