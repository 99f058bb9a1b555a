"""From a file to an experiment. Reading never runs code and never trusts a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.data.tables.files import table_bytes
from bplab.errors import BplabError, DataError, FileError, MissingDataError
from bplab.experiment import run as runs
from bplab.experiment.archive import DOCUMENT, Archive, opened
from bplab.experiment.arrays import Arrays
from bplab.experiment.build import Tables, digest, prepared
from bplab.experiment.experiment import Experiment
from bplab.experiment.header import (
    LARGEST_EMBEDDED_TABLE,
    LARGEST_JSON,
    SAFE,
    parse,
)
from bplab.experiment.resuming import resumed
from bplab.experiment.spec import ExperimentSpec, TableSource
from bplab.experiment.stand_in import stand_in
from bplab.experiment.storage import Stamp, read_bytes, stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bplab.data.prepare import PreparedData


LARGEST_FILE = 4 * 2**30  # bytes


def read(path: Path, weights: bool = True, tables: Iterable[bytes] = ()) -> Experiment:
    """Read the experiment at `path`; see `Experiment.open`."""
    return from_bytes(read_bytes(path, LARGEST_FILE), path, weights, tables)


def read_with_stamp(
    path: Path, weights: bool = True, tables: Iterable[bytes] = (), blind: bool = False
) -> tuple[Experiment, Stamp | None]:
    """Return the experiment at `path`, and what tells its file from a later one of the same name."""
    content = read_bytes(path, LARGEST_FILE)
    return from_bytes(content, path, weights, tables, blind), stamp_of(path, content)


def from_bytes(
    content: bytes, path: Path, weights: bool = True, tables: Iterable[bytes] = (), blind: bool = False
) -> Experiment:
    """Return the experiment in the content of a file; `path` is for messages and for finding a table beside it.

    Parameters
    ----------
    weights : bool
        False for the design alone, at step 0: what is left of a file whose weights are damaged.
    tables : iterable of bytes
        Tables that the user has found, for a file whose own is missing.
    blind : bool
        Whether a file whose table is missing is opened too, with its `Experiment.missing` set: to be looked at and
        saved, not to be trained.

    Raises
    ------
    FileError
        Saying what is wrong with it; a `DamagedError` where the design can still be opened.
    """
    with opened(path.name, content) as archive:
        document, missing = parse(archive.name, archive.read(DOCUMENT, LARGEST_JSON)), None
        found: dict[str, bytes] = {}
        try:
            found = _tables(archive, document.spec, path, {digest(table): table for table in tables})
        except MissingDataError as error:
            missing = error
            if not (blind and weights):
                raise
        try:
            if not weights:
                return Experiment(runs.start(document.spec, found), found)
            arrays = Arrays(archive, document)
            data = _blind(arrays, missing) if missing is not None else runs.data_of(document.spec, found)
            run = resumed(arrays, data)
        except FileError:
            raise
        except BplabError as error:  # a design that is not possible
            raise FileError(f"{archive.name}: {error.message}", f"{error.hint} {SAFE}".strip()) from None
        return Experiment(run, found, document.environments, missing)


def _blind(arrays: Arrays, missing: MissingDataError) -> PreparedData:
    """Return what stands in for the data of a table that is missing, if the file tells of what shape they were."""
    spec = arrays.document.spec
    for number in (1, len(spec.network.hidden) + 1):
        promised = arrays.document.arrays.get(f"layer{number}.W")
        if promised is None or len(promised.shape) != 2:
            raise missing
        arrays.check(f"layer{number}.W", promised.shape, f"weights of layer {number}")
    try:
        return prepared(spec, stand_in(arrays.document, missing.name))
    except (BplabError, ValueError, MemoryError):
        raise missing from None


def examine(content: bytes, path: Path) -> list[str]:
    """Return everything that is wrong with the arrays of a file whose design is readable, in words."""
    with opened(path.name, content) as archive:
        document = parse(archive.name, archive.read(DOCUMENT, LARGEST_JSON))
        found = []
        arrays = Arrays(archive, document)
        for key, promised in document.arrays.items():
            try:
                arrays.read(key, promised.shape, f"numbers '{key[:100]}'")
            except FileError as error:
                found.append(error.message.removeprefix(f"{path.name} is damaged: "))
        return found


def _tables(archive: Archive, spec: ExperimentSpec, path: Path, given: Tables) -> dict[str, bytes]:
    source = spec.data.source
    if not isinstance(source, TableSource):
        return {}
    if source.sha256 in given:
        return {source.sha256: given[source.sha256]}
    member, table = f"tables/{source.sha256}.csv", source.path.replace("\\", "/").rsplit("/", 1)[-1]
    inside = member in archive
    content = archive.read(member, LARGEST_EMBEDDED_TABLE) if inside else _table_beside(path, table)
    if content is not None and digest(content) == source.sha256:
        return {source.sha256: content}
    if content is None:
        raise MissingDataError(
            f"{archive.name} needs the data file {table}, which is not beside it.",
            f"Put it into the folder of {archive.name}, or say where it is.",
            table,
            source.sha256,
        )
    raise MissingDataError(
        f"{archive.name}: the data file {table} is not the one that this experiment was made with.",
        "Put the original file back, or say where it is.",
        table,
        source.sha256,
    )


def _table_beside(path: Path, table: str) -> bytes | None:
    """Return a large table that lies in the experiment's own folder; other places are never opened unasked."""
    try:
        return table_bytes(path.parent / table)
    except DataError:
        return None
