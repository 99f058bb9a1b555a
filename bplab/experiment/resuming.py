"""From the arrays of a file to a run that goes on where it was saved."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.history import STEPS_KEPT, History, stride
from bplab.engine.monitor import Monitor
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.settings import Stretch
from bplab.engine.timeline import Checkpoint
from bplab.engine.trainer import Trainer
from bplab.experiment.build import build_network, initialize, samples_of, sizes_of
from bplab.experiment.header import (
    WITH_PAST,
    ChapterSpec,
    StateSpec,
    StretchSpec,
)
from bplab.experiment.past import Chapter
from bplab.experiment.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bplab.data.prepare import PreparedData
    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.experiment.arrays import Arrays


def resumed(arrays: Arrays, data: PreparedData) -> Run:
    """Return the run as it was saved. Every size is compared with what the file holds before memory is taken."""
    _check_layers(arrays, sizes_of(arrays.document.spec, data))
    network = build_network(arrays.document.spec, data)
    initial = np.zeros_like(network.parameters)
    _load(arrays, network, initial)
    history = _history(arrays, len(network.layers))
    trainer = Trainer(network, arrays.document.spec.training, samples_of(data), history)
    run = Run(arrays.document.spec, data, network, trainer, initial)
    _resume(arrays, run)
    return _with_past(arrays, run)


def _check_layers(arrays: Arrays, sizes: list[int]) -> None:
    """Refuse weights that are not those of the design, before a network is built for them."""
    for prefix, of in (("", ""), ("initial.", "initial ")):
        for number, (n_in, n_out) in enumerate(itertools.pairwise(sizes), start=1):
            arrays.check(f"{prefix}layer{number}.W", (n_out, n_in), f"{of}weights of layer {number}")


def _load(arrays: Arrays, network: Network, initial: Array) -> None:
    """Fill parameters, initial parameters and running statistics."""
    for prefix, of, vector in (("", "", network.parameters), ("initial.", "initial ", initial)):
        for number, layer in enumerate(network.views(vector), start=1):
            for symbol, target in layer._asdict().items():
                what = f"{of}{_WORDS[symbol]} of layer {number}"
                if target.size:
                    target[:] = arrays.finite(f"{prefix}layer{number}.{symbol}", target.shape, what)
    if len(network.statistics):
        shape = network.statistics.shape
        network.statistics[:] = arrays.finite("statistics", shape, "running statistics")


def _history(arrays: Arrays, n_layers: int) -> History:
    history = History(n_layers)
    widths = {"steps": 2 + n_layers, "epochs": 6}
    history.load(
        {table: arrays.read(f"history.{table}", (-1, width), f"history of {table}") for table, width in widths.items()}
    )
    return history


def _resume(arrays: Arrays, run: Run) -> None:
    """Let the run's trainer go on with counters and optimizer slots as they were saved."""
    trainer, document = run.trainer, arrays.document
    state = document.state
    if state.optimizer not in OPTIMIZERS or state.cursor >= len(run.data.X_train):
        raise arrays.broken("its counters do not fit its data")
    size = len(run.network.parameters)
    slots = arrays.finite("slots", (len(OPTIMIZERS[state.optimizer].slots), size), "optimizer's slots")
    vectors = run.network.parameters.copy(), slots, run.network.statistics.copy()
    counters = state.step, state.epoch, state.cursor, state.updates, state.optimizer
    present = Checkpoint(*counters, *vectors, _monitor(arrays))
    log = list(_log(document.log))
    newest = max(state.step, state.newest)
    if not _is_plausible(log, trainer.history, state, newest):
        raise arrays.broken("its log, its history and its counters do not fit each other")
    trainer.resume(present, _beginning(state, run), log, trainer.history, newest)


def _log(log: Iterable[StretchSpec]) -> tuple[Stretch, ...]:
    return tuple(Stretch(entry.step, entry.settings, entry.path, entry.origin) for entry in log)


def _is_plausible(log: list[Stretch], history: History, state: StateSpec, newest: int) -> bool:
    """Tell whether a run can have been as its file says: nothing is done again that was never done."""
    starts, seen = [stretch.step for stretch in log], history.steps[:, 0]
    known = seen[-1] if len(seen) else state.earliest
    return (
        bool(log)
        and starts == sorted(set(starts))
        and starts[0] <= state.earliest <= state.step
        and starts[-1] <= newest
        and all(stretch.origin <= stretch.step for stretch in log)
        and bool(np.isfinite(seen).all() and (np.diff(seen) > 0).all())
        and 0 <= newest - known < 2 * stride(newest, STEPS_KEPT)
    )


def _monitor(arrays: Arrays) -> Monitor:
    if arrays.document.version == 1:
        return Monitor()
    return Monitor(*arrays.read("monitor", (len(Monitor._fields),), "losses seen").tolist())


def _beginning(state: StateSpec, run: Run) -> Checkpoint | None:
    """Return the state at step 0, when the whole run can be replayed from it."""
    if state.earliest > 0 or state.step == 0:
        return None
    fresh = build_network(run.spec, run.data)
    return dataclasses.replace(
        run.trainer.checkpoint(), parameters=run.initial.copy(), statistics=fresh.statistics.copy()
    )


def _with_past(arrays: Arrays, run: Run) -> Run:
    """Return the run with what it was before."""
    document = arrays.document
    if document.past is None:
        return dataclasses.replace(run, past=None)
    given = _given(arrays, len(document.past) + 1)
    if document.version < WITH_PAST and not _is_drawn(run):
        given = run.initial
    if not all(chapter.log for chapter in document.past):
        raise arrays.broken("the parts of its past do not follow each other")
    past = tuple(_chapter(arrays, n, chapter) for n, chapter in enumerate(document.past, start=1))
    whole = dataclasses.replace(run, given=given, past=past, changed=document.changed)
    starts = [0, *(chapter.end for chapter in past)]
    if not all(_is_in_order(c, begin) for c, begin in zip(whole.chapters or (), starts, strict=True)):
        raise arrays.broken("the parts of its past do not follow each other")
    return whole


def _is_in_order(chapter: Chapter, begin: int) -> bool:
    starts = [stretch.step for stretch in chapter.log]
    return starts == sorted(set(starts)) and starts[:1] == [begin] and starts[-1] <= chapter.end


def _is_drawn(run: Run) -> bool:
    """Tell whether a run began with what its seed draws."""
    fresh = build_network(run.spec, run.data)
    initialize(fresh, run.spec)
    return np.array_equal(fresh.parameters, run.initial)


def _chapter(arrays: Arrays, number: int, chapter: ChapterSpec) -> Chapter:
    return Chapter(chapter.network, _log(chapter.log), chapter.end, _given(arrays, number), chapter.changed)


def _given(arrays: Arrays, number: int) -> Array | None:
    key = f"given{number}"
    if key not in arrays:
        return None
    shape = arrays.document.arrays[key].shape
    if len(shape) != 1:
        raise arrays.broken(f"the parameters given to part {number} of the run are not one row")
    return arrays.finite(key, shape, f"parameters given to part {number} of the run")


_WORDS = {"W": "weights", "b": "biases", "gamma": "scales", "beta": "shifts"}
