"""It always closes: ``python -m tests.soak.closings --count 1000`` (Linux).

The real program, with a user at it who trains, edits, saves, opens files and dialogs, is closed by its window or by a
signal at a random moment of all that. It has to end with exit code 0 within a second, to print nothing, and after a
signal the work of the last moment has to be there. Of that second, time in which it was ready to go on but other
programs had the processors does not count, where the system tells (Linux); what a watch shows is printed beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from bplab import BplabError
from tests.soak.session import ENDINGS, LONGEST_LIFE_S, clock_s
from tests.soak.unsaved_work import moments_of, start, told, youngest_s

if TYPE_CHECKING:
    import subprocess

LONGEST_END_S = 1.0
PLANTS = ("slow-end", "deaf", "exit-code", "forgetful-end")


class Ending(NamedTuple):
    """How a program has ended: exit code, and how long it took, without and with the time that others were at work."""

    code: int
    took_s: float
    watched_s: float


def check(seed: int, plant: str) -> tuple[Ending, str]:
    """Let one program be closed; return how long that took, and what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder, kind = Path(name), ENDINGS[seed % len(ENDINGS)]
        ended = end_of(start(folder, seed, kind, plant), folder / "log")
        faults = [f"exit code {ended.code}"] if ended.code else []
        faults += [f"took {ended.took_s:.2f} s"] if ended.took_s > LONGEST_END_S else []
        faults += [line for line in (told(folder), lost(folder) if kind == "signal" else "") if line]
        return ended, f"{kind}: {', '.join(faults)}" if faults else ""


def end_of(process: subprocess.Popen[str], log: Path) -> Ending:
    """Wait for the end of a program; kill one that does not end."""
    latest = time.monotonic() + LONGEST_LIFE_S + 10 * LONGEST_END_S
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > latest:
            process.kill()
        time.sleep(0.005)
    now, watch = clock_s(process.pid), time.monotonic()
    line = next(line for line in log.read_text(encoding="ascii").splitlines() if "ending" in line).split()
    return Ending(process.wait(), now - float(line[0]), watch - float(line[2]))


def lost(folder: Path) -> str:
    """Return what is lost after a signal, or nothing."""
    last = moments_of(folder / "log")[-1]
    if last.is_saved:
        return ""
    try:
        age = youngest_s(folder, last.time)
    except BplabError as error:
        return f"damaged: {error}"
    return f"what is left is {age:.2f} s old" if age > 0 else ""


def soak(count: int, first: int = 0, plant: str = "", jobs: int = 1) -> tuple[list[Ending], list[str]]:
    """Return how each program ended, and the findings."""
    seeds = range(first, first + count)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda seed: check(seed, plant), seeds))
    findings = [f"seed {seed}: {fault}" for seed, (_, fault) in zip(seeds, results, strict=True) if fault]
    return [ended for ended, _ in results], findings


@click.command()
@click.option("--count", default=1000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of the first session.")
@click.option("--jobs", default=2, show_default=True, help="Programs at the same time.")
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(count: int, seed: int, jobs: int, plant: str | None) -> None:
    """Close the program, again and again."""
    ends: list[Ending] = []
    findings: list[str] = []
    for first in range(seed, seed + count, 20):
        some, found = soak(min(20, seed + count - first), first, plant or "", jobs)
        ends, findings = ends + some, findings + found
        middle = sorted(ended.took_s for ended in ends)[len(ends) // 2]
        click.echo(
            f"{len(ends)} closings, slowest {max(ended.took_s for ended in ends):.2f} s, median {middle:.2f} s, "
            f"by the watch {max(ended.watched_s for ended in ends):.2f} s, {len(findings)} findings"
        )
        for finding in found:
            click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
