"""``bplab new``: an experiment from names and numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bplab.catalogue import Catalogue, Choice
from bplab.cli.describe import describe
from bplab.cli.places import check_place
from bplab.data.facts import remarks
from bplab.data.prepare import BALANCES
from bplab.data.scale import SCALINGS
from bplab.data.sources import SOURCES
from bplab.data.split import SPLITS
from bplab.data.tables.reading import DELIMITERS, ENCODINGS, QUOTES, Reading
from bplab.data.tables.roles import MISSING, ROLES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.errors import BplabError
from bplab.experiment.build import report_of
from bplab.experiment.experiment import Experiment
from bplab.experiment.spec import TableSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from bplab.data.tables.roles import Column


def _sizes(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in value.split(",")) if value.strip() else ()
    except ValueError:
        raise click.BadParameter(f"'{value[:40]}' is not a list of whole numbers such as 16,8.") from None


def _part(name: str, default: str, catalogue: Catalogue[Any]) -> Callable[[Any], Any]:
    """An option whose value is an entry of a catalogue, with settings such as adam:beta1=0.8."""
    return click.option(f"--{name}", default=default, show_default=True, help=f"One of: {', '.join(catalogue)}.")


def _class_weights(_ctx: click.Context, _param: click.Parameter, value: str) -> str | tuple[float, ...]:
    if value in ("none", "balanced"):
        return value
    try:
        return tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"'{value[:40]}' is neither none, balanced, nor a list such as 1,2.5.") from None


def _columns(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    if bad := next((value for value in values if "=" not in value), None):
        raise click.BadParameter(f"'{bad[:40]}' is not a column and its role such as age=number.")
    return {name: role for name, _, role in (value.rpartition("=") for value in values)}


SHOWN = 20  # columns
PREPARED = ("split", "test_fraction", "folds", "fold", "scaling", "balance", "label_noise", "most_samples")
READ = ("decimal", "encoding", "header", "comment", "ragged", "quote")


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--data", required=True, help=f"A table, a folder of images, or one of: {', '.join(SOURCES)}.")
@click.option("--target", multiple=True, help="Target column of a table; may be repeated. Default: the last one.")
@click.option(
    "--kind",
    type=click.Choice(["auto", "classes", "numbers"]),
    default="auto",
    help="What the target of a table is.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    callback=_columns,
    help="What a column is for, such as age=number:median or size=ordinal::S<M<L. "
    f"Roles: {', '.join(ROLES)}. Missing: {', '.join(MISSING)}.",
)
@click.option("--delimiter", type=click.Choice(list(DELIMITERS.values())), help="Default: as found in the table.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Decimal mark. Default: as found in the table.")
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), help="Default: as found in the table.")
@click.option("--header/--no-header", default=None, help="Whether the first line has names. Default: as found.")
@click.option("--comment", default=None, help="How a line begins that is left out. Default: as found.")
@click.option("--missing", multiple=True, help="A word for a missing value; may be repeated. Default: as found.")
@click.option("--quote", type=click.Choice(list(QUOTES)), help="Around texts; '' where there are none.")
@click.option("--ragged", type=click.Choice(["refuse", "skip", "fill"]), default="refuse", help="Uneven rows.")
@click.option(
    "--like",
    type=click.Path(path_type=Path),
    help="Read the table, and use its columns, as this experiment does; what else is said goes before.",
)
@click.option("--split", type=click.Choice(list(SPLITS)), help="Which samples test. Default: stratified.")
@click.option("--test-fraction", type=float, help="Share of the samples that test. Default: 0.2.")
@click.option("--folds", type=int, help="For --split k_fold: how many. Default: 5.")
@click.option("--fold", type=int, help="For --split k_fold: which one tests, from 1.")
@click.option("--scaling", type=click.Choice(list(SCALINGS)), help="Of the inputs. Default: standardize.")
@click.option("--balance", type=click.Choice(list(BALANCES)), help="Of rare classes. Default: none.")
@click.option("--label-noise", type=float, help="Share of the training samples that get a wrong target.")
@click.option("--most-samples", type=int, help="Use only so many samples, drawn by the seed.")
@click.option("--inputs", default="", help="What the network hears, such as x1,x2,x1^2,x1*x2,sin(x1). Default: x1,x2,…")
@click.option("--hidden", default="4", callback=_sizes, help="Neurons of each hidden layer, such as 16,8; '' for none.")
@_part("activation", "tanh", ACTIVATIONS)
@_part("normalization", "none", NORMALIZATIONS)
@click.option("--dropout", type=float, default=0.0, help="Share of each hidden layer that is switched off in a step.")
@click.option("--skip", type=int, default=0, help="Each hidden layer adds the output of the one so many before it.")
@click.option("--output", default=None, help="Activation of the output layer. Default: what suits the target.")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True)
@click.option("--loss", default=None, help=f"One of: {', '.join(LOSSES)}. Default: what suits the target.")
@_part("optimizer", "sgd", OPTIMIZERS)
@_part("schedule", "constant", SCHEDULES)
@click.option("--warmup-steps", type=int, default=0, help="Steps over which the learning rate first grows.")
@click.option("--regularizer", default=None, help=f"One of: {', '.join(REGULARIZERS)}. Default: none.")
@_part("clipping", "none", CLIPPINGS)
@_part("initializer", "xavier_uniform", INITIALIZERS)
@_part("bias-initializer", "zeros", BIAS_INITIALIZERS)
@click.option("--class-weights", default="none", callback=_class_weights, help="none, balanced, or such as 1,2.5.")
@click.option("--stop-epochs", type=int, help="Stop after so many epochs.")
@click.option("--stop-loss", type=float, help="Stop when the loss has fallen to this.")
@click.option("--stop-accuracy", type=float, help="Stop when the accuracy, 0 to 1, has risen to this.")
@click.option("--stop-patience", type=int, help="Stop when the loss has not fallen for so many epochs.")
@click.option("--learning-rate", type=float, default=None, help="Default: what suits the optimizer.")
@click.option("--batch-size", type=int, default=10, show_default=True, help="Samples of one step.")
@click.option("--shuffle/--no-shuffle", default=True, help="Take the samples in another order in each epoch.")
@click.option("--l2", type=float, default=0.0, show_default=True, help="Strength of an L2 penalty on the weights.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the split, the weights and the order.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def new(out: Path, force: bool, **settings: Any) -> None:
    """Make a new experiment and save it to OUT.

    The names of parts may carry settings: --optimizer adam:beta1=0.8 --schedule cosine:steps=2000,lowest=0.1
    """
    if settings["regularizer"] is None:
        del settings["regularizer"]
    check_place(out, force)
    prepare = {name: settings.pop(name) for name in PREPARED}
    read = {name: settings.pop(name) for name in READ}
    like = settings.pop("like")
    read["delimiter"] = next((sign for sign, name in DELIMITERS.items() if name == settings["delimiter"]), None)
    read["missing"] = settings["missing"] or None
    del settings["delimiter"], settings["missing"]
    settings["prepare"] = {name: value for name, value in prepare.items() if value is not None}
    reading = Reading(**read)
    if like is not None:
        other = Experiment.open(like, weights=False).spec.data.source
        if not isinstance(other, TableSource):
            raise BplabError(f"The data of {like.name} are no table.", "Leave --like out.")
        said = {name: value for name, value in read.items() if value not in (None, "refuse")}
        reading = replace(other.reading, **said)
        settings["columns"] = {column.name: column for column in other.columns} | settings["columns"]
    experiment = Experiment.new(reading=reading, **settings)
    source = experiment.spec.data.source
    if isinstance(source, Choice) and (settings["target"] or settings["kind"] != "auto" or settings["columns"]):
        raise BplabError(f"The target of '{settings['data']}' is fixed.", "--target, --kind, --column are for tables.")
    experiment.save(out)
    facts = describe(experiment)
    click.echo(f"{out}: {facts['data']}; network {facts['network']}")
    if isinstance(source, TableSource):
        click.echo(f"{report_of(source, experiment.tables)}.")
        for remark in remarks(experiment.data.dataset):
            click.echo(remark)
        click.echo(f"Columns: {', '.join(_said(source.columns))}.")


def _said(columns: tuple[Column, ...]) -> list[str]:
    """Return what each column is for; of very many, how many are for what."""
    uses = [
        column.role + ("" if column.missing == "refuse" else f" ({column.missing} if missing)") for column in columns
    ]
    if len(columns) > SHOWN:
        return [f"{count:,} {use}" for use, count in Counter(uses).items()]
    return [f"{column.name} {use}" for column, use in zip(columns, uses, strict=True)]
