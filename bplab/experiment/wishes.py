"""From what a user says, in words and numbers, to the parts of a design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplab.data.formats import is_other
from bplab.data.sources import SOURCES
from bplab.data.table import read_table, table_bytes
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import DataError, SettingError
from bplab.experiment.build import digest
from bplab.experiment.edits import replace, usual_loss
from bplab.experiment.spec import PARTS, Kind, NetworkSpec, TableSource, TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.catalogue import Choice
    from bplab.data.dataset import Dataset


def find_source(
    data: str | Path, targets: tuple[str, ...], kind: Kind, tables: dict[str, bytes]
) -> Choice | TableSource:
    """Return the source that a name or a path stands for; a table's bytes are added to `tables`.

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
    read_table(path)  # says what is wrong with it
    content = table_bytes(path)
    if is_other(path.name):
        path = path.with_name(f"{path.stem}.csv")  # what it is from now on
    if len(str(path)) > 4096:
        raise DataError("The path of the table is too long.", "Move the file to a folder higher up.")
    return table_source(str(path), content, targets, kind, tables)


def table_source(
    path: str, content: bytes, targets: tuple[str, ...], kind: Kind, tables: dict[str, bytes]
) -> TableSource:
    """Return the source of a table whose text is known; its bytes are added to `tables`."""
    sha256 = digest(content)
    tables[sha256] = content
    return TableSource(path=path, sha256=sha256, targets=targets, kind=kind)


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
