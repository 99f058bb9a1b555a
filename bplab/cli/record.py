"""``bplab record``: a run as a film."""

from __future__ import annotations

from pathlib import Path

import click

from bplab.cli.opening import system_libraries
from bplab.cli.places import check_place
from bplab.cli.progress import progress
from bplab.experiment.experiment import Experiment


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Ends in .gif, .apng, .png or .mp4. Default: FILE's name.gif."
)
@click.option("--frames", type=click.IntRange(2, 600), default=60, show_default=True, help="Pictures, evenly spaced.")
@click.option("--fps", type=click.IntRange(1, 60), default=12, show_default=True, help="Pictures a second.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
def record(file: Path, out: Path | None, frames: int, fps: int, force: bool) -> None:
    """Film the run in FILE: its network, with the gradients of each step, from the first step to the last."""
    place = out or file.with_suffix(".gif")
    check_place(place, force)
    with system_libraries("Recording"):
        from bplab.qt.recording.film import Film
        from bplab.qt.recording.forms import form_of
        from bplab.qt.recording.forms import record as write

        film = Film.of(Experiment.open(file), frames, fps)
        with progress(len(film.steps), "Filming") as advance:

            def count(_done: int) -> bool:
                advance(1)
                return True

            write(film, form_of(place), place, count)
    click.echo(place)
