"""The .bplab file: a zip of one readable JSON and raw arrays. Reading never runs code and never trusts a size.

Layout: ``experiment.json`` (format, version, spec, counters, and for each array its dtype, shape and SHA-256),
``arrays/*.bin`` (little-endian) and ``tables/<sha256>.csv`` (the user's table, when it is small).
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import io
import math
import platform
import zipfile
import zlib
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
from bplab.experiment.experiment import Experiment
from bplab.experiment.header import FORMAT, SAFE, VERSION, ArraySpec, Document, StateSpec, StretchSpec, damaged, parse
from bplab.experiment.spec import ExperimentSpec, TableSource
from bplab.experiment.storage import read_bytes, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bplab.engine.activations import Array
    from bplab.experiment.run import Run

LARGEST_FILE = 4 * 2**30  # bytes
LARGEST_JSON = 16 * 2**20
LARGEST_EMBEDDED_TABLE = 8 * 2**20
LARGEST_HISTORY = 4_000_000  # rows
DTYPE = "<f8"
_STAMP = (1980, 1, 1, 0, 0, 0)  # equal experiments give equal files


def write(experiment: Experiment, path: Path) -> None:
    """Write the experiment to `path`: whole, or not at all; see `Experiment.save`."""
    write_atomically(path, to_bytes(experiment))


def read(path: Path) -> Experiment:
    """Read the experiment at `path`; see `Experiment.open`."""
    return from_bytes(read_bytes(path, LARGEST_FILE), path)


def to_bytes(experiment: Experiment) -> bytes:
    """Return the content of the file."""
    run = experiment.run
    arrays = {name: np.ascontiguousarray(array, dtype=DTYPE) for name, array in _arrays(run).items()}
    document = Document(
        format=FORMAT,
        version=VERSION,
        program=_program(),
        environment=environment(),
        spec=run.spec,
        state=_state(run),
        log=tuple(StretchSpec.model_validate(stretch._asdict()) for stretch in run.trainer.log),
        arrays={
            name: ArraySpec(dtype=DTYPE, shape=array.shape, sha256=hashlib.sha256(array.tobytes()).hexdigest())
            for name, array in arrays.items()
        },
    )
    members = {"experiment.json": document.model_dump_json(indent=1).encode()}
    members |= {f"arrays/{name}.bin": array.tobytes() for name, array in arrays.items()}
    source = run.spec.data.source
    if isinstance(source, TableSource) and len(experiment.tables[source.sha256]) <= LARGEST_EMBEDDED_TABLE:
        members[f"tables/{source.sha256}.csv"] = experiment.tables[source.sha256]
    return _zip(members)


def from_bytes(content: bytes, path: Path) -> Experiment:
    """Return the experiment in the content of a file; `path` is for messages and for finding a table beside it.

    Raises
    ------
    FileError
        Saying what is wrong with it.
    """
    name = path.name
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_members(name, archive)
            document = parse(name, _member(name, archive, "experiment.json", LARGEST_JSON))
            tables = _tables(name, archive, document.spec, path)
            run = runs.start(document.spec, tables)
            _load(name, archive, document, run)
            return Experiment(_resumed(document, run, name, archive), tables)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged(name, f"it is cut off or is not a bplab file ({error})") from None


def environment() -> dict[str, str]:
    """Return what decides whether results are equal to the last bit."""
    found = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    try:
        return found | {"numba": importlib.metadata.version("numba")}
    except importlib.metadata.PackageNotFoundError:
        return found


def _program() -> str:
    from bplab import __version__

    return f"bplab {__version__}"


def _arrays(run: Run) -> dict[str, Array]:
    """Return everything that is stored as numbers; parameters layer by layer, so that a fault can name its layer."""
    trainer = run.trainer
    found: dict[str, Array] = {}
    for prefix, vector in (("", run.network.parameters), ("initial.", run.initial)):
        for number, layer in enumerate(run.network.views(vector), start=1):
            found |= {f"{prefix}layer{number}.{name}": part for name, part in layer._asdict().items() if part.size}
    now = trainer.checkpoint()
    found |= {"slots": now.slots, "statistics": now.statistics, "monitor": np.array(now.monitor)}
    return found | {f"history.{name}": table for name, table in trainer.history.tables().items()}


def _state(run: Run) -> StateSpec:
    saved = run.trainer.checkpoint()
    counters = {name: getattr(saved, name) for name in ("step", "epoch", "cursor", "updates", "optimizer")}
    return StateSpec(**counters, earliest=run.trainer.earliest, newest=run.trainer.newest)


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            packed = zipfile.ZIP_STORED if name.endswith(".bin") else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _STAMP), content, packed)
    return buffer.getvalue()


def _check_members(name: str, archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if len(names) > 1000 or len(set(names)) != len(names):
        raise damaged(name, "it holds too many members, or two of the same name")
    if "experiment.json" not in names:
        raise FileError(f"{name} is a zip file, but not a bplab experiment.", "Choose a file saved by bplab.")


def _member(name: str, archive: zipfile.ZipFile, member: str, cap: int) -> bytes:
    """Return a member's content, never reading more than `cap` bytes of it."""
    try:
        with archive.open(member) as stream:
            content = stream.read(cap + 1)
    except KeyError:
        raise damaged(name, f"{member} is missing") from None
    if len(content) > cap:
        raise damaged(name, f"{member} is larger than it may be")
    return content


