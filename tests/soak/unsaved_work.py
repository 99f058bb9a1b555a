"""Unsaved work at risk is two seconds at most: ``python -m tests.soak.unsaved_work --count 500`` (not on Windows).

The real program, with a user at it who trains, edits, undoes, goes back and saves, is killed at a random moment. Then
the newer of its file and of the copy that the next start would offer has to be a state that the experiment was in
within the last two seconds. Time in which the program was ready to go on, but others had the processors, does not
count, where the system tells (Linux).
"""

from __future__ import annotations

import itertools
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import click

from bplab import BplabError, Experiment
from bplab.experiment.recovery import left_behind
from tests.soak.session import clock_s

MOST_AT_RISK_S = 2.0
LONGEST_LIFE_S = 6.0  # after the first sight of the window
LONGEST_START_S = 60.0
PLANTS = ("slow-copies", "edits-only", "old-generation")


class Moment(NamedTuple):
    """What the experiment was: the number of its last edit, its step, and whether all of that was saved."""

    time: float
    number: int
    step: int
    is_saved: bool


def start(folder: Path, seed: int, ending: str = "", plant: str = "") -> subprocess.Popen[str]:
    """Start the program in a folder of its own, with a user at it; return when the user begins."""
    path, log = folder / "x.bplab", folder / "log"
    Experiment.new("moons", hidden=[4], batch_size=16).save(path)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "BPLAB_STATE": str(folder / "state")}
    command = [sys.executable, "-m", "tests.soak.session", str(path), str(seed), str(log), ending, plant]
    errors = (folder / "errors").open("w", encoding="utf-8")
    with errors:
        process = subprocess.Popen(command, stdout=errors, stderr=errors, text=True, env=environment)
    end = time.monotonic() + LONGEST_START_S
    while not log.exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise RuntimeError(f"it did not start: {(folder / 'errors').read_text(encoding='utf-8')}")
        time.sleep(0.005)
    return process


def life_s(seed: int) -> float:
    """Return how long a program lives; not from the numbers that its user takes, or each habit had its own length."""
    return random.Random(f"life {seed}").uniform(0, LONGEST_LIFE_S)


def age_s(number: int, step: int, moments: list[Moment], now: float) -> float:
    """Return for how long, at the most, the experiment has no longer been in this state."""
    last = moments[-1]
    if number == last.number and step >= last.step:
        return 0.0
    for before, after in reversed(list(itertools.pairwise(moments))):
        low, high = sorted((before.step, after.step))
        if before.number == number and (low <= step <= high or step == before.step):
            return now - before.time
    return math.inf


def moments_of(log: Path) -> list[Moment]:
    """Return what a user's log says; a last line that was not finished does not count."""
    lines = [line.split() for line in log.read_text(encoding="ascii").splitlines(keepends=True) if line.endswith("\n")]
    return [Moment(float(line[0]), int(line[1]), int(line[2]), line[3] == "1") for line in lines if line[1] != "ending"]


def kept(folder: Path, plant: str = "") -> list[Path]:
    """Return the files that hold the work: the user's own, and the copy that the next start would offer."""
    copies = [copy.file for copy in left_behind(folder / "state" / "recovery")]
    if plant == "old-generation":
        copies = [min(file.parent.glob("*.bplab")) for file in copies]
    return [folder / "x.bplab", *copies]


def youngest_s(folder: Path, now: float, plant: str = "") -> float:
    """Return how old the newest state is that can be had again; BplabError if a file is damaged."""
    moments = moments_of(folder / "log")
    ages = []
    for path in kept(folder, plant):
        experiment = Experiment.open(path)
        ages.append(age_s(int(experiment.spec.notes or 0), experiment.trainer().step_count, moments, now))
    return min(ages)


def told(folder: Path) -> str:
    """Return the end of what the program has printed; it should print nothing."""
    lines = (folder / "errors").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if "propagateSizeHints" not in line)[-500:]  # said by the offscreen plugin


def check(seed: int, plant: str) -> tuple[float, str]:
    """Kill one program; return how old what is left is, and what is wrong with that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = start(folder, seed, plant=plant)
        time.sleep(life_s(seed))
        now = clock_s(process.pid)
        process.kill()
        process.wait()
        try:
            age = youngest_s(folder, now, plant)
        except BplabError as error:
            return math.inf, f"damaged: {error}"
        return age, f"what is left is {age:.2f} s old" if age > MOST_AT_RISK_S else told(folder)


def soak(count: int, first: int = 0, plant: str = "", jobs: int = 1) -> tuple[list[float], list[str]]:
    """Return the ages in seconds, and the findings."""
    seeds = range(first, first + count)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda seed: check(seed, plant), seeds))
    findings = [f"seed {seed}: {fault}" for seed, (_, fault) in zip(seeds, results, strict=True) if fault]
    return [age for age, _ in results], findings


@click.command()
@click.option("--count", default=500, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first session.")
@click.option("--jobs", default=2, show_default=True, help="Programs at the same time.")
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, jobs: int, plant: str | None) -> None:
    """Kill the whole program, again and again."""
    ages: list[float] = []
    findings: list[str] = []
    for first in range(seed, seed + count, 20):
        some, found = soak(min(20, seed + count - first), first, plant or "", jobs)
        ages, findings = ages + some, findings + found
        middle = sorted(ages)[len(ages) // 2]
        click.echo(f"{len(ages)} kills, oldest {max(ages):.2f} s, median {middle:.2f} s, {len(findings)} findings")
        for finding in found:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
