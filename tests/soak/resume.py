"""A run that goes on from its file is the uninterrupted one: ``python -m tests.soak.resume --count 10000``.

Random networks, data, settings and edits are trained, saved, opened and trained on, beside the same run without the
file; every bit of the state, of the optimizer and of the history has to be the same. A share of them goes on in
another process, after the first was killed; and each of a share is repeated from its beginning, as `bplab verify` does.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from bplab import BplabError, Experiment
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.errors import DivergedError
from bplab.experiment import edits
from bplab.experiment.spec import Part, Pruned
from bplab.experiment.verify import verify

if TYPE_CHECKING:
    from bplab.experiment.spec import ExperimentSpec

KILLED_EVERY, VERIFIED_EVERY = 50, 10
HIDDEN = [name for name, entry in ACTIVATIONS.items() if not entry.output_only]
PLANTS = ("forget-slots", "forget-cursor")


def experiment_of(seed: int) -> Experiment:
    """Return a random experiment; the same for the same seed."""
    rng = random.Random(seed)
    while True:
        width = rng.randint(1, 6)
        hidden = (
            [width] * rng.randint(0, 3) if rng.random() < 0.5 else [rng.randint(1, 7) for _ in range(rng.randint(0, 3))]
        )
        try:
            return Experiment.new(
                rng.choice(("xor", "moons", "sine", "iris", "plane", "circle")),
                hidden=hidden,
                activation=rng.choice(HIDDEN),
                normalization=rng.choice(list(NORMALIZATIONS)),
                dropout=rng.choice((0.0, 0.0, 0.3)),
                skip=rng.choice((0, 0, 1)) if len(set(hidden)) == 1 and len(hidden) > 1 else 0,
                dtype=rng.choice(("float64", "float64", "float32")),
                loss=rng.choice((None, *LOSSES)),
                optimizer=rng.choice(list(OPTIMIZERS)),
                schedule=rng.choice(list(SCHEDULES)),
                warmup_steps=rng.choice((0, 7)),
                regularizer=rng.choice(list(REGULARIZERS)),
                clipping=rng.choice(list(CLIPPINGS)),
                initializer=rng.choice(list(INITIALIZERS)),
                bias_initializer=rng.choice(list(BIAS_INITIALIZERS)),
                class_weights=rng.choice(("none", "none", "balanced")),
                inputs=rng.choice(("", "", "x1", "x1,x1^2,sin(x1)")),
                batch_size=rng.choice((1, 3, 8, 64, 400, 500)),
                seed=rng.randint(0, 2**31 - 1),
            )
        except BplabError:  # a combination that is not allowed
            continue


def act(experiment: Experiment, rng: random.Random, seeks: bool) -> None:
    """Do something that a user might do."""
    trainer, kind = experiment.trainer(), rng.randrange(10)
    if kind < 4:
        trainer.run(rng.choice((1, 2, 9, 40)))
    elif kind == 4 and seeks:
        trainer.seek(rng.randint(trainer.earliest, trainer.newest))
    elif kind == 5:
        experiment.apply(experiment.spec, {rng.randrange(len(experiment.network.parameters)): rng.uniform(-1, 1)})
    elif kind == 6 and rng.random() < 0.2:
        experiment.reset()
    else:
        experiment.apply(rng.choice((of_training, of_parts, of_layers, of_layers))(experiment.spec, rng))


def of_training(spec: ExperimentSpec, rng: random.Random) -> ExperimentSpec:
    """Change how it is trained."""
    change: dict[str, object] = rng.choice(
        (
            {"batch_size": rng.choice((2, 5, 30))},
            {"optimizer": OPTIMIZERS.choose(rng.choice(list(OPTIMIZERS)))},
            {"schedule": SCHEDULES.choose(rng.choice(list(SCHEDULES)))},
            {"regularizer": REGULARIZERS.choose(rng.choice(list(REGULARIZERS)))},
        )
    )
    return edits.change_training(spec, **change)


def of_parts(spec: ExperimentSpec, rng: random.Random) -> ExperimentSpec:
    """Freeze, prune, or bring back."""
    names = {"layer": -1, "neuron": 1}
    cut = Pruned(**names, source=1, weight=rng.uniform(-1, 1), initial=rng.uniform(-1, 1))
    return rng.choice(
        (
            lambda: edits.freeze(spec, [Part(**names)]),
            lambda: edits.unfreeze(spec, spec.network.frozen),
            lambda: edits.prune(spec, [cut]),
            lambda: edits.bring_back(spec, spec.network.pruned),
        )
    )()


def of_layers(spec: ExperimentSpec, rng: random.Random) -> ExperimentSpec:
    """Change the architecture."""
    hidden = spec.network.hidden
    place = rng.randrange(len(hidden)) if hidden else 0
    if not hidden or rng.random() < 0.3:
        return edits.add_layer(spec, place, rng.randint(1, 5))
    neuron = rng.randrange(hidden[place].size)
    return rng.choice(
        (
            lambda: edits.remove_neuron(spec, place, neuron),
            lambda: edits.clone_neuron(spec, place, neuron),
            lambda: edits.remove_layer(spec, place),
            lambda: edits.duplicate_layer(spec, place),
            lambda: edits.move_layer(spec, place, rng.randrange(len(hidden))),
            lambda: edits.change_layer(spec, place, activation=ACTIVATIONS.choose(rng.choice(HIDDEN))),
            lambda: edits.change_layer(
                spec, place, normalization=NORMALIZATIONS.choose(rng.choice(list(NORMALIZATIONS)))
            ),
            lambda: edits.change_layer(spec, place, size=rng.randint(1, 6)),
        )
    )()


def lived(experiment: Experiment, seed: int, count: int, seeks: bool = True) -> None:
    """Do `count` random things; one that is not possible is left out.

    Parameters
    ----------
    seeks : bool
        Whether going back is among them; a run from a file does not reach as far back as one that never was in one.
    """
    rng = random.Random(seed)
    for _ in range(count):
        try:
            act(experiment, rng, seeks)
        except (BplabError, DivergedError):
            continue


def fingerprint(experiment: Experiment) -> str:
    """Return a hash of everything that training has made."""
    trainer, found = experiment.trainer(), hashlib.sha256()
    now = trainer.checkpoint()
    for array in (
        now.parameters,
        now.slots,
        now.statistics,
        *trainer.history.tables().values(),
        experiment.run.initial,
    ):
        found.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
    counters = now.step, now.epoch, now.cursor, now.updates, now.optimizer, tuple(map(str, now.monitor)), trainer.newest
    found.update(repr(counters).encode())
    return found.hexdigest()


def check(seed: int, folder: Path, plant: str) -> str:
    """Return what differs after one file, or nothing."""
    whole, path = experiment_of(seed), folder / "x.bplab"
    lived(whole, seed, 4)
    if seed % KILLED_EVERY == 0 and hasattr(os, "fork"):
        _saved_by_a_process_that_is_killed(seed, path)
    else:
        whole.save(path)
    again = Experiment.open(path)
    _plant(again, plant)
    if fingerprint(again) != fingerprint(whole):
        return "differs when it is opened"
    for experiment in (whole, again):
        experiment.trainer().seek(experiment.trainer().newest)
        lived(experiment, seed + 1, 3, seeks=False)
    if fingerprint(again) != fingerprint(whole):
        return "differs after going on"
    if seed % VERIFIED_EVERY == 0 and not verify(again).is_repeated:
        return f"is not repeated: {verify(again)}"
    return ""


def _saved_by_a_process_that_is_killed(seed: int, path: Path) -> None:
    process = os.fork()
    if not process:
        experiment = experiment_of(seed)
        lived(experiment, seed, 4)
        experiment.save(path)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(process, 0)


def _plant(experiment: Experiment, plant: str) -> None:
    stepper = experiment.trainer()._stepper
    if plant == "forget-slots":
        stepper.update.slots[:] = 0
    elif plant == "forget-cursor":
        stepper.cursor = 0


def soak(count: int, first: int = 0, plant: str = "") -> tuple[Counter[str], list[str]]:
    """Check `count` seeds; return what was seen, and the findings."""
    seen: Counter[str] = Counter()
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(first, first + count):
            fault = check(seed, Path(name), plant)
            seen["networks"] += 1
            seen["across a killed process"] += seed % KILLED_EVERY == 0
            seen["repeated from the beginning"] += seed % VERIFIED_EVERY == 0
            findings += [f"seed {seed}: {fault}"] if fault else []
    return seen, findings


@click.command()
@click.option("--count", default=10_000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first network.")
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, plant: str | None) -> None:
    """Let random runs go on from their files."""
    began, total, findings = time.perf_counter(), Counter[str](), []
    for first in range(seed, seed + count, 500):
        seen, found = soak(min(500, seed + count - first), first, plant or "")
        total += seen
        findings += found
        click.echo(f"{dict(total)}, {len(findings)} findings, {time.perf_counter() - began:.0f} s")
        for finding in found[:20]:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
