"""From what a user says, in words and numbers, to the parts of a design."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bplab.data.sources import SOURCES
from bplab.data.tables.files import table_bytes
from bplab.data.tables.formats import is_other
from bplab.data.tables.reading import Reading
from bplab.data.tables.roles import Column, parse_role
from bplab.data.tables.table import parse_table
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import DataError, SettingError
from bplab.experiment.build import digest, remember
from bplab.experiment.edits import replace, usual_loss
from bplab.experiment.spec import PARTS, Kind, NetworkSpec, TableSource, TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bplab.catalogue import Choice
    from bplab.data.dataset import Dataset

NOTHING: Mapping[str, Any] = MappingProxyType({})
AS_FOUND = Reading()


def find_source(
    data: str | Path,
    targets: tuple[str, ...],
    kind: Kind,
    tables: dict[str, bytes],
    columns: Mapping[str, str | Column] = NOTHING,
    reading: Reading = AS_FOUND,
) -> Choice | TableSource:
    """Return the source that a name or a path stands for; a table's bytes are added to `tables`.

    Parameters
    ----------
    columns : mapping of str to str or Column
        What columns of a table are for, such as ``{"id": "ignored", "age": "number:median"}``; of the others it is
        what is most likely.
    reading : Reading
        How the text of a table is read, where that is not to be found in the text.

    Raises
    ------
    BplabError
        If there is neither such a data set nor such a file.
    """
    path = Path(data)
    if str(data).partition(":")[0] in SOURCES:
        return SOURCES.parse(str(data))
    if not path.suffix and not path.exists():
        SOURCES[str(data)]  # raises, naming what there is
    content = table_bytes(path)
    table = parse_table(path.name, content, reading)
    said = tuple(role if isinstance(role, Column) else parse_role(name, role) for name, role in columns.items())
    table.known(tuple(column.name for column in said))
    targets = targets or tuple(column.name for column in said if column.role in ("class", "target"))
    proposed = {column.name: column for column in table.propose(targets, kind)}
    chosen = proposed | {column.name: column for column in said}
    dataset, report = table.imported(tuple(chosen.values()))  # says what is wrong with it
    source = table_source(path, content, table.reading, tuple(chosen.values()))
    tables[source.sha256] = content
    remember(source, dataset, report)
    return source


def table_source(path: Path, content: bytes, reading: Reading, columns: tuple[Column, ...]) -> TableSource:
    """Return the source of a table whose text, `content`, is known."""
    if is_other(path.name):
        path = path.with_name(f"{path.stem}.csv")  # what it is from now on
    if len(str(path)) > 4096:
        raise DataError("The path of the table is too long.", "Move the file to a folder higher up.")
    return TableSource(path=str(path), sha256=digest(content), reading=reading, columns=columns)


def training_of(
    dataset: Dataset, loss: str | None, learning_rate: float | None, l2: float, fields: dict[str, Any]
) -> TrainingSpec:
    """Return the training that `fields` of `TrainingSpec` ask for; what is not said is what suits the data set."""
    known = TrainingSpec.model_fields
    for unknown in fields.keys() - known.keys():
        raise SettingError(f"There is no setting '{unknown}'.", f"Those of training: {', '.join(known)}.")
    if l2 and "regularizer" in fields:
        raise SettingError("Both l2 and a regularizer are given.", "Give one of them, such as regularizer='l1_l2'.")
    if l2:
        fields = fields | {"regularizer": REGULARIZERS.choose("l2", strength=l2)}
    fields = {name: PARTS[name].parse(v) if name in PARTS and isinstance(v, str) else v for name, v in fields.items()}
    base = TrainingSpec(loss=LOSSES.parse(loss) if loss else usual_loss(dataset))
    training = replace(base, **fields)
    if learning_rate is None:
        return training
    return replace(training, optimizer=OPTIMIZERS.replace(training.optimizer, learning_rate=learning_rate))


def network_of(hidden: Sequence[int], activation: str, normalization: str, dropout: float, skip: int) -> NetworkSpec:
    """Return hidden layers of these sizes, all alike; each adds the output of the one `skip` before it, 0 for none."""
    layer = {
        "activation": ACTIVATIONS.parse(activation),
        "normalization": NORMALIZATIONS.parse(normalization),
        "dropout": dropout,
    }
    if skip < 0:
        raise SettingError(f"skip is {skip}.", "Give the number of layers that each skip connection spans; 0 for none.")
    layers: list[dict[str, Any]] = []
    for key, size in enumerate(hidden, start=1):
        source = key - skip if skip and key > skip and hidden[key - skip - 1] == size else None
        layers.append(layer | {"key": key, "size": size, "skip_from": source})
    if skip and all(made["skip_from"] is None for made in layers):
        raise SettingError(
            f"No two hidden layers that are {skip} apart have the same number of neurons.", "Leave skip out."
        )
    return replace(NetworkSpec(), hidden=layers)
