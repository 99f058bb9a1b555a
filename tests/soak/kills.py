"""No save is lost: ``python -m tests.soak.kills --count 20000``.

A child process saves again and again, tells each save that was confirmed, and is killed at a random moment. What is
on the disk then has to open, whole, and must not be older than the last save that was confirmed.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from bplab import BplabError, Experiment
from bplab.experiment import edits, writing

PLANTS = ("truncate-in-place", "confirm-too-early")
LONGEST_LIFE_S = 0.02  # after the first confirmed save: some ten saves


def child(experiment: Experiment, path: Path, confirm: int, plant: str) -> None:
    """Save experiments whose notes count up, and write the number of every confirmed save to a pipe; until killed."""
    _plant(plant)
    number = 0
    while True:
        number += 1
        experiment.apply(edits.replace(experiment.spec, notes=f"{number}".ljust(1 + number % 7 * 3000)))
        if plant == "confirm-too-early":
            os.write(confirm, b"%d\n" % number)
        experiment.save(path)
        if plant != "confirm-too-early":
            os.write(confirm, b"%d\n" % number)


def _plant(plant: str) -> None:
    if plant == "truncate-in-place":
        writing.write_atomically = lambda path, *pieces: path.write_bytes(b"".join(pieces))  # type: ignore[assignment]


def soak(count: int, seed: int = 0, plant: str = "") -> tuple[Counter[str], list[str]]:
    """Kill `count` children; return what was seen, and the findings."""
    seen: Counter[str] = Counter()
    findings: list[str] = []
    rng = random.Random(seed)
    experiment = Experiment.new("xor", hidden=[2])
    writing.to_bytes(writing.take(experiment))  # what only the first save does is done before the children are made
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "x.bplab"
        for attempt in range(count):
            confirmed = _life(experiment, path, rng.uniform(0.0, LONGEST_LIFE_S), plant)
            seen["kills"] += 1
            fault = _fault(path, confirmed)
            if fault:
                findings.append(f"kill {attempt}: {fault}")
            left = [file for file in folder.iterdir() if file != path]
            seen["temporary files left"] += len(left)
            for file in (*left, path):
                file.unlink(missing_ok=True)
    return seen, findings


def _life(experiment: Experiment, path: Path, life_s: float, plant: str) -> int:
    """Let a child live so long after its first confirmed save; return the last that it confirmed."""
    read, write = os.pipe()
    process = os.fork()
    if not process:
        os.close(read)
        try:
            child(experiment, path, write, plant)
        finally:
            os._exit(1)  # it must not go on as its parent
    os.close(write)
    with os.fdopen(read) as confirmed:
        first = confirmed.readline()
        time.sleep(life_s)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        lines = [first, *confirmed.read().splitlines(keepends=True)]
    return max(int(line) for line in lines if line.endswith("\n"))


def _fault(path: Path, confirmed: int) -> str:
    try:
        number = int(Experiment.open(path).spec.notes)
    except (BplabError, ValueError) as error:
        return f"lost after save {confirmed} was confirmed: {error}"
    return f"save {number} is there, but {confirmed} was confirmed" if number < confirmed else ""


@click.command()
@click.option("--count", default=20_000, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, plant: str | None) -> None:
    """Kill a process that saves, again and again."""
    began, total, findings = time.perf_counter(), Counter[str](), []
    for first in range(0, count, 500):
        seen, found = soak(min(500, count - first), seed + first, plant or "")
        total += seen
        findings += found
        rate = total["kills"] / (time.perf_counter() - began)
        click.echo(f"{dict(total)}, {len(findings)} findings, {rate:.1f} a second")
        for finding in found[:20]:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
