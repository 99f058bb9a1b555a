"""From an experiment to a file.

What is saved is taken at the border of a step, in a moment; packing and writing it need neither the experiment nor the
thread that trains it.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bplab.experiment.archive import DOCUMENT, pack
from bplab.experiment.environment import environment
from bplab.experiment.header import (
    DTYPE,
    FORMAT,
    LARGEST_EMBEDDED_TABLE,
    VERSION,
    ArraySpec,
    ChapterSpec,
    Document,
    StateSpec,
    StretchSpec,
)
from bplab.experiment.spec import ExperimentSpec, TableSource
from bplab.experiment.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bplab.engine.activations import Array
    from bplab.engine.settings import Stretch
    from bplab.engine.timeline import Checkpoint
    from bplab.experiment.experiment import Experiment
    from bplab.experiment.past import Chapter
    from bplab.experiment.run import Run
    from bplab.experiment.storage import Piece, Stamp


@dataclass(frozen=True, eq=False)
class Contents:
    """Everything that a file holds, copied: training may go on meanwhile.

    Attributes
    ----------
    arrays : dict of str to ndarray
        By their names in the file.
    table : bytes, optional
        The user's table, where it is small enough to travel in the file.
    """

    spec: ExperimentSpec
    state: StateSpec
    log: tuple[Stretch, ...]
    changed: tuple[tuple[int, float], ...]
    past: tuple[Chapter, ...] | None
    environments: tuple[Mapping[str, str], ...]
    arrays: Mapping[str, Array]
    table: bytes | None


def take(experiment: Experiment) -> Contents:
    """Return a copy of everything that is to be saved."""
    run, present = experiment.run, environment()
    now = run.trainer.checkpoint()
    chapters = run.chapters
    before = tuple(known for known in experiment.environments if known != present)
    return Contents(
        spec=run.spec,
        state=_state(run, now),
        log=run.trainer.log,
        changed=() if chapters is None else chapters[-1].changed,
        past=None if chapters is None else chapters[:-1],
        environments=(*before, present),
        arrays=_arrays(run, now),
        table=_table(experiment),
    )


def write(contents: Contents, path: Path) -> Stamp:
    """Write a file: whole, or not at all; see `Experiment.save`."""
    return write_atomically(path, *to_pieces(contents))


def to_bytes(contents: Contents) -> bytes:
    """Return the content of the file."""
    return b"".join(to_pieces(contents))


def to_pieces(contents: Contents) -> tuple[Piece, ...]:
    """Return the content of the file, without a copy of its arrays."""
    from bplab import __version__

    arrays = {name: np.ascontiguousarray(array, dtype=DTYPE) for name, array in contents.arrays.items()}
    by_size = sorted(arrays, key=lambda name: -arrays[name].nbytes)
    with ThreadPoolExecutor() as pool:  # hashing a large array leaves the interpreter to others
        digests = dict(
            zip(by_size, pool.map(lambda name: hashlib.sha256(arrays[name].data).hexdigest(), by_size), strict=True)
        )
    document = Document(
        format=FORMAT,
        version=VERSION,
        program=f"bplab {__version__}",
        environments=tuple(dict(known) for known in contents.environments),
        spec=contents.spec,
        state=contents.state,
        log=_log(contents.log),
        changed=contents.changed,
        past=None if contents.past is None else tuple(map(_chapter, contents.past)),
        arrays={
            name: ArraySpec(dtype=DTYPE, shape=array.shape, sha256=digests[name]) for name, array in arrays.items()
        },
    )
    members: dict[str, Piece] = {DOCUMENT: document.model_dump_json(indent=1).encode()}
    members |= {f"arrays/{name}.bin": array.reshape(-1).view(np.uint8).data for name, array in arrays.items()}
    if contents.table is not None and isinstance(contents.spec.data.source, TableSource):
        members[f"tables/{contents.spec.data.source.sha256}.csv"] = contents.table
    return pack(members)


def _log(log: tuple[Stretch, ...]) -> tuple[StretchSpec, ...]:
    return tuple(StretchSpec.model_validate(stretch._asdict()) for stretch in log)


def _chapter(chapter: Chapter) -> ChapterSpec:
    return ChapterSpec(network=chapter.network, log=_log(chapter.log), end=chapter.end, changed=chapter.changed)


def _arrays(run: Run, now: Checkpoint) -> dict[str, Array]:
    """Return everything that is stored as numbers; parameters layer by layer, so that a fault can name its layer."""
    found: dict[str, Array] = {}
    for prefix, vector in (("", now.parameters), ("initial.", run.initial)):
        for number, layer in enumerate(run.network.views(vector), start=1):
            found |= {f"{prefix}layer{number}.{name}": part for name, part in layer._asdict().items() if part.size}
    found |= {"slots": now.slots, "statistics": now.statistics, "monitor": np.array(now.monitor)}
    found |= {f"history.{name}": table for name, table in run.trainer.history.tables().items()}
    chapters = run.chapters or ()
    return found | {f"given{n}": c.given for n, c in enumerate(chapters, start=1) if c.given is not None}


def _state(run: Run, now: Checkpoint) -> StateSpec:
    counters = {name: getattr(now, name) for name in ("step", "epoch", "cursor", "updates", "optimizer")}
    return StateSpec(**counters, earliest=run.trainer.earliest, newest=run.trainer.newest)


def _table(experiment: Experiment) -> bytes | None:
    source = experiment.spec.data.source
    table = experiment.tables.get(source.sha256) if isinstance(source, TableSource) else None
    return table if table is not None and len(table) <= LARGEST_EMBEDDED_TABLE else None
