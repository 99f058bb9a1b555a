"""The document: a design, what it has learned so far, and the file it lives in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bplab.data.features import parse_inputs
from bplab.engine.activations import ACTIVATIONS
from bplab.experiment import run as runs
from bplab.experiment.build import load_dataset
from bplab.experiment.edits import replace
from bplab.experiment.spec import DataSpec, ExperimentSpec, Kind
from bplab.experiment.wishes import AS_FOUND, NOTHING, find_source, network_of, training_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bplab.data.dataset import Dataset
    from bplab.data.prepare import PreparedData
    from bplab.data.tables.reading import Reading
    from bplab.data.tables.roles import Column
    from bplab.engine.activations import Array
    from bplab.engine.network import Network
    from bplab.engine.trainer import Trainer
    from bplab.errors import MissingDataError
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
        self,
        run: Run,
        tables: dict[str, bytes] | None = None,
        environments: Sequence[Mapping[str, str]] = (),
        missing: MissingDataError | None = None,
    ) -> None:
        self.run = run
        self.tables = tables or {}
        self.environments = tuple(environments)
        self.missing = missing

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
        columns: Mapping[str, str | Column] = NOTHING,
        reading: Reading = AS_FOUND,
        prepare: Mapping[str, Any] = NOTHING,
        **training: Any,
    ) -> Experiment:
        """Return a new experiment with fresh weights.

        Parameters
        ----------
        data : str or Path
            The name of a data set that bplab has, as in ``"moons:noise=0.4"``, or the path of a CSV file with a header.
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
        columns : mapping of str to str or Column
            What columns of a table are for, such as ``{"id": "ignored", "age": "number:median", "sex": "one_hot"}``:
            a role of `bplab.data.tables.roles.ROLES` and what becomes of missing values; default: what is most likely.
        reading : Reading
            How the text of a table is read; default: as is found in the text.
        prepare : mapping of str to object
            Fields of `DataSpec`, such as ``{"scaling": "min_max", "split": "k_fold", "test_fraction": 0.3}``.
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
        targets = (target,) if isinstance(target, str) else tuple(target)
        source = find_source(data, targets, kind, tables, columns, reading)
        given = {"seed": seed, "inputs": parse_inputs(inputs) if inputs else ()}
        chosen = replace(DataSpec(source=source), **given | dict(prepare))
        dataset = load_dataset(chosen, tables)
        chosen_training = training_of(dataset, loss, learning_rate, l2, training | {"seed": seed})
        network = network_of(hidden, activation, normalization, dropout, skip)
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
        self._check_data()
        self._go_to(runs.follow(self.run, spec, self.tables, changes))

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights."""
        self._check_data()
        self.run.trainer.restart(self.run.initial)
        self._go_to(self.run)

    def load_weights(self, parameters: Array) -> None:
        """Begin at step 0 with the given parameters, shape (n_parameters,); SettingError if they do not fit."""
        self._go_to(runs.with_weights(self.run, parameters))

    def _check_data(self) -> None:
        if self.missing is not None:
            raise self.missing

    def _go_to(self, run: Run) -> None:
        self.run = run
        if run.trainer.newest == 0:  # nothing of it was trained elsewhere
            self.environments = ()

    def dataset(self, data: DataSpec) -> Dataset:
        """Return the raw data that a data spec stands for."""
        return load_dataset(data, self.tables)
