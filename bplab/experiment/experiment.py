"""The document: a design, what it has learned so far, and the file it lives in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bplab.data.features import parse_inputs
from bplab.data.sources import SOURCES
from bplab.data.table import read_table
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.errors import DataError, SettingError
from bplab.experiment import run as runs
from bplab.experiment.build import digest, load_dataset
from bplab.experiment.edits import replace, usual_loss
from bplab.experiment.spec import PARTS, DataSpec, ExperimentSpec, Kind, NetworkSpec, TableSource, TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bplab.catalogue import Choice
    from bplab.data.dataset import Dataset
    from bplab.data.prepare import PreparedData
    from bplab.engine.activations import Array
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
    environments : sequence of mapping
        Those in which the run was trained before it was opened here.
    """

    def __init__(
        self, run: Run, tables: dict[str, bytes] | None = None, environments: Sequence[Mapping[str, str]] = ()
    ) -> None:
        self.run = run
        self.tables = tables or {}
        self.environments = tuple(environments)

    @classmethod
    def new(  # noqa: PLR0913 - one keyword for each thing that a user may want to say
        cls,
        data: str | Path = "circle",
        *,
        hidden: Sequence[int] = (4,),
        activation: str = "tanh",
        normalization: str = "none",
        dropout: float = 0.0,
        skip: int = 0,
        output: str | None = None,
        dtype: Literal["float64", "float32"] = "float64",
        loss: str | None = None,
        learning_rate: float | None = None,
        l2: float = 0.0,
        seed: int = 1,
        target: str | Sequence[str] = (),
        kind: Kind = "auto",
        inputs: str = "",
        **training: Any,
    ) -> Experiment:
        """Return a new experiment with fresh weights.

        Parameters
        ----------
        data : str or Path
            The name of a data set that bplab has, or the path of a CSV file with a header.
        hidden : sequence of int
            Neurons of each hidden layer.
        activation, normalization : str
            Those of all hidden layers. Every name may carry settings, as in ``"leaky_relu:negative_slope=0.2"``.
        dropout : float
            The share of the neurons of every hidden layer that is switched off at each step.
        skip : int
            Every hidden layer adds the output of the layer so many layers before it, where both are of equal size.
        output : str, optional
            Activation of the output layer; default: what suits loss and target.
        loss : str, optional
            Default: cross-entropy for classes, mse for numbers.
        learning_rate : float, optional
            Default: what suits the optimizer.
        target : str or sequence of str
            Target column of a CSV file; default: the last one.
        kind : {"auto", "classes", "numbers"}
            What the target of a CSV file is.
        inputs : str
            What the network hears, as in ``"x1,x2,x1^2,x1*x2,sin(x1)"``; default: every feature as it is.
        **training
            Any other field of `TrainingSpec`, such as ``optimizer="adam"``, ``batch_size=16``, ``schedule="cosine"``,
            ``regularizer="l1:strength=0.01"``, ``clipping="norm"``, ``class_weights="balanced"``, ``stop_epochs=100``.

        Raises
        ------
        BplabError
            If a name, a number, or the data cannot be used.
        """
        tables: dict[str, bytes] = {}
        columns = (target,) if isinstance(target, str) else tuple(target)
        source = find_source(data, columns, kind, tables)
        chosen = replace(_DATA, source=source, seed=seed, inputs=parse_inputs(inputs) if inputs else ())
        dataset = load_dataset(chosen, tables)
        chosen_training = _training(dataset, loss, learning_rate, l2, training | {"seed": seed})
        network = _network(hidden, activation, normalization, dropout, skip)
        network = replace(network, dtype=dtype, output_activation=ACTIVATIONS.parse(output) if output else None)
        return cls(runs.start(ExperimentSpec(data=chosen, network=network, training=chosen_training), tables), tables)

    @classmethod
    def open(cls, path: str | Path, weights: bool = True) -> Experiment:
        """Return the experiment in a .bplab file.

        Parameters
        ----------
        weights : bool
            False for the design alone, at step 0: what is left of a file whose weights are damaged.

        Raises
        ------
        FileError
            Saying what is wrong with it; a `DamagedError` where the design can still be opened.
        """
        from bplab.experiment import reading

        return reading.read(Path(path), weights)

    def save(self, path: str | Path) -> None:
        """Write everything to a .bplab file: whole, or not at all.

        Raises
        ------
        FileError
            If it cannot be written; a file that was there before is then untouched.
        """
        from bplab.experiment import writing

        writing.write(writing.take(self), Path(path))

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

    def apply(self, spec: ExperimentSpec, changes: Mapping[int, float] = runs.NONE) -> None:
        """Change the design, keeping every weight that still has a place; on an error nothing has changed.

        Parameters
        ----------
        changes : mapping of int to float
            Parameters to set by hand, by their places in the flat vector of the network after the edit.
        """
        self._go_to(runs.follow(self.run, spec, self.tables, changes))

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights."""
        self.run.trainer.restart(self.run.initial)
        self._go_to(self.run)

    def load_weights(self, parameters: Array) -> None:
        """Begin at step 0 with the given parameters, shape (n_parameters,); SettingError if they do not fit."""
        self._go_to(runs.with_weights(self.run, parameters))

    def _go_to(self, run: Run) -> None:
        self.run = run
        if run.trainer.newest == 0:  # nothing of it was trained elsewhere
            self.environments = ()

    def dataset(self, data: DataSpec) -> Dataset:
        """Return the raw data that a data spec stands for."""
        return load_dataset(data, self.tables)


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
    sha256 = digest(content)
    tables[sha256] = content
    if len(str(path)) > 4096:
        raise DataError("The path of the table is too long.", "Move the file to a folder higher up.")
    return TableSource(path=str(path), sha256=sha256, targets=targets, kind=kind)


def _training(
    dataset: Dataset, loss: str | None, learning_rate: float | None, l2: float, fields: dict[str, Any]
) -> TrainingSpec:
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


def _network(hidden: Sequence[int], activation: str, normalization: str, dropout: float, skip: int) -> NetworkSpec:
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


_DATA = DataSpec(source=SOURCES.choose("circle"))
