"""From a file to an experiment. Reading never runs code and never trusts a size."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bplab.engine.history import STEPS_KEPT, History, stride
from bplab.engine.monitor import Monitor
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.settings import Stretch
from bplab.engine.timeline import Checkpoint
from bplab.errors import FileError
from bplab.experiment import run as runs
from bplab.experiment.archive import DOCUMENT, Archive, opened
from bplab.experiment.build import build_network, digest
from bplab.experiment.experiment import Experiment
from bplab.experiment.header import (
    DTYPE,
    LARGEST_EMBEDDED_TABLE,
    LARGEST_HISTORY,
    LARGEST_JSON,
    SAFE,
    WITH_PAST,
    ChapterSpec,
    Document,
    StateSpec,
    StretchSpec,
    damaged,
    parse,
)
from bplab.experiment.past import Chapter
from bplab.experiment.spec import ExperimentSpec, TableSource
from bplab.experiment.storage import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bplab.engine.activations import Array
    from bplab.experiment.run import Run

LARGEST_FILE = 4 * 2**30  # bytes


def read(path: Path) -> Experiment:
    """Read the experiment at `path`; see `Experiment.open`."""
    return from_bytes(read_bytes(path, LARGEST_FILE), path)


def from_bytes(content: bytes, path: Path) -> Experiment:
    """Return the experiment in the content of a file; `path` is for messages and for finding a table beside it.

    Raises
    ------
    FileError
        Saying what is wrong with it.
    """
    with opened(path.name, content) as archive:
        document = parse(archive.name, archive.read(DOCUMENT, LARGEST_JSON))
        tables = _tables(archive, document.spec, path)
        run = runs.start(document.spec, tables)
        drawn = run.initial.copy()
        _load(archive, document, run)
        _resume(document, run, archive)
        run = _with_past(document, run, archive, drawn)
        return Experiment(run, tables, document.environments)


def _tables(archive: Archive, spec: ExperimentSpec, path: Path) -> dict[str, bytes]:
    source, name = spec.data.source, archive.name
    if not isinstance(source, TableSource):
        return {}
    member = f"tables/{source.sha256}.csv"
    content = archive.read(member, LARGEST_EMBEDDED_TABLE) if member in archive else _table_beside(name, source, path)
    if digest(content) != source.sha256:
        raise FileError(
            f"{name}: the data file {Path(source.path).name} is not the one this experiment was made with.",
            "Put the original file back.",
        )
    return {source.sha256: content}


def _table_beside(name: str, source: TableSource, path: Path) -> bytes:
    """Return a large table that lies in the experiment's own folder; other places are never opened unasked."""
    place = path.parent / Path(source.path.replace("\\", "/")).name
    if not place.is_file():
        raise FileError(f"{name} needs the data file {place.name}.", f"Put it into the folder of {name}.")
    return read_bytes(place, LARGEST_FILE)


def _load(archive: Archive, document: Document, run: Run) -> None:
    """Fill parameters and initial parameters; shapes are checked against the network before anything is read."""
    for prefix, vector in (("", run.network.parameters), ("initial.", run.initial)):
        for number, layer in enumerate(run.network.views(vector), start=1):
            for symbol, target in layer._asdict().items():
                what = f"{'initial ' if prefix else ''}{_WORDS[symbol]} of layer {number}"
                if target.size:
                    target[:] = _array(archive, document, f"{prefix}layer{number}.{symbol}", target.shape, what)
    if len(run.network.statistics):
        shape = run.network.statistics.shape
        run.network.statistics[:] = _array(archive, document, "statistics", shape, "running statistics")


def _array(archive: Archive, document: Document, key: str, shape: tuple[int, ...], what: str) -> Array:
    """Return a stored array; a -1 in `shape` stands for any number of rows up to the largest history."""
    promised, name = document.arrays.get(key), archive.name
    if promised is None:
        raise damaged(name, f"the {what} are missing")
    fits = len(promised.shape) == len(shape) and all(
        found == wanted or (wanted == -1 and 0 <= found <= LARGEST_HISTORY)
        for found, wanted in zip(promised.shape, shape, strict=True)
    )
    if not fits:
        expected, found = (" x ".join(map(str, s)) for s in (shape, promised.shape))
        raise FileError(f"{name}: the {what} should be {expected}, the file has {found}.", SAFE)
    content = archive.read(f"arrays/{key}.bin", 8 * math.prod(promised.shape))
    if len(content) != 8 * math.prod(promised.shape) or hashlib.sha256(content).hexdigest() != promised.sha256:
        raise damaged(name, f"the {what} were changed after saving")
    return np.frombuffer(content, dtype=DTYPE).reshape(promised.shape).astype(np.float64)


