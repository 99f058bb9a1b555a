"""``bplab run``: training without a window."""

from __future__ import annotations

import json
import math
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bplab.cli.describe import as_text, scores_of
from bplab.cli.group import FAILED, INTERRUPTED, say
from bplab.cli.places import check_place
from bplab.cli.progress import progress
from bplab.engine.compiled import loader
from bplab.engine.trainer import TAKEOVER
from bplab.errors import DivergedError
from bplab.experiment.experiment import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bplab.engine.trainer import Trainer

SLICE_S = 0.1


@click.command()
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
        check_place(out)
    experiment = Experiment.open(file)
    trainer = experiment.trainer()
    began, first = time.perf_counter(), trainer.step_count
    stopped, code = _train(trainer, steps if steps is not None else _steps_of(trainer, epochs or 0))
    result = _result(trainer, time.perf_counter() - began, trainer.step_count - first)
    if stopped:
        say(stopped)
        result["stopped"] = stopped
    if out is not None:
        experiment.save(out)
    saved = f"saved to {out}" if out else "nothing saved (give --out)"
    click.echo(json.dumps(result) if as_json else f"{as_text(result)}, {result['seconds']:.2f} s, {saved}")
    sys.exit(code)


def _steps_of(trainer: Trainer, epochs: int) -> int:
    """Return the steps to the end of so many more epochs; what is left of the present one is the first of them."""
    size, batch = len(trainer.samples.X_train), trainer.settings.batch_size
    if not epochs:
        return 0
    return math.ceil((size - trainer.cursor) / batch) + (epochs - 1) * math.ceil(size / batch)


def _train(trainer: Trainer, steps: int) -> tuple[str, int]:
    """Train slice by slice; return why it stopped early, or nothing, and the exit code."""
    goal = trainer.step_count + steps
    if goal > TAKEOVER and loader.is_installed() and not loader.is_cached(str(trainer.network.parameters.dtype)):
        say("The first long run on this machine also compiles the fast path; that takes about a minute.")
    with _interruptible() as interrupted, progress(steps, "Training") as advance:
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
            return str(error), FAILED
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


def _result(trainer: Trainer, seconds: float, steps: int) -> dict[str, Any]:
    speed = steps / seconds if seconds > 0 else 0.0
    return scores_of(trainer) | {"seconds": round(seconds, 6), "steps_per_second": round(speed, 1)}
