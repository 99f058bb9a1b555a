"""A disk that is full at every 256 bytes: ``python -m tests.soak.full_disk`` (Linux, as root).

On a small disk in memory, all but N bytes are taken, for every N from nothing to more than a save needs; then an old
file is saved over. It has to stay as it was, or to be the new one, whole; and the message has to say that the disk is
full.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bplab import BplabError, Experiment
from bplab.experiment import edits, storage, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 256  # bytes; the disk itself hands out pages, so that the end of what fits is at one of them
PAGE = 4096
SIZE = 64 * PAGE
PLANTS = ("in-place",)


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mount a disk of `SIZE` bytes in memory."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def can_mount() -> bool:
    """Tell whether such a disk can be had here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    try:
        with small_disk():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def soak(step: int = STEP, plant: str = "") -> tuple[int, int, list[str]]:
    """Return how many saves were tried, how many succeeded, and the findings."""
    old, new = Experiment.new("xor", hidden=[2]), Experiment.new("xor", hidden=[2])
    new.apply(edits.replace(new.spec, notes="\n".join(map(str, range(9000)))))
    size = len(writing.to_bytes(writing.take(new)))
    tried = saved = 0
    findings: list[str] = []
    real = writing.write_atomically
    if plant == "in-place":
        writing.write_atomically = _in_place  # type: ignore[assignment]
    try:
        with small_disk() as disk:
            for free in range(0, size + 3 * PAGE, step):
                tried += 1
                fault, done = _attempt(disk, free, old, new)
                saved += done
                findings += [f"{free} bytes free: {fault}"] if fault else []
    finally:
        writing.write_atomically = real
    return tried, saved, findings


def _in_place(path: Path, *pieces: storage.Piece) -> None:
    try:
        path.write_bytes(b"".join(pieces))
    except OSError as error:
        raise storage._unwritable(path, error) from None


def _attempt(disk: Path, free: int, old: Experiment, new: Experiment) -> tuple[str, bool]:
    path, ballast = disk / "x.bplab", disk / "ballast"
    ballast.unlink(missing_ok=True)
    writing.write_atomically, real = storage.write_atomically, writing.write_atomically
    old.save(path)
    writing.write_atomically = real
    before, there = path.read_bytes(), os.statvfs(disk)
    ballast.write_bytes(b"\0" * max(0, there.f_bavail * there.f_frsize - -(-free // PAGE) * PAGE))
    try:
        new.save(path)
        said = ""
    except BplabError as error:
        said = str(error)
    now, left = path.read_bytes(), sorted(file.name for file in disk.iterdir())
    if left != ["ballast", "x.bplab"]:
        return f"left behind: {left}", False
    if said:
        wrong = "" if "the disk is full" in said else f"it said: {said}"
        return wrong or ("" if now == before else "the old file was changed"), False
    try:
        return ("" if Experiment.open(path).spec == new.spec else "the new file is not what was saved"), True
    except BplabError as error:
        return f"it said that it saved, but {error}", True


@click.command()
@click.option("--plant", type=click.Choice(PLANTS), default=None, help="A bug that has to be found.")
def main(plant: str | None) -> None:
    """Save onto a full disk, for every 256 bytes of room."""
    if not can_mount():
        raise click.ClickException("A small disk cannot be mounted here: this needs Linux, as root.")
    tried, saved, findings = soak(plant=plant or "")
    click.echo(f"{tried} saves, {saved} had room, {len(findings)} findings")
    for finding in findings[:20]:
        click.echo(f"  {finding}")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
