"""The document: a design, what it has learned so far, and the file it lives in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplab.data.sources import SOURCES
from bplab.data.table import read_table
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import DataError
from bplab.experiment import run as runs
from bplab.experiment.edits import replace, usual_loss
from bplab.experiment.spec import DataSpec, ExperimentSpec, Kind, NetworkSpec, TableSource, TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bplab.catalogue import Choice
    from bplab.data.dataset import Dataset
    from bplab.data.prepare import PreparedData
    from bplab.engine.network import Network
    from bplab.engine.trainer import Trainer
    from bplab.experiment.run import Run


class Experiment:
    """A network, its data and its training; `network` and `save` always see the present state of the one trainer.

    Use `Experiment.new` or `Experiment.open` to get one.

    Attributes
    ----------
    run : Run
        What the present spec was built into.
    tables : dict of str to bytes
        The user's tables by their SHA-256; kept, so that an undone change of data finds them again.
    """

    def __init__(self, run: Run, tables: dict[str, bytes] | None = None) -> None:
        self.run = run
        self.tables = tables or {}

    @classmethod
    def new(  # noqa: PLR0913 - one keyword for each thing that a user may want to say
        cls,
        data: str | Path = "circle",
        *,
        hidden: Sequence[int] = (4,),
        activation: str = "tanh",
        loss: str | None = None,
        optimizer: str = "sgd",
        learning_rate: float | None = None,
        batch_size: int = 10,
        l2: float = 0.0,
        seed: int = 1,
        target: str | Sequence[str] = (),
        kind: Kind = "auto",
    ) -> Experiment:
        """Return a new experiment with fresh weights.

        Parameters
        ----------
        data : str or Path
            The name of a data set that bplab has, or the path of a CSV file with a header.
        hidden : sequence of int
            Neurons of each hidden layer.
        loss : str, optional
            Default: cross-entropy for classes, mse for numbers.
        learning_rate : float, optional
            Default: what suits the optimizer.
        target : str or sequence of str
            Target column of a CSV file; default: the last one.
        kind : {"auto", "classes", "numbers"}
            What the target of a CSV file is.

        Raises
        ------
        BplabError
            If a name, a number, or the data cannot be used.
        """
        tables: dict[str, bytes] = {}
        columns = (target,) if isinstance(target, str) else tuple(target)
        chosen = replace(_DATA, source=find_source(data, columns, kind, tables), seed=seed)
        dataset = runs.load_dataset(chosen, tables)
        rate = {} if learning_rate is None else {"learning_rate": learning_rate}
        settings: dict[str, Any] = {
            "loss": LOSSES.choose(loss) if loss else usual_loss(dataset),
            "optimizer": OPTIMIZERS.choose(optimizer, **rate),
            "regularizer": REGULARIZERS.choose("l2", strength=l2) if l2 else REGULARIZERS.choose("none"),
        }
        training = replace(TrainingSpec(loss=settings["loss"]), **settings, batch_size=batch_size, seed=seed)
        layers = [{"key": key, "size": n, "activation": activation} for key, n in enumerate(hidden, start=1)]
        ACTIVATIONS.choose(activation)
        network = replace(NetworkSpec(), hidden=layers)
        return cls(runs.start(ExperimentSpec(data=chosen, network=network, training=training), tables), tables)

    @classmethod
    def open(cls, path: str | Path) -> Experiment:
        """Return the experiment in a .bplab file; FileError says what is wrong with one that cannot be read."""
        from bplab.experiment import archive

        return archive.read(Path(path))

    def save(self, path: str | Path) -> None:
        """Write everything to a .bplab file: whole, or not at all.

        Raises
        ------
        FileError
            If it cannot be written; a file that was there before is then untouched.
        """
        from bplab.experiment import archive

        archive.write(self, Path(path))

    @property
    def spec(self) -> ExperimentSpec:
        """What the user designed."""
        return self.run.spec

    @property
    def data(self) -> PreparedData:
        """The data as the network sees them."""
        return self.run.data

    @property
    def network(self) -> Network:
        """The network in its present state."""
        return self.run.network

    def trainer(self) -> Trainer:
        """Return the trainer of this experiment's network; it is always the same one until the design changes."""
        return self.run.trainer

    def apply(self, spec: ExperimentSpec) -> None:
        """Change the design, keeping every weight that still has a place; on an error nothing has changed."""
        self.run = runs.follow(self.run, spec, self.tables)

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights."""
        self.run.trainer.restart(self.run.initial)

    def dataset(self, data: DataSpec) -> Dataset:
        """Return the raw data that a data spec stands for."""
        return runs.load_dataset(data, self.tables)


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
    if str(data) in SOURCES:
        return SOURCES.choose(str(data))
    if not path.suffix and not path.exists():
        SOURCES[str(data)]  # raises, naming what there is
    read_table(path)  # says what is wrong with it
    content = path.read_bytes()
    sha256 = runs.digest(content)
    tables[sha256] = content
    if len(str(path)) > 4096:
        raise DataError("The path of the table is too long.", "Move the file to a folder higher up.")
    return TableSource(path=str(path), sha256=sha256, targets=targets, kind=kind)


_DATA = DataSpec(source=SOURCES.choose("circle"))
