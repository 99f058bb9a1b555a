"""The command line. Qt is imported only to open the window."""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import click

from bplab import __version__
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.losses import LOSSES
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.trainer import Trainer
from bplab.errors import BplabError, DivergedError
from bplab.experiment.experiment import Experiment

SLICE_S = 0.1
QT_LIBRARIES = (
    "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 fonts-dejavu-core "
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1"
)


class Commands(click.Group):
    """A group whose first argument may also be a file: then it opens the window."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:  # noqa: ANN401, D102
        if args and args[0] not in self.commands and (args[0].endswith(".bplab") or Path(args[0]).exists()):
            return "window", self.commands["window"], args
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run a command; an expected error is one clear line and exit code 2."""
        try:
            return super().invoke(ctx)
        except BplabError as error:
            click.echo(f"bplab: {' '.join(str(error).split())}", err=True)
            ctx.exit(2)


@click.group(cls=Commands, invoke_without_command=True)
@click.version_option(__version__, prog_name="bplab")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Understand and debug backpropagation. Without a command: open the window, with FILE.bplab if one is given."""
    if ctx.invoked_subcommand is None:
        open_window(None)


@cli.command(hidden=True)
@click.argument("file", type=click.Path(path_type=Path))
def window(file: Path) -> None:
    """Open the window with FILE."""
    open_window(file)


def open_window(path: Path | None) -> None:
    """Open the window and leave the program when it is closed."""
    try:
        from bplab.qt import app
    except ImportError as error:
        if ".so" not in str(error):
            raise
        raise BplabError(f"The window needs a system library: {error}.", f"On Debian: apt install {QT_LIBRARIES}") from None
    sys.exit(app.main(path))


def _sizes(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:  # noqa: ARG001
    try:
        return tuple(int(part) for part in value.split(",") if part.strip())
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a list of whole numbers such as 16,8") from None


@cli.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--data", required=True, help="A data set (circle, xor, ..., iris, digits) or a CSV file.")
@click.option("--target", multiple=True, help="Target column of a CSV file; default: the last one.")
@click.option("--kind", type=click.Choice(["auto", "classes", "numbers"]), default="auto", help="What the target is.")
@click.option("--hidden", default="4", callback=_sizes, help="Neurons of each hidden layer, such as 16,8.")
@click.option("--activation", default="tanh", help=f"One of: {', '.join(ACTIVATIONS)}.")
@click.option("--loss", default=None, help=f"One of: {', '.join(LOSSES)}. Default: what suits the target.")
@click.option("--optimizer", default="sgd", help=f"One of: {', '.join(OPTIMIZERS)}.")
@click.option("--learning-rate", type=float, default=None, help="Default: what suits the optimizer.")
@click.option("--batch-size", type=int, default=10)
@click.option("--l2", type=float, default=0.0, help="Strength of an L2 penalty on the weights.")
@click.option("--seed", type=int, default=1)
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
def new(out: Path, force: bool, **settings: Any) -> None:  # noqa: ANN401
    """Make a new experiment and save it to OUT."""
    if out.exists() and not force:
        raise BplabError(f"{out.name} exists already.", "Choose another name, or replace it with --force.")
    experiment = Experiment.new(**settings)
    experiment.save(out)
    click.echo(f"{out}: {describe(experiment)}")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--epochs", type=click.IntRange(min=0), help="Train for so many more epochs.")
@click.option("--steps", type=click.IntRange(min=0), help="Train for so many more steps.")
@click.option("--out", type=click.Path(path_type=Path), help="Save the result here; without it nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def run(file: Path, epochs: int | None, steps: int | None, out: Path | None, as_json: bool) -> None:
    """Train the experiment in FILE."""
    if (epochs is None) == (steps is None):
        raise click.UsageError("give either --epochs or --steps")
    experiment = Experiment.open(file)
    trainer = experiment.trainer()
    count = steps if steps is not None else _steps_of(trainer, epochs or 0)
    began, first = time.perf_counter(), trainer.step_count
    stopped = _train(trainer, count)
    result = _result(trainer, time.perf_counter() - began, trainer.step_count - first)
    if out is not None:
        experiment.save(out)
    if stopped:
        click.echo(f"bplab: {stopped}", err=True)
        result["stopped"] = stopped
    click.echo(json.dumps(result) if as_json else _as_text(result, out))
    if stopped:
        sys.exit(130 if stopped == INTERRUPTED else 1)


INTERRUPTED = "Interrupted; what was reached is kept."


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def info(file: Path, as_json: bool) -> None:
    """Say what the experiment in FILE is and how far it has come."""
    experiment = Experiment.open(file)
    trainer = experiment.trainer()
    if not as_json:
        click.echo(f"{file.name}: {describe(experiment)}")
        click.echo(_as_text(_scores(trainer), None))
        return
    network = experiment.network
    facts = {
        "spec": experiment.spec.model_dump(mode="json"),
        "sizes": list(network.sizes),
        "activations": [layer.choice.name for layer in network.layers],
        "parameters": len(network.parameters),
        "train_samples": len(experiment.data.X_train),
        "test_samples": len(experiment.data.X_test),
    }
    click.echo(json.dumps(facts | _scores(trainer)))


def describe(experiment: Experiment) -> str:
    """Return the design in one line."""
    network, training, data = experiment.network, experiment.spec.training, experiment.data
    layers = " > ".join([str(network.sizes[0]), *(f"{len(layer)} {layer.choice.name}" for layer in network.layers)])
    return (
        f"{data.dataset.name}, {len(data.X_train)} training and {len(data.X_test)} test samples; network {layers} "
        f"({len(network.parameters):,} parameters); {training.loss.name}, {training.optimizer.name}, "
        f"learning rate {training.optimizer.values['learning_rate']:g}, batches of {training.batch_size}, "
        f"seed {training.seed}"
    )


def _steps_of(trainer: Trainer, epochs: int) -> int:
    """Return the steps to the end of so many more epochs; what is left of the present one is the first of them."""
    size, batch = len(trainer.samples.X_train), trainer.settings.batch_size
    if not epochs:
        return 0
    return math.ceil((size - trainer.cursor) / batch) + (epochs - 1) * math.ceil(size / batch)


def _train(trainer: Trainer, steps: int) -> str:
    """Train with a progress bar on a terminal; return why it stopped early, or nothing."""
    goal = trainer.step_count + steps
    shown = click.progressbar(length=steps, label="Training", file=sys.stderr, hidden=not sys.stderr.isatty())
    try:
        with shown as bar:
            while trainer.step_count < goal:
                before = trainer.step_count
                trainer.run(goal - before, SLICE_S)
                bar.update(trainer.step_count - before)
    except DivergedError as error:
        return str(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return ""


def _scores(trainer: Trainer) -> dict[str, Any]:
    scores = {name: _finite(value) for name, value in trainer.scores()._asdict().items()}
    return {"epoch": trainer.epoch, "step": trainer.step_count, **scores}


def _result(trainer: Trainer, seconds: float, steps: int) -> dict[str, Any]:
    speed = steps / seconds if seconds > 0 else 0.0
    return _scores(trainer) | {"seconds": round(seconds, 6), "steps_per_second": round(speed, 1)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _as_text(result: dict[str, Any], out: Path | None) -> str:
    parts = [f"epoch {result['epoch']}", f"step {result['step']}"]
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        if result[name] is not None:
            parts.append(f"{name.replace('_', ' ')} {result[name]:.4f}")
    if "seconds" in result:
        parts.append(f"{result['seconds']:.2f} s")
        parts.append(f"saved to {out}" if out else "nothing saved (give --out)")
    return ", ".join(parts)
