"""The command line. Qt is imported only to open the window."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import math
import os
import signal
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bplab import __version__
from bplab.catalogue import Catalogue, Choice
from bplab.data.sources import SOURCES
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.errors import BplabError, DivergedError
from bplab.experiment.experiment import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bplab.engine.trainer import Trainer

BAD_INPUT, DIVERGED, INTERRUPTED = 2, 1, 130  # exit codes
SLICE_S = 0.1
QT_LIBRARIES = (
    "libegl1 libgl1 libglib2.0-0 libfontconfig1 libxkbcommon0 libdbus-1-3 fonts-dejavu-core "
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xkb1 libxkbcommon-x11-0 libx11-xcb1"
)


class Commands(click.Group):
    """A group whose first argument may also be a file: then it opens the window."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Obey the command line and leave the program; bad input is one clear line and exit code 2."""
        try:
            code = super().main(*args, **(extra | {"standalone_mode": False}))
        except BplabError as error:
            _say(str(error))
            code = BAD_INPUT
        except click.ClickException as error:
            _say(f"{error.format_message()} {_help(error)}")
            code = error.exit_code
        except click.Abort:
            _say("Interrupted.")
            code = INTERRUPTED
        sys.exit(code)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Take a first argument that is no command, but a file or a name of one, as the file to open."""
        if args[0] not in self.commands and (args[0].endswith(".bplab") or Path(args[0]).is_file()):
            return "window", self.commands["window"], args
        return super().resolve_command(ctx, args)


def _say(message: str) -> None:
    click.echo(f"bplab: {' '.join(message.split())}", err=True)


def _help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"Try '{context.command_path} --help'." if context else ""


@click.group(cls=Commands, invoke_without_command=True, subcommand_metavar="[FILE.bplab | COMMAND [ARGS]...]")
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
        _check_screen()
        from bplab.qt.app import main
    except (ImportError, OSError) as error:
        if ".so" not in str(error):
            raise
        raise BplabError(
            f"The window needs a system library: {error}.", f"On Debian: apt install {QT_LIBRARIES}"
        ) from None
    sys.exit(main(path))


def _check_screen() -> None:
    """Find out first what would make Qt abort the program: no screen, or no library that its plugin for X needs."""
    if sys.platform != "linux" or any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")):
        return
    if not os.environ.get("DISPLAY"):
        raise BplabError("There is no screen to open the window on.", "Start it on a desktop; see also 'bplab --help'.")
    found = importlib.util.find_spec("PySide6")
    plugin = Path(found.origin if found and found.origin else "").parent / "Qt/plugins/platforms/libqxcb.so"
    if plugin.exists():
        ctypes.CDLL(str(plugin))


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


@cli.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--data", required=True, help=f"A CSV file, or one of: {', '.join(SOURCES)}.")
@click.option("--target", multiple=True, help="Target column of a CSV file; may be repeated. Default: the last one.")
@click.option(
    "--kind",
    type=click.Choice(["auto", "classes", "numbers"]),
    default="auto",
    help="What the target of a CSV file is.",
)
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
@_part("regularizer", "none", REGULARIZERS)
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
    if out.exists() and not force:
        raise BplabError(f"{out.name} exists already.", "Choose another name, or replace it with --force.")
    _check_place(out)
    experiment = Experiment.new(**settings)
    if isinstance(experiment.spec.data.source, Choice) and (settings["target"] or settings["kind"] != "auto"):
        raise BplabError(f"The target of '{settings['data']}' is fixed.", "--target and --kind are for CSV files.")
    experiment.save(out)
    facts = describe(experiment)
    click.echo(f"{out}: {facts['data']}; network {facts['network']}")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--epochs", type=click.IntRange(min=0), help="Train for so many more epochs.")
@click.option("--steps", type=click.IntRange(min=0), help="Train for so many more steps.")
@click.option("--out", type=click.Path(path_type=Path), help="Save the result here; without it nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def run(file: Path, epochs: int | None, steps: int | None, out: Path | None, as_json: bool) -> None:
    """Train the experiment in FILE."""
    if (epochs is None) == (steps is None):
        raise click.UsageError("Give either --epochs or --steps.")
    if out is not None:
        _check_place(out)
    experiment = Experiment.open(file)
    trainer = experiment.trainer()
    began, first = time.perf_counter(), trainer.step_count
    stopped, code = _train(trainer, steps if steps is not None else _steps_of(trainer, epochs or 0))
    result = _result(trainer, time.perf_counter() - began, trainer.step_count - first)
    if stopped:
        _say(stopped)
        result["stopped"] = stopped
    if out is not None:
        experiment.save(out)
    saved = f"saved to {out}" if out else "nothing saved (give --out)"
    click.echo(json.dumps(result) if as_json else f"{_as_text(result)}, {result['seconds']:.2f} s, {saved}")
    sys.exit(code)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def info(file: Path, as_json: bool) -> None:
    """Say what the experiment in FILE is and how far it has come."""
    experiment = Experiment.open(file)
    state = _scores(experiment.trainer())
    if as_json:
        click.echo(json.dumps(_facts(experiment) | state))
        return
    for word, text in (describe(experiment) | {"state": _as_text(state)}).items():
        click.echo(f"{word:<12} {text}")


def describe(experiment: Experiment) -> dict[str, str]:
    """Return the design in words."""
    network, training, data = experiment.network, experiment.spec.training, experiment.data
    layers = " > ".join([str(network.sizes[0]), *(f"{len(layer)} {layer.choice.name}" for layer in network.layers)])
    return {
        "data": f"{data.dataset.name}, {len(data.X_train)} training and {len(data.X_test)} test samples",
        "network": f"{layers}, {len(network.parameters):,} parameters",
        "loss": _in_words(training.loss),
        "optimizer": _in_words(training.optimizer),
        "schedule": _in_words(training.schedule),
        "regularizer": _in_words(training.regularizer),
        "clipping": _in_words(training.clipping),
        "initializer": _in_words(training.initializer),
        "batch size": str(training.batch_size),
        "seed": str(training.seed),
    }


def _in_words(choice: Choice) -> str:
    return ", ".join([choice.name, *(f"{name} {value:g}" for name, value in choice.settings)])


def _facts(experiment: Experiment) -> dict[str, Any]:
    return {
        "spec": experiment.spec.model_dump(mode="json"),
        "sizes": list(experiment.network.sizes),
        "activations": [layer.choice.name for layer in experiment.network.layers],
        "parameters": len(experiment.network.parameters),
        "train_samples": len(experiment.data.X_train),
        "test_samples": len(experiment.data.X_test),
    }


def _check_place(out: Path) -> None:
    """Refuse a place that cannot be saved to before the work is done, not after it."""
    if not out.parent.is_dir():
        raise BplabError(f"There is no folder {out.parent}.", "Make it, or choose another place.")
    if out.is_dir():
        raise BplabError(f"{out} is a folder.", "Add the name of a file, such as experiment.bplab.")


def _steps_of(trainer: Trainer, epochs: int) -> int:
    """Return the steps to the end of so many more epochs; what is left of the present one is the first of them."""
    size, batch = len(trainer.samples.X_train), trainer.settings.batch_size
    if not epochs:
        return 0
    return math.ceil((size - trainer.cursor) / batch) + (epochs - 1) * math.ceil(size / batch)


def _train(trainer: Trainer, steps: int) -> tuple[str, int]:
    """Train slice by slice; return why it stopped early, or nothing, and the exit code."""
    goal = trainer.step_count + steps
    with _interruptible() as interrupted, _progress(steps) as advance:
        try:
            while trainer.step_count < goal:
                before = trainer.step_count
                trainer.run(goal - before, SLICE_S)
                advance(trainer.step_count - before)
                if trainer.stop_reason:
                    return f"Stopped at epoch {trainer.epoch}: {trainer.stop_reason}", 0
                if interrupted():
                    return f"Interrupted at step {trainer.step_count}.", INTERRUPTED
        except DivergedError as error:
            return str(error), DIVERGED
    return "", 0


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C end the training between two slices, never in the middle of a step; a second one ends the program."""
    seen = False

    def interrupt(*_: object) -> None:
        nonlocal seen
        seen = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield lambda: seen
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, nothing elsewhere."""
    shown = click.progressbar(length=steps, label="Training", file=sys.stderr) if sys.stderr.isatty() else nullcontext()
    with shown as bar:
        yield bar.update if bar else lambda _: None


def _scores(trainer: Trainer) -> dict[str, Any]:
    scores = {name: _finite(value) for name, value in trainer.scores()._asdict().items()}
    return {"epoch": trainer.epoch, "step": trainer.step_count, **scores}


def _result(trainer: Trainer, seconds: float, steps: int) -> dict[str, Any]:
    speed = steps / seconds if seconds > 0 else 0.0
    return _scores(trainer) | {"seconds": round(seconds, 6), "steps_per_second": round(speed, 1)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _as_text(result: dict[str, Any]) -> str:
    scores = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    shown = (f"{name.replace('_', ' ')} {result[name]:.4f}" for name in scores if result[name] is not None)
    return ", ".join([f"epoch {result['epoch']}", f"step {result['step']}", *shown])