def _tables(name: str, archive: zipfile.ZipFile, spec: ExperimentSpec, path: Path) -> dict[str, bytes]:
    source = spec.data.source
    if not isinstance(source, TableSource):
        return {}
    member = f"tables/{source.sha256}.csv"
    if member in archive.namelist():
        content = _member(name, archive, member, LARGEST_EMBEDDED_TABLE)
    else:
        content = _table_beside(name, source, path)
    if runs.digest(content) != source.sha256:
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


def _load(name: str, archive: zipfile.ZipFile, document: Document, run: Run) -> None:
    """Fill parameters and initial parameters; shapes are checked against the network before anything is read."""
    for prefix, vector in (("", run.network.parameters), ("initial.", run.initial)):
        for number, layer in enumerate(run.network.views(vector), start=1):
            for symbol, target in layer._asdict().items():
                what = f"{'initial ' if prefix else ''}{_WORDS[symbol]} of layer {number}"
                if target.size:
                    target[:] = _array(name, archive, document, f"{prefix}layer{number}.{symbol}", target.shape, what)
    if len(run.network.statistics):
        shape = run.network.statistics.shape
        run.network.statistics[:] = _array(name, archive, document, "statistics", shape, "running statistics")


def _array(
    name: str, archive: zipfile.ZipFile, document: Document, key: str, shape: tuple[int, ...], what: str
) -> Array:
    """Return a stored array; a -1 in `shape` stands for any number of rows up to the largest history."""
    promised = document.arrays.get(key)
    if promised is None:
        raise damaged(name, f"the {what} are missing")
    fits = len(promised.shape) == len(shape) and all(
        found == wanted or (wanted == -1 and 0 <= found <= LARGEST_HISTORY)
        for found, wanted in zip(promised.shape, shape, strict=True)
    )
    if not fits:
        expected, found = (" x ".join(map(str, s)) for s in (shape, promised.shape))
        raise FileError(f"{name}: the {what} should be {expected}, the file has {found}.", SAFE)
    content = _member(name, archive, f"arrays/{key}.bin", 8 * math.prod(promised.shape))
    if len(content) != 8 * math.prod(promised.shape) or hashlib.sha256(content).hexdigest() != promised.sha256:
        raise damaged(name, f"the {what} were changed after saving")
    return np.frombuffer(content, dtype=DTYPE).reshape(promised.shape).astype(np.float64)


def _resumed(document: Document, run: Run, name: str, archive: zipfile.ZipFile) -> Run:
    """Return the run with history, counters and optimizer slots as they were saved."""
    trainer, state = run.trainer, document.state
    if not (np.isfinite(run.network.parameters).all() and np.isfinite(run.initial).all()):
        raise damaged(name, "it has weights that are not finite")
    if state.optimizer not in OPTIMIZERS or state.cursor >= len(run.data.X_train):
        raise damaged(name, "its counters do not fit its data")
    size = len(run.network.parameters)
    slots = _array(
        name, archive, document, "slots", (len(OPTIMIZERS[state.optimizer].slots), size), "optimizer's slots"
    )
    history = History(len(run.network.layers))
    widths = {"steps": 2 + history.n_layers, "epochs": 6}
    history.load(
        {
            table: _array(name, archive, document, f"history.{table}", (-1, width), f"history of {table}")
            for table, width in widths.items()
        }
    )
    vectors = run.network.parameters.copy(), slots, run.network.statistics.copy()
    counters = state.step, state.epoch, state.cursor, state.updates, state.optimizer
    present = Checkpoint(*counters, *vectors, _monitor(document, name, archive))
    log = [Stretch(entry.step, entry.settings, entry.path, entry.origin) for entry in document.log]
    newest = max(state.step, state.newest)
    if not _is_plausible(log, history, state, newest) or not np.isfinite(slots).all():
        raise damaged(name, "its log, its history and its counters do not fit each other")
    trainer.resume(present, _beginning(state, run), log, history, newest)
    return run


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


def _monitor(document: Document, name: str, archive: zipfile.ZipFile) -> Monitor:
    if "monitor" not in document.arrays:  # a file of version 1
        return Monitor()
    return Monitor(*_array(name, archive, document, "monitor", (len(Monitor._fields),), "losses seen").tolist())


def _beginning(state: StateSpec, run: Run) -> Checkpoint | None:
    """Return the state at step 0, when the whole run can be replayed from it."""
    if state.earliest > 0 or state.step == 0:
        return None
    fresh = runs.build_network(run.spec, run.data)
    return dataclasses.replace(
        run.trainer.checkpoint(), parameters=run.initial.copy(), statistics=fresh.statistics.copy()
    )


_WORDS = {"W": "weights", "b": "biases", "gamma": "scales", "beta": "shifts"}
