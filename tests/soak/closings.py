"""It always closes: ``python -m tests.soak.closings --count 1000`` (not on Windows).

The real program, with a user at it who trains, edits, saves, opens files and dialogs, is closed by its window or by a
signal at a random moment of all that. It has to end with exit code 0 within a second, to print nothing, and after a
signal the work of the last moment has to be there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from bplab import BplabError
from tests.soak.session import ENDINGS, LONGEST_LIFE_S
from tests.soak.unsaved_work import moments_of, start, told, youngest_s

LONGEST_END_S = 1.0
PLANTS = ("slow-end", "deaf", "exit-code", "forgetful-end")


def check(seed: int, plant: str) -> tuple[float, str]:
    """Let one program be closed; return how long that took, and what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ending = ENDINGS[seed % len(ENDINGS)]
        process = start(folder, seed, ending, plant)
        try:
            code = process.wait(LONGEST_LIFE_S + 10 * LONGEST_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return 10 * LONGEST_END_S, f"{ending}: it did not end"
        now = time.monotonic()
        asked = next(float(line.split()[0]) for line in (folder / "log").read_text().splitlines() if "ending" in line)
        took = now - asked
        faults = [f"exit code {code}"] if code else []
        faults += [f"took {took:.2f} s"] if took > LONGEST_END_S else []
        faults += [line for line in (told(folder), lost(folder) if ending == "signal" else "") if line]
    return took, f"{ending}: {', '.join(faults)}" if faults else ""


def lost(folder: Path) -> str:
    """Return what is lost after a signal, or nothing."""
    last = moments_of(folder / "log")[-1]
    try:
        age = youngest_s(folder, last.time)
    except BplabError as error:
        return f"damaged: {error}"
    return f"what is left is {age:.2f} s old" if age > 0 else ""


def soak(count: int, first: int = 0, plant: str = "", jobs: int = 1) -> tuple[list[float], list[str]]:
    """Return how long each closing took, in seconds, and the findings."""
    seeds = range(first, first + count)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda seed: check(seed, plant), seeds))
    findings = [f"seed {seed}: {fault}" for seed, (_, fault) in zip(seeds, results, strict=True) if fault]
    return [took for took, _ in results], findings


@click.command()
@click.option("--count", default=1000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first session.")
@click.option("--jobs", default=2, show_default=True, help="Programs at the same time.")
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, jobs: int, plant: str | None) -> None:
    """Close the program, again and again."""
    times: list[float] = []
    findings: list[str] = []
    for first in range(seed, seed + count, 20):
        some, found = soak(min(20, seed + count - first), first, plant or "", jobs)
        times, findings = times + some, findings + found
        middle = sorted(times)[len(times) // 2]
        click.echo(f"{len(times)} closings, slowest {max(times):.2f} s, median {middle:.2f} s, {len(findings)} findings")
        for finding in found:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