def _resume(document: Document, run: Run, archive: Archive) -> None:
    """Let the run's trainer go on with history, counters and optimizer slots as they were saved."""
    trainer, state, name = run.trainer, document.state, archive.name
    if not (np.isfinite(run.network.parameters).all() and np.isfinite(run.initial).all()):
        raise damaged(name, "it has weights that are not finite")
    if state.optimizer not in OPTIMIZERS or state.cursor >= len(run.data.X_train):
        raise damaged(name, "its counters do not fit its data")
    size = len(run.network.parameters)
    slots = _array(archive, document, "slots", (len(OPTIMIZERS[state.optimizer].slots), size), "optimizer's slots")
    history = History(len(run.network.layers))
    widths = {"steps": 2 + history.n_layers, "epochs": 6}
    history.load(
        {
            table: _array(archive, document, f"history.{table}", (-1, width), f"history of {table}")
            for table, width in widths.items()
        }
    )
    vectors = run.network.parameters.copy(), slots, run.network.statistics.copy()
    counters = state.step, state.epoch, state.cursor, state.updates, state.optimizer
    present = Checkpoint(*counters, *vectors, _monitor(document, archive))
    log = list(_log(document.log))
    newest = max(state.step, state.newest)
    if not _is_plausible(log, history, state, newest) or not np.isfinite(slots).all():
        raise damaged(name, "its log, its history and its counters do not fit each other")
    trainer.resume(present, _beginning(state, run), log, history, newest)


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


def _monitor(document: Document, archive: Archive) -> Monitor:
    if "monitor" not in document.arrays:  # a file of version 1
        return Monitor()
    return Monitor(*_array(archive, document, "monitor", (len(Monitor._fields),), "losses seen").tolist())


def _beginning(state: StateSpec, run: Run) -> Checkpoint | None:
    """Return the state at step 0, when the whole run can be replayed from it."""
    if state.earliest > 0 or state.step == 0:
        return None
    fresh = build_network(run.spec, run.data)
    return dataclasses.replace(
        run.trainer.checkpoint(), parameters=run.initial.copy(), statistics=fresh.statistics.copy()
    )


def _with_past(document: Document, run: Run, archive: Archive, drawn: Array) -> Run:
    """Return the run with what it was before; `drawn` are the parameters that the seed gives."""
    if document.past is None:
        return dataclasses.replace(run, past=None)
    given = _given(document, run, archive, len(document.past) + 1, run.spec)
    if document.version < WITH_PAST and not np.array_equal(run.initial, drawn):
        given = run.initial
    past = tuple(_chapter(document, run, archive, n, chapter) for n, chapter in enumerate(document.past, start=1))
    whole = dataclasses.replace(run, given=given, past=past, changed=document.changed)
    starts = [0, *(chapter.end for chapter in past)]
    if not all(_is_in_order(c, begin) for c, begin in zip(whole.chapters or (), starts, strict=True)):
        raise damaged(archive.name, "the parts of its past do not follow each other")
    return whole


def _is_in_order(chapter: Chapter, begin: int) -> bool:
    starts = [stretch.step for stretch in chapter.log]
    return starts == sorted(set(starts)) and starts[:1] == [begin] and starts[-1] <= chapter.end


def _chapter(document: Document, run: Run, archive: Archive, number: int, chapter: ChapterSpec) -> Chapter:
    spec = run.spec.model_copy(update={"network": chapter.network})
    given = _given(document, run, archive, number, spec)
    return Chapter(chapter.network, _log(chapter.log), chapter.end, given, chapter.changed)


def _given(document: Document, run: Run, archive: Archive, number: int, spec: ExperimentSpec) -> Array | None:
    key = f"given{number}"
    if key not in document.arrays:
        return None
    size = len(build_network(spec, run.data).parameters)
    return _array(archive, document, key, (size,), f"parameters given to part {number} of the run")


_WORDS = {"W": "weights", "b": "biases", "gamma": "scales", "beta": "shifts"}
