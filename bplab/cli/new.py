"""``bplab new``: an experiment from names and numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bplab.catalogue import Catalogue, Choice
from bplab.cli.describe import describe
from bplab.cli.places import check_place
from bplab.data.sources import SOURCES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.errors import BplabError
from bplab.experiment.experiment import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable


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


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--data", required=True, help=f"A CSV file, or one of: {', '.join(SOURCES)}.")
@click.option("--target", multiple=True, help="Target column of a CSV file; may be repeated. Default: the last one.")
@click.option(
    "--kind",
    type=click.Choice(["auto", "classes", "numbers"]),
    default="auto",
    help="What the target of a CSV file is.",
)
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
@click.option("--l2", type=float, default=0.0, show_default=True, help="Strength of an L2 penalty on the weights.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the split, the weights and the order.")
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def new(out: Path, force: bool, **settings: Any) -> None:
    """Make a new experiment and save it to OUT.

    The names of parts may carry settings: --optimizer adam:beta1=0.8 --schedule cosine:steps=2000,lowest=0.1
    """
    if settings["regularizer"] is None:
        del settings["regularizer"]
    if out.exists() and not force:
        raise BplabError(f"{out.name} exists already.", "Choose another name, or replace it with --force.")
    check_place(out)
    experiment = Experiment.new(**settings)
    if isinstance(experiment.spec.data.source, Choice) and (settings["target"] or settings["kind"] != "auto"):
        raise BplabError(f"The target of '{settings['data']}' is fixed.", "--target and --kind are for CSV files.")
    experiment.save(out)
    facts = describe(experiment)
    click.echo(f"{out}: {facts['data']}; network {facts['network']}")
